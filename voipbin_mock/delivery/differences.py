"""Where the profiles part in what is told outward."""

from __future__ import annotations

from voipbin_mock.world.differences import Difference

FRAMES_HAVE_ENVELOPE = Difference(
    "ws-envelope",
    "frames of the websocket",
    documented=True,
    server=False,
    told=('`{"type": ..., "data": ...}`', "the bare record"),
)
RUN_WEBHOOK = Difference(
    "activeflow-webhook",
    "what the `webhook_uri` of an activeflow hears",
    documented=True,
    server=False,
    told=("the events of the run, `activeflow_*`", "events of records with its `activeflow_id`: calls and so on"),
)
DESK_IS_FOR_AGENTS = Difference(
    "desk-ws",
    "GET /service_agents/ws",
    documented=True,
    server=False,
    told=("is for agents", "is GET /ws: access keys and direct tokens come in, too"),
)
