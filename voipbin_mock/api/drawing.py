"""Pictures as SVG: what all of them are made of.

A picture is light or dark as whoever looks has it, has no script and fetches nothing. What a text may hold comes from
records, so every one of them is made printable and escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

from voipbin_mock.wire.stamps import span

Number = int | float

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)  # seconds
_STYLE = """
svg { font: 12px sans-serif; color-scheme: light dark; }
.ground { fill: #ffffff } text { fill: #20262e } .grid { stroke: #e6e9ee }
.good { fill: #3c9a5f } .bad { fill: #c8453b } .mark { stroke: #ffffff; stroke-width: .8 }
@media (prefers-color-scheme: dark) {
.ground { fill: #16191d } text { fill: #dfe3e8 } .grid { stroke: #31363d } .mark { stroke: #16191d }
}
"""


def picture(width: Number, height: Number, title: str, parts: Iterable[str], style: str = "") -> str:
    """The whole of it; `style` is CSS beside that of all pictures. It shrinks with the page that it stands in."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'style="max-width:100%;height:auto" role="img">'
    )
    named = f"<title>{escape(printable(title))}</title><style>{_STYLE}{style.lstrip()}</style>"
    return "\n".join([head, named, '<rect class="ground" width="100%" height="100%"/>', *parts, "</svg>", ""])


def printable(text: str, most: int = 80) -> str:
    """Without what XML cannot hold, and no longer than fits."""
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= most else text[: most - 1] + "…"


def label(x: Number, y: Number, text: str, style: str = "", anchor: str = "start") -> str:
    more = f' style="{style}"' if style else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{more}>{escape(printable(text))}</text>'


def tip(title: str) -> str:
    """What a shape says when it is pointed at."""
    return f"<title>{escape(printable(title))}</title>" if title else ""


def box(x: Number, y: Number, width: Number, height: Number, kind: str, title: str = "") -> str:
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{round(width, 2)}" height="{height}">{tip(title)}</rect>'


def disc_or_cross(x: Number, y: Number, good: bool, title: str = "") -> str:
    """How something ended, by shape and colour: a disc if well, a cross if not."""
    if good:
        return f'<circle class="mark good" cx="{round(x, 2)}" cy="{y}" r="5">{tip(title)}</circle>'
    arms = "M-5-3 L-3-5 0-2 3-5 5-3 2 0 5 3 3 5 0 2-3 5-5 3-2 0Z"
    return f'<path class="mark bad" transform="translate({round(x, 2)} {y})" d="{arms}">{tip(title)}</path>'


class Axis(NamedTuple):
    """Time from left to right: so many milliseconds (`end`) on so many units."""

    left: Number
    width: Number
    end: int

    def x(self, milliseconds: int) -> float:
        return round(self.left + self.width * milliseconds / self.end, 2)

    def lines(self, top: Number, bottom: Number) -> Iterator[str]:
        """At most ten of them, each with its time below."""
        seconds = self.end / 1000
        step = next((each for each in _STEPS if seconds / each <= 9), -(-self.end // 9000 // 86_400 + 1) * 86_400)
        for moment in range(0, self.end + 1, step * 1000):
            x = self.x(moment)
            yield f'<line class="grid" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>'
            yield label(x, bottom + 16, span(moment), anchor="middle")
