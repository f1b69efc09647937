"""What was said to an AI, and what it does in the background: read, taken part in, and wound on, by the keyboard."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Service


def test_an_ai_call_is_read_as_it_goes_on_and_taken_part_in(console: Console, service: Service) -> None:
    ai = scenes.an_ai(service)
    console.open("ai").settled()
    page = console.page
    console.choose(page.get_by_role("button", name="Start"))
    dialog = page.get_by_role("dialog", name="Start an AI call")
    body = dialog.get_by_label("POST /v1.0/aicalls")
    assert json.loads(body.input_value())["assistance_id"] == ai["id"], "the newest AI stands there"
    console.choose(dialog.get_by_role("button", name="Send"))
    details = page.get_by_role("article")
    expect(details.get_by_role("heading", level=2)).to_contain_text("Desk")
    service.control("POST", "/clock", {"advance": 4})
    console.fill(details.get_by_label("Say to it"), "I want to <b>return</b> a jacket").press("Enter")
    lines = details.get_by_role("list", name="Transcript").get_by_role("listitem")
    expect(lines).to_contain_text(["I want to <b>return</b> a jacket"])
    console.choose(details.get_by_role("button", name="Next step"))
    expect(lines).to_contain_text(["<b>return</b>", "calls send_message", "the message is on its way"])
    expect(details.get_by_role("region", name="Arguments of send_message")).to_contain_text("/returns")
    expect(lines.get_by_role("link", name=re.compile("^messages "))).to_be_visible()
    console.choose(details.get_by_role("button", name="Next step"))
    expect(lines.last).to_contain_text("I have sent you a link.")
    console.fill(details.get_by_label("Say to it"), "half a sen")
    service.control("POST", "/clock", {"advance": 4})
    scenes.made(
        service, "/aimessages", {"aicall_id": console.page.url.rpartition("/")[2], "role": "user", "content": "x"}
    )
    expect(lines.last).to_have_text(re.compile("^x"))
    expect(details.get_by_label("Say to it")).to_be_focused()
    expect(details.get_by_label("Say to it")).to_have_value("half a sen")
    console.choose(details.get_by_role("button", name="End…"))
    console.choose(page.get_by_role("dialog").get_by_role("button", name="End", exact=True))
    expect(details.get_by_role("heading", level=2)).to_contain_text("terminated")
    expect(details.get_by_label("Say to it")).to_have_count(0)


def test_jobs_are_begun_wound_to_their_end_and_decided_on(console: Console, service: Service) -> None:
    aicall = scenes.an_aicall(service)
    scenes.made(service, f"/aicalls/{aicall['id']}/terminate", None)
    console.open("ai").settled()
    page = console.page
    console.tab_to(page.get_by_text("Script jobs")).press("Enter")
    body = page.get_by_label("PUT /jobs")
    bad = {"audits": [{"outcome": "done", "overall_score": 2}], "proposals": ["done"]}
    console.fill(body, json.dumps(bad)).choose(page.get_by_role("button", name="Send"))
    expect(page.get_by_role("alert")).to_contain_text("done")
    assert service.control("GET", "/jobs")["jobs"].keys() == {"audits", "proposals"}
    called = page.get_by_role("table", name="AI calls")
    console.choose(called.get_by_role("link", name="Desk", exact=True))
    details = page.get_by_role("article")
    heading = details.get_by_role("heading", level=2)
    console.choose(details.get_by_role("button", name="Audit"))
    expect(heading).to_have_text("Audit of Desk progressing")
    console.choose(details.get_by_role("button", name="Next step"))
    expect(heading).to_have_text("Audit of Desk completed")
    expect(details).to_contain_text("2 of 5")
    console.choose(details.get_by_role("button", name="Propose a better prompt"))
    expect(heading).to_have_text("Proposal of Desk progressing")
    console.choose(details.get_by_role("button", name="Next step"))
    console.choose(details.get_by_role("button", name="Accept"))
    expect(heading).to_have_text("Proposal of Desk accepted")
    jobs = page.get_by_role("table", name="Jobs")
    expect(jobs.get_by_role("row", name=re.compile("Audit of Desk.*completed"))).to_have_count(1)
    console.choose(page.get_by_role("button", name="Forget all"))
    expect(page.get_by_role("dialog")).to_contain_text("Desk, audits, proposals")
    console.choose(page.get_by_role("dialog").get_by_role("button", name="Forget all"))
    expect(page.get_by_text("What is scripted")).to_have_count(0)
    assert service.control("GET", "/ais")["ais"] == {}


def test_a_job_that_comes_to_nothing_says_why(console: Console, service: Service) -> None:
    urls = ["https://docs.example.com/faq", "https://nowhere.invalid/"]
    scenes.made(service, "/rags", {"name": "manual", "description": "", "source_urls": urls})
    console.open("ai").settled()
    console.choose(console.page.get_by_role("table", name="Jobs").get_by_role("link", name="RAG manual"))
    sources = console.page.get_by_role("article").get_by_role("region", name="sources")
    expect(sources).to_contain_text('"pending"')
    console.press(".", ".")
    expect(sources).to_contain_text("no such host: nowhere.invalid")
