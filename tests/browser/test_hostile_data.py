"""Whatever somebody calls a thing, the page shows it as text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Server, Service

MARKUP = '<img src=x onerror="window.hurt = 1"><script>window.hurt = 2</script><b>bold</b>'
# What is sent, and a piece of what must be read: characters that are not seen, or turn the text around them, by number.
NAMES = {
    "markup": (MARKUP, "<b>bold</b>"),
    "a template": ("${window.hurt = 3} {{window.hurt = 4}} javascript:window.hurt=5", "${window.hurt = 3} {{window"),
    "right to left": ("abc \u202egnp.exe\u202c \u0627\u0644", "abc \\u202egnp.exe\\u202c \u0627\u0644"),
    "control characters": ("bell \x07 escape \x1b[31m nul \x00 end", "bell \\u0007 escape \\u001b[31m nul \\u0000 end"),
    "half a pair": ("half \ud800 of a pair", " of a pair"),
    "joined": ("\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301", "\U0001f468\u200d\U0001f469"),
    "a prototype": ("__proto__", "__proto__"),
    "a million letters": ("long " + "m" * 1_000_000, "long mmmmmmmm"),
    "line ends": ("one\u2028two\r\nthree\tfour", "three"),
    "a path": ("../../%2e%2e/?#/requests/1&x=\\", "../../%2e%2e/?#/requests/1&x="),
}


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_is_shown_as_text(kind: str, console: Console, service: Service) -> None:
    name, read = NAMES[kind]
    service.send_text("POST", "/tags", json.dumps({"name": name[:255], "detail": name, name[:40]: name[:1000]}))
    tag = service.send("GET", "/tags").json()["result"][0]
    for view in (*scenes.VIEWS, "requests/1", "records/tags", f"records/tags/{tag['id']}"):
        console.open(view).settled()
        assert console.page.evaluate("() => window.hurt ?? null") is None, view
        expect(console.page.locator("main img[src=x], main b:text-is('bold'), main script")).to_have_count(0)
        for wide in (400, 1280):
            console.page.set_viewport_size({"width": wide, "height": 720})
            page, window = console.width()
            assert page <= window, (view, wide, console.wider_than_the_window())
    expect(console.page.get_by_role("main")).to_contain_text(read)


def test_whatever_has_a_name_or_a_text_is_shown_as_text(
    consoles: Callable[..., Console], own_server: Callable[..., Server]
) -> None:
    """Where sessions have long names, too."""
    server = own_server()
    server.session("k" * 60).send("GET", "/tags")
    console = consoles(server)
    for route in scenes.named(server, f"{MARKUP} abc \u202egnp.exe {'w' * 60}"):
        console.open(route).settled()
        main = console.page.get_by_role("main")
        expect(main).not_to_contain_text(re.compile("cannot be shown|Not to be shown"))
        assert console.page.evaluate("() => window.hurt ?? null") is None, route
        expect(main.locator("img[src=x], b:text-is('bold'), script")).to_have_count(0)
        console.page.set_viewport_size({"width": 320, "height": 720})
        page, window = console.width()
        assert page <= window, (route, console.wider_than_the_window())


def test_a_path_and_a_query_are_shown_as_text(console: Console, service: Service) -> None:
    for path in (
        f"/{quote(MARKUP)}",
        "/tags/%00%07%e2%80%ae",
        f"/tags?x={'q' * 400}%22%3E%3Cscript%3E",
        "//evil.example/x",
    ):
        service.send("GET", path)
    console.open().settled()
    expect(console.page.locator("main tbody tr")).to_have_count(4)
    for number in range(1, 5):
        console.open(f"requests/{number}").settled()
        assert console.page.evaluate("() => window.hurt ?? null") is None
        expect(console.page.locator("main script")).to_have_count(0)
        console.page.set_viewport_size({"width": 400, "height": 720})
        page, window = console.width()
        assert page <= window, (number, console.wider_than_the_window())


@pytest.mark.parametrize(
    "route", ["nothing", "records/nothing", "records/tags/nothing", "requests/-1", "%00%ff/%", "calls/<b>"]
)
def test_an_address_that_leads_nowhere_says_so(route: str, console: Console) -> None:
    console.watch.allow("404|400", must=False)
    console.open(route).settled()
    expect(console.page.get_by_role("main")).to_contain_text("no ")
    console.press("Tab")
