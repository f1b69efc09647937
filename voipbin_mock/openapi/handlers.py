"""The mock's description of itself: `/openapi.json`, the same as a page, and what there is to know of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.control import flag_of
from voipbin_mock.api.operations import Request
from voipbin_mock.wire.values import CONSOLE, Reply, json_reply, text_reply
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from voipbin_mock.openapi.shell import Here

_LOOKED_AT = 20  # of the newest records of a resource, for one that is not deleted


def document(world: World, request: Request) -> Reply:
    """GET /openapi.json: outside the version prefix and without a credential, as the service has it."""
    from voipbin_mock.openapi import document as openapi

    return text_reply(openapi.text_at(request.base, catalog_of(world), world.profile, world.strict))


def page(world: World, request: Request) -> Reply:
    """One page, to read."""
    from voipbin_mock.openapi import page as openapi_page

    here = _here(world, request)
    console = request.base + CONSOLE if request.has_console else ""
    where = openapi_page.Where(here.url, request.base, here.credential, here.guarded, console)
    text = openapi_page.html(where, catalog_of(world), world.profile, world.strict)
    return Reply(200, text.encode("utf-8"), "text/html; charset=utf-8", list(openapi_page.headers()))


def operations(world: World, request: Request) -> Reply:
    """What is mocked, and what is not yet; with `?summaries=yes`, a few words of each; `?area=`: those of one area."""
    from voipbin_mock.openapi import told

    catalog, area = catalog_of(world), request.parameter("area") or ""
    counted = told.counted(catalog, area)
    if not flag_of(request, "summaries"):
        return json_reply(counted)
    short = told.in_short(catalog, world.profile, world.strict, area)
    return json_reply({"api": counted["api"], "areas": counted["areas"], "operations": short})


def operation(world: World, request: Request) -> Reply:
    """All of one, by its name: what it takes, an example, lines for a shell, what it answers."""
    from voipbin_mock.openapi import told

    catalog = catalog_of(world)
    found = told.found(catalog, world.profile, request.id)
    here = _here(world, request)._replace(newest=lambda resource: _newest(world, resource))
    return json_reply(told.in_detail(catalog, world.profile, world.strict, found, here))


def _here(world: World, request: Request) -> Here:
    """Where it is asked. Only what stands in the mock's own seeds is told: other keys are secrets."""
    from voipbin_mock.areas.accounts.keys import credentials_of
    from voipbin_mock.openapi.shell import TOKEN_HEADER, Credential, Here
    from voipbin_mock.world.seed_files import is_ours

    url = f"http://{request.headers.get('host', 'localhost')}{request.base}"
    credential = Credential()
    if not request.stranger and is_ours(world.seed, world.settings.fixtures):
        known = credentials_of(world)
        credential = Credential(known.accesskey, known.username, known.password)
    return Here(url, credential, guarded=TOKEN_HEADER.lower() in request.headers)


def _newest(world: World, resource: str) -> Mapping[str, Any] | None:
    rows = world.store[resource].page(world.owner, None, _LOOKED_AT)
    return next((row.data for row in rows if not row.deleted), None)
