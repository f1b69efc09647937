"""Group calls, transfers, provider calls, answering machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import queueing
from tests.support.calling import CALLER, a, a_flow, path, run_of
from tests.support.dialing import PROFILES, A, B
from voipbin_mock import Answer, Busy, LiveCall, Machine, Mock, NoAnswer

SOURCE = {"type": "tel", "target": "+15559876543"}
STAYS = [{"type": "sleep", "option": {"duration": 600_000}}]
NIL = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-02T09:30:00Z", ignore="all") as mock:
        yield mock


def documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def tel(*numbers: str) -> list[dict[str, str]]:
    return [{"type": "tel", "target": number} for number in numbers]


def group(mock: Mock, *destinations: Any, **members: Any) -> Any:
    body = {"source": SOURCE, "destinations": [*destinations], "ring_method": "ring_all",
            "answer_method": "hangup_others", "actions": STAYS, **members}  # fmt: skip
    reply = mock.client.post("/v1.0/groupcalls", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json


def shown(mock: Mock, made: Any) -> Any:
    return mock.client.get(f"/v1.0/groupcalls/{made['id']}").json


def an_agent(mock: Mock, *addresses: dict[str, str], status: str = "available") -> str:
    return str(mock.agents.create(username="ann@localhost", permission=16, addresses=[*addresses], status=status).id)


@pytest.mark.differs("call-groupcall")
def test_the_first_that_answers_has_the_call_and_the_others_are_hung_up(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="2s", talk="30s"))
    mock.phone(B).script(Answer(after="5s"))
    made = group(mock, *tel(A, B))
    assert (made["status"], len(made["call_ids"])) == ("progressing", 2)
    first, second = made["call_ids"]
    assert mock.calls.get(first).groupcall_id == (made["id"] if documented(mock) else NIL)
    mock.advance(seconds=3)
    assert shown(mock, made)["answer_call_id"] == first
    assert mock.calls.get(second).hangup_reason == "cancel"
    mock.advance(minutes=1)
    assert shown(mock, made)["status"] == "hangup"
    told = [event.type for event in mock.world.bus.log if event.type.startswith("groupcall")]
    assert told == ["groupcall_created", "groupcall_progressing", "groupcall_hangup"]


def test_one_after_the_other_is_called_until_somebody_answers(mock: Mock) -> None:
    mock.phone(A).script(NoAnswer("10s"))
    mock.phone(B).script(Answer(after="2s", talk="5s"))
    made = group(mock, *tel(A, B), ring_method="linear")
    assert len(made["call_ids"]) == 1
    mock.advance(seconds=13)
    now = shown(mock, made)
    assert (len(now["call_ids"]), now["dial_index"], now["answer_call_id"]) == (2, 1, now["call_ids"][1])
    mock.advance(minutes=1)
    assert shown(mock, made)["status"] == "hangup"


def test_a_group_that_nobody_answers_is_over_when_the_last_one_gives_up(mock: Mock) -> None:
    mock.phone("default").script(Busy("3s"))
    made = group(mock, *tel(A, B))
    mock.advance(seconds=3)
    now = shown(mock, made)
    assert (now["status"], now["answer_call_id"]) == ("hangup", NIL)
    assert not mock.world.timers


@pytest.mark.differs("groupcall-agents")
def test_an_agent_is_rung_at_its_addresses(mock: Mock) -> None:
    agent = an_agent(mock, {"type": "tel", "target": A}, {"type": "sip", "target": "ann@example.com"})
    mock.phone(A).script(Answer(after="2s", talk="30s"))
    mock.phone("ann@*").script(NoAnswer())
    body = {"source": SOURCE, "destinations": [{"type": "agent", "target": agent}], "actions": STAYS}
    made = mock.client.post("/v1.0/calls", json=body).json
    assert made["calls"] == []
    (grouped,) = made["groupcalls"]
    assert (len(grouped["call_ids"]), grouped["owner_id"]) == (2, agent)
    assert mock.agents.get(agent).status == "ringing"
    mock.advance(seconds=3)
    assert mock.agents.get(agent).status == "busy"
    mock.advance(minutes=2)
    assert mock.agents.get(agent).status == ("available" if documented(mock) else "busy")


def test_an_extension_is_called_at_its_contact(mock: Mock) -> None:
    mock.phone("2001@*").script(Answer(after="1s", talk="5s"))
    address = {"type": "extension", "target": "c0ffee00-0000-4000-8000-000000000000", "target_name": "2001"}
    made = group(mock, address)
    mock.advance(seconds=2)
    assert mock.calls.get(made["call_ids"][0]).status == "progressing"
    assert mock.calls.get(made["call_ids"][0]).destination.target.startswith("2001@")


def test_agents_among_others_are_groups_in_the_group(mock: Mock) -> None:
    agent = an_agent(mock, {"type": "tel", "target": B})
    mock.phone(A).script(NoAnswer())
    mock.phone(B).script(Answer(after="2s", talk="5s"))
    made = group(mock, *tel(A), {"type": "agent", "target": agent})
    (inner,) = made["groupcall_ids"]
    mock.advance(seconds=3)
    assert shown(mock, made)["answer_groupcall_id"] == inner
    assert mock.calls.get(made["call_ids"][0]).hangup_reason == "cancel"
    mock.advance(minutes=1)
    assert shown(mock, made)["status"] == "hangup"


@pytest.mark.differs("groupcall-ended")
def test_a_group_is_hung_up(mock: Mock) -> None:
    made = group(mock, *tel(A, B))
    mock.advance(seconds=1)
    assert mock.client.post(f"/v1.0/groupcalls/{made['id']}/hangup").json["status"] == "hangingup"
    assert shown(mock, made)["status"] == "hangup"
    again = mock.client.post(f"/v1.0/groupcalls/{made['id']}/hangup").json
    assert again["status"] == ("hangup" if documented(mock) else "hangingup")


@pytest.mark.differs("groupcall-refusals")
@pytest.mark.parametrize(
    "members",
    [{"destinations": []}, {"ring_method": "odd"}, {"destinations": [{"type": "agent", "target": "x"}]},
     {"destinations": [{"type": "extension", "target": "x"}]}],
)  # fmt: skip
def test_who_calls_nobody_is_refused(mock: Mock, members: dict[str, Any]) -> None:
    body = {"source": SOURCE, "destinations": tel(A), "ring_method": "ring_all", "answer_method": "", **members}
    reply = mock.client.post("/v1.0/groupcalls", json=body)
    assert reply.status_code == (400 if documented(mock) else 500)


def test_a_call_that_is_refused_counts_as_ended(mock: Mock) -> None:
    """The id of it is there, and no call."""
    mock.phone(B).script(Answer(after="2s", talk="5s"))
    made = group(mock, {"type": "conference", "target": "x"}, *tel(B), ring_method="linear")
    refused = made["call_ids"][0]
    assert mock.client.get(f"/v1.0/calls/{refused}").json["error"]["reason"] == "CALL_NOT_FOUND"
    mock.advance(seconds=3)
    assert shown(mock, made)["answer_call_id"] == shown(mock, made)["call_ids"][1]
    mock.advance(minutes=1)
    assert shown(mock, made)["status"] == "hangup"


def test_a_group_that_reaches_nobody_is_over_at_once(mock: Mock) -> None:
    mock.customers.update(mock.customers.list()[0].id, identity_verification_status="none")
    agent = an_agent(mock, {"type": "tel", "target": A})
    made = group(mock, {"type": "agent", "target": agent})
    assert made["status"] == "progressing"
    mock.advance(seconds=0)
    assert shown(mock, made)["status"] == "hangup"
    assert not mock.world.timers


@pytest.mark.differs("groupcall-delete")
def test_a_group_that_is_deleted(mock: Mock) -> None:
    mock.phone(A).script(Answer(after="2s", talk="5s"))
    made = group(mock, *tel(A))
    mock.advance(seconds=1)
    gone = mock.client.delete(f"/v1.0/groupcalls/{made['id']}").json
    assert gone["tm_delete"]
    mock.advance(seconds=2)
    call = mock.calls.get(made["call_ids"][0])
    assert call.status == ("progressing" if documented(mock) else "hangup")
    again = mock.client.delete(f"/v1.0/groupcalls/{made['id']}").json
    assert again["tm_delete"] == gone["tm_delete"]
    mock.advance(minutes=1)
    assert shown(mock, made)["status"] == "hangup"
    assert not mock.world.timers


@pytest.mark.parametrize(("kind", "ends"), [("tel", "connect"), ("agent", "talk")])
def test_the_reason_is_relayed_but_not_of_agents(mock: Mock, kind: str, ends: str) -> None:
    agent = an_agent(mock, {"type": "tel", "target": A})
    mock.phone(A).script(Busy("2s"))
    to = tel(A) if kind == "tel" else [{"type": "agent", "target": agent}]
    connects = a("connect", source=SOURCE, destinations=to, relay_reason=True)
    call = mock.phone(CALLER).calls(a_flow(mock, connects, a("talk", text="nobody is there")))
    mock.advance(minutes=5)
    assert call.path[-1] == ends


def test_connect_rings_an_agent(mock: Mock) -> None:
    agent = an_agent(mock, {"type": "tel", "target": A})
    mock.phone(A).script(Answer(after="2s", talk="10s"))
    connects = a("connect", source=SOURCE, destinations=[{"type": "agent", "target": agent}])
    call = mock.phone(CALLER).calls(a_flow(mock, connects, a("talk", text="bye")))
    mock.advance(minutes=5)
    assert path(run_of(mock, call.id)) == ["connect", "talk"]
    assert call.lasted.total_seconds() == 14
    assert not mock.world.timers


# --- transfers -------------------------------------------------------------------------------------------


def talking(mock: Mock) -> tuple[LiveCall, str]:
    """A caller who talks with A, and A's call."""
    mock.phone(A).script(Answer(after="1s", talk=None))
    connects = a("connect", source=SOURCE, destinations=tel(A))
    call = mock.phone(CALLER).calls(a_flow(mock, connects, a("talk", text="the transfer is over")))
    mock.advance(seconds=2)
    return call, call.legs[0].id


def transfer(mock: Mock, call_id: str, kind: str, *numbers: str) -> Any:
    body = {"transfer_type": kind, "transferer_call_id": call_id, "transferee_addresses": tel(*numbers)}
    return mock.client.post("/v1.0/transfers", json=body)


def test_a_blind_transfer_hands_the_caller_over_at_once(mock: Mock) -> None:
    caller, agent = talking(mock)
    mock.phone(B).script(Answer(after="3s", talk="20s"))
    made = transfer(mock, agent, "blind", B).json
    assert made["transferee_call_id"] == NIL
    mock.advance(seconds=1)
    assert (mock.calls.get(agent).status, caller.status) == ("hangup", "progressing")
    mock.advance(seconds=3)
    third = mock.transfers.get(made["id"]).transferee_call_id
    assert mock.calls.get(third).status == "progressing"
    mock.advance(minutes=2)
    assert caller.path == ["connect", "talk"]
    assert caller.lasted.total_seconds() == 2 + 3 + 20 + 2


def test_a_blind_transfer_that_nobody_takes_lets_the_caller_go_on(mock: Mock) -> None:
    caller, agent = talking(mock)
    mock.phone(B).script(Busy("3s"))
    transfer(mock, agent, "blind", B)
    mock.advance(minutes=2)
    assert caller.path == ["connect", "talk"]
    assert caller.lasted.total_seconds() == 2 + 3 + 2


def test_who_was_handed_over_waits_as_long_as_the_third_party_rings(mock: Mock) -> None:
    caller, agent = talking(mock)
    mock.advance(seconds=48)
    mock.phone(B).script(Answer(after="30s", talk="20s"))
    transfer(mock, agent, "blind", B)
    mock.advance(minutes=3)
    assert caller.lasted.total_seconds() == 50 + 30 + 20 + 2


def test_an_attended_transfer_is_made_by_hanging_up(mock: Mock) -> None:
    caller, agent = talking(mock)
    mock.phone(B).script(Answer(after="3s", talk="20s"))
    made = transfer(mock, agent, "attended", B).json
    assert caller.record.mute_direction == "in"
    mock.advance(seconds=5)
    mock.call(agent).hang_up()
    assert caller.record.mute_direction == ""
    assert mock.transfers.get(made["id"]).transferee_call_id != NIL
    assert caller.status == "progressing"
    mock.advance(minutes=2)
    assert caller.path == ["connect", "talk"]
    assert not mock.world.timers


def test_an_attended_transfer_that_nobody_takes_gives_the_caller_back(mock: Mock) -> None:
    caller, agent = talking(mock)
    mock.phone(B).script(Busy("3s"))
    transfer(mock, agent, "attended", B)
    mock.advance(seconds=10)
    assert caller.record.mute_direction == ""
    assert {caller.status, mock.calls.get(agent).status} == {"progressing"}
    mock.call(agent).hang_up()
    mock.advance(seconds=5)
    assert caller.path == ["connect", "talk"]


def test_a_third_party_that_leaves_gives_the_caller_back(mock: Mock) -> None:
    caller, agent = talking(mock)
    mock.phone(B).script(Answer(after="3s", talk="5s"))
    transfer(mock, agent, "attended", B)
    mock.advance(seconds=4)
    assert caller.record.mute_direction == "in"
    mock.advance(seconds=10)
    assert caller.record.mute_direction == ""
    assert {caller.status, mock.calls.get(agent).status} == {"progressing"}
    mock.call(agent).hang_up()
    mock.advance(seconds=5)
    assert caller.path == ["connect", "talk"]
    assert not mock.world.timers


def test_a_transfer_that_is_given_up_lets_the_caller_go_on(mock: Mock) -> None:
    caller, agent = talking(mock)
    mock.phone(B).script(NoAnswer())
    made = transfer(mock, agent, "attended", B).json
    mock.advance(seconds=5)
    mock.call(agent).hang_up()
    mock.advance(seconds=5)
    assert mock.groupcalls.get(made["groupcall_id"]).status == "hangup"
    assert caller.path == ["connect", "talk"]
    assert not mock.world.timers


@pytest.mark.parametrize("kind", ["blind", "attended"])
@pytest.mark.parametrize("after", [1, 5], ids=["ringing", "answered"])
def test_a_caller_who_hangs_up_leaves_nobody_behind(mock: Mock, kind: str, after: int) -> None:
    caller, agent = talking(mock)
    mock.phone(B).script(Answer(after="3s", talk=None))
    made = transfer(mock, agent, kind, B).json
    mock.advance(seconds=after)
    caller.hang_up()
    mock.advance(seconds=1)
    if not mock.call(agent).over:
        mock.call(agent).hang_up()
    mock.advance(seconds=1)
    assert mock.groupcalls.get(made["groupcall_id"]).status == "hangup"
    assert {call.status for call in mock.calls.list()} == {"hangup"}
    assert not mock.world.timers


@pytest.mark.parametrize("kind", ["blind", "attended"])
def test_an_agent_of_a_queue_hands_the_caller_over(mock: Mock, kind: str) -> None:
    queueing.nobody_else(mock)
    queueing.an_agent(mock, 1, Answer(after="1s", talk=None))
    mock.phone(B).script(Answer(after="3s", talk="20s"))
    joins = a_flow(mock, a("answer"), a("queue_join", queue_id=queueing.a_queue(mock)), a("talk", text="bye"))
    caller = mock.phone(CALLER).calls(joins)
    mock.advance(seconds=5)
    agent = next(call.id for call in mock.calls.list() if call.direction == "outgoing")
    transfer(mock, agent, kind, B)
    mock.advance(seconds=5)
    if kind == "attended":
        mock.call(agent).hang_up()
    mock.advance(seconds=5)
    assert (caller.status, caller.spoken) == ("progressing", ["please wait"])
    mock.advance(minutes=2)
    assert caller.spoken == ["please wait", "bye"]
    assert {call.status for call in mock.calls.list()} == {"hangup"}
    assert not mock.world.timers


@pytest.mark.parametrize("kind", ["blind", "attended"])
def test_whoever_is_called_to_talk_to_nobody_is_hung_up(mock: Mock, kind: str) -> None:
    conference = mock.conferences.create(type="conference", name="standup", timeout=0)
    ann = mock.phone(CALLER).calls(a_flow(mock, a("answer"), a("conference_join", conference_id=conference.id)))
    mock.phone(B).script(Answer(after="3s", talk=None))
    mock.advance(seconds=1)
    transfer(mock, ann.id, kind, B)
    mock.advance(seconds=5)
    if not ann.over:
        ann.hang_up()
    mock.advance(seconds=1)
    assert {call.status for call in mock.calls.list()} == {"hangup"}


def test_who_transfers_leaves_a_conference(mock: Mock) -> None:
    conference = mock.conferences.create(type="conference", name="standup", timeout=0)
    joins = a_flow(mock, a("answer"), a("conference_join", conference_id=conference.id))
    ann, bob = (mock.phone(number).calls(joins) for number in (CALLER, "+15550100009"))
    mock.phone(B).script(Answer(after="3s", talk="10s"))
    mock.advance(seconds=1)
    transfer(mock, ann.id, "blind", B)
    mock.advance(seconds=5)
    assert (ann.status, bob.status) == ("hangup", "progressing")
    assert [one.status for one in mock.conferencecalls.list(reference_id=ann.id)] == ["leaved"]
    mock.advance(seconds=30)
    assert bob.status == "progressing"


@pytest.mark.differs("transfer-refusals")
def test_what_cannot_be_transferred_is_refused(mock: Mock) -> None:
    call = mock.phone(CALLER).calls(a_flow(mock, a("answer"), a("sleep", duration=60_000)))
    codes = [transfer(mock, call.id, "blind", B).status_code]
    _, agent = talking(mock)
    codes += [transfer(mock, agent, "odd", B).status_code, transfer(mock, agent, "blind").status_code]
    assert codes == ([409, 400, 400] if documented(mock) else [500, 500, 500])
    assert transfer(mock, "x", "blind", B).json["error"]["reason"] == "CALL_NOT_FOUND"


# --- provider calls and machines -----------------------------------------------------------------------


@pytest.mark.differs("providercall-update")
def test_who_runs_the_service_calls_by_one_provider(mock: Mock) -> None:
    mock.reset(seed="tutorial")
    mock.providercalls.delete(mock.providercalls.list()[0].id)
    ask = mock.client_for("superadmin@localhost")
    provider = "4dbeabd6-f397-4375-95d2-a38411e07ed1"
    body = {"provider_id": provider, "source": SOURCE, "destinations": tel(A)}
    made = ask.post("/v1.0/providercalls", json=body).json
    assert (made["anonymous"], len(made["call_ids"])) == ("auto", 1)
    assert (made["tm_update"] == made["tm_create"]) is documented(mock)
    assert mock.calls.get(made["call_ids"][0]).metadata == {
        "rtp_debug": True, "route_provider_ids": [provider], "skip_source_validation": True
    }  # fmt: skip
    assert [one["id"] for one in ask.get("/v1.0/providercalls?provider_id=" + provider).json["result"]] == [made["id"]]
    assert ask.get("/v1.0/providercalls?provider_id=x").json["error"]["reason"] == "INVALID_REQUEST_PARAMETER"
    assert ask.delete(f"/v1.0/providercalls/{made['id']}").status_code == 200
    assert mock.client.post("/v1.0/providercalls", json=body).json["error"]["reason"] == "PERMISSION_DENIED"
    assert ask.post("/v1.0/providercalls", json={**body, "provider_id": "x"}).status_code == 400
    assert mock.requests[-1].reason == "INVALID_JSON_BODY"
    assert ask.post("/v1.0/providercalls", json={**body, "destinations": []}).status_code == 400
    unknown = "/v1.0/providercalls/c0ffee00-0000-4000-8000-000000000000"
    assert ask.get(unknown).json["error"]["reason"] == "PROVIDERCALL_NOT_FOUND"
    assert ask.delete(unknown).json["error"]["reason"] == "RESOURCE_NOT_FOUND"


@pytest.mark.differs("providercall-source")
def test_a_provider_call_from_nobody(mock: Mock) -> None:
    mock.reset(seed="tutorial")
    ask = mock.client_for("superadmin@localhost")
    body = {"provider_id": "4dbeabd6-f397-4375-95d2-a38411e07ed1", "destinations": tel(A)}
    reply = ask.post("/v1.0/providercalls", json=body)
    assert reply.status_code == (200 if documented(mock) else 503)
    if documented(mock):
        assert reply.json["source"] is None


@pytest.mark.parametrize(
    ("answer", "handle", "expected"),
    [
        (Answer(talk="1m"), "hangup", ("talk", "normal")),
        (Answer(talk="1m", by="machine"), "hangup", ("amd", "amd")),
        (Answer(talk="1m", by="machine"), "continue", ("talk", "normal")),
        (Machine(talk="1m"), "hangup", ("amd", "amd")),
    ],
)
def test_a_machine_is_found_out(mock: Mock, answer: Any, handle: str, expected: tuple[str, str]) -> None:
    mock.phone(A).script(answer)
    actions = [a("amd", machine_handle=handle), a("talk", text="hello")]
    made = mock.client.post("/v1.0/calls", json={"source": SOURCE, "destinations": tel(A), "actions": actions}).json
    mock.advance(minutes=2)
    call = mock.call(made["calls"][0]["id"])
    assert (call.path[-1], call.hangup_reason) == expected
    assert not mock.world.timers
