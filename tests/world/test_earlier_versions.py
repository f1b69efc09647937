"""What an earlier version dumped and recorded is taken back: the files in tests/data are of the version before."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from voipbin_mock import Mock
from voipbin_mock.command.main import main
from voipbin_mock.wire.values import NIL_UUID

DATA = Path(__file__).resolve().parents[1] / "data"
each_profile = pytest.mark.parametrize("profile", ["documented", "server"])


def state(profile: str) -> Any:
    return json.loads((DATA / f"state-{profile}.json").read_text(encoding="utf-8"))


def known_then(dump: Any, then: Any) -> Any:
    """A dump without what there was not then: members of records, which must be empty; sections that say nothing."""
    for section in dump.keys() - then.keys():
        assert dump.pop(section) == Mock(then["profile"]).dump().get(section), section
    for name, records in dump["records"].items():
        for record, old in zip(records, then["records"].get(name, records), strict=True):
            for member in record.keys() - old.keys():
                assert record.pop(member) in (None, "", 0, [], {}, NIL_UUID), (name, member)
    return dump


# What is answered in another way since: step of the bundle -> the members of the answer.
CHANGED: dict[str, dict[int, set[str]]] = {"documented": {3: {"tm_update"}, 4: {"tm_update"}}, "server": {}}


@each_profile
def test_a_state_in_the_middle_of_a_run_is_loaded_and_dumped_as_it_was(profile: str) -> None:
    with Mock(profile, unused="ignore") as mock:
        mock.load(state(profile))
        assert known_then(mock.dump(), state(profile)) == state(profile)


@each_profile
def test_what_was_running_scripted_planned_and_limited_goes_on(profile: str) -> None:
    with Mock(profile, ignore="all", unused="ignore") as mock:
        mock.load(state(profile))
        assert mock.client.post("/v1.0/tags", json={"name": "k", "detail": "d"}).status_code == 500  # a planned fault
        assert len(mock.client.get("/v1.0/campaigncalls").json["result"]) == 2  # pages of two
        mock.advance(minutes=5)
        tried = sorted(target.try_count_0 for target in mock.targets)
        assert tried == [2, 2]  # busy at first by its script, and never answered
        assert mock.limits.as_dict() == {"customer": [17.0, 33]}


@each_profile
def test_a_bundle_replays_to_the_byte_but_for_what_is_answered_in_another_way_since(
    profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = CHANGED[profile]
    assert main(["replay", str(DATA / f"bundle-{profile}.json")]) == bool(changed)
    told = capsys.readouterr().out
    assert ("10 requests, 2 answered differently" if changed else "10 requests, all the same") in told
    answers = re.findall(r"^(\d+)\. .*DIFFERENT\n +body: was (.*), is (.*)$", told, re.MULTILINE)
    assert told.count("DIFFERENT") == len(answers)
    for step, was, now in answers:
        before, after = json.loads(was), json.loads(now)
        assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == changed.pop(
            int(step)
        )
    assert not changed
