"""Flows: what a call is led through, as a list of actions."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.cascades import gone_with_customer
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import action, own
from voipbin_mock.areas.flows import (
    actions,
    activeflows,
    control,
    differences,
    engine,
    flows,
    lints,
    outside,
    showing,
)
from voipbin_mock.areas.flows.lint_codes import CODES
from voipbin_mock.areas.flows.replies import Replies
from voipbin_mock.areas.flows.resources import ACTIVEFLOWS, FLOWS

AREA = Area(
    "flows",
    operations(
        FLOWS,
        list=flows.list_,
        create=own(flows.create, lints=lints.RULES, refuses=(*flows.REFUSALS, *flows.UNLINKED)),
        update=own(flows.update, lints=lints.RULES, refuses=(*flows.REFUSALS, *flows.UNLINKED)),
    ),
    operations(
        ACTIVEFLOWS,
        action("POST /activeflows/{id}/stop", "stop", activeflows.stop, summary="Stop a run of a flow"),
        plain=("list", "create", "get", "delete"),
        create=own(activeflows.create, lints=lints.RULES, summary="Run a flow", refuses=activeflows.refusals),
        delete=own(activeflows.delete, done=differences.DELETED_RUN),
    ),
    actions=(*actions.ACTIONS, *outside.ACTIONS),
    parts=(Replies,),
    controls={
        "GET /__mock__/replies": control.replies,
        "POST /__mock__/replies": control.plan_reply,
        "DELETE /__mock__/replies": control.forget_replies,
        "GET /__mock__/flows/{id}/graph": showing.show_graph,
    },
    timers=engine.TIMERS,
    placed={FLOWS.name: flows.placed},
    follows={"customer_deleted": gone_with_customer(ACTIVEFLOWS, FLOWS)},
    leaving={ACTIVEFLOWS.name: activeflows.leaving},
    lints=CODES,
    reasons=(activeflows.INVALID_VARIABLES, activeflows.INVALID_URI, activeflows.INVALID_METHOD),
    differences=differences.ALL,
    narrows={"actions": flows.known_actions},
    records="voipbin_mock.areas.flows.records",
    cases=Path(__file__).parent / "cases",
)
