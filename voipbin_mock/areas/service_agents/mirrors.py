"""What an agent sees of the rest of the service: each operation again, for any agent, in a line.

Path, schema, checks, reasons and their order are those of the operation itself; what a line says beside its name is
what is different here. An agent's own login is asked for, whatever its permission; others are nobody here (401).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from voipbin_mock.api.lists import list_
from voipbin_mock.api.operations import ADMIN, ANYONE, DESK, MANAGER, Access, Example, IdOf, Query, action, mirror
from voipbin_mock.areas.accounts import agents
from voipbin_mock.areas.accounts.area import AREA as ACCOUNTS
from voipbin_mock.areas.ais.area import AREA as AIS
from voipbin_mock.areas.calls.area import AREA as CALLS
from voipbin_mock.areas.calls.transcribes import paged_transcripts
from voipbin_mock.areas.cases.area import AREA as CASES
from voipbin_mock.areas.cases.cases import MISSING
from voipbin_mock.areas.cases.cases import list_ as list_cases
from voipbin_mock.areas.cases.resources import CASES as CONTACT_CASES
from voipbin_mock.areas.contacts.area import AREA as CONTACTS
from voipbin_mock.areas.conversations.area import AREA as CONVERSATIONS
from voipbin_mock.areas.routing import extensions
from voipbin_mock.areas.routing.area import AREA as ROUTING
from voipbin_mock.areas.service_agents import ais, cases, me
from voipbin_mock.areas.service_agents.cases import only
from voipbin_mock.areas.service_agents.me import mine
from voipbin_mock.areas.storage import files
from voipbin_mock.areas.storage.area import AREA as STORAGE

OWN = DESK._replace(sees="owner_id")
OWN_OR_MANAGED = OWN._replace(sees_all=ADMIN | MANAGER)
MANAGED = DESK._replace(permission=ADMIN | MANAGER)
# These read the caller's own agent first, and fail where there is none.
ADDRESSED = DESK._replace(stranger="INVALID_ARGUMENT")
# Access keys come in here.
KEYED = Access(ANYONE, ("agent", "accesskey"), stranger="PERMISSION_DENIED")
AUTHORED = DESK._replace(stranger="DIRECT_ACCESS_NOT_SUPPORTED")
# Whoever tries the example goes on with the password that the seeds give.
SAME_AGAIN: dict[str, Any] = {"body": me.password_body, "example": Example({"password": "admin@localhost"})}


def needing(what: str, **values: Any) -> Example:
    """An example for which no operation brings about what it takes; values: of its parameters."""
    return Example(values, needs=lambda profile: what)


COLLEAGUES = (
    *mirror(ACCOUNTS, "agents.list", access=DESK, handler=list_, query={}, refuses=()),
    *mirror(ACCOUNTS, "agents.get", access=DESK),
    *mirror(ACCOUNTS, "tags.list", "tags.get", access=DESK),
    *mirror(ACCOUNTS, "customers.get", access=DESK, handler=me.customer, secret=False, note="Without its secret."),
)
MYSELF = (
    *mirror(ACCOUNTS, "agents.me", access=DESK, handler=mine(agents.get), refuses=("AGENT_NOT_FOUND",)),
    *mirror(ACCOUNTS, "agents.update", at="/me", access=DESK, handler=mine(me.update), part_name="own_update"),
    *mirror(
        ACCOUNTS,
        "agents.addresses",
        at="/me/addresses",
        access=DESK,
        handler=mine(agents.replace_addresses),
        part_name="own_addresses",
    ),
    *mirror(
        ACCOUNTS,
        "agents.password",
        at="/me/password",
        access=DESK,
        handler=mine(me.password),
        part_name="own_password",
        **SAME_AGAIN,
    ),
    *mirror(
        ACCOUNTS, "agents.status", at="/me/status", access=DESK, handler=mine(agents.status), part_name="own_status"
    ),
)
VOICE = (
    *mirror(ROUTING, "extensions.list", access=DESK, handler=extensions.list_own),
    *mirror(
        ROUTING,
        "extensions.get",
        access=DESK,
        handler=extensions.get_own,
        refuses=("RESOURCE_NOT_FOUND",),
        example=needing("an extension among the addresses of the agent's token"),
    ),
    *mirror(CALLS, "calls.list", access=OWN),
    *mirror(CALLS, "calls.get", access=OWN, example=needing("a call of the agent's own")),
    *mirror(CALLS, "transcribes.list", "transcribes.create", access=DESK),
    *mirror(CALLS, "transcripts.list", access=DESK, handler=paged_transcripts),
)

OWN_FILE = needing("a file of the agent's own", id=IdOf("storage_files"))
OF_NOTE = {"id": IdOf("contact_case_notes", "case_id"), "note_id": IdOf("contact_case_notes")}
OWN_NOTE = needing("a note of the agent's own", **OF_NOTE)
FILES = (
    *mirror(STORAGE, "storage_files.list", at="/files", access=OWN),
    *mirror(STORAGE, "storage_files.create", at="/files", access=DESK, handler=files.upload_at_desk),
    *mirror(
        STORAGE,
        "storage_files.get",
        at="/files/{id}",
        access=DESK,
        handler=files.get_at_desk,
        refuses=files.at_desk,
        example=OWN_FILE,
    ),
    *mirror(STORAGE, "storage_files.delete", at="/files/{id}", access=OWN, example=OWN_FILE),
    *mirror(
        STORAGE,
        "storage_files.file",
        at="/files/{id}/file",
        access=DESK,
        handler=files.redirect_at_desk,
        refuses=files.links_at_desk,
        example=OWN_FILE,
    ),
)

SINCE = Query({"type": "string", "default": "30d"}, "For how many days, if nobody is named: 1d to 180d.")
(INTERACTIONS,) = (one for one in CASES.operations if one.name == "contact_peer_events.interactions")
WRITTEN = (
    *mirror(CONVERSATIONS, "conversations.list", access=OWN_OR_MANAGED, handler=list_, query={}, note=""),
    *mirror(CONVERSATIONS, "conversations.get", access=OWN_OR_MANAGED),
    *mirror(CONVERSATIONS, "conversations.update", access=MANAGED, uuid_ids=True),
    *mirror(CONVERSATIONS, "conversations.unassign", access=MANAGED),
    *mirror(CONVERSATIONS, "conversation_messages.*", access=OWN_OR_MANAGED),
)
# Whoever tries these after those of the contacts themselves must not find the address taken.
MADE = IdOf("contacts", made=True)
OTHER_ADDRESSES = {
    "add_address": Example({"type": "tel", "target": "+15550100086", "id": MADE}),
    "update": Example({"target": "+15550100087"}),
    "create": Example({"type": "tel", "target": "+15550100089", "contact_id": MADE, "is_primary": False}),
}
PEOPLE = (
    *mirror(CONTACTS, "contacts.list", "contacts.create", "contacts.get", "contacts.update", access=DESK),
    *mirror(CONTACTS, "contacts.delete", "contacts.lookup", access=DESK),
    *mirror(CONTACTS, "contacts.add_address", access=DESK, done=200, example=OTHER_ADDRESSES["add_address"]),
    *mirror(CONTACTS, "contacts.change_address", "contacts.remove_address", access=DESK),
    *mirror(CONTACTS, "contacts.add_tag", "contacts.remove_tag", access=DESK),
    *mirror(CONTACTS, "contact_addresses.list", access=ADDRESSED, handler=cases.addresses_list),
    *mirror(CONTACTS, "contact_addresses.create", access=ADDRESSED, example=OTHER_ADDRESSES["create"]),
    *mirror(CONTACTS, "contact_addresses.update", access=ADDRESSED, example=OTHER_ADDRESSES["update"]),
    *mirror(CONTACTS, "contact_addresses.get", "contact_addresses.delete", access=ADDRESSED),
    *mirror(CONTACTS, "contact_addresses.claim", access=ADDRESSED, handler=cases.claim, note="Never by force."),
)
OF_CASES = (
    *mirror(CASES, "contact_cases.list", access=KEYED, handler=only(list_cases, "page_size", "page_token"), query={}),
    *mirror(CASES, "contact_cases.get", "contact_cases.close", "contact_case_notes.list", access=KEYED),
    *mirror(CASES, "contact_cases.update", access=KEYED._replace(stranger="")),
    replace(
        action("POST /service_agents/contact_cases/{id}/assign", "", cases.assign, "assign", uuid_ids=True),
        name="service_agents.contact_cases.assign",
        resource=CONTACT_CASES,
        access=KEYED,
        tells="",
        summary="Make a case an agent's",
        note="Of any agent, oneself or another, as often as one likes.",
        refuses=("INVALID_ARGUMENT", "RESOURCE_NOT_FOUND", "CASE_CLOSED"),
        example=Example({"owner_id": IdOf("agents")}),
    ),
    *mirror(
        CASES, "contact_case_notes.create", access=AUTHORED, handler=cases.write_note, part_name="own", refuses=MISSING
    ),
    *mirror(
        CASES,
        "contact_case_notes.delete",
        access=AUTHORED,
        handler=cases.delete_note,
        refuses=(*MISSING, "PERMISSION_DENIED"),
        example=OWN_NOTE,
    ),
    *mirror(
        CASES,
        "contact_peer_events.interactions",
        access=DESK,
        handler=cases.interactions,
        query={**INTERACTIONS.query, "since": SINCE},
        refuses=cases.interaction_refusals,
    ),
    *mirror(CASES, "contact_peer_events.list", access=DESK),
)

_TEXT = {"type": "string"}
OF_MODELS = (
    *mirror(
        AIS,
        "aicalls.list",
        access=DESK,
        handler=ais.list_,
        query={
            "reference_type": Query(_TEXT, "Only those about a call, a contact_case, ...; with reference_id."),
            "reference_id": Query({**_TEXT, "format": "uuid"}, "Only those about this; with reference_type."),
            "status": Query(_TEXT, "Only those that are so."),
        },
        refuses=(ais.INVALID_REFERENCE_FILTER.name,),
    ),
    *mirror(
        AIS,
        "aicalls.create",
        access=DESK,
        handler=ais.create,
        part_name="own",
        note="About a case, the customer's insight AI is at work unless another is named.",
        refuses=ais.refusals,
    ),
    *mirror(AIS, "aimessages.list", access=DESK, handler=ais.messages),
    *mirror(AIS, "aimessages.create", access=DESK, part_name="own"),
)

MIRRORS = (*COLLEAGUES, *MYSELF, *VOICE, *FILES, *WRITTEN, *PEOPLE, *OF_CASES, *OF_MODELS)
