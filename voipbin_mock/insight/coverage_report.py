"""A coverage report as text, JSON and one HTML page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock._version import __version__
from voipbin_mock.insight.coverage import KINDS, Key, Surface, Tally
from voipbin_mock.insight.shares import MOST_NAMED, figures, row, share, shown_share

if TYPE_CHECKING:
    from voipbin_mock.insight.flow_report import FlowsReport

FORMAT, VERSION = "voipbin-mock-coverage", 1
TITLES = {"operations": "operations", "members": "request members", "values": "enum values", "reasons": "error reasons"}


class Kind(NamedTuple):
    """One kind of thing: each with how often it was exercised."""

    name: str
    counts: dict[Key, int]

    @property
    def covered(self) -> int:
        return sum(1 for count in self.counts.values() if count)

    @property
    def missing(self) -> list[Key]:
        return [key for key, count in self.counts.items() if not count]


class Report:
    """What of a surface a tally has."""

    def __init__(self, surface: Surface, tally: Tally) -> None:
        self._surface = surface
        self.kinds = [Kind(kind, {key: tally.counts[kind][key] for key in surface.all_of(kind)}) for kind in KINDS]
        self._tally = tally

    @cached_property
    def flows(self) -> FlowsReport:
        """What of the flows that ran was taken: `percent`, `covered`, `total`, and each flow's `missing`."""
        from voipbin_mock.insight.flow_report import FlowsReport

        return FlowsReport(self._surface.catalog, self._tally.flows)

    @property
    def covered(self) -> int:
        return sum(kind.covered for kind in self.kinds)

    @property
    def total(self) -> int:
        return sum(len(kind.counts) for kind in self.kinds)

    @property
    def percent(self) -> float:
        return share(self.covered, self.total)

    @property
    def areas(self) -> dict[str, Kind]:
        """The operations of each area of the API."""
        counts = self.kinds[0].counts
        return {
            name: Kind("operations", {(one.name,): counts[one.name,] for one in several})
            for name, several in self._surface.catalog.by_area.items()
        }

    def name(self, kind: str, key: Key) -> str:
        """A key as a person reads it: `POST /v1.0/outplans /source/type "tel"`."""
        if kind == "reasons":
            return key[0]
        operation = self._surface.operations.get(key[0])
        return " ".join([operation.label if operation else key[0], *key[1:]])

    def text(self) -> Iterator[str]:
        """Lines for a terminal: a table, then what of it was never exercised."""
        for kind in self.kinds:
            yield row(TITLES[kind.name], kind.covered, len(kind.counts))
        yield row("total", self.covered, self.total)
        met = {name: area for name, area in self.areas.items() if area.covered}
        for name, area in met.items():
            yield row(f"  {name}", area.covered, len(area.counts))
        yield from self._missing("operations", [key for area in met.values() for key in area.missing])
        if others := [name for name in self.areas if name not in met]:
            yield f"areas of which no operation was exercised: {', '.join(others)}"
        yield from self._missing("reasons", self.kinds[-1].missing)
        if self._tally.flows:
            yield from self.flows.text()

    def _missing(self, kind: str, keys: list[Key]) -> Iterator[str]:
        if keys:
            named = [self.name(kind, key) for key in keys[:MOST_NAMED]]
            more = len(keys) - len(named)
            yield f"{TITLES[kind]} not exercised: {', '.join(named)}{f' and {more} more' if more else ''}"

    def as_dict(self) -> dict[str, Any]:
        """The report as a versioned JSON document."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "made_by": f"voipbin-mock {__version__}",
            "total": figures(self.covered, self.total),
            "areas": {name: figures(area.covered, len(area.counts)) for name, area in self.areas.items()},
            **{
                kind.name: {
                    **figures(kind.covered, len(kind.counts)),
                    "items": [{**self._item(kind.name, key), "count": count} for key, count in kind.counts.items()],
                }
                for kind in self.kinds
            },
            "flows": self.flows.as_dict(),
        }

    def _item(self, kind: str, key: Key) -> dict[str, Any]:
        if kind == "reasons":
            return {"reason": key[0]}
        operation = self._surface.operations[key[0]]
        item: dict[str, Any] = {"operation": key[0], "call": operation.label}
        if kind != "operations":
            item["member"] = key[1]
        if kind == "values":
            item["value"] = json.loads(key[2])
        return item

    def json(self) -> str:
        return json.dumps(self.as_dict(), indent=1, ensure_ascii=False) + "\n"

    def html(self) -> str:
        """One page: no script, nothing fetched, light or dark as the reader has it."""
        rows = "".join(
            f"<tr><th scope=row>{escape(title)}<td>{covered}<td>{total}<td>{shown_share(covered, total)}"
            f'<td><progress max="{max(total, 1)}" value="{covered}"></progress></tr>\n'
            for title, covered, total in (
                *((TITLES[kind.name], kind.covered, len(kind.counts)) for kind in self.kinds),
                ("total", self.covered, self.total),
                *(self.flows.rows() if self._tally.flows else ()),
            )
        )
        return _PAGE.format(
            version=escape(__version__), rows=rows, lists="".join(map(self._list, self.kinds)), flows=self.flows.html()
        )

    def _list(self, kind: Kind) -> str:
        items = "".join(self._rows(kind))
        if kind.name == "operations":
            items = "".join(
                f"<tr><th colspan=3 scope=rowgroup>{escape(name)}: {area.covered} of {len(area.counts)}</tr>\n"
                + "".join(self._rows(area))
                for name, area in self.areas.items()
            )
        head = "<thead><tr><th>exercised<th>times<th>what</thead>"
        title = f"{TITLES[kind.name]}: {kind.covered} of {len(kind.counts)}"
        opened = " open" if kind.name == "operations" else ""
        table = f"<table>{head}<tbody>\n{items}</tbody></table>"
        return f"<details{opened}><summary>{escape(title)}</summary>{table}</details>\n"

    def _rows(self, kind: Kind) -> Iterator[str]:
        for key, count in kind.counts.items():
            said = f'<tr class="{"hit" if count else "miss"}"><td>{"yes" if count else "no"}<td>{count}'
            yield f"{said}<td><code>{escape(self.name(kind.name, key))}</code></tr>\n"


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>voipbin-mock coverage</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #8886; }}
tr.miss td:first-child {{ font-weight: bold; color: light-dark(#a40000, #ff8a80); }}
summary {{ cursor: pointer; font-weight: bold; padding: .6rem 0; }}
code {{ overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>Coverage of the VoIPBIN API</h1>
<p>What the tests exercised, of all that voipbin-mock {version} mocks.</p>
<table>
<thead><tr><th>kind<th>exercised<th>of<th>share<th></thead>
<tbody>
{rows}</tbody>
</table>
{lists}{flows}</body>
</html>
"""
