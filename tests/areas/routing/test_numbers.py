"""Numbers: on offer, bought, kept, released."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.campaigning import events, refusal
from voipbin_mock import Mock

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
NIL = "00000000-0000-0000-0000-000000000000"
FLOW = "decc2634-0b2a-11eb-b38d-87a8f1051188"
SOME_ID = "c0ffee00-0000-4000-8000-000000000000"
FEATURES = {"emergency", "fax", "mms", "sms", "voice"}
VIRTUAL = "+899100000001"


def buy(mock: Mock, number: str, **body: Any) -> Any:
    return mock.client.post("/v1.0/numbers", json={"number": number, **body})


def offers(mock: Mock, query: str) -> Any:
    return mock.client.get(f"/v1.0/available_numbers?{query}")


# --- on the wire ---------------------------------------------------------------------------------


def test_a_bought_number_by_the_documents_to_the_letter(documented: Mock) -> None:
    reply = buy(documented, "+16062067563", name="main", detail="d", call_flow_id=FLOW)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","number":"+16062067563","type":"normal",'
        f'"call_flow_id":"{FLOW}","message_flow_id":"{NIL}","name":"main","detail":"d","status":"active",'
        '"t38_enabled":false,"emergency_enabled":false,"metadata":{"rtp_debug":false},'
        '"tm_purchase":"2026-03-01 09:00:00.000000","tm_renew":null,'
        '"tm_create":"2026-03-01 09:00:00.000000","tm_update":"9999-01-01 00:00:00.000000",'
        '"tm_delete":"9999-01-01 00:00:00.000000"}'
    )


def test_a_virtual_number_by_the_server_to_the_letter(server: Mock) -> None:
    reply = buy(server, VIRTUAL, type="virtual")
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","number":"{VIRTUAL}","type":"virtual",'
        f'"call_flow_id":"{NIL}","message_flow_id":"{NIL}","name":"","detail":"","status":"active",'
        '"t38_enabled":false,"emergency_enabled":false,"metadata":{"rtp_debug":false},'
        '"tm_purchase":null,"tm_renew":null,'
        '"tm_create":"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null}'
    )


# --- what is on offer ----------------------------------------------------------------------------


def test_offers_have_no_token_and_these_members_in_this_order(either: Mock) -> None:
    reply = offers(either, "country_code=US&page_size=3")
    assert reply.text.startswith('{"result":[{"number":"+1')
    assert list(reply.json) == ["result"]
    assert len(reply.json["result"]) == 3
    for offer in reply.json["result"]:
        assert list(offer) == ["number", "country", "region", "postal_code", "features"]
        assert offer["country"] == "US"
        assert set(offer["features"]) <= FEATURES


def test_the_number_that_the_pages_print_is_on_offer_and_can_be_bought_once(either: Mock) -> None:
    first = offers(either, "country_code=US&page_size=1").json["result"][0]
    assert first == {
        "number": "+12182558711",
        "country": "US",
        "region": "MN",
        "postal_code": "",
        "features": ["emergency", "fax", "voice", "sms", "mms"],
    }
    assert buy(either, first["number"]).status_code == 200
    again = offers(either, "country_code=US").json["result"]
    assert first["number"] not in [offer["number"] for offer in again]
    assert len(again) == 100


@pytest.mark.parametrize("query", ["", "country_code=", "type=normal", "type=", "page_size=5"])
def test_offers_need_a_country_unless_they_are_virtual(either: Mock, query: str) -> None:
    assert refusal(offers(either, query)) == (400, "INVALID_ARGUMENT")
    weak = either.client_for(either.agents.create(username="weak"))
    reply = weak.get("/v1.0/available_numbers?country_code=US")
    assert refusal(reply) == (403, "PERMISSION_DENIED")


def test_a_country_without_numbers_offers_none(either: Mock) -> None:
    assert offers(either, "country_code=ZZ").text == '{"result":[]}'


def test_virtual_offers_are_free_numbers_of_the_virtual_range(either: Mock) -> None:
    found = offers(either, "type=virtual&page_size=50").json["result"]
    assert len({offer["number"] for offer in found}) == 50
    for offer in found:
        assert re.fullmatch(r"\+899(?!000)[0-9]{9}", offer["number"])
        assert {**offer, "number": ""} == {
            "number": "",
            "country": "899",
            "region": "",
            "postal_code": "",
            "features": ["voice"],
        }
    assert buy(either, found[0]["number"], type="virtual").status_code == 200
    assert found[0] not in offers(either, "type=virtual").json["result"]


@pytest.mark.parametrize("query", ["page_size=", "page_size=x", "page_size=5&page_size=5"])
def test_offers_with_a_malformed_page_size_are_refused(either: Mock, query: str) -> None:
    assert refusal(offers(either, f"country_code=US&{query}")) == (400, "INVALID_REQUEST_PARAMETER")


# --- buying --------------------------------------------------------------------------------------


def test_an_empty_number_is_refused_before_the_permission_is_looked_at(either: Mock) -> None:
    weak = either.client_for(either.agents.create(username="weak"))
    for body in ({"number": ""}, {}):
        assert refusal(weak.post("/v1.0/numbers", json=body)) == (400, "INVALID_ARGUMENT")
    assert refusal(weak.post("/v1.0/numbers", json={"number": "+15550100001"})) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("status", ["none", "pending", "rejected"])
def test_a_customer_who_is_not_verified_may_buy_virtual_numbers_only(either: Mock, status: str) -> None:
    either.customers.update(CUSTOMER, identity_verification_status=status)
    assert refusal(buy(either, "+15550100001")) == (403, "IDENTITY_VERIFICATION_REQUIRED")
    assert buy(either, VIRTUAL, type="virtual").status_code == 200


BAD_VIRTUAL = ["+899000000001", "+8991000000011", "+89910000000", "+15550100001"]


@pytest.mark.parametrize("number", BAD_VIRTUAL)
def test_a_virtual_number_outside_its_range_cannot_be_had(documented: Mock, server: Mock, number: str) -> None:
    assert refusal(buy(documented, number, type="virtual")) == (400, "INVALID_ARGUMENT")
    assert refusal(buy(server, number, type="virtual")) == (500, "INTERNAL")
    assert server.requests[-1].hint  # why, for the person


@pytest.mark.parametrize("number", ["+899001000000", "+899999999999", VIRTUAL])
def test_a_virtual_number_inside_it_can(either: Mock, number: str) -> None:
    assert buy(either, number, type="virtual").json["type"] == "virtual"


@pytest.mark.differs("virtual-by-number")
def test_a_number_of_the_virtual_range_need_not_say_so_by_the_documents(documented: Mock, server: Mock) -> None:
    assert buy(documented, VIRTUAL).json["type"] == "virtual"
    assert refusal(buy(server, VIRTUAL)) == (500, "INTERNAL")


@pytest.mark.differs("number-failures")
def test_a_number_that_is_taken_cannot_be_bought_until_it_is_released(documented: Mock, server: Mock) -> None:
    for mock, answer in ((documented, (409, "STATE_INVALID")), (server, (500, "INTERNAL"))):
        first = buy(mock, "+15550100001").json
        assert refusal(buy(mock, "+15550100001")) == answer
        assert mock.client.delete(f"/v1.0/numbers/{first['id']}").status_code == 200
        assert buy(mock, "+15550100001").json["id"] != first["id"]


@pytest.mark.differs("number-failures")
def test_a_balance_that_does_not_suffice(documented: Mock, server: Mock) -> None:
    for mock, answer in ((documented, (402, "INSUFFICIENT_BALANCE")), (server, (500, "INTERNAL"))):
        mock.customers.update(CUSTOMER, balance=7)
        assert buy(mock, "+15550100001").status_code == 200
        assert refusal(buy(mock, "+15550100002")) == answer
        assert buy(mock, VIRTUAL, type="virtual").status_code == 200  # those are free


@pytest.mark.parametrize("number", ["15550100001", "+1555", "+1 555 010 0001", "+1555010000112345", "abc"])
def test_a_number_must_be_e164_by_the_documents(documented: Mock, number: str) -> None:
    reply = buy(documented, number)
    assert refusal(reply) == (400, "INVALID_ARGUMENT")
    assert reply.json["error"]["details"][0]["pointer"] == "/number"


def test_flow_ids_that_are_no_ids_are_none_in_the_server_and_invalid_by_the_documents(
    documented: Mock, server: Mock
) -> None:
    assert buy(server, "+15550100001", call_flow_id="my flow", message_flow_id=FLOW.upper()).json[
        "message_flow_id"
    ] == (FLOW)
    assert server.numbers.get(number="+15550100001").call_flow_id == NIL
    assert refusal(buy(documented, "+15550100001", call_flow_id="my flow")) == (400, "INVALID_ID")


# --- keeping -------------------------------------------------------------------------------------


def test_the_three_updates_replace_their_own_members_and_no_others(either: Mock) -> None:
    number = buy(either, "+15550100001", name="a", detail="b").json
    path = f"/v1.0/numbers/{number['id']}"
    for tail, body, shown in (
        ("", {"call_flow_id": NIL, "message_flow_id": NIL, "name": "c", "detail": "d"}, {}),
        ("/flow_ids", {"call_flow_id": FLOW, "message_flow_id": NIL}, {}),
        ("/metadata", {"rtp_debug": True}, {"metadata": {"rtp_debug": True}}),
    ):
        either.advance(1)
        changed = either.client.put(path + tail, json=body).json
        assert changed == {**number, **(shown or body), "tm_update": changed["tm_update"]}
        assert changed["tm_update"] != number["tm_update"]
        assert list(changed) == list(number)
        number = changed
    assert either.client.put(f"{path}/metadata", json={}).json["metadata"] == {"rtp_debug": False}


def test_a_number_is_led_to_flows_of_its_own_customer_only(documented: Mock, server: Mock) -> None:
    for mock, refused in ((documented, (400, "INVALID_ARGUMENT")), (server, (500, "INTERNAL"))):
        mine = mock.flows.create(name="mine").id
        gone = mock.flows.create(name="gone").id
        mock.flows.delete(gone)
        foreign = mock.flows.create(name="foreign", customer_id=mock.customers.create(name="another").id).id
        path = f"/v1.0/numbers/{buy(mock, VIRTUAL, type='virtual').json['id']}"
        body = {"call_flow_id": mine, "message_flow_id": mine, "name": "n", "detail": "d"}
        assert mock.client.put(path, json=body).json["message_flow_id"] == mine
        for member in ("call_flow_id", "message_flow_id"):
            for flow in (SOME_ID, gone, foreign):
                reply = mock.client.put(path, json={**body, "name": "changed", member: flow})
                assert refusal(reply) == refused
                (detail,) = json.loads(reply.text)["error"]["details"]
                assert (detail["pointer"], detail["value"]) == (f"/{member}", flow)
        assert mock.numbers.get(number=VIRTUAL).name == "n"
        assert mock.client.put(f"{path}/flow_ids", json={**body, "call_flow_id": SOME_ID}).status_code == 200


def test_a_released_number_is_gone(either: Mock) -> None:
    number = buy(either, "+15550100001").json
    path = f"/v1.0/numbers/{number['id']}"
    either.advance(1)
    gone = either.client.delete(path).json
    stamps = {"tm_update": gone["tm_delete"], "tm_delete": gone["tm_delete"]}
    assert gone == {**number, "status": "deleted", **stamps}
    body = {"call_flow_id": NIL, "message_flow_id": NIL, "name": "", "detail": ""}
    for reply in (
        either.client.get(path),
        either.client.delete(path),
        either.client.put(path, json=body),
        either.client.put(f"{path}/metadata", json={"rtp_debug": True}),
    ):
        assert refusal(reply) == (404, "RESOURCE_NOT_FOUND")
    listed = either.client.get("/v1.0/numbers").json["result"]
    assert number["id"] not in [row["id"] for row in listed]


def test_an_unknown_number_is_missing(either: Mock) -> None:
    assert refusal(either.client.get(f"/v1.0/numbers/{SOME_ID}")) == (404, "NUMBER_NOT_FOUND")


# --- renewing ------------------------------------------------------------------------------------


def renew(mock: Mock, until: str) -> Any:
    boss = next(iter(mock.agents.list(username="boss")), None) or mock.agents.create(username="boss", permission=1)
    return mock.client_for(boss).post("/v1.0/numbers/renew", json={"tm_renew": until})


def balance(mock: Mock) -> Any:
    (customer,) = mock.dump()["records"]["customers"]
    return customer["balance"]


@pytest.fixture
def bought(either: Mock) -> Any:
    """A normal number, bought on the first of March, and nothing else that could be renewed."""
    for number in either.numbers.list():
        either.numbers.delete(number.id)
    buy(either, VIRTUAL, type="virtual")
    return buy(either, "+15550100001").json


def test_a_super_admin_renews_every_number_that_was_renewed_before_a_moment(either: Mock, bought: Any) -> None:
    theirs = either.numbers.create(
        number="+15550100002", customer_id=either.customers.create(name="other").id, tm_renew="2026-03-01T10:00:00Z"
    ).id
    gone = buy(either, "+15550100003").json
    either.client.delete(f"/v1.0/numbers/{gone['id']}")
    either.advance(days=1)
    told = len(events(either))
    body = {"tm_renew": "2026-03-02 00:00:00.000000"}
    assert refusal(either.client.post("/v1.0/numbers/renew", json=body)) == (403, "PERMISSION_DENIED")
    assert renew(either, "2026-02-28 00:00:00.000000").text == "[]"
    assert [row["id"] for row in renew(either, "2026-03-01T09:30:00Z").json] == [bought["id"]]
    assert [row["id"] for row in renew(either, "2026-03-02").json] == [theirs]
    for number in (either.numbers.get(bought["id"]), either.numbers.get(theirs)):
        assert number.tm_renew == number.tm_update
        assert (number.tm_renew - either.now).total_seconds() == pytest.approx(0, abs=0.001)
    assert renew(either, "2026-03-02").text == "[]"
    assert len(events(either)) == told  # nobody is told


@pytest.mark.differs("D24")
def test_a_number_that_was_only_bought_has_no_renewal_by_the_documents(either: Mock, bought: Any) -> None:
    documented = either.world.profile.name == "documented"
    assert bought["tm_renew"] == (None if documented else bought["tm_purchase"])
    virtual = either.client.get(f"/v1.0/numbers/{either.numbers.get(number=VIRTUAL).id}").json
    assert (virtual["tm_purchase"], virtual["tm_renew"]) == (None, None)
    assert virtual["tm_delete"] == ("9999-01-01 00:00:00.000000" if documented else None)


@pytest.mark.differs("renewal-due")
def test_the_very_moment_of_the_last_renewal_is_before_it_by_the_documents_alone(either: Mock, bought: Any) -> None:
    either.advance(days=1)
    documented = either.world.profile.name == "documented"
    assert len(renew(either, bought["tm_purchase"]).json) == documented
    assert len(renew(either, "2026-03-01 10:00:00").json) == (not documented)


@pytest.mark.differs("renewal-moment")
def test_a_renewal_needs_a_moment(either: Mock, bought: Any) -> None:
    documented = either.world.profile.name == "documented"
    assert refusal(renew(either, "")) == ((400, "INVALID_ARGUMENT") if documented else (500, "INTERNAL"))
    assert refusal(renew(either, "tomorrow")) == (400, "INVALID_ARGUMENT")


def test_a_number_that_cannot_be_paid_for_is_released_instead(either: Mock, bought: Any) -> None:
    either.customers.update(CUSTOMER, balance=7)
    either.advance(days=1)
    assert [row["id"] for row in renew(either, "2026-03-02").json] == [bought["id"]]
    assert balance(either) == 2
    either.advance(days=1)
    told = len(events(either))
    assert renew(either, "2026-03-03").text == "[]"
    gone = either.numbers.get(bought["id"])
    assert (gone.status, gone.tm_delete) == ("deleted", gone.tm_update)
    assert events(either)[told:] == ["number_deleted"]


def test_a_second_renewal_in_a_month_is_free(either: Mock, bought: Any) -> None:
    either.customers.update(CUSTOMER, balance=20)
    left = []
    for days in (1, 1, 1, 31):
        either.advance(days=days)
        (renewed,) = renew(either, f"{either.now:%Y-%m-%dT%H:%M:%SZ}").json
        assert renewed["id"] == bought["id"]
        left.append(balance(either))
    assert left == [15, 15, 15, 10]


def test_numbers_of_a_frozen_account_are_released_when_they_are_due(either: Mock, bought: Any) -> None:
    either.customers.update(CUSTOMER, status="frozen")
    either.advance(days=1)
    assert renew(either, "2026-03-02").text == "[]"
    assert either.numbers.get(bought["id"]).tm_delete is not None


# --- the published pages -------------------------------------------------------------------------


def test_the_number_pages_run_from_top_to_bottom() -> None:
    with Mock(seed="tutorial", clock="2026-03-01T09:00:00Z", error="all") as mock:
        web, query = mock.anonymous, {"accesskey": mock.accesskey}
        kept, sold = "d5532488-0b2d-11eb-b18c-172ab8f2d3d8", "b7ee1086-fcbc-4f6f-96e5-7f9271e25279"
        listed = [row["id"] for row in web.get("/v1.0/numbers", query_string=query).json["result"]]
        assert {kept, sold} < set(listed)
        assert web.get(f"/v1.0/numbers/{kept}", query_string=query).json["number"] == "+16195734778"
        flows = {"call_flow_id": FLOW, "message_flow_id": NIL}
        for tail, body in (
            ("", {**flows, "name": "test name", "detail": "test detail"}),
            ("/flow_ids", flows),
            ("/metadata", {"rtp_debug": True}),
        ):
            assert web.put(f"/v1.0/numbers/{kept}{tail}", query_string=query, json=body).status_code == 200
        assert web.delete(f"/v1.0/numbers/{sold}", query_string=query).json["status"] == "deleted"
        bought = web.post("/v1.0/numbers", query_string=query, json={"number": "+16062067563"}).json
        assert (bought["number"], bought["status"]) == ("+16062067563", "active")
        virtual = web.post("/v1.0/numbers", query_string=query, json={"number": VIRTUAL}).json
        assert virtual["type"] == "virtual"
        boss = mock.client_for("superadmin@localhost")
        renewed = boss.post("/v1.0/numbers/renew", json={"tm_renew": "2023-02-01 00:00:00.000000"}).json
        assert [row["number"] for row in renewed] == ["+821100000001"]


# --- by themselves -------------------------------------------------------------------------------


def renewed(mock: Mock, number: str) -> str | None:
    at = mock.numbers.get(number=number).tm_renew
    return at and at.strftime("%m-%d %H")


def test_a_number_is_renewed_by_itself_after_four_weeks(either: Mock) -> None:
    buy(either, "+15550100001")
    buy(either, VIRTUAL, type="virtual")
    bought = None if either.world.profile.name == "documented" else "03-01 09"
    either.advance(days=28, hours=15)  # 03-30 00:00
    assert renewed(either, "+15550100001") == bought
    either.advance(hours=1)
    assert renewed(either, "+15550100001") == "03-30 01"
    either.advance(days=28)
    assert renewed(either, "+15550100001") == "03-30 01", "four weeks are not over yet: it was renewed after 01:00"
    either.advance(days=1)
    assert renewed(either, "+15550100001") == "04-28 01"
    assert renewed(either, VIRTUAL) is None
    assert "number_updated" not in events(either)


def test_what_its_customer_cannot_pay_for_is_released_by_itself(either: Mock) -> None:
    either.customers.update(CUSTOMER, balance=7)
    buy(either, "+15550100001")
    moment, state = either.snapshot(), either.dump()
    for back in (lambda: None, lambda: either.restore(moment), lambda: either.load(state)):
        back()
        assert either.numbers.list(number="+15550100001")
        either.advance(days=29)
        assert not either.numbers.list(number="+15550100001")
        assert "number_deleted" in events(either)


@pytest.mark.parametrize(("plan", "most"), [("free", 5), ("unlimited", None)])
def test_a_plan_allows_so_many_virtual_numbers(either: Mock, plan: str, most: int | None) -> None:
    payer = next(iter(either.billing_accounts.list()))
    either.billing_accounts.update(payer.id, plan_type=plan)
    there = sum(one.type == "virtual" for one in either.numbers.list())
    for n in range((most or 6) - there):
        assert buy(either, f"+89910000020{n}", type="virtual").status_code == 200
    reply = buy(either, "+899100000300", type="virtual")
    if most is None:
        assert reply.status_code == 200
        return
    documented = either.world.profile.name == "documented"
    assert refusal(reply) == ((429, "RESOURCE_LIMIT_EXCEEDED") if documented else (500, "INTERNAL"))
    assert buy(either, "+16062067563").status_code == 200, "others are not counted"
