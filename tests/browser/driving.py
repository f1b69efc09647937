"""A server, and a person with a keyboard before its console."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from tests.support.processes import facts_of, serving, stop

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.watching import Watch

NINE = "2026-03-01T09:00:00Z"  # where the clock of these servers stands still
MOST_TABS = 120
# What has the focus, in a few words.
_FOCUSED = """() => {
  const {tagName, ariaLabel, innerText, id} = document.activeElement
  return `${tagName.toLowerCase()} ${ariaLabel || innerText || id}`.slice(0, 60)
}"""


@dataclass(frozen=True)
class Service:
    """A running server, or a session of it, as a program sees it."""

    origin: str
    accesskey: str
    prefix: str = ""
    control_token: str = ""
    token: str = ""
    http: requests.Session = field(default_factory=requests.Session, repr=False)

    @property
    def console(self) -> str:
        return f"{self.origin}{self.prefix}/__mock__/console"

    @property
    def _key(self) -> dict[str, str]:
        return {"token": self.token} if self.token else {"accesskey": self.accesskey}

    def by(self, token: str) -> Service:
        """The same for somebody who has logged in."""
        return Service(self.origin, self.accesskey, self.prefix, self.control_token, token, self.http)

    def session(self, key: str) -> Service:
        return Service(self.origin, self.accesskey, f"/__session__/{key}", self.control_token, http=self.http)

    def forget(self) -> None:
        self.http.delete(f"{self.origin}/__mock__/sessions/{self.prefix.rpartition('/')[2]}", timeout=10)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """A request of the code under test, whatever it is answered: `send("POST", "/tags", {...})`."""
        url = f"{self.origin}{self.prefix}/v1.0{path}"
        return self.http.request(method, url, json=body, params=self._key, timeout=10)

    def send_text(self, method: str, path: str, body: str) -> Any:
        """The same with a body as it is, be it JSON or not."""
        url = f"{self.origin}{self.prefix}/v1.0{path}"
        headers = {"Content-Type": "application/json"}
        return self.http.request(
            method, url, data=body.encode("utf-8", "surrogatepass"), headers=headers, params=self._key, timeout=30
        )

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the control API that succeeds, and its answer: `control("POST", "/clock", {"advance": 60})`."""
        headers = {"X-VoIPBIN-Mock-Control-Token": self.control_token} if self.control_token else {}
        reply = self.http.request(
            method, f"{self.origin}{self.prefix}/__mock__{path}", json=body, headers=headers, timeout=60
        )
        assert reply.ok, f"{method} {path}: {reply.text}"
        return reply.json()


@dataclass(frozen=True)
class Server(Service):
    """One that may be ended before its test is over."""

    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def end(self) -> None:
        """Stop it as Ctrl-C does; what it did until then must have been without a failure of its own."""
        self.http.close()
        if self.process is not None and self.process.poll() is None:
            code, log = stop(self.process)
            assert (code, "Traceback" in log) == (0, False), log


@contextmanager
def served(*flags: str) -> Iterator[Server]:
    """`voipbin-mock serve` with these flags, on a free port unless they say which."""
    given = flags if "--port" in flags else (*flags, "--port", "0")
    given = given if "--clock" in flags else (*given, "--clock", NINE)
    token = flags[flags.index("--control-token") + 1] if "--control-token" in flags else ""
    with serving("--json", "--quiet", *given) as process:
        facts = facts_of(process)
        service = Server(facts["url"].removesuffix("/v1.0"), facts["accesskey"], control_token=token, process=process)
        try:
            yield service
        finally:
            service.end()


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

    def settled(self) -> Console:
        """Wait until the view shows what it has."""
        from playwright.sync_api import expect

        expect(self.page.locator("main:not([aria-busy]) h1")).to_be_visible()
        return self

    def views(self) -> list[str]:
        """The views that the navigation leads to."""
        links = self.page.get_by_role("navigation", name="Views").get_by_role("link").all()
        return [(link.get_attribute("href") or "").removeprefix("#/") for link in links]

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
            there, focused = wanted.evaluate(f"wanted => [wanted === document.activeElement, ({_FOCUSED})()]")
            if there:
                return self
            passed.append(focused)
            self.press("Tab")
        raise AssertionError(f"{wanted} is never reached by Tab, which passes {json.dumps(passed, indent=1)}")

    def choose(self, wanted: Locator) -> Console:
        """Go to a button or link by Tab, and press Enter."""
        return self.tab_to(wanted).press("Enter")

    def fill(self, wanted: Locator, text: str) -> Console:
        return self.tab_to(wanted).press("Control+A").type(text)

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

    def wider_than_the_window(self) -> list[str]:
        """The elements that reach beyond the right edge."""
        told: list[str] = self.page.evaluate(
            "() => [...document.querySelectorAll('body *')]"
            ".filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        return told[:10]

    def background(self) -> list[int]:
        """Red, green and blue of the page."""
        return [
            int(n)
            for n in re.findall(r"\d+", self.page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
        ][:3]

    def longest_motion(self) -> float:
        """Seconds that the longest animation or transition on the page lasts."""
        longest: float = self.page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('*')].map(getComputedStyle).flatMap(style =>"
            " [style.animationDuration, style.transitionDuration].join().split(',').map(parseFloat)))"
        )
        return longest
