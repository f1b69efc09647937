"""The flow action that has something summarised."""

from __future__ import annotations

from voipbin_mock.api.flow_actions import ENDS, STRING, ActionFailed, Done, FlowAction, Option, Result, Run
from voipbin_mock.areas.ai_jobs import summarising
from voipbin_mock.areas.ai_jobs.summarising import CALL, KINDS
from voipbin_mock.areas.flows.differences import SUMMARIES
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import uuid_or_nil


def ai_summary(run: Run, option: Option) -> Result:
    """A summary as POST /aisummaries makes it; without a reference, of the call that the flow leads."""
    kind, reference_id = option.get("reference_type") or "", uuid_or_nil(option.get("reference_id") or "")
    if not option.get("reference_type") and not option.get("reference_id") and run.call is not None:
        kind, reference_id = CALL, run.call.id
    if kind not in KINDS:
        raise ActionFailed(f"option/reference_type: {kind!r:.80} is none of {', '.join(KINDS)}")
    reference = run.world.table(KINDS[kind]).get(reference_id)
    if reference is None or reference.account != run.account:
        raise ActionFailed(f"there is no {kind} {reference_id}")
    language = option.get("language") or ""
    known = summarising.there_is(run.world, run.account, reference.id, language)
    if known is not None:
        return Done("summarised", f"summary {known.id} is there already")
    values = {
        "customer_id": run.customer_id,
        "activeflow_id": run.id,
        "on_end_flow_id": uuid_or_nil(option.get("on_end_flow_id") or ""),
        "reference_type": kind,
        "reference_id": reference.id,
        "language": language,
    }
    try:
        row = summarising.start(run.world, run.account, values, reference)
    except ApiError as error:
        raise ActionFailed(f"no summary is made: {error.told}") from None
    return Done("summarised", f"summary {row.id}")


ACTIONS = (
    FlowAction(
        "ai_summary",
        ai_summary,
        "summarise a call, a conference or a recording",
        runs_in=SUMMARIES,
        on_failure=ENDS,
        option={"on_end_flow_id": STRING, "reference_type": STRING, "reference_id": STRING, "language": STRING},
        outcomes=("summarised",),
    ),
)
