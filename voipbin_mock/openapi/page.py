"""The OpenAPI document as one HTML page: no script, nothing fetched, light or dark as the reader has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.openapi import document as openapi
from voipbin_mock.schema.members import INT64
from voipbin_mock.world.profiles import Profile

_COMPONENT = "#/components/schemas/"
LONGEST_PATTERN = 60  # that is of use to a reader


@lru_cache(maxsize=8)
def html(catalog: Catalog, profile: Profile, strict: bool) -> str:
    """The page. Each operation has an anchor, its `operationId`: `#outplans.create`."""
    return "".join(_page(openapi.document(catalog, profile, strict)))


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    by_tag: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag[operation["tags"][0]].append((method.upper(), path, operation))
    yield _HEAD.format(title=escape(info["title"]))
    yield "<nav aria-label=Operations><ul>"
    for tag, operations in by_tag.items():
        yield f'<li><a href="#tag-{escape(tag)}">{escape(tag)}</a><ul>'
        for method, path, operation in operations:
            link = f'<a href="#{escape(operation["operationId"])}">{escape(_short(path))}</a>'
            yield f"<li><b>{method}</b> {link}"
        yield "</ul>"
    yield '<li><a href="#schemas">schemas</a></ul></nav>\n<main>'
    yield f"<h1>{escape(info['title'])}</h1><p>{escape(info['summary'])} {_prose(info['description'])}"
    yield ' The same for machines: <a href="/openapi.json">/openapi.json</a>.</p>\n'
    for tag in document["tags"]:
        name = tag["name"]
        yield f'<h2 id="tag-{escape(name)}">{escape(name)}</h2><p>{escape(tag["description"])}.</p>\n'
        for method, path, operation in by_tag[name]:
            yield from _operation(method, path, operation)
    yield "<h2 id=schemas>Schemas</h2>\n"
    for name, schema in document["components"]["schemas"].items():
        yield f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
        yield f"<p>{_prose(schema.get('description', ''))} {_type(schema)}</p>"
        yield from _members(schema)
        yield "</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _short(path: str) -> str:
    return path.removeprefix("/v1.0")


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    anchor = escape(operation["operationId"])
    yield f'<section id="{anchor}"><h3><b>{method}</b> <code>{escape(path)}</code> '
    yield f'<a href="#{anchor}" aria-label="Link to {anchor}">#</a></h3>'
    yield f"<p>{_prose(operation['summary'])}. {_prose(operation.get('description', ''))}"
    yield " No credential is needed.</p>" if operation.get("security") == [] else "</p>"
    if operation.get("parameters"):
        rows = [
            _row(parameter["name"], _type(parameter["schema"]), parameter["in"], _prose(parameter["description"]))
            for parameter in operation["parameters"]
        ]
        yield _table(("parameter", "type", "in", "meaning"), rows)
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        yield f"<p>Body: {_type(schema)}. {_prose(operation['requestBody']['description'])}</p>"
    rows = []
    for code, response in operation["responses"].items():
        bodies = [_type(content["schema"]) for content in response.get("content", {}).values()]
        shown = bodies[0] if bodies and code.startswith("2") else ""
        rows.append(_row(code, shown, _prose(response["description"])))
    yield _table(("answer", "body", "meaning"), rows)
    yield "</section>\n"


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


_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
* {{ box-sizing: border-box; }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 18rem 1fr; }}
nav {{ position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid #8886; }}
nav ul {{ list-style: none; margin: 0; padding: 0 0 0 .4rem; }}
nav li li {{ font-size: .8rem; white-space: nowrap; }}
nav b, h3 b {{ font: bold .8em ui-monospace, monospace; color: light-dark(#0b57a4, #8ab4f8); }}
main {{ padding: 1rem 2rem 4rem; min-width: 0; max-width: 70rem; }}
section {{ border-top: 1px solid #8886; padding-top: .2rem; margin: 1rem 0 2rem; }}
section:target {{ outline: 2px solid light-dark(#0b57a4, #8ab4f8); outline-offset: .6rem; }}
h2 {{ margin-top: 3rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; margin: .4rem 0; font-size: .9rem; }}
th code {{ white-space: nowrap; }}
th, td {{ text-align: left; vertical-align: top; padding: .2rem .6rem; border-bottom: 1px solid #8886; }}
code {{ font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }}
a {{ color: light-dark(#0b57a4, #8ab4f8); }}
@media (max-width: 50rem) {{
body {{ display: block; }}
nav {{ position: static; height: 40vh; border: 0; }}
main {{ padding: 1rem; }}
}}
</style>
</head>
<body>
"""
