"""The server goes and comes back, changes hands and is asked for a secret; pages are several."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Locator, expect

from tests.browser import scenes
from tests.browser.driving import Console, Server, Service

GONE = "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"
PATIENCE = 20_000  # milliseconds; the page asks again in ever longer steps


def lamp(console: Console, says: str) -> Locator:
    return console.page.get_by_role("banner").get_by_role("button", name=says, exact=True)


def rows(console: Console) -> Locator:
    return console.page.get_by_role("main").get_by_role("table").locator("tbody tr")


def test_what_is_sent_appears_by_itself(console: Console, service: Service) -> None:
    console.open().settled()
    expect(lamp(console, "live")).to_be_visible()
    scenes.refused_plan(service)
    expect(rows(console)).to_have_count(1)
    service.send("GET", "/me")
    expect(rows(console)).to_have_count(2)


def test_a_server_that_went_and_came_back_is_shown_as_it_is_now(
    consoles: Callable[..., Console], own_server: Callable[..., Server]
) -> None:
    first = own_server()
    console = consoles(first).open().settled()
    expect(lamp(console, "live")).to_be_visible()
    first.send("GET", "/me")
    first.send("GET", "/outplans")
    expect(rows(console)).to_have_count(2)
    console.watch.allow(GONE)
    first.end()
    expect(lamp(console, "not connected")).to_be_visible(timeout=PATIENCE)
    expect(rows(console)).to_have_count(2)  # what was there may still be read
    second = own_server("--port", str(urlsplit(first.origin).port))
    expect(lamp(console, "live")).to_be_visible(timeout=PATIENCE)
    expect(rows(console)).to_have_count(0)
    second.send("GET", "/tags")
    expect(rows(console)).to_have_count(1)


def test_two_pages_show_the_same(consoles: Callable[..., Console], service: Service) -> None:
    one, other = consoles(service).open().settled(), consoles(service).open().settled()
    service.send("GET", "/me")
    for console in (one, other):
        expect(rows(console)).to_have_count(1)
    one.choose(one.page.get_by_role("button", name="+1 h"))
    for console in (one, other):
        expect(console.page.get_by_role("group", name="Clock").get_by_role("time")).to_contain_text("10:00:00")
    service.control("POST", "/reset")
    for console in (one, other):
        expect(rows(console)).to_have_count(0)
        expect(console.page.get_by_role("group", name="Clock").get_by_role("time")).to_contain_text("09:00:00")


def test_a_paused_page_stays_as_it_is_until_it_goes_on(console: Console, service: Service) -> None:
    console.open().settled()
    expect(lamp(console, "live")).to_be_visible()
    console.press("p")
    expect(lamp(console, "paused")).to_be_visible()
    service.send("GET", "/me")
    console.press("p")
    expect(lamp(console, "live")).to_be_visible()
    expect(rows(console)).to_have_count(1)


def test_sessions_are_switched_and_show_their_own(
    consoles: Callable[..., Console], own_server: Callable[..., Server]
) -> None:
    server = own_server()
    alice = server.session("alice")
    alice.send("GET", "/me")
    alice.send("GET", "/tags")
    console = consoles(server).open().settled()
    expect(rows(console)).to_have_count(0)
    choice = console.page.get_by_label("Session")
    console.tab_to(choice).type("a")
    expect(console.page).to_have_url(re.compile(re.escape(alice.console)))
    expect(rows(console)).to_have_count(2)
    server.send("GET", "/me")
    alice.send("GET", "/outplans")
    expect(rows(console)).to_have_count(3)


def test_without_the_token_nothing_is_shown_and_with_it_everything(
    consoles: Callable[..., Console], own_server: Callable[..., Server]
) -> None:
    server = own_server("--control-token", "open sesame ☼")
    scenes.refused_plan(server)
    console = consoles(server)
    console.watch.allow("403")
    console.page.goto(server.console)
    page = console.page
    secret = page.get_by_role("textbox", name="Control token")
    expect(secret).to_be_focused()
    expect(page.get_by_role("main")).not_to_contain_text("outplans")
    console.type("open sesame").press("Enter")
    expect(secret).to_be_focused()
    expect(secret).to_have_value("")
    console.type("open sesame ☼").press("Enter")
    expect(rows(console)).to_have_count(1)
    expect(secret).to_have_count(0)


def test_a_token_in_the_address_is_taken_from_it(
    consoles: Callable[..., Console], own_server: Callable[..., Server]
) -> None:
    server = own_server("--control-token", "open&sesame=1 ☼")
    scenes.refused_plan(server)
    console = consoles(server)
    console.page.goto(f"{server.console}#token=open%26sesame%3D1%20%E2%98%BC")
    expect(rows(console)).to_have_count(1)
    assert "token" not in console.page.url
    console.page.reload()
    expect(rows(console)).to_have_count(1)
    console.page.go_back()
    assert "token" not in console.page.url
