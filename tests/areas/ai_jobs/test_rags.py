"""Knowledge bases: their sources are read on the virtual clock, tried again, and never fetched."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.support.campaigning import refusal
from voipbin_mock import Chance, Mock
from voipbin_mock import Failed as TextFailed
from voipbin_mock.ai import Done, Failed

FAQ, START = "https://docs.example.com/faq", "https://docs.example.com/getting-started"
UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f81"
NIL = "00000000-0000-0000-0000-000000000000"


def post(mock: Mock, **body: Any) -> Any:
    return mock.client.post("/v1.0/rags", json={"name": "manuals", "description": "", **body})


def made(mock: Mock, *urls: str, **body: Any) -> Any:
    reply = post(mock, source_urls=list(urls), **body)
    assert reply.status_code == 200, reply.text
    return reply.json


def read(mock: Mock, rag: Any) -> Any:
    return mock.client.get(f"/v1.0/rags/{rag['id']}").json


def statuses(mock: Mock, rag: Any) -> tuple[str, list[str]]:
    shown = read(mock, rag)
    return shown["status"], [source["status"] for source in shown.get("sources", [])]


def messages(mock: Mock, rag: Any) -> list[str]:
    return [source.get("status_message", "") for source in read(mock, rag)["sources"]]


def uploaded(mock: Mock, data: bytes) -> str:
    form = {"file": (io.BytesIO(data), "manual.txt"), "type": "rag"}
    return str(mock.client.post("/v1.0/storage_files", data=form, content_type="multipart/form-data").json["id"])


def by_documents(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def test_a_new_one_to_the_letter(documented: Mock, server: Mock) -> None:
    rag = (reply := post(documented, source_urls=[FAQ])).json
    source = rag["sources"][0]["id"]
    start = f'{{"id":"{rag["id"]}","customer_id":"{rag["customer_id"]}","name":"manuals",'
    shown = f'{{"id":"{source}","customer_id":"{rag["customer_id"]}","source_url":"{FAQ}","status":"pending"'
    stamp = '"2026-03-01 09:00:00.000000"'
    assert reply.text == (
        f'{start}"description":"","status":"processing","sources":[{shown},"status_message":""}}],'
        f'"tm_create":{stamp},"tm_update":{stamp}}}'
    )
    stamp = '"2026-03-01T09:00:00Z"'
    assert post(server, source_urls=[FAQ]).text == (
        f'{start}"status":"processing","sources":[{shown}}}],"tm_create":{stamp},"tm_update":{stamp}}}'
    )


@pytest.mark.differs("rag-source-message")
def test_its_sources_are_pending_then_processing_then_ready(either: Mock) -> None:
    rag = made(either, FAQ, storage_file_ids=[uploaded(either, b"x" * 2500)])
    assert statuses(either, rag) == ("processing", ["pending", "pending"])
    either.advance(seconds=1)
    assert statuses(either, rag) == ("processing", ["processing", "processing"])
    either.advance(seconds=1)
    assert statuses(either, rag) == ("ready", ["ready", "ready"])
    assert messages(either, rag) == (["3 chunks created", "1 chunks created"] if by_documents(either) else ["", ""])


NEVER = {
    "a host that never answers": {"source_urls": ["https://docs.invalid/faq"]},
    "another scheme": {"source_urls": ["ftp://docs.example.com/faq"]},
    "no URL": {"source_urls": ["http://[faq"]},
    "no such file": {"storage_file_ids": [UNKNOWN]},
}


@pytest.mark.parametrize("why", NEVER)
def test_what_cannot_be_read_is_an_error_after_three_tries(either: Mock, why: str) -> None:
    rag = post(either, **NEVER[why]).json
    either.advance(seconds=2)
    assert statuses(either, rag) == ("processing", ["pending"])
    (message,) = messages(either, rag)
    assert message
    either.advance(minutes=9, seconds=59)
    assert statuses(either, rag) == ("processing", ["pending"])
    either.advance(seconds=1)
    assert statuses(either, rag) == ("error", ["error"])
    assert messages(either, rag) == [message]


def test_an_empty_file_has_no_text_and_a_deleted_one_is_gone(either: Mock) -> None:
    rag = post(either, storage_file_ids=[uploaded(either, b""), gone := uploaded(either, b"text")]).json
    either.client.delete(f"/v1.0/storage_files/{gone}")
    either.advance(minutes=11)
    assert messages(either, rag) == ["the file is empty", f"there is no file {gone}"]


def test_one_error_beside_one_that_is_ready_is_ready(either: Mock) -> None:
    rag = made(either, FAQ, "https://docs.invalid/")
    either.advance(minutes=11)
    assert statuses(either, rag) == ("ready", ["ready", "error"])


def test_each_try_comes_to_what_is_scripted(either: Mock) -> None:
    either.ai.rags.script(Failed("the page is empty", after="10s"), Done(chunks=42))
    rag = made(either, FAQ)
    either.advance(seconds=10)
    assert (statuses(either, rag), messages(either, rag)) == (("processing", ["pending"]), ["the page is empty"])
    either.advance(minutes=5)
    assert statuses(either, rag) == ("ready", ["ready"])
    assert messages(either, rag) == (["42 chunks created"] if by_documents(either) else [""])


def test_what_goes_on_is_in_snapshots_and_dumps(either: Mock) -> None:
    rag = made(either, FAQ)
    either.advance(seconds=1)
    moment, state = either.snapshot(), either.dump()
    for back in (lambda: either.restore(moment), lambda: either.load(state)):
        either.advance(minutes=1)
        back()
        assert statuses(either, rag) == ("processing", ["processing"])
        either.advance(seconds=1)
        assert statuses(either, rag) == ("ready", ["ready"])


def test_one_that_a_test_puts_in_place_is_read_as_well(either: Mock) -> None:
    source = {"id": UNKNOWN, "customer_id": either.world.owner, "source_url": FAQ, "status": "pending"}
    rag = either.rags.create(name="manuals", sources=[source])
    assert either.rags.get(rag).status == "processing"
    either.advance(seconds=2)
    assert either.rags.get(rag).status == "ready"
    either.rags.delete(rag)
    assert either.rags.list() == []


# --- changing -------------------------------------------------------------------------------------


def test_what_is_left_out_of_a_change_stays_and_sources_are_not_shown(either: Mock) -> None:
    rag = made(either, FAQ, description="all of them")
    either.advance(seconds=5)
    url = f"/v1.0/rags/{rag['id']}"
    changed = either.client.put(url, json={"name": "books"}).json
    assert (changed["name"], changed["description"]) == ("books", "all of them")
    assert not changed.keys() & {"status", "sources"}
    assert changed["tm_update"] > rag["tm_update"]
    assert refusal(either.client.put(url, json={"name": ""})) == (400, "INVALID_ARGUMENT")
    assert refusal(either.client.put(f"/v1.0/rags/{UNKNOWN}", json={"name": ""})) == (400, "INVALID_ARGUMENT")
    assert read(either, rag)["name"] == "books"


@pytest.mark.differs("rag-updated", "rag-source-twice", "rag-source-unknown")
def test_sources_come_and_go(either: Mock) -> None:
    rag = made(either, FAQ)
    either.advance(seconds=5)
    url = f"/v1.0/rags/{rag['id']}/sources"
    added = either.client.post(url, json={"source_urls": [START]}).json
    assert [source["status"] for source in added["sources"]] == ["ready", "pending"]
    assert (added["tm_update"] > rag["tm_update"]) is by_documents(either)
    twice = (409, "STATE_INVALID") if by_documents(either) else (500, "INTERNAL")
    assert refusal(either.client.post(url, json={"source_urls": [START]})) == twice
    assert refusal(post(either, source_urls=[FAQ, FAQ])) == twice
    assert refusal(either.client.post(url, json={"source_urls": []})) == (400, "INVALID_ARGUMENT")
    first, second = (source["id"] for source in added["sources"])
    left = either.client.delete(f"{url}/{first}").json
    assert (left["status"], [source["id"] for source in left["sources"]]) == ("processing", [second])
    unknown = (404, "DOCUMENT_NOT_FOUND") if by_documents(either) else (404, "RESOURCE_NOT_FOUND")
    assert refusal(either.client.delete(f"{url}/{first}")) == unknown
    other = made(either, FAQ)["sources"][0]["id"]
    others = unknown if by_documents(either) else (500, "INTERNAL")
    assert refusal(either.client.delete(f"{url}/{other}")) == others
    assert either.client.delete(f"{url}/{second}").json["status"] == "pending"
    either.advance(minutes=1)
    assert statuses(either, rag) == ("pending", [])


def test_a_deleted_one_is_answered_as_it_was_and_is_gone(either: Mock) -> None:
    rag = made(either, FAQ)
    assert either.client.delete(f"/v1.0/rags/{rag['id']}").json == rag
    for again in (either.client.get, either.client.delete):
        assert refusal(again(f"/v1.0/rags/{rag['id']}")) == (404, "RAG_NOT_FOUND")
    either.advance(minutes=1)
    assert either.rags.list(deleted=True, id=rag["id"])[0].status == "processing", "nothing of it was read"
    assert either.client.get("/__mock__/events").json["events"] == []


# --- who may, and what is refused ---------------------------------------------------------------------


def test_only_admins_may(either: Mock) -> None:
    rag = made(either, FAQ)
    either.agents.create(username="boss@localhost", permission=64)
    client = either.client_for("boss@localhost")
    assert refusal(client.get("/v1.0/rags")) == (403, "PERMISSION_DENIED")
    assert refusal(client.get(f"/v1.0/rags/{rag['id']}")) == (403, "PERMISSION_DENIED")
    assert refusal(client.post("/v1.0/rags", json={"name": "x", "source_urls": [FAQ]})) == (403, "PERMISSION_DENIED")


@pytest.mark.differs("rag-file-owner")
def test_a_file_of_another_customer_is_no_source(either: Mock) -> None:
    other = either.customers.create(name="Somebody else", status="active")
    file = either.storage_files.create(customer_id=other.id, filename="a.txt", filesize=9)
    reply = post(either, storage_file_ids=[file.id])
    if by_documents(either):
        assert refusal(reply) == (404, "FILE_NOT_FOUND")
    else:
        either.advance(seconds=2)
        assert statuses(either, reply.json) == ("ready", ["ready"])


def test_nothing_to_read_and_ids_that_are_none_are_refused(either: Mock) -> None:
    assert refusal(post(either)) == (400, "INVALID_ARGUMENT")
    assert refusal(post(either, name="", source_urls=[FAQ])) == (400, "INVALID_ARGUMENT")
    assert refusal(post(either, storage_file_ids=["seven"])) == (400, "INVALID_JSON_BODY")
    for path in (f"rags/{NIL}", f"rags/{made(either, FAQ)['id']}/sources/{NIL}"):
        assert refusal(either.client.delete(f"/v1.0/{path}")) == (400, "INVALID_ARGUMENT")
    assert refusal(either.client.get("/v1.0/rags/seven")) == (400, "INVALID_REQUEST_PARAMETER")


# --- scripts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "outcome", "said"),
    [
        ("rags", Done(chunks=0), "chunks: expected a count, at least 1, not 0"),
        ("rags", Done(chunk=7), "rags have no 'chunk'; they have chunks"),
        ("audits", Done(overall_score=6), "overall_score: expected a score from 1 to 5, not 6"),
        ("audits", Failed("tired"), "audits fail with evaluator_unavailable, .*; not with 'tired'"),
        ("audits", Chance({Done(): 1, Failed("tired"): 1}), "audits fail with"),
        ("analyses", Done(overall_status="fine"), "overall_status: expected one of ok, warning, error"),
        ("summaries", TextFailed(), "a job comes to that of voipbin_mock.ai"),
        ("summaries", "done", "'done' is no outcome; give Done"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused(documented: Mock, kind: str, outcome: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        getattr(documented.ai, kind).script(outcome)


def test_scripts_over_the_control_api_and_taken_back(either: Mock) -> None:
    rules = {"rags": ["failed", {"outcome": "done", "after": "1s", "chunks": 7}]}
    told = either.client.put("/__mock__/jobs", json=rules).json
    assert told["jobs"] == {"rags": [{"outcome": "failed"}, {"outcome": "done", "after": 1000, "chunks": 7}]}
    assert told["magic"]["audits"] == {"outcome": "done", "after": 2000}
    wrong = either.client.put("/__mock__/jobs", json={"rag": ["done"]})
    assert (wrong.status_code, wrong.json["error"]["message"]) == (
        400,
        "rag: 'rag' is no kind of job; there are audits, proposals, summaries, analyses, rags",
    )
    assert either.client.delete("/__mock__/jobs").json["jobs"] == {}
    either.ai.rags.script(Failed()).forget()
    rag = made(either, FAQ)
    either.advance(seconds=2)
    assert statuses(either, rag) == ("ready", ["ready"])
