"""Routing: which numbers there are, and what is done with their calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from voipbin_mock.api.answers import MOMENT, array_of, result_of
from voipbin_mock.api.area import Area
from voipbin_mock.api.cascades import gone_with_customer
from voipbin_mock.api.crud import operations
from voipbin_mock.api.lists import page_of_all
from voipbin_mock.api.operations import SUPER_ADMIN, Access, Example, IdOf, Query, action, own
from voipbin_mock.areas.accounts.bodies import required
from voipbin_mock.areas.routing import (
    bodies,
    control,
    differences,
    extensions,
    numbers,
    providers,
    renewals,
    routes,
    trunks,
)
from voipbin_mock.areas.routing.health import Hosts
from voipbin_mock.areas.routing.resources import AVAILABLE_NUMBERS, EXTENSIONS, NUMBERS, PROVIDERS, ROUTES, TRUNKS
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.profiles import Profile


def _limits(failures: Difference[Mapping[str, str]]) -> Callable[[Profile], tuple[str, ...]]:
    return lambda profile: tuple(dict.fromkeys(failures.by(profile).values()))


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
    operations(
        EXTENSIONS,
        create=own(extensions.create, secret=True, refuses=_limits(differences.EXTENSION_FAILURES)),
        update=own(secret=True),
        direct_hash=own(note="The one before is dead at once."),
    ),
    operations(
        TRUNKS,
        create=own(
            trunks.create,
            secret=True,
            body=bodies.trunk,
            refuses=_limits(differences.TRUNK_FAILURES),
        ),
        update=own(secret=True),
    ),
    operations(
        PROVIDERS,
        action(
            "POST /providers/setup",
            "setup",
            providers.set_up,
            "setup",
            secret=True,
            summary="Set up a trunk at a carrier, and a provider for it",
            body=bodies.setup,
            refuses=("INVALID_ARGUMENT", providers.REJECTED.name),
            codes={providers.REJECTED.name: differences.REJECTED_CODE},
        ),
        access=Access(SUPER_ADMIN),
        list=own(page_of_all),
        create=own(providers.create, body=bodies.provider, refuses=("INVALID_ARGUMENT", providers.INVALID_CODECS.name)),
        get=own(providers.get),
        update=own(providers.update, body=bodies.provider, refuses=("INVALID_ARGUMENT", providers.INVALID_CODECS.name)),
        delete=own(providers.delete),
    ),
    operations(
        ROUTES,
        access=Access(SUPER_ADMIN),
        list=own(
            routes.list_,
            query={"customer_id": Query({"type": "string", "examples": [routes.EVERYBODY]}, "Only this customer's.")},
        ),
        create=routes.create,
        get=routes.get,
        update=routes.update,
        delete=routes.delete,
    ),
    follows={
        "customer_deleted": gone_with_customer(EXTENSIONS, NUMBERS, TRUNKS),
        "flow_deleted": numbers.flow_is_gone,
        "number_created": renewals.awaited,
    },
    timers={renewals.TIMER: renewals.renew},
    parts=(Hosts,),
    controls=control.CONTROLS,
    reasons=providers.REASONS,
    differences=differences.ALL,
    records="voipbin_mock.areas.routing.records",
    cases=Path(__file__).parent / "cases",
)
