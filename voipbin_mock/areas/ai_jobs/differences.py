"""Where the profiles part in what an AI does in the background."""

from __future__ import annotations

from voipbin_mock.wire.errors import Reason
from voipbin_mock.world.differences import Difference

NO_SOURCE = Reason("DOCUMENT_NOT_FOUND", "NOT_FOUND", "There is no such document.")
REASONS = (NO_SOURCE,)

# --- knowledge bases ---------------------------------------------------------------------------------

UNKNOWN_SOURCE = Difference(
    "rag-source-unknown",
    "a source that a knowledge base does not have",
    documented="DOCUMENT_NOT_FOUND",
    server="RESOURCE_NOT_FOUND",
    told=("404 `DOCUMENT_NOT_FOUND`", "404 `RESOURCE_NOT_FOUND`; 500 `INTERNAL` if it is another's"),
)
OTHERS_SOURCE = Difference(
    "rag-source-unknown", UNKNOWN_SOURCE.about, documented="DOCUMENT_NOT_FOUND", server="INTERNAL"
)
SOURCE_TWICE = Difference(
    "rag-source-twice",
    "a file or URL that is added to a knowledge base twice",
    documented="STATE_INVALID",
    server="INTERNAL",
    told=("409 `STATE_INVALID`", "500 `INTERNAL`"),
)
TELLS_CHUNKS = Difference(
    "rag-source-message",
    "the `status_message` of a source that was read",
    documented=True,
    server=False,
    told=("says how many chunks there are", "is left out: it is for errors alone"),
)
SOURCES_TOUCH = Difference(
    "rag-updated",
    "the `tm_update` of a knowledge base whose sources become others",
    documented=True,
    server=False,
    told=("moves", "stays"),
)
FILE_OWNER = Difference(
    "rag-file-owner",
    "a file of another customer as the source of a knowledge base",
    documented=True,
    server=False,
    told=("404 `FILE_NOT_FOUND`", "is read"),
)

# --- summaries -----------------------------------------------------------------------------------------

SUMMARISES_ENDED = Difference(
    "summary-ended",
    "a summary of a call that is over, or of a conference that nobody meets in",
    documented=True,
    server=False,
    told=("is made", "500 `INTERNAL`"),
)
CONFERENCES_END = Difference(
    "summary-conference",
    "the summary of a conference",
    documented=True,
    server=False,
    told=("is `done` after that has ended", "stays `progressing`"),
)
SUMMARISES_LATER = Difference(
    "summary-at-once",
    "a new summary of a transcribe or a recording",
    documented=True,
    server=False,
    told=("is `progressing`", "is `done`"),
)
NEWEST_SUMMARY = Difference(
    "summary-newest",
    "several summaries of a call, in several languages, once it is over",
    documented=False,
    server=True,
    told=("all of them are made", "the newest is made, the others stay `progressing`"),
)
SILENCE_COUNTS = Difference(
    "summary-silence",
    "the summary of a call in which nothing was said",
    documented=True,
    server=False,
    told=("is `done`, and says so", "stays `progressing`"),
)
LISTENS_ON = Difference(
    "summary-deleted",
    "another summary of a call that goes on, in place of one that was deleted",
    documented=False,
    server=True,
    told=("is made", "409 `TRANSCRIBE_ALREADY_PROGRESSING`"),
)

# --- audits and proposals --------------------------------------------------------------------------------

AUDIT_LANGUAGE = Difference(
    "audit-language",
    "the language of an audit that does not say",
    documented="ai",
    server="aicall",
    told=("is the AI's `stt_language`", "is the AI call's"),
)
AUDITS_TWICE = Difference(
    "audit-twice",
    "POST /aiaudits in another language while an audit goes on",
    documented=False,
    server=True,
    told=("409 `STATE_INVALID`", "begins it anew"),
)
DELETED_IS_SHOWN = Difference(
    "audit-deleted",
    "the answer to the deletion of an audit or a proposal",
    documented=True,
    server=False,
    told=("is the record since", "is the record as it was before"),
)

# --- analyses ------------------------------------------------------------------------------------------

COUNTS_EVENTS = Difference(
    "analysis-resources",
    "`resources_used` of an analysis",
    documented=False,
    server=True,
    told=("counts records by their kind: `call`", "counts events by the service that tells them: `call-manager`"),
)

ALL = (
    UNKNOWN_SOURCE, SOURCE_TWICE, TELLS_CHUNKS, SOURCES_TOUCH, FILE_OWNER, SUMMARISES_ENDED, CONFERENCES_END,
    SUMMARISES_LATER, NEWEST_SUMMARY, SILENCE_COUNTS, LISTENS_ON, AUDIT_LANGUAGE, AUDITS_TWICE,
    DELETED_IS_SHOWN, COUNTS_EVENTS,
)  # fmt: skip
