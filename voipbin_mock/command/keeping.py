"""`serve --state` and `--shared`: a mock whose inputs are written down, in a file or in Redis."""

from __future__ import annotations

import argparse
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from voipbin_mock._version import __version__
from voipbin_mock.command.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voipbin_mock.mock import Mock
    from voipbin_mock.replication.log import Log

# What all processes of a mock have to be told alike, and a state goes on with; flags by the names they have there.
TOLD_ALIKE = (
    *("profile", "seed", "strict", "random_seed", "error", "ignore", "rate_limits", "billing", "talk_time"),
    *("play_time", "areas", "clock", "speed"),
)
MakeMock = Callable[..., "Mock"]


def is_wanted(arguments: argparse.Namespace) -> bool:
    """Whether the inputs are to be written down."""
    if arguments.shared:
        return True
    if not arguments.state:
        return False
    from voipbin_mock.replication.sqlite_log import is_kept

    try:
        return is_kept(arguments.state) or not _is_document(arguments.state)
    except OSError as error:
        raise Usage(f"--state {arguments.state}: {error.strerror}") from None


def _is_document(path: str) -> bool:
    """Whether a file holds text that may be a state as `ctl state` prints it."""
    with open(path, "rb") as file:
        return file.read(64).lstrip()[:1] == b"{"


class Kept:
    """A mock whose inputs are written down, and what goes with it.

    own: the file that workers of one server have together; "" if there is none.
    """

    def __init__(self, arguments: argparse.Namespace, make: MakeMock, settings: Mapping[str, Any], own: str) -> None:
        from voipbin_mock.replication.door import ReplicaDoor
        from voipbin_mock.replication.duties import Duties

        self._flag = "--shared" if arguments.shared else f"--state {arguments.state or own}"
        with self._told():
            self.log = _log(arguments, own)
            if arguments.shared:
                self._flag = f"--shared {self.log.place}"  # which has no password
            try:
                self._take_up(make, settings)
            except BaseException:
                self.log.close()
                raise
        self.door = ReplicaDoor(self.mock.door, self.replica)
        self.duties = Duties(self.replica)

    def _take_up(self, make: MakeMock, settings: Mapping[str, Any]) -> None:
        """Raises Usage and Unusable if the log is another mock's."""
        from voipbin_mock.replication.replica import Replica

        facts = {"version": __version__, "settings": _plain(settings)}
        if self.log.is_shared:
            facts["content"] = _content(make)
        found = self.log.found(facts)
        _compare(self._flag, facts, found, self._flag.startswith("--shared"))
        name = f"{socket.gethostname()}:{os.getpid()}"
        self.replica = Replica(self.log, found["founded"], name)
        self.replica.facts = dict(found)
        self.mock = make(driver=self.replica)
        self.replica.prepare(self.mock.world)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What makes a log no good is told in one line. Raises Usage."""
        from voipbin_mock.replication.log import LogGone, Unusable
        from voipbin_mock.wire.errors import SeedError

        try:
            yield
        except (LogGone, Unusable, SeedError) as error:
            text = str(error)
            raise Usage(text if text.startswith("--") else f"{self._flag.split()[0]} {text}") from None

    def begin(self, first: Callable[[Mock], None]) -> None:
        """Take up what is kept; a log that is new begins with what `first` makes of the mock. Raises Usage."""
        with self._told():
            self.replica.begin(lambda: first(self.mock))
        self.duties.start()

    def end(self) -> None:
        if self.replica.ready:
            self.duties.stop()
        else:
            self.log.close()


def _log(arguments: argparse.Namespace, own: str) -> Log:
    """own: the file of workers that share no other."""
    if own:
        from voipbin_mock.replication.workers_log import WorkersLog

        return WorkersLog(own)
    if arguments.shared:
        try:
            from voipbin_mock.replication.redis_log import RedisLog
        except ImportError as missing:
            if missing.name != "redis":
                raise
            raise Usage("--shared needs a library more: pip install 'voipbin-mock[shared]'") from None
        return RedisLog(arguments.shared, arguments.name)
    from voipbin_mock.replication.sqlite_log import SqliteLog

    return SqliteLog(arguments.state)


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as JSON has them: a seed that is a path by its name."""
    told = {name: settings[name] for name in TOLD_ALIKE}
    told["seed"] = os.path.basename(str(told["seed"]).rstrip("/"))
    told["areas"] = [str(area) for area in told["areas"]]
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return plain


def _content(make: MakeMock) -> str:
    """What the records are that all of them start from."""
    from hashlib import sha256

    mock = make(clock="2026-01-01T00:00:00Z")
    return sha256(json.dumps(mock.world.dump()).encode()).hexdigest()[:16]


def _compare(flag: str, own: Mapping[str, Any], found: Mapping[str, Any], in_redis: bool) -> None:
    """Raises Usage if this process would make something else of the same inputs.

    A file outlives its processes: an older version may have begun it, or one process alone, which notes no records.
    """
    is_same = found["version"] == own["version"]
    if in_redis and not is_same:
        raise Usage(
            f"{flag}: the processes there are voipbin-mock {found['version']}, this is {own['version']}; only "
            "processes of one version can be one mock. Stop those first, or give another --name"
        )
    another = "another --name" if in_redis else "another file"
    for name, value in own["settings"].items():
        there = found["settings"].get(name)
        if value != there:
            spelled = f"--{name.replace('_', '-')}"
            raise Usage(
                f"{flag}: begun with {_given(spelled, there)}, not with {_given(spelled, value)}; give it the same, or "
                + another
            )
    if is_same and "content" in own and own["content"] != found.get("content", own["content"]):
        raise Usage(
            f"{flag}: the records of --seed are not those that it was begun with; give it the same, or {another}"
        )


def _given(flag: str, value: Any) -> str:
    if value in (None, False, [], ""):
        return f"no {flag}"
    return f"{flag} {value if isinstance(value, str) else json.dumps(value)}"
