"""The logs of events and deliveries: bounded in entries and bytes, readable, and said once where once will do."""

from __future__ import annotations

import json
import logging
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.support.receivers import buy, point
from voipbin_mock import Mock
from voipbin_mock.delivery import log
from voipbin_mock.world import bus

START = "2026-03-01T09:00:00Z"
SECRET_URL = "http://user:swordfish@127.0.0.1:1/hooks?token=swordfish"


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START) as mock:
        yield mock


# --- how much they keep ------------------------------------------------------------------------------


def enlarged(mock: Mock, detail: str, number: int = 1) -> None:
    """One event of a large record."""
    body = {"number": f"+8991{number:08}", "type": "virtual", "name": "large", "detail": detail}
    assert mock.client.post("/v1.0/numbers", json=body).status_code == 200


def test_the_log_of_events_forgets_the_oldest_when_they_are_too_large(
    mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "MOST_BYTES", 300_000)
    for n in range(8):
        enlarged(mock, f"{n}" * 100_000, n)
    kept = mock.anonymous.get("/__mock__/events").json["events"]
    assert [event["data"]["detail"][0] for event in kept] == ["6", "7"]
    assert [event["number"] for event in kept] == [7, 8]
    assert mock.world.bus.log.bytes <= 300_000


@pytest.mark.parametrize("heard", [True, False])
def test_the_log_of_deliveries_forgets_the_oldest_when_they_are_too_large(
    heard: bool, mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_BYTES", 300_000)
    if heard:
        mock.webhooks.connect(lambda webhook: None)
    for n in range(8):
        enlarged(mock, f"{n}" * 100_000, n)
    assert [delivery.number for delivery in mock.webhooks.deliveries] == [7, 8]
    assert mock.webhooks.deliveries[-1].data["detail"] == "7" * 100_000


def test_one_that_is_larger_than_all_may_be_is_kept_alone(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "MOST_BYTES", 1000)
    enlarged(mock, "1" * 50_000)
    enlarged(mock, "2" * 50_000, 2)
    assert [event.number for event in mock.world.bus.log] == [2]


def test_changes_of_a_large_record_cost_no_more_than_their_text() -> None:
    actions = [{"type": "talk", "option": {"text": f"{n}"}} for n in range(200)]
    body = {"name": "large", "detail": "d", "type": "flow", "service_level": 0, "end_handle": "stop",
            "actions": actions}  # fmt: skip
    with Mock(clock=START, ignore="all", strict=False) as mock:
        made = mock.client.post("/v1.0/campaigns", json=body)
        assert made.status_code == 200
        size = len(made.text)
        path = f"/v1.0/campaigns/{made.json['id']}/actions"
        assert mock.client.put(path, json={"actions": actions}).status_code == 200
        tracemalloc.start()
        try:
            for _ in range(10):
                mock.client.put(path, json={"actions": actions})
            grown, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(mock.world.bus.log) == 12
    # The journal has its request and its answer; a record takes ten times its text.
    assert grown < 4 * 10 * size


def test_retries_that_wait_are_bounded(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voipbin_mock.delivery.webhooks.MOST_PUT_OFF", 3)
    mock.webhooks.connect(lambda webhook: 500)
    for number in range(6):
        buy(mock, number)
    assert mock.webhooks.pending == 3
    assert "not tried again: too many wait" in mock.webhooks.deliveries[-1].error
    mock.webhooks.flush()
    buy(mock, 9)
    assert mock.webhooks.pending == 1


# --- what they say -----------------------------------------------------------------------------------


def test_a_delivery_has_all_that_the_control_api_tells(mock: Mock) -> None:
    mock.webhooks.connect(lambda webhook: 204, "https://my.app/hooks")
    bought = buy(mock).json
    (delivery,) = mock.webhooks.deliveries
    (told,) = mock.anonymous.get("/__mock__/webhooks").json["deliveries"]
    for name in told:
        assert getattr(delivery, name) == (told[name].encode() if name == "body" else told[name])
    assert delivery.data == bought
    assert delivery.signature == delivery.headers["X-VoIPBIN-Signature"]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (404, "it was called at /hooks: pass `url=` to connect(), with the path that your app takes webhooks at"),
        (405, "it was called at /hooks: pass `url=` to connect()"),
        (401, "is the signature verified with the customer's `webhook_secret`"),
        (400, "it counts as delivered, and is not tried again"),
    ],
)
def test_a_failing_tests_report_shows_what_a_receiver_refused(status: int, advice: str, mock: Mock) -> None:
    mock.webhooks.connect(lambda webhook: status, "https://my.app/hooks")
    buy(mock)
    sections = dict(mock.sections())
    told = sections["voipbin-mock webhooks that failed or were refused"]
    assert f"number_created attempt 1 POST https://my.app/hooks -> delivered {status}; {advice}" in told


def test_a_port_that_refuses_is_told_of_too(mock: Mock) -> None:
    from tests.support.receivers import raw_port

    with raw_port(lambda connection, over: connection.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")) as receiver:
        point(mock, receiver.url)
        buy(mock)
    assert "`webhook_uri` should have the path that your receiver takes webhooks at" in mock.webhooks.report()


def test_that_nothing_is_sent_is_said_once_for_each_url(mock: Mock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "voipbin_mock")
    for number in range(3):
        buy(mock, number)
    point(mock, "https://elsewhere.example.com/hooks")
    for number in range(3, 6):
        buy(mock, number)
    said = [record.getMessage() for record in caplog.records if "not sent" in record.getMessage()]
    assert said == [
        f"webhooks to {url} -> not sent: it leads off this machine; connect a receiver for it"
        for url in ("https://webhooks.acme-corp.com/voipbin", "https://elsewhere.example.com/hooks")
    ]
    assert len(mock.webhooks.deliveries) == 6


def test_a_password_in_a_url_is_in_no_log(mock: Mock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "voipbin_mock")
    point(mock, SECRET_URL)
    buy(mock)
    mock.advance(seconds=5)
    assert "http://***@127.0.0.1:1/hooks?token=***" in caplog.text
    assert "swordfish" not in caplog.text + mock.webhooks.report()


def test_the_log_over_the_control_api_is_json(mock: Mock) -> None:
    mock.webhooks.connect(lambda webhook: None)
    enlarged(mock, "ü <&> \u2028")
    (told,) = mock.anonymous.get("/__mock__/webhooks").json["deliveries"]
    assert json.loads(told["body"])["data"]["detail"] == "ü <&> \u2028"
