"""Request bodies for the OpenAPI document: what a profile really takes, strictly or leniently.

Strict bodies are the schemas themselves. Lenient ones are what the decoder can read: types alone, and whatever
is missing or null is zero. Either way some handlers look more closely; `_RULES` says what they ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from voipbin_mock.api.catalog import Operation, Resource
from voipbin_mock.areas.calls.simulation import DIALABLE
from voipbin_mock.areas.flows.flows import ACTION_TYPES, ANONYMOUS
from voipbin_mock.schema.documents import document, standard
from voipbin_mock.schema.parts import ADDRESS_KEYS, INT64, Member
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.profiles import Profile

Schema = dict[str, Any]

UUID = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
_DAYS = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
# A moment as the service reads it; the 29th of February is taken in leap years too.
MOMENT = (
    rf"(?!0000)[0-9]{{4}}-{_DAYS}([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,9}})?Z?)?"  # no offsets here
)
_VIRTUAL = r"^\+899(?!000)[0-9]{9}$"
_ONE = {"type": "string", "minLength": 1}


def pascal(text: str) -> str:
    """`outdial_target` -> `OutdialTarget`."""
    return "".join(word[:1].upper() + word[1:] for word in text.replace(".", "_").split("_"))


class Components:
    """Schemas by name, made when they are first referred to."""

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}

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

        return str(self.ref(key, lambda: _piece(name, pointer, home, inner))["$ref"])


def _piece(name: str, pointer: str, home: Mapping[str, Any], refer: Callable[[str], str]) -> Schema:
    schema: Schema = standard(home["$defs"][pointer], refer, "$")
    if home["$defs"][pointer].get("x-kind") == "uuid" and pointer == "uuid":
        schema["format"] = "uuid"
    if (name, pointer) == ("common", "actions"):
        _known_actions(schema["items"])
    return schema


def _known_actions(action: Schema) -> None:
    """What the service asks of an action beside its shape."""
    action["properties"]["type"] = {**action["properties"]["type"], "type": "string", "enum": sorted(ACTION_TYPES)}
    anonymous = {"properties": {"anonymous": {"enum": [None, "", *ANONYMOUS]}}}
    action["if"] = {"properties": {"type": {"enum": ["call", "connect"]}}, "required": ["type"]}
    action["then"] = {"properties": {"option": anonymous}}


def body(components: Components, operation: Operation, profile: Profile, strict: bool) -> Schema:
    """The reference to an operation's body."""
    resource, part = operation.resource, operation.part
    assert resource is not None
    assert part is not None

    def make() -> Schema:
        if strict or part.name == "login":
            schema: Schema = standard(part.schema, lambda ref: components.piece(ref, resource), "$")
        else:
            schema = _lenient(components, resource, part.members, part.schema.get("description", ""))
        rules = _RULES.get(f"{resource.name}.{part.name}", _no_rules)(profile, strict)
        _narrow(schema, rules)
        if not schema.get("required") and "anyOf" not in schema:  # null is read as an empty object
            schema["type"] = ["object", "null"]
        return schema

    return components.ref(pascal(f"{resource.noun}_{part.name}"), make)


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
        return {word: value for word, value in member.schema.items() if not word.startswith("x-")}
    if kind == "integer":
        return {"type": ["integer", "null"], "minimum": INT64[0], "maximum": INT64[1]}
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
    if kind == "uuids":
        return {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
    if kind == "actions":
        return {"type": ["array", "null"], "items": components.ref("Action", _action)}
    if kind == "array":
        return {"type": ["array", "null"]}
    return {"type": ["string", "null"]}


def _address() -> Schema:
    return {
        "type": ["object", "null"],
        "description": "Where a call comes from or goes to. What is missing is empty.",
        "properties": {name: {"type": ["string", "null"]} for name in ADDRESS_KEYS},
    }


def _action() -> Schema:
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
    _known_actions(action)
    return action


# --- what handlers ask for beside --------------------------------------------------------------------

Rule = Callable[[Profile, bool], Schema]


def _no_rules(profile: Profile, strict: bool) -> Schema:
    return {}


def _outdial(profile: Profile, strict: bool) -> Schema:
    some_id = {"type": "string", "pattern": UUID, "not": {"const": NIL_UUID}}
    properties = {name: dict(some_id if name.endswith("_id") else _ONE) for name in profile.outdial_needs}
    return {"properties": properties, "required": list(properties)}


def _target(profile: Profile, strict: bool) -> Schema:
    names = ("name", "detail", "data")
    reached = {"type": "object", "properties": {"target": dict(_ONE)}, "required": ["target"]}
    slots = [f"destination_{n}" for n in range(5)]
    return {
        "properties": {name: dict(_ONE) for name in names},
        "required": list(names),
        "anyOf": [{"properties": {slot: reached}, "required": [slot]} for slot in slots],
    }


def _accesskey(profile: Profile, strict: bool) -> Schema:
    about = "How long the key lives, in seconds. The service reads 32 bits of it, whatever is above."
    life = {"type": "integer", "minimum": 86_400, "maximum": (1 << 31) - 1, "description": about}
    required = ["expire"] if profile.accesskey_default_expire is None else []
    return {"properties": {"expire": life}, "required": required}


def _number(profile: Profile, strict: bool) -> Schema:
    virtual = {"properties": {"type": {"const": "virtual"}}}
    in_range = {"properties": {"number": {"pattern": r"^\+899"}}}
    said = virtual if profile.virtual_by_number else {**virtual, "required": ["type"]}
    return {
        "properties": {"number": dict(_ONE)},
        "required": ["number"],
        "allOf": [
            {"if": {**virtual, "required": ["type"]}, "then": {"properties": {"number": {"pattern": _VIRTUAL}}}},
            {"if": in_range, "then": {"properties": {"number": {"pattern": _VIRTUAL}}, "allOf": [said]}},
        ],
    }


def _call(profile: Profile, strict: bool) -> Schema:
    callable_ = {
        "type": "object",
        "properties": {"type": {"enum": list(DIALABLE)}, "target": dict(_ONE)},
        "required": ["type", "target"],
    }
    flow = "The flow that the calls run, instead of `actions`: one of the customer's own; all zeros for none."
    item = {"$ref": "#/components/schemas/Address", **callable_}
    nothing = [] if strict else [None]
    return {
        "properties": {
            "flow_id": {"description": flow},
            "destinations": {"items": item},
            "anonymous": {"enum": [*nothing, "", *ANONYMOUS]},
        }
    }


def _required(name: str, **words: Any) -> Rule:
    return lambda profile, strict: {"properties": {name: {"type": "string", **words}}, "required": [name]}


def _next_campaign(profile: Profile, strict: bool) -> Schema:
    return {"properties": {"next_campaign_id": {"pattern": f"^({UUID[1:-1]})?$"}}}


_RULES: Mapping[str, Rule] = {
    "accesskeys.create": _accesskey,
    "agents.password": _required("password", minLength=1),
    "calls.create": _call,
    "campaigns.next_campaign_id": _next_campaign,
    "campaigns.status": _required("status", enum=["run", "stop"]),
    "customers.billing_account_id": _required("billing_account_id", pattern=UUID),
    "numbers.create": _number,
    "numbers.renew": _required("tm_renew", pattern=f"^{MOMENT}$"),
    "outdials.create": _outdial,
    "targets.create": _target,
}
