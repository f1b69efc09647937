"""The view of the API: an operation is found, tried by the lines that are copied, and linked to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from tests.browser.driving import Console, Service


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("sh")), reason="there is no curl, or no sh")
def test_an_operation_is_found_and_its_lines_work_once_they_are_copied(console: Console, service: Service) -> None:
    console.open("api").settled()
    page = console.page
    console.press("/").type("outplans post")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(1)
    expect(page.get_by_text("1 of ")).to_be_visible()
    console.press("Escape", "Enter")
    details = page.get_by_role("article")
    expect(details.get_by_role("heading", level=2)).to_contain_text("POST /v1.0/outplans")
    expect(details.get_by_role("region", name="Example body")).to_contain_text('"dial_timeout": 30000')
    expect(details.get_by_role("region", name="Sample answer")).to_contain_text('"tm_create"')
    expect(details.get_by_role("table", name="Refusals")).to_contain_text("INVALID_ARGUMENT")
    console.choose(details.get_by_role("button", name="Copy the lines"))
    expect(page.get_by_text("copied")).to_be_visible()
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run(["sh", "-c", console.copied()], env=environment, capture_output=True, check=True)
    assert service.control("GET", "/requests")["requests"][-1]["status"] == 200
    assert page.url.endswith("#/api/outplans.create?q=outplans%20post")
    console.press("Escape")
    expect(details).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_have_value("outplans post")


@pytest.mark.parametrize("route", ["api/POST /outplans", "api/POST%20%2Fv1.0%2Foutplans", "api/outplans.create"])
def test_an_operation_is_linked_to_by_its_label_or_its_name(console: Console, route: str) -> None:
    console.open(route).settled()
    expect(console.page.get_by_role("article").get_by_role("heading", level=2)).to_contain_text("POST /v1.0/outplans")
    expect(console.page).to_have_url(re.compile("#/api/outplans.create$"))


def test_what_is_not_mocked_yet_is_marked_and_has_a_line_for_a_stub(console: Console) -> None:
    console.open("api?q=not+mocked+teams").settled()
    console.press("j", "Enter")
    details = console.page.get_by_role("article")
    expect(details).to_contain_text("not mocked yet")
    expect(details.get_by_role("region", name="Lines for a shell")).to_contain_text("/__mock__/stubs")


def test_why_lines_do_not_work_stands_above_them(console: Console) -> None:
    console.open("api/ws").settled()
    expect(console.page.get_by_role("article")).to_contain_text("websocket")


def test_what_there_is_not_is_said(console: Console) -> None:
    console.open("api/GET /nowhere").settled()
    expect(console.page.get_by_text("There is no operation GET /nowhere.")).to_be_visible()
