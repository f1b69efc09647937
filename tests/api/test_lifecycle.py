"""The life of a plain record, from its creation to its deletion: the same for every resource, in both profiles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.examples import example_body
from voipbin_mock import Mock, Resource, catalog
from voipbin_mock.api import crud
from voipbin_mock.api.operations import PLAIN, SERVICE_AGENTS, Operation
from voipbin_mock.world.differences import chosen

UNKNOWN = "c0ffee00-0000-4000-8000-00000000dead"
CATALOG = catalog.default()
HANDLERS = {*crud.PLAIN.plain.values(), crud.PLAIN.facet, crud.PLAIN.direct_hash}


def operations_of(resource: Resource) -> dict[str, Operation]:
    at_the_top = (one for one in CATALOG.operations if SERVICE_AGENTS not in one.template)
    return {operation.kind: operation for operation in at_the_top if operation.resource is resource}


READ_ONLY = {"billings"}  # the rows of the ledger: they come about by what is used, and stay
PLAIN_ONES = [
    resource
    for resource in CATALOG.resources.values()
    if resource.name not in READ_ONLY
    and operations_of(resource)
    and all(one.handler in HANDLERS for one in operations_of(resource).values())
]
each = pytest.mark.parametrize("resource", PLAIN_ONES, ids=lambda resource: resource.name)


def ask(mock: Mock, operation: Operation, row_id: str = "", client: Any = None, **changes: Any) -> Any:
    arguments = {} if operation.part_name is None else {"json": {**example_body(operation), **changes}}
    path = operation.template.replace("{id}", row_id)
    return (client or mock.client).open(path, method=operation.method, **arguments)


def refusal(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.get_json(force=True)["error"]["reason"]


def listed(mock: Mock, resource: Resource) -> list[Any]:
    rows: list[Any] = ask(mock, operations_of(resource)["list"]).json["result"]
    return rows


def unlike(before: Any, after: Any) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_there_are_plain_resources_and_they_have_all_that_plain_ones_have() -> None:
    assert {"outplans", "tags"} <= {resource.name for resource in PLAIN_ONES}
    assert all(set(PLAIN) <= operations_of(resource).keys() for resource in PLAIN_ONES)
    assert all(operations_of(CATALOG.resources[name]).keys() == {"list", "get"} for name in READ_ONLY)


@each
def test_it_is_created_as_sent_and_found_by_its_id_and_first_in_the_list(either: Mock, resource: Resource) -> None:
    operations = operations_of(resource)
    reply = ask(either, operations["create"])
    made = reply.json
    assert reply.status_code == 200
    assert not resource.record.violations(made)
    assert list(made) == [member.name for member in resource.record.members if member.name in made]
    assert made["customer_id"] == either.world.owner
    assert ask(either, operations["get"], made["id"]).json == made
    second = ask(either, operations["create"]).json
    assert listed(either, resource)[:2] == [second, made]


@each
def test_an_update_and_every_facet_replace_their_members_and_no_others(either: Mock, resource: Resource) -> None:
    operations = operations_of(resource)
    shown = either.client.get(f"/v1.0/{resource.name}/{either.records(resource.name).create().id}").json
    for operation in operations.values():
        if operation.method != "PUT":
            continue
        either.advance(seconds=1)
        changed = ask(either, operation, shown["id"]).json
        sent = example_body(operation)
        inside = sent.keys() <= resource.record.names
        assert unlike(shown, changed) <= {"tm_update", *(sent if inside else {operation.facet})}
        assert changed["tm_update"] != shown["tm_update"]
        assert not resource.record.violations(changed)
        assert ask(either, operations["get"], shown["id"]).json == changed
        shown = changed


@each
def test_a_change_touches_no_other_record(either: Mock, resource: Resource) -> None:
    operations = operations_of(resource)
    mine, other = (ask(either, operations["create"]).json for _ in range(2))
    for operation in operations.values():
        if "{id}" in operation.template and operation.method != "GET":
            assert ask(either, operation, mine["id"]).status_code == 200
    assert ask(either, operations["get"], other["id"]).json == other


@each
def test_a_deleted_one_stays_readable_and_a_second_deletion_refreshes_its_stamps(
    either: Mock, resource: Resource
) -> None:
    operations = operations_of(resource)
    made = ask(either, operations["create"]).json
    either.advance(seconds=5)
    gone = ask(either, operations["delete"], made["id"]).json
    assert unlike(made, gone) == {"tm_update", "tm_delete"}
    assert gone["tm_delete"] == gone["tm_update"]
    assert ask(either, operations["get"], made["id"]).json == gone
    stays = either.world.store[resource.name].lists_deleted
    assert (gone in listed(either, resource)) is stays
    either.advance(seconds=5)
    again = ask(either, operations["delete"], made["id"]).json
    assert again["tm_delete"] > gone["tm_delete"]


@each
def test_each_of_its_changes_is_told_if_its_changes_are_told_at_all(either: Mock, resource: Resource) -> None:
    operations = operations_of(resource)
    made = ask(either, operations["create"]).json
    ask(either, operations["update"], made["id"])
    ask(either, operations["delete"], made["id"])
    told = [event["type"] for event in either.client.get("/__mock__/events").json["events"]]
    expected = [f"{resource.event_noun}_{what}" for what in ("created", "updated", "deleted")]
    assert told == (expected if chosen(resource.events, either.world.profile) else [])


@each
def test_an_unknown_one_is_missing_by_its_own_name(either: Mock, resource: Resource) -> None:
    for operation in operations_of(resource).values():
        if "{id}" in operation.template:
            assert refusal(ask(either, operation, UNKNOWN)) == (404, f"{resource.noun.upper()}_NOT_FOUND")
            bad = "INVALID_REQUEST_PARAMETER" if operation.uuid_ids else "INVALID_ID"
            assert refusal(ask(either, operation, "5")) == (400, bad)


@each
def test_an_agent_without_permission_may_do_nothing_with_it(either: Mock, resource: Resource) -> None:
    either.agents.create(username="plain@localhost", permission=16)
    client = either.client_for("plain@localhost")
    row_id = either.records(resource.name).create().id
    for operation in operations_of(resource).values():
        assert refusal(ask(either, operation, row_id, client)) == (403, "PERMISSION_DENIED")


@each
def test_another_customers_is_out_of_reach(either: Mock, resource: Resource) -> None:
    theirs = either.customers.create(name="Other").id
    row = either.records(resource.name).create(customer_id=theirs)
    documented = either.world.profile.name == "documented"
    expected = (404, f"{resource.noun.upper()}_NOT_FOUND") if documented else (403, "PERMISSION_DENIED")
    for operation in operations_of(resource).values():
        if "{id}" in operation.template:
            assert refusal(ask(either, operation, row.id)) == expected
    assert row.id not in {shown["id"] for shown in listed(either, resource)}
    assert either.records(resource.name).get(row.id) == row


@each
def test_a_body_that_cannot_be_read_changes_nothing(either: Mock, resource: Resource) -> None:
    operations = operations_of(resource)
    before = either.dump()["records"]
    assert refusal(ask(either, operations["create"], name=7)) == (400, "INVALID_JSON_BODY")
    assert either.dump()["records"] == before
