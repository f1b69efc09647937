"""Calls, and the phones that they reach."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import SUPER_ADMIN, Access, Example, IdOf, Query, action, own
from voipbin_mock.areas.calls import (
    actions,
    bodies,
    bridges,
    calls,
    control,
    controls,
    differences,
    followers,
    groupcalls,
    groups,
    legs,
    media_actions,
    media_area,
    media_differences,
    providercalls,
    scripts,
    simulation,
    transcribes,
    transcribing,
    transfers,
    voice,
)
from voipbin_mock.areas.calls.media_resources import TRANSCRIBES
from voipbin_mock.areas.calls.phones import Phones
from voipbin_mock.areas.calls.resources import CALLS, GROUPCALLS, PROVIDERCALLS, TRANSFERS
from voipbin_mock.areas.flows.lints import RULES as OF_ACTIONS

AREA = Area(
    "calls",
    operations(
        CALLS,
        action("POST /calls/{id}/hangup", "hangup", calls.hang_up, summary="Hang up a call"),
        *controls.OPERATIONS,
        plain=("list", "create", "get", "delete"),
        create=own(
            calls.create,
            summary="Make calls, one to each destination",
            answers=bodies.MADE,
            body=bodies.call,
            lints=OF_ACTIONS,
            refuses=calls.refusals,
            example=bodies.CALLED,
        ),
        delete=own(calls.delete, note="A call that goes on is hung up first."),
    ),
    operations(
        GROUPCALLS,
        action("POST /groupcalls/{id}/hangup", "hangup", groupcalls.hang_up, summary="Hang up a group call"),
        plain=("list", "create", "get", "delete"),
        create=own(
            groupcalls.create,
            lints=OF_ACTIONS,
            summary="Call several, until one answers",
            refuses=groupcalls.refusals,
            example=Example({"source": bodies.OWN}),
        ),
        delete=own(groupcalls.delete),
    ),
    operations(
        PROVIDERCALLS,
        plain=("list", "create", "get", "delete"),
        access=Access(SUPER_ADMIN),
        list=own(
            providercalls.list_,
            uuid_ids=True,
            query={"provider_id": Query({"type": "string", "format": "uuid"}, "The provider.")},
        ),
        create=own(
            providercalls.create,
            lints=OF_ACTIONS,
            summary="Call by way of one provider",
            body=bodies.providercall,
            refuses=providercalls.refusals,
        ),
        get=own(uuid_ids=True),
        delete=own(providercalls.delete, uuid_ids=True, refuses=("RESOURCE_NOT_FOUND",)),
    ),
    operations(
        TRANSFERS,
        plain=("create",),
        create=own(
            transfers.create,
            summary="Transfer a call",
            refuses=transfers.refusals,
            example=Example({"transferer_call_id": IdOf("calls")}, needs=lambda _: "a call that has been connected"),
        ),
    ),
    *media_area.DECLARED,
    differences=(*differences.ALL, *media_differences.ALL),
    reasons=(*controls.REASONS, *transcribes.REASONS),
    timers={
        **simulation.TIMERS,
        **scripts.TIMERS,
        **voice.TIMERS,
        **media_area.TIMERS,
        "amd_hangs_up": legs.hangs_up_on_a_machine,
        "bridge_gives_up": bridges.gives_up,
        "groupcall_reaches_nobody": groups.reaches_nobody,
    },
    follows=followers.FOLLOWS,
    actions=(*actions.ACTIONS, *legs.ACTIONS, *media_actions.ACTIONS),
    leaving={
        CALLS.name: simulation.hang_up,
        GROUPCALLS.name: groups.hang_up,
        TRANSCRIBES.name: transcribing.finish,
    },
    parts=(Phones,),
    controls={
        "GET /__mock__/calls": control.calls,
        "POST /__mock__/calls": control.call_in,
        "GET /__mock__/calls/{id}": control.call,
        "POST /__mock__/calls/{id}": control.far_end,
        "POST /__mock__/calls/{id}/next": control.next_step,
        "POST /__mock__/calls/{id}/until": control.wind,
        "GET /__mock__/calls/{id}/svg": control.call_svg,
        **control.PHONES,
        **media_area.CONTROLS,
    },
    unlocked=(control.next_step, control.wind),
    records="voipbin_mock.areas.calls.records",
    cases=Path(__file__).parent / "cases",
)
