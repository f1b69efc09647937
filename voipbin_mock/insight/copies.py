"""A request of the journal as something to paste: a line of shell, a test, a stub. No credential is in any of them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from textwrap import indent
from typing import Any
from urllib.parse import unquote_plus

from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.redaction import REDACTED, is_secret, replace_in_query
from voipbin_mock.wire.values import JSON_TYPE

KEY, TOKEN = "<ACCESSKEY>", "<TOKEN>"
FORMS = ("curl", "python", "javascript", "stub")
# What a client sends by itself, or what stands in a test in another way.
_OWN_HEADERS = re.compile(
    r"host|user-agent|accept(-.*)?|connection|content-(length|type|encoding)|authorization|cookie|origin|referer|te|"
    r"transfer-encoding|expect|cache-control|pragma|dnt|priority|upgrade-.*|x-request-id|x-voipbin-.*|sec-.*|x-forwarded-.*"
)
_LATE = 88  # columns; what is longer stands on several lines
_SAFE_INTEGER = 2**53


def copy_of(exchange: Exchange, form: str, base: str, on: str) -> str:
    """It in one of the forms. base: of the server, "http://127.0.0.1:8484". on: the operation, "POST /outplans"."""
    if form == "stub":
        return json.dumps(stub_of(exchange, on), indent=2, ensure_ascii=False)
    if form == "curl":
        return _curl(exchange, base)
    return "\n".join((_python if form == "python" else _javascript)(_Asked(exchange), base, on)) + "\n"


def stub_of(exchange: Exchange, on: str) -> dict[str, Any]:
    """The stub that answers so, as `POST /__mock__/stubs` takes it."""
    stub: dict[str, Any] = {"on": on, "status": exchange.http_code or 503}
    value, plain = _value(exchange.reply_body)
    if plain and exchange.reply_type == JSON_TYPE:
        return stub | {"json": value}
    if exchange.reply_body:
        stub["body"] = exchange.reply_body.decode("utf-8", "replace")
    if exchange.reply_body and exchange.reply_type:
        stub["headers"] = {"Content-Type": exchange.reply_type}
    return stub


# --- a line of shell -----------------------------------------------------------------------------


def _curl(exchange: Exchange, base: str) -> str:
    query = replace_in_query(exchange.query.replace(REDACTED, "x"), lambda _: KEY, safe="<>")
    words = ["curl"]
    if exchange.method == "HEAD":
        words.append("--head")
    elif exchange.method != "GET":
        words += ["--request", exchange.method]
    words.append(_quoted(f"{base}{_path(exchange)}" + (f"?{query}" if query else "")))
    body = exchange.body.decode("utf-8", "replace") if exchange.method not in ("GET", "HEAD") else ""
    for name, value in exchange.headers:
        if (name == "content-type" and body) or name in ("authorization", "cookie") or not _OWN_HEADERS.fullmatch(name):
            words += ["--header", _quoted(f"{name}: {value.replace(REDACTED, TOKEN)}")]
    if body and exchange.headers.get("content-type") is None:
        words += ["--header", "'Content-Type:'"]
    if body:
        words += ["--data-raw", _quoted(body)]
    return " ".join(words)


def _quoted(text: str) -> str:
    """A word of shell; what cannot be seen in it is spelled out."""
    if text.isprintable() or all(char.isprintable() or char == "\n" for char in text):
        return shlex.quote(text) if text else "''"
    inner = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(c if c.isprintable() or c == "\n" else _byte_escapes(c) for c in inner) + "'"


def _byte_escapes(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "replace"))


def _path(exchange: Exchange) -> str:
    from urllib.parse import quote

    return quote(exchange.path, safe="/-._~!$&'()*+,;=:@%")


# --- tests ---------------------------------------------------------------------------------------


class _Asked:
    """What a test does to ask the same."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        pairs = exchange.query.split("&") if exchange.query else []
        named = [pair for pair in pairs if not is_secret(unquote_plus(pair.partition("=")[0]))]
        self.target = _path(exchange) + (f"?{'&'.join(named)}" if named else "")
        sent = exchange.headers
        self.credential = len(named) < len(pairs) or bool(sent.get("authorization") or sent.get("cookie"))
        self.wrong = self.credential and exchange.reason == "INVALID_CREDENTIALS"
        self.headers = {name: value for name, value in sent if not _OWN_HEADERS.fullmatch(name)}
        self.body = exchange.body if exchange.method not in ("GET", "HEAD") else b""
        self.value, self.plain = _value(self.body)
        kind = sent.get("content-type", "")
        if self.body and not (self.plain and kind.startswith("application/json")):
            self.plain = False
            self.headers |= {"Content-Type": kind} if kind else {}
        if self.wrong:
            self.headers["Authorization"] = "Bearer wrong"
        self.known = self.credential and not self.wrong
        reply = exchange.reply_json if exchange.reply_type == JSON_TYPE else None
        error = reply.get("error") if isinstance(reply, dict) else None
        self.reason = error.get("reason") if isinstance(error, dict) else None  # not everything says one

    def named(self, on: str) -> str:
        answered = f"answered {self.exchange.http_code}" if self.exchange.http_code else "cut off"
        return f"{on} is {answered}"

    def faults(self) -> list[str]:
        """The kinds of the faults that it met and that a test can plan again by their kind alone."""
        return [kind for kind, _ in self.exchange.planned if kind in ("error", "refuse", "reset")]


def _python(asked: _Asked, base: str, on: str) -> Iterator[str]:
    exchange = asked.exchange
    broken = not exchange.http_code
    warned = sorted({warning.code for warning in exchange.warnings})
    if broken or warned:
        yield "import pytest\n\n"
    if warned:  # it is known by now, and passes where warnings are errors
        yield f"@pytest.mark.voipbin(ignore={_written(warned)})"
    slug = re.sub(r"[^a-z0-9]+", "_", asked.named(on).lower()).strip("_")
    yield f"def test_{slug[:80]}(voipbin):"
    for kind in asked.faults():
        reason = f", {_literal(exchange.reason)}" if kind == "error" else ""
        yield f"    voipbin.faults.{kind}({_literal(on)}{reason})"
    client = "client" if asked.known else "anonymous"
    given = [_literal(asked.target)]
    if asked.body:
        given.append(f"json={_written(asked.value)}" if asked.plain else f"data={asked.body!r}")
    if asked.headers:
        given.append(f"headers={_written(asked.headers)}")
    call = f"voipbin.{client}.{exchange.method.lower()}"
    pad = "        " if broken else "    "
    start = call if broken else f"reply = {call}"
    flat = f"{pad}{start}({', '.join(given)})"
    if len(flat) > _LATE or "\n" in flat:
        lines = indent("".join(f"{part},\n" for part in given), pad + "    ")
        flat = f"{pad}{start}(\n{lines}{pad})"
    if broken:
        yield "    with pytest.raises(ConnectionError):"
        yield flat
        return
    yield flat
    yield f"    assert reply.status_code == {exchange.http_code}"
    if asked.reason:
        yield f'    assert reply.json["error"]["reason"] == {_literal(asked.reason)}'


def _literal(text: Any) -> str:
    """A text as it stands in Python; what cannot be seen is spelled out."""
    if isinstance(text, str) and text.isprintable():
        return json.dumps(text, ensure_ascii=False)
    return repr(text)


def _written(value: Any, pad: str = "") -> str:
    """A value as it stands in Python, on several lines if it is long."""
    if isinstance(value, str):
        return _literal(value)
    if not isinstance(value, (dict, list)) or not value:
        return repr(value)
    inner = pad + "    "
    if isinstance(value, dict):
        parts = [f"{_literal(key)}: {_written(item, inner)}" for key, item in value.items()]
    else:
        parts = [_written(item, inner) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    flat = f"{opening}{', '.join(parts)}{closing}"
    if len(flat) + len(pad) <= 60 and "\n" not in flat:
        return flat
    return f"{opening}\n" + "".join(f"{inner}{part},\n" for part in parts) + pad + closing


def _javascript(asked: _Asked, base: str, on: str) -> Iterator[str]:
    exchange = asked.exchange
    yield 'import assert from "node:assert/strict";'
    yield 'import test from "node:test";\n'
    yield f"const origin = {_script(base)};"
    if asked.known:
        yield "const key = process.env.VOIPBIN_ACCESSKEY;"
    yield f"\ntest({_script(asked.named(on))}, async () => {{"
    for kind in asked.faults():
        plan = {"kind": kind, "on": on, **({"reason": exchange.reason} if kind == "error" else {})}
        options = f'{{ method: "POST", body: JSON.stringify({_script(plan)}) }}'
        yield f"  await fetch(`${{origin}}/__mock__/faults`, {options});"
    if not exchange.http_code:
        yield f"  await assert.rejects({_fetch(asked)});"
    else:
        yield f"  const reply = await {_fetch(asked)};"
        yield f"  assert.equal(reply.status, {exchange.http_code});"
    if exchange.http_code and asked.reason:
        yield f"  assert.equal((await reply.json()).error.reason, {_script(asked.reason)});"
    yield "});"


def _fetch(asked: _Asked) -> str:
    url, mark = f"origin + {_script(asked.target)}", "&" if "?" in asked.target else "?"
    if asked.known:
        url = f"origin + {_script(asked.target + mark + 'accesskey=')} + key"
    options = [f"method: {_script(asked.exchange.method)}"]
    headers = asked.headers | ({"Content-Type": "application/json"} if asked.body and asked.plain else {})
    if headers:
        options.append(f"headers: {_script(headers)}")
    if asked.body:
        plain = asked.plain and _same_in_javascript(asked.value)
        text = asked.body.decode("utf-8", "replace")
        options.append(f"body: JSON.stringify({_script(asked.value, 2)})" if plain else f"body: {_script(text)}")
    lines = indent("".join(f"{option},\n" for option in options), "    ")
    return f"fetch({url}, {{\n{lines}  }})"


def _script(value: Any, indent: int | None = None) -> str:
    """A value as it stands in JavaScript; what cannot be seen is spelled out."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return "".join(c if c.isprintable() or c == "\n" else _unit_escapes(c) for c in text)


def _unit_escapes(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def _same_in_javascript(value: Any) -> bool:
    """Whether a value that is written in JavaScript is sent as it was."""
    if isinstance(value, dict):
        # Names that look like numbers come first there.
        return all(
            name != "__proto__" and not name.isdigit() and _same_in_javascript(item) for name, item in value.items()
        )
    if isinstance(value, list):
        return all(map(_same_in_javascript, value))
    if isinstance(value, float):
        return not value.is_integer()
    return not isinstance(value, int) or abs(value) < _SAFE_INTEGER


def _value(body: bytes) -> tuple[Any, bool]:
    """The JSON of a body, and whether it is JSON that says no name twice."""
    twice: list[str] = []

    def paired(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice.append("")
        return found

    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=paired, parse_constant=_none)
    except (ValueError, RecursionError):
        return None, False
    return value, not twice


def _none(name: str) -> Any:
    raise ValueError(name)
