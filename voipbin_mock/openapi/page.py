"""The OpenAPI document as one HTML page: it fetches nothing, and is light or dark as the reader has it.

Its one script finds and unfolds operations; without it, all that the page says is there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.openapi import document as openapi
from voipbin_mock.openapi import page_look as look
from voipbin_mock.openapi.samples import sample
from voipbin_mock.schema.members import INT64
from voipbin_mock.world.profiles import Profile

_COMPONENT = "#/components/schemas/"
LONGEST_PATTERN = 60  # that is of use to a reader


@lru_cache(maxsize=8)
def html(origin: str, base: str, catalog: Catalog, profile: Profile, strict: bool) -> str:
    """The page. Each operation has an anchor, its `operationId`: `#outplans.create`.

    origin: where the server answers, "http://127.0.0.1:8484"; base: what stands before its paths, of a session.
    """
    return "".join(_page(openapi.document(catalog, profile, strict), origin + base, base))


@lru_cache(maxsize=1)
def script_hash() -> str:
    """The page's script as a Content-Security-Policy names it."""
    digest = hashlib.sha256(look.SCRIPT.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _page(document: Mapping[str, Any], url: str, base: str) -> Iterator[str]:
    info, components = document["info"], document["components"]["schemas"]
    by_tag: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag[operation["tags"][0]].append((method.upper(), path, operation))
    yield look.HEAD.format(title=escape(info["title"]), style=look.STYLE)
    yield from _contents(by_tag)
    yield f"<main>\n<h1>{escape(info['title'])}</h1><p>{escape(info['summary'])} {_prose(info['description'])}"
    yield f' The same for machines: <a href="{escape(base)}/openapi.json">/openapi.json</a>.</p>\n'
    yield _calling(url)
    for tag in document["tags"]:
        name = tag["name"]
        yield f'<h2 id="tag-{escape(name)}">{escape(name)}</h2><p>{escape(tag["description"])}.</p>\n'
        for method, path, operation in by_tag[name]:
            yield from _operation(url, method, path, operation, components)
    yield "<h2 id=schemas>Schemas</h2>\n"
    for name, schema in components.items():
        yield f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
        yield f"<p>{_prose(schema.get('description', ''))} {_type(schema)}</p>"
        yield from _members(schema)
        yield "</section>\n"
    yield f"</main>\n<script>{look.SCRIPT}</script>\n</body>\n</html>\n"


def _contents(by_tag: Mapping[str, list[tuple[str, str, Mapping[str, Any]]]]) -> Iterator[str]:
    yield "<nav aria-label=Operations><label>Find <input type=search id=find placeholder='outplans post' disabled>"
    yield "</label><p id=found role=status></p><ul>"
    for tag, operations in by_tag.items():
        yield f'<li><a href="#tag-{escape(tag)}">{escape(tag)}</a><ul>'
        for method, path, operation in operations:
            anchor = escape(operation["operationId"])
            link = f'<a href="#{anchor}">{escape(_short(path))}</a>'
            yield f'<li data-of="{anchor}"><b>{method}</b> {link}'
        yield "</ul>"
    yield '<li><a href="#schemas">schemas</a></ul></nav>\n'


def _calling(url: str) -> str:
    return (
        f"<p>Call it at <code>{escape(url)}</code>. The curl lines below take an access key from the variable "
        "<code>KEY</code>, and an id from <code>ID</code>; <code>voipbin-mock serve</code> prints a key when it "
        "starts, and in Python it is <code>voipbin.accesskey</code>.</p>\n"
    )


def _short(path: str) -> str:
    return path.removeprefix("/v1.0")


def _operation(
    url: str, method: str, path: str, operation: Mapping[str, Any], components: Mapping[str, Any]
) -> Iterator[str]:
    anchor = escape(operation["operationId"])
    yield f'<details class=operation data-of="{anchor}"><summary><h3><b>{method}</b> <code>{escape(path)}</code></h3>'
    yield f' {_prose(operation["summary"])}</summary><div id="{anchor}">'
    yield f'<p>{_prose(operation.get("description", ""))} <a href="#{anchor}" aria-label="Link to {anchor}">#</a></p>'
    if operation.get("parameters"):
        rows = [
            _row(parameter["name"], _type(parameter["schema"]), parameter["in"], _prose(parameter["description"]))
            for parameter in operation["parameters"]
        ]
        yield _table(("parameter", "type", "in", "meaning"), rows)
    body = None
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        yield f"<p>Body: {_type(schema)}. {_prose(operation['requestBody']['description'])}</p>"
        body = sample(schema, components)
    yield f"<pre>{escape(_curl(url, method, path, operation, body), quote=False)}</pre>"
    rows, answer = [], None
    for code, response in operation["responses"].items():
        schemas = [content["schema"] for content in response.get("content", {}).values()]
        good = code.startswith("2") and schemas
        answer = schemas[0] if good else answer
        rows.append(_row(code, _type(schemas[0]) if good else "", _prose(response["description"])))
    yield _table(("answer", "body", "meaning"), rows)
    if answer is not None:
        shown = json.dumps(sample(answer, components), indent=2, ensure_ascii=False)
        yield f"<p>A sample answer:</p><pre>{escape(shown, quote=False)}</pre>"
    yield "</div></details>\n"


def _curl(url: str, method: str, path: str, operation: Mapping[str, Any], body: Any) -> str:
    """The call as a line for a shell."""
    asked = [p for p in operation.get("parameters", ()) if p["in"] == "query" and p["schema"].get("examples")]
    query = [f"{parameter['name']}={parameter['schema']['examples'][0]}" for parameter in asked]
    query += [] if operation.get("security") == [] else ["accesskey=$KEY"]
    names = re.findall(r"{(\w+)}", path)
    for name in names:
        path = path.replace(f"{{{name}}}", "$" + ("ID" if name == "id" else name.upper()))
    words = ["curl"] if method == "GET" else ["curl", "-X", method]
    words.append(f'"{url}{path}{"?" if query else ""}{"&".join(query)}"')
    if body is not None:
        words += [
            "-H",
            "'Content-Type: application/json'",
            "\\\n  -d",
            shlex.quote(json.dumps(body, ensure_ascii=False)),
        ]
    return " ".join(words)


def _members(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    rows = [
        _row(name, _type(member), "yes" if name in required else "", _prose(member.get("description", "")))
        for name, member in schema.get("properties", {}).items()
    ]
    if rows:
        yield _table(("member", "type", "required", "meaning"), rows)


def _type(schema: Mapping[str, Any]) -> str:
    """A schema in a few words, as HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].removeprefix(_COMPONENT))
        return f'<a href="#schema-{name}">{name}</a>'
    for word, between in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        named = [_type(choice) for choice in schema.get(word, ()) if "$ref" in choice or "type" in choice]
        if named and "properties" not in schema:
            return between.join(named)
    if "const" in schema:
        return f"<code>{escape(repr(schema['const']))}</code>"
    kinds = schema.get("type", "any value")
    kinds = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if "items" in schema:
        return f"{escape(kinds)} of {_type(schema['items'])}"
    wide = (schema.get("minimum"), schema.get("maximum")) == INT64
    limits = [] if wide else [f"{text} {schema[word]}" for word, text in _LIMITS.items() if word in schema]
    choices = " | ".join(f"<code>{escape(_value(value))}</code>" for value in schema.get("enum", ()))
    pattern = schema.get("pattern", "")
    if len(pattern) > LONGEST_PATTERN:
        pattern = "of a pattern"
    elif pattern:
        pattern = f"<code>{escape(pattern)}</code>"
    return " ".join(part for part in (escape(kinds), escape(", ".join(limits)), choices, pattern) if part)


_LIMITS = {"minimum": "from", "maximum": "to", "minLength": "length from", "maxLength": "length to"}


def _value(value: Any) -> str:
    return "null" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


def _prose(text: str) -> str:
    """Text with `code` in backticks, as HTML."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _row(name: str, *cells: str) -> str:
    return f"<tr><th scope=row><code>{escape(name)}</code>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>\n"


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f"<th scope=col>{head}" for head in heads)
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>\n{''.join(rows)}</tbody></table></div>"
