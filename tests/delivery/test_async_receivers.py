"""Receivers that are coroutines or ASGI apps run on the loop that the test runs, in the context of its call."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import aiohttp
import httpx
import pytest
import requests

from tests.support.receivers import LONG, buy, point, until
from voipbin_mock import Mock
from voipbin_mock.delivery.receivers import Webhook

START = "2026-03-01T09:00:00Z"
BODY = {"number": "+899100000001", "type": "virtual"}
WHOSE: ContextVar[str] = ContextVar("whose", default="nobody's")

Call = Callable[[Mock], Awaitable[Any]]


async def by_httpx(mock: Mock) -> None:
    async with httpx.AsyncClient(base_url=mock.url, headers=mock.headers) as client:
        assert (await client.post("/numbers", json=BODY)).status_code == 200


async def by_transport(mock: Mock) -> None:
    transport = mock.httpx_async_transport()
    async with httpx.AsyncClient(transport=transport, base_url=mock.url, headers=mock.headers) as client:
        assert (await client.post("/numbers", json=BODY)).status_code == 200


async def by_aiohttp(mock: Mock) -> None:
    url, headers = mock.url + "/numbers", mock.headers
    async with aiohttp.ClientSession(headers=headers) as client, client.post(url, json=BODY) as answer:
        assert answer.status == 200


async def by_requests(mock: Mock) -> None:
    """A call that holds up the loop: what the receiver cannot do at once comes after it."""
    assert requests.post(mock.url + "/numbers", json=BODY, headers=mock.headers, timeout=LONG).status_code == 200
    await mock.webhooks.settled()


async def by_client(mock: Mock) -> None:
    buy(mock)
    await mock.webhooks.settled()


async def in_a_thread(mock: Mock) -> None:
    await asyncio.to_thread(requests.post, mock.url + "/numbers", json=BODY, headers=mock.headers, timeout=LONG)


AWAITED = pytest.mark.parametrize("call", [by_httpx, by_transport, by_aiohttp])
EVERY_WAY = pytest.mark.parametrize("call", [by_httpx, by_transport, by_aiohttp, by_requests, by_client, in_a_thread])


def run(test: Callable[[Mock], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        with Mock(clock=START, **settings) as mock:
            await test(mock)

    asyncio.run(main())


def outcomes(mock: Mock) -> list[str]:
    return [delivery.outcome for delivery in mock.webhooks.deliveries]


@EVERY_WAY
def test_a_receiver_runs_on_the_loop_of_the_test(call: Call) -> None:
    async def test(mock: Mock) -> None:
        loops: list[Any] = []

        async def receiver(webhook: Webhook) -> None:
            await asyncio.sleep(0.001)
            loops.append(asyncio.get_running_loop())

        mock.webhooks.connect(receiver)
        await call(mock)
        assert loops == [asyncio.get_running_loop()]
        assert outcomes(mock) == ["delivered"]

    run(test)


@pytest.mark.parametrize("call", [by_httpx, by_transport, by_aiohttp, by_requests, by_client])
def test_it_runs_in_the_context_of_the_call(call: Call) -> None:
    async def test(mock: Mock) -> None:
        seen: list[str] = []

        async def receiver(webhook: Webhook) -> None:
            seen.append(WHOSE.get())
            token = WHOSE.set("the receiver's")
            await asyncio.sleep(0.001)
            seen.append(WHOSE.get())
            WHOSE.reset(token)

        mock.webhooks.connect(receiver)
        WHOSE.set("the test's")
        await call(mock)
        assert seen == ["the test's", "the receiver's"]
        assert WHOSE.get() == "the test's"

    run(test)


@AWAITED
def test_a_lock_of_the_test_is_waited_for_and_not_for_ever(call: Call) -> None:
    async def test(mock: Mock) -> None:
        lock = asyncio.Lock()

        async def receiver(webhook: Webhook) -> None:
            async with lock:
                pass

        mock.webhooks.connect(receiver)
        async with lock:
            calling = asyncio.create_task(call(mock))  # type: ignore[arg-type]
            await asyncio.sleep(0.01)
            assert not calling.done()
        await calling
        assert outcomes(mock) == ["delivered"]

    run(test)


@AWAITED
def test_a_lock_that_is_held_over_the_call_holds_it_up_for_a_moment_only(call: Call) -> None:
    async def test(mock: Mock) -> None:
        lock = asyncio.Lock()

        async def receiver(webhook: Webhook) -> None:
            async with lock:
                pass

        mock.webhooks.patience = 0.02
        mock.webhooks.connect(receiver)
        async with lock:
            await call(mock)
            assert mock.webhooks.pending == 1
        await mock.webhooks.settled()
        assert outcomes(mock) == ["delivered"]

    run(test)


@EVERY_WAY
def test_tasks_that_a_receiver_starts_go_on(call: Call) -> None:
    async def test(mock: Mock) -> None:
        tasks: set[asyncio.Task[None]] = set()
        done: list[str] = []

        async def work() -> None:
            await asyncio.sleep(0.001)
            done.append("work")

        async def receiver(webhook: Webhook) -> None:
            tasks.add(asyncio.create_task(work()))

        mock.webhooks.connect(receiver)
        await call(mock)
        await asyncio.gather(*tasks)
        assert done == ["work"]

    run(test)


@EVERY_WAY
def test_a_session_of_the_tests_loop_works_in_a_receiver(call: Call) -> None:
    async def test(mock: Mock) -> None:
        numbers: list[str] = []
        async with aiohttp.ClientSession(headers=mock.headers) as session:

            async def receiver(webhook: Webhook) -> None:
                async with session.get(f"{mock.url}/numbers/{webhook.data['id']}") as answer:
                    numbers.append((await answer.json())["number"])

            mock.webhooks.connect(receiver)
            await call(mock)
        assert numbers == [BODY["number"]]
        assert outcomes(mock) == ["delivered"]

    run(test)


def test_a_coroutine_has_a_task_and_time_limits_of_its_own() -> None:
    async def test(mock: Mock) -> None:
        tasks: list[Any] = []

        async def receiver(webhook: Webhook) -> None:
            tasks.append(asyncio.current_task())
            try:
                await asyncio.wait_for(asyncio.Event().wait(), 0.001)
            except asyncio.TimeoutError:
                tasks.append(asyncio.current_task())

        mock.webhooks.connect(receiver)
        await by_client(mock)
        assert len(set(tasks)) == 1
        assert tasks[0] is not asyncio.current_task()
        assert outcomes(mock) == ["delivered"]

    run(test)


def test_what_a_synchronous_call_brings_about_is_done_at_once_as_far_as_it_can_be() -> None:
    async def test(mock: Mock) -> None:
        heard: list[str] = []

        async def receiver(webhook: Webhook) -> int:
            await asyncio.sleep(0)
            heard.append(webhook.type)
            return 204

        mock.webhooks.connect(receiver)
        buy(mock)
        assert heard == ["number_created"]
        assert mock.webhooks.deliveries[0].status == 204

    run(test)


def test_a_receiver_that_never_answers_is_a_failed_attempt_that_names_the_loop() -> None:
    async def test(mock: Mock) -> None:
        ended: list[str] = []

        async def receiver(webhook: Webhook) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")

        mock.webhooks.timeout, mock.webhooks.patience = 0.05, 0.01
        mock.webhooks.connect(receiver)
        await by_httpx(mock)
        await mock.webhooks.settled()
        error = mock.webhooks.deliveries[0].error
        assert error.startswith("the receiver did not answer within 0.05 s (webhooks.timeout) on the loop <")
        await asyncio.sleep(0.01)
        assert ended == ["cancelled"]

    run(test)


@pytest.mark.parametrize("call", [by_httpx, by_client])
def test_a_receiver_that_is_cancelled_from_within_fails_the_test(call: Call) -> None:
    async def test(mock: Mock) -> None:
        async def receiver(webhook: Webhook) -> None:
            raise asyncio.CancelledError("mine")

        mock.webhooks.connect(receiver)
        await call(mock)
        assert outcomes(mock) == ["failed"]

    with pytest.raises(asyncio.CancelledError):
        run(test)


def test_a_receiver_that_the_end_of_the_loop_cancels_says_so() -> None:
    with Mock(clock=START) as mock:

        async def receiver(webhook: Webhook) -> None:
            await asyncio.Event().wait()

        async def main() -> None:
            mock.webhooks.connect(receiver)
            buy(mock)

        asyncio.run(main())
        assert "cancelled before the receiver had answered, on the loop <" in mock.webhooks.deliveries[0].error


@AWAITED
def test_a_port_that_the_tests_own_loop_serves_answers_before_the_call_ends(call: Call) -> None:
    async def test(mock: Mock) -> None:
        heard: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        mock.webhooks.patience = LONG
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            point(mock, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks")
            await call(mock)
            assert len(heard) == 1
            assert outcomes(mock) == ["delivered"]

    run(test)


def test_a_live_server_hands_it_to_the_loop_on_which_it_was_connected() -> None:
    async def test(mock: Mock) -> None:
        mock.serve()
        loops: list[Any] = []

        async def receiver(webhook: Webhook) -> None:
            await asyncio.sleep(0.001)
            loops.append((asyncio.get_running_loop(), WHOSE.get()))

        WHOSE.set("the test's")
        mock.webhooks.connect(receiver)
        await by_httpx(mock)
        assert loops == [(asyncio.get_running_loop(), "the test's")]

    run(test)


# --- where no loop runs ------------------------------------------------------------------------------


def test_without_a_loop_there_is_one_of_the_mocks_own_and_its_tasks_go_on() -> None:
    done = threading.Event()
    with Mock(clock=START) as mock:
        tasks: set[asyncio.Task[None]] = set()

        async def work() -> None:
            await asyncio.sleep(0.001)
            done.set()

        async def receiver(webhook: Webhook) -> None:
            tasks.add(asyncio.create_task(work()))

        mock.webhooks.connect(receiver)
        buy(mock)
        assert outcomes(mock) == ["delivered"]
        assert done.wait(LONG)


def test_the_loop_of_its_own_ends_with_the_mock_and_tells_what_it_cut_short(caplog: pytest.LogCaptureFixture) -> None:
    before = threading.enumerate()  # another test may have left one that something held up
    with Mock(clock=START) as mock:
        tasks: set[asyncio.Task[bool]] = set()

        async def receiver(webhook: Webhook) -> None:
            tasks.add(asyncio.create_task(asyncio.Event().wait(), name="waiting for nothing"))

        mock.webhooks.connect(receiver)
        buy(mock)
        threads = [one for one in threading.enumerate() if one not in before]
        (thread,) = [one for one in threads if one.name == "voipbin-mock-receivers"]
    assert not thread.is_alive()
    assert "ended with the mock: waiting for nothing" in caplog.text


def test_a_lock_of_another_loop_is_a_failed_attempt_that_names_the_loop() -> None:
    loop = asyncio.new_event_loop()

    async def locked() -> asyncio.Lock:
        lock = asyncio.Lock()
        await lock.acquire()
        waiting = asyncio.ensure_future(lock.acquire())  # now it belongs to this loop
        await asyncio.sleep(0)
        waiting.cancel()
        return lock

    with Mock(clock=START) as mock:
        lock = loop.run_until_complete(locked())

        async def receiver(webhook: Webhook) -> None:
            async with lock:
                pass

        mock.webhooks.connect(receiver)
        buy(mock)
        error = mock.webhooks.deliveries[0].error
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert "is bound to a different event loop" in error
    assert "(it ran on a loop of the mock's own, for no loop runs in the thread that made the call)" in error


def test_a_coroutine_that_blocks_the_loop_of_its_own_does_not_hold_up_the_next(
    caplog: pytest.LogCaptureFixture,
) -> None:
    over = threading.Event()
    with Mock(clock=START) as mock:

        async def blocks(webhook: Webhook) -> None:
            over.wait(LONG)

        heard: list[str] = []

        async def receiver(webhook: Webhook) -> None:
            heard.append(webhook.type)

        mock.webhooks.timeout = 0.05
        mock.webhooks.connect(blocks)
        buy(mock, 1)
        mock.webhooks.connect(receiver)
        until(lambda: "holds up the loop" in caplog.text)
        buy(mock, 2)
        over.set()
    assert heard == ["number_created"]


# --- ASGI --------------------------------------------------------------------------------------------


async def answer(send: Any, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@EVERY_WAY
def test_an_asgi_app_runs_on_the_loop_of_the_test(call: Call) -> None:
    async def test(mock: Mock) -> None:
        loops: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            loops.append(asyncio.get_running_loop())
            await receive()
            await asyncio.sleep(0.001)
            await answer(send, 202)

        mock.webhooks.connect(app, "https://my.app/hooks")
        await call(mock)
        assert loops == [asyncio.get_running_loop()]
        assert mock.webhooks.deliveries[0].status == 202

    run(test)


def test_an_asgi_app_that_works_on_has_answered_in_time() -> None:
    async def test(mock: Mock) -> None:
        over = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await answer(send)
            await over.wait()

        mock.webhooks.timeout, mock.webhooks.patience = 0.05, 0.01
        mock.webhooks.connect(app, "https://my.app/hooks")
        await by_httpx(mock)
        await mock.webhooks.settled()
        assert outcomes(mock) == ["delivered"]
        over.set()
        await asyncio.sleep(0)

    run(test)


def test_an_asgi_app_hears_of_its_client_going_only_once_it_has_answered() -> None:
    async def test(mock: Mock) -> None:
        order: list[str] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()

            async def listen() -> None:
                order.append((await receive())["type"])

            listening = asyncio.create_task(listen())
            await asyncio.sleep(0.001)
            order.append("answering")
            await answer(send)
            await listening

        mock.webhooks.connect(app, "https://my.app/hooks")
        await by_httpx(mock)
        assert order == ["answering", "http.disconnect"]

    run(test)
