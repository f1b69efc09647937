"""A body that can be read only once is not read for a connection that is refused: sent again, it is whole."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from voipbin_mock import Mock

URL = "https://api.voipbin.net/v1.0/tags"
PARTS = [b'{"name": "a", ', b'"detail": "streamed"}']


def parts() -> Iterator[bytes]:
    yield from PARTS


async def async_parts() -> AsyncIterator[bytes]:
    for part in PARTS:
        yield part


def typed(mock: Mock) -> dict[str, str]:
    return {**mock.headers, "Content-Type": "application/json"}


def by_retries_of_requests(mock: Mock, body: Any) -> int:
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=Retry(3, backoff_factor=0)))
        return session.post(URL, data=body, headers=typed(mock)).status_code


def by_retries_of_urllib3(mock: Mock, body: Any) -> int:
    with urllib3.PoolManager(retries=Retry(3, backoff_factor=0)) as pool:
        return pool.request("POST", URL, body=body, headers=typed(mock)).status


def by_requests(mock: Mock, body: Any) -> int:
    while True:
        try:
            return requests.post(URL, data=body, headers=typed(mock), timeout=5).status_code
        except requests.ConnectionError:
            continue


def by_http_client(mock: Mock, body: Any) -> int:
    while True:
        connection = http.client.HTTPSConnection("api.voipbin.net")
        try:
            connection.request("POST", "/v1.0/tags", body=body, headers=typed(mock), encode_chunked=True)
        except ConnectionRefusedError:
            continue
        return connection.getresponse().status


def by_httpx(mock: Mock, body: Any) -> int:
    with httpx.Client(transport=httpx.HTTPTransport(retries=2)) as client:
        return client.post(URL, content=body, headers=typed(mock)).status_code


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("send", [by_retries_of_requests, by_retries_of_urllib3, by_requests, by_http_client, by_httpx])
def test_parts_are_sent_whole_after_a_refused_connection(send: Callable[[Mock, Any], int], times: int) -> None:
    with Mock() as mock:
        mock.faults.refuse("POST /tags", times=times)
        assert send(mock, parts()) == 200
        assert len(mock.requests) == times + 1
        assert [tag.detail for tag in mock.tags] == ["streamed"]


def test_so_are_those_of_aiohttp() -> None:
    async def go(headers: dict[str, str]) -> int:
        body = async_parts()
        async with aiohttp.ClientSession() as session:
            for _ in range(2):
                with pytest.raises(aiohttp.ClientConnectorError):
                    await session.post(URL, data=body, headers=headers)
            async with session.post(URL, data=body, headers=headers) as reply:
                return reply.status

    with Mock() as mock:
        mock.faults.refuse("POST /tags", times=2)
        assert asyncio.run(go(typed(mock))) == 200
        assert [tag.detail for tag in mock.tags] == ["streamed"]


def test_a_fault_whose_turn_has_not_come_refuses_nothing() -> None:
    with Mock() as mock:
        mock.faults.refuse("POST /tags", nth=2)
        assert by_requests(mock, parts()) == 200
        assert by_requests(mock, parts()) == 200
        assert [tag.detail for tag in mock.tags] == ["streamed", "streamed"]
        assert len(mock.requests) == 3


def test_in_a_session_it_is_the_sessions_plans_that_count() -> None:
    with Mock() as mock:
        headers = {**typed(mock), "X-VoIPBIN-Mock-Session": "one"}
        assert requests.get(URL, headers=headers, timeout=5).status_code == 200
        plan = mock.faults.refuse("POST /tags")
        assert requests.post(URL, data=parts(), headers=headers, timeout=5).status_code == 200
        plan.cancel()
