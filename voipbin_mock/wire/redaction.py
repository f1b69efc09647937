"""Credentials are for the service alone: what blacks them out before anybody sees them.

A credential is known by the name it goes by (a member, parameter or header), or by its own look (an access key, a
login token, the user part of a URL). Every expression here takes time in proportion to the text: no match begins
anew within what an earlier one has looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

REDACTED = "***"
_NAMED = re.compile(
    "password|passwd|passphrase|passcode|secret|accesskey|apikey|enginekey|privatekey|authorization|credential|cookie"
)
# Too short to be looked for within other words: "pin" is in "shipping".
_WORDS = frozenset({"auth", "bearer", "jwt", "otp", "pass", "pin", "pins", "pw", "pwd"})
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")
_NOT_LETTERS = re.compile("[^a-z0-9]")
# Places in a list, what the service counts as money, and how a trunk lets in.
_NO_CREDENTIALS = frozenset({"pagetoken", "nextpagetoken", "balancetoken", "costtoken", "amounttoken", "credittoken"})
_NO_CREDENTIALS |= {"authtypes"}
# What every name or form of a credential has a piece of, or might have behind an escape.
_PIECES = (
    "token", "pass", "pw", "pin", "otp", "secret", "key", "auth", "credential", "cookie", "jwt", "bearer",
    "%", "\\u", "vb_", "eyj", "@", "\0",
)  # fmt: skip
_SCHEMES = frozenset({"bearer", "basic", "digest", "token"})

# What is a credential by its look: an access key beyond the prefix that the API itself shows, a signed token, what
# stands before the host in a URL, and what follows the word Bearer.
_FORMS = re.compile(
    r"vb_[A-Za-z0-9_-]{9,}"
    r"|(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2}))eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_.-]+"
    r"|(?<=://)[^/?#\s\"'<>\\]+(?=@)"
    r"|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}"
)
# `name=value`, and `"name": "value"` in text that is no JSON (or in JSON that stands in a text): the name, and where
# its value begins. A name's letters are looked at once, for it begins where none stands before it.
_LETTER = r"[\w.%~\[\]-]"
_PAIRS = re.compile(rf"(?<!{_LETTER})({_LETTER}+)\\?[\"']?\s?(?:=(?=\S)|=\s(?=[\"'])|:\s?(?=\\?[\"']))")
_VALUE = re.compile(r"\\?\"[^\"]*|\\?'[^']*|(?:(?:bearer|basic|digest) )?[^&;,\s\"'<>{}]*", re.IGNORECASE)
_AUTHORIZATION = re.compile(
    r"(?<=authorization: )(?:(?:bearer|basic|digest|token) [^\s\"',;<]+|(?!bearer|basic|digest|token)[^\s\"',;<]+)",
    re.IGNORECASE,
)
_STRING = r'"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)'  # one that does not end takes all the rest
# Strings one after the other, each with what follows it: so a quote within one begins nothing.
_STRINGS = re.compile(rf"{_STRING}(\s*:\s*(?:{_STRING})?)?", re.DOTALL)
_HTML = re.compile("[<>&]")
_HTML_ESCAPES = re.compile(r"\\u00(?:26|3c|3e)")
_QUOTED = re.compile(r"[\w-]+")

Put = Callable[[str], str]


def _black(secret: str) -> str:
    return REDACTED


@lru_cache(maxsize=512)
def is_secret(name: str) -> bool:
    """Whether what goes by this name (a member, parameter or header) is a credential."""
    letters = _NOT_LETTERS.sub("", name.lower())
    if letters in _NO_CREDENTIALS:
        return False
    if _NAMED.search(letters):
        return True
    if letters.endswith(("token", "tokens")):
        return True
    return letters in _WORDS or not _WORDS.isdisjoint(word.lower() for word in _WORD.findall(name))


def _may_hold_some(text: str) -> bool:
    """Whether it is worth a closer look; searched as substrings, for a pattern takes a hundred times as long."""
    lowered = text.lower()
    return any(piece in lowered for piece in _PIECES)


# --- text ------------------------------------------------------------------------------------------


def redact_text(text: str) -> str:
    """Text with its credentials blacked out: `token=...`, `"password": "..."`, keys, tokens, `user:pw@host`."""
    return replace_in_text(text, _black)


def replace_in_text(text: str, put: Put) -> str:
    """The same, with something put in place of each."""
    if "=" in text or ":" in text:
        text = _replace_pairs(text, put)
        if "uthorization: " in text:
            text = _AUTHORIZATION.sub(lambda match: put(match[0]), text)
    if "vb_" in text or "eyJ" in text or "@" in text or "earer " in text:
        text = _FORMS.sub(lambda match: put(match[0]), text)
    return text


def _replace_pairs(text: str, put: Put) -> str:
    """Only the value of a credential is passed over: any other may be, or hold, such a pair in turn."""
    parts, done = [], 0
    pair = _PAIRS.search(text)
    while pair is not None:
        end = pair.end()
        if is_secret(unquote_plus(pair[1])):
            value = _VALUE.match(text, end)
            assert value is not None, "it may be empty"
            parts += [text[done:end], _replaced(value[0], put)]
            done = end = value.end()
        pair = _PAIRS.search(text, end)
    return "".join([*parts, text[done:]]) if parts else text


def _replaced(value: str, put: Put) -> str:
    """A value as it stands in a text, another in its place: quotation marks and schemes stay."""
    plain = value.lstrip("\\\"'")
    kept = value[: len(value) - len(plain)]
    scheme, space, rest = plain.partition(" ")
    if space and not kept and scheme.lower() in _SCHEMES:
        kept, plain = f"{scheme} ", rest
    escape = "\\" if plain.endswith("\\") else ""
    plain = plain.removesuffix(escape)
    return f"{kept}{put(unquote_plus(plain))}{escape}" if plain else value


def redact_query(raw: str) -> str:
    """A query string, or a form, with credentials blacked out."""
    return replace_in_query(raw, _black, safe="*")


def replace_in_query(raw: str, put: Put, safe: str = "") -> str:
    """The same, with something put in place of each; written as values of a query are, but for what is `safe`."""
    if not raw or not _may_hold_some(raw):
        return raw
    return "&".join([_pair(pair, put, safe) for pair in raw.split("&")])


def _pair(pair: str, put: Put, safe: str) -> str:
    name, equals, value = pair.partition("=")
    if equals and value and is_secret(unquote_plus(name)):
        return f"{replace_in_text(name, put)}={quote(put(unquote_plus(value)), safe)}"
    if "%" in pair or "+" in pair:
        plain = unquote_plus(value)
        shown = replace_in_text(plain, put)
        return pair if shown == plain else f"{name}={quote(shown, safe)}"
    return replace_in_text(pair, put)


def redact_header(name: str, value: str) -> str:
    """A header's value: of a credential, its scheme remains (`Bearer ***`)."""
    if not is_secret(name):
        return replace_in_header(value, _black, safe="*")
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {REDACTED}" if space and scheme.lower() in _SCHEMES else REDACTED


def replace_in_header(value: str, put: Put, safe: str = "") -> str:
    """A value that may be an address with a query, with something put in place of each credential in it."""
    address, mark, query = value.partition("?")
    return replace_in_text(address, put) + mark + replace_in_text(replace_in_query(query, put, safe), put)


def redact_headers(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, redact_header(name, value)) for name, value in pairs)


# --- JSON ------------------------------------------------------------------------------------------


def redact_json(value: Any) -> Any:
    """A JSON value with the credentials in it blacked out; a fault found in one tells no value either."""
    if isinstance(value, dict):
        shown = {
            redact_text(str(key)): _hidden(item) if is_secret(str(key)) else redact_json(item)
            for key, item in value.items()
        }
        if is_secret_pointer(shown.get("pointer")):
            shown |= {name: _hidden(shown[name]) for name in ("message", "value") if name in shown}
        return shown
    if isinstance(value, list):
        return [redact_json(item) for item in value]
    return redact_text(value) if isinstance(value, str) else value


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
        return _redact_unreadable(body, text, confidential)
    try:
        shown = redact_json(value)
        if shown == value:
            return body
        return _in_form(text, shown, _black).encode("utf-8")
    except RecursionError:
        return REDACTED.encode("utf-8")


def _redact_unreadable(body: bytes, text: str, confidential: bool) -> bytes:
    if not confidential and "=" in text and not any(mark in text for mark in '{"<\0 \r\n'):  # a form
        return redact_query(text).encode("utf-8")
    # Text of two bytes a character has a NUL beside each letter.
    if confidential or "\\u" in text or _mentions_secret(unquote(text.replace("\0", ""))):
        return REDACTED.encode("utf-8")
    shown = redact_text(text)
    return body if shown == text else shown.encode("utf-8")


def replace_secrets(value: Any, put: Put, secret: bool = False) -> Any:
    """A JSON value with something put in place of each credential: a text of its own, or a part of one.

    Of a number that goes by such a name, zero remains.
    """
    if isinstance(value, dict):
        return {key: replace_secrets(item, put, secret or is_secret(str(key))) for key, item in value.items()}
    if isinstance(value, list):
        return [replace_secrets(item, put, secret) for item in value]
    if isinstance(value, str) and value:
        return put(value) if secret else replace_in_text(value, put)
    return 0 if secret and type(value) in (int, float) else value


def replace_in_json(text: str, put: Put) -> str:
    """The same of JSON text, in the form it came in; what is no JSON stays as it is."""
    if not _may_hold_some(text):
        return text
    try:
        value = json.loads(text)
        shown = replace_secrets(value, put)
        return text if shown == value else _in_form(text, shown, put)
    except (ValueError, RecursionError):
        return text


def _in_form(text: str, shown: Any, put: Put) -> str:
    """The text with its credentials replaced, in the form it came in where they stand there plainly."""

    def instead(match: re.Match[str]) -> str:
        name, rest, value = match.groups()
        if rest is None or value is None:  # a value that has no name, or a name whose value is no text
            return _respelled(match, 1, lambda plain: replace_in_text(plain, put))
        replace = put if is_secret(_unescaped(name)) else lambda plain: replace_in_text(plain, put)
        return _respelled(match, 3, replace) if value else match[0]

    kept = _STRINGS.sub(instead, text)
    try:
        if json.loads(kept) == shown:
            return kept
    except ValueError:
        pass
    return _written(shown, text)


def _written(value: Any, like: str) -> str:
    """JSON text with the escapes of the service's encoder, if those are in what it stands in place of."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _HTML.sub(lambda match: f"\\u{ord(match[0]):04x}", text) if _HTML_ESCAPES.search(like) else text


def _respelled(match: re.Match[str], group: int, replace: Put) -> str:
    """A match in which one of its strings is another; as it is written where nothing changes."""
    plain = _unescaped(match[group])
    instead = replace(plain)
    if instead == plain:
        return match[0]
    start, end = (place - match.start() for place in match.span(group))
    return f"{match[0][: start - 1]}{_written(instead, match[0])}{match[0][end + 1 :]}"


def _mentions_secret(text: str) -> bool:
    return any(is_secret(word) for word in _QUOTED.findall(text))


def _unescaped(name: str) -> str:
    try:
        return str(json.loads(f'"{name}"'))
    except ValueError:
        return name
