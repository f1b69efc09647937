"""What goes on when its mock has gone: threads that outlive their test, a guard that stands, forked children."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import requests

import voipbin_mock
from tests.interception.test_intercept import ORIGINALS, patched
from voipbin_mock import LeakError, Mock
from voipbin_mock.interception import patches

URL = "https://api.voipbin.net/v1.0/outplans"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The names that were really looked up."""
    import _socket

    names: list[Any] = []
    really = _socket.getaddrinfo

    def nobody(host: Any, *args: Any, **kwargs: Any) -> Any:
        if "voipbin" not in str(host):
            return really(host, *args, **kwargs)
        names.append(host)
        raise OSError("nobody")

    monkeypatch.setattr(_socket, "getaddrinfo", nobody)
    yield names
    patches.stopped()  # told here, and not at the end of the run


class Poller(threading.Thread):
    """Code under test that calls when it is let, and is not waited for."""

    def __init__(self) -> None:
        super().__init__(name="poller", daemon=True)
        self.go, self.done, self.met = threading.Event(), threading.Event(), list[BaseException]()
        self.start()

    def run(self) -> None:
        self.go.wait(10)
        try:
            requests.get(URL, timeout=5)
        except BaseException as error:  # noqa: BLE001 - for the test to look at
            self.met.append(error)
        self.done.set()

    def call(self) -> BaseException:
        self.go.set()
        assert self.done.wait(10)
        self.join(10)
        return self.met[0]


def test_a_thread_that_outlives_its_mock_does_not_reach_the_service(asked: list[Any]) -> None:
    with Mock():
        poller = Poller()
    met = poller.call()
    assert isinstance(met, LeakError)
    assert "the thread 'poller', which was started while a mock was there and has outlived it" in str(met)
    assert asked == []


def test_other_threads_are_free_meanwhile(asked: list[Any]) -> None:
    with Mock():
        poller = Poller()
    with pytest.raises(requests.ConnectionError):
        requests.get(URL, timeout=5)
    assert asked == ["api.voipbin.net"]
    poller.call()


def test_it_is_remembered_over_the_next_mock_and_forgotten_with_the_thread(asked: list[Any]) -> None:
    with Mock():
        poller = Poller()
    with Mock() as mock:
        assert requests.get(URL, headers=mock.headers, timeout=5).status_code == 200
    assert isinstance(poller.call(), LeakError)
    with pytest.raises(httpx.ConnectError):
        httpx.get(URL)  # which sees that the thread has ended
    assert patched() == ORIGINALS


def test_without_the_leak_guard_such_a_thread_is_free(asked: list[Any]) -> None:
    with Mock(leak_guard=False):
        poller = Poller()
    assert patched() == ORIGINALS
    assert isinstance(poller.call(), requests.ConnectionError)
    assert asked == ["api.voipbin.net"]


def test_a_guard_stands_between_mocks_for_every_thread(asked: list[Any]) -> None:
    with voipbin_mock.guard():
        poller = Poller()
        with Mock() as mock:
            assert requests.get(URL, headers=mock.headers, timeout=5).status_code == 200
        with pytest.raises(LeakError, match="No mock answers for it now, and the guard is up"):
            requests.get(URL, timeout=5)
        assert isinstance(poller.call(), LeakError)
        with Mock(leak_guard=False), pytest.raises(requests.ConnectionError):
            requests.get("https://sip.voipbin.net/", timeout=5)
    assert asked == ["sip.voipbin.net"]
    assert patched() == ORIGINALS
    with pytest.raises(requests.ConnectionError):
        requests.get(URL, timeout=5)


OUTSIDE = """
    import pytest, requests
    from voipbin_mock import LeakError

    def test_mocked(voipbin):
        assert requests.get("https://api.voipbin.net/v1.0/me", headers=voipbin.headers).status_code == 200

    def test_without_a_mock():
        try:
            requests.get("https://api.voipbin.net/v1.0/me", timeout=5)
        except requests.ConnectionError:
            pytest.fail("it would have left")
        except LeakError:
            pass
"""


def test_a_run_of_pytest_may_have_the_guard_up_all_the_time(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    run(OUTSIDE).assert_outcomes(passed=1, failed=1)
    result = run(OUTSIDE, "--voipbin-mock-guard=session")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*calls that were stopped while no mock was there*",
            "voipbin-mock stopped a call * to api.voipbin.net*",
        ]
    )
    pytester.makeini("[pytest]\nvoipbin_mock_guard = session\n")
    run(OUTSIDE).assert_outcomes(passed=2)
    pytester.makeini("[pytest]\nvoipbin_mock_guard = always\n")
    refused = run(OUTSIDE)
    refused.stderr.fnmatch_lines(["*voipbin_mock_guard must be test or session, not 'always'*"])
    patches._INTERCEPTION._over()  # should threads of other tests go on
    assert patched() == ORIGINALS


forks = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")


def in_a_child(call: Callable[[], Any]) -> None:
    child = multiprocessing.get_context("fork").Process(target=call)
    child.start()
    child.join(10)


@forks
@pytest.mark.parametrize("way", ["intercepted", "client", "transport"])
def test_what_a_forked_child_writes_is_lost_and_both_sides_say_so(way: str, capfd: pytest.CaptureFixture[str]) -> None:
    def post() -> None:
        tag = {"name": "a", "detail": ""}
        if way == "client":
            mock.client.post("/v1.0/tags", json=tag)
        elif way == "transport":
            httpx.Client(transport=mock.httpx_transport()).post(f"{mock.url}/tags", json=tag, headers=mock.headers)
        else:
            requests.post(f"{mock.url}/tags", json=tag, headers=mock.headers, timeout=5)

    with Mock() as mock:
        with pytest.raises(AssertionError, match=r"no request reached the mock$"):
            mock.journal.assert_called("POST", "/tags")
        in_a_child(post)
        assert "a forked child process called its own copy of the mock" in capfd.readouterr().err
        assert mock.tags.list() == []
        with pytest.raises(AssertionError, match=r"a child process was forked meanwhile.*use voipbin_server"):
            mock.journal.assert_called("POST", "/tags")
    with Mock() as later, pytest.raises(AssertionError, match=r"no request reached the mock$"):
        later.journal.assert_called("POST", "/tags")


@forks
def test_a_child_that_calls_a_served_mock_is_the_parents_client(capfd: pytest.CaptureFixture[str]) -> None:
    with Mock() as mock:
        mock.serve()
        url, headers = f"{mock.url}/tags", mock.headers
        in_a_child(lambda: requests.post(url, json={"name": "a", "detail": ""}, headers=headers, timeout=5))
        assert [tag.name for tag in mock.tags.list()] == ["a"]
        assert "forked" not in capfd.readouterr().err
