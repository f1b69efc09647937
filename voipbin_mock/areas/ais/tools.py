"""The tools that a model may call, as they act in the mock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from voipbin_mock.areas.ais import writing
from voipbin_mock.areas.ais.ending import terminate
from voipbin_mock.areas.ais.reading import READERS, Found
from voipbin_mock.areas.ais.resources import AICALLS
from voipbin_mock.areas.calls import groups, simulation, voice
from voipbin_mock.areas.cases.actions import case_create as opens_case
from voipbin_mock.areas.emails import sending as mails
from voipbin_mock.areas.flows import engine
from voipbin_mock.areas.flows.outside import given_actions
from voipbin_mock.areas.flows.resources import FLOWS
from voipbin_mock.areas.messages import sending as texts
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

Arguments = Mapping[str, Any]


class Result(NamedTuple):
    """What a tool gives back."""

    success: bool
    message: str = ""
    resource_type: str = ""
    resource_id: str = ""


class ToolFailed(Exception):
    """The tool could not do what it is for; the model is told why."""


class Tool(NamedTuple):
    """What it does; whether the model speaks of the result unless told otherwise; what follows once it was told."""

    do: Callable[[World, Row, Arguments], Result]
    answers: bool = False
    after: Callable[[World, Row], None] | None = None


def done(world: World, aicall: Row, tool: Tool, arguments: Arguments) -> Result:
    """What a tool gives back, whatever it meets."""
    try:
        return tool.do(world, aicall, arguments)
    except ToolFailed as error:
        return Result(False, str(error))
    except ApiError as error:
        return Result(False, error.told)


def _run(world: World, aicall: Row) -> engine.Run:
    run = engine.running(world, aicall.data["activeflow_id"])
    if run is None:
        raise ToolFailed("the flow of the AI call is over")
    return run


def _addresses(arguments: Arguments, name: str) -> list[dict[str, str]]:
    found = arguments.get(name)
    several = found if isinstance(found, list) else [found]
    return [_address(one, name) for one in several]


def _address(value: Any, name: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(member, str) for member in value.values()):
        raise ToolFailed(f"{name}: expected an address, with type and target")
    return {**empty_address(), **value}


def _text(arguments: Arguments, name: str) -> str:
    found = arguments.get(name, "")
    if not isinstance(found, str):
        raise ToolFailed(f"{name}: expected a text")
    return found


# --- calls -------------------------------------------------------------------------------------------


def connect_call(world: World, aicall: Row, arguments: Arguments) -> Result:
    """The caller is connected with others once the model has left: an action comes after it in the flow."""
    call = voice.live(world, aicall.data["reference_id"])
    if aicall.data["confbridge_id"] == NIL_UUID or call is None:
        raise ToolFailed("only an AI that talks on a call can connect it")
    source = _address(arguments.get("source") or call.data["destination"], "source")
    option = {"source": source, "destinations": _addresses(arguments, "destinations")}
    run = _run(world, aicall)
    engine.append(world, run.id, aicall.id, [engine.made(world, "connect", option)])
    return Result(True, "the caller is being connected", "activeflow", run.id)


def create_call(world: World, aicall: Row, arguments: Arguments) -> Result:
    """Calls of their own, which run a flow or actions."""
    data, account = aicall.data, aicall.account
    flow_id, actions = _text(arguments, "flow_id"), arguments.get("actions")
    if bool(flow_id) == bool(actions):
        raise ToolFailed("give flow_id or actions, and not both")
    if flow_id and (flow := world.table(FLOWS).get(flow_id)) is not None and flow.account != account:
        raise ToolFailed(f"there is no flow {flow_id}")
    if actions is not None and not (isinstance(actions, list) and all(isinstance(one, Mapping) for one in actions)):
        raise ToolFailed("actions: expected an array of actions")
    plan = (
        engine.plan(world, flow_id) if flow_id else engine.Plan(world.ids.uuid(), given_actions(world, actions or []))
    )
    source = _address(arguments.get("source") or {}, "source")
    made: list[str] = []
    grouped: list[str] = []
    destinations = _addresses(arguments, "destinations")
    for destination in destinations:
        if groups.refusal(world, account, destination) is not None:
            continue
        if destination.get("type") in groups.GROUPED:
            row = groups.create(world, account, data["customer_id"], source, [destination], plan)
            grouped.append(row.id)
            continue
        values = {"customer_id": data["customer_id"], "source": source, "destination": destination}
        made.append(simulation.place(world, account, values, plan=plan).id)
    told: dict[str, Any] = {"call_ids": made, "groupcall_ids": grouped, "requested": len(destinations)}
    told["created"] = len(made) + len(grouped)
    if not told["created"]:
        raise ToolFailed("nobody can be called")
    if told["created"] < told["requested"]:
        told["partial"] = True
    return Result(True, json.dumps(told), "call" if made else "groupcall", (made or grouped)[0])


# --- what is sent ------------------------------------------------------------------------------------


def send_message(world: World, aicall: Row, arguments: Arguments) -> Result:
    source, destinations = _address(arguments.get("source"), "source"), _addresses(arguments, "destinations")
    row = texts.send(world, aicall.data["customer_id"], source, destinations, _text(arguments, "text"))
    return Result(True, "the message is on its way", "message", row.id)


def send_email(world: World, aicall: Row, arguments: Arguments) -> Result:
    destinations = _addresses(arguments, "destinations")
    subject, content = _text(arguments, "subject"), _text(arguments, "content")
    row = mails.send(world, aicall.data["customer_id"], destinations, subject, content)
    return Result(True, "the e-mail is on its way", "email", row.id)


# --- the flow ----------------------------------------------------------------------------------------


def set_variables(world: World, aicall: Row, arguments: Arguments) -> Result:
    given, run = arguments.get("variables"), _run(world, aicall)
    if not isinstance(given, Mapping):
        raise ToolFailed("variables: expected an object")
    run.set_all({str(name): value if isinstance(value, str) else json.dumps(value) for name, value in given.items()})
    return Result(True, "the variables are set", "activeflow", run.id)


def get_variables(world: World, aicall: Row, arguments: Arguments) -> Result:
    run = _run(world, aicall)
    return Result(True, json.dumps(dict(run.variables), ensure_ascii=False), "activeflow", run.id)


def stop_service(world: World, aicall: Row, arguments: Arguments) -> Result:
    return Result(True, "the service ends", "service", aicall.id)


def _ends(world: World, aicall: Row) -> None:
    terminate(world, aicall.id, "the model ended it")


def stop_flow(world: World, aicall: Row, arguments: Arguments) -> Result:
    run = _run(world, aicall)
    return Result(True, "the flow ends", "activeflow", run.id)


def _stops(world: World, aicall: Row) -> None:
    engine.stop(world, aicall.data["activeflow_id"], "a model stopped it")


def stop_media(world: World, aicall: Row, arguments: Arguments) -> Result:
    if aicall.data["confbridge_id"] == NIL_UUID:
        raise ToolFailed("only an AI that talks on a call plays anything")
    return Result(True, "nothing is played any more", "call", aicall.data["reference_id"])


def case_create(world: World, aicall: Row, arguments: Arguments) -> Result:
    """A case for whoever is on the other side, once in a flow; else it is a success without one."""
    done = opens_case(_run(world, aicall), dict(arguments))
    found = _run(world, aicall).variables.get("contact_case_id", "") if done.outcome == "opened" else ""
    return Result(True, done.why, "case" if found else "", found)


# --- what is only read -------------------------------------------------------------------------------


def get_aicall_messages(world: World, aicall: Row, arguments: Arguments) -> Result:
    wanted = _text(arguments, "aicall_id") or aicall.id
    row = world.table(AICALLS).get(wanted)
    if row is None or row.account != aicall.account:
        raise ToolFailed(f"there is no AI call {wanted}")
    found = [{name: each.data[name] for name in ("role", "content")} for each in writing.of_aicall(world, row.id)]
    return Result(True, json.dumps(found, ensure_ascii=False), "messages", row.id)


def _reads(name: str) -> Callable[[World, Row, Arguments], Result]:
    def read(world: World, aicall: Row, arguments: Arguments) -> Result:
        found: Found = READERS[name](world, aicall, arguments)
        if found.failed:
            raise ToolFailed(found.failed)
        told = found.value if isinstance(found.value, str) else json.dumps(found.value, ensure_ascii=False)
        return Result(True, told, found.resource_type, found.resource_id)

    return read


TOOLS: Mapping[str, Tool] = {
    "connect_call": Tool(connect_call, after=_ends),
    "create_call": Tool(create_call, answers=True),
    "send_message": Tool(send_message),
    "send_email": Tool(send_email),
    "set_variables": Tool(set_variables),
    "get_variables": Tool(get_variables),
    "get_aicall_messages": Tool(get_aicall_messages),
    "stop_service": Tool(stop_service, after=_ends),
    "stop_flow": Tool(stop_flow, after=_stops),
    "stop_media": Tool(stop_media),
    "case_create": Tool(case_create, answers=True),
    **{name: Tool(_reads(name), answers=True) for name in READERS},
}
