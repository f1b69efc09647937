"""Which phones are registered with an extension: for tests to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from voipbin_mock.areas.routing.resources import EXTENSIONS
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.values import parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.areas.routing.records import Extension

MOST = 100  # phones of one extension


def is_count(contacts: Any) -> TypeGuard[int]:
    return type(contacts) is int and 0 <= contacts <= MOST


def extension_named(world: World, wanted: str) -> Row:
    """The live extension with this id or name. Raises LookupError if there is none, or several."""
    table = world.table(EXTENSIONS)
    row = table.get(parse_uuid(wanted) or "")
    found = [row] if row is not None else table.find("extension", wanted)
    live = [one for one in found if not one.deleted]
    if len(live) != 1:
        raise LookupError(f"{len(live) or 'no'} extensions {wanted!r} in this mock" + ("; give an id" if live else ""))
    return live[0]


def register(world: World, row: Row, contacts: int) -> Row:
    """So many phones are registered with it from now on. No change of the record, by its stamps."""
    return world.table(EXTENSIONS).replace({**row.data, "contacts": contacts})


class ExtensionHandle:
    """One extension, and the phones that are registered with it."""

    def __init__(self, world: World, wanted: str) -> None:
        self._world = world
        with world.looking():
            self.id = extension_named(world, wanted).id

    @property
    def contacts(self) -> int:
        """How many phones are registered."""
        return int(self._row.data["contacts"])

    @property
    def record(self) -> Extension:
        """The extension's record."""
        from voipbin_mock.api.records import Records

        extensions: Records[Extension] = Records(self._world, EXTENSIONS)
        return extensions.get(self.id)

    def register(self, contacts: int = 1) -> ExtensionHandle:
        """So many phones are registered from now on; each of them is called. Raises MockUsageError beyond 100."""
        if not is_count(contacts):
            raise MockUsageError(f"contacts={contacts!r}: an extension has 0 to {MOST} phones")
        with self._world.changing():
            register(self._world, self._row, contacts)
        return self

    def unregister(self) -> ExtensionHandle:
        """No phone is: calls to it are refused."""
        return self.register(0)

    @property
    def _row(self) -> Row:
        with self._world.looking():
            row = self._world.table(EXTENSIONS).get(self.id)
        if row is None:
            raise LookupError(f"there is no extension {self.id} any more")
        return row

    def __repr__(self) -> str:
        return f"<extension {self._row.data['extension']}: {self.contacts} registered>"
