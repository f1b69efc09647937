"""What there is to know of each operation, for whoever shows it: as one line of all, and in detail of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import PREFIX, Operation
from voipbin_mock.openapi import document as openapi
from voipbin_mock.openapi.answers import reasons
from voipbin_mock.openapi.bodies import pascal
from voipbin_mock.openapi.examples import SUPER, Examples, blanked
from voipbin_mock.openapi.samples import sample
from voipbin_mock.openapi.shell import Here, Script
from voipbin_mock.openapi.types import members, resolved, type_of
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.matching import near_name
from voipbin_mock.wire.values import CONTROL_PREFIX, NIL_UUID, printable
from voipbin_mock.world import seeding
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.shown import view_of

_PRINTED = "tutorial"  # the seed with the records that the published pages print
# The server's own, which the documents' list of 410 operations does not have.
BESIDE = frozenset(
    {"GET /ping", "GET /openapi.json", "POST /auth/login", "GET /auth/email-verify", "POST /auth/delegate"}
)


def counted(catalog: Catalog, area: str = "") -> dict[str, Any]:
    """What is mocked, area by area, and what of the real API is not yet; how many operations that API has by its
    documents. area: those of this one alone. Raises ApiError."""
    areas = _areas(catalog, area)
    mine = [operation.label for several in catalog.by_area.values() for operation in several]
    known = [operation.label for operation in catalog.real.operations]
    listed = [label for label in known if label not in BESIDE]
    missing = unmocked(catalog)
    return {
        "api": {"operations": len(listed), "mocked": len(set(listed) & set(mine))},
        "areas": {name: len(several) for name, several in areas.items()},
        "mocked": [operation.label for several in areas.values() for operation in several],
        "not_mocked_yet": [label for label in missing if label not in BESIDE],
        "beside_the_api": {
            "mocked": [label for label in mine if label not in set(listed)],
            "not_mocked_yet": [label for label in missing if label in BESIDE],
        },
    }


def unmocked(catalog: Catalog) -> list[str]:
    """The labels of the real API's operations that are not mocked yet."""
    mine = {operation.label for operation in catalog.operations if operation.listed}
    return [operation.label for operation in catalog.real.operations if operation.label not in mine]


def _areas(catalog: Catalog, name: str) -> Mapping[str, tuple[Operation, ...]]:
    known = catalog.by_area
    if name and name not in known:
        raise ApiError("INVALID_ARGUMENT", f"There is no area {printable(name[:80])!r}; there are {', '.join(known)}")
    return {name: known[name]} if name else known


def in_short(catalog: Catalog, profile: Profile, strict: bool, area: str = "") -> list[dict[str, Any]]:
    """All operations, or those of an area, a few words of each; those that are not mocked yet at the end. Raises
    ApiError."""
    home = {operation.name: one for one, several in _areas(catalog, area).items() for operation in several}
    found: list[dict[str, Any]] = [
        {
            "operation": operation.name,
            "area": home[operation.name],
            "method": operation.method,
            "path": operation.template,
            "tag": openapi.tag_of(operation),
            "summary": openapi.summary(operation),
            "reasons": reasons(operation, profile, strict, catalog.resources),
            "mocked": True,
        }
        for operation in openapi.operations(catalog, profile)
        if operation.name in home
    ]
    return found if area else found + [_unmocked(label) for label in unmocked(catalog)]


def _unmocked(label: str) -> dict[str, Any]:
    method, _, path = label.partition(" ")
    tag = path.removeprefix(PREFIX).strip("/").partition("/")[0]
    return {"operation": "", "method": method, "path": path, "tag": tag, "mocked": False}


# --- one of them -------------------------------------------------------------------------------------


def found(catalog: Catalog, profile: Profile, name: str) -> Operation:
    """The operation of this name. Raises ApiError."""
    known = {operation.name: operation for operation in openapi.operations(catalog, profile)}
    if name not in known:
        near = near_name(name, known)
        hint = f"; did you mean {near!r}?" if near else f"; GET {CONTROL_PREFIX}/operations?summaries=yes has them all"
        raise ApiError("RESOURCE_NOT_FOUND", f"There is no operation {printable(name[:80])!r}{hint}")
    return known[name]


def in_detail(catalog: Catalog, profile: Profile, strict: bool, operation: Operation, here: Here) -> dict[str, Any]:
    """One operation: what it takes and answers, and an example of it that can be tried `here`."""
    document = _shared(catalog, profile, strict)
    described = document["paths"][operation.template][operation.method.lower()]
    components = document["components"]["schemas"]
    script = Script(examples(catalog, profile), operation, here)
    told = notes(operation, profile, script, here)
    return {
        "operation": operation.name,
        "call": operation.label,
        "tag": openapi.tag_of(operation),
        "summary": described["summary"],
        "description": described["description"],
        "parameters": [
            {
                "name": one["name"],
                "in": one["in"],
                "type": type_of(one["schema"]),
                "required": one.get("required", False),
                "description": one["description"],
            }
            for one in described.get("parameters", ())
        ],
        "body": script.body,
        "takes": _takes(described, components),
        "answer": _answer(described, components, examples(catalog, profile).asked(operation).body),
        "refusals": _refusals(catalog, described),
        "curl": script.text,
        "ready": not told,
        "notes": told,
    }


@lru_cache(maxsize=4)
def examples(catalog: Catalog, profile: Profile) -> Examples:
    """Shared by all mocks of a catalogue: nothing in it is about their records."""
    return Examples(catalog, profile)


@lru_cache(maxsize=2)
def _shared(catalog: Catalog, profile: Profile, strict: bool) -> dict[str, Any]:
    """The OpenAPI document, not to be changed, with a record of the documents' own as the example of its kind."""
    document = openapi.document(catalog, profile, strict)
    printed = seeding.of(_PRINTED, None, catalog, profile)
    for name in printed.names():
        resource = catalog.resources[name]
        schema = document["components"]["schemas"].get(pascal(resource.noun))
        row = next((row for row in printed.table(name) if not row.deleted), None)
        if schema is not None and row is not None:
            schema["examples"] = [view_of(resource, profile)(row.data)]
    return document


def _takes(described: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any] | None:
    if "requestBody" not in described:
        return None
    schema = described["requestBody"]["content"][openapi.JSON]["schema"]
    return {
        "type": type_of(schema),
        "description": described["requestBody"]["description"],
        "members": list(members(schema, components)),
    }


def _answer(described: Mapping[str, Any], components: Mapping[str, Any], body: Any) -> dict[str, Any] | None:
    for code, response in described["responses"].items():
        if code < "4":
            content = next(iter(response.get("content", {}).items()), None)
            if content is None:
                return {"status": int(code), "type": ""}
            media, schema = content[0], content[1]["schema"]
            told = {"status": int(code), "type": type_of(schema)}
            if media != openapi.JSON:
                return {**told, "media": media}
            sampled = after(sample(schema, components), body)
            return {**told, "members": list(members(resolved(schema, components), components)), "sample": sampled}
    return None


def after(answer: Any, body: Any) -> Any:
    """The sample of an answer with what was asked for in it."""
    if not (isinstance(answer, dict) and isinstance(body, dict)):
        return answer
    asked = blanked(body, lambda wanted: NIL_UUID)
    same = {
        name: value
        for name, value in asked.items()
        if isinstance(value, str | int | float) and value != NIL_UUID and type(answer.get(name)) is type(value)
    }
    return {**answer, **same}


def _refusals(catalog: Catalog, described: Mapping[str, Any]) -> list[dict[str, Any]]:
    refused: list[dict[str, Any]] = []
    for code, response in described["responses"].items():
        for content in response.get("content", {}).values():
            errors = content["schema"].get("properties", {}).get("error", {}).get("properties", {})
            for reason in errors.get("reason", {}).get("enum", ()) if code >= "4" else ():
                message = ApiError(catalog.reason(reason)).message
                refused.append({"status": int(code), "reason": reason, "message": message})
    return refused


def notes(operation: Operation, profile: Profile, script: Script, here: Here) -> list[str]:
    """Why the lines do not work as they stand; nothing if they do."""
    credential = examples(script.examples.catalog, profile).asked(operation).credential
    needs = operation.example.needs(profile)
    return [
        *(["It answers the handshake of a websocket, which curl does not make."] if operation.websocket else []),
        *(["TOKEN is the login token of a super admin; no seed of the mock has one."] if credential == SUPER else []),
        *(_not_there(script.missing)),
        *_lent(operation, script.lent),
        *([f"It needs {needs}, which no line here brings about."] if needs else []),
        *([f"{_and(script.asked_for)}: yours."] if script.asked_for else []),
    ]


def _not_there(resources: Iterable[str]) -> list[str]:
    said = "There is no {} here yet, and no operation makes one: it comes about as calls go on, or by a seed."
    return [said.format(resource.removesuffix("s")) for resource in resources]


def _lent(operation: Operation, resources: Iterable[str]) -> list[str]:
    own = operation.resource.name if operation.resource else ""
    said = "It is done to a {} that is here, since no operation makes one; that may be past it."
    return [said.format(resource.removesuffix("s")) for resource in resources if resource == own]


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
