"""A server, and a person with a keyboard before its console."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import requests

from tests.support.processes import facts_of, serving, stop

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.watching import Watch

NINE = "2026-03-01T09:00:00Z"  # where the clock of these servers stands still
MOST_TABS = 120


@dataclass(frozen=True)
class Service:
    """A running server, or a session of it, as a program sees it."""

    origin: str
    accesskey: str
    prefix: str = ""
    control_token: str = ""
    http: requests.Session = field(default_factory=requests.Session, repr=False)

    @property
    def console(self) -> str:
        return f"{self.origin}{self.prefix}/__mock__/console"

    def session(self, key: str) -> Service:
        return replace(self, prefix=f"/__session__/{key}")

    def forget(self) -> None:
        self.http.delete(f"{self.origin}/__mock__/sessions/{self.prefix.rpartition('/')[2]}", timeout=10)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """A request of the code under test, whatever it is answered: `send("POST", "/tags", {...})`."""
        url = f"{self.origin}{self.prefix}/v1.0{path}"
        return self.http.request(method, url, json=body, params={"accesskey": self.accesskey}, timeout=10)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control API that succeeds, and its answer: `control("POST", "/clock", {"advance": 60})`."""
        headers = {"X-VoIPBIN-Mock-Control-Token": self.control_token} if self.control_token else {}
        reply = self.http.request(
            method, f"{self.origin}{self.prefix}/__mock__{path}", json=body, headers=headers, timeout=60
        )
        assert reply.ok, f"{method} {path}: {reply.text}"
        return reply.json()


@contextmanager
def served(*flags: str) -> Iterator[Service]:
    """`voipbin-mock serve` with these flags, on a free port unless they say which."""
    given = flags if "--port" in flags else (*flags, "--port", "0")
    given = given if "--clock" in flags else (*given, "--clock", NINE)
    token = flags[flags.index("--control-token") + 1] if "--control-token" in flags else ""
    with serving("--json", "--quiet", *given) as process:
        facts = facts_of(process)
        service = Service(facts["url"].removesuffix("/v1.0"), facts["accesskey"], control_token=token)
        try:
            yield service
        finally:
            service.http.close()
            if process.poll() is None:
                code, log = stop(process)
                assert (code, "Traceback" in log) == (0, False), log


class Console:
    """The page, and what a person does with it. Nothing here uses a mouse."""

    def __init__(self, page: Page, watch: Watch, service: Service) -> None:
        self.page = page
        self.watch = watch
        self.service = service

    def open(self, route: str = "") -> Console:
        """Load the page at a view: `open("requests/3")`."""
        self.page.goto(f"{self.service.console}#/{route}" if route else self.service.console)
        return self

    def press(self, *keys: str) -> Console:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def type(self, text: str) -> Console:
        self.page.keyboard.type(text)
        return self

    def tab_to(self, wanted: Locator) -> Console:
        """Go there by Tab alone; that it cannot be reached is a failure that tells what can."""
        wanted.wait_for()
        passed = []
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return self
            self.press("Tab")
            passed.append(self.focused())
        raise AssertionError(f"{wanted} is never reached by Tab, which passes {json.dumps(passed, indent=1)}")

    def choose(self, wanted: Locator) -> Console:
        """Go to a button or link by Tab, and press Enter."""
        return self.tab_to(wanted).press("Enter")

    def fill(self, wanted: Locator, text: str) -> Console:
        return self.tab_to(wanted).press("Control+A").type(text)

    def focused(self) -> str:
        """What has the focus, in a few words."""
        told: str = self.page.evaluate(
            "() => { const e = document.activeElement;"
            " return `${e.tagName.toLowerCase()} ${e.getAttribute('aria-label') || e.innerText || e.id}`.slice(0, 60) }"
        )
        return told

    def copied(self) -> str:
        """What is in the clipboard."""
        text: str = self.page.evaluate("() => navigator.clipboard.readText()")
        return text

    def snapshot(self) -> str:
        """The names and roles of all that a screen reader finds."""
        return self.page.locator("body").aria_snapshot()

    def width(self) -> tuple[int, int]:
        """How wide the page is, and how wide the window."""
        wide, window = self.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        return wide, window
