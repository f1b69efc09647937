"""The records of AIs and teams, of AI calls, and of what is said in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voipbin_mock.areas.ais.differences import HASH_AT_CREATION, UNKNOWN_MESSAGE
from voipbin_mock.world.differences import STAMPS_RFC3339
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.resource import GONE, DirectHash, Resource

if TYPE_CHECKING:
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

UNKNOWN = "RESOURCE_NOT_FOUND"


def completed(given: Mapping[str, Any], ids: Ids | None) -> Mapping[str, Any]:
    """What an AI call has that a seed or a test does not give."""
    if given.get("assistance_type", "ai") == "ai" and given.get("assistance_id") and not given.get("active_ai_id"):
        return {"active_ai_id": given["assistance_id"], "assistance_type": "ai"}
    return {}


def topics(world: World, type: str, row: Row) -> tuple[str, ...]:
    """Whoever listens to an AI call hears what is said in it."""
    customer = f"customer_id:{row.account}"
    return (f"{customer}:aicall:{row.data['aicall_id']}", f"{customer}:aimessage:{type}:{row.id}")


AIS = Resource(
    "ais",
    lookups=("direct_hash",),
    on_delete={"is_insight_active": False},
    events=True,
    direct_hash=DirectHash(made=HASH_AT_CREATION),
)
HISTORIES = Resource("ai_prompt_histories", singular="ai_prompt_history", unknown=UNKNOWN, groups=("ai_id",))
TEAMS = Resource("teams", lookups=("direct_hash",), events=True, direct_hash=DirectHash())
# Nobody is told that one was made or deleted, but of its status.
AICALLS = Resource(
    "aicalls",
    lookups=("reference_id", "confbridge_id"),
    events=("status_initializing", "status_progressing", "status_terminated"),
    history="tm_end",
    rfc3339=STAMPS_RFC3339,
    completes=completed,
)
PARTICIPANTS = Resource(
    "ai_participants",
    word="participants",
    parent="aicalls",
    standalone=True,
    groups=("ai_id",),
    lookups=(("ai_id", "aicall_id"),),
    rfc3339=STAMPS_RFC3339,
)
MESSAGES = Resource(
    "aimessages",
    deleted=GONE,
    unknown=UNKNOWN_MESSAGE,
    groups=("aicall_id",),
    events=("created",),
    topics=topics,
    history="tm_create",
    rfc3339=STAMPS_RFC3339,
)

_ID: Mapping[str, Any] = {"$ref": "common.json#/$defs/uuid"}
_TEXT: Mapping[str, Any] = {"type": "string"}
# A piece of a message that is still being written. There are no records of it.
PIECES = Resource(
    MESSAGES.name,
    stored=False,
    topics=topics,
    rfc3339=STAMPS_RFC3339,
    schema={
        "$defs": {
            "record": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("id", "customer_id", "aicall_id", "activeflow_id", "active_ai_id"), _ID),
                    **dict.fromkeys(("role", "content", "direction"), _TEXT),
                    "sequence": {"type": "integer"},
                },
            }
        }
    },
)


def sorted_by_key(value: Any) -> Any:
    """As the service keeps an object of the user's: whatever is inside it, too."""
    if isinstance(value, Mapping):
        return {name: sorted_by_key(value[name]) for name in sorted(value)}
    return [sorted_by_key(item) for item in value] if isinstance(value, list) else value
