"""What a mock offers for flows."""

from __future__ import annotations

import json as texts
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.wire.errors import MockUsageError
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.flows.records import Activeflow, Flow
    from voipbin_mock.areas.flows.replies import Asked, Planned
    from voipbin_mock.areas.flows.view import FlowView
    from voipbin_mock.world.world import World

_NOTHING: Any = object()


class HasFlows(HasRecords):
    """A part of `Mock`."""

    @property
    def flows(self) -> Records[Flow]:
        return self.records("flows")

    @property
    def activeflows(self) -> Records[Activeflow]:
        return self.records("activeflows")

    def flow(self, flow: str | Stored) -> FlowView:
        """A flow before it runs, by id or record: its graph as text, `mermaid()` and `svg()`, and what is wrong with
        it, `lint()`. Raises LookupError."""
        from voipbin_mock.areas.flows.view import view

        with self.world.looking():
            return view(self.world, id_of(flow))

    def reply(
        self,
        url: str,
        answer: Callable[..., Any] | None = None,
        *,
        json: Any = _NOTHING,
        body: str = "",
        status: int = 200,
        times: int | None = None,
    ) -> PlannedReply:
        """Answer what flows ask of a URL (`fetch`, `webhook_send`), in which `*` stands for anything.

        json: a value; body: a text. answer: a function of the request (`url`, `method`, `body`, `json`) that returns a
        JSON value, an HTTP code or `(code, value)`; or a WSGI app. times: so often, then the next reply that is
        planned for the URL is given; always, if nothing is said. Raises MockUsageError.
        """
        from voipbin_mock.areas.flows.replies import Replies, maker_of

        if (answer is not None) + (json is not _NOTHING) + bool(body) > 1:
            raise MockUsageError("reply: give one of json=, body= and a function")
        text = body if json is _NOTHING else texts.dumps(json, ensure_ascii=False)
        makes = None if answer is None else maker_of(answer)
        with self.world.changing():
            planned = self.world.part(Replies).plan(url, makes, status=status, body=text, times=times)
        return PlannedReply(self.world, planned)

    @property
    def replies(self) -> RepliesHandle:
        """The replies that are planned, and what flows asked: `replies.asked`."""
        return RepliesHandle(self.world)


class PlannedReply:
    """One reply that is planned."""

    def __init__(self, world: World, planned: Planned) -> None:
        self._world, self._planned = world, planned

    @property
    def met(self) -> int:
        """How often it was given."""
        from voipbin_mock.areas.flows.replies import Replies

        with self._world.looking():
            planned = self._world.part(Replies).planned
            return next((one.met for one in planned if one.number == self._planned.number), 0)

    def cancel(self) -> None:
        """Take it back; it is not reported as unused."""
        from voipbin_mock.areas.flows.replies import Replies

        with self._world.changing():
            self._world.part(Replies).remove(self._planned.number)

    def __repr__(self) -> str:
        return f"<reply for {self._planned.url}, given {self.met} times>"


class RepliesHandle:
    """The replies of one mock."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def asked(self) -> list[Asked]:
        """What flows asked of URLs since the last reset, oldest first: `url`, `method`, `json`, `status`, `error`."""
        from voipbin_mock.areas.flows.replies import Replies

        with self._world.looking():
            return list(self._world.part(Replies).asked)

    def __iter__(self) -> Iterator[PlannedReply]:
        from voipbin_mock.areas.flows.replies import Replies

        with self._world.looking():
            planned = self._world.part(Replies).planned
        return iter([PlannedReply(self._world, one) for one in planned])

    def clear(self) -> None:
        """Forget them, and what was asked."""
        from voipbin_mock.areas.flows.replies import Replies

        with self._world.changing():
            self._world.part(Replies).clear()
