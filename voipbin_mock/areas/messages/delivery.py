"""Texts on the virtual clock: how many parts one has, and how it comes along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.messages.differences import RECEIPTS
from voipbin_mock.areas.messages.outbox import TEXT, record_sent
from voipbin_mock.areas.messages.outcomes import Texts
from voipbin_mock.areas.messages.resources import MESSAGES
from voipbin_mock.schema.members import empty_address
from voipbin_mock.world.blueprint import TimerHandler
from voipbin_mock.world.store import Row
from voipbin_mock.world.timers import PHONE
from voipbin_mock.world.world import World

# The alphabet of GSM 03.38. Those of the second line take the room of two.
_SEVEN_BITS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_OF_THEM = frozenset("^{}\\[~]|€\f")


def parts_of(text: str) -> int:
    """How many parts a text is sent in: 160 characters of GSM 03.38 fit into one, or 70 of UCS-2; else 153, or 67."""
    if _SEVEN_BITS.issuperset(set(text) - _TWO_OF_THEM):
        size, alone, each = len(text) + sum(map(text.count, _TWO_OF_THEM)), 160, 153
    else:
        size, alone, each = len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    return 1 if size <= alone else -(-size // each)


def begin(world: World, row: Row) -> None:
    """A new message is on its way: what each number does with it is settled, and noted in the outbox."""
    texts, rank, receipts = world.part(Texts), world.timers.draw(), RECEIPTS.of(world)
    statuses = []
    for place, target in enumerate(row.data["targets"]):
        number = target["destination"].get("target", "")
        outcome = texts.meet(number)
        arrives = outcome.arrives_in
        record_sent(
            world,
            TEXT,
            sender=row.data["source"].get("target", ""),
            recipient=number,
            text=row.data["text"],
            record=row,
            resource=MESSAGES.name,
            arrives_in=arrives if receipts or arrives is None else 0,
        )
        for after, status in outcome.stages() if receipts else ():
            world.timers.call_in(after, "text_comes_along", row.id, place, status, order=PHONE, rank=rank)
        statuses.append("" if not outcome.accepted else outcome.first)
    if any(statuses) and not receipts:
        world.timers.call_in(0, "text_is_accepted", row.id, ",".join(statuses), order=PHONE, rank=rank)


def comes_along(world: World, message_id: str, place: int, status: str) -> None:
    """One target of a message has another status (documents)."""
    row = world.table(MESSAGES).get(message_id)
    if row is None:
        return
    targets = list(row.data["targets"])
    targets[place] = {**targets[place], "status": status, "tm_update": world.clock.stamp()}
    crud.change(world, MESSAGES, row, {"targets": targets})


def is_accepted(world: World, message_id: str, statuses: str) -> None:
    """A provider has taken a message; nobody ever hears more of it (server)."""
    row = world.table(MESSAGES).get(message_id)
    if row is None:
        return
    parts = parts_of(row.data["text"])
    several = zip(row.data["targets"], statuses.split(","), strict=True)
    crud.change(world, MESSAGES, row, {"targets": [_taken(target, status, parts) for target, status in several]})


def _taken(target: Mapping[str, Any], status: str, parts: int) -> Mapping[str, Any]:
    """A target as the provider gives it back: its number alone, with a plus sign."""
    if status != "sent":
        return target
    number = target["destination"].get("target", "").removeprefix("+")
    destination = {**empty_address(), "type": "tel", "target": f"+{number}"}
    return {**target, "destination": destination, "status": status, "parts": parts}


TIMERS: Mapping[str, TimerHandler] = {"text_comes_along": comes_along, "text_is_accepted": is_accepted}
