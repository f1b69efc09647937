"""Ways to make a mock awkward on purpose, to show clients that only work by luck.

A mode changes how answers look or how lists are cut; it never refuses what would be accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from random import Random
from typing import TYPE_CHECKING, Any

from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.values import encode
from voipbin_mock.world.part import Part

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

FUTURE_MEMBER = "future_member"
FUTURE_VALUE = "future_value"


@dataclass(frozen=True)
class Paging:
    """How lists are cut, whatever `page_size` asks for."""

    size: int = 100
    # After each page that another follows, a record comes into being at the head of the list.
    arriving: bool = False
    # After each page that another follows, the record that would come next is deleted.
    vanishing: bool = False
    # Page tokens name whole seconds: records of one second that a page parts are lost to the walk,
    # as records of one instant are lost on the service.
    coarse_tokens: bool = False

    def __post_init__(self) -> None:
        if type(self.size) is not int or not 1 <= self.size <= 100:
            raise MockUsageError(f"pages_of: size must be a number from 1 to 100, not {self.size!r}")
        _check_switches("pages_of", self)


@dataclass(frozen=True)
class ForwardCompatibility:
    """What a later version of the service might answer."""

    members: bool = True  # objects have members nobody has heard of
    order: bool = True  # members come in another order
    enums: bool = True  # about every second closed vocabulary has a new word

    def __post_init__(self) -> None:
        _check_switches("forward_compatible", self)


def _check_switches(name: str, mode: Any) -> None:
    for field in fields(mode):
        value = getattr(mode, field.name)
        if field.name != "size" and type(value) is not bool:
            raise MockUsageError(f"{name}: {field.name} must be true or false, not {value!r}")


class Modes(Part):
    """All modes of a mock; None is off."""

    name, rank = "modes", 10

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.paging: Paging | None = None
        self.forward: ForwardCompatibility | None = None

    def dump(self) -> dict[str, Any]:
        return {
            "pages_of": None if self.paging is None else asdict(self.paging),
            "forward_compatible": None if self.forward is None else asdict(self.forward),
        }

    def load(self, document: Any) -> None:
        """What `dump` gave, or a part of it; what is left out is off. Raises MockUsageError."""
        if not isinstance(document, Mapping):
            raise MockUsageError("modes must be an object")
        _check_names("modes", document, ("pages_of", "forward_compatible"))
        self.paging, self.forward = (
            _made("pages_of", Paging, document.get("pages_of"), "size"),
            _made("forward_compatible", ForwardCompatibility, document.get("forward_compatible")),
        )

    def keep(self) -> tuple[Paging | None, ForwardCompatibility | None]:
        return self.paging, self.forward

    def bring_back(self, kept: tuple[Paging | None, ForwardCompatibility | None]) -> None:
        self.paging, self.forward = kept

    @property
    def revision(self) -> object:
        kept = self.keep()
        return kept if any(kept) else None


def _check_names(where: str, given: Iterable[Any], known: Iterable[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise MockUsageError(f"{where}: {unknown[0]!r} is not known; known are {', '.join(known)}")


def _made(name: str, kind: Any, value: Any, short: str | None = None) -> Any:
    """A mode from JSON: an object, true for its defaults, or (pages_of) the number alone."""
    if value is None or value is False:
        return None
    if short is not None and type(value) is int:
        return kind(**{short: value})
    if value is True and short is None:
        return kind()
    if not isinstance(value, Mapping):
        raise MockUsageError(f"{name} must be an object or null, not {value!r}")
    _check_names(name, value, [field.name for field in fields(kind)])
    return kind(**value)


def from_the_future(
    body: bytes, mode: ForwardCompatibility, choices: Mapping[str, Iterable[str]], chance_seed: str
) -> bytes:
    """A JSON body as a later version might send it. The same seed and body give the same bytes."""
    try:
        value = json.loads(body)
    except ValueError:
        return body
    return encode(_later(value, mode, choices, Random(chance_seed))).encode("utf-8")


def _later(value: Any, mode: ForwardCompatibility, choices: Mapping[str, Iterable[str]], chance: Random) -> Any:
    if isinstance(value, list):
        return [_later(item, mode, choices, chance) for item in value]
    if not isinstance(value, dict):
        return value
    changed: dict[str, Any] = {}
    for name, inside in value.items():
        words = choices.get(name)
        if mode.enums and words is not None and inside in words and chance.random() < 0.5:
            changed[name] = FUTURE_VALUE
        else:
            changed[name] = _later(inside, mode, choices, chance)
    if mode.members:
        changed[FUTURE_MEMBER] = {"since": "v9"}
    if mode.order:
        names = list(changed)
        chance.shuffle(names)
        changed = {name: changed[name] for name in names}
    return changed
