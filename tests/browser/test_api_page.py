"""The page of the API: an operation is found, tried by its lines as they stand, and linked to from the console."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Console, Service
from tests.browser.test_looks import RULES


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("sh")), reason="there is no curl, or no sh")
def test_an_operation_is_found_and_its_lines_work_as_they_stand(console: Console, service: Service) -> None:
    console.page.set_viewport_size({"width": 400, "height": 800})
    page = console.page
    console.open().settled().press("g", "a").choose(page.get_by_role("link", name="Console"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
    console.press("g", "a")
    expect(page).to_have_url(re.compile("/__mock__/docs"))
    console.tab_to(page.get_by_role("searchbox")).type("outplans.create")
    expect(page.get_by_role("status")).to_contain_text("1 of ")
    console.choose(page.locator("main summary:visible"))
    details = page.locator("main details[open]")
    expect(details).to_contain_text('"dial_timeout": 30000')
    expect(details).to_contain_text("A sample answer")
    lines = details.locator("pre").filter(has_text="curl").inner_text()
    subprocess.run(["sh", "-c", lines], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)
    assert service.control("GET", "/requests")["requests"][-1]["status"] == 200
    wide, window = console.width()
    assert wide <= window, console.wider_than_the_window()


def test_no_credential_is_shown(console: Console, service: Service) -> None:
    console.open("api")
    expect(console.page.get_by_role("heading", level=1)).to_be_visible()
    assert service.accesskey not in console.page.content()


def test_an_operation_is_linked_to_by_its_name(console: Console) -> None:
    console.open("api/outplans.create")
    expect(console.page).to_have_url(re.compile(r"/__mock__/docs#outplans\.create$"))
    expect(console.page.locator("details[open]")).to_contain_text("/v1.0/outplans")


@pytest.mark.parametrize("path", ["/", "/__mock__/docs#outplans.create"])
def test_the_pages_beside_the_console_can_be_read_by_everybody(path: str, console: Console, service: Service) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = console.page
    page.goto(f"{service.origin}{path}")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.get_by_role("main")).to_be_visible()
    # All of it takes a minute: one of each kind is looked at.
    more = "details:not([open]), section:not(:first-of-type), nav > ul > li:nth-child(n+4)"
    page.evaluate("more => document.querySelectorAll(more).forEach(one => one.remove())", more)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == [], scheme
