"""Where the profiles part in what becomes of a call's sound."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

# --- controls ----------------------------------------------------------------------------------------

CONTROLS_ANSWERED = Difference(
    "call-controls",
    "hold, music, mute, silence, talk or recording for a call that is not answered, or over",
    documented=True,
    server=False,
    told=(
        "409 `CALL_STATE_INVALID`, or `CALL_ALREADY_HANGUP`",
        "not answered: done (`talk` answers it, recording_start 500); over: 400 `INVALID_ARGUMENT`, or 500 `INTERNAL`",
    ),
)
UNMUTES_ALL = Difference(
    "call-unmute",
    "ending the mute of both directions, where one is muted",
    documented=True,
    server=False,
    told=("ends it", "leaves it"),
)
TALK_IS_MARKUP = Difference(
    "call-talk-text",
    "a text with a bare `&` or `<` for POST /calls/{id}/talk",
    documented=False,
    server=True,
    told=("is spoken", "500 `INTERNAL`"),
)

# --- recordings --------------------------------------------------------------------------------------

RECORDS_ONCE = Difference(
    "recording-twice",
    "starting a second recording of a call; stopping where there is none",
    documented=True,
    server=False,
    told=(
        "409 `RECORDING_ALREADY_ACTIVE`; 409 `RECORDING_NOT_ACTIVE`",
        "500 `INTERNAL`; 200 with a call of zeros",
    ),
)
FORGETS_ENDED = Difference(
    "recording-id",
    "a call's `recording_id` when its recording ended by itself",
    documented=True,
    server=False,
    told=(
        "is all zeros again",
        "stays until `recording_stop`, which sets the recording back to `stopping` for ever",
    ),
)
ONE_FILE = Difference(
    "recording-file",
    "GET /recordingfiles/{id}",
    documented=True,
    server=False,
    told=("leads to one WAV, for an hour", "leads to a zip of one WAV a direction, for a day"),
)
RECORDING_WAITS = Difference(
    "recording-waits",
    "the action recording_start",
    documented=True,
    server=False,
    told=(
        "beeps if `beep_start` says so, and waits for an end that its option sets",
        "goes on at once, without a beep",
    ),
)

# --- transcribes -------------------------------------------------------------------------------------

CONFERENCE_TYPE = Difference(
    "transcribe-conference",
    "the `reference_type` of a conference in POST /transcribes and POST /speakings",
    documented="confbridge",
    server="conference",
    told=(
        "`confbridge`, with the conference's id",
        "transcribes: `conference`, shown as `confbridge` with the bridge's id; speakings: `confbridge`, with that id",
    ),
)
MISSING_IS_TOLD = Difference(
    "transcribe-missing",
    "a conference or a recording that there is not, in POST /transcribes",
    documented=True,
    server=False,
    told=("404", "500, with an empty body"),
)
TRANSCRIBES_ANSWERED = Difference(
    "transcribe-state",
    "what POST /transcribes takes",
    documented=True,
    server=False,
    told=(
        "calls that are `progressing` and recordings that are `ended`, else 409",
        "calls that are not over (else 500 `INTERNAL`), and any recording",
    ),
)
PAGES_TRANSCRIPTS = Difference(
    "transcript-pages",
    "GET /transcripts",
    documented=True,
    server=False,
    told=("has pages, as every list", "answers the newest 100, whatever `page_size` and `page_token` say"),
)

# --- speakings ---------------------------------------------------------------------------------------

SPEAKINGS_UNPAGED = Difference(
    "speaking-list",
    "GET /speakings",
    documented=True,
    server=False,
    told=("answers a bare array, of `page_size` at most", "has pages, as every list"),
)
UNKNOWN_SPEAKING = Difference(
    "speaking-unknown",
    "a speaking that there is not",
    documented="SPEAKING_NOT_FOUND",
    server="RESOURCE_NOT_FOUND",
    told=("404 `SPEAKING_NOT_FOUND`", "404 `RESOURCE_NOT_FOUND`"),
)
SPEAKING_IS_CHECKED = Difference(
    "speaking-reference",
    "POST /speakings for a call that there is not, or that is over, or another customer's",
    documented=True,
    server=False,
    told=("404, 409 or 403", "500 `INTERNAL`; another customer's works"),
)
SPEAKS_ONCE = Difference(
    "speaking-twice",
    "a second speaking for a call; `say` and `flush` of one that is not active",
    documented=True,
    server=False,
    told=("409; 409", "500 `INTERNAL`; 404 `RESOURCE_NOT_FOUND`"),
)
SPEAKING_INITIATES = Difference(
    "speaking-status",
    "a new speaking",
    documented="initiating",
    server="active",
    told=("is `initiating` for two seconds", "is `active`"),
)
SPEAKING_ENDS = Difference(
    "speaking-hangup",
    "the speaking of a call that was hung up",
    documented=True,
    server=False,
    told=("is `stopped`", "stays `active`"),
)
SPEAKING_TOLD = Difference(
    "speaking-events",
    "the event `speaking_started`",
    documented=True,
    server=False,
    told=("is told", "is told to nobody outside"),
)

# --- actions -----------------------------------------------------------------------------------------

MUTE_WORKS = Difference(
    "action-mute",
    "the actions mute and transcribe_stop",
    documented=True,
    server=False,
    told=("do as they say", "do nothing"),
)

ALL = (
    CONTROLS_ANSWERED, UNMUTES_ALL, TALK_IS_MARKUP, RECORDS_ONCE, FORGETS_ENDED, ONE_FILE, RECORDING_WAITS,
    CONFERENCE_TYPE, MISSING_IS_TOLD, TRANSCRIBES_ANSWERED, PAGES_TRANSCRIPTS, SPEAKINGS_UNPAGED, UNKNOWN_SPEAKING,
    SPEAKING_IS_CHECKED, SPEAKS_ONCE, SPEAKING_INITIATES, SPEAKING_ENDS, SPEAKING_TOLD, MUTE_WORKS,
)  # fmt: skip
