"""Code that calls the service's own URLs reaches the mock, through every client, and nothing leaves."""

from __future__ import annotations

import asyncio
import gc
import http.client
import io
import json
import socket
import subprocess
import sys
import threading
import tracemalloc
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from urllib3.connectionpool import HTTPConnectionPool

from tests.support.http_clients import CLIENTS, SERVICE, Client
from voipbin_mock import LeakError, Mock, MockUsageError, VoIPBINWarning
from voipbin_mock.interception import patches
from voipbin_mock.server.live import LiveServer

PLAN = {
    "name": "evening", "detail": "", "source": {"type": "tel", "target": "+15559876543"}, "dial_timeout": 25000,
    "try_interval": 900000, "max_try_count_0": 2, "max_try_count_1": 1, "max_try_count_2": 0, "max_try_count_3": 0,
    "max_try_count_4": 0,
}  # fmt: skip
BODY = json.dumps(PLAN).encode()
OUTPLANS = SERVICE + "/v1.0/outplans"
NOWHERE = "http://127.0.0.1:9"  # a proxy that nobody may ask

every_client = pytest.mark.parametrize("name", list(CLIENTS))
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in PROXIES:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def make() -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(name: str, proxy: str | None = None) -> Client:
        made.append(CLIENTS[name](proxy))
        return made[-1]

    yield make
    for client in made:
        client.close()


# --- the matrix ------------------------------------------------------------------------------------


@every_client
@pytest.mark.parametrize("made", ["before", "inside"])
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("proxied", [False, True], ids=["", "proxy"])
def test_hard_coded_urls_reach_the_mock(
    name: str, made: str, scheme: str, proxied: bool, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if proxied:
        for variable in PROXIES[:6]:
            monkeypatch.setenv(variable, NOWHERE)
    proxy = NOWHERE if proxied else None
    early = make(name, proxy) if made == "before" else None
    with Mock() as mock:
        client = early or make(name, proxy)
        url = f"{scheme}://api.voipbin.net/v1.0/outplans"
        created = client.post(url, mock.headers, BODY)
        assert created.status == 200
        assert json.loads(created.body)["name"] == "evening"
        listed = client.get(url + "?page_size=1", mock.headers)
        assert [plan["name"] for plan in json.loads(listed.body)["result"]] == ["evening"]
        assert listed.headers["content-type"] == "application/json; charset=utf-8"
        assert listed.headers["content-length"] == str(len(listed.body))
        assert [(seen.method, seen.status) for seen in mock.requests] == [("POST", 200), ("GET", 200)]
        assert mock.outplans.get(name="evening").dial_timeout == 25000


@every_client
@pytest.mark.parametrize("port", [":443", ":8443", ":80"])
def test_explicit_ports_are_the_service_too(name: str, port: str, make: Any) -> None:
    with Mock() as mock:
        assert make(name).get(f"https://api.voipbin.net{port}/v1.0/me", mock.headers).status == 200


@every_client
def test_an_error_of_the_service_is_the_clients_to_handle(name: str, make: Any) -> None:
    with Mock():
        reply = make(name).get(OUTPLANS, {})
        assert reply.status == 401
        assert json.loads(reply.body)["error"]["reason"] == "AUTHENTICATION_REQUIRED"


@every_client
def test_one_client_lives_through_many_mocks(name: str, make: Any) -> None:
    client = make(name)
    for _ in range(3):
        with Mock() as mock:
            client.post(OUTPLANS, mock.headers, BODY)
            assert len(json.loads(client.get(OUTPLANS, mock.headers).body)["result"]) == 1


@every_client
def test_bodies_may_be_streamed_up(name: str, make: Any) -> None:
    def parts() -> Iterator[bytes]:
        yield BODY[:40]
        yield BODY[40:]

    async def async_parts() -> Any:
        for part in parts():
            yield part

    with Mock() as mock:
        body = async_parts() if name in ("httpx async", "aiohttp") else parts()
        assert make(name).post(OUTPLANS, mock.headers, body).status == 200
        assert mock.requests[0].body == BODY
        if name not in ("httpx async",):
            assert make(name).post(OUTPLANS, mock.headers, io.BytesIO(BODY)).status == 200
            assert mock.requests[1].body == BODY


@every_client
def test_other_hosts_are_untouched(name: str, make: Any) -> None:
    def other(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "9")])
        return [b"untouched"]

    with LiveServer(other) as server, Mock() as mock:
        reply = make(name).get(server.origin + "/v1.0/outplans", {})
        assert reply.body == b"untouched"
        assert mock.requests == []


@every_client
@pytest.mark.parametrize(
    ("setting", "called"),
    [
        ("https://staging.example.com", "https://staging.example.com/v1.0/me"),
        ("https://staging.example.com/v1.0", "https://staging.example.com/v1.0/me"),
        ("http://localhost:8099/voipbin/v1.0/", "http://localhost:8099/voipbin/v1.0/me"),
    ],
)
def test_other_base_urls_lead_to_the_mock_by_setting(name: str, setting: str, called: str, make: Any) -> None:
    with Mock(base_urls=[setting]) as mock:
        client = make(name)
        assert client.get(called, mock.headers).status == 200
        assert client.get(SERVICE + "/v1.0/me", mock.headers).status == 200
        assert [seen.path for seen in mock.requests] == ["/v1.0/me", "/v1.0/me"]


@pytest.mark.parametrize("wrong", ["staging.example.com", "ftp://staging.example.com", "https://", "https://a:b/", 7])
def test_what_is_no_base_url_is_refused_with_an_example(wrong: Any) -> None:
    with pytest.raises(MockUsageError, match=r"base_urls: .* is no base URL; write it as https://staging"):
        Mock(base_urls=[wrong])


@pytest.mark.parametrize("setting", ["intercept", "leak_guard"])
def test_switches_are_true_or_false(setting: str) -> None:
    with pytest.raises(MockUsageError, match=f"{setting} must be True or False, not 'no'"):
        Mock(**{setting: "no"})  # type: ignore[arg-type]


# --- what clients do by themselves -----------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/gateway"])
def test_redirects_are_followed_by_every_client_that_follows(prefix: str) -> None:
    where = "https://staging.example.com" + prefix
    with Mock(base_urls=[where]) as mock:
        url, headers = where + "/v1.0/outplans/", mock.headers
        assert requests.get(url, headers=headers, timeout=5).json()["result"] == []
        assert json.loads(urllib3.PoolManager().request("GET", url, headers=headers).data)["result"] == []
        assert httpx.get(url, headers=headers, follow_redirects=True).json()["result"] == []
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as reply:
            assert json.load(reply)["result"] == []

        async def go() -> Any:
            async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as reply:
                return await reply.json()

        assert asyncio.run(go())["result"] == []
        assert [seen.status for seen in mock.requests] == [301, 200] * 5
        # A 307 keeps method and body.
        assert requests.post(url, json=PLAN, headers=headers, timeout=5).json()["name"] == "evening"


def test_the_login_cookie_is_kept_by_every_session() -> None:
    with Mock() as mock:
        login, me = SERVICE + "/auth/login", SERVICE + "/v1.0/me"
        who = {"username": mock.username, "password": mock.password}
        with requests.Session() as session:
            assert session.post(login, json=who).cookies["token"]
            assert session.get(me).status_code == 200
        with httpx.Client() as client:
            assert client.post(login, json=who).cookies["token"]
            assert client.get(me).status_code == 200

        async def go() -> int:
            async with aiohttp.ClientSession() as session:
                async with session.post(login, json=who) as reply:
                    assert reply.cookies["token"].value
                async with session.get(me) as reply:
                    return reply.status

        assert asyncio.run(go()) == 200
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        opener.open(urllib.request.Request(login, json.dumps(who).encode(), {"Content-Type": "application/json"}))
        assert opener.open(me).status == 200


def test_answers_may_be_streamed_down() -> None:
    with Mock() as mock:
        whole = requests.get(OUTPLANS, headers=mock.headers, timeout=5).content
        with requests.get(OUTPLANS, headers=mock.headers, stream=True, timeout=5) as reply:
            assert b"".join(reply.iter_content(7)) == whole
        with httpx.stream("GET", OUTPLANS, headers=mock.headers) as streamed:
            assert b"".join(streamed.iter_bytes(7)) == whole
        raw = urllib3.PoolManager().request("GET", OUTPLANS, headers=mock.headers, preload_content=False)
        assert b"".join(raw.stream(7)) == whole
        raw.release_conn()

        async def go() -> bytes:
            async with aiohttp.ClientSession() as session, session.get(OUTPLANS, headers=mock.headers) as reply:
                return b"".join([part async for part in reply.content.iter_chunked(7)])

        assert asyncio.run(go()) == whole


@pytest.mark.parametrize("refused", [2, 3])
def test_a_transport_of_httpx_tries_a_refused_connection_again_as_often_as_it_was_told(refused: int) -> None:
    transports = httpx.HTTPTransport(retries=2), httpx.AsyncHTTPTransport(retries=2)

    async def ask(transport: Any) -> int:
        async with httpx.AsyncClient(transport=transport) as client:
            return (await client.get(f"{SERVICE}/v1.0/outplans")).status_code

    for transport in transports:
        with Mock() as mock:
            mock.faults.refuse("GET /outplans", times=refused)
            mock.faults.error("GET /outplans", "INTERNAL", times=None)
            with pytest.raises(httpx.ConnectError) if refused > 2 else nullcontext():
                if isinstance(transport, httpx.HTTPTransport):
                    with httpx.Client(transport=transport) as client:
                        assert client.get(f"{SERVICE}/v1.0/outplans").status_code == 500
                else:
                    assert asyncio.run(ask(transport)) == 500
            assert len(mock.journal) == 3
            mock.faults.clear()


def test_a_mock_whose_calls_another_answers_says_so() -> None:
    with Mock() as outer, Mock() as inner:
        requests.get(f"{SERVICE}/v1.0/outplans", params=inner.params)
        with pytest.raises(AssertionError, match=r"another mock was entered after this one .* \(requests seen: 1\)"):
            outer.journal.assert_called("GET", "/outplans")
        assert "another mock was entered after this one" in dict(outer.sections())["voipbin-mock requests (documented)"]
        with pytest.raises(AssertionError, match=r"no request reached the mock$"), Mock(intercept=False) as silent:
            silent.journal.assert_called("GET", "/outplans")
        inner.journal.clear()
        with pytest.raises(AssertionError, match=r"no request reached the mock$"):
            inner.journal.assert_called("GET", "/outplans")


def test_custom_adapters_transports_and_retries_are_kept_in_use() -> None:
    class Adapter(requests.adapters.HTTPAdapter):
        sent = 0

        def send(self, *args: Any, **kwargs: Any) -> Any:
            self.sent += 1
            return super().send(*args, **kwargs)

    adapter = Adapter(max_retries=urllib3.Retry(3, status_forcelist=[404], backoff_factor=0))
    session = requests.Session()
    session.mount("https://", adapter)
    client = httpx.Client(transport=httpx.HTTPTransport(retries=2))
    with Mock() as mock:
        with pytest.raises(requests.exceptions.RetryError):
            session.get(OUTPLANS + "/70700000-0000-4000-8000-00000000dead", headers=mock.headers)
        assert adapter.sent == 1
        assert len(mock.requests) == 4
        assert client.get(OUTPLANS, headers=mock.headers).status_code == 200


def test_head_options_and_bodiless_answers_are_read_to_the_end() -> None:
    with Mock() as mock:
        session = requests.Session()
        for _ in range(2):
            assert session.head(SERVICE + "/ping").content == b""
            assert session.options(OUTPLANS, headers={"Origin": "https://web.test"}).status_code == 204
        connection = http.client.HTTPSConnection("api.voipbin.net")
        for _ in range(2):
            connection.request("HEAD", "/ping")
            assert connection.getresponse().read() == b""
            connection.request("GET", "/v1.0/me", headers=mock.headers)
            assert json.load(connection.getresponse())["username"] == mock.username


def test_expect_continue_is_met() -> None:
    async def go(headers: Any) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(OUTPLANS, json=PLAN, headers=headers, expect100=True) as reply,
        ):
            return reply.status

    with Mock() as mock:
        assert asyncio.run(go(mock.headers)) == 200


def test_threads_and_loops_at_once_lose_nothing() -> None:
    def in_a_thread(number: int) -> None:
        requests.post(OUTPLANS, json={**PLAN, "name": f"r{number}"}, headers=headers, timeout=5)
        httpx.post(OUTPLANS, json={**PLAN, "name": f"h{number}"}, headers=headers)
        asyncio.run(in_a_loop(number))

    async def in_a_loop(number: int) -> None:
        async with aiohttp.ClientSession(headers=headers) as session, httpx.AsyncClient(headers=headers) as client:

            async def one(index: int) -> None:
                name = f"a{number}-{index}"
                async with session.post(OUTPLANS, json={**PLAN, "name": name}) as reply:
                    assert reply.status == 200
                assert (await client.post(OUTPLANS, json={**PLAN, "name": f"x{name}"})).status_code == 200

            await asyncio.gather(*(one(index) for index in range(4)))

    with Mock() as mock:
        headers = mock.headers
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(in_a_thread, range(8)))
        names = [plan.name for plan in mock.outplans]
        assert len(names) == len(set(names)) == 8 * (2 + 8)


# --- warnings --------------------------------------------------------------------------------------

LINTED = json.dumps({**PLAN, "dial_timeout": 25}).encode()


@every_client
def test_a_lint_warning_names_the_line_that_made_the_call(name: str, make: Any) -> None:
    client = make(name)
    with Mock() as mock, pytest.warns(VoIPBINWarning, match="seconds-not-milliseconds") as caught:
        client.post(OUTPLANS, mock.headers, LINTED)
    assert {warning.filename for warning in caught} <= {__file__, sys.modules["tests.support.http_clients"].__file__}


@every_client
def test_a_lint_warning_made_an_error_reaches_the_caller_as_itself(name: str, make: Any) -> None:
    client = make(name)
    with Mock() as mock, pytest.raises(VoIPBINWarning, match="seconds-not-milliseconds"):
        client.post(OUTPLANS, mock.headers, LINTED)


# --- nesting, and giving back ----------------------------------------------------------------------


def asked_of(*mocks: Mock) -> list[int]:
    requests.get(SERVICE + "/ping", timeout=5)
    return [len(mock.requests) for mock in mocks]


def test_the_innermost_mock_answers_and_the_outer_one_after_it() -> None:
    with Mock() as outer:
        with Mock() as inner:
            assert asked_of(outer, inner) == [0, 1]
        assert asked_of(outer, inner) == [1, 1]


def test_mocks_may_be_left_in_any_order() -> None:
    first, second = Mock(), Mock()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert asked_of(first, second) == [0, 1]
    second.__exit__(None, None, None)
    assert patched() == ORIGINALS


def test_one_mock_may_be_entered_twice() -> None:
    mock = Mock()
    with mock:
        with mock:
            assert asked_of(mock) == [1]
        assert asked_of(mock) == [2]
    assert patched() == ORIGINALS


def patched() -> list[Any]:
    """All that is ever exchanged, as it is now."""
    from httpx import AsyncHTTPTransport, HTTPTransport

    functions = [
        HTTPConnectionPool.__dict__["_make_request"],
        requests.adapters.HTTPAdapter.__dict__["send"],
        urllib3.HTTPSConnectionPool.__dict__["_prepare_proxy"],
        urllib3.connection.HTTPConnection.__dict__["connect"],
        urllib3.connection.HTTPSConnection.__dict__["connect"],
        http.client.HTTPConnection.__dict__["connect"],
        http.client.HTTPConnection.__dict__["putrequest"],
        http.client.HTTPSConnection.__dict__["connect"],
        HTTPTransport.__dict__["handle_request"],
        AsyncHTTPTransport.__dict__["handle_async_request"],
        aiohttp.TCPConnector.__dict__["_create_connection"],
        socket.getaddrinfo,
        asyncio.base_events.BaseEventLoop.getaddrinfo,
        asyncio.base_events.BaseEventLoop.getnameinfo,
    ]
    methods = ("connect", "connect_ex", "sendto", "sendmsg")
    return [
        *((function, function.__code__, function.__kwdefaults__, function.__defaults__) for function in functions),
        *(getattr(socket, name) for name in ("gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")),
        *(getattr(socket.socket, name) for name in methods),
        [finder for finder in sys.meta_path if type(finder).__module__.startswith("voipbin_mock")],
    ]


ORIGINALS = patched()


def test_a_mock_that_is_only_made_intercepts_nothing() -> None:
    mock = Mock()
    assert patched() == ORIGINALS
    with mock:
        assert patched() != ORIGINALS


def test_everything_is_given_back_also_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), Mock():
        raise ZeroDivisionError
    assert patched() == ORIGINALS


def test_a_patch_that_came_on_top_is_left_alone_and_ours_goes_with_it() -> None:
    mock, ours = Mock(), []
    mock.__enter__()
    ours.append(httpx.HTTPTransport.handle_request)

    def theirs(self: Any, request: Any) -> Any:
        return ours[0](self, request)

    httpx.HTTPTransport.handle_request = theirs  # type: ignore[method-assign]
    mock.__exit__(None, None, None)
    assert httpx.HTTPTransport.handle_request is theirs
    httpx.HTTPTransport.handle_request = ours[0]  # type: ignore[method-assign]  # they give back what they found
    with Mock() as mock:
        assert httpx.get(SERVICE + "/v1.0/me", headers=mock.headers).status_code == 200
    assert patched() == ORIGINALS


def test_ten_thousand_cycles_leave_no_memory_thread_or_patch_behind() -> None:
    mock = Mock()

    def cycle(times: int) -> None:
        for _ in range(times):
            with mock:
                pass

    cycle(100)
    threads = threading.active_count()
    gc.collect()
    tracemalloc.start()
    try:
        cycle(100)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        cycle(1000)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    cycle(8900)
    assert grown < 4096
    assert threading.active_count() == threads
    assert patched() == ORIGINALS


# --- loading -----------------------------------------------------------------------------------------


def python(text: str) -> str:
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_client_library_is_imported_for_it() -> None:
    told = python(
        "import sys, voipbin_mock\n"
        "with voipbin_mock.Mock(): pass\n"
        "print(sorted({'requests', 'urllib3', 'httpx', 'httpcore', 'aiohttp', 'respx'} & set(sys.modules)))"
    )
    assert told.strip() == "[]"


@pytest.mark.parametrize(
    "call",
    [
        "import requests; print(requests.get(url).json()['result'])",
        "import urllib3; import json; print(json.loads(urllib3.PoolManager().request('GET', url).data)['result'])",
        "import httpx; print(httpx.get(url).json()['result'])",
        "import asyncio, aiohttp\n"
        "    async def go():\n"
        "        async with aiohttp.ClientSession() as session, session.get(url) as reply:\n"
        "            print((await reply.json())['result'])\n"
        "    asyncio.run(go())",
    ],
    ids=["requests", "urllib3", "httpx", "aiohttp"],
)
def test_a_library_loaded_while_the_mock_is_there_is_patched_and_given_back(call: str) -> None:
    told = python(
        "import sys, voipbin_mock\n"
        "with voipbin_mock.Mock() as mock:\n"
        "    url = 'https://api.voipbin.net/v1.0/outplans?accesskey=' + mock.accesskey\n"
        f"    {call}\n"
        "for module, cls, name in (('urllib3.connectionpool', 'HTTPConnectionPool', '_make_request'),\n"
        "                          ('httpx._transports.default', 'HTTPTransport', 'handle_request'),\n"
        "                          ('aiohttp.connector', 'TCPConnector', '_create_connection')):\n"
        "    if module in sys.modules:\n"
        "        print(vars(getattr(sys.modules[module], cls))[name].__module__ == module)\n"
    )
    assert told.split() == ["[]", "True"]


# --- the leak guard --------------------------------------------------------------------------------


@every_client
@pytest.mark.parametrize("proxied", [False, True], ids=["", "proxy"])
def test_another_subdomain_is_stopped_with_an_explanation(
    name: str, proxied: bool, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if proxied:
        for variable in PROXIES[:6]:
            monkeypatch.setenv(variable, NOWHERE)
    client = make(name, NOWHERE if proxied else None)
    with Mock() as mock, pytest.raises(LeakError, match=r"call to the real service.*sip\.voipbin\.net") as caught:
        client.get("https://sip.voipbin.net/v1.0/outplans", {})
    assert "answers for api.voipbin.net" in str(caught.value)
    assert "leak_guard=False" in str(caught.value)
    assert "sip.voipbin.net" in mock.report()


@pytest.mark.parametrize(
    "way",
    [
        lambda: socket.create_connection(("api.voipbin.net", 443), timeout=1),
        lambda: socket.getaddrinfo("api.voipbin.net", 443),
        lambda: socket.gethostbyname("API.voipbin.net."),
        lambda: socket.gethostbyname_ex("voipbin.net"),
        lambda: socket.socket().connect(("api.voipbin.net", 443)),
        lambda: socket.socket().connect_ex(("api.voipbin.net", 443)),
        lambda: asyncio.run(asyncio.open_connection("api.voipbin.net", 443)),
        lambda: asyncio.run(websocket()),
    ],
    ids=["create_connection", "getaddrinfo", "name", "name_ex", "connect", "connect_ex", "asyncio", "websocket"],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_way_that_is_not_answered_is_stopped_with_an_explanation(way: Callable[[], Any]) -> None:
    with Mock(), pytest.raises(LeakError, match=r"stopped a call to the real service.*test_intercept\.py"):
        way()


async def websocket() -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect("wss://api.voipbin.net/v1.0/ws"):
        pass


def test_without_interception_the_guard_still_stands() -> None:
    with Mock(intercept=False), pytest.raises(LeakError, match="made with intercept=False"):
        requests.get(OUTPLANS, timeout=5)


def test_the_guard_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def nobody(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with Mock(leak_guard=False), pytest.raises(requests.ConnectionError):
        requests.get("https://sip.voipbin.net/", timeout=5)
    assert asked == ["sip.voipbin.net"]


def test_names_that_only_look_like_the_service_are_not_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(host: str, *args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with Mock():
        for host in ("notvoipbin.net", "voipbin.net.example.com"):
            with pytest.raises(requests.ConnectionError):
                requests.get(f"https://{host}/", timeout=5)


# --- the fixtures ----------------------------------------------------------------------------------


def test_both_fixtures_intercept_and_give_back(run: Callable[..., pytest.RunResult]) -> None:
    text = """
        import requests
        from voipbin_mock import LeakError

        URL = "https://api.voipbin.net/v1.0/me"

        def test_in_process(voipbin):
            assert requests.get(URL, headers=voipbin.headers).json()["username"] == voipbin.username

        def test_behind_a_server(voipbin_server):
            assert requests.get(URL, headers=voipbin_server.headers).status_code == 200
            assert requests.get(voipbin_server.url + "/me", headers=voipbin_server.headers).status_code == 200
            assert len(voipbin_server.requests) == 2
    """
    patches._INTERCEPTION._over()  # should threads of other tests go on: pytester puts back the finders that it found
    run(text, "-W", "error").assert_outcomes(passed=2)
    patches._INTERCEPTION._over()
    assert patched() == ORIGINALS


def test_settings_are_given_as_flags_and_in_the_ini_file(
    run: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    pytester.makeini("[pytest]\nvoipbin_mock_base_urls = https://one.test https://two.test/v1.0\n")
    text = """
        import pytest, requests
        from voipbin_mock import LeakError

        def test_base_urls(voipbin):
            assert requests.get("https://one.test/v1.0/me", headers=voipbin.headers).status_code == 200
            assert requests.get("https://two.test/v1.0/me", headers=voipbin.headers).status_code == 200

        @pytest.mark.voipbin(intercept=False)
        def test_marker(voipbin):
            with pytest.raises(LeakError):
                requests.get("https://api.voipbin.net/ping")
    """
    run(text).assert_outcomes(passed=2)
    run(text, "--voipbin-mock-no-intercept", "-k", "marker").assert_outcomes(passed=1, deselected=1)


def test_a_call_that_was_stopped_and_swallowed_shows_in_the_report(run: Callable[..., pytest.RunResult]) -> None:
    result = run(
        """
        import requests

        def test_it(voipbin):
            try:
                requests.get("https://sip.voipbin.net/")
            except Exception:
                pass
            assert not "what the code under test should have done"
        """
    )
    result.stdout.fnmatch_lines(["*stopped a call to the real service: * to sip.voipbin.net*"])


def test_closing_ends_interception_for_those_who_cannot_use_with() -> None:
    mock = Mock()
    mock.__enter__().__enter__()
    assert patched() != ORIGINALS
    mock.close()
    assert patched() == ORIGINALS


def test_entering_that_fails_midway_leaves_nothing_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(list[Any]):
        def insert(self, *args: Any) -> None:
            raise RuntimeError("no room for another finder")

    with monkeypatch.context() as patch:
        patch.setattr(sys, "meta_path", Full(sys.meta_path))
        with pytest.raises(RuntimeError, match="no room"):
            Mock().__enter__()
    assert patched() == ORIGINALS
    with Mock() as mock:
        assert asked_of(mock) == [1]


def test_closing_that_fails_midway_closes_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    mock = Mock()
    mock.__enter__()
    server = mock.serve()

    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(mock.webhooks, "close", fail)
    with pytest.raises(ZeroDivisionError):
        mock.close()
    assert patched() == ORIGINALS
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)
