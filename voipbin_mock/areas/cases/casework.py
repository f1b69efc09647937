"""Cases at work: opened, closed, continued. A customer has one open case with somebody about one kind of thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.access import owned
from voipbin_mock.areas.cases.resources import CASES, CLOSED, NOTES, OPEN, key_of
from voipbin_mock.areas.contacts import book
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import ApiError, Reason, SeedError
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

NOT_CLOSED = Reason("CASE_NOT_CLOSED", "INVALID_ARGUMENT", "The case is open: there is nothing to continue.")
IS_CLOSED = Reason("CASE_CLOSED", "FAILED_PRECONDITION", "The case is closed.")


def found(world: World, account: str, case_id: str) -> Row:
    """A case of a customer's; another's is none, whoever asks. Raises ApiError."""
    row = owned(world, account, CASES, case_id)
    if row is None:
        raise ApiError("RESOURCE_NOT_FOUND", hint=f"the customer has no case {case_id}")
    return row


def open_one(world: World, account: str, key: str) -> Row | None:
    """The one open case of this key that a customer has."""
    rows = world.table(CASES).find("key", key)
    return next((row for row in rows if row.account == account and row.data["status"] == OPEN), None)


def opened(
    world: World, account: str, customer_id: str, peer: Mapping[str, str], reference_type: str, **values: Any
) -> Row | None:
    """A new case; None if there is an open one of the same key."""
    type, target = peer.get("type", ""), peer.get("target", "")
    peer = {**empty_address(), **peer, "target": book.normalised(type, target)}
    key = key_of(peer, reference_type)
    if open_one(world, account, key) is not None:
        return None
    record = {
        **values,
        "customer_id": customer_id,
        "peer": peer,
        "local": {**empty_address(), **values.get("local", {})},
        "reference_type": reference_type,
        "key": key,
        "status": OPEN,
    }
    created = world.stamp_for(world.table(CASES), account)
    return crud.made(world, CASES, account, {**record, "opened_at": created}, created)


def close(world: World, case: Row, agent_id: str) -> Row:
    """A case that is closed by an agent; one that is closed already stays as it is."""
    if case.data["status"] == CLOSED:
        return case
    values = {
        "status": CLOSED,
        "closed_at": world.clock.stamp(),
        "closed_reason": "agent_closed",
        "closed_by_type": "agent",
        "closed_by_id": agent_id,
    }
    return crud.keep(world, CASES, case, values)


def carry_on(world: World, case: Row) -> Row:
    """The case that goes on with a closed one: the open one of the same key, or a new one. Raises ApiError.

    An open one is made the closed one's contact's if that has one, and is shown with that contact in any case (server).
    """
    data = case.data
    if data["status"] != CLOSED:
        raise ApiError(NOT_CLOSED)
    known = open_one(world, case.account, data["key"])
    if known is None:
        made = opened(
            world,
            case.account,
            data["customer_id"],
            data["peer"],
            data["reference_type"],
            contact_id=data["contact_id"],
            previous_case_id=case.id,
        )
        assert made is not None, "nobody opens another meanwhile"
        return made
    if data["contact_id"] is not None:
        return crud.keep(world, CASES, known, {"contact_id": data["contact_id"]})
    return Row({**known.data, "contact_id": None}, known.account)


def note(world: World, case: Row, author_type: str, author_id: str | None, text: str) -> Row:
    """A new note on a case."""
    values = {
        "customer_id": case.data["customer_id"],
        "case_id": case.id,
        "author_type": author_type,
        "author_id": author_id,
        "text": text,
    }
    return crud.made(world, NOTES, case.account, values)


def notes_of(world: World, case: Row) -> list[Row]:
    """The notes on a case, the oldest first."""
    table = world.table(NOTES)
    return table.group("case_id", case.id, None, len(table))[::-1]


def take_up(world: World, row: Row) -> Row:
    """A case was put in place: it was opened when it was made. Raises SeedError for a second open one of its key."""
    data = row.data
    key = key_of(data["peer"], data["reference_type"])
    if data["key"] != key:
        row = crud.keep(world, CASES, row, {"key": key})
    same = world.table(CASES).find("key", key)
    mine = [one for one in same if one.account == row.account and one.data["status"] == OPEN]
    if row in mine and len(mine) > 1:
        raise SeedError("contact_case: /peer: there is an open case with it already (CASE_ALREADY_EXISTS)")
    missing = {name: row.created for name in ("opened_at", "tm_update") if data[name] is None}
    return crud.keep(world, CASES, row, missing) if missing else row
