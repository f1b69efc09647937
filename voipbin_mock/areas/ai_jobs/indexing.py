"""Sources of knowledge bases: each is read after a while, and tried again if that fails. Nothing is ever fetched.

A source is `pending`, `processing` and `ready`; one that fails is `pending` again until it is tried once more, and
after the third time `error`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from voipbin_mock.api import crud
from voipbin_mock.areas.ai_jobs import jobs
from voipbin_mock.areas.ai_jobs.differences import FILE_OWNER, TELLS_CHUNKS
from voipbin_mock.areas.ai_jobs.outcomes import RAGS as KIND
from voipbin_mock.areas.ai_jobs.resources import RAGS
from voipbin_mock.areas.storage import shelf
from voipbin_mock.areas.storage.resources import FILES
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

TRIES = 3
AGAIN = 300_000  # milliseconds from one try to the next
CHUNK = 1000  # bytes of a file
UNREACHABLE = ".invalid"  # hosts that never answer

Source = Mapping[str, Any]


def status_of(sources: Iterable[Source]) -> str:
    """How a knowledge base is doing, by its sources."""
    found = {source["status"] for source in sources}
    if found & {"pending", "processing"}:
        return "processing"
    return next((status for status in ("ready", "error") if status in found), "pending")


def source(world: World, customer_id: str, file_id: str = NIL_UUID, url: str = "") -> dict[str, Any]:
    """A new source: a file or a URL."""
    return {
        "id": world.ids.uuid(),
        "customer_id": customer_id,
        "storage_file_id": file_id,
        "source_url": url,
        "status": "pending",
        "status_message": "",
    }


def with_sources(row: Row, sources: Sequence[Source]) -> dict[str, Any]:
    """The members of a knowledge base that has these sources."""
    work = row.data["work"] or {}
    kept = {each["id"]: work[each["id"]] for each in sources if each["id"] in work}
    return {"sources": list(sources), "status": status_of(sources), "work": kept or None}


def take_up(world: World, row: Row) -> Row:
    """Whatever of its sources is still to be read will be."""
    if row.deleted:
        return row
    for each in row.data["sources"]:
        if each["status"] in ("pending", "processing") and each["id"] not in (row.data["work"] or {}):
            row = _tries(world, row, each, 1)
    status = status_of(row.data["sources"])
    return row if status == row.data["status"] else crud.keep(world, RAGS, row, {"status": status})


def forget(world: World, row: Row, source_ids: Iterable[str]) -> None:
    """These are read no more."""
    work = row.data["work"] or {}
    for source_id in source_ids:
        jobs.calls_off(world, work.get(source_id))


def _tries(world: World, row: Row, each: Source, number: int) -> Row:
    """A source is tried from now on: for half of the time it is pending, for the other processing."""
    outcome = jobs.meets(world, KIND)
    half = jobs.lasts(KIND, outcome) // 2
    timer = world.timers.call_in(half, "rag_source_begins", row.id, each["id"])
    left = jobs.lasts(KIND, outcome) - half
    return _put(world, row, each["id"], {}, {"outcome": outcome.as_dict(), "timer": timer, "try": number, "left": left})


def _put(world: World, row: Row, source_id: str, values: Mapping[str, Any], work: Mapping[str, Any] | None) -> Row:
    """A source with other values, and what is to be known of its being read."""
    sources = [{**each, **values} if each["id"] == source_id else each for each in row.data["sources"]]
    others = {key: value for key, value in (row.data["work"] or {}).items() if key != source_id}
    now = {**others, **({} if work is None else {source_id: work})}
    return crud.keep(world, RAGS, row, {"sources": sources, "status": status_of(sources), "work": now or None})


def _found(world: World, rag_id: str, source_id: str) -> tuple[Row, Source, Mapping[str, Any]] | None:
    row = world.table(RAGS).get(rag_id)
    if row is None or row.deleted:
        return None
    each = next((each for each in row.data["sources"] if each["id"] == source_id), None)
    work = (row.data["work"] or {}).get(source_id)
    return None if each is None or work is None else (row, each, work)


def begins(world: World, rag_id: str, source_id: str) -> None:
    found = _found(world, rag_id, source_id)
    if found is not None:
        row, _, work = found
        timer = world.timers.call_in(work.get("left", 0), "rag_source_ends", rag_id, source_id)
        _put(world, row, source_id, {"status": "processing"}, {**work, "timer": timer})


def ends(world: World, rag_id: str, source_id: str) -> None:
    found = _found(world, rag_id, source_id)
    if found is None:
        return
    row, each, work = found
    outcome, number = jobs.outcome_of(world, work), work.get("try", 1)
    why = jobs.failure(KIND, outcome) or _unreadable(world, row, each)
    if not why:
        told = f"{_chunks(world, each, outcome)} chunks created" if TELLS_CHUNKS.of(world) else ""
        _put(world, row, source_id, {"status": "ready", "status_message": told}, None)
    elif number >= TRIES:
        _put(world, row, source_id, {"status": "error", "status_message": why}, None)
    else:
        timer = world.timers.call_in(AGAIN, "rag_source_again", rag_id, source_id)
        values = {"status": "pending", "status_message": why}
        _put(world, row, source_id, values, {"outcome": "done", "timer": timer, "try": number + 1})


def again(world: World, rag_id: str, source_id: str) -> None:
    """A source is tried once more, at once."""
    found = _found(world, rag_id, source_id)
    if found is None:
        return
    row, _, work = found
    outcome = jobs.meets(world, KIND)
    kept = {"outcome": outcome.as_dict(), "timer": 0, "try": work.get("try", 1)}
    row = _put(world, row, source_id, {"status": "processing"}, kept)
    ends(world, row.id, source_id)


def _unreadable(world: World, row: Row, each: Source) -> str:
    """Why nothing can be read there, as far as the mock knows; empty if something can."""
    if each["storage_file_id"] == NIL_UUID:
        return _unreachable(each["source_url"])
    file = world.table(FILES).get(each["storage_file_id"])
    if file is None or file.deleted or (file.account != row.account and FILE_OWNER.of(world)):
        return f"there is no file {each['storage_file_id']}"
    return "" if file.data["filesize"] else "the file is empty"


def _unreachable(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return f"no URL: {url}"
    if parts.scheme not in ("http", "https"):
        return f"unsupported URL scheme: {parts.scheme or 'none'}"
    if not host or host.endswith(UNREACHABLE):
        return f"no such host: {host or 'none'}"
    return ""


def _chunks(world: World, each: Source, outcome: Any) -> int:
    scripted = jobs.results(outcome).get("chunks")
    if scripted is not None:
        return int(scripted)
    held = world.part(shelf.Shelf).held.get(each["storage_file_id"])
    file = world.table(FILES).get(each["storage_file_id"])
    size = len(held) if held is not None else file.data["filesize"] if file is not None else CHUNK
    return max(1, -(-size // CHUNK))


TIMERS: Mapping[str, TimerHandler] = {
    "rag_source_begins": begins,
    "rag_source_ends": ends,
    "rag_source_again": again,
}
