"""Lines for a shell that ask an operation: with curl, and first of all whatever its records take to be there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from voipbin_mock.api.operations import IdOf, Operation
from voipbin_mock.openapi.examples import KEY, LOGIN, NOBODY, SUPER, Asked, Examples, blanked
from voipbin_mock.wire.values import CONTROL_PREFIX

TOKEN_HEADER = "X-VoIPBIN-Mock-Control-Token"
_MANY = 90  # characters of a line
# Where they stand in the answer of GET /__mock__/agents, whose first is the seed's own admin.
_KEY_FIELD, _TOKEN_FIELD = 6, 10
# Around what the shell is to fill in.
_BEGIN, _END = "\ue000", "\ue001"


def _filled(words: str) -> str:
    return f"{_BEGIN}{words}{_END}"


# What in a body differs each time, so that one that is made beforehand is never refused as the second of its kind.
_NEW_NUMBER = f"+1{_filled('$$$(date +%s | cut -c 6-)')}"
_EACH_TIME = {
    "username": f"agent-{_filled('$$-$(date +%s)')}@example.com",
    "number": _NEW_NUMBER,
    "addresses": [{"type": "tel", "target": _NEW_NUMBER}],
    "target": f"+44{_filled('$$$(date +%s | cut -c 6-)')}",  # not the number of the contact made before it
}


class Credential(NamedTuple):
    """What the mock may give away to the lines. Empty: whoever pastes them gives it, in a variable of the shell."""

    accesskey: str = ""
    username: str = ""
    password: str = ""


class Here(NamedTuple):
    """Where a mock is asked, as whom, and which records it has: (resource) -> the newest, or None."""

    url: str
    credential: Credential = Credential()
    newest: Callable[[str], Mapping[str, Any] | None] = lambda resource: None
    guarded: bool = False  # by a control token


class Script:
    """The lines of one operation.

    What only reads, reads what there is. What changes something changes what the lines before it have made, so that
    nothing is lost to who tries it, and so that it works in a mock that has nothing yet.
    """

    def __init__(self, examples: Examples, operation: Operation, here: Here) -> None:
        self.examples, self._here = examples, here
        self._lines: list[str] = []
        self._words: dict[str, str] = {}
        self._reads = operation.method == "GET"
        self.missing: list[str] = []  # resources of which there is no record, and no operation makes one
        self.lent: list[str] = []  # resources of which it takes one that is there, though it changes something
        self.asked_for: list[str] = []  # variables that whoever pastes the lines has to set: their credentials
        self.body: Any = None
        last = self._asked(operation)
        self.text = "\n".join([*self._lines, last])

    # --- one call ------------------------------------------------------------------------------------

    def _asked(self, operation: Operation, *, quietly: bool = False) -> str:
        asked = self.examples.asked(operation)
        # The record itself before those it is in: it says which they are.
        path = {name: blanked(asked.path[name], self._word) for name in reversed([*asked.path])}
        query = blanked(asked.query, self._word)
        body = blanked(asked.body, self._word)
        self._before(operation)
        if operation.part_name == "login":
            body = self._login(body)
        if quietly and operation.kind == "create" and isinstance(body, dict):
            body = {**body, **{name: value for name, value in _EACH_TIME.items() if name in body}}
        if not quietly:
            self.body = _plain(body if asked.body is None or asked.credential == NOBODY else self._known(asked.body))
        return self._curl(operation, Asked(path, query, body, asked.credential), quietly)

    def _known(self, body: Any) -> Any:
        """A body for a reader: with the ids of records that are here, or else the variables of the lines."""

        def word(wanted: IdOf) -> str:
            record = self._here.newest(wanted.resource)
            return _variable(wanted.resource, wanted.member) if record is None else str(record[wanted.member])

        return blanked(body, word)

    def _curl(self, operation: Operation, asked: Asked, quietly: bool) -> str:
        url = self._here.url + operation.template
        for name, word in asked.path.items():
            url = url.replace(f"{{{name}}}", word)
        pairs = [f"{name}={_in_url(str(value))}" for name, value in asked.query.items()]
        words = ["curl", *(["-s"] if quietly else [])]
        words += [] if operation.method == "GET" else ["-X", operation.method]
        if asked.credential == KEY:
            pairs.append(f"accesskey={self._own('KEY', _KEY_FIELD, self._here.credential.accesskey)}")
        words.append(_quoted(url + ("?" if pairs else "") + "&".join(pairs)))
        if asked.credential in (LOGIN, SUPER):
            words += ["-H", _quoted(f"Authorization: Bearer {self._token(asked.credential)}")]
        if operation.answers is not None and operation.answers.media:
            words.append(f"-o answer.{operation.kind}")
        if asked.body is None:
            return " ".join(words)
        text = json.dumps(asked.body, ensure_ascii=False)
        words.append("-H 'Content-Type: application/json'")
        between = " " if quietly or len(text) < _MANY - len(self._here.url) else " \\\n  "
        return f"{' '.join(words)}{between}-d {_quoted_body(text)}"

    def _before(self, operation: Operation) -> None:
        """What has to be done, and the time that has to pass."""
        first, after = operation.example.first, operation.example.after
        done = None if operation.lists else self.examples.named(first)
        if done is not None:
            self._lines.append(f"{self._asked(done, quietly=True)} > /dev/null")
        if after:
            wind = _control(self._here, "clock", {"advance": after}, "-s ")
            self._lines.append(f"{wind} > /dev/null  # {after} seconds of the virtual clock")

    # --- what it needs -------------------------------------------------------------------------------

    def _word(self, wanted: IdOf) -> str:
        """How the id of a record is written: itself, or the variable that a line has put it in."""
        resource, member, made = wanted
        if member != "id":
            record = self._here.newest(resource)
            if record is None:
                self.missing.append(resource)
            elif not self._reads:
                self.lent.append(resource)
            return _filled(_variable(resource, member)) if record is None else str(record[member])
        if resource not in self._words:
            self._words[resource] = _filled(_variable(resource))
            if made or not (self._reads and self._existing(resource)):
                self._reads = False  # what is made for this is of its own
                self._make(resource)
        return self._words[resource]

    def _existing(self, resource: str) -> bool:
        record = self._here.newest(resource)
        if record is None:
            return False
        self._words[resource] = record["id"]
        known = self.examples.catalog.resources[resource]
        if known.nested:
            self._words[known.parent] = record[known.parent_key]
        return True

    def _make(self, resource: str) -> None:
        maker, comes_of = self.examples.maker(resource), self.examples.comes_of(resource)
        field = 6  # of a list, which is an object around it
        if maker is not None:
            line = self._asked(maker, quietly=True)
            field = 4 * (1 + self._before_id(resource, line)) if maker.answers is None else field
        elif comes_of is not None:
            self._lines.append(f"{self._asked(comes_of, quietly=True)} > /dev/null")
            listed = self.examples.named(f"{resource}.list")
            assert listed is not None
            line = self._curl(listed, Asked({}, {"page_size": 1}, None, KEY), quietly=True)
        elif self._existing(resource):
            self.lent.append(resource)
            return
        else:
            self.missing.append(resource)
            return
        self._lines.append(f"{_variable(resource)[1:]}=$({line} | {_field(field)})")

    def _before_id(self, resource: str, line: str) -> int:
        """How many members stand before the id in the answer to a line, of those that it sends."""
        order = self.examples.catalog.resources[resource].record.order(self.examples.profile.name)
        return sum(f'"{name}": ' in line for name in order[: order.index("id")])

    def _token(self, who: str) -> str:
        if who == SUPER:
            return _filled("$TOKEN")
        return self._own("TOKEN", _TOKEN_FIELD, self._here.credential.username)

    def _login(self, body: Any) -> Any:
        given = self._here.credential
        username, password = given.username or self._given("USERNAME"), given.password or self._given("PASSWORD")
        return {**body, "username": username, "password": password}

    def _own(self, variable: str, field: int, known: str) -> str:
        """A credential, which no line holds: the first asks the mock for it, if it is of the mock's own seed."""
        if not known:
            return self._given(variable)
        line = f"{variable}=$({_control(self._here, 'agents', flags='-s ')} | {_field(field)})"
        if line not in self._lines:
            self._lines.insert(0, line)
        return _filled(f"${variable}")

    def _given(self, variable: str) -> str:
        if variable not in self.asked_for:
            self.asked_for.append(variable)
        return _filled(f"${variable}")


def _field(number: int) -> str:
    """Takes a text out of the beginning of an answer; what else there is to read JSON, not every shell has."""
    return f"cut -d '\"' -f {number}"


def _variable(resource: str, member: str = "id") -> str:
    return f"${resource.removesuffix('es' if resource.endswith('sses') else 's')}_{member}".upper()


def _in_url(text: str) -> str:
    return text if _BEGIN in text else quote(text, safe="")


def _plain(value: Any) -> Any:
    """A body for a reader."""
    return json.loads(json.dumps(value, ensure_ascii=False).replace(_BEGIN, "").replace(_END, ""))


def _quoted(text: str) -> str:
    """A URL or a header for a shell."""
    if _BEGIN in text:
        return f'"{text.replace(_BEGIN, "").replace(_END, "")}"'
    return f"'{text}'"


def _quoted_body(text: str) -> str:
    safe = text.replace("'", "'\\''")
    return f"'{safe}'".replace(_BEGIN, "'").replace(_END, "'")


def stub(here: Here, label: str) -> str:
    """A line that plans an answer for an operation that is not mocked."""
    return _control(here, "stubs", {"on": label, "json": {}})


def _control(here: Here, call: str, body: Any = None, flags: str = "") -> str:
    guard = f' -H "{TOKEN_HEADER}: $CONTROL_TOKEN"' if here.guarded else ""
    data = "" if body is None else f" -d {_quoted_body(json.dumps(body, ensure_ascii=False))}"
    return f"curl {flags}{_quoted(f'{here.url}{CONTROL_PREFIX}/{call}')}{guard}{data}"
