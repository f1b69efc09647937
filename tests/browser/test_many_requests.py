"""5,000 requests, and one that is like no other: the page is there at once, and stays alive."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Console, Service
from tests.support.processes import connect

if TYPE_CHECKING:
    from playwright.sync_api import Route

MANY = 5000
MOST_MS = 150  # from the load event until the first view is there
LONGEST_FRAME_MS = 500
# When the first row of a view is in the page, in milliseconds from the beginning.
_FIRST_ROW = """new MutationObserver((_, observer) => {
  if (!document.querySelector("main tbody tr")) return
  window.firstRow = performance.now()
  observer.disconnect()
}).observe(document, {childList: true, subtree: true})"""


def send_many(service: Service, count: int) -> None:
    """So many requests one behind the other on one connection, every tenth of them refused."""
    url = urlsplit(service.origin)
    with connect(url.port or 0, timeout=60) as connection:
        reader = connection.makefile("rb")
        for start in range(0, count, 50):
            batch = range(start, min(start + 50, count))
            connection.sendall(b"".join(_request(service, url.netloc, number) for number in batch))
            for _ in batch:
                length = 0
                while (line := reader.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                reader.read(length)


def _request(service: Service, host: str, number: int) -> bytes:
    path = f"{service.prefix}/v1.0/tags?accesskey={service.accesskey}"
    body = b'{"name": 7}' if number % 10 == 0 else b""
    head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.fixture(scope="module")
def crowded(shared: Service) -> Service:
    service = shared.session("crowded")
    send_many(service, MANY)
    return service


def test_the_first_view_is_there_soon_after_the_page_has_loaded(
    consoles: Callable[..., Console], crowded: Service, measured: Callable[[str], None]
) -> None:
    console = consoles(crowded)
    console.page.add_init_script(_FIRST_ROW)
    took = []
    for _ in range(5):  # the machine may be busy with something else meanwhile
        console.page.goto("about:blank")
        console.open().settled()
        expect(console.page.locator("main tbody tr").first).to_be_visible()
        took.append(
            console.page.evaluate("() => window.firstRow - performance.getEntriesByType('navigation')[0].loadEventEnd")
        )
    measured(f"first view after {MANY} requests: {min(took):.0f} ms after the load event ({[round(n) for n in took]})")
    assert min(took) <= MOST_MS


def test_a_long_list_scrolls_and_goes_on_growing(
    consoles: Callable[..., Console], crowded: Service, measured: Callable[[str], None]
) -> None:
    console = consoles(crowded).open().settled()
    page = console.page
    expect(page.locator("main tbody tr").first).to_be_visible()
    page.evaluate(
        """() => { let before = performance.now(); window.longest = 0; const frame = now => {
            window.longest = Math.max(window.longest, now - before); before = now; requestAnimationFrame(frame) }
            requestAnimationFrame(frame) }"""
    )
    for _ in range(20):
        console.press("PageDown")
    send_many(crowded, 200)
    console.press("End", "Home")
    longest = page.evaluate("() => window.longest")
    rows = page.locator("main tbody tr").count()
    measured(f"scrolling {rows} rows while 200 requests come: the longest frame took {longest:.0f} ms")
    assert longest < LONGEST_FRAME_MS
    assert rows <= 600


def test_one_odd_request_is_a_row_that_says_so(console: Console, service: Service) -> None:
    for _ in range(3):
        service.send("GET", "/tags")

    def spoiled(route: Route) -> None:
        reply = route.fetch()
        answer = reply.json()
        odd = {"number": 2, "method": None, "path": {}, "status": "?", "violations": 7, "time": 8}
        answer["requests"] = [odd if one["number"] == 2 else one for one in answer["requests"]]
        route.fulfill(response=reply, body=json.dumps(answer))

    console.page.route("**/__mock__/requests?*", spoiled)
    console.open().settled()
    rows = console.page.locator("main tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("/v1.0/tags")
    expect(rows.nth(2)).to_contain_text("/v1.0/tags")
    console.page.unroute_all(behavior="ignoreErrors")  # one may be under way as the page closes
