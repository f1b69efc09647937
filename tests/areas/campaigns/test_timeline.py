"""The timeline of a campaign: as data, as a table, as a picture, in a failing test's report."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from tests.support.calling import a
from tests.support.dialing import NIL, PROFILES, A, B, Stage
from tests.support.queueing import a_queue, nobody_else
from voipbin_mock import Answer, Busy

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=PROFILES)
def played(request: pytest.FixtureRequest) -> Stage:
    """The worked trace, until 18 s: A is being called for the second time."""
    stage = Stage(request.param)
    stage.target(A, script=[Busy(after="3s"), Answer(after="2s", talk="2s")], name="Ann & <Bob>")
    stage.target(B, script=[Answer(after="2s", talk="4s")], name="Ben")
    stage.at(5000)
    stage.start += 5_000_000
    stage.run()
    stage.at(18_000)
    return stage


def test_attempts_are_data(played: Stage) -> None:
    timeline = played.mock.timeline(played.campaign)
    seen = [(a.target, a.number, a.try_count, a.dialed, a.answered, a.ended, a.result, a.reason) for a in timeline]
    assert seen == [
        ("Ann & <Bob>", A, 1, 1000, None, 4000, "fail", "busy"),
        ("Ben", B, 1, 1500, 3500, 7500, "success", "normal"),
        ("Ann & <Bob>", A, 2, 17_000, None, None, "", ""),
    ]
    assert [(a.rings, a.talks) for a in timeline] == [(3000, None), (2000, 4000), (None, None)]
    assert (timeline.status, timeline.now) == ("run", 18_000)


def test_it_is_a_table(played: Stage) -> None:
    played.at(20_000)
    head, *lines = played.mock.timeline(played.campaign).text().splitlines()
    assert head == "campaign campaign: run at 0:00:20, 3 attempts; it waits for a target that is left to be dialed"
    assert [re.split(r"\s{2,}", line) for line in lines] == [
        ["dialed", "target", "number", "slot", "try", "rings", "talks", "ended", "outcome"],
        ["0:00:01", "Ann & <Bob>", A, "0", "1", "3s", "0:00:04", "fail busy"],
        ["0:00:01.500", "Ben", B, "0", "1", "2s", "4s", "0:00:07.500", "success normal"],
        ["0:00:17", "Ann & <Bob>", A, "0", "2", "2s", "talks"],
    ]
    assert lines[1].index("0:00:04") == lines[0].index("ended")
    shorter = played.mock.timeline(played.campaign).text(most=1)
    assert "... 2 earlier ones" in shorter


def boxes(svg: str) -> list[tuple[str, float, float]]:
    root = ElementTree.fromstring(svg)
    return [
        (rect.findtext(f"{SVG}title") or "", float(rect.get("x", 0)), float(rect.get("width", "0").strip("%")))
        for rect in root.iter(f"{SVG}rect")
    ]


def test_it_is_a_picture_with_a_lane_for_each_target(played: Stage) -> None:
    played.at(30_000)
    svg = played.mock.timeline(played.campaign).svg()
    titled = [(title, x, width) for title, x, width in boxes(svg) if title]
    firsts = {title: (x, width) for title, x, width in reversed(titled)}
    assert len(firsts) == 3
    ann = firsts[f"0:00:01 {A} try 1: fail busy"]
    again = firsts[f"0:00:17 {A} try 2: success normal"]
    # The whole width stands for 21 seconds: the first call rang for three of them, 16 before the next.
    scale = 760 / 21
    assert ann[1] == pytest.approx(3 * scale, abs=0.1)
    assert again[0] - ann[0] == pytest.approx(16 * scale, abs=0.1)
    words = [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert any(word and word.startswith("Ann & <Bob>") for word in words)


def test_the_picture_scales_is_dark_where_wanted_and_tells_ends_by_their_shape(played: Stage) -> None:
    played.at(30_000)
    svg = played.mock.timeline(played.campaign).svg()
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")
    assert root.findtext(f"{SVG}title") == "campaign campaign: run at 0:00:30, 3 attempts"
    marks = {
        shape: [mark.findtext(f"{SVG}title") for mark in root.iter(f"{SVG}{shape}")] for shape in ("circle", "path")
    }
    assert [title for title in marks["circle"] if title] == [
        f"0:00:17 {A} try 2: success normal",
        f"0:00:01.500 {B} try 1: success normal",
    ]
    assert [title for title in marks["path"] if title] == [f"0:00:01 {A} try 1: fail busy"]


def test_a_long_name_leaves_its_number_in_sight() -> None:
    stage = Stage()
    stage.target(A, name="Maximiliane Schmidt-Rottluff von und zu Wernigerode")
    words = [
        text.text for text in ElementTree.fromstring(stage.mock.run_campaign(stage.campaign).svg()).iter(f"{SVG}text")
    ]
    assert A in words
    assert any(word and word.startswith("Maximiliane") and word.endswith("…") for word in words)


def test_the_control_api_has_it(played: Stage) -> None:
    path = f"/__mock__/campaigns/{played.campaign}/timeline"
    client = played.mock.client
    assert [attempt["number"] for attempt in client.get(path).json["attempts"]] == [A, B, A]
    text = client.get(path, query_string={"format": "text"})
    assert text.content_type == "text/plain; charset=utf-8"
    assert "3 attempts" in text.text
    svg = client.get(path, query_string={"format": "svg"})
    assert svg.content_type == "image/svg+xml"
    assert boxes(svg.text)
    assert client.get(path, query_string={"format": "gif"}).status_code == 400
    assert client.get(f"/__mock__/campaigns/{NIL}/timeline").status_code == 404


@pytest.mark.parametrize("profile", PROFILES)
def test_a_refused_attempt_says_why(profile: str) -> None:
    stage = Stage(profile)
    stage.mock.targets.create(outdial_id=stage.outdial, destination_0={"type": "email", "target": "a@b.example"})
    stage.run()
    stage.at(60_000)
    (attempt,) = stage.mock.timeline(stage.campaign)
    assert (attempt.dialed, attempt.ended, attempt.result) == (1000, 1000, "fail")
    assert "only tel and sip" in attempt.refused
    assert attempt.refused in stage.mock.timeline(stage.campaign).text()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_campaign_is_run_to_its_end_in_one_line(profile: str) -> None:
    stage = Stage(profile)
    stage.target(A, script=[Busy(), Answer(talk="5s")])
    timeline = stage.mock.run_campaign(stage.campaign)
    assert [attempt.result for attempt in timeline] == ["fail", "success"]
    assert timeline.status == "run"  # it would go on, but there is nothing left to do
    ending = Stage(profile, end_handle="stop")
    ending.target(A)
    assert ending.mock.run_campaign(ending.campaign).status == "stop"
    with pytest.raises(LookupError, match="no campaign"):
        stage.mock.run_campaign(NIL)


def test_a_campaign_that_did_nothing_has_an_empty_timeline() -> None:
    stage = Stage()
    timeline = stage.mock.timeline(stage.campaign)
    assert len(timeline) == 0
    assert timeline.text() == "campaign campaign: stop at 0:00:00, 0 attempts"
    assert boxes(timeline.svg())
    assert stage.mock.timelines() == []


def test_hundreds_of_targets_stay_a_picture() -> None:
    stage = Stage()
    for n in range(230):
        stage.mock.targets.create(outdial_id=stage.outdial, destination_0={"type": "tel", "target": f"+1555010{n:04d}"})
    timeline = stage.mock.run_campaign(stage.campaign)
    assert "and 30 more targets" in timeline.svg()
    assert len(timeline.text(most=10).splitlines()) == 13


def test_the_report_of_a_failing_test_has_the_table(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.voipbin(clock="2026-03-01T09:00:00Z")
        def test_it(voipbin):
            plan = voipbin.outplans.create(max_try_count_0=1)
            outdial = voipbin.outdials.create(name="o")
            voipbin.targets.create(
                outdial_id=outdial.id, name="Ann", destination_0={"type": "tel", "target": "+12025550101"}
            )
            campaign = voipbin.campaigns.create(name="spring", outplan_id=plan.id, outdial_id=outdial.id)
            assert voipbin.run_campaign(campaign).attempts[0].result == "success"
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*voipbin-mock campaign (stop)*", "campaign spring: stop at *", "*Ann*fail busy*"])


@pytest.mark.parametrize("profile", PROFILES)
def test_it_says_what_the_campaign_waits_for(profile: str) -> None:
    stage = Stage(profile, outplan={"try_interval": 60_000})
    stage.target(A, script=[Busy(after="3s")], name="Ann")
    stage.run()
    assert stage.mock.timeline(stage.campaign).waits == ""  # it dials in a second
    stage.at(2000)
    assert stage.mock.timeline(stage.campaign).waits == "a target that is left to be dialed"
    stage.at(5000)
    timeline = stage.mock.timeline(stage.campaign)
    again = timeline.attempts[0].ended + 60_000  # type: ignore[operator]
    assert again == 64_000
    assert timeline.waits.startswith("the try_interval of Ann, until ")
    assert timeline.waits in timeline.text().splitlines()[0]
    stage.put(f"/campaigns/{stage.campaign}/status", {"status": "stop"})
    assert stage.mock.timeline(stage.campaign).waits == ""


@pytest.mark.parametrize("profile", PROFILES)
def test_a_campaign_whose_agents_are_away_says_so(profile: str) -> None:
    stage = Stage(profile)
    nobody_else(stage.mock)
    stage.put(f"/campaigns/{stage.campaign}/resource_info", stage.resources(queue_id=a_queue(stage.mock)))
    stage.target(A)
    stage.run()
    stage.at(3_600_000)
    waits = stage.mock.timeline(stage.campaign).waits
    assert waits == "agents of its queue: 0 available, 0 dialing, at a service_level of 100"


@pytest.mark.parametrize("profile", PROFILES)
def test_an_attempt_of_a_campaign_of_flows_talks_for_as_long_as_its_flow_runs(profile: str) -> None:
    stage = Stage(profile, type="flow", actions=[a("block")])
    stage.target(A)
    stage.run()
    stage.at(61_000)
    (attempt,) = stage.mock.campaigncalls.list()
    with pytest.raises(TimeoutError, match="progressing, in its flow at block since"):
        stage.mock.run_campaign(stage.campaign, limit=60)
    stage.post(f"/activeflows/{attempt.activeflow_id}/stop", {})
    (told,) = stage.mock.timeline(stage.campaign)
    assert (told.rings, told.talks) == (0, 60_000)
