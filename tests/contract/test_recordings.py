"""Recordings as exporters write them: what is odd in one entry is told for that one, and no credential is shown."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.contracting import mock_of
from tests.support.recorded import PLAN, exchange, har
from voipbin_mock import Mock, MockUsageError
from voipbin_mock.command import main as cli
from voipbin_mock.contract import verify
from voipbin_mock.contract.verification import Verified, render

Entry = dict[str, Any]


@pytest.fixture(scope="module")
def mock() -> Mock:
    return mock_of(intercept=False)


@pytest.fixture
def good(mock: Mock) -> Entry:
    return exchange(mock, "POST", "/v1.0/outplans", PLAN)


@pytest.fixture
def bad(mock: Mock) -> Entry:
    return exchange(mock, "POST", "/v1.0/outplans", {**PLAN, "dial_timeout": 30})


def at(entry: Entry, *path: str, **changes: Any) -> Entry:
    """The entry with members changed somewhere in it; None takes one away."""
    entry = copy.deepcopy(entry)
    holder = entry
    for name in path:
        holder = holder[name]
    for name, value in changes.items():
        if value is ...:
            holder.pop(name, None)
        else:
            holder[name] = value
    return entry


def packed(entry: Entry, pack: Callable[[bytes], bytes], name: str) -> Entry:
    text = base64.b64encode(pack(entry["response"]["content"]["text"].encode())).decode()
    headers = [*entry["response"]["headers"], {"name": "Content-Encoding", "value": name}]
    return at(at(entry, "response", "content", text=text, encoding="base64"), "response", headers=headers)


def raw_deflate(body: bytes) -> bytes:
    return zlib.compress(body)


# --- dialects ---------------------------------------------------------------------------------------

QUERY = [{"name": "page_size", "value": "all"}]
# What an exporter does to an exchange -> whether the finding in its request is still found.
DIALECTS: dict[str, tuple[Callable[[Entry], Entry], bool]] = {
    "mitmproxy, streamed": (
        lambda e: at(at(e, "request", "postData", text=None), "response", "content", text=None),
        False,
    ),
    "mitmproxy, no size": (lambda e: at(at(e, "request", "postData", text=None), "request", bodySize=0), False),
    "Playwright, body in a file": (
        lambda e: at(at(e, "request", "postData", text="", _file="7.json"), "response", "content", text="", size=9),
        False,
    ),
    "Playwright, content left out": (
        lambda e: at(at(e, "request", "postData", text=""), "response", content={"size": -1, "mimeType": "x"}),
        False,
    ),
    "Insomnia, query apart": (lambda e: at(e, "request", queryString=[{"name": "page_size", "value": "2"}]), True),
    "Firefox, too large": (
        lambda e: at(e, "response", "content", text="{", comment="Response body is not included."),
        True,
    ),
    "Firefox, no post data kept": (lambda e: at(e, "request", postData=..., bodySize=412), False),
    "Safari, no sizes": (lambda e: at(at(e, "request", bodySize=-1), "response", bodySize=-1), True),
    "Chrome, headers of HTTP/2": (
        lambda e: at(e, "request", headers=[{"name": ":authority", "value": "api.voipbin.net"}]),
        True,
    ),
    "Chrome, answer evicted": (
        lambda e: at(e, "response", content={"size": 512, "mimeType": "application/json"}),
        True,
    ),
    "Charles, base64": (
        lambda e: at(
            e,
            "request",
            "postData",
            text=base64.b64encode(e["request"]["postData"]["text"].encode()).decode(),
            encoding="base64",
        ),
        True,
    ),
    "Fiddler, lines in base64": (
        lambda e: at(
            e,
            "response",
            "content",
            encoding="base64",
            text=base64.encodebytes(e["response"]["content"]["text"].encode()).decode(),
        ),
        True,
    ),
    "HTTP Toolkit, body apart": (
        lambda e: at(e, "request", postData=..., _content={"text": e["request"]["postData"]["text"], "size": 1}),
        True,
    ),
    "HTTP Toolkit, body discarded": (
        lambda e: at(e, "request", postData=..., bodySize=-1, _requestBodyStatus="discarded:too-large"),
        False,
    ),
    "a body as JSON": (lambda e: at(e, "request", "postData", text=json.loads(e["request"]["postData"]["text"])), True),
    "headers null": (lambda e: at(at(e, "request", headers=None), "response", headers=None), True),
    "headers as an object": (lambda e: at(e, "request", headers={"Content-Type": "application/json"}), True),
    "a header without a value": (lambda e: at(e, "request", headers=[{"name": "X"}, {}, None]), True),
    "no response": (lambda e: at(e, response=...), True),
    "response null": (lambda e: at(e, response=None), True),
    "an aborted request": (lambda e: at(e, response={"status": 0, "headers": [], "content": {}}), True),
    "a status of -1": (lambda e: at(e, "response", status=-1), True),
    "a status in text": (lambda e: at(e, "response", status="200"), True),
    "content null": (lambda e: at(e, "response", content=None), True),
    "a method in small letters": (lambda e: at(e, "request", method="post"), True),
    "a host in capitals with a port": (
        lambda e: at(e, "request", url="https://API.VOIPBIN.NET:443/v1.0/outplans"),
        True,
    ),
    "a host with a dot": (lambda e: at(e, "request", url="https://api.voipbin.net./v1.0/outplans"), True),
    "an escaped path": (lambda e: at(e, "request", url="https://api.voipbin.net/v1.0/outplan%73"), True),
    "gzip": (lambda e: packed(e, gzip.compress, "gzip"), True),
    "deflate": (lambda e: packed(e, raw_deflate, "deflate"), True),
    "brotli": (lambda e: packed(e, lambda body: b"\x0b\x02" + body, "br"), True),
    "gzip that breaks off": (lambda e: packed(e, lambda body: gzip.compress(body)[:-9], "gzip"), True),
    "another encoding": (lambda e: at(e, "response", "content", encoding="hex"), True),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_good_exchange_is_good_in_every_dialect(dialect: str, good: Entry) -> None:
    change, _ = DIALECTS[dialect]
    result = verify(har(change(good)))
    assert not result.findings
    assert result.ok
    assert len(result.exchanges) == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_wrong_is_found_in_every_dialect_that_keeps_it(dialect: str, bad: Entry) -> None:
    change, kept = DIALECTS[dialect]
    result = verify(har(change(bad)))
    assert [(f.kind, f.pointer) for f in result.findings] == [("suspect", "/dial_timeout")] * kept
    assert kept or result.unknown_bodies


def test_a_query_beside_the_url_is_checked(mock: Mock) -> None:
    entry = exchange(mock, "GET", "/v1.0/outplans")
    (finding,) = verify(har(at(entry, "request", queryString=QUERY))).findings
    assert (finding.pointer, finding.request) == ("page_size", "GET /v1.0/outplans?page_size=all")


def test_an_empty_body_that_is_known_to_be_empty_is_refused(good: Entry) -> None:
    (finding,) = verify(har(at(at(good, "request", "postData", text=""), "request", bodySize=0))).findings
    assert "the body is empty" in finding.message


@pytest.mark.parametrize(
    "url",
    ["https://voipbin.net/", "https://www.voipbin.net/v1.0/outplan", "https://api.voipbin.net/docs/index.html",
     "https://api.voipbin.net/favicon.ico", "https://api.voipbin.net/", "data:text/plain,x", "blob:https://x/1",
     "about:blank", "chrome-extension://x/v1.0"],
)  # fmt: skip
def test_what_is_no_call_of_the_api_is_left_alone(url: str, good: Entry) -> None:
    result = verify(har(good, at(good, "request", url=url)))
    assert (result.ok, len(result.exchanges), result.ignored) == (True, 1, 1)


# --- damage -----------------------------------------------------------------------------------------

DAMAGE: dict[str, tuple[Callable[[Entry], Any], str]] = {
    "a bad port": (lambda e: at(e, "request", url="https://api.voipbin.net:x/v1.0"), "/request/url"),
    "a bad host": (lambda e: at(e, "request", url="https://[::1/v1.0"), "/request/url"),
    "no url": (lambda e: at(e, "request", url=...), "/request/url"),
    "a url that is null": (lambda e: at(e, "request", url=None), "/request/url"),
    "no method": (lambda e: at(e, "request", method=...), "/request/method"),
    "no request": (lambda e: at(e, request=...), "/request"),
    "a request that is a text": (lambda e: at(e, request="GET /"), "/request"),
    "headers that are a text": (lambda e: at(e, "request", headers="X: y"), "/request/headers"),
    "wrong base64": (
        lambda e: at(e, "response", "content", text="not base64!", encoding="base64"),
        "/response/content/text",
    ),
    "null": (lambda e: None, ""),
    "a number": (lambda e: 7, ""),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_entry_is_told_and_the_others_are_used(kind: str, good: Entry, bad: Entry) -> None:
    damage, pointer = DAMAGE[kind]
    result = verify(har(good, damage(good), bad))
    assert [(f.place, f.kind, f.pointer) for f in result.findings] == [
        ("/log/entries/1", "unreadable", pointer),
        ("/log/entries/2", "suspect", "/dial_timeout"),
    ]
    assert len(result.exchanges) == 2
    for form in ("text", "json", "junit"):
        assert "/log/entries/1" in render(result, form)


def test_a_recording_of_which_nothing_can_be_read_is_refused(good: Entry) -> None:
    with pytest.raises(MockUsageError, match="/log/entries/0: damaged: /request: is missing"):
        verify(har(at(good, request=...), at(good, request=...)))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"PK\x03\x04", "zip archive; unpack it"),
        (gzip.compress(b"{}", mtime=0), "compressed; unpack it"),
        (b'{"log": {"entries": "x"}}', "neither log.entries"),
        (b'{"log": null}', "neither log.entries"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        (b"[" * 100000, "not JSON"),
    ],
)
def test_a_file_that_is_no_recording_is_one_line(
    raw: bytes, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "it.har"
    path.write_bytes(raw)
    assert cli.main(["contract", "verify", str(path)]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_in_another_unicode_is_read(encoding: str, tmp_path: Path, good: Entry) -> None:
    path = tmp_path / "it.har"
    path.write_text(json.dumps(har(good)), encoding=encoding)
    assert verify(path).ok


ODD = [None, True, 0, -1, 1e9, "", "x", "base64", "\ud800", [], {}, [None], [{}], {"name": 1}, "https://[", "%zz"]


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_no_odd_recording_is_a_traceback(seed: int, count: int) -> None:
    rng = random.Random(seed)
    raw = copy.deepcopy(RECORDING)
    for _ in range(count):
        holders = [raw["log"]["entries"]]
        found: list[tuple[Any, Any]] = []
        while holders:
            holder = holders.pop()
            for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
                found.append((holder, key))
                if isinstance(holder[key], (dict, list)):
                    holders.append(holder[key])
        holder, key = rng.choice(found)
        if rng.random() < 0.3:
            del holder[key]
        else:
            holder[key] = rng.choice(ODD)
        if not raw["log"]["entries"]:
            return
    try:
        result = verify(raw)
    except MockUsageError:
        return
    for form in ("text", "json", "junit"):
        render(result, form).encode("utf-8", "backslashreplace")


def _recording() -> dict[str, Any]:
    mock = mock_of(intercept=False)
    return har(
        exchange(mock, "POST", "/v1.0/outplans", PLAN),
        exchange(mock, "GET", "/v1.0/campaigns?page_size=2"),
        exchange(mock, "GET", "/v1.0/outplans/7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f60"),
    )


RECORDING = _recording()


# --- nothing checked --------------------------------------------------------------------------------


def test_a_recording_without_a_call_to_the_service_is_not_green(
    good: Entry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "it.har"
    elsewhere = at(good, "request", url="http://gateway:8080/v1.0/outplans")
    for entries, why in (
        ([elsewhere], "no exchange is with the service, but with gateway; --base-url URL counts those"),
        ([], "there is no exchange in it"),
    ):
        path.write_text(json.dumps(har(*entries)))
        assert cli.main(["contract", "verify", str(path)]) == 2
        said = capsys.readouterr().err
        assert "nothing was checked: " in said
        assert why in said
    path.write_text(json.dumps(har(elsewhere)))
    for base in ("http://gateway:8080/v1.0", "http://GATEWAY:8080", "http://user:word@gateway:8080/"):
        assert cli.main(["contract", "verify", str(path), "--base-url", base]) == 0


# --- secrets ----------------------------------------------------------------------------------------

KEY = "vb_canary0canary1canary2canary3canary"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ"
PASSWORD = 'canary/of "the" <agent> & co'
COOKIE = "canary-cookie-7d1c9f0e52a4"
PLACES: dict[str, Callable[[Entry, str], Entry]] = {
    "path": lambda e, s: at(e, "request", url=f"https://api.voipbin.net/v1.0/accesskeys/{s}", method="GET"),
    "page size": lambda e, s: at(e, "request", url=f"https://api.voipbin.net/v1.0/tags?page_size={s}", method="GET"),
    "unknown parameter": lambda e, s: at(e, "request", url=f"https://api.voipbin.net/v1.0/tag?session={s}"),
    "percent-encoded": lambda e, s: at(
        e, "request", url="https://api.voipbin.net/v1.0/tag?q=" + "".join(f"%{b:02x}" for b in s.encode())
    ),
    "userinfo": lambda e, s: at(e, "request", url=f"https://me:{s}@api.voipbin.net/v1.0/tag"),
    "HTML": lambda e, s: at(e, "response", "content", text=f'<input type="password" value="{s}">'),
    "plain text": lambda e, s: at(e, "response", "content", text=f"no such token: {s}"),
    "another member": lambda e, s: at(
        e, "request", "postData", text=json.dumps({**PLAN, "dial_timeout": s, "name": 7, s: 1})
    ),
    "answer": lambda e, s: at(e, "response", "content", text=json.dumps({**PLAN, "dial_timeout": s, "id": s})),
    "broken JSON": lambda e, s: at(e, "request", "postData", text='{"password": "' + s),
    "method": lambda e, s: at(e, "request", method=s),
}


@pytest.mark.parametrize("form", ["text", "json", "junit"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", [KEY, JWT, COOKIE])
def test_a_credential_is_shown_nowhere(form: str, place: str, secret: str, good: Entry, bad: Entry) -> None:
    headers = [
        {"name": "Authorization", "value": f"Bearer {JWT}"},
        {"name": "Cookie", "value": f"token={COOKIE}; lang=en"},
    ]
    named = at(good, "request", headers=headers, url=f"https://api.voipbin.net/v1.0/outplans?accesskey={KEY}")
    result = verify(har(named, PLACES[place](good, secret), bad))
    shown = render(result, form)
    assert result.findings
    assert secret not in shown
    assert secret[:12] not in shown
    assert secret.lower()[3:] not in shown.lower()


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_a_password_is_not_shown_in_any_spelling(form: str, good: Entry) -> None:
    login = at(good, "request", url="https://api.voipbin.net/auth/login")
    login["request"]["postData"]["text"] = json.dumps({"username": "me", "password": PASSWORD})
    echo = at(good, "request", "postData", text=json.dumps({**PLAN, "dial_timeout": PASSWORD}))
    result = verify(har(login, echo))
    shown = render(result, form)
    assert "/dial_timeout" in shown
    assert "canary" not in shown


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_a_page_with_a_password_in_it_is_not_quoted(form: str, good: Entry) -> None:
    for page in (
        "<input name=password value=canary-word>",
        "<p>Your token is canary-word</p>",
        '<a href="?a=1&b=canary-word">secret</a>',
    ):
        result = verify(har(at(at(good, "response", "content", text=page), "response", headers=[])))
        assert "is no JSON: ***" in render(result, form)
        assert "canary" not in render(result, form)


def test_a_base_url_with_a_password_is_refused_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["contract", "run", "--base-url", "http://me:canary-word@host/"]) == 2
    said = capsys.readouterr()
    assert "credentials before its host" in said.err
    assert "canary" not in said.err + said.out


# --- growth -----------------------------------------------------------------------------------------


def test_a_report_of_twice_as_much_is_twice_the_work(monkeypatch: pytest.MonkeyPatch, bad: Entry) -> None:
    def looks(count: int) -> int:
        result = verify(har(*[bad] * count))
        looked = [0]

        class Counted(list[Any]):
            def __iter__(self) -> Any:
                looked[0] += len(self)
                return super().__iter__()

        result.findings = Counted(result.findings)
        for form in ("text", "json", "junit"):
            render(result, form)
        return looked[0]

    assert looks(80) <= 2.5 * looks(40)


def test_what_was_found_is_told_in_order(good: Entry, bad: Entry) -> None:
    result: Verified = verify(har(bad, good, bad))
    assert [f.place for f in result.findings] == ["/log/entries/0", "/log/entries/2"]
