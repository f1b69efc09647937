"""Phones: scripts, patterns, chances and the numbers that behave by themselves."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipbin_mock import (
    Answer,
    Busy,
    Canceled,
    Chance,
    Cleared,
    Machine,
    Mock,
    NoAnswer,
    Rejected,
    Unreachable,
)
from voipbin_mock.areas.calls.phones import MAGIC, Outcome, Phones, read_outcome
from voipbin_mock.wire.durations import milliseconds

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "seeds.md").read_text(encoding="utf-8")
A, B = "+15550100001", "+15550100002"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("3s", 3000), ("250ms", 250), ("1m30s", 90_000), ("1.5s", 1500), ("2h", 7_200_000), (" 2 m ", 120_000),
        (4000, 4000), (0, 0), (timedelta(minutes=1), 60_000),
    ],
)  # fmt: skip
def test_durations_are_written_as_people_do(said: Any, meant: int) -> None:
    assert milliseconds(said) == meant


@pytest.mark.parametrize(
    "said", ["", "3", "s", "3 parsecs", "-3s", -1, 1.5, "0.5ms", True, None, "3s!", "8 d", "1000h"]
)
def test_what_is_no_duration_is_refused(said: Any) -> None:
    with pytest.raises(ValueError, match=r"duration|milliseconds"):
        milliseconds(said)


def phones_of(random_seed: int = 0) -> Phones:
    return Mock(random_seed=random_seed).world.part(Phones)


def dial(phones: Phones, number: str, times: int) -> list[str]:
    return [phones.dial(number).kind for _ in range(times)]


def test_a_script_is_used_up_in_order_and_its_last_entry_repeats() -> None:
    phones = phones_of()
    phones.script(A, [Busy(), NoAnswer(), Answer()])
    assert dial(phones, A, 5) == ["busy", "noanswer", "answer", "answer", "answer"]


def test_a_pattern_gives_each_number_its_own_place_in_the_script() -> None:
    phones = phones_of()
    phones.script("+1555*", [Busy(), Rejected()])
    assert dial(phones, A, 2) == ["busy", "rejected"]
    assert dial(phones, B, 2) == ["busy", "rejected"]
    assert dial(phones, "+49301234567", 1) == ["answer"]


def test_the_nearest_rule_decides() -> None:
    phones = phones_of()
    phones.script("default", [Unreachable()])
    magic = "+12025550101"
    assert dial(phones, "+4930123456", 1) == ["unreachable"]
    assert dial(phones, magic, 1) == ["busy"]
    phones.script("+1202*", [Rejected()])
    assert dial(phones, magic, 1) == ["rejected"]
    phones.script("+1*", [Canceled()])  # given last
    assert dial(phones, magic, 1) == ["canceled"]
    phones.script(magic, [Cleared()])
    assert dial(phones, magic, 1) == ["cleared"]
    phones.forget(magic)
    phones.forget("+1*")
    assert dial(phones, magic, 1) == ["rejected"]


def test_a_new_script_begins_at_its_beginning() -> None:
    phones = phones_of()
    phones.script(A, [Busy(), Answer()])
    dial(phones, A, 2)
    phones.script(A, [Busy(), Answer()])
    assert dial(phones, A, 2) == ["busy", "answer"]


def test_numbers_are_the_same_however_they_are_written() -> None:
    phones = phones_of()
    phones.script("+1 (555) 010-0001", [Busy()])
    assert dial(phones, A, 1) == ["busy"]
    phones.script("ann@example.com", [Rejected()])
    assert dial(phones, "ann@example.com", 1) == ["rejected"]


@pytest.mark.parametrize("script", [[], ["busy"], [Busy], [Outcome()], [None]])
def test_what_is_no_script_is_refused(script: Any) -> None:
    with Mock() as mock, pytest.raises(ValueError, match=r"outcome|parentheses"):
        mock.phone(A).script(*script)


def test_chance_is_drawn_from_the_random_seed_and_by_weight() -> None:
    chance = Chance({Answer(): 6, Busy(): 3, NoAnswer(): 1})

    def drawn(seed: int) -> list[str]:
        phones = phones_of(seed)
        phones.script("*", [chance])
        return [phones.dial(f"+1555010{n:04d}").kind for n in range(2000)]

    assert drawn(1) == drawn(1) != drawn(2)
    counts = Counter(drawn(1))
    assert abs(counts["answer"] - 1200) < 120
    assert abs(counts["busy"] - 600) < 100
    assert set(counts) == {"answer", "busy", "noanswer"}


@pytest.mark.parametrize("of", [{}, {Busy(): 0}, {Busy(): -1}, {Busy(): "much"}, {"busy": 1}])
def test_a_chance_needs_weights(of: Any) -> None:
    with pytest.raises(ValueError, match=r"weight|outcome"):
        Chance(of)


OUTCOMES = [
    Answer("12s", "1s"), Answer("50ms", 0), Busy("3s"), Busy("20ms"), NoAnswer(), NoAnswer("20s"), Rejected(),
    Unreachable(), Canceled(), Cleared(), Machine("5s"), Chance({Answer(): 2, Busy(): 1}),
]  # fmt: skip


@pytest.mark.parametrize("outcome", OUTCOMES, ids=repr)
def test_outcomes_have_a_json_form(outcome: Outcome) -> None:
    assert read_outcome(outcome.as_dict()) == outcome


def test_the_json_form_may_be_a_word() -> None:
    assert read_outcome("busy") == Busy()
    assert read_outcome({"outcome": "answer", "talk": "12s"}) == Answer(talk="12s")


@pytest.mark.parametrize(
    "value",
    [5, "engaged", {}, {"outcome": "busy", "talk": "1s"}, {"outcome": "busy", "after": "soon"}, {"outcome": ["busy"]},
     {"outcome": "chance"}, {"outcome": "chance", "of": [{"outcome": "busy", "weight": 0}]}],
)  # fmt: skip
def test_what_is_no_outcome_is_refused_with_a_reason(value: Any) -> None:
    with pytest.raises(ValueError, match=r"outcome|duration|busy|chance|weight"):
        read_outcome(value)


@given(st.lists(st.sampled_from([A, B, "+12025550118", "+12025550116"]), max_size=12), st.integers(0, 12))
def test_a_dump_goes_on_where_it_was_taken(numbers: list[str], at: int) -> None:
    phones, other = phones_of(7), phones_of(7)
    phones.script(A, [Busy(), Chance({Answer(): 1, NoAnswer(): 1})])
    for number in numbers[:at]:
        phones.dial(number)
    other.load(phones.dump())
    assert [other.dial(number) for number in numbers[at:]] == [phones.dial(number) for number in numbers[at:]]
    assert other.dump() == phones.dump()


# --- magic ---------------------------------------------------------------------------------------


def test_the_manual_has_the_table_of_magic_numbers() -> None:
    section = PAGE.partition("| last two digits |")[2].partition("\n\n")[0]
    assert dict(re.findall(r"^\| `(\d\d)` \| (.+) \|$", section, re.MULTILINE)) == {
        digits: meaning for digits, (meaning, _) in MAGIC.items()
    }


@pytest.mark.parametrize("digits", sorted(MAGIC))
@pytest.mark.parametrize("area", ["202", "212", "555", "989"])
def test_magic_numbers_behave_alike_in_every_area(digits: str, area: str) -> None:
    script = MAGIC[digits][1]
    phones = phones_of()
    number = f"+1{area}55501{digits}"
    assert [phones.dial(number) for _ in script] == [
        outcome if outcome.kind != "chance" else phones.rule_for(number)[1][0].choose(0.99) for outcome in script
    ] or script[0].kind == "chance"
    if script[-1].kind != "chance":
        assert phones.dial(number) == script[-1]


@pytest.mark.parametrize("number", ["+120255501011", "+1202555012", "12025550101", "+10025550101", "+12025550199"])
def test_other_numbers_are_ordinary(number: str) -> None:
    assert phones_of().dial(number) == Answer()


# --- the control API -----------------------------------------------------------------------------


def test_the_control_api_scripts_phones() -> None:
    with Mock() as mock:
        body = {A: ["busy", {"outcome": "answer", "talk": "12s"}], "+1202*": "noanswer", "default": ["rejected"]}
        shown = mock.client.put("/__mock__/phones", json=body).json
        assert shown["phones"][A][1] == {"outcome": "answer", "after": 3000, "talk": 12_000}
        assert set(shown["magic"]["last_two"]) == set(MAGIC)
        assert dial(mock.world.part(Phones), A, 2) == ["busy", "answer"]
        assert dial(mock.world.part(Phones), "+12025559999", 1) == ["noanswer"]
        assert dial(mock.world.part(Phones), "+4930123456", 1) == ["rejected"]
        assert mock.client.delete("/__mock__/phones").json["phones"] == {}
        assert dial(mock.world.part(Phones), A, 1) == ["answer"]


@pytest.mark.parametrize("body", [[], "busy", {A: []}, {A: ["engaged"]}, {"": ["busy"]}, {A: ["busy"], B: [5]}])
def test_the_control_api_refuses_what_is_no_script_and_changes_nothing(body: Any) -> None:
    with Mock() as mock:
        assert mock.client.put("/__mock__/phones", json=body).status_code == 400
        assert mock.client.get("/__mock__/phones").json["phones"] == {}


def test_scripts_are_part_of_the_state() -> None:
    with Mock() as mock, Mock() as other:
        mock.phone(A).script(Busy(), Answer())
        dial(mock.world.part(Phones), A, 1)
        other.load(mock.dump())
        assert dial(other.world.part(Phones), A, 1) == ["answer"]
        snapshot = mock.snapshot()
        dial(mock.world.part(Phones), A, 3)
        mock.phone(A).forget()
        mock.restore(snapshot)
        assert dial(mock.world.part(Phones), A, 1) == ["answer"]
        mock.reset()
        assert mock.client.get("/__mock__/phones").json["phones"] == {}


def test_an_outcome_without_a_name_is_refused_with_the_form_to_send() -> None:
    with pytest.raises(ValueError, match=r'write \{"outcome": "busy"\}'):
        read_outcome({"chance": []})
