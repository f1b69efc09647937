"""The records of what becomes of a call's sound: recordings, transcribes, transcripts, speakings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.areas.calls.media_differences import UNKNOWN_SPEAKING
from voipbin_mock.world.differences import UPDATED_ON_CREATE
from voipbin_mock.world.resource import GONE, Resource

# Of a recording it is told when it starts and when it is finished, of a transcribe when it is created and done.
RECORDINGS = Resource("recordings", deleted=GONE, history="tm_end")
TRANSCRIBES = Resource(
    "transcribes", lookups=("reference_id",), updated_on_create=UPDATED_ON_CREATE, history="tm_delete"
)
TRANSCRIPTS = Resource("transcripts", groups=("transcribe_id",), events=True, history="tm_create")
SPEAKINGS = Resource(
    "speakings",
    lookups=("reference_id",),
    unknown=UNKNOWN_SPEAKING,
    updated_on_create=UPDATED_ON_CREATE,
    history="tm_delete",
)

_ID, _STAMP = ({"$ref": f"common.json#/$defs/{piece}"} for piece in ("uuid", "stamp"))
_TEXT: Mapping[str, Any] = {"type": "string"}
# What is told of a transcribe while somebody speaks. There are no records of it.
SPEECHES = Resource(
    TRANSCRIBES.name,
    stored=False,
    schema={
        "$defs": {
            "record": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("id", "customer_id", "streaming_id", "transcribe_id"), _ID),
                    "direction": _TEXT,
                    "message": {**_TEXT, "x-omit-empty": "always"},
                    **dict.fromkeys(("tm_event", "tm_create"), _STAMP),
                },
            }
        }
    },
)
