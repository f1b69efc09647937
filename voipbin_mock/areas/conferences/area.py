"""Conferences: rooms that callers meet in, and who is in them."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import action, own
from voipbin_mock.areas.conferences import actions, conferencecalls, conferences, differences, meeting, sound
from voipbin_mock.areas.conferences.resources import CONFERENCECALLS, CONFERENCES

AREA = Area(
    "conferences",
    operations(
        CONFERENCES,
        *sound.OPERATIONS,
        list=conferences.list_,
        create=own(conferences.create, refuses=("INVALID_ARGUMENT", "INTERNAL")),
        update=own(conferences.update, note="A timeout counts from now."),
        delete=own(conferences.delete, note="Whoever is in it has to leave."),
    ),
    operations(
        CONFERENCECALLS,
        action(
            "DELETE /conferencecalls/{id}",
            "kick",
            conferencecalls.kick,
            summary="Kick a caller out of its conference",
            note="The caller's flow goes on; the record is not deleted.",
            refuses=conferencecalls.refusals,
        ),
        plain=("list", "get"),
    ),
    actions=actions.ACTIONS,
    timers=meeting.TIMERS,
    follows={**meeting.FOLLOWS, "recording_finished": sound.recording_finished},
    placed={CONFERENCES.name: meeting.take_up},
    leaving={CONFERENCES.name: meeting.terminate},
    differences=differences.ALL,
    records="voipbin_mock.areas.conferences.records",
    cases=Path(__file__).parent / "cases",
)
