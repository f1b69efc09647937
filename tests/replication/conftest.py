"""Logs to try: each backend, as many processes of it as a test likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.support.redis_servers import SERVER, WHY_NOT, Fake, Server
from voipbin_mock.replication.log import Log
from voipbin_mock.replication.redis_log import RedisLog
from voipbin_mock.replication.sqlite_log import SqliteLog

LogMaker = Callable[[], Log]
RedisMaker = Callable[..., RedisLog]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server | Fake]:
    """One for all tests of this process that do it no harm."""
    with closing(Fake() if SERVER is None else Server(tmp_path_factory.mktemp("redis"))) as server:
        yield server


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def redis_logs(redis_server: Server | Fake, _numbers: Iterator[int]) -> Iterator[RedisMaker]:
    """Makes processes that share a log, which no other test has."""
    name = f"test-{next(_numbers)}"
    with ExitStack() as stack:

        def make(**settings: Any) -> RedisLog:
            settings = {"url": redis_server.url, "name": name, "grace": 0.05} | settings
            return stack.enter_context(closing(RedisLog(**settings)))

        yield make


@pytest.fixture
def sqlite_logs(tmp_path: Path) -> Iterator[LogMaker]:
    """Gives the one process that has a file."""
    with closing(SqliteLog(str(tmp_path / "state.db"))) as log:
        yield lambda: log


@pytest.fixture
def workers_logs(tmp_path: Path) -> Iterator[LogMaker]:
    """Makes processes of one machine that share a file."""
    from voipbin_mock.replication.workers_log import WorkersLog

    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(WorkersLog(str(tmp_path / "state.db"))))


@pytest.fixture(params=["redis", "workers", "sqlite"])
def log_maker(request: pytest.FixtureRequest) -> LogMaker:
    """Makes processes that share a new log, founded already; one has a file for itself, and is always the same."""
    return founding(request.getfixturevalue(f"{request.param}_logs"))


@pytest.fixture(params=["redis", "workers"])
def shared_log_maker(request: pytest.FixtureRequest) -> LogMaker:
    """The same, of logs that many share."""
    return founding(request.getfixturevalue(f"{request.param}_logs"))


def founding(make: LogMaker) -> LogMaker:

    def founded() -> Log:
        log = make()
        log.found({"version": "1"})
        return log

    return founded


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server that a test may harm."""
    if SERVER is None:
        pytest.skip(WHY_NOT)
    with ExitStack() as stack:
        yield lambda *options, **more: stack.enter_context(closing(Server(tmp_path, *options, **more)))
