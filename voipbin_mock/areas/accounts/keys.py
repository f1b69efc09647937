"""What a seed's keys, customers and agents are completed with, and who the user of a mock logs in as."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from voipbin_mock.api.operations import ADMIN, SUPER_ADMIN
from voipbin_mock.world.ids import Ids
from voipbin_mock.world.seeding import OWNER
from voipbin_mock.world.state import EARLIER

if TYPE_CHECKING:
    from voipbin_mock.world.world import World

PREFIX_LENGTH = 11
_NOTE = "credentials"


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hashed(given: Mapping[str, Any], made_up: Ids | None) -> dict[str, str]:
    """Of an access key only the hash is kept, as the service does."""
    token = given.get("token")
    if not token:
        return {}
    prefix = given.get("token_prefix") or token[:PREFIX_LENGTH]
    return {"token": "", "token_hash": hash_token(token), "token_prefix": prefix}


def signing(given: Mapping[str, Any], made_up: Ids | None) -> dict[str, str]:
    """Each customer has a secret to sign webhooks with since its creation, as on the service."""
    return {} if made_up is None or "webhook_secret" in given else {"webhook_secret": made_up.token()}


# --- credentials -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Credentials:
    """What the user of a mock logs in with: the first admin agent and the first access key."""

    username: str = ""
    password: str = ""
    agent_id: str = ""
    customer_id: str = ""
    accesskey: str = ""


def note_agent(record: Mapping[str, Any], given: Mapping[str, Any], notes: dict[str, Any]) -> None:
    known = _credentials(notes)
    may = record["permission"] & (ADMIN | SUPER_ADMIN)
    if may and given.get("password") and record["tm_delete"] is None and not known.username:
        notes[OWNER] = record["customer_id"]
        notes[_NOTE] = {
            **asdict(known),
            "username": record["username"],
            "password": record["password"],
            "agent_id": record["id"],
            "customer_id": record["customer_id"],
        }


def note_key(record: Mapping[str, Any], given: Mapping[str, Any], notes: dict[str, Any]) -> None:
    known = _credentials(notes)
    if given.get("token") and not known.accesskey:
        notes[_NOTE] = {**asdict(known), "accesskey": given["token"]}


def _credentials(notes: Mapping[str, Any]) -> Credentials:
    noted = notes.get(_NOTE, {})
    return Credentials(**{each.name: noted.get(each.name, "") for each in fields(Credentials)})


def credentials_of(world: World) -> Credentials:
    """Those of the seed. A dump holds passwords, but of access keys only the hash: ours still works if it is there."""
    found = _credentials(world.notes)
    earlier = world.notes.get(EARLIER)
    while not found.accesskey and earlier is not None:
        key = _credentials(earlier).accesskey
        if key and world.store["accesskeys"].find("token_hash", hash_token(key)):
            return Credentials(**{**asdict(found), "accesskey": key})
        earlier = None if key else earlier.get(EARLIER)
    return found
