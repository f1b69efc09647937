"""The service's own Python client from PyPI, unmodified, with its hard-coded URL; run by clients_matrix.py."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from voipbin_mcp import server
from voipbin_mcp.client import DEFAULT_BASE_URL, VoIPbinAPIError, VoIPbinClient
from voipbin_mcp.tools import campaigns, contacts, conversations, emails, flows, messages

from voipbin_mock import Answer, Busy, Mock

NUMBER = "+15550100001"
NOBODY = "00000000-0000-0000-0000-000000000000"
PLAN = {
    "name": "evening", "detail": "", "source": {"type": "tel", "target": "+15559876543"}, "dial_timeout": 25000,
    "try_interval": 900000, "max_try_count_0": 2, "max_try_count_1": 1, "max_try_count_2": 0, "max_try_count_3": 0,
    "max_try_count_4": 0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def new_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server keeps one client, which the test before has closed."""
    monkeypatch.setattr(server, "_client", None)


@pytest.mark.parametrize("transport", ["cookie", "query"])
def test_the_published_client_creates_and_lists_outplans(
    voipbin: Mock, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.setenv("VOIPBIN_AUTH_TRANSPORT", transport)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)

    async def go() -> dict[str, Any]:
        client = VoIPbinClient()
        assert client.base_url == DEFAULT_BASE_URL == "https://api.voipbin.net/v1.0"
        created = await client.post("/outplans", json=PLAN)
        listed = await client.get("/outplans", params={"page_size": 10})
        with pytest.raises(VoIPbinAPIError, match="OUTPLAN_NOT_FOUND"):
            await client.get("/outplans/70700000-0000-4000-8000-00000000dead")
        await client.close()
        assert [plan["id"] for plan in listed["result"]] == [created["id"]]
        return created

    created = asyncio.run(go())
    assert voipbin.outplans.get(name="evening").id == created["id"]


@pytest.mark.voipbin(clock="2026-03-01T09:00:00Z")
def test_the_published_client_sets_up_and_starts_a_campaign(voipbin: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)
    voipbin.phone(NUMBER).script(Busy(after="3s"), Answer(talk="12s"))

    async def go() -> tuple[dict[str, Any], dict[str, Any]]:
        client = VoIPbinClient()
        assert client.base_url == DEFAULT_BASE_URL
        plan = await client.post("/outplans", json=PLAN)
        outdial = await client.post(
            "/outdials", json={"campaign_id": NOBODY, "name": "customers", "detail": "of May", "data": "none"}
        )
        destinations = {f"destination_{slot}": None for slot in range(1, 5)}
        ann = {"name": "Ann", "detail": "vip", "data": "row 1", "destination_0": {"type": "tel", "target": NUMBER}}
        target = await client.post(f"/outdials/{outdial['id']}/targets", json=ann | destinations)
        campaign = await client.post(
            "/campaigns",
            json={
                "name": "spring", "detail": "", "type": "call", "service_level": 100, "end_handle": "continue",
                "actions": [{"type": "talk", "option": {"text": "hello", "language": "en-US"}}],
                "outplan_id": plan["id"], "outdial_id": outdial["id"], "queue_id": NOBODY, "next_campaign_id": NOBODY,
            },
        )  # fmt: skip
        running = await client.put(f"/campaigns/{campaign['id']}/status", json={"status": "run"})
        assert running["status"] == "run"
        voipbin.advance(hours=1)
        calls = await client.get(f"/campaigns/{campaign['id']}/campaigncalls", params={"page_size": 10})
        target = await client.get(f"/outdials/{outdial['id']}/targets/{target['id']}")
        await client.put(f"/campaigns/{campaign['id']}/status", json={"status": "stop"})
        voipbin.advance(seconds=5)
        resting = await client.get(f"/campaigns/{campaign['id']}")
        assert resting["status"] == "stop"
        await client.close()
        return calls, target

    calls, target = asyncio.run(go())
    assert sorted((call["try_count"], call["result"]) for call in calls["result"]) == [(1, "fail"), (2, "success")]
    assert (target["status"], target["try_count_0"]) == ("done", 2)
    (timeline,) = voipbin.timelines()
    assert [attempt.dialed for attempt in timeline] == [1000, 906500]  # busy at 4000, due at 904000, looked at each 5 s


async def asked(tool: Any, **arguments: Any) -> dict[str, Any]:
    """A tool of the MCP server, as an agent calls it."""
    answer: dict[str, Any] = json.loads(await tool(**arguments))
    return answer


@pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
def test_the_published_tools_leave_out_what_the_service_takes_for_zero(
    voipbin: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)
    actions = [{"type": "answer"}, {"id": "a2", "next_id": "", "type": "hangup", "option": {}}]

    async def go() -> None:
        made = await asked(
            campaigns.create_campaign, name="spring", detail="of May", campaign_type="call", actions=actions
        )
        assert (made["outplan_id"], made["queue_id"], made["end_handle"]) == (NOBODY, NOBODY, "stop")
        changed = await asked(campaigns.update_campaign, campaign_id=made["id"], end_handle="continue")
        assert (changed["end_handle"], changed["name"], changed["type"]) == ("continue", "", ""), (
            "the others are cleared"
        )
        flow = await asked(flows.create_flow, name="welcome", detail="", actions=actions)
        assert [action["type"] for action in flow["actions"]] == ["answer", "hangup"]
        await server.get_client().close()

    asyncio.run(go())
    told = {(warning.code, warning.pointer) for warning in voipbin.warnings}
    assert {("missing-member", "/outplan_id"), ("missing-member", "/name"), ("cleared-member", "/name")} <= told


@pytest.mark.voipbin(clock="2026-03-01T09:00:00Z")
def test_the_published_tools_keep_contacts(voipbin: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)
    tag = voipbin.tags.create(name="vip")

    async def go() -> None:
        home = {"type": "tel", "target": "+1 555 010 0001", "is_primary": True}
        ann = await asked(contacts.create_contact, first_name="Ann", company="Acme", addresses=[home])
        assert [(one["target"], one["is_primary"]) for one in ann["addresses"]] == [(NUMBER, True)]
        ids = {"contact_id": ann["id"]}
        await asked(contacts.update_contact, **ids, company="", notes="vip")
        mail = await asked(contacts.add_contact_address, **ids, address_type="email", target="Ann@Example.org")
        address = mail["addresses"][1]["id"]
        await asked(contacts.update_contact_address, **ids, address_id=address, is_primary=True)
        await asked(contacts.add_contact_tag, **ids, tag_id=tag.id)
        shown = await asked(contacts.get_contact, **ids)
        assert (shown["first_name"], shown["company"], shown["notes"]) == ("Ann", "", "vip")
        assert ([one["target"] for one in shown["addresses"]], shown["tag_ids"]) == (
            [NUMBER, "ann@example.org"], [tag.id]
        )  # fmt: skip
        assert (await asked(contacts.list_contacts, page_size=5))["result"] == [shown]
        await asked(contacts.delete_contact_tag, **ids, tag_id=tag.id)
        left = await asked(contacts.delete_contact_address, **ids, address_id=address)
        assert ([one["target"] for one in left["addresses"]], left["tag_ids"]) == ([NUMBER], [])
        await asked(contacts.delete_contact, **ids)
        assert (await asked(contacts.list_contacts))["result"] == []
        await server.get_client().close()

    asyncio.run(go())


@pytest.mark.voipbin(clock="2026-03-01T09:00:00Z")
@pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
def test_the_published_tools_text_and_mail(voipbin: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)

    async def go() -> None:
        text = await asked(
            messages.send_message, source_number="+15559876543", destination_number=NUMBER, text="Your code is 123456."
        )
        mail = await asked(emails.send_email, destination_email="ann@example.com", subject="Code", content="123456")
        assert (text["targets"][0]["status"], mail["status"], mail["attachments"]) == ("queued", "initiated", [])
        with_recording = [{"reference_type": "recording", "reference_id": "348d988b-2ac9-4702-84f0-ae81301ad349"}]
        other = await asked(
            emails.send_email,
            destination_email="bounce@example.com",
            subject="x",
            content="",
            attachments=with_recording,
        )
        assert other["attachments"] == with_recording
        voipbin.advance(seconds=15)
        delivered = await asked(messages.get_message, message_id=text["id"])
        assert delivered["targets"][0]["status"] == "delivered"
        assert [one["id"] for one in (await asked(messages.list_messages, page_size=5))["result"]] == [text["id"]]
        assert (await asked(emails.get_email, email_id=other["id"]))["status"] == "bounce"
        listed = await asked(emails.list_emails)
        assert [one["id"] for one in listed["result"]] == [other["id"], mail["id"]]
        await server.get_client().close()

    asyncio.run(go())
    assert voipbin.phone(NUMBER).inbox.newest.text == "Your code is 123456."
    voipbin.outbox.assert_sent_once(to="ann@example.com", subject="Code", status="delivered")


def test_the_published_tools_for_conversations_find_what_was_written(
    voipbin: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)
    monkeypatch.setattr(server, "_client", None)  # one that another test closed
    voipbin.phone(NUMBER).texts("+15559876543", "hello")
    visitor = voipbin.visit(voipbin.webchat_widgets.create(name="support"))
    visitor.say("anybody there?")

    async def go() -> None:
        page = await asked(conversations.list_conversations, page_size=1)
        assert [one["type"] for one in page["result"]] == ["webchat"]
        rest = await asked(conversations.list_conversations, page_size=1, page_token=page["next_page_token"])
        (text,) = rest["result"]
        assert await asked(conversations.get_conversation, conversation_id=text["id"]) == text
        assert text["peer"]["target"] == NUMBER
        await server.get_client().close()

    asyncio.run(go())
