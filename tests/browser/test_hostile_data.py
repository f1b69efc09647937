"""Whatever somebody calls a thing, the page shows it as text."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Console, Service

MARKUP = '<img src=x onerror="window.hurt = 1"><script>window.hurt = 2</script><b>bold</b>'
NAMES = {
    "markup": MARKUP,
    "a template": "${window.hurt = 3} {{constructor.constructor('window.hurt = 4')()}} javascript:window.hurt=5",
    "right to left": "abc \u202egnp.exe\u202c \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "control characters": "bell \x07 escape \x1b[31m back \x08 nul \x00 end",
    "lone surrogate": "half \ud800 of a pair",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301",
    "prototype": "__proto__",
    "long": "long " + "m" * 1_000_000,
    "one line": "\u2028\u2029\r\n\t.",
}
VIEWS = ("requests", "requests/1", "records", "records/tags", "clock", "webhooks", "trouble", "state", "coverage")


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_is_shown_as_text(kind: str, console: Console, service: Service) -> None:
    name = NAMES[kind]
    body = json.dumps({"name": name, "detail": name, name[:40]: name})
    service.send_text("POST", "/tags", body)
    tag = service.send("GET", "/tags").json()["result"][0]
    for view in (*VIEWS, f"records/tags/{tag['id']}"):
        console.open(view).settled()
        assert console.page.evaluate("() => window.hurt ?? null") is None, view
        expect(console.page.locator("main img[src=x], main b, main script")).to_have_count(0)
        page, window = console.width()
        assert page <= window, (view, console.wider_than_the_window())
    shown = console.page.get_by_role("main")
    expect(shown).to_contain_text(
        {"markup": "<b>bold</b>", "control characters": "\\u0007"}.get(kind, name[:8].strip() or ".")
    )
