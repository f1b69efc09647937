"""Where the profiles part: one object for each point, with what each of the two has there.

`D` numbers are those of the list of disagreements between the published documents and the server's source; a
point without one is named by what it is about. A point is declared where it is met: those of one area in that
area, those of every record here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from voipbin_mock.world.profiles import Profile
    from voipbin_mock.world.world import World

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Difference(Generic[T]):
    """One point: its name, what it is about, and what stands there in each profile."""

    name: str  # "D15"
    about: str
    documented: T
    server: T
    told: tuple[str, str] = ("", "")  # the same two in words, for the table in docs/profiles.md

    def of(self, world: World) -> T:
        """What a world has at this point."""
        return self.server if world.profile.name == "server" else self.documented

    def by(self, profile: Profile) -> T:
        return self.server if profile.name == "server" else self.documented

    @property
    def both(self) -> tuple[T, T]:
        return self.documented, self.server


def chosen(option: T | Difference[T], profile: Profile) -> T:
    """An option of a declaration: the same in both profiles, or a point where they part."""
    return option.by(profile) if isinstance(option, Difference) else option


NEVER_IS_NULL = Difference(
    "D2", "what stands for a moment that has not come", documented=True, server=False
)  # the pages of these resources print null, those of the others the year 9999
STAMPS_RFC3339 = Difference(
    "D1", "the text of timestamps", documented=True, server=False
)  # the pages of these resources print RFC 3339, as the server does everywhere
FULL = "full"
STAMPS_RFC3339_FULL: Difference[bool | str] = Difference(
    "D1", STAMPS_RFC3339.about, documented=FULL, server=False
)  # pages that print RFC 3339 with all six digits, be they zeros
UPDATED_ON_CREATE = Difference(
    "D3",
    "tm_update of a record that was only created",
    documented=True,
    server=False,
    told=(
        "of access keys, conferences and targets as `tm_create`, else not yet",
        "of targets as `tm_create`, else not yet",
    ),
)
LISTS_DELETED = Difference(
    "D7",
    "deleted records in lists",
    documented=False,
    server=True,
    told=(
        "not listed",
        "those of outplans, outdials, campaigns, campaigncalls and tags are listed, too",
    ),
)
