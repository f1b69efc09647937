"""What a mock offers for routing: numbers, extensions, trunks, providers and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.routing.health import ProviderHost
    from voipbin_mock.areas.routing.records import Extension, Number, Provider, Route, Trunk
    from voipbin_mock.areas.routing.registering import ExtensionHandle


class HasRouting(HasRecords):
    """A part of `Mock`."""

    @property
    def numbers(self) -> Records[Number]:
        return self.records("numbers")

    @property
    def extensions(self) -> Records[Extension]:
        return self.records("extensions")

    @property
    def trunks(self) -> Records[Trunk]:
        return self.records("trunks")

    @property
    def providers(self) -> Records[Provider]:
        return self.records("providers")

    @property
    def routes(self) -> Records[Route]:
        return self.records("routes")

    def extension(self, extension: str | Stored) -> ExtensionHandle:
        """An extension by its name, id or record, to register phones with. Raises LookupError if there is none.

        >>> with Mock() as voipbin:
        ...     made = voipbin.extensions.create(extension="1001")
        ...     voipbin.extension("1001").unregister()
        <extension 1001: 0 registered>
        """
        from voipbin_mock.areas.routing.registering import ExtensionHandle

        return ExtensionHandle(self.world, id_of(extension))

    def provider(self, host: str = "default") -> ProviderHost:
        """Providers by host name or a pattern (`*.example.com`), to script what checks find; without, all others.

        >>> with Mock() as voipbin:
        ...     voipbin.provider("sip.example.com").script(Healthy(), Unhealthy())
        <provider sip.example.com>
        """
        from voipbin_mock.areas.routing.health import ProviderHost

        return ProviderHost(self.world, host)
