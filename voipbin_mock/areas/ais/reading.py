"""What the tools of a model that only read find. What is another customer's is not found, and that is no failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from voipbin_mock.areas.ais.resources import AIS
from voipbin_mock.areas.cases import casework
from voipbin_mock.areas.cases.resources import CASES, NOTES
from voipbin_mock.areas.conversations.resources import CONVERSATIONS
from voipbin_mock.areas.conversations.resources import MESSAGES as WRITTEN
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

NOT_FOUND = "not found"
MOST = 5  # pieces of documents


class Found(NamedTuple):
    """What is told, and of which record it is. failed: why nothing is."""

    value: Any = NOT_FOUND
    resource_type: str = ""
    resource_id: str = ""
    failed: str = ""


Arguments = Mapping[str, Any]


def _own(world: World, aicall: Row, table: str, row_id: Any) -> Row | None:
    try:
        row = world.store[table].get(row_id) if isinstance(row_id, str) else None
    except KeyError:
        return None
    return row if row is not None and row.account == aicall.account else None


def _shown(world: World, resource: Resource, row: Row) -> Any:
    return json.loads(world.text(resource, row))


def search_knowledge(world: World, aicall: Row, arguments: Arguments) -> Found:
    """The documents of the AI's rag: the mock reads none, and names those that are ready."""
    ai = world.table(AIS).get(aicall.data["active_ai_id"])
    rag_id = NIL_UUID if ai is None else ai.data["rag_id"]
    if rag_id == NIL_UUID:
        return Found(failed="the AI has no rag")
    rag = _own(world, aicall, "rags", rag_id)
    if rag is None or rag.deleted:
        return Found(failed=f"there is no rag {rag_id}")
    ready = [source for source in rag.data["sources"] or () if source.get("status") == "ready"]
    names = [source.get("source_url") or source.get("storage_file_id") for source in ready]
    return Found({"query": arguments.get("query", ""), "sources": names[:MOST]}, "rag", rag.id)


def get_resource(world: World, aicall: Row, arguments: Arguments) -> Found:
    kind, wanted = str(arguments.get("resource_type", "")), arguments.get("resource_id")
    for table in (f"{kind}s", kind):
        row = _own(world, aicall, table, wanted)
        if row is not None:
            return Found(_shown(world, world.blueprint.resource(table), row), kind, row.id)
    return Found(resource_type=kind)


def get_correlation(world: World, aicall: Row, arguments: Arguments) -> Found:
    """What belongs to one run of a flow."""
    run_id = arguments.get("activeflow_id") or aicall.data["activeflow_id"]
    run = _own(world, aicall, "activeflows", run_id)
    if run is None:
        return Found(resource_type="correlation")
    told = {name: run.data[name] for name in ("reference_type", "reference_id", "flow_id", "status")}
    return Found({"activeflow_id": run.id, **told}, "correlation", run.id)


def describe_action(world: World, aicall: Row, arguments: Arguments) -> Found:
    kind = str(arguments.get("type") or arguments.get("action_type") or "")
    declared = world.blueprint.action(kind)
    if declared is None:
        return Found(resource_type="action")
    return Found({"type": kind, "summary": declared.summary, "option": dict(declared.option)}, "action", kind)


# --- of insight AIs --------------------------------------------------------------------------------------


def get_conversation_content(world: World, aicall: Row, arguments: Arguments) -> Found:
    row = _own(world, aicall, CONVERSATIONS.name, arguments.get("conversation_id"))
    if row is None:
        return Found(resource_type="conversation_content")
    table = world.table(WRITTEN)
    texts = [
        {"direction": each.data["direction"], "text": each.data["text"]}
        for each in table.group("conversation_id", row.id, None, len(table))[::-1]
    ]
    return Found(texts, "conversation_content", row.id)


def _of_case(kind: str, find: Callable[[World, Row], Any]) -> Callable[[World, Row, Arguments], Found]:
    """A tool that is for AI calls about a case alone."""

    def read(world: World, aicall: Row, arguments: Arguments) -> Found:
        if aicall.data["reference_type"] != "contact_case":
            return Found(failed="this AI call is about no case")
        case = _own(world, aicall, CASES.name, aicall.data["reference_id"])
        return Found(resource_type=kind) if case is None else Found(find(world, case), kind, case.id)

    return read


def _notes(world: World, case: Row) -> Any:
    return [_shown(world, NOTES, note) for note in casework.notes_of(world, case)]


def _related(world: World, case: Row) -> Any:
    """Others with the same peer."""
    rows = [row for row in world.table(CASES) if row.account == case.account and row.id != case.id]
    return [_shown(world, CASES, row) for row in rows if row.data["peer"] == case.data["peer"] and not row.deleted]


def _interactions(world: World, case: Row) -> Any:
    """What was written with the same peer."""
    rows = [row for row in world.table(CONVERSATIONS) if row.account == case.account]
    peer = case.data["peer"]
    return [_shown(world, CONVERSATIONS, row) for row in rows if row.data["peer"]["target"] == peer.get("target")]


READERS: Mapping[str, Callable[[World, Row, Arguments], Found]] = {
    "search_knowledge": search_knowledge,
    "get_correlation": get_correlation,
    "get_resource": get_resource,
    "describe_action": describe_action,
    "get_conversation_content": get_conversation_content,
    "get_contact_interactions": _of_case("interaction_list", _interactions),
    "get_related_cases": _of_case("related_case_list", _related),
    "get_case_notes": _of_case("case_note_list", _notes),
}
