"""That a page that complains, breaks its rules or asks elsewhere fails its test: each by a page that does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.watching import Watch
from voipbin_mock.server.live import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = {
    "/good": "<h1>good</h1><img alt='' src='data:,'>",
    "/script": "<script src='script.js'></script>",
    "/inline": "<script>1</script>",
    "/elsewhere": "<link rel='preload' as='image' href='http://example.com/a.png'>",
    "/nothing": "<script src='nothing.js'></script>",
}
SCRIPT = "console.error('oh'); console.log('well'); setTimeout(() => { throw new Error('ah') })"


def app(environ: Any, start: Any) -> list[bytes]:
    path = environ["PATH_INFO"]
    text, kind = (SCRIPT, "text/javascript") if path == "/script.js" else (PAGES.get(path), "text/html")
    policy = "default-src 'none'; script-src 'self'; img-src data: http://example.com"
    start("200 OK" if text else "404 Not Found", [("Content-Type", kind), ("Content-Security-Policy", policy)])
    return [(text or "").encode()]


@pytest.fixture(scope="module")
def pages() -> Iterator[LiveServer]:
    with LiveServer(app) as server:
        yield server


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def complaints(page: Page, pages: LiveServer, path: str, *allowed: str) -> list[str]:
    watch = Watch(page.context, pages.origin)
    watch.allow(*allowed)
    page.goto(pages.origin + path)
    return watch.complaints()


def test_a_good_page_is_not_complained_of(page: Page, pages: LiveServer) -> None:
    assert complaints(page, pages, "/good") == []


def test_errors_that_are_logged_and_errors_that_nobody_caught_are_noted(page: Page, pages: LiveServer) -> None:
    assert complaints(page, pages, "/script") == ["console: oh", "uncaught: ah"]


def test_what_breaks_the_policy_is_noted(page: Page, pages: LiveServer) -> None:
    assert "console: securitypolicyviolation script-src-elem inline" in complaints(page, pages, "/inline")


def test_a_request_to_another_origin_is_noted(page: Page, pages: LiveServer) -> None:
    assert "asked another host: GET http://example.com/a.png" in complaints(page, pages, "/elsewhere")


def test_a_file_that_is_not_there_is_noted(page: Page, pages: LiveServer) -> None:
    (complaint,) = complaints(page, pages, "/nothing")
    assert "404" in complaint


def test_what_is_allowed_passes_and_must_come(page: Page, pages: LiveServer) -> None:
    assert complaints(page, pages, "/script", "^console: oh$", "a h") == ["uncaught: ah", "never came: a h"]
