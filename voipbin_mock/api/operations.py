"""The vocabulary of declarations: a request, an operation, who may ask it, and how a resource yields operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.wire.values import Caller, Reply
from voipbin_mock.world.differences import Difference
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource

if TYPE_CHECKING:
    from voipbin_mock.api.lint import Lint
    from voipbin_mock.wire.errors import Reason
    from voipbin_mock.world.world import World

PREFIX = "/v1.0"
SERVICE_AGENTS = "/service_agents"
_SERVICE = "api.voipbin.net"
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")

# Permission bits of an agent.
SUPER_ADMIN, AGENT, ADMIN, MANAGER = 0x01, 0x10, 0x20, 0x40
ANYONE = 0xFFFF

Handler = Callable[["World", "Request"], Reply]
LintRule = Callable[["World", "Request", Mapping[str, Any]], "Iterable[Lint]"]
Look = Callable[[Mapping[str, Any]], "Iterable[Lint]"]
Schema = dict[str, Any]
BodyRule = Callable[[Profile, bool], Schema]
Reasons = Callable[[Profile], Iterable[str]]


class Access(NamedTuple):
    """Who may ask an operation, and whose records it is about.

    permission: an agent with one of these bits; access keys have those of an admin. credentials: the kinds of
    caller that get anywhere ("agent", "accesskey"). sees: "" for all records of the caller's customer; else a
    member that has to hold the caller's agent id (one of the resource's `groups`, so that a page costs the same).
    sees_all: who has one of these bits sees all of them nevertheless. stranger: the reason for a caller of another
    kind, if it is not the usual one.
    """

    permission: int = ADMIN | MANAGER
    credentials: tuple[str, ...] = ("agent", "accesskey")
    sees: str = ""
    sees_all: int = 0
    stranger: str = ""

    def narrows(self, permission: int) -> str:
        """The member that has to hold the agent id of a caller with these bits; "" for one who sees all."""
        return "" if self.sees_all and permission & (self.sees_all | SUPER_ADMIN) else self.sees


USUAL = Access()
# At the agents' desk: any agent with its own login, whatever its permission; others are nobody there.
DESK = Access(ANYONE, ("agent",), stranger="AUTHENTICATION_REQUIRED")


class Answers(NamedTuple):
    """What an operation answers when all is well, if it is not a record or a page of them.

    shape: its name: "array" for an array of records, or a name of its own. members: of an object of a shape of its
    own, those that hold arrays: True of records. paged: a list that has a next page. schema: for OpenAPI, made from
    the record's schema. empty: there is no body at all. media: of what is no JSON.
    """

    shape: str
    schema: Callable[[Schema], Schema]
    members: Mapping[str, bool] = {}
    empty: bool = False
    media: str = ""


class Query(NamedTuple):
    """A query parameter."""

    schema: Schema
    description: str


class IdOf(NamedTuple):
    """In an example: the id of a record of this resource, or another id that it has.

    made: of one that the example makes, even where it only reads: another may have nothing to be read.
    """

    resource: str
    member: str = "id"
    made: bool = False


class Example(NamedTuple):
    """What an example of an operation has beside what follows from its schemas.

    values: by the names of parameters and of members of the body. first: the name of the operation that has to be
    done before, on the same record; of a list, whatever leaves something in it. after: how many virtual seconds have
    to pass before. needs: what it takes beside that no operation brings about, in words, by profile.
    """

    values: Mapping[str, Any] = {}
    first: str = ""
    after: int = 0
    needs: Callable[[Profile], str] = lambda profile: ""


PLAIN_EXAMPLE = Example()


@dataclass(frozen=True, eq=False)
class Operation:
    """Method, path and handler, what must be true before the handler is asked, and what is told of it."""

    name: str  # "outplans.create"
    method: str
    template: str  # "/v1.0/outplans/{id}"
    handler: Handler
    resource: Resource | None = None
    part_name: str | None = None  # of the schema, if the operation takes a body
    access: Access = USUAL
    facet: str = ""
    public: bool = False  # answers without a credential
    control: bool = False  # part of the mock's own control API
    unlocked: bool = False  # its handler takes the world's lock itself, does what is due, and may tell of events
    probe: bool = False  # whether anybody is there: answered even while all else is busy, if need be without a trace
    dead: bool = False  # registered, and always answered with ROUTE_NOT_FOUND
    hook: bool = False  # what providers call on a host of their own: it is no part of the API
    served: Difference[bool] | None = None  # in which profiles there is such an operation; None: in both
    bare_refusals: bool = False  # whatever is wrong with what is sent is answered with an empty body
    bare_codes: tuple[int, ...] | Difference[tuple[int, ...]] = (400,)  # the statuses of such answers
    while_frozen: bool = False  # customers whose account is frozen may ask it, too
    told_as_json: bool = False  # that its body cannot be decoded; of others the server's framework guesses the type
    secret: bool = False  # its bodies hold passwords or tokens: the journal blacks them out
    uuid_ids: bool = False  # the real API types the ids in its path as UUIDs, which refuses others in another way
    own_ids: bool = False  # its handler reads the ids in its path, after it has asked who may
    last_id: Reason | None = None  # what a bad last id in its path is refused with, if it is not the usual
    words: tuple[str, ...] = ()  # what the first parameter in its path may be, if that is a word and no id
    # What its change of a record is told of as, `<singular>_<tells>`; "": nobody is told.
    tells: str | Difference[str] = "updated"
    lints: tuple[LintRule, ...] = ()
    suspects: tuple[Look, ...] = ()  # what of a body is odd by itself, whoever sends it
    # For whoever describes it.
    rank: int = 0  # where it stands in lists: the resources' by name, then what is apart
    summary: str = ""
    note: str = ""
    query: Mapping[str, Query] = field(default_factory=dict)
    answers: Answers | None = None
    websocket: bool = False  # it answers a handshake
    refuses: tuple[str, ...] | Reasons = ()  # beside what is refused everywhere
    codes: Mapping[str, Difference[int]] = field(default_factory=dict)  # of reasons that have one of their own here
    done: int | Difference[int] = 200  # the status of its answer; 204 has no body
    bare: Difference[bool] | None = None  # where its answer has no body
    unpaged: Difference[bool] | None = None  # where its list is a bare array, whose next page nobody names
    zeros: Difference[bool] | None = None  # where it may answer with a record of zeros that stands for nothing done
    nulls: Difference[bool] | None = None  # where it may answer with null, in place of a record
    body: BodyRule | None = None  # what its handler asks of a body beside the schema
    example: Example = PLAIN_EXAMPLE

    @cached_property
    def part(self) -> SchemaPart | None:
        if self.part_name is None or self.resource is None:
            return None
        return self.resource.part(self.part_name)

    @property
    def label(self) -> str:
        return f"{self.method} {self.template}"

    @property
    def kind(self) -> str:
        """The last word of its name: `create`, `list_under`, `hangup`."""
        return self.name.rpartition(".")[2]

    @property
    def listed(self) -> bool:
        """Whether it is one of the API's own, that whoever describes or counts those goes through."""
        return not (self.control or self.dead or self.hook)

    @property
    def lists(self) -> bool:
        """Whether it answers with a page."""
        return self.kind in ("list", "list_under")

    def answer(self, world: World, request: Request) -> Reply:
        """What the handler answers. Raises whatever it does, and TypeError for what is no Reply."""
        reply: Any = self.handler(world, request)
        if not isinstance(reply, Reply):
            raise TypeError(f"the handler of {self.name} answered {reply!r:.60}, and not a Reply; see json_reply")
        return reply

    def served_by(self, profile: Profile) -> bool:
        return self.served is None or self.served.by(profile)

    def reasons(self, profile: Profile) -> Iterable[str]:
        """What it refuses beside what is refused everywhere."""
        return self.refuses(profile) if callable(self.refuses) else self.refuses


@dataclass(slots=True)
class Request:
    """One request as a handler sees it."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    path_ids: tuple[str, ...] = ()
    found: Operation | None = None  # None: no operation has this method and path
    caller: Caller | None = None
    raw: Any = None  # the body as JSON, as it was sent
    values: dict[str, Any] = field(default_factory=dict)  # the decoded body, zero-filled
    sent: frozenset[str] = frozenset()  # the names of the members that the body really had
    warnings: list[Lint] = field(default_factory=list)
    planned: tuple[tuple[str, int], ...] = ()  # kind and number of the fault and the stub that it met
    upgradable: bool = False  # whether its connection can be made a websocket
    base: str = ""  # what stood before its path: of a session, or of the place where the app is mounted
    address: str = ""  # of a control call: who makes it
    stranger: bool = False  # of a control call: made by somebody who may only see what anybody may
    secret: str = ""  # of a control call: the server's, by which its own links are signed
    has_console: bool = False  # of a control call: whether the server has a console that may be linked to

    @property
    def operation(self) -> Operation:
        """The operation that it is for; a handler is not asked without one."""
        assert self.found is not None, "this request found no operation"
        return self.found

    @property
    def resource(self) -> Resource:
        """The resource that it is about."""
        resource = self.operation.resource
        assert resource is not None, "this operation belongs to no resource"
        return resource

    @property
    def id(self) -> str:
        return self.path_ids[-1]

    @property
    def origin(self) -> str:
        """What a URL of the server that was asked begins with."""
        host = self.headers.get("host", _SERVICE)
        return f"{'https' if host.partition(':')[0].endswith('voipbin.net') else 'http'}://{host}{self.base}"

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        values = self.query.get(name)
        return values[0] if values else None


# --- declaring -------------------------------------------------------------------------------------

PLAIN = ("list", "create", "get", "update", "delete")
_ROUTES = {
    "list": ("GET", ""),
    "create": ("POST", ""),
    "get": ("GET", "/{id}"),
    "update": ("PUT", "/{id}"),
    "delete": ("DELETE", "/{id}"),
}
# What an operation has of its own: a handler, or members of `Operation`, or both.
Own = Handler | Mapping[str, Any]


def own(handler: Handler | None = None, **members: Any) -> Mapping[str, Any]:
    """What a plain operation or a facet has of its own: its handler, and any member of `Operation`."""
    unknown = members.keys() - Operation.__dataclass_fields__.keys()
    if unknown:
        raise TypeError(f"own({min(unknown)}=...): an operation has no such member")
    return members if handler is None else {"handler": handler, **members}


def action(label: str, name: str, handler: Handler, part: str | None = None, **members: Any) -> Operation:
    """An operation that is not plain, by its method and its path below the prefix: `POST /calls/{id}/hangup`."""
    method, _, path = label.partition(" ")
    return Operation(name, method, PREFIX + path, handler, part_name=part, **members)


class HasOperations(Protocol):
    """An area, or a resource with its operations."""

    @property
    def operations(self) -> tuple[Operation, ...]: ...


class Declared(NamedTuple):
    """A resource with its operations."""

    resource: Resource
    operations: tuple[Operation, ...]


class Handlers(NamedTuple):
    """What answers when an operation has no handler of its own."""

    plain: Mapping[str, Handler]  # list, list_under, create, get, update, delete
    facet: Handler
    direct_hash: Handler


def declare(
    handlers: Handlers,
    resource: Resource,
    *more: Operation,
    plain: Iterable[str] = PLAIN,
    facets: Iterable[str] = (),
    access: Access = USUAL,
    under: str = "",
    **owns: Own,
) -> Declared:
    """The operations of a resource; `crud.operations` is this with the handlers for what is plain.

    A plain resource needs nothing but its name. `plain` says which of list, create, get, update and delete there
    are; `facets` are parts of a record with a PUT of their own, named as their body in the schema. A resource with a
    `direct_hash` has the call that makes it anew. By the name of any of these: a handler of its own, or `own(...)`.
    `more` are actions, their names without the resource's. under: a path that those of plain operations begin with.
    """
    specs = tuple(_specs(handlers, resource, plain, facets, PREFIX + under))
    unknown = owns.keys() - {spec.kind for spec in specs}
    if unknown:
        raise TypeError(f"{resource.name} has no operation {min(unknown)!r}")
    made = [_own_operation(resource, access, spec, owns.get(spec.kind, {})) for spec in specs]
    return Declared(resource, (*made, *(_of(resource, operation, access) for operation in more)))


class _Spec(NamedTuple):
    """What of an operation follows from its kind."""

    kind: str
    method: str
    template: str
    handler: Handler
    part: str | None = None
    facet: str = ""


def _specs(
    handlers: Handlers, resource: Resource, plain: Iterable[str], facets: Iterable[str], prefix: str
) -> Iterator[_Spec]:
    usual = handlers.plain
    word = resource.word or resource.name
    base, item = f"{prefix}/{word}", "/{id}"
    under = f"{prefix}/{resource.parent}/{{id}}/{word}"
    if resource.nested:
        base, item = under, f"/{{{resource.name.removesuffix('s')}_id}}"
    elif resource.parent:
        yield _Spec("list_under", "GET", under, usual["list_under"])
    for kind in plain:
        if kind not in _ROUTES:
            raise TypeError(f"{resource.name}: {kind!r} is no plain operation; they are {', '.join(PLAIN)}")
        method, tail = _ROUTES[kind]
        handler = usual["list_under" if kind == "list" and resource.nested else kind]
        yield _Spec(kind, method, base + (tail and item), handler, kind if kind in ("create", "update") else None)
    for name in facets:
        yield _Spec(name, "PUT", f"{base}{item}/{name}", handlers.facet, name, name)
    if resource.direct_hash is not None:
        yield _Spec("direct_hash", "POST", f"{base}{item}/{resource.direct_hash.path}", handlers.direct_hash)


def _own_operation(resource: Resource, access: Access, spec: _Spec, given: Own) -> Operation:
    members = {"handler": given} if callable(given) else given
    usual: dict[str, Any] = {"handler": spec.handler, "part_name": spec.part, "facet": spec.facet, "access": access}
    if spec.kind == "direct_hash":
        usual |= {"uuid_ids": True, "tells": "", "refuses": ("INTERNAL",)}
    name = f"{resource.name}.{spec.kind}"
    return Operation(name, spec.method, spec.template, resource=resource, **{**usual, **members})


def _of(resource: Resource, operation: Operation, access: Access) -> Operation:
    usual = access if operation.access is USUAL else operation.access
    return replace(operation, name=f"{resource.name}.{operation.name}", resource=resource, access=usual)


def mirror(
    declared: HasOperations | Operation | Iterable[HasOperations | Operation],
    *names: str,
    access: Access,
    under: str = SERVICE_AGENTS,
    at: str = "",
    but: Mapping[str, Own] | None = None,
    **members: Any,
) -> Iterator[Operation]:
    """Operations again under another path, for other callers: `/service_agents/calls` is `/calls` for an agent.

    declared: an area, or resources with their operations. names: which, as patterns over their names (`calls.list`,
    `tags.*`). access: who may, and who sees what. at: the path of one below `under`, if it is another than its own.
    members: what is different there, of `Operation`; but: the same by the last word of the name, a handler or
    `own(...)`.
    """
    one = isinstance(declared, Operation) or hasattr(declared, "operations")
    several: list[Any] = [declared] if one else [*declared]  # type: ignore[misc]
    if not all(isinstance(each, Operation) or hasattr(each, "operations") for each in several):
        raise TypeError("mirror takes an area, or resources with their operations, as crud.operations(...) gives them")
    known = [op for each in several for op in ((each,) if isinstance(each, Operation) else each.operations)]
    for pattern in names:
        found = [operation for operation in known if fnmatchcase(operation.name, pattern)]
        if not found:
            raise ValueError(f"there is no operation {pattern} to mirror")
        for operation in found:
            different = (but or {}).get(operation.kind, {})
            own_members = {"handler": different} if callable(different) else dict(different)
            path = at or operation.template.replace(PREFIX, "", 1)
            told = {"name": f"{under.strip('/')}.{operation.name}", "template": PREFIX + under + path, "access": access}
            yield replace(operation, **{**told, **own(**members), **own_members})
