"""Bodies that are made of nothing but their schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from voipbin_mock import Mock, Resource
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Operation
from voipbin_mock.areas.campaigns.states import REFERENCES
from voipbin_mock.schema.documents import resolve
from voipbin_mock.wire.values import NIL_UUID

# Texts for members with a pattern: the first that fits is sent.
TEXTS = (
    "c0ffee00-0000-4000-8000-000000000000",
    "+15550001111",
    "2022-04-28 01:50:23.414000",
    "https://hooks.example.com/voipbin",
)


def example(schema: Any, home: Mapping[str, Any]) -> Any:
    """A body with every member of a schema, made of nothing but the schema."""
    schema, home = resolve(schema, home)
    kind = schema.get("type")
    if isinstance(kind, list):  # an object or null
        kind = kind[0]
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return next(choice for choice in schema["enum"] if choice != "")
    if kind == "object":
        body = {name: example(member, home) for name, member in schema.get("properties", {}).items()}
        if body.get("type") == "agent":  # an address
            body |= {"type": "tel", "target": TEXTS[1]}
        return body
    if kind == "array":
        return [example(schema["items"], home)]
    if kind == "integer":
        return min(max(100_000, schema.get("minimum", 0)), schema.get("maximum", 100_000))
    if kind == "boolean":
        return True
    pattern = schema.get("pattern")
    return "some text" if pattern is None else next(text for text in TEXTS if re.search(pattern, text))


@cache
def example_body(operation: Operation) -> Any:
    assert operation.part is not None
    body = example(operation.part.schema, operation.part.home)
    # A campaign and a number refer to what exists, or to nothing.
    return body | {name: NIL_UUID for name in body if name in REFERENCES or name.endswith("_flow_id")}


# What a record made for an operation must have, for the operation to answer with a record.
MADE = {"campaigncalls": {"status": "done"}}


# What a record must be for an operation to do what it is for, in either profile; and the member that the path names.
READY: dict[str, dict[str, Any]] = {
    "queuecalls.kick": {"status": "service"},
    "queuecalls.kick_by_reference": {"status": "service"},
    "conferences.recording_start": {"opened": True},
    "contacts.add_tag": {"tag_ids": []},
    "contact_cases.continue": {"status": "closed"},
    "ais.activate_insight": {"type": "insight"},
    "conferences.recording_stop": {"recording_id": "348d988b-2ac9-4702-84f0-ae81301ad349"},
    "conferences.transcribe_stop": {"transcribe_id": "8c5a9e2a-2a7f-4a6f-9f1d-debd72c279ce"},
}
NAMED_BY = {
    "ai_participants.list": "ai_id",
    "ai_participants.list_under": "aicall_id",
    "queuecalls.kick_by_reference": "reference_id",
}


def a_record(mock: Mock, resource: Resource) -> Any:
    """A record of the seed, or a blank one if it has none of these."""
    records = mock.records(resource.name)
    found = next(iter(records.list()), None)
    if found is None:
        members = dict(MADE.get(resource.name, {}))
        if resource.parent:
            parent = catalog_of(mock.world).resources[resource.parent]
            members[resource.parent_key] = a_record(mock, parent).id
        found = records.create(**members)
    return found


def path_ids(mock: Mock, operation: Operation) -> dict[str, str]:
    """The ids in the path of an operation on a record, and on its parent, by the names of the parameters."""
    names = re.findall(r"{([\w-]+)}", operation.template)
    if not names:
        return {}
    resource = operation.resource
    if resource is None:  # it is about a call
        ids = dict.fromkeys(names, str(a_record(mock, catalog_of(mock.world).resources["calls"]).id))
        return {**ids, names[0]: operation.words[0]} if operation.words else ids
    record = a_record(mock, resource)
    name = operation.name.removeprefix("service_agents.")
    if name in READY:
        mock.records(resource.name).update(record.id, **READY[name])
    ids = dict.fromkeys(names, str(record[NAMED_BY.get(name, "id")]))
    if resource.name == "talk_participants":
        ids["id"] = record["chat_id"]
    if resource.name == "ai_prompt_histories":
        ids["id"] = record["ai_id"]
    if resource.name == "contact_case_notes":
        ids["id"] = record["case_id"]
    if "address_id" in ids:
        ids["address_id"] = record["addresses"][0]["id"]
    if "source_id" in ids:
        ids["source_id"] = record["sources"][0]["id"]
    if "tag_id" in ids:
        ids["tag_id"] = record["tag_ids"][0]
    if resource.parent and f"/{resource.parent}/{{id}}" in operation.template:
        ids["id"] = record[resource.parent_key]
    return ids
