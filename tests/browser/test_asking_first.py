"""What takes something away asks first, and names and counts what goes."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Service


def test_a_snapshot_is_not_lost_without_a_word(console: Console, service: Service) -> None:
    console.open("state").settled()
    page = console.page
    dialog, kept = page.get_by_role("dialog"), page.get_by_role("table", name="Snapshots")
    console.choose(page.get_by_role("button", name="Keep", exact=True))
    expect(kept.locator("tbody tr")).to_have_count(1)
    scenes.made(service, "/tags", {"name": "new", "detail": "since"})
    had = service.control("GET", "/snapshots")["snapshots"][0]["records"]
    for button, title in (("Keep", "Keep over before?"), ("Forget before", "Forget before?")):
        console.choose(page.get_by_role("button", name=button, exact=True))
        expect(dialog).to_contain_text(title)
        expect(dialog).to_contain_text(f"Gone for good: {had} records.")
        console.choose(dialog.get_by_role("button", name="Cancel"))
    assert service.control("GET", "/snapshots")["snapshots"][0]["records"] == had
    console.choose(page.get_by_role("button", name="Forget before", exact=True))
    console.choose(dialog.get_by_role("button", name="Forget"))
    expect(kept).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_what_is_planned_is_named_before_it_is_forgotten(console: Console, service: Service) -> None:
    console.open("trouble").settled()
    page = console.page
    expect(page.get_by_role("button", name="Forget all")).to_have_count(0)
    service.control("POST", "/faults", {"kind": "latency", "on": "GET /me", "seconds": 2})
    service.control("POST", "/faults", {"kind": "refuse", "on": "GET /tags"})
    expect(page.get_by_role("table", name="faults")).to_contain_text("seconds 2")
    console.choose(page.get_by_role("button", name="Forget all"))
    expect(page.get_by_role("dialog")).to_contain_text("2: latency GET /me, refuse GET /tags")


def test_requests_and_records_are_counted_before_they_go(console: Console, service: Service) -> None:
    page = console.page
    dialog = page.get_by_role("dialog")
    for count, said in enumerate(("1 request,", "2 requests,"), 1):
        service.send("GET", "/tags")
        console.open("requests").settled()
        expect(page.get_by_role("table", name="Requests").locator("tbody tr")).to_have_count(count)
        console.choose(page.get_by_role("button", name="Clear"))
        expect(dialog).to_contain_text(said)
        console.choose(dialog.get_by_role("button", name="Cancel"))
    console.open("state").settled().choose(page.get_by_role("button", name="Start over"))
    expect(dialog.get_by_role("heading")).to_have_text("Start over from tutorial?")
    expect(dialog).to_contain_text(re.compile(r"^Start over from tutorial\?\d+ records .*become those of the seed"))


def test_the_time_of_the_clock_view_runs(console: Console, service: Service) -> None:
    console.open("clock").settled()
    service.control("POST", "/clock", {"resume": True, "speed": 3600})
    expect(console.page.get_by_role("main").locator("p time")).not_to_contain_text("09:0")
    service.control("POST", "/clock", {"freeze": True})


def test_deliveries_say_how_many_and_lead_to_older_ones(console: Console, service: Service) -> None:
    scenes.made(service, "/numbers", {"number": "+899100000001", "type": "virtual"})
    for _ in range(304):
        service.control("POST", "/webhooks/1/again")
    console.open("webhooks").settled()
    page = console.page
    main = page.get_by_role("main")
    expect(main).to_contain_text("300 of the newest 300")
    console.choose(page.get_by_role("button", name="older"))
    expect(main).to_contain_text("305 of 305")
