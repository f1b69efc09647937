"""A client that a generator makes of the document is whole, and reads every answer of a server, in both profiles."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, get_args
from uuid import UUID

import pytest

from tests.support.examples import a_record, example_body, path_ids
from voipbin_mock import Mock, catalog
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Operation
from voipbin_mock.openapi import document as openapi
from voipbin_mock.openapi.document import tag_of

pytest.importorskip("openapi_python_client", reason="the generator is not installed")
# As `python -m openapi_python_client` would. It copies every endpoint deeply, three times and for its sorting alone,
# which takes half of its time: what it writes is the same without.
GENERATE = """
import copy
from openapi_python_client import cli
from openapi_python_client.parser import openapi
openapi.deepcopy = copy.copy
cli.app()
"""
SUPER_ADMIN = "superadmin@localhost"
RUNS, WIDGETS, AICALLS = (catalog.default().resources[name] for name in ("activeflows", "webchat_widgets", "aicalls"))


class Generated:
    """The package that the generator made of a mock's document, and a client that talks to the mock's server."""

    def __init__(self, mock: Mock, name: str) -> None:
        self.mock, self.name = mock, name
        self.origin = mock.serve().origin
        client = self.module("client")
        self.client = client.AuthenticatedClient(
            base_url=self.origin, token=mock.token_for(SUPER_ADMIN), raise_on_unexpected_status=True
        )
        self.start = mock.snapshot()

    def __enter__(self) -> Generated:
        self.client.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self.client.__exit__(*details)

    def module(self, *path: str) -> ModuleType:
        return importlib.import_module(".".join((self.name, *path)))

    def call(self, operation: Operation) -> Any:
        """The detailed answer to one call, made with every member that the operation's body may have."""
        self.mock.restore(self.start)
        given = BEFORE[operation.name](self.mock) if operation.name in BEFORE else {}
        module = self.module("api", tag_of(operation), operation.name.replace(".", "_"))
        arguments = self._arguments(operation, inspect.signature(module.sync_detailed), given)
        return module.sync_detailed(**arguments, client=self.client)

    def _arguments(self, operation: Operation, signature: inspect.Signature, given: dict[str, Any]) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            name.replace("-", "_"): value for name, value in path_ids(self.mock, operation).items()
        }
        if operation.name == "available_numbers.list":
            arguments["country_code"] = "US"
        if operation.name.endswith("transcripts.list"):
            arguments["transcribe_id"] = UUID("8c5a9e2a-2a7f-4a6f-9f1d-debd72c279ce")
        if operation.name in ("contact_peer_events.interactions", "contact_peer_events.list"):
            arguments |= {"peer_type": "tel", "peer_target": "+15550100001"}  # who is meant, in one way of several
        if operation.name.endswith("aimessages.list"):
            arguments["aicall_id"] = UUID(a_record(self.mock, AICALLS).id)
        if operation.name == "contacts.lookup":
            arguments["phone"] = "+15551234567"
        if operation.name == "timelines.aggregated":
            arguments["activeflow_id"] = a_record(self.mock, RUNS).id
        if operation.part is not None:
            body = example_body(operation) | given
            if operation.part_name == "login":
                body = {"username": self.mock.username, "password": self.mock.password}
            if operation.name == "storage_accounts.create":
                body = {"customer_id": self.mock.customers.create(name="another").id}
            if operation.name == "auth.boot":
                body = {"direct_hash": a_record(self.mock, WIDGETS).direct_hash}
            kind = signature.parameters["body"].annotation  # a model; or, where null may be sent, that or None
            model = next(each for each in (*get_args(kind), kind) if hasattr(each, "from_dict"))
            arguments["body"] = model.from_dict(body)
            assert arguments["body"].to_dict() == body, "the generated body loses members"
            return arguments
        return arguments | given


# What is strict differs by the documents alone.
@pytest.fixture(scope="module", params=[("documented", False), ("documented", True), ("server", False)], ids=str)
def generated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    profile, strict = request.param
    folder = tmp_path_factory.mktemp("generated")
    name = f"made_of_{profile}_{'strict' if strict else 'lenient'}"
    (folder / "config.yaml").write_text("post_hooks: []\n")
    with Mock(profile, seed="tutorial", strict=strict, ignore="all") as mock:
        key = (catalog_of(mock.world), mock.world.profile, mock.world.strict)
        (folder / "openapi.json").write_text(openapi.text(*key), encoding="utf-8")
        command = [sys.executable, "-c", GENERATE, "generate", "--meta", "none", "--fail-on-warning"]
        paths = ["--path", "openapi.json", "--output-path", name, "--config", "config.yaml"]
        run = subprocess.run([*command, *paths], cwd=folder, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
        sys.path.insert(0, str(folder))
        try:
            with Generated(mock, name) as made:
                yield made
        finally:
            sys.path.remove(str(folder))


def frozen(mock: Mock) -> dict[str, Any]:
    for customer in mock.customers.list():
        mock.customers.update(customer.id, status="frozen")
    return {}


def signed_up(mock: Mock) -> dict[str, Any]:
    sent = {"email": "bob@example.com", "accepted_tos": True}
    assert mock.anonymous.post("/auth/signup", json=sent).status_code == 200
    return {"token": mock.account_mails.get(kind="verify").token}


def forgetful(mock: Mock) -> dict[str, Any]:
    assert mock.anonymous.post("/auth/password-forgot", json={"username": mock.username}).status_code == 200
    return {"token": mock.account_mails.get(kind="reset").token}


def unconfigured(mock: Mock) -> dict[str, Any]:
    mock.outbound_configs.delete(mock.outbound_configs.get(customer_id=mock.customers.list()[0].id).id)
    return {}


def hung_up(mock: Mock) -> dict[str, Any]:
    return {"aicall_id": mock.aicalls.update(a_record(mock, AICALLS).id, status="terminated").id}


def audited(mock: Mock) -> dict[str, Any]:
    audit = mock.aiaudits.get("11111111-1111-1111-1111-111111111111")
    return {"ai_id": audit.ai_id, "audit_ids": [audit.id]}


def called(mock: Mock) -> dict[str, Any]:
    return {"reference_type": "call", "reference_id": mock.calls.list(status="progressing")[0].id}


def ran(mock: Mock) -> dict[str, Any]:
    return {"activeflow_id": mock.activeflows.list(status="ended")[0].id}


# What has to be so before an operation is asked; what it gives is sent.
BEFORE = {
    "aiaudits.create": hung_up,
    "aipromptproposals.create": audited,
    "aisummaries.create": called,
    "timeline_analyses.create": ran,
    "auth.come_back": frozen,
    "auth.email_verify": signed_up,
    "auth.password_reset": forgetful,
    "customers.recover": frozen,
    "outbound_configs.create": unconfigured,
}
# They want a call in a bridge, or one that is recorded; or lead elsewhere.
NEED_MORE = ("transfers.create", "calls.recording_stop", "recordings.file")
# The generator has no type for a body that is one of two, and code for pages that cannot run.
NEED_MORE += ("auth.unregister", "auth.email_verify_page", "auth.password_reset_page")
# What an agent has, or is in: tests/areas/service_agents, talk and storage ask it.
AT_DESK = ("service_agents.", "talk_", "storage_files.")

FAIL_ALWAYS = ("aimessages.delete", "storage_accounts.create", "outbound_configs.create")  # on the server


def test_every_call_is_generated_and_every_answer_is_read_without_loss(generated: Generated) -> None:
    world = generated.mock.world
    asked, bad = 0, []
    for operation in openapi.operations(catalog_of(world), world.profile):
        if operation.websocket or operation.name in NEED_MORE or operation.name.startswith(AT_DESK):
            continue
        if operation.name in FAIL_ALWAYS and world.profile.name == "server":
            continue
        answer = generated.call(operation)
        if answer.status_code not in (200, 201, 202, 204):
            bad.append((operation.name, answer.content[:90]))
        assert answer.parsed is not None or not answer.content, operation.label
        asked += 1
    assert not bad
    assert asked > 80
