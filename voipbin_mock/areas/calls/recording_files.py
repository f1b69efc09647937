"""The files of recordings: silence of the right length, as WAV or zip."""

from __future__ import annotations

import io
import wave
import zipfile

from voipbin_mock.api.access import find
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.calls import recordings
from voipbin_mock.areas.calls.media_differences import ONE_FILE
from voipbin_mock.areas.calls.media_resources import RECORDINGS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import CONTROL_PREFIX, Reply, parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

RATE = 8000  # samples a second, of 16 bits, mono
LONGEST = 600  # seconds that a file holds at most
HOUR, DAY = 3_600, 86_400  # seconds that its URL is good for
ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold: files are the same every time


def redirect(world: World, request: Request) -> Reply:
    """GET /recordingfiles/{id}: by the id of the recording, where its file is."""
    row = find(world, request, RECORDINGS)
    seconds = HOUR if ONE_FILE.of(world) else DAY
    expires = world.clock.microseconds() // recordings.SECOND + seconds
    url = f"{request.base}{CONTROL_PREFIX}/recordingfiles/{row.id}?expires={expires}"
    body = f'<a href="{url}">Temporary Redirect</a>.\n\n'.encode()
    return Reply(307, body, "text/html; charset=utf-8", [("Location", url)])


def download(world: World, request: Request) -> Reply:
    """The file itself, as long as its URL is good."""
    row = world.table(RECORDINGS).get(parse_uuid(request.id) or "")
    if row is None or row.deleted:
        raise ApiError("RECORDING_NOT_FOUND")
    expires = request.parameter("expires") or ""
    if not expires.isdecimal() or int(expires) * recordings.SECOND < world.clock.microseconds():
        raise ApiError("PERMISSION_DENIED", "This URL has expired; ask GET /v1.0/recordingfiles/{id} again.")
    if ONE_FILE.of(world):
        name = recordings.ways(row)[0].replace("_in.wav", ".wav")
        return Reply(200, silence(recordings.seconds(row)), "audio/wav", [disposition(name)])
    return Reply(200, zipped(row), "application/zip", [disposition(f"{row.id}.zip")])


def disposition(name: str) -> tuple[str, str]:
    return "Content-Disposition", f'attachment; filename="{name}"'


def zipped(row: Row) -> bytes:
    """A zip of one WAV a direction; an empty one before the recording has ended."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in recordings.ways(row) if row.data["status"] == "ended" else ():
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), silence(recordings.seconds(row)), zipfile.ZIP_DEFLATED)
    return held.getvalue()


def silence(seconds: float) -> bytes:
    """A WAV of so many seconds of silence: 8 kHz, 16 bits, mono."""
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(2 * round(RATE * min(seconds, LONGEST))))
    return held.getvalue()
