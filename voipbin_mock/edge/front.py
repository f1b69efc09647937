"""What a running mock answers at `/`, where the service has nothing: where everything is, for browsers and scripts.

And what tools that wait for a server may ask by HEAD, which the service routes nowhere.
"""

from __future__ import annotations

from html import escape

from voipbin_mock._version import __version__
from voipbin_mock.edge.incoming import Incoming
from voipbin_mock.wire.values import CONSOLE, CONTROL_PREFIX, Reply, json_reply
from voipbin_mock.world.world import World

_SERVICE = ".voipbin.net"
_WAITED_FOR = "/openapi.json"
_LINKS = {
    CONSOLE: "the console: what was asked and why it was refused, records, time, calls; live, and to drive by hand",
    f"{CONTROL_PREFIX}/docs": "every operation that is mocked: who may ask it, a curl line, a sample",
    "/openapi.json": "the same for machines: OpenAPI 3.1",
    CONTROL_PREFIX: "the control API: time, state, faults, what was asked",
    f"{CONTROL_PREFIX}/requests": "the requests seen, and what was wrong with them",
    f"{CONTROL_PREFIX}/health": "whether it answers, and its settings",
}
_POLICY = (
    "Content-Security-Policy",
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
)


def is_front(incoming: Incoming) -> bool:
    """Whether a request to a server is for the mock's own front page: at the mock's own address, not the service's."""
    return incoming.path == "/" and incoming.method in ("GET", "HEAD") and not _is_service(incoming)


def routed_method(incoming: Incoming) -> str:
    """The method by which a request finds its operation."""
    if incoming.method == "HEAD" and incoming.path == _WAITED_FOR and not _is_service(incoming):
        return "GET"
    return incoming.method


def _is_service(incoming: Incoming) -> bool:
    host = incoming.headers.get("host", "").lower().partition(":")[0]
    return f".{host}".endswith(_SERVICE)


def front_page(world: World, incoming: Incoming, has_console: bool) -> Reply:
    """Links for a browser; the same as JSON for everybody else."""
    links = {path: text for path, text in _LINKS.items() if has_console or path != CONSOLE}
    if "text/html" not in incoming.headers.get("accept", ""):
        return json_reply({"voipbin-mock": __version__, "profile": world.profile.name, "links": links})
    base = escape(incoming.base)
    items = "".join(f'<li><a href="{base}{path}">{path}</a>: {escape(text)}' for path, text in links.items())
    page = _PAGE.format(version=escape(__version__), profile=escape(world.profile.name), items=items)
    return Reply(200, page.encode("utf-8"), "text/html; charset=utf-8", [_POLICY])


_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>voipbin-mock</title>
<style>
:root {{ color-scheme: light dark; color: light-dark(#1b1d23, #e5e6ea); background: light-dark(#fff, #16171b) }}
body {{ font: 16px/1.6 system-ui, sans-serif; margin: 2rem; overflow-wrap: anywhere }}
ul {{ padding-left: 1.25rem }}
a {{ color: light-dark(#3a53c5, #a3b4ff) }}
</style>
<main>
<h1>voipbin-mock {version}</h1>
<p>A mock of the VoIPBIN API, in the profile <code>{profile}</code>.</p>
<ul>{items}</ul>
</main>
"""
