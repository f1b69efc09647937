"""Addresses as the service keeps them where it looks at them at all: of agents, and of calls."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.schema.members import empty_address
from voipbin_mock.wire.errors import Violation
from voipbin_mock.wire.values import parse_uuid
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

Address = Mapping[str, str]
# North American numbers +1 NXX 555 01xx belong to no one: they are reserved for fiction.
FICTIONAL = re.compile(r"\+1[2-9]\d\d55501(\d\d)", re.ASCII)
# What an agent's list of addresses may hold, once it is replaced.
OF_AGENTS = ("extension", "tel", "sip")


def normalized(address: Address) -> Address:
    """A telephone number is its digits, and a plus sign if it has one; the host of a SIP address is in lower case, and
    so is all of an e-mail address.
    """
    target = address.get("target", "")
    text = target.strip()
    if address.get("type") in ("tel", "whatsapp"):
        digits = "".join(filter("0123456789".__contains__, text))
        kept = ("+" if text.startswith("+") else "") + digits if digits else target
    elif address.get("type") == "sip":
        user, at, host = text.rpartition("@")
        kept = user + at + host.lower()
    elif address.get("type") == "email":
        kept = text.lower()
    else:
        kept = target
    return address if kept == target else {**address, "target": kept}


def of_option(value: Any) -> dict[str, str]:
    """An address of a flow action's option; members that are no texts are empty."""
    given = value if isinstance(value, dict) else {}
    return {name: text if isinstance(text := given.get(name), str) else "" for name in empty_address()}


def holder(world: World, account: str, address: Address, but: str = "") -> Row | None:
    """The agent of an account that has this address, if one has; `but` is the id of one that does not count."""
    kind, target = address.get("type"), address.get("target")
    if not target:
        return None
    for agent in world.table(AGENTS):
        if agent.data["addresses"] and agent.account == account and not agent.deleted and agent.id != but:
            for known in agent.data["addresses"]:
                if known.get("target") == target and known.get("type") == kind:
                    return agent
    return None


def faults(world: World, agent: Row, addresses: Sequence[Address]) -> list[Violation]:
    """What is wrong with a new list of an agent's addresses (server)."""
    found = []
    for position, address in enumerate(addresses):
        kind, target = address["type"], address["target"]
        pointer, expected = f"/addresses/{position}", ""
        if kind not in OF_AGENTS:
            pointer, expected = pointer + "/type", f"one of {', '.join(OF_AGENTS)}"
        elif not target:
            pointer, expected = pointer + "/target", "an address that is not empty"
        elif kind == "extension" and not _is_own_extension(world, agent, target):
            pointer, expected = pointer + "/target", "the id of one of the customer's extensions"
        elif taken := holder(world, agent.account, address, but=agent.id):
            expected = f"an address of nobody else's; agent {taken.data['username']} has it"
        elif any(address["target"] == other["target"] and kind == other["type"] for other in addresses[:position]):
            expected = "each address once"
        else:
            continue
        found.append(Violation(pointer, f"cannot be an agent's: expected {expected}", expected, address))
    return found


def _is_own_extension(world: World, agent: Row, target: str) -> bool:
    row = world.store["extensions"].get(parse_uuid(target) or "")
    return row is not None and row.account == agent.account and not row.deleted
