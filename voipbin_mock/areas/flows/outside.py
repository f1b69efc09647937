"""Flow actions that reach outside the flow, by HTTP that a test answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.api.flow_actions import (
    BOOLEAN,
    ENDS,
    FINISH_ID,
    STRING,
    Action,
    ActionFailed,
    Done,
    FlowAction,
    Option,
    Pushed,
    Result,
    Run,
)
from voipbin_mock.areas.flows.differences import FETCHED, SYNC_REPLY
from voipbin_mock.areas.flows.flows import named
from voipbin_mock.areas.flows.replies import NOBODY, SENT, Answer, Replies
from voipbin_mock.wire.errors import shorten
from voipbin_mock.wire.values import NIL_UUID, parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

METHODS = ("POST", "GET", "PUT", "DELETE")
MOST_FETCHED = 10_000  # actions of one answer
DEEPEST = 10  # objects within one another that become variables


# --- fetch -------------------------------------------------------------------------------------------


def fetch(run: Run, option: Option) -> Result:
    """The actions that a URL answers with come first. It must answer 200 and an array."""
    url, method = option.get("event_url") or "", (option.get("event_method") or "POST").upper()
    body = json.dumps({"activeflow_id": run.id, "reference_id": run.reference_id})
    answer = _asked(run, "fetch", method, url, body)
    told = f"{method} {shorten(url)}"
    if answer is None:
        raise ActionFailed(f"{told}: {NOBODY}")
    if answer.status != 200:
        raise ActionFailed(f"{told} answered {answer.status}; 200 is expected")
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise ActionFailed(f"{told} answered what is no JSON: {error}") from None
    documented = FETCHED.of(run.world)
    if documented and isinstance(found, dict):
        run.set_all(texts({name: value for name, value in found.items() if name != "actions"}))
        found = found.get("actions") or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ActionFailed(f"{told} answered no array of actions")
    actions = given_actions(run.world, found[:MOST_FETCHED]) if documented else _as_they_are(found[:MOST_FETCHED])
    why = f"{told} answered {len(found)} actions"
    if not documented and found and not actions:
        return Done("pushed", f"{why}, of which the first has no id: all of them are passed over")
    return Pushed(actions, outcome="pushed", why=why, made=False)


def given_actions(world: World, found: Sequence[Mapping[str, Any]]) -> list[Action]:
    """As in a flow that is made: whoever has no id gets one (documents)."""
    return named(world, [_action(one) for one in found])


def _as_they_are(found: Sequence[Mapping[str, Any]]) -> list[Action]:
    """One without an id is not found where it should follow: the flow ends there (server)."""
    actions: list[Action] = []
    for one in found:
        if one.get("id") and not (isinstance(one["id"], str) and parse_uuid(one["id"])):
            raise ActionFailed(f"an action has the id {shorten(str(one['id']))!r}, which is no UUID")
        action = _action(one)
        if action["id"] == NIL_UUID:
            if actions and actions[-1]["next_id"] == NIL_UUID:
                actions[-1] = {**actions[-1], "next_id": FINISH_ID}
            if not actions:
                return []
        actions.append(action)
    return actions


def _action(one: Mapping[str, Any]) -> dict[str, Any]:
    kind, option = one.get("type"), one.get("option")
    return {
        "id": _uuid(one.get("id")),
        "next_id": _uuid(one.get("next_id")),
        "type": kind if isinstance(kind, str) else "",
        "option": option if isinstance(option, dict) else {},
        "tm_execute": None,
    }


def _uuid(value: Any) -> str:
    return (parse_uuid(value) if isinstance(value, str) else None) or NIL_UUID


def _asked(run: Run, type: str, method: str, url: str, body: str) -> Answer | None:
    """What a test has planned for this URL. Whatever its function raises, the other side has failed."""
    world = run.world
    try:
        return world.part(Replies).ask(type, method, url, body)
    except Exception as error:
        if isinstance(error, AssertionError):
            world.bus.put_off(error)
        else:
            logger.warning("a planned reply failed", exc_info=error, extra=world.logged)
        raise ActionFailed(f"{method} {shorten(url)}: the planned reply raised {error!r}") from error


def texts(value: Any, prefix: str = "", depth: int = 0) -> dict[str, str]:
    """A JSON object as variables: `{"customer": {"name": "Ann"}}` is `customer.name`."""
    found: dict[str, str] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and depth < DEEPEST:
            found |= texts(inner, f"{prefix}{name}.", depth + 1)
        else:
            found[prefix + name] = _text(inner)
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# --- webhook_send ------------------------------------------------------------------------------------


def webhook_send(run: Run, option: Option) -> Result:
    """A delivery like any other: signed, tried three times, in the log of deliveries."""
    url, method = option.get("uri") or "", option.get("method") or "POST"
    data, sync = option.get("data") or "", bool(option.get("sync"))
    if data:
        try:
            json.loads(data)
        except ValueError as error:
            raise ActionFailed(f"option/data is not the text of JSON, so nothing is sent: {error}") from None
    world, code, why = run.world, 0, f"{method} {shorten(url)}"
    answer = None
    if sync and SYNC_REPLY.of(world):
        answer = _asked(run, "webhook_send", method, url, data)
        code, why = (answer.status, f"{why} answered {answer.status}") if answer else (0, f"{why}: {NOBODY}")
    parcel = {
        "id": run.id,
        "customer_id": run.customer_id,
        "url": url,
        "method": method,
        "body": data,
        "content_type": option.get("data_type") or "application/json",
        "code": code,
        "tm_create": 0,
    }
    world.follow(SENT, Row(parcel, run.account))
    if answer is not None and answer.status < 300:
        run.set_all(_variables(answer))
    return Done("sent", why)


def _variables(answer: Answer) -> dict[str, str]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return texts(found) if isinstance(found, dict) else {}


ACTIONS = (
    FlowAction(
        "fetch",
        fetch,
        "run the actions that a URL answers with",
        on_failure=ENDS,
        option={"event_url": STRING, "event_method": STRING},
        outcomes=("pushed", "failed"),
    ),
    FlowAction(
        "webhook_send",
        webhook_send,
        "send JSON to a URL",
        option={
            "uri": STRING, "method": STRING, "data_type": STRING, "data": STRING, "sync": BOOLEAN,
        },
        outcomes=("sent",),
    ),
)  # fmt: skip
