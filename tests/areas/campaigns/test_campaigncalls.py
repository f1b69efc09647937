"""Campaigncalls: to be listed, read and deleted, in both profiles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import CUSTOMER, SHOWN_TO, SOME_ID, TO, events, foreigner, plain_agent, refusal
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID


def a_call(mock: Mock, **members: Any) -> Any:
    campaign = members.pop("campaign_id", None) or mock.campaigns.create(name="spring").id
    return mock.campaigncalls.create(campaign_id=campaign, destination=TO, try_count=1, **members)


def test_a_campaigncall_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    call = a_call(either, reference_type="call", status="done", result="fail")
    shown = either.client.get(f"/v1.0/campaigncalls/{call.id}").json
    documented = either.world.profile.name == "documented"
    empty = dict.fromkeys(SHOWN_TO, "")
    stamps = "2026-03-01 09:00:00.000000" if documented else "2026-03-01T09:00:00Z"
    wanted = {
        "id": call.id,
        "customer_id": CUSTOMER,
        "campaign_id": call.campaign_id,
        **dict.fromkeys(("outplan_id", "outdial_id", "outdial_target_id", "queue_id"), NIL_UUID),
        **dict.fromkeys(("activeflow_id", "flow_id"), NIL_UUID),
        "reference_type": "call",
        "reference_id": NIL_UUID,
        "status": "done",
        "result": "fail",
        "source": empty if documented else {},
        "destination": SHOWN_TO if documented else TO,
        "destination_index": 0,
        "try_count": 1,
        "tm_create": shown["tm_create"],
        "tm_update": None,
        "tm_delete": None,
    }
    assert shown == wanted
    assert list(shown) == list(wanted)
    assert shown["tm_create"][:19] == stamps[:19]


def test_a_campaigns_own_list_has_its_calls_alone_and_in_pages(either: Mock) -> None:
    spring, autumn = either.campaigns.create(name="spring"), either.campaigns.create(name="autumn")
    made = [a_call(either, campaign_id=spring.id).id for _ in range(3)]
    other = a_call(either, campaign_id=autumn.id).id
    path = f"/v1.0/campaigns/{spring.id}/campaigncalls"
    page = either.client.get(path, query_string={"page_size": "2"}).json
    assert [call["id"] for call in page["result"]] == [made[2], made[1]]
    rest = either.client.get(path, query_string={"page_token": page["next_page_token"]}).json
    assert [call["id"] for call in rest["result"]] == [made[0]]
    everything = either.client.get("/v1.0/campaigncalls").json["result"]
    assert [call["id"] for call in everything] == [other, *made[::-1]]


def test_the_checks_of_a_campaigns_own_list_come_in_the_services_order(either: Mock) -> None:
    campaign = either.campaigns.create(name="spring")
    path, missing = f"/v1.0/campaigns/{campaign.id}/campaigncalls", f"/v1.0/campaigns/{SOME_ID}/campaigncalls"
    documented = either.world.profile.name == "documented"
    assert refusal(either.anonymous.get(path)) == (401, "AUTHENTICATION_REQUIRED")
    assert refusal(either.client.get("/v1.0/campaigns/5/campaigncalls")) == (400, "INVALID_ID")
    assert refusal(either.client.get(missing, query_string={"page_size": "x"})) == (400, "INVALID_REQUEST_PARAMETER")
    assert refusal(either.client.get(missing)) == (404, "CAMPAIGN_NOT_FOUND")
    foreign = either.anonymous.get(path, query_string={"token": foreigner(either)})
    assert refusal(foreign) == ((404, "CAMPAIGN_NOT_FOUND") if documented else (403, "PERMISSION_DENIED"))
    assert refusal(plain_agent(either).get(path)) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_and_a_foreign_campaigncall_are_told_apart_by_the_server(either: Mock, method: str) -> None:
    call = a_call(either, status="done")
    documented = either.world.profile.name == "documented"
    missing = either.client.open(f"/v1.0/campaigncalls/{SOME_ID}", method=method)
    assert refusal(missing) == (404, "CAMPAIGNCALL_NOT_FOUND")
    foreign = either.anonymous.open(
        f"/v1.0/campaigncalls/{call.id}", method=method, query_string={"token": foreigner(either)}
    )
    assert refusal(foreign) == ((404, "CAMPAIGNCALL_NOT_FOUND") if documented else (403, "PERMISSION_DENIED"))


def test_a_campaigncall_that_is_done_is_deleted(either: Mock) -> None:
    call = a_call(either, status="done")
    path = f"/v1.0/campaigncalls/{call.id}"
    either.advance(1)
    gone = either.client.delete(path).json
    assert gone["tm_update"] == gone["tm_delete"] > gone["tm_create"]
    assert either.client.get(path).json == gone
    assert events(either) == ["campaigncall_deleted"]
    listed = 1 if either.world.profile.name == "server" else 0
    for where in ("/v1.0/campaigncalls", f"/v1.0/campaigns/{call.campaign_id}/campaigncalls"):
        assert len(either.client.get(where).json["result"]) == listed


@pytest.mark.parametrize("status", ["dialing", "progressing"])
@pytest.mark.differs("early-delete")
def test_a_campaigncall_in_flight_is_not_deleted(either: Mock, status: str) -> None:
    call = a_call(either, status=status)
    reply = either.client.delete(f"/v1.0/campaigncalls/{call.id}")
    if either.world.profile.name == "documented":
        assert refusal(reply) == (409, "STATE_INVALID")
    else:
        assert reply.status_code == 200
        zeros = reply.json
        assert list(zeros) == list(either.client.get(f"/v1.0/campaigncalls/{call.id}").json)
        assert zeros["source"] == zeros["destination"] == {}
        assert {zeros[name] for name in zeros if name.endswith("id")} == {NIL_UUID}
        assert {zeros["status"], zeros["result"], zeros["reference_type"]} == {""}
        assert zeros["tm_create"] is None
    assert either.campaigncalls.get(call.id) == call
    assert not events(either)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_nobody_makes_or_changes_a_campaigncall(either: Mock, method: str) -> None:
    for path in ("/v1.0/campaigncalls", f"/v1.0/campaigncalls/{a_call(either).id}"):
        assert refusal(either.client.open(path, method=method, json={})) == (404, "ROUTE_NOT_FOUND")
