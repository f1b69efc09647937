"""Whether a run of other tests saw anything that the OpenAPI document does not describe.

`pytest -p tests.support.described` holds every answer in process, of every mock, against `Mock.openapi()` and fails the
test whose mock gave an answer off its document. Tests that plant defects in a mock fail then, as they should.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.modes import Modes
from voipbin_mock.edge import door
from voipbin_mock.openapi import document as openapi
from voipbin_mock.trouble.faults import PlannedFaults
from voipbin_mock.trouble.limits import Limits
from voipbin_mock.wire.values import Reply

BASE = "urn:openapi"


@cache
def described(catalog: Any, profile: Any, strict: bool) -> tuple[dict[str, Any], Any]:
    document = openapi.document(catalog, profile, strict)
    return document, Registry().with_resource(BASE, Resource(document, DRAFT202012))


@cache
def validator(catalog: Any, profile: Any, strict: bool, pointer: str) -> Any:
    registry = described(catalog, profile, strict)[1]
    return Draft202012Validator({"$ref": f"{BASE}#{pointer}"}, registry=registry)


def escaped(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")


def strays(world: Any, method: str, path: str, reply: Reply) -> Iterator[str]:
    """What of an answer is not as the document says."""
    catalog = catalog_of(world)
    key = (catalog, world.profile, world.strict)
    routed = catalog.route(method, path)
    if routed is None or routed[0].control or routed[0].dead or not routed[0].served_by(world.profile):
        return
    template, code = routed[0].template, str(reply.http_code)
    place = f"/paths/{escaped(template)}/{method.lower()}"
    responses = described(*key)[0]["paths"][template][method.lower()]["responses"]
    if code not in responses:
        yield f"{method} {template}: {code} is not described: {reply.body[:300]!r}"
        return
    content = responses[code].get("content", {})
    kind = (reply.content_type or "").partition(";")[0]
    if kind not in content:
        if reply.body or content:
            yield f"{method} {template}: {code} of type {kind!r} is not described"
        return
    body = json.loads(reply.body) if kind == "application/json" else reply.body.decode()
    pointer = f"{place}/responses/{code}/content/{escaped(kind)}/schema"
    for error in validator(*key, pointer).iter_errors(body):
        yield f"{method} {template}: {code} at {error.json_path}: {error.message[:400]}"


class Watch:
    def __init__(self) -> None:
        self.found: list[str] = []
        self.seen = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        self.found.clear()
        result = yield
        if self.found:
            pytest.fail("\n".join(dict.fromkeys(self.found)), pytrace=False)
        return result

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.write_line(f"answers held against the OpenAPI document: {self.seen}")


def pytest_configure(config: pytest.Config) -> None:
    watch, respond = Watch(), door.respond

    def watched(world: Any, incoming: Any, control: Any) -> Any:
        # What somebody planned, the document knows nothing of.
        modes, plans, limits = world.has(Modes), world.has(PlannedFaults), world.has(Limits)
        planned = (modes and modes.forward) or (plans and plans.active) or (limits and limits.tiers)
        reply, exchange = respond(world, incoming, control)
        if exchange is not None and not planned and reply.disruption is None:
            watch.seen += 1
            watch.found += strays(world, incoming.method, incoming.path, reply)
        return reply, exchange

    door.respond = watched
    config.pluginmanager.register(watch)
