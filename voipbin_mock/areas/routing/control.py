"""Control calls about routing: which phones are registered, and what checks of providers find."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.operations import Handler, Request
from voipbin_mock.api.scripting_control import script_controls
from voipbin_mock.areas.routing.health import MAGIC, Hosts
from voipbin_mock.areas.routing.registering import extension_named, is_count, register
from voipbin_mock.areas.routing.resources import EXTENSIONS
from voipbin_mock.wire.errors import ApiError, Violation
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def registered(world: World, request: Request) -> Reply:
    """How many phones are registered with each extension."""
    rows = [row for row in world.table(EXTENSIONS) if not row.deleted]
    return json_reply({"extensions": [_told(row) for row in rows]})


def _told(row: Row) -> dict[str, Any]:
    data = row.data
    return {"id": row.id, "extension": data["extension"], "name": data["name"], "contacts": data["contacts"]}


def change(world: World, request: Request) -> Reply:
    """So many phones are registered with an extension, named or by its id: {"contacts": 0}."""
    body = request.raw if isinstance(request.raw, dict) else {}
    contacts = body.get("contacts")
    if not is_count(contacts):
        violation = Violation("/contacts", "expected 0 to 100 phones", "a number from 0 to 100", contacts)
        raise ApiError("INVALID_ARGUMENT", violations=[violation])
    try:
        row = extension_named(world, request.id)
    except LookupError as error:
        raise ApiError(EXTENSIONS.missing, str(error)) from None
    return json_reply(_told(register(world, row, contacts)))


CONTROLS: dict[str, Handler] = {
    "GET /__mock__/extensions": registered,
    "PUT /__mock__/extensions/{id}": change,
    **script_controls("providers", Hosts, MAGIC),
}
