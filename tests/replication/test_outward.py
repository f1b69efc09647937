"""Webhooks of a mock that is several processes: each is sent once, whoever leads."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.receivers import LONG, raw_port, silent, until, well
from tests.support.replicas import Memory, OneOf
from voipbin_mock.replication import outward


def changes_hands(old: OneOf, new: OneOf, memory: Memory) -> None:
    """The leader is no more, and another leads."""
    old.replica.leads, memory.leader = False, ""
    new.replica.leads = new.log.lead()
    new.replica.follow()


def outcomes(one: OneOf) -> list[tuple[str, str, Any]]:
    _, body = one.call("GET", "/__mock__/webhooks")
    return [(each["type"], each["outcome"], each["status"]) for each in json.loads(body)["deliveries"]]


@contextmanager
def two(url: str) -> Iterator[tuple[Memory, OneOf, OneOf]]:
    """A leader and a follower, whose webhooks go to a URL; nobody waits long for them."""
    memory = Memory()
    first, second = OneOf(memory, "first"), OneOf(memory, "second")
    customer = {"name": "a", "detail": "", "email": "a@b.cc", "phone_number": "", "address": ""}
    with first.mock, second.mock:
        for one in (first, second):
            one.mock.webhooks.patience = 0.01
        changed = first.call("PUT", "/v1.0/customer", {**customer, "webhook_method": "POST", "webhook_uri": url})
        assert changed[0] == 200
        yield memory, first, second


def buys(one: OneOf, number: int) -> str:
    """The id of a number."""
    status, body = one.call("POST", "/v1.0/numbers", {"number": f"+8991000000{number:02}", "type": "virtual"})
    assert status == 200
    bought: str = json.loads(body)["id"]
    return bought


def test_what_stood_in_line_as_the_leader_died_is_sent_by_the_next_and_what_was_sent_is_not() -> None:
    answers = threading.Event()

    def when_told(connection: socket.socket, over: threading.Event) -> None:
        answers.wait(LONG)
        well(connection, over)

    with raw_port(when_told) as port, two(port.url) as (memory, first, second):
        bought = [buys(first, number) for number in range(4)]
        until(lambda: port.requests)  # the others stand in line behind it

        changes_hands(first, second, memory)
        second.replica.outward.look()
        answers.set()

        def over() -> bool:
            second.replica.outward.look()
            return bool(json.loads(second.call("GET", "/__mock__/webhooks")[1])["pending"] == 0)

        until(over)
        heard = b"".join(port.requests)
        assert [heard.count(b'"id":"%s"' % number.encode()) for number in bought] == [1, 1, 1, 1]
        assert outcomes(first) == outcomes(second)
        assert {outcome for _, outcome, _ in outcomes(second)} == {"delivered"}


def test_of_a_webhook_that_a_dead_leader_had_sent_it_is_told_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_port(silent) as port, two(port.url) as (memory, first, second):
        buys(first, 1)
        until(lambda: port.requests)

        changes_hands(first, second, memory)
        monkeypatch.setattr(outward, "ORPHANED", -1.0)

        def told() -> bool:
            second.replica.outward.look()
            return any(outcome == "failed" for _, outcome, _ in outcomes(second))

        until(told)
        assert outcomes(first) == outcomes(second)
        deliveries = json.loads(second.call("GET", "/__mock__/webhooks")[1])
        assert [(one["attempt"], one["error"]) for one in deliveries["deliveries"]] == [(1, outward.LOST)]
        assert deliveries["pending"] == 0
