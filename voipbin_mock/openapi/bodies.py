"""Request bodies for the OpenAPI document: what a profile really takes, strictly or leniently.

Strict bodies are the schemas themselves. Lenient ones are what the decoder can read: types alone, and whatever
is missing or null is zero. Either way some handlers look more closely: their operation's `body` says how.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voipbin_mock.api.operations import Operation, Schema
from voipbin_mock.schema.documents import document, standard
from voipbin_mock.schema.members import ADDRESS_KEYS, INT64, Member
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource


def pascal(text: str) -> str:
    """`outdial_target` -> `OutdialTarget`."""
    return "".join(word[:1].upper() + word[1:] for word in text.replace(".", "_").split("_"))


class Components:
    """Schemas by name, made when they are first referred to.

    narrows: what areas ask of pieces that all have in common, by the name of the piece; it changes its schema.
    reasons: every reason that is not about a missing record, with its status and message.
    """

    def __init__(self, narrows: Mapping[str, Callable[[Schema], None]], reasons: Mapping[str, tuple[str, str]]) -> None:
        self.schemas: dict[str, Schema] = {}
        self.narrows = narrows
        self.reasons = reasons

    def ref(self, name: str, make: Callable[[], Schema]) -> Schema:
        if name not in self.schemas:
            self.schemas[name] = {}  # its place, and the end of a circle
            self.schemas[name] = make()
        return {"$ref": f"#/components/schemas/{name}"}

    def piece(self, ref: str, resource: Resource) -> str:
        """What one of our documents refers to, as a component."""
        target, _, pointer = ref.partition("#/$defs/")
        name = target.removesuffix(".json") or resource.name
        home = resource.document if name == resource.name else document(name)
        key = pascal(pointer if name == "common" else f"{name}.{pointer}")

        def inner(further: str) -> str:
            return self.piece(further if further.partition("#")[0] else f"{name}.json{further}", resource)

        def make() -> Schema:
            schema: Schema = standard(home["$defs"][pointer], inner, "$")
            if name == "common" and pointer in ("uuid", "typed_uuid"):
                schema["format"] = "uuid"
            if name == "common" and pointer in self.narrows:
                self.narrows[pointer](schema)
            return schema

        return str(self.ref(key, make)["$ref"])


def body(components: Components, operation: Operation, profile: Profile, strict: bool) -> Schema:
    """The reference to an operation's body."""
    resource, part = operation.resource, operation.part
    assert resource is not None
    assert part is not None

    def make() -> Schema:
        if strict or operation.bare_refusals:
            schema: Schema = standard(part.schema, lambda ref: components.piece(ref, resource), "$")
        else:
            schema = _lenient(components, resource, part.members, part.schema.get("description", ""))
        if operation.body is not None:
            _narrow(schema, operation.body(profile, strict))
        if not ({"not", "minProperties"} & schema.keys() or schema.get("required")):  # null is read as an empty object
            schema["type"] = ["object", "null"]
        for name, member in schema["properties"].items():
            schema["properties"][name] = _named(components, f"{resource.noun}_{name}", member)
        return schema

    return components.ref(pascal(f"{resource.noun}_{_body_name(operation)}"), make)


def _body_name(operation: Operation) -> str:
    """`create`; `status_update` of PUT .../status: a generated client has an enum `CampaignStatus` of its own."""
    return f"{operation.part_name}_update" if operation.facet else str(operation.part_name)


def _named(components: Components, name: str, member: Schema) -> Schema:
    """A member that takes objects, by reference: generators trip over those inside a nullable body."""
    items = member.get("items", {})
    if "properties" in items:
        one = name.removesuffix("es" if name.endswith("sses") else "s")
        return {**member, "items": components.ref(pascal(f"{one}_sent"), lambda: items)}
    if member.get("type") != ["object", "null"]:
        return member
    if "properties" in member:
        return components.ref(pascal(f"{name}_sent"), lambda: member)
    anything = components.ref("Values", lambda: {"type": ["object", "null"], "description": "Any members, or null."})
    return {**anything, **{word: value for word, value in member.items() if word != "type"}}


def _narrow(schema: Schema, rules: Schema) -> None:
    for name, rule in rules.pop("properties", {}).items():
        schema["properties"][name] = {**schema["properties"][name], **rule}
    required = [*schema.get("required", ()), *rules.pop("required", ())]
    if required:
        schema["required"] = list(dict.fromkeys(required))
    schema.update(rules)


# --- what the decoder reads ------------------------------------------------------------------------


def _lenient(components: Components, resource: Resource, members: tuple[Member, ...], description: str) -> Schema:
    limits = {name: (low, high, length) for name, low, high, length in resource.record.limits}
    properties = {}
    for member in members:
        schema = _decodable(components, resource, member)
        if member.name in limits:
            low, high, length = limits[member.name]
            schema |= {"maxLength": length} if member.kind == "string" else {"minimum": low, "maximum": high}
        if member.schema.get("description"):
            schema["description"] = member.schema["description"]
        properties[member.name] = schema
    return {"type": "object", "description": description, "properties": properties}


def _decodable(components: Components, resource: Resource, member: Member) -> Schema:
    kind = member.kind
    if kind == "any":
        return {word: value for word, value in member.schema.items() if word != "default" and not word.startswith("x-")}
    if kind == "integer":
        return {"type": ["integer", "null"], "minimum": INT64[0], "maximum": INT64[1]}
    if kind == "number":
        return {"type": ["number", "null"]}
    if kind == "boolean":
        return {"type": ["boolean", "null"]}
    if kind in ("address", "slot"):
        return components.ref("Address", _address)
    if kind == "map":
        return {"type": ["object", "null"]}
    if kind == "object":
        inner = _lenient(components, resource, member.members, "")
        return {"type": ["object", "null"], "properties": inner["properties"]}
    if kind == "addresses":
        return {"type": ["array", "null"], "items": components.ref("Address", _address)}
    if kind in ("uuids", "strings"):
        return {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
    if kind in ("typed_uuid", "typed_uuids"):
        typed = {"anyOf": [{"$ref": components.piece("common.json#/$defs/typed_uuid", resource)}, {"type": "null"}]}
        return typed if kind == "typed_uuid" else {"type": ["array", "null"], "items": typed}
    if kind == "objects":
        inner = _lenient(components, resource, member.members, "")
        return {"type": ["array", "null"], "items": {"type": "object", "properties": inner["properties"]}}
    if kind == "actions":
        return {"type": ["array", "null"], "items": components.ref("Action", lambda: _action(components))}
    if kind == "array":
        return {"type": ["array", "null"], "items": {}}
    return {"type": ["string", "null"]}


def _address() -> Schema:
    return {
        "type": ["object", "null"],
        "description": "Where a call comes from or goes to. What is missing is empty.",
        "properties": {name: {"type": ["string", "null"]} for name in ADDRESS_KEYS},
    }


def _action(components: Components) -> Schema:
    text = {"type": ["string", "null"]}
    action: Schema = {
        "type": "object",
        "description": "One action.",
        "properties": {
            "id": text,
            "next_id": text,
            "type": {"type": "string", "description": "What to do."},
            "option": {"type": ["object", "null"], "description": "How to do it; depends on the type."},
            "tm_execute": text,
        },
        "required": ["type"],
    }
    if "actions" in components.narrows:
        components.narrows["actions"]({"items": action})
    return action
