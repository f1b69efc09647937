"""The OpenAPI 3.1 document: what a mock of one profile really takes and answers, from the catalogue and the schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from voipbin_mock._version import __version__
from voipbin_mock.api.answers import MOMENT
from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.differences import UNDECODABLE_IS_TEXT
from voipbin_mock.api.lists import DEFAULT_PAGE
from voipbin_mock.api.operations import ADMIN, AGENT, ANYONE, MANAGER, SUPER_ADMIN, Operation, Schema
from voipbin_mock.openapi import answers as answers
from voipbin_mock.openapi.bodies import Components, body
from voipbin_mock.schema.members import INT64
from voipbin_mock.wire.errors import STATUSES
from voipbin_mock.world.differences import chosen
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource

OPENAPI = "3.1.0"
JSON, TEXT, BYTES = "application/json", "text/plain", "application/octet-stream"
_SERVICE = "service"  # the tag of what belongs to nothing else
_PERMISSIONS = {"agents": AGENT, "managers": MANAGER, "admins": ADMIN, "super admins": SUPER_ADMIN}
_SECURITY: Mapping[str, Schema] = {
    "cookieToken": {"type": "apiKey", "in": "cookie", "name": "token", "description": "A login token."},
    "queryToken": {"type": "apiKey", "in": "query", "name": "token", "description": "A login token."},
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A login token."},
    "cookieAccesskey": {"type": "apiKey", "in": "cookie", "name": "accesskey", "description": "An access key's token."},
    "queryAccesskey": {"type": "apiKey", "in": "query", "name": "accesskey", "description": "An access key's token."},
}


def operations(catalog: Catalog, profile: Profile) -> list[Operation]:
    """The operations that the document describes: those the profile serves; no control calls, nothing that is dead."""
    found = [operation for operation in catalog.operations if operation.listed and operation.served_by(profile)]
    return sorted(found, key=lambda operation: (operation.rank, tag_of(operation)))


@lru_cache(maxsize=8)
def text(catalog: Catalog, profile: Profile, strict: bool) -> str:
    """The document as JSON text."""
    return json.dumps(document(catalog, profile, strict), ensure_ascii=False, indent=1) + "\n"


@lru_cache(maxsize=8)
def _on_one_line(catalog: Catalog, profile: Profile, strict: bool) -> str:
    """The same for reading it again: lines that are indented take Python ten times as long to write."""
    return json.dumps(_document(catalog, profile, strict), ensure_ascii=False)


def text_at(base: str, catalog: Catalog, profile: Profile, strict: bool) -> str:
    """The same where the API stands below `base`, of a session or of an app that is mounted."""
    if not base:
        return text(catalog, profile, strict)
    moved = document(catalog, profile, strict)
    moved["servers"][0]["url"] = base
    return json.dumps(moved, ensure_ascii=False, indent=1) + "\n"


def document(catalog: Catalog, profile: Profile, strict: bool) -> dict[str, Any]:
    """The document, a fresh copy. `strict` is whether bodies are validated against the schemas."""
    fresh: dict[str, Any] = json.loads(_on_one_line(catalog, profile, strict))
    return fresh


def _document(catalog: Catalog, profile: Profile, strict: bool) -> Schema:
    components = Components(catalog.narrows, catalog.reasons)
    paths: dict[str, Schema] = {}
    used: dict[str, Resource | None] = {}
    for operation in operations(catalog, profile):
        tag = tag_of(operation)
        used.setdefault(tag, operation.resource)
        described = _operation(components, operation, profile, strict, catalog.resources)
        paths.setdefault(operation.template, {})[operation.method.lower()] = described
    schemas = dict(sorted(components.schemas.items()))
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "VoIPBIN, as voipbin-mock answers it",
            "version": __version__,
            "summary": f"Profile {profile.name}, {'strict' if strict else 'lenient'} bodies.",
            "description": _about(strict),
            "contact": {"name": "The authors of voipbin-mock"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "Where this document comes from."}],
        "security": [{name: []} for name in _SECURITY],
        "tags": [{"name": tag, "description": _title(resource, tag)} for tag, resource in used.items()],
        "x-tagGroups": [{"name": area, "tags": tags} for area, tags in tags_by_area(catalog, used).items()],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Error": _error_schema()},
            "headers": _HEADERS,
            "securitySchemes": dict(_SECURITY),
        },
    }


def _about(strict: bool) -> str:
    bodies = (
        "Bodies are validated against the schemas below; unless the mock was told to be strict, it takes what "
        "published clients leave out or send as an empty text, and warns of it."
        if strict
        else "Bodies are read as the service's decoder does: what is missing or null is zero; what follows the JSON "
        "value is not looked at."
    )
    return (
        f"Generated from what the mock does. {bodies} Integers have no fraction and no exponent; member names are "
        "matched whatever their case; unknown members are ignored. The first credential found counts: cookie `token`, "
        "query `token`, `Authorization: Bearer`, cookie `accesskey`, query `accesskey`. What has no operation here is "
        "answered 404 `ROUTE_NOT_FOUND`, other methods of a path included. Planned faults and stubs, rate limits and "
        "lint warnings that are made errors come on top."
    )


def tag_of(operation: Operation) -> str:
    """Its resource, or what its name says that it belongs to."""
    if operation.resource is not None:
        return operation.resource.name
    return operation.name.partition(".")[0] if "." in operation.name else _SERVICE


def tags_by_area(catalog: Catalog, used: Mapping[str, Resource | None]) -> dict[str, list[str]]:
    """The tags by the areas of their resources, by name; those of no resource by the area that is first to use one."""
    first = {tag_of(one): area for area, several in [*catalog.by_area.items()][::-1] for one in several[::-1]}
    found: dict[str, list[str]] = {}
    for tag, resource in used.items():
        found.setdefault(first[tag] if resource is None else catalog.area_of(resource.name), []).append(tag)
    return dict(sorted(found.items()))


def _title(resource: Resource | None, tag: str) -> str:
    if resource is None:
        return "The service itself" if tag == _SERVICE else tag.capitalize()
    return str(resource.document.get("title") or tag)


# --- one operation -----------------------------------------------------------------------------------


def _operation(
    components: Components, operation: Operation, profile: Profile, strict: bool, resources: Mapping[str, Resource]
) -> Schema:
    described: Schema = {
        "operationId": operation.name,
        "tags": [tag_of(operation)],
        "summary": summary(operation),
    }
    described["description"] = " ".join(filter(None, (operation.note, _who(operation))))
    if operation.public:
        described["security"] = []
    parameters = [*_path_parameters(operation), *_query_parameters(operation)]
    if parameters:
        described["parameters"] = parameters
    if operation.part is not None:
        described["requestBody"] = {
            "required": True,
            "description": operation.part.schema.get("description", ""),
            "content": {JSON: {"schema": body(components, operation, profile, strict)}},
        }
    described["responses"] = _responses(components, operation, profile, strict, resources)
    return described


def summary(operation: Operation) -> str:
    """What an operation does, in a line: `Get an outplan`."""
    if operation.summary:
        return operation.summary
    resource, kind = operation.resource, operation.kind
    if resource is None:
        return operation.label
    noun, many = resource.noun.replace("_", " "), resource.name.replace("_", " ")
    one = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    if operation.lists:
        whose = f" of {_an(resource.parent)}" if "{" in operation.template else ""
        return f"List {many}{whose}"
    if kind == "direct_hash":
        return f"Make a new direct hash for {one}"
    if kind in ("create", "get", "update"):
        return f"{kind.capitalize()} {one}"
    if kind == "delete":
        return f"Delete {one}; the record stays, marked as deleted"
    return f"Replace {kind.replace('_', ' ')} of {one}"


def _who(operation: Operation) -> str:
    """Who may ask it, in a sentence."""
    if operation.public:
        return "Needs no credential."
    access = operation.access
    who = [name for name, bit in _PERMISSIONS.items() if access.permission & bit and "agent" in access.credentials]
    if access.permission == ANYONE:
        who = ["all agents"]
    who += ["access keys"] if "accesskey" in access.credentials and access.permission & ADMIN else []
    text = " and ".join(filter(None, (", ".join(who[:-1]), who[-1])))
    own = f", about their own{', or admins about all' if access.sees_all else ''}" if access.sees else ""
    return f"{text[:1].upper()}{text[1:]} may ask this{own}."


def _an(plural: str) -> str:
    noun = plural.removesuffix("s")
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _path_parameters(operation: Operation) -> list[Schema]:
    names = re.findall(r"{([\w-]+)}", operation.template)
    what = "The id: a UUID, not all zeros. Spellings without dashes, in braces or with `urn:uuid:` are read too."
    found: list[Schema] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": what,
            "schema": {"type": "string", "format": "uuid"},
        }
        for name in names
    ]
    if operation.words:
        found[0] |= {"description": "One of these words.", "schema": {"type": "string", "enum": list(operation.words)}}
    return found


def _query_parameters(operation: Operation) -> list[Schema]:
    found: list[tuple[str, Schema, str]] = []
    if operation.lists:
        size = {"type": "integer", "minimum": INT64[0], "maximum": INT64[1], "default": DEFAULT_PAGE}
        found.append(
            ("page_size", size, f"How many at most, 1 to {DEFAULT_PAGE}; anything else counts as {DEFAULT_PAGE}.")
        )
        if operation.answers is None:
            token = "The `next_page_token` of the page before; empty for the first. Records older than it are listed."
            found.append(("page_token", {"type": "string", "pattern": f"^({MOMENT})?$"}, token))
    found += [(name, schema, text) for name, (schema, text) in operation.query.items()]
    return [{"name": name, "in": "query", "schema": schema, "description": text} for name, schema, text in found]


# --- answers -----------------------------------------------------------------------------------------

_HEADERS: Schema = {
    "RequestId": {
        "description": "The request's own X-Request-Id if it has one, else a new one.",
        "schema": {"type": "string"},
    },
    "Warning": {"description": "A lint warning of the mock; there may be several.", "schema": {"type": "string"}},
    "Login": {"description": "The token as a cookie.", "schema": {"type": "string"}},
}


def _headers(*more: tuple[str, str]) -> Schema:
    named = (("X-Request-Id", "RequestId"), ("X-VoIPBIN-Mock-Warning", "Warning"), *more)
    return {name: {"$ref": f"#/components/headers/{component}"} for name, component in named}


def _responses(
    components: Components, operation: Operation, profile: Profile, strict: bool, resources: Mapping[str, Resource]
) -> Schema:
    responses: Schema = {}
    if operation.public:
        responses["400"] = _told("The request cannot be read; a live server says so itself.", None)
    if operation.websocket:
        responses["101"] = {"description": "The handshake of a websocket; live servers only."}
    else:
        code = chosen(operation.done, profile)
        schema = answers.answer(components, operation, profile)
        bodiless = code == 204 or (operation.answers is not None and operation.answers.empty)
        bodiless = bodiless or (operation.bare is not None and operation.bare.by(profile))
        media = [operation.answers.media, BYTES] if operation.answers and operation.answers.media else [JSON]
        content = {kind: {"schema": schema} for kind in media}  # not every client knows every type of file
        responses[str(code)] = _told("Done.", None if bodiless else content)
    if operation.part_name == "login":
        responses["200"]["headers"] = _headers(("Set-Cookie", "Login"))
    found = answers.reasons(operation, profile, strict, resources)
    for code, reasons in answers.by_code(found, components, operation, profile).items():
        text = UNDECODABLE_IS_TEXT.by(profile) and "INVALID_JSON_BODY" in reasons
        responses[str(code)] = _refusal(components, reasons, text)
    for code in chosen(operation.bare_codes, profile) if operation.bare_refusals else ():
        content = responses.get(str(code), {}).get("content")  # frozen accounts are told so with the same status
        responses[str(code)] = _told("Refused; the body is empty.", content)
    if operation.websocket:
        plain = {TEXT: {"schema": {"const": "Bad Request\n"}}}
        refused = responses.setdefault("400", _told("Not a websocket's handshake.", {}))
        refused["content"] = {**refused["content"], **plain}
    return dict(sorted(responses.items()))


def _told(description: str, content: Schema | None) -> Schema:
    told: Schema = {"description": description, "headers": _headers()}
    return told if content is None else {**told, "content": content}


def _refusal(components: Components, reasons: list[str], text: bool) -> Schema:
    statuses = list(dict.fromkeys(answers.status_of(reason, components) for reason in reasons))
    members = {"reason": {"enum": reasons}, "status": {"enum": statuses}}
    schema: Schema = {
        "allOf": [{"$ref": "#/components/schemas/Error"}],
        "properties": {"error": {"properties": members}},
    }
    content: Schema = {JSON: {"schema": schema}}
    if text:  # the same envelope, under a type that a framework guessed
        content[TEXT] = {"schema": {"type": "string", "description": "The error envelope as JSON: INVALID_JSON_BODY."}}
    return _told(f"Refused: {', '.join(f'`{reason}`' for reason in reasons)}.", content)


def _error_schema() -> Schema:
    members = {
        "details": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Of a refused body: every fault, with its JSON pointer, what was expected and the value.",
        },
        "message": {"type": "string", "description": "For people; branch on `reason`."},
        "reason": {"type": "string", "description": "Why, as a constant."},
        "request_id": {"type": "string", "description": "As in the header X-Request-Id."},
        "status": {"type": "string", "enum": list(STATUSES), "description": "The canonical status."},
    }
    required = [name for name in members if name != "details"]
    inside = {"type": "object", "properties": members, "required": required, "additionalProperties": False}
    return {
        "type": "object",
        "description": "The error envelope.",
        "properties": {"error": inside},
        "required": ["error"],
        "additionalProperties": False,
    }
