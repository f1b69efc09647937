"""Control calls that show flows before they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.operations import Request
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply, parse_uuid, printable
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.areas.flows.view import FlowView

_TEXTS = {"text": "text/plain; charset=utf-8", "mermaid": "text/plain; charset=utf-8", "svg": "image/svg+xml"}


def _drawn(flow: FlowView, form: str, runs: str | None) -> str:
    draw = flow.svg if form == "svg" else flow.mermaid
    return draw(True if runs == "all" else runs or False)


def show_graph(world: World, request: Request) -> Reply:
    """A flow's actions, their ways on, and what is wrong: JSON, or as `?format=` says a table, Mermaid or a picture.

    `?runs=all`, or `?runs=` with the id of a call or a run: what these took is drawn in.
    """
    from voipbin_mock.areas.flows.view import view

    form = request.parameter("format") or "json"
    if form != "json" and form not in _TEXTS:
        raise ApiError("INVALID_REQUEST_PARAMETER", "format is json, text, mermaid or svg.")
    try:
        found = view(world, parse_uuid(request.id) or "")
    except LookupError:
        raise ApiError("FLOW_NOT_FOUND", f"There is no flow {printable(request.id[:80])}.") from None
    if form == "json":
        return json_reply(found.as_dict())
    try:
        text = found.text() if form == "text" else _drawn(found, form, request.parameter("runs"))
    except LookupError as error:
        raise ApiError("RESOURCE_NOT_FOUND", str(error)) from None
    return Reply(200, (text.rstrip("\n") + "\n").encode("utf-8"), _TEXTS[form])
