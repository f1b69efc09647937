"""Several customers and agents in one mock: who they are, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from voipbin_mock import Mock

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
SUPER, AGENT, ADMIN, MANAGER = 0x01, 0x10, 0x20, 0x40
NIL = "00000000-0000-0000-0000-000000000000"
SOME_ID = "c0ffee00-0000-4000-8000-000000000000"
PAYS = "a1b2c3d4-5678-90ab-cdef-1234567890ab"  # the billing account of the seeds
DIAL_INFO = {
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 30000,
    "try_interval": 60000,
    **{f"max_try_count_{n}": 1 for n in range(5)},
}
NAMES = {"name": "a", "detail": "b"}
FLOWS = {"call_flow_id": NIL, "message_flow_id": NIL}

# Method, path, body, mask. An {id} is a record of the resource in the path.
OPERATIONS: list[tuple[str, str, Any, int]] = [
    ("GET", "/outplans", None, ADMIN | MANAGER),
    ("POST", "/outplans", {**NAMES, **DIAL_INFO}, ADMIN | MANAGER),
    ("GET", "/outplans/{id}", None, ADMIN | MANAGER),
    ("PUT", "/outplans/{id}", NAMES, ADMIN | MANAGER),
    ("PUT", "/outplans/{id}/dial_info", DIAL_INFO, ADMIN | MANAGER),
    ("DELETE", "/outplans/{id}", None, ADMIN | MANAGER),
    ("GET", "/numbers", None, ADMIN | MANAGER),
    ("POST", "/numbers", {"number": "+899100000777", "type": "virtual"}, ADMIN | MANAGER),
    ("GET", "/numbers/{id}", None, ADMIN | MANAGER),
    ("PUT", "/numbers/{id}", {**FLOWS, **NAMES}, ADMIN | MANAGER),
    ("PUT", "/numbers/{id}/flow_ids", FLOWS, ADMIN | MANAGER),
    ("PUT", "/numbers/{id}/metadata", {"rtp_debug": True}, ADMIN | MANAGER),
    ("DELETE", "/numbers/{id}", None, ADMIN | MANAGER),
    ("POST", "/numbers/renew", {"tm_renew": "2020-01-01 00:00:00.000000"}, 0),
    ("GET", "/available_numbers?type=virtual", None, ADMIN | MANAGER),
    ("GET", "/accesskeys", None, ADMIN),
    ("POST", "/accesskeys", {**NAMES, "expire": 86400}, ADMIN),
    ("GET", "/accesskeys/{id}", None, ADMIN),
    ("PUT", "/accesskeys/{id}", NAMES, ADMIN),
    ("DELETE", "/accesskeys/{id}", None, ADMIN),
    ("GET", "/customer", None, ADMIN | MANAGER),
    ("PUT", "/customer", {**NAMES, "email": "a@example.com"}, ADMIN),
    ("PUT", "/customer/metadata", {"rtp_debug": True}, ADMIN),
    ("PUT", "/customer/billing_account_id", {"billing_account_id": PAYS}, ADMIN),
]
WHO = ("nobody", "agent", "manager", "admin", "agent and manager", "super admin", "access key", "direct")
BITS = {
    "nobody": 0,
    "agent": AGENT,
    "manager": MANAGER,
    "admin": ADMIN,
    "agent and manager": AGENT | MANAGER,
    "super admin": SUPER,
    "access key": ADMIN,
}
# "from elsewhere" is that caller of another customer; "missing" is an id of nothing.
WHOSE = ("own", "from elsewhere", "missing")


class Place:
    """A mock with two customers, each with one record of everything and a caller of every kind."""

    def __init__(self, profile: str) -> None:
        self.mock = mock = Mock(profile, seed="empty", clock="2026-03-01T09:00:00Z", ignore="all")
        self.documented = profile == "documented"
        self.other = mock.customers.create(name="other", identity_verification_status="verified").id
        self.records: dict[tuple[str, str], str] = {}
        self.credentials: dict[tuple[str, str], dict[str, str]] = {}
        for customer, n in ((CUSTOMER, 1), (self.other, 2)):
            self.records["outplans", customer] = mock.outplans.create(customer_id=customer, name="x").id
            number = f"+1555010000{n}"
            self.records["numbers", customer] = mock.numbers.create(customer_id=customer, number=number).id
            token = f"vb_{n:032d}"
            key = mock.accesskeys.create(customer_id=customer, token=token, tm_expire="2030-01-01T00:00:00Z")
            self.records["accesskeys", customer] = key.id
            for who in WHO[:6]:
                agent = mock.agents.create(customer_id=customer, username=f"{who} {n}", permission=BITS[who])
                self.credentials[who, customer] = {"token": mock.token_for(agent)}
            self.credentials["access key", customer] = {"accesskey": token}
            self.credentials["direct", customer] = {"token": mock.direct_token()}
        self.start = mock.dump()

    def call(self, who: str, customer: str, method: str, path: str, body: Any) -> Any:
        query = self.credentials[who, customer]
        path, _, rest = path.partition("?")
        query = {**query, **dict([rest.split("=")] if rest else [])}
        return self.mock.anonymous.open(f"/v1.0{path}", method=method, json=body, query_string=query)

    def expected(self, who: str, path: str, mask: int, whose: str) -> tuple[int, str | None]:
        resource = path.split("/")[1].partition("?")[0]
        by_id = "{id}" in path
        if who == "direct":
            return 403, "DIRECT_ACCESS_NOT_SUPPORTED"
        if by_id and whose == "missing":
            if resource == "accesskeys":
                return (404, "ACCESSKEY_NOT_FOUND") if self.documented else (400, "INVALID_ARGUMENT")
            return 404, f"{resource[:-1].upper()}_NOT_FOUND"
        if by_id and whose == "from elsewhere" and resource == "accesskeys":
            return 404, "RESOURCE_NOT_FOUND"
        if who == "super admin":
            return 200, None
        if by_id and whose == "from elsewhere":
            return (404, f"{resource[:-1].upper()}_NOT_FOUND") if self.documented else (403, "PERMISSION_DENIED")
        return (200, None) if BITS[who] & mask else (403, "PERMISSION_DENIED")


@pytest.fixture(scope="module", params=["documented", "server"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    made = Place(request.param)
    yield made
    made.mock.close()


@pytest.mark.parametrize(("method", "path", "body", "mask"), OPERATIONS, ids=lambda value: str(value)[:30])
def test_who_may_do_what_to_whose_records(place: Place, method: str, path: str, body: Any, mask: int) -> None:
    resource = path.split("/")[1]
    for who in WHO:
        for whose in WHOSE if "{id}" in path else ("own",):
            place.mock.load(place.start)
            owner = place.other if whose == "from elsewhere" else CUSTOMER
            row_id = SOME_ID if whose == "missing" else place.records.get((resource, owner), "")
            before = place.mock.dump()["records"]
            reply = place.call(who, CUSTOMER, method, path.replace("{id}", row_id), body)
            reason = json.loads(reply.text)["error"]["reason"] if reply.status_code != 200 else None
            assert (reply.status_code, reason) == place.expected(who, path, mask, whose), (who, whose)
            if reply.status_code != 200:
                assert place.mock.dump()["records"] == before


def test_what_is_created_belongs_to_the_callers_customer(place: Place) -> None:
    place.mock.load(place.start)
    for customer in (CUSTOMER, place.other):
        for who in ("admin", "super admin", "access key"):
            for path, body in (("/outplans", {**NAMES, **DIAL_INFO}), ("/accesskeys", {"expire": 86400})):
                assert place.call(who, customer, "POST", path, body).json["customer_id"] == customer


def test_the_customer_is_the_callers_own(place: Place) -> None:
    place.mock.load(place.start)
    place.call("admin", place.other, "PUT", "/customer", {**NAMES, "name": "changed"})
    assert place.call("admin", place.other, "GET", "/customer", None).json["name"] == "changed"
    assert place.call("admin", CUSTOMER, "GET", "/customer", None).json["name"] == "Acme Corporation"


# --- me ------------------------------------------------------------------------------------------


def test_me_is_for_any_agent_and_for_agents_only(place: Place) -> None:
    place.mock.load(place.start)
    for customer, n in ((CUSTOMER, 1), (place.other, 2)):
        for who in WHO[:6]:
            reply = place.call(who, customer, "GET", "/me", None)
            assert (reply.json["username"], reply.json["customer_id"]) == (f"{who} {n}", customer)
        for who in ("access key", "direct"):
            reply = place.call(who, customer, "GET", "/me", None)
            assert (reply.status_code, reply.json["error"]["reason"]) == (403, "AGENT_AUTH_REQUIRED")


def test_an_agent_to_the_letter(documented: Mock, server: Mock) -> None:
    address = {"type": "tel", "target": "+15559876543"}
    common = '"detail":"","ring_method":"linear","status":"busy","permission":32,"tag_ids":[],'
    for mock, addresses, stamps in (
        (
            documented,
            '[{"type":"tel","target":"+15559876543","target_name":"","name":"","detail":""}]',
            ',"tm_create":"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null',
        ),
        (server, '[{"type":"tel","target":"+15559876543"}]', ',"tm_create":"2026-03-01T09:00:00Z"'),
    ):
        agent = mock.agents.create(
            username="ann", name="Ann", permission=ADMIN, ring_method="linear", status="busy", addresses=[address]
        )
        text = mock.client_for(agent).get("/v1.0/me").text
        assert text == (
            f'{{"id":"{agent.id}","customer_id":"{CUSTOMER}","username":"ann","name":"Ann",{common}'
            f'"addresses":{addresses},"direct_hash":""{stamps}}}'
        )
        assert mock.client.get(f"/v1.0/agents/{agent.id}").text == text


# --- the own customer ----------------------------------------------------------------------------


def test_the_customer_to_the_letter(documented: Mock, server: Mock) -> None:
    start = (
        f'{{"id":"{CUSTOMER}","name":"Acme Corporation","detail":"Enterprise customer account",'
        '"email":"admin@acme-corp.com","phone_number":"+15551234567",'
        '"address":"123 Main St, San Francisco, CA 94105","webhook_method":"POST",'
        '"webhook_uri":"https://webhooks.acme-corp.com/voipbin",'
        '"billing_account_id":"a1b2c3d4-5678-90ab-cdef-1234567890ab","metadata":{"rtp_debug":false},'
        '"email_verified":true,"status":"active","identity_verification_status":"verified",'
    )
    end = ',"webhook_secret":"mock-webhook-secret-000000000001"}'
    for mock in (documented, server):
        assert mock.client.get("/v1.0/customer").text == (
            f'{start}"tm_deletion_scheduled":null,"tm_create":"2024-01-15T10:30:00Z",'
            f'"tm_update":"2024-06-20T14:22:35Z","tm_delete":null{end}'
        )


def test_the_secret_is_shown_by_get_alone_and_what_is_empty_is_left_out_by_the_server(server: Mock) -> None:
    body = {"name": "n", "webhook_uri": "nonsense", "webhook_method": "SHOUT"}  # nothing is validated
    changed = server.client.put("/v1.0/customer", json=body)
    assert changed.json["webhook_uri"] == "nonsense"
    assert "webhook_secret" not in changed.json
    assert not {"detail", "email", "phone_number", "address"} & set(changed.json)
    assert "webhook_secret" not in server.client.put("/v1.0/customer/metadata", json={}).json
    shown = server.client.get("/v1.0/customer").json
    assert shown == {**changed.json, "tm_update": shown["tm_update"], "webhook_secret": shown["webhook_secret"]}


@pytest.mark.differs("omitted-members")
def test_what_is_empty_is_shown_by_the_documents_and_left_out_by_the_server(
    either: Mock,
) -> None:
    documented = either.world.profile.name == "documented"
    either.customers.update(CUSTOMER, detail="", address="")
    shown = either.client.get("/v1.0/customer").json
    assert {name: shown.get(name) for name in ("detail", "address")} == dict.fromkeys(
        ("detail", "address"), "" if documented else None
    )
    assert ("detail" in shown, "address" in shown) == (documented, documented)
    flow = either.flows.create()
    shown = either.client.get(f"/v1.0/flows/{flow.id}").json
    assert "direct_hash" not in shown
    assert ("name" in shown) is documented


@pytest.mark.parametrize(
    ("member", "value"), [("webhook_uri", "nonsense"), ("webhook_uri", "ftp://x"), ("webhook_method", "SHOUT")]
)
def test_a_bad_webhook_is_refused_by_the_documents(documented: Mock, member: str, value: str) -> None:
    reply = documented.client.put("/v1.0/customer", json={"name": "n", member: value})
    assert (reply.status_code, reply.json["error"]["reason"]) == (400, "INVALID_ARGUMENT")
    assert reply.json["error"]["details"][0]["pointer"] == f"/{member}"


@pytest.mark.parametrize("value", ["nonsense", "", None, 5])
def test_a_billing_account_must_be_an_id(either: Mock, value: Any) -> None:
    before = either.client.get("/v1.0/customer").text
    body = {} if value is None else {"billing_account_id": value}
    reply = either.client.put("/v1.0/customer/billing_account_id", json=body)
    assert reply.status_code == 400
    if value == "nonsense":
        assert reply.json["error"]["reason"] == "INVALID_ID"
        weak = either.client_for("manager@localhost")
        reply = weak.put("/v1.0/customer/billing_account_id", json=body)
        assert reply.json["error"]["reason"] == "INVALID_ID"  # before the permission
    assert either.client.get("/v1.0/customer").text == before


def test_a_billing_account_id_is_read_in_every_spelling_by_the_server(server: Mock) -> None:
    for name in ("billing_account_id", "Billing_Account_ID"):
        body = {name: PAYS.upper().replace("-", "")}
        reply = server.client.put("/v1.0/customer/billing_account_id", json=body)
        assert reply.json["billing_account_id"] == PAYS


# --- agents --------------------------------------------------------------------------------------


def test_a_new_agent_can_log_in_and_starts_offline(either: Mock) -> None:
    body = {
        "username": "ann@example.com",
        "password": "secret",
        "name": "Ann",
        "detail": "",
        "ring_method": "ringall",
        "permission": ADMIN,
        "tag_ids": [SOME_ID],
        "addresses": [{"type": "tel", "target": "+15559876543"}],
    }
    agent = either.client.post("/v1.0/agents", json=body).json
    assert (agent["status"], agent["tag_ids"], agent["permission"]) == ("offline", [SOME_ID], ADMIN)
    assert "password" not in agent
    login = either.anonymous.post("/auth/login", json={"username": "ann@example.com", "password": "secret"})
    assert login.status_code == 200
    me = either.anonymous.get("/v1.0/me", query_string={"token": login.json["token"]})
    assert me.json == agent
    assert either.client.put(f"/v1.0/agents/{agent['id']}/password", json={"password": "new"}).status_code == 200
    for password, code in (("secret", 400), ("new", 200)):
        reply = either.anonymous.post("/auth/login", json={"username": "ann@example.com", "password": password})
        assert reply.status_code == code
    assert either.client.delete(f"/v1.0/agents/{agent['id']}").status_code == 200
    assert (
        either.anonymous.post("/auth/login", json={"username": "ann@example.com", "password": "new"}).status_code == 400
    )


def test_each_part_of_an_agent_has_its_own_update(either: Mock) -> None:
    agent = either.client.get(f"/v1.0/agents/{either.agents.create(username='ann').id}").json
    path = f"/v1.0/agents/{agent['id']}"
    changes: list[tuple[str, dict[str, Any]]] = [
        ("", {"name": "Ann", "detail": "d", "ring_method": "linear"}),
        ("/status", {"status": "away"}),
        ("/permission", {"permission": MANAGER}),
        ("/tag_ids", {"tag_ids": [SOME_ID]}),
        ("/addresses", {"addresses": []}),
    ]
    for tail, body in changes:
        changed = either.client.put(path + tail, json=body).json
        assert changed == {**agent, **body, "tm_update": changed["tm_update"]}
        agent = changed


def test_an_agent_may_look_at_itself_but_not_at_its_colleagues(either: Mock) -> None:
    ann = either.agents.create(username="ann", permission=AGENT)
    client = either.client_for(ann)
    assert client.get(f"/v1.0/agents/{ann.id}").json["username"] == "ann"
    colleague = either.agents.get(username="manager@localhost")
    assert client.get(f"/v1.0/agents/{colleague.id}").status_code == 403
    assert client.get("/v1.0/agents").status_code == 403


def test_project_permissions_are_handed_out_by_super_admins_only(either: Mock) -> None:
    ann = either.agents.create(username="ann")
    call: Callable[..., Any] = either.client.put
    assert call(f"/v1.0/agents/{ann.id}/permission", json={"permission": SUPER}).status_code == 403
    boss = either.client_for(either.agents.create(username="boss", permission=SUPER))
    assert boss.put(f"/v1.0/agents/{ann.id}/permission", json={"permission": SUPER}).status_code == 200


def test_agents_are_narrowed_by_status_and_tags(either: Mock) -> None:
    other = "d7450dda-21e0-4611-b09a-8d771c50a5e6"
    either.agents.create(username="a", name="a", status="busy", tag_ids=[SOME_ID])
    either.agents.create(username="b", name="b", status="away", tag_ids=[other])
    either.agents.create(username="c", name="c", status="busy", tag_ids=[])

    def listed(query: str) -> list[str]:
        return [row["name"] for row in either.client.get(f"/v1.0/agents?{query}").json["result"]]

    assert listed("status=busy") == ["c", "a"]
    assert listed(f"tag_ids={SOME_ID}") == ["a"]
    assert listed(f"tag_ids={SOME_ID},{other}") == ["b", "a"]
    assert listed(f"tag_ids={SOME_ID}&status=away") == []
    assert listed("status=busy&page_size=1") == ["c"]
    for query in ("tag_ids=", "tag_ids=nonsense", f"tag_ids={SOME_ID},"):
        assert either.client.get(f"/v1.0/agents?{query}").status_code == 400


def test_the_agent_page_runs_from_top_to_bottom() -> None:
    first, second = "f1a2b3c4-d5e6-7890-abcd-ef1234567890", "eb1ac5c0-ff63-47e2-bcdb-5da9c336eb4b"
    tags = ["d7450dda-21e0-4611-b09a-8d771c50a5e6", "b1a2c3d4-e5f6-7890-abcd-ef1234567890"]
    new = {
        "username": "test2",
        "password": "test2",
        "name": "test tag",
        "detail": "test tag example",
        "ring_method": "ringall",
        "permission": 0,
        "tag_ids": tags[:1],
    }
    calls: list[tuple[str, str, Any]] = [
        ("POST", "", new),
        ("GET", "", None),
        ("GET", f"/{first}", None),
        ("PUT", f"/{first}", {"name": "updated name", "detail": "updated detail", "ring_method": "linear"}),
        ("PUT", f"/{first}/tag_ids", {"tag_ids": tags}),
        ("PUT", f"/{first}/permission", {"permission": 32}),
        ("PUT", f"/{first}/password", {"password": "new_secure_password"}),
        ("DELETE", f"/{first}", None),
        ("PUT", f"/{second}/status", {"status": "available"}),
        ("PUT", f"/{second}/addresses", {"addresses": [{"type": "tel", "target": "+15559876543"}]}),
        ("POST", f"/{second}/direct-hash-regenerate", None),
    ]
    for profile in ("documented", "server"):
        with Mock(profile, seed="tutorial", ignore=["duplicate-username"]) as mock:
            client = mock.anonymous
            client.set_cookie("token", mock.token)  # the page sends the token twice
            for method, tail, body in calls:
                query = {"token": mock.token}
                reply = client.open(f"/v1.0/agents{tail}", method=method, json=body, query_string=query)
                if method == "POST" and body is new and profile == "server":
                    assert reply.status_code == 400  # the page's own fault: no address, and no e-mail address
                    continue
                assert reply.status_code == 200, (method, tail)
                if isinstance(body, dict):
                    shown = {name: reply.json[name] for name in body if name not in ("password", "addresses")}
                    assert shown == {name: body[name] for name in shown}
            assert reply.json["direct_hash"].startswith("direct.")
            assert not mock.warnings


# --- who pays --------------------------------------------------------------------------------------


@pytest.mark.differs("D12")
def test_a_billing_account_must_be_there_and_ones_own(either: Mock) -> None:
    def put(account: str, client: Any = None) -> Any:
        body = {"billing_account_id": account}
        reply = (client or either.client).put("/v1.0/customer/billing_account_id", json=body)
        return (reply.status_code, reply.json["error"]["reason"]) if reply.status_code != 200 else reply.json

    mine, gone = either.billing_accounts.create(name="second").id, either.billing_accounts.create(name="gone").id
    either.billing_accounts.delete(gone)
    theirs = either.billing_accounts.create(customer_id=either.customers.create(name="other").id).id
    before = either.client.get("/v1.0/customer").text
    assert put(NIL) == (400, "INVALID_ID")
    assert put(SOME_ID) == (404, "BILLING_ACCOUNT_NOT_FOUND")
    assert put(gone) == (404, "RESOURCE_NOT_FOUND")
    documented = either.world.profile.name == "documented"
    assert put(theirs) == ((404, "BILLING_ACCOUNT_NOT_FOUND") if documented else (403, "PERMISSION_DENIED"))
    assert put(mine, either.client_for("manager@localhost")) == (403, "PERMISSION_DENIED")
    assert either.client.get("/v1.0/customer").text == before
    assert put(mine)["billing_account_id"] == mine
    boss = either.client_for(either.agents.create(username="boss", permission=SUPER))
    assert put(theirs, boss)["billing_account_id"] == theirs


# --- customers that are gone -----------------------------------------------------------------------


@pytest.mark.parametrize("status", ["deleted", "expired"])
@pytest.mark.differs("dead-customers")
def test_nobody_of_a_customer_that_is_gone_comes_in_but_on_the_server(either: Mock, status: str) -> None:
    login = either.client
    key = {"accesskey": either.accesskey}
    either.customers.update(CUSTOMER, status=status)
    for reply in (login.get("/v1.0/outplans"), either.anonymous.get("/v1.0/outplans", query_string=key)):
        if either.world.profile.name == "documented":
            assert (reply.status_code, reply.json["error"]["reason"]) == (401, "INVALID_CREDENTIALS")
        else:
            assert reply.status_code == 200
