"""Files over the API: for admins at /storage_files, and for agents at their desks."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from voipbin_mock.api import crud
from voipbin_mock.api.access import find, permit
from voipbin_mock.api.operations import Request
from voipbin_mock.areas.storage import accounts, shelf, uploads
from voipbin_mock.areas.storage.differences import DELETED_FILE, READS_OWN
from voipbin_mock.areas.storage.resources import FILES
from voipbin_mock.wire.errors import ApiError, Reason
from voipbin_mock.wire.values import NIL_UUID, Reply, parse_uuid
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.store import Row, in_group
from voipbin_mock.world.world import World

INVALID_TYPE = Reason("INVALID_FILE_TYPE", "INVALID_ARGUMENT", "A file of this type is not uploaded here.")
NOT_SIGNED = Reason("SIGNING_NOT_CONFIGURED", "UNAVAILABLE", "There is no credential to sign links with.")
REASONS = (uploads.INVALID_UPLOAD, INVALID_TYPE, NOT_SIGNED)
UPLOADS = (uploads.INVALID_UPLOAD.name, INVALID_TYPE.name, "INTERNAL")


def links(profile: Profile) -> tuple[str, ...]:
    """What asking for a link may be refused with."""
    return (NOT_SIGNED.name, DELETED_FILE.by(profile))


def at_desk(profile: Profile) -> tuple[str, ...]:
    """What looking at a file may be refused with at the desk."""
    return (DELETED_FILE.by(profile), *_of_others(profile))


def links_at_desk(profile: Profile) -> tuple[str, ...]:
    return (*links(profile), *_of_others(profile))


def _of_others(profile: Profile) -> tuple[str, ...]:
    return ("PERMISSION_DENIED",) if READS_OWN.by(profile) else ()


def upload(world: World, request: Request) -> Reply:
    """POST /storage_files."""
    return _upload(world, request, "rag", lambda filename: ("", ""))


def upload_at_desk(world: World, request: Request) -> Reply:
    """POST /service_agents/files."""
    return _upload(world, request, "talk", lambda filename: (filename, "Uploaded by agent"))


def _upload(world: World, request: Request, kind: str, named: Callable[[str], tuple[str, str]]) -> Reply:
    came = uploads.read(request)
    if came.type != kind:
        raise ApiError(INVALID_TYPE, f"The type of a file that is uploaded here is {kind}.")
    caller = permit(request)
    held = shelf.shelf(world)
    storage = accounts.needed(world, caller.account, caller.customer_id)
    if storage.data["total_file_size"] + len(came.data) > held.quota:
        raise ApiError("INTERNAL", hint=f"all files of the customer together have {held.quota} bytes at most")
    file_id = world.ids.uuid()
    url, expires = shelf.link(world, request.origin, file_id) if held.signs else ("", None)
    name, detail = named(came.filename)
    values = {
        "id": file_id,
        "owner_type": "agent",
        "owner_id": caller.agent_id or caller.accesskey_id or NIL_UUID,
        "type": kind,
        "name": name,
        "detail": detail,
        "filename": came.filename,
        "filesize": len(came.data),
        "uri_download": url,
        "tm_download_expire": expires,
    }
    row = crud.insert(world, request, caller, values)
    held.put(row.id, came.data)
    accounts.count(world, caller.account, 1, len(came.data))
    return crud.shown(world, FILES, row)


def _file(world: World, request: Request) -> Row:
    """The file that a path names. Raises ApiError."""
    row = world.table(FILES).get(request.id)
    permitted = find(world, request) if row is None or not row.deleted else None
    if permitted is None:
        permit(request)
        raise ApiError(DELETED_FILE.of(world), hint="this file was deleted")
    return permitted


def _readable(world: World, request: Request) -> Row:
    """The same for an agent at its desk. Raises ApiError."""
    row, agent_id = _file(world, request), permit(request).agent_id or ""
    if READS_OWN.of(world) and row.data["owner_id"] != agent_id and not _is_shown_to(world, row, agent_id):
        raise ApiError("PERMISSION_DENIED", hint="it is another agent's file, and in no chat that the caller is in")
    return row


def _is_shown_to(world: World, file: Row, agent_id: str) -> bool:
    """Whether it came with a message of a chat that the agent is in."""
    for place in world.store["talk_participants"].find("owner_id", agent_id):
        for message in world.store["talk_messages"].listed(in_group("chat_id", place.data["chat_id"])):
            if not message.deleted and any(media.get("file_id") == file.id for media in message.data["medias"]):
                return True
    return False


def get(world: World, request: Request) -> Reply:
    return crud.shown(world, FILES, _file(world, request))


def get_at_desk(world: World, request: Request) -> Reply:
    return crud.shown(world, FILES, _readable(world, request))


def delete(world: World, request: Request) -> Reply:
    """DELETE: what it holds is gone."""
    return crud.delete_row(world, request, leaving(world, _file(world, request)))


def leaving(world: World, row: Row) -> Row:
    """A file is about to be deleted: what it holds is gone, and counts no more."""
    if not row.deleted:
        shelf.shelf(world).drop(row.id)
        accounts.count(world, row.account, -1, -row.data["filesize"])
    return row


def redirect(world: World, request: Request) -> Reply:
    """GET /storage_files/{id}/file: where the bytes are; the link is made anew once it is good no more."""
    return _led(world, request, _file(world, request))


def redirect_at_desk(world: World, request: Request) -> Reply:
    return _led(world, request, _readable(world, request))


def _led(world: World, request: Request, row: Row) -> Reply:
    url, expires = row.data["uri_download"], row.data["tm_download_expire"]
    if not url or expires is None or expires <= world.clock.microseconds():
        if not shelf.shelf(world).signs:
            raise ApiError(NOT_SIGNED)
        url, expires = shelf.link(world, request.origin, row.id)
        crud.change(world, FILES, row, {"uri_download": url, "tm_download_expire": expires}, "")
    body = f'<a href="{escape(url)}">Temporary Redirect</a>.\n\n'.encode()
    return Reply(307, body, "text/html; charset=utf-8", [("Location", url)])


def download(world: World, request: Request) -> Reply:
    """The bytes of a file, to whoever has a link that is good still."""
    file_id = parse_uuid(request.id) or ""
    row, expires = world.table(FILES).get(file_id), request.parameter("expires") or ""
    seconds = int(expires) if expires.isdecimal() and len(expires) < 16 else 0
    if not hmac.compare_digest(
        shelf.signature(world, file_id, seconds).encode(), (request.parameter("signature") or "").encode()
    ):
        raise ApiError("PERMISSION_DENIED", "This is no link of the service.")
    if seconds * shelf.SECOND <= world.clock.microseconds():
        raise ApiError("PERMISSION_DENIED", "This link has expired; ask for /file again.")
    data = shelf.shelf(world).held.get(file_id)
    if row is None or data is None:
        raise ApiError(FILES.missing)
    plain = "".join(c for c in row.data["filename"] if c >= " " and c != "\x7f")
    quoted = plain.encode("ascii", "replace").decode().replace("\\", "\\\\").replace('"', '\\"')
    told = f'attachment; filename="{quoted}"'
    if not plain.isascii():  # as browsers and clients read the rest (RFC 6266)
        told += f"; filename*=UTF-8''{quote(plain, safe='')}"
    header = ("Content-Disposition", told)
    return Reply(200, data, "application/octet-stream", [header])
