"""Receivers are somebody else's code: whatever one does, the change stands, others hear, and nobody waits for it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.support.receivers import (
    LONG,
    Behaviour,
    buy,
    continuing_for_ever,
    continuing_slowly,
    endless_body,
    garbage,
    point,
    raw_port,
    silent,
    trickling_body,
    trickling_headers,
    until,
    well,
)
from voipbin_mock import Mock, MockUsageError
from voipbin_mock.delivery.receivers import Webhook

START = "2026-03-01T09:00:00Z"
PROFILES = pytest.mark.parametrize("profile", ["documented", "server"])


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START) as mock:
        yield mock


class Shout(BaseException):
    """As odd as an exception can be."""


def fails(webhook: Webhook) -> None:
    pytest.fail("not as it should be")


def raises(error: BaseException) -> Callable[[Webhook], None]:
    def receiver(webhook: Webhook) -> None:
        raise error

    return receiver


ENDS_TESTS = [
    fails, raises(Shout("no")), raises(SystemExit(3)), raises(KeyboardInterrupt()), raises(GeneratorExit()),
    raises(asyncio.CancelledError()), raises(AssertionError("no")),
]  # fmt: skip


# --- what is raised --------------------------------------------------------------------------------


@pytest.mark.parametrize("receiver", ENDS_TESTS)
def test_whatever_a_receiver_raises_the_change_stands_and_the_test_fails_at_its_end(receiver: Any) -> None:
    mock = Mock(clock=START)
    heard: list[str] = []
    mock.webhooks.connect(receiver)
    mock.world.bus.subscribe(lambda event: heard.append(event.type))
    made = buy(mock)
    assert made.status_code == 200
    assert mock.client.get(f"/v1.0/numbers/{made.json['id']}").json == made.json
    assert heard == ["number_created"]
    (delivery,) = mock.webhooks.deliveries
    assert delivery.outcome == "failed"
    assert delivery.error.startswith(("the receiver raised", "the receiver's assertion failed"))
    with pytest.raises(BaseException) as raised:
        mock.close()
    assert type(raised.value).__name__ in delivery.error or isinstance(raised.value, AssertionError)
    mock.close()  # told once


@pytest.mark.parametrize("error", [ValueError("v"), OSError("o"), RecursionError(), StopIteration(), LookupError("l")])
def test_an_ordinary_error_of_a_receiver_fails_the_delivery_alone(error: Exception, mock: Mock) -> None:
    mock.webhooks.connect(raises(error))
    assert buy(mock).status_code == 200
    assert type(error).__name__ in mock.webhooks.deliveries[0].error


@pytest.mark.skipif(sys.version_info < (3, 11), reason="groups of exceptions came with Python 3.11")
def test_an_assertion_in_a_group_fails_the_test_too() -> None:
    mock = Mock(clock=START)

    async def receiver(webhook: Webhook) -> None:
        async def part() -> None:
            assert webhook.data["name"] == "right"

        async with asyncio.TaskGroup() as group:
            group.create_task(part())

    mock.webhooks.connect(receiver)
    buy(mock)
    with pytest.raises(BaseException, match="unhandled errors in a TaskGroup"):
        mock.close()


def test_a_subscriber_that_raises_keeps_no_other_from_hearing_and_is_told_at_the_end() -> None:
    mock = Mock(clock=START)
    heard: list[str] = []
    mock.world.bus.subscribe(raises(LookupError("mine")))  # type: ignore[arg-type]
    mock.world.bus.subscribe(lambda event: heard.append(event.type))
    for number in (1, 2):
        assert buy(mock, number).status_code == 200
    assert heard == ["number_created"] * 2
    with pytest.raises(LookupError, match="mine"):
        mock.close()


def test_what_a_receiver_of_a_session_raises_is_told_at_the_end() -> None:
    mock = Mock(clock=START)
    mock.anonymous.get("/__session__/worker-1/v1.0/ping")
    from voipbin_mock.world.sessions import Sessions

    session = mock.world.part(Sessions).world("worker-1")
    session.bus.subscribe(raises(LookupError("of a session")))  # type: ignore[arg-type]
    path = f"/__session__/worker-1/v1.0/numbers?accesskey={mock.accesskey}"
    made = mock.anonymous.post(path, json={"number": "+899100000001", "type": "virtual"})
    assert made.status_code == 200
    with pytest.raises(LookupError, match="of a session"):
        mock.close()


def ask(mock: Mock, number: int) -> int:
    """A client over the wire, with a time limit of its own."""
    body = f'{{"number": "+8991{number:08}", "type": "virtual"}}'.encode()
    request = Request(f"{mock.url}/numbers", body, {**mock.headers, "Content-Type": "application/json"})
    with urlopen(request, timeout=LONG) as answer:
        return int(answer.status)


@pytest.mark.parametrize("receiver", ENDS_TESTS)
def test_over_the_wire_the_client_has_its_answer_and_the_test_fails_all_the_same(receiver: Any) -> None:
    mock = Mock()
    mock.serve()
    mock.webhooks.connect(receiver)
    assert ask(mock, 1) == 200
    until(lambda: mock.webhooks.deliveries)
    assert mock.webhooks.deliveries[0].outcome == "failed"
    with pytest.raises(BaseException):  # noqa: B017 - any of them
        mock.close()


def test_a_receiver_that_raises_on_the_tickers_time_leaves_the_ticker_alive() -> None:
    mock = Mock(speed=1000)
    mock.keep_time()
    times: list[int] = []

    def receiver(webhook: Webhook) -> None:
        times.append(webhook.attempt)
        raise Shout

    mock.webhooks.connect(receiver)
    buy(mock)
    until(lambda: times == [1, 2, 3])  # the retries are made by nobody else
    with pytest.raises(Shout):
        mock.close()


def test_a_test_whose_receiver_fails_on_a_live_server_does_not_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from urllib.request import Request, urlopen

        def test_fine(voipbin_server):
            voipbin_server.webhooks.connect(lambda webhook: pytest.fail("it was not"))
            body = b'{"number": "+899100000001", "type": "virtual"}'
            headers = {**voipbin_server.headers, "Content-Type": "application/json"}
            urlopen(Request(voipbin_server.url + "/numbers", body, headers), timeout=10).close()

        def test_after_it(voipbin_server):
            pass
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:randomly")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*Failed: it was not*"])


# --- what does not end -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behave", "said"),
    [
        (silent, "no whole answer within 0.15 s"),
        (trickling_headers, "no whole answer within 0.15 s"),
        (trickling_body, "no whole answer within 0.15 s"),
        (continuing_slowly, "no whole answer within 0.15 s"),
        (continuing_for_ever, "its answer does not end"),
        (endless_body, "its answer does not end"),
        (garbage, "BadStatusLine"),
    ],
)
def test_a_port_that_answers_never_or_for_ever_is_one_failed_attempt(behave: Behaviour, said: str, mock: Mock) -> None:
    with raw_port(behave) as receiver:
        point(mock, receiver.url)
        mock.webhooks.timeout = 0.15 if "0.15 s" in said else LONG
        assert buy(mock).status_code == 200
        until(lambda: mock.webhooks.deliveries)
        (delivery,) = mock.webhooks.deliveries
    assert delivery.outcome == "failed"
    assert said in delivery.error


def test_a_receiver_that_hangs_starves_no_other(mock: Mock) -> None:
    with raw_port(silent) as bad, raw_port(well) as good:
        mock.webhooks.patience = 0.01
        point(mock, bad.url)
        for number in range(20):
            buy(mock, number)
        point(mock, good.url)
        buy(mock, 50)
        until(lambda: mock.webhooks.deliveries)
        (delivery,) = mock.webhooks.deliveries  # the twenty before it are still waited for
        assert delivery.url == good.url
        assert delivery.outcome == "delivered"
        assert mock.webhooks.pending == 20


def test_what_waits_for_one_receiver_is_bounded_and_what_is_too_much_is_told(
    mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voipbin_mock.delivery.attempts.MOST_IN_LINE", 3)
    with raw_port(silent) as bad:
        mock.webhooks.patience = 0.0
        point(mock, bad.url)
        for number in range(6):
            buy(mock, number)
        errors = [delivery.error for delivery in mock.webhooks.deliveries]
    assert errors
    assert all(error.startswith("too many deliveries wait") for error in errors)


def test_a_receiver_in_python_that_hangs_is_interrupted(mock: Mock) -> None:
    mock.webhooks.timeout = 0.1
    mock.webhooks.connect(lambda webhook: threading.Event().wait(LONG) and None)
    assert buy(mock).status_code == 200
    (delivery,) = mock.webhooks.deliveries
    assert "did not answer within 0.1 s (webhooks.timeout); it was at " in delivery.error


def test_a_receiver_that_hangs_every_time_is_not_called_for_ever(mock: Mock) -> None:
    calls: list[int] = []

    def hangs(webhook: Webhook) -> None:
        calls.append(webhook.attempt)
        while True:
            pass

    mock.webhooks.timeout = mock.webhooks.patience = 0.02
    mock.webhooks.connect(hangs)
    for number in range(12):
        buy(mock, number)
    assert len(calls) == 8
    assert "8 times in a row, and is not called any more" in mock.webhooks.deliveries[-1].error


def test_over_the_wire_no_client_waits_for_a_receiver_that_hangs() -> None:
    with Mock() as mock:
        mock.serve()
        over = threading.Event()
        mock.webhooks.timeout = mock.webhooks.patience = 0.1
        mock.webhooks.connect(lambda webhook: over.wait(10 * LONG) and None)
        try:
            assert [ask(mock, number) for number in range(4)] == [200] * 4
            until(lambda: mock.webhooks.deliveries)
            assert "within 0.1 s (webhooks.timeout), and hangs" in mock.webhooks.deliveries[0].error
        finally:
            over.set()


# --- where nothing can be sent -----------------------------------------------------------------------


@PROFILES
@pytest.mark.parametrize("url", ["http://[", "http://a℀b/", "http://127.0.0.1:99999/", "ftp://127.0.0.1/x", "http:///"])
def test_a_url_that_is_none_is_a_failed_delivery_and_others_hear(url: str, profile: str) -> None:
    with Mock(profile, clock=START) as mock:
        heard: list[str] = []
        point(mock, url)
        mock.world.bus.subscribe(lambda event: heard.append(event.type))
        assert buy(mock).status_code == 200
        mock.advance(seconds=5)
        assert mock.client.get("/v1.0/outplans").status_code == 200
        assert heard == ["number_created"]
        outcomes = {(delivery.outcome, "is no URL" in delivery.error) for delivery in mock.webhooks.deliveries}
        assert outcomes == {("failed", True)}
        assert mock.anonymous.get("/__mock__/webhooks").json["pending"] == 0


def test_a_receiver_cannot_be_connected_where_no_url_leads(mock: Mock) -> None:
    with pytest.raises(MockUsageError, match="is no URL"):
        mock.webhooks.connect(lambda webhook: None, "http://[")


def test_a_receiver_connected_without_a_url_hears_even_if_the_customers_is_none(mock: Mock) -> None:
    point(mock, "http://[")
    heard: list[Webhook] = []
    mock.webhooks.connect(heard.append)
    buy(mock)
    assert [webhook.url for webhook in heard] == ["https://webhooks.invalid/voipbin"]


def test_names_of_this_machine_are_not_looked_up(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    real, asked = socket.getaddrinfo, []

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return real(host, *args, **kwargs)

    with raw_port(well) as receiver:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        point(mock, receiver.url.replace("127.0.0.1", "anything.localhost"))
        buy(mock)
    assert [delivery.outcome for delivery in mock.webhooks.deliveries] == ["delivered"]
    assert set(asked) <= {"127.0.0.1", "::1"}
    assert b"Host: anything.localhost:" in receiver.requests[0]


# --- what belongs to a past that was given up --------------------------------------------------------


@pytest.mark.parametrize("way", ["reset", "restore"])
def test_a_delivery_of_a_past_that_was_given_up_is_not_tried_again(way: str, mock: Mock) -> None:
    mock.webhooks.patience = 0.01
    kept = mock.snapshot()
    with raw_port(silent) as bad:
        point(mock, bad.url)
        buy(mock)
        assert mock.webhooks.pending == 1
        mock.reset() if way == "reset" else mock.restore(kept)
        bad.over.set()  # it ends without an answer, which would be tried again
        until(lambda: mock.webhooks.pending == 0)
    assert mock.webhooks.deliveries == []


# --- in a forked child -------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.parametrize("held", ["nothing", "the world", "the delivery"])
def test_a_forked_child_hangs_at_nothing_that_a_thread_of_its_parent_held(held: str) -> None:
    over, holding = threading.Event(), threading.Event()

    def hold(_: Any = None) -> None:
        holding.set()
        over.wait(LONG)

    with Mock(clock=START) as mock, raw_port(well) as receiver:
        point(mock, receiver.url)
        buy(mock, 1)  # by a thread that the child does not have

        def in_thread() -> None:
            if held == "the world":
                with mock.world.lock:
                    hold()
            elif held == "the delivery":
                mock.world.bus.subscribe(hold)
                buy(mock, 2)

        thread = threading.Thread(target=in_thread)
        if held != "nothing":
            thread.start()
            assert holding.wait(LONG)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python's own, of threads and forks
            child = os.fork()
        if child == 0:
            code = 1
            try:
                over.set()
                made = buy(mock, 3).status_code == 200
                code = 0 if made and mock.webhooks.flush() == 0 and mock.webhooks.pending == 0 else 2
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        over.set()
        if held != "nothing":
            thread.join(LONG)
        until(lambda: len(receiver.requests) >= 2)
    assert os.waitstatus_to_exitcode(status) == 0
