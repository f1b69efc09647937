"""Calls, and the phones that they reach."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import action, own
from voipbin_mock.areas.calls import (
    actions,
    bodies,
    bridges,
    calls,
    control,
    controls,
    differences,
    followers,
    legs,
    media_actions,
    media_area,
    media_differences,
    scripts,
    simulation,
    transcribes,
    transcribing,
)
from voipbin_mock.areas.calls.media_resources import TRANSCRIPTS
from voipbin_mock.areas.calls.phones import Phones
from voipbin_mock.areas.calls.resources import CALLS

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
            refuses=calls.refusals,
        ),
        delete=own(calls.delete, note="A call that goes on is hung up first."),
    ),
    *media_area.DECLARED,
    differences=(*differences.ALL, *media_differences.ALL),
    reasons=(*controls.REASONS, *transcribes.REASONS),
    timers={**simulation.TIMERS, "bridge_gives_up": bridges.gives_up, **scripts.TIMERS, **media_area.TIMERS},
    follows=followers.FOLLOWS,
    actions=(*actions.ACTIONS, *legs.ACTIONS, *media_actions.ACTIONS),
    leaving={CALLS.name: simulation.hang_up},
    placed={TRANSCRIPTS.name: transcribing.placed},
    parts=(Phones,),
    controls={
        "GET /__mock__/calls": control.calls,
        "POST /__mock__/calls": control.call_in,
        "GET /__mock__/calls/{id}": control.call,
        "POST /__mock__/calls/{id}": control.far_end,
        "GET /__mock__/calls/{id}/svg": control.call_svg,
        "GET /__mock__/phones": control.phones,
        "PUT /__mock__/phones": control.script_phones,
        "DELETE /__mock__/phones": control.forget_phones,
        **media_area.CONTROLS,
    },
    records="voipbin_mock.areas.calls.records",
    cases=Path(__file__).parent / "cases",
)
