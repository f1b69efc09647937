"""What an AI does in the background: summaries, audits, prompt proposals, analyses, knowledge bases."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import ADMIN, AGENT, MANAGER, Access, Example, IdOf, Query, action, own
from voipbin_mock.areas.ai_jobs import (
    actions,
    analyses,
    auditing,
    audits,
    control,
    differences,
    indexing,
    paths,
    proposals,
    proposing,
    rags,
    summaries,
    summarising,
)
from voipbin_mock.areas.ai_jobs.outcomes import Jobs
from voipbin_mock.areas.ai_jobs.resources import ANALYSES, AUDITS, PROPOSALS, RAGS, SUMMARIES
from voipbin_mock.world.profiles import Profile

_ARGUMENT = ("INVALID_ARGUMENT",)
_TEXT, _ID = {"type": "string"}, {"type": "string", "format": "uuid"}
_READS = Access(AGENT | ADMIN | MANAGER)


def _ended_aicall(profile: Profile) -> str:
    return "an AI call that is over"


def _audited(profile: Profile) -> str:
    return "completed audits of the prompt that the AI has"


_READ = Example({"source_urls": ["https://docs.example.com/faq"]})
_AUDITED, _PROPOSED, _DECIDED = (
    Example(needs=lambda profile: "an audit"),
    Example(needs=lambda profile: "a proposal"),
    Example(needs=lambda profile: "a proposal that is completed"),
)


AREA = Area(
    "ai_jobs",
    operations(
        RAGS,
        action(
            "POST /rags/{id}/sources",
            "add_sources",
            rags.add,
            "sources",
            uuid_ids=True,
            tells="",
            summary="Add sources to a knowledge base",
            refuses=rags.adding,
            example=Example({"source_urls": ["https://docs.example.com/getting-started"]}),
        ),
        action(
            "DELETE /rags/{id}/sources/{source_id}",
            "remove_source",
            rags.remove,
            uuid_ids=True,
            tells="",
            summary="Take a source out of a knowledge base",
            refuses=rags.removing,
            example=Example({"source_id": IdOf(RAGS.name)}, needs=lambda profile: "the id of a source"),
        ),
        access=Access(ADMIN),
        create=own(
            rags.create,
            summary="Make a knowledge base",
            note="Its sources are read in the background; files and URLs are not looked at before.",
            refuses=rags.adding,
            example=_READ,
        ),
        get=own(paths.get, uuid_ids=True, refuses=_ARGUMENT),
        update=own(
            rags.update,
            uuid_ids=True,
            note="What is left out stays. The answer has neither status nor sources.",
            refuses=_ARGUMENT,
        ),
        delete=own(
            rags.delete,
            uuid_ids=True,
            note="With its sources. The answer is as it was before.",
            refuses=_ARGUMENT,
        ),
    ),
    operations(
        AUDITS,
        plain=("list", "create", "get", "delete"),
        list=own(
            audits.list_,
            query={
                "aicall_id": Query(_ID, "Only those of this AI call."),
                "ai_id": Query(_ID, "Only those of this AI."),
            },
        ),
        create=own(
            audits.create,
            summary="Have an AI call audited that is over",
            note="One audit for each AI that took part; one that there is already begins anew.",
            done=202,
            answers=audits.BEGUN,
            refuses=("INVALID_ARGUMENT", "INVALID_ID", "AICALL_NOT_FOUND", "STATE_INVALID", "RATE_LIMIT_EXCEEDED"),
            example=Example({"aicall_id": IdOf("aicalls")}, needs=_ended_aicall),
        ),
        get=own(paths.get, uuid_ids=True, refuses=_ARGUMENT, example=_AUDITED),
        delete=own(audits.delete, uuid_ids=True, refuses=_ARGUMENT, example=_AUDITED),
    ),
    operations(
        PROPOSALS,
        action(
            "POST /aipromptproposals/{id}/accept",
            "accept",
            proposals.accept,
            uuid_ids=True,
            tells="",
            summary="Give an AI the prompt that is proposed",
            note="One whose audits are gone, or whose AI has another prompt by now, expires.",
            refuses=("INVALID_ARGUMENT", "STATE_INVALID"),
            example=_DECIDED,
        ),
        action(
            "POST /aipromptproposals/{id}/reject",
            "reject",
            proposals.reject,
            uuid_ids=True,
            tells="",
            summary="Turn down a prompt that is proposed",
            refuses=("INVALID_ARGUMENT", "STATE_INVALID"),
            example=_DECIDED,
        ),
        plain=("list", "create", "get", "delete"),
        list=own(
            proposals.list_,
            query={
                "ai_id": Query(_ID, "Only those for this AI."),
                "status": Query(_TEXT, "Only these: progressing, completed, accepted, ..."),
            },
        ),
        create=own(
            proposals.create,
            summary="Have a better prompt proposed",
            note="From audits of the prompt that the AI has.",
            done=202,
            refuses=("INVALID_ARGUMENT", "INVALID_ID", "AI_NOT_FOUND", "RATE_LIMIT_EXCEEDED"),
            example=Example({"ai_id": IdOf("ais")}, needs=_audited),
        ),
        get=own(paths.get, uuid_ids=True, refuses=_ARGUMENT, example=_PROPOSED),
        delete=own(proposals.delete, uuid_ids=True, refuses=_ARGUMENT, example=_PROPOSED),
    ),
    operations(
        SUMMARIES,
        plain=("list", "create", "get", "delete"),
        create=own(
            summaries.create,
            summary="Summarise what was said",
            note="Of a call or a conference once that is over. If there is one already, that is the answer.",
            refuses=summaries.refusals,
            example=Example({"reference_type": "call", "reference_id": IdOf("calls")}),
        ),
        delete=own(summaries.delete, note="Nothing more comes of it."),
    ),
    operations(
        ANALYSES,
        plain=("list", "create", "get", "delete"),
        list=own(
            analyses.list_,
            access=_READS,
            query={
                "activeflow_id": Query({"type": "string"}, "Only the one of this run; what is no id is passed over."),
                "status": Query(_TEXT, "Only these: progressing, completed or failed."),
            },
        ),
        create=own(
            analyses.create,
            summary="Analyse a run of a flow that has ended",
            note="If it was analysed already, that is the answer, unless `reanalyze` says otherwise.",
            refuses=("INVALID_ARGUMENT", "RESOURCE_NOT_FOUND", "STATE_INVALID", "RATE_LIMIT_EXCEEDED"),
            example=Example({"activeflow_id": IdOf("activeflows"), "reanalyze": False}, after=1),
        ),
        get=own(analyses.get, access=_READS, own_ids=True),
        delete=own(analyses.delete, own_ids=True, note="It is gone altogether: the run can be analysed anew."),
    ),
    actions=actions.ACTIONS,
    timers={**indexing.TIMERS, **summarising.TIMERS, **analyses.TIMERS, **auditing.TIMERS, **proposing.TIMERS},
    follows={**summarising.FOLLOWS, **auditing.FOLLOWS, **proposing.FOLLOWS},
    placed={
        ANALYSES.name: analyses.take_up,
        AUDITS.name: auditing.take_up,
        PROPOSALS.name: proposing.take_up,
        RAGS.name: indexing.take_up,
        SUMMARIES.name: summarising.take_up,
    },
    leaving={
        ANALYSES.name: analyses.leaving,
        AUDITS.name: auditing.leaving,
        PROPOSALS.name: proposing.leaving,
        RAGS.name: rags.leaving,
        SUMMARIES.name: summarising.leaving,
    },
    parts=(Jobs,),
    controls=control.CONTROLS,
    reasons=differences.REASONS,
    differences=differences.ALL,
    records="voipbin_mock.areas.ai_jobs.records",
    cases=Path(__file__).parent / "cases",
)
