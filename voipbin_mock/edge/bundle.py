"""Repro bundles: everything a mock was asked, so that it can be asked again.

A bundle is one JSON document: the settings, and steps in order. A step is either a whole state (at the
start, and wherever a test arranged something behind the API's back) or one request with its answer.
Played back, the same steps give the same answers to the byte.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from voipbin_mock._version import __version__
from voipbin_mock.api.catalog import Catalog, catalog_of
from voipbin_mock.areas.accounts import auth
from voipbin_mock.edge.incoming import ControlPolicy, Incoming
from voipbin_mock.edge.pipeline import respond
from voipbin_mock.edge.recording import Recording
from voipbin_mock.wire.errors import SeedError, Violation, shorten
from voipbin_mock.wire.exchange import Exchange
from voipbin_mock.wire.redaction import (
    Put,
    is_secret,
    is_secret_pointer,
    redact_body,
    replace_in_header,
    replace_in_json,
    replace_in_query,
    replace_in_text,
    replace_secrets,
)
from voipbin_mock.wire.stamps import parse_stamp, rfc3339_stamp_full
from voipbin_mock.wire.values import CONTROL_PREFIX, Reply, encode, parse_json
from voipbin_mock.world.settings import Settings
from voipbin_mock.world.world import World

FORMAT = "voipbin-mock-bundle"
VERSION = 1
STAND_IN = "stand-in-for-a-credential"
_DESCRIBED = re.compile(r"array of \d+ items|object with \d+ members")
_KEPT_SETTINGS = ("profile", "strict", "random_seed", "error", "ignore")
# Headers that decide an answer; the rest says something of the client's machine, and stays there.
_COOKIES = ("token", "accesskey")
_KEPT_HEADERS = ("content-type", "origin", "x-request-id", "authorization")


class BundleError(ValueError):
    """A bundle that cannot be used: where, and why."""


class Recorder(Recording):
    """Notes every request of a world from now on, and the state wherever it changed in between."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._veil = _Veil()
        self._ours: set[str] = set()  # credentials that came and were of the mock's own making
        self._known = _Records()
        self._steps: list[dict[str, Any] | _Asked] = []
        self._fingerprint: Any = None
        self._pinned: int | None = None
        with world.lock:
            world.parts[Recording] = self

    def before(self, world: World) -> None:
        """A request is about to be handled; from here to its end the time is one moment.

        Nothing was due by then, or it would be done when this is played back: a clock that runs fast may be further.
        """
        due = world.next_due()
        self._pinned = world.clock.pin(before=due)
        if world.fingerprint != self._fingerprint:
            state = world.dump()
            state["records"] = self._known.shortened(state["records"])
            self._steps.append({"state": self._veil.over_state(world, state, self._ours)})

    def after(self, world: World, incoming: Incoming, reply: Reply, exchange: Exchange) -> None:
        self._ours.update(secret for secret in _credentials(incoming) if secret and auth.issued(world, secret))
        asked = _Asked(incoming, reply, exchange, world.clock.microseconds())
        world.trail.note(self._forget, asked)
        self._steps.append(asked)
        world.clock.release(self._pinned)
        self._fingerprint = world.fingerprint

    def _forget(self, asked: _Asked) -> None:
        if self._steps and self._steps[-1] is asked:
            self._steps.pop()

    def document(self) -> dict[str, Any]:
        """The bundle so far; of credentials it holds the mock's own tokens and keys, and stand-ins for all others."""
        world = self._world
        with world.lock:
            settings = {name: getattr(world.settings, name) for name in _KEPT_SETTINGS}
            put = self._veil.for_foreign(world, self._ours)
            steps = [step if isinstance(step, dict) else _step(step, world, put, self._veil) for step in self._steps]
        needed = [area.name for area in catalog_of(world).more]
        return {
            "format": FORMAT,
            "version": VERSION,
            "made_by": f"voipbin-mock {__version__}",
            "settings": settings,
            **({"areas": needed} if needed else {}),
            "steps": steps,
        }


class _Records:
    """Records as the last state had them: in the next, the id stands for one that is as it was."""

    def __init__(self) -> None:
        self._last: dict[str, dict[str, Any]] = {}

    def shortened(self, tables: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
        short = {}
        for name, records in tables.items():
            last = self._last.get(name, {})
            short[name] = [record["id"] if last.get(record["id"]) == record else record for record in records]
        self._last = {name: {record["id"]: record for record in records} for name, records in tables.items()}
        return short

    def whole(self, state: Any) -> Any:
        """The reverse. Raises LookupError for an id that no record before had."""
        tables = state.get("records") if isinstance(state, Mapping) else None
        if not isinstance(tables, Mapping):
            return state
        full: dict[str, Any] = {}
        for name, records in tables.items():
            last, several = self._last.get(name, {}), isinstance(records, list)
            full[name] = (
                [last[record] if isinstance(record, str) else record for record in records] if several else records
            )
        self._last = {
            name: {record["id"]: record for record in records if isinstance(record, dict) and "id" in record}
            for name, records in full.items()
            if isinstance(records, list)
        }
        return {**state, "records": full}


class _Veil:
    """Stand-ins for credentials: the same for the same, so that answers stay what they were.

    Tokens and access keys of the mock's own making stay, for without them nothing could be played back.
    """

    def __init__(self) -> None:
        self._stand_ins: dict[str, str] = {}

    def over(self, secret: str) -> str:
        """No shorter than the secret, in case that length matters."""
        known = self._stand_ins.get(secret)
        if known is None:
            known = f"{STAND_IN}-{len(self._stand_ins) + 1}".ljust(len(secret), "x")
            self._stand_ins[secret] = known
        return known

    def over_known(self, secret: str) -> str:
        return self._stand_ins.get(secret, secret)

    def for_foreign(self, world: World, ours: Container[str]) -> Put:
        """The same, but for what is the mock's own."""

        def put(secret: str) -> str:
            return secret if secret in ours or self._is_ours(world, secret) else self.over(secret)

        return put

    @staticmethod
    def _is_ours(world: World, secret: str) -> bool:
        return secret.startswith(("vb_", "eyJ")) and auth.issued(world, secret)

    def over_state(self, world: World, state: dict[str, Any], ours: Container[str]) -> dict[str, Any]:
        """A dump without passwords, and without credentials that are not the mock's, wherever they stand in it."""
        put = self.for_foreign(world, ours)
        records = {name: [self._over_record(row, put) for row in rows] for name, rows in state["records"].items()}
        others = {name: replace_secrets(section, put) for name, section in state.items() if name not in _AS_THEY_ARE}
        return {**state, **others, "records": records}

    def _over_record(self, record: dict[str, Any] | str, put: Put) -> dict[str, Any] | str:
        if isinstance(record, str):  # the id of one that is as it was
            return record
        texts = {name: value for name, value in record.items() if isinstance(value, str)}
        secrets = {name: self.over(value) for name, value in texts.items() if value and is_secret(name)}
        return {name: replace_secrets(value, put) for name, value in record.items()} | secrets


# Sections of a state that have no room for a credential.
_AS_THEY_ARE = ("format", "version", "made_by", "profile", "clock", "ids", "records")


class _Asked(NamedTuple):
    """A request with its answer, as it is kept until somebody wants the bundle."""

    incoming: Incoming
    reply: Reply
    exchange: Exchange
    microseconds: int


def _credentials(incoming: Incoming) -> Iterator[str]:
    for pair in incoming.query_string.split("&"):
        name, _, value = pair.partition("=")
        if value and is_secret(unquote_plus(name)):
            yield unquote_plus(value)
    yield from filter(None, (incoming.cookies.get(name) for name in _COOKIES))
    yield incoming.headers.get("authorization", "").partition("Bearer ")[2]


def _step(asked: _Asked, world: World, put: Put, veil: _Veil) -> dict[str, Any]:
    incoming, reply, _, microseconds = asked
    body, fault = _request_body(asked, world, put)
    cookies = {name: incoming.cookies[name] for name in _COOKIES if name in incoming.cookies}
    return {
        "at": rfc3339_stamp_full(microseconds),
        "request": {
            "method": incoming.method,
            "path": replace_in_text(incoming.path, put),
            "query": replace_in_query(incoming.query_string, put),
            "headers": _kept_headers(incoming, put),
            "cookies": {name: value and put(value) for name, value in cookies.items()},
            "body": body,
            "body_fault": fault,
            "address": incoming.address,
        },
        "answer": {
            "status": reply.http_code,
            "headers": [[name, replace_in_header(value, veil.over_known)] for name, value in _headers(reply)],
            "body": _answer_body(asked, put, veil),
        },
    }


def _kept_headers(incoming: Incoming, put: Put) -> dict[str, str]:
    headers = {name: incoming.headers[name] for name in _KEPT_HEADERS if name in incoming.headers}
    kept = {name: replace_in_text(value, put) for name, value in headers.items()}
    if "authorization" in headers:
        secret = headers["authorization"].partition("Bearer ")[2]
        kept["authorization"] = f"Bearer {put(secret)}" if secret else headers["authorization"] and "(other)"
    return kept


def _request_body(asked: _Asked, world: World, put: Put) -> tuple[str, str]:
    """The body, and why it could not be read: of one that is no JSON that is all that an answer depends on."""
    body, fault = asked.incoming.body, asked.incoming.body_fault
    if not body or fault:
        return "", fault
    try:
        parse_json(body, ignore_trailing=not world.strict)
    except ValueError as error:
        return "", str(error)
    text = body.decode("utf-8").lstrip(" \t\r\n")
    _, end = json.JSONDecoder().raw_decode(text)
    return replace_in_json(text[:end], put), ""  # what follows it nobody reads


def _answer_body(asked: _Asked, put: Put, veil: _Veil) -> str | dict[str, str]:
    text = _text(asked.reply.body)
    if not isinstance(text, str):
        return text
    for violation in asked.exchange.raw_violations:
        instead = _without_secrets(violation, put)
        if instead != violation:
            text = text.replace(encode(violation.as_dict()), encode(instead.as_dict()))
    return replace_in_json(text, veil.over_known)


def _without_secrets(violation: Violation, put: Put) -> Violation:
    """A fault as it would be found in the body that has stand-ins; both quote values that are cut short."""
    if _DESCRIBED.fullmatch(str(violation.value)):  # of what holds values, only how many
        return violation
    value = replace_secrets(violation.value, put, is_secret_pointer(violation.pointer))
    then, now = (str(shorten(one)) for one in (violation.value, value))
    return violation if then == now else violation._replace(value=value, message=violation.message.replace(then, now))


def _headers(reply: Reply) -> list[list[str]]:
    kind = [] if reply.content_type is None else [["Content-Type", reply.content_type]]
    return kind + [[name, value] for name, value in reply.headers]


def _text(body: bytes) -> str | dict[str, str]:
    """Bytes as JSON can hold them."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode("ascii")}


def write_private(path: Path, text: str) -> None:
    """A file that holds a state is for its owner alone, whatever was there before. Raises OSError."""
    path.unlink(missing_ok=True)  # nor is a link followed, to where somebody else reads it
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


# --- reading ---------------------------------------------------------------------------------------


def read(path: str | PathLike[str]) -> dict[str, Any]:
    """A bundle from a file. Raises BundleError."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path}: not a whole bundle, or damaged: {error}") from None
    check(document, str(path))
    checked: dict[str, Any] = document
    return checked


def check(document: Any, source: str = "bundle") -> None:
    """Whether this is a bundle that this version plays. Raises BundleError."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise BundleError(f'{source}: /format: must be "{FORMAT}"; is this a bundle?')
    if document.get("version") != VERSION:
        made_by = document.get("made_by", "another version")
        raise BundleError(
            f"{source}: /version: this voipbin-mock {__version__} plays bundles of version {VERSION}, not "
            f"{shorten(document.get('version'))!r} (made by {shorten(made_by)}); play it with the version that made it"
        )
    if not isinstance(document.get("settings"), Mapping):
        raise BundleError(f"{source}: /settings: must be an object")
    if not isinstance(document.get("steps"), list):
        raise BundleError(f"{source}: /steps: must be an array")


# --- playing ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Played:
    """One request of a bundle, asked again."""

    number: int  # of the request, from 1
    line: str  # what was asked
    then: Mapping[str, Any]  # the answer in the bundle
    now: Mapping[str, Any]  # the answer of this run

    @property
    def same(self) -> bool:
        return self.then == self.now

    def differences(self) -> list[str]:
        """What is not as it was, a line each."""
        return [
            f"{name}: was {_shown(self.then.get(name))}, is {_shown(self.now.get(name))}"
            for name in ("status", "headers", "body")
            if self.then.get(name) != self.now.get(name)
        ]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return str(shorten(redact_body(text.encode("utf-8", "replace")).decode("utf-8"), 2000))


def _check_areas(document: Mapping[str, Any], catalog: Catalog, source: str) -> None:
    if not isinstance(document.get("areas", []), list):
        raise BundleError(f"{source}: /areas: must be an array of names")
    there = {area.name for area in catalog.more}
    missing = next((area for area in document.get("areas", ()) if area not in there), None)
    if missing is not None:
        raise BundleError(f"{source}: /areas: made with the area {missing!r}; give the module of it with --area")


def play(document: Mapping[str, Any], catalog: Catalog, source: str = "bundle") -> Iterator[Played]:
    """Ask everything again, on a world of its own. Raises BundleError."""
    check(document, source)
    _check_areas(document, catalog, source)
    given = document["settings"]
    unknown = [name for name in given if name not in _KEPT_SETTINGS]
    if unknown:
        raise BundleError(f"{source}: /settings/{unknown[0]}: not a setting of this version")
    for name in ("error", "ignore"):
        if not isinstance(given.get(name, []), (list, tuple)):
            raise BundleError(f"{source}: /settings/{name}: must be an array")
    lists = {name: tuple(given.get(name, ())) for name in ("error", "ignore")}
    try:
        world = World(catalog, Settings(**{**given, **lists, "seed": "empty"}), hears=False)
    except (TypeError, ValueError) as error:
        raise BundleError(f"{source}: /settings: {error}") from None
    number, known = 0, _Records()
    for position, step in enumerate(document["steps"]):
        pointer = f"{source}: /steps/{position}"
        if not isinstance(step, Mapping) or not ("state" in step or {"at", "request", "answer"} <= step.keys()):
            raise BundleError(f"{pointer}: neither a state nor a request with its answer")
        if "state" in step:
            try:
                world.load(_standing(known.whole(step["state"])))
            except SeedError as error:
                raise BundleError(f"{pointer}: {error}") from None
            except (LookupError, TypeError) as error:
                raise BundleError(f"{pointer}: /state/records: no record {error} came before") from None
            continue
        if not isinstance(step["answer"], Mapping):
            raise BundleError(f"{pointer}/answer: must be an object")
        number += 1
        try:
            incoming = _incoming(step["request"])
            if incoming.path.startswith(CONTROL_PREFIX):
                raise BundleError(
                    f"{pointer}: /request/path: a bundle holds calls of the service, none of {CONTROL_PREFIX}"
                )
            world.clock.move_to(parse_stamp(step["at"]))
        except BundleError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BundleError(f"{pointer}: damaged: {error!r}") from None
        reply, exchange = respond(world, incoming, ControlPolicy(enabled=False))
        answer = {"status": reply.http_code, "headers": _headers(reply), "body": _text(reply.body)}
        yield Played(number, exchange.line() if exchange else incoming.path, step["answer"], answer)


def _standing(state: Any) -> Any:
    """A state whose clock stands still: the steps say what time it is."""
    if isinstance(state, Mapping) and isinstance(state.get("clock"), Mapping):
        return {**state, "clock": {**state["clock"], "frozen": True}}
    return state


def _incoming(request: Mapping[str, Any]) -> Incoming:
    body = request["body"]
    return Incoming(
        method=str(request["method"]),
        path=str(request["path"]),
        query_string=str(request["query"]),
        headers=dict(request["headers"]),
        cookies=dict(request["cookies"]),
        body=body.encode("utf-8") if isinstance(body, str) else base64.b64decode(body["base64"], validate=True),
        body_fault=str(request.get("body_fault", "")),
        address=str(request.get("address", "")),
    )
