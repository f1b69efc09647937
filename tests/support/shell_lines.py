"""Lines for a shell, done without one: assignments, `cut`, and curl."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from typing import Any

from voipbin_mock import Mock

_ASSIGNMENT = re.compile(r"""([A-Z_]+)=\$\((.*) \| cut -d '"' -f (\d+)\)""")
_VARIABLE = re.compile(r"\$([A-Z_]+)")
_FRESH = re.compile(r"\$\$-?\$\(date[^)]*\)")


class Shell:
    """Asks a mock what lines would ask a server; `asked` are the answers, in order."""

    def __init__(self, mock: Mock) -> None:
        self.mock, self.asked = mock, list[Any]()
        self._variables: dict[str, str] = {}
        self._fresh = itertools.count(5_550_200)

    def run(self, text: str) -> Any:
        """The answer to the last of these lines."""
        for line in _joined(text):
            assigned = _ASSIGNMENT.fullmatch(line)
            reply = self._curl(assigned[2] if assigned else line.partition(" > ")[0])
            if assigned:
                self._variables[assigned[1]] = reply.text.split('"')[int(assigned[3]) - 1]
        return self.asked[-1]

    def _curl(self, line: str) -> Any:
        line = _FRESH.sub(lambda _: str(next(self._fresh)), line)
        words = iter(shlex.split(_VARIABLE.sub(lambda match: self._variables.get(match[1], ""), line)))
        assert next(words) == "curl", line
        url, method, headers, body = "", "", {}, None
        for word in words:
            if word == "-X":
                method = next(words)
            elif word == "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            elif word == "-d":
                body = next(words)
            elif word not in ("-s", "-o") and not word.startswith("answer."):
                url = word
        path = url.partition("//")[2].partition("/")[2]
        method = method or ("GET" if body is None else "POST")
        headers["Host"] = "localhost"
        self.asked.append(self.mock.anonymous.open(f"/{path}", method=method, data=body, headers=headers))
        return self.asked[-1]


def _joined(text: str) -> Iterator[str]:
    yield from text.replace("\\\n", " ").splitlines()
