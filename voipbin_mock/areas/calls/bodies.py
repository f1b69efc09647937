"""What handlers of calls ask of a body beside its schema, and what they answer, for the OpenAPI document."""

from __future__ import annotations

from voipbin_mock.api.answers import closed_object
from voipbin_mock.api.operations import Answers, Example, Schema
from voipbin_mock.areas.calls.differences import ANONYMOUS_CHECKED
from voipbin_mock.areas.calls.simulation import DIALABLE
from voipbin_mock.areas.flows.flows import ANONYMOUS
from voipbin_mock.world.profiles import Profile

# An example: from a number of the seeds to one that answers.
OWN = {"type": "tel", "target": "+15559876543"}
CALLED = Example({"source": OWN})


def call(profile: Profile, strict: bool) -> Schema:
    callable_ = {
        "type": "object",
        "properties": {"type": {"enum": list(DIALABLE)}, "target": {"type": "string", "minLength": 1}},
        "required": ["type", "target"],
    }
    flow = "The flow that the calls run, instead of `actions`: one of the customer's own; all zeros for none."
    item = {"$ref": "#/components/schemas/Address", **callable_}
    nothing = [] if strict else [None]
    return {
        "properties": {
            "flow_id": {"description": flow},
            "destinations": {"items": item},
            "variables": {"additionalProperties": {"type": ["string", "null"]}, "maxProperties": 100},
            **({"anonymous": {"enum": [*nothing, "", *ANONYMOUS]}} if ANONYMOUS_CHECKED.by(profile) else {}),
        }
    }


def providercall(profile: Profile, strict: bool) -> Schema:
    """Of both ids the service reads only what is one, or empty."""
    nothing = [{"enum": [""]}] if strict else [{"enum": ["", None]}]
    return {"properties": {name: {"anyOf": [{"format": "uuid"}, *nothing]} for name in ("provider_id", "flow_id")}}


def _made(shown: Schema) -> Schema:
    group = {"type": "object", "description": "A group call, as GET /groupcalls/{id} shows it."}
    groups = {"type": "array", "items": group, "description": "One for each agent or extension."}
    return closed_object(
        {"calls": {"type": "array", "items": shown, "description": "One a destination."}, "groupcalls": groups}
    )


MADE = Answers("made", _made, {"calls": True, "groupcalls": False})
