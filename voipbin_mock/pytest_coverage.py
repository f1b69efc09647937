"""`--voipbin-mock-cov`: what of the API a test run exercised. Registered only when it is asked for."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from voipbin_mock.insight.coverage import Collector

INI = ("cov", "cov_report", "cov_fail_under", "cov_flows_fail_under")
_NAME = "voipbin_mock_coverage"
_MODULES = "voipbin_mock_areas"
_SHARE = "voipbin-mock coverage"


def add_options(parser: pytest.Parser, group: pytest.OptionGroup) -> None:
    on = "report what of the API the tests exercised"
    report = "term, json:PATH or html:PATH; may be given several times (default: term)"
    least = "fail if less of the API than this many per cent was exercised"
    group.addoption("--voipbin-mock-cov", action="store_true", default=False, help=on)
    group.addoption("--voipbin-mock-cov-report", action="append", metavar="KIND", help=report)
    of_flows = "fail if less of the flows that ran than this many per cent was taken"
    group.addoption("--voipbin-mock-cov-fail-under", metavar="N", help=least)
    group.addoption("--voipbin-mock-cov-flows-fail-under", metavar="N", help=of_flows)
    parser.addini("voipbin_mock_cov", on, type="bool", default=False)
    parser.addini("voipbin_mock_cov_report", report, type="args")
    parser.addini("voipbin_mock_cov_fail_under", least, type="string")
    parser.addini("voipbin_mock_cov_flows_fail_under", of_flows, type="string")


def configure(config: pytest.Config) -> None:
    """Start counting if any of the options asks for it. Raises UsageError for what cannot be."""
    reports = config.getoption("voipbin_mock_cov_report") or config.getini("voipbin_mock_cov_report")
    least = _share(config, "cov_fail_under")
    of_flows = _share(config, "cov_flows_fail_under")
    on = config.getoption("voipbin_mock_cov") or config.getini("voipbin_mock_cov")
    if not on and not reports and least is None and of_flows is None:
        return
    for kind in reports:
        name, _, path = kind.partition(":")
        if not (kind == "term" or (name in ("json", "html") and path)):
            raise pytest.UsageError(f"--voipbin-mock-cov-report: {kind!r} is none of term, json:PATH, html:PATH")
    config.pluginmanager.register(Coverage(config, reports or ["term"], least, of_flows), _NAME)


def _share(config: pytest.Config, name: str) -> float | None:
    """What an option asks for at least, in per cent. Raises UsageError."""
    said = config.getoption(f"voipbin_mock_{name}") or config.getini(f"voipbin_mock_{name}")
    try:
        share = float(said) if said else None
    except ValueError:
        share = -1.0
    if share is not None and not 0 <= share <= 100:
        raise pytest.UsageError(f"--voipbin-mock-{name.replace('_', '-')}: {said!r} is no share from 0 to 100")
    return share


class Coverage:
    """Counts in each process; under pytest-xdist the workers hand their counts to the controller."""

    def __init__(self, config: pytest.Config, reports: list[str], least: float | None, of_flows: float | None) -> None:
        from voipbin_mock.insight.coverage import COLLECTOR, Collector

        self._config = config
        self._reports = reports
        self._least, self._of_flows = least, of_flows
        self._skipped = False
        self._areas: list[str] = config.getoption("voipbin_mock_areas") or config.getini("voipbin_mock_areas")
        self._notes: list[str] = []
        self._lines: list[str] = []
        self._collector: Collector = Collector()
        self._before = COLLECTOR.get()
        COLLECTOR.set(self._collector)

    def pytest_unconfigure(self) -> None:
        from voipbin_mock.insight.coverage import COLLECTOR

        COLLECTOR.set(self._before)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, Any, None]:
        self._skipped = False
        self._collector.end_test(counts=False)  # whatever came between two tests is no test's
        yield
        self._collector.end_test(counts=not self._skipped)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, None]:
        outcome = yield
        report = outcome.get_result()
        if report.skipped and not hasattr(report, "wasxfail"):  # a test that fails as expected did run
            self._skipped = True

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        counts = getattr(node, "workeroutput", {}).get(_NAME)
        if counts is None:
            self._notes.append("a worker did not end in order; what it exercised is missing here")
        else:
            self._collector.total.merge(counts)
            self._areas = [*self._areas, *node.workeroutput[_MODULES]]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_NAME] = self._collector.total.as_dict()
            output[_MODULES] = [area.module for area in self._collector.areas if area.module]
            return
        if self._config.getoption("collectonly", False):
            return
        from voipbin_mock import catalog
        from voipbin_mock.insight.coverage import surface_of
        from voipbin_mock.insight.coverage_report import Report
        from voipbin_mock.insight.shares import shown_share
        from voipbin_mock.wire.errors import MockUsageError

        try:
            known = catalog.having(dict.fromkeys([*map(catalog.area, self._areas), *self._collector.areas]))
        except MockUsageError as error:  # a worker found it, and this process does not; or two have one name
            self._notes.append(f"areas of your own are left out: {error}")
            known = catalog.default()
        report = Report(surface_of(known), self._collector.total)
        failed = False
        for kind in self._reports:
            name, _, path = kind.partition(":")
            if name == "term":
                self._lines += report.text()
                continue
            target = self._config.invocation_params.dir / path
            try:
                _write(target, report.json() if name == "json" else report.html())
                self._notes.append(f"{name} written to {path}")
            except OSError as error:
                failed = True
                self._notes.append(f"{name} could not be written to {path}: {error.strerror}")
        if self._least is not None and report.percent < self._least:
            failed = True
            shown = shown_share(report.covered, report.total)
            self._notes.append(f"FAIL: {shown} of the API was exercised, at least {self._least:g} % is asked for")
        if self._of_flows is not None and report.flows.percent < self._of_flows:
            failed = True
            shown = shown_share(report.flows.covered, report.flows.total)
            self._notes.append(f"FAIL: {shown} of the flows was taken, at least {self._of_flows:g} % is asked for")
        if failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._lines or self._notes:
            terminalreporter.section(_SHARE)
            for line in (*self._lines, *self._notes):
                terminalreporter.line(line)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
