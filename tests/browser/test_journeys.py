"""What somebody comes to the console for, by the keyboard alone."""

from __future__ import annotations

import re
import subprocess

from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Service


def test_find_what_was_wrong_and_take_it_along_as_curl(console: Console, service: Service) -> None:
    for _ in range(20):
        service.send("GET", "/outplans")
    scenes.refused_plan(service)
    service.send("GET", "/me")
    console.open().settled()
    page = console.page
    console.press("/").type("problem:yes").press("Escape")
    expect(page.locator("[data-row]")).to_have_count(1)
    console.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("must be an integer")
    console.choose(page.get_by_role("button", name="curl"))
    expect(page.get_by_role("alert")).to_contain_text("copied")
    line = console.copied()
    assert service.accesskey not in line
    reply = run(line, service)
    assert '"pointer":"/dial_timeout"' in reply, "the line asks the same, and is refused the same way"


def test_wind_to_the_next_event_and_see_the_webhook(console: Console, service: Service) -> None:
    it = scenes.campaign(service)
    console.open("webhooks").settled()
    before = console.page.get_by_role("row").count()
    service.send("PUT", f"/campaigns/{it['id']}/status", {"status": "run"})
    console.press(".")
    expect(console.page.get_by_role("main")).to_contain_text("campaigncall_created")
    assert console.page.get_by_role("row").count() > before


def test_place_a_call_press_2_and_see_where_it_leads(console: Console, service: Service) -> None:
    flow = scenes.menu(service)
    console.open("calls").settled()
    page = console.page
    console.choose(page.get_by_role("button", name="Place a call"))
    console.fill(page.get_by_label("From"), scenes.ANN)
    console.fill(page.get_by_label("To"), flow["id"]).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(scenes.ANN)
    console.press(".", ".")
    expect(page.get_by_role("main")).to_contain_text("digits_receive")
    console.tab_to(page.get_by_role("group", name="Keypad").get_by_role("button").first).press("2")
    expect(page.get_by_role("main")).to_contain_text("branch")
    expect(page.get_by_role("main")).to_contain_text("This is support.")


def test_plan_a_fault_from_a_request(console: Console, service: Service) -> None:
    service.send("GET", "/tags")
    console.open("requests").settled()
    page = console.page
    console.press("j", "Enter").choose(page.get_by_role("button", name=re.compile("fault", re.I)))
    console.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("GET /v1.0/tags")
    assert service.send("GET", "/tags").status_code == 500
    console.press("g", "f").settled()
    expect(page.get_by_role("main")).to_contain_text("GET /v1.0/tags")


def test_reset_and_take_it_back(console: Console, service: Service) -> None:
    made = scenes.made(service, "/tags", {"name": "precious", "detail": "not to be lost"})
    console.open().settled()
    page = console.page
    console.choose(page.get_by_role("button", name="Reset"))
    dialog = page.get_by_role("dialog", name=re.compile("Reset"))
    expect(dialog).to_contain_text("records")
    console.choose(dialog.get_by_role("button", name="Reset"))
    expect(dialog).to_have_count(0)
    assert service.send("GET", f"/tags/{made['id']}").status_code == 404
    console.choose(page.get_by_role("button", name=re.compile("undo|go back|take back", re.I)))
    expect(page.get_by_role("alert")).to_be_visible()
    assert service.send("GET", f"/tags/{made['id']}").json()["name"] == "precious"


def run(line: str, service: Service) -> str:
    """What a copied line prints, with the access key put in by hand as its reader would."""
    done = subprocess.run(
        ["bash", "-c", line.replace("<ACCESSKEY>", service.accesskey)], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
