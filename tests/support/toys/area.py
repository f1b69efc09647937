"""Toys, and the shelves they lie on: an area with a bit of everything, declared in one place."""

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import ANYONE, Access, Request, mirror
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.part import Part
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

PIECE = "common.json#/$defs/"
FIRST, LAST = ("id:uuid", "customer_id:uuid"), ("tm_create:stamp", "tm_update:stamp", "tm_delete:stamp")


def schema(*members: str) -> dict[str, Any]:
    def object_of(names: tuple[str, ...]) -> dict[str, Any]:
        refs = {name: {"$ref": PIECE + piece} for name, _, piece in (text.partition(":") for text in names)}
        return {"type": "object", "properties": refs, "required": [*refs], "additionalProperties": False}

    sent = object_of(members) | {"description": "What is sent.", "additionalProperties": True}
    parts = {"create": sent, "update": sent, "record": object_of((*FIRST, *members, *LAST))}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": parts}


SHELVES = Resource("shelves", singular="shelf", schema=schema("name:name"))
TOYS = Resource("toys", groups=("owner_id",), events=True, schema=schema("name:name", "owner_id:uuid", "detail:detail"))
RUNS = Difference("toys-run", "seconds that a new toy runs", documented=10, server=20)


class Wound(Part):
    name, times = "wound", 0

    def keep(self) -> int:
        return self.times

    def bring_back(self, kept: Any) -> None:
        self.times = int(kept)

    dump, load, revision = keep, bring_back, property(keep)


def wind(world: World, row: Row) -> None:
    world.part(Wound).times += 1
    world.timers.call_in(RUNS.of(world) * 1000, "toys.stop", row.id)


def stop(world: World, row_id: str) -> None:
    if row := world.table(TOYS).get(row_id):
        crud.change(world, TOYS, row, {"detail": "still"})


def wound(world: World, request: Request) -> Reply:
    return json_reply({"wound": world.part(Wound).times})


UNKNOWN, MISSING = "GET /v1.0/toys/7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f61", {"status": 404, "reason": "TOY_NOT_FOUND"}
CASE = {"name": "unknown-is-missing", "effect": "reads", "steps": [{"ask": UNKNOWN, "expect": MISSING}]}
BOTH = (crud.operations(TOYS), crud.operations(SHELVES))
AREA = Area(
    "toys",
    *BOTH,
    *mirror(BOTH, "toys.list", "toys.get", access=Access(ANYONE, ("agent",), sees="owner_id")),
    timers={"toys.stop": stop},
    follows={"toy_created": wind},
    parts=(Wound,),
    controls={"GET /__mock__/toys": wound},
    differences=(RUNS,),
    cases=[{"format": "voipbin-contract-cases", "version": 1, "about": "toys", "cases": [CASE]}],
)
