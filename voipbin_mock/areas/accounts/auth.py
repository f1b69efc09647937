"""Who is asking: logging in, and reading the credential of a request.

Source: server, except where a profile field says otherwise.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from voipbin_mock.api.lint import Lint, refused_by, warn
from voipbin_mock.api.operations import ADMIN, SUPER_ADMIN, Request
from voipbin_mock.areas.accounts.differences import DEAD_CUSTOMERS_ENTER, DELETION_IS_NAMED, PREFIX_WORKS
from voipbin_mock.areas.accounts.keys import hash_token
from voipbin_mock.areas.accounts.resources import ACCESSKEYS, AGENTS, CUSTOMERS
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.stamps import rfc3339_stamp_full, to_datetime, to_microseconds
from voipbin_mock.wire.values import Caller, Reply, json_reply
from voipbin_mock.world.part import Part
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

ALGORITHM = "HS256"
TOKEN_LIFE = timedelta(days=7)
DIRECT_LIFE = timedelta(hours=4)
DELEGATE_LIFE = timedelta(hours=8)
GRACE = 30 * 86_400_000_000  # microseconds; that a frozen customer is kept
# What a direct token is for -> what it lets its holder hear of.
ALLOWED = {"webchat_widget": "webchat_session", "ai": "aicall", "ai_team": "aicall"}
TOKENS_KEPT = 10_000


def ping(world: World, request: Request) -> Reply:
    return json_reply({"message": "pong"})


def login(world: World, request: Request) -> Reply:
    """A login token for an agent's name and password.

    Every failure is a bare 400 with an empty body: that is the service's way, so the reason goes to
    the log alone (app notes `hint`).
    """
    username, password = request.values["username"], request.values["password"]
    if not username or not password:
        raise LoginRefused("username and password must both be non-empty strings")
    matches = [row for row in world.table(AGENTS).find("username", username) if row.data["password"] == password]
    if not matches:
        raise LoginRefused("no agent has this user name and password")
    token = issue_token(world, matches[0])
    reply = json_reply({"username": username, "token": token})
    age = int(TOKEN_LIFE.total_seconds())
    cookie = f"token={token}; Path=/; Max-Age={age}; HttpOnly; Secure; SameSite=Strict"
    reply.headers.append(("Set-Cookie", cookie))
    return reply


class LoginRefused(Exception):
    """A login that failed, or whatever else is refused with an empty body. Why is for the journal alone."""

    def __init__(self, hint: str, http_code: int = 400) -> None:
        self.http_code = http_code
        super().__init__(hint)


def unrouted(world: World, request: Request) -> Reply:
    """The service registers these paths under /v1.0 too, and there they always answer 404."""
    raise ApiError("ROUTE_NOT_FOUND", hint="authentication lives at the root: /auth/..., not /v1.0/auth/...")


# --- tokens --------------------------------------------------------------------------------------


def issue_token(world: World, agent: Row) -> str:
    """A JWT as the service makes it: a snapshot of the agent, and when it expires."""
    snapshot = world.view(AGENTS, agent.data)
    for member in ("tm_create", "tm_update", "tm_delete"):  # what has not happened is left out (server)
        snapshot.pop(member, None)
        if agent.data[member] is not None:
            snapshot[member] = rfc3339_stamp_full(agent.data[member])
    return _sign(world, {"type": "agent", "agent": snapshot, "expire": expiry(world, TOKEN_LIFE)})


def issue_direct_token(world: World, customer_id: str, resource_type: str, resource_id: str) -> str:
    """A token for a visitor without an account: for one record, and what hangs on it."""
    direct = {
        "customer_id": customer_id,
        "resource_type": resource_type,
        "resource_id": resource_id,
        "allowed_resource_types": [ALLOWED.get(resource_type, resource_type)],
    }
    return _sign(world, {"type": "direct", "direct": direct, "expire": expiry(world, DIRECT_LIFE)})


def issue_delegate_token(world: World, sub: str, customer_id: str) -> str:
    """A token for acting as a customer's admin; `sub` is the id of the super admin who asked for it."""
    claims = {"sub": sub, "aud": "voipbin-api", "jti": world.ids.uuid(), "customer_id": customer_id}
    return _sign(world, {"type": "delegate", **claims, "expire": expiry(world, DELEGATE_LIFE)})


def expiry(world: World, life: timedelta) -> str:
    """When what is issued now ends."""
    now = to_datetime(world.clock.microseconds())
    return rfc3339_stamp_full(to_microseconds(now + life))


class Tokens(Part):
    """Tokens that were read already: who it is, and until when."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.known: dict[str, tuple[str, Caller]] = {}


def _sign(world: World, claims: dict[str, Any]) -> str:
    import jwt  # dear to import: only when a token is made or read

    return jwt.encode(claims, world.secrets[0], algorithm=ALGORITHM)


def _read_token(world: World, token: str) -> Caller:
    """The caller of a login or direct token; the expiry is compared as text, as the service does."""
    known = world.part(Tokens).known
    kept = known.get(token)
    if kept is None:
        kept = _verify(world, token)
        if len(known) >= TOKENS_KEPT:
            known.clear()
        known[token] = kept
    expire, caller = kept
    if expire < rfc3339_stamp_full(world.clock.microseconds()):
        raise ApiError("INVALID_CREDENTIALS", hint=f"the token expired at {expire}")
    return caller


def _claims(world: World, token: str) -> dict[str, Any]:
    """What a token says, signed by any of the world's keys."""
    import jwt

    said = ""
    for secret in world.secrets:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=[ALGORITHM],
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False},
            )
            return claims
        except (jwt.PyJWTError, ValueError) as error:
            said = str(error)
    raise ApiError("INVALID_CREDENTIALS", hint=f"not a token of this mock: {said}")


def _verify(world: World, token: str) -> tuple[str, Caller]:
    if token.startswith("vb_"):
        raise ApiError("INVALID_CREDENTIALS", hint="an access key goes into ?accesskey=, not where tokens go")
    claims = _claims(world, token)
    expire = claims.get("expire")
    kind = claims.get("type") or "agent"
    inside = claims if kind == "delegate" else claims.get(kind) if kind in ("agent", "direct") else None
    if not isinstance(expire, str) or not isinstance(inside, dict):
        # The server crashes on a token without `expire` (500, no body), but nobody without its key can make one.
        raise ApiError("INVALID_CREDENTIALS", hint="the token lacks the claims that a login gives")
    customer_id = str(inside.get("customer_id", ""))
    caller = Caller(
        kind=kind,
        customer_id=customer_id,
        account=world.account_of(customer_id),
        permission=ADMIN if kind == "delegate" else int(inside.get("permission") or 0) if kind == "agent" else 0,
        agent_id=inside.get("id") if kind == "agent" else None,
        claims=claims,
    )
    return expire, caller


def issued(world: World, secret: str) -> bool:
    """Whether a token or access key is of this mock's making or seed, live or not."""
    keys = world.table(ACCESSKEYS)
    if keys.find("token_hash", hash_token(secret)) or keys.find("token_prefix", secret):
        return True
    if secret not in world.part(Tokens).known:
        try:
            _verify(world, secret)
        except ApiError:
            return False
    return True


def _read_accesskey(world: World, request: Request, key: str) -> Caller:
    table = world.table(ACCESSKEYS)
    rows = table.find("token_hash", hash_token(key))
    if not rows and PREFIX_WORKS.of(world):
        rows = table.find("token_prefix", key)
        if rows:
            advice = "use the whole token, which only the answer to POST /accesskeys shows"
            message = "this is only the prefix of an access key, and the real service refuses it"
            finding = Lint("accesskey-prefix", "", message, advice)
            if refused := refused_by(world, [finding]):
                raise ApiError("INVALID_CREDENTIALS", violations=refused)
            warn(world, request, [finding])
    if not rows:
        raise ApiError("INVALID_CREDENTIALS", hint="no live access key has this token")
    now = world.clock.microseconds()
    row = next((row for row in rows if row.data["tm_expire"] is None or row.data["tm_expire"] > now), None)
    if row is None:
        raise ApiError("INVALID_CREDENTIALS", hint="the access key has expired")
    return Caller("accesskey", row.data["customer_id"], row.account, ADMIN, accesskey_id=row.id)


def authenticate(world: World, request: Request, cookies: dict[str, str]) -> Caller:
    """The first credential found counts; if it is bad, no other is tried.

    Order (server): cookie token, query token, Authorization: Bearer, cookie accesskey, query accesskey.
    """
    token = cookies.get("token") or request.parameter("token")
    if not token:
        token = request.headers.get("authorization", "").partition("Bearer ")[2]
    if token:
        caller = _read_token(world, token)
    else:
        key = cookies.get("accesskey") or request.parameter("accesskey")
        if not key:
            hint = "send ?accesskey=, ?token= or the header Authorization: Bearer <token>"
            raise ApiError("AUTHENTICATION_REQUIRED", hint=hint)
        caller = _read_accesskey(world, request, key)
    _check_customer(world, caller, while_frozen=request.found is not None and request.found.while_frozen)
    return caller


def _check_customer(world: World, caller: Caller, while_frozen: bool) -> None:
    """Whether the caller's customer may still come in. Raises ApiError."""
    row = world.table(CUSTOMERS).get(caller.account)
    status = row.data["status"] if row is not None else ""
    if status in ("deleted", "expired") and not DEAD_CUSTOMERS_ENTER.of(world):
        raise ApiError("INVALID_CREDENTIALS", hint=f"the customer is {status}")
    if row is None or status != "frozen" or while_frozen or caller.kind == "direct" or caller.permission & SUPER_ADMIN:
        return
    scheduled = frozen_at(world, row)
    effective = None if scheduled is None else scheduled + GRACE
    show = world.profile.show_stamps(CUSTOMERS)
    raise ApiError(
        "ACCOUNT_FROZEN",
        details=[
            {
                "deletion_scheduled_at": show(scheduled),
                "deletion_effective_at": show(effective),
                "recovery_endpoint": "DELETE /auth/unregister",
            }
        ],
    )


def frozen_at(world: World, customer: Row) -> int | None:
    """When a customer was frozen (microseconds), if that is known."""
    named: int | None = customer.data["tm_deletion_scheduled"]
    return named - GRACE if named is not None and DELETION_IS_NAMED.of(world) else named
