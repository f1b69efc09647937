"""The OpenAPI document is valid, says what the mock does, and describes every operation and nothing else."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from tests.support.described import strays
from tests.support.each import for_each
from tests.support.valid_openapi import part_about, validate
from voipbin_mock import Mock, Resource, catalog
from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.crud import operations
from voipbin_mock.command import main as cli
from voipbin_mock.openapi import document as openapi
from voipbin_mock.openapi.samples import sample
from voipbin_mock.schema import documents as schemas
from voipbin_mock.wire.errors import NOT_FOUND_SUFFIX
from voipbin_mock.wire.values import Reply
from voipbin_mock.world import profiles

PROFILES = list(profiles.PROFILES)
each_profile = pytest.mark.parametrize("profile", PROFILES)
each_strictness = pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])
OUTPLAN = "b0d6e1a4-0000-4000-8000-000000000001"


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, seed="tutorial") as mock:
        yield mock


def described(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def walked(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walked(value)


# --- the document ---------------------------------------------------------------------------------


def test_the_document_is_valid_openapi() -> None:
    """All of them in one test: most schemas are the same in each, and are looked at once."""
    for profile, strict in product(PROFILES, (True, False)):
        document = Mock(profile, strict=strict).openapi()
        assert document["openapi"].startswith("3.1")
        validate(document)


def test_a_document_that_is_not_valid_is_noticed_also_after_one_that_is() -> None:
    document = part_about(Mock().openapi(), "outplans")
    validate(document)
    for spoil in (
        lambda d: d["components"]["schemas"]["Outplan"]["properties"]["name"].update(type="text"),
        lambda d: d["components"]["schemas"]["OutplanCreate"].update(required="name"),
        lambda d: d["paths"]["/v1.0/outplans"]["post"]["responses"]["200"].pop("description"),
        lambda d: d["paths"]["/v1.0/outplans/{id}"]["get"].update(parameters=[]),
        lambda d: d["info"].pop("title"),
    ):
        wrong = copy.deepcopy(document)
        spoil(wrong)
        with pytest.raises(ValidationError):
            validate(wrong)


def test_every_mocked_operation_is_in_it_and_nothing_else(mock: Mock) -> None:
    profile = mock.world.profile
    served = [o for o in catalog_of(mock.world).operations if o.served_by(profile) and o.listed]
    assert sorted(label for label, _ in described(mock.openapi())) == sorted(o.label for o in served)


def test_login_under_the_prefix_is_described_where_it_is_served() -> None:
    assert ["/v1.0/auth/login" in Mock(profile).openapi()["paths"] for profile in PROFILES] == [True, False]


def test_it_is_got_at_the_root_without_a_credential(mock: Mock) -> None:
    reply = mock.anonymous.get("/openapi.json")
    assert reply.status_code == 200
    assert reply.content_type.startswith("application/json")
    assert reply.json == mock.openapi()
    assert mock.anonymous.get("/v1.0/openapi.json").status_code == 404


def test_it_says_which_profile_and_how_strict() -> None:
    summaries = {Mock(profile, strict=strict).openapi()["info"]["summary"] for profile in PROFILES for strict in (0, 1)}
    assert len(summaries) == 4


def test_a_resource_of_your_own_is_described_too() -> None:
    member = {"type": "string", "description": "What it is made of."}
    part = {"type": "object", "description": "A toy.", "properties": {"stuff": member}, "required": ["stuff"]}
    record = {
        **part,
        "properties": {"id": {"$ref": "common.json#/$defs/uuid"}, **part["properties"]},
        "additionalProperties": False,
    }
    toys = Resource("toys", schema={"$defs": {"create": part, "record": record}})
    document = Mock(areas=[Area("toys", operations(toys, plain=("create",)))]).openapi()
    validate(part_about(document, "toys"))
    operation = document["paths"]["/v1.0/toys"]["post"]
    assert operation["summary"] == "Create a toy"
    assert document["components"]["schemas"]["Toy"]["required"] == ["id", "stuff"]


def test_operation_ids_are_the_names_that_coverage_and_journal_use(mock: Mock) -> None:
    names = {operation.name for operation in catalog_of(mock.world).operations}
    ids = [operation["operationId"] for _, operation in described(mock.openapi())]
    assert set(ids) <= names
    assert len(set(ids)) == len(ids)


def test_no_private_word_is_left_in_it(mock: Mock) -> None:
    words = {word for node in walked(mock.openapi()) for word in node}
    shared = {"X-Request-Id", "X-VoIPBIN-Mock-Warning", "x-tagGroups"}  # the last is read by browsers of such documents
    assert not {word for word in words if word.lower().startswith("x-")} - shared
    assert "voipbin-mock.invalid" not in json.dumps(mock.openapi())


def test_every_component_is_referred_to(mock: Mock) -> None:
    document = mock.openapi()
    used = {node["$ref"] for node in walked(document) if isinstance(node.get("$ref"), str)}
    for kind in ("schemas", "headers"):
        assert {f"#/components/{kind}/{name}" for name in document["components"][kind]} <= used


# What the recommended rules of spectral and redocly ask for, beside what makes a document valid.


def test_every_array_says_of_what_and_every_required_member_is_there(mock: Mock) -> None:
    for schema in walked(mock.openapi()):
        kinds = schema.get("type", ())
        if kinds == "array" or (isinstance(kinds, list) and "array" in kinds):
            assert "items" in schema, schema
        if isinstance(schema.get("properties"), dict) and isinstance(schema.get("required"), list):
            assert set(schema["required"]) <= schema["properties"].keys(), schema


def test_every_operation_says_what_it_answers_when_all_is_well_and_when_not(mock: Mock) -> None:
    for label, operation in described(mock.openapi()):
        assert {"200", "201", "202", "204", "101", "307"} & operation["responses"].keys(), label
        assert any(code.startswith("4") for code in operation["responses"]), label


def test_it_says_whose_it_is() -> None:
    info = Mock().openapi()["info"]
    assert info["contact"]["name"]
    assert info["license"]["identifier"] == "MIT"


def test_the_server_is_where_the_document_was_got(mock: Mock) -> None:
    session = mock.anonymous.get("/__session__/alice/openapi.json").json
    assert session["servers"][0]["url"] == "/__session__/alice"
    mounted = Client(DispatcherMiddleware(NotFound(), {"/fake": mock.app})).get("/fake/openapi.json").json
    assert mounted["servers"][0]["url"] == "/fake"
    assert mock.openapi()["servers"][0]["url"] == "/"
    assert session["paths"] == mounted["paths"] == mock.openapi()["paths"]


def test_who_may_is_told_of_every_operation(mock: Mock) -> None:
    paths = mock.openapi()["paths"]
    assert paths["/v1.0/numbers/renew"]["post"]["description"] == "Super admins may ask this."
    assert paths["/v1.0/customer"]["put"]["description"] == "Admins and access keys may ask this."
    assert "Managers, admins and access keys may" in paths["/v1.0/outplans"]["get"]["description"]
    assert paths["/ping"]["get"]["description"] == "Needs no credential."


def test_every_operation_and_every_parameter_is_explained(mock: Mock) -> None:
    for label, operation in described(mock.openapi()):
        assert operation["summary"], label
        assert operation["description"], label
        assert all(parameter["description"] for parameter in operation.get("parameters", ())), label


def test_lengths_of_time_say_their_unit(mock: Mock) -> None:
    components = mock.openapi()["components"]["schemas"]
    for name in ("Outplan", "OutplanCreate", "OutplanDialInfoUpdate"):
        for member in ("dial_timeout", "try_interval"):
            assert "milliseconds" in components[name]["properties"][member]["description"]


def test_every_reason_in_it_is_a_known_one(mock: Mock) -> None:
    reasons = {r for node in walked(mock.openapi()) for r in (node.get("reason") or {}).get("enum", ())}
    assert len(reasons) > 20
    known = catalog_of(mock.world).reasons
    assert not {reason for reason in reasons if reason not in known and not reason.endswith(NOT_FOUND_SUFFIX)}


def test_all_five_places_of_a_credential_are_declared_and_work() -> None:
    with Mock() as mock:
        document = mock.openapi()
        for scheme in document["components"]["securitySchemes"].values():
            value = mock.accesskey if scheme.get("name") == "accesskey" else mock.token
            where = scheme.get("in", "header")
            headers = {"Authorization": f"Bearer {value}"} if where == "header" else {}
            query = {scheme["name"]: value} if where == "query" else {}
            client = mock.anonymous
            if where == "cookie":
                client.set_cookie(scheme["name"], value)
            assert client.get("/v1.0/tags", headers=headers, query_string=query).status_code == 200
        assert len(document["security"]) == len(document["components"]["securitySchemes"]) == 5


# --- what a profile really takes and answers ------------------------------------------------------


def component(profile: str, name: str, strict: bool | None = None) -> Any:
    document = Mock(profile, strict=strict).openapi()
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def test_a_strict_body_needs_what_the_schema_needs_and_a_lenient_one_nothing() -> None:
    assert not component("documented", "OutplanCreate").is_valid({"name": "a"})
    assert component("server", "OutplanCreate").is_valid({"name": "a", "detail": None})
    assert not component("server", "OutplanCreate").is_valid({"name": 1})
    assert not component("server", "OutplanCreate", strict=True).is_valid({"name": "a"})


def test_what_handlers_ask_for_is_in_it() -> None:
    talk = {"name": "a", "actions": [{"type": "talk"}]}
    assert component("documented", "FlowCreate").is_valid(talk)
    assert not component("documented", "FlowCreate").is_valid({**talk, "actions": [{"type": "speak"}]})
    outdial = {"name": "a", "detail": "b"}
    assert component("documented", "OutdialCreate").is_valid(outdial)
    assert not component("documented", "OutdialCreate").is_valid({**outdial, "name": ""})
    assert not component("server", "OutdialCreate").is_valid(outdial)


def test_what_has_not_happened_is_as_the_profile_shows_it() -> None:
    stamps = {
        "documented": ["9999-01-01 00:00:00.000000"],
        "server": [None, "2022-04-28T01:50:23.414Z"],
    }
    for profile in PROFILES:
        check = component(profile, "Tag")
        for stamp in (stamp for values in stamps.values() for stamp in values):
            wanted = stamp in stamps[profile]
            told = [e for e in check.iter_errors({"tm_delete": stamp}) if list(e.absolute_path) == ["tm_delete"]]
            assert (not told) == wanted, (profile, stamp)


def test_an_address_is_whole_or_only_what_is_not_empty() -> None:
    assert not component("documented", "ShownAddress").is_valid({"type": "tel"})
    assert component("server", "ShownAddress").is_valid({"type": "tel"})
    assert not component("server", "ShownAddress").is_valid({"type": "tel", "name": ""})


def test_a_deletion_that_is_not_done_is_described_as_each_profile_answers_it() -> None:
    answers = {p: Mock(p).openapi()["paths"]["/v1.0/campaigns/{id}"]["delete"]["responses"] for p in PROFILES}
    assert "409" in answers["documented"]
    assert "409" not in answers["server"]


def test_most_internal_errors_are_those_of_the_server_profile_alone() -> None:
    with_500 = {
        profile: {label for label, o in described(Mock(profile).openapi()) if "500" in o["responses"]}
        for profile in PROFILES
    }
    assert not {label for label in with_500["documented"] if "/talk_" in label}
    with_500 = {name: {one for one in labels if "/service_agents/" not in one} for name, labels in with_500.items()}
    assert with_500["documented"] == {
        "POST /v1.0/agents",  # a password that is too long
        "DELETE /v1.0/agents/{id}",  # the last admin
        "POST /v1.0/storage_files",  # more bytes than a customer may have
        "POST /v1.0/webchat_widgets",  # a name that is too long
        "PUT /v1.0/webchat_widgets/{id}",
        "POST /v1.0/webchat_messages",  # a text that is
        "PUT /v1.0/conversation_accounts/{id}",  # what its provider refuses, and is kept
        "POST /v1.0/conversations/{id}/messages",  # the same of what is written
        "POST /v1.0/contact_cases/{id}/messages",
        "PUT /v1.0/contact_addresses/{id}",  # of a deleted contact
        "POST /v1.0/contacts/{id}/tags",  # one that it has
        *(f"POST /v1.0/{name}" for name in ("conferences", "queues")),  # more than the plan allows
        *(
            f"POST /v1.0/{name}/{{id}}/direct-hash-regenerate"  # of a deleted
            for name in ("agents", "ais", "conferences", "extensions", "flows", "queues", "teams")
        ),
    }
    more = {"POST /v1.0/messages", "POST /v1.0/numbers", "POST /v1.0/numbers/renew", "POST /v1.0/calls"}
    more |= {"POST /v1.0/groupcalls", "POST /v1.0/transfers", "POST /v1.0/speakings"}
    more |= {"POST /v1.0/transcribes"}
    more |= {f"POST /v1.0/calls/{{id}}/{word}" for word in ("talk", "recording_start", "recording_stop")}
    more |= {f"POST /v1.0/queuecalls/{which}/kick" for which in ("{id}", "reference_id/{id}")}
    # Texts that are too long, addresses that are taken, one to use first that is in the way, and tokens of no moment.
    more |= {"POST /v1.0/contacts", "PUT /v1.0/contacts/{id}", "POST /v1.0/contacts/{id}/addresses"}
    more |= {"PUT /v1.0/contacts/{id}/addresses/{address_id}", "POST /v1.0/contact_addresses"}
    more |= {"POST /v1.0/contact_addresses/{id}/claim", "POST /v1.0/contact_cases/{id}/notes"}
    more |= {f"GET /v1.0/contact_{name}" for name in ("cases", "interactions", "peer_events")}
    # What AIs, jobs and routing refuse by an error of their database or of a service behind.
    more |= {f"POST /v1.0/{name}" for name in ("aicalls", "aimessages", "ais", "aisummaries", "rags", "teams")}
    more |= {"POST /v1.0/rags/{id}/sources", "DELETE /v1.0/rags/{id}/sources/{source_id}"}
    more |= {f"PUT /v1.0/{name}/{{id}}" for name in ("ais", "outbound_configs", "teams")} | {
        "PUT /v1.0/outbound_config"
    }
    more |= {f"POST /v1.0/{name}" for name in ("customers", "extensions", "outbound_configs", "storage_accounts")}
    more |= {"POST /v1.0/billing_account/paddle_portal_session", "POST /v1.0/trunks"}
    assert with_500["server"] == with_500["documented"] | more


@each_profile
def test_an_answer_that_is_not_described_is_noticed(profile: str) -> None:
    world = Mock(profile).world
    assert not list(strays(world, "GET", "/ping", Reply(200, b'{"message":"pong"}')))
    for reply in (Reply(200, b'{"message":"peng"}'), Reply(201, b"{}"), Reply(200, b"pong", "text/plain")):
        assert list(strays(world, "GET", "/ping", reply))


def test_a_few_calls_of_each_kind_are_answered_as_described(mock: Mock) -> None:
    client = mock.client
    for path in ("", f"/{OUTPLAN}", "/nonsense", "?page_size=x", "?page_token=x"):
        for noun in ("outplans", "numbers", "campaigns", "outdials", "agents", "accesskeys", "queues", "flows"):
            reply = client.get(f"/v1.0/{noun}{path}")
            shown = Reply(reply.status_code, reply.data, reply.content_type)
            assert not list(strays(mock.world, "GET", f"/v1.0/{noun}{path}".partition("?")[0], shown))


# --- the command line ------------------------------------------------------------------------------


@each_profile
def test_the_command_prints_the_same(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["openapi", "--profile", profile]) == 0
    assert json.loads(capsys.readouterr().out) == Mock(profile).openapi()
    assert cli.main(["openapi", "--profile", profile, "--strict"]) == 0
    assert json.loads(capsys.readouterr().out) == Mock(profile, strict=True).openapi()


def test_an_unknown_profile_is_one_line_and_exit_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["openapi", "--profile", "real"]) == 2
    assert capsys.readouterr().err.startswith("voipbin-mock: unknown profile 'real'")


# --- the page --------------------------------------------------------------------------------------


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.anchors += [given["id"]] if given.get("id") else []
        self.links += [given[name] or "" for name in ("href", "src") if name in given]


def test_the_page_has_a_deep_link_for_every_operation(mock: Mock) -> None:
    reply = mock.anonymous.get("/__mock__/docs", headers={"Host": "localhost"})
    assert reply.status_code == 200
    assert reply.content_type == "text/html; charset=utf-8"
    page = Page(reply.text)
    assert {operation["operationId"] for _, operation in described(mock.openapi())} <= set(page.anchors)
    assert len(set(page.anchors)) == len(page.anchors)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.anchors)


def test_the_page_fetches_nothing_and_runs_nothing_but_its_own_script(mock: Mock) -> None:
    reply = mock.anonymous.get("/__mock__/docs", headers={"Host": "localhost"})
    page = Page(reply.text)
    assert not [
        link for link in page.links if not link.startswith(("#", "data:,", "/openapi.json", "/__mock__/console"))
    ]
    assert not page.tags & {"img", "iframe", "object"}
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", reply.text)
    policy = dict(each.split(" ", 1) for each in reply.headers["Content-Security-Policy"].split("; "))
    for tag in ("script", "style"):
        (own,) = re.findall(f"<{tag}>(.*?)</{tag}>", reply.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert policy.pop(f"{tag}-src") == f"'sha256-{digest}'"
    assert policy.pop("img-src") == "data:"
    assert set(policy) == {"default-src", "base-uri", "form-action", "frame-ancestors"}
    assert set(policy.values()) == {"'none'"}
    assert not re.search(r"\sstyle=|\son[a-z]+=", reply.text)


def test_the_page_says_where_to_call_and_links_to_its_own_session(mock: Mock) -> None:
    headers = {"Host": "localhost:8484"}
    assert "Call it at <code>http://localhost:8484</code>" in mock.anonymous.get("/__mock__/docs", headers=headers).text
    session = mock.anonymous.get("/__session__/alice/__mock__/docs", headers=headers).text
    assert "Call it at <code>http://localhost:8484/__session__/alice</code>" in session
    assert 'href="/__session__/alice/openapi.json"' in session


@each_strictness
def test_every_sample_is_what_its_schema_says(mock: Mock, strict: bool) -> None:
    document = Mock(mock.world.profile.name, strict=strict).openapi()
    for label, operation in described(document):
        contents = [*operation["responses"].get("200", {}).get("content", {}).values()]
        contents += operation.get("requestBody", {}).get("content", {}).values()
        for schema in (content["schema"] for content in contents):
            check = Draft202012Validator({**schema, "components": document["components"]})
            faults = [error.message for error in check.iter_errors(sample(schema, document["components"]["schemas"]))]
            assert not faults, label


def test_the_page_tells_of_each_operation_what_the_control_api_tells(mock: Mock) -> None:
    host = {"Host": "localhost"}
    page = unescape(mock.anonymous.get("/__mock__/docs", headers=host).text)
    for name in ("outplans.create", "recordings.list", "numbers.renew", "calls.hold", "agents.me"):
        one = mock.anonymous.get(f"/__mock__/operations/{name}", headers=host).json
        part = page.partition(f'<div id="{name}">')[2].partition("</details>")[0]
        assert f"<pre>{one['curl']}</pre>" in part, name
        assert all(note in part for note in one["notes"]), name
        if one["answer"] and "sample" in one["answer"]:
            assert json.dumps(one["answer"]["sample"], indent=2, ensure_ascii=False) in part, name


def test_the_page_escapes_what_schemas_say() -> None:
    nasty = "<script>alert('&')</script>"
    part = {"type": "object", "description": nasty, "properties": {"<b>": {"type": "string", "description": nasty}}}
    toys = Resource("toys", schema={"title": nasty, "$defs": {"create": part, "record": part}})
    with Mock(areas=[Area("toys", operations(toys, plain=("create",)))]) as mock:
        text = mock.anonymous.get("/__mock__/docs", headers={"Host": "localhost"}).text
    assert text.count("<script") == 1  # the page's own
    assert "<b></code>" not in text
    assert "&lt;script&gt;" in text


# --- schemas for others ----------------------------------------------------------------------------

EVERY_PART = [(name, part) for name in schemas.names() for part in schemas.parts(name)]


@for_each("place", EVERY_PART)
def test_a_schema_stands_by_itself_in_the_standards_own_words(place: tuple[str, str]) -> None:
    schema = schemas.schema(*place)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)
    refs = {node["$ref"] for node in walked(schema) if isinstance(node.get("$ref"), str)}
    assert refs == {f"#/$defs/{piece}" for piece in schema.get("$defs", ())}
    assert not [word for node in walked(schema) for word in node if word.startswith("x-")]


@pytest.mark.parametrize("name", ["outplans", "campaigns", "targets", "flows"])
def test_a_handed_out_schema_judges_as_the_mock_does(name: str) -> None:
    part = catalog.default().resources[name].part("create")
    check = Draft202012Validator(schemas.schema(name, "create"))
    tel = {"type": "tel", "target": "+15550100001"}
    for body in (
        {},
        {"name": "a", "detail": "b", "data": "c", "destination_0": tel},
        {"name": "a", "actions": [{"type": "talk"}]},
        {"name": "a", "actions": [{"typo": "talk"}]},
        {"name": "a", "source": {"type": "tel", "target": "5550100001"}},
    ):
        assert check.is_valid(body) == (not part.violations(body)), body


def test_a_handed_out_schema_is_yours_to_change() -> None:
    schemas.schema("outplans", "create")["required"].clear()
    assert schemas.schema("outplans", "create")["required"]
    assert catalog.default().resources["outplans"].part("create").schema["required"]


def test_schemas_by_reference_need_the_registry_alone() -> None:
    check = Draft202012Validator(
        {"$ref": f"{schemas.BASE_URI}outplans.json#/$defs/update"}, registry=schemas.registry()
    )
    assert check.is_valid({"name": "a", "detail": "b"})
    assert not check.is_valid({"name": "a"})


def test_what_has_no_schema_is_named_with_what_has_one() -> None:
    with pytest.raises(LookupError, match=r"no schemas for 'outplan'; there are accesskeys, .*outplans"):
        schemas.schema("outplan")
    with pytest.raises(LookupError, match="no part 'created' in outplans; there are create, update, dial_info, record"):
        schemas.schema("outplans", "created")
    with pytest.raises(LookupError, match="no schemas for 'common'"):
        schemas.parts("common")


def test_the_document_is_made_once_and_each_copy_is_ones_own() -> None:
    first, second = Mock(), Mock()
    first.openapi()["paths"].clear()
    assert second.openapi()["paths"]
    key = (catalog_of(first.world), first.world.profile, True)
    assert openapi.text(*key) is openapi.text(*key)
