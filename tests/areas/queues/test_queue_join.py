"""Callers in queues: they wait, an agent is found, they talk and part; or they give up, or are sent away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.calling import a, a_flow, action_id, calls_in, hangs_up, run_of, whole_path
from tests.support.campaigning import SOME_ID
from tests.support.queueing import (
    AGENTS,
    a_caller,
    a_queue,
    an_agent,
    is_documented,
    nobody_else,
    queue_events,
    queue_now,
    queuecall,
    status_of,
)
from voipbin_mock import Answer, Busy, Mock, NoAnswer
from voipbin_mock.wire.values import NIL_UUID

BYE = a("talk", text="bye", language="en-US")
ROUND = ["fetch_flow", "talk", "empty"]


@pytest.fixture(autouse=True)
def _only_the_agents_of_a_test(request: pytest.FixtureRequest) -> None:
    for name in ("either", "documented", "server"):
        if name in request.fixturenames:
            nobody_else(request.getfixturevalue(name))


def times(mock: Mock, call: str, kind: str) -> list[float]:
    """When actions of a type began, in seconds from the beginning of the flow."""
    trace = run_of(mock, call)["trace"]
    return [round((row[0] - trace[0][0]) / 1e6, 3) for row in trace if row[3] == kind]


def outcome(mock: Mock, call: str) -> str:
    (found,) = (row[6] for row in run_of(mock, call)["trace"] if row[3] == "queue_join")
    return str(found)


# --- from the first to the last ------------------------------------------------------------------------


def test_a_caller_waits_in_the_loop_of_the_wait_flow_until_there_is_an_agent(either: Mock) -> None:
    queue, agent = a_queue(either), an_agent(either, status="away")
    call = a_caller(either, queue, BYE)
    assert status_of(either, call) == "waiting"
    assert queue_now(either, queue)["wait_queuecall_ids"] == [queuecall(either, call)["id"]]
    either.advance(seconds=5)
    assert status_of(either, call) == "waiting"
    either.client.put(f"/v1.0/agents/{agent}/status", json={"status": "available"})
    either.advance(minutes=2)
    waiting = [*ROUND, *ROUND, "fetch_flow", "talk"]
    assert whole_path(run_of(either, call)) == ["answer", "queue_join", *waiting, "confbridge_join", "talk"]
    assert times(either, call, "confbridge_join") == [5.1]  # 0.1 s after it came, and then every second
    assert status_of(either, call) == "done"
    assert outcome(either, call) == "served"
    assert queue_events(either) == ["created", "waiting", "connecting", "serviced", "done"]
    now = queue_now(either, queue)
    assert (now["wait_queuecall_ids"], now["service_queuecall_ids"]) == ([], [])
    assert [now[f"total_{what}_count"] for what in ("incoming", "serviced", "abandoned")] == [1, 1, 0]
    assert queuecall(either, call)["service_agent_id"] == agent
    assert not either.world.timers


def test_the_call_to_an_agent_comes_from_the_caller_and_has_a_flow_of_its_own(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either)
    call = a_caller(either, queue)
    either.advance(seconds=5)
    (rung,) = (each for each in either.client.get("/v1.0/calls").json["result"] if each["id"] != call)
    assert rung["source"]["target"] == either.calls.get(call).source["target"]
    assert (rung["destination"]["target"], rung["direction"]) == (f"{AGENTS}01", "outgoing")
    flow = either.client.get(f"/v1.0/flows/{rung['flow_id']}").json
    assert [action["type"] for action in flow["actions"]] == ["confbridge_join", "hangup"]
    assert rung["flow_id"] not in [each["id"] for each in either.client.get("/v1.0/flows").json["result"]]


def test_an_agent_is_rung_by_a_group_call(either: Mock) -> None:
    queue, agent = a_queue(either), an_agent(either)
    a_caller(either, queue)
    either.advance(minutes=2)
    (group,) = either.client.get("/v1.0/groupcalls").json["result"]
    assert (group["owner_type"], group["owner_id"], group["status"]) == ("agent", agent, "hangup")
    assert [(each["type"], each["target"]) for each in group["destinations"]] == [("agent", agent)]
    told = [event.type for event in either.world.bus.log if event.type.startswith("groupcall_")]
    assert told == ["groupcall_created", "groupcall_progressing", "groupcall_hangup"]


def test_an_agent_with_several_phones_answers_one_of_them(either: Mock) -> None:
    phones = [{"type": "tel", "target": f"{AGENTS}9{number}"} for number in range(2)]
    either.phone(f"{AGENTS}91").script(Answer(after="1s", talk="30s"))
    queue, _ = a_queue(either), an_agent(either, addresses=phones)
    call = a_caller(either, queue)
    either.advance(seconds=10)
    reasons = {each.destination["target"]: each.hangup_reason for each in either.calls.list() if each.id != call}
    assert reasons == {f"{AGENTS}90": "cancel", f"{AGENTS}91": ""}
    assert status_of(either, call) == "service"


def test_an_agent_without_an_address_has_a_phone_by_its_id(either: Mock) -> None:
    queue, agent = a_queue(either), an_agent(either, addresses=[])
    either.phone(agent).script(Answer(after="1s", talk="7s"))
    call = a_caller(either, queue)
    either.advance(minutes=2)
    over = queuecall(either, call)
    assert (over["status"], over["service_agent_id"]) == ("done", agent)
    assert over["duration_service"] == (7000 if is_documented(either) else 8100)


@pytest.mark.differs("queue-service", "queue-duration")
def test_service_begins_when_the_agent_answers_or_for_the_server_when_it_was_chosen(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either, 1, Answer(after="4s", talk="30s"))
    call = a_caller(either, queue)
    either.advance(seconds=1)
    assert status_of(either, call) == ("connecting" if is_documented(either) else "service")
    assert queue_now(either, queue)["wait_queuecall_ids"] == (
        [queuecall(either, call)["id"]] if is_documented(either) else []
    )
    either.advance(seconds=9)
    assert status_of(either, call) == "service"
    assert queue_now(either, queue)["service_queuecall_ids"] == [queuecall(either, call)["id"]]
    either.advance(minutes=2)
    over = queuecall(either, call)
    lengths = (over["duration_waiting"], over["duration_service"])
    assert lengths == ((4100, 30_000) if is_documented(either) else (100, 34_100))


@pytest.mark.differs("queue-service")
def test_an_agent_who_does_not_answer_leaves_the_caller_to_go_on(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either, 1, NoAnswer(after="20s"))
    call = a_caller(either, queue, BYE)
    either.advance(minutes=3)
    told = ["created", "waiting", "connecting"]
    if is_documented(either):
        assert queue_events(either) == [*told, "abandoned"]
        assert times(either, call, "talk")[-1] == 20.1
        assert (outcome(either, call), queue_now(either, queue)["total_abandoned_count"]) == ("abandoned", 1)
    else:
        assert queue_events(either) == [*told, "serviced", "done"]
        assert times(either, call, "talk")[-1] == 60.1  # until its own leg gives up


def test_the_caller_goes_on_after_the_queue_once_the_agent_hangs_up(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either)
    call = a_caller(either, queue, BYE)
    either.advance(seconds=32.1)
    assert status_of(either, call) == "done"
    assert whole_path(run_of(either, call))[-2:] == ["confbridge_join", "talk"]
    assert either.client.get(f"/v1.0/calls/{call}").json["status"] == "progressing"


def test_the_caller_hangs_up_on_the_agent(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either)
    call = a_caller(either, queue, BYE)
    either.advance(seconds=10)
    hangs_up(either, call)
    either.advance(seconds=0)
    assert (status_of(either, call), queue_now(either, queue)["service_queuecall_ids"]) == ("done", [])
    assert {each.status for each in either.calls.list()} == {"hangup"}
    assert whole_path(run_of(either, call))[-1] == "confbridge_join"
    assert not either.world.timers


@pytest.mark.differs("queue-abandoned-count")
def test_a_caller_who_hangs_up_while_waiting_has_abandoned_the_queue(either: Mock) -> None:
    queue = a_queue(either)
    call = a_caller(either, queue)
    either.advance(seconds=7)
    hangs_up(either, call)
    over, now = queuecall(either, call), queue_now(either, queue)
    assert (over["status"], over["duration_waiting"], outcome(either, call)) == ("abandoned", 7000, "abandoned")
    assert (now["wait_queuecall_ids"], now["total_abandoned_count"]) == ([], 1 if is_documented(either) else 0)
    either.advance(seconds=5)
    assert not either.world.timers


def test_nobody_rings_an_agent_for_a_caller_who_has_gone(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either, 1, NoAnswer())
    call = a_caller(either, queue)
    either.advance(seconds=5)
    assert len(either.calls.list(status="ringing")) == 1
    hangs_up(either, call)
    either.advance(seconds=0)
    assert [each.hangup_reason for each in either.calls.list() if each.id != call] == ["cancel"]
    assert status_of(either, call) == ("abandoned" if is_documented(either) else "done")


# --- sent away -----------------------------------------------------------------------------------------


@pytest.mark.differs("queue-leave-waiting")
def test_who_waits_too_long_goes_on_after_the_queue_but_not_on_the_server(either: Mock) -> None:
    queue = a_queue(either, wait_timeout=5000)
    call = a_caller(either, queue, BYE)
    either.advance(seconds=6)
    if not is_documented(either):
        assert status_of(either, call) == "waiting"
        return
    over = queuecall(either, call)
    assert (over["status"], over["duration_waiting"], outcome(either, call)) == ("abandoned", 5000, "timeout")
    assert times(either, call, "talk")[-1] == 5.0
    assert queue_now(either, queue)["total_abandoned_count"] == 1


def test_the_time_to_wait_is_over_once_an_agent_is_rung(documented: Mock) -> None:
    queue, _ = a_queue(documented, wait_timeout=5000), an_agent(documented, 1, Answer(after="8s", talk="30s"))
    call = a_caller(documented, queue)
    documented.advance(seconds=10)
    assert status_of(documented, call) == "service"


@pytest.mark.differs("queue-leave-service")
def test_a_talk_that_takes_too_long_is_ended_but_not_on_the_server(either: Mock) -> None:
    queue, _ = a_queue(either, service_timeout=10_000), an_agent(either)
    call = a_caller(either, queue, BYE)
    either.advance(seconds=13)
    if not is_documented(either):
        assert status_of(either, call) == "service"
        return
    assert (status_of(either, call), queuecall(either, call)["duration_service"]) == ("done", 10_000)
    assert times(either, call, "talk")[-1] == 12.1
    assert [each.status for each in either.calls.list() if each.id != call] == ["hangup"]


@pytest.mark.parametrize("seconds", [0, 1, 10])
@pytest.mark.differs("queue-leave-waiting", "queue-leave-service")
def test_who_is_kicked_goes_on_after_the_queue_whether_it_waits_or_talks(either: Mock, seconds: int) -> None:
    queue, _ = a_queue(either), an_agent(either)
    call = a_caller(either, queue, BYE)
    either.advance(seconds=seconds)
    before = queuecall(either, call)
    reply = either.client.post(f"/v1.0/queuecalls/{before['id']}/kick")
    either.advance(seconds=0)
    if not is_documented(either):
        assert reply.status_code == (500 if before["status"] == "waiting" else 200)
        assert queuecall(either, call) == before
        return
    expected = {"waiting": "abandoned", "connecting": "abandoned", "service": "done"}[before["status"]]
    assert reply.json["status"] == expected
    assert whole_path(run_of(either, call))[-1] == "talk"
    assert times(either, call, "talk")[-1] == seconds
    assert {each.status for each in either.calls.list() if each.id != call} <= {"hangup"}
    assert queue_events(either)[-1] == expected


# --- who is chosen ---------------------------------------------------------------------------------------


@pytest.mark.differs("queue-order")
def test_who_waits_longest_is_served_first_but_the_server_takes_who_came_last(either: Mock) -> None:
    queue = a_queue(either)
    calls = []
    for number in range(3):
        calls.append(a_caller(either, queue, number=number))
        either.advance(seconds=1)
    an_agent(either)
    either.advance(seconds=2)
    served = [call for call in calls if status_of(either, call) != "waiting"]
    assert served == [calls[0 if is_documented(either) else -1]]


def test_only_agents_with_a_tag_of_the_queue_are_rung(either: Mock) -> None:
    tags = [either.tags.create(name=name).id for name in ("sales", "support", "billing")]
    an_agent(either, 1, tag_ids=[])
    an_agent(either, 2, tag_ids=[tags[2]])
    queue = a_queue(either, tag_ids=tags[:2])
    call = a_caller(either, queue)
    either.advance(seconds=5)
    assert status_of(either, call) == "waiting"
    third = an_agent(either, 3, tag_ids=[tags[2], tags[1]])
    either.advance(seconds=5)
    assert (status_of(either, call), queuecall(either, call)["service_agent_id"]) == ("service", third)


def test_agents_of_others_and_deleted_ones_are_not_rung(either: Mock) -> None:
    other = either.customers.create(name="other").id
    an_agent(either, 1, customer_id=other)
    gone = an_agent(either, 2)
    either.agents.delete(gone)
    call = a_caller(either, a_queue(either))
    either.advance(seconds=5)
    assert status_of(either, call) == "waiting"


def test_agents_are_chosen_at_random_and_the_same_every_time() -> None:
    chosen = []
    for _ in range(2):
        with Mock(clock="2026-03-01T09:00:00Z", ignore="all") as mock:
            nobody_else(mock)
            for number in range(4):
                an_agent(mock, number)
            queue = a_queue(mock)
            agents = []
            for _ in range(12):
                call = a_caller(mock, queue)
                mock.advance(minutes=1)
                agents.append(queuecall(mock, call)["service_agent_id"])
            chosen.append(agents)
    assert chosen[0] == chosen[1]
    assert len(set(chosen[0])) > 1


def test_two_callers_are_served_by_two_agents_a_tenth_of_a_second_apart(either: Mock) -> None:
    queue = a_queue(either)
    calls = [a_caller(either, queue, number=number) for number in range(2)]
    agents = {an_agent(either, number) for number in range(2)}
    either.advance(seconds=5)
    assert {queuecall(either, call)["service_agent_id"] for call in calls} == agents
    assert sorted(times(either, call, "confbridge_join")[0] for call in calls) == [0.1, 0.2]


@pytest.mark.differs("groupcall-agents")
def test_an_agent_can_take_the_next_call_once_one_is_over_but_not_on_the_server(either: Mock) -> None:
    queue, agent = a_queue(either), an_agent(either)
    calls = [a_caller(either, queue, number=number) for number in range(2)]
    status = [either.agents.get(agent).status]
    for seconds in (1, 4):
        either.advance(seconds=seconds)
        status.append(either.agents.get(agent).status)
    assert status == ["available", "ringing", "busy"]
    either.advance(minutes=3)
    over = [status_of(either, call) for call in calls]
    if is_documented(either):
        assert (over, either.agents.get(agent).status) == (["done", "done"], "available")
    else:
        assert (sorted(over), either.agents.get(agent).status) == (["abandoned", "done"], "busy")


@pytest.mark.differs("groupcall-agents")
def test_an_agent_who_missed_a_call_can_take_the_next_one_but_not_on_the_server(either: Mock) -> None:
    queue, agent = a_queue(either), an_agent(either, 1, Busy())
    a_caller(either, queue)
    either.advance(minutes=2)
    assert either.agents.get(agent).status == ("available" if is_documented(either) else "ringing")


def test_what_an_agent_says_of_itself_meanwhile_stays(either: Mock) -> None:
    queue, agent = a_queue(either), an_agent(either)
    a_caller(either, queue)
    either.advance(seconds=10)
    either.client.put(f"/v1.0/agents/{agent}/status", json={"status": "away"})
    either.advance(minutes=2)
    assert either.agents.get(agent).status == "away"


# --- queues that are odd ---------------------------------------------------------------------------------


@pytest.mark.differs("queue-without-flow")
def test_without_a_wait_flow_callers_wait_in_silence_but_the_servers_are_dropped(either: Mock) -> None:
    queue = a_queue(either, wait_flow=False)
    call = a_caller(either, queue, BYE)
    either.advance(seconds=30)
    if not is_documented(either):
        assert status_of(either, call) == "abandoned"
        assert either.client.get(f"/v1.0/calls/{call}").json["status"] == "hangup"
        return
    assert status_of(either, call) == "waiting"
    an_agent(either)
    either.advance(minutes=2)
    assert (status_of(either, call), whole_path(run_of(either, call))[-2:]) == ("done", ["confbridge_join", "talk"])


def test_a_wait_flow_that_there_is_not_ends_the_callers_flow(either: Mock) -> None:
    call = a_caller(either, a_queue(either, wait_flow_id=SOME_ID), BYE)
    either.advance(seconds=0)
    assert (status_of(either, call), run_of(either, call)["failed"]) == ("abandoned", True)


@pytest.mark.parametrize("joins", [False, True])
def test_a_wait_flow_that_takes_no_time_is_stopped_and_a_loop_named(either: Mock, joins: bool) -> None:
    queue = a_queue(either, wait_flow_id=a_flow(either))
    if joins:  # the queue itself, and so on
        into_itself = a_flow(either, a("queue_join", queue_id=queue))
        either.queues.update(queue, wait_flow_id=into_itself)
    call = a_caller(either, queue)
    either.advance(seconds=0)
    run = run_of(either, call)
    assert run["failed"]
    assert ("it began 101 actions" in run["ended_by"]) is not is_documented(either)
    assert joins or "it goes round and round: " in run["ended_by"]
    assert either.client.get(f"/v1.0/calls/{call}").json["status"] == "hangup"
    assert {row.data["status"] for row in either.world.store["queuecalls"]} == {"abandoned"}
    assert queue_now(either, queue)["wait_queuecall_ids"] == []


@pytest.mark.parametrize("queue", ["", SOME_ID, NIL_UUID, 5, None])
def test_a_queue_that_there_is_not_ends_the_flow(either: Mock, queue: Any) -> None:
    call = a_caller(either, queue, BYE)
    run = run_of(either, call)
    assert (whole_path(run), run["failed"]) == (["answer", "queue_join"], True)
    assert either.client.get("/v1.0/queuecalls").json["result"] == []


@pytest.mark.differs("queue-join-deleted")
def test_a_deleted_queue_takes_nobody_but_the_servers_does(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either)
    either.client.delete(f"/v1.0/queues/{queue}")
    call = a_caller(either, queue, BYE)
    either.advance(minutes=2)
    if is_documented(either):
        assert run_of(either, call)["failed"]
    else:
        assert status_of(either, call) == "done"


def test_who_waits_in_a_queue_that_is_deleted_goes_on_waiting(either: Mock) -> None:
    queue = a_queue(either)
    call = a_caller(either, queue)
    either.client.delete(f"/v1.0/queues/{queue}")
    an_agent(either)
    either.advance(seconds=20)
    assert status_of(either, call) == "waiting"


@pytest.mark.differs("queue-other-methods")
def test_a_queue_that_is_not_random_chooses_nobody_and_the_servers_never_again(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either)
    path_of_method = f"/v1.0/queues/{queue}/routing_method"
    either.client.put(path_of_method, json={"routing_method": ""})
    call = a_caller(either, queue)
    either.advance(seconds=20)
    assert status_of(either, call) == "waiting"
    either.client.put(path_of_method, json={"routing_method": "random"})
    either.advance(seconds=20)
    assert status_of(either, call) == ("service" if is_documented(either) else "waiting")


@pytest.mark.differs("queue-waiting-counts")
def test_waiting_takes_as_long_as_it_takes_but_on_the_server_a_hundred_actions(either: Mock) -> None:
    call = a_caller(either, a_queue(either), BYE)
    either.advance(minutes=20)
    run = run_of(either, call)
    if is_documented(either):
        assert status_of(either, call) == "waiting"
    else:
        assert (status_of(either, call), run["failed"], run["execute_count"]) == ("abandoned", True, 101)


@pytest.mark.differs("queue-timeout-variables")
def test_the_flow_knows_its_queue_as_long_as_it_is_in_it(either: Mock) -> None:
    names = ("queue.name", "queue.detail", "queuecall.timeout_wait", "queuecall.timeout_service")
    said = a("talk", text="|".join(f"${{voipbin.{name}}}" for name in names), language="en-US")
    queue = a_queue(either, wait_flow_id=a_flow(either, said), wait_timeout=60_000, service_timeout=600_000)
    an_agent(either)
    call = a_caller(either, queue, said)
    ids = {name: run_of(either, call)["variables"][f"voipbin.{name}.id"] for name in ("queue", "queuecall")}
    assert ids == {"queue": queue, "queuecall": queuecall(either, call)["id"]}
    either.advance(minutes=2)
    texts = [row[4]["text"] for row in run_of(either, call)["trace"] if row[3] == "talk"]
    lengths = "60|600" if is_documented(either) else "60000|600000"
    assert (texts[0], texts[-1]) == (f"sales|who buys|{lengths}", "|||")


def test_a_caller_reaches_a_queue_by_its_hash(either: Mock) -> None:
    queue, _ = a_queue(either), an_agent(either)
    call = calls_in(either, queue_now(either, queue)["direct_hash"])
    either.advance(minutes=2)
    assert (status_of(either, call), whole_path(run_of(either, call))[:2]) == ("done", ["answer", "queue_join"])


def test_a_deleted_queuecall_may_still_be_served(either: Mock) -> None:
    queue = a_queue(either)
    call = a_caller(either, queue)
    row = queuecall(either, call)["id"]
    either.client.delete(f"/v1.0/queuecalls/{row}")
    an_agent(either)
    either.advance(seconds=10)
    assert either.client.get(f"/v1.0/queuecalls/{row}").json["status"] == "service"
    either.advance(minutes=2)
    assert either.client.get(f"/v1.0/queuecalls/{row}").json["status"] == "done"


def test_who_jumps_out_of_the_wait_flow_has_abandoned_the_queue(either: Mock) -> None:
    out = a_flow(either, a("talk", text="x"), a("goto", target_id=action_id(3), loop_count=1))
    queue = a_queue(either, wait_flow_id=out)
    call = a_caller(either, queue, a("sleep", duration=60_000))
    either.advance(seconds=10)
    assert (whole_path(run_of(either, call))[-1], status_of(either, call)) == ("sleep", "abandoned")
    an_agent(either)
    either.advance(seconds=10)
    assert not [each for each in either.calls.list() if each.id != call]


def test_a_queue_within_the_wait_of_another_one(either: Mock) -> None:
    inner = a_queue(either, tag_ids=[SOME_ID])
    outer = a_queue(either, wait_flow_id=a_flow(either, a("queue_join", queue_id=inner)))
    call = a_caller(either, outer)
    rows = either.client.get("/v1.0/queuecalls").json["result"]
    assert [row["status"] for row in rows] == ["waiting", "waiting"]
    hangs_up(either, call)
    rows = either.client.get("/v1.0/queuecalls").json["result"]
    assert [row["status"] for row in rows] == ["abandoned", "abandoned"]


def test_no_call_no_queue(either: Mock) -> None:
    actions = [{"type": "queue_join", "option": {"queue_id": a_queue(either)}}]
    run = either.client.post("/v1.0/activeflows", json={"actions": actions}).json["id"]
    either.advance(seconds=1)
    assert either.client.get(f"/v1.0/activeflows/{run}").json["status"] == "ended"
    assert either.client.get("/v1.0/queuecalls").json["result"] == []


# --- keeping a moment --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 3, 10])
def test_a_moment_in_a_queue_is_kept_and_goes_on_the_same(either: Mock, seconds: int) -> None:
    queue, _ = a_queue(either, wait_timeout=60_000), an_agent(either, 1, Answer(after="5s", talk="30s"))
    call = a_caller(either, queue, BYE)
    either.advance(seconds=seconds)
    moment, state = either.snapshot(), either.dump()
    ends = []
    for back in (lambda: None, lambda: either.restore(moment), lambda: either.load(state)):
        back()
        either.advance(minutes=2)
        ends.append((queuecall(either, call), queue_now(either, queue), whole_path(run_of(either, call))))
    assert ends[0] == ends[1] == ends[2]
    assert ends[0][0]["status"] == "done"


def test_a_queue_that_looks_for_agents_in_vain_is_kept(either: Mock) -> None:
    queue, agent = a_queue(either), an_agent(either, status="away")
    call = a_caller(either, queue)
    either.advance(seconds=5)
    state = either.dump()
    either.reset()
    either.load(state)
    either.agents.update(agent, status="available")
    either.advance(seconds=10)
    assert (status_of(either, call), times(either, call, "confbridge_join")) == ("service", [5.1])
