"""What timelines take and answer, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api.answers import MOMENT, closed_object
from voipbin_mock.api.lists import DEFAULT_PAGE
from voipbin_mock.api.operations import Query, Schema
from voipbin_mock.areas.timelines.events import MOST
from voipbin_mock.schema.members import INT64

_ID: Schema = {"type": "string", "format": "uuid"}
PAGED: Mapping[str, Query] = {
    "page_size": Query(
        {"type": "integer", "minimum": INT64[0], "maximum": INT64[1], "default": DEFAULT_PAGE},
        f"How many at most, 1 to {MOST}; anything else counts as {DEFAULT_PAGE}.",
    ),
    "page_token": Query(
        {"type": "string", "pattern": f"^({MOMENT})?$"},
        "The `next_page_token` of the page before; empty for the first. Events older than it are listed.",
    ),
}
RUN: Mapping[str, Query] = {
    "activeflow_id": Query(_ID, "The run whose events are listed."),
    "call_id": Query(_ID, "The call whose run it is."),
}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_EVENT = closed_object(
    {
        "timestamp": {**_MOMENT, "description": "When it happened, to the millisecond."},
        "event_type": {"type": "string", "description": "What happened: call_created, activeflow_updated, ..."},
        "data": {"type": "object", "description": "The record as it was then."},
    }
)
PAGE: Schema = {
    "type": "object",
    "properties": {
        "result": {"type": "array", "items": _EVENT, "description": "Newest first."},
        "next_page_token": {
            "type": "string",
            "description": "The `page_token` of the page that follows; empty, or not there, if none does.",
        },
    },
    "required": ["result"],
    "additionalProperties": False,
}
_COUNT: Schema = {"type": "integer"}
_SOUND = closed_object(
    {
        "mos": {"type": "number", "description": "Mean opinion score, 1 to 5."},
        "jitter": {"type": "integer", "description": "In milliseconds."},
        "packet_loss_pct": {"type": "number", "description": "In percent."},
        "rtt": {"type": "integer", "description": "There and back, in microseconds."},
        **{f"{kind}_{what}": _COUNT for kind in ("rtp", "rtcp") for what in ("bytes", "packets", "errors")},
    }
)
_MESSAGE = closed_object(
    {
        "timestamp": {**_MOMENT, "description": "When it was sent."},
        "method": {"type": "string", "description": "Of a request its method, of an answer its status."},
        "src_ip": {"type": "string"},
        "src_port": {"type": "integer"},
        "dst_ip": {"type": "string"},
        "dst_port": {"type": "integer"},
        "raw": {"type": "string", "description": "The whole message."},
    }
)
ANALYSIS = closed_object(
    {
        "sip_messages": {"type": "array", "items": _MESSAGE, "description": "In the order in which they were sent."},
        "rtcp_stats": {"anyOf": [_SOUND, {"type": "null"}], "description": "How good the sound was."},
    }
)
