"""The server among bad clients: raw bytes over sockets, to a process whose memory is bounded.

Whatever comes in: never a 5xx, never a changed record, alive and of the same size afterwards.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.processes import codes, connect, facts_of, get, resident, serving, stop, talk, until_end

MEMORY = 1 << 30  # bytes of address space
GROWTH = 128  # MiB that a test may add; bodies of 100 MB are sent
PLAN = {"name": "raw", "detail": "", "dial_timeout": 30000, "try_interval": 600000}
BODY = json.dumps({**PLAN, **{f"max_try_count_{n}": 1 for n in range(5)}}).encode()
CLOSE = b"Connection: close\r\n"
ALIVE = b"GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n" + CLOSE + b"\r\n"
PLAN_ID = "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e"


@dataclass
class Server:
    pid: int
    port: int
    url: str
    accesskey: str

    @property
    def path(self) -> bytes:
        return f"/v1.0/outplans?accesskey={self.accesskey}".encode()

    def post(self, headers: bytes, body: bytes, method: bytes = b"POST", path: bytes = b"") -> bytes:
        """A request as bytes; `headers` are all there are beside Host and Content-Type."""
        line = method + b" " + (path or self.path) + b" HTTP/1.1\r\n"
        return line + b"Host: 127.0.0.1\r\nContent-Type: application/json\r\n" + headers + b"\r\n" + body

    def send(self, body: bytes, method: bytes = b"POST", path: bytes = b"") -> bytes:
        return talk(self.port, self.post(CLOSE + length(body), body, method, path))

    def records(self) -> Any:
        return get(f"{self.url}/outplans?accesskey={self.accesskey}")


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


CHUNKED = b"Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"


@pytest.fixture(scope="module")
def process() -> Iterator[Server]:
    with serving("--port", "0", "--json", "--quiet", memory=MEMORY) as running:
        facts = facts_of(running)
        yield Server(running.pid, int(facts["url"].split(":")[2].split("/")[0]), facts["url"], facts["accesskey"])
        code, log = stop(running)
        assert code == 0
        assert "Traceback" not in log
        assert "uncaptured" not in log


@pytest.fixture
def server(process: Server) -> Iterator[Server]:
    """The server; afterwards it must be what it was."""
    before, memory = process.records(), resident(process.pid)
    yield process
    assert codes(talk(process.port, ALIVE)) == [200]
    assert process.records() == before
    assert resident(process.pid) < memory + GROWTH


def test_what_is_well_formed_is_served(process: Server) -> None:
    deleted = []
    for headers, body in (
        (length(BODY), BODY),
        (CHUNKED, chunk(BODY[:7]) + chunk(BODY[7:]) + END),
        (b"transfer-encoding: Chunked\r\n", b"%X;a=b;c\r\n%s\r\n0000\r\nTrailer: x\r\n\r\n" % (len(BODY), BODY)),
        (b"Expect: 100-continue\r\n" + length(BODY), BODY),
    ):
        answer = talk(process.port, process.post(CLOSE + headers, body))
        assert codes(answer)[-1] == 200, headers
        deleted.append(json.loads(answer.rpartition(b"\r\n\r\n")[2])["id"])
    for row_id in deleted:
        path = f"/v1.0/outplans/{row_id}?accesskey={process.accesskey}".encode()
        assert codes(talk(process.port, process.post(CLOSE, b"", b"DELETE", path))) == [200]


BROKEN_BODIES = {
    "empty": b"",
    "truncated": BODY[:-5],
    "not an object": b"[1]",
    "null": b"null",
    "wrong types": json.dumps({**json.loads(BODY), "dial_timeout": "30", "name": 5}).encode(),
    "NaN": BODY.replace(b"30000", b"NaN"),
    "infinite": BODY.replace(b"30000", b"1e999"),
    "a number of 5,000 digits": BODY.replace(b"30000", b"3" * 5000),
    "invalid UTF-8": BODY.replace(b'"raw"', b'"\xff\xfe"'),
    "UTF-16": BODY.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + BODY,
    "a string of 1 MB": BODY.replace(b'"raw"', b'"' + b"x" * (1 << 20) + b'"'),
    "150,000 unknown members": b"{" + b",".join(b'"k%d":1' % n for n in range(150_000)) + b"}",
    "600,000 empty arrays": b'{"name":[' + b",".join([b"[]"] * 600_000) + b"]}",
    "text after it": BODY + b"{}",
    **{f"{depth} arrays deep": b"[" * depth + b"]" * depth for depth in (300, 950, 1000, 10_000)},
    **{f"{depth} objects deep": b'{"name":' * depth + b"1" + b"}" * depth for depth in (300, 950, 10_000)},
    "depth in a member": BODY.replace(b'"raw"', b"[" * 980 + b"]" * 980),
}


@pytest.mark.parametrize("body", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
def test_a_body_that_is_no_outplan_is_refused_with_a_reason(server: Server, body: bytes) -> None:
    for method, path in ((b"POST", server.path), (b"PUT", server.path.replace(b"?", f"/{PLAN_ID}?".encode()))):
        answer = server.send(body, method, path)
        assert codes(answer) == [400]
        error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
        assert error["reason"] in ("INVALID_JSON_BODY", "INVALID_ARGUMENT")
        assert error["details"]
        assert len(answer) < 64 * 1024


BROKEN_LENGTHS = {
    "both lengths": (CHUNKED + length(BODY), chunk(BODY) + END),
    "both lengths, the other way round": (length(BODY) + CHUNKED, BODY),
    "two equal lengths": (length(BODY) * 2, BODY),
    "two unequal lengths": (length(BODY) + length(b"x"), BODY),
    "a list of lengths": (b"Content-Length: %d, %d\r\n" % (len(BODY), len(BODY)), BODY),
    **{
        f"Content-Length: {text!r}": (b"Content-Length: " + text + b"\r\n", BODY)
        for text in (b"-1", b"+5", b"1_0", b"0x10", b"1.0", b"", b"\xb2", b"9" * 30, b"0" * 5000 + b"1", b"1 2")
    },
    **{
        f"Transfer-Encoding: {text!r}": (b"Transfer-Encoding: " + text + b"\r\n", chunk(BODY) + END)
        for text in (b"gzip", b"gzip, chunked", b"identity", b"chunked, chunked", b"\x0bchunked", b"", b"chunked;x=1")
    },
    "Transfer-Encoding twice": (CHUNKED * 2, chunk(BODY) + END),
    "a blank before the colon": (b"Transfer-Encoding : chunked\r\n", chunk(BODY) + END),
    **{
        f"chunk size {text[:20]!r}": (CHUNKED, text + b"\r\n" + BODY + b"\r\n0\r\n\r\n")
        for text in (b"zz", b"-5", b"+5", b"0x5", b"1_0", b" 5", b"f" * 16, b"1" * 17, b"1" * 5000, b"1" * 60_000)
    },
    "an endless chunk size": (CHUNKED, b"1" * 1_000_000),
    "a chunk that does not end": (CHUNKED, b"%x\r\n%sXX0\r\n\r\n" % (len(BODY), BODY)),
    "chunks that end with LF": (CHUNKED, b"%x\n%s\n0\n\n" % (len(BODY), BODY)),
    "a bad chunk extension": (CHUNKED, b"5;\x01\r\nabcde\r\n0\r\n\r\n"),
    "an extension to choke on": (CHUNKED, b'5;a="' + b"\\a" * 30_000 + b"\r\nabcde\r\n" + END),
    "endless trailers": (CHUNKED, chunk(BODY) + b"0\r\n" + b"T: x\r\n" * 10_000),
}


@pytest.mark.parametrize(("headers", "body"), BROKEN_LENGTHS.values(), ids=BROKEN_LENGTHS)
def test_a_body_of_unclear_length_is_refused_and_the_connection_closed(
    server: Server, headers: bytes, body: bytes
) -> None:
    # The second request must never be heard: who sent the first may mean it as a part of the body.
    answer = talk(server.port, server.post(headers, body) + server.post(length(BODY), BODY))
    assert codes(answer) == [400]
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]


def test_http_1_0_has_no_chunks(server: Server) -> None:
    request = server.post(CHUNKED, chunk(BODY) + END).replace(b"HTTP/1.1", b"HTTP/1.0")
    assert codes(talk(server.port, request)) == [400]


@pytest.mark.parametrize("headers", [b"Content-Length: 500\r\n", CHUNKED], ids=["length", "chunks"])
@pytest.mark.parametrize("body", [b"", b"5\r\n{}", BODY], ids=["nothing", "a little", "most"])
def test_a_short_body_is_refused(server: Server, headers: bytes, body: bytes) -> None:
    assert codes(talk(server.port, server.post(headers, body), half_close=True)) == [400]
    with connect(server.port) as gone:  # and one that goes away for good changes nothing
        gone.sendall(server.post(headers, body))


def test_a_header_that_ends_early_is_refused(server: Server) -> None:
    assert codes(talk(server.port, b"POST /v1.0/outplans HTTP/1.1\r\nHost:", half_close=True)) == [400]


HUGE, PART = 100 << 20, b"x" * 65536
PARTS = HUGE // len(PART)


def test_a_host_is_asked_for_since_http_1_1(server: Server) -> None:
    answer = talk(server.port, b"GET /ping HTTP/1.1\r\n" + CLOSE + b"\r\n")
    assert codes(answer) == [400]
    assert b"asks for a Host header" in answer
    assert codes(talk(server.port, b"GET /ping HTTP/1.0\r\n\r\n")) == [200]
    assert codes(talk(server.port, b"GET /ping HTTP/1.1\r\nHost:\r\n" + CLOSE + b"\r\n")) == [200]


@pytest.mark.parametrize(
    ("head", "part", "end"),
    [
        (b"Content-Length: %d\r\n" % HUGE, PART, b""),
        (CHUNKED, chunk(PART), END),
        (CHUNKED, b"%x\r\n" % HUGE + PART, END),
        (b"Expect: 100-continue\r\nContent-Length: %d\r\n" % HUGE, b"", b""),
    ],
    ids=["length", "chunks", "one chunk", "expect"],
)
def test_a_body_of_100_mb_is_refused_before_it_is_kept(server: Server, head: bytes, part: bytes, end: bytes) -> None:
    answer = talk(server.port, server.post(head, part * PARTS + end))
    assert codes(answer) == [400]
    assert b'is larger than 2097152 bytes","reason":"INVALID_ARGUMENT",' in answer


HEADERS = {
    "NUL in a value": b"X: a\0b\r\n",
    "NUL in a name": b"X\0: a\r\n",
    "folded": b"X: a\r\n b\r\n",
    "folded first": b" X: a\r\n",
    "no colon": b"nonsense\r\n",
    "no name": b": x\r\n",
    "bare CR": b"X: a\rY: b\r\n",
    "bare LF": b"X: a\nY: b\r\n",
    "two hosts": b"Host: b\r\n",
    "1 MB": b"X: " + b"a" * 1_000_000 + b"\r\n",
    "100,000 of them": b"".join(b"X-%d: y\r\n" % n for n in range(100_000)),
    "blanks to choke on": b"X: " + b" " * 60_000 + b"\x01\r\n",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_none_is_refused(server: Server, header: bytes) -> None:
    for request in (b"GET /ping HTTP/1.1\r\nHost: a\r\n" + header + b"\r\n", server.post(header + length(BODY), BODY)):
        assert codes(talk(server.port, request)) == [400]


FIRST_LINES = {
    "HTTP/0.9": b"GET /ping",
    "HTTP/1.2": b"GET /ping HTTP/1.2",
    "HTTP/2": b"PRI * HTTP/2.0",
    "no version": b"GET /ping HTTP/",
    "a blank in the path": b"GET /v1.0/a b HTTP/1.1",
    "NUL in the path": b"GET /v1.0/a\0b HTTP/1.1",
    "a method in small letters": b"get /ping HTTP/1.1",
    "half an address": b"GET http://[::1/ping HTTP/1.1",
    "bytes that are no UTF-8": b"GET /v1.0/\xff\xfe HTTP/1.1",
    "digits to choke on": b"GET a://" + b"1" * 60_000 + b" x HTTP/1.1",
    "600 kB": b"GET /" + b"a" * 600_000 + b" HTTP/1.1",
    "a TLS handshake": b"\x16\x03\x01\x00\xf1\x01\x00\x00\xed\x03\x03",
    "lines that end with LF": b"GET /ping HTTP/1.1\nHost: a\n\n",
}


@pytest.mark.parametrize("line", FIRST_LINES.values(), ids=FIRST_LINES)
def test_a_first_line_that_is_none_is_refused(server: Server, line: bytes) -> None:
    assert codes(talk(server.port, line + b"\r\nHost: a\r\n" * (line[:1] != b"\x16") + b"\r\n")) == [400]


def test_whoever_speaks_tls_is_told_at_once(server: Server) -> None:
    with connect(server.port) as connection:
        connection.sendall(bytes.fromhex("16030100f1010000ed0303") + b"\x01" * 32)  # and now a client waits
        assert b"use http:// and not https://" in until_end(connection)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"GET /ping HTTP/1.0", 200),
        (b"GET http://127.0.0.1/ping HTTP/1.1", 200),
        (b"GET http://elsewhere HTTP/1.1", 404),
        (b"BREW /ping HTTP/1.1", 404),
        (b"HEAD /ping HTTP/1.1", 404),
        (b"TRACE /v1.0/outplans HTTP/1.1", 404),
        (b"CONNECT a:443 HTTP/1.1", 404),
        (b"OPTIONS * HTTP/1.1", 404),
        (b"GET //ping HTTP/1.1", 404),
        (b"GET ping HTTP/1.1", 404),
        (b"A" * 5000 + b" /ping HTTP/1.1", 404),
        (b"GET /v1.0/outplans/%0d%0aEvil:%201 HTTP/1.1", 401),
        (b"GET /v1.0/outplans/%00%ff HTTP/1.1", 401),
    ],
)
def test_odd_but_clear_requests_get_a_clear_answer(server: Server, line: bytes, code: int) -> None:
    answer = talk(server.port, line + b"\r\nHost: a\r\n" + CLOSE + b"\r\n")
    assert codes(answer) == [code]
    assert b"Evil" not in answer.partition(b"\r\n\r\n")[0]


def test_an_id_with_a_line_break_splits_nothing(server: Server) -> None:
    path = server.path.replace(b"?", b"/a%0d%0aSet-Cookie:%20token=x?")
    answer = talk(server.port, server.post(CLOSE + b"X-Request-Id: a%0d%0ab: c\r\n", b"", b"GET", path))
    assert codes(answer) == [400]
    assert b"set-cookie" not in answer.partition(b"\r\n\r\n")[0].lower()


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    def request(n: int) -> bytes:
        return b"GET /ping HTTP/1.1\r\nHost: a\r\nX-Request-Id: n%d\r\n" % n + CLOSE * (n == 199) + b"\r\n"

    answer = talk(server.port, b"".join(map(request, range(200))))
    assert codes(answer) == [200] * 200
    assert [line for line in answer.split(b"\r\n") if line.startswith(b"X-Request-Id")] == [
        b"X-Request-Id: n%d" % n for n in range(200)
    ]


def test_idle_and_slow_clients_disturb_nobody(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connect(server.port))
        slow = [stack.enter_context(connect(server.port)) for _ in range(24)]
        for n, client in enumerate(slow):
            client.sendall(server.post(length(BODY), BODY[:9]) if n % 2 else b"GET /ping HTTP/1.1\r\nX: ")
        deaf = [stack.enter_context(connect(server.port)) for _ in range(16)]
        for client in deaf:  # they ask for much and read nothing
            client.sendall(server.post(b"", b"", b"GET") * 300)
        started = time.monotonic()
        for _ in range(20):
            assert codes(talk(server.port, ALIVE)) == [200]
        assert time.monotonic() - started < 10, "others had to wait"


def test_a_burst_of_connections_is_served_whole(server: Server) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(server.port)) for _ in range(400)]
        for client in clients:
            client.sendall(ALIVE)
        assert all(codes(until_end(client)) == [200] for client in clients)


def test_connections_beyond_the_limit_push_out_the_silent_ones() -> None:
    from voipbin_mock import Mock
    from voipbin_mock.server.live import LiveServer

    with Mock() as mock, LiveServer(mock.app, connection_limit=24) as live, ExitStack() as stack:
        silent = [stack.enter_context(connect(live.port)) for _ in range(60)]
        assert codes(talk(live.port, ALIVE)) == [200]
        assert silent[0].recv(1) == b""


def test_a_control_call_may_be_larger_than_a_call_of_the_service(process: Server) -> None:
    big = json.dumps({"seed": {"outplans": []}, "filler": "x" * (3 << 20)}).encode()
    before = process.records()
    state = get(f"http://127.0.0.1:{process.port}/__mock__/state")
    answer = process.send(big, path=b"/__mock__/seed")
    assert codes(answer) == [200]
    assert process.records()["result"] == [] != before["result"]
    answer = process.send(json.dumps(state).encode(), b"PUT", b"/__mock__/state")
    assert codes(answer) == [200], answer
    assert process.records() == before


def test_a_client_that_vanishes_is_nobodys_trouble(server: Server) -> None:
    for _ in range(20):
        client = connect(server.port)
        client.sendall(server.post(b"", b"", b"GET") * 20)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        client.close()  # a reset, with answers on their way
