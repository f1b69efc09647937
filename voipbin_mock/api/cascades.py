"""What goes with its owner: records that are deleted because the customer they belong to is."""

from __future__ import annotations

from voipbin_mock.api import crud
from voipbin_mock.world.blueprint import Follower
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def gone_with_customer(*resources: Resource) -> Follower:
    """For `Area(follows={"customer_deleted": ...})`: what of these the customer has is deleted, and told of.

    What goes on with a record is ended first, as when a test deletes it.
    """

    def customer_deleted(world: World, customer: Row) -> None:
        for resource in resources:
            delete_all(world, resource, customer.id)

    return customer_deleted


def delete_all(world: World, resource: Resource, account: str) -> None:
    """Delete whatever a customer has of a resource."""
    table, leaving = world.table(resource), world.blueprint.leaving(resource.name)
    for row in table.listed(account):
        if not row.deleted:
            if leaving is not None:
                leaving(world, row)
            last = table.get(row.id) or row
            gone = last if last.deleted else table.replace({**last.data, **world.deletion(resource)})
            crud.published(world, resource, gone, "deleted")
