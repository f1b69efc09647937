"""Every view in every shape: narrow, magnified, dark, without motion, and for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import scenes
from tests.browser.driving import Console, Service

# Pixels: the narrowest phone, a common one, a window of 1280 at 200 %, a wide one.
WIDTHS = (320, 400, 640, 1920)
EVERYTHING = pytest.mark.parametrize("name", [*scenes.VIEWS, *scenes.DETAILS])
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast", "link-in-text-block"]  # all that another scheme can change


@pytest.fixture(scope="session")
def busy(shared: Service) -> Service:
    """A session in which much has happened, for tests that only look."""
    service = shared.session("busy")
    scenes.busy_day(service)
    return service


@pytest.fixture
def look(consoles: Callable[..., Console], busy: Service) -> Callable[..., Console]:
    return lambda **options: consoles(busy, **options)


def test_the_navigation_leads_to_every_view(look: Callable[..., Console]) -> None:
    console = look().open().settled()
    assert tuple(console.views()) == (*scenes.VIEWS, "docs")


@EVERYTHING
def test_the_page_never_scrolls_sideways(name: str, look: Callable[..., Console], busy: Service) -> None:
    console = look().open(scenes.route(name, busy)).settled()
    for wide in WIDTHS:
        console.page.set_viewport_size({"width": wide, "height": 640})
        page, window = console.width()
        assert page <= window, (wide, console.wider_than_the_window())


@EVERYTHING
def test_no_rule_of_accessibility_is_broken(name: str, look: Callable[..., Console], busy: Service) -> None:
    from axe_playwright_python.sync_playwright import Axe

    console = look(reduced_motion="reduce").open(scenes.route(name, busy)).settled()
    for scheme, only in (("light", {"type": "tag", "values": RULES}), ("dark", {"type": "rule", "values": CONTRAST})):
        console.page.emulate_media(color_scheme=scheme)
        found = Axe().run(console.page, options={"runOnly": only})
        broken = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found.response["violations"]]
        assert broken == [], scheme


def test_dark_is_dark_and_light_is_light(look: Callable[..., Console]) -> None:
    def lightness(scheme: str) -> float:
        console = look(color_scheme=scheme).open().settled()
        red, green, blue = console.background()
        return (red + green + blue) / 3

    assert lightness("dark") < 60
    assert lightness("light") > 200


def test_nothing_moves_for_those_who_want_no_motion(look: Callable[..., Console]) -> None:
    assert look(reduced_motion="reduce").open().settled().longest_motion() <= 0.01


@EVERYTHING
def test_a_screen_reader_finds_one_heading_and_a_name_for_everything(
    name: str, look: Callable[..., Console], busy: Service
) -> None:
    console = look().open(scenes.route(name, busy)).settled()
    page = console.page
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for landmark in ("banner", "navigation", "main"):
        expect(page.get_by_role(landmark)).to_have_count(1)  # type: ignore[arg-type]
    nameless = [line for line in console.snapshot().splitlines() if line.strip(" -:") in NAMED]
    assert nameless == []


# Roles that are of no use without a name: as aria_snapshot writes one that has none.
NAMED = ("button", "link", "textbox", "searchbox", "combobox", "checkbox", "dialog", "table", "heading", "spinbutton")
