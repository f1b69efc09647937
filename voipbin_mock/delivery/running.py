"""Running receivers that are coroutines or ASGI apps: on the loop that the test runs, in the context of its call.

In a thread that runs a loop, a receiver is begun at once, as a task of that loop: it goes on without waiting for
anybody as far as it can, and the rest comes with the loop's next turns. A thread without a loop hands it to the loop
on which the receiver was connected, or else to one of the mock's own, and waits.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from voipbin_mock.delivery.receivers import Answering

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task

logger = logging.getLogger("voipbin_mock")

TURNS = 16  # that a receiver may give others (`sleep(0)`) while it is begun, before it waits for the loop's own
GRACE = 0.5  # seconds that a loop has to end what it was told to end

OWN_LOOP = "a loop of the mock's own, for no loop runs in the thread that made the call"


def running_loop() -> AbstractEventLoop | None:
    """The loop that this thread runs now. Loads nothing: where asyncio is not loaded, none runs."""
    asyncio = sys.modules.get("asyncio")
    return None if asyncio is None else asyncio._get_running_loop()


class Home:
    """Where a receiver was connected: the loop that ran there, and the context."""

    def __init__(self) -> None:
        self.loop = running_loop()
        self.context = copy_context() if self.loop is not None else None


class Begun(Coroutine[Any, Any, None]):
    """A coroutine whose first step can be made before its task has a turn.

    All its steps are made in one context, and are the task's for whoever asks (`asyncio.current_task`).
    """

    def __init__(self, inner: Coroutine[Any, Any, None], context: Context) -> None:
        self._inner, self._context = inner, context
        self._ended = self._primed = False
        self._first: Any = None
        self.cancelled = False  # from outside

    def begin(self, loop: AbstractEventLoop, task: Task[None]) -> None:
        from asyncio.tasks import _enter_task, _leave_task, current_task

        outer = current_task(loop)
        if outer is not None:
            _leave_task(loop, outer)
        _enter_task(loop, task)
        try:
            for _ in range(TURNS):
                self._first = self._context.run(self._inner.send, None)
                if self._first is not None:
                    break
            self._primed = True
        except StopIteration:
            self._ended = True
        finally:
            _leave_task(loop, task)
            if outer is not None:
                _enter_task(loop, outer)

    def send(self, value: Any) -> Any:
        if self._ended:
            raise StopIteration
        if self._primed:
            self._primed = False
            return self._first
        return self._context.run(self._inner.send, value)

    def throw(self, kind: Any, value: Any = None, trace: Any = None) -> Any:
        if self._ended:
            raise StopIteration
        error = kind if value is None else value
        if isinstance(error, sys.modules["asyncio"].CancelledError):
            self.cancelled = True
        self._primed = False
        return self._context.run(self._inner.throw, error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Any:
        raise TypeError("only a task runs this")


class Run:
    """One receiver at work. `told` hears of its code, of what it raised, or that it was cancelled from outside."""

    def __init__(
        self,
        answering: Answering,
        context: Context,
        told: Callable[[int | None, BaseException | None, bool], object],
    ) -> None:
        self.answering = answering
        self._context, self._told = context, told
        self._begun = Begun(self._answer(), context)
        self._task: Task[None] | None = None

    def begin(self, loop: AbstractEventLoop) -> None:
        """To be called in the thread of the loop, while that runs."""
        from asyncio import Task

        # Not by the loop: it may have a way of its own to make tasks, which begins them.
        self._task = self._context.copy().run(lambda: Task(self._begun, loop=loop))
        self._begun.begin(loop, self._task)

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _answer(self) -> None:
        try:
            code = self.answering.code_of(await self.answering.awaitable)
        except BaseException as error:  # noqa: BLE001  whatever it is, it is told
            outside = self._begun.cancelled and isinstance(error, sys.modules["asyncio"].CancelledError)
            self._told(None, error, outside)
        else:
            self._told(code, None, False)


class OwnLoop:
    """A loop in a thread of the mock's, made when it is first needed. Tasks that receivers start there go on."""

    def __init__(self) -> None:
        import asyncio

        self.process = os.getpid()
        self.loop = asyncio.new_event_loop()
        self._blocked = False
        self._unheard = 0  # of what it was told
        self._thread = threading.Thread(target=self._run, name="voipbin-mock-receivers", daemon=True)
        self._thread.start()

    @property
    def is_usable(self) -> bool:
        return self.process == os.getpid() and self._thread.is_alive() and not self._blocked

    def tell(self, action: Callable[[], object]) -> None:
        """Let it do this at its next turn."""

        def heard() -> None:
            self._unheard -= 1
            action()

        self._unheard += 1
        self.loop.call_soon_threadsafe(heard)

    def look(self) -> None:
        """Whether it has heard; one that does not is held up by somebody's code, and is used no more."""
        if self._unheard:
            self._blocked = True
            logger.warning("a webhook receiver holds up the loop that it runs on; it is left behind")

    @property
    def is_own_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        import asyncio

        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            asyncio.set_event_loop(None)
            self.loop.close()

    def stop(self) -> list[str]:
        """End it, and the tasks that are still there; the answer names them."""
        import asyncio

        if not self.is_usable or self.is_own_thread:
            return []
        left: list[str] = []
        heard = threading.Event()
        self.loop.call_soon_threadsafe(heard.set)
        if not heard.wait(GRACE):
            return ["what a receiver does that holds up the loop"]

        async def end() -> None:
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                left.append(task.get_name())
                task.cancel()
            await asyncio.wait(others, timeout=GRACE) if others else None
            await self.loop.shutdown_asyncgens()
            self.loop.stop()

        self.loop.call_soon_threadsafe(lambda: self.loop.create_task(end()))
        self._thread.join(10 * GRACE)
        return left
