"""Case files with mistakes: each is told with its file and place, the other cases are used, nothing is passed over."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.support.contracting import fresh
from voipbin_mock.command import main as cli
from voipbin_mock.contract import CaseError, Runner
from voipbin_mock.contract.case import Case
from voipbin_mock.contract.casebook import load
from voipbin_mock.schema import files

STEP = {"ask": "GET /v1.0/outplans"}


def document(*steps: dict[str, Any], values: Any = None, **case: Any) -> dict[str, Any]:
    fine = {"name": "fine", "effect": "reads", "steps": [{"ask": "GET /ping", "as": "none"}]}
    odd = {"name": "odd", "effect": "writes", "steps": list(steps) or [STEP], **case}
    shared = {} if values is None else {"values": values}
    return {"format": "voipbin-contract-cases", "version": 1, "about": "mine", **shared, "cases": [odd, fine]}


def written(folder: Path, content: Any) -> Path:
    path = folder / "mine.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_the_projects_own_case_files_are_what_the_schema_of_case_files_says() -> None:
    """Whoever runs them need not look."""
    schema = json.loads((files.package() / "contract" / "cases.schema.json").read_text(encoding="utf-8"))
    check = Draft202012Validator({**schema, "$ref": "#/$defs/case"})
    paths = {Path(case.source) for case in load()}
    assert len(paths) > 20
    for path in paths:
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            assert not [error.message for error in check.iter_errors(case)], f"{path}: {case['name']}"


def expecting(matcher: Any) -> dict[str, Any]:
    return document({**STEP, "expect": {"body": {"result": matcher}}})


STEPS, EXPECT = "/cases/0/steps/0", "/cases/0/steps/0/expect/body/result"
MISTAKES: dict[str, tuple[Any, str, str]] = {
    "a query in the path": (document({"ask": "GET /v1.0/outplans?page_size=2"}), f"{STEPS}/ask", "`query`"),
    "a query in a value": (
        document({"ask": "GET ${where}"}, values={"where": "/v1.0/outplans?x=1"}),
        f"{STEPS}/ask",
        "`query`",
    ),
    "a fragment": (document({"ask": "GET /v1.0/outplans#x"}), f"{STEPS}/ask", "no #"),
    "a path that is a number": (document({"ask": "GET ${n}"}, values={"n": 7}), f"{STEPS}/ask", "no path"),
    "a method that is a number": (document({"ask": "${n} /x"}, values={"n": 7}), f"{STEPS}/ask", "no method"),
    "a text for a number of items": (expecting({"$at_most": "two"}), f"{EXPECT}/$at_most", "a number of items"),
    "true for a number of items": (expecting({"$at_most": True}), f"{EXPECT}/$at_most", "a number of items"),
    "a number for choices": (expecting({"$one_of": 5}), f"{EXPECT}/$one_of", "an array"),
    "no choice": (expecting({"$one_of": []}), f"{EXPECT}/$one_of", "an array"),
    "a day for a moment": (expecting({"$after": "yesterday"}), f"{EXPECT}/$after", "takes a moment"),
    "a number for a moment": (expecting({"$same_moment": 7}), f"{EXPECT}/$same_moment", "takes a moment"),
    "a number for a pattern": (expecting({"$text": 7}), f"{EXPECT}/$text", "a regular expression"),
    "a bad pattern in a value": (
        document({**STEP, "expect": {"body": {"x": {"$text": "${p}"}}}}, values={"p": "("}),
        f"{STEPS}/expect/body/x/$text",
        "no regular expression",
    ),
    "false for a matcher": (expecting({"$uuid": False}), f"{EXPECT}/$uuid", "takes true"),
    "a matcher with company": (expecting({"$at_most": 1, "b": 2}), f"{EXPECT}/$at_most", "stands alone"),
    "a text to merge": (document({"ask": "POST /x", "body": {"$merge": "x"}}), f"{STEPS}/body/$merge", "an array"),
    "a number to merge": (document({"ask": "POST /x", "body": {"$merge": [1]}}), f"{STEPS}/body/$merge/0", "no object"),
    "a value to merge that is none": (
        document({"ask": "POST /x", "body": {"$merge": ["${v}"]}}, values={"v": "x"}),
        f"{STEPS}/body",
        "of objects",
    ),
    "a number left out": (
        document({"ask": "POST /x", "body": {"$without": [{}, 1]}}),
        f"{STEPS}/body/$without/1",
        "no name",
    ),
    "a matcher in a request": (
        document({"ask": "POST /x", "body": {"a": {"$uuid": True}}}),
        f"{STEPS}/body/a/$uuid",
        "",
    ),
    "a value that names itself": (document(values={"a": "${a}"}), "/values/a", "a -> a"),
    "values in a circle": (document(values={"a": "${b}", "b": {"c": ["${a}"]}}), "/values/a", "a -> b -> a"),
    "a circle by a variant": (
        document(values={"a": "${b}"}, each=[{"label": "x", "b": "${a}"}]),
        "/cases/0/each/0/a",
        "names itself",
    ),
    "values that explode": (
        document(values={f"v{n}": f"${{v{n + 1}}}" * 9 for n in range(12)}),
        "/values/v0",
        "too long",
    ),
    "a line break in a header": (
        document({**STEP, "headers": {"X-A": "a\r\nX-B: b"}}),
        f"{STEPS}/headers/X-A",
        "break",
    ),
    "a header's odd name": (document({**STEP, "headers": {"X A": "a"}}), f"{STEPS}/headers/X A", "no name"),
    "a header beyond Latin-1": (document({**STEP, "headers": {"X-A": "\u2028"}}), f"{STEPS}/headers/X-A", "Latin-1"),
    "an unknown member in cleanup": (
        document(cleanup=[{"ask": "DELETE /x", "boddy": {}}]),
        "/cases/0/cleanup/0/boddy",
        "unknown member",
    ),
    "an expectation in cleanup": (
        document(cleanup=[{"ask": "DELETE /x", "expect": {}}]),
        "/cases/0/cleanup/0/expect",
        "unknown member",
    ),
    "an object in a query": (document({**STEP, "query": {"a": {"b": 1}}}), f"{STEPS}/query/a", "expected"),
    "true in a query": (document({**STEP, "query": {"a": True}}), f"{STEPS}/query/a", "expected"),
    "null in a query": (document({**STEP, "query": {"a": [None]}}), f"{STEPS}/query/a", "expected"),
    "an object by name in a query": (
        document({**STEP, "query": {"a": "${o}"}}, values={"o": {"b": 1}}),
        f"{STEPS}/query/a",
        "neither a text",
    ),
    "a name known nowhere": (
        document({"ask": "GET /v1.0/outplans/${nosuch}"}),
        f"{STEPS}/ask",
        "nothing gives ${nosuch}",
    ),
    "a name in a body": (document({"ask": "POST /x", "body": {"a": ["${nosuch}"]}}), f"{STEPS}/body", "${nosuch}"),
    "a name by way of a value": (
        document({"ask": "POST /x", "body": "${v}"}, values={"v": "${nosuch}"}),
        f"{STEPS}/body",
        "${nosuch}",
    ),
    "a name that is kept too late": (
        document({"ask": "GET /v1.0/tags/${id}", "keep": {"id": "/id"}}),
        f"{STEPS}/ask",
        "no earlier step keeps it",
    ),
    "a name in what differs": (
        document({**STEP, "differs": [{"point": "D1", "documented": {}, "server": {"body": "${no}"}}]}),
        f"{STEPS}/differs",
        "${no}",
    ),
    "a name in cleanup": (document(cleanup=[{"ask": "DELETE /x/${gone}"}]), "/cases/0/cleanup/0/ask", "${gone}"),
    "a name nobody can write": (document({**STEP, "keep": {"my-id": "/id"}}), f"{STEPS}/keep", "letters, digits"),
    "half a pair": (
        json.dumps(document({"ask": "POST /x", "body": {"a": "\ud800"}})),
        f"{STEPS}/body/a",
        "surrogate",
    ),
    "a member twice": (
        json.dumps(document()).replace('"effect": "writes"', '"effect": "reads", "effect": "writes"'),
        "/cases/0/effect",
        "twice",
    ),
    "a number beyond all": (json.dumps(document(values={"n": 0})).replace(": 0", ": 1e999"), "/values/n", "too large"),
    "no number": (json.dumps(document(values={"n": 0})).replace(": 0", ": NaN"), "not JSON", "NaN"),
    "too deep": (
        json.dumps(document(values={"n": 0})).replace(": 0", ": " + "[" * 99 + "]" * 99),
        "/values/n",
        "nested",
    ),
    "far too deep": (
        json.dumps(document(values={"n": 0})).replace(": 0", ": " + "[" * 9999 + "]" * 9999),
        "",
        "nested",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_with_file_and_place(name: str, tmp_path: Path) -> None:
    content, pointer, why = MISTAKES[name]
    path = written(tmp_path, content)
    with pytest.raises(CaseError) as caught:
        load(tmp_path, own=False)
    said = str(caught.value)
    assert said.startswith(f"{path}: {pointer}")
    assert why in said
    assert "\n" not in said


OF_THE_WHOLE_FILE = {"half a pair", "a member twice", "a number beyond all", "no number", "too deep", "far too deep"}


@pytest.mark.parametrize("name", [name for name in MISTAKES if name not in OF_THE_WHOLE_FILE])
def test_what_is_wrong_with_a_case_leaves_the_others_as_they_are(name: str, tmp_path: Path) -> None:
    content, pointer, _ = MISTAKES[name]
    written(tmp_path, content)
    mistakes: list[CaseError] = []
    found = load(tmp_path, own=False, mistakes=mistakes)
    assert len(mistakes) == 1
    assert [case.name for case in found] == ([] if pointer.startswith("/values") else ["mine/fine"])


def test_the_command_uses_the_rest_and_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, document({"ask": "GET /v1.0/outplans/${nosuch}"}))
    (tmp_path / "more.yaml").write_text("cases: []")
    words = ["contract", "run", "--cases", str(tmp_path), "--only", "mine/*"]
    assert cli.main([*words, "--format", "json"]) == 2
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["passed"] == 1
    assert len(told["refused"]) == 2
    assert f"{path}: /cases/0/steps/0/ask: nothing gives ${{nosuch}}" in said.err
    assert "more.yaml: cases are JSON files" in said.err
    assert cli.main([*words, "--format", "junit"]) == 2
    assert 'failures="2"' in capsys.readouterr().out


def test_what_is_wrong_with_the_only_case_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, document({"ask": "GET /v1.0/outplans?x=1"}))
    assert cli.main(["contract", "run", "--cases", str(tmp_path), "--only", "mine/odd"]) == 2
    assert f"{path}: /cases/0/steps/0/ask: a path has no ?" in capsys.readouterr().err


def test_a_directory_without_cases_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CaseError, match="there is no case file"):
        load(tmp_path)
    assert cli.main(["contract", "run", "--cases", str(tmp_path), "--only", "auth/ping*"]) == 2
    assert "there is no case file (*.json) in it" in capsys.readouterr().err


@pytest.mark.parametrize("raw", [b"\xff\xfe{\x00}\x00", b'{"a": "\xff"}', b"", b"\x00", b'"\xed\xa0\x80"'])
def test_bytes_that_are_no_text_are_told(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_bytes(raw)
    with pytest.raises(CaseError, match=r"not JSON|not UTF-8"):
        load(tmp_path)


def test_a_file_with_a_byte_order_mark_and_a_single_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.JSON"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(document()).encode())
    assert [case.name for case in load(path, own=False)] == ["mine/odd", "mine/fine"]
    assert len(load(tmp_path, own=False)) == 2


# --- names ------------------------------------------------------------------------------------------


def outcome(folder: Path, *steps: dict[str, Any], **settings: Any) -> tuple[str, str]:
    written(folder, document(*steps))
    (case,) = load(folder, own=False, only="mine/odd", given=settings.pop("given", ()))
    target = fresh("documented")
    target.values.update(settings)
    result = Runner(target, "documented").case(case)
    return result.outcome, " ".join([result.why, *(str(fault) for _, fault in result.broken)])


def test_a_pointer_that_meets_nothing_fails(tmp_path: Path) -> None:
    kept = {"ask": "GET /v1.0/outplans", "keep": {"it": "/results/0/id"}}
    said = outcome(tmp_path, kept, {"ask": "GET /v1.0/outplans/${it}"})
    assert said == ("failed", "the target has no it /results/0/id: expected a value to keep as ${it}, got nothing")
    assert outcome(tmp_path, kept)[0] == "failed"


def test_what_a_later_step_needs_may_be_missing(tmp_path: Path) -> None:
    kept = {"ask": "GET /v1.0/outplans", "query": {"page_token": "1990-01-01"}, "keep": {"it": "/result/0/id"}}
    asked = {"ask": "GET /v1.0/outplans/${it}", "needs": ["it"]}
    assert outcome(tmp_path, kept, asked) == ("skipped", "the target has no it")


def test_a_value_given_by_name_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {"ask": "GET /v1.0/${word}"}
    assert outcome(tmp_path, asked, given=["word"], word="tags") == ("passed", "")
    written(tmp_path, document({**asked, "expect": {"status": 404}}))
    words = ["contract", "run", "--cases", str(tmp_path), "--only", "mine/*"]
    assert cli.main([*words, "--set", "word=taggs"]) == 0
    assert cli.main(words) == 2


def test_what_was_kept_is_taken_as_it_is(tmp_path: Path) -> None:
    text = '{"name": "$\\u007bmade}", "detail": "$\\u007bnil} $\\u007bid}"}'
    made = {"ask": "POST /v1.0/tags", "text": text, "keep": {"made": "", "id": "/id"}}
    shown = {
        "ask": "GET /v1.0/tags/${id}",
        "expect": {
            "body": {
                "$exactly": "${made}",
            }
        },
    }
    assert outcome(tmp_path, made, shown) == ("passed", "")
    named = {"ask": "GET /v1.0/tags/${id}", "expect": {"body": {"name": "$" + "{made}x"}}}
    assert outcome(tmp_path, made, named)[0] == "failed"


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("requests/an-unknown-path-needs-no-credential[capitals]", 1),
        ("accesskeys/expire-is-a-day-at-least[*]", 3),
        ("*[deeper]", 1),
        ("outplans/left-out-members[[]name]", 1),
        ("t[ai]gs/are-listed", 1),
    ],
)
def test_a_name_as_it_is_reported_can_be_asked_for(pattern: str, count: int) -> None:
    assert len(load(only=pattern)) == count


# --- whatever is in a file --------------------------------------------------------------------------

SAMPLES = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parents[2] / "voipbin_mock" / "areas").glob("*/cases/*.json")
]
ODD = [None, True, 0, -1, 1.5, "", "x", "${x}", "$text", "${unique}", [], {}, [None], {"$merge": 1}, {"$text": "("}]


def places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], (dict, list)):
                waiting.append(holder[key])
    return found


@given(st.integers(0, 2**32), st.sampled_from(range(len(SAMPLES))), st.integers(1, 3))
def test_no_mistake_in_a_case_file_is_a_traceback(seed: int, sample: int, count: int) -> None:
    rng = random.Random(seed)
    raw = copy.deepcopy(SAMPLES[sample])
    for _ in range(count):
        holder, key = rng.choice(places(raw))
        if rng.random() < 0.3:
            del holder[key]
        elif rng.random() < 0.3 and isinstance(holder, dict):
            holder[rng.choice(["$any", "$one_of", "x", "needs", "keep", "expect"])] = holder.pop(key)
        else:
            holder[key] = rng.choice(ODD)
    from voipbin_mock import catalog
    from voipbin_mock.contract.casefiles import in_document

    found = list(in_document(Path("mine.json"), raw, catalog.default()))
    cases = [one for one in found if isinstance(one, Case)]
    told = [str(one) for one in found if isinstance(one, CaseError)]
    assert all(line.startswith("mine.json: ") and "\n" not in line for line in told)
    runner = Runner(fresh("documented"), "documented")
    for case in cases[:4]:
        runner.case(case)
