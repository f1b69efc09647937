"""What was wrong once: each by itself, in the view where it was."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Server, Service
from tests.browser.test_many_requests import send_many
from voipbin_mock import create_app
from voipbin_mock.server.live import LiveServer

if TYPE_CHECKING:
    from playwright.sync_api import Route

# When the page asked for lists of requests, in milliseconds.
_ASKED = "() => performance.getEntriesByType('resource').filter(e => /requests\\?/.test(e.name)).map(e => e.startTime)"


def test_a_record_is_made_changed_and_deleted_through_the_service(console: Console, service: Service) -> None:
    console.watch.allow("400")
    console.open("records/tags").settled()
    page = console.page
    dialog = page.get_by_role("dialog")
    console.choose(page.get_by_role("button", name="Create"))
    body = dialog.get_by_label("POST /v1.0/tags")
    console.fill(body, json.dumps({"name": 7, "detail": "<b>x</b>"})).choose(dialog.get_by_role("button", name="Send"))
    expect(dialog.get_by_role("alert")).to_contain_text("/name")
    console.fill(body, json.dumps({"name": "vip", "detail": "x"})).choose(dialog.get_by_role("button", name="Send"))
    details = page.get_by_role("article")
    expect(details.get_by_role("heading", level=2)).to_have_text("vip")
    console.choose(details.get_by_role("button", name="Edit"))
    console.fill(dialog.get_by_label("PUT /v1.0/tags/{id}"), json.dumps({"name": "very", "detail": "x"}))
    console.choose(dialog.get_by_role("button", name="Send"))
    expect(details.get_by_role("heading", level=2)).to_have_text("very")
    console.choose(details.get_by_role("button", name="Delete"))
    expect(dialog.get_by_role("heading")).to_have_text("Delete very?")
    console.choose(dialog.get_by_role("button", name="Delete"))
    expect(details.locator("h2 del")).to_have_text("very")
    sent = service.control("GET", "/requests?brief=yes")["requests"]
    assert [one["console"] for one in sent if one["method"] in ("POST", "PUT", "DELETE")] == [True] * 4


def test_who_acts_is_chosen(console: Console, service: Service) -> None:
    console.watch.allow("403")
    tag = scenes.made(service, "/tags", {"name": "vip", "detail": "x"})
    console.open(f"records/tags/{tag['id']}").settled()
    page = console.page
    console.choose(page.get_by_role("button", name="Delete"))
    page.get_by_role("dialog").get_by_label("As").select_option(label="test1 (none)")
    console.choose(page.get_by_role("dialog").get_by_role("button", name="Delete"))
    expect(page.get_by_role("alert")).to_contain_text("Not done: 403")


def test_a_record_is_copied_as_a_seed(console: Console, service: Service) -> None:
    tag = scenes.made(service, "/tags", {"name": "vip", "detail": "x"})
    console.open(f"records/tags/{tag['id']}").settled()
    console.choose(console.page.get_by_role("button", name="Copy as seed"))
    expect(console.page.get_by_role("alert")).to_contain_text("copied")
    seed = json.loads(console.copied())
    assert [one["name"] for one in seed["tags"]] == ["vip"]
    service.control("POST", "/seed", {"seed": seed})
    assert [one["id"] for one in service.send("GET", "/tags").json()["result"]] == [tag["id"]]


def test_a_call_is_drawn_on_an_axis_of_time(console: Console, service: Service) -> None:
    call = scenes.calling(service)
    console.open(f"calls/{call['id']}").settled()
    details = console.page.get_by_role("article")
    console.tab_to(details.get_by_text("On an axis of time")).press("Enter")
    expect(details.get_by_role("img", name="The call and its legs")).to_be_visible()


def test_what_is_done_in_a_call_is_said_to_a_screen_reader(console: Console, service: Service) -> None:
    call = scenes.calling(service)
    console.open(f"calls/{call['id']}").settled()
    page = console.page
    status = page.get_by_role("status")
    console.choose(page.get_by_role("button", name="Next step"))
    expect(status).to_contain_text("progressing: ")
    console.choose(page.get_by_role("button", name="Hang up"))
    expect(status).to_contain_text("hangup: hung up by the far end")


def test_an_outcome_is_one_mark_in_one_line(console: Console, service: Service) -> None:
    scenes.made(service, "/numbers", {"number": "+899100000001", "type": "virtual"})
    console.open("webhooks").settled()
    marks = console.page.get_by_role("table", name="Deliveries").locator("tbody .mark")
    expect(marks).to_have_text(["not sent"])
    assert marks.evaluate("mark => mark.getClientRects().length") == 1


def test_a_wrong_control_token_is_said_to_be_wrong(
    consoles: Callable[..., Console], own_server: Callable[..., Server]
) -> None:
    server = own_server("--control-token", "open sesame")
    console = consoles(server)
    console.watch.allow("403")
    console.page.goto(f"{server.console}#token=%zz")
    dialog = console.page.get_by_role("dialog")
    expect(dialog).to_contain_text("control token")
    assert "token" not in console.page.url
    console.page.get_by_role("textbox", name="Control token").fill("wrong")
    console.press("Enter")
    expect(dialog).to_contain_text("That was not the right one.")


def test_forgetting_a_session_says_so(consoles: Callable[..., Console], own_server: Callable[..., Server]) -> None:
    server = own_server()
    server.session("alice").send("GET", "/tags")
    console = consoles(server).open("state").settled()
    page = console.page
    console.choose(page.get_by_role("table", name="Sessions").get_by_role("button", name="Forget"))
    expect(page.get_by_role("dialog")).to_contain_text("Gone for good: its records and 1 request.")
    console.choose(page.get_by_role("dialog").get_by_role("button", name="Forget"))
    expect(page.get_by_role("alert")).to_contain_text("Forgot alice.")


def test_what_is_no_speed_is_refused_and_a_moment_is_said_with_its_date(console: Console) -> None:
    console.watch.allow("400")
    console.open("clock").settled()
    page = console.page
    console.fill(page.get_by_label("Seconds a second"), "x").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Not done")
    console.fill(page.get_by_label("Stand still at"), "2026-02-01T00:00:00Z").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("It is 2026-02-01 00:00:00.")


def test_coverage_that_is_not_recorded_is_no_failure(consoles: Callable[..., Console]) -> None:
    app = create_app()
    with LiveServer(app.wsgi_app) as server:
        console = consoles(Service(server.origin, ""))
        console.watch.allow("409|503", must=False)
        console.open("coverage").settled()
        main = console.page.get_by_role("main")
        expect(main).to_contain_text("Coverage is not recorded")
        expect(main.get_by_role("button", name="Try again")).to_have_count(0)
        console.page.goto("about:blank")


def test_a_view_whose_file_did_not_come_opens_when_it_does(console: Console) -> None:
    console.open().settled()
    page = console.page

    def gone(route: Route) -> None:
        route.abort()

    console.watch.allow("Failed to load|ERR_FAILED")
    page.route("**/views/clock.js", gone)
    console.choose(page.get_by_role("navigation", name="Views").get_by_role("link", name="Clock"))
    expect(page.get_by_role("main")).to_contain_text("This cannot be shown")
    page.unroute_all()
    console.choose(page.get_by_role("button", name="Try again"))
    expect(page.get_by_role("heading", name="What is due next")).to_be_visible()


def test_while_requests_rush_the_page_asks_once_a_second(console: Console, service: Service) -> None:
    console.open().settled()
    page = console.page
    expect(page.get_by_role("banner").get_by_role("button", name="live", exact=True)).to_be_visible()
    before = len(page.evaluate(_ASKED))
    gaps: list[float] = []
    sent = 0
    while len(gaps) < 2 and sent < 60_000:  # however quick the machine is
        sent += 3000
        send_many(service, 3000)
        asked = page.evaluate(_ASKED)[before + 1 :]  # the first of them may have been few
        gaps = [after - before for before, after in itertools.pairwise(asked)]
    assert len(gaps) > 1, "it lasts long enough for several"
    assert min(gaps) >= 950, gaps  # milliseconds
    expect(page.get_by_role("main").locator("tbody tr").first).to_contain_text(str(sent))


def test_a_server_that_keeps_a_log_says_how_far_it_is_and_who_reads_along(console: Console) -> None:
    page = console.page
    log = {"kept_in": "redis://127.0.0.1:6379/0", "role": "leader", "position": 118, "lag": 0}
    others = [{"id": "<b>one</b>", "role": "leader", "position": 118, "lag": 0},
              {"id": "two", "role": "follower", "position": 115, "lag": 3}]  # fmt: skip

    def told(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, body=json.dumps({**reply.json(), "log": {**log, "replicas": others}}))

    console.open("state").settled()
    expect(page.get_by_role("heading", name="Snapshots")).to_be_visible()
    expect(page.get_by_role("heading", name="The log of what came in")).to_be_hidden()
    page.route("**/__mock__/health", told)
    console.press("g", "c").settled().press("g", "s").settled()
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", name="The log of what came in")).to_be_visible()
    expect(main).to_contain_text("redis://127.0.0.1:6379/0")
    expect(main.get_by_role("table", name="Replicas").locator("tbody tr")).to_contain_text(["<b>one</b>", "two"])
    expect(main.get_by_role("table", name="Replicas").get_by_role("row").last).to_contain_text("3")
    page.unroute_all(behavior="ignoreErrors")
