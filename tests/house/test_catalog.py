"""The catalogue is whole: every resource has its schema, every operation answers, every reason is known."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import voipbin_mock
from tests.support import data_files
from tests.support.desk import asked_at_desk, at_the_top, seat
from tests.support.each import for_each
from tests.support.examples import TEXTS, a_record, example_body, path_ids
from tests.support.valid_openapi import references
from voipbin_mock import Mock, MockUsageError, Resource, catalog
from voipbin_mock.api import lint
from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import PREFIX, Operation
from voipbin_mock.areas.accounts import auth
from voipbin_mock.schema import files as data
from voipbin_mock.schema.documents import BASE_URI, document, resolve
from voipbin_mock.wire.errors import NOT_FOUND_SUFFIX, REASONS, STATUSES, ApiError
from voipbin_mock.world import profiles
from voipbin_mock.world.seed_files import META

PACKAGE = Path(voipbin_mock.__file__).resolve().parent
CATALOG = catalog.default()
RESOURCES = list(CATALOG.resources.values())
PARTS = [resource.part(name) for resource in RESOURCES for name in resource.document["$defs"]]
API = [operation for operation in CATALOG.operations if not (operation.control or operation.hook)]
# They are there in order to answer 404, as the service's do.
REFUSING = [operation for operation in API if operation.handler is auth.unrouted]
# A websocket answers its handshake only; test_websocket.py shakes hands.
ANSWERING = [operation for operation in API if operation not in REFUSING and not operation.websocket]
SUPER_ADMIN = "superadmin@localhost"

each_profile = pytest.mark.parametrize("profile", list(profiles.PROFILES))
each_resource = for_each("resource", RESOURCES, ids=lambda resource: resource.name)
each_part = for_each("part", PARTS, ids=lambda part: f"{part.resource}.{part.name}")
each_document = for_each("name", data.schemas())
each_seed = pytest.mark.parametrize("seed", data.seeds())


# --- the schema documents ------------------------------------------------------------------------


@each_document
def test_every_schema_document_is_valid_2020_12(name: str) -> None:
    schema = document(name)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)
    for part in schema["$defs"].values():
        Draft202012Validator.check_schema(part)


@each_document
def test_every_schema_document_is_known_by_its_file_name(name: str) -> None:
    assert document(name)["$id"] == f"{BASE_URI}{name}.json"
    assert document(name)["title"]


def test_every_schema_document_belongs_to_a_resource_of_the_area_whose_folder_it_lies_in() -> None:
    folders = {Path(path).relative_to(data.root() / "schemas").as_posix() for path in data.schemas().values()}
    homes = {f"{area.name}/{resource.name}.json" for area in CATALOG.areas() for resource in area.resources}
    assert folders == homes | {"common.json"}


@each_resource
def test_a_resource_keeps_records_if_its_records_have_a_moment_of_creation(resource: Resource) -> None:
    assert resource.stored == ("tm_create" in resource.members)


@each_resource
def test_every_resource_has_a_record_that_is_closed(resource: Resource) -> None:
    assert resource.has_part("record")
    record = resource.record.schema
    assert record["type"] == "object"
    assert record["additionalProperties"] is False
    assert set(record["required"]) <= set(record["properties"])


@each_document
def test_every_reference_leads_somewhere(name: str) -> None:
    for ref in references(document(name)):
        found, _ = resolve({"$ref": ref}, document(name))
        assert found, ref


def test_every_common_piece_is_used() -> None:
    used = set(chain.from_iterable(references(document(name)) for name in data.schemas()))
    assert not {piece for piece in document("common")["$defs"] if f"common.json#/$defs/{piece}" not in used}


def members(
    schema: Mapping[str, Any], home: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every member of a body with its resolved schema, objects and arrays walked through."""
    schema, home = resolve(schema, home)
    for name, member in schema.get("properties", {}).items():
        resolved, member_home = resolve(member, home)
        yield f"{path}/{name}", resolved
        yield from members(member, member_home, f"{path}/{name}")
        if "items" in resolved:
            yield from members(resolved["items"], member_home, f"{path}/{name}/0")


@each_part
def test_every_part_and_every_member_is_described(part: Any) -> None:
    assert part.schema["description"].endswith(".")
    bare = [path for path, member in members(part.schema, part.home) if not member.get("description")]
    assert not bare


@each_part
def test_every_length_of_time_names_its_unit(part: Any) -> None:
    for path, member in members(part.schema, part.home):
        if re.search(r"(timeout|interval|expire|duration)$", path) and "integer" in member["type"]:
            assert re.search(r"\b(milli)?seconds?\b", member["description"]), path


@each_part
def test_no_member_is_required_that_is_not_there(part: Any) -> None:
    assert set(part.schema.get("required", ())) <= part.names


@each_resource
def test_every_part_of_a_schema_is_some_operations_body(resource: Resource) -> None:
    bodies = {operation.part_name for operation in API if operation.resource is resource} - {None}
    assert set(resource.document["$defs"]) - {"record", "fixture"} == bodies


# --- the fixtures --------------------------------------------------------------------------------


@each_seed
@each_profile
def test_every_fixture_record_is_shown_as_its_schema_says(seed: str, profile: str) -> None:
    with Mock(profile, seed=seed) as mock:
        for table in mock.world.store:
            resource = CATALOG.resources[table.name]
            for row in table:
                shown = mock.world.view(resource, row.data)
                assert not resource.record.violations(shown), (table.name, row.id)
                order = [name for name in resource.record.order(profile) if name in shown]
                assert list(shown) == order


@each_seed
def test_every_fixture_says_what_it_is(seed: str) -> None:
    assert data.seed_about(seed)["description"].endswith(".")


EACH_FIXTURE = [(seed, Path(path)) for seed in data.seeds() for path in data.seed_documents(seed)]
each_fixture = pytest.mark.parametrize(
    ("seed", "path"), EACH_FIXTURE, ids=[f"{seed}/{path.stem}" for seed, path in EACH_FIXTURE]
)


@each_fixture
def test_a_fixture_document_has_resources_of_its_area_alone(seed: str, path: Path) -> None:
    document = data.load(str(path))
    if path.stem == data.ABOUT:
        assert document.keys() <= {*META}
        return
    (area,) = [area for area in CATALOG.areas() if area.name == path.stem]
    assert document
    assert document.keys() <= {resource.name for resource in area.resources if resource.stored}
    assert all(document.values()), "a resource without records is left out"


def test_the_list_of_the_packages_data_is_as_it_lies_there() -> None:
    wanted = "write it anew with: python -m tests.support.data_files"
    assert data_files.LIST.read_text(encoding="ascii") == data_files.listed(), wanted


def test_whatever_lies_among_the_fixtures_is_read() -> None:
    assert {path for _, path in EACH_FIXTURE} == {path for path in data.root().glob("fixtures/**/*") if path.is_file()}


PLACED = [(area, name) for area in CATALOG.areas() for name in area.placed]


# A day is set aside for renewing them; those of the package's seeds wait for the first that is bought.
SET_ASIDE = {"numbers": {"numbers_are_renewed"}}


@each_seed
@each_profile
@for_each("name", [name for _, name in PLACED])
def test_no_record_of_the_packages_own_seeds_has_to_be_taken_up(seed: str, profile: str, name: str) -> None:
    """They are read when first asked for, and nothing happens of that."""
    with Mock(profile, seed=seed) as mock, mock.world.lock:
        for row in tuple(mock.world.store[name]):
            assert mock.world.placed(CATALOG.resources[name], row) is row
        assert {timer.kind for timer in mock.world.timers.pending()} <= SET_ASIDE.get(name, set())
        assert not mock.world.bus.published


def test_a_record_of_ones_own_seed_that_has_to_be_taken_up_is() -> None:
    with Mock(seed={"campaigns": [{"status": "run"}]}) as mock, mock.world.lock:
        (row,) = mock.world.store["campaigns"]
        assert [(timer.kind, timer.args) for timer in mock.world.timers.pending()] == [("campaign_tick", (row.id,))]


# --- the operations ------------------------------------------------------------------------------


def test_operation_names_and_labels_are_unique() -> None:
    names = [operation.name for operation in CATALOG.operations]
    labels = [operation.label for operation in CATALOG.operations]
    assert len(set(names)) == len(names)
    assert len(set(labels)) == len(labels)


def test_what_is_declared_twice_is_refused() -> None:
    with pytest.raises(MockUsageError, match="more: resource outplans is declared already, by the area campaigns"):
        Mock(areas=[Area("more", operations(Resource("outplans")))])
    ping = Operation("ping.again", "GET", "/ping", auth.ping, public=True)
    with pytest.raises(MockUsageError, match="areas: more: operation GET /ping is declared already, by the area acc"):
        catalog.having([Area("more", ping)])
    pong = Operation("pong", "GET", "/pong", auth.ping, public=True)
    with pytest.raises(MockUsageError, match="areas: other: operation GET /pong is declared already, by the area one"):
        Mock(areas=[Area("one", pong), Area("other", pong)])


@for_each("operation", API, ids=lambda operation: operation.label)
def test_every_mocked_operation_is_one_of_the_real_api(operation: Operation) -> None:
    known = operation.method in data.known_operations().get(operation.template, ())
    own = operation in REFUSING or operation.name == "auth.login_v1"
    assert known != own


def test_the_real_apis_410_operations_and_more_are_known_and_none_twice() -> None:
    text = (PACKAGE / "operations.txt").read_text(encoding="ascii")
    templates = [line.split()[0] for line in text.splitlines() if line and not line.startswith("#")]
    operations = data.known_operations()
    assert len(templates) == len(operations)
    assert sum(map(len, operations.values())) >= 410
    assert {method for methods in operations.values() for method in methods} <= {"GET", "POST", "PUT", "DELETE"}
    assert all(len(set(methods)) == len(methods) for methods in operations.values())


@for_each("operation", CATALOG.operations, ids=lambda operation: operation.label)
def test_every_body_has_its_part_in_a_schema(operation: Operation) -> None:
    if operation.part_name is None:
        assert operation.part is None
    else:
        assert operation.resource is not None
        assert operation.resource.has_part(operation.part_name)
        assert operation.part is not None
        assert operation.part.name == operation.part_name


@for_each("operation", API, ids=lambda operation: operation.label)
def test_an_operation_that_sends_a_body_takes_one(operation: Operation) -> None:
    unmutes = operation.name == "calls.mute_end"
    takes = (operation.method in ("POST", "PUT") or unmutes) and operation not in REFUSING
    bare = operation.template.endswith(
        (
            "/files",  # a form
            "/accept",
            "/reject",
            "/join",
            "/storage_files",
            "/close",
            "/continue",
            "/direct-hash-regenerate",
            "/direct_hash_regenerate",
            "/activate_insight",
            "/end",
            "/flush",
            "/freeze",
            "/hangup",
            "/hold",
            "/kick",
            "/moh",
            "/paddle_portal_session",
            "/recording_stop",
            "/recover",
            "/silence",
            "/unassign",
            "/stop",
            "/terminate",
            "/transcribe_stop",
        )
    )
    assert (operation.part_name is not None) == (takes and not bare)


def ready_customer(mock: Mock, operation: Operation) -> dict[str, Any]:
    """What takes a customer of a certain kind, or the token of a mail, is given it; the body to be sent, if any."""
    name, owner = operation.name, mock.agents.get(username=SUPER_ADMIN).customer_id
    if name in ("auth.come_back", "customers.recover"):
        mock.customers.update(owner, status="frozen")
    if name == "auth.unregister":
        return {"json": {"confirmation_phrase": "DELETE"}}
    if name == "auth.email_verify":
        mock.anonymous.post("/auth/signup", json={"email": "ann@example.com", "accepted_tos": True})
        return {"json": {"token": mock.account_mails.get(kind="verify").token}}
    if name == "auth.password_reset":
        mock.anonymous.post("/auth/password-forgot", json={"username": mock.username})
        return {"json": {"token": mock.account_mails.get(kind="reset").token, "password": "long enough"}}
    return {}


def ready_job(mock: Mock, operation: Operation) -> dict[str, Any]:
    """What an AI does in the background is about something that is over, or goes on: the body to be sent, if any."""
    if operation.name == "aiaudits.create":
        aicall = mock.aicalls.update(mock.aicalls.list()[0].id, status="terminated")
        return {"json": {"aicall_id": aicall.id, "language": "en-US"}}
    if operation.name == "aipromptproposals.create":
        ai = next(ai for ai in mock.ais.list() if mock.aiaudits.list(prompt_history_id=ai.current_prompt_history_id))
        audit = mock.aiaudits.list(prompt_history_id=ai.current_prompt_history_id)[0]
        return {"json": {"ai_id": ai.id, "audit_ids": [audit.id], "language": "en-US"}}
    if operation.name == "aisummaries.create":
        call = a_record(mock, CATALOG.resources["calls"])
        mock.calls.update(call.id, status="progressing")
        return {"json": {**example_body(operation), "reference_id": call.id}}
    if operation.name == "timeline_analyses.create":
        return {"json": {"activeflow_id": mock.activeflows.get(status="ended").id, "reanalyze": False}}
    return {}


def call(mock: Mock, operation: Operation, **arguments: Any) -> Any:
    """One call of an operation that has all it needs: a permission, a record, a body."""
    seat(mock, operation, SUPER_ADMIN)
    path, name = operation.template.format(**path_ids(mock, operation)), at_the_top(operation)
    arguments |= asked_at_desk(mock, operation)
    arguments |= ready_customer(mock, operation)
    arguments |= ready_job(mock, operation)
    if operation.part_name == "login":
        arguments["json"] = {"username": mock.username, "password": mock.password}
    elif operation.part_name is not None:
        arguments.setdefault("json", example_body(operation))
    if operation.name.endswith("_page"):
        arguments["query_string"] = {"token": "ab" * 32}
    if operation.name == "available_numbers.list":
        arguments["query_string"] = {"country_code": "US"}
    if operation.name == "calls.recording_stop":
        assert mock.client.post(path.replace("_stop", "_start"), json={}).status_code == 200
    if name == "transcripts.list":
        arguments["query_string"] = {"transcribe_id": "8c5a9e2a-2a7f-4a6f-9f1d-debd72c279ce"}
    if name in ("contact_peer_events.list", "contact_peer_events.interactions"):
        arguments["query_string"] = {"peer_type": "tel", "peer_target": "+15551234567"}
    if name == "aimessages.list":
        arguments["query_string"] = {"aicall_id": a_record(mock, CATALOG.resources["aimessages"]).aicall_id}
    if name == "contacts.lookup":
        arguments["query_string"] = {"phone": "+15551234567"}
    if operation.name == "timelines.aggregated":
        arguments["query_string"] = {"activeflow_id": a_record(mock, CATALOG.resources["activeflows"]).id}
    return mock.client_for(SUPER_ADMIN).open(path, method=operation.method, **arguments)


def shown_records(reply: Any) -> list[Any]:
    if isinstance(reply, list):
        return reply
    # A campaigncall has a member `result` too.
    listed = reply["calls"] if "groupcalls" in reply else reply.get("result")
    return listed if isinstance(listed, list) else [reply]


@each_profile
@for_each("operation", ANSWERING, ids=lambda operation: operation.label)
def test_every_operation_is_reached_and_shows_what_its_schema_says(operation: Operation, profile: str) -> None:
    with Mock(profile, seed="tutorial", ignore="all") as mock:
        if operation.resource is not None and operation.resource.stored:
            a_record(mock, operation.resource)
        reply = call(mock, operation)
        seen = mock.requests[-1]
        if (operation.name, profile) == ("aimessages.delete", "server"):  # which has no such thing, whatever it offers
            assert seen.reason == "RESOURCE_NOT_FOUND"
            return
        if operation.name == "transfers.create":  # it wants a call in a bridge: tests/areas/calls/test_groupcalls.py
            assert seen.reason == "CALL_NOT_FOUND"
            return
        if operation.name == "outbound_configs.create":  # a customer has one, and no second
            assert seen.reason == "STATE_INVALID"
            return
        assert seen.operation == operation.name
        if operation.name == "auth.login_v1" and profile == "server":
            assert seen.reason == "ROUTE_NOT_FOUND"
            return
        assert reply.status_code in (200, 201, 202, 204, 307), reply.text
        of_records = operation.answers is None or operation.answers.shape
        of_records = of_records and not operation.name.endswith("_page")  # for browsers
        if operation.resource is not None and reply.data and reply.status_code != 307 and of_records:
            records = shown_records(reply.json)
            assert records or operation.name in ("numbers.renew", "outbound_configs.list")
            for record in records:
                assert not operation.resource.record.violations(record)


@each_profile
@for_each("operation", REFUSING, ids=lambda operation: operation.label)
def test_the_paths_of_authentication_under_the_prefix_are_dead(operation: Operation, profile: str) -> None:
    with Mock(profile) as mock:
        reply = mock.client.open(operation.template, method=operation.method)
        assert reply.status_code == 404
        assert reply.json["error"]["reason"] == "ROUTE_NOT_FOUND"
        assert mock.requests[-1].operation == operation.name


@for_each("operation", [o for o in ANSWERING if o.part_name], ids=lambda operation: operation.label)
def test_every_example_body_satisfies_its_schema_at_first_sight(operation: Operation) -> None:
    assert operation.part is not None
    assert operation.part.surely_valid(example_body(operation))
    assert not operation.part.decode(example_body(operation))[1]


@for_each("operation", [o for o in API if not o.public], ids=lambda operation: operation.label)
def test_nothing_is_answered_without_a_credential(operation: Operation) -> None:
    with Mock() as mock:
        path = re.sub(r"\{[\w-]+\}", TEXTS[0], operation.template)
        reply = mock.anonymous.open(path, method=operation.method)
        assert reply.json["error"]["reason"] == "AUTHENTICATION_REQUIRED"


@for_each("operation", [o for o in CATALOG.operations if o.control], ids=lambda o: o.label)
def test_every_control_call_is_below_its_prefix(operation: Operation) -> None:
    assert operation.template.startswith("/__mock__")
    assert operation.resource is None
    assert not operation.template.startswith(PREFIX)


# --- the vocabulary of errors and warnings -------------------------------------------------------


@cache
def written() -> dict[str, set[str]]:
    """Of every call in the package, by its name, the first arguments that are written out (one of two, too)."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.func, (ast.Name, ast.Attribute)):
                argument = node.args[0]
                for one in (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        found[node.func.id if isinstance(node.func, ast.Name) else node.func.attr].add(one.value)
    return found


def literals(call_name: str) -> set[str]:
    return written()[call_name]


def declared_reasons() -> set[str]:
    profiled = {resource.unfound(profile) for resource in RESOURCES for profile in profiles.PROFILES.values()}
    profiled |= {reason for failures in CATALOG.differences["number-failures"].both for reason in failures.values()}
    profiled |= {reason for reason in CATALOG.differences["wrong-parent"].both if reason}
    told = {reason for o in API for profile in profiles.PROFILES.values() for reason in o.reasons(profile)}
    return literals("ApiError") | profiled | told | {resource.missing for resource in RESOURCES}


def test_the_scan_for_reasons_finds_what_is_there() -> None:
    assert {"ROUTE_NOT_FOUND", "INVALID_JSON_BODY", "DIRECT_ACCESS_NOT_SUPPORTED"} <= literals("ApiError")


@for_each("reason", lambda: sorted(declared_reasons()))
def test_every_reason_used_is_a_known_one(reason: str) -> None:
    nouns = {resource.noun.upper() for resource in RESOURCES}
    assert reason in CATALOG.reasons or reason.removesuffix(NOT_FOUND_SUFFIX) in nouns
    error = ApiError(CATALOG.reason(reason))
    assert error.http_code == STATUSES[error.status]
    assert error.message.endswith(".")


@for_each("reason", sorted(REASONS))
def test_every_reason_has_one_of_the_ten_statuses(reason: str) -> None:
    assert len(STATUSES) == 10
    status, message = REASONS[reason]
    assert status in STATUSES
    assert message.endswith(".")


def test_an_unknown_reason_is_refused_where_it_is_raised() -> None:
    with pytest.raises(KeyError, match="NO_SUCH_REASON"):
        ApiError("NO_SUCH_REASON")


def test_every_lint_code_is_declared_and_used() -> None:
    assert literals("Lint") | literals("Finding") == set(CATALOG.lints)
    assert len(CATALOG.lints) == len(lint.CODES) + sum(len(area.lints) for area in CATALOG.areas())
