"""Writing to the ledger: a row, and the account's balances with it."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.billing.resources import BILLING_ACCOUNTS, BILLINGS
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

DOLLAR = 1_000_000  # credit is counted in millionths


def entry(world: World, payer: Row, values: dict[str, Any]) -> Row:
    """A new row of an account's ledger."""
    now = world.stamp_for(world.table(BILLINGS), payer.account)
    known = {"customer_id": payer.data["customer_id"], "account_id": payer.id}
    return crud.made(world, BILLINGS, payer.account, {"id": world.ids.uuid(), **known, **values}, now)


def adjust(
    world: World, payer: Row, kind: str, reference: str, *, credit: int = 0, tokens: int = 0, **members: Any
) -> Row:
    """Give an account something (negative: take it), as a row of its own that is at its end. The account.

    members: others of the account that change with it.
    """
    after = {
        "balance_credit": payer.data["balance_credit"] + credit,
        "balance_token": payer.data["balance_token"] + tokens,
    }
    payer = crud.change(world, BILLING_ACCOUNTS, payer, {**after, **members})
    row_id, now = world.ids.uuid(), world.clock.microseconds()
    entry(
        world,
        payer,
        {
            "id": row_id,
            "transaction_type": kind,
            "status": "end",
            "reference_type": reference,
            "reference_id": row_id,
            "amount_credit": credit,
            "amount_token": tokens,
            "balance_credit_snapshot": after["balance_credit"],
            "balance_token_snapshot": after["balance_token"],
            "idempotency_key": NIL_UUID if kind == "adjustment" else row_id,
            "tm_billing_start": now,
            "tm_billing_end": now,
        },
    )
    return payer
