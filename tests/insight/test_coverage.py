"""Coverage of the API: counted exactly, per test, per world, and in any number of processes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from threading import Thread
from typing import Any

import pytest

from voipbin_mock import Mock, MockUsageError, Resource, catalog
from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.crud import operations
from voipbin_mock.insight.coverage import KINDS, Counting, surface_of

Run = Callable[..., pytest.RunResult]

TOYS = Resource(
    "toys",
    schema={
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {
            "create": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "color": {"type": "string", "enum": ["red", "blue"]},
                    "owner": {"x-kind": "address", "type": "object", "properties": {"type": {"enum": ["", "tel"]}}},
                },
            },
            "record": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "x-kind": "uuid"},
                    "customer_id": {"type": "string", "x-kind": "uuid"},
                    "name": {"type": "string"},
                    "tm_create": {"type": "string", "x-kind": "stamp"},
                    "tm_update": {"type": "string", "x-kind": "stamp"},
                    "tm_delete": {"type": "string", "x-kind": "stamp"},
                },
            },
        },
    },
)


AREA = Area("toys", operations(TOYS, plain=("create", "get")))


@pytest.fixture
def toys() -> Mock:
    return Mock(areas=[AREA], ignore="all", coverage=True)


def exercised(mock: Mock, kind: str) -> dict[str, int]:
    report = mock.coverage()
    (found,) = [k for k in report.kinds if k.name == kind]
    return {report.name(kind, key): count for key, count in found.counts.items() if count}


def test_a_known_set_of_calls_is_counted_exactly(toys: Mock) -> None:
    toys.client.post("/v1.0/toys", json={"name": "a", "color": "red", "owner": {"type": "tel"}})
    toys.client.post("/v1.0/toys", json={"name": "b", "color": "green"})
    toys.client.get("/v1.0/toys/00000000-0000-4000-8000-000000000000")
    toys.client.get("/v1.0/nowhere")
    assert exercised(toys, "operations") == {"POST /v1.0/toys": 2, "GET /v1.0/toys/{id}": 1}
    assert exercised(toys, "members") == {
        "POST /v1.0/toys /name": 2,
        "POST /v1.0/toys /color": 2,
        "POST /v1.0/toys /owner": 1,
        "POST /v1.0/toys /owner/type": 1,
    }
    assert exercised(toys, "values") == {'POST /v1.0/toys /color "red"': 1, 'POST /v1.0/toys /owner/type "tel"': 1}
    assert exercised(toys, "reasons") == {"INVALID_ARGUMENT": 1, "TOY_NOT_FOUND": 1, "ROUTE_NOT_FOUND": 1}


def test_operations_are_told_by_area(toys: Mock) -> None:
    toys.client.get("/v1.0/tags")
    toys.client.get("/v1.0/toys/00000000-0000-4000-8000-000000000000")
    report = toys.coverage()
    lines = list(report.text())
    met = [line.split()[0] for line in lines if line.startswith("  ")]
    assert met == ["accounts", "toys"]
    (missing,) = [line for line in lines if line.startswith("operations not exercised: ")]
    assert "GET /v1.0/accesskeys," in missing, "of areas that were met"
    (others,) = [line for line in lines if line.startswith("areas of which no operation was exercised: ")]
    assert "ai_jobs, ais, billing, calls" in others
    assert report.as_dict()["areas"]["accounts"]["covered"] == 1
    assert "<th colspan=3 scope=rowgroup>ais: 0 of" in report.html()


def test_the_shares_are_exact(toys: Mock) -> None:
    everything = sum(len(surface_of(catalog_of(toys.world)).all_of(kind)) for kind in KINDS)
    toys.client.post("/v1.0/toys", json={"color": "red"})
    report = toys.coverage()
    assert (report.covered, report.total) == (3, everything)
    assert report.percent == 100 * 3 / everything
    document = report.as_dict()
    assert document["total"] == {"covered": 3, "total": everything, "percent": round(300 / everything, 4)}
    assert [item for item in document["values"]["items"] if item["count"]] == [
        {"operation": "toys.create", "call": "POST /v1.0/toys", "member": "/color", "value": "red", "count": 1}
    ]


def test_a_body_nobody_looked_at_does_not_count(toys: Mock) -> None:
    toys.anonymous.post("/v1.0/toys", json={"name": "a"})
    assert exercised(toys, "operations") == {"POST /v1.0/toys": 1}
    assert exercised(toys, "members") == {}
    assert exercised(toys, "reasons") == {"AUTHENTICATION_REQUIRED": 1}


def test_all_that_is_mocked_is_counted_and_nothing_else() -> None:
    surface = surface_of(catalog.default())
    labels = {operation.label for operation in surface.operations.values()}
    assert {"POST /v1.0/outplans", "POST /auth/login", "GET /ping", "PUT /v1.0/outplans/{id}/dial_info"} <= labels
    assert not [label for label in labels if "__mock__" in label or "/v1.0/auth/boot" in label]
    members = surface.all_of("members")
    assert ("outplans.create", "/source/target") in members
    assert ("agents.create", "/addresses/*/target") in members
    assert ("numbers.create", "/type", '"virtual"') in surface.all_of("values")
    assert {("OUTPLAN_NOT_FOUND",), ("RATE_LIMIT_EXCEEDED",)} <= set(surface.all_of("reasons"))
    for kind in KINDS:
        assert len(surface.all_of(kind)) == len(set(surface.all_of(kind)))


def test_nothing_is_counted_unless_asked_for() -> None:
    with Mock() as mock:
        mock.client.get("/v1.0/outplans")
        assert mock.world.has(Counting) is None
        with pytest.raises(MockUsageError, match="coverage=True"):
            mock.coverage()
        assert mock.client.get("/__mock__/coverage", headers={"Host": "localhost"}).status_code == 409


def test_two_mocks_count_apart_and_many_threads_together() -> None:
    first, second = Mock(coverage=True), Mock(coverage=True)
    threads = [Thread(target=lambda: [first.client.get("/v1.0/outplans") for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert exercised(first, "operations") == {"GET /v1.0/outplans": 100}
    assert exercised(second, "operations") == {}


def test_the_control_api_tells_it_and_starts_over() -> None:
    with Mock(coverage=True) as mock:
        mock.client.get("/ping")
        mock.reset()
        local = {"Host": "localhost"}
        told = mock.anonymous.get("/__mock__/coverage", headers=local).json
        assert told == mock.coverage().as_dict()
        assert told["operations"]["covered"] == 1
        assert mock.anonymous.delete("/__mock__/coverage", headers=local).status_code == 200
        assert mock.coverage().covered == 0


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


def test_the_page_is_one_file_that_fetches_nothing(toys: Mock) -> None:
    toys.client.post("/v1.0/toys", json={"name": "a"})
    text = toys.coverage().html()
    tags = Page(text).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "img", "iframe", "object"}
    assert not [value for _, attributes in tags for name, value in attributes.items() if name in ("src", "href")]
    assert "url(" not in text
    assert "@import" not in text
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in tags
    assert "<code>POST /v1.0/toys /owner/type &quot;tel&quot;</code>" in text


# --- the plugin ------------------------------------------------------------------------------------

SUITE = """
import pytest
from voipbin_mock import Mock

def test_lists(voipbin):
    voipbin.client.get("/v1.0/outplans")

def test_makes_its_own():
    with Mock(ignore="all") as mock:
        mock.client.post("/v1.0/tags", json={"name": "a"})

@pytest.fixture(scope="module")
def shared():
    return Mock()

def test_shared_one(shared):
    shared.client.get("/ping")

def test_shared_two(shared):
    shared.client.get("/v1.0/me")

def test_skipped_in_the_middle(voipbin, shared):
    voipbin.client.get("/v1.0/numbers")
    shared.client.get("/v1.0/agents")
    pytest.skip("no")

@pytest.mark.skip
def test_skipped(voipbin):
    voipbin.client.get("/v1.0/flows")

@pytest.mark.xfail(strict=True)
def test_expected_to_fail(voipbin):
    assert voipbin.anonymous.get("/v1.0/queues").status_code == 200
"""
OPERATIONS = {
    "GET /v1.0/outplans": 1,
    "POST /v1.0/tags": 1,
    "GET /ping": 1,
    "GET /v1.0/me": 1,
    "GET /v1.0/queues": 1,
}


def counted(path: Any) -> dict[str, Any]:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document.pop("format") == "voipbin-mock-coverage"
    return document  # type: ignore[no-any-return]


def of_operations(document: dict[str, Any]) -> dict[str, int]:
    return {item["call"]: item["count"] for item in document["operations"]["items"] if item["count"]}


def test_a_run_is_reported_as_table_json_and_page(run: Run, pytester: pytest.Pytester) -> None:
    result = run(
        SUITE,
        "--voipbin-mock-cov-report=term",
        "--voipbin-mock-cov-report=json:out/cov.json",
        "--voipbin-mock-cov-report=html:out/cov.html",
    )
    result.assert_outcomes(passed=4, skipped=2, xfailed=1)
    document = counted(pytester.path / "out" / "cov.json")
    assert of_operations(document) == OPERATIONS
    figures = document["operations"]
    assert figures["covered"] == 5
    result.stdout.fnmatch_lines(
        ["*= voipbin-mock coverage =*", f"operations *5 of *{figures['total']}*%", "request members*", "total*"]
    )
    result.stdout.fnmatch_lines(["json written to out/cov.json", "html written to out/cov.html"])
    assert "<!DOCTYPE html>" in (pytester.path / "out" / "cov.html").read_text(encoding="utf-8")


def test_workers_count_as_one_process_does(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(SUITE, test_other=SUITE)
    # Not every plugin that happens to be installed: each process loads them anew.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    documents = []
    for name, more in (("serial", ()), ("parallel", ("-n", "2"))):
        arguments = (
            "-q",
            "-p",
            "voipbin_mock.pytest_plugin",
            "-p",
            "xdist.plugin",
            "--voipbin-mock-cov",
            f"--voipbin-mock-cov-report=json:{name}.json",
        )
        result = pytester.runpytest_subprocess(*arguments, *more)
        result.assert_outcomes(passed=8, skipped=4, xfailed=2)
        documents.append(counted(pytester.path / f"{name}.json"))
    assert documents[0] == documents[1]
    assert of_operations(documents[1]) == {label: 2 * count for label, count in OPERATIONS.items()}


OWN_AREA = """
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import action
from voipbin_mock.wire.values import json_reply
AREA = Area("talks", action("GET /talks", "talks.list", lambda world, request: json_reply({})))
"""


@pytest.mark.parametrize("by", ["marker", "flag"])
def test_an_area_of_ones_own_counts_in_workers(
    by: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(own_area=OWN_AREA)
    marker = "@pytest.mark.voipbin(areas=['own_area'])\n" if by == "marker" else ""
    pytester.makepyfile(f"import pytest\n{marker}def test_it(voipbin):\n    voipbin.client.get('/v1.0/talks')\n")
    flags = [] if marker else ["--voipbin-mock-areas=own_area"]
    plugins = ("-p", "voipbin_mock.pytest_plugin", "-p", "xdist.plugin")
    result = pytester.runpytest_subprocess(*plugins, *flags, "-n1", "--voipbin-mock-cov-report=json:a.json")
    result.assert_outcomes(passed=1)
    assert of_operations(counted(pytester.path / "a.json")) == {"GET /v1.0/talks": 1}


@pytest.mark.parametrize("by", ["marker", "flag"])
def test_an_area_of_ones_own_counts(by: str, run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(own_area=OWN_AREA)
    marker = "@pytest.mark.voipbin(areas=['own_area'])\n" if by == "marker" else ""
    flags = [] if marker else ["--voipbin-mock-areas=own_area"]
    pytester.syspathinsert()
    result = run(
        f"import pytest\n{marker}def test_it(voipbin):\n    voipbin.client.get('/v1.0/talks')\n",
        *flags,
        "--voipbin-mock-cov-report=json:a.json",
    )
    result.assert_outcomes(passed=1)
    assert of_operations(counted(pytester.path / "a.json")) == {"GET /v1.0/talks": 1}


@pytest.mark.parametrize(("least", "code"), [("0", 0), ("0.1", 0), ("99.5", 1)])
def test_too_little_fails_the_run(run: Run, least: str, code: int) -> None:
    result = run(SUITE, f"--voipbin-mock-cov-fail-under={least}")
    assert result.ret == code
    told = re.search(r"FAIL: .* % of the API was exercised, at least 99.5 % is asked for", result.stdout.str())
    assert bool(told) == bool(code)


def test_collecting_alone_is_no_failure(run: Run) -> None:
    result = run(SUITE, "--voipbin-mock-cov-fail-under=99", "--collect-only")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*voipbin-mock coverage*")


def test_without_the_flag_nothing_is_said_or_counted(run: Run) -> None:
    result = run(
        "from voipbin_mock.insight.coverage import Counting\n"
        "def test_it(voipbin):\n    assert voipbin.world.has(Counting) is None\n"
    )
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*voipbin-mock coverage*")


def test_the_ini_file_may_ask_for_it(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvoipbin_mock_cov = true\nvoipbin_mock_cov_report = json:a.json term\n")
    result = run(SUITE)
    result.stdout.fnmatch_lines(["*= voipbin-mock coverage =*"])
    assert of_operations(counted(pytester.path / "a.json")) == OPERATIONS


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--voipbin-mock-cov-report=xml:a", "'xml:a' is none of term, json:PATH, html:PATH"),
        ("--voipbin-mock-cov-report=json", "'json' is none of"),
        ("--voipbin-mock-cov-fail-under=most", "'most' is no share from 0 to 100"),
        ("--voipbin-mock-cov-fail-under=101", "'101' is no share from 0 to 100"),
    ],
)
def test_an_option_that_cannot_be_is_refused(run: Run, flag: str, told: str) -> None:
    result = run("def test_it():\n    pass\n", flag)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{told}*"])


def test_a_report_that_cannot_be_written_fails_and_says_so(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "taken").write_text("", encoding="utf-8")
    result = run(SUITE, "--voipbin-mock-cov-report=json:taken/a.json")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["json could not be written to taken/a.json: *"])
