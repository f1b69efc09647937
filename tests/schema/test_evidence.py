"""What the schemas require, and who leaves it out, is what the documents require and their pages leave out.

`tests/data/documented-required.json` is what VoIPBIN's OpenAPI file requires of each body that is mocked,
`published-pages.json` every request that the pages print. What published clients send is in
`tests/api/test_published_clients.py`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.api.test_published_clients import SENT
from tests.support.each import for_each
from voipbin_mock import catalog
from voipbin_mock.api.operations import Operation
from voipbin_mock.schema.checks import compile_check
from voipbin_mock.schema.tolerance import EMPTY, LEFT_OUT

DATA = Path(__file__).resolve().parents[1] / "data"
ASKED: dict[str, list[str]] = json.loads((DATA / "documented-required.json").read_text(encoding="utf-8"))
PAGES: list[dict[str, Any]] = json.loads((DATA / "published-pages.json").read_text(encoding="utf-8"))
# Required although the file does not say so: without them there is nothing to do, and every page gives them.
PLAINLY_NEEDED = {
    "POST /calls": {"source", "destinations"},
    "PUT /agents/{id}/password": {"password"},
    "POST /auth/login": {"username", "password"},
    "POST /auth/delegate": {"customer_id", "reason"},  # the file has no such operation
}
# The file requires members, pages leave them out but for one, and a published client (vn) sends nothing at all.
MAY_BE_EMPTY = {"POST /calls/{id}/recording_start"}


def name(operation: Operation) -> str:
    return operation.label.replace("/v1.0", "")


BODIES = {name(operation): operation for operation in catalog.default().operations if operation.part is not None}
each_body = for_each("label", BODIES)


def sent_to(label: str, ask: str) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(label)), ask.replace("/v1.0", "")) is not None


def members(label: str, word: str) -> dict[str, list[str]]:
    part = BODIES[label].part
    assert part is not None
    return {member: by[word] for member, by in part.schema.get("properties", {}).items() if word in by}


def test_every_body_has_its_row() -> None:
    assert ASKED.keys() == BODIES.keys()


@each_body
def test_pages_that_leave_a_member_out_are_named_beside_it(label: str) -> None:
    pages: dict[str, set[str]] = {}
    for entry in PAGES:
        mirrored = label.replace("/service_agents", "")  # what is a mirror takes the same body
        if isinstance(entry.get("body"), dict) and (sent_to(label, entry["ask"]) or sent_to(mirrored, entry["ask"])):
            for member in set(ASKED[label]) - set(entry["body"]):
                pages.setdefault(member, set()).add(entry["page"].partition(":")[0])
    named = {member: {one for one in by if one.endswith(".rst")} for member, by in members(label, LEFT_OUT).items()}
    assert {member: by for member, by in named.items() if by} == pages


@each_body
def test_required_is_what_the_documents_require_and_no_page_leaves_out(label: str) -> None:
    part = BODIES[label].part
    assert part is not None
    by_pages = {member for member, by in members(label, LEFT_OUT).items() if any(one.endswith(".rst") for one in by)}
    if label in MAY_BE_EMPTY:
        assert "required" not in part.schema
        return
    wanted = (set(ASKED[label]) | PLAINLY_NEEDED.get(label, set())) - by_pages
    assert set(part.schema.get("required", ())) == wanted
    if ASKED[label] and not wanted:
        assert part.schema["minProperties"] == 1


@each_body
def test_a_client_that_is_named_beside_a_member_is_seen_to_do_it(label: str) -> None:
    part = BODIES[label].part
    assert part is not None
    clients = {sent.by for sent in SENT}
    mirrored = label.replace("/service_agents", "")  # what is a mirror takes the same body
    bodies = [sent for sent in SENT if sent_to(label, sent.ask) or sent_to(mirrored, sent.ask)]
    for member, by in members(label, LEFT_OUT).items():
        for one in by if member in part.schema.get("required", ()) else ():
            assert one in clients
            assert any(sent.by == one and member not in sent.body for sent in bodies), (member, one)
    for member, by in members(label, EMPTY).items():
        for one in by:
            assert any(sent.by == one and sent.body.get(member) == "" for sent in bodies), (member, one)
            exact = compile_check(part.schema["properties"][member], part.home)
            assert not exact(""), "an empty text that is valid is no gap"
