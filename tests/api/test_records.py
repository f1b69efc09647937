"""Records as Python objects: where an id is wanted a record will do, and what can never be is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

import pytest

from voipbin_mock import Mock, catalog
from voipbin_mock.api.records import Record

START = "2026-03-01T09:00:00Z"


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock=START, ignore="all") as mock:
        yield mock


def test_a_record_will_do_wherever_an_id_is_wanted(mock: Mock) -> None:
    plan, outdial = mock.outplans.create(name="p", max_try_count_0=1), mock.outdials.create(name="o")
    target = mock.targets.create(outdial_id=outdial, destination_0={"type": "tel", "target": "+15550100001"})
    tag = mock.tags.create(name="t")
    queue = mock.queues.create(name="q", tag_ids=[tag, tag.id])
    campaign = mock.campaigns.create(outplan_id=plan, outdial_id=outdial, end_handle="stop")
    assert (campaign.outplan_id, campaign.outdial_id, target.outdial_id) == (plan.id, outdial.id, outdial.id)
    assert queue.tag_ids == [tag.id, tag.id]
    assert mock.outplans.get(plan) == mock.outplans.get(id=plan) == plan
    assert mock.outplans.get(UUID(plan.id)) == plan
    assert mock.campaigns.list(outplan_id=plan) == mock.campaigns.list(outplan_id=plan.id) == [campaign]
    assert mock.campaigns.get(outdial_id=outdial) == campaign
    assert mock.outplans.update(plan, name="other").name == "other"
    assert mock.campaigns.update(campaign, queue_id=queue).queue_id == queue.id
    assert mock.campaigns.update(campaign, queue_id="00000000-0000-0000-0000-000000000000").id == campaign.id
    assert mock.plan(campaign) == mock.plan(campaign.id)
    assert mock.plan(outplan=plan, targets=target) == mock.plan(outplan=plan.id, targets=[target.id])
    assert mock.plan(outplan=plan, targets=[outdial]) == mock.plan(outplan=plan.id, targets=outdial.id)
    assert mock.run_campaign(campaign) == mock.timeline(campaign)
    agent = mock.agents.list()[0]
    assert mock.token_for(agent) == mock.token_for(agent.id)
    assert mock.direct_token("call", mock.calls.list()[0]) == mock.direct_token("call", mock.calls.list()[0].id)
    assert mock.outplans.delete(plan).tm_delete is not None


def test_one_that_there_is_not_is_told_by_its_id(mock: Mock) -> None:
    plan = mock.outplans.create(name="p")
    for ask in (mock.outdials.get, mock.outdials.update, mock.outdials.delete):
        with pytest.raises(LookupError, match=plan.id):
            ask(plan)


def test_a_record_shows_its_members_as_a_dict_does(mock: Mock) -> None:
    plan = mock.outplans.create(name="p", source={"type": "tel", "target": "+15550100001"})
    assert "name" in plan
    assert "nme" not in plan
    assert list(plan) == list(plan.keys()) == list(plan.as_dict())
    assert len(plan) == len(plan.as_dict())
    assert dict(plan)["name"] == {**plan}["name"] == "p"
    assert dict(plan.source) == plan.source.as_dict()
    with pytest.raises(KeyError):
        plan["nme"]


def test_no_member_of_any_resource_is_hidden_by_what_a_record_can_do() -> None:
    known = {name for name in dir(Record) if not name.startswith("__")}
    default = catalog.default()
    for name in default.resource_names():
        resource = default.resource(name)
        if resource.stored:
            assert not known & resource.record.names, name


def test_moments_are_looked_for_as_text_or_without_a_zone_too(mock: Mock) -> None:
    plan = mock.outplans.create(name="p", tm_create=START)
    for moment in (
        START,
        "2026-03-01 09:00:00.000000",
        "2026-03-01T10:00:00+01:00",
        datetime(2026, 3, 1, 9),  # noqa: DTZ001  as `create` takes it
        datetime(2026, 3, 1, 9, tzinfo=timezone.utc),
    ):
        assert mock.outplans.list(tm_create=moment) == [plan]
    assert mock.outplans.list(tm_delete=None, name="p") == [plan]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tm_create": "yesterday"}, "tm_create='yesterday': 'yesterday' is no timestamp"),
        ({"tm_create": 5}, "tm_create=5"),
        ({"source": {"typ": "tel"}}, "an address has no member 'typ'; did you mean 'type'"),
        ({"source": {1: "tel"}}, "an address has no member 1"),
        ({"source": "+15550100001"}, "no record can have it"),
        ({"dial_timeout": "30000"}, "dial_timeout='30000': no record can have it"),
        ({"dial_timeout": True}, "no record can have it"),
        ({"name": None}, "name=None: no record can have it"),
        ({"name": 5}, "no record can have it"),
        ({"customer_id": 5}, "no record can have it"),
        ({"nme": "x"}, "have no member 'nme'"),
    ],
)
def test_what_no_record_can_have_is_told_instead_of_not_found(mock: Mock, given: Any, said: str) -> None:
    mock.outplans.create(name="p")
    for look in (mock.outplans.list, mock.outplans.get):
        with pytest.raises(TypeError) as caught:
            look(**given)
        assert said in str(caught.value)
