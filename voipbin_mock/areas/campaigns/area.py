"""Campaigns: whom to call (outdials), how (outplans), and the runs that do it."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Example, IdOf, own
from voipbin_mock.areas.accounts.bodies import required
from voipbin_mock.areas.campaigns import bodies, campaigns, control, dialer, differences, lints, outdials
from voipbin_mock.areas.campaigns.resources import CAMPAIGNCALLS, CAMPAIGNS, OUTDIALS, OUTPLANS, TARGETS
from voipbin_mock.areas.flows.flows import REFUSALS
from voipbin_mock.areas.flows.lints import RULES as OF_ACTIONS

_PLANNED = {"outplan_id": IdOf("outplans")}

AREA = Area(
    "campaigns",
    operations(
        OUTPLANS,
        facets=("dial_info",),
        create=own(lints=lints.OUTPLAN, suspects=(lints.times,)),
        dial_info=own(lints=lints.OUTPLAN, suspects=(lints.times,)),
    ),
    operations(
        OUTDIALS,
        facets=("campaign_id", "data"),
        create=own(
            outdials.create,
            body=bodies.outdial,
            refuses=("INVALID_ARGUMENT",),
            example=Example({"campaign_id": IdOf("campaigns")}),
        ),
        campaign_id=own(example=Example({"campaign_id": IdOf("campaigns")})),
    ),
    operations(
        TARGETS,
        plain=("list", "create", "get", "delete"),
        create=own(outdials.create_target, body=bodies.target, refuses=("INVALID_ARGUMENT",)),
    ),
    operations(
        CAMPAIGNS,
        facets=("status", "service_level", "actions", "resource_info", "next_campaign_id"),
        create=own(
            campaigns.create,
            lints=OF_ACTIONS,
            refuses=("INVALID_ARGUMENT", *REFUSALS),
            note="A new campaign rests until it is told to run. What it refers to must exist.",
            example=Example(_PLANNED),
        ),
        delete=own(campaigns.delete, zeros=differences.EARLY_DELETE, note="Only a campaign that rests is deleted."),
        status=own(
            campaigns.status,
            lints=(lints.run_lints,),
            summary="Run or stop a campaign",
            example=Example(first="campaigns.resource_info"),
            body=required("status", enum=["run", "stop"]),
            refuses=("INVALID_ARGUMENT",),
        ),
        actions=own(campaigns.actions, lints=OF_ACTIONS, refuses=REFUSALS),
        resource_info=own(
            campaigns.resource_info,
            lints=(lints.leads_round,),
            refuses=("INVALID_ARGUMENT",),
            note="Replaces all four references; each must exist and be the customer's own.",
            example=Example({**_PLANNED, "outdial_id": IdOf("outdials")}),
        ),
        next_campaign_id=own(
            campaigns.next_campaign_id,
            lints=(lints.leads_round,),
            body=bodies.next_campaign,
            refuses=("INVALID_ARGUMENT",),
        ),
    ),
    operations(
        CAMPAIGNCALLS,
        plain=("list", "get", "delete"),
        delete=own(
            campaigns.delete_call,
            zeros=differences.EARLY_DELETE,
            note="Only a campaigncall that is done is deleted.",
        ),
    ),
    timers=dialer.TIMERS,
    follows=dialer.FOLLOWS,
    placed={CAMPAIGNS.name: dialer.take_up},
    leaving={CAMPAIGNS.name: campaigns.must_rest, CAMPAIGNCALLS.name: campaigns.must_be_done},
    lints=lints.CODES,
    controls={
        "GET /__mock__/campaigns/{id}/plan": control.show_plan,
        "GET /__mock__/campaigns/{id}/timeline": control.show_timeline,
    },
    differences=differences.ALL,
    records="voipbin_mock.areas.campaigns.records",
    cases=Path(__file__).parent / "cases",
)
