"""Providers, how they are checked, and the routes that choose among them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import CUSTOMER, SOME_ID, events, foreigner, plain_agent, refusal
from tests.support.queueing import is_documented
from voipbin_mock import Chance, Healthy, Mock, Unhealthy

PROVIDERS, ROUTES, SETUP = "/v1.0/providers", "/v1.0/routes", "/v1.0/providers/setup"
PROVIDER: dict[str, Any] = {
    "type": "sip", "hostname": "sip.example.com", "tech_prefix": "9", "tech_postfix": "#",
    "tech_headers": {"X-B": "2", "X-A": "1"}, "name": "carrier", "detail": "d", "codecs": "PCMU , PCMA",
}  # fmt: skip
EVERYBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def boss(either: Mock) -> Any:
    """A client of who runs the service."""
    return either.client_for(either.agents.create(username="boss@localhost", permission=1))


def make(client: Any, path: str = PROVIDERS, **members: Any) -> Any:
    route = {"customer_id": CUSTOMER, "name": "r", "detail": "", "provider_id": SOME_ID, "priority": 1, "target": "all"}
    return client.post(path, json={**(PROVIDER if path == PROVIDERS else route), **members})


def test_a_provider_is_kept_replaced_and_deleted(either: Mock, boss: Any) -> None:
    made = make(boss).json
    assert list(made) == [
        "id", "type", "hostname", "tech_prefix", "tech_postfix", "tech_headers", "name", "detail", "metadata",
        "codecs", "health_status", "health_checked_at", "tm_create", "tm_update", "tm_delete",
    ]  # fmt: skip
    assert list(made["tech_headers"]) == ["X-A", "X-B"]
    wanted = {"codecs": "PCMU,PCMA", "metadata": {}, "health_status": "unknown", "health_checked_at": None}
    assert made.items() >= wanted.items()
    either.advance(1)
    body = {**PROVIDER, "tech_headers": {}, "codecs": "", "name": "n"}
    changed = boss.put(f"{PROVIDERS}/{made['id']}", json=body).json
    assert changed == {**made, **body, "tm_update": changed["tm_update"]}
    gone = boss.delete(f"{PROVIDERS}/{made['id']}").json
    assert gone["tm_delete"] == gone["tm_update"]
    assert boss.get(f"{PROVIDERS}/{made['id']}").json == gone
    assert boss.get(PROVIDERS).json["result"] == []
    assert not [event for event in events(either) if event.startswith("provider_")]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"codecs": "PCMU,,PCMA"}, "INVALID_CODECS"),
        ({"codecs": "PCMU\r\n"}, "INVALID_CODECS"),
        ({"codecs": "PCMU(8000)"}, "INVALID_CODECS"),
        ({"codecs": "x" * 256}, "INVALID_CODECS"),
        ({"tech_headers": {"X-A": 1}}, "INVALID_ARGUMENT"),
    ],
)
def test_what_a_provider_cannot_have(either: Mock, boss: Any, members: dict[str, Any], reason: str) -> None:
    made = make(boss).json
    assert refusal(make(boss, **members)) == (400, reason)
    assert refusal(boss.put(f"{PROVIDERS}/{made['id']}", json={**PROVIDER, **members})) == (400, reason)
    first = "PERMISSION_DENIED" if reason == "INVALID_CODECS" else reason
    assert refusal(make(either.client, **members))[1] == first


def test_only_who_runs_the_service_has_to_do_with_them(either: Mock, boss: Any) -> None:
    provider, route = make(boss).json, make(boss, ROUTES).json
    key = {"accesskey": either.accesskey}
    for path, made in ((PROVIDERS, provider), (ROUTES, route)):
        for client in (either.client, plain_agent(either) if path == PROVIDERS else either.client):
            for reply in (client.get(path), make(client, path), client.get(f"{path}/{made['id']}"),
                          client.delete(f"{path}/{SOME_ID}")):  # fmt: skip
                assert refusal(reply) == (403, "PERMISSION_DENIED")
        assert refusal(either.anonymous.get(path, query_string=key)) == (403, "PERMISSION_DENIED")
    assert refusal(either.client.get(f"{PROVIDERS}/{SOME_ID}")) == (404, "PROVIDER_NOT_FOUND")
    assert refusal(either.client.get(f"{ROUTES}/{SOME_ID}")) == (403, "PERMISSION_DENIED")
    assert refusal(boss.get(f"{ROUTES}/{SOME_ID}")) == (404, "ROUTE_NOT_FOUND")
    assert foreigner(either)


# --- setting up --------------------------------------------------------------------------------------


@pytest.mark.differs("provider-key")
def test_a_trunk_is_set_up_at_a_carrier(either: Mock, boss: Any) -> None:
    body = {"carrier": "telnyx", "name": "trunk", "detail": "d", "credentials": {"api_key": "KEY_1"}}
    made = boss.post(SETUP, json=body).json
    assert (made["type"], made["hostname"], made["name"], made["detail"]) == ("sip", "sip.telnyx.com", "trunk", "d")
    assert list(made["metadata"]) == ["telnyx_connection_id", "telnyx_fqdn", "telnyx_fqdn_id", "telnyx_profile_id"]
    assert made["tm_update"] == made["tm_create"]
    again = boss.post(SETUP, json=body).json
    assert again["metadata"]["telnyx_fqdn_id"] != made["metadata"]["telnyx_fqdn_id"]
    for members, reason in (
        ({"credentials": {"api_key": "KEY_down"}}, "INVALID_ARGUMENT"),
        ({"credentials": {"api_key": ""}}, "INVALID_ARGUMENT"),
        ({"credentials": {}}, "INVALID_ARGUMENT"),
        ({"carrier": "another"}, "INVALID_ARGUMENT"),
        ({"name": ""}, "INVALID_ARGUMENT"),
    ):
        assert refusal(boss.post(SETUP, json={**body, **members})) == (400, reason)
    rejected = boss.post(SETUP, json={**body, "credentials": {"api_key": "KEY_invalid"}})
    assert refusal(rejected) == (422 if is_documented(either) else 400, "CARRIER_CREDENTIALS_REJECTED")
    assert rejected.json["error"]["status"] == "INVALID_ARGUMENT"
    assert refusal(either.client.post(SETUP, json=body)) == (403, "PERMISSION_DENIED")
    assert len(either.providers) == 2


# --- health ------------------------------------------------------------------------------------------


def health(client: Any, made: Any) -> tuple[str, str | None]:
    shown = client.get(f"{PROVIDERS}/{made['id']}").json
    return shown["health_status"], shown["health_checked_at"] and shown["health_checked_at"][11:19]


@pytest.mark.differs("provider-checks")
def test_a_provider_is_checked_every_thirty_seconds(either: Mock, boss: Any) -> None:
    made, nowhere = make(boss).json, make(boss, hostname="sip.invalid").json
    either.advance(29)
    assert health(boss, made) == ("unknown", None)
    either.advance(1)
    assert health(boss, made) == ("healthy", "09:00:30")
    assert health(boss, nowhere) == ("unhealthy", "09:00:30")
    either.advance(89)
    shown = boss.get(f"{PROVIDERS}/{made['id']}").json
    assert shown["health_checked_at"][11:19] == "09:01:30"
    assert (shown["tm_update"] == made["tm_update"]) == is_documented(either)
    assert either.providers.get(made["id"]).health_status == "healthy"
    assert [each["health_status"] for each in boss.get(PROVIDERS).json["result"]] == ["unhealthy", "healthy"]
    told = either.anonymous.get(f"/__mock__/records/providers/{made['id']}").json["record"]
    assert told == shown
    either.advance(days=365, seconds=1)  # at no cost
    assert either.providers.get(made["id"]).health_checked_at == either.now


def test_a_script_says_what_checks_find(either: Mock, boss: Any) -> None:
    made = make(boss).json
    either.provider("SIP.example.com").script(Healthy(), Unhealthy(), Healthy())
    found = []
    for _ in range(4):
        either.advance(30)
        found.append(health(boss, made)[0])
    assert found == ["healthy", "unhealthy", "healthy", "healthy"]
    either.provider("*.example.com").script(Unhealthy())
    assert health(boss, made)[0] == "healthy", "a rule of its own goes first"
    moment, state = either.snapshot(), either.dump()
    either.provider("sip.example.com").forget()
    assert health(boss, made)[0] == "healthy", "what was found stands until the next check"
    either.advance(30)
    assert health(boss, made)[0] == "unhealthy"
    for back in (lambda: either.restore(moment), lambda: either.load(state)):
        back()
        either.advance(30)
        assert health(boss, made)[0] == "healthy"


def test_another_host_is_not_known_until_it_is_checked(either: Mock, boss: Any) -> None:
    made = make(boss).json
    either.advance(45)
    same = boss.put(f"{PROVIDERS}/{made['id']}", json={**PROVIDER, "name": "n"}).json
    assert same["health_status"] == "healthy"
    moved = boss.put(f"{PROVIDERS}/{made['id']}", json={**PROVIDER, "hostname": "other.example.com"}).json
    assert (moved["health_status"], moved["health_checked_at"]) == ("unknown", None)
    either.advance(30)
    assert health(boss, made)[0] == "healthy"
    boss.delete(f"{PROVIDERS}/{made['id']}")
    before = health(boss, made)
    either.advance(60)
    assert health(boss, made) == before == ("healthy", "09:01:15")


def test_scripts_over_the_control_api(either: Mock, boss: Any) -> None:
    made = make(boss).json
    control = either.anonymous
    told = control.put("/__mock__/providers", json={"*.example.com": ["unhealthy"]}).json
    assert told == {"providers": {"*.example.com": [{"outcome": "unhealthy"}]}, "magic": {"*.invalid": ["unhealthy"]}}
    either.advance(30)
    assert health(boss, made)[0] == "unhealthy"
    assert control.delete("/__mock__/providers").json["providers"] == {}
    for wrong in ({"": ["healthy"]}, {"a": ["ill"]}, {"a": []}, {"a": [{"outcome": "healthy", "after": 1}]}, []):
        assert control.put("/__mock__/providers", json=wrong).status_code == 400
    with pytest.raises(ValueError, match="no outcome"):
        either.provider("a").script("healthy")  # type: ignore[arg-type]
    chance = Chance({Healthy(): 1, Unhealthy(): 1})
    either.provider().script(chance)
    seen = set()
    for _ in range(20):
        either.advance(30)
        seen.add(health(boss, made)[0])
    assert seen == {"healthy", "unhealthy"}


def test_what_a_seed_says_of_health_stands(either: Mock, boss: Any) -> None:
    ill = either.providers.create(hostname="a.example.com", health_status="unhealthy")
    either.advance(minutes=5)
    assert health(boss, {"id": ill.id})[0] == "unhealthy"


# --- routes ------------------------------------------------------------------------------------------


def test_routes_of_all_customers_and_of_one(either: Mock, boss: Any) -> None:
    mine, all_ = make(boss, ROUTES).json, make(boss, ROUTES, customer_id=EVERYBODY).json
    assert list(mine) == ["id", "customer_id", "name", "detail", "provider_id", "priority", "target",
                          "tm_create", "tm_update", "tm_delete"]  # fmt: skip
    for query, wanted in (
        ("", [all_, mine]), (f"?customer_id={CUSTOMER}", [mine]), ("?customer_id=nobody", [all_, mine]),
        ("?page_size=1", [all_]),
    ):  # fmt: skip
        assert boss.get(f"{ROUTES}{query}").json["result"] == wanted
    body = {"name": "n", "detail": "x", "provider_id": CUSTOMER, "priority": 5, "target": "+82"}
    changed = boss.put(f"{ROUTES}/{mine['id']}", json=body).json
    assert changed == {**mine, **body, "tm_update": changed["tm_update"]}
    boss.delete(f"{ROUTES}/{mine['id']}")
    assert boss.get(f"{ROUTES}/{mine['id']}").json["tm_delete"] is not None
    assert boss.get(ROUTES).json["result"] == [all_]


def dial(mock: Mock, number: str) -> Any:
    body = {"source": {"type": "tel", "target": "+15559876543"}, "destinations": [{"type": "tel", "target": number}]}
    return mock.client.post("/v1.0/calls", json=body)


@pytest.mark.differs("call-unrouted")
def test_a_call_needs_a_route_once_there_are_any(either: Mock, boss: Any) -> None:
    assert dial(either, "+821012345678").status_code == 200, "without routes, every number can be called"
    provider = make(boss).json["id"]
    route = make(boss, ROUTES, provider_id=provider, target="+82").json
    assert dial(either, "+821012345678").status_code == 200
    refused = (400, "INVALID_ARGUMENT") if is_documented(either) else (503, "SERVICE_UNAVAILABLE")
    assert refusal(dial(either, "+15550100001")) == refused
    boss.delete(f"{ROUTES}/{route['id']}")
    assert refusal(dial(either, "+821012345678")) == refused
    sip = {"source": {"type": "sip", "target": "a@b"}, "destinations": [{"type": "sip", "target": "c@d"}]}
    assert either.client.post("/v1.0/calls", json=sip).status_code == 200
    make(boss, ROUTES, customer_id=EVERYBODY, provider_id=provider)
    assert dial(either, "+15550100001").status_code == 200


@pytest.mark.differs("route-order", "route-deleted-provider")
def test_the_providers_of_a_call_in_the_order_in_which_they_are_tried(either: Mock, boss: Any) -> None:
    one, two, three, four = (make(boss, name=name).json["id"] for name in ("one", "two", "three", "four"))
    for customer, target, provider, priority in (
        (EVERYBODY, "all", four, 1), (EVERYBODY, "+82", three, 1), (EVERYBODY, "+82", one, 9),
        (CUSTOMER, "all", two, 1), (CUSTOMER, "+82", one, 1), (CUSTOMER, "+82", two, 2), (CUSTOMER, "+1", three, 1),
        (CUSTOMER, "+82", SOME_ID, 1),
    ):  # fmt: skip
        make(boss, ROUTES, customer_id=customer, target=target, provider_id=provider, priority=priority)

    def tried(number: str) -> list[str]:
        return either.call(dial(either, number).json["calls"][0]["id"]).providers

    assert tried("+821012345678") == [*([one, two] if is_documented(either) else [two, one]), three, four]
    assert tried("+15550100001") == [three, two, four]
    assert tried("+498912345678") == [two, four]
    boss.delete(f"{PROVIDERS}/{two}")
    assert tried("+498912345678") == ([four] if is_documented(either) else [two, four])


def test_a_provider_call_names_a_provider_that_there_is(either: Mock, boss: Any) -> None:
    provider = make(boss).json["id"]
    body = {
        "source": {"type": "tel", "target": "+15559876543"},
        "destinations": [{"type": "tel", "target": "+15550100001"}],
    }
    made = boss.post("/v1.0/providercalls", json={**body, "provider_id": provider}).json
    assert either.call(made["call_ids"][0]).providers == [provider]
    unknown = boss.post("/v1.0/providercalls", json={**body, "provider_id": SOME_ID})
    assert refusal(unknown) == (404, "RESOURCE_NOT_FOUND")
