"""What answers when a flow reaches outside the service: replies that a test has planned, by URL.

Nothing is ever asked over the network. A URL that nothing is planned for has no answer, and the flow goes on, or
ends, as it does when the other side is down.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.wire import rows
from voipbin_mock.wire.apps import ask_wsgi, kind_of
from voipbin_mock.wire.errors import MockUsageError, shorten
from voipbin_mock.wire.matching import is_like
from voipbin_mock.wire.redaction import redact_text
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.world.part import Part, Unmet, planned_at

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

MOST_PLANNED = 1000
MOST_ASKED = 1000  # remembered
SENT = "flow_sends"  # followed by whoever delivers: the row is what a flow sends
NOBODY = "nothing answers there; plan it with voipbin.reply(url, json=...), or POST /__mock__/replies"


class Asked(NamedTuple):
    """A request that a flow made, and what it got. `status` is None where nothing answered, which `error` explains."""

    microseconds: int  # virtual time, since 1970
    type: str  # of the action: fetch, webhook_send
    method: str
    url: str
    body: str
    status: int | None = None
    error: str = ""

    @property
    def json(self) -> Any:
        """The body, read as JSON. Raises ValueError."""
        return json.loads(self.body)

    def as_dict(self) -> dict[str, Any]:
        shown = {**self._asdict(), "time": rfc3339_stamp_full(self.microseconds), "url": redact_text(self.url)}
        del shown["microseconds"]
        return shown


class Answer(NamedTuple):
    """What comes back."""

    status: int
    body: str = ""


Makes = Callable[[Asked], Any]


class Planned(NamedTuple):
    """A reply, as it was planned, and how often it was given. It never changes: another takes its place."""

    number: int
    url: str  # * stands for anything
    status: int = 200
    body: str = ""
    makes: Makes | None = None
    times: int | None = None
    met: int = 0
    where: tuple[str, int] | None = None

    def takes(self, url: str) -> bool:
        if self.times is not None and self.met >= self.times:
            return False
        return _is_like(url, self.url)

    def as_dict(self) -> dict[str, Any]:
        shown = {"number": self.number, "url": self.url, "status": self.status, "body": self.body, "met": self.met}
        return {**shown, "times": self.times}


def _is_like(url: str, pattern: str) -> bool:
    """Whether a URL is meant by one in which * stands for anything; one without a query is meant with any."""
    if "?" not in pattern:
        url = url.partition("?")[0]
    return is_like(url, pattern)


class Replies(Part):
    """The replies of one world, in the order in which they were planned, and what was asked."""

    name, rank = "replies", 70

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.planned: tuple[Planned, ...] = ()
        self.asked: tuple[Asked, ...] = ()
        self._numbers = self._changes = 0

    # --- planning ----------------------------------------------------------------------------------

    def plan(
        self, url: str, makes: Makes | None = None, *, status: int = 200, body: str = "", times: int | None = None
    ) -> Planned:
        """Raises MockUsageError."""
        if not isinstance(url, str) or not url:
            raise MockUsageError(f"reply: the first argument is a URL, in which * stands for anything, not {url!r}")
        if type(status) is not int or not 100 <= status <= 599:
            raise MockUsageError(f"reply: status must be an HTTP code, not {status!r}")
        if times is not None and (type(times) is not int or times < 1):
            raise MockUsageError(f"reply: times must be a number, at least 1, not {times!r}")
        if len(self.planned) >= MOST_PLANNED:
            raise MockUsageError(f"{MOST_PLANNED} replies are planned already; replies.clear() forgets them")
        self._numbers += 1
        planned = Planned(self._numbers, url, status, body, makes, times, where=planned_at())
        self._set((*self.planned, planned))
        return planned

    def remove(self, number: int) -> None:
        self._set(tuple(one for one in self.planned if one.number != number))

    def clear(self) -> None:
        """Forget what is planned, and what was asked."""
        self._set(())
        self.asked = ()

    def _set(self, planned: tuple[Planned, ...]) -> None:
        self.planned = planned
        self._changes += 1

    # --- answering ---------------------------------------------------------------------------------

    def pick(self, url: str) -> Planned | None:
        """The first that is for this URL and is not used up; it is met once more."""
        for position, one in enumerate(self.planned):
            if one.takes(url):
                met = one._replace(met=one.met + 1)
                self._set((*self.planned[:position], met, *self.planned[position + 1 :]))
                return met
        return None

    def is_for(self, url: str) -> bool:
        """Whether something would answer there."""
        return any(one.takes(url) for one in self.planned)

    def note(self, asked: Asked) -> None:
        self.asked = (*self.asked[-MOST_ASKED + 1 :], asked)

    def ask(self, type: str, method: str, url: str, body: str) -> Answer | None:
        """What answers now, if anything does; noted either way. Raises whatever a function of the test's raises."""
        asked = Asked(self._world.clock.microseconds(), type, method, url, body)
        found = self.pick(url)
        if found is None:
            self.note(asked._replace(error=NOBODY))
            return None
        try:
            answer = made(found, asked)
        except BaseException as error:
            self.note(asked._replace(error=f"the reply raised {error!r}"))
            raise
        self.note(asked._replace(status=answer.status))
        return answer

    # --- what was planned in vain --------------------------------------------------------------------

    def unmet(self) -> list[Unmet]:
        return [
            Unmet(one.where, f"reply for {shorten(one.url)}: given {one.met} times, planned {one.times or 'for all'}")
            for one in self.planned
            if one.met < (one.times or 1)
        ]

    def forget_planned(self) -> None:
        self._set(())

    # --- at another time -----------------------------------------------------------------------------

    def keep(self) -> Any:
        return self.planned, self.asked, self._numbers

    def bring_back(self, kept: Any) -> None:
        self.planned, self.asked, self._numbers = kept
        self._changes += 1

    @property
    def revision(self) -> int:
        return self._changes

    def dump(self) -> Any:
        """Functions cannot be written down; what they would answer is not in it."""
        return [one.as_dict() for one in self.planned if one.makes is None] or None

    def remember(self) -> Callable[[], Any] | None:
        given, asked = self._numbers, self.asked
        if not (given or asked):
            return None
        numbers = [one.number for one in self.planned if one.makes is None]
        return lambda: {"given": given, "numbers": numbers, "asked": [list(one) for one in asked]}

    def recall(self, document: Any) -> None:
        asked = tuple(Asked(*one) for one in rows.each(document, "asked", lambda one, at: rows.row(one, _ASKED, at)))
        given, numbers = rows.member(document, "given", rows.COUNT), rows.member(document, "numbers", rows.COUNTS)
        if len(numbers) != len(self.planned):
            raise ValueError(f"/numbers: must be those of {len(self.planned)} replies")
        planned = [one._replace(number=number) for one, number in zip(self.planned, numbers, strict=True)]
        self.bring_back((tuple(planned), asked, given))

    def load(self, document: Any) -> None:
        """What `dump` gave. Raises ValueError."""
        if not isinstance(document, list):
            raise ValueError("must be an array of replies")
        planned = []
        for position, one in enumerate(document):
            try:
                planned.append(read(one)._replace(number=position + 1))
            except (MockUsageError, ValueError) as error:
                raise ValueError(f"/{position}: {error}") from None
        self._numbers = len(planned)
        self._set(tuple(planned))


_ASKED = (rows.MOMENT, *(rows.TEXT,) * 4, rows.COUNT_OR_NULL, rows.TEXT)


def read(document: Any) -> Planned:
    """A reply as JSON: {"url": ..., "json": ... or "body": ..., "status": 200, "times": 1}. Raises ValueError."""
    if not isinstance(document, Mapping):
        raise ValueError('a reply is an object such as {"url": "https://shop.example.com/menu", "json": []}')
    unknown = document.keys() - {"url", "json", "body", "status", "times", "met", "number"}
    if unknown:
        raise ValueError(f"a reply has no {', '.join(sorted(unknown))}")
    url, body, times = document.get("url"), document.get("body", ""), document.get("times")
    status, met = document.get("status", 200), document.get("met", 0)
    if not isinstance(url, str) or not url:
        raise ValueError("/url: must be a URL, in which * stands for anything")
    if not isinstance(body, str):
        raise ValueError("/body: must be a text; what is JSON is given as json")
    if type(status) is not int or not 100 <= status <= 599:
        raise ValueError("/status: must be an HTTP code")
    if times is not None and (type(times) is not int or times < 1):
        raise ValueError("/times: must be a count, at least 1")
    if type(met) is not int or met < 0:
        raise ValueError("/met: must be a count")
    if "json" in document:
        body = json.dumps(document["json"], ensure_ascii=False)
    return Planned(0, url, status, body, None, times, met)


# --- what functions and apps answer ---------------------------------------------------------------------


def made(planned: Planned, asked: Asked) -> Answer:
    """What a planned reply answers to this request."""
    if planned.makes is None:
        return Answer(planned.status, planned.body)
    return answer_of(planned.makes(asked), planned.status)


def answer_of(value: Any, status: int = 200) -> Answer:
    """A text, an HTTP code, `(code, value)`, or any JSON value, as an answer. Raises TypeError."""
    if isinstance(value, Answer):
        return value
    if value is None:
        return Answer(status)
    if type(value) is int and 100 <= value <= 599:
        return Answer(value)
    if isinstance(value, tuple) and len(value) == 2 and type(value[0]) is int:
        return answer_of(value[1], value[0])
    if isinstance(value, (str, bytes)):
        return Answer(status, value if isinstance(value, str) else value.decode("utf-8", "replace"))
    return Answer(status, json.dumps(value, ensure_ascii=False))


def maker_of(target: Any) -> Makes:
    """What asks a function of one argument, or a WSGI app. Raises MockUsageError."""
    kind = kind_of(target) if callable(target) else "asgi"
    if kind == "asgi":
        raise MockUsageError(f"reply: give json=, body=, a function or a WSGI app, not {target!r}")
    return (lambda asked: _in_wsgi(target, asked)) if kind == "wsgi" else target


def _in_wsgi(app: Any, asked: Asked) -> Answer:
    headers = {"Content-Type": "application/json"}
    code, body = ask_wsgi(app, asked.url, asked.method, headers, asked.body.encode("utf-8"))
    return Answer(code, body.decode("utf-8", "replace"))
