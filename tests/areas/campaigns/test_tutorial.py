"""The curl lines of the published tutorials, by curl, against `voipbin-mock serve`: only the host is changed."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.processes import facts_of, serving

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

NIL = "00000000-0000-0000-0000-000000000000"
OUTPLAN, GONE = "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e", "88334a03-bc6b-40b6-878f-46df2d9865db"
NUMBER, RELEASED = "d5532488-0b2d-11eb-b18c-172ab8f2d3d8", "b7ee1086-fcbc-4f6f-96e5-7f9271e25279"
ACCESSKEY = "2f1f8f7e-9b3d-4c60-8465-b69e9f28b6dc"
AGENT = "f1a2b3c4-d5e6-7890-abcd-ef1234567890"
FLOW = "decc2634-0b2a-11eb-b38d-87a8f1051188"
STAMPS = ["tm_create", "tm_update", "tm_delete"]
COUNTS = [f"max_try_count_{n}" for n in range(5)]
PLAN_KEYS = ["id", "customer_id", "name", "detail", "source", "dial_timeout", "try_interval", *COUNTS, *STAMPS]
NUMBER_KEYS = ["id", "customer_id", "number", "type", "call_flow_id", "message_flow_id", "name", "detail", "status"]
NUMBER_KEYS += ["t38_enabled", "emergency_enabled", "metadata", "tm_purchase", "tm_renew", *STAMPS]
KEY_KEYS = ["id", "customer_id", "name", "detail", "token_prefix", "tm_expire", *STAMPS]
AGENT_KEYS = ["id", "customer_id", "username", "name", "detail", "ring_method", "status", "permission"]
AGENT_KEYS += ["tag_ids", "addresses", "direct_hash", *STAMPS]
SOURCE = {"type": "tel", "target": "+15559876543"}
DIALING = {"dial_timeout": 30000, "try_interval": 60000, **dict.fromkeys(COUNTS, 5)}
NAMES = {"name": "test outplan", "detail": "outplan for test use."}
FLOWS = {"call_flow_id": FLOW, "message_flow_id": NIL}


@pytest.fixture(params=["token", "accesskey"])
def curl(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Runs a line of a tutorial; what it answers with 200, as JSON."""
    with serving("--port", "0", "--json", "--quiet") as server:
        facts = facts_of(server)

        def run(method: str, path: str, body: object = None) -> Any:
            line = f"curl --location --request {method} '{facts['url']}{path}"
            line += f"{'&' if '?' in path else '?'}{request.param}={facts[request.param]}'"
            if body is not None:
                line += f" --header 'Content-Type: application/json' --data-raw '{json.dumps(body, indent=4)}'"
            words = [*shlex.split(line), "--silent", "--max-time", "10", "--write-out", "\n%{http_code}"]
            done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=True)
            text, _, code = done.stdout.rpartition("\n")
            assert code == "200", (line, text)
            return json.loads(text)

        yield run


def test_every_line_of_the_outplan_pages_works_as_printed(curl: Any) -> None:
    page = curl("GET", "/outplans")
    assert list(page) == ["result", "next_page_token"]
    (printed,) = page["result"]
    assert list(printed) == PLAN_KEYS
    assert printed["id"] == OUTPLAN
    assert list(printed["source"]) == ["type", "target", "target_name", "name", "detail"]
    assert (printed["tm_create"], printed["tm_delete"]) == ("2022-04-28 01:50:23.414000", "9999-01-01 00:00:00.000000")
    assert curl("GET", f"/outplans/{OUTPLAN}") == printed
    created = curl("POST", "/outplans", {**NAMES, "source": SOURCE, **DIALING})
    assert list(created) == PLAN_KEYS
    assert {**created, **dict.fromkeys(("id", "customer_id", *STAMPS))} == {
        **dict.fromkeys(PLAN_KEYS),
        **NAMES,
        "source": printed["source"],
        **DIALING,
    }
    assert created["tm_update"] == created["tm_delete"] == "9999-01-01 00:00:00.000000"
    assert list(curl("POST", "/outplans", {**NAMES, **DIALING})) == PLAN_KEYS  # the overview gives no source
    renamed = curl("PUT", f"/outplans/{OUTPLAN}", {"name": "updated name", "detail": "updated detail"})
    assert (renamed["name"], renamed["detail"], renamed["dial_timeout"]) == ("updated name", "updated detail", 30000)
    redialed = curl("PUT", f"/outplans/{OUTPLAN}/dial_info", {"source": SOURCE, **DIALING, "try_interval": 120000})
    assert (redialed["name"], redialed["try_interval"]) == ("updated name", 120000)
    assert "9999" > redialed["tm_update"] > renamed["tm_update"] > printed["tm_update"]
    deleted = curl("DELETE", f"/outplans/{GONE}")
    assert deleted["id"] == GONE
    assert deleted["tm_delete"] == deleted["tm_update"] < "9999"
    first = curl("GET", "/outplans?page_size=1")
    rest = curl("GET", f"/outplans?page_size=10&page_token={first['next_page_token'].replace(' ', '%20')}")
    assert len(first["result"]) == 1
    assert [plan["id"] for plan in rest["result"]] == [created["id"], OUTPLAN]


def test_every_line_of_the_number_pages_works_as_printed(curl: Any) -> None:
    assert {row["id"] for row in curl("GET", "/numbers")["result"]} > {NUMBER, RELEASED}
    number = curl("GET", f"/numbers/{NUMBER}")
    assert list(number) == NUMBER_KEYS
    assert number["number"] == "+16195734778"
    assert curl("GET", "/available_numbers?country_code=US")["result"]
    assert curl("GET", "/available_numbers?type=virtual&page_size=5")["result"]
    changed = curl("PUT", f"/numbers/{NUMBER}", {**FLOWS, "name": "test name", "detail": "test detail"})
    assert changed["call_flow_id"] == FLOW
    assert list(curl("PUT", f"/numbers/{NUMBER}/flow_ids", FLOWS)) == NUMBER_KEYS
    assert curl("PUT", f"/numbers/{NUMBER}/metadata", {"rtp_debug": True})["metadata"] == {"rtp_debug": True}
    assert curl("DELETE", f"/numbers/{RELEASED}")["status"] == "deleted"
    assert curl("POST", "/numbers", {"number": "+16062067563"})["status"] == "active"
    virtual = curl("POST", "/numbers", {"number": "+899100000001", "type": "virtual"})
    assert list(virtual) == NUMBER_KEYS


def test_every_line_of_the_access_key_pages_works_as_printed(curl: Any) -> None:
    assert ACCESSKEY in {row["id"] for row in curl("GET", "/accesskeys")["result"]}
    assert list(curl("GET", f"/accesskeys/{ACCESSKEY}")) == KEY_KEYS
    body = {"name": "My New Accesskey", "detail": "This key is used for reporting", "expire": 31536000}
    made = curl("POST", "/accesskeys", body)
    assert made["token"].startswith(made["token_prefix"])
    changed = curl("PUT", f"/accesskeys/{ACCESSKEY}", {"name": "Updated", "detail": "Updated detail"})
    assert (changed["name"], "token" in changed) == ("Updated", False)
    assert curl("DELETE", f"/accesskeys/{ACCESSKEY}")["id"] == ACCESSKEY


def test_every_line_of_the_agent_pages_that_is_mocked_works_as_printed(curl: Any) -> None:
    assert AGENT in {row["id"] for row in curl("GET", "/agents")["result"]}
    agent = curl("GET", f"/agents/{AGENT}")
    assert list(agent) == AGENT_KEYS
    assert agent["username"] == "test2"


def test_logging_in_gives_a_token_that_works(curl: Any) -> None:
    credentials = {"username": "admin@localhost", "password": "admin@localhost"}
    login = curl("POST", "/auth/login", credentials)
    assert login["username"] == "admin@localhost"
    assert login["token"].count(".") == 2
