"""Queues: callers who wait, and the agents they wait for."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.cascades import gone_with_customer
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import Example, IdOf, action, own
from voipbin_mock.areas.queues import actions, differences, queuecalls, queues, search, service
from voipbin_mock.areas.queues.resources import QUEUECALLS, QUEUES

AREA = Area(
    "queues",
    operations(
        QUEUES,
        facets=("routing_method", "tag_ids"),
        create=own(queues.create, body=queues.body, refuses=(queues.INVALID_ROUTING_METHOD.name, "INTERNAL")),
        delete=own(queues.delete, note="Who waits in it goes on waiting; nobody is looked for any more."),
    ),
    operations(
        QUEUECALLS,
        action(
            "POST /queuecalls/{id}/kick",
            "kick",
            queuecalls.kick,
            summary="Kick a caller out of its queue",
            refuses=queuecalls.refusals,
        ),
        action(
            "POST /queuecalls/reference_id/{id}/kick",
            "kick_by_reference",
            queuecalls.kick_by_reference,
            summary="Kick a caller out of its queue, by the call's id",
            refuses=queuecalls.refusals_by_reference,
            example=Example({"id": IdOf("queuecalls", "reference_id")}),
        ),
        plain=("list", "get", "delete"),
        list=queuecalls.list_,
        delete=own(queuecalls.delete, note="The record alone: a caller who waits stays, and may still be served."),
    ),
    timers={"queue_looks": search.look, **service.TIMERS},
    follows={**service.FOLLOWS, "customer_deleted": gone_with_customer(QUEUECALLS, QUEUES)},
    actions=actions.ACTIONS,
    reasons=(queues.INVALID_ROUTING_METHOD,),
    differences=differences.ALL,
    records="voipbin_mock.areas.queues.records",
    cases=Path(__file__).parent / "cases",
)
