"""Audits of AI calls, and what is proposed from them: judged on the virtual clock, accepted, grown stale."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import events, refusal
from voipbin_mock import Mock
from voipbin_mock.ai import Call, Done, Failed, Say

AUDITS, PROPOSALS = "/v1.0/aiaudits", "/v1.0/aipromptproposals"
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f84"
NIL = "00000000-0000-0000-0000-000000000000"
PROMPT = "You answer in one word."


def by_documents(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def an_ai(mock: Mock, **members: Any) -> Any:
    body = {
        "name": "Ann", "detail": "", "engine_model": "openai.gpt-4o", "parameter": {}, "engine_key": "sk-1",
        "init_prompt": PROMPT, "tts_type": "", "tts_voice_id": "", "stt_type": "", "stt_language": "de-DE", **members,
    }  # fmt: skip
    reply = mock.client.post("/v1.0/ais", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json


def a_talk(mock: Mock, ai: Any, *lines: str, kind: str = "ai") -> str:
    """The id of an AI call that is over."""
    body = {"assistance_type": kind, "assistance_id": ai["id"], "reference_type": "", "reference_id": NIL}
    aicall = mock.client.post("/v1.0/aicalls", json=body).json["id"]
    for line in lines:
        mock.advance(seconds=4)
        sent = {"aicall_id": aicall, "role": "user", "content": line, "run_immediately": True}
        assert mock.client.post("/v1.0/aimessages", json=sent).status_code == 200
    mock.advance(seconds=4)
    assert mock.client.post(f"/v1.0/aicalls/{aicall}/terminate").json["status"] == "terminated"
    return str(aicall)


def post(mock: Mock, aicall: str, **body: Any) -> Any:
    return mock.client.post(AUDITS, json={"aicall_id": aicall, **body})


def begun(mock: Mock, aicall: str, **body: Any) -> Any:
    reply = post(mock, aicall, **body)
    assert reply.status_code == 202, reply.text
    assert reply.json.keys() == {"result"}
    return reply.json["result"]


def audited(mock: Mock, ai: Any) -> str:
    """The id of a completed audit of an AI's present prompt."""
    (audit,) = begun(mock, a_talk(mock, ai))
    mock.advance(seconds=2)
    assert mock.aiaudits.get(audit["id"]).status == "completed"
    return str(audit["id"])


# --- audits ---------------------------------------------------------------------------------------------


def test_a_new_one_to_the_letter(documented: Mock, server: Mock) -> None:
    for mock in (documented, server):
        ai = an_ai(mock)
        reply = post(mock, aicall := a_talk(mock, ai))
        row = reply.json["result"][0]
        never = '"9999-01-01T00:00:00.000000Z"' if mock is documented else "null"
        messages, error = ('"message_ids":[],', '"error":"",') if mock is documented else ("", "")
        assert reply.text == (
            f'{{"result":[{{"id":"{row["id"]}","customer_id":"{row["customer_id"]}","aicall_id":"{aicall}",'
            f'"ai_id":"{ai["id"]}","prompt_history_id":"{ai["current_prompt_history_id"]}","status":"progressing",'
            f'"overall_score":null,"evaluation":null,{messages}"language":"de-DE",{error}'
            f'"tm_create":"{row["tm_create"]}","tm_update":{never},"tm_delete":{never}}}]}}'
        )


@pytest.mark.differs("member-order")
def test_what_is_kept_as_json_is_shown_in_the_order_of_its_profile(either: Mock) -> None:
    aicall = a_talk(either, an_ai(either), "hi")
    audit = begun(either, aicall)[0]["id"]
    either.ai.audits.script(Done(evaluation={"zest": 1, "overall_score": 4, "dimensions": {"tone": 2, "accuracy": 3}}))
    either.advance(seconds=2)
    evaluation = either.client.get(f"{AUDITS}/{audit}").json["evaluation"]
    call = either.client.get(f"/v1.0/aicalls/{aicall}").json
    again = either.client.post(AUDITS, json={"aicall_id": aicall}).json["result"][0]["id"]
    either.advance(seconds=2)
    scripted = either.client.get(f"{AUDITS}/{again}").json["evaluation"]
    if by_documents(either):
        assert list(evaluation) == ["overall_score", "dimensions", "summary"]
        assert list(evaluation["dimensions"])[:3] == ["helpfulness", "accuracy", "tone"]
        assert list(call["metadata"]["prompt_snapshots"][0]) == ["ai_id", "prompt_history_id", "prompt", "member_id"]
        assert (list(scripted)[-1], list(scripted["dimensions"])) == ("zest", ["accuracy", "tone"])
    else:
        assert list(evaluation) == ["summary", "dimensions", "overall_score"]
        assert list(evaluation["dimensions"])[:3] == ["tone", "accuracy", "tool_usage"]
        assert list(call["metadata"]["prompt_snapshots"][0]) == ["ai_id", "member_id", "prompt", "prompt_history_id"]
        assert (list(scripted)[-1], list(scripted["dimensions"])) == ("zest", ["tone", "accuracy"])


def test_one_is_completed_after_two_seconds_and_nobody_is_told(either: Mock) -> None:
    either.ai("Ann").script(Say("Hello."), Call("set_variables", {"variables": {"a": "1"}}, then=Say("Done.")))
    plain, with_tool = (a_talk(either, an_ai(either), *lines) for lines in (["hi"], ["hi", "do it"]))
    several = [begun(either, aicall)[0] for aicall in (plain, with_tool)]
    told = len(events(either))
    either.advance(seconds=1)
    assert {either.aiaudits.get(one["id"]).status for one in several} == {"progressing"}
    either.advance(seconds=1)
    found = [either.client.get(f"{AUDITS}/{one['id']}").json for one in several]
    assert [(each["status"], each["overall_score"]) for each in found] == [("completed", 5)] * 2
    assert [each["evaluation"]["dimensions"]["tool_usage"] is None for each in found] == [True, False]
    assert found[0]["evaluation"]["dimensions"]["tone"] == {"score": 5, "reason": "Nothing to complain of."}
    newest_first = sorted(either.aimessages.list(aicall_id=plain), key=lambda message: message.tm_create, reverse=True)
    assert found[0]["message_ids"] == [message.id for message in newest_first]
    assert len(events(either)) == told


def test_what_is_scripted_is_found(either: Mock) -> None:
    either.ai.audits.script(
        Done(after="1s", overall_score=2, evaluation={"summary": "Rude."}), Failed("cancelled"), Failed()
    )
    several = [begun(either, a_talk(either, an_ai(either)))[0] for _ in range(3)]
    either.advance(seconds=2)
    first, second, third = (either.aiaudits.get(one["id"]) for one in several)
    assert (first.overall_score, first.evaluation["overall_score"], first.evaluation["summary"]) == (2, 2, "Rude.")
    assert first.evaluation["dimensions"]["accuracy"]["score"] == 2
    assert (second.status, second.error) == ("failed", "cancelled")
    assert (third.status, third.error, third.overall_score) == ("failed", "evaluator_unavailable", None)


def test_an_ai_without_a_prompt_or_a_model_that_is_dead_fails(either: Mock) -> None:
    told = {
        "prompt_snapshot_has_no_history_id": an_ai(either, init_prompt=""),
        "evaluator_unavailable": an_ai(either, engine_key="sk-mock-fail"),
    }
    for error, ai in told.items():
        (audit,) = begun(either, a_talk(either, ai))
        either.advance(seconds=2)
        assert either.aiaudits.get(audit["id"]).error == error
    ai = an_ai(either)
    for error, metadata in {
        "invalid_call_metadata": {},
        "prompt_snapshot_not_found": {"prompt_snapshots": [{"ai_id": UNKNOWN, "prompt_history_id": UNKNOWN}]},
    }.items():
        aicall = either.aicalls.create(assistance_id=ai["id"], status="terminated", metadata=metadata)
        (audit,) = begun(either, aicall.id)
        either.advance(seconds=2)
        assert either.aiaudits.get(audit["id"]).error == error


@pytest.mark.differs("audit-twice", "audit-deleted")
def test_there_is_one_of_an_ai_in_a_call_which_begins_anew(either: Mock) -> None:
    aicall = a_talk(either, an_ai(either))
    (first,) = begun(either, aicall, language="en-US")
    assert refusal(post(either, aicall)) == refusal(post(either, aicall, language="en-US")) == (409, "STATE_INVALID")
    other = post(either, aicall, language="fr-FR")
    if by_documents(either):
        assert refusal(other) == (409, "STATE_INVALID")
    else:
        assert (other.status_code, other.json["result"][0]["id"]) == (202, first["id"])
    either.advance(seconds=2)
    assert either.aiaudits.get(first["id"]).status == "completed"
    deleted = either.client.delete(f"{AUDITS}/{first['id']}").json
    assert (deleted["tm_delete"] not in (None, "9999-01-01T00:00:00.000000Z")) is by_documents(either)
    for again in (either.client.get, either.client.delete):
        assert refusal(again(f"{AUDITS}/{first['id']}")) == (404, "RESOURCE_NOT_FOUND")
    (anew,) = begun(either, aicall)
    assert (anew["id"], anew["tm_create"], anew["status"]) == (first["id"], first["tm_create"], "progressing")
    assert (anew["overall_score"], anew["evaluation"]) == (None, None)
    assert [row["id"] for row in either.client.get(AUDITS).json["result"]] == [first["id"]]


@pytest.mark.differs("audit-language")
def test_the_language_is_the_ais_or_the_calls(either: Mock) -> None:
    ai = an_ai(either)
    aicall = a_talk(either, ai)
    either.ais.update(ai["id"], stt_language="ko-KR")
    assert begun(either, aicall)[0]["language"] == ("ko-KR" if by_documents(either) else "de-DE")
    odd = an_ai(either, stt_language="german?")
    assert begun(either, a_talk(either, odd))[0]["language"] == "en-US"


def test_a_call_that_says_so_is_audited_by_itself(either: Mock) -> None:
    aicall = a_talk(either, an_ai(either, auto_aicall_audit_enabled=True))
    either.advance(milliseconds=999)
    assert len(either.aiaudits) == 0
    either.advance(milliseconds=1)
    (audit,) = either.aiaudits
    assert (audit.aicall_id, audit.status) == (aicall, "progressing")
    either.advance(seconds=2)
    assert either.aiaudits.get(audit).status == "completed"


def test_of_a_team_each_who_took_part_is_judged_the_newest_first(either: Mock) -> None:
    first, second = an_ai(either), an_ai(either, name="Bob")
    aicall = either.aicalls.create(assistance_type="team", assistance_id=UNKNOWN, status="terminated")
    for ai in (first, second):
        either.ai_participants.create(ai_id=ai["id"], aicall_id=aicall.id)
    assert [audit["ai_id"] for audit in begun(either, aicall.id)] == [second["id"], first["id"]]


def test_what_is_refused_of_audits_and_in_which_order(either: Mock) -> None:
    ai = an_ai(either)
    body = {"assistance_type": "ai", "assistance_id": ai["id"], "reference_type": "", "reference_id": NIL}
    live = either.client.post("/v1.0/aicalls", json=body).json["id"]
    assert refusal(post(either, UNKNOWN, language="?")) == (400, "INVALID_ARGUMENT")
    assert refusal(post(either, NIL)) == (400, "INVALID_ID")
    assert refusal(post(either, UNKNOWN)) == (404, "AICALL_NOT_FOUND")
    assert refusal(post(either, live)) == (400, "INVALID_ARGUMENT")
    either.ai.audits.script(Done(after="1h"))
    over = [either.aicalls.create(assistance_id=ai["id"], status="terminated").id for _ in range(11)]
    for aicall in over[:10]:
        begun(either, aicall)
    limited = post(either, over[10])
    assert refusal(limited) == (429, "RATE_LIMIT_EXCEEDED")
    assert "Retry-After" not in limited.headers
    assert either.client.get(AUDITS, query_string={"aicall_id": over[0], "ai_id": ai["id"]}).json["result"]
    assert refusal(either.client.get(AUDITS, query_string={"ai_id": "x"})) == (400, "INVALID_REQUEST_PARAMETER")
    either.agents.create(username="plain@localhost", permission=16)
    assert refusal(either.client_for("plain@localhost").get(AUDITS)) == (403, "PERMISSION_DENIED")


# --- proposals --------------------------------------------------------------------------------------------


def propose(mock: Mock, ai: Any, *audits: str) -> Any:
    return mock.client.post(PROPOSALS, json={"ai_id": ai["id"], "audit_ids": list(audits)})


def proposed(mock: Mock, ai: Any, *audits: str) -> Any:
    reply = propose(mock, ai, *audits)
    assert reply.status_code == 202, reply.text
    return reply.json


def decide(mock: Mock, proposal: Any, word: str = "accept") -> Any:
    return mock.client.post(f"{PROPOSALS}/{proposal['id']}/{word}")


def test_a_new_proposal_to_the_letter(documented: Mock, server: Mock) -> None:
    for mock in (documented, server):
        ai = an_ai(mock)
        audit = audited(mock, ai)
        reply = propose(mock, ai, audit)
        never = '"9999-01-01T00:00:00.000000Z"' if mock is documented else "null"
        found, error = ('"proposed_prompt":"","rationale":"",', '"error":"",') if mock is documented else ("", "")
        assert reply.text == (
            f'{{"id":"{reply.json["id"]}","customer_id":"{reply.json["customer_id"]}","ai_id":"{ai["id"]}",'
            f'"audit_ids":["{audit}"],"basis_prompt_history_id":"{ai["current_prompt_history_id"]}",'
            f'"original_prompt":"{PROMPT}",{found}"status":"progressing",{error}'
            f'"applied_prompt_history_id":"{NIL}","tm_create":"{reply.json["tm_create"]}","tm_update":{never},'
            f'"tm_delete":{never}}}'
        )


def test_one_that_is_accepted_is_the_ais_prompt(either: Mock) -> None:
    ai = an_ai(either)
    either.ai.proposals.script(Done(proposed_prompt="Be kind.", rationale="They were rude."))
    proposal = proposed(either, ai, audited(either, ai))
    either.advance(seconds=14)
    assert refusal(decide(either, proposal)) == refusal(decide(either, proposal, "reject")) == (409, "STATE_INVALID")
    either.advance(seconds=1)
    row = either.aipromptproposals.get(proposal["id"])
    assert (row.status, row.proposed_prompt, row.rationale) == ("completed", "Be kind.", "They were rude.")
    told = len(events(either))
    accepted = decide(either, proposal).json
    assert accepted["status"] == "accepted"
    now = either.ais.get(ai["id"])
    assert (now.init_prompt, now.current_prompt_history_id) == ("Be kind.", accepted["applied_prompt_history_id"])
    history = either.ai_prompt_histories.get(now.current_prompt_history_id)
    assert (history.prompt, history.proposal_id) == ("Be kind.", proposal["id"])
    assert len(events(either)) == told, "nobody is told"
    assert decide(either, proposal).json == accepted
    assert refusal(decide(either, proposal, "reject")) == (409, "STATE_INVALID")


def test_one_that_is_rejected_changes_nothing(either: Mock) -> None:
    ai = an_ai(either)
    proposal = proposed(either, ai, audited(either, ai))
    either.advance(seconds=15)
    assert either.aipromptproposals.get(proposal["id"]).proposed_prompt.startswith(PROMPT)
    rejected = decide(either, proposal, "reject").json
    assert rejected["status"] == "rejected"
    assert decide(either, proposal, "reject").json == rejected
    assert refusal(decide(either, proposal)) == (409, "STATE_INVALID")
    assert either.ais.get(ai["id"]).init_prompt == PROMPT


def test_one_that_comes_too_late_expires(either: Mock) -> None:
    ai = an_ai(either)
    audits = [audited(either, ai) for _ in range(2)]
    first, second = (proposed(either, ai, audit) for audit in audits)
    either.advance(seconds=15)
    either.client.delete(f"{AUDITS}/{audits[0]}")
    assert refusal(decide(either, first)) == (409, "STATE_INVALID")
    either.client.put(f"/v1.0/ais/{ai['id']}", json={**_body(ai), "init_prompt": "Another."})
    assert refusal(decide(either, second)) == (409, "STATE_INVALID")
    found = [either.aipromptproposals.get(one["id"]) for one in (first, second)]
    assert [(one.status, one.error) for one in found] == [
        ("expired", "invalid_audit_set"), ("expired", "prompt_version_drifted"),
    ]  # fmt: skip


def _body(ai: Any) -> dict[str, Any]:
    names = ("name", "detail", "engine_model", "parameter", "tts_type", "tts_voice_id", "stt_type", "stt_language")
    return {**{name: ai.get(name, "") for name in names}, "parameter": {}, "engine_key": "sk-1"}


def test_after_a_week_one_for_a_prompt_of_before_expires_by_itself(either: Mock) -> None:
    stale, fresh = an_ai(either), an_ai(either, name="Bob")
    several = [proposed(either, ai, audited(either, ai)) for ai in (stale, fresh)]
    either.advance(seconds=15)
    either.client.put(f"/v1.0/ais/{stale['id']}", json={**_body(stale), "init_prompt": "Another."})
    either.advance(hours=167)
    assert [either.aipromptproposals.get(one["id"]).status for one in several] == ["completed"] * 2
    either.advance(hours=2)
    found = [either.aipromptproposals.get(one["id"]) for one in several]
    assert [(one.status, one.error) for one in found] == [("expired", "prompt_version_drifted"), ("completed", "")]
    either.client.put(f"/v1.0/ais/{fresh['id']}", json={**_body(fresh), "init_prompt": "Another."})
    either.advance(hours=1)
    assert either.aipromptproposals.get(several[1]["id"]).status == "expired"


def test_the_ai_may_be_gone(either: Mock) -> None:
    ai = an_ai(either)
    proposal = proposed(either, ai, audit := audited(either, ai))
    either.advance(seconds=15)
    either.client.delete(f"/v1.0/ais/{ai['id']}")
    assert refusal(decide(either, proposal)) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(propose(either, ai, audit)) == (404, "RESOURCE_NOT_FOUND")


def test_what_is_refused_of_proposals_and_in_which_order(either: Mock) -> None:
    ai, other = an_ai(either), an_ai(either, name="Bob")
    audit, others = audited(either, ai), audited(either, other)
    failed = either.aiaudits.create(ai_id=ai["id"], status="failed").id
    drifted = either.aiaudits.create(ai_id=ai["id"], status="completed", prompt_history_id=UNKNOWN).id
    assert refusal(propose(either, {"id": NIL}, audit)) == (400, "INVALID_ID")
    assert refusal(propose(either, ai, audit, NIL)) == (400, "INVALID_ID")
    assert refusal(propose(either, {"id": UNKNOWN}, audit)) == (404, "AI_NOT_FOUND")
    assert refusal(propose(either, ai)) == refusal(propose(either, ai, *[audit] * 21)) == (400, "INVALID_ARGUMENT")
    for wrong in (UNKNOWN, others, failed, drifted):
        reply = propose(either, ai, audit, wrong)
        assert refusal(reply) == (400, "INVALID_ARGUMENT")
        assert reply.json["error"]["details"][0]["pointer"] == "/audit_ids/1"
    for _ in range(3):
        proposed(either, ai, audit)
    assert refusal(propose(either, ai, audit)) == (429, "RATE_LIMIT_EXCEEDED")
    either.advance(seconds=15)
    found = either.client.get(PROPOSALS, query_string={"ai_id": ai["id"], "status": "completed"}).json["result"]
    assert len(found) == 3
    assert either.client.get(PROPOSALS, query_string={"ai_id": other["id"]}).json["result"] == []


def test_one_that_fails_says_why_and_one_that_is_deleted_is_gone(either: Mock) -> None:
    ai = an_ai(either)
    audit = audited(either, ai)
    either.ai.proposals.script(Failed("invalid_evaluator_response", after="1s"), Done())
    failed, deleted = (proposed(either, ai, audit) for _ in range(2))
    shown = either.client.delete(f"{PROPOSALS}/{deleted['id']}").json
    assert (shown == deleted) is not by_documents(either)
    either.advance(seconds=15)
    row = either.aipromptproposals.get(failed["id"])
    assert (row.status, row.error, row.proposed_prompt) == ("failed", "invalid_evaluator_response", "")
    assert refusal(decide(either, failed)) == (409, "STATE_INVALID")
    assert refusal(decide(either, deleted)) == (404, "RESOURCE_NOT_FOUND")


def test_what_goes_on_is_in_snapshots_and_dumps_and_what_is_put_in_place_goes_on(either: Mock) -> None:
    ai = an_ai(either)
    proposal = proposed(either, ai, audited(either, ai))
    aicall = a_talk(either, ai)
    audit = either.aiaudits.create(aicall_id=aicall, ai_id=ai["id"], status="progressing")
    moment, state = either.snapshot(), either.dump()
    for back in (lambda: either.restore(moment), lambda: either.load(state)):
        back()
        either.advance(seconds=15)
        assert either.aiaudits.get(audit).status == "completed"
        assert either.aipromptproposals.get(proposal["id"]).status == "completed"


def test_the_jobs_there_are_and_when_something_is_due(either: Mock) -> None:
    ai = an_ai(either)
    aicall = a_talk(either, ai)
    assert [one["due"] for one in either.client.get("/__mock__/aicalls?limit=1").json["aicalls"]] == [None]
    assert either.client.get(f"/__mock__/aicalls/{aicall}").json["due"] is None
    begun(either, aicall)
    rag = either.client.post("/v1.0/rags", json={"name": "manual", "source_urls": ["https://docs.example.com"]}).json
    now = either.client.get("/__mock__/clock").json["now"]
    told = {one["id"]: one for one in either.client.get("/__mock__/jobs").json["newest"]}
    read, judged = told[rag["id"]], next(one for one in told.values() if one["about"]["id"] == aicall)
    assert (read["kind"], read["resource"], read["status"], read["about"]["name"]) == (
        "rags",
        "rags",
        "processing",
        "manual",
    )
    assert (judged["kind"], judged["status"], judged["about"]) == (
        "audits",
        "progressing",
        {"resource": "aicalls", "id": aicall, "name": "Ann"},
    )
    assert now < read["due"] < judged["due"]
    either.advance(seconds=2)
    told = {one["id"]: one for one in either.client.get("/__mock__/jobs").json["newest"]}
    assert (told[judged["id"]]["status"], told[judged["id"]]["due"]) == ("completed", None)
    assert len(either.client.get("/__mock__/jobs?limit=1").json["newest"]) == 1
    assert either.client.delete(f"{AUDITS}/{judged['id']}").status_code == 200
    assert judged["id"] not in {one["id"] for one in either.client.get("/__mock__/jobs").json["newest"]}
