"""A flow as a graph: as data, as a table, as Mermaid text and as a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.calling import a, action_id
from tests.support.dialing import NIL, PROFILES
from voipbin_mock import Mock
from voipbin_mock.api.area import Area
from voipbin_mock.api.flow_actions import Done, FlowAction, Goto
from voipbin_mock.areas.flows.layout import LONGEST, lay_out

SVG = "{http://www.w3.org/2000/svg}"
MENU = (
    a("answer"),
    a("talk", text="Press 1 for sales"),
    a("digits_receive", duration=5000, length=1),
    a("branch", target_ids={"1": action_id(5), "2": action_id(99)}, default_target_id=action_id(7)),
    a("talk", text="Sales & <more>"),
    a("hangup"),
    a("goto", target_id=action_id(2), loop_count=2),
    a("hangup"),
)


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, ignore="all") as mock:
        yield mock


def flow(mock: Mock, *actions: dict[str, Any], name: str = "main") -> Any:
    several = [{"id": action_id(number), **action} for number, action in enumerate(actions, 1)]
    return mock.flow(mock.flows.create(name=name, detail="", actions=several))


def ways(view: Any) -> list[tuple[int, str, int]]:
    return [(way.source, way.outcome, way.target) for way in view.graph if not way.dead]


def test_the_ways_follow_from_what_the_actions_say(mock: Mock) -> None:
    view = flow(mock, *MENU)
    runs_out = mock.world.profile.name == "documented"
    assert ways(view) == [
        (0, "", 1),
        (1, "said", 2),
        (2, "length", 3),
        (2, "time", 3),
        (3, "1", 4),
        (3, "2", -2),
        (3, "default", 6),
        (4, "said", 5),
        (5, "", -1),
        (6, "jumped", 1),
        *([(6, "passed", 7)] if runs_out else []),
        (7, "", -1),
    ]
    assert [(node.position, node.type) for node in view][:3] == [(0, "answer"), (1, "talk"), (2, "digits_receive")]


def test_next_ids_and_the_ids_of_the_service_lead_too(mock: Mock) -> None:
    first = "00000000-0000-0000-0000-000000000001"
    finish = "00000000-0000-0000-0000-000000000002"
    view = flow(
        mock, a("beep", _next_id=action_id(3)), a("goto", target_id=first, loop_count=1), a("beep", _next_id=finish)
    )
    assert [each for each in ways(view) if each[1] != "passed"] == [
        (0, "played", 2),
        (1, "jumped", 0),
        (2, "played", -1),
    ]


def test_a_type_of_ones_own_is_drawn_by_its_declaration() -> None:
    dance = FlowAction(
        "dance",
        lambda run, option: Goto(option["left_target_id"], "left") if option.get("left_target_id") else Done("right"),
        option={"left_target_id": {"type": "string"}},
        targets=("left_target_id",),
        outcomes=("left", "right"),
    )
    with Mock(areas=[Area("dances", actions=[dance])], ignore="all") as mock:
        view = flow(mock, a("dance", left_target_id=action_id(3)), a("beep"), a("hangup"))
        assert ways(view)[:2] == [(0, "left", 2), (0, "right", 1)]


def test_it_is_a_table(mock: Mock) -> None:
    lines = str(flow(mock, *MENU)).splitlines()
    assert lines[:8] == [
        "flow main: 8 actions",
        "0  answer",
        '1  talk "Press 1 for sales"',
        "2  digits_receive duration 5000, length 1",
        "3  branch",
        '     "1" -> 4 talk "Sales & <more>"',
        '     "2" -> nowhere',
        "     default -> 6 goto loop_count 2",
    ]


def test_names_are_told_for_ids(mock: Mock) -> None:
    other = mock.flows.create(name="night", detail="", actions=[{"type": "hangup"}])
    assert 'fetch_flow flow_id "night"' in str(flow(mock, a("fetch_flow", flow_id=other.id)))


def test_it_is_a_mermaid_flowchart(mock: Mock) -> None:
    text = flow(mock, *MENU).mermaid()
    lines = text.splitlines()
    assert lines[0] == "flowchart TD"
    assert all(re.fullmatch(MERMAID, line) for line in lines[1:]), [
        x for x in lines[1:] if not re.fullmatch(MERMAID, x)
    ]
    assert '    a3{{"3 branch<br/>' in text
    assert '    a3 -- "#quot;1#quot;" --> a4' in lines
    assert '    a3 -- "#quot;2#quot;" --> nowhere' in lines
    assert "Sales & #lt;more#gt;" in text


LABEL = r'"[^"<>`]*(?:<br/>⚠ [a-z-]+)*"'
MERMAID = rf"    (?:a\d+(?:\[{LABEL}\]|\{{\{{{LABEL}\}}\}})|a\d+ (?:-- {LABEL} )?--> \w+|\w+\(\[[a-z ]+\]\))"


def drawn(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    return root


def test_it_is_a_picture_with_a_box_for_each_action(mock: Mock) -> None:
    svg = flow(mock, *MENU).svg()
    root = drawn(svg)
    assert root.findtext(f"{SVG}title") == "flow main: 8 actions"
    titles = [box.findtext(f"{SVG}title") for box in root.iter(f"{SVG}rect")]
    assert '4 talk "Sales & <more>"' in titles
    assert sum(bool(title) for title in titles) == 8
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"3 branch", '"1"', "default", "!"} <= set(words)
    assert "prefers-color-scheme: dark" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_boxes_stand_apart_and_below_each_other(mock: Mock) -> None:
    root = drawn(flow(mock, *MENU).svg())
    boxes = [box for box in root.iter(f"{SVG}rect") if box.findtext(f"{SVG}title")]
    places = sorted((float(box.get("y", 0)), float(box.get("x", 0))) for box in boxes)
    for (y, x), (other_y, other_x) in pairwise(places):
        assert y != other_y or other_x - x >= float(boxes[0].get("width", 0))
    tops = {(box.findtext(f"{SVG}title") or "").split()[0]: float(box.get("y", 0)) for box in boxes}
    assert tops["0"] < tops["1"] < tops["2"] < tops["3"] < tops["4"] < tops["5"]


def test_a_hundred_actions_and_more_stay_a_picture(mock: Mock) -> None:
    view = flow(mock, *[a("beep")] * 450)
    assert "and 50 more actions" in view.svg()
    assert "50 more actions" in view.mermaid()
    assert drawn(view.svg())


def test_an_empty_flow_is_drawn_too(mock: Mock) -> None:
    view = flow(mock)
    assert str(view) == "flow main: 0 actions"
    assert drawn(view.svg())
    assert view.lint() == []
    assert len(view) == 0


def test_a_flow_that_there_is_not(mock: Mock) -> None:
    with pytest.raises(LookupError, match="no flow"):
        mock.flow(NIL)


def test_the_control_api_has_it(mock: Mock) -> None:
    view = flow(mock, *MENU)
    path = f"/__mock__/flows/{view.id}/graph"
    told = mock.client.get(path).json
    assert told == view.as_dict()
    assert told["actions"][3]["ways"][1] == {"outcome": "2", "to": None, "ends": "nowhere", "never": False}
    for form, text, kind in (
        ("text", str(view), "text/plain; charset=utf-8"),
        ("mermaid", view.mermaid(), "text/plain; charset=utf-8"),
        ("svg", view.svg(), "image/svg+xml"),
    ):
        reply = mock.client.get(path, query_string={"format": form})
        assert (reply.text.rstrip(), reply.content_type) == (text.rstrip(), kind)
    assert mock.client.get(path, query_string={"format": "gif"}).status_code == 400
    assert mock.client.get(f"/__mock__/flows/{NIL}/graph").status_code == 404


# --- the layout -------------------------------------------------------------------------------------------

edges = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=30)


@settings(max_examples=40, deadline=None)
@given(edges)
def test_points_of_a_layer_never_overlap_and_lines_pass_every_layer_between(several: list[tuple[int, int]]) -> None:
    layout = lay_out(15, several, 200, 20)
    rows: dict[int, list[tuple[float, float]]] = {}
    for point, x in layout.x.items():
        rows.setdefault(layout.layer[point], []).append((x, 200 if point < 15 else 20))
    for row in rows.values():
        for (left, wide), (right, other) in pairwise(sorted(row)):
            assert right - left >= (wide + other) / 2 - 0.2
    for (source, target), bends in layout.bends.items():
        passed = [layout.layer[each] for each in (source, *bends, target)]
        assert all(abs(a - b) == 1 for a, b in pairwise(passed)) or passed[0] == passed[-1]
    assert lay_out(15, several, 200, 20) == layout


def test_a_line_that_is_too_long_is_cut() -> None:
    chain = [(each, each + 1) for each in range(LONGEST + 5)]
    assert lay_out(LONGEST + 6, [*chain, (LONGEST + 5, 0)], 200, 20).cut == {(LONGEST + 5, 0)}


def test_actions_that_a_test_puts_in_place_have_ids(mock: Mock) -> None:
    made = mock.flows.create(name="main", detail="", actions=[a("answer"), a("hangup")])
    changed = mock.flows.update(made, actions=[a("answer"), a("beep"), a("hangup")])
    assert [len({action["id"] for action in record.actions}) for record in (made, changed)] == [2, 3]
