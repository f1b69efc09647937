"""Routing: which numbers there are, and what is done with their calls."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.answers import MOMENT, array_of, result_of
from voipbin_mock.api.area import Area
from voipbin_mock.api.cascades import gone_with_customer
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import SUPER_ADMIN, Access, Example, IdOf, Query, action, own
from voipbin_mock.areas.accounts.bodies import required
from voipbin_mock.areas.routing import bodies, differences, numbers
from voipbin_mock.areas.routing.resources import AVAILABLE_NUMBERS, NUMBERS

AREA = Area(
    "routing",
    operations(
        AVAILABLE_NUMBERS,
        plain=("list",),
        list=own(
            numbers.available,
            answers=result_of(),
            summary="List numbers that can be bought",
            query={
                "country_code": Query(
                    {"type": "string", "examples": ["US"]},
                    "ISO country code, such as US; needed unless `type` is virtual.",
                ),
                "type": Query(
                    {"type": "string", "examples": ["normal", "virtual"]},
                    "`virtual` for +899 numbers; else normal ones.",
                ),
            },
        ),
    ),
    operations(
        NUMBERS,
        action(
            "POST /numbers/renew",
            "renew",
            numbers.renew,
            "renew",
            access=Access(SUPER_ADMIN),
            summary="Renew every number that is due, all customers' (super admins only)",
            answers=array_of("The numbers that were renewed."),
            body=required("tm_renew", pattern=f"^{MOMENT}$"),
            refuses=lambda profile: ("INVALID_ARGUMENT", differences.NO_MOMENT.by(profile)),
        ),
        facets=("flow_ids", "metadata"),
        flow_ids=own(example=Example({"call_flow_id": IdOf("flows")})),
        create=own(
            numbers.create,
            summary="Buy a number",
            example=Example({"number": numbers.PRINTED}),
            body=bodies.number,
            refuses=lambda profile: (
                "INVALID_ARGUMENT",
                "IDENTITY_VERIFICATION_REQUIRED",
                *differences.NUMBER_FAILURES.by(profile).values(),
            ),
        ),
        update=numbers.update,
        delete=own(summary="Release a number"),
    ),
    follows={"flow_deleted": numbers.flow_is_gone, "customer_deleted": gone_with_customer(NUMBERS)},
    differences=differences.ALL,
    records="voipbin_mock.areas.routing.records",
    cases=Path(__file__).parent / "cases",
)
