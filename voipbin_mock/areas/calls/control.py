"""Phones over the control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api.operations import Request
from voipbin_mock.api.scripting_control import script_controls
from voipbin_mock.areas.calls import scripts, voice
from voipbin_mock.areas.calls.far_end import NORMAL, HangUp, read_step, read_steps
from voipbin_mock.areas.calls.listing import listed
from voipbin_mock.areas.calls.live import LiveCall
from voipbin_mock.areas.calls.phones import MAGIC, Phones
from voipbin_mock.wire.errors import ApiError, MockUsageError, WindingStopped, shorten
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.world import World

MOST_CALLS = 100  # that are told of at once


def calls(world: World, request: Request) -> Reply:
    """The newest calls that run or ran a flow, and whatever call goes on: who, since when, status, action, path."""
    return json_reply({"calls": listed(world, MOST_CALLS)})


def call_in(world: World, request: Request) -> Reply:
    """{"from": "+15550100001", "to": "+899100000100", "steps": [{"press": "1"}, {"hangup": true, "after": "4s"}]}."""
    body = request.raw
    if not isinstance(body, dict):
        raise ApiError("INVALID_ARGUMENT", 'Send {"from": "+15550100001", "to": "+899100000100", "steps": []}.')
    if not isinstance(body.get("to"), str) or not body["to"]:
        given = repr(shorten(body["to"])) if "to" in body else "nothing"
        wanted = "expected a number, or the id of a flow, queue or conference, as a text"
        raise ApiError("INVALID_ARGUMENT", f"to: {given}; {wanted}.")
    unknown = sorted(body.keys() - {"from", "to", "steps"})
    if unknown:
        raise ApiError("INVALID_ARGUMENT", f"A call has no {unknown[0]!r}; it has from, to and steps.")
    to, source = body["to"], body.get("from", "anonymous")
    if not isinstance(source, str):
        raise ApiError(
            "INVALID_ARGUMENT", f"from: {shorten(source)!r}; expected a number, or a SIP address, as a text."
        )
    try:
        steps = scripts.checked(world, read_steps(body.get("steps", [])))
        row = voice.incoming(world, source, to)
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    except voice.CallRefused as refused:
        raise ApiError("INVALID_ARGUMENT", f"The call is turned down: {refused}.") from None
    scripts.give(world, row.id, steps, since=0)
    return json_reply(LiveCall(world, row.id).as_dict())


def _of(world: World, request: Request) -> LiveCall:
    try:
        return LiveCall(world, request.id)
    except LookupError as error:
        raise ApiError("CALL_NOT_FOUND", str(error)) from None


def call(world: World, request: Request) -> Reply:
    """The call with its path, its trace, what was heard, and its variables."""
    return json_reply(_of(world, request).as_dict())


def call_svg(world: World, request: Request) -> Reply:
    """The call as a picture."""
    return Reply(200, _of(world, request).svg().encode(), "image/svg+xml")


def far_end(world: World, request: Request) -> Reply:
    """What the far end does now: {"press": "1"}, {"say": "yes"}, {"hangup": true}, of a call that rings
    {"answer": true} and {"refuse": "busy"}; or from now on: {"steps": [...]}.
    """
    found = _of(world, request)
    if voice.live(world, found.id) is None:
        raise ApiError("STATE_INVALID", f"The call is over: {found.ended}.")
    try:
        _act(world, found.id, request.raw)
    except (TypeError, ValueError) as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    return json_reply(found.as_dict())


def _act(world: World, call_id: str, body: Any) -> None:
    """Raises ValueError, TypeError, and ApiError for what the call is not in the state for."""
    if isinstance(body, dict) and body.keys() == {"steps"}:
        scripts.give(world, call_id, scripts.checked(world, read_steps(body["steps"])))
        return
    if isinstance(body, dict) and body.keys() in ({"answer"}, {"refuse"}):
        _decide(world, call_id, body)
        return
    step = read_step(body)
    if step.kind == "press":
        voice.press(world, call_id, step.value)
    elif step.kind == "say":
        voice.says(world, call_id, step.value)
    elif isinstance(step, HangUp):
        _hangs_up(world, call_id, step.reason)
    else:
        raise ValueError("waiting is done by winding the clock on; steps may hold it")


def _decide(world: World, call_id: str, body: Mapping[str, Any]) -> None:
    how = body.get("refuse", "rejected")
    if body.get("answer", True) is not True or (how is not True and how not in tuple(voice.REFUSALS)):
        raise ValueError(f'write {{"answer": true}}, or {{"refuse": "busy"}}: one of {", ".join(voice.REFUSALS)}')
    try:
        if "answer" in body:
            voice.answers(world, call_id)
        else:
            voice.refuses(world, call_id, "rejected" if how is True else how)
    except ValueError as error:
        raise ApiError("STATE_INVALID", str(error)) from None


def next_step(world: World, request: Request) -> Reply:
    """Wind the clock on to the next thing that happens in the call. Answers as GET of the call does."""
    with world.looking():
        found = _of(world, request)
    try:
        found.next_step()
    except (MockUsageError, TimeoutError, WindingStopped) as error:
        raise ApiError("STATE_INVALID", str(error)) from None
    return json_reply(found.as_dict())


def wind(world: World, request: Request) -> Reply:
    """Wind the clock on until something is spoken, {"hears": "press 1"}, or an action begins, {"reaches":
    "digits_receive"} or {"on": "<its id>"}; "within": "1h" of virtual time at most. The call as it is then.
    """
    found, body = _of(world, request), request.raw
    names = ("hears", "reaches", "on")
    if not isinstance(body, dict) or sum(name in body for name in names) != 1 or body.keys() - {*names, "within"}:
        raise ApiError("INVALID_ARGUMENT", 'Send {"hears": "press 1"}, {"reaches": "talk"} or {"on": "<an id>"}.')
    within = body.get("within", "1h")
    try:
        if "hears" in body:
            found.hears(body["hears"], within=within)
        else:
            found.reaches(body.get("reaches"), on=body.get("on"), within=within)
    except ValueError as error:
        raise ApiError("INVALID_ARGUMENT", str(error)) from None
    except (AssertionError, TimeoutError, WindingStopped) as error:
        raise ApiError("STATE_INVALID", str(error)) from None
    return json_reply(found.as_dict())


def _hangs_up(world: World, call_id: str, reason: str) -> None:
    row = voice.live(world, call_id)
    if row is not None and reason != NORMAL and (why := voice.too_late(row)):
        raise ApiError("STATE_INVALID", f"reason: {reason!r}: {why}.")
    voice.hangs_up(world, call_id, reason)


PHONES = script_controls(
    "phones",
    Phones,
    {"numbers": "+1 NXX 555 01xx", "last_two": {digits: meaning for digits, (meaning, _) in MAGIC.items()}},
)
