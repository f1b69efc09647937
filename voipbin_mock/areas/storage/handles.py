"""What a mock offers for storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.storage.records import StorageAccount, StorageFile
    from voipbin_mock.areas.storage.shelf import Shelf
    from voipbin_mock.world.world import World


class Storage:
    """The bytes of the files, how much there may be, and whether links can be signed."""

    __slots__ = ("_world",)  # setting anything else is a slip

    def __init__(self, world: World) -> None:
        self._world = world

    def _shelf(self) -> Shelf:
        from voipbin_mock.areas.storage.shelf import Shelf

        return self._world.part(Shelf)

    def _set(self, quota: int, signs: bool) -> None:
        from voipbin_mock.areas.storage.shelf import settings

        shelf = self._shelf()
        shelf.quota, shelf.signs = settings(quota, signs)

    def read(self, file: str | Stored) -> bytes:
        """What a file (id or record) holds. Raises LookupError for one that holds nothing here."""
        with self._world.looking():
            found = self._shelf().held.get(id_of(file))
        if found is None:
            raise LookupError(f"no file {id_of(file)!r} was uploaded to this mock, or it was deleted")
        return found

    @property
    def quota(self) -> int:
        """The bytes that all files of a customer may have together; the service's 10 GiB unless it is set.

        Setting what is no number of bytes raises ValueError.
        """
        with self._world.looking():
            return self._shelf().quota

    @quota.setter
    def quota(self, size: int) -> None:
        with self._world.changing():
            self._set(size, self._shelf().signs)

    @property
    def signs(self) -> bool:
        """Whether links can be signed. If not, uploads have none, and asking for one is answered with 503."""
        with self._world.looking():
            return self._shelf().signs

    @signs.setter
    def signs(self, signs: bool) -> None:
        with self._world.changing():
            self._set(self._shelf().quota, signs)


class HasStorage(HasRecords):
    """A part of `Mock`."""

    @property
    def storage(self) -> Storage:
        """What files hold."""
        return Storage(self.world)

    @property
    def storage_accounts(self) -> Records[StorageAccount]:
        return self.records("storage_accounts")

    @property
    def storage_files(self) -> Records[StorageFile]:
        return self.records("storage_files")
