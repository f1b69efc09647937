"""Where the profiles part in timelines: who may look, and what there is to be seen."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

KEYS_ADMITTED = Difference(
    "timeline-accesskey",
    "access keys, for timelines, aggregated events, SIP analyses and captures",
    documented=False,
    server=True,
    told=("403 `AGENT_AUTH_REQUIRED`", "taken"),
)
LAST_PAGE = Difference(
    "timeline-last-page",
    "`next_page_token` of the last page of events",
    documented=True,
    server=False,
    told=("empty", "left out"),
)
BAD_CALL_ID = Difference(
    "aggregated-bad-id",
    "an id that is none, for aggregated events",
    documented=True,
    server=False,
    told=("400 `INVALID_CALL_ID`, `INVALID_ACTIVEFLOW_ID`", "400 `INVALID_REQUEST_PARAMETER`"),
)
TAKES_IN_MORE = Difference(
    "aggregated-events",
    "aggregated events are those of",
    documented=True,
    server=False,
    told=(
        "the run, and all that belongs to it: transcripts and speakings, too",
        "the run, and of what has its `activeflow_id` itself",
    ),
)
ANSWERED = Difference(
    "timeline-answered",
    "in a timeline, a call that is answered",
    documented="call_answered",
    server="call_progressing",
    told=("`call_answered`", "`call_progressing`, as in webhooks"),
)

ALL = (KEYS_ADMITTED, LAST_PAGE, BAD_CALL_ID, TAKES_IN_MORE, ANSWERED)
