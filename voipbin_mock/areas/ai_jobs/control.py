"""What becomes of jobs, and the jobs there are, over the control API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from voipbin_mock.api.control import count_of
from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.api.scripting_control import script_controls
from voipbin_mock.areas.ai_jobs import outcomes
from voipbin_mock.areas.ai_jobs.outcomes import KINDS, Jobs
from voipbin_mock.areas.ai_jobs.resources import ANALYSES, AUDITS, PROPOSALS, RAGS, SUMMARIES
from voipbin_mock.areas.ais.resources import AICALLS, AIS
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world import telling
from voipbin_mock.world.blueprint import stored
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

MOST = 100  # jobs of a list


class _Listed(NamedTuple):
    """Where jobs of a kind are kept, and what each is about: the resource, and the id."""

    resource: Resource
    about: Callable[[Mapping[str, Any]], tuple[str, str]]


_KEPT: Mapping[str, _Listed] = {
    outcomes.AUDITS: _Listed(AUDITS, lambda data: (AICALLS.name, data["aicall_id"])),
    outcomes.PROPOSALS: _Listed(PROPOSALS, lambda data: (AIS.name, data["ai_id"])),
    outcomes.SUMMARIES: _Listed(SUMMARIES, lambda data: (f"{data['reference_type']}s", data["reference_id"])),
    outcomes.ANALYSES: _Listed(ANALYSES, lambda data: ("activeflows", data["activeflow_id"])),
    outcomes.RAGS: _Listed(RAGS, lambda data: (RAGS.name, data["id"])),
}
_MAGIC = {name: {"outcome": "done", "after": kind.after} for name, kind in KINDS.items()}


def jobs(world: World, request: Request) -> Reply:
    """The scripts given, what jobs come to without one, and the `newest` jobs of all kinds (`?limit=`): what each is
    about, how it stands, and when the next thing happens to it.
    """
    most = count_of(request, "limit")
    rows = [(row.created, kind, row) for kind in _KEPT for row in world.table(_KEPT[kind].resource) if not row.deleted]
    rows.sort(key=lambda each: each[0], reverse=True)
    due = telling.due(world)
    newest = [_told(world, kind, row, due) for _, kind, row in rows[: MOST if most is None else most]]
    return json_reply({"jobs": world.part(Jobs).rules(), "magic": _MAGIC, "newest": newest})


def _told(world: World, kind: str, row: Row, due: Mapping[str, str]) -> dict[str, Any]:
    resource, about = _KEPT[kind].about(row.data)
    named = None if stored(world.blueprint, resource) is None else world.store[resource].get(about)
    if resource == AICALLS.name:  # has no name but that of its AI
        named = world.table(AIS).get(row.data["ai_id"])
    return {
        "kind": kind,
        "resource": _KEPT[kind].resource.name,
        "id": row.id,
        "began": rfc3339_stamp_full(row.created),
        "status": row.data["status"],
        "due": due.get(row.id),
        "about": {"resource": resource, "id": about, "name": "" if named is None else named.data.get("name") or ""},
    }


CONTROLS: Mapping[str, Handler] = {**script_controls("jobs", Jobs, _MAGIC), "GET /__mock__/jobs": jobs}
