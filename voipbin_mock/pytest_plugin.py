"""The pytest plugin: `voipbin`, a mock without a socket, and `voipbin_server`, one with.

Loaded by every pytest run of everyone who has this package installed, so it imports nothing of
weight (no Flask, no jsonschema) until a fixture is used.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from voipbin_mock import pytest_coverage

if TYPE_CHECKING:
    from voipbin_mock.mock import Mock
    from voipbin_mock.server.live import LiveServer

# Setting -> what it means. The same names in the marker, the ini file and the command line.
SETTINGS = {
    "profile": "documented or server",
    "seed": "the records to start from: account, tutorial, empty, a path, or a dict (marker only)",
    "strict": "whether bodies must satisfy the schemas (default: as the profile has it)",
    "clock": "a moment to stand still at, such as 2026-03-01T09:00:00Z",
    "random_seed": "ids and tokens are drawn from it",
    "error": "lint codes that refuse the request",
    "ignore": "lint codes that say nothing",
    "fixtures": "a directory in which named seeds are looked for first",
    "journal_size": "how many requests are remembered",
    "rate_limits": 'true for the service\'s own, or tiers as JSON: {"customer": [17, 33]}',
    "billing": 'true to let things cost what the service takes, or rates as JSON: {"sms": 20000}',
    "talk_time": "how long it takes to speak a text: 2s (default), or per character: 60ms/character",
    "play_time": "how long a file takes to be played (default: 5s)",
    "unused": "what becomes of faults and stubs that were never met: warn (default), error or ignore",
    "intercept": "whether clients reach the mock under the service's own URLs (default: yes)",
    "base_urls": "other base URLs that lead to the mock",
    "areas": "modules with areas of your own beside the service's",
    "leak_guard": "whether other calls to the service are stopped (default: yes)",
}
_LISTS = {"error": "CODE", "ignore": "CODE", "base_urls": "URL", "areas": "MODULE"}
_SWITCHES = {
    "strict": "--voipbin-mock-lenient",
    "intercept": "--voipbin-mock-no-intercept",
    "leak_guard": "--voipbin-mock-no-leak-guard",
}
# Options that are no settings of a mock: they belong to the whole run.
_OF_THE_RUN = ("bundle", "guard", *pytest_coverage.INI)
_INI = "voipbin_mock_"
_CONFIGURED: Any = pytest.StashKey()  # dict[str, Any]
_MOCKS: Any = pytest.StashKey()  # list[Mock]; the class is not imported here
# The test that is run. Fixtures learn of it by this: asking for `request`, even by way of another fixture, would cost
# a test half as much again.
_ITEM: ContextVar[pytest.Item] = ContextVar("voipbin_mock_item")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("voipbin-mock", "voipbin-mock, a mock of the VoIPBIN API")
    for name, meaning in SETTINGS.items():
        flag = f"--voipbin-mock-{name.replace('_', '-')}"
        if name in _SWITCHES:
            dest = _INI + name
            group.addoption(flag, action="store_const", const="true", dest=dest, help=meaning)
            group.addoption(_SWITCHES[name], action="store_const", const="false", dest=dest, help=f"{name} = false")
        elif name in _LISTS:
            group.addoption(flag, action="append", metavar=_LISTS[name], help=meaning)
        else:
            group.addoption(flag, metavar=name.upper(), help=meaning)
        if name in _LISTS:
            parser.addini(_INI + name, meaning, type="args")
        else:
            parser.addini(_INI + name, meaning, type="string")
    bundle = "write a repro bundle of every failed test into this directory"
    group.addoption("--voipbin-mock-bundle", metavar="DIR", help=bundle)
    parser.addini("voipbin_mock_bundle", bundle, type="string")
    guard = "how long calls to the service are stopped: test (while a mock is there, the default) or session"
    group.addoption("--voipbin-mock-guard", metavar="test|session", help=guard)
    parser.addini("voipbin_mock_guard", guard, type="string")
    pytest_coverage.add_options(parser, group)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"voipbin({', '.join(f'{name}=...' for name in SETTINGS)}): settings of the voipbin fixtures"
    )
    # pytest itself only warns of a name it does not know; it has no public way to list what is given.
    given = vars(config)
    for option in given.get("_inicfg") or given.get("inicfg") or ():
        if option.startswith(_INI) and option[len(_INI) :] not in (*SETTINGS, *_OF_THE_RUN):
            raise pytest.UsageError(f"{config.inipath}: {option}{_no_setting(option[len(_INI) :], _INI)}")
    if any(config.getoption(_INI + name, None) or config.getini(_INI + name) for name in SETTINGS):
        _check(_configured(config))
    pytest_coverage.configure(config)
    _stand_guard(config)


def _stand_guard(config: pytest.Config) -> None:
    """For the whole run, if that is asked for."""
    wanted = config.getoption("voipbin_mock_guard", None) or config.getini("voipbin_mock_guard") or "test"
    if wanted not in ("test", "session"):
        raise pytest.UsageError(f"{_INI}guard must be test or session, not {wanted!r}")
    if wanted == "session":
        from voipbin_mock.interception.patches import guard

        run = ExitStack()
        run.enter_context(guard())
        config.add_cleanup(run.close)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Calls that nobody else could tell of: they came after their test."""
    patches = sys.modules.get("voipbin_mock.interception.patches")
    stopped = patches.stopped() if patches is not None else []
    if stopped:
        terminalreporter.section("voipbin-mock: calls that were stopped while no mock was there")
        for text in stopped:
            terminalreporter.line(text)


def _check(settings: dict[str, Any]) -> None:
    """What is wrong whatever the test is one line at the start, not one a test. Raises pytest.UsageError."""
    from voipbin_mock.wire.errors import MockUsageError
    from voipbin_mock.world.settings import Settings

    names = Settings.__dataclass_fields__.keys() & settings.keys()
    try:
        Settings(**{name: settings[name] for name in names})
    except MockUsageError as error:
        raise pytest.UsageError(f"voipbin-mock: {error}") from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    token = _ITEM.set(item)
    try:
        return (yield)
    finally:
        _ITEM.reset(token)


def _no_setting(name: str, prefix: str = "") -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(SETTINGS), n=1)
    return " is no setting; " + (f"did you mean {prefix + near[0]!r}?" if near else f"known are {', '.join(SETTINGS)}")


def _configured(config: pytest.Config) -> dict[str, Any]:
    """What flags and the ini file say; the same for every test, so it is read once."""
    if _CONFIGURED not in config.stash:
        config.stash[_CONFIGURED] = _read_configuration(config)
    settings: dict[str, Any] = config.stash[_CONFIGURED]
    return settings


def _read_configuration(config: pytest.Config) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for name in SETTINGS:
        value = config.getoption(_INI + name, None)
        if value in (None, []):
            value = config.getini(_INI + name)
            if name == "fixtures" or (name == "seed" and not value.isidentifier()):
                value = _beside_the_ini_file(config, str(value))
        if value in (None, "", []):
            continue
        settings[name] = value
    for name in _SWITCHES:
        if name in settings:
            text = settings[name].lower()
            if text not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
                raise pytest.UsageError(f"{_INI}{name} must be true or false, not {text!r}")
            settings[name] = text in ("true", "1", "yes", "on")
    if "journal_size" in settings:
        try:
            settings["journal_size"] = int(settings["journal_size"])
        except ValueError:
            raise pytest.UsageError("voipbin_mock_journal_size must be a number") from None
    return settings


def _beside_the_ini_file(config: pytest.Config, value: str) -> str:
    """Paths in an ini file are seen from there, wherever pytest was started."""
    if value and config.inipath is not None:
        found = config.inipath.parent / value
        if found.exists():
            return str(found)
    return value


def _marked(node: pytest.Item) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("voipbin"))):  # the nearest has the last word
        if marker.args:
            pytest.fail("voipbin(...) takes settings by name only", pytrace=False)
        for name in marker.kwargs:
            if name not in SETTINGS:
                pytest.fail(f"voipbin({name}=...){_no_setting(name)}", pytrace=False)
        settings |= marker.kwargs
    return settings


@pytest.fixture(scope="session")
def voipbin_settings() -> dict[str, Any]:
    """Override this fixture to give settings of your own: `{"profile": "server"}`."""
    return {}


def _new_mock(settings: dict[str, Any]) -> Mock:
    from voipbin_mock._real_files import real_files

    with real_files():
        return _made(settings)


def _made(settings: dict[str, Any]) -> Mock:
    from voipbin_mock.mock import Mock
    from voipbin_mock.wire.errors import MockUsageError, SeedError

    node = _ITEM.get()
    merged = {**_configured(node.config), **settings, **_marked(node)}
    for name in merged:
        if name not in SETTINGS:
            pytest.fail(f"voipbin_settings: {name!r}{_no_setting(str(name))}", pytrace=False)
    try:
        mock = Mock(**merged, record=_bundles(node.config) is not None)
    except (MockUsageError, SeedError, TypeError) as error:
        pytest.fail(f"voipbin: {error}", pytrace=False)
    node.stash.setdefault(_MOCKS, []).append(mock)
    return mock


@pytest.fixture
def voipbin(voipbin_settings: dict[str, Any]) -> Iterator[Mock]:
    """A VoIPBIN of this test's own, in process and without a socket."""
    with _new_mock(voipbin_settings) as mock:
        yield mock


@pytest.fixture(scope="session")
def _voipbin_live_server() -> Iterator[LiveServer]:
    from voipbin_mock.server.live import LiveServer
    from voipbin_mock.wire.values import max_taken

    with LiveServer(_nobody, max_body=max_taken) as server:
        yield server


def _nobody(environ: Any, start_response: Any) -> list[bytes]:
    """Between tests the server is nobody's."""
    start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
    return [b"no test is using voipbin_server now"]


@pytest.fixture
def voipbin_server(voipbin_settings: dict[str, Any], _voipbin_live_server: LiveServer) -> Iterator[Mock]:
    """The same behind a real HTTP server on a loopback port; one server a session, a new mock a test."""
    with _new_mock(voipbin_settings) as mock:
        mock.origin = _voipbin_live_server.origin
        mock.keep_time()
        _voipbin_live_server.app = mock.door
        try:
            yield mock
        finally:
            _voipbin_live_server.app = _nobody


def _bundles(config: pytest.Config) -> Path | None:
    """Where repro bundles go, if they are asked for."""
    folder = config.getoption("voipbin_mock_bundle", None) or config.getini("voipbin_mock_bundle")
    return config.rootpath / folder if folder else None


def _write_bundle(folder: Path, nodeid: str, position: int, mock: Mock) -> str:
    """What to do with the repro bundle of a failed test, now written.

    Names that only differ in what a file's name cannot hold, or at their beginning, are told apart by a hash.
    """
    from hashlib import sha256

    from voipbin_mock.edge.bundle import write_private

    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", nodeid).strip("-")[-120:]
    own = sha256(nodeid.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    path = folder / f"{name}-{own}{f'-{position}' if position else ''}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_private(path, json.dumps(mock.bundle(), indent=1))
    except OSError as error:
        return f"the repro bundle {path} could not be written: {error.strerror}"
    return f"voipbin-mock replay {path}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing test's report shows what the mock saw."""
    report = yield
    if _MOCKS in item.stash and (report.failed or call.excinfo is not None or call.when == "teardown"):
        from voipbin_mock._real_files import real_files

        with real_files():
            _tell(item, call, report)
    return report


def _tell(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    mocks: list[Mock] = item.stash[_MOCKS]
    if report.failed:
        from voipbin_mock.trouble.handles import unmet

        bundles = _bundles(item.config)
        said = "" if call.excinfo is None else call.excinfo.exconly()  # has the call's table, if that is what failed
        for position, mock in enumerate(mocks):
            report.sections += [
                (title, text) for title, text in mock.sections() if "\n" not in text or text not in said
            ]
            if bundles is not None:  # a failure in the teardown adds to what the test has left
                written = _write_bundle(bundles, item.nodeid, position, mock)
                report.sections.append(("voipbin-mock repro bundle", written))
            unused = "\n".join(text for _, text in unmet(mock.world))
            if unused:
                report.sections.append(("voipbin-mock planned and never met", unused))
    if call.when == "call" and call.excinfo is not None:
        from voipbin_mock.delivery.raised import forget_assertions
        from voipbin_mock.trouble.handles import forget_plans

        for mock in mocks:
            forget_plans(mock.world)  # the test ended early: nobody knows what would have been met
            forget_assertions(mock.world)  # told in the report; the test has failed as it is
    if call.when == "teardown":
        del item.stash[_MOCKS]  # items live as long as the session; what a test's mock holds should not


def pytest_assertrepr_compare(op: str, left: Any, right: Any) -> list[str] | None:
    """Records that are not equal are told field by field."""
    records = sys.modules.get("voipbin_mock.api.records")  # not loaded: no record can be among them
    if records is None or op != "==":
        return None
    told = records.compare(left, right)
    return told and ["records differ, left from right:", *told]
