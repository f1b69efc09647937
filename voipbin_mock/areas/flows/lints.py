"""What is wrong with a flow before it runs: what the service accepts, and callers will notice.

Looked for when a flow is made or changed, by `voipbin.flow(id).lint()`, and by `voipbin-mock flow lint`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from voipbin_mock.api.flow_actions import Action
from voipbin_mock.api.lint import Lint
from voipbin_mock.api.operations import Request
from voipbin_mock.world.settings import EVERY_CODE

if TYPE_CHECKING:
    from voipbin_mock.world.world import World


def actions(world: World, request: Request, values: Mapping[str, Any]) -> Iterable[Lint]:
    """Of a request that gives actions: what a caller will notice. Hints are left to those who ask for them."""
    several, settings = values.get("actions") or (), world.settings
    if not several or (EVERY_CODE in settings.ignore and not settings.error):  # nobody would be told
        return ()
    from voipbin_mock.areas.flows import linting

    flow_id = request.path_ids[0] if request.path_ids and request.resource.name == "flows" else ""
    raw = request.raw.get("actions") if isinstance(request.raw, dict) else None
    return linting.of_request(world, several, request_actions(raw, several), flow_id, account(request), values)


def request_actions(raw: Any, several: Sequence[Action]) -> Sequence[Any]:
    """The actions as they were sent, where words may stand for ids."""
    return raw if isinstance(raw, list) and len(raw) == len(several) else several


def account(request: Request) -> str:
    return request.caller.account if request.caller is not None else ""


RULES = (actions,)
