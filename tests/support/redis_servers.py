"""Servers for the log that many share: Redis' own where it is installed, else one in this process that speaks as it."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

SERVER = shutil.which("redis-server") or shutil.which("valkey-server")
WHY_NOT = "needs redis-server or valkey-server on PATH: a fake can be neither killed nor halted"
BOUND = 50_000  # times to ask for something that must come; each goes over a socket


def kind() -> str:
    """For the head of a test report."""
    if SERVER is None:
        return "shared logs: tried with fakeredis (no redis-server on PATH); what it cannot do is skipped"
    said = subprocess.run([SERVER, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    return f"shared logs: tried with {SERVER}, {' '.join(said.split()[:3])}"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port if port < 55_000 else free_port()  # a node of a cluster takes the one 10,000 above as well


class Server:
    """A server of its own process, that can be killed and halted."""

    def __init__(self, directory: Path, *options: str, host: str = "127.0.0.1") -> None:
        self._directory, self._options, self.host = directory, options, host
        for _ in range(5):  # another test may be quicker to take the port
            self.port = free_port()
            self.client = redis.Redis(host=host, port=self.port, protocol=2, retry=Retry(NoBackoff(), 0))
            if self._is_started():
                break
        self.url = f"redis://{host}:{self.port}/0"

    def start(self) -> None:
        assert self._is_started(), "the server ended as soon as it was started"

    def _is_started(self) -> bool:
        assert SERVER is not None
        self._process = subprocess.Popen([
            SERVER, "--port", str(self.port), "--bind", self.host, "--save", "", "--dir", str(self._directory),
            "--logfile", str(self._directory / "redis.log"), *self._options,
        ])  # fmt: skip
        while self._process.poll() is None:
            try:
                return bool(self.client.ping())
            except redis.BusyLoadingError:
                return True
            except redis.ConnectionError:
                pass
        return False

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def halt(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.client.close()
        self.kill()


class Fake:
    """A server in this process."""

    def __init__(self) -> None:
        from fakeredis import TcpFakeServer

        self._server: Any = TcpFakeServer(("127.0.0.1", 0))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.client = redis.Redis(port=self.port, protocol=2)

    def close(self) -> None:
        self.client.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def come(asked: Callable[[], Any], *errors: type[Exception]) -> Any:
    """What is given once it is true, asking again and again: it may fail in these ways until then."""
    for _ in range(BOUND):
        try:
            if answer := asked():
                return answer
        except errors:
            pass
    raise AssertionError("it does not come")
