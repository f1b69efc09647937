"""Credentials are for the service alone: what blacks them out before anybody sees them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

REDACTED = "***"
_NAMED = re.compile("password|passwd|passphrase|secret|accesskey|apikey|authorization|credential|cookie")
_NOT_LETTERS = re.compile("[^a-z0-9]")
_PAGE_TOKENS = frozenset({"pagetoken", "nextpagetoken"})
# What every secret name has a piece of, or might have behind an escape.
_PIECES = ("token", "pass", "secret", "key", "auth", "credential", "cookie", "%", "\\u")
_INLINE = re.compile(r"\b((?:access_?key|api_?key|token|password)=)[^&;,\s\"'/]+", re.IGNORECASE)
_PAIR = re.compile(r'("((?:[^"\\]|\\.)*)"\s*:\s*)"(?:[^"\\]|\\.)+"', re.DOTALL)
_SCHEMES = frozenset({"bearer", "basic", "digest", "token"})


@lru_cache(maxsize=512)
def is_secret(name: str) -> bool:
    """Whether what goes by this name (a member, parameter or header) is a credential."""
    letters = _NOT_LETTERS.sub("", name.lower())
    if _NAMED.search(letters):
        return True
    return letters.endswith(("token", "tokens")) and letters not in _PAGE_TOKENS


def _may_hold_some(text: str) -> bool:
    """Whether it is worth a closer look; searched as substrings, for a pattern takes a hundred times as long."""
    lowered = text.lower()
    return any(piece in lowered for piece in _PIECES)


def redact_text(text: str) -> str:
    """Text with what looks like `token=...` blacked out."""
    return _INLINE.sub(rf"\1{REDACTED}", text) if "=" in text else text


def redact_query(raw: str) -> str:
    """A query string, or a form, with credentials blacked out."""
    if not raw or not _may_hold_some(raw):
        return raw
    pairs = []
    for pair in raw.split("&"):
        name, equals, _ = pair.partition("=")
        secret = equals and is_secret(unquote_plus(name))
        pairs.append(f"{name}={REDACTED}" if secret else redact_text(pair))
    return "&".join(pairs)


def redact_header(name: str, value: str) -> str:
    """A header's value: of a credential, its scheme remains (`Bearer ***`)."""
    if not is_secret(name):
        return redact_text(value)
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {REDACTED}" if space and scheme.lower() in _SCHEMES else REDACTED


def redact_headers(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, redact_header(name, value)) for name, value in pairs)


def redact_json(value: Any) -> Any:
    """A JSON value with the credentials in it blacked out; a fault found in one tells no value either."""
    if isinstance(value, dict):
        shown = {key: _hidden(item) if is_secret(key) else redact_json(item) for key, item in value.items()}
        if is_secret_pointer(shown.get("pointer")):
            shown |= {name: _hidden(shown[name]) for name in ("message", "value") if name in shown}
        return shown
    if isinstance(value, list):
        return [redact_json(item) for item in value]
    return value


def _hidden(value: Any) -> Any:
    return value if value in ("", None, [], {}) else REDACTED


def is_secret_pointer(pointer: Any) -> bool:
    """Whether a JSON pointer leads to a credential, or into one."""
    return isinstance(pointer, str) and any(map(is_secret, pointer.split("/")[1:]))


def redact_body(body: bytes, confidential: bool = False) -> bytes:
    """A body without credentials, else as it was; one that cannot be read and may hold some is all black.

    confidential: the operation is one whose bodies hold credentials.
    """
    text = body.decode("utf-8", "replace")
    if not body or not (confidential or _may_hold_some(text)):
        return body
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if confidential or "\\u" in text or _mentions_secret(unquote(text)):
            form = redact_query(text) if "{" not in text and "=" in text and not confidential else REDACTED
            return form.encode("utf-8")
        return body
    try:
        shown = redact_json(value)
        if shown == value:
            return body
        return _in_form(text, shown, lambda secret: REDACTED).encode("utf-8")
    except RecursionError:
        return REDACTED.encode("utf-8")


def replace_secrets(text: str, put: Callable[[str], str]) -> str:
    """JSON text with something put in place of each credential that is text; what is no JSON stays as it is."""
    if not _may_hold_some(text):
        return text
    try:
        value = json.loads(text)
        shown = _replaced(value, put)
        return text if shown == value else _in_form(text, shown, put)
    except (ValueError, RecursionError):
        return text


def _replaced(value: Any, put: Callable[[str], str], secret: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, put, secret or is_secret(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, put, secret) for item in value]
    return put(value) if secret and value and isinstance(value, str) else value


def _in_form(text: str, shown: Any, put: Callable[[str], str]) -> str:
    """The text with its credentials replaced, in the form it came in where they stand there plainly."""

    def instead(match: re.Match[str]) -> str:
        name = match[1]
        if not is_secret(_unescaped(match[2])):
            return match[0]
        return name + json.dumps(put(_unescaped(match[0][len(name) + 1 : -1])))

    kept = _PAIR.sub(instead, text)
    return kept if json.loads(kept) == shown else json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _mentions_secret(text: str) -> bool:
    return any(is_secret(word) for word in re.findall(r"[\w-]+", text))


def _unescaped(name: str) -> str:
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name
