"""The repro bundles of failed tests: one for each, however it failed, with a name of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from voipbin_mock import Mock
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.command.main import main
from voipbin_mock.edge.bundle import FORMAT, VERSION, BundleError, play

pytest_plugins = ["pytester"]


def run(pytester: pytest.Pytester, source: str) -> tuple[pytest.RunResult, list[Path]]:
    pytester.makepyfile(source)
    result = pytester.runpytest_inprocess("--voipbin-mock-bundle=bundles", "-p", "no:randomly")
    folder = pytester.path / "bundles"
    return result, sorted(folder.iterdir()) if folder.exists() else []


def named(result: pytest.RunResult) -> list[str]:
    return re.findall(r"^voipbin-mock replay (.+)$", result.stdout.str(), re.MULTILINE)


def asked(path: Path) -> list[str]:
    steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
    return [step["request"]["path"] for step in steps if "request" in step]


def test_tests_whose_names_differ_in_signs_or_far_at_the_front_have_bundles_of_their_own(
    pytester: pytest.Pytester,
) -> None:
    result, paths = run(
        pytester,
        """
        import pytest

        @pytest.mark.parametrize("x", ["a/b", "a b", "a:b", "1" + "x" * 200, "2" + "x" * 200])
        def test_names(voipbin, x):
            voipbin.client.get("/v1.0/tags")
            assert 0
        """,
    )
    result.assert_outcomes(failed=5)
    assert len(paths) == 5
    assert sorted(named(result)) == [str(path) for path in paths]
    assert all(main(["replay", str(path)]) == 0 for path in paths)


@pytest.mark.parametrize(
    ("when", "source", "outcome"),
    [
        (
            "setup",
            """
            import pytest

            @pytest.fixture
            def broken(voipbin):
                voipbin.client.get("/v1.0/tags")
                assert 0

            def test_setup(broken): pass
            """,
            {"errors": 1},
        ),
        (
            "teardown",
            """
            import pytest

            @pytest.fixture
            def broken(voipbin):
                yield
                voipbin.client.get("/v1.0/tags")
                assert 0

            def test_teardown(broken): pass
            """,
            {"passed": 1, "errors": 1},
        ),
        (
            "receiver",
            """
            def test_receiver(voipbin):
                def receiver(webhook): assert 0
                voipbin.webhooks.connect(receiver)
                voipbin.client.post("/v1.0/outdials", json={"name": "a", "detail": "d"})
            """,
            {"passed": 1, "errors": 1},
        ),
        (
            "both",
            """
            import pytest

            @pytest.fixture
            def broken(voipbin):
                yield
                voipbin.client.get("/v1.0/tags")
                assert 0

            def test_both(broken, voipbin):
                voipbin.client.get("/v1.0/tags")
                assert 0
            """,
            {"failed": 1, "errors": 1},
        ),
    ],
)
def test_a_failure_at_any_time_leaves_a_bundle_that_its_report_names(
    pytester: pytest.Pytester, when: str, source: str, outcome: dict[str, int]
) -> None:
    result, paths = run(pytester, source)
    result.assert_outcomes(**outcome)
    (path,) = paths
    assert set(named(result)) == {str(path)}
    assert len(asked(path)) == (2 if when == "both" else 1)


def test_passed_and_skipped_tests_and_expected_failures_leave_none(pytester: pytest.Pytester) -> None:
    result, paths = run(
        pytester,
        """
        import pytest

        def test_passed(voipbin): voipbin.client.get("/v1.0/tags")

        def test_skipped(voipbin): pytest.skip("not now")

        @pytest.mark.xfail
        def test_expected(voipbin): assert 0
        """,
    )
    result.assert_outcomes(passed=1, skipped=1, xfailed=1)
    assert paths == []


def test_a_bundle_with_a_control_call_is_refused_in_one_sentence() -> None:
    request = {"method": "GET", "path": "/__mock__/journal", "query": "", "headers": {}, "cookies": {}}
    request |= {"body": "", "body_fault": "", "address": ""}
    step = {"at": "2026-03-01T09:00:00Z", "request": request, "answer": {}}
    with Mock() as mock, pytest.raises(BundleError) as raised:
        list(play({"format": FORMAT, "version": VERSION, "settings": {}, "steps": [step]}, catalog_of(mock.world)))
    assert str(raised.value).startswith("bundle: /steps/0: /request/path: a bundle holds calls of the service, none of")
    assert "BundleError" not in str(raised.value)
