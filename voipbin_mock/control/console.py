"""The console: a page for whoever runs the server.

Its files hold no secret; data it asks of the control API.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from voipbin_mock.api.control import count_of
from voipbin_mock.api.operations import Request
from voipbin_mock.edge.envelope import envelope
from voipbin_mock.schema import files
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import Reply, json_reply
from voipbin_mock.world.sessions import Sessions
from voipbin_mock.world.world import World

INDEX = "index.html"
_INSTEAD = "ask for /__mock__/notices now and then."
_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
# Nothing of elsewhere, nothing inline, in nobody's frame; and no text is ever taken for markup.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-cache"),  # kept, but asked for again: another version may answer at this address
)


def page(world: World, request: Request) -> Reply:
    """One of its files; without a name, the page itself. Its links are relative to `/__mock__/console`."""
    if request.path.endswith("/"):
        return Reply(301, b"", None, [("Location", f"{request.base}{request.path.rstrip('/')}")])
    name = "/".join(request.path_ids) or INDEX
    place = files.console().get(name)
    if place is None:
        raise ApiError("RESOURCE_NOT_FOUND", "The console has no such file.")
    body = files.read(place)
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    headers = [*HEADERS, ("ETag", tag)]
    if tag in request.headers.get("if-none-match", ""):
        return Reply(304, b"", None, headers)
    return Reply(200, body, _TYPES[name.rpartition(".")[2]], headers)


def file_below(world: World, request: Request) -> Reply:
    """A file of a folder of its; or a mail as it looks, by its id and a key."""
    if "." in request.path_ids[1]:
        return page(world, request)
    from voipbin_mock.control.threads import mail

    with world.looking():
        return mail(world, request)


def threads(world: World, request: Request) -> Reply:
    """Whom something was written to or by, the newest first; `?kind=` text, mail, line, whatsapp or webchat."""
    from voipbin_mock.control.threads import listed

    return listed(world, request)


def thread(world: World, request: Request) -> Reply:
    """One of them, oldest first; `answer` is the control call by which whoever is there answers."""
    from voipbin_mock.control.threads import one

    return one(world, request)


def notices(world: World, request: Request) -> Reply:
    """What has changed since a notice, `?after=` its number; without one, the number to go on from.

    If what came since is not known any more, the one notice is `gone`: whoever asks has to load all again.
    """
    from voipbin_mock.control.notices import Notices

    noted, after = world.part(Notices), count_of(request, "after")
    noted.look()
    found = [] if after is None else noted.since(after)
    if found is None:
        found = [{"kind": "gone", "after": noted.newest, "oldest": noted.oldest}]
    return json_reply({"notices": found, "after": noted.newest, "oldest": noted.oldest})


def stream(world: World, request: Request) -> Reply:
    """The same as they come, for as long as the connection lasts; `?after=` or Last-Event-ID: where to go on."""
    from voipbin_mock.control import streams
    from voipbin_mock.control.notices import Notices

    after = count_of(request, "after")
    last = request.headers.get("last-event-id", "")
    if last.isascii() and last.isdigit() and len(last) < 16:  # of a client that comes back by itself
        after = int(last)
    if request.method == "HEAD":
        return Reply(200, b"", streams.MEDIA)
    if not request.upgradable:
        raise ApiError("SERVICE_UNAVAILABLE", f"Only voipbin-mock's own server has streams; {_INSTEAD}")
    # Only a browser says how it fetches.
    agent = request.headers.get("user-agent", "") if "sec-fetch-mode" in request.headers else ""
    browser = f"{request.address} {agent}" if agent else ""
    noted, all_streams = world.part(Notices), world.part(Sessions).owner.part(streams.Streams)

    def take(take_socket: Callable[[], Any], version: str) -> Reply:
        if all_streams.take_over(noted, after, take_socket, version, browser):
            return Reply(200, b"", streams.MEDIA)  # which nobody reads
        many = f"{streams.MOST} streams are open already, or {streams.MOST_OF_A_BROWSER} of this browser"
        return envelope(ApiError("SERVICE_UNAVAILABLE", f"{many}; {_INSTEAD}"), "", world)

    return Reply(200, b"", streams.MEDIA, takes=take)
