"""What a user's type checker sees; `.ci/run` checks this file as strictly as it can.

The lines that end in a `type: ignore` are mistakes that must be found.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest
import requests
from typing_extensions import assert_type

from voipbin_mock import Clock, Exchange, Journal, Mock, Phone, PlannedFault, Snapshot, VoIPBINWarning, Webhook
from voipbin_mock.records import Address, Number, Outplan


@pytest.fixture
def plan(voipbin: Mock) -> Outplan:
    return voipbin.outplans.create(name="evening", source={"type": "tel", "target": "+15559876543"})


def records_complete(voipbin: Mock, plan: Outplan) -> None:
    assert_type(plan.dial_timeout, int)
    assert_type(plan.source, Address)
    assert_type(plan.source.target, str)
    assert_type(plan.tm_create, datetime)
    assert_type(plan.tm_update, "datetime | None")
    assert_type(voipbin.outplans.list(name="evening"), "list[Outplan]")
    assert_type(voipbin.outplans.get(plan.id), Outplan)
    assert_type(voipbin.outplans.update(plan.id, name="late"), Outplan)
    assert_type(voipbin.outplans.delete(plan.id), Outplan)
    for number in voipbin.numbers:
        assert_type(number, Number)
    _ = plan.dial_tiemout  # type: ignore[attr-defined]
    voipbin.outplans.get(5)  # type: ignore[arg-type]


def clients_fit(voipbin: Mock) -> None:
    httpx.Client(transport=voipbin.httpx_transport(), base_url=voipbin.url, headers=voipbin.headers)
    httpx.AsyncClient(transport=voipbin.httpx_async_transport(), base_url=voipbin.url, params=voipbin.params)
    requests.Session().mount(voipbin.origin, voipbin.requests_adapter())
    reply = voipbin.client.get("/v1.0/outplans")
    assert_type(reply.status_code, int)
    assert reply.json["result"] == []
    assert voipbin.client_for("manager@localhost").post("/v1.0/outplans", json={}).json["error"]


def settings_are_known() -> None:
    with Mock("server", seed={"outplans": []}, clock=Clock("2026-03-01"), error="all", random_seed="x") as mock:
        assert_type(mock, Mock)
    Mock(profil="server")  # type: ignore[call-arg]
    Mock(clock=5)  # type: ignore[arg-type]


def what_happened_is_told(voipbin: Mock) -> None:
    assert_type(voipbin.advance(timedelta(days=1)), datetime)
    assert_type(voipbin.warnings, "list[VoIPBINWarning]")
    assert_type(voipbin.warnings[0].code, str)
    assert_type(voipbin.requests[-1].status, int)
    assert_type(voipbin.requests[-1].violations[0].pointer, str)
    with pytest.warns(VoIPBINWarning):
        assert_type(voipbin.report(), str)


def what_a_mock_gives_can_be_named(voipbin: Mock) -> None:
    def receiver(webhook: Webhook) -> None:
        assert_type(webhook.body, bytes)

    voipbin.webhooks.connect(receiver)
    assert_type(voipbin.journal[0], Exchange)
    assert_type(voipbin.journal[1:], "list[Exchange]")
    assert_type(voipbin.journal, Journal)
    assert_type(voipbin.snapshot(), Snapshot)
    assert_type(voipbin.phone("+15550100001"), Phone)
    assert_type(voipbin.stub("GET /flows", json={}), PlannedFault)


def names_that_are_not_there_are_found() -> None:
    from voipbin_mock import Mokc  # type: ignore[attr-defined]

    Mokc()
