"""The prompts of an AI: each that it has had is kept."""

from __future__ import annotations

from typing import Any

from voipbin_mock.api import crud
from voipbin_mock.areas.ais.resources import AIS, HISTORIES
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World


def noted(world: World, account: str, customer_id: str, ai_id: str, prompt: str, proposal_id: str = NIL_UUID) -> Row:
    """A prompt that an AI has from now on."""
    values = {"customer_id": customer_id, "ai_id": ai_id, "prompt": prompt, "proposal_id": proposal_id}
    return crud.made(world, HISTORIES, account, values)


def replaced(world: World, ai: Row, prompt: str, proposal_id: str = NIL_UUID) -> dict[str, Any]:
    """The members of an AI that is given this prompt, which is kept if it is another one."""
    if prompt == ai.data["init_prompt"]:
        return {}
    current = NIL_UUID
    if prompt:
        current = noted(world, ai.account, ai.data["customer_id"], ai.id, prompt, proposal_id).id
    return {"init_prompt": prompt, "current_prompt_history_id": current}


def write(world: World, ai: Row, prompt: str, proposal_id: str) -> tuple[Row, Row]:
    """An AI is given what a proposal says, whether it is new or not; nobody is told. The AI then, and the version."""
    history = noted(world, ai.account, ai.data["customer_id"], ai.id, prompt, proposal_id)
    values = {"init_prompt": prompt, "current_prompt_history_id": history.id}
    return crud.change(world, AIS, ai, values, ""), history
