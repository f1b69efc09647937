"""What was written to and by everybody on the other side, in threads: texts, mails, chats; and how they answer."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote

from voipbin_mock.api.control import count_of
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.conversations.resources import BY_DIALOG
from voipbin_mock.areas.messages.outbox import KINDS, LINE, MAIL, TEXT, WEBCHAT
from voipbin_mock.wire.errors import ApiError, shorten
from voipbin_mock.wire.stamps import rfc3339_stamp_full
from voipbin_mock.wire.values import CONSOLE, NIL_UUID, Reply, json_reply, parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

USUAL, MOST = 100, 1000  # threads that are told of at once
MOST_LINES = 500  # of one, the newest
IN, OUT = "in", "out"  # as the account sees it
# A mail as it looks: it may have a style of its own and pictures in itself; nothing runs, and nothing is fetched.
MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


class _Thread:
    """All that went to and fro between somebody and one of the account's own ends."""

    def __init__(self, kind: str, other: str, own: str) -> None:
        self.kind, self.other, self.own = kind, other, own
        self.name = ""
        self.over = False
        self.began = 0
        self.lines: list[_Line] = []

    @property
    def id(self) -> str:
        return sha256("\n".join((self.kind, self.other, self.own)).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def newest(self) -> int:
        return self.lines[-1].row.created if self.lines else self.began


class _Line(NamedTuple):
    row: Row
    resource: str
    way: str
    status: str
    text: str


def listed(world: World, request: Request) -> Reply:
    """Whom something was written to or by, the newest first; `?kind=`, `?limit=`."""
    kind, limit = request.parameter("kind"), count_of(request, "limit")
    if kind is not None and kind not in KINDS:
        raise ApiError("INVALID_REQUEST_PARAMETER", f"kind: {shorten(kind)!r}; expected one of {', '.join(KINDS)}.")
    found = [each for each in _threads(world) if kind in (None, each.kind)]
    shown = found[: USUAL if limit is None else min(limit, MOST)]
    return json_reply({"threads": [_head(each) for each in shown], "total": len(found)})


def one(world: World, request: Request) -> Reply:
    """One of them: what was written, oldest first, and under `answer` the control call by which they answer."""
    found = next((each for each in _threads(world) if each.id == request.id), None)
    if found is None:
        raise ApiError("RESOURCE_NOT_FOUND", f"There is no thread {shorten(request.id)!r}.")
    lines = [_told(line, request) for line in found.lines[-MOST_LINES:]]
    return json_reply({**_head(found), "lines": lines, "answer": _answer(found)})


def mail(world: World, request: Request) -> Reply:
    """A mail's HTML as it looks, for a frame: with a key, since a frame sends no control token."""
    mail_id, key = parse_uuid(request.path_ids[0]) or "", request.path_ids[1]
    row = world.store["emails"].get(mail_id)
    if request.stranger and not hmac.compare_digest(key.encode(), _key(request, mail_id).encode()):
        raise ApiError("PERMISSION_DENIED", "The key of this address is none of this server's.")
    if row is None:
        raise ApiError("RESOURCE_NOT_FOUND", "There is no such mail.")
    headers = [
        ("Content-Security-Policy", MAIL_POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]
    body: str = row.data["content"]
    return Reply(200, body.encode("utf-8", "replace"), "text/html; charset=utf-8", headers)


def _key(request: Request, mail_id: str) -> str:
    secret = request.secret.encode("utf-8", "surrogatepass")
    return hmac.new(secret, f"mail {mail_id}".encode(), sha256).hexdigest()[:32]


# --- what there is -------------------------------------------------------------------------------------


def _threads(world: World) -> list[_Thread]:
    found: dict[tuple[str, str, str], _Thread] = {}

    def of(kind: str, other: str, own: str) -> _Thread:
        key = (kind, other, own)
        return found.get(key) or found.setdefault(key, _Thread(*key))

    for gather in (_texts, _mails, _chats, _visits):
        for (kind, other, own), line in gather(world, of):
            of(kind, other, own).lines.append(line)
    names = _contacts(world)
    for each in found.values():
        each.lines.sort(key=lambda line: line.row.created)
        if names and each.lines and not each.name:
            each.name = names.get((each.lines[0].row.account, each.other), "")
    return sorted(found.values(), key=lambda each: each.newest, reverse=True)


def _contacts(world: World) -> dict[tuple[str, str], str]:
    """Who is found by an address, of each account."""
    return {
        (row.account, address["target"]): _name(row.data)
        for row in _there(world, "contacts")
        for address in row.data["addresses"] or ()
    }


def _name(contact: Mapping[str, Any]) -> str:
    whole = f"{contact['first_name']} {contact['last_name']}".strip()
    return str(contact["display_name"] or whole or contact["company"])


Gathered = Iterator[tuple[tuple[str, str, str], _Line]]


def _there(world: World, resource: str) -> Iterator[Row]:
    return (row for row in world.store[resource] if not row.deleted)


def _texts(world: World, of: Any) -> Gathered:
    for row in _there(world, "messages"):
        source = row.data["source"].get("target", "")
        for each in row.data["targets"] or ():
            target = each["destination"].get("target", "")
            inbound = row.data["direction"] == "inbound"
            other, own = (source, target) if inbound else (target, source)
            status = "" if inbound else each["status"]
            yield (TEXT, other, own), _Line(row, "messages", IN if inbound else OUT, status, row.data["text"])


def _mails(world: World, of: Any) -> Gathered:
    for row in _there(world, "emails"):
        for each in row.data["destinations"] or ():
            ends = (MAIL, each.get("target", ""), (row.data["source"] or {}).get("target", ""))
            yield ends, _Line(row, "emails", OUT, row.data["status"], row.data["content"])


def _chats(world: World, of: Any) -> Gathered:
    """Of LINE and WhatsApp; what else is in conversations has threads by what it is."""
    conversations, accounts = world.store["conversations"], list(_there(world, "conversation_accounts"))

    def account_of(conversation: Row) -> str:
        """The server tells none, so it is the newest by which it may have come."""
        told: str = conversation.data["account_id"]
        if told != NIL_UUID:
            return told
        kind = (conversation.account, conversation.data["type"])
        return next((one.id for one in accounts[::-1] if (one.account, one.data["type"]) == kind), NIL_UUID)

    for row in _there(world, "conversation_messages"):
        conversation = conversations.get(row.data["conversation_id"])
        if conversation is None or conversation.data["type"] not in BY_DIALOG:
            continue
        ends = (conversation.data["type"], conversation.data["peer"].get("target", ""), account_of(conversation))
        of(*ends).name = conversation.data["name"]
        way = IN if row.data["direction"] == "incoming" else OUT
        yield ends, _Line(row, "conversation_messages", way, row.data["status"], row.data["text"])


def _visits(world: World, of: Any) -> Gathered:
    widgets = world.store["webchat_widgets"]
    for session in _there(world, "webchat_sessions"):
        visit, widget = of(WEBCHAT, session.id, session.data["widget_id"]), widgets.get(session.data["widget_id"])
        visit.name = "" if widget is None else widget.data["name"]
        visit.over, visit.began = session.data["status"] == "ended", session.created
    for row in _there(world, "webchat_messages"):
        way = IN if row.data["direction"] == "inbound" else OUT
        ends = (WEBCHAT, row.data["session_id"], row.data["widget_id"])
        yield ends, _Line(row, "webchat_messages", way, row.data["status"], row.data["text"])


# --- as data -------------------------------------------------------------------------------------------


def _head(thread: _Thread) -> dict[str, Any]:
    newest = thread.lines[-1] if thread.lines else None
    return {
        "id": thread.id,
        "kind": thread.kind,
        "other": thread.other,
        "own": thread.own,
        "name": thread.name,
        "over": thread.over,
        "lines": len(thread.lines),
        "at": rfc3339_stamp_full(thread.newest),
        "way": "" if newest is None else newest.way,
        "text": "" if newest is None else (newest.row.data.get("subject") or newest.text)[:200],
        "status": "" if newest is None else newest.status,
    }


def _told(line: _Line, request: Request) -> dict[str, Any]:
    told: dict[str, Any] = {
        "at": rfc3339_stamp_full(line.row.created),
        "way": line.way,
        "text": line.text,
        "status": line.status,
        "resource": line.resource,
        "id": line.row.id,
    }
    if line.resource == "emails":
        told["subject"] = line.row.data["subject"]
        told["attachments"] = len(line.row.data["attachments"] or ())
        told["html"] = f"{request.base}{CONSOLE}/{line.row.id}/{_key(request, line.row.id)}"
    return told


def _answer(thread: _Thread) -> Mapping[str, Any] | None:
    """How whoever is there answers now, a text in its place; None if they cannot any more."""
    if thread.kind == TEXT:
        return _post("/inbound/sms", {"from": thread.other, "to": thread.own, "text": ""})
    if thread.kind == MAIL:
        return _post("/inbound/mail", {"email": thread.lines[-1].row.id, "event": "open"})
    if thread.kind == WEBCHAT:
        return None if thread.over else _post(f"/visits/{quote(thread.other, safe='')}", {"say": ""})
    way = "line" if thread.kind == LINE else "whatsapp"
    return _post(f"/inbound/{way}", {"account": thread.own, "user": thread.other, "text": ""})


def _post(path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"method": "POST", "path": path, "body": body}
