"""What the area of calls declares of recordings, transcribes, transcripts and speakings."""

from __future__ import annotations

from voipbin_mock.api.answers import NOTHING
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Example, IdOf, Query, action, own
from voipbin_mock.areas.calls import recording_files, recordings, speakings, transcribes
from voipbin_mock.areas.calls.controls import ANSWERED
from voipbin_mock.areas.calls.media_differences import SPEAKINGS_UNPAGED
from voipbin_mock.areas.calls.media_resources import RECORDINGS, SPEAKINGS, TRANSCRIBES, TRANSCRIPTS

_UUID = {"type": "string", "format": "uuid"}
_OF_A_CALL = ANSWERED._replace(values={"reference_id": IdOf("calls")})

DECLARED = (
    operations(
        RECORDINGS,
        action(
            "GET /recordingfiles/{id}",
            "file",
            recording_files.redirect,
            summary="Where the file of a recording is",
            note="By the id of the recording.",
            done=307,
            answers=NOTHING,
            example=Example({"id": IdOf("recordings")}),
        ),
        plain=("list", "get", "delete"),
        list=own(example=Example(first="calls.recording_start")),
        delete=own(recordings.delete, note="With its files. One that runs goes on."),
    ),
    operations(
        TRANSCRIBES,
        action("POST /transcribes/{id}/stop", "stop", transcribes.stop, summary="Stop a transcribe"),
        plain=("list", "create", "get", "delete"),
        list=own(
            transcribes.list_,
            query={
                "reference_type": Query({"type": "string"}, "With `reference_id`: those of one call, say."),
                "reference_id": Query(_UUID, "With `reference_type`."),
            },
            refuses=(transcribes.INVALID_FILTER.name,),
        ),
        create=own(
            transcribes.create, summary="Write down what is said", refuses=transcribes.refusals, example=_OF_A_CALL
        ),
        delete=own(transcribes.delete, note="With its transcripts. One that goes on is stopped first."),
    ),
    operations(
        TRANSCRIPTS,
        plain=("list",),
        list=own(
            transcribes.transcripts,
            query={"transcribe_id": Query(_UUID, "Needed: the transcribe that they belong to.")},
            refuses=("MISSING_REQUEST_PARAMETER", "TRANSCRIBE_NOT_FOUND"),
            example=Example({"transcribe_id": IdOf("transcribes")}),
        ),
    ),
    operations(
        SPEAKINGS,
        action(
            "POST /speakings/{id}/say",
            "say",
            speakings.say,
            "say",
            summary="Say a text",
            refuses=speakings.say_refusals,
            example=Example(after=2),
        ),
        action(
            "POST /speakings/{id}/flush",
            "flush",
            speakings.flush,
            summary="Drop what is being said",
            refuses=speakings.state_refusals,
            example=Example(after=2),
        ),
        action("POST /speakings/{id}/stop", "stop", speakings.stop, summary="Stop a speaking"),
        plain=("list", "create", "get", "delete"),
        list=own(unpaged=SPEAKINGS_UNPAGED),
        create=own(
            speakings.create, summary="Begin to speak", refuses=speakings.refusals, done=201, example=_OF_A_CALL
        ),
        delete=own(speakings.delete, note="One that goes on is stopped first."),
    ),
)
TIMERS = {**recordings.TIMERS, **speakings.TIMERS}
CONTROLS = {"GET /__mock__/recordingfiles/{id}": recording_files.download}
