"""Numbers: what is on offer, buying, keeping and releasing."""

from __future__ import annotations

import random
import re

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.lists import page_size
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.accounts import balance
from voipbin_mock.areas.accounts.resources import CUSTOMERS
from voipbin_mock.areas.flows import flows
from voipbin_mock.areas.routing.differences import (
    BOUGHT_IS_RENEWED,
    DUE_AT_ONCE,
    NO_MOMENT,
    NUMBER_FAILURES,
    VIRTUAL_BY_NUMBER,
)
from voipbin_mock.areas.routing.resources import NUMBERS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.stamps import parse_stamp, to_datetime
from voipbin_mock.wire.values import NIL_UUID, Caller, Reply, encode, text_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

VIRTUAL = re.compile(r"\+899[0-9]{9}", re.ASCII)
VIRTUAL_PREFIX = "+899"
RESERVED = "+899000"

# country -> (dialing prefix, region, postal code, features). The first of a country is always the
# number that the published pages print for it.
STOCK: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "US": ("+1218255", "MN", "", ("emergency", "fax", "voice", "sms", "mms")),
    "CA": ("+1613555", "ON", "", ("voice", "sms")),
    "GB": ("+4420794", "London", "", ("voice",)),
    "DE": ("+4930901", "Berlin", "", ("voice",)),
    "KR": ("+8225550", "Seoul", "", ("voice",)),
}
PRINTED = "+12182558711"


def _refuse(world: World, failure: str, hint: str, violation: Violation | None = None) -> ApiError:
    """The service answers all of these alike; the documents tell them apart."""
    return ApiError(NUMBER_FAILURES.of(world)[failure], hint=hint, violations=[violation] if violation else ())


def create(world: World, request: Request) -> Reply:
    """POST /numbers: virtual numbers are free, normal ones need a verified customer and credit."""
    resource = request.resource
    values = request.values
    number = values["number"]
    if not number:
        violation = Violation("/number", "must not be empty", "an E.164 number", number)
        raise ApiError("INVALID_ARGUMENT", "number must not be empty.", violations=[violation])
    caller = permit(request)
    virtual = values["type"] == "virtual"
    if not virtual and "type" not in request.sent and VIRTUAL_BY_NUMBER.of(world):
        virtual = number.startswith(VIRTUAL_PREFIX)
    if virtual:
        _check_virtual(world, number)
    else:
        _check_normal(world, caller, number)
    if world.table(resource).find("number", number):
        raise _refuse(world, "taken", f"{number} is in use already; release it first")
    now = world.stamp_for(world.table(resource), caller.account)
    values = {
        **values,
        "type": "virtual" if virtual else "normal",
        "status": "active",
        "metadata": {"rtp_debug": False},
        "tm_purchase": None if virtual else now,
        "tm_renew": now if BOUGHT_IS_RENEWED.of(world) and not virtual else None,
    }
    row = crud.insert(world, request, caller, values, now)
    if not virtual:
        balance.pay(world, caller.account, "number")
    return crud.shown(world, resource, row)


def _check_virtual(world: World, number: str) -> None:
    if not VIRTUAL.fullmatch(number) or number.startswith(RESERVED):
        wanted = f"+899 and nine digits, not beginning with {RESERVED}"
        violation = Violation("/number", f'"{number[:40]}" is no virtual number: expected {wanted}', wanted, number)
        raise _refuse(world, "format", f"a virtual number is {wanted}", violation)


def _check_normal(world: World, caller: Caller, number: str) -> None:
    row = world.table(CUSTOMERS).get(caller.account)
    if row is None or row.data["identity_verification_status"] != "verified":
        raise ApiError("IDENTITY_VERIFICATION_REQUIRED", hint="virtual numbers need no verification")
    if why := balance.why_not(world, caller.account, "number"):
        raise _refuse(world, "balance", why)
    if number.startswith(VIRTUAL_PREFIX):
        raise _refuse(world, "format", 'no provider sells +899 numbers; say "type": "virtual"')


def update(world: World, request: Request) -> Reply:
    """PUT /numbers/{id}: its flows must be the customer's own (server); `flow_ids` takes any."""
    row = find(world, request)
    for member in ("call_flow_id", "message_flow_id"):
        wanted = request.values[member]
        if wanted != NIL_UUID and (violation := flows.foreign(world, row.account, wanted, f"/{member}")):
            raise _refuse(world, "flow", "make the flow first (POST /flows), or give one in the seed", violation)
    return crud.save(world, request, row, request.values)


def renew(world: World, request: Request) -> Reply:
    """POST /numbers/renew: every normal number that was last renewed before `tm_renew` is renewed, once.

    One that its customer cannot pay for is released instead, and is not in the answer (server).
    """
    resource = request.resource
    permit(request)
    text = request.values["tm_renew"]
    try:
        until = parse_stamp(text)
    except ValueError as error:
        reason = "INVALID_ARGUMENT" if text else NO_MOMENT.of(world)
        raise ApiError(reason, violations=[Violation("/tm_renew", str(error), "a timestamp")]) from None
    return text_reply(f"[{','.join([world.text(resource, row) for row in renewed(world, until)])}]")


def renewed(world: World, until: int) -> list[Row]:
    """Renew what was last renewed before then (microseconds), and release what its customer cannot pay for."""
    table, found = world.table(NUMBERS), []
    for row in [row for row in table if not row.deleted and is_due(world, row, until)]:
        if balance.why_not(world, row.account, "number_renew"):
            crud.published(world, NUMBERS, table.replace({**row.data, **world.deletion(NUMBERS)}), "deleted")
            continue
        stamp = world.clock.stamp()
        if not _paid(row, stamp):
            balance.pay(world, row.account, "number_renew")
        row = table.replace({**row.data, "tm_renew": stamp, "tm_update": stamp})
        world.follow("number_renewed", row)
        found.append(row)
    return found


def last_renewed(world: World, row: Row) -> int | None:
    """When a number was last renewed; until it was, its purchase counts. None: it is never renewed."""
    renewed, bought = row.data["tm_renew"], row.data["tm_purchase"]
    last: int | None = bought if renewed is None and not BOUGHT_IS_RENEWED.of(world) else renewed
    return last


def is_due(world: World, row: Row, until: int) -> bool:
    """Whether a number was last renewed before then."""
    last = last_renewed(world, row)
    return last is not None and (last < until or (last == until and DUE_AT_ONCE.of(world)))


def _paid(row: Row, now: int) -> bool:
    """Whether a number's renewal of this month was paid for already: a second one is free."""
    renewed = row.data["tm_renew"]
    if renewed is None or renewed == row.data["tm_purchase"]:
        return False
    then, today = to_datetime(renewed), to_datetime(now)
    return (then.year, then.month) == (today.year, today.month)


def flow_is_gone(world: World, flow: Row) -> None:
    """A flow was deleted: no number leads to it any more. Nobody is told."""
    for row in tuple(world.table(NUMBERS)):
        led = {name: NIL_UUID for name in ("call_flow_id", "message_flow_id") if row.data[name] == flow.id}
        if led and not row.deleted:
            crud.change(world, NUMBERS, row, led, "")


def available(world: World, request: Request) -> Reply:
    """GET /available_numbers: no token, for there is no second page."""
    resource = request.resource
    size = page_size(request)
    kind = request.parameter("type") or "normal"
    country = request.parameter("country_code") or ""
    if kind != "virtual" and not country:
        raise ApiError("INVALID_ARGUMENT", "country_code is required unless type is virtual.")
    permit(request)
    offers = _virtual_offers(world, size) if kind == "virtual" else _offers(world, country.upper(), size)
    body = ",".join(encode({name: offer[name] for name in resource.blank}) for offer in offers)
    return text_reply(f'{{"result":[{body}]}}')


def _free(world: World, number: str) -> bool:
    return not world.table(NUMBERS).find("number", number)


def _offers(world: World, country: str, size: int) -> list[dict[str, object]]:
    stock = STOCK.get(country)
    if stock is None:
        return []
    prefix, region, postal_code, features = stock
    numbers = [PRINTED] if country == "US" else []
    numbers += [f"{prefix}{n:04d}" for n in range(100, 100 + 2 * size)]
    free = [number for number in numbers if _free(world, number)][:size]
    return [
        {
            "number": number,
            "country": country,
            "region": region,
            "postal_code": postal_code,
            "features": list(features),
        }
        for number in free
    ]


def _virtual_offers(world: World, size: int) -> list[dict[str, object]]:
    # Random as in the service, but the same for the same random seed and number of records.
    chance = random.Random(f"{world.ids.random_seed}:{world.ids.drawn}:{len(world.table(NUMBERS))}")
    found: dict[str, None] = {}
    while len(found) < size:
        number = f"+899{chance.randint(1, 999):03d}{chance.randint(0, 999_999):06d}"
        if _free(world, number):
            found[number] = None
    return [
        {"number": number, "country": "899", "region": "", "postal_code": "", "features": ["voice"]} for number in found
    ]
