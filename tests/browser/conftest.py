"""The console in a real browser: one browser and one server a worker; one session and one context a test.

They are run where they are asked for by name, `python -m pytest tests/browser`, and a browser is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.browser import browsers
from tests.browser.driving import Console, Server, Service, served
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

HERE = Path(__file__).parent
PATIENCE = 15_000  # milliseconds that something may take to be seen, on a machine that is busy
NOT_ASKED_FOR = "browser tests are run by name: python -m pytest tests/browser"


def _is_here(argument: str) -> bool:
    path = Path(argument.partition("::")[0]).resolve()
    return path == HERE or HERE in path.parents


class _NotRun(pytest.Module):
    """A module that is not imported, since it imports what drives a browser; it says why."""

    reason: str

    def collect(self) -> NoReturn:
        raise pytest.skip.Exception(self.reason, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if HERE not in module_path.parents:
        return None
    asked_for = any(_is_here(argument) for argument in parent.config.args)
    reason = browsers.missing() if asked_for else NOT_ASKED_FOR
    if reason is None:
        return None
    module: _NotRun = _NotRun.from_parent(parent, path=module_path)
    module.reason = reason
    return module


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a number that was measured; all of them stand below the run."""
    return lambda text: record_property("measured", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    told = [text for report in reports for name, text in report.user_properties if name == "measured"]
    if told:
        terminalreporter.section("measured")
        for text in told:
            terminalreporter.write_line(str(text))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    with browsers.driven() as browser:
        yield browser


@pytest.fixture(scope="session")
def shared() -> Iterator[Server]:
    """The server of all tests of this worker. Its time stands still until a test winds it."""
    with served() as service:
        yield service


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def service(shared: Service, numbers: Iterator[int]) -> Iterator[Service]:
    """A session of the server's, of this test alone."""
    session = shared.session(f"test-{next(numbers)}")
    yield session
    session.forget()


@pytest.fixture
def own_server() -> Iterator[Callable[..., Server]]:
    """Start further servers of this test's own, with flags of `serve`."""
    with ExitStack() as stack:
        yield lambda *flags: stack.enter_context(served(*flags))


@pytest.fixture
def consoles(browser: Browser, own_server: Callable[..., Server], service: Service) -> Iterator[Callable[..., Console]]:
    """Open a console of a service in a context of its own; `look` are options of the context, such as `viewport`.

    Servers of the test's own, and its session, outlive it: a page that still draws when they end complains.
    """
    contexts: list[tuple[BrowserContext, Watch]] = []

    def open_one(service: Service, **look: Any) -> Console:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **look)
        context.set_default_timeout(PATIENCE)
        watch = Watch(context, service.origin)
        contexts.append((context, watch))
        return Console(context.new_page(), watch, service)

    yield open_one
    complaints = []
    for context, watch in contexts:
        complaints += watch.complaints()
        context.close()
    assert complaints == []


@pytest.fixture
def console(consoles: Callable[..., Console], service: Service) -> Console:
    """A console of this test's session, not yet opened."""
    return consoles(service)
