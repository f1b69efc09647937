"""The catalogue: every resource and operation of the mock, declared.

A plain resource is one line here and one document in `schemas/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from voipbin_mock.api import crud, lint
from voipbin_mock.api.catalog import (
    ADMIN,
    CONFLICT,
    GONE,
    PREFIX,
    Action,
    Catalog,
    Handler,
    Operation,
    Resource,
    TimerHandler,
    operations_of,
)
from voipbin_mock.areas.accounts import accesskeys, agents, auth, customers
from voipbin_mock.areas.calls import calls
from voipbin_mock.areas.campaigns import campaigns, dialer, outdials
from voipbin_mock.areas.campaigns import control as runs
from voipbin_mock.areas.flows import flows
from voipbin_mock.areas.routing import numbers
from voipbin_mock.control import handlers as control
from voipbin_mock.control import trouble, webhooks
from voipbin_mock.delivery import handlers as ws
from voipbin_mock.openapi import handlers as openapi

RESOURCES: tuple[Resource, ...] = (
    Resource(
        "accesskeys",
        handlers={
            "create": accesskeys.create,
            "get": accesskeys.get,
            "update": accesskeys.update,
            "delete": accesskeys.delete,
        },
        permission=ADMIN,
        deleted=CONFLICT,
        lookups=("token_hash", "token_prefix"),
        confidential=("create",),
    ),
    Resource(
        "agents",
        facets=("addresses", "tag_ids", "status", "permission", "password"),
        handlers={
            "list": agents.list_,
            "create": agents.create,
            "get": agents.get,
            "update": agents.update,
            "status": agents.status,
            "permission": agents.permission,
            "password": agents.password,
        },
        actions={
            "GET /me": Action("me", agents.me),
            "POST /agents/{id}/direct-hash-regenerate": Action("direct_hash", crud.direct_hash),
        },
        lookups=("username",),
        events=True,
        confidential=("create", "password"),
        lints={"create": (agents.same_username,)},
    ),
    Resource("available_numbers", plain=("list",), handlers={"list": numbers.available}),
    Resource(
        "calls",
        plain=("list", "create", "get", "delete"),
        handlers={"create": calls.create, "delete": calls.delete},
        actions={"POST /calls/{id}/hangup": Action("hangup", calls.hang_up)},
        events=True,
    ),
    Resource(
        "campaigncalls",
        plain=("list", "get", "delete"),
        parent="campaigns",
        standalone=True,
        handlers={"delete": campaigns.delete_call},
        server_lists_deleted=True,
        lookups=(("campaign_id", "status"),),
        events=True,
    ),
    Resource(
        "campaigns",
        facets=("status", "service_level", "actions", "resource_info", "next_campaign_id"),
        handlers={
            "create": campaigns.create,
            "delete": campaigns.delete,
            "status": campaigns.status,
            "actions": campaigns.actions,
            "resource_info": campaigns.resource_info,
            "next_campaign_id": campaigns.next_campaign_id,
        },
        lints={"status": (campaigns.run_lints,)},
        placed=dialer.take_up,
        server_lists_deleted=True,
        events=True,
    ),
    Resource(
        "customers",
        plain=(),
        confidential=("get",),
        actions={
            "GET /customer": Action("get", customers.get),
            "PUT /customer": Action("update", customers.update, "update"),
            "PUT /customer/metadata": Action("metadata", customers.metadata, "metadata"),
            "PUT /customer/billing_account_id": Action(
                "billing_account_id", customers.billing_account_id, "billing_account_id"
            ),
        },
    ),
    Resource(
        "flows",
        handlers={"create": flows.create, "update": flows.update},
        actions={"POST /flows/{id}/direct-hash-regenerate": Action("direct_hash", crud.direct_hash)},
    ),
    Resource(
        "numbers",
        facets=("flow_ids", "metadata"),
        handlers={"create": numbers.create, "update": numbers.update},
        actions={"POST /numbers/renew": Action("renew", numbers.renew, "renew")},
        deleted=GONE,
        lookups=("number",),
        on_delete={"status": "deleted"},
        events=True,
    ),
    Resource(
        "outdials",
        facets=("campaign_id", "data"),
        handlers={"create": outdials.create},
        server_lists_deleted=True,
        events=True,
    ),
    Resource(
        "outplans",
        facets=("dial_info",),
        server_lists_deleted=True,
        lints={
            "create": (lint.outplan_times, lint.outplan_source, lint.outplan_tries),
            "dial_info": (lint.outplan_times, lint.outplan_source, lint.outplan_tries),
        },
    ),
    Resource(
        "queues",
        facets=("routing_method", "tag_ids"),
        actions={"POST /queues/{id}/direct-hash-regenerate": Action("direct_hash", crud.direct_hash)},
    ),
    Resource("tags"),
    Resource(
        "targets",
        singular="outdial_target",
        plain=("list", "create", "get", "delete"),
        parent="outdials",
        handlers={"create": outdials.create_target},
    ),
)

_AUTH = Resource("auth", plain=(), confidential=("login", "login_v1"))
# Registered by the service under the version prefix too, where they always answer 404.
_UNROUTED_AUTH = (
    "POST /auth/boot",
    "POST /auth/email-verify",
    "POST /auth/password-forgot",
    "GET /auth/password-reset",
    "POST /auth/password-reset",
    "POST /auth/signup",
    "POST /auth/unregister",
    "DELETE /auth/unregister",
)
_CONTROL: dict[str, Handler] = {
    "GET /__mock__": control.index,
    "GET /__mock__/health": control.health,
    "POST /__mock__/reset": control.reset,
    "POST /__mock__/seed": control.seed,
    "GET /__mock__/clock": control.clock,
    "POST /__mock__/clock": control.set_clock,
    "GET /__mock__/state": control.dump,
    "PUT /__mock__/state": control.load,
    "GET /__mock__/modes": control.modes,
    "PUT /__mock__/modes": control.set_modes,
    "GET /__mock__/campaigns/{id}/plan": runs.show_plan,
    "GET /__mock__/campaigns/{id}/timeline": runs.show_timeline,
    "GET /__mock__/phones": control.phones,
    "PUT /__mock__/phones": control.script_phones,
    "DELETE /__mock__/phones": control.forget_phones,
    "GET /__mock__/requests": control.journal,
    "DELETE /__mock__/requests": control.clear_journal,
    "GET /__mock__/warnings": control.warnings,
    "GET /__mock__/events": webhooks.events,
    "GET /__mock__/websockets": ws.connections,
    "GET /__mock__/webhooks": webhooks.log,
    "DELETE /__mock__/webhooks": webhooks.clear,
    "POST /__mock__/webhooks/flush": webhooks.flush,
    "POST /__mock__/webhooks/tricks": webhooks.play,
    "GET /__mock__/operations": control.operations,
    "GET /__mock__/docs": openapi.page,
    "GET /__mock__/coverage": control.coverage,
    "DELETE /__mock__/coverage": control.clear_coverage,
    "GET /__mock__/faults": trouble.faults,
    "POST /__mock__/faults": trouble.add_fault,
    "DELETE /__mock__/faults": trouble.clear_faults,
    "DELETE /__mock__/faults/{number}": trouble.cancel_fault,
    "GET /__mock__/stubs": trouble.stubs,
    "POST /__mock__/stubs": trouble.add_stub,
    "DELETE /__mock__/stubs": trouble.clear_stubs,
    "DELETE /__mock__/stubs/{number}": trouble.cancel_stub,
    "GET /__mock__/limits": trouble.limits,
    "PUT /__mock__/limits": trouble.set_limits,
    "DELETE /__mock__/limits": trouble.clear_limits,
    "GET /__mock__/sessions": trouble.sessions,
    "DELETE /__mock__/sessions": trouble.clear_sessions,
    "DELETE /__mock__/sessions/{key}": trouble.delete_session,
}


_UNLOCKED = frozenset({control.set_clock})


# Kind of timer -> what it does.
TIMERS: dict[str, TimerHandler] = {**dialer.TIMERS, "webhook": webhooks.attempt}


def _fixed() -> Iterator[Operation]:
    """Operations that belong to no resource."""
    yield Operation("ping", "GET", "/ping", auth.ping, public=True)
    yield Operation("openapi", "GET", "/openapi.json", openapi.document, public=True)
    yield Operation("ws", "GET", PREFIX + "/ws", ws.connect)
    yield Operation("auth.login", "POST", "/auth/login", auth.login, _AUTH, "login", public=True)
    # Some published pages log in under the prefix; the server has no such route.
    yield Operation(
        "auth.login_v1",
        "POST",
        PREFIX + "/auth/login",
        auth.login,
        _AUTH,
        "login",
        public=True,
        profile_field="login_under_prefix",
    )
    for label in _UNROUTED_AUTH:
        method, _, path = label.partition(" ")
        yield Operation(f"auth.unrouted:{label}", method, PREFIX + path, auth.unrouted, dead=True)
    for label, handler in _CONTROL.items():
        method, _, path = label.partition(" ")
        unlocked = handler in _UNLOCKED
        yield Operation(f"control.{label}", method, path, handler, control=True, unlocked=unlocked)


def build(resources: Iterable[Resource]) -> Catalog:
    """A catalogue of these resources, beside what every mock has."""
    declared = tuple(resources)
    operations = [operation for r in declared for operation in operations_of(r, crud.PLAIN, crud.facet)]
    return Catalog((*declared, _AUTH), (*operations, *_fixed()), TIMERS)


@lru_cache(maxsize=1)
def default() -> Catalog:
    """The catalogue of everything that is mocked; built once, never changed."""
    return build(RESOURCES)
