"""What no page of ours may do, whatever a test does with it: complain, break its own rules, or ask another host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

# The browser says so in words that change; this makes it one word of our own, on every page and frame.
_TELL = """addEventListener("securitypolicyviolation",
  event => console.error(`securitypolicyviolation ${event.effectiveDirective} ${event.blockedURI}`), true)"""
_FROM_HERE = ("data:", "blob:", "about:")


class Watch:
    """Notes everything that all pages of a context complain of, and every request to an origin that is not given."""

    def __init__(self, context: BrowserContext, *origins: str) -> None:
        self.context = context
        self.origins = origins
        self._noted: list[str] = []
        self._allowed: dict[str, int] = {}
        context.add_init_script(_TELL)
        context.on("console", self._said)
        context.on("weberror", lambda error: self._note(f"uncaught: {error.error}"))
        context.on("request", self._asked)
        context.on("page", self._opened)

    def allow(self, *patterns: str, must: bool = True) -> None:
        """Let what matches one of these expressions pass; if it must come, that it does not is a complaint itself."""
        self._allowed.update(dict.fromkeys(patterns, 0 if must else 1))

    def complaints(self) -> list[str]:
        """All that was not allowed, and all that was and did not come."""
        for page in self.context.pages:
            if not page.is_closed():
                page.title()  # what the page said until now has come when this has
        left = [text for text in self._noted if not self._is_allowed(text)]
        return left + [f"never came: {pattern}" for pattern, count in self._allowed.items() if not count]

    def _note(self, text: str) -> None:
        self._noted.append(text)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            # Of what could not be loaded, the words do not tell what it was.
            at = f" {message.location['url']}" if message.text.startswith("Failed to load") else ""
            self._note(f"console: {message.text}{at}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((*_FROM_HERE, *(f"{origin}/" for origin in self.origins))):
            self._note(f"asked another host: {request.method} {request.url}")

    def _opened(self, page: Page) -> None:
        page.on("crash", lambda: self._note(f"the page died: {page.url}"))

    def _is_allowed(self, text: str) -> bool:
        for pattern in self._allowed:
            if re.search(pattern, text):
                self._allowed[pattern] += 1
                return True
        return False
