"""The mock's description of itself: `/openapi.json`, and the same as a page."""

from __future__ import annotations

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Request
from voipbin_mock.wire.values import Reply, text_reply
from voipbin_mock.world.world import World


def document(world: World, request: Request) -> Reply:
    """GET /openapi.json: outside the version prefix and without a credential, as the service has it."""
    from voipbin_mock.openapi import document as openapi

    return text_reply(openapi.text_at(request.base, catalog_of(world), world.profile, world.strict))


def page(world: World, request: Request) -> Reply:
    """One page, to read."""
    from voipbin_mock.openapi import page as openapi_page

    origin = f"http://{request.headers.get('host', 'localhost')}"
    text = openapi_page.html(origin, request.base, catalog_of(world), world.profile, world.strict)
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src '{openapi_page.script_hash()}'"
    return Reply(200, text.encode("utf-8"), "text/html; charset=utf-8", [("Content-Security-Policy", policy)])
