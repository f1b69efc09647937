"""The flow action that opens a case."""

from __future__ import annotations

from collections.abc import Mapping

from voipbin_mock.api.flow_actions import BOOLEAN, STRING, Done, FlowAction, Option, Result, Run
from voipbin_mock.areas.cases import casework
from voipbin_mock.areas.cases.events import ends
from voipbin_mock.areas.cases.resources import CALL, TEXT

VARIABLE = "contact_case_id"
# Kinds of addresses that are no people outside.
INSIDE = ("", "agent", "ai", "ai_team", "conference", "extension", "sip")
# What a flow runs for -> its records, and what a case says of it.
REFERENCES: Mapping[str, tuple[str, str]] = {
    "call": ("calls", CALL),
    "conversation": ("conversations", TEXT),
}
NOTHING = "nothing"


def case_create(run: Run, option: Option) -> Result:
    """Opens a case for whoever is on the other side, once in a run; what cannot have one is passed over."""
    world = run.world
    if run.variables.get(VARIABLE):
        return Done(NOTHING, "this run has a case already")
    table, reference_type = REFERENCES.get(run.reference_type, ("", ""))
    row = world.store[table].get(run.reference_id) if table else None
    if row is None:
        return Done(NOTHING, "it runs for no call and no conversation")
    _, peer, local = ends(row.data)
    if peer.get("type", "") in INSIDE or not peer.get("target"):
        return Done(NOTHING, f"nobody outside is on the other side, but {peer.get('type') or 'nobody'}")
    named = {name: option.get(name) or "" for name in ("name", "detail")}
    case = casework.opened(
        world, run.account, run.customer_id, peer, reference_type, local=local, reference_id=row.id, **named
    )
    if case is None:
        return Done(NOTHING, "there is an open case with them already")
    if option.get("note"):
        casework.note(world, case, "system", None, option["note"])
    run.set(VARIABLE, case.id)
    return Done("opened", f"case {case.id}")


ACTIONS = (
    FlowAction(
        "case_create",
        case_create,
        "open a case for whoever is on the other side",
        option={"name": STRING, "detail": STRING, "note": STRING, "sync": BOOLEAN},
        outcomes=("opened", NOTHING),
    ),
)
