"""What VoIPBIN's own clients send passes by default, and is told; who wants it exactly refuses it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from voipbin_mock import Mock

NOBODY = "00000000-0000-0000-0000-000000000000"
ANN = "+15550100001"
OUTPLAN, OUTDIAL = "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e", "40bea034-1d17-474d-a5de-da00d0861c69"
CAMPAIGN_ID, QUEUE = "183c0d5c-691e-42f3-af2b-9bffc2740f83", "99bf739a-932f-433c-b1bf-103d33d7e9bb"
FLOW, TAG = "decc2634-0b2a-11eb-b38d-87a8f1051188", "d7450dda-21e0-4611-b09a-8d771c50a5e6"
NUMBER, AGENT = "c0000000-0000-4000-8000-000000000001", "eb1ac5c0-ff63-47e2-bcdb-5da9c336eb4b"
CONFERENCE = "99accfb7-c0dd-4a54-997d-dd18af7bc280"
ACCESSKEY = "2f1f8f7e-9b3d-4c60-8465-b69e9f28b6dc"
COUNTS = [f"max_try_count_{n}" for n in range(5)]
IDS = ["outplan_id", "outdial_id", "queue_id", "next_campaign_id"]
CAMPAIGN = ["name", "detail", "type", "service_level", "end_handle"]
NO_ADDRESS = dict.fromkeys(("type", "target", "target_name", "name", "detail"), "")


class Sent(NamedTuple):
    """A request as a published client makes it, and what is said of its body."""

    by: str
    ask: str
    body: dict[str, Any]
    missing: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    zero: tuple[str, ...] = ()  # members of the record that the request leaves empty
    done: int = 200


def update(ask: str, body: dict[str, Any], *missing: str) -> Sent:
    """The command line client sends only the members that are given."""
    return Sent("vn", ask, body, missing)


SENT = [
    Sent(
        "vn",
        "POST /outplans",
        {"name": "a", "detail": "", "dial_timeout": 30000, "try_interval": 60000, "source": {"target": ANN}},
        ("source/type", *COUNTS),
        zero=tuple(COUNTS),
    ),
    Sent(
        "vn",
        "POST /outplans",
        {"name": "a", "detail": "", "dial_timeout": 30000, "try_interval": 60000, "source": {"target": ""}},
        ("source/type", *COUNTS),
        zero=("source",),
    ),
    update(f"PUT /outplans/{OUTPLAN}", {"name": "b"}, "detail"),
    update(f"PUT /outplans/{OUTPLAN}", {"detail": "b"}, "name"),
    Sent(
        "vn",  # which writes the counts without their second underscore
        f"PUT /outplans/{OUTPLAN}/dial_info",
        {"dial_timeout": 30000, "try_interval": 60000, "source": {"target": ANN}, "max_try_count0": 1},
        ("source/type", *COUNTS),
        zero=tuple(COUNTS),
    ),
    update(
        f"PUT /outplans/{OUTPLAN}/dial_info", {"dial_timeout": 30000}, "source", "try_interval", *COUNTS
    ),
    Sent(
        "vn",
        "POST /outdials",
        {"name": "a", "detail": "b", "campaign_id": "", "data": ""},
        empty=("campaign_id",),
        zero=("campaign_id", "data"),
    ),
    update(
        f"PUT /outplans/{OUTPLAN}/dial_info",
        {"max_try_count_0": 3},
        "source", "dial_timeout", "try_interval", *COUNTS[1:],
    ),
    update(f"PUT /outdials/{OUTDIAL}", {"detail": "b"}, "name"),
    update(f"PUT /outdials/{OUTDIAL}", {"name": "b"}, "detail"),
    Sent("vn", f"PUT /outdials/{OUTDIAL}/campaign_id", {"campaign_id": ""}, empty=("campaign_id",)),
    Sent("vn", f"PUT /outdials/{OUTDIAL}/data", {"data": ""}, zero=("data",)),
    Sent(
        "vn",
        f"POST /outdials/{OUTDIAL}/targets",
        {"name": "a", "detail": "b", "data": "c", "destination_0": {"target": ANN}},
        ("destination_0/type",),
        zero=("destination_1",),
    ),
    Sent(
        "voipbin-go",
        f"POST /outdials/{OUTDIAL}/targets",
        {"name": "a", "detail": "b", "data": "c", "destination_0": {"target": ANN}}
        | {f"destination_{n}": {} for n in range(1, 5)},
        ("destination_0/type",),
        zero=("destination_1",),
    ),
    Sent(
        "vn",
        "POST /campaigns",
        {"name": "a", "detail": "", "type": "call", "end_handle": "", "service_level": 0, "actions": []}
        | dict.fromkeys(IDS, ""),
        empty=("end_handle", *IDS),
        zero=("end_handle", *IDS),
    ),
    Sent(
        "voipbin-mcp",
        "POST /campaigns",
        {"name": "a", "detail": "", "type": "call", "end_handle": "stop", "service_level": 0, "actions": []},
        tuple(IDS[:3]),
        zero=tuple(IDS),
    ),
    *(
        Sent(by, f"PUT /campaigns/{CAMPAIGN_ID}", {given: value}, tuple(name for name in CAMPAIGN if name != given))
        for by in ("vn", "voipbin-mcp")
        for given, value in (("name", "b"), ("type", "flow"), ("service_level", 50), ("end_handle", "continue"))
    ),
    Sent(
        "vn",
        f"PUT /campaigns/{CAMPAIGN_ID}",
        {"name": "b", "detail": "", "type": "", "end_handle": "", "service_level": 0},
        empty=("type", "end_handle"),
        zero=("type", "end_handle", "service_level"),
    ),
    Sent("vn", f"PUT /campaigns/{CAMPAIGN_ID}/resource_info", dict.fromkeys(IDS, ""), (), tuple(IDS), tuple(IDS)),
    update(f"PUT /campaigns/{CAMPAIGN_ID}/resource_info", {"outplan_id": OUTPLAN}, *IDS[1:]),
    update(f"PUT /campaigns/{CAMPAIGN_ID}/resource_info", {"outdial_id": OUTDIAL}, IDS[0], *IDS[2:]),
    Sent("vn", f"PUT /campaigns/{CAMPAIGN_ID}/next_campaign_id", {"next_campaign_id": ""}, zero=("next_campaign_id",)),
    Sent("vn", f"PUT /campaigns/{CAMPAIGN_ID}/actions", {"actions": []}, zero=("actions",)),
    Sent("vn", f"PUT /campaigns/{CAMPAIGN_ID}/service_level", {"service_level": 0}, zero=("service_level",)),
    Sent("voipbin-mcp", f"PUT /campaigns/{CAMPAIGN_ID}/actions", {"actions": [{"type": "answer"}]}),
    Sent("vn", "POST /flows", {"name": "a", "detail": "", "actions": []}),
    Sent(
        "voipbin-mcp",
        "POST /flows",
        {"name": "a", "detail": "", "actions": [{"type": "answer"}, {"id": "a2", "next_id": "", "type": "hangup"}]},
    ),
    update(f"PUT /flows/{FLOW}", {"name": "b"}, "detail", "actions"),
    update(f"PUT /flows/{FLOW}", {"actions": [{"type": "answer"}]}, "name", "detail"),
    Sent(
        "vn",
        "POST /numbers",
        {"number": ANN, "name": "", "detail": "", "call_flow_id": "", "message_flow_id": ""},
        empty=("call_flow_id", "message_flow_id"),
        zero=("call_flow_id", "message_flow_id"),
    ),
    update(f"PUT /numbers/{NUMBER}", {"name": "b"}, "call_flow_id"),
    Sent(
        "vn",
        f"PUT /numbers/{NUMBER}",
        {"name": "b", "detail": "", "call_flow_id": "", "message_flow_id": ""},
        empty=("call_flow_id", "message_flow_id"),
    ),
    update(f"PUT /numbers/{NUMBER}/flow_ids", {"call_flow_id": FLOW}, "message_flow_id"),
    update(f"PUT /numbers/{NUMBER}/flow_ids", {"message_flow_id": FLOW}, "call_flow_id"),
    Sent(
        "vn",
        f"PUT /numbers/{NUMBER}/flow_ids",
        {"call_flow_id": FLOW, "message_flow_id": ""},
        empty=("message_flow_id",),
        zero=("message_flow_id",),
    ),
    Sent(
        "vn",
        f"PUT /numbers/{NUMBER}/flow_ids",
        {"call_flow_id": "", "message_flow_id": FLOW},
        empty=("call_flow_id",),
        zero=("call_flow_id",),
    ),
    Sent(
        "vn",
        "POST /queues",
        {"name": "a", "detail": "", "routing_method": "random", "tag_ids": [], "wait_timeout": 1000}
        | {"wait_flow_id": "", "service_timeout": 1000},
        empty=("wait_flow_id",),
    ),
    update(
        f"PUT /queues/{QUEUE}",
        {"name": "b", "routing_method": "random"},
        "detail", "tag_ids", "wait_flow_id", "wait_timeout", "service_timeout",
    ),
    update(
        f"PUT /queues/{QUEUE}",
        {"detail": "b", "wait_timeout": 1000},
        "name", "routing_method", "tag_ids", "wait_flow_id", "service_timeout",
    ),
    update(
        f"PUT /queues/{QUEUE}",
        {"name": "b", "detail": "", "routing_method": "random", "tag_ids": [], "wait_flow_id": ""},
        "wait_timeout", "service_timeout",
    )._replace(empty=("wait_flow_id",)),
    Sent(
        "vn",
        "POST /conferences",
        {"name": "a", "detail": "", "type": "", "timeout": 0, "data": {}, "pre_flow_id": "", "post_flow_id": ""},
        empty=("pre_flow_id", "post_flow_id"),
        zero=("type", "timeout", "pre_flow_id", "post_flow_id"),
    ),
    Sent(
        "voipbin-mcp",
        "POST /conferences",
        {"type": "conference", "name": "a", "detail": "", "timeout": 3600000, "data": {}},
        zero=("pre_flow_id", "post_flow_id"),
    ),
    Sent(
        "vn",
        f"PUT /conferences/{CONFERENCE}",
        {"name": "b", "detail": "", "timeout": 0, "data": {}, "pre_flow_id": "", "post_flow_id": ""},
        empty=("pre_flow_id", "post_flow_id"),
    ),
    Sent(
        "vn",
        f"POST /conferences/{CONFERENCE}/recording_start",
        {"duration": 0, "format": "", "on_end_flow_id": ""},
        empty=("format", "on_end_flow_id"),
    ),
    Sent("vn", f"POST /conferences/{CONFERENCE}/transcribe_start", {"language": ""}),
    Sent(
        "voipbin-mcp",
        "POST /ais",
        {"name": "a", "detail": "", "engine_model": "openai.gpt-4o-mini", "engine_key": "k", "init_prompt": "Be brief."}
        | {"tts_type": "google", "tts_voice_id": "en-US-Standard-A", "stt_type": "google", "stt_language": "en-US"},
        zero=("rag_id", "tool_names"),
    ),
    Sent("vn", "POST /tags", {"name": "a", "detail": ""}),
    Sent(
        "vn",
        "POST /contacts",
        {"first_name": "a", "last_name": "", "display_name": "", "company": "", "job_title": "", "external_id": ""}
        | {"source": "", "notes": ""},
        empty=("source",),
        zero=("last_name", "notes"),
        done=201,
    ),
    update(f"PUT /tags/{TAG}", {"name": "b"}, "detail"),
    update(f"PUT /tags/{TAG}", {"detail": "b"}, "name"),
    update(f"PUT /agents/{AGENT}", {"name": "b", "ring_method": "linear"}),
    Sent("vn", f"PUT /agents/{AGENT}/tag_ids", {"tag_ids": []}, zero=("tag_ids",)),
    Sent("vn", f"PUT /agents/{AGENT}/status", {"status": "away"}),
    Sent("vn", "POST /accesskeys", {"expire": 86400}, zero=()),
    update(f"PUT /accesskeys/{ACCESSKEY}", {"name": "b"}),
    Sent(
        "voipbin-mcp",
        "POST /calls",
        {"source": {"type": "tel", "target": "+15559876543"}, "destinations": [{"type": "tel", "target": ANN}]},
    ),
    Sent(
        "vn",
        "POST /messages",
        {"source": {"target": "+15559876543"}, "destinations": [{"target": ANN}], "text": "a"},
        ("source/type", "destinations/0/type"),
    ),
    Sent(
        "voipbin-mcp",
        "POST /messages",
        {"source": {"type": "tel", "target": "+15559876543"}, "destinations": [{"type": "tel", "target": ANN}],
         "text": "a"},
    ),
    Sent(
        "voipbin-mcp",
        "POST /emails",
        {"destinations": [{"type": "email", "target": "a@example.com"}], "subject": "a", "content": "b"},
        zero=("attachments",),
    ),
]  # fmt: skip
OFF = [sent for sent in SENT if sent.missing or sent.empty]


def label(sent: Sent) -> str:
    return f"{sent.by} {sent.ask} {','.join(sent.body)}"[:100]


def ask(mock: Mock, sent: Sent) -> Any:
    method, path = sent.ask.split()
    return getattr(mock.client, method.lower())(f"/v1.0{path}", json=sent.body)


def told(mock: Mock) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"missing-member": set(), "empty-member": set()}
    for warning in mock.warnings:
        found.setdefault(warning.code, set()).add(warning.pointer.removeprefix("/"))
    return found


@pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
@pytest.mark.parametrize("sent", SENT, ids=label)
def test_what_a_published_client_sends_passes_and_is_told(sent: Sent) -> None:
    with Mock(seed="tutorial") as mock:
        reply = ask(mock, sent)
        assert reply.status_code == sent.done, reply.text
        found = told(mock)
        assert (found["missing-member"], found["empty-member"]) == (set(sent.missing), set(sent.empty))
        for member in sent.zero:
            assert reply.json[member] in ("", 0, NOBODY, None, [], NO_ADDRESS)
        for member in sent.missing if sent.ask.startswith("PUT") else ():
            assert reply.json.get(member, "") in ("", 0, NOBODY, None, [], NO_ADDRESS), (
                "a PUT clears what it leaves out"
            )


@pytest.mark.parametrize("sent", SENT, ids=label)
def test_the_server_takes_it_without_a_word(sent: Sent) -> None:
    others = ["cleared-member", "unowned-source", "no-tries", "unknown-member"]
    with Mock("server", seed="tutorial", ignore=others) as mock:
        needs = sent.ask == "POST /outdials"  # a campaign and data: the one thing that the service insists on
        assert ask(mock, sent).status_code == (400 if needs else sent.done)
        assert told(mock) == {"missing-member": set(), "empty-member": set()}


@pytest.mark.parametrize("sent", OFF, ids=label)
def test_who_is_strict_refuses_it_and_names_what_is_wrong(sent: Sent) -> None:
    wanted = {f"/{name}" for name in (*sent.missing, *sent.empty)}
    for settings in ({"strict": True}, {"error": ["missing-member", "empty-member"], "ignore": ["all"]}):
        with Mock(seed="tutorial", **settings) as mock:
            before = mock.dump()["records"]
            reply = ask(mock, sent)
            assert reply.status_code == 400
            assert {detail["pointer"] for detail in reply.json["error"]["details"]} == wanted
            assert mock.dump()["records"] == before


# Nothing is asked for there.
FREE = ("PUT /agents", "PUT /accesskeys", "POST /accesskeys", "POST /contacts")


@pytest.mark.parametrize("sent", SENT, ids=label)
def test_a_body_without_any_member_is_refused_where_it_must_have_one(sent: Sent) -> None:
    method, path = sent.ask.split()
    with Mock(seed="tutorial", ignore="all") as mock:
        for body in ("{}", "null", '{"colour": "red"}'):
            reply = getattr(mock.client, method.lower())(f"/v1.0{path}", data=body)
            assert reply.status_code == (sent.done if sent.ask.startswith(FREE) else 400), (body, reply.text)


@pytest.mark.filterwarnings("ignore::voipbin_mock.VoIPBINWarning")
@pytest.mark.parametrize("sent", OFF, ids=label)
def test_a_wrong_member_is_refused_all_the_same_and_alone_is_named(sent: Sent) -> None:
    for name in sent.body:
        if name in ("max_try_count0",):
            continue
        with Mock(seed="tutorial") as mock:
            reply = ask(mock, sent._replace(body={**sent.body, name: [[1]]}))
            assert reply.status_code == 400
            assert {detail["pointer"].split("/")[1] for detail in reply.json["error"]["details"]} == {name}


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_a_call_to_an_address_without_a_type_is_refused_and_the_hint_says_why(profile: str) -> None:
    body = {"source": {"target": "+15559876543"}, "destinations": [{"target": ANN}]}
    with Mock(profile, ignore="all") as mock:
        assert mock.client.post("/v1.0/calls", json=body).status_code in (400, 500)
        assert 'add "type": "tel"' in mock.report()
        assert len(mock.calls) == 0


# What voipbin-mcp lists, a page at a time, and gets one of.
READ = (
    "activeflows", "agents", "ais", "billings", "calls", "campaigns", "conferences", "contacts", "conversations",
    "emails", "extensions", "flows", "messages", "numbers", "queues", "tags",
)  # fmt: skip


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_what_a_published_client_reads_is_shown_to_its_key(profile: str) -> None:
    with Mock(profile, seed="tutorial") as mock:
        key = {"accesskey": mock.accesskey}

        def asked(path: str, **query: str) -> Any:
            return mock.anonymous.get(f"/v1.0/{path}", query_string={**key, **query}).json

        for name in READ:
            (shown,) = asked(name, page_size="1")["result"]
            assert asked(f"{name}/{shown['id']}") == shown, name
        assert asked("customer")["status"] == "active"
        for path in ("routes", f"routes/{NOBODY[:-1]}1"):  # who runs the service alone may
            assert asked(path)["error"]["reason"] == "PERMISSION_DENIED"
        assert not mock.warnings
