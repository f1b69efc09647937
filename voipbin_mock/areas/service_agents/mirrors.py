"""What an agent sees of the rest of the service: each operation again, for any agent, in a line.

Path, schema, checks, reasons and their order are those of the operation itself; what a line says beside its name is
what is different here. An agent's own login is asked for, whatever its permission; others are nobody here (401).
"""

from __future__ import annotations

from typing import Any

from voipbin_mock.api.lists import list_
from voipbin_mock.api.operations import DESK, Example, mirror
from voipbin_mock.areas.accounts import agents
from voipbin_mock.areas.accounts.area import AREA as ACCOUNTS
from voipbin_mock.areas.calls.area import AREA as CALLS
from voipbin_mock.areas.calls.transcribes import paged_transcripts
from voipbin_mock.areas.service_agents import me
from voipbin_mock.areas.service_agents.me import mine
from voipbin_mock.areas.storage import files
from voipbin_mock.areas.storage.area import AREA as STORAGE

OWN = DESK._replace(sees="owner_id")
# Whoever tries the example goes on with the password that the seeds give.
SAME_AGAIN: dict[str, Any] = {"body": None, "example": Example({"password": "admin@localhost"})}


def needing(what: str) -> Example:
    """An example for which no operation brings about what it takes."""
    return Example(needs=lambda profile: what)


COLLEAGUES = (
    *mirror(ACCOUNTS, "agents.list", access=DESK, handler=list_, query={}, refuses=()),
    *mirror(ACCOUNTS, "agents.get", access=DESK),
    *mirror(ACCOUNTS, "tags.list", "tags.get", access=DESK),
    *mirror(ACCOUNTS, "customers.get", access=DESK, handler=me.customer, secret=False, note="Without its secret."),
)
MYSELF = (
    *mirror(ACCOUNTS, "agents.me", access=DESK, handler=mine(agents.get), refuses=("AGENT_NOT_FOUND",)),
    *mirror(ACCOUNTS, "agents.update", at="/me", access=DESK, handler=mine(me.update)),
    *mirror(ACCOUNTS, "agents.addresses", at="/me/addresses", access=DESK, handler=mine(agents.replace_addresses)),
    *mirror(ACCOUNTS, "agents.password", at="/me/password", access=DESK, handler=mine(me.password), **SAME_AGAIN),
    *mirror(ACCOUNTS, "agents.status", at="/me/status", access=DESK, handler=mine(agents.status)),
)
VOICE = (
    *mirror(CALLS, "calls.list", access=OWN),
    *mirror(CALLS, "calls.get", access=OWN, example=needing("a call of the agent's own")),
    *mirror(CALLS, "transcribes.list", "transcribes.create", access=DESK),
    *mirror(CALLS, "transcripts.list", access=DESK, handler=paged_transcripts),
)

OWN_FILE = needing("a file of the agent's own")
FILES = (
    *mirror(STORAGE, "storage_files.list", at="/files", access=OWN),
    *mirror(STORAGE, "storage_files.create", at="/files", access=DESK, handler=files.upload_at_desk),
    *mirror(STORAGE, "storage_files.get", at="/files/{id}", access=DESK, handler=files.get_at_desk, example=OWN_FILE),
    *mirror(STORAGE, "storage_files.delete", at="/files/{id}", access=OWN, example=OWN_FILE),
    *mirror(
        STORAGE,
        "storage_files.file",
        at="/files/{id}/file",
        access=DESK,
        handler=files.redirect_at_desk,
        example=OWN_FILE,
    ),
)

MIRRORS = (*COLLEAGUES, *MYSELF, *VOICE, *FILES)
