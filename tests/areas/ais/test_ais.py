"""AIs, their prompts, teams of them, and who may have to do with AI calls."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import events, foreigner, plain_agent, refusal
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

UNKNOWN = "c0ffee00-0000-4000-8000-00000000dead"
ONE, TWO = "c0ffee00-0000-4000-8000-000000000001", "c0ffee00-0000-4000-8000-000000000002"
AI: dict[str, Any] = {
    "name": "desk",
    "detail": "answers",
    "engine_model": "openai.gpt-4o",
    "parameter": {"b": [{"d": 1, "c": 2}], "a": 1},
    "engine_key": "sk-1",
    "init_prompt": "Be brief.",
    "tts_type": "elevenlabs",
    "tts_voice_id": "v",
    "stt_type": "deepgram",
}


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def made(mock: Mock, **members: Any) -> Any:
    reply = mock.client.post("/v1.0/ais", json={**AI, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def changed(mock: Mock, ai: Any, **members: Any) -> Any:
    reply = mock.client.put(f"/v1.0/ais/{ai['id']}", json={**AI, **members})
    assert reply.status_code == 200, reply.text
    return reply.json


def shown(mock: Mock, ai: Any) -> Any:
    return mock.client.get(f"/v1.0/ais/{ai['id']}").json


@pytest.mark.differs("ai-engine-key", "ai-hash", "ai-vad")
def test_an_ai_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    ai = made(either, vad_config={"stop_secs": 0.5}, smart_turn_enabled=True)
    kept = "engine_key" if not is_documented(either) else ""
    ids = ["id", "customer_id", "name", "detail", "type", "is_insight_active", "engine_model", "parameter", kept]
    prompt = ["rag_id", "init_prompt", "current_prompt_history_id", "tts_type", "tts_voice_id", "stt_type"]
    only = ["stt_language", "vad_config", "smart_turn_enabled", "auto_aicall_audit_enabled", "tool_names"]
    rest = ["direct_hash", "tm_create", "tm_update", "tm_delete"]
    assert list(ai) == [*filter(None, ids), *prompt, *(only if is_documented(either) else []), *rest]
    assert (ai["type"], ai["is_insight_active"], ai["init_prompt"]) == ("normal", False, "Be brief.")
    assert list(ai["parameter"]) == ["a", "b"]
    assert list(ai["parameter"]["b"][0]) == ["c", "d"], "what is inside has its order, too"
    assert bool(ai["direct_hash"]) == (not is_documented(either))
    if is_documented(either):
        for wrong in ({"confidence": 1.1}, {"start_secs": -1}, {"stop_secs": 31}, {"min_volume": "loud"}):
            reply = either.client.put(f"/v1.0/ais/{ai['id']}", json={**AI, "vad_config": wrong})
            assert refusal(reply) == (400, "INVALID_ARGUMENT"), wrong
        assert (ai["vad_config"], ai["smart_turn_enabled"]) == ({"stop_secs": 0.5}, True)
        assert changed(either, ai)["vad_config"] is None
    assert events(either)[0] == "ai_created"


WRONG = {"engine_model": "openai", "type": "wise", "tts_type": "parrot", "stt_type": "azure"}
BAD_TOOLS = (["sing"], ["all", "get_case_notes"])


@pytest.mark.differs("ai-validation")
def test_an_ai_is_of_what_there_is(either: Mock) -> None:
    expected = (400, "INVALID_ARGUMENT") if is_documented(either) else (500, "INTERNAL")
    ai = made(either)
    for member, value in WRONG.items():
        body = {**AI, member: value}
        assert refusal(either.client.post("/v1.0/ais", json=body)) == expected, member
        assert refusal(either.client.put(f"/v1.0/ais/{ai['id']}", json=body)) == expected, member
    for tools in BAD_TOOLS:
        reply = either.client.post("/v1.0/ais", json={**AI, "tool_names": tools})
        assert refusal(reply) == (400, "INVALID_TOOL_NAMES")
    for kind, tools in (("normal", ["all", "send_email"]), ("insight", ["all", "get_related_cases"])):
        assert made(either, type=kind, tool_names=tools)["tool_names"] == tools
    insight = made(either, type="insight")
    assert changed(either, insight)["type"] == "insight", "a type that is not given stays"


@pytest.mark.parametrize(("path", "member"), [("/v1.0/ais", "tool_names"), ("/v1.0/rags", "source_urls")])
def test_an_array_of_texts_has_nothing_else_in_it(either: Mock, path: str, member: str) -> None:
    for wrong in (5, {}, ["all"], True):
        reply = either.client.post(path, json={**AI, member: ["all", wrong]})
        assert refusal(reply) == (400, "INVALID_JSON_BODY"), wrong
        assert either.journal[-1].violations[0].pointer == f"/{member}/1"


@pytest.mark.differs("ai-rag")
def test_the_rag_of_an_ai_is_one_of_the_customers(either: Mock) -> None:
    reply = either.client.post("/v1.0/ais", json={**AI, "rag_id": UNKNOWN})
    assert refusal(reply) == ((404, "RAG_NOT_FOUND") if is_documented(either) else (500, "INTERNAL"))


@pytest.mark.differs("ai-prompt-histories")
def test_each_prompt_that_an_ai_has_had_is_kept(either: Mock) -> None:
    ai = made(either)
    first = ai["current_prompt_history_id"]
    assert changed(either, ai)["current_prompt_history_id"] == first, "the same prompt is no new one"
    second = changed(either, ai, init_prompt="Be kind.")["current_prompt_history_id"]
    assert changed(either, ai, init_prompt="")["current_prompt_history_id"] == NIL_UUID
    third = changed(either, ai, init_prompt="Be brief.")["current_prompt_history_id"]
    either.client.delete(f"/v1.0/ais/{ai['id']}")
    answer = either.client.get(f"/v1.0/ais/{ai['id']}/prompt_histories").json
    listed = answer if is_documented(either) else answer["result"]
    assert [one["id"] for one in listed] == [third, second, first]
    assert [one["prompt"] for one in listed] == ["Be brief.", "Be kind.", "Be brief."]
    path = f"/v1.0/ais/{made(either)['id']}/prompt_histories"
    assert refusal(either.client.get(f"{path}/{first}")) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(either.client.get(f"{path}/first")) == (400, "INVALID_HISTORY_ID")
    assert either.ai_prompt_histories.get(first).ai_id == ai["id"]


def test_one_ai_of_type_insight_is_active(either: Mock) -> None:
    one, two = (made(either, type="insight", name=name) for name in ("one", "two"))
    started = len(events(either))

    def activate(ai: Any) -> Any:
        return either.client.post(f"/v1.0/ais/{ai['id']}/activate_insight")

    assert activate(one).json["is_insight_active"]
    second = activate(two).json
    assert not shown(either, one)["is_insight_active"]
    assert activate(two).json == second, "no stamp moves"
    assert events(either)[started:] == ["ai_updated"] * 4
    assert not changed(either, two, type="normal")["is_insight_active"]
    assert refusal(activate(two)) == (400, "AI_NOT_INSIGHT_TYPE")
    either.client.delete(f"/v1.0/ais/{one['id']}")
    assert refusal(activate(one)) == (404, "AI_NOT_FOUND")


def test_a_deleted_ai_is_read_and_has_no_hash_that_works(either: Mock) -> None:
    ai = made(either)
    path = f"/v1.0/ais/{ai['id']}"
    hash = either.client.post(f"{path}/direct-hash-regenerate").json["direct_hash"]
    boot = {"direct_hash": hash}
    assert either.anonymous.post("/auth/boot", json=boot).json["resource_type"] == "ai"
    gone = either.client.delete(path).json
    assert gone["tm_delete"] == gone["tm_update"]
    assert gone["direct_hash"] == hash
    assert either.anonymous.post("/auth/boot", json=boot).status_code == 400
    assert refusal(either.client.post(f"{path}/direct-hash-regenerate")) == (500, "INTERNAL")
    assert either.client.get(path).json == gone
    assert either.client.delete(path).json["tm_delete"] >= gone["tm_delete"]
    assert events(either).count("ai_deleted") == 2


# --- teams -------------------------------------------------------------------------------------------


def member(id: str, ai_id: str, *transitions: tuple[str, str], name: str = "desk") -> dict[str, Any]:
    several = [{"function_name": one, "description": "", "next_member_id": to} for one, to in transitions]
    return {"id": id, "name": name, "ai_id": ai_id, "transitions": several}


def team(start: str, *members: dict[str, Any]) -> dict[str, Any]:
    return {"name": "all", "detail": "", "start_member_id": start, "members": list(members)}


def test_the_members_of_a_team_fit_together(either: Mock) -> None:
    ai, insight = made(either)["id"], made(either, type="insight")["id"]
    expected = (400, "INVALID_ARGUMENT") if is_documented(either) else (500, "INTERNAL")
    bad = [
        team(ONE),
        team(NIL_UUID, member(ONE, ai)),
        team(ONE, member(ONE, ai), member(NIL_UUID, ai)),
        team(ONE, member(ONE, ai), member(ONE, ai)),
        team(TWO, member(ONE, ai)),
        team(ONE, member(ONE, ai, name="")),
        team(ONE, member(ONE, NIL_UUID)),
        team(ONE, member(ONE, ai, ("", ONE))),
        team(ONE, member(ONE, ai, ("send_email", ONE))),
        team(ONE, member(ONE, ai, ("again", ONE), ("again", ONE))),
        team(ONE, member(ONE, ai, ("away", TWO))),
        team(ONE, member(ONE, insight)),
    ]
    for body in bad:
        assert refusal(either.client.post("/v1.0/teams", json=body)) == expected, body
    unknown = either.client.post("/v1.0/teams", json=team(ONE, member(ONE, UNKNOWN)))
    assert refusal(unknown) == (404, "RESOURCE_NOT_FOUND")
    good = either.client.post("/v1.0/teams", json=team(ONE, member(ONE, ai, ("on", TWO)), member(TWO, ai)))
    assert good.status_code == 200
    path = f"/v1.0/teams/{good.json['id']}"
    assert refusal(either.client.put(path, json=team(ONE))) == expected
    assert "transitions" not in good.json["members"][1] or is_documented(either)
    assert events(either)[-1] == "team_created"


@pytest.mark.differs("team-foreign-ai")
def test_another_customers_ai_is_none_for_a_team(either: Mock) -> None:
    theirs = either.ais.create(customer_id=either.customers.create(name="other").id, type="normal").id
    reply = either.client.post("/v1.0/teams", json=team(ONE, member(ONE, theirs)))
    assert (reply.status_code == 404) == is_documented(either)


# --- who may -------------------------------------------------------------------------------------------


def test_agents_without_permission_and_other_customers_are_refused(either: Mock) -> None:
    ai, agent, other = made(either)["id"], plain_agent(either), {"token": foreigner(either)}
    aicall = either.aicalls.create(assistance_id=ai)
    either.aimessages.create(aicall_id=aicall.id, role="user")
    foreign = 404 if is_documented(either) else 403
    for path in ("/v1.0/ais", "/v1.0/teams", "/v1.0/aicalls", f"/v1.0/aimessages?aicall_id={aicall.id}"):
        assert refusal(agent.get(path)) == (403, "PERMISSION_DENIED"), path
    for path in (f"/v1.0/ais/{ai}", f"/v1.0/ais/{ai}/participants", f"/v1.0/aicalls/{aicall.id}"):
        assert either.anonymous.get(path, query_string=other).status_code == foreign, path


@pytest.mark.differs("aicall-delegate")
def test_a_delegate_token_is_for_the_ai_calls_of_one_customer(either: Mock) -> None:
    aicall = either.aicalls.create(assistance_id=made(either)["id"], status="progressing")
    message = either.aimessages.create(aicall_id=aicall.id, role="user")
    boss = either.client_for(either.agents.create(username="boss@example.com", permission=1))
    other = {"customer_id": either.customers.create(name="other").id, "reason": "they asked for help"}
    token = {"Authorization": f"Bearer {boss.post('/auth/delegate', json=other).json['token']}"}
    for path in (f"aicalls/{aicall.id}", f"aimessages?aicall_id={aicall.id}", f"aimessages/{message.id}"):
        reply = either.anonymous.get(f"/v1.0/{path}", headers=token)
        assert reply.status_code == (404 if is_documented(either) else 200), path
    for path in ("ais", "aicalls"):
        assert either.anonymous.get(f"/v1.0/{path}", headers=token).json["result"] == [], "lists are its own"
    ended = either.anonymous.post(f"/v1.0/aicalls/{aicall.id}/terminate", headers=token)
    assert (ended.status_code, either.aicalls.get(aicall.id).status) == (
        (404, "progressing") if is_documented(either) else (200, "terminated")
    )


def test_a_visitor_has_to_do_with_ai_calls_alone(either: Mock) -> None:
    ai, another = made(either)["id"], made(either)["id"]
    hash = either.client.post(f"/v1.0/ais/{ai}/direct-hash-regenerate").json["direct_hash"]
    token = either.anonymous.post("/auth/boot", json={"direct_hash": hash}).json["token"]
    visitor: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}}
    body = {"assistance_type": "ai", "assistance_id": ai, "reference_type": "", "reference_id": NIL_UUID}
    anonymous = either.anonymous
    aicall = anonymous.post("/v1.0/aicalls", json=body, **visitor).json["id"]
    path = f"/v1.0/aicalls/{aicall}"
    assert [one["id"] for one in anonymous.get("/v1.0/aicalls", **visitor).json["result"]] == [aicall]
    assert anonymous.get(f"/v1.0/aimessages?aicall_id={aicall}", **visitor).status_code == 200
    assert anonymous.post(f"{path}/terminate", **visitor).json["status"] == "terminated"
    refused = anonymous.post("/v1.0/aicalls", json={**body, "assistance_id": another}, **visitor)
    assert refusal(refused) == (403, "PERMISSION_DENIED")
    assert refusal(anonymous.get("/v1.0/ais", **visitor)) == (403, "DIRECT_ACCESS_NOT_SUPPORTED")
    theirs = either.aicalls.create(customer_id=either.customers.create(name="other").id)
    assert refusal(anonymous.get(f"/v1.0/aicalls/{theirs.id}", **visitor)) == (403, "PERMISSION_DENIED")
    widget = either.webchat_widgets.create(name="support")
    token = anonymous.post("/auth/boot", json={"direct_hash": widget.direct_hash}).json["token"]
    stranger: dict[str, Any] = {"headers": {"Authorization": f"Bearer {token}"}}
    assert refusal(anonymous.get(path, **stranger)) == (403, "PERMISSION_DENIED")
