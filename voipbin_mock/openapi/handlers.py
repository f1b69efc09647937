"""The mock's description of itself: `/openapi.json`, and the same as a page."""

from __future__ import annotations

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Request
from voipbin_mock.wire.values import Reply, text_reply
from voipbin_mock.world.world import World

_NOTHING_FETCHED = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")


def document(world: World, request: Request) -> Reply:
    """GET /openapi.json: outside the version prefix and without a credential, as the service has it."""
    from voipbin_mock.openapi import document as openapi

    return text_reply(openapi.text_at(request.base, catalog_of(world), world.profile, world.strict))


def page(world: World, request: Request) -> Reply:
    """One page, to read."""
    from voipbin_mock.openapi import page as openapi_page

    body = openapi_page.html(catalog_of(world), world.profile, world.strict).encode("utf-8")
    return Reply(200, body, "text/html; charset=utf-8", [_NOTHING_FETCHED])
