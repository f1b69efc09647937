"""What every test file here may count on."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import hypothesis
import pytest

import voipbin_mock
from tests.support.redis_servers import kind

# What a run inside pytest is the first to import is forgotten after it, and then there twice: so all is loaded here.
for _module in walk_packages(voipbin_mock.__path__, "voipbin_mock."):
    if not _module.name.endswith("__main__"):
        import_module(_module.name)
import_module("jwt")  # which the package loads when it is needed

# Every process that a test starts would else compile the whole package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Every client of httpx would else read all authorities that there are; no test speaks with anybody who has one.
os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("data") / "authority.pem")

pytest_plugins = ["pytester"]

PLUGIN = "voipbin_mock.pytest_plugin"

hypothesis.settings.register_profile(
    "tests",
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
)
hypothesis.settings.load_profile("tests")


class Hangs:
    """A test that hangs says where: the stacks of all threads, after two minutes.

    Not `faulthandler_timeout`, which starts and ends a thread for each test: one is set for all tests of some seconds.
    """

    AFTER, SOME = 120, 10

    def __init__(self, config: pytest.Config) -> None:
        self._set = -float(self.SOME)
        with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            self._stderr = os.dup(2)  # the one that is not captured

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        now = time.monotonic()
        if now - self._set >= self.SOME:
            self._set = now
            faulthandler.dump_traceback_later(self.AFTER, file=self._stderr)

    def pytest_unconfigure(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        os.close(self._stderr)


def pytest_collection_finish() -> None:
    """What was collected is there to the end: the collector of garbage need not look it through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5000, 10, 30)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Of several workers one that is done takes over from the others: some tests last for seconds."""
    if config.getvalue("dist") != "load":
        return None
    return import_module("xdist.scheduler").WorkStealingScheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """The runs of pytest that tests start find the package and its plugin, installed or not."""
    config.pluginmanager.register(Hangs(config))
    config.addinivalue_line("markers", "differs(*names): the points where the profiles part that this test is about")
    if any(entry.value == PLUGIN for entry in entry_points(group="pytest11")):
        return
    _prepend("PYTEST_PLUGINS", PLUGIN, ",")
    _prepend("PYTHONPATH", str(Path(voipbin_mock.__file__).resolve().parent.parent), os.pathsep)


def pytest_report_header() -> str:
    return kind()


def _prepend(variable: str, value: str, separator: str) -> None:
    values = [item for item in os.environ.get(variable, "").split(separator) if item and item != value]
    os.environ[variable] = separator.join([value, *values])


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Run pytest on a test file given as text, in this process; further arguments as on the command line."""

    def run_pytest(text: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(text)
        for name in ("CI", "BUILD_NUMBER"):  # pytest sums up at greater length there
            monkeypatch.delenv(name, raising=False)
        # Other plugins' randomness and caches have no part in what is tested, nor have our own warning filters.
        with warnings.catch_warnings():
            warnings.resetwarnings()
            return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", *arguments)

    return run_pytest


NINE = "2026-03-01T09:00:00Z"  # when the clock of these mocks stands still


@pytest.fixture
def documented() -> Iterator[voipbin_mock.Mock]:
    """A mock that follows the documents; time stands still, lint says nothing."""
    with voipbin_mock.Mock("documented", clock=NINE, ignore="all") as mock:
        yield mock


@pytest.fixture
def server() -> Iterator[voipbin_mock.Mock]:
    """The same, following the server."""
    with voipbin_mock.Mock("server", clock=NINE, ignore="all") as mock:
        yield mock


@pytest.fixture(params=["documented", "server"])
def either(request: pytest.FixtureRequest) -> voipbin_mock.Mock:
    """What must hold in both profiles."""
    mock: voipbin_mock.Mock = request.getfixturevalue(request.param)
    return mock
