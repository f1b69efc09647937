"""Inbox, contacts and the desk: what was written is read, and answered, by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Server, Service

HOSTILE = (
    "<h1>Bill</h1><script>parent.hurt = 1</script><img src=x onerror='parent.hurt = 2'>"
    "<a href='http://evil.example/' target=_top>pay</a><form action='http://evil.example/'><button>go</button></form>"
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>"
)
# Of what the mail tries, as the browser tells of it.
KEPT_FROM = ("Blocked script execution", "violates the following Content Security Policy", "securitypolicyviolation")


def mailed(service: Service, content: str, subject: str = "Your bill") -> None:
    to = [{"type": "email", "target": "ann@shop.example"}]
    scenes.made(service, "/emails", {"destinations": to, "subject": subject, "content": content, "attachments": []})


def text(said: str) -> dict[str, object]:
    ends = {"source": {"type": "tel", "target": scenes.OWN}, "destinations": [{"type": "tel", "target": scenes.ANN}]}
    return {**ends, "text": said}


def test_a_text_is_read_as_it_comes_and_answered_as_its_reader(console: Console, service: Service) -> None:
    console.open("inbox").settled()
    page = console.page
    scenes.made(service, "/messages", text("Is <b>six</b> all right?"))
    console.choose(page.get_by_role("table", name="Inbox").get_by_role("link", name=scenes.ANN))
    details = page.get_by_role("article")
    lines = details.get_by_role("list", name="Lines").get_by_role("listitem")
    expect(lines).to_contain_text(["Is <b>six</b> all right?"])
    console.fill(details.get_by_label("Answer as the other side"), "yes, six").press("Enter")
    expect(lines).to_contain_text(["Is <b>six</b> all right?", "yes, six"])
    expect(details.get_by_label("Answer as the other side")).to_be_focused()
    assert service.control("GET", "/records/messages?limit=1")["records"][0]["record"]["direction"] == "inbound"
    scenes.made(service, "/messages", text("Good."))
    expect(lines).to_have_count(3)


def test_a_mail_is_shown_as_it_looks_and_nothing_in_it_runs(console: Console, service: Service) -> None:
    mailed(service, f"<p style='color: rgb(1, 2, 3)'>Pay now</p>{HOSTILE}")
    console.watch.allow(*KEPT_FROM, "refresh|navigat|frame", must=False)
    console.open("inbox").settled()
    page = console.page
    console.choose(page.get_by_role("table", name="Inbox").get_by_role("link", name="ann@shop.example"))
    frame = page.frame_locator("iframe[title='Mail: Your bill']")
    expect(frame.get_by_role("heading", name="Bill")).to_be_visible()
    expect(frame.get_by_text("Pay now")).to_have_css("color", "rgb(1, 2, 3)")
    assert page.evaluate("() => window.hurt ?? null") is None
    assert page.url.startswith(service.console)
    console.choose(page.get_by_role("article").get_by_role("button", name="Tell"))
    expect(page.get_by_role("article").get_by_role("list", name="Lines")).to_contain_text("open")


def test_mails_are_shown_to_whoever_has_the_control_token(
    consoles: Callable[..., Console], own_server: Callable[..., Server]
) -> None:
    server = own_server("--control-token", "open sesame")
    mailed(server, "<h1>Thank you</h1>")
    console = consoles(server)
    console.page.goto(f"{server.console}#token=open%20sesame")
    console.settled().open("inbox").settled()
    console.choose(console.page.get_by_role("table", name="Inbox").get_by_role("link", name="ann@shop.example"))
    frame = console.page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Thank you")).to_be_visible()


def test_somebody_new_writes_and_a_visitor_leaves(console: Console, service: Service) -> None:
    flows = {"session_flow_id": scenes.NO_FLOW, "message_flow_id": scenes.NO_FLOW}
    scenes.made(service, "/webchat_widgets", {"name": "pricing", **flows})
    console.open("inbox").settled()
    page = console.page
    console.tab_to(page.get_by_text("Somebody writes")).press("Enter")
    whom = page.get_by_label("To", exact=True)
    expect(whom).to_contain_text("pricing")
    whom.select_option(label="web chat pricing")
    console.choose(page.get_by_role("button", name="Write"))
    console.choose(page.get_by_role("table", name="Inbox").get_by_role("link", name="pricing"))
    details = page.get_by_role("article")
    expect(details.get_by_role("list", name="Lines")).to_contain_text("hello")
    console.choose(details.get_by_role("button", name="Leave"))
    expect(details).to_contain_text("The visit is over.")
    expect(details.get_by_label("Answer as the other side")).to_be_hidden()


def test_a_case_is_taken_written_on_and_closed(console: Console, service: Service) -> None:
    scenes.a_case(service)
    console.open("contacts").settled()
    page = console.page
    console.choose(page.get_by_role("table", name="Cases").get_by_role("link", name="Callback"))
    details = page.get_by_role("article")
    expect(details).to_contain_text("asked to be called back")
    console.fill(details.get_by_label("A note"), "called, nobody there").press("Enter")
    expect(details).to_contain_text("called, nobody there")
    console.choose(details.get_by_role("button", name="Assign"))
    expect(details.locator("dl")).to_contain_text("admin@localhost")
    console.choose(details.get_by_role("button", name="Close"))
    expect(details.get_by_role("heading", level=2)).to_contain_text("closed")
    expect(details.get_by_role("button", name="Go on with it")).to_be_visible()
    console.choose(page.get_by_role("table", name="Contacts").get_by_role("link", name="Ann Lee"))
    console.choose(details.get_by_role("button", name="Ask the service"))
    expect(details).to_contain_text("call_created")


def test_what_the_service_refuses_is_said_where_it_was_written(console: Console, service: Service) -> None:
    console.watch.allow("400")
    console.open("contacts").settled()
    page = console.page
    console.choose(page.get_by_role("button", name="Create"))
    dialog = page.get_by_role("dialog", name="Create a contact")
    console.fill(dialog.get_by_label("POST /v1.0/contacts"), '{"first_name": 7}')
    console.choose(dialog.get_by_role("button", name="Send"))
    expect(dialog.get_by_role("alert")).to_contain_text("/first_name")
    console.fill(dialog.get_by_label("POST /v1.0/contacts"), '{"first_name": "Zoe", "last_name": "Ray"}')
    console.choose(dialog.get_by_role("button", name="Send"))
    expect(page.get_by_role("article").get_by_role("heading", level=2)).to_have_text("Zoe Ray")


def test_an_agent_goes_away_and_talks(console: Console, service: Service) -> None:
    scenes.talked(service)
    console.open("desk").settled()
    page = console.page
    console.choose(page.get_by_role("table", name="Agents").get_by_role("link", name="manager@localhost"))
    details = page.get_by_role("article")
    details.get_by_label("Status").select_option("away")
    console.choose(details.get_by_role("button", name="Set"))
    expect(details.get_by_role("heading", level=2)).to_contain_text("away")
    console.choose(details.get_by_role("link", name="support"))
    expect(details).to_contain_text("Who takes Ann's case?")
    details.get_by_label("Who says it").select_option(label="manager@localhost")
    console.fill(details.get_by_label("What is said"), "I do.").press("Enter")
    expect(details.get_by_role("list", name="Lines").get_by_role("listitem")).to_contain_text(
        [re.compile("admin@localhost.*Who takes"), re.compile("manager@localhost.*I do\\.")]
    )


def test_what_an_agent_works_on_is_shown_as_it_comes(console: Console, service: Service) -> None:
    case = scenes.a_case(service)
    agents = service.control("GET", "/agents")["agents"]
    manager = next(one for one in agents if one["username"] == "manager@localhost")
    console.open(f"desk/{manager['id']}").settled()
    details = console.page.get_by_role("article")
    expect(details).to_contain_text("Open cases: 0")
    path = f"/service_agents/contact_cases/{case['id']}/assign"
    assert service.by(agents[0]["token"]).send("POST", path, {"owner_id": manager["id"]}).ok
    expect(details).to_contain_text("Open cases: 1")
    expect(details.get_by_role("link", name="Callback")).to_be_visible()
