"""The customer's URL hears of every event: signed, up to three times, and without leaving this machine."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import flask
import pytest

from voipbin_mock import Mock, MockUsageError
from voipbin_mock.delivery.receivers import Webhook

START = "2026-03-01T09:00:00Z"
SECRET = "0123456789abcdefghijklmnopqrstuv"
PROFILES = pytest.mark.parametrize("profile", ["documented", "server"])


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock(clock=START) as mock:
        yield mock


def buy(mock: Mock, number: str = "+899100000001") -> dict[str, Any]:
    """Something that an event is published for."""
    bought: dict[str, Any] = mock.client.post("/v1.0/numbers", json={"number": number, "type": "virtual"}).json
    return bought


class Port(ThreadingHTTPServer):
    """A receiver on a real port that answers with the given codes, then with 200."""

    daemon_threads = True

    def __init__(self, codes: list[int]) -> None:
        self.codes, self.seen = codes, list[tuple[str, dict[str, str], bytes]]()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks"


class Handler(BaseHTTPRequestHandler):
    server: Port

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((f"{self.command} {self.path}", dict(self.headers), body))
        code = self.server.codes.pop(0) if self.server.codes else 200
        self.send_response(code)
        if code in (301, 307):
            self.send_header("Location", f"{self.path}/next")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nobody needs to know."""


@contextmanager
def port(*codes: int) -> Iterator[Port]:
    with Port(list(codes)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def point(mock: Mock, url: str, method: str = "POST") -> None:
    """As a customer does it: by the API."""
    known = mock.client.get("/v1.0/customer").json
    body = {name: known[name] for name in ("name", "detail", "email", "phone_number", "address")}
    body |= {"webhook_uri": url, "webhook_method": method}
    assert mock.client.put("/v1.0/customer", json=body).status_code == 200


# --- what is delivered ---------------------------------------------------------------------------


@PROFILES
def test_a_receiver_hears_the_record_as_the_api_shows_it(profile: str) -> None:
    heard: list[Webhook] = []
    with Mock(profile) as mock:
        mock.webhooks.connect(heard.append)
        bought = buy(mock)
    assert [webhook.type for webhook in heard] == ["number_created"]
    assert heard[0].data == bought
    assert heard[0].body.decode() == json.dumps(
        {"type": "number_created", "data": bought}, separators=(",", ":"), ensure_ascii=False
    )
    assert heard[0].headers["Content-Type"] == "application/json"


def test_the_signature_is_the_hmac_of_the_body_under_the_customers_secret(mock: Mock) -> None:
    heard: list[Webhook] = []
    mock.customers.update(mock.customers.list()[0].id, webhook_secret=SECRET)
    mock.webhooks.connect(heard.append)
    buy(mock)
    wanted = hmac.new(SECRET.encode(), heard[0].body, hashlib.sha256).hexdigest()
    assert heard[0].signature == heard[0].headers["X-VoIPBIN-Signature"] == f"sha256={wanted}"


def test_without_a_secret_or_when_told_so_nothing_is_signed(mock: Mock) -> None:
    heard: list[Webhook] = []
    mock.webhooks.connect(heard.append)
    mock.customers.update(mock.customers.list()[0].id, webhook_secret="")
    buy(mock, "+899100000001")
    mock.customers.update(mock.customers.list()[0].id, webhook_secret=SECRET)
    mock.webhooks.signed = False
    buy(mock, "+899100000002")
    assert [webhook.signature for webhook in heard] == ["", ""]


def test_a_customer_without_a_url_hears_nothing(mock: Mock) -> None:
    mock.customers.update(mock.customers.list()[0].id, webhook_uri="")
    buy(mock)
    assert mock.webhooks.deliveries == []


def test_what_a_test_does_itself_is_told_at_once(mock: Mock) -> None:
    heard: list[Webhook] = []
    mock.webhooks.connect(heard.append)
    flow = mock.flows.create(name="waits", actions=[{"type": "sleep", "option": {"duration": 60_000}}])
    call = mock.phone("+15550100001").calls(flow)
    mock.webhooks.flush()
    assert [each.type for each in heard if each.data["id"] == call.id][:1] == ["call_created"]
    assert call.status == "ringing"


def test_a_seed_tells_nobody_anything() -> None:
    with Mock(seed="tutorial") as mock:
        assert mock.webhooks.deliveries == []


def test_an_empty_method_is_sent_as_get_with_a_body(mock: Mock) -> None:
    with port() as receiver:
        point(mock, receiver.url, method="")
        buy(mock)
    ((line, _, body),) = receiver.seen
    assert line == "GET /hooks"
    assert json.loads(body)["type"] == "number_created"


# --- attempts ------------------------------------------------------------------------------------


def moments(mock: Mock) -> list[tuple[str, int, float]]:
    """Outcome, attempt, and virtual seconds since the start."""
    start = datetime.fromisoformat(START.replace("Z", "+00:00")).timestamp()
    return [(d.outcome, d.attempt, d.microseconds / 1e6 - start) for d in mock.webhooks.deliveries]


def test_a_receiver_that_fails_twice_gets_three_deliveries_a_virtual_second_apart(mock: Mock) -> None:
    mock.customers.update(mock.customers.list()[0].id, webhook_secret=SECRET)
    with port(500, 503) as receiver:
        point(mock, receiver.url)
        buy(mock)
        assert len(receiver.seen) == 1
        mock.advance(seconds=1)
        assert len(receiver.seen) == 2
        mock.advance(hours=1)
    assert moments(mock) == [("failed", 1, 0.0), ("failed", 2, 1.0), ("delivered", 3, 2.0)]
    assert len({(line, body) for line, _, body in receiver.seen}) == 1
    for _, headers, body in receiver.seen:
        wanted = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["X-VoIPBIN-Signature"] == f"sha256={wanted}"


def test_after_three_failures_nobody_tries_again(mock: Mock) -> None:
    with port(500, 500, 500, 500) as receiver:
        point(mock, receiver.url)
        buy(mock)
        mock.advance(hours=1)
        assert len(receiver.seen) == 3
        assert mock.webhooks.pending == 0


@pytest.mark.parametrize("code", [200, 204, 400, 404, 499])
def test_any_answer_below_500_counts_as_delivered(code: int, mock: Mock) -> None:
    with port(code) as receiver:
        point(mock, receiver.url)
        buy(mock)
        mock.advance(minutes=1)
        assert len(receiver.seen) == 1
    (delivery,) = mock.webhooks.deliveries
    assert (delivery.outcome, delivery.status) == ("delivered", code)


def test_a_port_that_nobody_listens_on_is_tried_three_times(mock: Mock) -> None:
    with port() as gone:
        url = gone.url
    point(mock, url)
    buy(mock)
    mock.advance(minutes=1)
    assert moments(mock) == [("failed", 1, 0.0), ("failed", 2, 1.0), ("failed", 3, 2.0)]
    assert "ConnectionRefusedError" in mock.webhooks.deliveries[0].error


def test_redirects_are_followed_twice(mock: Mock) -> None:
    with port(307, 307, 200, 307, 307, 307) as receiver:
        point(mock, receiver.url)
        buy(mock, "+899100000001")
        buy(mock, "+899100000002")
    assert [delivery.outcome for delivery in mock.webhooks.deliveries] == ["delivered", "failed"]
    assert "more than 2 redirects" in mock.webhooks.deliveries[1].error
    assert receiver.seen[2][0] == "POST /hooks/next/next"


def test_flush_makes_every_attempt_at_once_and_leaves_the_clock_alone(mock: Mock) -> None:
    before = mock.now
    with port(500, 500) as receiver:
        point(mock, receiver.url)
        buy(mock)
        assert mock.webhooks.pending == 1
        assert mock.webhooks.flush() == 2
        assert len(receiver.seen) == 3
    assert moments(mock)[-1] == ("delivered", 3, 2.0)
    assert mock.now == before


def test_nothing_leaves_this_machine(mock: Mock) -> None:
    point(mock, "https://webhooks.acme-corp.com/voipbin")
    buy(mock)
    (delivery,) = mock.webhooks.deliveries
    assert delivery.outcome == "not sent"
    assert "connect a receiver" in delivery.error
    assert mock.webhooks.pending == 0


def test_a_method_that_is_none_is_told(mock: Mock) -> None:
    with port() as receiver:
        mock.customers.update(mock.customers.list()[0].id, webhook_uri=receiver.url, webhook_method="SEND")
        buy(mock)
        assert receiver.seen == []
    assert "'SEND' is no method for webhooks" in mock.webhooks.deliveries[0].error


# --- receivers without a socket ------------------------------------------------------------------


def test_a_wsgi_app_receives_without_a_socket(mock: Mock) -> None:
    app = flask.Flask("receiver")
    seen: list[Any] = []

    @app.post("/hooks/voipbin")
    def hook() -> tuple[str, int]:
        seen.append((flask.request.json, flask.request.headers["Content-Type"], flask.request.args["k"]))
        return "", 204

    mock.webhooks.connect(app, "https://my.app/hooks/voipbin?k=v")
    bought = buy(mock)
    assert seen == [({"type": "number_created", "data": bought}, "application/json", "v")]
    assert mock.webhooks.deliveries[0].status == 204


def test_an_asgi_app_receives_without_a_socket_or_a_loop(mock: Mock) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        seen.append((scope["path"], scope["method"], json.loads(message["body"])["type"]))
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    mock.webhooks.connect(app, "https://my.app/hooks")
    buy(mock)
    assert seen == [("/hooks", "POST", "number_created")]
    assert mock.webhooks.deliveries[0].status == 202


def test_a_coroutine_can_receive_even_while_a_loop_is_running(mock: Mock) -> None:
    import asyncio

    seen: list[str] = []

    async def receiver(webhook: Webhook) -> int:
        await asyncio.sleep(0)
        seen.append(webhook.type)
        return 200

    async def main() -> None:
        buy(mock)

    mock.webhooks.connect(receiver)
    asyncio.run(main())
    assert seen == ["number_created"]


def test_a_receiver_may_call_back_into_the_mock_and_hears_of_that_too(mock: Mock) -> None:
    heard: list[str] = []

    def receiver(webhook: Webhook) -> None:
        heard.append(webhook.type)
        if webhook.type == "number_created":
            mock.client.delete(f"/v1.0/numbers/{webhook.data['id']}")
            heard.append("done")

    mock.webhooks.connect(receiver)
    buy(mock)
    assert heard == ["number_created", "done", "number_deleted"]


def test_a_receiver_on_a_port_may_call_back_over_the_port_of_the_mock(mock: Mock) -> None:
    server = mock.serve()
    heard: list[str] = []
    called_back = threading.Event()

    class Caller(Handler):
        def answer(self) -> None:
            from urllib.request import urlopen

            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append(body["type"])
            with urlopen(f"{server.origin}/v1.0/numbers/{body['data']['id']}?accesskey={mock.accesskey}") as reply:
                heard.append(json.load(reply)["number"])
            called_back.set()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = answer  # noqa: N815

    with port() as receiver:
        receiver.RequestHandlerClass = Caller
        point(mock, receiver.url)
        buy(mock)
        assert called_back.wait(10)  # a busy machine is waited for no longer than the mock's patience
    assert heard == ["number_created", "+899100000001"]


def test_a_receiver_that_waits_for_the_very_call_does_not_hold_it_up(mock: Mock) -> None:
    answered = threading.Event()

    class Stuck(Handler):
        def answer(self) -> None:
            assert answered.wait(5)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = answer  # noqa: N815

    mock.webhooks.patience = 0.01
    with port() as receiver:
        receiver.RequestHandlerClass = Stuck
        point(mock, receiver.url)
        buy(mock)
        assert mock.webhooks.pending == 1
        answered.set()
        mock.webhooks.flush()
    assert [delivery.outcome for delivery in mock.webhooks.deliveries] == ["delivered"]


def test_the_thread_that_calls_receivers_ends_with_the_mock() -> None:
    with Mock() as mock, port() as receiver:
        point(mock, receiver.url)
        buy(mock)
        (courier,) = [thread for thread in threading.enumerate() if thread.name == "voipbin-mock-webhooks"]
    courier.join(5)
    assert not courier.is_alive()


def test_a_receiver_that_raises_is_tried_again_and_its_error_kept(mock: Mock) -> None:
    tries: list[int] = []

    def receiver(webhook: Webhook) -> None:
        tries.append(webhook.attempt)
        if len(tries) == 1:
            raise LookupError("no such order")

    mock.webhooks.connect(receiver)
    buy(mock)
    mock.advance(seconds=1)
    assert tries == [1, 2]
    assert mock.webhooks.deliveries[0].error == "the receiver raised LookupError: no such order"
    assert "number_created attempt 1" in mock.webhooks.report()


def test_a_disconnected_receiver_hears_no_more(mock: Mock) -> None:
    heard: list[Webhook] = []
    disconnect = mock.webhooks.connect(heard.append)
    disconnect()
    buy(mock)
    assert heard == []


def test_what_is_no_receiver_is_refused(mock: Mock) -> None:
    with pytest.raises(TypeError, match="a callable, a WSGI app or an ASGI app"):
        mock.webhooks.connect("http://127.0.0.1")


# --- tricks --------------------------------------------------------------------------------------


@pytest.fixture
def heard(mock: Mock) -> list[str]:
    numbers: list[str] = []
    mock.webhooks.connect(lambda webhook: numbers.append(webhook.data["number"][-1]))
    return numbers


def test_a_dropped_webhook_is_lost_and_logged(mock: Mock, heard: list[str]) -> None:
    mock.webhooks.drop()
    for n in range(1, 4):
        buy(mock, f"+89910000000{n}")
    mock.advance(minutes=1)
    assert heard == ["2", "3"]
    assert [delivery.outcome for delivery in mock.webhooks.deliveries] == ["dropped", "delivered", "delivered"]


def test_a_duplicated_webhook_comes_twice(mock: Mock, heard: list[str]) -> None:
    mock.webhooks.duplicate(2)
    for n in range(1, 4):
        buy(mock, f"+89910000000{n}")
    assert heard == ["1", "1", "2", "2", "3"]


def test_a_delayed_webhook_comes_after_later_ones(mock: Mock, heard: list[str]) -> None:
    mock.webhooks.delay(30)
    buy(mock, "+899100000001")
    buy(mock, "+899100000002")
    mock.advance(seconds=29)
    assert heard == ["2"]
    mock.advance(seconds=1)
    assert heard == ["2", "1"]


def test_reordered_webhooks_come_last_one_first(mock: Mock, heard: list[str]) -> None:
    mock.webhooks.reorder(3)
    for n in range(1, 5):
        buy(mock, f"+89910000000{n}")
    assert heard == ["3", "2", "1", "4"]


def test_what_waits_for_companions_is_delivered_by_flush(mock: Mock, heard: list[str]) -> None:
    mock.webhooks.reorder(3)
    buy(mock, "+899100000001")
    assert (heard, mock.webhooks.pending) == ([], 1)
    mock.webhooks.flush()
    assert (heard, mock.webhooks.pending) == (["1"], 0)


def test_tricks_can_be_played_on_some_types_only(mock: Mock, heard: list[str]) -> None:
    mock.webhooks.drop(types="number_del*")
    bought = buy(mock)
    mock.client.delete(f"/v1.0/numbers/{bought['id']}")
    assert heard == ["1"]


@pytest.mark.parametrize("wrong", [0, -1, True, "2"])
def test_counts_that_are_none_are_refused(wrong: Any, mock: Mock) -> None:
    for trick in (mock.webhooks.drop, mock.webhooks.duplicate, mock.webhooks.reorder):
        with pytest.raises(MockUsageError, match="must be a number, at least"):
            trick(wrong)
    with pytest.raises(MockUsageError, match="must be a number, at least 1"):
        mock.webhooks.delay(1, wrong)


def test_a_reset_forgets_deliveries_and_tricks_and_keeps_receivers(mock: Mock, heard: list[str]) -> None:
    mock.webhooks.drop()
    mock.webhooks.delay(5)
    url = mock.customers.list()[0].webhook_uri
    mock.reset()
    mock.customers.update(mock.customers.list()[0].id, webhook_uri=url)
    buy(mock)
    assert heard == ["1"]


# --- the control API -----------------------------------------------------------------------------


def test_the_control_api_tells_and_flushes_and_plays_tricks(mock: Mock) -> None:
    control = mock.anonymous
    with port(500) as receiver:
        point(mock, receiver.url)
        assert control.post("/__mock__/webhooks/tricks", json={"drop": 1}).status_code == 200
        buy(mock, "+899100000001")
        bought = buy(mock, "+899100000002")
        told = control.get("/__mock__/webhooks").json
        assert [(d["outcome"], d["status"]) for d in told["deliveries"]] == [("dropped", None), ("failed", 500)]
        assert told["pending"] == 1
        assert control.post("/__mock__/webhooks/flush").json["attempts"] == 1
        last = control.get("/__mock__/webhooks?after=2").json["deliveries"]
        assert [(d["outcome"], d["attempt"], d["time"]) for d in last] == [
            ("delivered", 2, "2026-03-01T09:00:01.000000Z")
        ]
        assert json.loads(last[0]["body"])["data"] == bought
    events = control.get("/__mock__/events").json["events"]
    assert [event["type"] for event in events] == ["number_created"] * 2
    assert events[1]["data"] == bought
    control.delete("/__mock__/webhooks")
    assert control.get("/__mock__/webhooks").json == {"deliveries": [], "pending": 0}


def test_a_delivery_is_made_again_from_its_first_attempt_and_no_trick_touches_it(mock: Mock) -> None:
    control = mock.anonymous
    with port(404, 500, 200) as receiver:
        point(mock, receiver.url)
        buy(mock)
        mock.webhooks.drop()
        made = control.post("/__mock__/webhooks/1/again").json
        assert [(one["number"], one["attempt"], one["outcome"]) for one in made["deliveries"]] == [(2, 1, "failed")]
        assert made["pending"] == 1
        mock.advance(seconds=1)
    first, second = (body for _, _, body in receiver.seen[:2])
    assert first == second
    signatures = [headers["X-VoIPBIN-Signature"] for _, headers, _ in receiver.seen]
    assert len(signatures) == 3
    assert len(set(signatures)) == 1
    buy(mock, "+899100000002")
    assert [one.outcome for one in mock.webhooks.deliveries] == ["delivered", "failed", "delivered", "dropped"]
    assert control.post("/__mock__/webhooks/99/again").status_code == 404
    assert control.post("/__mock__/webhooks/first/again").status_code == 404


def test_the_tricks_that_are_planned_are_told_of(mock: Mock) -> None:
    mock.webhooks.drop(2, types="number_*")
    mock.webhooks.delay(1.5)
    mock.webhooks.reorder(2, types="outdial_*")
    point(mock, "http://127.0.0.1:1/hooks")
    buy(mock)
    mock.client.post("/v1.0/outdials", json={"name": "one", "detail": "d"})
    assert mock.anonymous.get("/__mock__/webhooks").json["tricks"] == [
        {"kind": "drop", "left": 1, "types": "number_*"},
        {"kind": "reorder", "left": 1, "types": "outdial_*", "held": 1},
    ]
    mock.webhooks.clear()
    assert "tricks" not in mock.anonymous.get("/__mock__/webhooks").json


def test_a_long_log_is_taken_in_pieces(mock: Mock) -> None:
    point(mock, "http://127.0.0.1:1/hooks")
    for last in range(1, 5):
        buy(mock, f"+89910000000{last}")

    def told(query: str) -> list[Any]:
        return list(mock.anonymous.get(f"/__mock__/webhooks{query}").json["deliveries"])

    assert [one["number"] for one in told("?limit=2")] == [3, 4]
    assert [one["number"] for one in told("?after=1&limit=2")] == [3, 4]
    assert [one["number"] for one in told("?after=3")] == [4]
    assert told("?limit=0") == []
    assert [one.number for one in mock.webhooks.newest(1)] == [4]
    whole = mock.anonymous.get("/__mock__/webhooks/2").json
    assert whole == told("")[1]
    (brief,) = told("?after=1&brief=yes&limit=3")[:1]
    assert {**brief, "headers": whole["headers"], "body": whole["body"]} == whole
    assert told("?brief=true") == told("?brief=yes")
    assert told("?brief=no") == told("")
    for number in ("0", "9", "two", "-1"):
        assert mock.anonymous.get(f"/__mock__/webhooks/{number}").status_code == 404
    reply = mock.anonymous.get("/__mock__/webhooks?brief=1")
    assert (reply.status_code, reply.json["error"]["message"]) == (400, "brief is yes or no.")


def test_what_nobody_was_there_to_hear_of_is_delivered_once_somebody_is(mock: Mock) -> None:
    point(mock, "https://hooks.example.com/voipbin")
    bought = buy(mock)
    assert [one.outcome for one in mock.webhooks.deliveries] == ["not sent"]
    heard: list[Webhook] = []
    mock.webhooks.connect(heard.append, "https://hooks.example.com/voipbin")
    assert [one.outcome for one in mock.webhooks.again(1)] == ["delivered"]
    assert [(one.type, one.data) for one in heard] == [("number_created", bought)]
    with pytest.raises(LookupError, match="no delivery 7"):
        mock.webhooks.again(7)


@pytest.mark.parametrize("call", ["flush", "1/again"])
def test_a_receiver_may_call_back_while_the_control_api_lets_it_hear(mock: Mock, call: str) -> None:
    mock.serve()
    answers: list[int] = []

    def calls_back(webhook: Webhook) -> None:
        thread = threading.Thread(target=lambda: answers.append(mock.client.get("/v1.0/me").status_code))
        thread.start()
        thread.join(5)

    mock.webhooks.connect(calls_back)
    mock.webhooks.delay(60, 1)
    buy(mock)
    if call != "flush":
        mock.webhooks.flush()
        answers.clear()
    assert mock.anonymous.post(f"/__mock__/webhooks/{call}").status_code == 200
    assert answers == [200]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"drop": 1, "delay": 1},
        {"drop": 0},
        {"delay": 1},
        {"drop": 1, "seconds": 1},
        {"lose": 1},
        {"drop": 1, "types": 1},
    ],
)
def test_tricks_that_make_no_sense_are_refused(body: Any, mock: Mock) -> None:
    assert mock.anonymous.post("/__mock__/webhooks/tricks", json=body).status_code == 400


@pytest.mark.parametrize("way", ["seed", "record"])
def test_a_customer_that_was_given_no_secret_signs_with_one_of_its_own(way: str) -> None:
    admin = {"username": "a", "password": "b", "permission": 32}
    with Mock(clock=START, seed={"customers": [{"name": "new"}], "agents": [admin]}) as mock:
        if way == "record":
            other = mock.customers.create(name="other")
            secret = other.webhook_secret
        else:
            secret = mock.client.get("/v1.0/customer").get_json()["webhook_secret"]
            heard: list[Webhook] = []
            mock.webhooks.connect(heard.append)
            buy(mock)
            mac = hmac.new(secret.encode(), heard[0].body, hashlib.sha256).hexdigest()
            assert heard[0].headers["X-VoIPBIN-Signature"] == f"sha256={mac}"
        assert len(secret) == 32
    assert mock.customers.create(webhook_secret="").webhook_secret == ""


# --- receivers that assert -----------------------------------------------------------------------


def doubts(webhook: Webhook) -> None:
    assert webhook.data["name"] == "right"


def test_an_assertion_that_fails_in_a_receiver_is_raised_when_the_mock_is_closed() -> None:
    mock = Mock(clock=START)
    mock.webhooks.connect(doubts)
    buy(mock)
    (delivery,) = mock.webhooks.deliveries
    assert (delivery.outcome, delivery.error.partition(":")[0]) == ("failed", "the receiver's assertion failed")
    with pytest.raises(AssertionError, match="right"):
        mock.close()
    mock.close()  # told once


def test_what_fails_first_is_what_is_told() -> None:
    def test() -> None:
        with Mock(clock=START) as mock:
            mock.webhooks.connect(doubts)
            buy(mock)
            raise LookupError

    with pytest.raises(LookupError):
        test()


def test_a_test_whose_receiver_asserts_in_vain_does_not_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def handler(webhook):
            assert webhook.data["name"] == "right"

        def buy(voipbin):
            voipbin.webhooks.connect(handler)
            voipbin.client.post("/v1.0/numbers", json={"number": "+899100000001", "type": "virtual"})

        def test_else_fine(voipbin):
            buy(voipbin)

        def test_that_fails(voipbin):
            buy(voipbin)
            assert not "the test's own"
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*assert '' == 'right'*", "*webhooks that failed*", "*number_created*assertion failed*"]
    )


def test_what_a_control_call_brings_about_is_heard_of_before_its_answer(mock: Mock) -> None:
    heard: list[str] = []
    mock.webhooks.connect(lambda webhook: heard.append(webhook.type))
    inbound = {"from": "+15550100042", "to": "+15559876543", "text": "hello"}
    assert mock.client.post("/__mock__/inbound/sms", json=inbound).status_code == 200
    assert "conversation_message_created" in heard
