"""Schemathesis over WSGI, against the mock's own `/openapi.json`: whatever is sent, the document keeps its word.

`python -m tests.support.fuzz` is the long run, of 1 000 examples for each operation, profile and way; `.ci/run` has a
short one (`--short`). Every example starts from the same records, so that an example fails alone as it fails among
others. An answer of 500 and more is a failure unless the document says that the operation may give it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException, Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.support.examples import path_ids
from voipbin_mock import Mock, catalog
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Operation
from voipbin_mock.areas.campaigns.states import REFERENCES
from voipbin_mock.openapi import document as openapi
from voipbin_mock.wire.values import NIL_UUID
from voipbin_mock.world import profiles

# Checks of the library that are not asked, and why.
LEFT_OUT = {
    "missing_required_header": "no operation has a header parameter",
    "unsupported_method": "the service answers 404 where others answer 405",
    "allow_header_conformance": "so it never says Allow",
    "use_after_free": "what is deleted stays readable",
    "ensure_resource_availability": "only stateful runs ask it",
    "object_level_authorization": "only stateful runs ask it",
}
# Operations that want one of their parameters.
_PEER = {"peer_type": "tel", "peer_target": "+15551234567"}
ONE_OF = {
    "GET /v1.0/contacts/lookup": {"phone": "+15551234567"},
    "GET /v1.0/contact_interactions": _PEER,
    "GET /v1.0/contact_peer_events": _PEER,
}
# Their bodies name what has to exist.
REFERRING = ("/calls", "/campaigns", "/numbers")
# The server has no pages of them, and reads no token.
UNPAGED = ("GET /v1.0/contact_cases/unresolved", "GET /v1.0/service_agents/extensions")
PAGED = ("page_size", "page_token")
STATEFUL = ("POST /v1.0/contact_cases/{id}/continue", "POST /v1.0/contact_cases/{id}/messages")
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
MODES = {"positive": POSITIVE, "negative": NEGATIVE}


def checks() -> list[Any]:
    load_all_checks()
    return [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in LEFT_OUT]


class Fuzz:
    """One mock, its document, and what came of the examples."""

    def __init__(self, profile: str, strict: bool | None = None) -> None:
        self.mock = Mock(profile, seed="tutorial", strict=strict, clock="2026-03-01T09:00:00Z", ignore="all")
        world = self.mock.world
        self.declared = {one.label: one for one in openapi.operations(catalog_of(world), world.profile)}
        self.ids: dict[str, str] = {}
        self.boss = {"Authorization": f"Bearer {self.mock.token_for('superadmin@localhost')}"}
        self.seed = self.start = self.mock.snapshot()
        # Credentials are the run's own: an invented one beside a valid one is none.
        config = SchemathesisConfig.from_dict(
            {"generation": {"with-security-parameters": False}, "output": {"sanitization": {"enabled": False}}}
        )
        self.schema = schemathesis.openapi.from_wsgi("/openapi.json", self.mock.app, config=config)
        self.checks = checks()
        self.counts: Counter[tuple[str, int]] = Counter()

    @property
    def operations(self) -> list[Any]:
        found = [result.ok() for result in self.schema.get_all_operations()]
        return [operation for operation in found if not operation.path.endswith("/ws")]  # GET alone says nothing there

    def run(self, operation: Any, mode: str, examples: int, random_seed: int = 0) -> None:
        """So many examples for an operation. Raises what a check found."""
        self.mock.restore(self.seed)
        self.ids = path_ids(self.mock, self.declared[operation.label])
        self.start = self.mock.snapshot()

        @seed(random_seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(MODES[mode]), known=st.integers(0, 3), login=st.integers(0, 9))
        def example(case: Case, known: int, login: int) -> None:
            self.ask(case, known=known > 0, strict=mode == "positive", login=login > 0)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            example()

    def ask(self, case: Case, *, known: bool, strict: bool, login: bool = True) -> None:
        """One example, from the same records."""
        self.mock.restore(self.start)
        label = case.operation.label
        if known and strict:
            self._point_at_records(case)
        if strict:
            self._heed_what_no_schema_says(case)
        headers = self.boss if login else {}
        response = case.call(headers=headers)
        self.counts[label, response.status_code] += 1
        left_out = list(self._unsayable(case, known, response))
        if str(response.status_code) in case.operation.definition.raw["responses"]:  # it is promised
            left_out.append(not_a_server_error)
        case.validate_response(response, checks=self.checks, excluded_checks=left_out, headers=headers)

    def _unsayable(self, case: Case, known: bool, response: Any) -> Iterator[Any]:
        """Checks of what no schema can say."""
        if self._says_why(self.declared[case.operation.label], response):
            yield positive_data_acceptance
        if case.path_parameters and not known:  # some answer 400 to an id that is nobody's
            yield positive_data_acceptance
        if "" in (case.query or {}).values():  # a parameter that is empty is none
            yield negative_data_rejection
        label, body = case.operation.label, case.body if isinstance(case.body, dict) else {}
        if label in UNPAGED:
            yield negative_data_rejection
        if label in STATEFUL:  # a case must be closed, or be about the destination
            yield positive_data_acceptance
        if label == "POST /v1.0/accesskeys" and "expire" in body:  # of more than 32 bits the service reads 32
            yield negative_data_rejection
        if _has_gaps(case.operation.method.upper(), case.operation.path, body):  # they are taken, and told
            yield negative_data_rejection

    def _says_why(self, operation: Operation, response: Any) -> bool:
        """Whether it is refused for a reason of the operation's own, which the document names: that a record is of
        another kind, that two members do not go together. Of a few the document says that they give none."""
        if response.status_code != 400:
            return False
        if operation.bare_refusals or operation.websocket or not response.content.startswith(b"{"):
            return operation.bare_refusals or operation.websocket or operation.public
        reason = json.loads(response.content)["error"]["reason"]
        return reason in operation.reasons(self.mock.world.profile)

    def _point_at_records(self, case: Case) -> None:
        for parameter, value in self.ids.items():
            case.path_parameters[parameter] = value

    def _heed_what_no_schema_says(self, case: Case) -> None:
        """That an integer has no point, that a record exists, that one parameter wants another."""
        if isinstance(case.body, (dict, list)):
            case.body = pointless(case.body)
        label = case.operation.label
        if isinstance(case.body, dict) and any(path in label for path in REFERRING):
            for member in case.body:
                if member in REFERENCES or member.endswith("flow_id"):
                    case.body[member] = NIL_UUID
        if label in ONE_OF:
            case.query = {
                **{name: value for name, value in (case.query or {}).items() if name in PAGED},
                **ONE_OF[label],
            }
        if label == "GET /v1.0/available_numbers" and (case.query or {}).get("type") != "virtual":
            case.query = {**(case.query or {}), "country_code": "US"}


def _has_gaps(method: str, path: str, body: dict[str, Any]) -> bool:
    """Whether a body leaves out or empty what published clients do."""
    routed = catalog.default().route(method, path)
    part = routed[0].part if routed is not None else None
    return part is not None and bool(part.judge(body)[1])


def pointless(value: Any) -> Any:
    """Whole numbers without a point; JSON Schema has 1.0 among the integers, the service has not."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: pointless(member) for name, member in value.items()}
    return [pointless(item) for item in value] if isinstance(value, list) else value


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.support.fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="for each operation, profile and way (1000)")
    parser.add_argument("--profile", choices=list(profiles.PROFILES), action="append")
    parser.add_argument("--mode", choices=list(MODES), action="append")
    parser.add_argument("--only", default="", help="operations whose label holds this text")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--short", action="store_true", help="4 examples, with each profile in a process of its own")
    given = parser.parse_args(list(arguments) if arguments is not None else None)
    if given.short:
        return short()
    found = 0
    for profile in given.profile or profiles.PROFILES:
        fuzz, begun = Fuzz(profile), time.perf_counter()
        operations = [operation for operation in fuzz.operations if given.only in operation.label]
        for operation in operations:
            for mode in given.mode or MODES:
                try:
                    fuzz.run(operation, mode, given.examples, given.seed)
                except Unsatisfiable:
                    continue  # nothing can be wrong with a request that has no parts
                except (FailureGroup, HypothesisException) as error:
                    found += 1
                    told = re.sub(r"Bearer [\w.-]+", "Bearer ...", str(error))
                    print(f"\n{profile} {mode} {operation.label}\n{told[:3000]}", flush=True)
        asked = sum(fuzz.counts.values())
        codes = Counter[int]()
        for (_, code), count in fuzz.counts.items():
            codes[code] += count
        seconds = time.perf_counter() - begun
        told = f"{len(operations)} operations, {asked} requests in {seconds:.0f} s, {dict(sorted(codes.items()))}"
        print(f"{profile}: {told}")
    print(f"{found} operations answered otherwise than described" if found else "everything was answered as described")
    return 1 if found else 0


def short() -> int:
    """A few examples of everything, within a minute on two cores."""
    command = [sys.executable, "-m", "tests.support.fuzz", "--examples", "4", "--profile"]
    runs = [subprocess.Popen([*command, profile]) for profile in profiles.PROFILES]
    return max(run.wait() for run in runs)


if __name__ == "__main__":
    sys.exit(main())
