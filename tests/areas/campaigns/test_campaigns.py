"""Campaigns: what they refer to, what they tell, and when they run, in both profiles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.campaigning import (
    CAMPAIGN,
    CUSTOMER,
    OUTDIAL,
    SHOWN_TALK,
    SOME_ID,
    TALK,
    TARGET,
    events,
    foreigner,
    plain_agent,
    published,
    refusal,
)
from voipbin_mock import Mock
from voipbin_mock.areas import ACTIONS
from voipbin_mock.areas.campaigns import states as states
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.values import NIL_UUID

PAGE_CAMPAIGN = "183c0d5c-691e-42f3-af2b-9bffc2740f83"
REFERENCES = {"outplan_id": "outplans", "outdial_id": "outdials", "queue_id": "queues", "next_campaign_id": "campaigns"}


def a_campaign(mock: Mock, **members: Any) -> Any:
    reply = mock.client.post("/v1.0/campaigns", json={**CAMPAIGN, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def put(mock: Mock, campaign: Any, tail: str, **body: Any) -> Any:
    return mock.client.put(f"/v1.0/campaigns/{campaign['id']}{tail}", json=body)


def row_of(mock: Mock, campaign: Any) -> Any:
    row = mock.world.store["campaigns"].get(campaign["id"])
    assert row is not None
    return row


# --- creating ------------------------------------------------------------------------------------


def test_a_new_campaign_by_the_documents_to_the_letter(documented: Mock) -> None:
    reply = documented.client.post("/v1.0/campaigns", json=CAMPAIGN)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","type":"call","name":"spring","detail":"offers",'
        '"status":"stop","service_level":100,"end_handle":"stop","actions":['
        f'{{"id":"{NIL_UUID}","next_id":"{NIL_UUID}","type":"talk","option":{{"text":"hi","language":"en-US"}},'
        f'"tm_execute":null}}],"outplan_id":"{NIL_UUID}","outdial_id":"{NIL_UUID}","queue_id":"{NIL_UUID}",'
        f'"next_campaign_id":"{NIL_UUID}","tm_create":"2026-03-01 09:00:00.000000","tm_update":null,"tm_delete":null}}'
    )


def test_a_new_campaign_by_the_server_to_the_letter(server: Mock) -> None:
    server.freeze("2026-03-01T09:05:00Z")
    reply = server.client.post("/v1.0/campaigns", json={**CAMPAIGN, "actions": []})
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","type":"call","name":"spring","detail":"offers",'
        f'"status":"stop","service_level":100,"end_handle":"stop","actions":[],"outplan_id":"{NIL_UUID}",'
        f'"outdial_id":"{NIL_UUID}","queue_id":"{NIL_UUID}","next_campaign_id":"{NIL_UUID}",'
        '"tm_create":"2026-03-01T09:05:00Z","tm_update":null,"tm_delete":null}'
    )


def test_the_server_needs_nothing_and_knows_no_choices(server: Mock) -> None:
    bare = server.client.post("/v1.0/campaigns", json={}).json
    assert {name: bare[name] for name in CAMPAIGN} == {
        **CAMPAIGN,
        **dict.fromkeys(("name", "detail", "type", "end_handle"), ""),
        "service_level": 0,
        "actions": [],
    }
    assert bare["status"] == "stop"
    odd = a_campaign(server, type="fax", end_handle="loop", service_level=-5)
    assert (odd["type"], odd["end_handle"], odd["service_level"]) == ("fax", "loop", -5)


def test_the_documents_need_what_their_examples_send_and_know_the_choices(documented: Mock) -> None:
    optional = {"actions", *REFERENCES}
    for name in CAMPAIGN.keys() - optional:
        body = {k: v for k, v in CAMPAIGN.items() if k != name}
        reply = documented.client.post("/v1.0/campaigns", json=body)
        assert refusal(reply)[0] == 400
        assert [v.pointer for v in documented.requests[-1].violations] == [f"/{name}"]
    for name, value in (("type", "fax"), ("end_handle", "loop"), ("service_level", "all")):
        reply = documented.client.post("/v1.0/campaigns", json={**CAMPAIGN, name: value})
        assert refusal(reply)[0] == 400
    bare = {k: v for k, v in CAMPAIGN.items() if k not in optional}
    overview = bare | {"flow_id": SOME_ID, "source": {"type": "tel", "target": "+15559876543"}}
    published_client = bare | {"actions": [{"id": "a1", "next_id": "a2", "type": "answer", "option": {}}]}
    for body in (overview, published_client):
        reply = documented.client.post("/v1.0/campaigns", json=body)
        assert reply.status_code == 200
        assert {reply.json[member] for member in REFERENCES} == {NIL_UUID}
    assert reply.json["actions"][0]["id"] == NIL_UUID  # what is no UUID counts as none


def test_a_campaign_keeps_hidden_what_the_dialer_needs(either: Mock) -> None:
    campaign = a_campaign(either)
    data = row_of(either, campaign).data
    assert data["execute"] == "stop"
    assert data["flow_id"] != NIL_UUID
    shown = either.client.get(f"/v1.0/campaigns/{campaign['id']}").json
    assert not {"execute", "flow_id"} & shown.keys()


# --- actions -------------------------------------------------------------------------------------


def test_there_are_43_types_of_action_and_all_are_taken(either: Mock) -> None:
    action_types = sorted(type for types in ACTIONS.values() for type in types)
    assert len(action_types) == 43
    actions = [{"type": kind} for kind in action_types]
    assert [action["type"] for action in a_campaign(either, actions=actions)["actions"]] == action_types


@pytest.mark.parametrize("path", ["POST /campaigns", "PUT /campaigns/{id}/actions", "POST /flows", "PUT /flows/{id}"])
@pytest.mark.parametrize("kind", ["tlak", "", "Talk"])
def test_an_action_of_an_unknown_type_is_refused_wherever_it_is_sent(either: Mock, path: str, kind: str) -> None:
    method, _, template = path.partition(" ")
    body = {**CAMPAIGN, "name": "x", "actions": [TALK, {"type": kind}]}
    resource = "flows" if "flows" in path else "campaigns"
    record = either.records(resource).create(name="seeded")
    reply = either.client.open("/v1.0" + template.replace("{id}", record.id), method=method, json=body)
    assert refusal(reply) == (400, "INVALID_ACTION_TYPE")
    (violation,) = either.requests[-1].violations
    assert violation.pointer == "/actions/1/type"
    assert ('did you mean "talk"?' in violation.expected) == (kind in ("tlak", "Talk"))
    assert [r.name for r in either.records(resource)] == ["seeded"]


@pytest.mark.parametrize("kind", ["call", "connect"])
def test_whether_a_call_is_anonymous_is_yes_no_or_auto(either: Mock, kind: str) -> None:
    for value in ("yes", "no", "auto", "", None, True, 1, ["yes"]):  # an option that cannot be read is not looked at
        a_campaign(either, actions=[{"type": kind, "option": {"anonymous": value}}])
    body = {**CAMPAIGN, "actions": [TALK, {"type": kind, "option": {"anonymous": "maybe"}}]}
    assert refusal(either.client.post("/v1.0/campaigns", json=body)) == (400, "INVALID_ANONYMOUS_VALUE")
    assert either.requests[-1].violations[0].pointer == "/actions/1/option/anonymous"
    a_campaign(either, actions=[{"type": "talk", "option": {"anonymous": "maybe"}}])


def test_actions_are_shown_whole_and_empty_options_dropped(either: Mock) -> None:
    campaign = a_campaign(either)
    reply = put(either, campaign, "/actions", actions=[{"type": "answer", "option": {}}, {"id": SOME_ID, **TALK}])
    bare = {"id": NIL_UUID, "next_id": NIL_UUID, "type": "answer", "tm_execute": None}
    assert reply.json["actions"] == [bare, {**SHOWN_TALK, "id": SOME_ID}]
    assert [list(action) for action in reply.json["actions"]] == [list(bare), list(SHOWN_TALK)]


@pytest.mark.parametrize("actions", ["talk", {}, ["talk"], [[]], [{"type": 5}], [{"type": "talk", "option": "hi"}]])
def test_what_is_no_list_of_actions_cannot_be_decoded(either: Mock, actions: Any) -> None:
    reply = put(either, a_campaign(either), "/actions", actions=actions)
    assert refusal(reply) == (400, "INVALID_JSON_BODY")


@pytest.mark.differs("actions")
def test_actions_of_a_seed_are_shown_as_it_has_them_by_the_documents() -> None:
    """The published pages print actions without `tm_execute`, some without `next_id`; the server has them always."""
    seed = {"campaigns": [{"id": SOME_ID, "actions": [TALK]}]}
    with Mock(seed=seed) as documented, Mock("server", seed=seed) as server:
        path = f"/v1.0/campaigns/{SOME_ID}"
        assert documented.client.get(path).json["actions"] == [TALK]
        assert server.client.get(path).json["actions"] == [SHOWN_TALK]


# --- what a campaign refers to -------------------------------------------------------------------


def referring(mock: Mock, how: str, campaign: Any, **ids: str) -> Any:
    """The same references, created with, put, or met when the campaign is run."""
    full = {**dict.fromkeys(REFERENCES, NIL_UUID), **ids}
    if how == "create":
        return mock.client.post("/v1.0/campaigns", json={**CAMPAIGN, **full})
    if how == "resource_info":
        return put(mock, campaign, "/resource_info", **full)
    mock.campaigns.update(campaign["id"], **full)
    return put(mock, campaign, "/status", status="run")


each_way = pytest.mark.parametrize("how", ["create", "resource_info", "run"])


@each_way
@pytest.mark.parametrize("member", REFERENCES)
def test_what_a_campaign_refers_to_must_exist_be_its_customers_and_live(either: Mock, how: str, member: str) -> None:
    campaign = a_campaign(either)
    records = either.records(REFERENCES[member])
    own, deleted = records.create(name="own"), records.create(name="deleted")
    records.delete(deleted.id)
    foreign = records.create(name="foreign", customer_id=either.customers.create(name="other").id)
    told = events(either)
    for bad in (SOME_ID, deleted.id, foreign.id):
        assert refusal(referring(either, how, campaign, **{member: bad})) == (400, "INVALID_ARGUMENT")
        (violation,) = either.requests[-1].violations
        assert violation.pointer == f"/{member}"
    assert events(either) == told
    assert either.campaigns.get(campaign["id"]).status == "stop"
    assert referring(either, how, campaign, **{member: own.id}).status_code == 200


@each_way
def test_an_outdial_of_another_campaign_cannot_be_used(either: Mock, how: str) -> None:
    campaign = a_campaign(either)
    taken = either.outdials.create(campaign_id=SOME_ID)
    assert refusal(referring(either, how, campaign, outdial_id=taken.id)) == (400, "INVALID_ARGUMENT")
    if how != "create":
        either.outdials.update(taken.id, campaign_id=campaign["id"])
        assert referring(either, how, campaign, outdial_id=taken.id).status_code == 200


def test_references_are_checked_before_actions(either: Mock) -> None:
    body = {**CAMPAIGN, "actions": [{"type": "tlak"}], "queue_id": SOME_ID}
    assert refusal(either.client.post("/v1.0/campaigns", json=body)) == (400, "INVALID_ARGUMENT")


def test_a_campaign_that_refers_to_itself_may(either: Mock) -> None:
    campaign = a_campaign(either)
    ids = {**dict.fromkeys(REFERENCES, NIL_UUID), "next_campaign_id": campaign["id"]}
    assert put(either, campaign, "/resource_info", **ids).status_code == 200


def test_an_outdial_is_told_whose_it_is_and_the_one_before_is_not(either: Mock) -> None:
    first, second = either.outdials.create(name="first"), either.outdials.create(name="second")
    campaign = a_campaign(either, outdial_id=first.id)
    assert events(either) == ["campaign_created", "outdial_updated"]
    linked = either.outdials.get(first.id)
    assert linked.campaign_id == campaign["id"]
    assert linked.tm_update is not None
    ids = {**dict.fromkeys(REFERENCES, NIL_UUID), "outdial_id": second.id}
    changed = put(either, campaign, "/resource_info", **ids).json
    assert events(either)[2:] == ["campaign_updated", "outdial_updated"]
    assert changed == {**campaign, "outdial_id": second.id, "tm_update": changed["tm_update"]}
    assert [either.outdials.get(o.id).campaign_id for o in (first, second)] == [campaign["id"]] * 2


def test_the_servers_way_round_from_campaign_to_outdial_and_back(server: Mock) -> None:
    campaign = a_campaign(server)
    outdial = server.client.post("/v1.0/outdials", json={**OUTDIAL, "campaign_id": campaign["id"]}).json
    ids = {**dict.fromkeys(REFERENCES, NIL_UUID), "outdial_id": outdial["id"]}
    assert put(server, campaign, "/resource_info", **ids).json["outdial_id"] == outdial["id"]


# --- updating ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("", {"name": "a", "detail": "b", "type": "flow", "service_level": 5, "end_handle": "continue"}),
        ("/service_level", {"service_level": 50}),
        ("/next_campaign_id", {"next_campaign_id": SOME_ID}),
    ],
)
def test_each_put_replaces_its_own_members_and_no_others(either: Mock, tail: str, body: dict[str, Any]) -> None:
    campaign = a_campaign(either)
    either.advance(1)
    changed = put(either, campaign, tail, **body).json
    assert changed == {**campaign, **body, "tm_update": changed["tm_update"]}
    assert changed["tm_update"] > campaign["tm_create"]
    assert events(either) == ["campaign_created", "campaign_updated"]
    assert either.client.get(f"/v1.0/campaigns/{campaign['id']}").json == changed


def test_the_next_campaign_may_be_none_or_unknown_but_not_junk(either: Mock) -> None:
    campaign = a_campaign(either, next_campaign_id=NIL_UUID)
    for sent, kept in ((SOME_ID, SOME_ID), ("", NIL_UUID), (SOME_ID, SOME_ID), (NIL_UUID, NIL_UUID)):
        assert put(either, campaign, "/next_campaign_id", next_campaign_id=sent).json["next_campaign_id"] == kept
    assert refusal(put(either, campaign, "/next_campaign_id", next_campaign_id="junk")) == (400, "INVALID_ARGUMENT")
    missing = either.client.put(f"/v1.0/campaigns/{SOME_ID}/next_campaign_id", json={"next_campaign_id": "junk"})
    assert refusal(missing) == (400, "INVALID_ARGUMENT")
    if either.world.profile.name == "server":
        for sent in (None, "{C0FFEE00-0000-4000-8000-000000000000}"):
            assert put(either, campaign, "/next_campaign_id", next_campaign_id=sent).status_code == 200
        reply = either.client.put(f"/v1.0/campaigns/{campaign['id']}/next_campaign_id", data='{"Next_Campaign_ID":"x"}')
        assert refusal(reply) == (400, "INVALID_ARGUMENT")


BODIES: dict[str, dict[str, Any]] = {
    "": {"name": "a", "detail": "b", "type": "call", "service_level": 5, "end_handle": "stop"},
    "/status": {"status": "run"},
    "/service_level": {"service_level": 5},
    "/actions": {"actions": [TALK]},
    "/resource_info": dict.fromkeys(REFERENCES, NIL_UUID),
    "/next_campaign_id": {"next_campaign_id": NIL_UUID},
}


@pytest.mark.parametrize("tail", BODIES)
def test_the_checks_of_a_put_come_in_the_services_order(either: Mock, tail: str) -> None:
    campaign = a_campaign(either)
    path, missing = f"/v1.0/campaigns/{campaign['id']}{tail}", f"/v1.0/campaigns/{SOME_ID}{tail}"
    body = BODIES[tail]
    foreign = {"token": foreigner(either)}
    direct = {"token": either.direct_token()}
    assert refusal(either.anonymous.put("/v1.0/campaigns/5" + tail, data="{")) == (401, "AUTHENTICATION_REQUIRED")
    assert refusal(either.client.put("/v1.0/campaigns/5" + tail, data="{")) == (400, "INVALID_ID")
    assert refusal(either.client.put(missing, data="{")) == (400, "INVALID_JSON_BODY")
    assert refusal(either.client.put(missing, json=body)) == (404, "CAMPAIGN_NOT_FOUND")
    assert refusal(either.anonymous.put(missing, json=body, query_string=direct))[0] == 403
    reply = either.anonymous.put(path, json=body, query_string=foreign)
    documented = either.world.profile.name == "documented"
    assert refusal(reply) == ((404, "CAMPAIGN_NOT_FOUND") if documented else (403, "PERMISSION_DENIED"))
    assert refusal(plain_agent(either).put(path, json=body)) == (403, "PERMISSION_DENIED")
    assert either.client.put(path, json=body).status_code == 200


# --- deleting ------------------------------------------------------------------------------------


def test_a_campaign_that_rests_is_deleted_and_can_be_read_and_changed(either: Mock) -> None:
    campaign = a_campaign(either)
    path = f"/v1.0/campaigns/{campaign['id']}"
    either.advance(1)
    gone = either.client.delete(path).json
    assert gone == {**campaign, "tm_update": gone["tm_delete"], "tm_delete": gone["tm_delete"]}
    assert either.client.get(path).json == gone
    either.advance(1)
    assert put(either, campaign, "/service_level", service_level=1).json["tm_delete"] == gone["tm_delete"]
    assert either.client.delete(path).json["tm_delete"] > gone["tm_delete"]
    assert events(either) == ["campaign_created", "campaign_deleted", "campaign_updated", "campaign_deleted"]
    listed = either.client.get("/v1.0/campaigns").json["result"]
    assert len(listed) == (1 if either.world.profile.name == "server" else 0)


@pytest.mark.parametrize("status", ["run", "stopping"])
@pytest.mark.differs("early-delete")
def test_the_documents_refuse_to_delete_a_campaign_at_work(documented: Mock, status: str) -> None:
    campaign = documented.campaigns.create(status=status, execute="run")
    reply = documented.client.delete(f"/v1.0/campaigns/{campaign.id}")
    assert refusal(reply) == (409, "STATE_INVALID")
    assert documented.campaigns.get(campaign.id).tm_delete is None
    assert "stop it first" in documented.requests[-1].hint


@pytest.mark.parametrize("status", ["run", "stopping"])
@pytest.mark.differs("early-delete")
def test_the_server_answers_zeros_and_deletes_nothing(server: Mock, status: str) -> None:
    campaign = server.campaigns.create(name="busy", status=status, execute="run")
    reply = server.client.delete(f"/v1.0/campaigns/{campaign.id}")
    assert reply.status_code == 200
    assert reply.text == (
        f'{{"id":"{NIL_UUID}","customer_id":"{NIL_UUID}","type":"","name":"","detail":"","status":"",'
        f'"service_level":0,"end_handle":"","actions":null,"outplan_id":"{NIL_UUID}","outdial_id":"{NIL_UUID}",'
        f'"queue_id":"{NIL_UUID}","next_campaign_id":"{NIL_UUID}","tm_create":null,"tm_update":null,"tm_delete":null}}'
    )
    assert "nothing was deleted" in server.requests[-1].hint
    assert server.campaigns.get(campaign.id) == campaign
    assert not events(server)


# --- run and stop --------------------------------------------------------------------------------


def test_run_and_stop_are_told_with_the_whole_campaign_and_no_update_beside(either: Mock) -> None:
    campaign = a_campaign(either)
    running = put(either, campaign, "/status", status="run").json
    assert running == {**campaign, "status": "run", "tm_update": running["tm_update"]}
    assert put(either, campaign, "/status", status="run").json == running
    stopping = put(either, campaign, "/status", status="stop").json
    assert stopping == {**running, "status": "stopping", "tm_update": stopping["tm_update"]}
    assert put(either, campaign, "/status", status="stop").json == stopping
    assert events(either) == ["campaign_created", "campaign_status_run", "campaign_status_stopping"]
    assert either.world.bus.log[-1].data == either.client.get(f"/v1.0/campaigns/{campaign['id']}").text


def test_stopping_what_rests_says_nothing(either: Mock) -> None:
    campaign = a_campaign(either)
    assert put(either, campaign, "/status", status="stop").json == campaign
    assert events(either) == ["campaign_created"]


@pytest.mark.parametrize("status", ["stopping", "", "pause", "RUN"])
def test_a_campaign_can_be_told_to_run_or_to_stop_and_nothing_else(either: Mock, status: str) -> None:
    campaign = a_campaign(either)
    assert refusal(put(either, campaign, "/status", status=status)) == (400, "INVALID_ARGUMENT")
    assert either.requests[-1].violations[0].pointer == "/status"
    assert either.campaigns.get(campaign["id"]).status == "stop"


def test_a_running_campaign_is_not_checked_again(either: Mock) -> None:
    outplan = either.outplans.create(name="plan")
    campaign = a_campaign(either, outplan_id=outplan.id)
    put(either, campaign, "/status", status="run")
    either.outplans.delete(outplan.id)
    assert put(either, campaign, "/status", status="run").json["status"] == "run"
    put(either, campaign, "/status", status="stop")
    assert refusal(put(either, campaign, "/status", status="run")) == (400, "INVALID_ARGUMENT")
    assert either.campaigns.get(campaign["id"]).status == "stopping"


def test_a_run_begins_to_tick_only_if_the_dialer_rests(either: Mock) -> None:
    campaign = a_campaign(either)
    world = either.world
    row, begins = states.run(world, row_of(either, campaign))
    assert begins
    row = states.stop(world, row)
    assert (row.data["status"], row.data["execute"]) == ("stopping", "run")
    row, begins = states.run(world, row)
    assert not begins
    row = states.halt(world, row)
    assert (row.data["status"], row.data["execute"]) == ("stop", "stop")
    assert states.run(world, row)[1]


def test_a_halt_with_calls_in_flight_waits_for_the_last_of_them(either: Mock) -> None:
    campaign = a_campaign(either)
    world = either.world
    calls = [
        either.campaigncalls.create(campaign_id=campaign["id"], status=status) for status in ("dialing", "progressing")
    ]
    either.campaigncalls.create(campaign_id=SOME_ID, status="dialing")
    row, _ = states.run(world, row_of(either, campaign))
    row = states.halt(world, row)
    assert row.data["status"] == "stopping"
    for call in calls:
        assert states.settle(world, row).data["status"] == "stopping"
        either.campaigncalls.update(call.id, status="done")
    assert states.settle(world, row).data["status"] == "stop"
    assert events(either)[1:] == ["campaign_status_run", "campaign_status_stopping", "campaign_status_stop"]


def test_a_run_while_calls_of_the_last_one_are_in_flight_begins_anew(either: Mock) -> None:
    campaign = a_campaign(either)
    call = either.campaigncalls.create(campaign_id=campaign["id"], status="dialing")
    row, _ = states.run(either.world, row_of(either, campaign))
    row = states.halt(either.world, row)
    row, begins = states.run(either.world, row)
    assert begins
    either.campaigncalls.update(call.id, status="done")
    assert states.settle(either.world, row).data["status"] == "run"


class Statuses(RuleBasedStateMachine):
    """Whatever is asked of a campaign, in whatever order, its status follows the table."""

    @initialize(profile=st.sampled_from(["documented", "server"]))
    def begin(self, profile: str) -> None:
        self.mock = Mock(profile, ignore="all")
        self.campaign = a_campaign(self.mock)
        self.ticking = False
        self.told = "campaign_status_stop"

    def teardown(self) -> None:
        self.mock.close()

    @property
    def row(self) -> Any:
        return row_of(self.mock, self.campaign)

    @rule()
    def run(self) -> None:
        if self.row.data["status"] != "run" and not self.ticking:
            self.ticking = True
        assert put(self.mock, self.campaign, "/status", status="run").json["status"] == "run"

    @rule()
    def stop(self) -> None:
        shown = put(self.mock, self.campaign, "/status", status="stop").json["status"]
        assert shown == ("stopping" if self.ticking or self.flying() else "stop")

    @rule()
    def tick(self) -> None:
        if self.ticking and self.row.data["status"] != "run":
            states.halt(self.mock.world, self.row)
            self.ticking = False

    @rule()
    def end(self) -> None:
        if self.ticking:
            states.halt(self.mock.world, self.row)
            self.ticking = False

    @rule()
    def dial(self) -> None:
        if self.ticking and self.row.data["status"] == "run":
            self.mock.campaigncalls.create(campaign_id=self.campaign["id"], status="dialing")

    @rule()
    def hang_up(self) -> None:
        for call in self.mock.campaigncalls.list(status="dialing")[:1]:
            self.mock.campaigncalls.update(call.id, status="done")
            states.settle(self.mock.world, self.row)

    @rule()
    def delete(self) -> None:
        reply = self.mock.client.delete(f"/v1.0/campaigns/{self.campaign['id']}")
        if self.row.data["status"] == "stop":
            assert reply.status_code == 200
            assert self.row.deleted
        else:
            assert reply.status_code == (409 if self.mock.world.profile.name == "documented" else 200)

    def flying(self) -> int:
        return len(self.mock.campaigncalls.list(status="dialing"))

    @invariant()
    def the_status_is_what_the_dialer_and_the_calls_make_it(self) -> None:
        status, execute = self.row.data["status"], self.row.data["execute"]
        assert execute == ("run" if self.ticking else "stop")
        if status == "stop":
            assert not self.ticking
            assert not self.flying()
        elif status == "stopping":
            assert self.ticking or self.flying()
        else:
            assert status == "run"
            assert self.ticking
        assert states.in_flight(self.mock.world, self.campaign["id"]) == self.flying()

    @invariant()
    def every_change_of_status_is_told_once(self) -> None:
        told = [name for name in events(self.mock) if name.startswith("campaign_status")]
        assert all(before != after for before, after in zip(["campaign_status_stop", *told], told, strict=False))
        assert (told or ["campaign_status_stop"])[-1] == f"campaign_status_{self.row.data['status']}"


TestStatuses = Statuses.TestCase


# --- lint ----------------------------------------------------------------------------------------


def test_running_what_dials_nobody_is_a_lint_finding() -> None:
    with Mock(ignore="content-type") as mock:
        campaign = a_campaign(mock)
        with pytest.warns(match=r"no-dialing\]: the campaign has no out(plan|dial)"):
            put(mock, campaign, "/status", status="run")
        assert [warning.code for warning in mock.warnings] == ["no-dialing", "no-dialing"]
        put(mock, campaign, "/status", status="run")
        assert len(mock.warnings) == 2


@pytest.mark.parametrize(("end_handle", "targets", "tries", "warned"), [
    ("stop", 1, 2, True), ("stop", 2, 2, False), ("stop", 1, 1, False), ("continue", 1, 2, False),
])  # fmt: skip
def test_one_target_in_a_campaign_that_ends_with_it_is_a_lint_finding(
    end_handle: str, targets: int, tries: int, warned: bool
) -> None:
    with Mock(error="one-try") as mock:
        outdial, outplan = mock.outdials.create(), mock.outplans.create(max_try_count_0=tries)
        for _ in range(targets):
            mock.client.post(f"/v1.0/outdials/{outdial.id}/targets", json=TARGET)
        campaign = a_campaign(mock, outdial_id=outdial.id, outplan_id=outplan.id, end_handle=end_handle)
        reply = put(mock, campaign, "/status", status="run")
        assert reply.status_code == (400 if warned else 200)
        assert mock.campaigns.get(campaign["id"]).status == ("stop" if warned else "run")


def test_a_refused_campaign_is_not_lost_in_a_500(either: Mock) -> None:
    with pytest.raises(ApiError, match="400 INVALID_ARGUMENT"):
        states.check_references(either.world, CUSTOMER, {**CAMPAIGN, "queue_id": SOME_ID}, NIL_UUID)


# --- the published lines -------------------------------------------------------------------------


def test_the_published_campaign_lines_work_from_top_to_bottom() -> None:
    with Mock(seed="tutorial", clock="2022-05-01T00:00:00Z", ignore=("content-type", "unknown-member")) as mock:
        line = published(mock)
        text = (
            "Hello. This is outbound campaign's test calling. Please wait until the agent answer the call. Thank you."
        )
        talk = {"type": "talk", "option": {"text": text, "language": "en-US"}}
        printed = {
            "id": PAGE_CAMPAIGN,
            "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
            "type": "call",
            "name": "test campaign",
            "detail": "test campaign detail",
            "status": "stop",
            "service_level": 100,
            "end_handle": "stop",
            "actions": [{"id": NIL_UUID, "next_id": NIL_UUID, **talk}],
            "outplan_id": "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e",
            "outdial_id": "40bea034-1d17-474d-a5de-da00d0861c69",
            "queue_id": "99bf739a-932f-433c-b1bf-103d33d7e9bb",
            "next_campaign_id": NIL_UUID,
            "tm_create": "2022-04-28 02:16:39.712142",
            "tm_update": "2022-04-30 17:53:51.685259",
            "tm_delete": None,
        }
        assert line("GET", "/campaigns") == {"result": [printed], "next_page_token": "2022-04-28 02:16:39.712142"}
        assert line("GET", f"/campaigns/{PAGE_CAMPAIGN}") == printed
        body = {k: v for k, v in printed.items() if k in CAMPAIGN and k != "next_campaign_id"} | {"actions": [talk]}
        created = line("POST", "/campaigns", body)
        assert list(created) == list(printed)
        assert created["outdial_id"] == printed["outdial_id"]
        # The outdial belongs to the new campaign now.
        linked = mock.outdials.get("40bea034-1d17-474d-a5de-da00d0861c69")
        assert linked.campaign_id == created["id"]
        assert line("PUT", f"/campaigns/{created['id']}/status", {"status": "run"})["status"] == "run"
        assert line("GET", f"/campaigns/{created['id']}/campaigncalls")["result"] == []
        assert not mock.warnings
