"""Answers for the OpenAPI document: records as a profile shows them, and the reasons that each operation can give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from voipbin_mock.api.answers import closed_object
from voipbin_mock.api.differences import WRONG_PARENT
from voipbin_mock.api.operations import ANYONE, Operation, Schema
from voipbin_mock.openapi.bodies import Components, pascal
from voipbin_mock.schema.documents import standard
from voipbin_mock.schema.members import ADDRESS_KEYS, Member
from voipbin_mock.wire.errors import REASONS, STATUSES
from voipbin_mock.wire.stamps import documented_stamp
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import CONFLICT, GONE, Resource

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
        return {**schema, "description": f"A {resource.noun} of zeros: nothing was done."}

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
        rfc3339 = profile.stamps(resource) is not documented_stamp
        name = "MomentRfc3339" if rfc3339 and profile.stamp is documented_stamp else "Moment"
        moment = components.ref(name, lambda: _moment(profile, rfc3339))
        nullable = profile.shows_never(resource, member) is None and not left_out
        if profile.shows_never(resource, member) == "":
            return {"anyOf": [moment, {"type": "string", "maxLength": 0}]}
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
    if kind in ("object", "objects"):
        members = {inner.name: _shown(components, resource, inner, profile) for inner in member.members}
        one: Schema = {"type": "object", "properties": members}
        needed = [inner.name for inner in member.members if inner.omitted not in profile.omits]
        return one if kind == "object" else {"type": "array", "items": {**one, "required": needed}}
    schema: Schema = standard(member.schema, lambda ref: components.piece(ref, resource), "$")
    schema.pop("default", None)
    return schema


def _id() -> Schema:
    return {"type": "string", "format": "uuid", "description": "A UUID. All zeros means: none."}


def _moment(profile: Profile, rfc3339: bool) -> Schema:
    if rfc3339:
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
    resource, special = operation.resource, operation.answers
    if resource is None:
        return {"description": "Not said."} if special is None else special.schema({})
    shown = record(components, resource, profile)
    if special is not None:
        return special.schema(shown)
    if operation.lists:
        if operation.unpaged is not None and operation.unpaged.by(profile):
            return {"type": "array", "items": shown, "description": "Newest first."}
        noun = pascal(resource.noun)
        return components.ref(f"{noun}Page", lambda: _page(shown))
    if operation.zeros is not None and operation.zeros.by(profile):
        return {"anyOf": [shown, zeros(components, resource, profile)]}
    if operation.nulls is not None and operation.nulls.by(profile):
        return {"anyOf": [shown, {"type": "null"}]}
    return shown


def _page(shown: Schema) -> Schema:
    token = "The `page_token` of the page that follows; empty after an empty page."
    return closed_object(
        {
            "result": {"type": "array", "items": shown, "description": "Newest first."},
            "next_page_token": {"type": "string", "description": token},
        }
    )


# --- reasons -----------------------------------------------------------------------------------------


def reasons(operation: Operation, profile: Profile, strict: bool, resources: Mapping[str, Resource]) -> list[str]:
    """Every reason that an operation can give, in the order of the error vocabulary."""
    found = set(_reasons(operation, profile, strict, resources))
    order = {reason: place for place, reason in enumerate(REASONS)}
    return sorted(found, key=lambda reason: (order.get(reason, len(order)), reason))


_IDS = ("uuid", "uuids", "typed_uuid", "typed_uuids")


def _reasons(operation: Operation, profile: Profile, strict: bool, resources: Mapping[str, Resource]) -> Iterator[str]:
    if operation.public:  # a login is refused with an empty body, and the others never
        return
    yield from ("AUTHENTICATION_REQUIRED", "INVALID_CREDENTIALS")
    if not operation.while_frozen:
        yield "ACCOUNT_FROZEN"
    if operation.bare_refusals:  # whatever else
        return
    yield from operation.reasons(profile)
    resource, access = operation.resource, operation.access
    if resource is None:
        return
    if "direct" not in access.credentials:
        yield access.stranger or "DIRECT_ACCESS_NOT_SUPPORTED"
    if "accesskey" not in access.credentials:
        yield access.stranger or "AGENT_AUTH_REQUIRED"
    if access.permission != ANYONE or access.sees:
        yield "PERMISSION_DENIED"
    if operation.part is not None:
        yield "INVALID_JSON_BODY"
        limited = operation.part.names & {limit[0] for limit in resource.record.limits}
        if strict or limited:
            yield "INVALID_ARGUMENT"
        if strict and any(member.kind in _IDS for member in operation.part.members):
            yield "INVALID_ID"
    if operation.lists:
        yield from ("INVALID_REQUEST_PARAMETER", "INVALID_ARGUMENT")
    if operation.zeros is not None and not operation.zeros.by(profile) and operation.kind == "delete":
        yield "STATE_INVALID"
    yield from _unfound(operation, resource, profile, resources)


def _unfound(
    operation: Operation, resource: Resource, profile: Profile, resources: Mapping[str, Resource]
) -> Iterator[str]:
    """What is said of records that a path names."""
    named = operation.template.count("{")
    if not named:
        return
    bad = "INVALID_REQUEST_PARAMETER" if operation.uuid_ids else "INVALID_ID"
    yield "INVALID_ARGUMENT" if operation.own_ids else bad
    under = operation.name.endswith(".list_under") or (resource.nested and named == 1)
    # What a list hangs on that is no parent, the operation names itself.
    asked = [resources[resource.parent]] if resource.parent and (under or resource.nested) else []
    if not under:
        asked.append(resource)
    for one in asked:
        yield one.unfound(profile)
        if one.deleted == GONE:
            yield "RESOURCE_NOT_FOUND"
        if one.deleted == CONFLICT:
            yield "STATE_INVALID"
    wrong_parent = WRONG_PARENT.by(profile)
    if resource.nested and not under and wrong_parent:
        yield wrong_parent


def by_code(found: list[str], components: Components, operation: Operation, profile: Profile) -> dict[int, list[str]]:
    """HTTP code -> reasons."""
    codes: dict[int, list[str]] = {}
    for reason in found:
        own = operation.codes.get(reason)
        code = STATUSES[status_of(reason, components)] if own is None else own.by(profile)
        codes.setdefault(code, []).append(reason)
    return dict(sorted(codes.items()))


def status_of(reason: str, components: Components) -> str:
    """The canonical status of a reason: `NOT_FOUND`."""
    known = components.reasons.get(reason)
    return "NOT_FOUND" if known is None else known[0]
