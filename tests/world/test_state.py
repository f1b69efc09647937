"""Moments that can be kept, runs that can be played back, and modes that show clients which work by luck."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from voipbin_mock import Mock, MockUsageError, SeedError
from voipbin_mock.command import main as cli

pytest_plugins = ["pytester"]

START = "2026-03-01T09:00:00Z"
PROFILES = pytest.mark.parametrize("profile", ["documented", "server"])
PLAN = {"name": "evening", "detail": "", "source": {"type": "tel", "target": "+15559876543"}} | {
    "dial_timeout": 25000, "try_interval": 900000, "max_try_count_0": 2, "max_try_count_1": 1,
    "max_try_count_2": 0, "max_try_count_3": 0, "max_try_count_4": 0,
}  # fmt: skip


def walk(mock: Mock, path: str = "/v1.0/outplans", size: int = 100) -> list[list[str]]:
    """The ids on each page, as a client that follows tokens sees them."""
    pages: list[list[str]] = []
    token = ""
    while True:
        page = mock.client.get(path, query_string={"page_size": size, "page_token": token}).json
        if not page["result"]:
            return pages
        pages.append([record["id"] for record in page["result"]])
        token = page["next_page_token"]


# --- snapshots -----------------------------------------------------------------------------------


@PROFILES
def test_a_restored_moment_answers_as_it_did_ids_and_times_included(profile: str) -> None:
    with Mock(profile, clock=START) as mock:
        mock.client.post("/v1.0/outplans", json=PLAN)
        kept = mock.snapshot()
        first = [mock.client.post("/v1.0/outplans", json=PLAN).data, mock.client.get("/v1.0/outplans").data]
        mock.advance(hours=2)
        mock.outplans.delete(mock.outplans.list()[0].id)
        for _ in range(2):
            mock.restore(kept)
            assert [
                mock.client.post("/v1.0/outplans", json=PLAN).data,
                mock.client.get("/v1.0/outplans").data,
            ] == first


def test_a_running_clock_runs_on_from_the_kept_moment() -> None:
    with Mock() as mock:
        before = mock.now
        kept = mock.snapshot()
        mock.advance(days=30)
        mock.restore(kept)
        assert before <= mock.now < before + timedelta(minutes=5)
        assert not mock.clock.frozen


def test_faults_stubs_and_limits_are_restored_as_they_were_and_may_be_met_again() -> None:
    with Mock(clock=START, rate_limits={"customer": [1, 2]}) as mock:
        mock.client.get("/v1.0/outplans")
        fault = mock.faults.error("GET /outplans", "INTERNAL", times=2)
        mock.stub("GET /flows", json={"result": []}, times=1)
        kept = mock.snapshot()
        for _ in range(2):
            asked = [mock.client.get("/v1.0/outplans").status_code for _ in range(4)]
            assert asked == [500, 500, 200, 429]
            assert mock.client.get("/v1.0/flows").json == {"result": []}
            mock.limits.clear()
            mock.faults.refuse("GET /numbers")
            mock.restore(kept)
            assert (fault.seen, fault.met) == (0, 0)
            assert list(mock.faults) == [fault]
        mock.faults.clear()
        mock.stubs.clear()


def test_a_moment_of_one_mock_is_none_of_anothers_business() -> None:
    with Mock(clock=START) as one, Mock(clock=START) as other:
        kept = one.snapshot()
        other.outplans.create(name="other")
        one.outplans.create(name="one")
        one.restore(kept)
        assert one.outplans.list() == []
        assert [plan.name for plan in other.outplans.list()] == ["other"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["create", "delete", "keep", "restore", "advance"]), max_size=25))
def test_snapshots_hold_whatever_is_done_between_them(steps: list[str]) -> None:
    with Mock(clock=START) as mock:
        kept, known = mock.snapshot(), json.dumps(mock.dump())
        for step in steps:
            if step == "create":
                mock.client.post("/v1.0/outplans", json=PLAN)
            elif step == "delete" and mock.outplans.list():
                mock.client.delete(f"/v1.0/outplans/{mock.outplans.list()[0].id}")
            elif step == "advance":
                mock.advance(minutes=3)
            elif step == "keep":
                kept, known = mock.snapshot(), json.dumps(mock.dump())
            elif step == "restore":
                mock.restore(kept)
                assert json.dumps(mock.dump()) == known


def test_a_dumped_state_says_how_far_stamps_have_run_ahead_of_a_standing_clock() -> None:
    with Mock(clock=START) as mock, Mock(seed="empty") as other:
        for _ in range(3):
            mock.client.post("/v1.0/outplans", json=PLAN)
        other.load(json.loads(json.dumps(mock.dump())))
        posted = [m.client.post("/v1.0/outplans", json=PLAN).json for m in (mock, other)]
        assert posted[0] == posted[1]


def test_a_state_with_modes_that_do_not_exist_is_refused_with_a_pointer() -> None:
    with Mock() as mock:
        document = {**mock.dump(), "modes": {"pages_of": {"size": 0}}}
        with pytest.raises(SeedError, match="/modes: pages_of: size must be a number from 1 to 100"):
            mock.load(document)


# --- paging --------------------------------------------------------------------------------------


@PROFILES
def test_pages_of_one_hold_one_record_each_whatever_size_is_asked_for(profile: str) -> None:
    with Mock(profile) as mock:
        ids = [mock.outplans.create(name=str(n)).id for n in range(3)]
        with mock.pages_of(1):
            assert walk(mock) == [[row] for row in reversed(ids)]
        assert walk(mock) == [ids[::-1]]


def test_records_that_arrive_between_pages_are_not_seen_twice_by_who_follows_tokens() -> None:
    with Mock() as mock:
        ids = [mock.outplans.create(name=str(n)).id for n in range(5)]
        mock.pages_of(2, arriving=True)
        assert walk(mock) == [ids[4:2:-1], ids[2:0:-1], ids[:1]]
        assert len(mock.outplans.list()) == 7


@pytest.mark.parametrize(("profile", "seen"), [("documented", [[5, 4], [2, 1]]), ("server", [[5, 4], [3, 2], [1, 0]])])
def test_records_that_vanish_between_pages_are_missing_where_deleted_ones_are(
    profile: str, seen: list[list[int]]
) -> None:
    with Mock(profile) as mock:
        ids = [mock.outplans.create(name=str(n)).id for n in range(6)]
        mock.pages_of(2, vanishing=True)
        assert [[ids.index(row) for row in page] for page in walk(mock)] == seen
        assert len(mock.outplans.list()) == 4


def test_a_token_of_whole_seconds_loses_what_shares_the_second() -> None:
    with Mock(clock=START) as mock:
        ids = [mock.outplans.create(name=str(n)).id for n in range(2)]
        mock.advance(seconds=2)
        ids += [mock.outplans.create(name=str(n)).id for n in range(3)]
        mock.pages_of(2, coarse_tokens=True)
        assert walk(mock) == [[ids[4], ids[3]], [ids[1], ids[0]]]


@pytest.mark.parametrize("size", [0, 101, True, "1"])
def test_a_page_size_that_no_list_has_is_refused(size: Any) -> None:
    with Mock() as mock, pytest.raises(MockUsageError, match="from 1 to 100"):
        mock.pages_of(size)


# --- forward compatibility -----------------------------------------------------------------------


def test_a_later_version_has_unknown_members_other_order_and_new_words() -> None:
    with Mock(clock=START, seed="tutorial") as mock:
        now = mock.client.get("/v1.0/numbers").json["result"]
        with mock.forward_compatible():
            text = mock.client.get("/v1.0/numbers").text
            later = json.loads(text)
        assert mock.client.get("/v1.0/numbers").json["result"] == now
    assert later.keys() == {"result", "next_page_token", "future_member"}
    assert all(record.keys() == {*known, "future_member"} for record, known in zip(later["result"], now, strict=True))
    assert any(list(record) != [*known, "future_member"] for record, known in zip(later["result"], now, strict=True))
    words = {record["type"] for record in later["result"]} | {record["status"] for record in later["result"]}
    assert "future_value" in words
    assert [record["id"] for record in later["result"]] == [record["id"] for record in now]


def test_each_change_can_be_had_alone() -> None:
    with Mock(clock=START) as mock:
        now = mock.client.get("/v1.0/numbers").text
        with mock.forward_compatible(order=False, enums=False):
            assert (
                mock.client.get("/v1.0/numbers").text.count("future_member") == 5
            )  # the list, two records, their metadata
        with mock.forward_compatible(members=False, enums=False):
            text = mock.client.get("/v1.0/numbers").text
            assert text != now
            assert json.loads(text) == json.loads(now)


def test_the_same_seed_sees_the_same_future_and_another_seed_another() -> None:
    futures = []
    for random_seed in (1, 1, 2):
        with Mock(clock=START, random_seed=random_seed) as mock:
            mock.forward_compatible(members=False)
            futures.append(mock.client.get("/v1.0/numbers").text)
    assert futures[0] == futures[1] != futures[2]


def test_errors_keep_their_reason_in_any_future() -> None:
    with Mock() as mock:
        mock.forward_compatible()
        reply = mock.client.get("/v1.0/nowhere").json
        assert reply["error"]["reason"] == "ROUTE_NOT_FOUND"
        assert reply["error"]["status"] == "NOT_FOUND"
        assert "future_member" in reply["error"]


def test_a_reset_ends_every_mode() -> None:
    with Mock() as mock:
        mock.pages_of(1)
        mock.forward_compatible()
        mock.reset()
        assert "future_member" not in mock.client.get("/v1.0/numbers").text
        assert len(mock.client.get("/v1.0/numbers").json["result"]) == 2


def test_modes_are_switched_through_the_control_api_too() -> None:
    with Mock() as mock:
        on = mock.anonymous.put("/__mock__/modes", json={"pages_of": 1, "forward_compatible": {"order": False}})
        assert on.json == mock.anonymous.get("/__mock__/modes").json
        assert on.json["pages_of"]["size"] == 1
        assert len(mock.client.get("/v1.0/numbers").json["result"]) == 1
        assert mock.anonymous.put("/__mock__/modes", json={}).json == {"pages_of": None, "forward_compatible": None}
        refused = mock.anonymous.put("/__mock__/modes", json={"page_of": 1})
        assert refused.status_code == 400
        assert "known are pages_of, forward_compatible" in refused.json["error"]["message"]


# --- bundles -------------------------------------------------------------------------------------


def lively(mock: Mock) -> None:
    """A run with a bit of everything: refusals, time, things arranged behind the API's back."""
    client = mock.client
    created = client.post("/v1.0/outplans", json=PLAN).json
    client.put(f"/v1.0/outplans/{created['id']}/dial_info", json={"dial_timeout": 30})
    client.get("/v1.0/outplans/nonsense")
    client.get("/v1.0/outplans/", headers={"Origin": "https://example.org"})
    client.options("/v1.0/outplans", headers={"Origin": "https://example.org"})
    client.post("/v1.0/outplans", data=b"\xff\xfe{", content_type="application/json")
    mock.anonymous.post("/auth/login", json={"username": mock.username, "password": mock.password})
    mock.anonymous.get("/v1.0/outplans", query_string=mock.params)
    mock.outplans.create(name="behind the back")
    mock.advance(hours=3)
    client.get("/v1.0/outplans", headers={"X-Request-Id": "mine"})
    mock.pages_of(1)
    client.get("/v1.0/outplans")
    client.post("/v1.0/accesskeys", json={"name": "k"})
    mock.reset()
    client.get("/v1.0/outplans")
    client.delete(f"/v1.0/numbers/{mock.numbers.list()[0].id}")


def replay(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = cli.main(["replay", str(path)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@PROFILES
@pytest.mark.parametrize("clock", [None, START])
def test_a_bundle_plays_back_to_the_byte(
    profile: str, clock: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Mock(profile, clock=clock, record=True, random_seed="r", ignore="all") as mock:
        lively(mock)
        mock.client.post("/v1.0/outplans", json=PLAN)
        bundle = mock.bundle()
    (tmp_path / "bundle.json").write_text(json.dumps(bundle), encoding="utf-8")
    code, out, _ = replay(tmp_path / "bundle.json", capsys)
    asked = sum("request" in step for step in bundle["steps"])
    assert asked >= 14
    assert out.splitlines()[-1] == f"{asked} requests, all the same"
    assert code == 0


def test_an_answer_that_is_not_as_it_was_is_shown_with_both_sides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Mock(record=True) as mock:
        mock.client.get("/v1.0/outplans")
        mock.client.get("/v1.0/numbers")
        bundle = mock.bundle()
    bundle["steps"][1]["answer"]["body"] = "planted"
    (tmp_path / "bundle.json").write_text(json.dumps(bundle), encoding="utf-8")
    code, out, _ = replay(tmp_path / "bundle.json", capsys)
    assert code == 1
    assert 'body: was planted, is {"result":[],"next_page_token":""}' in out
    assert out.splitlines()[-1] == "2 requests, 1 answered differently"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a whole bundle, or damaged"),
        ('{"format": "voipbin-mock-bundle", "version": 1, "settings": {}, "ste', "not a whole bundle, or damaged"),
        ("[]", '/format: must be "voipbin-mock-bundle"; is this a bundle?'),
        (
            '{"format": "voipbin-mock-bundle", "version": 0, "made_by": "voipbin-mock 0.0.1"}',
            "not 0 (made by voipbin-mock 0.0.1); play it with the version that made it",
        ),
        ('{"format": "voipbin-mock-bundle", "version": 1, "settings": {}}', "/steps: must be an array"),
        (
            '{"format": "voipbin-mock-bundle", "version": 1, "settings": {"colour": 1}, "steps": []}',
            "/settings/colour: not a setting of this version",
        ),
        (
            '{"format": "voipbin-mock-bundle", "version": 1, "settings": {"error": null}, "steps": []}',
            "/settings/error: must be an array",
        ),
        (
            '{"format": "voipbin-mock-bundle", "version": 1, "settings": {}, "steps": [{}]}',
            "/steps/0: neither a state nor a request with its answer",
        ),
        (
            '{"format": "voipbin-mock-bundle", "version": 1, "settings": {}, "steps": [{"state": {"format": "x"}}]}',
            '/steps/0: state: /format: must be "voipbin-mock-state"',
        ),
        (
            '{"format": "voipbin-mock-bundle", "version": 1, "settings": {}, "steps": '
            '[{"state": {"format": "voipbin-mock-state", "version": 1, "records": {"tags": ["x"]}}}]}',
            "/steps/0: /state/records: no record 'x' came before",
        ),
        (
            '{"format": "voipbin-mock-bundle", "version": 1, "settings": {}, "steps": '
            '[{"at": 1, "request": {}, "answer": {}}]}',
            "/steps/0: damaged",
        ),
    ],
)
def test_a_bundle_that_cannot_be_played_gives_one_clear_line(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(text, encoding="utf-8")
    code, _, err = replay(path, capsys)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("path", ["/__mock__/state", "/__mock__/health", "/__mock__"])
def test_a_bundle_drives_nothing_when_it_is_played_back(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Mock(clock=START, record=True) as mock:
        mock.client.get("/v1.0/me")
        bundle = mock.bundle()
    bundle["steps"][1]["request"] |= {"path": path, "headers": {"host": "localhost"}}
    (tmp_path / "bundle.json").write_text(json.dumps(bundle), encoding="utf-8")
    code, _, err = replay(tmp_path / "bundle.json", capsys)
    assert code == 2
    assert "/steps/1: /request/path: a bundle holds calls of the service" in err


def test_what_a_test_did_to_the_mock_itself_is_played_back_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Mock(clock=START, record=True) as mock:
        mock.client.post("/__mock__/seed", json={"seed": "tutorial"}, headers={"Host": "localhost"})
        mock.client.get("/v1.0/outplans")
        mock.client.post("/__mock__/clock", json={"advance": 60}, headers={"Host": "localhost"})
        fault = {"kind": "error", "on": "GET /flows", "reason": "INTERNAL"}
        mock.client.post("/__mock__/faults", json=fault, headers={"Host": "localhost"})
        assert mock.client.get("/v1.0/flows").status_code == 500
        bundle = mock.bundle()
    (tmp_path / "bundle.json").write_text(json.dumps(bundle), encoding="utf-8")
    assert replay(tmp_path / "bundle.json", capsys)[:2] == (
        0,
        "1. GET /v1.0/outplans -> 200\n2. GET /v1.0/flows -> 500 INTERNAL\n2 requests, all the same\n",
    )


def test_a_bundle_that_does_not_exist_gives_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = replay(tmp_path / "none.json", capsys)
    assert (code, err.count("\n")) == (2, 1)


def test_a_bundle_grows_with_what_was_done_and_not_with_all_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def size(count: int) -> int:
        with Mock(clock=START, record=True) as mock:
            for number in range(count):
                plan = mock.outplans.create(name=f"{number}", detail="d" * 1000)
                mock.client.get("/v1.0/outplans?page_size=1")
                if number % 10 == 9:
                    mock.outplans.update(plan.id, detail="other")
                    mock.outplans.delete(mock.outplans.list()[0].id)
            text = json.dumps(mock.bundle())
        (tmp_path / "bundle.json").write_text(text, encoding="utf-8")
        code, out, _ = replay(tmp_path / "bundle.json", capsys)
        assert (code, out.splitlines()[-1]) == (0, f"{count} requests, all the same")
        return len(text)

    assert size(60) < 2.5 * size(30)


def test_credentials_that_the_mock_did_not_know_stay_out_of_bundles() -> None:
    canary = "canary-4711"
    with Mock(record=True) as mock:
        for arguments in (
            {"query_string": {"token": canary}},
            {"query_string": {"accesskey": canary}},
            {"headers": {"Authorization": f"Bearer {canary}"}},
            {"headers": {"Authorization": canary}},
            {"headers": {"Cookie": f"token={canary}; other={canary}"}},
        ):
            mock.anonymous.get("/v1.0/outplans", **arguments)  # type: ignore[arg-type]
        mock.anonymous.post("/auth/login", json={"username": "admin", "password": canary})
        mock.anonymous.post("/auth/login", data=f'{{"password": "{canary}', content_type="application/json")
        assert canary not in json.dumps(mock.bundle())


@PROFILES
def test_passwords_and_foreign_credentials_have_stand_ins_and_every_answer_stays_the_same(
    profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = "canary-4711"
    agent = {
        "username": "ann@example.com", "password": canary, "name": "", "detail": "", "ring_method": "ringall",
        "permission": 16, "tag_ids": [], "addresses": [{"type": "tel", "target": "+15550100077"}],
    }  # fmt: skip
    eve = {**agent, "username": "eve", "password": canary + "e", "addresses": []}
    seed = {"extends": "account", "agents": [eve]}
    with Mock(profile, clock=START, record=True, ignore="all", seed=seed, unused="ignore") as mock:
        login = mock.anonymous.post("/auth/login", json={"username": "eve", "password": canary + "e"})
        assert login.status_code == 200
        ann = mock.client.post("/v1.0/agents", json=agent).json
        mock.client.put(f"/v1.0/agents/{ann['id']}/password", json={"password": canary + "2"})
        codes = [
            mock.anonymous.post("/auth/login", json={"username": ann["username"], "password": password}).status_code
            for password in (canary, canary + "2", canary + "3")
        ]
        assert codes == [400, 200, 400]
        mock.client.post("/v1.0/agents", json={**agent, "password": [canary]})
        for name in ("accesskey", "access_key", "api_key", "password"):  # beside one that counts
            mock.client.get("/v1.0/outplans", query_string={name: canary})
        mock.faults.error("any", "RATE_LIMIT_EXCEEDED", times=None, accesskey=canary)
        mock.faults.error("any", "INTERNAL", times=None, token=mock.token)
        asked = ({"accesskey": canary}, {"accesskey": canary + "4"}, {"token": mock.token})
        codes = [mock.anonymous.get("/v1.0/numbers", query_string=query).status_code for query in asked]
        assert codes == [429, 401, 500]
        bundle = json.dumps(mock.bundle())
    assert canary not in bundle
    (tmp_path / "bundle.json").write_text(bundle, encoding="utf-8")
    code, out, _ = replay(tmp_path / "bundle.json", capsys)
    assert (code, out.splitlines()[-1]) == (0, "14 requests, all the same")


def test_nothing_is_kept_unless_it_is_asked_for() -> None:
    with Mock() as mock, pytest.raises(MockUsageError, match="record=True"):
        mock.bundle()


def test_a_failed_test_leaves_a_bundle_and_a_passed_one_none(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    pytester.makepyfile(
        """
        def test_fails(voipbin):
            assert voipbin.client.get("/v1.0/numbers").json["result"] == []

        def test_passes(voipbin):
            assert voipbin.client.get("/v1.0/outplans").json["result"] == []
        """
    )
    result = pytester.runpytest_inprocess("--voipbin-mock-bundle=bundles", "-p", "no:randomly")
    result.assert_outcomes(failed=1, passed=1)
    (path,) = (pytester.path / "bundles").iterdir()
    result.stdout.fnmatch_lines(["*voipbin-mock repro bundle*", f"voipbin-mock replay {path}"])
    capsys.readouterr()
    code, out, _ = replay(path, capsys)
    assert (code, out) == (0, "1. GET /v1.0/numbers -> 200\n1 requests, all the same\n")


# --- other people's clocks -----------------------------------------------------------------------


def test_the_clock_agrees_with_freezegun() -> None:
    with freeze_time("2026-05-06 07:08:09") as frozen, Mock() as mock:
        assert mock.now == datetime(2026, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
        frozen.tick(timedelta(hours=1))
        created = mock.client.post("/v1.0/outplans", json=PLAN).json
        assert created["tm_create"] == "2026-05-06 08:08:09.000000"
        mock.advance(days=1)  # ahead of everybody else
        assert mock.now == datetime(2026, 5, 7, 8, 8, 9, tzinfo=timezone.utc)


def test_the_clock_agrees_with_time_machine() -> None:
    with time_machine.travel(datetime(2026, 5, 6, tzinfo=timezone.utc), tick=False) as traveller, Mock() as mock:
        assert mock.now == datetime(2026, 5, 6, tzinfo=timezone.utc)
        traveller.shift(timedelta(hours=1))
        assert mock.now == datetime(2026, 5, 6, 1, tzinfo=timezone.utc)


def test_a_login_token_grows_old_on_freezeguns_time_too() -> None:
    with freeze_time("2026-05-06") as frozen, Mock() as mock:
        token = mock.token
        assert mock.anonymous.get("/v1.0/outplans", query_string={"token": token}).status_code == 200
        frozen.tick(timedelta(days=8))
        assert mock.anonymous.get("/v1.0/outplans", query_string={"token": token}).status_code == 401
