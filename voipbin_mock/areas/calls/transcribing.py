"""Transcribes: what is said in a call, a bridge or a recording is written down."""

from __future__ import annotations

import re
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.calls import conference_bridges, recordings
from voipbin_mock.areas.calls.media_resources import RECORDINGS, SPEECHES, TRANSCRIBES, TRANSCRIPTS
from voipbin_mock.areas.calls.resources import CALLS
from voipbin_mock.areas.flows import engine
from voipbin_mock.wire.stamps import EARLIEST, SECOND
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.differences import UPDATED_ON_CREATE
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

CALL, CONFBRIDGE, RECORDING = "call", "confbridge", "recording"
BOTH = "both"
USUAL_LANGUAGE = "en-US"
MOST_HEARD = 1000  # of one call
_PRIMARY = re.compile(r"[A-Za-z]{2,3}", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9]{1,8}", re.ASCII)


def canonical(language: str) -> str:
    """A language as BCP 47 writes it; en-US for what is none."""
    primary, *parts = language.strip().replace("_", "-").split("-")
    if not _PRIMARY.fullmatch(primary) or not all(_PART.fullmatch(part) for part in parts):
        return USUAL_LANGUAGE
    cases = {2: str.upper, 4: str.title}
    return "-".join([primary.lower(), *(cases.get(len(part), str.lower)(part) for part in parts)])


def way_of(direction: str) -> str:
    """in, out, or for anything else both."""
    return direction if direction in ("in", "out") else BOTH


def going_on(world: World, reference_id: str) -> list[Row]:
    """What is written down of a call or a bridge now."""
    found = world.table(TRANSCRIBES).find("reference_id", reference_id)
    return [row for row in found if row.data["status"] == "progressing" and not row.deleted]


def in_language(world: World, reference_id: str, language: str) -> Row | None:
    """What is written down of it in this language now."""
    return next((row for row in going_on(world, reference_id) if row.data["language"] == language), None)


# --- begin and end -----------------------------------------------------------------------------------


def start(
    world: World,
    account: str,
    customer_id: str,
    reference: tuple[str, str],
    *,
    language: str = "",
    direction: str = "",
    provider: str = "",
    activeflow_id: str = NIL_UUID,
    on_end_flow_id: str = NIL_UUID,
) -> Row:
    """Write down what is said from now on. reference: `call`, `confbridge` or `recording`, and its id. Told of as
    `transcribe_created`. What a recording holds is written down at once, and the transcribe is `done`."""
    table = world.table(TRANSCRIBES)
    created = world.stamp_for(table, account)
    record = {
        **TRANSCRIBES.blank,
        "id": world.ids.uuid(),
        "customer_id": customer_id,
        "activeflow_id": activeflow_id,
        "on_end_flow_id": on_end_flow_id,
        "reference_type": reference[0],
        "reference_id": reference[1],
        "status": "progressing",
        "language": canonical(language),
        "direction": BOTH if reference[0] == RECORDING else way_of(direction),
        "provider": provider,
        "streaming_in": world.ids.uuid(),
        "streaming_out": world.ids.uuid(),
        "began": world.clock.microseconds(),
        "tm_create": created,
        **({"tm_update": created} if UPDATED_ON_CREATE.of(world) else {}),
    }
    row = table.insert(record, account)
    _tell_run(world, row)
    world.publish("transcribe_created", TRANSCRIBES, row)
    if reference[0] == RECORDING:
        _write_recording(world, row)
        return finish(world, row)
    return row


def _tell_run(world: World, row: Row) -> None:
    run = engine.running(world, row.data["activeflow_id"])
    if run is not None:
        run.set_all({f"voipbin.transcribe.{name}": row.data[name] for name in ("id", "language", "direction")})


def finish(world: World, row: Row) -> Row:
    """Nothing more is written down; nothing happens if it is so already. Told of as `transcribe_done`."""
    row = world.table(TRANSCRIBES).get(row.id) or row
    if row.data["status"] == "done":
        return row
    row = world.table(TRANSCRIBES).replace({**row.data, "status": "done", **world.touch(TRANSCRIBES)})
    world.publish("transcribe_done", TRANSCRIBES, row)
    if row.data["reference_type"] != RECORDING:
        recordings.run_after(world, row, "transcribe", row.id)
    return row


def reference_ended(world: World, reference_id: str) -> None:
    """A call or a bridge is over."""
    for row in going_on(world, reference_id):
        finish(world, row)


def call_ended(world: World, call: Row) -> None:
    reference_ended(world, call.id)


# --- what is said ------------------------------------------------------------------------------------


def heard(world: World, call: Row, way: str, text: str) -> None:
    """Somebody spoke in a call: `in` the far end, `out` the service."""
    for row in going_on(world, call.id):
        if row.data["direction"] in (BOTH, way):
            _speech(world, row, way, text)
    bridge_id = call.data.get("confbridge_id") or NIL_UUID
    conference = conference_bridges.of_bridge(world, bridge_id) if way == "in" else None
    if conference is not None:
        for row in (*going_on(world, bridge_id), *going_on(world, conference.id)):
            _speech(world, row, "in", text)
        recording = world.table(RECORDINGS).get(conference.data["recording_id"])
        if recording is not None and recording.data["status"] == "recording":
            world.table(RECORDINGS).replace({**recording.data, "heard": with_heard(world, recording, "in", text)})


def with_heard(world: World, row: Row, way: str, text: str) -> list[Any]:
    """What was heard in a call or a recording, with one more; the newest are kept."""
    return [*(row.data["heard"] or ())[-MOST_HEARD + 1 :], [world.clock.microseconds(), way, text]]


def _speech(world: World, row: Row, way: str, text: str) -> None:
    """It is told while it is spoken, and then written down."""
    now = world.clock.microseconds()
    told = {
        "customer_id": row.data["customer_id"],
        "streaming_id": row.data[f"streaming_{way}"],
        "transcribe_id": row.id,
        "direction": way,
        "message": "",
        "tm_event": now,
        "tm_create": now,
    }
    for what, message in (("started", ""), ("interim", text), ("ended", "")):
        speech = Row({**told, "id": world.ids.uuid(), "message": message}, row.account)
        world.publish(f"transcribe_speech_{what}", SPEECHES, speech)
    write(world, row, way, text, now - row.data["began"])


def write(world: World, row: Row, way: str, text: str, offset: int) -> Row:
    """A transcript. offset: since the transcribe began, in microseconds. Told of as `transcript_created`."""
    table = world.table(TRANSCRIPTS)
    record = {
        **TRANSCRIPTS.blank,
        "id": world.ids.uuid(),
        "customer_id": row.data["customer_id"],
        "transcribe_id": row.id,
        "direction": way,
        "message": text,
        "tm_transcript": EARLIEST * SECOND + max(0, offset),
        "tm_create": world.stamp_for(table, row.account),
    }
    written = table.insert(record, row.account)
    crud.published(world, TRANSCRIPTS, written, "created")
    return written


def _write_recording(world: World, row: Row) -> None:
    recording = world.table(RECORDINGS).get(row.data["reference_id"])
    if recording is not None:
        begin = recording.data["tm_start"] or 0
        for when, way, text in recorded(world, recording):
            write(world, row, way, text, when - begin)


def said(source: Row, begin: int, end: int) -> list[tuple[int, str, str]]:
    """What was said in a call or a recording between two moments: when (microseconds), `in` or `out`, the text."""
    heard = source.data["heard"] or ()
    return [(when, way, text) for when, way, text, *_ in heard if way in ("in", "out") and begin <= when <= end]


def recorded(world: World, recording: Row) -> list[tuple[int, str, str]]:
    """The same, while a recording of a call, or of a conference, ran."""
    source = world.table(CALLS).get(recording.data["reference_id"]) or recording
    begin, end = recording.data["tm_start"] or 0, recording.data["tm_end"] or world.clock.microseconds()
    return said(source, begin, end)
