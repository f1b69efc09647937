"""What must not be seen in any output: credentials that are known, and what looks like one."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from voipbin_mock.wire.redaction import REDACTED

SHORTEST = 4  # characters of a secret; what is shorter would black out everything
_PIECE = 8  # so many characters of a long one, at the end of a text that was cut, give it away, too
_CUT = ("…", "...")
# Each begins where a word begins, so that a long run of such characters is looked at once.
_KEY = r"(?<![A-Za-z0-9_-])vb_[A-Za-z0-9_-]{12,}"
_JWT = r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}"
_USERINFO = r"(?<=://)[^/\s?#@\"'<>]{1,200}@"
_LOOKS_SECRET = re.compile(f"{_KEY}|{_JWT}|{_USERINFO}", re.ASCII)


class Secrets:
    """Whatever must not be seen in any output."""

    def __init__(self) -> None:
        self._texts: set[str] = set()
        self._begin: dict[str, list[str]] | None = None  # how they begin -> they, the longest first

    def add(self, *texts: Any) -> None:
        for text in texts:
            if isinstance(text, str) and len(text) >= SHORTEST and text not in self._texts:
                self._begin = None
                forms = {text, quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1], repr(text)[1:-1]}
                forms.add(json.dumps(text, ensure_ascii=False)[1:-1])
                self._texts |= forms | {escape(form) for form in forms} | {_attribute(form) for form in forms}

    def clean(self, text: str) -> str:
        """The text without them; in one pass, however many there are."""
        if self._texts:
            text = "".join(self._pieces(text))
        return _LOOKS_SECRET.sub(_black, text)

    def _pieces(self, text: str) -> list[str]:
        begin = self._index()
        firsts = re.compile("[" + "".join(map(re.escape, sorted({key[0] for key in begin}))) + "]")
        pieces, done = [], 0
        for match in firsts.finditer(text):
            at = match.start()
            if at < done:
                continue
            end = self._end(text, at, begin)
            if end:
                pieces += [text[done:at], REDACTED]
                done = end
        return [*pieces, text[done:]]

    def _end(self, text: str, at: int, begin: dict[str, list[str]]) -> int:
        """Where a secret that begins there ends; 0 if none does."""
        for length in (_PIECE, SHORTEST):
            for secret in begin.get(text[at : at + length], ()):
                if text.startswith(secret, at):
                    return at + len(secret)
                if length == _PIECE:
                    shared = _shared(text, at, secret)
                    if text.startswith(_CUT, at + shared):
                        return at + shared
        return 0

    def _index(self) -> dict[str, list[str]]:
        if self._begin is None:
            self._begin = {}
            for text in sorted(self._texts, key=lambda text: (-len(text), text)):
                self._begin.setdefault(text[: _PIECE if len(text) >= _PIECE else SHORTEST], []).append(text)
        return self._begin


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;", "'": "&#x27;"})


def _shared(text: str, at: int, secret: str) -> int:
    """How many characters of a secret stand there."""
    count = 0
    for count, character in enumerate(secret):
        if text[at + count : at + count + 1] != character:
            return count
    return count + 1


def _black(match: re.Match[str]) -> str:
    return REDACTED + "@" if match[0].endswith("@") else REDACTED


def without_userinfo(url: str) -> str:
    """A URL that may be shown: a name and password before its host are left out."""
    return re.sub(r"(?<=//)[^/?#]*@", f"{REDACTED}@", url, count=1)
