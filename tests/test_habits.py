"""What people try first: a mock by hand, names with a slip in them, objects looked at in a terminal."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
import requests

from voipbin_mock import Clock, LeakError, Mock, contract


def test_a_mock_can_be_started_and_closed_by_hand() -> None:
    voipbin = Mock().start()
    try:
        assert requests.get(f"{voipbin.url}/outplans", headers=voipbin.headers).json()["result"] == []
        with pytest.raises(LeakError):
            requests.get("https://www.voipbin.net/x")
        assert voipbin.start() is voipbin  # again is once
    finally:
        voipbin.close()
    with Mock() as other:  # nothing of the first is left
        requests.get(f"{other.url}/outplans", headers=other.headers)
        assert len(other.requests) == 1
    assert len(voipbin.requests) == 1


def test_a_closed_mock_can_be_started_again() -> None:
    getaddrinfo = socket.getaddrinfo
    voipbin = Mock().start()
    voipbin.close()
    with voipbin.start():  # one beginning: the end of the block is its end
        assert requests.get(f"{voipbin.url}/outplans", headers=voipbin.headers).status_code == 200
    assert getaddrinfo is socket.getaddrinfo


def test_a_setting_with_a_slip_is_told_with_the_right_one() -> None:
    with pytest.raises(TypeError, match=r"Mock\(profil=...\) is no setting; did you mean 'profile'\?"):
        Mock(profil="server")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Mock\(xyzzy=...\) is no setting; known are profile, seed, strict"):
        Mock(xyzzy=1)  # type: ignore[call-arg]


def test_a_mock_of_your_own_kind_may_take_what_it_likes() -> None:
    class Mine(Mock):
        def __init__(self, profil: str) -> None:
            super().__init__(profil)

    assert Mine(profil="server").world.profile.name == "server"


def test_a_keyword_with_a_slip_is_a_type_error_with_the_right_one() -> None:
    with pytest.raises(TypeError, match="outplan: /nam: unknown member; did you mean 'name'"):
        Mock().outplans.create(nam="evening")


@pytest.mark.parametrize("call", ["list", "get"])
def test_a_member_with_a_slip_is_told_with_the_right_one(call: str) -> None:
    with pytest.raises(TypeError, match=r"outplans have no member 'nam'; known are .*did you mean 'name'\?"):
        getattr(Mock().outplans, call)(nam="evening")


def test_what_is_looked_at_shows_what_it_is() -> None:
    mock = Mock(clock="2026-03-01T09:00:00Z")
    mock.outplans.create()
    gone = mock.outplans.create()
    mock.outplans.delete(gone.id)
    assert repr(mock.outplans) == "<outplans: 1>"
    assert repr(mock.clock) == "<clock 2026-03-01T09:00:00.000000Z frozen>"
    assert repr(mock.webhooks) == "<webhooks: 0 deliveries>"
    assert repr(mock.faults) == "<faults: none>"
    assert repr(Clock(speed=60)).endswith(" 60 times as fast>")
    assert repr(Clock()).endswith(" running>")


def test_the_contract_has_the_names_that_it_says_and_no_others() -> None:
    assert all(getattr(contract, name) for name in contract.__all__)
    with pytest.raises(AttributeError, match="no attribute 'cheque'"):
        contract.cheque  # type: ignore[attr-defined]  # noqa: B018


# --- settings of pytest -------------------------------------------------------------------------

TWO = "def test_one(voipbin): pass\ndef test_two(voipbin): pass"


def test_a_wrong_flag_is_one_line_before_any_test(run: Callable[..., pytest.RunResult]) -> None:
    result = run(TWO, "--voipbin-mock-profile=foo")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: voipbin-mock: unknown profile 'foo'; choose one of documented, server"])


def test_a_wrong_ini_option_is_one_line_before_any_test(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    pytester.makeini("[pytest]\nvoipbin_mock_unused = perhaps\n")
    result = run(TWO)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: voipbin-mock: unused must be warn, error or ignore, not 'perhaps'"])


def test_a_marker_with_a_slip_is_told_in_a_line(run: Callable[..., pytest.RunResult]) -> None:
    result = run("import pytest\n@pytest.mark.voipbin(profil='server')\ndef test_one(voipbin): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["voipbin(profil=...) is no setting; did you mean 'profile'?"])
    assert "::test_one: voipbin" not in result.stdout.str()  # whose it is stands in the line above
    assert "pytest_plugin.py" not in result.stdout.str()
