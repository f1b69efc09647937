"""The OpenAPI document as one HTML page: it fetches nothing, and is light or dark as the reader has it.

Its one script finds and unfolds operations; without it, all that the page says is there.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import PREFIX, Operation
from voipbin_mock.openapi import document as openapi
from voipbin_mock.openapi import page_look as look
from voipbin_mock.openapi import told
from voipbin_mock.openapi.shell import Credential, Here, stub
from voipbin_mock.openapi.types import Marks, type_of
from voipbin_mock.world.profiles import Profile

Described = Mapping[str, Any]


class Where(NamedTuple):
    """Where a page is asked for: url: of the API; base: what stands before its paths, of a session; console: its
    path, if there is one.
    """

    url: str
    base: str
    credential: Credential
    guarded: bool
    console: str


@lru_cache(maxsize=8)
def html(where: Where, catalog: Catalog, profile: Profile, strict: bool) -> str:
    """The page. Each operation has an anchor, its `operationId`: `#outplans.create`.

    It shows nobody's records: its lines make what they are about.
    """
    return "".join(_page(openapi.document(catalog, profile, strict), where, catalog, profile, strict))


def headers() -> Iterator[tuple[str, str]]:
    """What a browser lets the page do: be looked at, and run its own script."""
    own = {"style": look.STYLE, "script": look.SCRIPT}
    hashed = "; ".join(f"{kind}-src '{_digest(text)}'" for kind, text in own.items())
    yield (
        "Content-Security-Policy",
        f"default-src 'none'; {hashed}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    yield "X-Content-Type-Options", "nosniff"
    yield "Referrer-Policy", "no-referrer"


@lru_cache(maxsize=2)
def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _page(document: Described, where: Where, catalog: Catalog, profile: Profile, strict: bool) -> Iterator[str]:
    info, tags, missing = document["info"], document["tags"], told.unmocked(catalog)
    by_tag: dict[str, list[Operation]] = {tag["name"]: [] for tag in tags}
    for operation in openapi.operations(catalog, profile):
        by_tag[openapi.tag_of(operation)].append(operation)
    yield look.HEAD.format(title=escape(info["title"]), style=look.STYLE)
    yield from _contents(document["x-tagGroups"], by_tag, bool(missing), where.console)
    yield f"<main>\n<h1>{escape(info['title'])}</h1><p>{escape(info['summary'])} {_prose(info['description'])}"
    yield f' The same for machines: <a href="{escape(where.base)}/openapi.json">/openapi.json</a>.</p>\n'
    yield _calling(where)
    here = Here(where.url, where.credential, guarded=where.guarded)
    described_by = {tag["name"]: tag for tag in tags}
    for tag in (described_by[name] for area in document["x-tagGroups"] for name in area["tags"]):
        name = tag["name"]
        yield f'<h2 id="tag-{escape(name)}">{escape(name)}</h2><p>{escape(tag["description"])}.</p>\n'
        for operation in by_tag[name]:
            described = document["paths"][operation.template][operation.method.lower()]
            yield from _operation(described, told.in_detail(catalog, profile, strict, operation, here))
    if missing:
        yield from _unmocked(missing, here)
    yield "<h2 id=schemas>Schemas</h2>\n"
    for name, schema in document["components"]["schemas"].items():
        yield f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
        yield f"<p>{_prose(schema.get('description', ''))} {type_of(schema, _HTML)}</p>"
        yield from _members(schema)
        yield "</section>\n"
    yield f"</main>\n<script>{look.SCRIPT}</script>\n</body>\n</html>\n"


def _contents(
    areas: list[Described], by_tag: Mapping[str, list[Operation]], missing: bool, console: str
) -> Iterator[str]:
    yield "<nav aria-label=Operations>"
    if console:
        yield f'<p><a href="{escape(console)}">← Console</a></p>'
    yield "<label>Find <input type=search id=find placeholder='outplans post' disabled>"
    yield "</label><p id=found role=status></p><ul>"
    for area in areas:
        count = sum(len(by_tag[tag]) for tag in area["tags"])
        yield f"<li><details><summary>{escape(area['name'])} ({count})</summary>"
        for tag in area["tags"]:
            yield f'<a href="#tag-{escape(tag)}">{escape(tag)}</a><ul>'
            for operation in by_tag[tag]:
                anchor = escape(operation.name)
                link = f'<a href="#{anchor}">{escape(operation.template.removeprefix(PREFIX))}</a>'
                yield f'<li data-of="{anchor}"><b>{operation.method}</b> {link}'
            yield "</ul>"
        yield "</details>"
    if missing:
        yield '<li><a href="#unmocked">not mocked yet</a>'
    yield '<li><a href="#schemas">schemas</a></ul></nav>\n'


def _calling(where: Where) -> str:
    key = (
        "No line holds an access key: the first asks the mock for it."
        if where.credential.accesskey
        else "They take an access key from the variable <code>KEY</code>; <code>voipbin-mock serve</code> prints one "
        "when it starts, and in Python it is <code>voipbin.accesskey</code>."
    )
    return (
        f"<p>Call it at <code>{escape(where.url)}</code>. Each operation has lines for a shell: they make the records "
        f"that they need, and ask the operation last. {key}</p>\n"
    )


def _operation(described: Described, detail: Described) -> Iterator[str]:
    anchor, takes, answer = escape(detail["operation"]), detail["takes"], detail["answer"]
    method, _, path = detail["call"].partition(" ")
    head = f"<h3><b>{method}</b> <code>{escape(path)}</code></h3>"
    yield f'<details class=operation data-of="{anchor}"><summary>{head}'
    yield f' {_prose(detail["summary"])}</summary><div id="{anchor}">'
    yield f'<p>{_prose(detail["description"])} <a href="#{anchor}" aria-label="Link to {anchor}">#</a></p>'
    if detail["parameters"]:
        rows = [
            _row(one["name"], type_of(one["schema"], _HTML), one["in"], _prose(one["description"]))
            for one in described["parameters"]
        ]
        yield _table(("parameter", "type", "in", "meaning"), rows)
    if takes is not None:
        schema = described["requestBody"]["content"][openapi.JSON]["schema"]
        yield f"<p>Body: {type_of(schema, _HTML)}. {_prose(takes['description'])}</p>{_json(detail['body'])}"
    yield "<p>To try it:</p>" + "".join(f"<p class=note>{_prose(note)}</p>" for note in detail["notes"])
    yield f"<pre>{escape(detail['curl'], quote=False)}</pre>"
    yield _table(("answer", "body", "meaning"), list(_answers(described)))
    if answer is not None and "sample" in answer:
        yield f"<p>A sample answer:</p>{_json(answer['sample'])}"
    yield "</div></details>\n"


def _answers(described: Described) -> Iterator[str]:
    for code, response in described["responses"].items():
        schemas = [content["schema"] for content in response.get("content", {}).values()]
        good = code.startswith("2") and schemas
        yield _row(code, type_of(schemas[0], _HTML) if good else "", _prose(response["description"]))


def _unmocked(labels: list[str], here: Here) -> Iterator[str]:
    yield "<h2 id=unmocked>Not mocked yet</h2>\n<p>The real API has these too. The mock answers them with 404 "
    yield "<code>ROUTE_NOT_FOUND</code>, unless a stub answers in its place:</p>"
    if labels:
        yield f"<pre>{escape(stub(here, labels[0]), quote=False)}</pre>"
    yield "<ul class=unmocked>\n"
    for label in labels:
        method, _, path = label.partition(" ")
        yield f"<li class=operation><b>{method}</b> <code>{escape(path)}</code></li>\n"
    yield "</ul>\n"


def _members(schema: Described) -> Iterator[str]:
    required = schema.get("required", ())
    rows = [
        _row(name, type_of(member, _HTML), "yes" if name in required else "", _prose(member.get("description", "")))
        for name, member in schema.get("properties", {}).items()
    ]
    if rows:
        yield _table(("member", "type", "required", "meaning"), rows)


def _named(name: str) -> str:
    return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


_HTML = Marks(_named, _code, escape)


def _json(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False), quote=False)}</pre>"


def _prose(text: str) -> str:
    """Text with `code` in backticks, as HTML."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _row(name: str, *cells: str) -> str:
    return f"<tr><th scope=row><code>{escape(name)}</code>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>\n"


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f"<th scope=col>{head}" for head in heads)
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>\n{''.join(rows)}</tbody></table></div>"
