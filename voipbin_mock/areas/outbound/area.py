"""Outbound: which countries a customer may call, and how."""

from __future__ import annotations

from pathlib import Path

from voipbin_mock.api.area import Area
from voipbin_mock.api.crud import operations
from voipbin_mock.api.operations import ADMIN, SUPER_ADMIN, Access, Query, Reasons, action, own
from voipbin_mock.areas.outbound import configs, differences
from voipbin_mock.areas.outbound.resources import OUTBOUND_CONFIGS
from voipbin_mock.world.profiles import Profile


def _refuses(*more: str) -> Reasons:
    def reasons(profile: Profile) -> tuple[str, ...]:
        return (*more, "INVALID_ARGUMENT", differences.BAD_VALUES.by(profile))

    return reasons


_OWN = Access(ADMIN)
_PARTLY = "What is left out, or null, stays."

AREA = Area(
    "outbound",
    operations(
        OUTBOUND_CONFIGS,
        action(
            "GET /outbound_config", "own", configs.own, access=_OWN, refuses=("RESOURCE_NOT_FOUND",),
            summary="Get the caller's own outbound config",
        ),
        action(
            "PUT /outbound_config", "own_update", configs.own_update, "update", access=_OWN,
            refuses=_refuses("RESOURCE_NOT_FOUND"), lints=(configs.capitals,), note=_PARTLY,
            summary="Change the caller's own outbound config",
        ),
        access=Access(SUPER_ADMIN),
        list=own(
            configs.list_, refuses=("INVALID_REQUEST_PARAMETER",),
            summary="List the outbound configs of all customers (super admins only)",
            query={"customer_id": Query({"type": "string", "format": "uuid"}, "Only that of this customer.")},
        ),
        create=own(
            configs.create, part_name="update", refuses=_refuses("STATE_INVALID"), lints=(configs.capitals,),
            note="The caller's own customer's, which has one at most.",
        ),
        get=own(configs.get, uuid_ids=True),
        update=own(configs.update, uuid_ids=True, refuses=_refuses(), lints=(configs.capitals,), note=_PARTLY),
        delete=own(configs.delete, uuid_ids=True),
    ),
    follows={"customer_created": configs.customer_created},
    lints={"country-spelling": "a country is not in small letters; the service stores it, and no call matches it"},
    differences=differences.ALL,
    records="voipbin_mock.areas.outbound.records",
    cases=Path(__file__).parent / "cases",
)  # fmt: skip
