"""Web chats: widgets that are put into pages, and the visitors who write there."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Example, IdOf, Query, action, own
from voipbin_mock.areas.webchat import control, differences, messages, sessions, widgets
from voipbin_mock.areas.webchat.resources import MESSAGES, SESSIONS, UNKNOWN, WIDGETS
from voipbin_mock.areas.webchat.themes import INVALID_THEME_CONFIG
from voipbin_mock.areas.webchat.visitors import VISITORS_TOO

_ID = {"type": "string", "format": "uuid"}
_BAD = ("INVALID_ID",)

AREA = Area(
    "webchat",
    operations(
        WIDGETS,
        create=own(widgets.create, body=widgets.body, refuses=widgets.REFUSALS),
        get=own(widgets.get, uuid_ids=True, refuses=_BAD),
        update=own(widgets.update, uuid_ids=True, body=widgets.body, refuses=(*widgets.REFUSALS, *_BAD)),
        delete=own(widgets.delete, uuid_ids=True, refuses=_BAD, note="Nobody boots by its hash any more."),
        direct_hash=own(
            widgets.direct_hash,
            refuses=_BAD,
            note="The one before is dead at once; tokens that it was used for stay good.",
        ),
    ),
    operations(
        SESSIONS,
        action(
            "POST /webchat_sessions/{id}/end",
            "end",
            sessions.end,
            access=VISITORS_TOO,
            uuid_ids=True,
            summary="End a session",
            note="Nothing more is said in it.",
            refuses=(*_BAD, UNKNOWN),
            tells="ended",
        ),
        plain=("list", "create", "get", "delete"),
        list=own(
            sessions.all_,
            query={"widget_id": Query(_ID, "Only those of this widget.")},
            refuses=(UNKNOWN,),
        ),
        create=own(
            sessions.create,
            access=VISITORS_TOO,
            body=sessions.body,
            summary="Begin a session",
            example=Example({"widget_id": IdOf(WIDGETS.name)}),
            refuses=(sessions.INVALID_WIDGET_ID.name, "INVALID_ARGUMENT", UNKNOWN),
        ),
        get=own(sessions.get, uuid_ids=True, refuses=(*_BAD, UNKNOWN)),
        delete=own(sessions.delete, uuid_ids=True, refuses=(*_BAD, UNKNOWN)),
    ),
    operations(
        MESSAGES,
        plain=("list", "create", "get", "delete"),
        list=own(
            messages.all_,
            access=VISITORS_TOO,
            query={"session_id": Query(_ID, "Only those of this session; a visitor has to name one.")},
            refuses=(UNKNOWN,),
        ),
        create=own(
            messages.create,
            access=VISITORS_TOO,
            body=messages.body,
            summary="Say something in a session",
            example=Example({"session_id": IdOf(SESSIONS.name)}),
            refuses=(messages.INVALID_SESSION_ID.name, UNKNOWN, "INTERNAL"),
        ),
        get=own(messages.get, uuid_ids=True, refuses=_BAD),
        delete=own(messages.delete, uuid_ids=True, refuses=_BAD),
    ),
    timers=sessions.TIMERS,
    controls=control.CONTROLS,
    placed={SESSIONS.name: sessions.placed},
    reasons=(INVALID_THEME_CONFIG, sessions.INVALID_WIDGET_ID, messages.INVALID_SESSION_ID),
    differences=differences.ALL,
    records="voipbin_mock.areas.webchat.records",
    cases=Path(__file__).parent / "cases",
)
