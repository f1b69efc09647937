"""The files of the console as they are written: small, of themselves alone, and no markup is made from data."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest

from voipbin_mock.schema import files

PAGE = "http://host/__mock__/console"
# Bytes as written, and gzipped: each file by itself, as a browser gets it.
FIRST_WRITTEN, FIRST_PACKED = 52 * 1024, 20 * 1024  # of the page with the view that it begins with
LATER_WRITTEN, LATER_PACKED = 80 * 1024, 25 * 1024  # of the page with any other view, loaded when that is opened
VIEW_WRITTEN, VIEW_PACKED = 9 * 1024, 4 * 1024  # of each file that is loaded later
ALL_WRITTEN, ALL_PACKED = 120 * 1024, 46 * 1024
TEXTS = {name: files.read(place).decode("utf-8") for name, place in sorted(files.console().items())}
SCRIPTS = [name for name in TEXTS if name.endswith(".js")]
SVG = "http://www.w3.org/2000/svg"
SAMPLE = r"https?://([a-z.]*example\.(com|org)|127\.0\.0\.1)\b"


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


INDEX = Elements(TEXTS["index.html"]).found


def without_comments(text: str) -> str:
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)


def sizes(names: Iterable[str]) -> tuple[int, int, str]:
    """Bytes as written, bytes gzipped file by file, and both of each file in words."""
    written = {name: len(TEXTS[name].encode("utf-8")) for name in names}
    packed = {name: len(gzip.compress(TEXTS[name].encode("utf-8"), 9, mtime=0)) for name in written}
    said = ", ".join(f"{name} {written[name]}/{packed[name]}" for name in written)
    return sum(written.values()), sum(packed.values()), said


def imported(name: str) -> set[str]:
    """The files that a module cannot begin without, of those that they need, too, and itself."""
    found = {name}
    for given in re.findall(r"^(?:import|export) [^\"]*from \"([^\"]+)\"", TEXTS[name], flags=re.MULTILINE):
        other = urljoin(f"{PAGE}/{name}", given).removeprefix(f"{PAGE}/")
        found |= set() if other == "app.js" else imported(other)
    return found


FIRST = ["index.html"] + [
    name.removeprefix("console/")
    for _, attributes in INDEX
    if (name := attributes.get("src") or attributes.get("href") or "").startswith("console/")
]
VIEWS = [
    f"views/{name}.js"
    for name in re.findall(r"^  \[\"(\w+)\", \"", TEXTS["app.js"], flags=re.MULTILINE)
    if name != "api"
]


def test_what_the_first_view_takes_is_small() -> None:
    """It is asked for at once, by name, so that no file waits for another."""
    written, packed, said = sizes(FIRST)
    assert written <= FIRST_WRITTEN, f"{written} bytes: {said}"
    assert packed <= FIRST_PACKED, f"{packed} bytes gzipped: {said}"
    assert VIEWS[0] in FIRST
    for name in FIRST:
        assert imported(name) <= {*FIRST, "app.js"} if name.endswith(".js") else True, name


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_that_is_loaded_when_it_is_opened_is_small(view: str) -> None:
    own = imported(view) - set(FIRST)
    written, packed, said = sizes([*FIRST, *own])
    assert written <= LATER_WRITTEN, f"{written} bytes: {said}"
    assert packed <= LATER_PACKED, f"{packed} bytes gzipped: {said}"
    for name in own:
        written, packed, said = sizes([name])
        assert written <= VIEW_WRITTEN, said
        assert packed <= VIEW_PACKED, said


def test_all_of_it_together_is_no_more_than_this() -> None:
    """Of somebody who opens every view."""
    written, packed, said = sizes(TEXTS)
    assert written <= ALL_WRITTEN, f"{written} bytes: {said}"
    assert packed <= ALL_PACKED, f"{packed} bytes gzipped: {said}"


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_is_of_elsewhere(name: str) -> None:
    addresses = set(re.findall(r"https?:[^\s\"'`)]+", TEXTS[name])) - {SVG}
    # What stands in samples for the reader is asked by nobody.
    assert {address for address in addresses if not re.match(SAMPLE, address)} == set()
    assert "@import" not in TEXTS[name]
    assert "url(" not in TEXTS["console.css"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_file_asks_of_others_it_uses(name: str) -> None:
    asked = re.findall(r"^import \{([^}]*)\} from", TEXTS[name], flags=re.MULTILINE)
    rest = re.sub(r"^import \{[^}]*\} from.*$", "", TEXTS[name], flags=re.MULTILINE)
    named = [word for each in asked for word in re.findall(r"\w+", each)]
    assert [word for word in named if not re.search(rf"\b{word}\b", rest)] == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_text_becomes_markup_or_code(name: str) -> None:
    text = without_comments(TEXTS[name])
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "createContextualFragment", "srcdoc",
                 "DOMParser", "setHTMLUnsafe", "new Function", "javascript:"):  # fmt: skip
        assert word not in text
    assert not re.search(r"\beval\s*\(", text)
    assert not re.search(r"setTimeout\s*\(\s*[\"'`]", text)


def test_the_page_has_no_line_of_script_or_style() -> None:
    for tag, attributes in INDEX:
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_every_link_of_a_file_leads_to_one() -> None:
    """From the page, and from each module, wherever it is served."""
    wanted = []
    for tag, attributes in INDEX:
        address = attributes.get("src") or attributes.get("href") or ""
        if tag in ("script", "link") and not address.startswith("data:"):
            wanted.append(("index.html", urljoin(PAGE, address)))
    for name in SCRIPTS:
        for given in re.findall(r"(?:\bfrom |\bimport\(|^import )\"([^\"]+)\"", TEXTS[name], flags=re.MULTILINE):
            assert given.startswith("."), given
            wanted.append((name, urljoin(f"{PAGE}/{name}", given)))
    assert wanted
    for name, address in wanted:
        assert address.removeprefix(f"{PAGE}/") in TEXTS, f"{name}: {address}"


def test_every_file_is_asked_for_by_another() -> None:
    asked = " ".join(TEXTS.values())
    assert set(VIEWS) <= set(TEXTS), "every view has a file"
    for name in TEXTS:
        assert name in ("index.html", *VIEWS) or name.rpartition("/")[2] in asked, name


def test_ids_are_there_once_and_what_the_scripts_look_for_is_there() -> None:
    ids = Counter(attributes["id"] for _, attributes in INDEX if "id" in attributes)
    assert not [name for name, count in ids.items() if count > 1]
    for name in SCRIPTS:
        for wanted in re.findall(r"getElementById\(\"([^\"]+)\"\)", TEXTS[name]):
            assert wanted in ids, f"{name} looks for #{wanted}"


def test_the_page_has_a_language_landmarks_a_way_past_them_and_says_what_it_needs() -> None:
    tags = Counter(tag for tag, _ in INDEX)
    assert dict(INDEX)["html"]["lang"] == "en"
    assert all(tags[tag] == 1 for tag in ("header", "nav", "main", "noscript", "title"))
    first = next(attributes for tag, attributes in INDEX if tag == "a")
    assert first["href"] == "#main"
    assert next(attributes for tag, attributes in INDEX if tag == "nav").get("aria-label")
    assert [attributes for _, attributes in INDEX if attributes.get("role") == "status"]
    assert "__mock__" in TEXTS["index.html"].partition("<noscript>")[2].partition("</noscript>")[0]


def test_the_sheet_knows_dark_narrow_and_still() -> None:
    sheet = TEXTS["console.css"]
    for wanted in ("color-scheme: light dark", "prefers-reduced-motion", "max-width", ":focus-visible"):
        assert wanted in sheet


# --- colours ---------------------------------------------------------------------------------------


def palettes() -> dict[str, dict[str, str]]:
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{3,6}), (#[0-9a-f]{3,6})\)", TEXTS["console.css"])
    assert len(pairs) > 10
    return {"light": {name: light for name, light, _ in pairs}, "dark": {name: dark for name, _, dark in pairs}}


def channels(colour: str) -> list[float]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def tinted(colour: str, ground: str) -> str:
    """What color-mix(in srgb, colour 10%, ground) gives."""
    mixed = [0.1 * one + 0.9 * other for one, other in zip(channels(colour), channels(ground), strict=True)]
    return "#" + "".join(f"{round(part * 255):02x}" for part in mixed)


def luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(scheme: str) -> None:
    """4.5:1 for text, 3:1 for the edges of fields (WCAG 2.2 AA)."""
    colours = palettes()[scheme]
    grounds = [colours[name] for name in ("page", "back", "raised", "tint")]
    pairs = [(colours[text], ground) for text in ("text", "soft", "accent") for ground in grounds]
    for tone in ("ok", "warn", "bad", "accent", "soft"):
        own = tinted(colours[tone], colours["page"])  # of marks and notices
        pairs += [(colours[tone], ground) for ground in (*grounds[:2], own)] + [(colours["text"], own)]
    pairs += [(colours["on"], colours["accent"]), (colours["ok"], tinted(colours["bad"], colours["page"]))]
    weak = {pair: round(contrast(*pair), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
    assert all(contrast(colours["strong"], ground) >= 3 for ground in grounds[:2])
    assert "color-mix(in srgb, currentcolor 10%, var(--page))" in TEXTS["console.css"]


def test_the_list_of_what_is_packed_has_every_file_of_the_console() -> None:
    folder = Path(files.__file__).parents[1] / "console"
    if not folder.is_dir():
        pytest.skip("the files do not lie beside each other here")
    there_are = {path.relative_to(folder).as_posix() for path in folder.glob("**/*") if path.is_file()}
    assert there_are == set(TEXTS)
