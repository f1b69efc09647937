"""The records of a mock by the name of their resource: `mock.outplans`, `mock.campaigns`."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.records import (
    Accesskey,
    Agent,
    Call,
    Campaign,
    Campaigncall,
    Customer,
    Flow,
    Number,
    Outdial,
    Outplan,
    Queue,
    Records,
    Tag,
    Target,
)
from voipbin_mock.world.world import World


class Tables:
    """What has a world has its tables."""

    world: World

    def records(self, resource: str) -> Records[Any]:
        """The records of any resource of the catalogue. Raises LookupError for others."""
        found = self.world.catalog.resources.get(resource)
        if found is None or not found.keeps_records:
            raise LookupError(f"no resource {resource!r} keeps records in this mock")
        return Records(self.world, found)

    @property
    def outplans(self) -> Records[Outplan]:
        return self.records("outplans")

    @property
    def outdials(self) -> Records[Outdial]:
        return self.records("outdials")

    @property
    def targets(self) -> Records[Target]:
        """The targets of all outdials."""
        return self.records("targets")

    @property
    def campaigns(self) -> Records[Campaign]:
        return self.records("campaigns")

    @property
    def campaigncalls(self) -> Records[Campaigncall]:
        return self.records("campaigncalls")

    @property
    def calls(self) -> Records[Call]:
        return self.records("calls")

    @property
    def queues(self) -> Records[Queue]:
        return self.records("queues")

    @property
    def flows(self) -> Records[Flow]:
        return self.records("flows")

    @property
    def tags(self) -> Records[Tag]:
        return self.records("tags")

    @property
    def numbers(self) -> Records[Number]:
        return self.records("numbers")

    @property
    def accesskeys(self) -> Records[Accesskey]:
        return self.records("accesskeys")

    @property
    def agents(self) -> Records[Agent]:
        return self.records("agents")

    @property
    def customers(self) -> Records[Customer]:
        return self.records("customers")
