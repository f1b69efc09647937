"""What was kept and is damaged: refused with its place and reason, or a mock that goes on. Never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voipbin_mock import Mock, MockUsageError, SeedError
from voipbin_mock.command import main as cli

START = "2026-03-01T09:00:00Z"
SOURCE = {"type": "tel", "target": "+15559876543"}
PLAN = {"name": "p", "dial_timeout": 30000, "try_interval": 1000, "max_try_count_0": 3, "source": SOURCE}
DROPPED, DOUBLED = object(), object()
extremes = st.sampled_from([
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**64), 10**400, 0.5, -1e308, 1e-320, 1e308, "", "x", "-inf",
    "nan", "9" * 5000, "\ud800", "\0", [], {}, [None], {"x": 1}, [[]], "2026-03-01T09:00:00Z", DROPPED, DOUBLED,
])  # fmt: skip


def busy() -> Mock:
    """A mock with something in every section of its state."""
    mock = Mock(
        "server", clock=START, ignore="all", rate_limits={"customer": [500, 600]}, unused="ignore", seed="tutorial"
    )
    plan, outdial = mock.outplans.create(**PLAN), mock.outdials.create(name="o")
    mock.targets.create(outdial_id=outdial.id, destination_0={"type": "tel", "target": "+12025550101"})
    campaign = mock.campaigns.create(name="c", outplan_id=plan.id, outdial_id=outdial.id, end_handle="continue")
    assert mock.client.put(f"/v1.0/campaigns/{campaign.id}/status", json={"status": "run"}).status_code == 200
    mock.advance(seconds=5)
    mock.client.get("/v1.0/outplans")
    mock.faults.error("GET /flows", "INTERNAL", times=2, token="x")
    mock.stub("GET /nowhere", json={"a": 1})
    mock.pages_of(3)
    mock.webhooks.delay(60, types="*")
    return mock


@lru_cache(maxsize=1)
def dumped() -> str:
    with busy() as mock:
        return json.dumps(mock.dump())


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:4]):
            yield from places(inner, (*path, number))


def damaged(document: Any, place: tuple[Any, ...], instead: Any) -> Any:
    found = copy.deepcopy(document)
    holder = found
    for step in place[:-1]:
        holder = holder[step]
    last = place[-1]
    if instead is DROPPED:
        del holder[last]
    elif instead is DOUBLED and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[last]))
    else:
        holder[last] = None if instead is DOUBLED else instead
    return found


def refusal(work: Callable[[], Any]) -> str | None:
    """Why it was refused, if it was; whatever else is raised fails the test."""
    try:
        work()
    except SeedError as error:
        return str(error)
    return None


def goes_on(mock: Mock) -> None:
    client = mock.client if mock.agents.list() else mock.anonymous  # a state without agents has nobody to log in
    for path in ("/v1.0/outplans", "/v1.0/campaigns", "/v1.0/me", "/ping"):
        assert client.get(path).status_code < 500, path
    mock.advance(seconds=3)
    assert client.get("/v1.0/outplans").status_code < 500
    for call in ("health", "state", "limits", "phones", "requests", "clock"):
        assert client.get(f"/__mock__/{call}", headers={"Host": "localhost"}).status_code == 200, call
    kept = json.loads(json.dumps(mock.dump()))
    mock.load(kept)
    mock.reset()
    assert mock.client.get("/v1.0/outplans").status_code == 200


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_state_is_refused_with_its_place_or_the_mock_goes_on(data: st.DataObject) -> None:
    document = json.loads(dumped())
    sections = [name for name in document if name != "records"]
    weighty = [place for name in sections for place in places(document[name], (name,))]
    place = data.draw(st.sampled_from(weighty) | st.sampled_from(list(places(document["records"], ("records",)))))
    broken = damaged(document, place, data.draw(extremes))
    with Mock("server", clock=START, ignore="all", unused="ignore") as mock:
        mock.outplans.create(name="kept")
        before = mock.dump()
        said = refusal(lambda: mock.load(broken))
        if said is not None:
            assert said.startswith("state: /")
            assert mock.dump() == before
        goes_on(mock)


def timer(**members: Any) -> dict[str, Any]:
    return {"due": 1772355600000000, "order": 1, "rank": 0, "seq": 1, "kind": "campaign_tick", "args": ["x"], **members}


@pytest.mark.parametrize(
    ("section", "value", "said"),
    [
        ("clock", {"x": 1}, "/clock/x: no such member; they are now, frozen, last_stamp, speed"),
        ("ids", {"seed": 1}, "/ids/seed: no such member"),
        ("timers", {"timer": []}, "/timers/timer: no such member"),
        ("timers", {"timers": [timer(since=0, every=0)]}, "/timers: timers/0/every: must be a number of microseconds"),
        ("timers", {"timers": [timer(parked=True)]}, "/timers: timers/0/since: is missing"),
        ("timers", {"timers": [timer(), timer()]}, "/timers: timers/1/seq: 1 is there twice"),
        ("timers", {"timers": [timer(args=[])]}, "/timers: timers/0/args: are not those of campaign_tick"),
        ("timers", {"timers": [timer(kind="webhook", args=["x"])]}, "/timers: timers/0/args: are not those of webhook"),
        ("timers", {"timers": [timer(due=2**70)]}, "/timers: timers/0/due: must be a moment"),
        ("ids", {"drawn": 2**64}, "/ids/drawn: must be a count"),
        ("ids", {"random_seed": 10**5000}, "/ids/random_seed: must be a number of 64 bits"),
        ("limits", {"tiers": {"ip": [1, 2]}, "buckets": [["ip", "", "-inf", 0]]}, "/limits: buckets/0: must be"),
        ("limits", {"tiers": {"ip": [1e-320, 2]}, "buckets": []}, "/limits: rate_limits: ip: give a rate from"),
        ("limits", {"tiers": {"ip": [10**400, 5]}, "buckets": []}, "/limits: rate_limits: ip: give a rate from"),
    ],
)
def test_a_state_that_would_stop_the_mock_is_refused(section: str, value: Any, said: str) -> None:
    with Mock(clock=START) as mock:
        before = mock.dump()
        with pytest.raises(SeedError) as refused:
            mock.load({**before, section: value})
        assert f"state: {said}" in str(refused.value)
        assert mock.dump() == before
        goes_on(mock)


@pytest.mark.parametrize(
    "tiers",
    [{"ip": [10**400, 5]}, {"ip": [5, 10**400]}, {"ip": [1e-320, 1]}, {"ip": [float("nan"), 1]}, {"ip": [1, 0.5]}],
)
def test_limits_that_cannot_be_are_refused_wherever_they_are_given(tiers: Any) -> None:
    with pytest.raises(MockUsageError, match="rate_limits"):
        Mock(rate_limits=tiers)
    with Mock() as mock:
        text = json.dumps({"rate_limits": tiers})
        reply = mock.client.put("/__mock__/limits", data=text, headers={"Host": "localhost"})
        assert reply.status_code == 400
        goes_on(mock)


@lru_cache(maxsize=1)
def bundled() -> str:
    with Mock(clock=START, record=True, ignore="all") as mock:
        mock.client.post("/v1.0/tags", json={"name": "n", "detail": "d"})
        mock.advance(seconds=1)
        mock.outplans.create(**PLAN)
        mock.client.get("/v1.0/outplans?page_size=1")
        return json.dumps(mock.bundle())


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_damaged_bundle_is_refused_in_one_line_or_played(tmp_path_factory: Any, data: st.DataObject) -> None:
    text = bundled()
    if data.draw(st.booleans()):
        document = json.loads(text)
        text = json.dumps(damaged(document, data.draw(st.sampled_from(list(places(document)))), data.draw(extremes)))
    else:
        start = data.draw(st.integers(0, len(text)))
        text = (
            text[:start]
            + data.draw(st.sampled_from(["", "\0", '"', "]", "9" * 50, "\n"]))
            + text[start + data.draw(st.integers(0, 9)) :]
        )
    path: Path = tmp_path_factory.mktemp("bundle") / "bundle.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert cli.main(["replay", "--quiet", str(path)]) in (0, 1, 2)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_damaged_seed_file_is_refused_with_its_place_or_started_from(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    document = {"extends": "account", "outplans": [PLAN], "tags": [{"name": "t"}], "aliases": {}, "description": "d"}
    text = json.dumps(document)
    if data.draw(st.booleans()):
        text = json.dumps(damaged(document, data.draw(st.sampled_from(list(places(document)))), data.draw(extremes)))
    else:
        start = data.draw(st.integers(0, len(text)))
        text = (
            text[:start]
            + data.draw(st.sampled_from(["", "\0", '"', "]", "9" * 50]))
            + text[start + data.draw(st.integers(0, 9)) :]
        )
    path: Path = tmp_path_factory.mktemp("seed") / "mine.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = refusal(lambda: starts(path))
    assert said is None or "mine.json: " in said or "no seed" in said


def starts(path: Path) -> None:
    with Mock(seed=path, ignore="all") as mock:
        assert mock.client.get("/v1.0/outplans").status_code < 500
