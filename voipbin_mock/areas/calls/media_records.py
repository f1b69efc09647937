"""Recordings, transcribes, transcripts and speakings as Python objects."""

from __future__ import annotations

from datetime import datetime

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class Recording(Stored):
    customer_id: str
    owner_type: str
    owner_id: str
    activeflow_id: str
    reference_type: str
    reference_id: str
    status: str
    format: str
    on_end_flow_id: str
    tm_start: datetime | None
    tm_end: datetime | None


class Transcribe(Stored):
    customer_id: str
    activeflow_id: str
    on_end_flow_id: str
    reference_type: str
    reference_id: str
    status: str
    language: str
    direction: str
    provider: str


class Transcript(Stored):
    customer_id: str
    transcribe_id: str
    direction: str
    message: str
    tm_transcript: datetime | None


class Speaking(Stored):
    customer_id: str
    reference_type: str
    reference_id: str
    language: str
    provider: str
    voice_id: str
    direction: str
    status: str


TYPES: dict[str, type[Stored]] = {
    "recordings": Recording,
    "transcribes": Transcribe,
    "transcripts": Transcript,
    "speakings": Speaking,
}
