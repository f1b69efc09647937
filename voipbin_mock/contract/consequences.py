"""What must follow from a request, what must not change, and whose it is: looked at in every answer of a case.

A case says what its own request sets. This remembers every record that a case meets, and asks of each further
answer about it what the service promises of all records: a new one is as it was sent, has an id that nobody had and
belongs to the account; an update changes what was sent, its `tm_update`, and nothing else; a deletion changes its
stamps; what is read is what was answered last; a page is in order, holds no record twice and ends where it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import PLAIN, SUPER_ADMIN, Operation
from voipbin_mock.contract.answers import MOST_ROWS, Answer, json_of
from voipbin_mock.contract.promises import Broken, moment_of, show
from voipbin_mock.schema.members import ADDRESS_KEYS, Member
from voipbin_mock.wire.errors import join_pointer
from voipbin_mock.wire.matching import MISSING
from voipbin_mock.wire.redaction import is_secret
from voipbin_mock.wire.values import NIL_UUID, parse_uuid
from voipbin_mock.world.profiles import NEVER
from voipbin_mock.world.resource import Resource

Row = Mapping[str, Any]
_OF_ADDRESSES = ("create", "update", "claim", "delete")
# Records that change by themselves once something goes on: which of their members, and what sets it going.
_ON_THEIR_OWN: Mapping[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "campaigns": (frozenset({"status", "tm_update"}), ("campaigns.status",)),
    "outdials": (frozenset({"campaign_id", "tm_update"}), ("campaigns.create", "campaigns.resource_info")),
    "targets": (
        frozenset({"status", "tm_update", *(f"try_count_{number}" for number in range(5))}),
        ("campaigns.status",),
    ),
    "queues": (
        frozenset({"wait_queuecall_ids", "service_queuecall_ids", "total_incoming_count", "tm_update"})
        | {"total_serviced_count", "total_abandoned_count"},
        ("calls.create", "campaigns.status"),
    ),
    "agents": (frozenset({"status", "tm_update"}), ("calls.create", "campaigns.status")),
    "ais": (frozenset({"init_prompt", "current_prompt_history_id", "tm_update"}), ("aipromptproposals.accept",)),
    "calls": (frozenset({"mute_direction", "tm_update"}), ("calls.mute", "calls.mute_end")),
    "storage_accounts": (
        frozenset({"total_file_count", "total_file_size", "tm_update"}),
        tuple(f"{desk}storage_files.{what}" for desk in ("", "service_agents.") for what in ("create", "delete")),
    ),
    # Whose an address is, is asked of the address.
    "contacts": (frozenset({"addresses"}), tuple(f"contact_addresses.{word}" for word in _OF_ADDRESSES)),
}
# What a new record is given after it was answered with: the account that pays.
_COMPLETED: Mapping[str, frozenset[str]] = {"customers.create": frozenset({"billing_account_id", "tm_update"})}
_DESK = "service_agents."  # what is done there is the same operation again
# What may be answered with the record as it was before (server).
_AS_BEFORE = frozenset({"talk_chats.delete", "aiaudits.delete", "aipromptproposals.delete"})
# Lists that the documents print the oldest first.
_OLDEST_FIRST = frozenset({"talk_messages"})
# What is asked for is a state, which is reached in its own time, or is there already.
_STATES = frozenset({"campaigns.status", "speakings.flush", "speakings.say"})
# What is done to what hangs on a record: it is shown there, and leaves no moment.
_BESIDE = frozenset(
    {"contacts.add_address", "contacts.change_address", "contacts.remove_address", "contacts.add_tag"}
    | {"contacts.remove_tag", "rags.add_sources", "rags.remove_source"}
)
# What makes a record, or answers with the one that there is of the same kind.
_FOUND_AGAIN = frozenset({"aiaudits.create", "aisummaries.create", "timeline_analyses.create"})
# Listed whole, the oldest first.
_WHOLE = frozenset({"contact_case_notes"})
# They are whoever's a super admin says.
_ANYBODYS = frozenset({"routes"})
# Answered with another record: by one of the profiles, or the one that goes on.
_OTHERS = frozenset({"contact_addresses.delete", "contact_cases.continue", "talk_participants.join"})
# What operations set beside what their bodies say.
_FROZEN = frozenset({"status", "tm_deletion_scheduled"})
_SETS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("customers.freeze", "customers.recover", "auth.unregister", "auth.come_back"), _FROZEN),
    "customers.admin_metadata": frozenset({"metadata"}),
    "providers.update": frozenset({"health_status", "health_checked_at"}),
    "aipromptproposals.accept": frozenset({"status", "applied_prompt_history_id"}),
    "aipromptproposals.reject": frozenset({"status"}),
    "aicalls.terminate": frozenset({"status", "tm_end"}),
    "ais.activate_insight": frozenset({"is_insight_active"}),
    "ais.update": frozenset({"current_prompt_history_id", "is_insight_active"}),
    "billing_accounts.add": frozenset({"balance_credit"}),
    "billing_accounts.subtract": frozenset({"balance_credit"}),
    "contact_cases.assign": frozenset({"owner_type"}),
    **{f"contacts.{word}_address": frozenset({"addresses"}) for word in ("add", "change", "remove")},
    "talk_messages.react": frozenset({"metadata"}),
    **{f"contacts.{word}_tag": frozenset({"tag_ids"}) for word in ("add", "remove")},
    "contact_cases.close": frozenset({"status", "closed_at", "closed_reason", "closed_by_type", "closed_by_id"}),
}
# Records that go on in the instant that they are made.
_BEGUN = frozenset({"aicalls"})
_SOURCE = frozenset({"default_outgoing_source_number_id"})
# What one of the profiles takes no notice of in a body: cases say what becomes of it.
_UNHEEDED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("ais.create", "ais.update"), frozenset({"vad_config", "smart_turn_enabled"})),
    "aimessages.create": frozenset({"role"}),
    **{f"outbound_configs.{kind}": _SOURCE for kind in ("create", "own_update", "update")},
}
# Members of records that go on by themselves, from the beginning; or that are not shown to all.
_LIVELY: Mapping[str, frozenset[str]] = {
    "aiaudits": frozenset({"status", "overall_score", "evaluation", "message_ids", "error", "tm_update"}),
    "aipromptproposals": frozenset({"status", "proposed_prompt", "rationale", "error", "tm_update"}),
    "aisummaries": frozenset({"status", "content", "tm_update"}),
    "aicalls": frozenset({"tm_update"}),
    "billing_accounts": frozenset({"status", "paddle_subscription_id", "paddle_customer_id"}),
    "activeflows": frozenset({"status", "current_action", "forward_action_id", "executed_actions", "tm_update"}),
    "calls": frozenset({"status", "action", "recording_id", "recording_ids", "chained_call_ids", "tm_update"})
    | {"hangup_by", "hangup_reason", "tm_progressing", "tm_ringing", "tm_hangup"},
    "groupcalls": frozenset(
        {"status", "answer_call_id", "answer_groupcall_id", "call_ids", "groupcall_ids", "tm_update"}
    )
    | {"call_count", "groupcall_count", "dial_index"},
    "campaigncalls": frozenset({"status", "result", "tm_update"}),
    "conversation_messages": frozenset({"status", "tm_update"}),
    "conversations": frozenset({"owner_type", "owner_id", "account_id", "tm_update"}),
    "webchat_sessions": frozenset({"status", "tm_last_activity", "tm_end", "tm_update"}),
    "conferences": frozenset({"status", "conferencecall_ids", "tm_end", "tm_update"})
    | {"recording_id", "recording_ids", "transcribe_id", "transcribe_ids"},
    "conferencecalls": frozenset({"status", "tm_update"}),
    "providers": frozenset({"health_status", "health_checked_at", "tm_update"}),
    "queuecalls": frozenset({"status", "service_agent_id", "tm_service", "tm_update", "tm_delete"})
    | {"duration_waiting", "duration_service"},
    "rags": frozenset({"status", "sources"}),
    "recordings": frozenset({"status", "tm_start", "tm_end", "tm_update"}),
    "speakings": frozenset({"status", "tm_update"}),
    "talk_chats": frozenset({"member_count", "tm_update"}),
    "talk_messages": frozenset({"tm_update"}),
    "messages": frozenset({"targets", "tm_update"}),
    "emails": frozenset({"status", "tm_update"}),
    "timeline_analyses": frozenset({"status", "result", "error", "tm_update"}),
    "transcribes": frozenset({"status", "tm_update"}),
}
# Of jobs: the statuses in which they rest, and what may change by itself nevertheless.
_NOTHING: frozenset[str] = frozenset()
_SETTLED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "aiaudits": dict.fromkeys(("completed", "failed"), _NOTHING),
    "aipromptproposals": {
        **dict.fromkeys(("failed", "accepted", "rejected", "expired"), _NOTHING),
        "completed": frozenset({"status", "error", "tm_update"}),
    },
    "aisummaries": {"done": _NOTHING},
    "rags": dict.fromkeys(("ready", "error"), _NOTHING),
    "timeline_analyses": dict.fromkeys(("completed", "failed"), _NOTHING),
}
# Those of them that stay as they are once they are set.
_SET_ONCE = frozenset({"hangup_by", "hangup_reason", "tm_progressing", "tm_ringing", "tm_hangup", "result"})
# Members that tell the records of a run from all others.
_NAMES = frozenset({"name", "username", "text", "subject", "filename"})
_STAMPS = frozenset({"tm_create", "tm_update", "tm_delete"})


class Memory:
    """The records that one case has met, as they were answered last.

    account: the id of the customer that the target's credentials are of, asked once; None if it is not told.
    ids: those of records that earlier cases made. unique: what no name but those of this run has in it.
    """

    def __init__(self, catalog: Catalog, account: Callable[[], str | None], ids: set[str], unique: Any) -> None:
        self.catalog, self.account, self.ids = catalog, account, ids
        self.unique = unique if isinstance(unique, str) else ""
        self.known: dict[tuple[str, str], Row] = {}
        self.mine: set[tuple[str, str]] = set()  # which of them this case made
        self.loose: dict[tuple[str, str], frozenset[str]] = {}  # members that may have changed since
        self.began: set[str] = set()  # operations that were done

    def look(self, operation: Operation | None, path: str, query: Row, sent: Any, answer: Answer) -> list[Broken]:
        """What of a good answer does not follow; a bad one is not looked at."""
        value = json_of(answer)
        if operation is None or operation.resource is None or answer.status // 100 != 2:
            return []
        found: list[Broken] = []
        if operation.lists:
            everybodys = operation.access.permission == SUPER_ADMIN  # they see what is others', too
            found += self._page(operation.resource, query, value, everybodys)
        elif operation.answers is None and isinstance(value, dict):
            found += self._record(operation, path, sent, value)
        elif isinstance(value, dict) and operation.method != "GET":
            for name, rows in value.items():
                for index, row in enumerate(rows if isinstance(rows, list) else ()):
                    if isinstance(row, dict):
                        found += self._made_with_others(operation, sent, row, join_pointer("", name, index))
        if operation.method != "GET":
            self._moved(operation)
        return found

    def _moved(self, operation: Operation) -> None:
        """Some records change by themselves from now on."""
        name = operation.name.removeprefix(_DESK)
        self.began.add(name)
        for key in self.known:
            members, causes = _ON_THEIR_OWN.get(key[0], (frozenset(), ()))
            if name in causes:
                self.loose[key] = self.loose.get(key, frozenset()) | members

    # --- one record --------------------------------------------------------------------------------

    def _record(self, operation: Operation, path: str, sent: Any, row: Row) -> Iterator[Broken]:
        resource = operation.resource
        if resource is None or (operation.zeros is not None and row.get("id") == NIL_UUID):  # nothing was done
            return
        yield from self._owner(resource, row, "")
        key = (resource.name, str(row.get("id")))
        if operation.name in _FOUND_AGAIN and key in self.known:
            yield from self._unchanged(resource, key, row, "")
        elif operation.kind == "create":
            yield from self._new(resource, key, row)
            yield from _as_sent(operation, sent, row)
        elif operation.method == "GET":
            yield from self._is_asked_for(operation, path, row)
            yield from self._unchanged(resource, key, row, "")
        else:
            yield from self._is_asked_for(operation, path, row)
            yield from _as_sent(operation, sent, row)
            yield from self._changed(operation, key, row)
        if "id" in row:  # what is none, such as the answer to a login, is no record
            self._keep(key, row)
        if operation.name in _COMPLETED:
            self.loose[key] = self.loose.get(key, frozenset()) | _COMPLETED[operation.name]

    def _made_with_others(self, operation: Operation, sent: Any, row: Row, pointer: str) -> Iterator[Broken]:
        """One record of an answer that tells of several at once."""
        resource = operation.resource
        if resource is None:
            return
        key = (resource.name, str(row.get("id")))
        again = operation.name in _FOUND_AGAIN and key in self.known
        made = () if again else self._new(resource, key, row)
        found = [*self._owner(resource, row, ""), *made, *_as_sent(operation, sent, row)]
        yield from (fault._replace(pointer=pointer + fault.pointer) for fault in found)
        self._keep(key, row)

    def _keep(self, key: tuple[str, str], row: Row) -> None:
        self.known[key] = row
        self.loose.pop(key, None)
        members, causes = _ON_THEIR_OWN.get(key[0], (frozenset(), ()))
        goes_on = key[0] in ("campaigns", "targets", "agents", "contacts") and self.began & set(causes)
        if goes_on or key not in self.mine:  # somebody else may be at work on those
            self.loose[key] = members

    def _owner(self, resource: Resource, row: Row, pointer: str) -> Iterator[Broken]:
        if "customer_id" not in row or resource.name in _ANYBODYS:
            return
        account = self.account()
        if account is None:
            return
        held = [(join_pointer(pointer, n, i), each) for n, v in row.items() for i, each in enumerate(_objects(v))]
        for where, each in ((pointer, row), *held):
            owner = each.get("customer_id", account)
            if owner != account and ("customers", owner) not in self.mine:
                where = join_pointer(where, "customer_id")
                yield Broken(where, f"the account's own, {account}", show(each["customer_id"]))

    def _new(self, resource: Resource, key: tuple[str, str], row: Row) -> Iterator[Broken]:
        if key in self.known or key[1] in self.ids or key[1] == NIL_UUID:
            yield Broken("/id", "an id that no other record has", show(row.get("id", MISSING)))
        self.ids.add(key[1])
        self.mine.add(key)
        created, updated = moment_of(row.get("tm_create")), moment_of(row.get("tm_update"))
        if updated is not None and updated != created and resource.name not in _BEGUN:
            yield Broken("/tm_update", f"never, or {row.get('tm_create')}", show(row.get("tm_update")))
        if moment_of(row.get("tm_delete")) is not None:
            yield Broken("/tm_delete", "never", show(row["tm_delete"]))

    def _is_asked_for(self, operation: Operation, path: str, row: Row) -> Iterator[Broken]:
        """The record whose id stands in the path, in whatever spelling."""
        routed = self.catalog.route(operation.method, path)
        if routed is not None and routed[1] and operation.name.removeprefix(_DESK) not in _OTHERS:
            wanted = parse_uuid(routed[1][0 if _is_beside(operation) else -1])
            if wanted is not None and row.get("id") != wanted:
                yield Broken("/id", wanted, show(row.get("id")))

    def _changed(self, operation: Operation, key: tuple[str, str], row: Row) -> Iterator[Broken]:
        before = self.known.get(key)
        if before is None:
            return
        if operation.name in _AS_BEFORE and not any(_same(before, row, "", self._may(key, before))):
            return
        may = self._may(key, before) | {"tm_update", operation.kind}
        may |= _SETS.get(operation.name.removeprefix(_DESK), frozenset())
        if operation.part is not None:
            may |= operation.part.names
        if operation.kind == "delete":
            may.add("tm_delete")
            emptied = {} if operation.resource is None else operation.resource.on_delete
            may |= {name for name, value in emptied.items() if row.get(name, MISSING) in (value, MISSING)}
            silent = operation.resource is not None and "tm_delete" not in operation.resource.record.names
            if not silent and row.get("tm_update") not in (before.get("tm_update"), row.get("tm_delete")):
                yield Broken("/tm_update", f"as before, or {row.get('tm_delete')}", show(row.get("tm_update", MISSING)))
            if not silent and moment_of(row.get("tm_delete")) is None:
                yield Broken("/tm_delete", "the moment of the deletion", show(row.get("tm_delete", MISSING)))
        if not self._is_action_of_users(operation):  # what those change, they alone know
            yield from _same(before, row, "", may)
        if operation.name not in _STATES or {**row} != {**before}:
            yield from _later(before, row, operation)

    def _is_action_of_users(self, operation: Operation) -> bool:
        """Whether it is an action of an area that the users brought along."""
        plain = operation.kind in PLAIN or operation.facet
        return not plain and any(operation.resource in area.resources for area in self.catalog.more)

    def _may(self, key: tuple[str, str], before: Row) -> set[str]:
        """The members that may have changed by themselves since a record was seen."""
        lively = _LIVELY.get(key[0], frozenset())
        lively = _SETTLED.get(key[0], {}).get(str(before.get("status")), lively)
        is_set = {name for name in lively & _SET_ONCE if before.get(name) not in (None, "", NEVER)}
        return {*self.loose.get(key, ()), *lively} - is_set

    def _unchanged(self, resource: Resource, key: tuple[str, str], row: Row, pointer: str) -> Iterator[Broken]:
        before = self.known.get(key)
        if before is None:
            return
        may = self._may(key, before)
        deleted = moment_of(before.get("tm_delete"))
        if deleted is not None and moment_of(row.get("tm_update")) == deleted:
            may.add("tm_update")  # some answers to a deletion have the update before it
        yield from _same(before, row, pointer, may)

    # --- pages -------------------------------------------------------------------------------------

    def _page(self, resource: Resource, query: Row, value: Any, everybodys: bool) -> Iterator[Broken]:
        paged = isinstance(value, dict)
        rows, place = (value.get("result"), "/result") if paged else (value, "")
        if not isinstance(rows, list):
            return
        rows = rows[:MOST_ROWS]
        size = _page_size(query.get("page_size"))
        if len(rows) > size:
            yield Broken(place, f"at most {size} items, as asked for", f"{len(rows)} items")
        seen: dict[Any, int] = {}
        before: int | None = moment_of(query.get("page_token"))
        strict = before is not None
        for index, row in enumerate(rows):
            if not isinstance(row, dict) or "id" not in row:
                continue
            where = join_pointer(place, index)
            first = seen.setdefault(row["id"], index)
            if first != index:
                yield Broken(join_pointer(where, "id"), f"another than that of item {first}", show(row["id"]))
            if not everybodys:
                yield from self._owner(resource, row, where)
            key = (resource.name, row["id"])
            yield from self._unchanged(resource, key, row, where)
            yield from self._is_a_twin(key, row, where)
            if key not in self.known:
                self._keep(key, row)
            created = moment_of(row.get("tm_create"))
            late = created is not None and before is not None and (created > before or (strict and created == before))
            if late and resource.name not in _WHOLE | _OLDEST_FIRST:
                yield Broken(join_pointer(where, "tm_create"), "the newest first", show(row["tm_create"]))
            before, strict = created, False
        if paged and "next_page_token" in value and resource.name not in _WHOLE:
            yield from _token(rows, value["next_page_token"])

    def _is_a_twin(self, key: tuple[str, str], row: Row, pointer: str) -> Iterator[Broken]:
        """A record that nobody made, with the name of one that this case made."""
        if key in self.known or not self.unique or moment_of(row.get("tm_delete")) is not None:
            return
        for name, value in row.items():
            if isinstance(value, str) and self.unique in value and name in _NAMES:
                twins = (self.known[mine] for mine in self.mine if mine[0] == key[0])
                if any(twin.get(name) == value and moment_of(twin.get("tm_delete")) is None for twin in twins):
                    yield Broken(pointer, f"one record with the {name} {value}", show(row["id"]))


def _objects(value: Any) -> list[Row]:
    """The objects in an array, if it holds nothing else."""
    whole = isinstance(value, list) and all(isinstance(each, dict) for each in value)
    return value[:MOST_ROWS] if whole else []


def _page_size(asked: Any) -> int:
    try:
        size = int(asked)
    except (TypeError, ValueError):
        return MOST_ROWS
    return size if 0 < size <= MOST_ROWS else MOST_ROWS


def _token(rows: list[Any], token: Any) -> Iterator[Broken]:
    """A page that has rows says where the next one begins; clients end on the first page that has none."""
    if not rows:
        if token != "":
            yield Broken("/next_page_token", '"", for there is no item', show(token))
    elif isinstance(rows[-1], dict) and moment_of(token) != moment_of(rows[-1].get("tm_create")):
        yield Broken("/next_page_token", f"the tm_create of the last item, {rows[-1].get('tm_create')}", show(token))


# --- members ---------------------------------------------------------------------------------------


def _same(before: Row, row: Row, pointer: str, may: set[str]) -> Iterator[Broken]:
    """Where a record is not as it was, but for the members that may have changed."""
    for name in dict.fromkeys([*before, *row]):
        one, other = before.get(name, MISSING), row.get(name, MISSING)
        if is_secret(name) and MISSING in (one, other):
            continue  # a secret may be told once, or in one answer alone
        if name in may or (one == other and type(one) is type(other)):
            continue
        if moment_of(one) is not None and moment_of(one) == moment_of(other):
            continue  # written otherwise, which is told elsewhere
        yield Broken(join_pointer(pointer, name), f"as before, {show(one)}", show(other))


def _has_stamp(operation: Operation, name: str) -> bool:
    return operation.resource is None or name in operation.resource.record.names


def _is_beside(operation: Operation) -> bool:
    return operation.name.removeprefix(_DESK) in _BESIDE


def _later(before: Row, row: Row, operation: Operation) -> Iterator[Broken]:
    """Whatever is done to a record leaves its moment, if it has one."""
    if not _has_stamp(operation, "tm_update") or _is_beside(operation):
        return
    then = max(
        (moment for name in _STAMPS - {"tm_delete"} if (moment := moment_of(before.get(name))) is not None),
        default=None,
    )
    now = moment_of(row.get("tm_update"))
    deleted = operation.kind == "delete" and "tm_delete" in row
    if deleted:
        now = moment_of(row["tm_delete"])
    if then is not None and (now is None or now < then):
        name = "tm_delete" if deleted else "tm_update"
        yield Broken(f"/{name}", f"a moment after {before.get('tm_update')}", show(row.get(name, MISSING)))


def _as_sent(operation: Operation, sent: Any, row: Row) -> Iterator[Broken]:
    """Where a record has not what its request set."""
    if operation.part is None or operation.resource is None or not isinstance(sent, dict) or operation.name in _STATES:
        return
    shown = {member.name: member for member in operation.resource.record.members}
    for member in operation.part.members:
        if member.name not in sent or member.name not in shown or is_secret(member.name):
            continue
        if member.name in _UNHEEDED.get(operation.name.removeprefix(_DESK), ()):
            continue
        got = row.get(member.name, MISSING)
        if not _is(shown[member.name], sent[member.name], got):
            yield Broken(f"/{member.name}", f"as it was sent, {show(sent[member.name])}", show(got))


def _is(member: Member, sent: Any, got: Any) -> bool:
    """Whether a member is shown as it was sent, in the service's own way to write it; what is empty may be left out."""
    if got is MISSING:
        return sent in ("", 0, False, None, [], {}, NIL_UUID)
    if member.kind == "uuid":
        return bool(got == ((parse_uuid(sent) if isinstance(sent, str) else None) or NIL_UUID))
    if member.kind in ("address", "slot"):
        return _is_address(sent, got)
    if member.kind == "addresses" and isinstance(sent, list):
        return isinstance(got, list) and len(got) == len(sent) and all(map(_is_address, sent, got))
    if member.kind == "actions" and isinstance(sent, list):
        return isinstance(got, list) and len(got) == len(sent) and all(map(_is_action, sent, got))
    if member.kind in ("stamp", "any", "map", "object", "objects"):
        return True
    if sent is None:
        return got in ("", 0, False, None, [])
    return bool(got == sent and type(got) is type(sent))


def _is_address(sent: Any, got: Any) -> bool:
    sent = sent if isinstance(sent, dict) else {}
    got = got if isinstance(got, dict) else {}
    return all(bool((sent.get(name) or "") == got.get(name, "")) for name in ADDRESS_KEYS)


def _is_action(sent: Any, got: Any) -> bool:
    if not isinstance(sent, dict) or not isinstance(got, dict):
        return False
    ids = (NIL_UUID, "", None)
    return all(
        got.get(name, MISSING) == item or (name in ("id", "next_id") and item in ids) or (not item and name == "option")
        for name, item in sent.items()
        if name in ("id", "next_id", "type", "option")
    )
