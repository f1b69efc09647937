"""What files hold: their bytes, how many there may be, and links to them that are good for a while."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from voipbin_mock.wire.values import CONTROL_PREFIX
from voipbin_mock.world.part import Part
from voipbin_mock.world.world import World

QUOTA = 10 * 1024**3  # bytes that all files of a customer may have together
SECOND = 1_000_000  # microseconds
LINK_LIFE = 7 * 86_400 * SECOND
_SIGNED = 32  # hex digits


class Shelf(Part):
    """The bytes of files by their ids. They are never changed, only taken away."""

    name = "storage"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.held: Mapping[str, bytes] = {}
        self.quota = QUOTA
        self.signs = True  # whether there is a credential to sign links with

    def put(self, file_id: str, data: bytes) -> None:
        self.held = {**self.held, file_id: data}

    def drop(self, file_id: str) -> None:
        self.held = {key: data for key, data in self.held.items() if key != file_id}

    def keep(self) -> tuple[Mapping[str, bytes], int, bool]:
        return self.held, self.quota, self.signs

    def bring_back(self, kept: tuple[Mapping[str, bytes], int, bool]) -> None:
        self.held, self.quota, self.signs = kept

    def dump(self) -> dict[str, Any]:
        files = {file_id: b64encode(data).decode("ascii") for file_id, data in sorted(self.held.items())}
        return {"files": files, "quota": self.quota, "signs": self.signs}

    def load(self, document: Any) -> None:
        try:
            files = {str(key): b64decode(data, validate=True) for key, data in document["files"].items()}
            quota, signs = settings(document["quota"], document["signs"])
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise ValueError(f"expected files, quota and signs, of which the files are in base 64: {problem}") from None
        self.held, self.quota, self.signs = files, quota, signs

    @property
    def revision(self) -> object:
        return (len(self.held), *self.held, self.quota, self.signs) if self.keep() != ({}, QUOTA, True) else None


def settings(quota: object, signs: object) -> tuple[int, bool]:
    """The same, if they can be a shelf's. Raises ValueError."""
    if type(quota) is not int or quota < 0:
        raise ValueError(f"quota: {quota!r:.40} is no number of bytes")
    if type(signs) is not bool:
        raise ValueError(f"signs: {signs!r:.40} is neither true nor false")
    return quota, signs


def shelf(world: World) -> Shelf:
    return world.part(Shelf)


def link(world: World, base: str, file_id: str) -> tuple[str, int]:
    """Where a file can be fetched by anybody, and until when (microseconds)."""
    seconds = (world.clock.microseconds() + LINK_LIFE) // SECOND
    url = f"{base}{CONTROL_PREFIX}/files/{file_id}?expires={seconds}&signature={signature(world, file_id, seconds)}"
    return url, seconds * SECOND


def signature(world: World, file_id: str, seconds: int) -> str:
    """Says that a link is the mock's own; the same for the same world, file and second."""
    return hmac.new(world.secrets[0], f"{file_id} {seconds}".encode(), sha256).hexdigest()[:_SIGNED]
