"""What cases are asked of. Here: what all targets have in common, and a mock in process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import Catalog, catalog_of
from voipbin_mock.contract.answers import Answer, excerpt, make_answer
from voipbin_mock.contract.secrecy import Secrets
from voipbin_mock.interception.clients import CredentialClient
from voipbin_mock.mock import Mock
from voipbin_mock.world.clock import Clock

FOREIGN_OUTPLAN = "f0000000-0000-4000-8000-000000000001"
FOREIGN_ACCESSKEY = "f0000000-0000-4000-8000-000000000002"
_AGENT = "a0000000-0000-4000-8000-000000000001"  # who logs in
_FOREIGN_CUSTOMER = "f0000000-0000-4000-8000-00000000000c"
_FOREIGN_KEY = "vb_voipbin-mock-foreign-key-0000001"
# The published records, and a second customer with something of its own.
SEED: Mapping[str, Any] = {
    "extends": "tutorial",
    "customers": [
        {"id": _FOREIGN_CUSTOMER, "name": "Somebody else", "status": "active", "metadata": {"rtp_debug": False}}
    ],
    "outplans": [{"id": FOREIGN_OUTPLAN, "customer_id": _FOREIGN_CUSTOMER, "name": "not yours"}],
    "accesskeys": [
        {
            "id": FOREIGN_ACCESSKEY,
            "customer_id": _FOREIGN_CUSTOMER,
            "name": "not yours",
            "token": _FOREIGN_KEY,
            "tm_expire": "9998-12-31 00:00:00.000000",
        }
    ],
    "calls": [
        {
            "id": "f0000000-0000-4000-8000-000000000003",
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "owner_type": "agent",
            "owner_id": _AGENT,
            "type": "flow",
            "source": {"type": "tel", "target": "+15559876543"},
            "destination": {"type": "tel", "target": "+15550100001"},
            "status": "hangup",
            "direction": "outgoing",
            "hangup_by": "remote",
            "hangup_reason": "normal",
        }
    ],
    "contact_cases": [
        {
            "id": "f0000000-0000-4000-8000-000000000008",
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "peer": {"type": "tel", "target": "+12025550100"},
            "local": {"type": "tel", "target": "+15559876543"},
            "reference_type": "conversation",
            "status": "closed",
        }
    ],
    "campaigncalls": [
        {
            "id": f"f0000000-0000-4000-8000-00000000000{number}",
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "campaign_id": "183c0d5c-691e-42f3-af2b-9bffc2740f83",
            "reference_type": "call",
            "status": status,
            "result": result,
            "source": {"type": "tel", "target": "+15559876543"},
            "destination": {"type": "tel", "target": f"+1555010000{number}"},
            "try_count": 1,
        }
        for number, status, result in (
            (4, "done", "success"),
            (5, "dialing", ""),
            (6, "done", "fail"),
            (7, "done", "fail"),
        )
    ],
}
# Records of that seed that another target has none of, by the names that cases use.
SEEDED = {
    "foreign_outplan": FOREIGN_OUTPLAN,
    "foreign_accesskey": FOREIGN_ACCESSKEY,
    "foreign_customer": _FOREIGN_CUSTOMER,
    "foreign_key": _FOREIGN_KEY,
    "succeeded_campaigncall": "f0000000-0000-4000-8000-000000000004",
    "failed_campaigncall": "f0000000-0000-4000-8000-000000000007",
    "details": "what is wrong with a body, which the mock tells and the service need not",
    "done_campaigncall": "f0000000-0000-4000-8000-000000000006",
    "unfinished_campaigncall": "f0000000-0000-4000-8000-000000000005",
    "closed_case": "f0000000-0000-4000-8000-000000000008",
    "callee": "+12025550109",  # answers at once, and talks for long
    "super_username": "superadmin@localhost",  # who may what only those may who run the service
    "super_password": "superadmin@localhost",
    "other_billing_account": "b8c9d0e1-f2a3-4567-8901-23456789abcd",  # of the same customer; Paddle does not know it
}


class TargetError(Exception):
    """A target that cannot be asked: it does not answer, or not in HTTP."""


class CannotSend(Exception):
    """A request that this target has no way to send: the case is left out."""


class Target:
    """Somebody to ask, with the credentials to do it. Subclasses `send`."""

    catalog: Catalog | None = None  # of its own, if it is known
    remote = False  # whether asking may change or cost something

    def __init__(
        self,
        name: str,
        *,
        accesskey: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.accesskey, self.token = accesskey, token
        self.username, self.password = username, password
        self.secrets = Secrets()
        self.stopping = threading.Event()  # set: ask no more, but clean up
        self.secrets.add(accesskey, token, password)
        self.values: dict[str, Any] = {"unique": format(Clock().microseconds(), "x"), **(values or {})}
        if username is not None and password is not None:
            self.values |= {"username": username, "password": password}
        if accesskey is not None:
            self.values["accesskey"] = accesskey

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """One request, sent as it is. Raises TargetError."""
        raise NotImplementedError

    def pause(self, seconds: float) -> None:
        """Let time pass, as a 429 asks for; being told to stop ends it, unless that is past already."""
        (threading.Event() if self.stopping.is_set() else self.stopping).wait(seconds)

    def log_in(self) -> None:
        """Turn the user name and password into a token, if there is none yet. Raises TargetError."""
        if self.token is not None or self.username is None:
            return
        body = json.dumps({"username": self.username, "password": self.password}).encode("utf-8")
        answer = self.send("POST", "/auth/login", "", {"Content-Type": "application/json"}, body)
        try:
            token = answer.json()["token"] if answer.status // 100 == 2 else None
        except (ValueError, LookupError, TypeError):
            token = None
        if not isinstance(token, str):
            raise TargetError(f"{self.name}: logging in as {self.username} was answered with {answer.status}")
        self.token = token
        self.secrets.add(token)

    def admitted(self) -> None:
        """Whether its credentials are taken. Raises TargetError, for else every case would only say so."""
        kinds = (("access key", "accesskey", self.accesskey), ("token", "token", self.token))
        for words, name, value in kinds:
            if value is not None:
                answer = self.send("GET", "/v1.0/tags", query_of({"page_size": 1, name: value}), {}, None)
                if answer.status == 401:
                    raise TargetError(f"{self.name}: the {words} is refused with 401: {excerpt(answer, 120)}")

    def close(self) -> None:
        """Let go of it."""


class MockTarget(Target):
    """A mock in this process: a fresh one, or one that is given."""

    def __init__(
        self,
        profile: str = "documented",
        mock: Mock | None = None,
        name: str | None = None,
        areas: Iterable[Area | str] = (),
    ) -> None:
        given = mock is not None
        self.mock = mock or Mock(
            profile,
            seed=dict(SEED),
            clock="2026-03-01 09:00:00",
            ignore=("all",),
            intercept=False,
            leak_guard=False,
            areas=areas,
        )
        super().__init__(
            name or f"mock:{self.mock.world.profile.name}",
            accesskey=self.mock.accesskey,
            token=self.mock.token,
            username=self.mock.username,
            password=self.mock.password,
            values={"unique": "0", **({} if given else SEEDED)},
        )
        self.catalog = catalog_of(self.mock.world)
        # Without a jar: the cookie of a login would win over every other credential.
        self._client = CredentialClient(self.mock.door, {}, use_cookies=False)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        reply = self._client.open(path, method=method, query_string=query, headers=dict(headers), data=body)
        return make_answer(reply.status_code, list(reply.headers), reply.get_data())

    def pause(self, seconds: float) -> None:
        self.mock.advance(seconds)


def query_of(query: Mapping[str, Any]) -> str:
    return urlencode({name: value if isinstance(value, list) else str(value) for name, value in query.items()}, True)
