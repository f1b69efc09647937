"""Streams: connections on which notices are sent as they come (`text/event-stream`), by one thread for all of them.

A worker of the server only hands the connection over. The thread sleeps until something happens, then looks once for
all who listen to that world, and not more often than a page can draw. Nobody is waited for: who does not read is
skipped, goes on from the number that they had, and is cut off if they stay behind.
"""

from __future__ import annotations

import json
import logging
import selectors
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from voipbin_mock._seconds import seconds
from voipbin_mock.control.notices import Notice, Notices
from voipbin_mock.world.part import Part
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

MEDIA = "text/event-stream"
MOST = 16  # streams of a server, its sessions' too
# A browser opens six connections to a server, for all of its pages: some must be left for what these ask.
MOST_OF_A_BROWSER = 3
PACE = 0.2  # seconds between two looks
HEARTBEAT = 15.0  # seconds
LONGEST_BEHIND = 20.0  # seconds that somebody may read nothing
PATIENCE = 1.0  # seconds that their end is waited for
LOCKED = 0.2  # seconds that a world's lock is waited for
SEND_BUFFER = 32 * 1024  # bytes of the system
_START = (
    f"HTTP/1.1 200 OK\r\nContent-Type: {MEDIA}; charset=utf-8\r\nCache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n"
).encode("ascii")
_RETRY = b"retry: 1000\n\n"  # milliseconds, for clients that come back by themselves
_BEAT = b": still here\n\n"


class _Stream:
    """One connection: what was sent of it, and what is left over."""

    __slots__ = ("after", "behind", "browser", "chunked", "greeted", "noted", "socket", "unsent")

    def __init__(
        self, connection: socket.socket, noted: Notices, after: int | None, chunked: bool, browser: str
    ) -> None:
        self.socket, self.noted, self.chunked, self.browser = connection, noted, chunked, browser
        self.after = after  # number of the newest notice that was heard; None: of none yet
        self.greeted = False
        self.unsent = _START + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n")
        self.behind: float | None = None  # since when nothing could be sent

    def take(self, made: dict[int, bytes]) -> bool:
        """Take up what is new, once all else is sent; False if too much has come meanwhile.

        made: what others have made of what is new, by the number that it comes after.
        """
        news = self.noted.since(self.after or 0)
        begins = not self.greeted or (news is None and not self.unsent)
        if begins:
            self._greet()
            news = self.noted.since(self.after or 0)
        if news and (begins or not self.unsent):
            assert self.after is not None
            if self.after not in made:
                made[self.after] = b"".join(map(_event, news))
            self.put(made[self.after])
            self.after = self.noted.newest
        return news is not None

    def _greet(self) -> None:
        """Say where it begins: where it left off if that is still known, else now."""
        noted, wanted = self.noted, self.after
        known = wanted is None or noted.since(wanted) is not None
        self.after = wanted if known and wanted is not None else noted.newest
        hello = {"kind": "hello" if known else "gone", "after": self.after, "oldest": noted.oldest}
        self.put(_RETRY + _event(hello))
        self.greeted = True

    def put(self, text: bytes) -> None:
        self.unsent += b"%x\r\n%s\r\n" % (len(text), text) if self.chunked else text

    def send(self) -> None:
        """Send what can be sent at once. Raises OSError."""
        if not self.unsent:
            return
        try:
            sent = self.socket.send(self.unsent)
        except (BlockingIOError, InterruptedError):
            sent = 0
        self.unsent = self.unsent[sent:]
        if not self.unsent:
            self.behind = None
        elif sent or self.behind is None:
            self.behind = seconds()


def _event(notice: Notice) -> bytes:
    number = f"id: {notice['n']}\n" if "n" in notice else ""
    return f"{number}data: {json.dumps(notice, separators=(',', ':'))}\n\n".encode()


class Streams(Part):
    """The streams of one mock and its sessions."""

    survives = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._lock = threading.RLock()
        self._coming: list[_Stream] = []
        self._open: list[_Stream] = []  # of the thread alone
        self._taken = 0
        self._of_browser: Counter[str] = Counter()
        self._thread: threading.Thread | None = None
        self._selector: selectors.BaseSelector
        self._ear: socket.socket
        self._bell: socket.socket
        self._stirred = False
        self._look_at = 0.0  # not before
        self._ended = False

    def __len__(self) -> int:
        return self._taken

    # --- beginning and ending ------------------------------------------------------------------------

    def take_over(
        self,
        noted: Notices,
        after: int | None,
        take_socket: Callable[[], socket.socket],
        version: str,
        browser: str = "",
    ) -> bool:
        """Make a stream of a request; False if there are too many.

        after: the number of the last notice that was heard. take_socket: gives the connection away, for good.
        version: of the protocol. browser: which one asks, if one does.
        """
        with self._lock:
            if self._taken >= MOST or self._ended or self._of_browser[browser] >= MOST_OF_A_BROWSER:
                return False
            connection = take_socket()
            connection.setblocking(False)
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            self._taken += 1
            if browser:
                self._of_browser[browser] += 1
            self._coming.append(_Stream(connection, noted, after, version == "HTTP/1.1", browser))
            if self._thread is None:
                self._begin()
            self._ring()
        return True

    def _begin(self) -> None:
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="voipbin-mock-streams", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            self._ended, thread = True, self._thread
            if thread is not None:
                self._ring()
        if thread is not None:
            thread.join(PATIENCE)
        self._world.forget(Streams)

    def stir(self) -> None:
        """There may be something new. Called often, and under whatever lock."""
        if not self._stirred:
            self._stirred = True
            self._ring()

    def _ring(self) -> None:
        with suppress(OSError):  # full, so it is heard anyway; or closed
            self._bell.send(b"!")

    # --- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        beat_at = seconds() + HEARTBEAT
        try:
            while self._goes_on():
                now = seconds()
                if self._stirred and now >= self._look_at:
                    self._stirred = False
                    self._look()
                    self._look_at = seconds() + PACE
                if now >= beat_at:
                    self._beat()
                    beat_at = now + HEARTBEAT
                self._turn((min(self._look_at, beat_at) if self._stirred else beat_at) - seconds())
        except Exception:
            logger.exception("the streams of notices failed, and end")
            with self._lock:
                self._finish()

    def _goes_on(self) -> bool:
        """Take up those that have come; whether there are any."""
        with self._lock:
            coming, self._coming = self._coming, []
            for stream in coming:
                if all(other.noted is not stream.noted for other in self._open):
                    with suppress(ReferenceError):  # the mock may be gone by now
                        stream.noted.watch(self.stir)
                self._open.append(stream)
                self._selector.register(stream.socket, selectors.EVENT_READ, stream)
                self._stirred, self._look_at = True, 0.0  # they are greeted at once
            if self._open and not self._ended:
                return True
            self._finish()
            return False

    def _finish(self) -> None:
        for stream in [*self._open, *self._coming]:
            self._drop(stream)
        self._coming.clear()
        self._selector.close()
        self._ear.close()
        self._bell.close()
        self._thread, self._stirred = None, False

    def _drop(self, stream: _Stream) -> None:
        """This one is over."""
        if stream in self._open:
            self._open.remove(stream)
            self._selector.unregister(stream.socket)
            if all(other.noted is not stream.noted for other in self._open):
                stream.noted.unwatch()
        with suppress(OSError):  # at once, even if a forked child holds it as well
            if stream.chunked and not stream.unsent:
                stream.socket.send(b"0\r\n\r\n")
            stream.socket.shutdown(socket.SHUT_RDWR)
        stream.socket.close()
        with self._lock:
            self._taken -= 1
            self._of_browser -= Counter([stream.browser])

    def _look(self) -> None:
        """Send what is new."""
        listening: dict[Notices, list[_Stream]] = {}
        for stream in self._open:
            listening.setdefault(stream.noted, []).append(stream)
        for noted, streams in listening.items():
            with noted.looked(LOCKED) as looked:
                made: dict[int, bytes] = {}
                lost = [stream for stream in streams if noted.closed or (looked and not stream.take(made))]
            if not looked and not noted.closed:
                self._stirred = True  # again, in a while
            for stream in streams:
                if stream in lost:
                    self._drop(stream)
                else:
                    self._send(stream)

    def _send(self, stream: _Stream) -> None:
        try:
            stream.send()
        except OSError:
            self._drop(stream)
            return
        if not stream.unsent and stream.after != stream.noted.newest:
            self._stirred = True  # others have looked meanwhile
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if stream.unsent else 0)
        if self._selector.get_key(stream.socket).events != wanted:
            self._selector.modify(stream.socket, wanted, stream)

    def _beat(self) -> None:
        """Show that the connections are alive, and cut off who does not read."""
        for stream in list(self._open):
            if stream.behind is not None and seconds() - stream.behind > LONGEST_BEHIND:
                self._drop(stream)
            elif not stream.unsent:
                stream.put(_BEAT)
                self._send(stream)

    def _turn(self, timeout: float) -> None:
        for key, events in self._selector.select(max(0.0, timeout)):
            stream: _Stream | None = key.data
            if stream is None:
                with suppress(OSError):
                    self._ear.recv(4096)
            elif events & selectors.EVENT_READ and _has_left(stream.socket):
                self._drop(stream)
            elif events & selectors.EVENT_WRITE:
                self._send(stream)


def _has_left(connection: socket.socket) -> bool:
    try:
        return not connection.recv(4096)  # whatever else is said is not heard
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        return True
