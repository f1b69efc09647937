"""What is wrong with an area of one's own is told when the mock is made: what, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voipbin_mock import Mock, MockUsageError, Resource
from voipbin_mock.api import crud
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import ANYONE, Access, action, mirror, own
from voipbin_mock.command import main as cli
from voipbin_mock.wire.errors import Reason
from voipbin_mock.wire.values import json_reply
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.part import Part

PIECE = "common.json#/$defs/"
MEMBERS = {"id": {"$ref": PIECE + "uuid"}, "name": {"$ref": PIECE + "name"}, "tm_create": {"$ref": PIECE + "stamp"}}
BODY = {"type": "object", "properties": {"name": MEMBERS["name"]}}


def things(name: str = "things", record: Any = None, parts: tuple[str, ...] = ("create", "update")) -> Resource:
    shown = {"type": "object", "properties": MEMBERS} if record is None else record
    return Resource(name, schema={"$defs": {**dict.fromkeys(parts, BODY), "record": shown}})


def answer(world: Any, request: Any) -> Any:
    return json_reply({})


def set_bell(world: Any, request: Any) -> Any:
    world.timers.call_in(1, "rings")
    return json_reply({})


class Bell(Part):
    name = "bell"


class Phones(Part):
    name = "phones"


class Records(Part):
    name = "records"


NOTHING: Any = None
TWICE = Difference("D7", "lists", True, False)
WORDS: Any = Difference("T1", "lists", True, False, told=NOTHING)
OPERATIONS = crud.operations(things())
MISTAKES = {
    "calls: there is an area of this name already": Area("calls"),
    "a: resource outplans is declared already, by the area campaigns": Area("a", crud.operations(things("outplans"))),
    "a: resource things is declared twice": Area("a", OPERATIONS, crud.operations(things(), plain=("get",))),
    "a: resource boxes has no schema; give it one": Area("a", crud.operations(Resource("boxes"))),
    "the schema of things cannot be used: it has no 'record'": Area(
        "a", crud.operations(Resource("things", schema={"$defs": {}}))
    ),
    "the schema of things cannot be used: /$defs/record/type: 'objct' is not valid": Area(
        "a", crud.operations(things(record={"type": "objct"}))
    ),
    "the schema of things cannot be used: $ref common.json#/$defs/nope leads nowhere": Area(
        "a", crud.operations(things(record={"properties": {"id": {"$ref": PIECE + "nope"}}}))
    ),
    "a: PUT /things/{id}: the schema of things has no 'update' for its body": Area(
        "a", crud.operations(things(parts=("create",)))
    ),
    "a: PUT /things/{id}/colour: the schema of things has no 'colour' for its body": Area(
        "a", crud.operations(things(), facets=("colour",))
    ),
    "things: its record has no member owner_id to find lists by": Area(
        "a", crud.operations(Resource("things", groups=("owner_id",), schema=things().schema))
    ),
    "sees='owner_id' is none of the groups of things": Area(
        "a", OPERATIONS, *mirror(OPERATIONS, "things.list", access=Access(ANYONE, sees="owner_id"))
    ),
    "a: operation GET /v1.0/outplans/{id} is declared already, by the area campaigns": Area(
        "a", action("GET /outplans/{key}", "outplans.again", answer)
    ),
    "'get /talks' is no call": Area("a", action("get /talks", "talks", answer)),
    "'/talks ' is no call": Area("a", action("/talks", "talks", answer)),
    "'GET /v1.0/talks' is no call below /v1.0; leave that out": Area("a", action("GET /v1.0/talks", "talks", answer)),
    "a: the operation's name t is declared twice": Area(
        "a", action("GET /x", "t", answer), action("GET /y", "t", answer)
    ),
    "a: the operation's name outplans.list is declared already": Area("a", action("GET /x", "outplans.list", answer)),
    "GET /v1.0/x: refuses: there is no reason NOPE": Area("a", action("GET /x", "x", answer, refuses=("NOPE",))),
    "reason JAMMED: 'WAT' is no status; they are INVALID_ARGUMENT": Area("a", reasons=(Reason("JAMMED", "WAT", ""),)),
    "GET /talks: its handler None is no function": Area("a", action("GET /talks", "talks", NOTHING)),
    "'GET /x' is no call of the control API": Area("a", controls={"GET /x": answer}),
    "'get /__mock__/x' is no call of the control API": Area("a", controls={"get /__mock__/x": answer}),
    "controls: 'GET /__mock__/x' leads to None": Area("a", controls={"GET /__mock__/x": NOTHING}),
    "a: control call GET /__mock__/clock is declared already": Area("a", controls={"GET /__mock__/clock": answer}),
    "a: control call GET /__mock__/phones is declared already": Area("a", controls={"GET /__mock__/phones": answer}),
    "timers: 'ring' leads to 'now', which is no function": Area("a", timers={"ring": "now"}),  # type: ignore[dict-item]
    "a: timer campaign_tick is declared already, by the area campaigns": Area("a", timers={"campaign_tick": answer}),
    "parts: 'bell' is no subclass of Part": Area("a", parts=("bell",)),  # type: ignore[arg-type]
    "a: part phones is declared already, by the area calls": Area("a", parts=(Phones,)),
    "a part cannot be called 'records'": Area("a", parts=(Records,)),
    "differences: ('x', 1) is no Difference": Area("a", differences=(("x", 1),)),  # type: ignore[arg-type]
    "difference T1: told= takes two texts": Area("a", differences=(WORDS,)),
    "a: difference D7 is declared already, by the mock": Area("a", differences=(TWICE,)),
    "reasons: 'JAMMED' is no Reason": Area("a", reasons=("JAMMED",)),  # type: ignore[arg-type]
    "a: lint code no-tries is declared already, by the area campaigns": Area("a", lints={"no-tries": "again"}),
    "cases: each of them is a document that has `cases`": Area("a", cases=({"x": 1},)),
    "a: follows: agents do not tell of 'agent_craeted'; did you mean 'agent_created'?": Area(
        "a", follows={"agent_craeted": answer}
    ),
    "a: follows: calls do not tell of 'call_hungup'; did you mean 'call_hangup'?": Area(
        "a", follows={"call_hungup": answer}
    ),
    "a: follows: no resource tells of 'agnet_created'; did you mean 'agent_created'?": Area(
        "a", follows={"agnet_created": answer}
    ),
    "a: follows: no resource tells of 'thunder'": Area("a", follows={"thunder": answer}),
    "a: no area declares the timer 'rings' that it sets; did you mean 'ring'?": Area(
        "a", action("GET /bells", "bells", set_bell), timers={"ring": answer}
    ),
    "is no directory": Area("a", cases=Path("/nowhere/at/all")),
}


@pytest.mark.parametrize("said", MISTAKES)
def test_a_mistake_is_told_by_name(said: str) -> None:
    with pytest.raises(MockUsageError) as refused:
        Mock(areas=[MISTAKES[said]])
    assert str(refused.value).startswith(f"areas: {MISTAKES[said].name}: ")
    assert said in str(refused.value)


def test_ours_are_found_as_before_when_one_was_refused() -> None:
    with pytest.raises(MockUsageError):
        Mock(areas=[Area("calls", action("POST /calls/{id}/talk", "calls.talk", answer))])
    assert Mock().client.get("/v1.0/calls").status_code == 200


def test_what_is_no_declaration_at_all_is_a_type_error_of_its_line() -> None:
    with pytest.raises(TypeError, match="area a: 5 is neither a resource with its operations nor an operation"):
        Area("a", 5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="things: 'lst' is no plain operation; they are list, create, get"):
        crud.operations(things(), plain=("lst",))
    with pytest.raises(TypeError, match=r"own\(sumary=...\): an operation has no such member"):
        own(answer, sumary="List them")
    with pytest.raises(TypeError, match="mirror takes an area, or resources with their operations"):
        [*mirror([things()], "things.list", access=Access())]  # type: ignore[list-item]


@pytest.mark.parametrize("areas", [[["faxes"]], 5, [5], ["no.such.module"], ["json"]])
def test_what_is_no_area_is_refused(areas: Any) -> None:
    with pytest.raises(MockUsageError, match="areas"):
        Mock(areas=areas)


def test_a_module_that_fails_is_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_area_module.py").write_text("1 / 0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for command in (["serve", "--port", "0"], ["openapi"], ["contract", "run"]):
        assert cli.main([*command, "--area", "broken_area_module"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "areas: the module 'broken_area_module' cannot be imported: ZeroDivisionError" in line


# --- what an area may do -------------------------------------------------------------------------


def test_mirrors_need_no_star_and_a_resource_no_list() -> None:
    mock = Mock(areas=[Area("a", OPERATIONS, mirror(OPERATIONS, "things.list", access=Access(ANYONE)))])
    assert mock.client.get("/v1.0/service_agents/things").status_code == 200


def test_an_operation_without_a_resource_may_say_nothing_of_its_answer() -> None:
    mock = Mock(areas=[Area("a", action("GET /talks", "talks.list", answer))])
    assert mock.client.get("/v1.0/talks").json == {}
    described = mock.openapi()["paths"]["/v1.0/talks"]["get"]["responses"]["200"]
    assert described["content"]["application/json"]["schema"] == {"description": "Not said."}


JAMMED = Reason("FAX_JAMMED", "UNAVAILABLE", "The fax is jammed.")


def test_a_reason_of_ones_own_is_raised_and_planned() -> None:
    mock = Mock(areas=[Area("a", OPERATIONS, reasons=(JAMMED,))])
    mock.faults.error("GET /things", "FAX_JAMMED")
    reply = mock.client.get("/v1.0/things")
    assert (reply.status_code, reply.json["error"]["reason"]) == (503, "FAX_JAMMED")
    assert reply.json["error"]["message"] == "The fax is jammed."


@pytest.mark.parametrize("given", [{"a": 1}, None])
def test_a_handler_that_answers_no_reply_is_told_in_the_journal(given: Any) -> None:
    mock = Mock(areas=[Area("a", action("GET /talks", "talks.list", lambda world, request: given))])
    assert mock.client.get("/v1.0/talks").status_code == 500
    assert "the handler of talks.list answered" in mock.report()


@pytest.mark.parametrize("given", [{"a": 1}, None])
def test_so_is_that_of_a_control_call(given: Any) -> None:
    mock = Mock(areas=[Area("a", controls={"GET /__mock__/talks": lambda world, request: given})])
    reply = mock.client.get("/__mock__/talks")
    assert reply.status_code == 500
    assert "and not a Reply; see json_reply" in reply.json["error"]["message"]


class Picky(Bell):
    def load(self, document: Any) -> None:
        self.rung = document["rung"]


def test_a_part_that_cannot_take_a_state_back_refuses_it_and_nothing_changes() -> None:
    mock = Mock(areas=[Area("a", parts=(Picky,))], clock="2026-03-01")
    mock.outplans.create(name="kept")
    before = mock.dump()
    with pytest.raises(ValueError, match="state: /bell: no 'rung'"):
        mock.load({**before, "bell": {}, "records": {}})
    assert mock.dump() == before


def test_a_bundle_says_which_area_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mock = Mock(areas=["tests.support.toys.area"], record=True)
    mock.client.get("/v1.0/toys")
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(mock.bundle()), encoding="utf-8")
    assert cli.main(["replay", str(path)]) == 2
    assert "made with the area 'toys'; give the module of it with --area" in capsys.readouterr().err
    assert cli.main(["replay", str(path), "--area", "tests.support.toys.area"]) == 0
