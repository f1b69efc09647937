"""Clients of every shape that a team may have are held to the contract, or told what is in the way."""

from __future__ import annotations

import asyncio
import json as codec
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from unittest import SkipTest

import aiohttp
import httpx
import pytest
import requests
import urllib3

from tests.support.contracting import credentials, mock_of
from voipbin_mock import Mock, MockUsageError
from voipbin_mock.contract import cases, check

SERVICE = "https://api.voipbin.net/v1.0"
# With and without a body, with one that is no JSON, with headers of its own, and with a refusal.
SOME = cases(
    only=["tags/lives-*", "auth/a-credential-is-looked-at-first", "outplans/body-must-*", "requests/carry-*"],
    profile="documented",
)


@pytest.fixture
def mock() -> Iterator[Mock]:
    with mock_of() as mock:
        yield mock


def plain(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
    with requests.Session() as session:
        return session.request(method, url, headers=headers, data=body)


class OpenEnded:
    """The commonest shape of an SDK."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def request(self, method: str, url: str, **kw: Any) -> Any:
        return self.inner.request(method, url, **kw)


class WithArguments:
    def request(self, *args: Any, **kw: Any) -> Any:
        with requests.Session() as session:
            return session.request(*args, **kw)


class InOrder:
    def request(self, verb: str, address: str, head: Any, content_: Any, /) -> Any:
        return plain(verb, address, head, content_)


class UrlFirst:
    def request(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        return plain(method, url, headers, body)


class Raises:
    """An SDK that makes an exception of every refusal."""

    def request(self, method: str, url: str, headers: Any = None, data: Any = None) -> Any:
        reply = plain(method, url, headers, data)
        reply.raise_for_status()
        return reply


class Standard:
    def request(self, method: str, url: str, headers: Any = None, data: Any = None) -> Any:
        return urllib.request.urlopen(urllib.request.Request(url, data, headers or {}, method=method))


class Called:
    def __call__(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
        reply = plain(method, url, headers, body)
        return reply.status_code, reply.headers, reply.text


class JsonOnly:
    def request(self, method: str, url: str, headers: Any = None, json: Any = None) -> Any:
        return plain(method, url, {**(headers or {})}, None if json is None else codec.dumps(json).encode())


SHAPES: dict[str, Callable[[], Any]] = {
    "a function": lambda: plain,
    "an object that is called": Called,
    "**kw over requests": lambda: OpenEnded(requests.Session()),
    "**kw over httpx": lambda: OpenEnded(httpx.Client()),
    "**kw over urllib3": lambda: OpenEnded(urllib3.PoolManager()),
    "*args, **kw": WithArguments,
    "by position alone": InOrder,
    "the URL first": UrlFirst,
    "raising": Raises,
    "urllib": Standard,
    "requests": requests.Session,
    "httpx": httpx.Client,
    "urllib3": urllib3.PoolManager,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_client_of_that_shape_is_held_to_every_case(shape: str, mock: Mock) -> None:
    client = SHAPES[shape]()
    for case in SOME:
        check(case, client, base_url=SERVICE, **credentials(mock))
    for thing in (client, getattr(client, "inner", None)):
        getattr(thing, "close", getattr(thing, "clear", lambda: None))()


def test_what_a_client_of_json_cannot_send_is_skipped_with_a_word(mock: Mock) -> None:
    skipped = []
    for case in SOME:
        try:
            check(case, JsonOnly(), base_url=SERVICE, **credentials(mock))
        except SkipTest as why:
            skipped.append((case.name, "no JSON" in str(why)))
    assert {name for name, told in skipped if told} == {
        "auth/a-credential-is-looked-at-first",
        "outplans/body-must-be-an-object[truncated]",
        "outplans/body-must-be-an-object[empty]",
    }


async def awaited(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
    raise AssertionError("never asked")


def handed_on(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
    return awaited(method, url, headers, body)


class Wrapped:
    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def request(self, method: str, url: str, **kw: Any) -> Any:
        return self.inner.request(method, url, **kw)


@pytest.mark.parametrize(
    "client", [httpx.AsyncClient, lambda: Wrapped(httpx.AsyncClient()), lambda: awaited, lambda: handed_on]
)
def test_a_client_that_must_be_awaited_is_told(client: Callable[[], Any], mock: Mock) -> None:
    asked = client()
    with pytest.raises(
        MockUsageError, match="a client that must be awaited cannot be asked from here: give a function"
    ):
        check(SOME[0], asked, base_url=SERVICE, **credentials(mock))
    inner = getattr(asked, "inner", asked)
    if isinstance(inner, httpx.AsyncClient):
        asyncio.run(inner.aclose())


def test_a_session_of_aiohttp_is_told(mock: Mock) -> None:
    async def with_session() -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(MockUsageError, match="must be awaited"):
                check(SOME[0], session, base_url=SERVICE, **credentials(mock))

    asyncio.run(with_session())


class NoHeaders:
    def request(self, method: str, url: str, json: Any = None) -> Any:
        raise AssertionError("never asked")


@pytest.mark.parametrize(
    ("client", "why"),
    [
        (NoHeaders(), "takes no headers"),
        (lambda *args: {"id": 1}, "dict is no response"),
        (lambda *args: ("x", {}, b""), "tuple is no response"),
        (lambda *args: (200, 7, b""), "tuple is no response"),
        (lambda *args: None, "NoneType is no response"),
        (requests.Session, "is a class; give one of its instances"),
    ],
)
def test_what_cannot_be_used_is_told(client: Any, why: str, mock: Mock) -> None:
    with pytest.raises(MockUsageError, match=why):
        check(SOME[0], client, base_url=SERVICE, **credentials(mock))


def test_an_error_of_the_clients_own_is_not_hidden(mock: Mock) -> None:
    def broken(*args: Any) -> Any:
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        check(SOME[0], broken, base_url=SERVICE, **credentials(mock))


ONE_PROFILE = cases(only=["outplans/null-is-zero", "outplans/a-put-replaces-all", "outplans/members-in-capitals-*"])


@pytest.mark.parametrize("case", ONE_PROFILE, ids=str)
def test_what_one_profile_promises_is_skipped_unless_that_one_is_said(case: Any) -> None:
    for profile in ("documented", "server"):
        with mock_of(profile, intercept=False) as mock:
            url = mock.serve().origin
            with pytest.raises(SkipTest, match="only server promises it"):
                check(case, url, **credentials(mock))
            if profile == "server":
                check(case, url, profile, **credentials(mock))
