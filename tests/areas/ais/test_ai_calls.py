"""AI calls on the virtual clock: in writing, on calls, in conversations, about cases; what models say and do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.calling import a, a_flow
from tests.support.campaigning import events, refusal
from voipbin_mock import Mock
from voipbin_mock.ai import Call, Hang, Say, Silence, Switch
from voipbin_mock.wire.values import NIL_UUID

UNKNOWN = "c0ffee00-0000-4000-8000-00000000dead"
ONE, TWO = "c0ffee00-0000-4000-8000-000000000001", "c0ffee00-0000-4000-8000-000000000002"
ANN, OURS = "+15550100001", "+15559876543"


@pytest.fixture(params=["documented", "server"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    with Mock(request.param, clock="2026-03-01T09:00:00Z", ignore="all") as mock:
        mock.ais.create(name="Desk", engine_model="openai.gpt-4o", type="normal", init_prompt="Be ${mood}.")
        yield mock


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def ai_of(mock: Mock) -> str:
    return mock.ais.get(name="Desk").id


def asked(mock: Mock, reference_type: str = "", reference_id: str = NIL_UUID, **members: Any) -> Any:
    body = {"assistance_type": "ai", "reference_type": reference_type, "reference_id": reference_id, **members}
    return mock.client.post(
        "/v1.0/aicalls", json={"assistance_id": members.get("assistance_id") or ai_of(mock), **body}
    )


def begun(mock: Mock, *arguments: Any, **members: Any) -> str:
    reply = asked(mock, *arguments, **members)
    assert reply.status_code == 200, reply.text
    mock.advance(seconds=3)
    return str(reply.json["id"])


def write(mock: Mock, aicall: str, text: str, seconds: float = 4) -> Any:
    reply = mock.client.post("/v1.0/aimessages", json={"aicall_id": aicall, "role": "user", "content": text})
    mock.advance(seconds=seconds)
    return reply


# --- in writing ------------------------------------------------------------------------------------------


@pytest.mark.differs("aimessage-cooldown", "aimessage-direction")
def test_a_model_answers_what_is_written_to_it(mock: Mock) -> None:
    aicall = asked(mock).json["id"]
    assert events(mock)[-5:] == [
        "activeflow_created", "aicall_status_initializing", "aimessage_created", "aimessage_created",
        "aicall_status_progressing",
    ]  # fmt: skip
    early = write(mock, aicall, "too soon", 3)
    assert refusal(early) == ((429, "RATE_LIMIT_EXCEEDED") if is_documented(mock) else (500, "INTERNAL"))
    message = write(mock, aicall, "hello", 0).json
    theirs, ours = ("incoming", "outgoing") if is_documented(mock) else ("outgoing", "incoming")
    assert (message["role"], message["content"], message["direction"]) == ("user", "hello", theirs)
    live = mock.aicall(aicall)
    assert (live.said, live.told[1]) == ([], "Be ."), "the variable is not set"
    mock.advance(seconds=1)
    newest = mock.client.get(f"/v1.0/aimessages?aicall_id={aicall}").json["result"][0]
    assert (newest["role"], newest["content"], newest["direction"]) == ("assistant", "You said: hello", ours)
    assert events(mock)[-2:] == ["aimessage_intermediate", "aimessage_created"]


@pytest.mark.differs("aimessage-role")
def test_the_role_of_a_message(mock: Mock) -> None:
    body = {"aicall_id": begun(mock), "role": "system", "content": ""}
    role = mock.client.post("/v1.0/aimessages", json=body).json["role"]
    assert role == ("system" if is_documented(mock) else "user")


def test_a_script_is_used_up_in_each_ai_call_anew(mock: Mock) -> None:
    mock.ai("Desk").script(
        Say("first"), Say("a second one, in parts", after="2s", parts=3), Say("refunds", match="refund")
    )
    mock.ai("Someone else").script(Say("not me"))
    for _ in range(2):
        aicall = begun(mock)
        for text in ("one", "about my Refund", "two", "three"):
            write(mock, aicall, text, 5)
        assert mock.aicall(aicall).said == ["first", "refunds", "a second one, in parts", "a second one, in parts"]
    pieces = [json.loads(event.data) for event in mock.world.bus.log if event.type == "aimessage_intermediate"][-3:]
    assert [piece["sequence"] for piece in pieces] == [1, 2, 3]
    assert "".join(piece["content"] for piece in pieces) == "a second one, in parts"
    final = mock.aimessages.list(aicall_id=aicall)[0]
    assert {piece["id"] for piece in pieces} == {final.id}
    mock.ai("Desk").forget()
    write(mock, aicall, "again")
    assert mock.aicall(aicall).said[-1] == "You said: again"


def test_what_is_written_interrupts_the_model(mock: Mock) -> None:
    mock.ai().script(Say("slow", after="10s"), Say("quick", after="1s"), Silence(), Say("never", after="31s"))
    aicall = begun(mock)
    write(mock, aicall, "one")
    write(mock, aicall, "two", 60)
    write(mock, aicall, "three", 60)
    write(mock, aicall, "four", 60)
    assert mock.aicall(aicall).said == ["quick"]


def test_words_that_a_model_obeys_without_a_script(mock: Mock) -> None:
    aicall = begun(mock)
    for text in ("!silence", "!tool sing {}", "!tool nothing", "!switch away", '!tool stop_media {"run_llm": true}'):
        write(mock, aicall, text)
    live = mock.aicall(aicall)
    assert live.said == ["stop_media: failed"], "an unknown tool has no result"
    assert [tool for tool, _ in live.tools] == ["sing", "nothing", "stop_media"]
    mock.ais.update(ai_of(mock), key="sk-mock-fail")
    write(mock, aicall, "hello")
    assert len(mock.aicall(aicall).said) == len(live.said)


# --- tools -----------------------------------------------------------------------------------------------


def test_tools_do_what_they_are_for(mock: Mock) -> None:
    our, anns = {"type": "tel", "target": OURS}, [{"type": "tel", "target": ANN}]
    mails = [{"type": "email", "target": "a@example.org"}]
    several = [
        Call("set_variables", {"variables": {"mood": "kind", "n": 7}}, then=Say("Set.")),
        Call("get_variables"),
        Call("send_message", {"source": our, "destinations": anns, "text": "Hi Ann"}),
        Call("send_email", {"destinations": mails, "subject": "s", "content": "c"}),
        Call("create_call", {"source": our, "destinations": anns, "actions": [{"type": "answer"}]}),
        Call("create_call", {"destinations": []}),
        Call("get_aicall_messages", {}),
        Call("case_create", {"name": "x"}),
        Call("search_knowledge", {"query": "x"}),
        Call("get_resource", {"resource_type": "ai", "resource_id": ai_of(mock)}),
        Call("get_resource", {"resource_type": "ai", "resource_id": UNKNOWN}),
        Call("get_correlation"),
        Call("describe_action", {"type": "talk"}),
        Call("get_case_notes"),
        Call("connect_call", {"destinations": [{"type": "tel", "target": ANN}]}),
        Call("send_message", {"text": "x"}, result="failed"),
    ]  # fmt: skip
    mock.ai().script(*several)
    aicall = begun(mock)
    for _ in several:
        write(mock, aicall, "go on")
    live = mock.aicall(aicall)
    results = [line.result for line in live.transcript if line.role == "tool" and line.result is not None]
    told = [(one["result"], one["resource_type"]) for one in results]
    assert told == [
        ("success", "activeflow"), ("success", "activeflow"), ("success", "message"), ("success", "email"),
        ("success", "call"), ("failed", ""), ("success", "messages"), ("success", ""), ("failed", ""),
        ("success", "ai"), ("success", "ai"), ("success", "correlation"), ("success", "action"), ("failed", ""),
        ("failed", ""), ("failed", ""),
    ]  # fmt: skip
    assert json.loads(results[1]["message"])["mood"] == "kind"
    assert json.loads(results[1]["message"])["n"] == "7"
    assert results[10]["message"] == "not found", "which is no failure"
    assert [one.text for one in mock.outbox.texts] == ["Hi Ann"]
    assert mock.calls.list()[0].destination.target == ANN
    assert live.said[0] == "Set."
    assert "create_call: success" in live.said, "some tools have the model speak of the result"
    live.assert_called("set_variables", variables={"mood": "kind", "n": 7})
    live.assert_said("*set.*")
    with pytest.raises(AssertionError, match="never called stop_flow"):
        live.assert_called("stop_flow")
    with pytest.raises(AssertionError, match="never said anything like 'bye'"):
        live.assert_said("bye")


@pytest.mark.differs("aicall-run", "aimessage-after-end")
def test_a_model_ends_it(mock: Mock) -> None:
    mock.ai().script(Hang())
    aicall = begun(mock)
    write(mock, aicall, "bye", 1)
    ended = mock.client.get(f"/v1.0/aicalls/{aicall}").json
    assert (ended["status"], ended["tm_end"]) == ("terminated", ended["tm_update"])
    assert mock.client.post(f"/v1.0/aicalls/{aicall}/terminate").json == ended
    run = mock.activeflows.get(ended["activeflow_id"])
    assert run.status == ("ended" if is_documented(mock) else "running")
    mock.advance(seconds=3)
    late = write(mock, aicall, "still there?")
    assert late.status_code == (409 if is_documented(mock) else 200)
    assert len(mock.aicall(aicall).heard) == (1 if is_documented(mock) else 2)


def test_members_of_a_team_hand_over(mock: Mock) -> None:
    billing = mock.ais.create(name="Billing", engine_model="grok.grok-3", type="normal", parameter={"a": 1, "b": 1})
    hands_over = [{"function_name": "to_billing", "description": "", "next_member_id": TWO}]
    members = [
        {"id": ONE, "name": "desk", "ai_id": ai_of(mock), "transitions": hands_over},
        {"id": TWO, "name": "billing", "ai_id": billing.id, "transitions": []},
    ]
    body = {"name": "all", "detail": "", "start_member_id": ONE, "members": members, "parameter": {"b": 2}}
    team = mock.client.post("/v1.0/teams", json=body).json["id"]
    mock.ai("Desk").script(Switch("to_billing", then=Say("Billing here.")))
    aicall = begun(mock, assistance_type="ai_team", assistance_id=team)
    record = mock.client.get(f"/v1.0/aicalls/{aicall}").json
    assert (record["assistance_type"], record["current_member_id"], record["parameter"]) == ("team", ONE, {"b": 2})
    assert [one["member_id"] for one in record["metadata"]["prompt_snapshots"]] == [ONE, TWO]
    write(mock, aicall, "an invoice", 5)
    live = mock.aicall(aicall)
    told = next(line for line in live.transcript if line.role == "notification")
    assert told.ai == "Desk", "it was its turn"
    assert told.result is not None
    assert (told.result["type"], told.result["to_member"]["ai"]["engine_model"]) == ("member_switched", "grok.grok-3")
    assert (live.ai, live.said) == ("Billing", ["Billing here."])
    assert mock.client.get(f"/v1.0/aicalls/{aicall}").json["current_member_id"] == TWO
    listed = mock.client.get(f"/v1.0/aicalls/{aicall}/participants").json["result"]
    assert [one["ai_id"] for one in listed] == [billing.id, ai_of(mock)]
    write(mock, aicall, "!switch to_billing")
    assert (mock.aicall(aicall).ai, len(mock.ai_participants)) == ("Billing", 2), "it has no such function"


# --- on calls --------------------------------------------------------------------------------------------


def talked_to(mock: Mock, *after: Any) -> Any:
    """A call whose flow lets it talk to an AI."""
    talk = a("ai_talk", assistance_type="ai", assistance_id=ai_of(mock))
    flow = a_flow(mock, a("variable_set", key="mood", value="kind"), a("answer"), talk, *after)
    return mock.phone(ANN).calls(flow)


def test_a_caller_talks_to_a_model(mock: Mock) -> None:
    mock.ai("Desk").script(Say("How may I help?"), Say("I see."), Hang(match="bye"))
    call = talked_to(mock, a("talk", text="Goodbye.", language="en-US"))
    call.hears("How may I help?")
    (aicall,) = mock.aicalls.list()
    assert (aicall.status, aicall.reference_id, call.variables["voipbin.aicall.id"]) == (
        "progressing", call.id, aicall.id
    )  # fmt: skip
    live = mock.aicall(aicall)
    assert live.told[1] == "Be kind."
    call.say("It is late.").hears("I see.")
    call.press("1")
    mock.advance(seconds=2)
    call.say("Oh, bye")
    call.hears("Goodbye.")
    assert live.heard == ["It is late.", "type: DTMF_EVENT\ndigit: 1\nduration: 100", "Oh, bye"]
    assert (live.over, call.path) == (True, ["variable_set", "answer", "ai_talk", "talk"])
    told = [event for event in events(mock) if event.startswith("aicall_status")]
    assert told == ["aicall_status_initializing", "aicall_status_progressing", "aicall_status_terminated"]
    assert "I see." in str(live)


def test_a_hangup_ends_the_ai_call_and_another_begins_with_the_next_call(mock: Mock) -> None:
    for number in (1, 2):
        call = talked_to(mock)
        call.hears("Hello, this is Desk.")
        call.hang_up()
        assert [one.status for one in mock.aicalls.list()] == ["terminated"] * number


def test_a_model_connects_the_caller(mock: Mock) -> None:
    mock.ai().script(Say("Hi."), Call("connect_call", {"destinations": [{"type": "tel", "target": "+15550100002"}]}))
    call = talked_to(mock, a("talk", text="They left.", language="en-US"))
    call.hears("Hi.").say("a person, please")
    call.hears("They left.")
    assert [leg.record.destination.target for leg in call.legs] == ["+15550100002"]
    assert mock.aicall(mock.aicalls.list()[0]).over


@pytest.mark.differs("aicall-second", "aicall-unknown-call")
def test_the_api_lets_a_call_talk_to_a_model(mock: Mock) -> None:
    call = mock.phone(ANN).calls(a_flow(mock, a("answer"), a("sleep", duration=60000)))
    aicall = begun(mock, "call", call.id)
    assert mock.aicalls.get(aicall).status == "initiating", "nobody has moved it into a bridge"
    call.say("hello")
    mock.advance(seconds=1)
    assert call.spoken == ["Hello, this is Desk.", "You said: hello"]
    second = asked(mock, "call", call.id)
    assert refusal(second) == ((409, "STATE_INVALID") if is_documented(mock) else (500, "INTERNAL"))
    mock.advance(seconds=3)
    write(mock, aicall, "quietly", 1)
    assert (mock.aicall(aicall).said[-1], len(call.spoken)) == ("You said: quietly", 2), "nobody hears that"
    call.hang_up()
    assert mock.aicalls.get(aicall).status == "terminated"
    had = len(mock.aicalls)
    assert refusal(asked(mock, "call", UNKNOWN)) == (404, "CALL_NOT_FOUND")
    assert refusal(asked(mock, "call", call.id)) == (404, "CHANNEL_NOT_FOUND")
    assert len(mock.aicalls) == had + (0 if is_documented(mock) else 2)
    if not is_documented(mock):
        mock.advance(seconds=3)
        assert refusal(write(mock, aicall, "dead?")) == (500, "INTERNAL")
        assert mock.aicall(aicall).heard[-1] == "dead?", "the message is kept"


# --- conversations, tasks, cases -------------------------------------------------------------------------


def test_a_model_writes_in_a_conversation(mock: Mock) -> None:
    flow = a_flow(mock, a("ai_talk", ai_id=ai_of(mock)), a("variable_set", key="after", value="yes"))
    widget = mock.webchat_widgets.create(name="support", message_flow_id=flow)
    visitor = mock.visit(widget)
    visitor.say("Is it open?")
    mock.advance(seconds=2)
    assert visitor.heard() == ["You said: Is it open?"]
    mock.ai().script(Silence(), Say("Yes."))
    visitor.say("Hello?")
    mock.advance(seconds=34)
    assert len(visitor.heard()) == 2, "it apologizes"
    (aicall,) = mock.aicalls.list()
    assert (aicall.reference_type, aicall.status) == ("conversation", "progressing"), "one for all that is written"
    mock.client.post(f"/v1.0/aicalls/{aicall.id}/terminate")
    assert [run.status for run in mock.activeflows.list()] == ["ended", "ended"], "the flows went on"
    visitor.say("And now?")
    mock.advance(seconds=2)
    assert len(mock.aicalls) == 2
    mock.advance(days=1, seconds=1)
    visitor = mock.visit(widget)
    visitor.say("Tomorrow?")
    mock.advance(seconds=2)
    assert len(mock.aicalls) == 3


@pytest.mark.differs("aicall-references", "aicall-start")
def test_what_an_ai_call_can_be_about(mock: Mock) -> None:
    conversation = mock.conversations.create(type="message")
    for kind, about in (("conversation", conversation.id), ("task", NIL_UUID)):
        reply = asked(mock, kind, about)
        assert reply.status_code == (200 if is_documented(mock) else 500)
    assert refusal(asked(mock, "dream")) == ((400, "INVALID_ARGUMENT") if is_documented(mock) else (500, "INTERNAL"))
    assert refusal(asked(mock, assistance_type="oracle")) == (400, "INVALID_ARGUMENT")
    assert refusal(asked(mock, assistance_id=UNKNOWN)) == (404, "AI_NOT_FOUND")
    desk = ai_of(mock)
    mock.client.delete(f"/v1.0/ais/{desk}")
    assert asked(mock, assistance_id=desk).status_code == 200, "a deleted AI works"


def test_a_task_is_over_when_the_model_says_so_or_after_half_a_minute(mock: Mock) -> None:
    task = a("ai_task", assistance_type="ai", assistance_id=ai_of(mock))
    flow = a_flow(mock, task, a("variable_set", key="done", value="yes"))
    mock.ai().script(Hang(after="5s"))
    for seconds in (5, 30):
        run = mock.client.post("/v1.0/activeflows", json={"flow_id": flow, "actions": []}).json["id"]
        mock.advance(seconds=seconds - 1)
        assert mock.activeflows.get(run).status == "running"
        mock.advance(seconds=2)
        assert mock.activeflows.get(run).status == "ended"
        mock.ai().script(Silence())
    assert {one.status for one in mock.aicalls.list()} == {"terminated"}


@pytest.mark.differs("desk-foreign-case")
def test_agents_ask_the_insight_ai_about_a_case(mock: Mock) -> None:
    case = mock.contact_cases.create(peer={"type": "tel", "target": ANN}, reference_type="call")
    theirs = mock.contact_cases.create(customer_id=mock.customers.create(name="other").id, reference_type="call")
    body: dict[str, Any] = {"assistance_type": "ai", "reference_type": "contact_case", "reference_id": case.id}
    path = "/v1.0/service_agents/aicalls"
    assert refusal(mock.client.post(path, json=body)) == (404, "RESOURCE_NOT_FOUND")
    older = mock.ais.create(name="Older", type="insight", is_insight_active=True)
    mock.ais.create(name="Newer", type="insight")
    mock.ai("Older").script(Say("They called twice."), Call("get_case_notes"), Call("get_contact_interactions"))
    first = mock.client.post(path, json=body).json
    assert (first["assistance_id"], first["status"]) == (older.id, "progressing")
    assert mock.client.post(path, json=body).json["id"] == first["id"], "the one that goes on"
    mock.advance(seconds=3)
    message = {"aicall_id": first["id"], "role": "user", "content": "Notes?"}
    assert mock.client.post("/v1.0/service_agents/aimessages", json=message).status_code == 200
    mock.advance(seconds=4)
    assert mock.aicall(first["id"]).said == ["They called twice.", "get_case_notes: success"]
    about = f"{path}?reference_type=contact_case&reference_id={case.id}"
    assert [one["id"] for one in mock.client.get(about).json["result"]] == [first["id"]]
    assert refusal(mock.client.get(f"{path}?reference_id={case.id}")) == (400, "INVALID_REFERENCE_FILTER")
    foreign = mock.client.post(path, json={**body, "reference_id": theirs.id})
    assert refusal(foreign) == ((403, "PERMISSION_DENIED") if is_documented(mock) else (404, "RESOURCE_NOT_FOUND"))
    mock.advance(days=1, seconds=1)
    assert mock.client.post(path, json=body).json["id"] != first["id"], "nothing was said for a day"


# --- deleting, state, control ----------------------------------------------------------------------------


@pytest.mark.differs("aimessage-delete", "aimessage-unknown")
def test_messages_are_deleted_and_ai_calls_only_hidden(mock: Mock) -> None:
    aicall = begun(mock)
    message = write(mock, aicall, "oops").json["id"]
    reply = mock.client.delete(f"/v1.0/aimessages/{message}")
    assert reply.status_code == (200 if is_documented(mock) else 404)
    assert len(mock.aicall(aicall).heard) == (0 if is_documented(mock) else 1)
    unknown = "AIMESSAGE_NOT_FOUND" if is_documented(mock) else "MESSAGE_NOT_FOUND"
    assert refusal(mock.client.get(f"/v1.0/aimessages/{UNKNOWN}")) == (404, unknown)
    before = len(events(mock))
    assert mock.client.delete(f"/v1.0/aicalls/{aicall}").json["status"] == "progressing"
    assert len(events(mock)) == before, "nobody is told"
    assert mock.client.get("/v1.0/aicalls").json["result"] == []
    write(mock, aicall, "still there?", 0)
    mock.advance(seconds=3)
    assert write(mock, aicall, "still there?").status_code == 200


def test_scripts_and_what_a_model_is_about_to_do_are_kept_with_the_state(mock: Mock) -> None:
    mock.ai("De*").script(
        Call("stop_flow", {"a": 1}, then=Say("x", after="3s"), match="*y*"), Say("Hm.", after="2s", parts=2)
    )
    aicall = begun(mock)
    write(mock, aicall, "hello", 1)
    state = mock.dump()
    with Mock(mock.world.profile.name, clock="2026-03-01T09:00:00Z") as other:
        other.load(state)
        other.advance(seconds=2)
        assert other.aicall(aicall).said == ["Hm."]
        assert other.client.get("/__mock__/ais").json == mock.client.get("/__mock__/ais").json
        assert other.client.get("/__mock__/ais").json["ais"]["De*"][0]["then"] == {
            "outcome": "say", "text": "x", "after": 3000
        }  # fmt: skip


def test_models_are_scripted_over_the_control_api(mock: Mock) -> None:
    given = {"Desk": ["Hello.", {"outcome": "call", "tool": "stop_service"}], "default": "silence"}
    assert mock.client.put("/__mock__/ais", json=given).json["ais"]["default"] == [{"outcome": "silence"}]
    aicall = begun(mock)
    write(mock, aicall, "hi")
    (brief,) = mock.client.get("/__mock__/aicalls").json["aicalls"]
    assert (brief["id"], brief["ai"], brief["status"]) == (aicall, "Desk", "progressing")
    told = mock.client.get(f"/__mock__/aicalls/{aicall}").json
    assert [line["text"] for line in told["transcript"]][-2:] == ["hi", "Hello."]
    assert mock.client.get(f"/__mock__/aicalls/{UNKNOWN}").status_code == 404
    assert mock.client.delete("/__mock__/ais").json == {"ais": {}}


BAD = [
    {"": "Hello."}, {"Desk": []}, {"Desk": [{"outcome": "say"}]}, {"Desk": [{"outcome": "say", "text": 7}]},
    {"Desk": [{"outcome": "sing"}]}, {"Desk": [{"outcome": "call", "tool": ""}]},
    {"Desk": [{"outcome": "say", "text": "a", "parts": 0}]}, {"Desk": [{"outcome": "say", "text": "a", "after": 1}]},
    {"Desk": [{"outcome": "call", "tool": "x", "result": "maybe"}]}, {"Desk": [{"outcome": "silence", "after": 200}]},
    {"Desk": [{"outcome": "call", "tool": "x", "then": "silence"}]}, {"Desk": [{"outcome": "hang", "match": 1}]},
    {"Desk": [{"outcome": "call", "tool": "x", "arguments": [1]}]}, {"Desk": [7]}, ["Hello."],
]  # fmt: skip


def test_a_script_that_is_none_is_refused_with_what_is_wrong(mock: Mock) -> None:
    for rules in BAD:
        assert refusal(mock.client.put("/__mock__/ais", json=rules)) == (400, "INVALID_ARGUMENT"), rules
    for turn in (Say, "Hello.", 7):
        with pytest.raises(ValueError, match=r"parentheses|is no outcome"):
            mock.ai("Desk").script(turn)  # type: ignore[arg-type]
