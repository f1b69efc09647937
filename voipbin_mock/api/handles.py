"""The records of a mock by the name of their resource: `mock.records("outplans")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records


class HasRecords:
    """What has a world has its records. Areas add a property for each of theirs."""

    world: World

    def records(self, resource: str) -> Records[Any]:
        """The records of any resource of the catalogue. Raises LookupError for others."""
        try:
            found = catalog_of(self.world).resource(resource)
        except KeyError:
            found = None
        if found is None or not found.stored:
            raise LookupError(f"no resource {resource!r} keeps records in this mock")
        from voipbin_mock.api.records import Records

        return Records(self.world, found)
