"""The service's own Python client from PyPI, unmodified, with its hard-coded URL; run by clients_matrix.py."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from voipbin_mcp import server
from voipbin_mcp.client import DEFAULT_BASE_URL, VoIPbinAPIError, VoIPbinClient
from voipbin_mcp.tools import (
    activeflows,
    ais,
    calls,
    campaigns,
    conferences,
    contacts,
    conversations,
    emails,
    flows,
    messages,
    phone,
)

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


# --- the rest of its tools ---------------------------------------------------------------------------


def test_every_tool_of_the_published_server_is_asked() -> None:
    names = [tool.name for tool in asyncio.run(server.mcp.list_tools())]
    text = Path(__file__).read_text(encoding="utf-8")
    assert len(names) > 60
    assert not [name for name in names if not name.startswith(("list_", "get_")) and f".{name}" not in text]


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_the_published_tools_list_everything_and_get_one_of_it(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)

    async def tool(name: str, **arguments: Any) -> Any:
        answer: Any = await server.mcp.call_tool(name, arguments)
        return json.loads((answer[0] if isinstance(answer, tuple) else answer)[0].text)

    async def go() -> list[str]:
        tools = {tool.name: tool for tool in await server.mcp.list_tools()}
        assert (await tool("get_customer"))["email"] == "admin@acme-corp.com"
        read = []
        for name in tools:
            if not name.startswith("list_"):
                continue
            if name == "list_routes":  # for who runs the service: not with a key
                with pytest.raises(Exception, match="PERMISSION_DENIED"):
                    await tool(name)
                with pytest.raises(Exception, match="PERMISSION_DENIED"):
                    await tool("get_route", route_id=NOBODY[:-1] + "1")
                continue
            shown = (await tool(name, page_size=1))["result"]
            one = tools[f"get_{name.removeprefix('list_').removesuffix('s')}"]
            (argument,) = one.inputSchema["properties"]
            assert shown == [await tool(one.name, **{argument: shown[0]["id"]})], name
            read += [name, one.name]
        await server.get_client().close()
        return read

    with Mock(profile, seed="tutorial") as mock:
        monkeypatch.setenv("VOIPBIN_API_KEY", mock.accesskey)
        read = asyncio.run(go())
    assert {"list_billings", "get_billing", "list_extensions", "get_queue", "list_tags", "get_ai"} <= {*read}
    assert len(read) > 30


@pytest.mark.voipbin(seed="tutorial", clock="2026-03-01T09:00:00Z")
@pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
def test_the_published_tools_change_the_rest(voipbin: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)
    ours = {"source_type": "tel", "source_target": "+15559876543"}
    theirs = {"destination_type": "tel", "destination_target": NUMBER}

    async def go() -> None:
        flow = await asked(flows.create_flow, name="a", detail="", actions=[{"type": "answer"}])
        changed = await asked(flows.update_flow, flow_id=flow["id"], name="b", detail="", actions=[{"type": "hangup"}])
        assert (changed["name"], changed["actions"][0]["type"]) == ("b", "hangup")
        made = await asked(calls.create_call, **ours, **theirs, flow_id=flow["id"])
        (call,) = made["calls"]
        assert (await asked(calls.hangup_call, call_id=call["id"]))["status"] == "canceling"
        stopped = await asked(activeflows.stop_activeflow, activeflow_id=call["activeflow_id"])
        assert stopped["id"] == call["activeflow_id"]
        room = await asked(conferences.create_conference, name="a", detail="")
        assert (await asked(conferences.delete_conference, conference_id=room["id"]))["id"] == room["id"]
        campaign = await asked(campaigns.create_campaign, name="a", detail="", campaign_type="call", actions=[])
        ids = {"campaign_id": campaign["id"]}
        await asked(campaigns.update_campaign_actions, **ids, actions=[{"type": "answer"}])
        assert (await asked(campaigns.delete_campaign, **ids))["id"] == campaign["id"]
        ai = {"name": "a", "detail": "", "engine_model": "openai.gpt-4o-mini", "engine_key": "k", "init_prompt": "Hi."}
        voice = {"tts_type": "google", "tts_voice_id": "x", "stt_type": "google", "stt_language": "en-US"}
        assert (await asked(ais.create_ai, **ai, **voice))["name"] == "a"
        assert (await asked(flows.delete_flow, flow_id=flow["id"]))["id"] == flow["id"]
        await server.get_client().close()

    asyncio.run(go())


@pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
def test_the_published_tools_talk_on_the_telephone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In real time, for they wait in it; frames of a websocket are bare, as the server sends them."""
    with Mock("server", seed="tutorial") as mock:
        monkeypatch.setenv("VOIPBIN_API_KEY", mock.accesskey)
        monkeypatch.setenv("VOIPBIN_API_BASE_URL", f"{mock.serve().origin}/v1.0")
        mock.phone(NUMBER).script(Answer(after="200ms", talk="60s"))
        number = mock.numbers.get(number="+15559876543")

        async def go() -> None:
            line = {"source_number": number.number, "destination_type": "tel", "destination_target": NUMBER}
            begun = await asked(phone.phone_call_start, **line)
            call = {"call_id": begun["call_id"]}
            assert begun["status"] == "answered"
            assert [one["state"] for one in (await asked(phone.phone_status))["sessions"]] == ["answered"]
            talking = asyncio.create_task(
                asked(phone.phone_say_and_listen, **call, text="Hi.", listen_timeout_seconds=8)
            )
            await asyncio.sleep(2.5)
            mock.call(begun["call_id"]).say("I am here.")
            assert (await talking)["heard"] == "I am here."
            assert (await asked(phone.phone_say, **call, text="Bye."))["queued"]
            listening = asyncio.create_task(asked(phone.phone_listen, **call, timeout_seconds=5))
            await asyncio.sleep(0.5)
            mock.call(begun["call_id"]).say("Goodbye.")
            assert (await listening)["heard"] == "Goodbye."
            assert (await asked(phone.phone_hangup, **call))["status"] == "ended"
            assert mock.calls.get(begun["call_id"]).hangup_reason == "normal"

            ids = {"number_id": number.id}
            assert (await asked(phone.phone_incoming_configure, **ids, enabled=True))["enabled"]
            waiting = asyncio.create_task(asked(phone.phone_wait_incoming, **ids, timeout_seconds=10))
            await asyncio.sleep(1)
            mock.phone("+15550100002").calls(number.number)
            came = await waiting
            assert (came["status"], came["caller"]["target"]) == ("answered", "+15550100002")
            await asked(phone.phone_hangup, call_id=came["call_id"])
            assert not (await asked(phone.phone_incoming_configure, **ids, enabled=False, clear=True))["enabled"]
            await server.get_client().close()

        asyncio.run(go())
