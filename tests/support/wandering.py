"""Random requests over the whole API and the control API, asked of several replicas of one mock."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.support.planting import other_values
from tests.support.replicas import Memory, OneOf
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import IdOf, Operation
from voipbin_mock.contract.targets import SEED
from voipbin_mock.openapi.examples import KEY, LOGIN, SUPER, Examples, blanked
from voipbin_mock.replication import inputs
from voipbin_mock.wire.values import NIL_UUID

NOWHERE = "http://127.0.0.1:9/hooks"  # where nobody listens, which is told at once
SUPER_ADMIN = {"username": "superadmin@localhost", "password": "superadmin@localhost"}
PHONES = tuple(f"+1555010000{number}" for number in range(8))
KEYS = ("", "", "", "", "", "", "", "", "worker-1", "worker-2")  # of sessions; most go to none
# What is looked at in all replicas, whose answers have to be the same to the byte.
LOOKS = (
    *("state", "requests?limit=50", "webhooks?limit=50", "events?after=0", "snapshots", "coverage", "outbox"),
    *("clock?limit=20", "faults", "stubs", "limits", "modes", "phones", "calls", "records", "sessions", "billing"),
    *("texts", "mailboxes", "chats", "ais", "aicalls", "jobs", "visits", "threads", "providers", "storage"),
    *("replies", "warnings", "agents", "extensions", "billing/charges", "websockets"),
)
WEBSOCKETS = ("ws", "media_stream")
Body = Callable[["Wanderer", Random], Any]


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes | None
    login: Mapping[str, str] | None  # whose token it carries


class Differ(AssertionError):
    """Two replicas are not the same."""


def _scripts(*outcomes: Any) -> Body:
    return lambda _, random: {key: [random.choice(outcomes)] for key in random.sample([*PHONES, "default"], 2)}


def _clock(_: Wanderer, random: Random) -> Any:
    return random.choice(
        (
            {"advance": random.choice((1, 30, 600, 7200, 86_400))},
            {"advance": random.choice((1, 30, 600, 7200, 86_400))},
            {"freeze": True},
            {"resume": True},
            {"next": True},
            {"speed": random.choice((0.5, 1, 60, 3600))},
            {"until_idle": 3600},
        )
    )


def _call(_: Wanderer, random: Random) -> Any:
    steps = [{"press": "1"}, {"say": "yes"}, {"press": "2", "after": "2s"}, {"hangup": True, "after": "4s"}]
    return {"from": random.choice(PHONES), "to": "+899100000100", "steps": random.sample(steps, random.randrange(4))}


def _fault(_: Wanderer, random: Random) -> Any:
    on = random.choice(("POST /outplans", "GET /flows", "*", "POST /calls", "GET /me"))
    kinds: tuple[dict[str, Any], ...] = (
        {"kind": "error", "reason": "INTERNAL"},
        {"kind": "error", "reason": "SERVICE_UNAVAILABLE", "probability": 0.5},
        {"kind": "error", "reason": "INTERNAL", "after_commit": True},
        {"kind": "latency", "seconds": 3},
        {"kind": "malformed"},
    )
    return {**random.choice(kinds), "on": on, "times": random.randrange(1, 4)}


# What control calls that write are sent, by `METHOD path`; those that are not here are sent nothing.
BODIES: Mapping[str, Body] = {
    "PUT jobs": lambda _, random: {random.choice(("audits", "rags")): [random.choice(("done", "failed"))]},
    "PUT ais": lambda _, random: {"default": [random.choice(("silence", "How may I help?"))]},
    "PUT billing": lambda _, random: {"on": random.random() < 0.5},
    "PUT billing/accounts/{id}": lambda _, random: {"credit": random.randrange(10**9)},
    "POST billing/accounts/{id}/paddle": lambda _, random: {"do": "buy", "usd": random.randrange(1, 99)},
    "POST calls": _call,
    "POST calls/{id}": lambda _, random: random.choice(({"press": "1"}, {"say": "yes"}, {"hangup": True})),
    "POST calls/{id}/until": lambda _, random: {"reaches": "talk", "within": "30s"},
    "PUT phones": _scripts("busy", "noanswer", {"outcome": "answer", "talk": "12s"}, "rejected"),
    "POST seed": lambda _, random: {"seed": random.choice(("tutorial", "account", {"outplans": [{"name": "one"}]}))},
    "POST clock": _clock,
    "PUT state": lambda wanderer, _: wanderer.a_state,
    "POST snapshots": lambda _, random: {"name": random.choice(("morning", "noon", "night"))},
    "PUT modes": lambda _, random: {"pages_of": random.randrange(1, 9)} if random.random() < 0.3 else {},
    "POST faults": _fault,
    "POST stubs": lambda _, random: {"on": "GET /flows", "json": {"result": []}, "times": random.randrange(1, 4)},
    "PUT limits": lambda _, random: {"rate_limits": {"customer": [random.randrange(5, 50), 60]}},
    "POST inbound/line": lambda wanderer, random: {
        "account": wanderer.an_id("conversation_accounts", random), "user": "Uann", "text": "hello", "follow": True
    },
    "POST inbound/whatsapp": lambda wanderer, random: {
        "account": wanderer.an_id("conversation_accounts", random), "user": "15550100042", "text": "hello"
    },
    "PUT chats": lambda _, random: {"default": [random.choice(("accepted", "refused"))]},
    "POST webhooks/tricks": lambda _, random: random.choice(
        ({"drop": 1}, {"duplicate": 1}, {"reorder": 2}, {"delay": 1, "seconds": 5})
    ),
    "POST inbound/mail": lambda wanderer, random: {"email": wanderer.an_id("emails", random), "event": "bounce"},
    "PUT mailboxes": lambda _, random: {"*@example.org": [random.choice(("bounce", "delivered"))]},
    "POST replies": lambda _, random: {"url": "https://shop.example.com/*", "json": [], "times": 1},
    "POST inbound/sms": lambda _, random: {"from": random.choice(PHONES), "to": "+15559876543", "text": "hello"},
    "PUT texts": _scripts("failed", "sent", {"outcome": "delivered", "after": "5s"}),
    "PUT extensions/{id}": lambda _, random: {"contacts": random.randrange(3)},
    "PUT providers": lambda _, random: {"sip.example.com": [random.choice(("healthy", "unhealthy"))]},
    "PUT storage": lambda _, random: {"quota": random.randrange(10**7), "signs": random.random() < 0.5},
    "POST visits": lambda wanderer, random: {"widget": wanderer.an_id("webchat_widgets", random, "direct_hash")},
    "POST visits/{id}": lambda _, random: random.choice(({"say": "hello"}, {"leave": True})),
}  # fmt: skip
# What stands in the paths of control calls: a resource whose ids do, or words.
NAMED: Mapping[str, str | tuple[str, ...]] = {
    "billing/accounts/{id}": "billing_accounts",
    "calls/{id}": "calls",
    "extensions/{id}": "extensions",
    "visits/{id}": "webchat_sessions",
    "snapshots/{name}": ("morning", "noon", "night", "undo"),
    "sessions/{key}": ("worker-1", "worker-2"),
    "requests/{number}": tuple(map(str, range(1, 40))),
    "faults/{number}": ("1", "2", "3"),
    "stubs/{number}": ("1", "2", "3"),
    "webhooks/{number}": ("1", "2", "3", "4"),
}
# What would end most of what there is, or all, is asked seldom.
RARE = ("POST reset", "POST seed", "PUT state", "DELETE sessions", "DELETE requests", "PUT limits", "PUT billing")
CLOSING = ("auth.unregister", "customers.delete", "customers.freeze", "agents.delete", "accesskeys.delete")
LONG = 10.0  # seconds; waited for in full only when something is broken
LIVELY = 150  # requests, after which nearly all begins anew


class Wanderer:
    """It makes up requests about what is there in a mock."""

    def __init__(self, one: OneOf) -> None:
        self.one = one
        catalog = catalog_of(one.mock.world)
        profile = one.mock.world.profile
        self.examples = Examples(catalog, profile)
        served = [
            each for each in catalog.operations if each.served_by(profile) and not each.template.endswith("/docs")
        ]
        self.operations = [
            each for each in served if not each.control and not each.name.endswith(WEBSOCKETS) and not each.dead
        ]
        self.writes = [each for each in self.operations if each.method != "GET"]
        controls = {each.label.replace("/__mock__/", ""): each for each in served if each.control}
        self.controls = [label for label, each in controls.items() if each.method != "GET"]
        self.usual_controls = [label for label in self.controls if label not in RARE]
        self.a_state: Any = {}
        self._tokens: dict[tuple[str, str], str] = {}

    # --- what there is ---------------------------------------------------------------------------------

    def an_id(self, resource: str, random: Random, member: str = "id", session: str = "") -> str:
        """That of some record, or of none."""
        world = self.one.world(session)
        name = {"accounts": "conversation_accounts", "addresses": "contact_addresses"}.get(resource, resource)
        rows = world.store[name] if name in world.blueprint.resource_names() else None  # type: ignore[operator]
        if not rows or random.random() < 0.05:
            return NIL_UUID
        newest = list(rows)[-8:]
        row = random.choice(newest)
        return str(row.id if member == "id" else row.data.get(member, NIL_UUID))

    # --- what is asked ---------------------------------------------------------------------------------

    def request(self, random: Random) -> Asked:
        """Any of them; more of those that write."""
        if random.random() < 1 / LIVELY:
            return Asked("POST", "/__mock__/reset", {}, {}, None, None)
        chance = random.random()
        if chance < 0.15:
            return self.control(random)
        if chance < 0.2:  # whoever looks at one of them changes nothing in it
            path = _in(random.choice(KEYS), f"/__mock__/{random.choice(LOOKS)}")
            return Asked("GET", path, {}, {}, None, None)
        operation = random.choice(self.writes if random.random() < 0.7 else self.operations)
        if operation.name in CLOSING and random.random() < 0.9:
            return self.request(random)
        return self.ask(operation, random)

    def ask(self, operation: Operation, random: Random) -> Asked:
        """An operation's example, about some records, now and then with something wrong."""
        session = random.choice(KEYS)
        example = self.examples.asked(operation)

        def word(wanted: IdOf) -> str:
            return self.an_id(wanted.resource, random, wanted.member, session)

        path = operation.template
        for name, value in blanked(example.path, word).items():
            path = path.replace(f"{{{name}}}", str(value))
        query = dict(blanked(example.query, word))
        if operation.method == "GET" and random.random() < 0.3:
            query["page_size"] = random.randrange(1, 20)
        body = blanked(example.body, word)
        if isinstance(body, dict):
            body = self._varied(body, random)
        login = {KEY: None, LOGIN: self._admin(), SUPER: SUPER_ADMIN}.get(example.credential)
        if example.credential == KEY:
            query["accesskey"] = self.one.mock.accesskey
        text = None if body is None else json.dumps(body).encode()
        return Asked(operation.method, _in(session, path), query, {}, text, login)

    def _admin(self) -> Mapping[str, str]:
        mock = self.one.mock
        return {"username": str(mock.username), "password": str(mock.password)}

    def _varied(self, body: dict[str, Any], random: Random) -> dict[str, Any]:
        varied = {name: _nowhere(value) for name, value in body.items()}
        chance = random.random()
        if varied and chance < 0.25:
            name = random.choice(list(varied))
            others = list(other_values(varied[name]))
            if others:
                varied[name] = random.choice(others)
        elif varied and chance < 0.3:
            del varied[random.choice(list(varied))]
        if "target" in varied or "destination" in varied:
            return _dialing(varied, random.choice(PHONES))
        return varied

    def control(self, random: Random) -> Asked:
        session = random.choice(KEYS)
        label = random.choice(self.controls if random.random() < 0.15 else self.usual_controls)
        body = BODIES[label](self, random) if label in BODIES else None
        method, _, path = label.partition(" ")
        for beginning, named in NAMED.items():
            if path.startswith(beginning):
                chosen = self.an_id(named, random, "id", session) if isinstance(named, str) else random.choice(named)
                path = path.replace(beginning[beginning.index("{") :], chosen)
        text = None if body is None else json.dumps(body).encode()
        return Asked(method, _in(session, f"/__mock__/{path}"), {}, {}, text, None)

    # --- asking ----------------------------------------------------------------------------------------

    def send(self, one: OneOf, asked: Asked) -> tuple[int, bytes]:
        headers = {"Host": "localhost", **asked.headers}
        if asked.login is not None:
            headers["Authorization"] = f"Bearer {self._token(one, asked)}"
        status, body = _open(one, asked, headers)
        if status == 401 and asked.login is not None:
            self._tokens.clear()
        return status, body

    def _token(self, one: OneOf, asked: Asked) -> str:
        """By a login, as everybody else gets one."""
        assert asked.login is not None
        session = asked.path.split("/")[2] if asked.path.startswith("/__session__/") else ""
        key = (session, asked.login["username"])
        if key not in self._tokens:
            text = json.dumps(asked.login).encode()
            login = Asked("POST", _in(session, "/auth/login"), {}, {}, text, None)
            status, body = _open(one, login, {"Host": "localhost"})
            self._tokens[key] = json.loads(body).get("token", "none") if status == 200 else "none"
        return self._tokens[key]


def _in(session: str, path: str) -> str:
    return f"/__session__/{session}{path}" if session else path


def _look(one: OneOf, path: str) -> tuple[int, bytes]:
    return _open(one, Asked("GET", path, {}, {}, None, None), {"Host": "localhost"})


def _open(one: OneOf, asked: Asked, headers: Mapping[str, str]) -> tuple[int, bytes]:
    try:
        reply = one.client.open(
            asked.path + (f"?{urlencode(asked.query)}" if asked.query else ""),
            method=asked.method,
            data=asked.body,
            headers=dict(headers),
            content_type=None if asked.body is None else "application/json",
        )
        return reply.status_code, reply.get_data()
    except (ConnectionError, TimeoutError):  # a fault that was planned
        return 0, b""


def _nowhere(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return NOWHERE
    if isinstance(value, dict):
        return {name: _nowhere(item) for name, item in value.items()}
    return [_nowhere(item) for item in value] if isinstance(value, list) else value


def _dialing(body: dict[str, Any], number: str) -> dict[str, Any]:
    to = body.get("destination")
    return {**body, "destination": {**to, "target": number}} if isinstance(to, dict) and "target" in to else body


class Pair:
    """Two replicas that are asked in turns; whoever leads may change, and one may start anew."""

    def __init__(self, profile: str = "documented", **settings: Any) -> None:
        self.memory, self._settings = Memory(), {"profile": profile, "ignore": "all", "seed": dict(SEED), **settings}
        self._wait: dict[str, Callable[[float], None]] = {}
        self.replicas = [self._join(name) for name in ("one", "two")]
        self.wanderer = Wanderer(self.replicas[0])
        self.counts: dict[int, int] = {}
        self.asked: list[tuple[str, Asked, int]] = []  # the newest, for whoever looks for what went wrong
        self._joined = 2

    def _join(self, name: str) -> OneOf:
        one = OneOf(self.memory, name, **self._settings)
        outward = one.replica.outward
        self._wait[name] = outward.wait
        outward.settle = lambda sendings: None  # type: ignore[method-assign]
        outward.wait = self._delivered  # type: ignore[method-assign]
        return one

    def _delivered(self, timeout: float) -> None:
        """No thread of a follower hears of what the leader sent: so the leader is waited for, and then it is told."""
        leader = self.leader.replica
        self._wait[leader.name](timeout)
        for one in self.replicas:
            one.replica.follow()

    @property
    def leader(self) -> OneOf:
        return next(one for one in self.replicas if one.replica.leads)

    def step(self, asked: Asked, which: int) -> tuple[int, bytes]:
        """Ask one of them; what it brings about is over before the next."""
        one = self.replicas[which % len(self.replicas)]
        status, body = self.wanderer.send(one, asked)
        self.counts[status] = self.counts.get(status, 0) + 1
        self.asked = [*self.asked[-39:], (one.replica.name, asked, status)]
        self.settle()
        return status, body

    def settle(self) -> None:
        leader = self.leader.replica
        for _ in range(100):
            leader.follow()
            self._wait[leader.name](LONG)
            if not leader.is_due():
                break
            leader.submit(inputs.of_tick())

    def keep(self) -> None:
        """The leader keeps what there is, and the log is cut."""
        self.settle()
        leader = self.leader.replica
        kept = leader.picture()()
        leader.log.keep(kept)
        leader.kept_at = kept.position

    def replace(self) -> None:
        """The follower goes, and another begins from what is kept, and what came since."""
        self.settle()
        gone = next(one for one in self.replicas if not one.replica.leads)
        gone.replica.log.close()
        gone.mock.close()
        self._joined += 1
        new = self._join(f"number {self._joined}")
        self.replicas = [new if one is gone else one for one in self.replicas]
        self.wanderer.one = self.replicas[0]

    def fail_over(self) -> None:
        """Another leads from now on."""
        self.settle()
        for one in self.replicas:
            one.replica.follow()
        old = self.leader
        new = next(one for one in self.replicas if one is not old)
        self.memory.leader = new.replica.name
        old.replica.leads, new.replica.leads = False, True

    def remember(self) -> None:
        """A state, to come back to later."""
        self.wanderer.a_state = json.loads(_look(self.replicas[0], "/__mock__/state")[1])

    def check(self, random: Random | None = None, looks: int = len(LOOKS)) -> None:
        """All are the same, to the byte: fingerprint, state, and so many answers. Raises Differ."""
        self.settle()
        for one in self.replicas:
            one.replica.follow()
        first, *others = self.replicas
        chosen = LOOKS if random is None else random.sample(LOOKS, looks)
        for other in others:
            _same("fingerprint", first.replica.fingerprint, other.replica.fingerprint)
            ours, theirs = first.replica.document(), other.replica.document()
            if ours != theirs:  # a record may stand in it once or twice
                _same("state", *map(_spelled_out, (ours, theirs)))
            for look in chosen:
                for key in ("", *first.sessions()):
                    path = _in(key, f"/__mock__/{look}")
                    _same(path, _look(first, path), _look(other, path))

    def shake(self, random: Random) -> str:
        """Something befalls the replicas themselves; what."""
        what = random.choice(("keep", "replace", "fail_over", "remember"))
        getattr(self, what)()
        return what

    def close(self) -> None:
        for one in self.replicas:
            one.mock.close()


def _same(what: str, ours: Any, theirs: Any) -> None:
    if ours == theirs:
        return
    raise Differ(f"{what} differs: {_difference(ours, theirs)}")


def _spelled_out(document: bytes) -> bytes:
    """The same, but with each record of a named moment instead of the place where it stands in the present."""
    read = json.loads(document)
    for world in read["mock"]["worlds"].values():
        present = world["state"]["records"]
        for moment in world["snapshots"]:
            records = moment["state"]["records"]
            for name, rows in records.items():
                records[name] = [present[name][row] if isinstance(row, int) else row for row in rows]
    return json.dumps(read).encode()


def _difference(ours: Any, theirs: Any) -> str:
    """Where two answers or documents part."""
    if isinstance(ours, tuple):
        if ours[0] != theirs[0]:
            return f"{ours} and {theirs}"[:2000]
        ours, theirs = ours[1], theirs[1]
    try:
        found = list(_parting(json.loads(ours), json.loads(theirs), ""))
    except (ValueError, TypeError):
        return f"{ours!r} and {theirs!r}"[:2000]
    return "; ".join(found[:5]) or "in the order of members"


def _parting(ours: Any, theirs: Any, at: str) -> Any:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in {**ours, **theirs}:
            yield from _parting(ours.get(name, "(none)"), theirs.get(name, "(none)"), f"{at}/{name}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _parting(one, other, f"{at}/{number}")
    elif ours != theirs:
        yield f"{at}: {str(ours)[:300]!r} and {str(theirs)[:300]!r}"


def wander(pair: Pair, operations: int, random: Random, every: int = 250, looks: int = 6) -> None:
    """So many requests; every now and then something befalls the replicas, and they are compared. Raises Differ."""
    for number in range(1, operations + 1):
        pair.step(pair.wanderer.request(random), random.randrange(2))
        if number % every == 0:
            pair.check(random, looks)
            pair.shake(random)
    pair.check(random, looks)
