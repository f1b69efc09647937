"""Pictures of every view of the console, wide and narrow, light and dark, to look at; none is compared.

`python -m tests.browser.screenshots` writes them into `screenshots/`, which git ignores; with `--docs` the two that the
documents show are renewed as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser import browsers, scenes
from tests.browser.driving import Console, Service, served
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[2]
SIZES = {"wide": (1280, 1000), "narrow": (400, 800)}
SCHEMES = ("light", "dark")
DOCS = ROOT / "docs" / "images"
# The route's name -> its picture in the documents, wide and light.
SHOWN = {"request": "console-request.png", "call": "console-call.png"}


@contextmanager
def looking(browser: Browser, service: Service, size: tuple[int, int], scheme: Any) -> Iterator[Console]:
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    watch = Watch(context, service.origin)
    yield Console(context.new_page(), watch, service)
    for complaint in watch.complaints():
        print(complaint)
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--docs", action="store_true", help="renew those that the documents show")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with browsers.driven() as browser, served() as service:
        scenes.busy_day(service)
        for shape, size in SIZES.items():
            for scheme in SCHEMES:
                with looking(browser, service, size, scheme) as console:
                    for name in (*scenes.VIEWS, *scenes.DETAILS):
                        console.page.goto("about:blank")  # so that it is as somebody finds it who follows a link
                        console.open(scenes.route(name, service)).settled()
                        path = options.folder / f"{name}-{shape}-{scheme}.png"
                        console.page.screenshot(path=path, full_page=True)
                        print(path)
                        if options.docs and name in SHOWN and (shape, scheme) == ("wide", "light"):
                            DOCS.mkdir(exist_ok=True)
                            console.page.screenshot(path=DOCS / SHOWN[name])


if __name__ == "__main__":
    main()
