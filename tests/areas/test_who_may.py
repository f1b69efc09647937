"""Which caller may ask which operation: every one of them, with a record that there is and a body that is right.

Each refusal is asked for by those that just fall short of it. What they may is shown where the operations are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.desk import asked_at_desk, seat
from tests.support.examples import example_body, path_ids
from voipbin_mock import Mock, catalog
from voipbin_mock.api.operations import PREFIX, Operation

SUPER, AGENT, ADMIN, MANAGER = 0x01, 0x10, 0x20, 0x40
ANY_AGENT = 0xF0
EVERYBODY = 0xFFFF
# By the longest beginning of the path below /v1.0; a method before it is more. The rest is for admins and managers.
MASKS: dict[str, int] = {
    "/accesskeys": ADMIN,
    "PUT /customer": ADMIN,
    "/customers": SUPER,
    "PUT /customers": SUPER,
    "/numbers/renew": SUPER,
    "/providercalls": SUPER,
    "/me": EVERYBODY,
    "/service_agents": EVERYBODY,
    "GET /storage_files": EVERYBODY,
    "GET /storage_files/{id}": ANY_AGENT,
    "GET /storage_files/{id}/file": ADMIN | MANAGER,
}
BITS = {"agent": AGENT, "manager": MANAGER, "access key": ADMIN, "delegate": ADMIN, "direct": 0}
OPERATIONS = [
    operation
    for operation in catalog.default().operations
    if operation.listed and not operation.public and not operation.websocket and operation.template.startswith(PREFIX)
]
# What is asked for before who asks.
QUERIES = {
    "timelines.aggregated": {"activeflow_id": "6f18ae1c-ddf8-413b-9572-ad30574604ef"},
    "available_numbers.list": {"country_code": "US"},
    "contact_peer_events.interactions": {"peer_type": "tel", "peer_target": "+15551234567"},
    "contact_peer_events.list": {"peer_type": "tel", "peer_target": "+15551234567"},
    "contacts.lookup": {"phone": "+15551234567"},
}
LATE = {("transfers.create", "agent")}  # looks for the call first
# Visitors with a direct token are let in here, too.
VISITED = ("/webchat_sessions", "/webchat_messages", "/me")


def mask(operation: Operation) -> int:
    path = operation.template.removeprefix(PREFIX)
    found = [
        known for known in MASKS if f"{operation.method} {path}".endswith(known) or _begins(operation, path, known)
    ]
    return MASKS[max(found, key=lambda known: (len(known.split(" ")[-1]), len(known)))] if found else ADMIN | MANAGER


def _begins(operation: Operation, path: str, known: str) -> bool:
    method, _, beginning = known.rpartition(" ")
    if method and method != operation.method:
        return False
    return path == beginning or path.startswith(beginning + "/")


def short_of(operation: Operation) -> Iterator[str]:
    """Those who may not."""
    allowed = mask(operation)
    for who, bits in BITS.items():
        path = operation.template.removeprefix(PREFIX)
        if who == "direct":
            if not path.startswith((*VISITED, "/service_agents")):
                yield who
        elif not (bits & allowed or path.startswith("/service_agents") or (operation.name, who) in LATE):
            yield who


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Mock, dict[str, dict[str, str]]]]:
    with Mock(seed="tutorial", clock="2026-03-01T09:00:00Z", ignore="all") as mock:
        plain = mock.agents.create(username="plain", permission=AGENT)
        mock.agents.create(username="newest", permission=AGENT)  # whom the paths name
        boss = mock.client_for("superadmin@localhost")
        body = {"customer_id": mock.world.owner, "reason": "to see what a delegate may do"}
        yield (
            mock,
            {
                "agent": {"token": mock.token_for(plain)},
                "manager": {"token": mock.token_for("manager@localhost")},
                "access key": {"accesskey": mock.accesskey},
                "delegate": {"token": boss.post("/auth/delegate", json=body).json["token"]},
                "direct": {"token": mock.direct_token()},
            },
        )


def asked(mock: Mock, operation: Operation) -> tuple[str, dict[str, Any]]:
    seat(mock, operation, "superadmin@localhost")
    path, sent = operation.template.format(**path_ids(mock, operation)), asked_at_desk(mock, operation)
    if operation.part_name is not None:
        sent.setdefault("json", example_body(operation))
    return path, sent


def test_whoever_falls_short_is_refused_and_nothing_is_done(stage: tuple[Mock, dict[str, dict[str, str]]]) -> None:
    mock, credentials = stage
    wrong, start = [], mock.snapshot()
    for operation in OPERATIONS:
        refused = list(short_of(operation))
        mock.restore(start)
        for who in refused:
            path, sent = asked(mock, operation)
            writes = mock.world.store.writes
            sent["query_string"] = {
                **QUERIES.get(operation.name, {}),
                **sent.get("query_string", {}),
                **credentials[who],
            }
            reply = mock.anonymous.open(path, method=operation.method, **sent)
            reason = (reply.json or {}).get("error", {}).get("reason")
            wanted = "DIRECT_ACCESS_NOT_SUPPORTED" if who == "direct" else "PERMISSION_DENIED"
            if (reply.status_code, reason) != (403, wanted) or mock.world.store.writes != writes:
                wrong.append((operation.label, who, reply.status_code, reason))
    assert not wrong, "\n" + "\n".join(map(str, wrong))
