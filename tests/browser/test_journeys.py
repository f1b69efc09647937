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
    service.send("GET", "/tags")
    console.open().settled()
    page = console.page
    console.press("/").type("problem:yes")
    expect(page.get_by_role("table", name="Requests").get_by_role("link")).to_have_count(1)
    console.press("Escape", "Enter")
    details = page.get_by_role("article")
    expect(details).to_contain_text("dial_timeout")
    expect(details).to_contain_text("whole number of milliseconds")
    console.choose(details.get_by_role("button", name="Copy", exact=True))
    expect(page.get_by_role("alert")).to_contain_text("copied")
    line = console.copied()
    assert service.accesskey not in line
    reply = run(line, service)
    assert '"pointer":"/dial_timeout"' in reply, "the line asks the same, and is refused the same way"


def test_wind_to_the_next_event_and_see_the_webhook(console: Console, service: Service) -> None:
    it = scenes.campaign(service)
    console.open("webhooks").settled()
    deliveries = console.page.get_by_role("table", name="Deliveries")
    service.send("PUT", f"/campaigns/{it['id']}/status", {"status": "run"})
    expect(deliveries).to_contain_text("campaign_status_run")
    expect(deliveries).not_to_contain_text("call_created")
    console.press(".")
    expect(deliveries).to_contain_text("call_created")
    expect(console.page.get_by_role("group", name="Clock").get_by_role("time")).not_to_contain_text("09:00:00")
    console.press("j", "Enter")
    expect(console.page.get_by_role("article").get_by_role("region", name="Body")).to_contain_text('"type"')


def test_place_a_call_press_2_and_see_where_it_leads(console: Console, service: Service) -> None:
    flow = scenes.menu(service)
    console.open("calls").settled()
    page = console.page
    console.fill(page.get_by_label("From"), scenes.ANN)
    console.fill(page.get_by_label("To"), flow["id"]).press("Enter")
    details = page.get_by_role("article")
    expect(details.get_by_role("heading", level=2)).to_contain_text(scenes.ANN)
    trace = details.get_by_role("table", name="Trace")
    console.choose(details.get_by_role("button", name="Next step"))
    expect(trace).to_contain_text("digits_receive")
    console.tab_to(details.get_by_role("group", name="Keypad").get_by_role("button").first).press("2")
    expect(trace).to_contain_text("branch")
    expect(trace).to_contain_text("This is support.")
    expect(trace).not_to_contain_text("This is sales.")
    console.tab_to(details.get_by_role("button", name="Hang up")).press("Enter")
    expect(details).to_contain_text("hung up by the far end")


def test_plan_a_fault_from_a_request(console: Console, service: Service) -> None:
    service.send("GET", "/tags")
    console.open("requests").settled()
    page = console.page
    console.press("j", "Enter").choose(page.get_by_role("link", name="Plan a fault"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Trouble")
    console.choose(page.get_by_role("button", name="Send").first)
    faults = page.get_by_role("table", name="faults")
    expect(faults).to_contain_text("GET /tags")
    expect(faults).to_contain_text("not met")
    assert service.send("GET", "/tags").status_code == 500
    expect(faults).to_be_hidden()  # it was to be met once
    console.press("g", "r").settled()
    expect(page.get_by_role("table", name="Requests").get_by_role("row").nth(1)).to_contain_text("fault: error")


def test_reset_and_take_it_back(console: Console, service: Service) -> None:
    made = scenes.made(service, "/tags", {"name": "precious", "detail": "not to be lost"})
    console.open().settled()
    page = console.page
    console.choose(page.get_by_role("button", name="Reset"))
    dialog = page.get_by_role("dialog", name=re.compile("Reset"))
    expect(dialog).to_contain_text("records")
    console.choose(dialog.get_by_role("button", name="Reset"))
    expect(page.get_by_role("alert")).to_contain_text("Reset")
    assert service.send("GET", f"/tags/{made['id']}").status_code == 404
    console.choose(page.get_by_role("button", name=re.compile("undo|go back|take back", re.I)))
    expect(page.get_by_role("alert")).to_contain_text("Undone")
    assert service.send("GET", f"/tags/{made['id']}").json()["name"] == "precious"


def run(line: str, service: Service) -> str:
    """What a copied line prints, with the access key put in by hand as its reader would."""
    done = subprocess.run(
        ["bash", "-c", line.replace("<ACCESSKEY>", service.accesskey)], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
