"""The webhook of a single run of a flow, beside the customer's."""

from __future__ import annotations

import pytest

from tests.support.dialing import PROFILES
from voipbin_mock import Mock

URL = "https://hooks.example.com/run"


def heard(mock: Mock) -> list[str]:
    return [one.type for one in mock.webhooks.deliveries if one.url == URL]


@pytest.mark.differs("activeflow-webhook")
@pytest.mark.parametrize("profile", PROFILES)
def test_a_run_with_a_webhook_of_its_own_tells_there_what_the_profile_says(profile: str) -> None:
    with Mock(profile, clock="2026-03-02T09:30:00Z", ignore="all") as mock:
        mock.reply(URL)
        body = {"actions": [{"type": "block"}], "webhook_uri": URL, "webhook_method": "PUT"}
        run = mock.client.post("/v1.0/activeflows", json=body).json["id"]
        mock.advance(seconds=0)
        call = {"destinations": [{"type": "tel", "target": "+15550100001"}], "actions": []}
        call["source"] = {"type": "tel", "target": "+15559876543"}
        made = mock.client.post("/v1.0/calls", json=call).json
        row = mock.world.store["calls"].get((made if isinstance(made, list) else made["calls"])[0]["id"])
        assert row is not None
        with mock.world.changing():  # a call of this run, as the run's own actions make them
            mock.world.store["calls"].replace({**row.data, "activeflow_id": run})
        mock.client.post(f"/v1.0/calls/{row.id}/hangup")
        mock.client.post(f"/v1.0/activeflows/{run}/stop")
        runs, calls = ["activeflow_created", "activeflow_updated"], ["call_canceling", "call_hangup"]
        assert [one for one in heard(mock) if one.startswith("activeflow")][:2] == (
            runs if profile == "documented" else []
        )
        assert [one for one in heard(mock) if one.startswith("call")] == ([] if profile == "documented" else calls)
        (first, *_) = [one for one in mock.webhooks.deliveries if one.url == URL]
        assert (first.method, first.outcome, first.json["type"]) == ("PUT", "delivered", first.type)
        assert first.signature.startswith("sha256=")


def test_another_run_is_not_told_there() -> None:
    with Mock(ignore="all") as mock:
        mock.client.post("/v1.0/activeflows", json={"actions": [], "webhook_uri": URL})
        mock.advance(seconds=0)
        before = len(heard(mock))
        mock.client.post("/v1.0/activeflows", json={"actions": []})
        mock.advance(seconds=0)
        assert len(heard(mock)) == before > 0
