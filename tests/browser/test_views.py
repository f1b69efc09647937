"""What is done in the views of records, calls, campaigns, webhooks and coverage, by the keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Service


def test_a_record_tells_what_changed_it_and_leads_to_its_operations(console: Console, service: Service) -> None:
    tag = scenes.made(service, "/tags", {"name": "vip", "detail": "good customers"})
    console.open(f"records/tags/{tag['id']}").settled()
    page = console.page
    details = page.get_by_role("article")
    expect(details.get_by_role("heading", level=2)).to_have_text("vip")
    service.send("PUT", f"/tags/{tag['id']}", {"name": "vip", "detail": "the best"})
    expect(details.get_by_role("region", name="Record")).to_contain_text("the best")
    expect(details.get_by_role("link", name=re.compile("^request"))).to_have_count(2)
    service.send("DELETE", f"/tags/{tag['id']}")
    expect(page.get_by_role("table", name="tags")).to_contain_text("deleted")
    console.choose(page.get_by_role("main").get_by_role("link", name="update", exact=True))
    expect(page).to_have_url(re.compile(r"/__mock__/docs#tags\.update$"))


def test_records_lead_to_each_other_and_are_found(console: Console, service: Service) -> None:
    made = scenes.campaign(service)
    console.open(f"records/campaigns/{made['id']}").settled()
    page = console.page
    heading = page.get_by_role("article").get_by_role("heading", level=2)
    expect(heading).to_have_text("spring")
    console.choose(page.get_by_role("article").get_by_role("link", name="outdials customers"))
    expect(heading).to_have_text("customers")
    console.choose(page.get_by_role("article").get_by_role("link", name="targets Cem"))
    expect(heading).to_have_text("Cem")
    rows = page.get_by_role("table", name="targets").locator("tbody tr")
    expect(rows).to_have_count(5)
    console.fill(page.get_by_role("searchbox"), "bob")
    expect(rows).to_have_count(1)


def test_a_record_with_a_member_named_source_is_shown_whole(console: Console, service: Service) -> None:
    scenes.campaign(service)
    console.open("records/outplans").settled()
    console.choose(console.page.get_by_role("table", name="outplans").get_by_role("link").first)
    shown = console.page.get_by_role("article").get_by_role("region").first
    expect(shown).to_contain_text('"source": {\n    "type":')


def test_whoever_is_called_answers_speaks_and_hangs_up(console: Console, service: Service) -> None:
    to = {"type": "tel", "target": "+12025550123"}
    asks = [{"type": "talk", "option": {"text": "How was it?"}}, {"type": "sleep", "option": {"duration": 60000}}]
    body = {"source": {"type": "tel", "target": "+15559876543"}, "destinations": [to], "actions": asks}
    call = scenes.made(service, "/calls", body)["calls"][0]
    console.open(f"calls/{call['id']}").settled()
    details = console.page.get_by_role("article")
    console.choose(details.get_by_role("button", name="Answer"))
    expect(details.get_by_role("heading", level=2)).to_be_focused()
    expect(details).to_contain_text("How was it?")
    console.fill(details.get_by_label("What the far end says"), "well, <b>enough</b>").press("Enter")
    expect(details).to_contain_text("well, <b>enough</b>")
    expect(details.get_by_role("img", name="The flow")).to_be_visible()
    console.choose(details.get_by_role("button", name="Hang up"))
    expect(details).to_contain_text("hung up by the far end")
    expect(details.get_by_role("button", name="Hang up")).to_be_hidden()


def test_a_call_to_a_queue_has_no_picture_and_is_shown(console: Console, service: Service) -> None:
    queue = service.send("GET", "/queues").json()["result"][0]["id"]
    call = service.control("POST", "/calls", {"from": scenes.ANN, "to": queue})
    console.open(f"calls/{call['id']}").settled()
    details = console.page.get_by_role("article")
    expect(details.get_by_role("table", name="Trace")).to_be_visible()
    expect(details.get_by_role("button", name="Hang up")).to_be_visible()


def test_the_lanes_of_a_campaign_grow_while_it_runs(console: Console, service: Service) -> None:
    scenes.campaign(service)
    console.open("campaigns").settled()
    page = console.page
    console.choose(page.get_by_role("link", name="spring"))
    details = page.get_by_role("article")
    console.choose(details.get_by_role("button", name="Run"))
    expect(details.get_by_role("heading", level=2)).to_contain_text("run")
    service.control("POST", "/clock", {"advance": 5})
    expect(details.get_by_role("img")).to_have_attribute("alt", re.compile("^[1-4] attempts? at"))
    service.control("POST", "/clock", {"advance": 3600})
    expect(details.get_by_role("img")).to_have_attribute("alt", re.compile("at 4 targets"))
    expect(details.get_by_role("heading", level=2)).to_contain_text("stop")


def test_a_delivery_is_made_again_and_a_trick_planned(console: Console, service: Service) -> None:
    scenes.made(service, "/numbers", {"number": "+899100000001", "type": "virtual"})
    console.open("webhooks").settled()
    page = console.page
    console.press("j", "Enter").choose(page.get_by_role("button", name="Deliver again"))
    expect(page.get_by_role("alert")).to_contain_text("Delivery 2: not sent")
    expect(page.get_by_role("table", name="Deliveries").locator("tbody tr")).to_have_count(2)
    console.tab_to(page.get_by_text("Play a trick on what comes")).press("Enter")
    console.choose(page.get_by_role("button", name="Send"))
    expect(page.get_by_role("main")).to_contain_text("drop 1 of *")


def test_what_was_not_exercised_leads_to_how_to_reach_it(console: Console) -> None:
    console.open("coverage").settled()
    page = console.page
    console.fill(page.get_by_role("searchbox"), "POST /v1.0/queues")
    console.choose(page.get_by_role("link", name="POST /v1.0/queues", exact=True))
    expect(page).to_have_url(re.compile(r"/__mock__/docs#queues\.create$"))
    console.open("coverage").settled()
    console.page.get_by_label("Kind").select_option("reasons")
    console.fill(page.get_by_role("searchbox"), "QUEUE_NOT_FOUND")
    console.choose(page.get_by_role("link", name="QUEUE_NOT_FOUND", exact=True))
    expect(page.get_by_label("POST /faults")).to_have_value(re.compile("QUEUE_NOT_FOUND"))
