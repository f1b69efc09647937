"""Whatever callers, agents and the account do to calls, queues and conferences at once, nothing is left hanging."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support.calling import a, a_flow, action_id, calls_in, hangs_up, presses
from tests.support.queueing import a_queue, an_agent, nobody_else
from voipbin_mock import Answer, Busy, Mock, NoAnswer

MORNING = "2026-03-01T09:00:00Z"
COLLEAGUE = "+15550109999"
LONGEST = 2 * 3600  # seconds: nothing takes longer than a call may
ENDED = ("hangup",)


class Callers(RuleBasedStateMachine):
    """Two agents, a queue, a conference, and a menu that leads to them."""

    profile = "documented"

    @initialize()
    def begin(self) -> None:
        self.mock = mock = Mock(self.profile, clock=MORNING, ignore="all")
        nobody_else(mock)
        self.agents = [an_agent(mock, 1), an_agent(mock, 2, Busy(), NoAnswer(), Answer(after="1s", talk="5s"))]
        mock.phone(COLLEAGUE).script(Answer(after="2s", talk="10s"), Busy(), NoAnswer())
        self.queue = a_queue(mock, wait_timeout=40_000, service_timeout=60_000)
        body = {"type": "conference", "name": "all", "detail": "", "timeout": 0, "data": {}}
        self.conference = mock.client.post("/v1.0/conferences", json=body).json["id"]
        sales, meeting = a("queue_join", queue_id=self.queue), a("conference_join", conference_id=self.conference)
        phone = {"type": "tel", "target": COLLEAGUE}
        colleague, bye = a("connect", source=phone, destinations=[phone]), a("talk", text="bye")
        leads = {"1": action_id(6), "2": action_id(8), "3": action_id(10)}
        menu = (
            a("answer"),
            a("talk", text="sales, all, or a colleague", digits_handle="next"),
            a("digits_receive", duration=4000, length=1),
            a("branch", target_ids=leads, default_target_id=action_id(5)),
            a("goto", target_id=action_id(2), loop_count=2),
            {**sales, "next_id": action_id(11)},
            a("stop"),
            {**meeting, "next_id": action_id(11)},
            a("stop"),
            colleague,
            bye,
        )
        direct = [(a("answer"), one, bye) for one in (sales, meeting, colleague)]
        self.flows = [a_flow(mock, *actions) for actions in (menu, *direct)]
        self.calls: list[str] = []

    # --- what they do ------------------------------------------------------------------------------

    @rule(which=st.integers(0, 3))
    def somebody_calls(self, which: int) -> None:
        if len(self.calls) < 6:
            self.calls.append(calls_in(self.mock, self.flows[which], f"+1555010010{len(self.calls)}"))

    @rule(which=st.integers(0, 5), key=st.sampled_from("1239#"))
    def a_caller_presses_a_key(self, which: int, key: str) -> None:
        for call in self.calls[which : which + 1]:
            presses(self.mock, call, key)

    @rule(which=st.integers(0, 5))
    def a_caller_hangs_up(self, which: int) -> None:
        for call in self.calls[which : which + 1]:
            hangs_up(self.mock, call)

    @rule(which=st.integers(0, 9))
    def any_call_is_hung_up_over_the_api(self, which: int) -> None:
        rows = self.mock.client.get("/v1.0/calls").json["result"]
        for row in rows[which : which + 1]:
            assert self.mock.client.post(f"/v1.0/calls/{row['id']}/hangup").status_code == 200

    @rule(seconds=st.sampled_from([0.1, 1, 2.5, 7, 31, 65]))
    def time_passes(self, seconds: float) -> None:
        self.mock.advance(seconds=seconds)

    @rule(which=st.integers(0, 1), status=st.sampled_from(["available", "away"]))
    def an_agent_comes_or_goes(self, which: int, status: str) -> None:
        if self.mock.agents.get(self.agents[which]).status in ("available", "away"):
            self.mock.client.put(f"/v1.0/agents/{self.agents[which]}/status", json={"status": status})

    @rule(which=st.integers(0, 3))
    def a_caller_is_kicked_out_of_the_queue(self, which: int) -> None:
        for row in self.mock.client.get("/v1.0/queuecalls").json["result"][which : which + 1]:
            assert self.mock.client.post(f"/v1.0/queuecalls/{row['id']}/kick").status_code in (200, 500)

    @rule(which=st.integers(0, 3))
    def a_caller_is_sent_out_of_the_conference(self, which: int) -> None:
        for row in self.mock.client.get("/v1.0/conferencecalls").json["result"][which : which + 1]:
            assert self.mock.client.delete(f"/v1.0/conferencecalls/{row['id']}").status_code in (200, 400)

    @rule()
    def a_moment_comes_back(self) -> None:
        kept = self.mock.snapshot()
        self.mock.advance(seconds=5)
        self.mock.restore(kept)

    # --- what always holds ---------------------------------------------------------------------------

    def rows(self, name: str) -> list[Any]:
        return [row.data for row in self.mock.world.store[name]]

    @invariant()
    def what_is_over_has_an_end(self) -> None:
        for call in self.rows("calls"):
            assert (call["status"] in ENDED) == (call["tm_hangup"] is not None)
            run = self.mock.world.store["activeflows"].get(call["activeflow_id"])
            assert run is not None
            assert call["status"] not in ENDED or run.data["status"] == "ended"
            assert call["status"] not in ENDED or not call["timers"]

    @invariant()
    def nobody_is_in_a_bridge_who_has_hung_up(self) -> None:
        live = {call["id"] for call in self.rows("calls") if call["status"] not in ENDED}
        (conference,) = self.rows("conferences")
        inside = {row["id"]: row["reference_id"] for row in self.rows("conferencecalls") if row["status"] == "joined"}
        assert set(conference["conferencecall_ids"]) <= inside.keys()
        assert {inside[row_id] for row_id in conference["conferencecall_ids"]} <= live

    def teardown(self) -> None:
        if not hasattr(self, "mock"):
            return
        with self.mock as mock:
            for call in self.calls:
                hangs_up(mock, call)
            mock.advance(seconds=LONGEST)
            assert [call["status"] for call in self.rows("calls") if call["status"] not in ENDED] == []
            assert [run["status"] for run in self.rows("activeflows") if run["status"] != "ended"] == []
            assert {row["status"] for row in self.rows("queuecalls")} <= {"done", "abandoned"}
            assert {row["status"] for row in self.rows("conferencecalls")} <= {"leaved"}
            assert mock.world.told_due() == []
            if self.profile == "documented":
                for agent in self.agents:
                    assert mock.agents.get(agent).status in ("available", "away")


class ServerCallers(Callers):
    profile = "server"


@pytest.mark.parametrize("machine", [Callers, ServerCallers], ids=["documented", "server"])
def test_nothing_is_left_hanging(machine: type[Callers]) -> None:
    small = settings(max_examples=8, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(machine, settings=small)
