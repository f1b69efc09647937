"""What a world is built from: the resources there are, and what happens by itself.

The catalogue is one. A world asks for things by name; whoever answers may load them only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from voipbin_mock.world.part import Part
from voipbin_mock.world.resource import Resource

if TYPE_CHECKING:
    from voipbin_mock.world.settings import Settings
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

TimerHandler = Callable[..., None]  # (world, *args)
Follower = Callable[["World", "Row"], None]
Placed = Callable[["World", "Row"], "Row"]


class Blueprint(Protocol):
    """Everything that a world needs to know and that is not its own state."""

    def resource(self, name: str) -> Resource:
        """Raises KeyError for one that there is not."""

    def resource_names(self) -> Iterable[str]:
        """The names of all resources, whether or not they keep records."""

    def area_of(self, name: str) -> str:
        """The area that a resource belongs to."""

    def timer(self, kind: str) -> TimerHandler | None:
        """What a kind of timer does; None for a kind that there is not."""

    def blame(self, error: BaseException) -> str:
        """What failed, in words: in whose code, and where."""

    def action(self, type: str) -> Any:
        """The flow action of this type (an `api.flow_actions.FlowAction`); None for one that nobody declares."""

    @property
    def action_types(self) -> frozenset[str]:
        """The types of flow actions that clients may use."""

    def followers(self, event: str) -> Sequence[Follower]:
        """Who acts on an event in the moment it is published."""

    def placed(self, name: str) -> Placed | None:
        """Who takes up a record of this resource that no request made."""

    def leaving(self, name: str) -> Placed | None:
        """What ends what goes on with a record of this resource before it is deleted, or refuses that it is."""

    def listeners(self) -> Sequence[type[Part]]:
        """Parts that hear of every event, made when the first one is published."""

    def parts(self) -> Sequence[type[Part]]:
        """All kinds of parts that a dumped state may hold."""

    def started(self, settings: Settings) -> Sequence[type[Part]]:
        """Parts that a setting asks for, so that they are there from the beginning."""


def stored(blueprint: Blueprint, name: Any) -> Resource | None:
    """The resource of that name, if it is one that keeps records."""
    try:
        resource = blueprint.resource(name)
    except (KeyError, TypeError):
        return None
    return resource if resource.stored else None
