"""`serve --workers N`: several processes on one port, which are one mock.

This process holds the port and starts the others; they share a log: that of `--shared`, the file of `--state`, or a
file of their own that goes with them. One that dies is started again, and catches up.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import NamedTuple

from voipbin_mock._seconds import seconds
from voipbin_mock.command import interrupts, keeping
from voipbin_mock.command.port_file import PortFile
from voipbin_mock.command.usage import Usage

LOOKS = 0.1  # seconds between two looks at the workers
BEGINS = 120.0  # seconds that a worker may take until it answers
LINGERS = 3.0  # seconds that workers may be there for whose parent was killed
ENDS = 10.0  # seconds that workers may take to end
MOST_FAILURES = 3  # in a row that a worker ends before it answered
MOST = 64


class Place(NamedTuple):
    """What a worker is given."""

    number: int
    listener: socket.socket
    log: str  # the file of the log that they share; "" if it is in Redis
    ready: int  # a descriptor: told once it answers
    parent: int  # a descriptor that ends when the parent does
    tells: bool  # whether it says where the server is


Serve = Callable[[argparse.Namespace, Place], int]


class _Worker:
    """A process, and whether it answers yet."""

    def __init__(self, pid: int, ready: int) -> None:
        self.pid, self._ready = pid, ready
        self.answers = False
        self.code: int | None = None
        os.set_blocking(ready, False)

    def look(self) -> None:
        if not self.answers:
            with suppress(BlockingIOError):
                self.answers = os.read(self._ready, 1) == b"r"
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                os.close(self._ready)

    def signal(self, number: int) -> None:
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Workers:
    """The workers of one server."""

    def __init__(self, arguments: argparse.Namespace, serve: Serve, stop: threading.Event, stack: ExitStack) -> None:
        from voipbin_mock.server.live import listening

        self._arguments, self._serve, self._stop = arguments, serve, stop
        self._log = _log_file(arguments, stack)
        try:
            self._listener, _ = listening(arguments.host, arguments.port)
            self._listener.listen(1024)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Usage(f"cannot listen on {arguments.host}:{arguments.port}: {reason}") from None
        self.port = int(self._listener.getsockname()[1])
        self._parent, self._mine = os.pipe()
        self._all: list[_Worker | None] = [None] * arguments.workers
        self._failures = 0
        self._told = False

    def run(self, port_file: PortFile) -> int:
        """Until it is to stop; the exit code."""
        written = False
        try:
            while not self._stop.is_set():
                code = self._tend()
                if code is not None:
                    return code
                if not written and all(worker is not None and worker.answers for worker in self._all):
                    port_file.write(self.port)
                    written = True
                self._stop.wait(LOOKS)
            return 0
        finally:
            self._end()

    def _tend(self) -> int | None:
        """Start whoever is missing; the first has to answer before the others begin. An exit code if it is no use."""
        for number, worker in enumerate(self._all):
            if worker is not None:
                worker.look()
                if worker.code is None:
                    if not worker.answers and number == 0 and not self._told:
                        return None
                    continue
                if not worker.answers:
                    self._failures += 1
                    if not self._told or self._failures >= MOST_FAILURES:
                        return worker.code if worker.code > 0 else 1
                elif not self._stop.is_set():
                    _say(f"worker {number} ended ({_how(worker.code)}), and is started again")
            if number == 0 and worker is not None and worker.answers:
                self._told = True
            self._all[number] = self._started(number)
            if number == 0 and not self._told:
                return None
        self._told = self._told or (self._all[0] is not None and self._all[0].answers)
        if all(worker is not None and worker.answers for worker in self._all):
            self._failures = 0
        return None

    def _started(self, number: int) -> _Worker:
        sys.stdout.flush()
        sys.stderr.flush()
        ready, tell = os.pipe()
        interrupts.hold()  # what is told to the new one waits until it hears
        pid = os.fork()
        if pid:
            interrupts.let_go()
            os.close(tell)
            return _Worker(pid, ready)
        code = 1
        try:
            signal.set_wakeup_fd(-1)  # what this process hears is not to be told to the other
            os.close(ready)
            os.close(self._mine)
            place = Place(number, self._listener, self._log, tell, self._parent, number == 0 and not self._told)
            code = self._serve(self._arguments, place)
        except Usage as error:
            print(f"voipbin-mock: {error}", file=sys.stderr)
            code = 2
        finally:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _end(self) -> None:
        there = [worker for worker in self._all if worker is not None]
        for worker in there:
            worker.signal(signal.SIGTERM)
        until = seconds() + ENDS
        while seconds() < until:
            for worker in there:
                if worker.code is None:
                    worker.look()
            if all(worker.code is not None for worker in there):
                break
            threading.Event().wait(LOOKS / 2)
        for worker in there:
            worker.signal(signal.SIGKILL)
        os.close(self._mine)
        self._listener.close()


def run(arguments: argparse.Namespace, serve: Serve) -> int:
    """Serve by several processes until a signal comes; the exit code. Raises Usage."""
    if not hasattr(os, "fork"):
        raise Usage("--workers needs a system that can fork; start several with --shared there")
    if arguments.workers > MOST:
        raise Usage(f"--workers {arguments.workers}: at most {MOST}")
    stop = threading.Event()
    port_file = PortFile(arguments.port_file)

    def at_once(number: int) -> None:
        port_file.remove()
        interrupts.end_at_once(number)

    with ExitStack() as stack, interrupts.heard(stop.set, at_once):
        workers = Workers(arguments, serve, stop, stack)
        with port_file:
            return workers.run(port_file)


def _log_file(arguments: argparse.Namespace, stack: ExitStack) -> str:
    """The file of the log that the workers share, for this process and them alone. Raises Usage."""
    if arguments.shared:
        return ""
    if not arguments.state:
        folder = tempfile.mkdtemp(prefix="voipbin-mock-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return os.path.join(folder, "log")
    path: str = os.path.abspath(arguments.state)
    if not keeping.is_wanted(arguments):
        raise Usage(f"--state {arguments.state}: a state to start from, which nothing can be kept in; --seed takes it")
    try:
        owner = os.open(f"{path}-owner", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Usage(f"--state {arguments.state}: {error.strerror}") from None
    stack.callback(os.close, owner)
    until = seconds() + LINGERS
    while not _locked(owner):
        if seconds() > until:
            raise Usage(f"--state {arguments.state}: another process has it; stop that one, or give another file")
        threading.Event().wait(LOOKS / 2)
    for name in ("owner", "order", "leader"):
        stack.callback(_removed, f"{path}-{name}")
    from voipbin_mock.replication.log import Unusable
    from voipbin_mock.replication.sqlite_log import checked

    try:
        checked(path)
    except Unusable as error:
        raise Usage(f"--state {error}") from None
    return path


def _locked(descriptor: int) -> bool:
    """Whether this process has got the lock of a file, which its workers have, too."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _removed(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            name: str = signal.Signals(-code).name
            return name
    return f"exit code {code}"


def _say(text: str) -> None:
    if sys.stderr is not None:
        print(f"voipbin-mock: warning: {text}", file=sys.stderr)


def until_parent_ends(descriptor: int, stop: threading.Event) -> None:
    """For a worker: without the process that started it, nobody would end it. If it is ending already, it does at once:
    so did that process."""

    def watch() -> None:
        with suppress(OSError):
            while os.read(descriptor, 1):
                pass
        if stop.is_set():
            interrupts.end_at_once(signal.SIGTERM)
        stop.set()

    threading.Thread(target=watch, name="voipbin-mock-parent", daemon=True).start()
