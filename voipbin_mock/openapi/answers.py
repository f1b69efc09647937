"""Answers for the OpenAPI document: records as a profile shows them, and the reasons that each operation can give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from voipbin_mock.api.catalog import CONFLICT, GONE, Operation, Resource
from voipbin_mock.openapi.bodies import Components, Schema, pascal
from voipbin_mock.schema.documents import standard
from voipbin_mock.schema.parts import ADDRESS_KEYS, Member
from voipbin_mock.wire.errors import REASONS, STATUSES
from voipbin_mock.world.profiles import Profile

_DATE, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"

# --- records ---------------------------------------------------------------------------------------


def record(components: Components, resource: Resource, profile: Profile) -> Schema:
    """The reference to a resource's record, as the profile shows it."""
    return components.ref(pascal(resource.noun), lambda: _record(components, resource, profile))


def zeros(components: Components, resource: Resource, profile: Profile) -> Schema:
    """The same for an answer that stands for a deletion that was not done."""

    def make() -> Schema:
        schema = _record(components, resource, profile)
        for member in resource.record.members:
            schema["properties"][member.name].pop("enum", None)
            if member.kind == "actions":
                schema["properties"][member.name]["type"] = ["array", "null"]
        return {**schema, "description": f"A {resource.noun} of zeros: nothing was deleted."}

    return components.ref(pascal(f"{resource.noun}_zeros"), make)


def _record(components: Components, resource: Resource, profile: Profile) -> Schema:
    properties: dict[str, Schema] = {}
    required = []
    for member in resource.record.members:
        left_out = member.omitted in profile.omits
        schema = _shown(components, resource, member, profile, left_out)
        if member.schema.get("description"):
            schema["description"] = member.schema["description"]
        properties[member.name] = schema
        if not left_out:
            required.append(member.name)
    return {
        "type": "object",
        "description": resource.record.schema.get("description", ""),
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _shown(
    components: Components, resource: Resource, member: Member, profile: Profile, left_out: bool = False
) -> Schema:
    kind = member.kind
    if kind == "stamp":
        moment = components.ref("Moment", lambda: _moment(profile))
        nullable = (profile.never is None or resource.name in profile.null_never) and not left_out
        return {"anyOf": [moment, {"type": "null"}]} if nullable else moment
    if kind == "uuid":
        return components.ref("Id", _id)
    if kind == "uuids":
        return {"type": "array", "items": components.ref("Id", _id)}
    if kind in ("address", "addresses", "slot"):
        address = components.ref("ShownAddress", lambda: _address(profile))
        if kind == "addresses":
            return {"type": "array", "items": address}
        return {"anyOf": [address, {"type": "null"}]} if kind == "slot" and profile.null_slots else address
    if kind == "actions":
        return {"type": "array", "items": components.ref("ShownAction", lambda: _action(components, profile))}
    if kind == "object":
        members = {inner.name: _shown(components, resource, inner, profile) for inner in member.members}
        return {"type": "object", "properties": members}
    schema: Schema = standard(member.schema, lambda ref: components.piece(ref, resource), "$")
    schema.pop("default", None)
    return schema


def _id() -> Schema:
    return {"type": "string", "format": "uuid", "description": "A UUID. All zeros means: none."}


def _moment(profile: Profile) -> Schema:
    if profile.never is None:
        pattern = rf"^{_DATE}T{_TIME}(\.[0-9]{{1,6}})?Z$"
        return {"type": "string", "format": "date-time", "pattern": pattern, "description": "A moment in UTC."}
    description = f"A moment in UTC; `{profile.never}` means: has not happened, where it is not null."
    return {"type": "string", "pattern": rf"^{_DATE} {_TIME}\.[0-9]{{6}}$", "description": description}


def _address(profile: Profile) -> Schema:
    full = profile.full_addresses
    return {
        "type": "object",
        "description": "An address." if full else "An address; members that are empty are left out.",
        "properties": {
            name: {"type": "string"} if full else {"type": "string", "minLength": 1} for name in ADDRESS_KEYS
        },
        "required": list(ADDRESS_KEYS) if full else [],
        "additionalProperties": False,
    }


def _action(components: Components, profile: Profile) -> Schema:
    properties: dict[str, Schema] = {
        "id": components.ref("Id", _id),
        "next_id": components.ref("Id", _id),
        "type": {"type": "string", "description": "What to do."},
        "option": {"type": "object", "description": "How to do it; depends on the type."},
        "tm_execute": {"type": "null", "description": "When it was done: never, as long as it is no call's."},
    }
    required = [name for name in properties if name != "option"] if profile.full_actions else ["type"]
    return {
        "type": "object",
        "description": "One action of a flow.",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


# --- answers that are well --------------------------------------------------------------------------


def answer(components: Components, operation: Operation, profile: Profile) -> Schema:
    """The schema of the body that an operation answers with when all is well."""
    if operation.resource is None:
        return _PLAIN_ANSWERS[operation.name]
    resource = operation.resource
    shown = record(components, resource, profile)
    special = _ANSWERS.get(operation.name)
    if special is not None:
        return special(shown)
    if is_list(operation):
        noun = pascal(resource.noun)
        return components.ref(f"{noun}Page", lambda: _page(shown))
    if operation.name in _EARLY and not profile.refuses_early_delete:
        return {"anyOf": [shown, zeros(components, resource, profile)]}
    return shown


def is_list(operation: Operation) -> bool:
    return operation.name.rpartition(".")[2] in ("list", "list_under")


def _page(shown: Schema) -> Schema:
    token = "The `page_token` of the page that follows; empty after an empty page."
    return _object(
        {
            "result": {"type": "array", "items": shown, "description": "Newest first."},
            "next_page_token": {"type": "string", "description": token},
        }
    )


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _made_calls(shown: Schema) -> Schema:
    groups = {"type": "array", "maxItems": 0, "description": "Group calls are not mocked yet."}
    return _object(
        {"calls": {"type": "array", "items": shown, "description": "One a destination."}, "groupcalls": groups}
    )


_ANSWERS: Mapping[str, Callable[[Schema], Schema]] = {
    "available_numbers.list": lambda shown: _object({"result": {"type": "array", "items": shown}}),
    "calls.create": _made_calls,
    "numbers.renew": lambda shown: {"type": "array", "items": shown, "description": "The numbers that were renewed."},
}
_PLAIN_ANSWERS: Mapping[str, Schema] = {
    "ping": _object({"message": {"const": "pong"}}),
    "openapi": {"type": "object", "description": "This document.", "required": ["openapi", "info", "paths"]},
}
_EARLY = ("campaigns.delete", "campaigncalls.delete")


# --- reasons -----------------------------------------------------------------------------------------

_ACTIONS = ("INVALID_ACTION_TYPE", "INVALID_ANONYMOUS_VALUE")
_CALLING = ("STATE_INVALID", "IDENTITY_VERIFICATION_REQUIRED", "INSUFFICIENT_BALANCE")
# What handlers refuse beside what is refused everywhere.
_MORE: Mapping[str, tuple[str, ...]] = {
    "accesskeys.create": ("INVALID_ARGUMENT",),
    "agents.me": ("AGENT_AUTH_REQUIRED", "AGENT_NOT_FOUND"),
    "agents.password": ("INVALID_ARGUMENT",),
    "calls.create": ("INVALID_ARGUMENT", *_ACTIONS, *_CALLING),
    "campaigns.actions": _ACTIONS,
    "campaigns.create": ("INVALID_ARGUMENT", *_ACTIONS),
    "campaigns.next_campaign_id": ("INVALID_ARGUMENT",),
    "campaigns.resource_info": ("INVALID_ARGUMENT",),
    "campaigns.status": ("INVALID_ARGUMENT",),
    "customers.billing_account_id": ("INVALID_ID",),
    "flows.create": _ACTIONS,
    "flows.update": _ACTIONS,
    "numbers.create": ("INVALID_ARGUMENT", "IDENTITY_VERIFICATION_REQUIRED"),
    "numbers.renew": ("INVALID_ARGUMENT",),
    "outdials.create": ("INVALID_ARGUMENT",),
    "targets.create": ("INVALID_ARGUMENT",),
}


def reasons(operation: Operation, profile: Profile, strict: bool, resources: Mapping[str, Resource]) -> list[str]:
    """Every reason that an operation can give, in the order of the error vocabulary."""
    found = set(_reasons(operation, profile, strict, resources))
    order = {reason: place for place, reason in enumerate(REASONS)}
    return sorted(found, key=lambda reason: (order.get(reason, len(order)), reason))


def _reasons(operation: Operation, profile: Profile, strict: bool, resources: Mapping[str, Resource]) -> Iterator[str]:
    if operation.public:  # a login is refused with an empty body, and the others never
        return
    yield from ("AUTHENTICATION_REQUIRED", "INVALID_CREDENTIALS", "ACCOUNT_FROZEN")
    yield from _MORE.get(operation.name, ())
    resource = operation.resource
    if resource is None or operation.name == "agents.me":
        return
    yield from ("DIRECT_ACCESS_NOT_SUPPORTED", "PERMISSION_DENIED")
    if operation.part is not None:
        yield "INVALID_JSON_BODY"
        limited = operation.part.names & {limit[0] for limit in resource.record.limits}
        if strict or limited:
            yield "INVALID_ARGUMENT"
        if strict and any(member.kind in ("uuid", "uuids") for member in operation.part.members):
            yield "INVALID_ID"
    if is_list(operation):
        yield from ("INVALID_REQUEST_PARAMETER", "INVALID_ARGUMENT")
    if operation.name == "numbers.create":
        yield from profile.number_failures.values()
    if operation.name in _EARLY and profile.refuses_early_delete:
        yield "STATE_INVALID"
    yield from _unfound(operation, resource, profile, resources)


def _unfound(
    operation: Operation, resource: Resource, profile: Profile, resources: Mapping[str, Resource]
) -> Iterator[str]:
    """What is said of records that a path names."""
    named = operation.template.count("{")
    if named:
        yield "INVALID_ID"
    if resource.name == "customers":
        yield resource.missing
    if not named:
        return
    under = operation.name.endswith(".list_under") or (resource.nested and named == 1)
    asked = [resources[resource.parent]] if under or resource.nested else []
    if not under:
        asked.append(resource)
    for one in asked:
        if one.name == "accesskeys":
            yield from (profile.unknown_accesskey, "RESOURCE_NOT_FOUND")
        else:
            yield one.missing
        if one.deleted == GONE:
            yield "RESOURCE_NOT_FOUND"
        if one.deleted == CONFLICT:
            yield "STATE_INVALID"
    if resource.nested and not under and profile.wrong_parent:
        yield profile.wrong_parent


def by_code(found: list[str]) -> dict[int, list[str]]:
    """HTTP code -> reasons."""
    codes: dict[int, list[str]] = {}
    for reason in found:
        codes.setdefault(STATUSES[status_of(reason)], []).append(reason)
    return dict(sorted(codes.items()))


def status_of(reason: str) -> str:
    """The canonical status of a reason: `NOT_FOUND`."""
    return REASONS[reason][0] if reason in REASONS else "NOT_FOUND"
