"""The requests seen, over the control API: which, one of them with all that is known of it, and once more."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Any

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.control import count_of, flag_of
from voipbin_mock.api.lint import Findings
from voipbin_mock.api.operations import PREFIX, Request
from voipbin_mock.control.browsing import links_of
from voipbin_mock.edge.environ import cookies_of
from voipbin_mock.edge.incoming import ControlPolicy, Incoming
from voipbin_mock.edge.pipeline import respond
from voipbin_mock.insight.copies import FORMS, copy_of, stub_of
from voipbin_mock.insight.expectations import status_fits
from voipbin_mock.insight.explain import advice_for
from voipbin_mock.insight.journal import Journal
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.exchange import CONSOLE_HEADER, Exchange
from voipbin_mock.wire.matching import is_like
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import CONTROL_PREFIX, TEXT_TYPE, Reply, json_reply
from voipbin_mock.world.world import World

MOST_EVENTS = 100
_LONG = 64 * 1024  # bytes of a body in which no ids are looked for

_STATUS = re.compile(r"0|[1-5][0-9xX]{2}", re.ASCII)


def journal(world: World, request: Request) -> Reply:
    """The requests seen, oldest first; `?limit=` for the newest few, `?after=` and `?before=` a number.

    `?method=`, `?status=4xx`, `?op=outplans.*`, `?problem=yes` and `?text=` choose some of them; `?brief=yes` leaves
    out headers and bodies.
    """
    found = [*_chosen(world, request)]
    limit = count_of(request, "limit")
    shown = found if limit is None else found[-limit:] if limit else []
    told = _brief if flag_of(request, "brief") else Exchange.as_dict
    reply: dict[str, Any] = {"requests": [told(exchange) for exchange in shown], "seen": world.exchanges}
    return json_reply(reply if len(shown) == len(found) else {**reply, "found": len(found)})


def _chosen(world: World, request: Request) -> Iterator[Exchange]:
    after, before = count_of(request, "after"), count_of(request, "before")
    method, statuses = request.parameter("method"), _statuses(request)
    op, problem = request.parameter("op"), flag_of(request, "problem")
    text = (request.parameter("text") or "").casefold()
    kept = world.part(Journal).exchanges()  # by their numbers: pages ask for the newest of many again and again
    start = 0 if after is None else bisect_right(kept, after, key=_number)
    end = len(kept) if before is None else bisect_left(kept, before, key=_number)
    for exchange in kept[start:end]:
        if (
            (not method or exchange.method == method.upper())
            and (not statuses or any(status_fits(status, exchange.http_code) for status in statuses))
            and (not op or is_like(exchange.operation or "", op))
            and (problem is None or exchange.has_problem is problem)
            and (not text or exchange.mentions(text))
        ):
            yield exchange


def _number(exchange: Exchange) -> int:
    return exchange.number


def _statuses(request: Request) -> list[str]:
    """Of "4xx,500", each."""
    wanted = [word for word in (request.parameter("status") or "").split(",") if word]
    if not all(_STATUS.fullmatch(word) for word in wanted):
        raise ApiError("INVALID_REQUEST_PARAMETER", "status is a code such as 404, a kind such as 4xx, or several.")
    return wanted


def _brief(exchange: Exchange) -> dict[str, Any]:
    """A line of a list: which it is, and the first thing that was wrong with it."""
    violations, warnings = exchange.violations, exchange.warnings
    wrong = next((str(fault) for fault in (*violations, *warnings)), "") or exchange.hint
    return {**exchange.head(), "wrong": wrong, "violations": len(violations), "warnings": len(warnings)}


def one(world: World, request: Request) -> Reply:
    """One of them, with advice for each violation; `?as=` for it as `curl`, `python`, `javascript` or `stub` alone."""
    exchange = _exchange(world, request.id)
    on = _target(world, exchange)
    form = request.parameter("as")
    if form is not None:
        if form not in FORMS:
            raise ApiError("INVALID_REQUEST_PARAMETER", f"as is one of {', '.join(FORMS)}.")
        if form == "stub":
            return json_reply(stub_of(exchange, on))
        return Reply(200, copy_of(exchange, form, _base(request), on).encode("utf-8"), TEXT_TYPE)
    catalog = catalog_of(world)
    told = exchange.as_dict()
    told["violations"] = [
        {**violation.as_dict(), "advice": advice_for(violation, exchange, catalog)} for violation in exchange.violations
    ]
    if exchange.called_at:
        told["called_at"] = exchange.called_at
    with world.looking():
        links = {side: list(links_of(world, value)) for side, value in _sides(exchange)}
    return json_reply({**told, "on": on, "links": links, "events": list(islice(_events(world, exchange), MOST_EVENTS))})


def _events(world: World, exchange: Exchange) -> Iterator[dict[str, Any]]:
    """What was published as it was handled, as far as that is kept; what came of it later is not among it."""
    for event in world.bus.log if exchange.events else ():
        if event.number in exchange.events:
            yield {
                "number": event.number,
                "time": rfc3339_stamp_full(event.microseconds),
                "type": event.type,
                "resource": event.resource,
                "id": event.record_id,
            }


def _sides(exchange: Exchange) -> Iterator[tuple[str, Any]]:
    """The JSON of both bodies, if they are not too long to be looked through."""
    if exchange.size < _LONG:
        yield "body", exchange.json
        yield "reply", exchange.reply_json


def _exchange(world: World, number: str) -> Exchange:
    if number.isascii() and number.isdigit() and len(number) < 16:
        for exchange in world.part(Journal).exchanges():
            if exchange.number == int(number):
                return exchange
        if 0 < int(number) <= world.exchanges:
            raise ApiError("RESOURCE_NOT_FOUND", f"Request {int(number)} is not kept any more.")
    raise ApiError("RESOURCE_NOT_FOUND", f"There was no request {number[:20]!r}; they are numbered from 1.")


def _target(world: World, exchange: Exchange) -> str:
    """What a fault or a stub for such requests is planned for."""
    catalog = catalog_of(world)
    known = next((one for one in catalog.operations if one.name == exchange.operation), None)
    path = exchange.path if known is None else known.template
    return f"{exchange.method} {path.removeprefix(PREFIX)}"


def _base(request: Request) -> str:
    return f"http://{request.headers.get('host') or '127.0.0.1:8484'}{request.base}"


def again(world: World, request: Request) -> Reply:
    """Send it once more, with the credential it came with. The answer is that request's entry."""
    exchange = _exchange(world, request.id)
    if exchange.cut:
        raise ApiError("STATE_INVALID", "Only the beginning of its body is kept any more.")
    headers = {**dict(exchange.raw_headers), CONSOLE_HEADER: "1"}
    incoming = Incoming(
        method=exchange.method,
        path=exchange.raw_path,
        query_string=exchange.raw_query,
        headers=headers,
        cookies=cookies_of(headers["cookie"]) if "cookie" in headers else {},
        body=exchange.raw_body,
        base=request.base,
    )
    _, made = respond(world, incoming, ControlPolicy())
    if made is None:
        raise ApiError("STATE_INVALID", f"It was answered, and is not in the journal; see {CONTROL_PREFIX}/requests.")
    reply = json_reply(made.as_dict())
    reply.made = made
    return reply


def clear(world: World, request: Request) -> Reply:
    world.part(Journal).clear()
    world.part(Findings).start_over()
    return json_reply({"status": "ok"})
