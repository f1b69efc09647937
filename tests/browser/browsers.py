"""Which browser the tests are run in: the machine's own Chromium, found by name; none is ever downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VARIABLE = "CHROMIUM"  # a path that is looked at before the names
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Whatever a page asks for, no name but this machine's address is ever looked up.
NOBODY_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def path() -> str | None:
    """The browser's program. Raises FileNotFoundError if the variable names one that is not there."""
    named = os.environ.get(VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise FileNotFoundError(f"{VARIABLE}={named}: there is no such program")
        return found
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def missing() -> str | None:
    """Why no browser can be driven here; None if one can."""
    if find_spec("playwright") is None:
        return "playwright is not installed: pip install -e '.[test,browser]'"
    if path() is None:
        return f"no browser: install chromium, or say where one is by {VARIABLE}=/path/to/it"
    return None


@contextmanager
def driven() -> Iterator[Browser]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path(), args=[NOBODY_ELSE, *(["--no-sandbox"] if as_root else [])]
        )
        try:
            yield browser
        finally:
            browser.close()
