"""Texts between a test and the service: coming in, and scripted for when they go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.api.scripting import Rule
from voipbin_mock.areas.messages.outcomes import Texts
from voipbin_mock.areas.messages.sending import Dropped, receive
from voipbin_mock.wire.errors import shorten

if TYPE_CHECKING:
    from voipbin_mock.world.world import World


class TextDropped(ValueError):
    """A text did not come in: there is no record of it."""


class TextRule(Rule):
    """What becomes of the texts that go to a number, or to several."""

    scripts, noun = Texts, "number"

    def __repr__(self) -> str:
        return f"<texts to {self._rule}>"


def received(world: World, source: str, to: Any, text: Any, parts: int) -> Any:
    """The record of a text that comes in. Raises TextDropped, and ValueError for what is no text."""
    for name, value in (("to", to), ("text", text)):
        if not isinstance(value, str):
            raise ValueError(f"{name}: {shorten(value)!r} is no text")
    if type(parts) is not int or parts < 0:
        raise ValueError(f"parts: {shorten(parts)!r} is no count")
    with world.changing():
        try:
            row = receive(world, source, [to], text, parts=parts)
        except Dropped as error:
            raise TextDropped(str(error)) from None
    return _Reader(world).records("messages").get(row.id)


class _Reader(HasRecords):
    def __init__(self, world: World) -> None:
        self.world = world
