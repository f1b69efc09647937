"""Nothing grows with what an attacker or a long run chooses: each expression, glob and log is here, with its bound."""

from __future__ import annotations

import ast
import gc
import json
import re
import sys
import warnings
from collections.abc import Iterator
from fnmatch import translate
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.support.regex_steps import Matcher, TooManySteps, constants, worst_growth
from voipbin_mock import Mock, VoIPBINWarning
from voipbin_mock.edge.observing import observe
from voipbin_mock.trouble.faults import MOST_PLANS, PlannedFaults
from voipbin_mock.wire.matching import PathPattern
from voipbin_mock.world.bus import MOST_RAISED
from voipbin_mock.world.clock import Clock
from voipbin_mock.world.store import MOST_CHANGED, Table
from voipbin_mock.world.timers import FEW, Timers

ROOT = Path(__file__).parents[2] / "voipbin_mock"
MOST_GROWTH = 2.5  # of the work, for twice the text

# Module, name -> how it is used: "search" goes through all of a text, "match" begins at its beginning.
EXPRESSIONS = {
    "api.lists _INTEGER": "match",
    "api.routing _PARAMETER": "search",
    "areas.accounts.addresses FICTIONAL": "match",
    "areas.ai_jobs.languages _LANGUAGE": "match",
    "areas.calls.controls _BARE": "search",
    "areas.calls.transcribing _PART": "match",
    "areas.calls.transcribing _PRIMARY": "match",
    "areas.calls.voice HASH": "match",
    "areas.campaigns.plan _EMERGENCY": "match",
    "areas.campaigns.plan _SHORT": "match",
    "areas.flows.lint_paths _SPOKEN": "search",
    "areas.routing.numbers VIRTUAL": "match",
    "areas.routing.trunks _DOMAIN": "match",
    "areas.service_agents.cases _SINCE": "match",
    "areas.webchat.themes _COLOR_FORM": "match",
    "contract.answers _DOCUMENTED_STAMP": "match",
    "contract.answers _REQUEST_ID": "match",
    "contract.answers _SERVER_STAMP": "match",
    "contract.answers _SERVER_TOKEN": "match",
    "contract.answers _WORD": "search",
    "contract.casefiles _HEADER_NAME": "match",
    "contract.comparison _INDEX": "search",
    "contract.filling VARIABLE": "search",
    "contract.recordings _METHOD": "match",
    "contract.recordings _NOT_KEPT": "search",
    "contract.recordings _PAGES": "match",
    "contract.secrecy _LOOKS_SECRET": "search",
    "control.requests _STATUS": "match",
    "delivery.posting _HOST": "match",
    "edge.bundle _DESCRIBED": "match",
    "edge.control_door _HOST": "match",
    "edge.pipeline _REQUEST_ID": "match",
    "edge.routes _NOT_A_NAME": "search",
    "edge.routes _PARAMETER": "search",
    "insight.copies _OWN_HEADERS": "match",
    "insight.expectations _METHOD": "match",
    "server.request_parser _CONTROL": "search",
    "server.request_parser _REQUEST_LINE": "match",
    "server.request_parser _TOKEN": "match",
    "wire.durations _PART": "match",
    "wire.matching _ADDRESS": "search",
    "wire.matching _WILDCARD": "search",
    "wire.redaction _AUTHORIZATION": "search",
    "wire.redaction _FORMS": "search",
    "wire.redaction _HTML": "search",
    "wire.redaction _HTML_ESCAPES": "search",
    "wire.redaction _NAMED": "search",
    "wire.redaction _NOT_LETTERS": "search",
    "wire.redaction _PAIRS": "search",
    "wire.redaction _QUOTED": "search",
    "wire.redaction _STRINGS": "search",
    "wire.redaction _VALUE": "match",
    "wire.redaction _WORD": "search",
    "wire.stamps _STAMP": "match",
    "wire.values _CANONICAL_UUID": "match",
    "wire.values _ESCAPED": "search",
    "wire.values _SURROGATE": "search",
    "world.sessions _KEY": "match",
}
# Those written where they are used: the expression is counted if it is a plain text, else the reason stands here.
IN_PLACE = {
    "api.operations mirror": "globs of an area's author, over the names of operations",
    "api.scripting script": "a glob over addresses, counted below",
    "areas.calls.phones _plain_number": "one class of characters",
    "command.ctl _SHELL_WORDS": "our own messages alone",
    "contract.casebook _matching": "globs of who runs the cases, over their names",
    "contract.casefiles _method": "one class of characters",
    "contract.casefiles pattern": "only compiled: whether it is an expression",
    "contract.promises _is_pattern": "only compiled: whether it is an expression",
    "contract.promises _is_text": "an expression of who writes the case file",
    "contract.secrecy _pieces": "one class of characters: how secrets begin",
    "contract.secrecy without_userinfo": "a URL of who runs the cases",
    "delivery.tricks takes": "a glob over event types, which the mock itself makes and are short",
    "edge.routes endpoint_of": "one class of characters",
    "insight.copies _python": "one class of characters, over the name of an operation",
    "insight.expectations status_fits": "a status of three characters, over a status",
    "openapi.document _path_parameters": "the paths of the catalog",
    "openapi.samples _fits": "the forms of the catalog's schemas, over its own samples",
    "pytest_plugin _write_bundle": "one class of characters",
    "schema.checks _leaf": "the patterns of the schemas, counted below",
    "schema.checks _pattern": "the patterns of the schemas, counted below",
    "wire.matching __init__": "a path pattern, counted below",
    "wire.matching _fold": "one class of characters",
    "wire.matching _simple": "a path pattern, counted below",
    "wire.values _uuid_forms": "no repeats without an end",
    "world.seed_files _listed": "the files of one directory",
    "world.seed_files _paths": "the files of one directory",
}


def used(source: str) -> Iterator[str]:
    """Where expressions and globs are made use of: the constant that holds one, or the function around it."""

    def walk(node: ast.AST, name: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            inner = name
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = child.name
            elif isinstance(child, ast.Assign) and not name:
                inner = getattr(child.targets[0], "id", "")
            if isinstance(child, ast.Call) and _is_matching(child.func):
                yield inner
            yield from walk(child, inner)

    yield from walk(ast.parse(source), "")


def _is_matching(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re":
        return called.attr != "escape"
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in ("fnmatchcase", "fnmatch", "glob", "rglob") or (name == "translate" and isinstance(called, ast.Name))


def _endless(nodes: Any) -> bool:
    """Whether anything in an expression is repeated without an end: without, each start costs at most so much."""
    for kind, argument in nodes:
        if kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
            if argument[1] > 100 or _endless(argument[2]):
                return True
        else:
            inner = argument[1] if kind is constants.BRANCH else ()
            if kind in (constants.ASSERT, constants.ASSERT_NOT):
                inner = [argument[1]]
            elif kind is constants.SUBPATTERN:
                inner = [argument[3]]
            elif kind == getattr(constants, "ATOMIC_GROUP", None):
                inner = [argument]
            if any(map(_endless, inner)):
                return True
    return False


def growth(pattern: str | bytes, flags: int, how: str) -> float:
    if how == "match":  # to the very end, so that all there is to try is tried
        pattern = f"(?:{pattern.decode('latin-1') if isinstance(pattern, bytes) else pattern})\\Z"
    elif not _endless(Matcher(pattern, flags).tree):
        return 2.0
    return worst_growth(pattern, flags & ~re.UNICODE, how == "search", 16 if how == "search" else 20)[0]


def test_every_expression_and_glob_is_listed() -> None:
    found = {
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)} {name}"
        for path in ROOT.rglob("*.py")
        for name in used(path.read_text(encoding="utf-8"))
    }
    assert found == EXPRESSIONS.keys() | IN_PLACE.keys()


def test_one_that_is_not_listed_is_found() -> None:
    source = "import re\nA = re.compile('a')\ndef f(x):\n    return re.sub('b', '', x) + str(fnmatchcase(x, '*'))\n"
    assert list(used(source)) == ["A", "f", "f"]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_twice_the_text_is_at_most_so_much_more_work(name: str) -> None:
    module, constant = name.split()
    expression = getattr(import_module(f"voipbin_mock.{module}"), constant)
    source = Path(import_module(f"voipbin_mock.{module}").__file__ or "").read_text(encoding="utf-8")
    searched = re.search(rf"\b{constant}\.(search|sub|findall|finditer|split)\(", source)
    assert EXPRESSIONS[name] == "search" or searched is None, "it is said to begin at the beginning"
    assert growth(expression.pattern, expression.flags, EXPRESSIONS[name]) <= MOST_GROWTH


@pytest.mark.parametrize(
    ("pattern", "how"),
    [
        ("(a+)+b", "match"),
        (r"\s*(\d+)\s*(ms|s)", "search"),
        (r'([\w.-]+)"?\s?[=:]\s?"', "search"),  # names that may begin within a name
        ("(?s:.*?a.*?a.*?a.*b)", "match"),
        (r'"((?:[^"\\]|\\.)*)"', "search"),  # a text that does not end is begun at each quote
    ],
)
def test_what_is_known_to_be_bad_is_found(pattern: str, how: str) -> None:
    assert growth(pattern, 0, how) > MOST_GROWTH


def _patterns(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        yield from schema["patternProperties"] if isinstance(schema.get("patternProperties"), dict) else ()
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _patterns(inner)


def test_the_patterns_of_the_schemas_are_as_well_behaved() -> None:
    files = [*ROOT.rglob("*.schema.json"), *(ROOT.parent / "schemas").rglob("*.json")]
    found = {pattern for path in files for pattern in _patterns(json.loads(path.read_text(encoding="utf-8")))}
    assert found, "the schemas have patterns"
    assert {pattern for pattern in found if growth(pattern, 0, "search") > MOST_GROWTH} == set()


# --- globs: counted in the lines that Python runs ----------------------------------------------------


def lines_run(pattern: PathPattern, path: str) -> int:
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        pattern.fullmatch(path)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("glob", ["/**/**/**/**/x", "/*a*a*a*b", "/{a}{b}{c}x", "/a**b**c", "/**"])
def test_a_path_pattern_looks_at_a_path_once(glob: str) -> None:
    pattern = PathPattern(glob)
    for piece in ("/a", "a", "/", "/x/b"):
        assert lines_run(pattern, "/" + piece * 80) <= MOST_GROWTH * (lines_run(pattern, "/" + piece * 40) + 20)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before, a glob becomes another expression of the same meaning")
@pytest.mark.parametrize("glob", ["+1*", "*5*5*5", "+1?*?*9", "***"])
def test_a_glob_over_numbers_is_as_well_behaved(glob: str) -> None:
    matcher = Matcher(translate(glob), 0)
    for piece in ("5", "+15", "9"):
        try:
            short, long = (matcher.work(piece * n, search=False) for n in (20, 40))
        except TooManySteps:
            pytest.fail(f"{glob} over {piece}")
        assert long <= MOST_GROWTH * (short + 100)


# --- logs and what is kept ---------------------------------------------------------------------------

BOUNDS = {
    "delivery.attempts": {"MOST_LANES": 32, "MOST_IN_LINE": 1000, "MOST_BYTES": 32 << 20},
    "delivery.lanes": {"MOST_STUCK": 8},
    "delivery.log": {"MOST_BYTES": 32 << 20, "MOST_URLS": 256},
    "delivery.tricks": {"MOST_TRICKS": 1000, "MOST_HELD": 1000, "MOST_HELD_BYTES": 32 << 20},
    "delivery.webhooks": {"MOST_PUT_OFF": 10_000, "MOST_PUT_OFF_BYTES": 32 << 20},
    "delivery.websockets": {"MOST_FRAMES": 2000, "MOST_WAITING": 16 << 20, "MOST_REFUSED": 20, "MAX_TOPICS": 1000},
    "trouble.faults": {"MOST_PLANS": 1000},
    "trouble.limits": {"MOST_BUCKETS": 10_000},
    "world.bus": {"MOST_RAISED": 20, "MOST_BYTES": 32 << 20},
    "world.sessions": {"MOST_SESSIONS": 256, "MOST_ON_TRIAL": 16},
    "world.store": {"MOST_CHANGED": 10_000},
}


@pytest.mark.parametrize("module", BOUNDS)
def test_what_is_kept_has_a_bound(module: str) -> None:
    holds = vars(import_module(f"voipbin_mock.{module}"))
    assert {name: holds[name] for name in BOUNDS[module]} == BOUNDS[module]


def test_a_long_run_keeps_the_newest_requests_alone() -> None:
    with Mock(journal_size=5, ignore="all") as mock:
        for number in range(20):
            mock.client.post("/v1.0/tags", json={"name": f"n{number}", "detail": ""})
        assert len(list(mock.journal)) == 5
        assert mock.world.bus.log.most == 5
        assert len(mock.world.bus.log) <= 5


def test_what_a_table_tells_of_is_forgotten_before_it_grows_large() -> None:
    table = Table("things")
    table.changed = []
    table.insert({"id": "a", "tm_create": "", "tm_delete": None}, "me")
    for _ in range(MOST_CHANGED + 10):
        table.replace(table._rows["a"].data)
    assert table.changed is None or len(table.changed) <= MOST_CHANGED


def test_timers_that_were_called_off_leave_the_heap() -> None:
    timers = Timers(lambda: 0)
    for _ in range(FEW * 20):
        timers.cancel(timers.call_in(1000, "any"))
    assert len(timers._heap) <= FEW


def test_a_clock_that_many_worlds_shared_forgets_those_that_are_gone() -> None:
    clock = Clock()

    class Runner:
        def next_due(self) -> None: ...

    for _ in range(50):
        clock.attach(Runner())  # type: ignore[arg-type]
        gc.collect(0)
    assert len(clock._runners) <= 2


def test_plans_that_were_missed_are_so_many_at_most() -> None:
    with Mock(ignore="all") as mock:
        plans = mock.world.part(PlannedFaults)
        for _ in range(MOST_PLANS + 5):
            plans.remove(plans.add({"kind": "reset", "on": "GET /v1.0/tags"}), report=True)
        assert len(plans.missed) == MOST_PLANS
        plans.clear()


def test_of_errors_of_receivers_a_few_are_kept() -> None:
    with Mock(ignore="all") as mock:
        for number in range(MOST_RAISED * 3):
            mock.world.bus.put_off(AssertionError(number))
        assert [str(error) for error in mock.world.bus.raised] == [str(number) for number in range(MOST_RAISED)]
        mock.world.bus.raised.clear()


def test_of_warnings_put_off_the_first_is_kept() -> None:
    class Finding:
        def as_warning(self, where: str) -> VoIPBINWarning:
            return VoIPBINWarning(where)

    class Told:
        method, path, http_code, warnings = "GET", "/tags", 200, (Finding(),) * 10

    deferred: list[VoIPBINWarning] = []
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("error")
        patch.setattr("voipbin_mock.edge.observing.is_served", lambda environ: True)
        observe(deferred, {}, Told())  # type: ignore[arg-type]
    assert len(deferred) == 1
