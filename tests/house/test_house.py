"""Adding a plain resource: one schema document, perhaps records, one declaration."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from voipbin_mock import Mock, MockUsageError, Resource, SeedError, VoIPBINWarning, catalog
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.lint import Lint
from voipbin_mock.api.operations import own
from voipbin_mock.world import profiles

# --- the declaration: this is all that a new resource costs -------------------------------------

COLOUR = {
    "type": "object",
    "description": "What it looks like.",
    "properties": {
        "colour": {"type": "string", "enum": ["", "blue", "red"], "description": "Its main colour."},
        "shades": {"type": "array", "items": {"type": "string"}, "description": "Further colours."},
    },
    "required": ["colour"],
}
PLAIN_MEMBERS = {
    "name": {"$ref": "common.json#/$defs/name"},
    "weight": {"$ref": "#/$defs/grams"},
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Toys",
    "$defs": {
        "grams": {"type": "integer", "minimum": 0, "x-expected": "a whole number of grams", "description": "In grams."},
        "create": {
            "type": "object",
            "description": "Body of POST /toys.",
            "properties": {**PLAIN_MEMBERS, "colour_info": COLOUR},
            "required": ["name", "weight"],
        },
        "update": {"type": "object", "description": "Body of PUT /toys/{id}.", "properties": PLAIN_MEMBERS},
        "colour_info": COLOUR,
        "record": {
            "type": "object",
            "description": "A toy as the service shows it.",
            "properties": {
                "id": {"$ref": "common.json#/$defs/uuid"},
                "customer_id": {"$ref": "common.json#/$defs/uuid"},
                **PLAIN_MEMBERS,
                "colour_info": COLOUR,
                "tm_create": {"$ref": "common.json#/$defs/stamp"},
                "tm_update": {"$ref": "common.json#/$defs/stamp"},
                "tm_delete": {"$ref": "common.json#/$defs/stamp"},
            },
            "required": [
                "id", "customer_id", "name", "weight", "colour_info", "tm_create", "tm_update", "tm_delete"
            ],
            "additionalProperties": False,
        },
    },
}  # fmt: skip
TOYS = Resource("toys", schema=SCHEMA)
AREA = Area("toys", operations(TOYS, facets=("colour_info",)))
SEED = {
    "extends": "account",
    "toys": [
        {"id": "70700000-0000-4000-8000-000000000001", "name": "bear", "weight": 300},
        {"name": "kite", "weight": 90, "colour_info": {"colour": "red", "shades": ["pink"]}},
    ],
}

# -------------------------------------------------------------------------------------------------

BEAR = "/v1.0/toys/70700000-0000-4000-8000-000000000001"
BALL = {"name": "ball", "weight": 120, "colour_info": {"colour": "blue", "shades": []}}


@pytest.fixture(params=list(profiles.PROFILES))
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, seed=SEED, areas=[AREA], clock="2026-03-01 09:00:00") as mock:
        yield mock


def reason(reply: Any) -> str:
    # By force: what the server cannot decode it answers as plain text.
    return str(reply.get_json(force=True)["error"]["reason"])


def in_record_form(shown: Any) -> bool:
    return not TOYS.record.violations(shown)


def test_the_schema_document_is_a_valid_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_declaration_yields_all_operations() -> None:
    assert {operation.label for operation in AREA.operations} == {
        "GET /v1.0/toys",
        "POST /v1.0/toys",
        "GET /v1.0/toys/{id}",
        "PUT /v1.0/toys/{id}",
        "DELETE /v1.0/toys/{id}",
        "PUT /v1.0/toys/{id}/colour_info",
    }


def test_the_ready_catalogue_does_not_know_it() -> None:
    assert "toys" not in catalog.default().resources
    with Mock() as mock:
        assert reason(mock.client.get("/v1.0/toys")) == "ROUTE_NOT_FOUND"


def test_a_toy_is_created_as_sent_and_completed(mock: Mock) -> None:
    reply = mock.client.post("/v1.0/toys", json=BALL)
    assert reply.status_code == 200
    shown = reply.json
    assert in_record_form(shown)
    assert {name: shown[name] for name in BALL} == BALL
    assert list(shown) == list(TOYS.record.schema["properties"])
    assert shown["customer_id"] == mock.customers.list()[0].id


def test_members_left_out_become_zero() -> None:
    with Mock(strict=False, seed=SEED, areas=[AREA]) as mock:
        shown = mock.client.post("/v1.0/toys", json={"name": "nothing"}).json
        assert (shown["weight"], shown["colour_info"]) == (0, {"colour": "", "shades": []})


def test_a_seeded_toy_is_read_by_its_id(mock: Mock) -> None:
    shown = mock.client.get(BEAR).json
    assert shown["name"] == "bear"
    assert in_record_form(shown)


def test_an_update_replaces_its_members_and_no_other(mock: Mock) -> None:
    before = mock.client.get(BEAR).json
    mock.advance(hours=1)
    after = mock.client.put(BEAR, json={"name": "big bear", "weight": 900}).json
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"name", "weight", "tm_update"}
    assert mock.client.get(BEAR).json == after


def test_a_facet_replaces_its_object(mock: Mock) -> None:
    colour = {"colour": "red", "shades": ["brown", "white"]}
    after = mock.client.put(f"{BEAR}/colour_info", json=colour).json
    assert after["colour_info"] == colour
    assert after["name"] == "bear"
    assert mock.client.get(BEAR).json == after


def test_a_deleted_toy_leaves_the_list_and_stays_readable(mock: Mock) -> None:
    gone = mock.client.delete(BEAR).json
    never = mock.world.profile.never
    assert gone["tm_delete"] == gone["tm_update"] != never
    assert mock.client.get(BEAR).json == gone
    assert [toy["name"] for toy in mock.client.get("/v1.0/toys").json["result"]] == ["kite"]


def test_toys_are_listed_page_by_page_newest_first(mock: Mock) -> None:
    for number in range(7):
        mock.client.post("/v1.0/toys", json={**BALL, "name": f"ball {number}"})
    names, token = [], ""
    while True:
        query = {"page_size": 2, "page_token": token} if token else {"page_size": 2}
        page = mock.client.get("/v1.0/toys", query_string=query).json
        assert all(in_record_form(toy) for toy in page["result"])
        token = page["next_page_token"]
        if not page["result"]:
            break
        names += [toy["name"] for toy in page["result"]]
    assert names == [*(f"ball {number}" for number in reversed(range(7))), "kite", "bear"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("PUT", "/colour_info")], ids=str
)
def test_an_unknown_toy_is_missing_by_its_own_name(mock: Mock, method: str, path: str) -> None:
    body = {"colour": "red"} if path else {"name": "x", "weight": 1}
    where = f"/v1.0/toys/70700000-0000-4000-8000-00000000dead{path}"
    reply = mock.client.open(where, method=method, json=body)
    assert (reply.status_code, reason(reply)) == (404, "TOY_NOT_FOUND")


def test_only_whom_the_declaration_permits_may() -> None:
    seed = {**SEED, "agents": [{"username": "plain@localhost", "password": "p", "permission": 16}]}
    with Mock(seed=seed, areas=[AREA]) as mock:
        assert reason(mock.client_for("plain@localhost").get("/v1.0/toys")) == "PERMISSION_DENIED"


def test_a_body_that_breaks_the_schema_is_refused_fault_by_fault() -> None:
    with Mock(seed=SEED, areas=[AREA]) as mock:
        broken = {"weight": -1, "colour_info": {"colour": "green", "shades": [7]}}
        reply = mock.client.post("/v1.0/toys", json=broken)
        assert (reply.status_code, reason(reply)) == (400, "INVALID_ARGUMENT")
        details = {detail["pointer"]: detail for detail in reply.json["error"]["details"]}
        assert set(details) == {"/name", "/weight", "/colour_info/colour", "/colour_info/shades/0"}
        assert details["/weight"]["expected"] == "a whole number of grams"
        assert details["/weight"]["value"] == -1
        assert len(mock.records("toys")) == 2


def test_a_missing_member_is_named_by_what_its_own_definition_says() -> None:
    with Mock(seed=SEED, areas=[AREA]) as mock:
        reply = mock.client.post("/v1.0/toys", json={"name": "light"})
        assert reply.status_code == 400
        (detail,) = reply.json["error"]["details"]
        assert (detail["pointer"], detail["expected"]) == ("/weight", "a whole number of grams")


def test_what_cannot_be_decoded_is_refused_in_every_profile(mock: Mock) -> None:
    reply = mock.client.post("/v1.0/toys", json={"name": "odd", "weight": "heavy"})
    assert (reply.status_code, reason(reply)) == (400, "INVALID_JSON_BODY")


def test_unknown_members_are_remarked_on(mock: Mock) -> None:
    with pytest.warns(VoIPBINWarning, match='did you mean "weight"') as caught:
        reply = mock.client.post("/v1.0/toys", json={**BALL, "wieght": 1})
    assert reply.status_code == 200
    assert [warning.message.code for warning in caught] == ["unknown-member"]  # type: ignore[union-attr]


def test_a_cleared_member_is_remarked_on() -> None:
    with Mock("server", seed=SEED, areas=[AREA]) as mock:
        with pytest.warns(VoIPBINWarning, match="cleared-member"):
            mock.client.put(BEAR, json={"name": "bear"})
        assert mock.records("toys").get(name="bear").weight == 0


def test_rules_of_its_own_are_given_in_the_declaration() -> None:
    def too_heavy(world: Any, request: Any, values: Any) -> Iterator[Any]:
        if values["weight"] > 1000:
            yield Lint("unknown-member", "/weight", "that is heavy", "take a lighter one")

    heavy = Area("toys", operations(TOYS, create=own(lints=(too_heavy,))))
    with Mock(areas=[heavy]) as mock:
        mock.client.post("/v1.0/toys", json=BALL)
        with pytest.warns(VoIPBINWarning, match="take a lighter one"):
            mock.client.post("/v1.0/toys", json={**BALL, "weight": 2000})


def test_its_records_are_at_hand_in_python(mock: Mock) -> None:
    toys = mock.records("toys")
    made = toys.create(name="boat", weight=50, colour_info={"colour": "blue"})
    assert made.tm_create == mock.now
    assert made.colour_info == {"colour": "blue", "shades": []}
    assert mock.client.get(f"/v1.0/toys/{made.id}").json["name"] == "boat"
    assert toys.update(made.id, weight=60).weight == 60
    toys.delete(made.id)
    assert [toy.name for toy in toys] == ["kite", "bear"]
    with pytest.raises(SeedError, match=r"toy: /weight"):
        toys.create(weight=-1)


def test_a_seed_that_breaks_the_schema_is_refused_with_its_place() -> None:
    with pytest.raises(SeedError, match=r"seed: /toys/1/weight: .*a whole number of grams"):
        Mock(seed={"toys": [{"name": "fine"}, {"weight": -5}]}, areas=[AREA])


def test_its_state_is_dumped_and_loaded(mock: Mock) -> None:
    mock.client.post("/v1.0/toys", json=BALL)
    with Mock(mock.world.profile.name, areas=[AREA]) as other:
        other.load(mock.dump())
        shown = other.client.get("/v1.0/toys").json
        assert shown == mock.client.get("/v1.0/toys").json
        assert len(shown["result"]) == 3


def test_the_control_api_counts_it_as_mocked(mock: Mock) -> None:
    assert "PUT /v1.0/toys/{id}/colour_info" in mock.client.get("/__mock__/operations").json["mocked"]


def test_a_near_miss_is_told_its_name(mock: Mock) -> None:
    mock.client.get("/v1.0/toy")
    assert "the nearest is GET /v1.0/toys" in mock.requests[-1].hint


def test_a_mock_with_an_area_more_and_one_without_share_nothing() -> None:
    with Mock(seed=SEED, areas=[AREA]) as with_toys, Mock() as without, warnings.catch_warnings():
        assert with_toys.client.get("/v1.0/toys").status_code == 200
        assert without.client.get("/v1.0/toys").status_code == 404
        with pytest.raises(LookupError, match="'toys'"):
            without.records("toys")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("null", "'size' needs one type or an x-kind, not 'null'"),
        (
            "nonsense",
            "the schema of toys cannot be used: /\\$defs/record/properties/size/type: 'nonsense' is not valid",
        ),
    ],
)
def test_a_member_of_a_kind_that_cannot_be_stored_is_refused_at_once(kind: str, why: str) -> None:
    record = {"type": "object", "properties": {"size": {"type": kind}}}
    with pytest.raises(MockUsageError, match=f"areas: .*{why}"):
        Mock(areas=[Area("toys", operations(Resource("toys", schema={"$defs": {"record": record}})))])
