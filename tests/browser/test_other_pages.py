"""What a page of somebody else's can do to the console, in the browser of who has it open: nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.driving import Service
from voipbin_mock.server.live import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAYS = {
    "reading it": "url => fetch(url).then(reply => reply.text())",
    "reading what was sent": "url => fetch(url.replace('console', 'requests')).then(reply => reply.json())",
    "listening": "url => fetch(url.replace('console', 'notices')).then(reply => reply.json())",
    "winding the clock": """url => fetch(url.replace('console', 'clock'), {method: 'POST', body: '{"advance": 60}'})
        .then(reply => reply.json())""",
    "loading its modules": "url => import(url + '/app.js')",
    "loading its style": """url => new Promise((onload, onerror) => document.head.append(Object.assign(
        document.createElement('link'), {rel: 'stylesheet', href: url + '/console.css', onload, onerror})))""",
}


def app(environ: Any, start: Any) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/html")])
    return [b"<title>evil</title><link rel='icon' href='data:,'>"]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[LiveServer]:
    with LiveServer(app) as server:
        yield server


@pytest.fixture
def page(browser: Browser, elsewhere: LiveServer) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(elsewhere.origin)
        yield page


@pytest.mark.parametrize("way", WAYS)
def test_a_page_of_another_origin_is_kept_from(way: str, page: Page, service: Service) -> None:
    service.control("GET", "/health")  # the session is there
    tried = f"url => ({WAYS[way]})(url).then(() => 'it could', () => 'it could not')"
    assert page.evaluate(tried, service.console) == "it could not"
    assert service.control("GET", "/clock")["now"] == "2026-03-01T09:00:00.000000Z"


def test_the_same_ways_are_open_to_the_console_itself(page: Page, service: Service) -> None:
    page.goto(service.console)
    for way, script in WAYS.items():
        assert page.evaluate(f"url => ({script})(url).then(() => 'it could', String)", service.console) == "it could", (
            way
        )
    assert service.control("GET", "/clock")["now"] == "2026-03-01T09:01:00.000000Z"


def test_a_page_of_another_origin_cannot_frame_it(page: Page, service: Service) -> None:
    page.evaluate(
        """url => new Promise(done => document.body.append(Object.assign(document.createElement('iframe'),
            {src: url, onload: done})))""",
        service.console,
    )
    assert [frame.title() for frame in page.frames[1:]] != ["voipbin-mock"]
    assert "console" not in page.frames[1].content().lower()


def test_markup_that_gets_into_the_page_does_not_run(page: Page, service: Service) -> None:
    page.goto(service.console)
    refused = page.evaluate(
        """async () => {
            const refused = []
            addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective))
            const script = document.createElement('script')
            try { script.textContent = 'window.ran = true' } catch { refused.push('text') }
            document.body.append(script)
            try { document.body.innerHTML = '<img src=x onerror="window.ran = true">' } catch { refused.push('markup') }
            // later, when the rules for this test's own script hold no more
            await new Promise(done => setTimeout(() => {
                try { eval('window.ran = true') } catch { refused.push('eval') }
                done()
            }))
            return [window.ran ?? false, refused.filter(one => !one.includes('-'))]
        }"""
    )
    assert refused == [False, ["text", "markup", "eval"]]
