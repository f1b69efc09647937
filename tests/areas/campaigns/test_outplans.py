"""Outplans: the tutorial's resource, to the letter and against a model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.campaigning import refusal
from voipbin_mock import Mock

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
TUTORIAL = "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e"
TO_DELETE = "88334a03-bc6b-40b6-878f-46df2d9865db"
SOME_ID = "c0ffee00-0000-4000-8000-000000000000"
COUNTS = [f"max_try_count_{n}" for n in range(5)]
DIAL_INFO = {
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 30000,
    "try_interval": 60000,
    **dict(zip(COUNTS, (5, 4, 3, 2, 1), strict=True)),
}
PLAN = {"name": "test outplan", "detail": "outplan for test use.", **DIAL_INFO}


# --- on the wire ---------------------------------------------------------------------------------


@pytest.mark.differs("D1", "D2", "D4")
def test_a_new_outplan_by_the_documents_to_the_letter(documented: Mock) -> None:
    reply = documented.client.post("/v1.0/outplans", json=PLAN)
    assert reply.status_code == 200
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","name":"test outplan",'
        '"detail":"outplan for test use.",'
        '"source":{"type":"tel","target":"+15559876543","target_name":"","name":"","detail":""},'
        '"dial_timeout":30000,"try_interval":60000,"max_try_count_0":5,"max_try_count_1":4,"max_try_count_2":3,'
        '"max_try_count_3":2,"max_try_count_4":1,"tm_create":"2026-03-01 09:00:00.000000",'
        '"tm_update":"9999-01-01 00:00:00.000000","tm_delete":"9999-01-01 00:00:00.000000"}'
    )


@pytest.mark.differs("D1", "D2", "D4")
def test_a_new_outplan_by_the_server_to_the_letter(server: Mock) -> None:
    server.freeze("2026-03-01T09:00:00.25Z")
    reply = server.client.post("/v1.0/outplans", json=dict(reversed(PLAN.items())))
    assert reply.status_code == 200
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","name":"test outplan",'
        '"detail":"outplan for test use.","source":{"type":"tel","target":"+15559876543"},'
        '"dial_timeout":30000,"try_interval":60000,"max_try_count_0":5,"max_try_count_1":4,"max_try_count_2":3,'
        '"max_try_count_3":2,"max_try_count_4":1,"tm_create":"2026-03-01T09:00:00.25Z",'
        '"tm_update":null,"tm_delete":null}'
    )


def test_an_outplan_without_source_has_an_empty_one(documented: Mock, server: Mock) -> None:
    body = {name: value for name, value in PLAN.items() if name != "source"}
    empty = '"source":{"type":"","target":"","target_name":"","name":"","detail":""}'
    assert empty in documented.client.post("/v1.0/outplans", json=body).text
    assert '"source":{}' in server.client.post("/v1.0/outplans", json=body).text


def test_the_server_needs_nothing_at_all(server: Mock) -> None:
    for body in ("{}", "null", " null \n", '{"name":null,"source":null,"dial_timeout":null}'):
        reply = server.client.post("/v1.0/outplans", data=body)
        assert reply.status_code == 200
        values = {name: reply.json[name] for name in PLAN}
        assert values == {"name": "", "detail": "", "source": {}, **dict.fromkeys(list(DIAL_INFO)[1:], 0)}


def test_what_a_client_cannot_set_is_ignored(either: Mock) -> None:
    stamps = {"tm_create": "2000-01-01", "tm_update": "2000-01-01", "tm_delete": "2000-01-01"}
    body = {**PLAN, "id": SOME_ID, "customer_id": SOME_ID, **stamps}
    plan = either.client.post("/v1.0/outplans", json=body).json
    assert SOME_ID not in (plan["id"], plan["customer_id"])
    assert "2000" not in json.dumps(plan)


def test_the_address_is_stored_whole(either: Mock) -> None:
    source = {"detail": "d", "name": "n", "target_name": "t", "target": "+15559876543", "type": "tel"}
    reply = either.client.post("/v1.0/outplans", json={**PLAN, "source": source})
    shown = '"source":{"type":"tel","target":"+15559876543","target_name":"t","name":"n","detail":"d"}'
    assert shown in reply.text


# --- the tutorial --------------------------------------------------------------------------------


def test_the_tutorial_runs_from_top_to_bottom() -> None:
    with Mock(seed="tutorial", clock="2022-05-01T00:00:00Z") as mock:
        query = {"accesskey": mock.accesskey}
        web = mock.anonymous
        page = web.get("/v1.0/outplans", query_string=query).json
        assert [plan["id"] for plan in page["result"]] == [TUTORIAL]
        assert page["next_page_token"] == "2022-04-28 01:50:23.414000"
        printed = page["result"][0]
        assert printed == {
            "id": TUTORIAL,
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "name": "test outplan",
            "detail": "outplan for test use.",
            "source": {"type": "tel", "target": "+15559876543", "target_name": "", "name": "", "detail": ""},
            "dial_timeout": 30000,
            "try_interval": 60000,
            **dict.fromkeys(COUNTS, 5),
            "tm_create": "2022-04-28 01:50:23.414000",
            "tm_update": "2022-04-30 12:01:13.780469",
            "tm_delete": "9999-01-01 00:00:00.000000",
        }
        assert web.get(f"/v1.0/outplans/{TUTORIAL}", query_string=query).json == printed
        created = web.post("/v1.0/outplans", query_string=query, json=PLAN).json
        assert list(created) == list(printed)
        body = {"name": "update name", "detail": "update detail"}
        updated = web.put(f"/v1.0/outplans/{TUTORIAL}", query_string=query, json=body).json
        assert updated == {**printed, **body, "tm_update": updated["tm_update"]}
        updated = web.put(f"/v1.0/outplans/{TUTORIAL}/dial_info", query_string=query, json=DIAL_INFO).json
        assert updated["max_try_count_4"] == 1
        deleted = web.delete(f"/v1.0/outplans/{TO_DELETE}", query_string=query).json
        assert deleted["tm_delete"].startswith("2022-05-01 00:00:00.0000")
        assert not mock.warnings


# --- updating ------------------------------------------------------------------------------------


def test_the_two_updates_replace_their_own_members_and_no_others(either: Mock) -> None:
    plan = either.client.post("/v1.0/outplans", json=PLAN).json
    path = f"/v1.0/outplans/{plan['id']}"
    either.advance(1)
    renamed = either.client.put(path, json={"name": "a", "detail": "b", "dial_timeout": 1}).json
    assert renamed == {**plan, "name": "a", "detail": "b", "tm_update": renamed["tm_update"]}
    either.advance(1)
    fresh = {**dict.fromkeys(DIAL_INFO, 1000), "source": {"type": "sip", "target": "a@b"}, "name": "no"}
    redialed = either.client.put(f"{path}/dial_info", json=fresh).json
    full = {"type": "sip", "target": "a@b", "target_name": "", "name": "", "detail": ""}
    shown = full if either.world.profile.name == "documented" else fresh["source"]
    assert redialed == {
        **renamed,
        **dict.fromkeys(DIAL_INFO, 1000),
        "source": shown,
        "tm_update": redialed["tm_update"],
    }
    assert redialed["tm_update"] > renamed["tm_update"] > plan["tm_create"]


def test_an_update_that_leaves_members_out_clears_them_in_the_server(server: Mock) -> None:
    plan = server.client.post("/v1.0/outplans", json=PLAN).json
    path = f"/v1.0/outplans/{plan['id']}"
    assert server.client.put(path, json={"name": "a"}).json["detail"] == ""
    redialed = server.client.put(f"{path}/dial_info", json={"dial_timeout": 5000}).json
    assert {name: redialed[name] for name in DIAL_INFO} == {
        "source": {},
        "dial_timeout": 5000,
        "try_interval": 0,
        **dict.fromkeys(COUNTS, 0),
    }
    assert redialed["name"] == "a"


# --- deleting ------------------------------------------------------------------------------------


def test_a_deleted_outplan_can_be_read_and_changed_and_deleted_again(either: Mock) -> None:
    plan = either.client.post("/v1.0/outplans", json=PLAN).json
    path = f"/v1.0/outplans/{plan['id']}"
    either.advance(1)
    gone = either.client.delete(path).json
    assert gone == {**plan, "tm_update": gone["tm_delete"], "tm_delete": gone["tm_delete"]}
    assert gone["tm_delete"] > plan["tm_create"]
    assert either.client.get(path).json == gone
    either.advance(1)
    changed = either.client.put(path, json={"name": "a", "detail": "b"}).json
    assert changed == {**gone, "name": "a", "detail": "b", "tm_update": changed["tm_update"]}
    assert changed["tm_update"] > gone["tm_update"]
    either.advance(1)
    again = either.client.delete(path).json
    assert again["tm_delete"] == again["tm_update"] > changed["tm_update"]


def test_a_delete_ignores_a_body(either: Mock) -> None:
    plan = either.outplans.create(name="x")
    assert either.client.delete(f"/v1.0/outplans/{plan.id}", data="{").status_code == 200


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("DELETE", "", None),
        ("PUT", "", {"name": "a", "detail": "b"}),
        ("PUT", "/dial_info", DIAL_INFO),
    ],
)
def test_an_unknown_outplan_is_missing(either: Mock, method: str, tail: str, body: Any) -> None:
    reply = either.client.open(f"/v1.0/outplans/{SOME_ID}{tail}", method=method, json=body)
    assert refusal(reply) == (404, "OUTPLAN_NOT_FOUND")


# --- the order of the checks ---------------------------------------------------------------------


def test_the_checks_of_a_write_come_in_the_services_order(either: Mock) -> None:
    other = either.customers.create(name="other")
    theirs = either.outplans.create(name="theirs", customer_id=other.id).id
    ours = either.outplans.create(name="ours").id
    weak = either.client_for(either.agents.create(username="weak", permission=0x10))
    good = {"name": "a", "detail": "b"}
    foreign = (404, "OUTPLAN_NOT_FOUND") if either.world.profile.name == "documented" else (403, "PERMISSION_DENIED")

    def put(client: Any, row_id: str, **arguments: Any) -> tuple[int, str]:
        return refusal(client.put(f"/v1.0/outplans/{row_id}", **arguments))

    assert put(either.anonymous, "nonsense", data="{") == (401, "AUTHENTICATION_REQUIRED")
    assert put(weak, "nonsense", data="{") == (400, "INVALID_ID")
    assert put(weak, SOME_ID, data="{") == (400, "INVALID_JSON_BODY")
    assert put(weak, SOME_ID, json=good) == (404, "OUTPLAN_NOT_FOUND")
    assert put(weak, theirs, json=good) == foreign
    assert put(weak, ours, json=good) == (403, "PERMISSION_DENIED")
    assert put(either.client, theirs, json=good) == foreign
    assert either.outplans.get(ours).name == "ours"
    assert either.outplans.get(theirs).name == "theirs"


# --- against a model -----------------------------------------------------------------------------

INTS = st.integers(0, 2**31 - 1)
SOURCES = st.fixed_dictionaries(
    {"type": st.just("tel"), "target": st.integers(10**6, 10**13).map(lambda n: f"+1{n}")},
    optional={"name": st.text(max_size=5), "target_name": st.text(max_size=5), "detail": st.text(max_size=5)},
)
NAMES = st.fixed_dictionaries({"name": st.text(max_size=20), "detail": st.text(max_size=20)})
INFOS = st.fixed_dictionaries(
    {"source": SOURCES, "dial_timeout": INTS, "try_interval": INTS, **dict.fromkeys(COUNTS, INTS)}
)


class Outplans(RuleBasedStateMachine):
    """A plain list of dicts against the mock: what was written last is what is read."""

    @initialize(profile=st.sampled_from(["documented", "server"]))
    def start(self, profile: str) -> None:
        self.full = profile == "documented"
        self.mock = Mock(profile, seed="empty", clock="2026-03-01T09:00:00Z", ignore="all")
        self.rows: dict[str, dict[str, Any]] = {}  # by id, oldest first
        self.gone: set[str] = set()

    def teardown(self) -> None:
        self.mock.close()

    def shown(self, body: dict[str, Any]) -> dict[str, Any]:
        if "source" not in body:
            return body
        keys = ("type", "target", "target_name", "name", "detail")
        full = {key: body["source"].get(key, "") for key in keys}
        return {**body, "source": full if self.full else {key: value for key, value in full.items() if value}}

    @rule(names=NAMES, info=INFOS)
    def create(self, names: Any, info: Any) -> None:
        reply = self.mock.client.post("/v1.0/outplans", json={**names, **info}).json
        never = "9999-01-01 00:00:00.000000" if self.full else None
        assert (reply["tm_update"], reply["tm_delete"]) == (never, never)
        assert {name: reply[name] for name in PLAN} == self.shown({**names, **info})
        assert reply["id"] not in self.rows
        self.rows[reply["id"]] = reply

    def pick(self, data: Any) -> str:
        return str(data.draw(st.sampled_from(list(self.rows))))

    def change(self, row_id: str, reply: Any, body: dict[str, Any]) -> None:
        old = self.rows[row_id]
        assert reply.status_code == 200
        assert reply.json == {**old, **self.shown(body), "tm_update": reply.json["tm_update"]}
        assert reply.json["tm_update"] != old["tm_update"]
        assert list(reply.json) == list(old)
        self.rows[row_id] = reply.json

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), body=NAMES)
    def update(self, data: Any, body: Any) -> None:
        row_id = self.pick(data)
        self.change(row_id, self.mock.client.put(f"/v1.0/outplans/{row_id}", json=body), body)

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), body=INFOS)
    def dial_info(self, data: Any, body: Any) -> None:
        row_id = self.pick(data)
        self.change(row_id, self.mock.client.put(f"/v1.0/outplans/{row_id}/dial_info", json=body), body)

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def delete(self, data: Any) -> None:
        row_id = self.pick(data)
        reply = self.mock.client.delete(f"/v1.0/outplans/{row_id}")
        self.change(row_id, reply, {"tm_delete": reply.json["tm_delete"]})
        assert reply.json["tm_delete"] == reply.json["tm_update"]
        self.gone.add(row_id)

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), body=st.sampled_from(["{", '{"name":5}', "[]", ""]))
    def refused(self, data: Any, body: str) -> None:
        for tail in ("", "/dial_info"):
            path = f"/v1.0/outplans/{self.pick(data)}{tail}"
            if body.startswith('{"') and tail:
                continue
            assert self.mock.client.put(path, data=body).status_code == 400

    @rule(milliseconds=st.integers(0, 10_000))
    def wait(self, milliseconds: int) -> None:
        self.mock.advance(milliseconds=milliseconds)

    @invariant()
    def everything_is_as_it_was_written(self) -> None:
        listed = [row for row_id, row in self.rows.items() if not self.full or row_id not in self.gone]
        assert self.mock.client.get("/v1.0/outplans").json["result"] == listed[::-1]
        for row_id in self.gone:
            assert self.mock.client.get(f"/v1.0/outplans/{row_id}").json == self.rows[row_id]


Outplans.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
test_outplans_against_a_model = Outplans.TestCase
