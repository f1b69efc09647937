"""Outbound configs: which countries may be called, and with what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import boss, refusal
from tests.support.queueing import is_documented
from voipbin_mock import Mock

NIL = "00000000-0000-0000-0000-000000000000"
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f7b"
NUMBER, VIRTUAL = (f"c0000000-0000-4000-8000-00000000000{n}" for n in (1, 2))
OURS = "+15559876543"


def put(mock: Mock, **members: Any) -> Any:
    return mock.client.put("/v1.0/outbound_config", json=members)


def call(mock: Mock, number: str) -> Any:
    body = {"source": {"type": "tel", "target": OURS}, "destinations": [{"type": "tel", "target": number}]}
    return mock.client.post("/v1.0/calls", json=body)


def test_a_put_changes_what_it_has_and_leaves_the_rest(either: Mock) -> None:
    before = either.client.get("/v1.0/outbound_config").json
    after = put(either, codecs="G722,telephone-event", detail=None, destination_whitelist=None).json
    assert after == {**before, "codecs": "G722,telephone-event", "tm_update": after["tm_update"]}
    assert put(either, destination_whitelist=[], codecs="").json["destination_whitelist"] == []
    assert either.client.get("/v1.0/outbound_config").json["codecs"] == ""
    assert put(either, name=None).status_code == 200
    assert refusal(either.client.put("/v1.0/outbound_config", data="{")) == (400, "INVALID_JSON_BODY")


def test_whoever_has_none_is_told_so(either: Mock) -> None:
    either.outbound_configs.delete(either.outbound_configs.list()[0].id)
    assert refusal(either.client.get("/v1.0/outbound_config")) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(put(either, codecs="")) == (404, "RESOURCE_NOT_FOUND")


WRONG = [
    {"destination_whitelist": ["us", "zz"]}, {"destination_whitelist": ["usa"]},
    {"destination_whitelist": ["us", " US "]},
    {"destination_whitelist": [" "]}, {"codecs": "PCMU,"}, {"codecs": "PC MU"}, {"codecs": "-PCMU"}, {"codecs": "PCMÜ"},
]  # fmt: skip


@pytest.mark.differs("outbound-values")
def test_countries_and_codecs_must_be_some(either: Mock) -> None:
    before = either.client.get("/v1.0/outbound_config").json
    wanted = (400, "INVALID_ARGUMENT") if is_documented(either) else (500, "INTERNAL")
    for body in (*WRONG, {"codecs": "A" * 256}):
        assert refusal(put(either, **body)) == wanted, body
    assert either.client.get("/v1.0/outbound_config").json == before
    assert put(either, destination_whitelist=["ac", "xk", " Us"], codecs="A" * 255).status_code == 200


def test_a_whitelist_is_of_texts_alone(either: Mock) -> None:
    assert refusal(put(either, destination_whitelist=[7])) == (400, "INVALID_JSON_BODY")
    assert refusal(put(either, default_outgoing_source_number_id="")) == (400, "INVALID_JSON_BODY")


@pytest.mark.differs("outbound-source")
def test_the_number_that_calls_come_from(either: Mock) -> None:
    name = "default_outgoing_source_number_id"
    kept = NUMBER if is_documented(either) else NIL
    assert put(either, **{name: NUMBER}).json[name] == kept
    assert put(either, codecs="").json[name] == kept
    for other in (VIRTUAL, UNKNOWN):
        reply = put(either, **{name: other})
        assert refusal(reply) == (400, "INVALID_ARGUMENT") if is_documented(either) else reply.json[name] == NIL
    assert put(either, **{name: NIL}).json[name] == NIL


# --- everybody's -----------------------------------------------------------------------------------


@pytest.mark.differs("outbound-list")
def test_super_admins_list_the_configs_of_all(either: Mock) -> None:
    mine = either.outbound_configs.list()[0].id
    other = either.customers.create(name="other").id
    theirs = either.outbound_configs.create(customer_id=other).id
    client = boss(either)

    def listed(**query: Any) -> list[str]:
        return [row["id"] for row in client.get("/v1.0/outbound_configs", query_string=query).json["result"]]

    wanted = [[theirs, mine], [theirs], []] if is_documented(either) else [[], [], []]
    assert [listed(), listed(customer_id=other), listed(customer_id=UNKNOWN)] == wanted
    bad = client.get("/v1.0/outbound_configs?customer_id=seven")
    assert refusal(bad) == (400, "INVALID_REQUEST_PARAMETER")
    assert refusal(either.client.get("/v1.0/outbound_configs")) == (403, "PERMISSION_DENIED")


@pytest.mark.differs("outbound-again", "outbound-updated")
def test_a_customer_has_one_at_most(either: Mock) -> None:
    client, config = boss(either), either.outbound_configs.list()[0].id
    assert refusal(client.post("/v1.0/outbound_configs", json={"name": "second"})) == (409, "STATE_INVALID")
    gone = client.delete(f"/v1.0/outbound_configs/{config}").json
    assert gone["tm_delete"].startswith("2026-03-01T09:00:00.00000")
    assert gone["tm_update"] is None
    for method in ("GET", "PUT", "DELETE"):
        again = client.open(f"/v1.0/outbound_configs/{config}", method=method, json={})
        assert refusal(again) == (404, "OUTBOUND_CONFIG_NOT_FOUND")
    reply = client.post("/v1.0/outbound_configs", json={"name": "second"})
    if is_documented(either):
        assert (reply.json["name"], reply.json["destination_whitelist"], reply.json["tm_update"]) == (
            "second",
            [],
            None,
        )
    else:
        assert refusal(reply) == (409, "STATE_INVALID")
        other = server_super(either).post("/v1.0/outbound_configs", json={}).json
        assert other["tm_update"] == other["tm_create"]


def server_super(mock: Mock) -> Any:
    """Who runs the service, as an agent of a customer that never had a config."""
    other = mock.customers.create(name="other").id
    return mock.client_for(mock.agents.create(username="chief@localhost", permission=1, customer_id=other))


# --- calls -----------------------------------------------------------------------------------------


def test_calls_go_to_countries_of_the_whitelist_once_it_is_set(either: Mock) -> None:
    assert call(either, "+33123456789").json["calls"], "nobody is held against the whitelist of the seeds"
    put(either, codecs="PCMA")
    assert call(either, "+33123456789").json["calls"]
    put(either, destination_whitelist=["us", "KR"])
    assert call(either, "+12025550123").json["calls"]
    for number in ("+33123456789", "+14165550123", "+821012345678"):  # Canada; and KR is none, in capitals
        reply = call(either, number)
        assert not reply.json.get("calls"), number
    put(either, destination_whitelist=[])
    assert not call(either, "+12025550123").json.get("calls")
    sip = {"source": {"type": "tel", "target": OURS}, "destinations": [{"type": "sip", "target": "ann@example.com"}]}
    assert either.client.post("/v1.0/calls", json=sip).json["calls"], "sip has no country"


COUNTRIES = {
    "+12125550123": "us", "+14165550123": "ca", "+18765550123": "jm", "+79161234567": "ru", "+77011234567": "kz",
    "+442071838750": "gb", "+441534123456": "je", "+390669812345": "va", "+390612345678": "it", "+5993123456": "bq",
    "+5999123456": "cw", "+899100000100": "", "+262269123456": "yt", "+999": "", "": "",
}  # fmt: skip


@pytest.mark.parametrize("number", COUNTRIES)
def test_a_number_is_of_the_country_that_its_beginning_says(documented: Mock, number: str) -> None:
    country = COUNTRIES[number]
    put(documented, destination_whitelist=[country or "us"])
    assert bool(call(documented, number).json.get("calls")) is bool(country)
