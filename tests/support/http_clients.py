"""The client libraries that reach a mock, each under one face: made, called, closed."""

from __future__ import annotations

import asyncio
import http.client
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests
import urllib3

SERVICE = "https://api.voipbin.net"
# Before its second version urllib3 did not hold bodies against their Content-Length; requests sees them end.
NOTICES_SHORT_BODIES = not urllib3.__version__.startswith("1.")
CONTENT_TYPE = {"Content-Type": "application/json"}
TLS = ssl.create_default_context()  # dear to make, and no certificate is looked at here


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """One library. `proxy` is given where the library does not read it from the environment."""

    errors: Mapping[str, Any]  # kind of disruption -> what the library raises

    def __init__(self, proxy: str | None = None) -> None:
        raise NotImplementedError

    def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        timeout: float | None = None,
    ) -> Answer:
        raise NotImplementedError

    def close(self) -> None:
        """Most have nothing to close."""

    def get(self, url: str, headers: Mapping[str, str], timeout: float | None = None) -> Answer:
        return self.call("GET", url, headers, timeout=timeout)

    def post(self, url: str, headers: Mapping[str, str], body: Any) -> Answer:
        return self.call("POST", url, {**headers, **CONTENT_TYPE}, body)


class Requests(Client):
    errors = {
        "refuse": requests.ConnectionError,
        "reset": requests.ConnectionError,
        "reset_midway": requests.exceptions.ChunkedEncodingError,
        **({"truncate": requests.exceptions.ChunkedEncodingError} if NOTICES_SHORT_BODIES else {}),
        "delay": requests.ReadTimeout,
        "slow": requests.ConnectionError,
    }

    def __init__(self, proxy: str | None = None) -> None:
        self.session = requests.Session()

    def call(self, method: str, url: str, headers: Any = None, body: Any = None, timeout: Any = None) -> Answer:
        reply = self.session.request(method, url, headers=headers, data=body, timeout=timeout)
        return Answer(reply.status_code, reply.headers, reply.content)

    def close(self) -> None:
        self.session.close()


class Urllib3(Client):
    errors = {
        "refuse": urllib3.exceptions.NewConnectionError,
        "reset": urllib3.exceptions.ProtocolError,
        "reset_midway": urllib3.exceptions.ProtocolError,
        "truncate": urllib3.exceptions.ProtocolError,
        "delay": urllib3.exceptions.ReadTimeoutError,
        "slow": urllib3.exceptions.ReadTimeoutError,
    }

    def __init__(self, proxy: str | None = None) -> None:
        self.pool = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()

    def call(self, method: str, url: str, headers: Any = None, body: Any = None, timeout: Any = None) -> Answer:
        more = {} if timeout is None else {"timeout": timeout}
        # Retries are tested by themselves.
        retries = urllib3.Retry(0, read=False, connect=False, redirect=False)
        reply = self.pool.request(
            method, url, headers=dict(headers or {}), body=body, retries=retries, redirect=False, **more
        )
        return Answer(reply.status, reply.headers, reply.data)

    def close(self) -> None:
        self.pool.clear()


class Bare(Urllib3):
    """A connection pool without a manager."""

    def __init__(self, proxy: str | None = None) -> None:
        self.pools: dict[tuple[str, str, int | None], Any] = {}

    def call(self, method: str, url: str, headers: Any = None, body: Any = None, timeout: Any = None) -> Answer:
        parts = urlsplit(url)
        kind = urllib3.HTTPSConnectionPool if parts.scheme == "https" else urllib3.HTTPConnectionPool
        pool = self.pools.setdefault(
            (parts.scheme, str(parts.hostname), parts.port), kind(str(parts.hostname), parts.port)
        )
        more = {} if timeout is None else {"timeout": timeout}
        target = url.partition(parts.netloc)[2]
        retries = urllib3.Retry(0, read=False, connect=False)
        reply = pool.urlopen(method, target, headers=headers, body=body, retries=retries, redirect=False, **more)
        return Answer(reply.status, reply.headers, reply.data)

    def close(self) -> None:
        for pool in self.pools.values():
            pool.close()


class Httpx(Client):
    errors = {
        "refuse": httpx.ConnectError,
        "reset": httpx.ReadError,
        "reset_midway": httpx.ReadError,
        "truncate": httpx.RemoteProtocolError,
        "delay": httpx.ReadTimeout,
        "slow": httpx.ReadTimeout,
    }

    def __init__(self, proxy: str | None = None) -> None:
        self.client = httpx.Client(timeout=None, verify=TLS)

    def call(self, method: str, url: str, headers: Any = None, body: Any = None, timeout: Any = None) -> Answer:
        reply = self.client.request(method, url, headers=headers, content=body, timeout=timeout)
        return Answer(reply.status_code, reply.headers, reply.content)

    def close(self) -> None:
        self.client.close()


class Asynchronous(Client):
    """A loop of its own, as code under test would run."""

    def __init__(self, proxy: str | None = None) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(self.open())

    async def open(self) -> None:
        raise NotImplementedError

    async def ask(self, method: str, url: str, headers: Any, body: Any, timeout: Any) -> Answer:
        raise NotImplementedError

    async def shut(self) -> None:
        raise NotImplementedError

    def call(self, method: str, url: str, headers: Any = None, body: Any = None, timeout: Any = None) -> Answer:
        return self.loop.run_until_complete(self.ask(method, url, headers, body, timeout))

    def close(self) -> None:
        self.loop.run_until_complete(self.shut())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


class AsyncHttpx(Asynchronous):
    errors = Httpx.errors

    async def open(self) -> None:
        self.client = httpx.AsyncClient(timeout=None, verify=TLS)

    async def ask(self, method: str, url: str, headers: Any, body: Any, timeout: Any) -> Answer:
        reply = await self.client.request(method, url, headers=headers, content=body, timeout=timeout)
        return Answer(reply.status_code, reply.headers, reply.content)

    async def shut(self) -> None:
        await self.client.aclose()


class Aiohttp(Asynchronous):
    errors = {
        "refuse": aiohttp.ClientConnectorError,
        "reset": (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError),
        "reset_midway": (aiohttp.ClientPayloadError, aiohttp.ClientOSError),
        "truncate": aiohttp.ClientPayloadError,
        "delay": aiohttp.ServerTimeoutError,
        "slow": aiohttp.ServerTimeoutError,
    }

    async def open(self) -> None:
        self.session = aiohttp.ClientSession(trust_env=True)

    async def ask(self, method: str, url: str, headers: Any, body: Any, timeout: Any) -> Answer:
        limit = aiohttp.ClientTimeout(total=None, sock_read=timeout)
        async with self.session.request(method, url, headers=headers, data=body, timeout=limit) as reply:
            return Answer(reply.status, reply.headers, await reply.read())

    async def shut(self) -> None:
        await self.session.close()


class HttpClient(Client):
    errors = {
        "refuse": ConnectionRefusedError,
        "reset": ConnectionResetError,
        "reset_midway": ConnectionResetError,
        "truncate": http.client.IncompleteRead,
        "delay": TimeoutError,
        "slow": TimeoutError,
    }

    def __init__(self, proxy: str | None = None) -> None:
        # Made early for the service; others are made when they are called.
        self.ready: dict[tuple[str, str], http.client.HTTPConnection] = {
            ("https", "api.voipbin.net"): http.client.HTTPSConnection("api.voipbin.net", context=TLS),
            ("http", "api.voipbin.net"): http.client.HTTPConnection("api.voipbin.net"),
        }

    def call(self, method: str, url: str, headers: Any = None, body: Any = None, timeout: Any = None) -> Answer:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        key = (parts.scheme, parts.netloc)
        if key not in self.ready or timeout is not None:
            more: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
            if parts.scheme == "https":
                more["context"] = TLS
            self.ready[key] = kind(str(parts.hostname), parts.port, **more)
        connection = self.ready[key]
        try:
            connection.request(method, url.partition(parts.netloc)[2], body=body, headers=dict(headers or {}))
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read())
        except BaseException:
            connection.close()  # as its users have to
            raise

    def close(self) -> None:
        for connection in self.ready.values():
            connection.close()


class UrllibRequest(Client):
    errors = {**HttpClient.errors, "refuse": OSError}  # a URLError around it

    def __init__(self, proxy: str | None = None) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=TLS))

    def call(self, method: str, url: str, headers: Any = None, body: Any = None, timeout: Any = None) -> Answer:
        request = urllib.request.Request(url, data=body, headers=dict(headers or {}), method=method)
        more = {} if timeout is None else {"timeout": timeout}
        try:
            with self.opener.open(request, **more) as reply:
                return Answer(reply.status, reply.headers, reply.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())


CLIENTS: Mapping[str, Callable[..., Client]] = {
    "requests": Requests,
    "urllib3": Urllib3,
    "urllib3 pool": Bare,
    "httpx": Httpx,
    "httpx async": AsyncHttpx,
    "aiohttp": Aiohttp,
    "http.client": HttpClient,
    "urllib.request": UrllibRequest,
}
