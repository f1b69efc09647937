"""What a test plans faults and stubs with: `voipbin.faults`, `voipbin.stubs`."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.trouble.faults import PlannedFault, PlannedFaults
from voipbin_mock.trouble.kinds import STUB
from voipbin_mock.trouble.targets import ANY
from voipbin_mock.wire.errors import MockUsageError


class _Door:
    """What is planned, of one sort."""

    _stubs = False

    def __init__(self, plans: PlannedFaults) -> None:
        self._plans = plans

    def __iter__(self) -> Iterator[PlannedFault]:
        self._plans.up_to_date()
        return iter(self._plans.listed(self._stubs))

    def __len__(self) -> int:
        self._plans.up_to_date()
        return len(self._plans.listed(self._stubs))

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()}: {', '.join(map(str, self)) or 'none'}>"

    def clear(self) -> None:
        """Take all of them back; they are not reported as unused."""
        self._plans.clear(self._stubs)

    @property
    def unused(self) -> list[PlannedFault]:
        """Those not met, or not as often as planned."""
        self._plans.up_to_date()
        return [plan for plan in self._plans.unused() if (plan.kind == STUB) is self._stubs]


class Stubs(_Door):
    """The canned replies of one mock."""

    _stubs = True

    def add(self, on: str, **members: Any) -> PlannedFault:
        """See `Mock.stub`."""
        if isinstance(members.get("body"), bytes):
            raw = members.pop("body")
            try:
                members["body"] = raw.decode("utf-8")
            except UnicodeDecodeError:
                members["body_base64"] = base64.b64encode(raw).decode("ascii")
        return self._plans.add({"kind": STUB, "on": on, **members})


class Faults(_Door):
    """The faults of one mock.

    Every method takes a target (`"POST /outplans"`, `"outplans.create"`, `"any"`) and returns the plan,
    which can be used as a context manager and taken back with `cancel()`. Beside what is named below,
    each takes `times=` (1 if nothing is said; None: always), `nth=` (a number or several, counted from
    1 over the requests it is aimed at), `probability=` (drawn from the random seed; always, unless
    `times` is given), and `token=`, `accesskey=`, `agent=` (id or user name), `customer=` (id) to befall
    one caller only. Raises MockUsageError.
    """

    def add(self, spec: Mapping[str, Any]) -> PlannedFault:
        """A fault as the control API has it: `{"kind": "error", "on": "POST /outplans", "reason": ...}`."""
        if isinstance(spec, Mapping) and spec.get("kind") == STUB:
            raise MockUsageError("a stub is no fault; see stub()")
        return self._plans.add(spec)

    def error(self, on: str, reason: str, **members: Any) -> PlannedFault:
        """An error of the service's own, by its reason. The request is not handled, unless `after_commit`.

        message, retry_after (seconds), limited_by ("customer" or "ip"), after_commit, seconds (late).
        """
        return self._plans.add({"kind": "error", "on": on, "reason": reason, **members})

    def latency(self, on: str, seconds: float, **members: Any) -> PlannedFault:
        """The request is handled at once, and its answer comes so many seconds later."""
        return self._plans.add({"kind": "latency", "on": on, "seconds": seconds, **members})

    def refuse(self, on: str = ANY, **members: Any) -> PlannedFault:
        """No connection; the request is not handled."""
        return self._plans.add({"kind": "refuse", "on": on, **members})

    def reset(
        self, on: str = ANY, *, after_commit: bool = False, midway: bool | int = False, **members: Any
    ) -> PlannedFault:
        """The connection breaks instead of an answer.

        after_commit: the request was handled, and only its answer is lost. midway: it breaks in the
        middle of the answer's body (or after so many bytes of it).
        """
        if after_commit:
            members["after_commit"] = True
        if midway is not False:
            members["midway"] = midway
        return self._plans.add({"kind": "reset", "on": on, **members})

    def truncate(self, on: str = ANY, **members: Any) -> PlannedFault:
        """The body ends early, in good order: after half of it, or after `after=` bytes."""
        return self._plans.add({"kind": "truncate", "on": on, **members})

    def malformed(self, on: str = ANY, **members: Any) -> PlannedFault:
        """A whole answer with sound headers, whose body is broken JSON."""
        return self._plans.add({"kind": "malformed", "on": on, **members})

    def slow(self, on: str = ANY, seconds: float = 1.0, **members: Any) -> PlannedFault:
        """The body comes in `pieces=` (4), so many seconds apart."""
        return self._plans.add({"kind": "slow", "on": on, "seconds": seconds, **members})

    def content_type(
        self, on: str = ANY, content_type: str = "text/html; charset=utf-8", **members: Any
    ) -> PlannedFault:
        """The right body under a wrong Content-Type."""
        return self._plans.add({"kind": "content_type", "on": on, "content_type": content_type, **members})
