"""Where the profiles part in conferences: how they begin and end, and who may be in them."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

# --- what is asked of them ---------------------------------------------------------------------------

UNKNOWN_CONFERENCE = Difference(
    "conference-unknown",
    "a conference or conferencecall that there is not",
    documented="CONFERENCE_NOT_FOUND",
    server="INVALID_ARGUMENT",
    told=("404 `CONFERENCE_NOT_FOUND`, `CONFERENCECALL_NOT_FOUND`", "400 `INVALID_ARGUMENT`"),
)
UNKNOWN_CONFERENCECALL = Difference(
    "conference-unknown", UNKNOWN_CONFERENCE.about, documented="CONFERENCECALL_NOT_FOUND", server="INVALID_ARGUMENT"
)
LISTS_EVERY_TYPE = Difference(
    "conference-list",
    "GET /conferences",
    documented=True,
    server=False,
    told=("lists all", "lists those of type `conference` alone"),
)
HASH_AT_CREATION = Difference(
    "conference-hash",
    "the `direct_hash` of a new conference",
    documented=False,
    server=True,
    told=("empty, until it is made anew", "made with the conference"),
)
FIRST_STATUS = Difference(
    "conference-status",
    "the answer to POST /conferences",
    documented="starting",
    server="progressing",
    told=("is `starting`, which becomes `progressing` at once", "is `progressing`"),
)
REPLACES_TIMEOUT = Difference(
    "conference-timeout",
    "another `timeout` for a conference",
    documented=True,
    server=False,
    told=("replaces the one before", "ends it as well: what comes first counts"),
)

# --- coming and going ----------------------------------------------------------------------------------

JOINS_ENDED = Difference(
    "conference-join-ended",
    "`conference_join` of a conference that was deleted, or is over",
    documented=False,
    server=True,
    told=("ends the flow", "joins it, and is sent out 20 seconds later"),
)
RUNS_POST_FLOW = Difference(
    "conference-post-flow",
    "the `post_flow_id` of a conference",
    documented=True,
    server=False,
    told=("callers that have left run it, then what follows", "is kept, and never run"),
)
KICKED_BEFORE = Difference(
    "conferencecall-kick",
    "kicking a caller whom the pre-flow still keeps",
    documented=True,
    server=False,
    told=("it has `leaved`, and its flow goes on", "400, but it is `leaving`, and stays there"),
)

# --- ending ------------------------------------------------------------------------------------------

EMPTY_ENDS = Difference(
    "conference-empty",
    "deleting a conference that nobody is in",
    documented=True,
    server=False,
    told=("it is `terminated`", "it stays `terminating`"),
)
PAIR_ENDS = Difference(
    "conference-connect",
    "a conference of type `connect` when one of the two leaves",
    documented=True,
    server=False,
    told=("ends, as the other has to leave", "goes on, although the other has to leave"),
)

# --- their sound ---------------------------------------------------------------------------------------

ANSWERS_NOTHING = Difference(
    "conference-sound-answer",
    "the answer to recording_start, recording_stop, transcribe_start and transcribe_stop of a conference",
    documented=True,
    server=False,
    told=("has no body", "is the conference"),
)
STARTS_IN_VAIN = Difference(
    "conference-sound-start",
    "recording a conference that is being recorded; recording or transcribing one that is not `progressing`",
    documented=False,
    server=True,
    told=("400 `INVALID_ARGUMENT`", "200 with a conference of zeros, and nothing is started"),
)
STOPS_NOTHING = Difference(
    "conference-sound-stop",
    "ending the recording or the transcription of a conference where none goes on",
    documented=True,
    server=False,
    told=("200, and nothing", "400 `INVALID_ARGUMENT`"),
)
RECORDS_EMPTY = Difference(
    "conference-recording-empty",
    "recording a conference that nobody has ever been in",
    documented=True,
    server=False,
    told=("begins", "400 `INVALID_ARGUMENT`"),
)
TELLS_OF_SOUND = Difference(
    "conference-sound-events",
    "`conference_updated` when a recording or transcription of it begins or ends",
    documented=True,
    server=False,
    told=("is told", "is not told"),
)

ALL = (
    UNKNOWN_CONFERENCE, LISTS_EVERY_TYPE, HASH_AT_CREATION, FIRST_STATUS, REPLACES_TIMEOUT, JOINS_ENDED,
    RUNS_POST_FLOW, KICKED_BEFORE, EMPTY_ENDS, PAIR_ENDS, ANSWERS_NOTHING,
    STARTS_IN_VAIN, STOPS_NOTHING, RECORDS_EMPTY, TELLS_OF_SOUND,
)  # fmt: skip
