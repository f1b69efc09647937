"""What a kind of record is, as data: no handler, no request. What is done with records is declared in areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from voipbin_mock.schema.documents import document
from voipbin_mock.schema.members import Member, members_of
from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.world.differences import Difference, chosen
from voipbin_mock.world.ids import Ids

if TYPE_CHECKING:
    from voipbin_mock.world.profiles import Profile
    from voipbin_mock.world.store import Row
    from voipbin_mock.world.world import World

# What may be asked of a deleted record: all that may be of others; nothing, as if it were not there (404, with a reason
# of its own); nothing, whoever asks (409); nothing, and it is told apart from no other that is not there.
READABLE, GONE, CONFLICT, MISSING = "readable", "gone", "conflict", "missing"

Completes = Callable[[Mapping[str, Any], Ids | None], Mapping[str, Any]]
Notes = Callable[[Mapping[str, Any], Mapping[str, Any], dict[str, Any]], None]


class DirectHash(NamedTuple):
    """Records have a `direct_hash`, a name under which visitors reach them, and a call that makes it anew.

    made: whether a new record has one. prefix: what stands before its twelve digits. path: the last word of the call's.
    """

    made: bool | Difference[bool] = True
    prefix: str | Difference[str] = "direct."
    path: str = "direct-hash-regenerate"


RUN = "activeflow_id"  # a record's member for the run of a flow that it belongs to


@dataclass(frozen=True, eq=False)
class Resource:
    """A kind of record, declared. A plain one needs its name alone (and its schema document).

    `parent` names the resource that its records hang on: their paths are below the parent's
    (`/outdials/{id}/targets`), or with `standalone` only a list of them is.
    """

    name: str
    singular: str = ""
    parent: str = ""
    standalone: bool = False
    # What it is called in paths, if that is not its name.
    word: str = ""
    # What a deleted record answers, and whether lists still show it.
    deleted: str = READABLE
    lists_deleted: bool | Difference[bool] = False
    # Members to find records by, beside the id; several together as a tuple.
    lookups: tuple[str | tuple[str, ...], ...] = ()
    # Members whose every value has a list of its own, to page through; the parent's is one anyway.
    groups: tuple[str, ...] = ()
    # Members that a deletion sets, beside the two stamps.
    on_delete: Mapping[str, Any] = field(default_factory=dict)
    # The reason for one that there is not, if it is not `<SINGULAR>_NOT_FOUND`.
    unknown: str | Difference[str] = ""
    # Whether changes are published as `<singular>_created`, `_updated` and `_deleted`, or which of them. Other areas
    # follow them anyway.
    events: bool | tuple[str, ...] | Difference[bool] = False
    # What one is called in events, if it is not the singular.
    told_as: str = ""
    # All that happens to its records is kept: the member that is set once nothing more does. Empty: nothing is kept.
    history: str = ""
    # (world, type of an event, row) -> what it is published under on websockets, if not under the usual topics.
    topics: Callable[[World, str, Row], tuple[str, ...]] | None = None
    # The bytes that one of these events is taken to hold; 0: that is counted each time.
    event_size: int = 0
    # The name under which visitors reach a record, if it has one.
    direct_hash: DirectHash | None = None
    # Whether there are records of it at all; what is only shown (numbers on offer) has none.
    stored: bool = True
    # The member that says whose a record is: its customer, or itself (`id`).
    account: str = "customer_id"
    # How its moments are written, how those that have not come, and whether a new record counts as changed.
    rfc3339: bool | str | Difference[bool] | Difference[bool | str] = False
    never_is_null: bool | Difference[bool] = False
    updated_on_create: bool | Difference[bool] = False
    # (given members, ids) -> members that follow from them, when a seed or a test gives a record, or changes one
    # (then there are no ids, and nothing is made up).
    completes: Completes | None = None
    # (record, given members, notes of the seed): what is to be known of a seed beside its records.
    noted: Notes | None = None
    # (world, row) -> the record as it is at this moment, if time alone changes it.
    seen: Callable[[World, Row], Row] | None = None
    # A schema document of its own, instead of the package's `schemas/*/<name>.json`.
    schema: Mapping[str, Any] | None = None

    @cached_property
    def noun(self) -> str:
        """The singular: `outplan`."""
        return self.singular or self.name.removesuffix("s")

    @property
    def missing(self) -> str:
        """The reason for a record that does not exist."""
        return f"{self.noun.upper()}_NOT_FOUND"

    @property
    def event_noun(self) -> str:
        return self.told_as or self.noun

    def unfound(self, profile: Profile) -> str:
        """The same, as a profile has it."""
        return chosen(self.unknown, profile) or self.missing

    @property
    def nested(self) -> bool:
        """Whether records are reached through their parent only."""
        return bool(self.parent) and not self.standalone

    @property
    def parent_key(self) -> str:
        """The member that holds the parent's id: `outdial_id`; empty without a parent."""
        return f"{self.parent.removesuffix('s')}_id" if self.parent else ""

    @cached_property
    def grouped_by(self) -> tuple[str, ...]:
        return (self.parent_key, *self.groups) if self.parent else self.groups

    @cached_property
    def document(self) -> Mapping[str, Any]:
        return document(self.name) if self.schema is None else self.schema

    @cached_property
    def record(self) -> SchemaPart:
        return self.part("record")

    @cached_property
    def hidden(self) -> tuple[Member, ...]:
        """Members that are stored and never shown; only a seed can give them."""
        fixture = self.document["$defs"].get("fixture", {})
        shown = self.record.names
        return tuple(member for member in members_of(fixture, self.document) if member.name not in shown)

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """All members that are stored, by name."""
        return {member.name: member for member in (*self.record.members, *self.hidden)}

    @cached_property
    def blank(self) -> Mapping[str, Any]:
        """A record of zero values, in the order of the wire. Not to be changed, only copied."""
        return {name: member.zero() for name, member in self.members.items()}

    @cached_property
    def initial(self) -> Mapping[str, Any]:
        """The same, with the schema's default where zero is no choice. Not to be changed, only copied."""
        chosen = {name: member.default for name, member in self.members.items() if member.default is not None}
        return {**self.blank, **chosen}

    @cached_property
    def remembered(self) -> tuple[str, ...]:
        """The members that a history keeps: those that are shown, and the run of a flow that a record belongs to."""
        shown = [member.name for member in self.record.members]
        return (*shown, *(() if RUN in shown or RUN not in self.members else (RUN,)))

    @cached_property
    def recall(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        """Takes them out of a record, in that order."""
        return itemgetter(*self.remembered)

    def part(self, name: str) -> SchemaPart:
        parts: dict[str, SchemaPart] = self.__dict__.setdefault("_parts", {})
        if name not in parts:
            parts[name] = SchemaPart(self.name, name, self.document)
        return parts[name]

    def has_part(self, name: str) -> bool:
        return name in self.document["$defs"]
