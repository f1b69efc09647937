"""Events outward: webhooks, and websockets at /ws."""

from __future__ import annotations

from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import DESK, PREFIX, Operation, mirror
from voipbin_mock.areas.flows.replies import SENT
from voipbin_mock.delivery import control, followers, handlers, webhooks
from voipbin_mock.delivery.differences import DESK_IS_FOR_AGENTS, FRAMES_HAVE_ENVELOPE, RUN_WEBHOOK
from voipbin_mock.delivery.tricks import Tricks
from voipbin_mock.delivery.webhooks import Webhooks

_WEBSOCKET = Operation(
    "ws",
    "GET",
    PREFIX + "/ws",
    handlers.connect,
    rank=3,
    websocket=True,
    refuses=("PERMISSION_DENIED",),
    summary="Open a websocket on which events are told",
)

AREA = Area(
    "delivery",
    _WEBSOCKET,
    mirror(_WEBSOCKET, "ws", access=DESK, handler=handlers.connect_at_desk),
    timers={webhooks.TIMER: followers.attempt},
    follows={SENT: followers.sent_by_flow},
    parts=(Tricks,),
    listens=(Webhooks,),
    controls={
        "GET /__mock__/events": control.events,
        "GET /__mock__/websockets": control.connections,
        "GET /__mock__/webhooks": control.log,
        "GET /__mock__/webhooks/{number}": control.one,
        "DELETE /__mock__/webhooks": control.clear,
        "POST /__mock__/webhooks/flush": control.flush,
        "POST /__mock__/webhooks/tricks": control.play,
        "POST /__mock__/webhooks/{number}/again": control.again,
    },
    unlocked=(control.flush, control.again),  # receivers may call back
    differences=(FRAMES_HAVE_ENVELOPE, RUN_WEBHOOK, DESK_IS_FOR_AGENTS),
)
