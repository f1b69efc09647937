"""Rate limits, as the service has them: on request, and in virtual time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipbin_mock import Mock, MockUsageError
from voipbin_mock.trouble.limits import TIERS, Limits
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Caller

START = "2026-03-01T09:00:00Z"


def codes(mock: Mock, count: int, path: str = "/v1.0/me") -> list[int]:
    return [mock.client.get(path).status_code for _ in range(count)]


def test_nothing_is_limited_unless_asked_for() -> None:
    with Mock(clock=START) as mock:
        assert set(codes(mock, 500)) == {200}


def test_a_customer_has_33_at_once_and_17_a_second() -> None:
    with Mock(clock=START, rate_limits=True) as mock:
        assert codes(mock, 34) == [200] * 33 + [429]
        mock.advance(1)
        assert codes(mock, 18) == [200] * 17 + [429]
        mock.advance(60)
        assert codes(mock, 34) == [200] * 33 + [429]


def test_the_answer_says_when_and_why_and_a_good_one_says_nothing() -> None:
    with Mock(clock=START, rate_limits={"customer": (0.25, 1)}) as mock:
        good, refused = mock.client.get("/v1.0/me"), mock.client.get("/v1.0/me")
        assert not [name for name, _ in good.headers if "rate" in name.lower() or name == "Retry-After"]
        assert refused.headers["Retry-After"] == "4"
        assert refused.json["error"]["reason"] == "RATE_LIMIT_EXCEEDED"
        assert refused.json["error"]["status"] == "RESOURCE_EXHAUSTED"
        assert refused.json["error"]["details"] == [{"limited_by": "customer"}]
        mock.advance(1.5)
        assert mock.client.get("/v1.0/me").headers["Retry-After"] == "3"
        mock.advance(2.5)
        assert mock.client.get("/v1.0/me").status_code == 200


def test_agents_and_access_keys_of_a_customer_share_a_bucket() -> None:
    with Mock(clock=START, rate_limits={"customer": (1, 2)}) as mock:
        assert mock.client.get("/v1.0/me").status_code == 200
        assert mock.anonymous.get("/v1.0/outplans", query_string=mock.params).status_code == 200
        assert mock.client.get("/v1.0/me").status_code == 429


def test_direct_tokens_have_a_bucket_of_their_own() -> None:
    with Mock(clock=START, rate_limits={"customer": (1, 1), "direct": (1, 2)}) as mock:
        token = mock.direct_token()
        assert codes(mock, 2) == [200, 429]
        asked = [mock.anonymous.get(f"/v1.0/me?token={token}").status_code for _ in range(3)]
        assert asked == [403, 403, 429]


def test_the_address_is_limited_before_the_credential_is_looked_at_and_the_customer_after() -> None:
    with Mock(clock=START, rate_limits={"ip": (1, 2), "customer": (1, 1)}) as mock:
        assert [mock.anonymous.get("/v1.0/me").status_code for _ in range(3)] == [401, 401, 429]
        assert mock.client.get("/v1.0/me").json["error"]["details"] == [{"limited_by": "ip"}]
        mock.advance(1)
        assert mock.client.get("/v1.0/me").status_code == 200
        mock.advance(0.5)
        assert mock.anonymous.get("/v1.0/me", environ_base={"REMOTE_ADDR": "10.0.0.2"}).status_code == 401
        other = mock.client.get("/v1.0/me", environ_base={"REMOTE_ADDR": "10.0.0.2"})
        assert other.json["error"]["details"] == [{"limited_by": "customer"}]


def test_login_is_limited_by_address() -> None:
    with Mock(clock=START, rate_limits=True) as mock:
        credential = {"username": mock.username, "password": mock.password}
        asked = [mock.anonymous.post("/auth/login", json=credential).status_code for _ in range(21)]
        assert asked == [200] * 20 + [429]
        assert mock.client.get("/v1.0/me").status_code == 200


def test_ping_unknown_paths_and_the_control_api_are_not_limited() -> None:
    with Mock(clock=START, rate_limits={"ip": (1, 1), "auth_ip": (1, 1)}) as mock:
        for path, code in (("/ping", 200), ("/v1.0/nothing", 404), ("/__mock__/health", 200)):
            assert codes(mock, 5, path) == [code] * 5


def test_reset_fills_the_buckets_and_brings_the_settings_back() -> None:
    with Mock(clock=START, rate_limits={"customer": (1, 1)}) as mock:
        assert codes(mock, 2) == [200, 429]
        mock.limits.clear()
        assert codes(mock, 3) == [200] * 3
        mock.reset()
        assert codes(mock, 2) == [200, 429]


def test_limits_can_be_set_while_it_runs_and_over_the_control_api() -> None:
    with Mock(clock=START) as mock:
        mock.limits.set({"customer": (1, 2)})
        assert codes(mock, 3) == [200, 200, 429]
        control = mock.anonymous
        assert control.get("/__mock__/limits").json["rate_limits"] == {"customer": [1, 2]}
        assert control.put("/__mock__/limits", json={"rate_limits": {"customer": [1, 1]}}).status_code == 200
        assert codes(mock, 2) == [200, 429]
        assert control.put("/__mock__/limits", json={"rate_limits": {"custmer": [1, 1]}}).status_code == 400
        assert control.put("/__mock__/limits", json={}).status_code == 400
        assert control.delete("/__mock__/limits").status_code == 200
        assert codes(mock, 5) == [200] * 5
        assert control.get("/__mock__/limits").json["service"] == {n: list(t) for n, t in TIERS.items()}


@pytest.mark.parametrize(
    ("asked", "tiers"),
    [
        (True, set(TIERS)),
        ("true", set(TIERS)),
        ("on", set(TIERS)),
        (False, set()),
        ("off", set()),
        (None, set()),
        ({"ip": True, "customer": False}, {"ip"}),
        ('{"customer": [2, 5]}', {"customer"}),
        ({"customer": (0, 5), "ip": (5, 0)}, set()),
    ],
)
def test_every_way_to_ask(asked: Any, tiers: set[str]) -> None:
    with Mock(rate_limits=asked) as mock:
        assert set(mock.limits.tiers) == tiers


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("perhaps", "give true, false or"),
        (5, "give true, false or"),
        ({"custmer": True}, "did you mean 'customer'"),
        ({"customer": 5}, "[requests a second, requests at once]"),
        ({"customer": (1, 1.5)}, "the burst is a whole number"),
        ({"customer": (float("inf"), 1)}, "the burst is a whole number"),
        ({"customer": (True, 1)}, "[requests a second, requests at once]"),
    ],
)
def test_what_cannot_be_a_limit_is_refused(asked: Any, said: str) -> None:
    with pytest.raises(MockUsageError) as caught:
        Mock(rate_limits=asked)
    assert said in str(caught.value)


def test_a_clock_that_is_set_back_gives_nothing_and_takes_nothing() -> None:
    with Mock(clock=START, rate_limits={"customer": (1, 1)}) as mock:
        assert codes(mock, 2) == [200, 429]
        mock.freeze("2026-02-01T09:00:00Z")
        assert codes(mock, 1) == [429]
        mock.advance(1)
        assert codes(mock, 1) == [200]


@given(
    rate=st.integers(1, 50),
    burst=st.integers(1, 20),
    steps=st.lists(st.integers(0, 3000), min_size=1, max_size=60),
)
def test_no_window_of_time_lets_more_through_than_rate_and_burst(rate: int, burst: int, steps: list[int]) -> None:
    mock = Mock(clock=START, rate_limits={"customer": (rate, burst)})
    clock, limits = mock.clock, mock.world.part(Limits)
    caller = Caller("agent", "c", "c", 0)
    passed: list[int] = []
    told: list[int | None] = []
    for milliseconds in steps:
        clock.advance(milliseconds=milliseconds)
        try:
            limits.check_caller("/v1.0/me", caller)
            passed.append(clock.microseconds())
        except ApiError as error:
            told.append(error.retry_after)
    assert all(seconds == 1 for seconds in told)  # a token comes within a second
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            seconds = (passed[last] - passed[first]) / 1_000_000
            assert last - first + 1 <= burst + rate * seconds + 1e-6


@given(rate=st.integers(1, 20), burst=st.integers(1, 5), early=st.integers(0, 900))
def test_whoever_waits_as_long_as_told_is_let_through(rate: int, burst: int, early: int) -> None:
    mock = Mock(clock=START, rate_limits={"customer": (rate / 7, burst)})
    clock, limits = mock.clock, mock.world.part(Limits)
    caller = Caller("accesskey", "c", "c", 0)
    for _ in range(burst):
        limits.check_caller("/v1.0/me", caller)
    clock.advance(milliseconds=early * 0.1)
    try:
        limits.check_caller("/v1.0/me", caller)
    except ApiError as error:
        clock.advance(error.retry_after)
        limits.check_caller("/v1.0/me", caller)


def test_limits_by_marker_and_flag(run: Callable[..., pytest.RunResult]) -> None:
    run(
        """
        import pytest

        @pytest.mark.voipbin(rate_limits={"customer": (1, 1)})
        def test_marked(voipbin):
            assert [voipbin.client.get("/v1.0/me").status_code for _ in range(2)] == [200, 429]

        def test_flag(voipbin):
            assert list(voipbin.limits.tiers) == ["ip"]
        """,
        "--voipbin-mock-rate-limits",
        json.dumps({"ip": [1, 1]}),
    ).assert_outcomes(passed=2)
