"""Many callers in one menu, for tests and measurements."""

from __future__ import annotations

from tests.support.calling import a, a_flow, action_id, calls_in
from voipbin_mock import Mock

ACTIONS = 20  # of the menu, all of which run


def a_menu(mock: Mock) -> str:
    """The id of a flow of twenty actions."""
    english = {"condition": "==", "variable": "${language}", "value_type": "string", "value_string": "en"}
    return a_flow(
        mock,
        a("answer"),
        a("variable_set", key="language", value="en"),
        a("talk", text="welcome ${voipbin.call.source.target}"),
        a("condition_variable", **english, false_target_id=action_id(20)),
        a("talk", text="press one for sales, two for support"),
        a("digits_receive", duration=3000, length=1),
        a("branch", target_ids={"1": action_id(8), "2": action_id(9)}, default_target_id=action_id(8)),
        a("talk", text="sales"),
        a("beep"),
        a("play", stream_urls=["https://example.com/music.wav"]),
        a("sleep", duration=1000),
        a("variable_set", key="said", value="${language} ${voipbin.call.id}"),
        a("talk", text="thank you for calling"),
        a("sleep", duration=500),
        a("variable_set", key="done", value="yes"),
        a("beep"),
        a("sleep", duration=500),
        a("beep"),
        a("talk", text="bye"),
        a("hangup"),
    )


def let_call(mock: Mock, callers: int, within: int = 60_000) -> None:
    """So many callers, evenly within so many milliseconds."""
    menu = a_menu(mock)
    for number in range(callers):
        calls_in(mock, menu, f"+1555{number:07d}")
        mock.advance(milliseconds=within // callers)


def executed(mock: Mock) -> int:
    """How many actions ran."""
    return sum(row.data["execute_count"] for row in mock.world.store["activeflows"])
