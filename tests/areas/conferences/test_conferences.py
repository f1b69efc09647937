"""Conferences over the API: made, listed, changed, timed out, ended; and who is kicked out of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import SOME_ID, events, foreigner, plain_agent, refusal
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

ROOM = {
    "type": "conference",
    "name": "standup",
    "detail": "every day",
    "timeout": 0,
    "data": {"team": ["red", 7]},
    "pre_flow_id": NIL_UUID,
    "post_flow_id": NIL_UUID,
}
WITHOUT_TYPE = {name: value for name, value in ROOM.items() if name != "type"}
CALL = "c0ffee00-0000-4000-8000-00000000ca11"


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def made(mock: Mock, **members: Any) -> Any:
    reply = mock.client.post("/v1.0/conferences", json={**ROOM, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def shown(mock: Mock, conference: Any) -> Any:
    return mock.client.get(f"/v1.0/conferences/{conference['id']}").json


def changed(mock: Mock, conference: Any, **members: Any) -> Any:
    reply = mock.client.put(f"/v1.0/conferences/{conference['id']}", json={**WITHOUT_TYPE, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def caller(mock: Mock, conference: Any, status: str = "joined") -> Any:
    """A conferencecall, put in place."""
    members = {"reference_type": "call", "reference_id": CALL, "status": status}
    row = mock.conferencecalls.create(conference_id=conference["id"], **members)
    if status == "joined":
        within = [*mock.conferences.get(conference["id"]).conferencecall_ids, row.id]
        mock.conferences.update(conference["id"], conferencecall_ids=within)
    return row


def test_a_conference_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    conference = shown(either, made(either, timeout=90))
    ids = ["recording_id", "recording_ids", "transcribe_id", "transcribe_ids"]
    names = ["type", "status", "name", "detail", "data", "timeout", "pre_flow_id", "post_flow_id", "conferencecall_ids"]
    wanted = ["id", "customer_id", *names, *ids, "direct_hash", "tm_end", "tm_create", "tm_update", "tm_delete"]
    if not is_documented(either):
        wanted = [name for name in wanted if not name.endswith("_ids")]  # while they are empty
    assert list(conference) == wanted
    assert {name: conference[name] for name in ROOM} == {**ROOM, "timeout": 90}
    assert (conference["tm_end"], conference["tm_delete"]) == (None, None)


@pytest.mark.differs("conference-status")
def test_a_new_conference_begins_at_once(either: Mock) -> None:
    conference = made(either)
    assert conference["status"] == ("starting" if is_documented(either) else "progressing")
    assert shown(either, conference)["status"] == "progressing"
    assert events(either) == ["conference_created", *(["conference_updated"] if is_documented(either) else [])]


@pytest.mark.differs("conference-hash", "flow-hash")
def test_its_direct_hash_is_made_with_it_or_when_it_is_asked_for(either: Mock) -> None:
    conference = made(either)
    regenerate = f"/v1.0/conferences/{conference['id']}/direct-hash-regenerate"
    assert (conference["direct_hash"] == "") == is_documented(either)
    before = events(either)
    again = either.client.post(regenerate).json["direct_hash"]
    assert again.startswith("direct.") != is_documented(either)
    assert len(again.removeprefix("direct.")) == 12
    assert again != conference["direct_hash"]
    assert events(either) == before
    either.client.delete(f"/v1.0/conferences/{conference['id']}")
    assert shown(either, conference)["direct_hash"] == ""
    assert refusal(either.client.post(regenerate)) == (500, "INTERNAL")


def test_an_id_of_ones_own_is_taken_once(either: Mock) -> None:
    assert made(either, id=SOME_ID)["id"] == SOME_ID
    again = either.client.post("/v1.0/conferences", json={**ROOM, "id": SOME_ID})
    assert refusal(again) == (400, "INVALID_ARGUMENT")
    assert made(either, id="seven")["id"] not in ("seven", SOME_ID)
    assert made(either, id=NIL_UUID)["id"] != NIL_UUID


@pytest.mark.differs("D22")
def test_only_the_type_must_be_said(either: Mock) -> None:
    brief = either.client.post("/v1.0/conferences", json={"type": "connect", "name": "a", "detail": ""})
    assert (brief.json["type"], brief.json["pre_flow_id"]) == ("connect", NIL_UUID)
    without = either.client.post("/v1.0/conferences", json={"name": "a", "detail": ""})
    party = either.client.post("/v1.0/conferences", json={"type": "party", "name": "a", "detail": ""})
    if is_documented(either):
        assert refusal(without) == refusal(party) == (400, "INVALID_ARGUMENT")
    else:
        assert (without.status_code, party.json["type"]) == (200, "party")


@pytest.mark.differs("conference-list")
def test_the_list_has_every_type_or_only_conferences(either: Mock) -> None:
    room, bridge = made(either), made(either, type="connect")
    listed = [row["id"] for row in either.client.get("/v1.0/conferences").json["result"]]
    assert listed == ([bridge["id"], room["id"]] if is_documented(either) else [room["id"]])
    assert shown(either, bridge)["type"] == "connect"


@pytest.mark.differs("conference-unknown", "D12")
def test_unknown_foreign_and_forbidden_are_told_apart(either: Mock) -> None:
    conference = made(either)
    row = caller(either, conference)
    asked = [
        *((method, f"conferences/{conference['id']}") for method in ("GET", "PUT", "DELETE")),
        *((method, f"conferencecalls/{row.id}") for method in ("GET", "DELETE")),
    ]
    stranger, agent = foreigner(either), plain_agent(either)
    for method, path in asked:
        body = {"json": WITHOUT_TYPE} if method == "PUT" else {}
        missing = f"{path.split('s/')[0].upper()}_NOT_FOUND"
        unknown = either.client.open(f"/v1.0/{path[:-36]}{SOME_ID}", method=method, **body)
        wanted = (404, missing) if is_documented(either) else (400, "INVALID_ARGUMENT")
        assert refusal(unknown) == wanted
        foreign = either.anonymous.open(f"/v1.0/{path}", method=method, query_string={"token": stranger}, **body)
        assert refusal(foreign) == ((404, missing) if is_documented(either) else (403, "PERMISSION_DENIED"))
        assert refusal(agent.open(f"/v1.0/{path}", method=method, **body)) == (403, "PERMISSION_DENIED")
        bad = either.client.open(f"/v1.0/{path[:-36]}seven", method=method, **body)
        assert refusal(bad) == (400, "INVALID_ID")
    assert shown(either, conference)["status"] == "progressing"


@pytest.mark.parametrize(("plan", "most"), [("free", 2), ("basic", 10), ("professional", 100)])
def test_a_plan_allows_so_many(either: Mock, plan: str, most: int) -> None:
    customer = either.customers.get(either.world.owner)
    either.billing_accounts.update(customer.billing_account_id, plan_type=plan)
    for _ in range(most):
        either.conferences.create(type="conference")
    assert refusal(either.client.post("/v1.0/conferences", json=ROOM)) == (500, "INTERNAL")
    either.conferences.delete(either.conferences.list()[0])
    made(either)


# --- how long they last ------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "kept"), [(1, 86_400), (59, 86_400), (60, 60), (0, 0)])
def test_a_timeout_below_a_minute_is_a_day(either: Mock, given: int, kept: int) -> None:
    conference = made(either, timeout=given)
    assert conference.get("timeout", 0) == kept
    assert changed(either, conference, timeout=61)["timeout"] == 61
    assert changed(either, conference, timeout=given).get("timeout", 0) == kept


@pytest.mark.differs("conference-empty")
def test_a_conference_ends_when_its_time_is_over(either: Mock) -> None:
    conference = made(either, timeout=60)
    either.advance(59)
    assert shown(either, conference)["status"] == "progressing"
    either.advance(1)
    ended = shown(either, conference)
    assert ended["tm_delete"] is not None
    assert ended["status"] == ("terminated" if is_documented(either) else "terminating")
    assert events(either)[-2:] == ["conference_updated", "conference_deleted"]
    assert not either.world.timers


@pytest.mark.differs("conference-timeout")
def test_another_timeout_takes_the_place_of_the_one_before_or_comes_beside_it(either: Mock) -> None:
    conference = made(either, timeout=60)
    either.advance(30)
    changed(either, conference, timeout=600)
    either.advance(30)
    assert (shown(either, conference)["status"] == "progressing") == is_documented(either)
    either.advance(570)
    assert shown(either, conference)["tm_delete"] is not None
    assert events(either).count("conference_deleted") == 1


def test_no_timeout_any_more_leaves_it_open(voipbin: Mock) -> None:
    conference = made(voipbin, timeout=60)
    changed(voipbin, conference, timeout=0)
    voipbin.advance(days=7)
    assert shown(voipbin, conference)["status"] == "progressing"


def test_a_conference_put_in_place_times_out_as_well(either: Mock) -> None:
    put = either.conferences.create(type="conference", timeout=60, status="starting")
    either.advance(1)
    assert either.conferences.get(put.id).status == "progressing"
    either.advance(60)
    assert either.conferences.get(put.id).tm_delete is not None


def test_a_snapshot_and_a_dump_keep_its_time(either: Mock) -> None:
    conference = made(either, timeout=60)
    moment, state = either.snapshot(), either.dump()
    for back in (lambda: either.restore(moment), lambda: either.load(state)):
        either.advance(60)
        assert shown(either, conference)["tm_delete"] is not None
        back()
        assert shown(either, conference)["tm_delete"] is None
    either.advance(60)
    assert shown(either, conference)["tm_delete"] is not None
    assert events(either)[-2:] == ["conference_updated", "conference_deleted"]


# --- how they end ------------------------------------------------------------------------------------


@pytest.mark.differs("conference-empty")
def test_a_deleted_conference_that_nobody_is_in_is_over(either: Mock) -> None:
    conference = made(either)
    before = len(events(either))
    gone = either.client.delete(f"/v1.0/conferences/{conference['id']}").json
    assert gone["tm_delete"] is not None
    if is_documented(either):
        assert gone["status"] == "terminated"
        assert conference["tm_update"] < gone["tm_end"] <= gone["tm_delete"]
    else:
        assert (gone["status"], gone["tm_end"]) == ("terminating", None)
    assert events(either)[before:] == ["conference_updated", "conference_deleted"]
    either.advance(days=1)
    assert shown(either, conference) == gone


def test_whoever_is_in_a_deleted_conference_has_to_leave_and_then_it_is_over(either: Mock) -> None:
    conference = made(either)
    rows = [caller(either, conference) for _ in range(2)]
    before = len(events(either))
    gone = either.client.delete(f"/v1.0/conferences/{conference['id']}").json
    assert (gone["status"], gone["conferencecall_ids"]) == ("terminating", [row.id for row in rows])
    ended = shown(either, conference)
    assert (ended["status"], ended.get("conferencecall_ids", [])) == ("terminated", [])
    assert ended["tm_end"] == ended["tm_update"] > gone["tm_update"]
    assert ended["tm_delete"] == gone["tm_delete"]
    for row in rows:
        left = either.client.get(f"/v1.0/conferencecalls/{row.id}").json
        assert (left["status"], left["tm_delete"]) == ("leaved", None)
    leave = ["conference_updated"] * 2
    assert events(either)[before:] == ["conference_updated", "conference_deleted", *leave, "conference_deleted"]


def test_a_deleted_conference_is_found_and_changed(either: Mock) -> None:
    conference = made(either)
    gone = either.client.delete(f"/v1.0/conferences/{conference['id']}").json
    assert shown(either, conference) == gone
    after = changed(either, conference, name="late", timeout=60)
    assert (after["name"], after["status"], after["tm_delete"]) == ("late", gone["status"], gone["tm_delete"])
    assert not either.world.timers
    either.advance(1)
    again = either.client.delete(f"/v1.0/conferences/{conference['id']}").json
    assert again["tm_delete"] > gone["tm_delete"]
    assert again["status"] == gone["status"]
    assert [row["id"] for row in either.client.get("/v1.0/conferences").json["result"]] == []


# --- kicking -----------------------------------------------------------------------------------------


def test_a_kicked_caller_leaves_and_then_has_left(either: Mock) -> None:
    conference = made(either)
    row = caller(either, conference)
    before = len(events(either))
    kicked = either.client.delete(f"/v1.0/conferencecalls/{row.id}").json
    assert (kicked["status"], kicked["reference_type"], kicked["tm_delete"]) == ("leaving", "call", None)
    left = either.client.get(f"/v1.0/conferencecalls/{row.id}").json
    assert left["status"] == "leaved"
    assert shown(either, conference).get("conferencecall_ids", []) == []
    assert shown(either, conference)["status"] == "progressing"
    assert events(either)[before:] == ["conference_updated"], "of conferencecalls nobody outside is told"


@pytest.mark.parametrize("status", ["leaving", "leaved"])
def test_who_leaves_or_has_left_is_not_kicked_again(either: Mock, status: str) -> None:
    row = caller(either, made(either), status)
    before = either.client.get(f"/v1.0/conferencecalls/{row.id}").json
    assert either.client.delete(f"/v1.0/conferencecalls/{row.id}").json == before
    assert either.client.get(f"/v1.0/conferencecalls/{row.id}").json == before
    assert [each["id"] for each in either.client.get("/v1.0/conferencecalls").json["result"]] == [row.id]
