"""An area of somebody's own: declared in one folder, it goes through every door of the mock."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import toys
from tests.support.toys.area import AREA, RUNS, TOYS, Wound
from tests.support.valid_openapi import part_about, validate
from voipbin_mock import Mock, MockUsageError, SeedError, catalog
from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.flow_actions import Done, FlowAction
from voipbin_mock.contract import MockTarget, check
from voipbin_mock.contract.casebook import load
from voipbin_mock.insight.coverage import surface_of

FOLDER = Path(toys.__file__).parent
MODULE = "tests.support.toys.area"
START = "2026-03-01 09:00:00"
PROFILES = ("documented", "server")
each_profile = pytest.mark.parametrize("profile", PROFILES)


@pytest.fixture(params=PROFILES)
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, areas=[AREA], clock=START) as mock:
        yield mock


def make(mock: Mock, name: str = "bear", owner: int = 0) -> dict[str, Any]:
    body = {"name": name, "owner_id": mock.agents.list()[owner].id, "detail": "brown"}
    made: dict[str, Any] = mock.client.post("/v1.0/toys", json=body).json
    return made


def detail(mock: Mock) -> str:
    (toy,) = mock.records("toys")
    return str(toy["detail"])


def test_all_of_it_is_sixty_lines_of_code_in_one_folder() -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) <= 60


def test_nothing_else_of_the_package_has_heard_of_it() -> None:
    assert "toys" not in catalog.default().resources
    assert RUNS.name not in catalog.default().differences
    with Mock() as mock:
        assert mock.client.get("/v1.0/toys").status_code == 404
        assert mock.client.get("/__mock__/toys").status_code == 404


# --- its operations ------------------------------------------------------------------------------


def test_its_resources_are_made_read_changed_and_deleted(mock: Mock) -> None:
    for resource, body in (("toys", {"name": "x", "owner_id": mock.agents.list()[0].id, "detail": ""}),
                           ("shelves", {"name": "x"})):  # fmt: skip
        made = mock.client.post(f"/v1.0/{resource}", json=body).json
        where = f"/v1.0/{resource}/{made['id']}"
        assert mock.client.get(where).json == made
        assert mock.client.put(where, json={**body, "name": "y"}).json["name"] == "y"
        assert [row["name"] for row in mock.client.get(f"/v1.0/{resource}").json["result"]] == ["y"]
        assert mock.client.delete(where).json["tm_delete"] != made["tm_delete"]
        assert mock.client.get(f"/v1.0/{resource}").json["result"] == []


def test_an_agent_sees_its_own_toys_and_no_others(mock: Mock) -> None:
    own, others = make(mock, "own", 0), make(mock, "others", 1)
    agent = mock.client_for(own["owner_id"])
    assert agent.get("/v1.0/service_agents/toys").json["result"] == [own]
    assert agent.get(f"/v1.0/service_agents/toys/{own['id']}").json == own
    refused = agent.get(f"/v1.0/service_agents/toys/{others['id']}")
    assert (refused.status_code, refused.json["error"]["reason"]) == (403, "PERMISSION_DENIED")
    assert agent.get("/v1.0/service_agents/toys?page_size=1&page_token=").json["result"] == [own]


def test_an_access_key_is_no_agent(mock: Mock) -> None:
    reply = mock.anonymous.get("/v1.0/service_agents/toys", query_string=mock.params)
    assert reply.json["error"]["reason"] == "AGENT_AUTH_REQUIRED"


def test_what_is_not_mirrored_is_not_there(mock: Mock) -> None:
    for method, path in (("POST", "toys"), ("GET", "shelves")):
        reply = mock.client.open(f"/v1.0/service_agents/{path}", method=method, json={})
        assert reply.json["error"]["reason"] == "ROUTE_NOT_FOUND"


def test_the_control_call_tells_of_its_part(mock: Mock) -> None:
    assert mock.client.get("/__mock__/toys").json == {"wound": 0}
    make(mock)
    assert mock.client.get("/__mock__/toys").json == {"wound": 1}
    assert "GET /__mock__/toys" in {operation.label for operation in catalog_of(mock.world).operations}


# --- what happens by itself ------------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "seconds"), [("documented", 10), ("server", 20)])
def test_a_toy_runs_as_long_as_the_profile_has_it(profile: str, seconds: int) -> None:
    with Mock(profile, areas=[AREA], clock=START) as mock:
        make(mock)
        mock.advance(seconds=seconds - 1)
        assert detail(mock) == "brown"
        mock.advance(seconds=1)
        assert detail(mock) == "still"


def test_what_becomes_of_a_toy_is_told_by_webhook(mock: Mock) -> None:
    heard: list[Any] = []
    mock.webhooks.connect(heard.append)
    made = make(mock)
    mock.advance(seconds=60)
    assert [webhook.type for webhook in heard] == ["toy_created", "toy_updated"]
    assert heard[0].data == made


def test_both_profiles_are_listed_with_their_difference() -> None:
    assert catalog.having([AREA]).differences["toys-run"] is RUNS


# --- its state -------------------------------------------------------------------------------------


def test_its_part_and_records_are_dumped_and_loaded(mock: Mock) -> None:
    make(mock)
    state = mock.dump()
    assert state["wound"] == 1
    with Mock(mock.world.profile.name, areas=[AREA]) as other:
        other.load(state)
        assert other.dump() == state
        assert other.client.get("/__mock__/toys").json == {"wound": 1}
        other.advance(seconds=60)
        assert detail(other) == "still"


def test_a_state_that_its_part_cannot_read_changes_nothing(mock: Mock) -> None:
    make(mock)
    before = mock.dump()
    with pytest.raises(SeedError, match="state: /wound: "):
        mock.load({**before, "wound": "often"})
    assert mock.dump() == before


def test_a_snapshot_keeps_its_part_records_and_timers(mock: Mock) -> None:
    kept = mock.snapshot()
    make(mock)
    wound = mock.snapshot()
    mock.advance(seconds=60)
    make(mock, "kite")
    mock.restore(wound)
    assert (detail(mock), mock.world.part(Wound).times) == ("brown", 1)
    mock.advance(seconds=60)
    assert detail(mock) == "still"
    mock.restore(kept)
    assert (len(mock.records("toys")), mock.world.part(Wound).times) == (0, 0)


def test_a_reset_begins_anew(mock: Mock) -> None:
    make(mock)
    mock.reset()
    assert (len(mock.records("toys")), mock.world.part(Wound).times) == (0, 0)
    assert not mock.world.timers.pending()


def test_a_seed_may_give_its_records(mock: Mock) -> None:
    mock.reset({"extends": "account", "toys": [{"name": "ball"}]})
    assert [toy["name"] for toy in mock.records("toys")] == ["ball"]
    assert [toy["name"] for toy in mock.client.get("/v1.0/toys").json["result"]] == ["ball"]


# --- what tells of it ------------------------------------------------------------------------------


def test_the_openapi_document_describes_it(mock: Mock) -> None:
    document = mock.openapi()
    validate(part_about(document, "toys"))
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)
    described = {path: set(methods) for path, methods in document["paths"].items() if "toys" in path}
    assert described == {
        "/v1.0/toys": {"get", "post"},
        "/v1.0/toys/{id}": {"get", "put", "delete"},
        "/v1.0/service_agents/toys": {"get"},
        "/v1.0/service_agents/toys/{id}": {"get"},
    }
    assert set(document["components"]["schemas"]["Toy"]["required"]) == TOYS.record.names


def test_its_contract_case_is_run_with_the_others(mock: Mock) -> None:
    (case,) = load(only="toys/*", catalog=catalog_of(mock.world))
    check(case, mock)
    assert "toys/unknown-is-missing" not in {case.name for case in load()}


@each_profile
def test_its_contract_case_fails_where_there_is_no_such_area(profile: str) -> None:
    (case,) = load(only="toys/*", catalog=catalog.having([AREA]))
    check(case, MockTarget(profile, areas=[AREA]))
    with pytest.raises(AssertionError, match="ROUTE_NOT_FOUND"):
        check(case, MockTarget(profile))


def test_the_coverage_report_counts_it() -> None:
    with Mock(areas=[AREA], clock=START, coverage=True) as mock:
        make(mock)
        mock.client.get("/v1.0/service_agents/toys")
        labels = {operation.label for operation in surface_of(catalog_of(mock.world)).operations.values()}
        assert {"POST /v1.0/shelves", "GET /v1.0/service_agents/toys"} <= labels
        shown = mock.coverage().as_dict()["operations"]["items"]
        asked = {item["call"] for item in shown if item["count"]}
        assert asked == {"POST /v1.0/toys", "GET /v1.0/service_agents/toys"}


# --- where it is asked for -------------------------------------------------------------------------


def test_a_live_server_answers_for_it(mock: Mock) -> None:
    mock.serve()
    made = make(mock)
    reply = requests.get(f"{mock.url}/toys/{made['id']}", headers=mock.headers, timeout=10)
    assert (reply.status_code, reply.json()) == (200, made)
    assert requests.get(f"{mock.origin}/__mock__/toys", timeout=10).json() == {"wound": 1}


def test_the_fixture_has_it_by_marker_and_by_setting(run: Callable[..., pytest.RunResult]) -> None:
    text = f"""
        import pytest

        def made(mock):
            body = {{"name": "bear", "owner_id": mock.agents.list()[0].id, "detail": ""}}
            assert mock.client.post("/v1.0/toys", json=body).status_code == 200
            return mock.client.get("/__mock__/toys").json["wound"]

        @pytest.mark.voipbin(areas=["{MODULE}"])
        def test_by_marker(voipbin):
            assert made(voipbin) == 1

        def test_it_is_not_there_for_others(voipbin):
            assert voipbin.client.get("/v1.0/toys").status_code == 404

        class TestBySettings:
            @pytest.fixture
            def voipbin_settings(self):
                from {MODULE} import AREA
                return {{"areas": [AREA]}}

            def test_by_settings(self, voipbin):
                assert made(voipbin) == 1
    """
    run(text).assert_outcomes(passed=3)


def test_the_fixture_has_it_by_flag(run: Callable[..., pytest.RunResult]) -> None:
    text = "def test_it(voipbin):\n    assert voipbin.client.get('/v1.0/toys').status_code == 200\n"
    run(text, f"--voipbin-mock-areas={MODULE}").assert_outcomes(passed=1)


@pytest.mark.parametrize("wrong", ["tests.support.floors", "tests.support.nowhere", 7])
def test_what_is_no_area_is_refused(wrong: Any) -> None:
    with pytest.raises(MockUsageError, match="areas: "):
        Mock(areas=[wrong])


def test_a_type_of_flow_action_of_ones_own_is_known() -> None:
    flow = {"name": "party", "detail": "", "actions": [{"type": "dance"}]}
    dances = Area("dances", actions=[FlowAction("dance", lambda run, option: Done())])
    assert Mock().client.post("/v1.0/flows", json=flow).status_code == 400
    mock = Mock(areas=[dances])
    assert mock.client.post("/v1.0/flows", json=flow).status_code == 200
    assert "dance" in json.dumps(mock.openapi())
