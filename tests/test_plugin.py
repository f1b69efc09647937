"""The pytest plugin, seen by the people who have it installed."""

from __future__ import annotations

from collections.abc import Callable
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from voipbin_mock.pytest_plugin import SETTINGS

Run = Callable[..., pytest.RunResult]

HASTY = """
PLAN = {"name": "evening", "detail": "", "source": {"type": "tel", "target": "+15559876543"}, "dial_timeout": 30000,
        "try_interval": 600000, **{f"max_try_count_{n}": 1 for n in range(5)}}
HASTY = {**PLAN, "dial_timeout": 30}
"""


# --- the fixtures ----------------------------------------------------------------------------------


def test_each_test_has_a_mock_of_its_own(run: Run) -> None:
    run(
        """
        import pytest

        @pytest.mark.parametrize("time", [1, 2])
        def test_a(voipbin, time):
            assert len(voipbin.outplans) == 0
            voipbin.outplans.create(name="left behind")
            assert voipbin.client.get("/v1.0/outplans").status_code == 200
            assert len(voipbin.requests) == 1
        """
    ).assert_outcomes(passed=2)


def test_the_server_is_one_for_all_tests_and_empty_for_each(run: Run) -> None:
    run(
        """
        from urllib.request import urlopen
        import json, pytest

        SEEN = set()

        @pytest.mark.parametrize("time", [1, 2, 3])
        def test_a(voipbin_server, time):
            SEEN.add(voipbin_server.url)
            with urlopen(f"{voipbin_server.url}/outplans?accesskey={voipbin_server.accesskey}") as reply:
                assert json.load(reply)["result"] == []
            voipbin_server.outplans.create(name="left behind")
            with urlopen(f"{voipbin_server.url}/outplans?accesskey={voipbin_server.accesskey}") as reply:
                assert len(json.load(reply)["result"]) == 1
            assert len(voipbin_server.requests) == 2

        def test_b():
            assert len(SEEN) == 1
            assert SEEN.pop().startswith("http://127.0.0.1:")
        """
    ).assert_outcomes(passed=4)


def test_both_fixtures_in_one_test_are_two_mocks(run: Run) -> None:
    run(
        """
        def test_a(voipbin, voipbin_server):
            voipbin.outplans.create(name="here")
            assert len(voipbin_server.outplans) == 0
            assert voipbin.url != voipbin_server.url
        """
    ).assert_outcomes(passed=1)


def test_between_tests_the_server_is_nobodys(run: Run) -> None:
    run(
        """
        from urllib.error import HTTPError
        from urllib.request import urlopen
        import pytest

        KEPT = []

        def test_a(voipbin_server):
            KEPT.append(voipbin_server.url + "/ping")

        def test_b(_voipbin_live_server):
            with pytest.raises(HTTPError) as refused:
                urlopen(KEPT[0])
            assert refused.value.code == 503
            assert refused.value.read() == b"no test is using voipbin_server now"
            refused.value.close()
        """
    ).assert_outcomes(passed=2)


def test_the_server_is_gone_when_the_session_ends(run: Run, pytester: pytest.Pytester) -> None:
    run(
        """
        from pathlib import Path
        import threading

        def test_a(voipbin_server):
            Path("url.txt").write_text(voipbin_server.origin)
        """
    ).assert_outcomes(passed=1)
    with pytest.raises(URLError):
        urlopen((pytester.path / "url.txt").read_text() + "/ping")


def test_it_is_never_used_unasked(run: Run) -> None:
    result = run(
        """
        def test_a(request):
            assert not [name for name in request.fixturenames if "voipbin" in name]
        """,
        "--setup-plan",
    )
    result.stdout.no_fnmatch_line("*voipbin*fixtures used*")
    run("def test_a(request): assert not [name for name in request.fixturenames if 'voipbin' in name]").assert_outcomes(
        passed=1
    )


def test_the_fixtures_are_listed_with_what_they_are(run: Run) -> None:
    result = run("", "--fixtures", "-v")
    result.stdout.fnmatch_lines(["voipbin -- *", "*A VoIPBIN of this test's own*"])
    result.stdout.fnmatch_lines(["voipbin_server -- *", "*behind a real HTTP server*"])


def test_unittest_classes_reach_it_by_a_fixture_of_their_own(run: Run) -> None:
    run(
        """
        import unittest
        import pytest

        class TestIt(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _mock(self, voipbin):
                self.voipbin = voipbin

            def test_a(self):
                self.assertEqual(len(self.voipbin.outplans), 0)
                self.voipbin.outplans.create(name="left behind")

            test_b = test_a
        """
    ).assert_outcomes(passed=2)


def test_a_fixture_of_the_users_can_build_on_it(run: Run) -> None:
    run(
        """
        import pytest

        @pytest.fixture
        def plan(voipbin):
            return voipbin.outplans.create(name="evening")

        def test_a(plan, voipbin):
            assert voipbin.client.get(f"/v1.0/outplans/{plan.id}").json["name"] == "evening"
        """
    ).assert_outcomes(passed=1)


# --- settings --------------------------------------------------------------------------------------

PROFILE = """
import pytest

def test_plain(voipbin):
    assert voipbin.world.profile.name == {plain!r}

@pytest.mark.voipbin(profile={marked!r})
def test_marked(voipbin):
    assert voipbin.world.profile.name == {marked!r}
"""
FIXTURE = """
@pytest.fixture(scope="session")
def voipbin_settings():
    return {"profile": "documented"}
"""


def test_the_default_is_documented_and_a_marker_changes_it(run: Run) -> None:
    run(PROFILE.format(plain="documented", marked="server"), "--strict-markers").assert_outcomes(passed=2)


def test_the_ini_file_changes_the_default(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvoipbin_mock_profile = server\n")
    run(PROFILE.format(plain="server", marked="documented"), "--strict-config").assert_outcomes(passed=2)


@pytest.mark.parametrize("section", ["tool.pytest.ini_options", "tool.pytest"])
def test_pyproject_is_an_ini_file_too(run: Run, pytester: pytest.Pytester, section: str) -> None:
    if section == "tool.pytest" and pytest.version_tuple < (9,):
        pytest.skip("native TOML came with pytest 9")
    error = '["no-tries"]' if section == "tool.pytest" else '"no-tries"'
    pytester.makepyprojecttoml(f'[{section}]\nvoipbin_mock_profile = "server"\nvoipbin_mock_error = {error}\n')
    run(
        """
        def test_a(voipbin):
            assert voipbin.world.profile.name == "server"
            assert voipbin.world.settings.error == ("no-tries",)
        """
    ).assert_outcomes(passed=1)


def test_a_flag_wins_over_the_ini_file(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nvoipbin_mock_profile = documented\n")
    run(PROFILE.format(plain="server", marked="documented"), "--voipbin-mock-profile=server").assert_outcomes(passed=2)


def test_a_fixture_wins_over_a_flag_and_a_marker_over_both(run: Run) -> None:
    run(
        PROFILE.format(plain="documented", marked="server") + FIXTURE, "--voipbin-mock-profile", "server"
    ).assert_outcomes(passed=2)


def test_the_nearest_marker_wins_setting_by_setting(run: Run) -> None:
    run(
        """
        import pytest

        pytestmark = pytest.mark.voipbin(profile="server", seed="tutorial")

        @pytest.mark.voipbin(profile="documented")
        class TestIt:
            def test_a(self, voipbin):
                assert voipbin.world.profile.name == "documented"
                assert voipbin.world.seed == "tutorial"

            @pytest.mark.voipbin(seed={"outplans": [{"name": "x"}]}, profile="server")
            def test_b(self, voipbin):
                assert voipbin.world.profile.name == "server"
                assert voipbin.outplans.get(name="x")
        """
    ).assert_outcomes(passed=2)


def test_every_setting_goes_by_marker(run: Run) -> None:
    run(
        """
        import pytest

        @pytest.mark.voipbin(profile="server", seed="tutorial", strict=True, clock="2026-03-01T09:00:00Z",
                             random_seed=7, error=["no-tries"], ignore="content-type", fixtures=".", journal_size=5)
        def test_a(voipbin):
            settings = voipbin.world.settings
            assert (settings.profile, settings.strict, settings.random_seed) == ("server", True, 7)
            assert (settings.error, settings.ignore) == (("no-tries",), ("content-type",))
            assert (settings.fixtures, settings.journal_size) == (".", 5)
            assert voipbin.now.isoformat() == "2026-03-01T09:00:00+00:00"
            assert voipbin.world.seed == "tutorial"
        """
    ).assert_outcomes(passed=1)


ALL = """
def test_a(voipbin):
    settings = voipbin.world.settings
    assert (settings.profile, settings.strict, settings.random_seed) == ("server", {strict}, "7")
    assert (settings.error, settings.ignore) == (("no-tries", "unowned-source"), ("content-type",))
    assert settings.journal_size == 5
    assert voipbin.now.isoformat() == "2026-03-01T09:00:00+00:00"
    assert voipbin.outplans.get(name="mine")
"""


def test_every_setting_goes_by_flag(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makefile(".json", mine='{"outplans": [{"name": "mine"}]}')
    for strict, flag in ((True, "--voipbin-mock-strict"), (False, "--voipbin-mock-lenient")):
        run(
            ALL.format(strict=strict), flag, "--voipbin-mock-profile=server", "--voipbin-mock-random-seed=7",
            "--voipbin-mock-error=no-tries", "--voipbin-mock-error=unowned-source",
            "--voipbin-mock-ignore=content-type", "--voipbin-mock-clock=2026-03-01T09:00:00Z",
            "--voipbin-mock-journal-size=5", "--voipbin-mock-fixtures=.", "--voipbin-mock-seed=mine",
        ).assert_outcomes(passed=1)  # fmt: skip


@pytest.mark.parametrize("strict", ["true", "false", "yes", "0"])
def test_every_setting_goes_by_ini_file(run: Run, pytester: pytest.Pytester, strict: str) -> None:
    pytester.makefile(".json", mine='{"outplans": [{"name": "mine"}]}')
    pytester.makeini(
        f"""
        [pytest]
        voipbin_mock_profile = server
        voipbin_mock_strict = {strict}
        voipbin_mock_random_seed = 7
        voipbin_mock_error = no-tries unowned-source
        voipbin_mock_ignore = content-type
        voipbin_mock_clock = 2026-03-01T09:00:00Z
        voipbin_mock_journal_size = 5
        voipbin_mock_fixtures = .
        voipbin_mock_seed = mine
        """
    )
    run(ALL.format(strict=strict in ("true", "yes")), "--strict-config").assert_outcomes(passed=1)


@pytest.mark.parametrize("setting", ["voipbin_mock_seed = data/mine.json", "voipbin_mock_fixtures = data"])
def test_paths_in_the_ini_file_are_seen_from_there(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    name = "" if "seed" in setting else "voipbin_mock_seed = mine\n"
    ini = pytester.makeini(f"[pytest]\n{setting}\n{name}")
    (pytester.mkdir("data") / "mine.json").write_text('{"outplans": [{"name": "mine"}]}')
    monkeypatch.chdir(pytester.mkdir("below"))
    run("def test_a(voipbin): assert voipbin.outplans.get(name='mine')", "-c", str(ini), "..").assert_outcomes(passed=1)


# --- what cannot be a setting -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("profil='server'", "voipbin(profil=...) is no setting; did you mean 'profile'?"),
        ("zzz=1", "voipbin(zzz=...) is no setting; known are profile, seed, strict"),
        ("'server'", "voipbin(...) takes settings by name only"),
        ("profile='serve'", "unknown profile 'serve'; choose one of documented, server"),
        ("seed='tutorail'", "did you mean 'tutorial'?"),
        ("seed={'outplans': [{'dial_timeout': 'x'}]}", "seed: /outplans/0/dial_timeout: expected an integer"),
        ("error=['no-try']", "unknown lint code 'no-try'"),
        ("clock='tomorrow'", "'tomorrow' is no timestamp"),
        ("strict='yes'", "strict must be True, False or None"),
        ("journal_size='5'", "journal_size must be a number"),
    ],
)
def test_a_marker_that_cannot_be_is_an_error_of_that_test_in_one_line(run: Run, marker: str, said: str) -> None:
    result = run(
        f"""
        import pytest

        @pytest.mark.voipbin({marker})
        def test_a(voipbin):
            pass

        def test_b(voipbin):
            pass
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    assert f"test_a: voipbin: {said}" in result.stdout.str() or said in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert "test_a_marker_that_cannot_be_is_an_error_of_that_test_in_one_line.py::test_a" in result.stdout.str()


def test_a_setting_that_the_fixture_does_not_know_is_refused(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.fixture(scope="session")
        def voipbin_settings():
            return {"sed": "account"}

        def test_a(voipbin):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*voipbin_settings: 'sed' is no setting; did you mean 'seed'?"])


@pytest.mark.parametrize(
    ("ini", "said"),
    [
        ("voipbin_mock_profil = server", "voipbin_mock_profil is no setting; did you mean 'voipbin_mock_profile'?"),
        ("voipbin_mock_zzz = 1", "voipbin_mock_zzz is no setting; known are profile, seed"),
    ],
)
def test_an_ini_name_that_does_not_exist_stops_the_run(
    run: Run, pytester: pytest.Pytester, ini: str, said: str
) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    result = run("def test_a(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{said}*"])


def test_a_flag_that_does_not_exist_stops_the_run(run: Run) -> None:
    result = run("def test_a(): pass", "--voipbin-mock-profil=server")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(
    ("ini", "said"),
    [
        ("voipbin_mock_strict = maybe", "voipbin_mock_strict must be true or false, not 'maybe'"),
        ("voipbin_mock_journal_size = many", "voipbin_mock_journal_size must be a number"),
        ("voipbin_mock_profile = serve", "unknown profile 'serve'"),
    ],
)
def test_an_ini_value_that_cannot_be_is_told(run: Run, pytester: pytest.Pytester, ini: str, said: str) -> None:
    pytester.makeini(f"[pytest]\n{ini}\n")
    result = run("def test_a(voipbin): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR  # at the start, and not once a test
    assert said in result.stderr.str()


def test_every_setting_has_its_flag_and_its_ini_name_in_the_help(run: Run) -> None:
    told = run("", "--help").stdout.str()
    for name in SETTINGS:
        assert f"--voipbin-mock-{name.replace('_', '-')}" in told
        assert f"voipbin_mock_{name}" in told


def test_the_marker_is_a_known_one(run: Run) -> None:
    run("", "--markers").stdout.fnmatch_lines(["@pytest.mark.voipbin(profile=..., seed=...*"])


# --- when a test fails ------------------------------------------------------------------------------


def test_a_failing_tests_report_shows_what_the_mock_saw(run: Run) -> None:
    result = run(
        HASTY
        + """
def test_a(voipbin):
    voipbin.client.post("/v1.0/outplans", json={**PLAN, "name": 5, "max_try_count_0": -1})
    voipbin.client.get(f"/v1.0/outplan?accesskey={voipbin.accesskey}")
    voipbin.client.post("/v1.0/outplans", json=HASTY)
    assert False
"""
    )
    result.assert_outcomes(failed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*- voipbin-mock requests (documented) -*",
            "POST /v1.0/outplans -> 400 INVALID_JSON_BODY",
            "    violation /max_try_count_0: *",
            "    violation /name: *",
            "GET /v1.0/outplan?accesskey=[*][*][*] -> 404 ROUTE_NOT_FOUND",
            "    *GET /v1.0/outplans*",
            "POST /v1.0/outplans -> 200",
            "    warning [[]seconds-not-milliseconds[]] /dial_timeout: *send 30000 for 30 seconds",
        ]
    )


def test_a_passing_tests_report_shows_nothing(run: Run) -> None:
    result = run("def test_a(voipbin): voipbin.client.get('/v1.0/outplans')", "-rA", "-v")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*voipbin-mock requests*")


def test_a_skipped_or_expectedly_failing_test_shows_nothing(run: Run) -> None:
    result = run(
        """
        import pytest

        def test_a(voipbin):
            voipbin.client.get("/v1.0/outplans")
            pytest.skip("later")

        @pytest.mark.xfail
        def test_b(voipbin):
            voipbin.client.get("/v1.0/outplans")
            assert False
        """,
        "-rA",
    )
    result.assert_outcomes(skipped=1, xfailed=1)
    result.stdout.no_fnmatch_line("*voipbin-mock requests*")


def test_a_failing_test_that_never_asked_says_so(run: Run) -> None:
    result = run("def test_a(voipbin): assert False")
    result.stdout.fnmatch_lines(["*- voipbin-mock requests (documented) -*", "no request reached the mock"])


def test_a_report_shows_every_mock_and_only_those_of_the_test(run: Run) -> None:
    result = run(
        """
        import pytest
        from urllib.request import urlopen

        def test_quiet(voipbin):
            voipbin.client.get("/v1.0/numbers")

        @pytest.mark.voipbin(profile="server")
        def test_a(voipbin, voipbin_server):
            voipbin.client.get("/v1.0/outplans")
            urlopen(voipbin_server.origin + "/ping").close()
            assert False
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    text = result.stdout.str()
    assert text.count("voipbin-mock requests (server)") == 2
    assert "GET /v1.0/outplans -> 200" in text
    assert "GET /ping -> 200" in text
    assert "/v1.0/numbers" not in text


def test_a_failing_call_is_shown_once(run: Run) -> None:
    result = run(
        """
        from voipbin_mock import HangUp

        def test_a(voipbin):
            flow = voipbin.flows.create(name="menu", actions=[{"type": "answer"}, {"type": "hangup"}])
            first = voipbin.phone("+15550100001").calls(flow)
            voipbin.phone("+15550100002").calls(flow)
            first.assert_path("answer", "talk")
        """
    )
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert [text.count(f"incoming {caller} -> ") for caller in ("+15550100001", "+15550100002")] == [1, 1]
    result.stdout.fnmatch_lines(
        ["E *incoming +15550100001 -> *", "*- voipbin-mock call *", "*incoming +15550100002 -> *"]
    )


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_an_error_in_setup_or_teardown_shows_it_too(run: Run, when: str) -> None:
    result = run(
        f"""
        import pytest

        @pytest.fixture
        def broken(voipbin):
            voipbin.client.get("/v1.0/outplans")
            assert {when != "setup"}
            yield
            assert False

        def test_a(broken):
            pass
        """
    )
    result.assert_outcomes(errors=1, passed=int(when == "teardown"))
    result.stdout.fnmatch_lines(["*- voipbin-mock requests (documented) -*", "GET /v1.0/outplans -> 200"])


def test_an_unexpected_exception_shows_it_too(run: Run) -> None:
    result = run(
        """
        import requests

        def test_a(voipbin):
            session = requests.Session()
            session.mount("https://", voipbin.requests_adapter())
            session.get(voipbin.url + "/outplans").raise_for_status()
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["GET /v1.0/outplans -> 401 AUTHENTICATION_REQUIRED"])


def test_a_mock_is_let_go_when_its_test_is_over(run: Run) -> None:
    """Items live as long as the session; thousands of mocks should not."""
    run(
        """
        import gc, weakref

        KEPT = []

        def test_a(voipbin):
            voipbin.client.get("/v1.0/outplans")
            KEPT.append(weakref.ref(voipbin.world))

        def test_b():
            gc.collect()
            assert KEPT[0]() is None
        """
    ).assert_outcomes(passed=2)


# --- warnings -----------------------------------------------------------------------------------------


def test_a_lint_warning_is_in_the_summary_at_the_users_line(run: Run) -> None:
    result = run(HASTY + "\ndef test_a(voipbin): assert voipbin.client.post('/v1.0/outplans', json=HASTY).json\n")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        ["*test_a_lint_warning_is_in_the_summary_at_the_users_line.py:*: VoIPBINWarning: *seconds-not-milliseconds*"]
    )


@pytest.mark.parametrize("how", ["-W error", "-W error::voipbin_mock.VoIPBINWarning"])
def test_a_lint_warning_that_is_an_error_fails_the_test_at_its_line(run: Run, how: str) -> None:
    result = run(
        HASTY + "\ndef test_a(voipbin): voipbin.client.post('/v1.0/outplans', json=HASTY)\n"
        "\ndef test_b(voipbin): voipbin.client.post('/v1.0/outplans', json=PLAN)\n",
        *how.split(),
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["E *VoIPBINWarning: POST /v1.0/outplans: *send 30000 for 30 seconds*"])


def test_a_lint_warning_over_the_socket_that_is_an_error_fails_its_test(run: Run) -> None:
    result = run(
        HASTY
        + """
import httpx

def test_a(voipbin_server):
    httpx.post(voipbin_server.url + "/outplans", params=voipbin_server.params, json=HASTY)

def test_b(voipbin_server):
    httpx.post(voipbin_server.url + "/outplans", params=voipbin_server.params, json=PLAN)
""",
        "-W", "error",
    )  # fmt: skip
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_a*", "*VoIPBINWarning: *send 30000 for 30 seconds*"])


def test_a_filter_in_the_ini_file_silences_it(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfilterwarnings =\n    error\n    ignore::voipbin_mock.VoIPBINWarning\n")
    run(HASTY + "\ndef test_a(voipbin): voipbin.client.post('/v1.0/outplans', json=HASTY)\n").assert_outcomes(passed=1)


# --- beside others -------------------------------------------------------------------------------------

MANY = (
    HASTY
    + """
import httpx, pytest

@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("way", ["voipbin", "voipbin_server"])
def test_a(request, way, number):
    mock = request.getfixturevalue(way)
    kwargs = {"transport": mock.httpx_transport()} if way == "voipbin" else {}
    with httpx.Client(base_url=mock.url, params=mock.params, **kwargs) as client:
        assert client.get("/outplans").json()["result"] == []
        assert client.post("/outplans", json=PLAN).status_code == 200
        assert len(client.get("/outplans").json()["result"]) == 1
    assert number != 3
"""
)


def alone(monkeypatch: pytest.MonkeyPatch, *plugins: str) -> list[str]:
    """Arguments to load our plugin and these, and no others that happen to be installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_PLUGINS", raising=False)
    return [word for plugin in ("voipbin_mock.pytest_plugin", *plugins) for word in ("-p", plugin)]


def check_many(result: pytest.RunResult) -> None:
    result.assert_outcomes(passed=14, failed=2)
    assert result.stdout.str().count("voipbin-mock requests (documented)") == 2
    assert result.stdout.str().count("POST /v1.0/outplans?accesskey=*** -> 200") == 2


def test_workers_do_no_harm(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(MANY)
    arguments = ["-W", "error", "-p", "no:cacheprovider", "-n", "2", *alone(monkeypatch, "xdist.plugin")]
    check_many(pytester.runpytest_subprocess(*arguments))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_random_order_does_no_harm(pytester: pytest.Pytester, order: int) -> None:
    pytester.makepyfile(MANY)
    check_many(pytester.runpytest_inprocess("-p", "no:cacheprovider", f"--randomly-seed={order}"))


def test_loading_it_costs_next_to_nothing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everyone who has the package installed pays for this in every run of pytest."""
    pytester.makepyfile(
        """
        import sys

        def test_a():
            heavy = {"flask", "werkzeug", "jsonschema", "referencing", "waitress", "jwt", "requests", "httpx",
                     "urllib3", "aiohttp", "jinja2", "click", "http.server", "asyncio"}
            assert not heavy & sys.modules.keys()
            mine = {name for name in sys.modules if name.partition(".")[0] == "voipbin_mock"}
            own = {"voipbin_mock._version", "voipbin_mock.pytest_plugin", "voipbin_mock.pytest_coverage"}
            assert mine == {"voipbin_mock"} | own
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *alone(monkeypatch))
    result.assert_outcomes(passed=1)


def test_a_run_that_does_not_use_it_does_not_mention_it(run: Run) -> None:
    result = run("def test_a(): pass", "-q")
    result.stdout.no_fnmatch_line("*voipbin*")
