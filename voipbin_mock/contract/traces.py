"""What a case made on a target, so that it can be deleted again, or named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import Operation
from voipbin_mock.contract.answers import Answer, excerpt, json_of, nothing
from voipbin_mock.contract.case import Step, bare
from voipbin_mock.contract.pointers import at
from voipbin_mock.contract.targets import TargetError
from voipbin_mock.wire.stamps import parse_stamp
from voipbin_mock.wire.values import NIL_UUID, parse_uuid
from voipbin_mock.world.profiles import NEVERS

MOST_TRIES = 10  # to delete one record: a campaign that was stopped may need a moment until it rests
MOST_PAGES = 3  # of a list that is looked through for what a lost answer was about
LEAST_MARK = 8  # letters of the run's own mark: by a shorter one, records of others would be taken for its own
_DEEPEST = 6

Ask = Callable[[Any, Mapping[str, Any]], tuple[str, Answer]]
_GONE = (404, 410)
_REFUSED = (401, 403)


class Lost(NamedTuple):
    """Where something may have been made that nobody named."""

    path: str
    sent: Any
    credential: Any  # what it was asked with: others may not be allowed to look
    refused: bool = False  # whoever asked may not


class Traces:
    """The records that one case made and that are there still."""

    def __init__(self, catalog: Catalog, unique: Any) -> None:
        self.catalog, self.unique = catalog, unique if isinstance(unique, str) else ""
        self.made: list[str] = []  # paths, in the order in which they were made
        self.makers: dict[str, Any] = {}  # what each was made with, which may be needed to delete it
        self.lost: list[Lost] = []

    def note(self, method: str, path: str, sent: Any, credential: Any, answer: Answer | None) -> None:
        """Keep in mind what a request created, and forget what it deleted. answer: None if none came."""
        routed = self.catalog.route(method, path)
        operation = routed[0] if routed else None
        if method == "DELETE":
            if path in self.made and answer is not None and self._is_gone(answer, path):
                self.made.remove(path)
        elif _creates(operation, method, path) and self._can_be_deleted(path):
            found = [] if answer is None else list(_created(answer, path))
            self._keep(found, credential)
            if not found and (answer is None or not 400 <= answer.status < 500):
                self.lost.append(Lost(path, sent, credential))

    def _keep(self, paths: list[str], credential: Any) -> None:
        self.made += [one for one in paths if one not in self.made]
        self.makers |= dict.fromkeys(paths, credential)

    def _can_be_deleted(self, path: str) -> bool:
        """Whether there is anything to put back: messages that were written stay."""
        one = f"{path}/{NIL_UUID}"
        return bool(self.catalog.route("DELETE", one) or self.catalog.real.route("DELETE", one))

    def _is_gone(self, answer: Answer, path: str) -> bool:
        """Whether a record is deleted; of some that is shown by nothing but the answer's code."""
        routed = self.catalog.route("DELETE", path)
        resource = routed[0].resource if routed else None
        silent = resource is not None and resource.stored and "tm_delete" not in resource.record.names
        unseen = routed is not None and self.catalog.route("GET", path) is None
        return ((silent or unseen) and answer.status // 100 == 2) or is_gone(answer, path)

    def doubt(self, method: str, path: str, sent: Any, credential: Any, status: int) -> None:
        """A request was refused, rightly or not: it may have been done nevertheless."""
        routed = self.catalog.route(method, path)
        if routed and _creates(routed[0], method, path) and _marks(sent, self.unique):
            self.lost.append(Lost(path, sent, credential, status in _REFUSED))

    def was_refused(self, path: str, sent: Any) -> None:
        """An answer that tells of nothing made is what was promised: nothing was lost with it."""
        self.lost = [one for one in self.lost if (one.path, one.sent) != (path, sent)]

    def find(self, ask: Ask) -> Iterator[str]:
        """Look in the lists for what answers did not tell; what may be left without being found is told."""
        lost, self.lost = self.lost, []
        listed: dict[tuple[str, str], list[Any] | None] = {}
        for index, (path, sent, credential, refused) in enumerate(lost):
            marks = _marks(sent, self.unique)
            if not marks:
                yield f"{path}: something may be left: what was made there was not told, and has no name of its own"
                continue
            key = path, repr(credential)
            try:
                rows = listed[key] = listed[key] if key in listed else _rows(ask, path, credential)
            except TargetError as error:
                self.lost += lost[index:]
                yield f"{path}: something may be left: {error}"
                return
            if rows is None and not refused:  # who may neither make one nor look has made none
                yield f"{path}: something may be left: its list cannot be read"
            found = [f"{path}/{row.get('id')}" for row in rows or () if _is_of(row, marks)]
            self._keep([one for one in found if one not in self.made], credential)

    def remove(self, ask: Ask, pause: Callable[[float], None]) -> Iterator[str]:
        """Delete everything, the last first; what could not be is told, and stays noted."""
        for path in reversed(list(self.made)):
            try:
                why = self._remove(path, ask, pause)
            except TargetError as error:
                why = str(error)
            if why:
                yield f"{path}: {why}"
            else:
                self.made.remove(path)

    def _remove(self, path: str, ask: Ask, pause: Callable[[float], None]) -> str:
        """Why a record is there still; "" if it is gone."""
        as_ = self.makers.get(path)
        for _ in range(MOST_TRIES):
            answer = _asked(ask, bare("DELETE", path), as_)
            if self._is_gone(answer, path):
                return ""
            if answer.status // 100 == 2:  # it does not say so itself
                shown = _asked(ask, bare("GET", path), as_)
                if is_gone(shown, path):
                    return ""
            elif answer.status != 409:
                break
            pause(1.0)
        return f"DELETE was answered with {answer.status} {excerpt(answer, 120)}"

    def pending(self) -> list[str]:
        return [*self.made, *(f"{one.path}: something may be left" for one in self.lost)]


def _creates(operation: Operation | None, method: str, path: str) -> bool:
    if operation is not None:
        return operation.name.endswith(".create")
    # A resource that is not mocked: a collection is posted to, but nothing is done to one of its records.
    parts = path.split("/")[1:]
    return method == "POST" and parts[:1] == ["v1.0"] and len(parts) == 2


def _created(answer: Answer, path: str) -> Iterator[str]:
    """The paths of the records that an answer is about, wherever it has them."""
    if answer.status // 100 == 2:
        row_ids = _ids(json_of(answer))
        if row_ids:
            yield from (f"{path}/{row_id}" for row_id in row_ids)
            return
        location = (answer.header("location") or "").rstrip("/").rpartition("/")[2]
        if parse_uuid(location) is not None:
            yield f"{path}/{location}"


def _ids(value: Any) -> list[str]:
    """The ids of the outermost records in a value."""
    for level in _levels(value):
        records = [item for item in level if isinstance(item, dict) and isinstance(item.get("id"), str)]
        records = [item for item in records if item is value or "tm_create" in item or "customer_id" in item]
        if records:
            return [str(item["id"]) for item in records if parse_uuid(item["id"]) is not None]
    return []


def _levels(value: Any) -> Iterator[list[Any]]:
    """A value, then what is in it, then what is in that; not all of what is large or deep."""
    level = [value]
    for _ in range(_DEEPEST):
        yield level
        level = [
            inner
            for item in level[:200]
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]


def is_gone(answer: Answer, path: str) -> bool:
    """Whether the answer to a DELETE, or to a GET, says that the record is deleted."""
    if answer.status in _GONE:
        return bool(at(json_of(answer), "/error/reason") != "ROUTE_NOT_FOUND")
    if answer.status // 100 != 2:
        return False
    record = _record(json_of(answer), path.rpartition("/")[2])
    if record is None:
        return not answer.body
    return record.get("tm_delete", "") not in (None, *NEVERS, "")


def _record(value: Any, row_id: str) -> dict[str, Any] | None:
    for level in _levels(value):
        for item in level:
            if isinstance(item, dict) and item.get("id") == row_id:
                return item
    return None


def _marks(sent: Any, unique: str) -> dict[str, Any]:
    """The members that nobody else's record has."""
    if not isinstance(sent, dict) or len(unique) < LEAST_MARK:
        return {}
    return {n: value for n, value in sent.items() if isinstance(value, str) and unique in value and n != "password"}


def _asked(ask: Ask, step: Step, credential: Any) -> Answer:
    """The answer to whoever may ask: first what something was made with, then whatever there is."""
    if isinstance(credential, Mapping):
        _, answer = ask(replace(step, credential=credential), {})
        if answer.status not in _REFUSED:
            return answer
    return ask(step, {})[1]


def _rows(ask: Ask, path: str, credential: Any) -> list[Any] | None:
    """The rows of a list, newest first; None if it cannot be read."""
    found: list[Any] = []
    token: Any = ""
    for number in range(MOST_PAGES):
        query = {"page_size": 100, **({"page_token": token} if token else {})}
        answer = _asked(ask, bare("GET", path, query), credential)
        value = json_of(answer)
        rows = value if isinstance(value, list) else at(value, "/result")
        if rows is nothing():
            rows = at(value, "/data/result")
        if answer.status // 100 != 2 or not isinstance(rows, list):
            return None if number == 0 else found
        found += rows
        token = at(value, "/next_page_token")
        if not rows or not isinstance(token, str) or not token:
            break
    return found


def _is_of(row: Any, marks: Mapping[str, Any]) -> bool:
    """Whether a row is the one that was sent, and is there still."""
    return isinstance(row, dict) and marks.items() <= row.items() and not _is_deleted(row)


def _is_deleted(row: Mapping[str, Any]) -> bool:
    value = row.get("tm_delete")
    try:
        return isinstance(value, str) and value not in NEVERS and parse_stamp(value) > 0
    except ValueError:
        return False
