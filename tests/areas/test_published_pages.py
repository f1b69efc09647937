"""Every request that the published pages print, played as it stands there, and answered as the page prints it.

`tests/data/published-pages.json` has all of them, in the order of the pages, with the records that are printed as
their answers. What cannot be right is listed, each with the fault of its page.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.each import for_each
from voipbin_mock import Mock, catalog

DATA = Path(__file__).resolve().parents[1] / "data"
PAGES: list[dict[str, Any]] = json.loads((DATA / "published-pages.json").read_text(encoding="utf-8"))

# --- how the pages' gaps are filled ----------------------------------------------------------------

# Ids that a page leaves to its reader are those of the tutorial's records.
IDS = {
    "activeflows": "6f18ae1c-ddf8-413b-9572-ad30574604ef",
    "agents": "eb1ac5c0-ff63-47e2-bcdb-5da9c336eb4b",
    "calls": "652af662-eb45-11ee-b1a5-6fde165f9226",
    "addresses": "c3d4e5f6-a7b8-9012-cdef-123456789012",
    "campaigns": "183c0d5c-691e-42f3-af2b-9bffc2740f83",
    "contact_cases": "550e8400-e29b-41d4-a716-446655440000",
    "contacts": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    "conferences": "99accfb7-c0dd-4a54-997d-dd18af7bc280",
    "conversations": "a7bc12b7-f95c-43e6-82a1-38f4b7ff9b3f",
    "extensions": "6a7934ff-0e1c-4857-857b-23c9e27d267b",
    "storage_accounts": "1f8ccab9-1b64-11ef-8530-42010a7e5015",
    "flows": "decc2634-0b2a-11eb-b38d-87a8f1051188",
    "numbers": "c0000000-0000-4000-8000-000000000001",
    "outdials": "40bea034-1d17-474d-a5de-da00d0861c69",
    "outplans": "d5fb7357-7ddb-4f2d-87b5-8ccbfd6c039e",
    "recordings": "348d988b-2ac9-4702-84f0-ae81301ad349",
    "speakings": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
    "queues": "99bf739a-932f-433c-b1bf-103d33d7e9bb",
    "recordingfiles": "348d988b-2ac9-4702-84f0-ae81301ad349",
    "transcribes": "8c5a9e2a-2a7f-4a6f-9f1d-debd72c279ce",
    "tags": "d7450dda-21e0-4611-b09a-8d771c50a5e6",
    "chats": "e8b2e976-f043-44c8-bb89-e214e225e813",
    "talk_chats": "e8b2e976-f043-44c8-bb89-e214e225e813",
    "channels": "e8b2e976-f043-44c8-bb89-e214e225e814",
    "participants": "f4d6e9b3-5c4a-4d5e-9f8a-2b3c4d5e6f70",
    "talk_messages": "b2d4f7a1-3c2e-4f5a-8d9c-2e3f4a5b6c7d",
    "notes": "33333333-0000-0000-0000-000000000003",
    "files": "0c0c305c-7a55-4395-85a8-ae4860f01393",
    "storage_files": "0c0c305c-7a55-4395-85a8-ae4860f01393",
}
NOUNS = r"(?P<noun>agent|call|channel|chat|contact|file|flow|tag|outdial|outplan|queue|recording|speaking|transcribe)"
# Other texts: the account's number as a source, one reserved for fiction as a destination, the admin's login.
TEXTS = {
    r"<your-source-number>": "+15559876543",
    r"<(?:your-)?destination-number>": "+15550100001",
    r"your-voipbin-(?:username|password)|yourPassword": "admin@localhost",
    r"\+155\*{4}(\d{4})": r"+1555010\1",  # a number with its middle masked
    r"direct\.abc123def456\.\.\.": "direct.a1b2c3d4e5f6",
    r"provider-uuid-123": "4dbeabd6-f397-4375-95d2-a38411e07ed1",
    r"customer-uuid-456": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
    r"agent-uuid-[123]": "47fe0b7c-7333-46cf-8b23-61e14e62490a",
    r"parent-message-id": "a3c5e8f2-4d3a-4b5c-9e7f-1a2b3c4d5e6f",
    rf"<(?:your-)?(?:own-)?(?:wait-)?{NOUNS}-(?:uu)?id>|uuid-for-.*-(?P<last>tag)|(?P<first>flow)-[a-z]+-\d+": "",
}
PLACEHOLDER = re.compile(r"[<{][a-z-]+[>}]")
# Only who runs the service may do it, says the page.
OPERATORS = {"POST /v1.0/numbers/renew", "POST /auth/delegate"}
OPERATED = tuple(
    f"/v1.0/{name}"
    for name in ("billing_accounts", "customers", "providercalls", "providers", "routes", "storage_accounts")
)
GONE = "customer_tutorial.rst:136"  # deletes a customer that the reader made
ACTED_FOR = "quickstart_authentication.rst:127"
OWN_NOTE = "service_agent_case_overview.rst:193"  # deletes a note that the reader wrote
UPLOADER = "62005165-7592-4ff7-9076-55bf491023f2"  # of the file that the pages print
LEAVES = {"ask": "POST /auth/unregister", "body": {"confirmation_phrase": "DELETE"}}
# What the same page did before, on which this depends.
BEFORE: dict[str, dict[str, Any]] = {
    "customer_overview.rst:288": LEAVES,
    "customer_tutorial.rst:260": {"ask": "POST /v1.0/customers/5e4a0680-804e-11ec-8477-2fea5968d85b/freeze"},
    "customer_tutorial.rst:381": LEAVES,
    "contact_tutorial.rst:276": {"ask": "DELETE /v1.0/contacts/<contact-id>/tags/<tag-id>"},
    "extension_tutorial.rst:140": {
        "ask": "PUT /v1.0/extensions/6a7934ff-0e1c-4857-857b-23c9e27d267b",
        "body": {
            "name": "update test extension name",
            "detail": "update test extension detail",
            "password": "5316382a-757c-11eb-9348-bb32547e99c4",
        },
    },
    "number_tutorial.rst:285": {"ask": "DELETE /v1.0/numbers/b7ee1086-fcbc-4f6f-96e5-7f9271e25279"},
    "timeline_analysis_tutorial.rst:25": {"ask": "DELETE /v1.0/timeline-analyses/a1b2c3d4-e5f6-7890-abcd-ef1234567890"},
    "recording_overview.rst:200": {"ask": "POST /v1.0/calls/<call-id>/recording_start", "body": {"format": "wav"}},
}
# What the readers of a page have changed before.
TEAM_CHANGED = next(entry for entry in PAGES if entry["page"] == "team_tutorial.rst:218")
BEFORE |= dict.fromkeys(("team_tutorial.rst:336", "team_tutorial.rst:388"), TEAM_CHANGED)
# The pages were printed from three customers' accounts, and the records of the seed are of one.
CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
CUSTOMERS = {
    "5e4a0680-804e-11ec-8477-2fea5968d85b",
    "5e4a0680-804e-11ec-98a7-2fea5968d85b",
    "a1d9b2cd-4578-4b23-91b6-5f5ec4a2f840",
    "12345678-1234-1234-1234-123456789012",
    "7c4d2f3a-1b8e-4f5c-9a6d-3e2f1a0b4c5d",
    CUSTOMER,
}


def filled(value: Any) -> Any:
    """A body, with the reader's own values in it."""
    if isinstance(value, dict):
        return {name: filled(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner) for inner in value]
    for pattern, text in TEXTS.items() if isinstance(value, str) else ():
        if match := re.fullmatch(pattern, value):
            noun = next((found for found in match.groupdict().values() if found), "")
            return IDS[f"{noun}s"] if noun else match.expand(text)
    return value


def path_of(ask: str) -> str:
    if ask.endswith("/join"):  # channels alone are joined
        ask = re.sub(r"<[a-z]+-id>", IDS["channels"], ask)
    parts = ask.partition(" ")[2].split("/")
    pairs = zip(["", *parts[:-1]], parts, strict=True)
    return "/".join(IDS.get(before, part) if PLACEHOLDER.fullmatch(part) else part for before, part in pairs)


def who(mock: Mock, entry: Mapping[str, Any]) -> Any:
    """Whose login a page is about."""
    asked = entry["ask"]
    if asked in OPERATORS or any(path in asked for path in OPERATED):
        return mock.client_for("superadmin@localhost")
    if "/service_agents/files" in asked:
        return mock.client_for(UPLOADER)
    at_desk = "/service_agents/" in asked and not entry["page"].startswith("conversation")
    return mock.client_for(IDS["agents"]) if at_desk else mock.client


def ask(mock: Mock, entry: Mapping[str, Any]) -> Any:
    method, body = entry["ask"].partition(" ")[0].lower(), filled(entry.get("body"))
    query = re.sub(r"<[a-z-]+>", lambda found: str(filled(found[0])), entry.get("query", ""))
    sent: dict[str, Any] = {"json": body}
    if "form" in entry:
        fields: dict[str, Any] = dict(field.split("=") for field in entry["form"])
        sent = {
            "data": {**fields, "file": (io.BytesIO(b"%PDF"), fields["file"])},
            "content_type": "multipart/form-data",
        }
    return getattr(who(mock, entry), method)(path_of(entry["ask"]), query_string=query, **sent)


SHOWN = [entry for entry in PAGES if "printed" in entry]

# --- what cannot be right --------------------------------------------------------------------------

EVERYWHERE, SERVER = ("documented", "server"), ("server",)
BY_RANGE = "buys a virtual number without its type: the server takes that for a number of a provider"
BY_NAME = "calls an extension by its name, where the server looks for what it registers as"
KICKS = "kicks a caller who waits, which the server fails to do"
NO_UUID = "names a proposal by an id that is no UUID"
NOTHING = "asks for what the service does not have"
# Page -> the profiles in which it is refused, and why.
REFUSED = {
    "billing_account_tutorial.rst:352": (EVERYWHERE, NOTHING),
    "flow_debugging.rst:755": (EVERYWHERE, NOTHING),
    "talk_tutorial.rst:178": (SERVER, "names no chat, which the server insists on"),
    "ai_struct_ai.rst:143": (EVERYWHERE, "activates an AI that the same page prints as `normal`"),
    "ai_tutorial.rst:29": (EVERYWHERE, "has an action of type `ai`, which the same documents do not list"),
    "quickstart_transcribe.rst:235": (SERVER, "calls a virtual number, which the server lets no call go out to"),
    **dict.fromkeys((f"ai_tutorial_prompt_proposal.rst:{line}" for line in (82, 116, 127)), (EVERYWHERE, NO_UUID)),
    "number_tutorial.rst:81": (SERVER, BY_RANGE),
    "quickstart_transcribe.rst:113": (SERVER, BY_RANGE),
    "outdial_overview.rst:116": (SERVER, "leaves out `campaign_id` and `data`, which the server insists on"),
    "outdial_tutorial.rst:71": (SERVER, "leaves out `campaign_id`, and has no data, which the server insists on"),
    "outdial_overview.rst:127": (SERVER, "has no data, which the server insists on"),
    "agent_tutorial.rst:26": (SERVER, "has no address and no e-mail address, which the server insists on"),
    "transcribe_tutorial.rst:103": (SERVER, "says `confbridge`, which the server calls `conference`"),
    "transcribe_tutorial.rst:116": (EVERYWHERE, "names a recording by an id that is no UUID"),
    "queue_tutorial.rst:268": (SERVER, KICKS),
    "queue_tutorial.rst:276": (SERVER, KICKS),
    "contact_case_overview.rst:120": (SERVER, "writes from the customer's telephone number, which is no number of it"),
    "quickstart_call.rst:24": (SERVER, BY_NAME),
    "quickstart_realtime.rst:31": (SERVER, BY_NAME),
    "storage_overview.rst:212": (EVERYWHERE, "makes a storage account for a customer, who has one"),
    "quickstart_authentication.rst:47": (SERVER, "leaves out `expire`, which the server takes for no time at all"),
}

SPELLING = "spells moments as RFC 3339 and null; the page of the structure as `2022-04-28 01:50:23.414000` and 9999"
OTHER_AGENT = "prints the other agent's record under this one's id"
CUT = "cuts the record; the page of the structure prints it whole"
LATER = "prints a later state of the queue, with callers that no page prints"
NO_HASH = "prints no `direct_hash`; the page of the structure, or another answer of the same page, does"
ACTIONS = "prints actions without `next_id`; the page of the structure prints it"
TWO_KEYS = "prints two members of an address; the page of the conversation's structure all five"
NO_SWITCHES = "prints no switches in `metadata`; the page of the structure prints them"
EMPTY_STAMPS = "prints an empty text for what has not happened; the page of the structure 9999"
OF_AI = "detail type is_insight_active engine_model parameter init_prompt tool_names direct_hash"
OF_VOICE = (
    "rag_id current_prompt_history_id tts_type tts_voice_id stt_type stt_language vad_config smart_turn_enabled "
    "auto_aicall_audit_enabled"
)
STAMPS = "tm_create tm_update tm_delete"
CALL_STAMPS = f"tm_ringing tm_progressing tm_hangup {STAMPS}"
# Page -> members -> the page's fault.
FAULTS: dict[str, dict[str, str]] = {
    "ai_tutorial_prompt_proposal.rst:34": {
        "id tm_create": "prints an id that is no UUID, and a moment without a zone",
        "customer_id basis_prompt_history_id": CUT,
    },
    "ai_tutorial.rst:351": {
        f"detail parameter init_prompt tool_names direct_hash {OF_VOICE}": CUT,
    },
    "ai_tutorial.rst:376": {
        f"type is_insight_active parameter init_prompt tool_names {OF_VOICE}": CUT,
    },
    "team_tutorial.rst:27": {f"{OF_AI} {OF_VOICE} {STAMPS}": CUT},
    "team_tutorial.rst:55": {f"{OF_AI} {OF_VOICE} {STAMPS}": CUT},
    "team_tutorial.rst:86": {"direct_hash": NO_HASH},
    "team_tutorial.rst:336": {"members direct_hash": CUT},
    "team_tutorial.rst:388": {"start_member_id members parameter": CUT},
    "agent_tutorial.rst:202": {"username name detail status tag_ids addresses": OTHER_AGENT},
    "call_tutorial.rst:*": {
        CALL_STAMPS: SPELLING,
        "owner_type owner_id action metadata": CUT,
        "activeflow_id": "prints no run of a flow although one runs",
    },
    "conference_tutorial.rst:*": {"data timeout activeflow_id": CUT},
    "conversation_tutorial.rst:*": {"source destination": TWO_KEYS},
    "customer_tutorial.rst:93": {"metadata": NO_SWITCHES},
    "customer_tutorial.rst:136": {"metadata": NO_SWITCHES},
    "customer_tutorial.rst:340": {"metadata": NO_SWITCHES},
    "customer_overview.rst:129": {
        "identity_verification_status tm_create tm_update": "prints another state of the record than the tutorial",
        "webhook_secret": CUT,
    },
    "flow_tutorial_basic.rst:*": {STAMPS: SPELLING, "actions": ACTIONS, "direct_hash": NO_HASH},
    "ai_voice_agent_integration_tutorial.rst:87": {STAMPS: SPELLING, "activeflow_id on_end_flow_id provider": CUT},
    "ai_voice_agent_integration_tutorial.rst:125": {STAMPS: SPELLING},
    "transcribe_tutorial.rst:*": {"activeflow_id on_end_flow_id provider": CUT},
    "transcribe_tutorial.rst:153": {"customer_id": CUT},
    "number_tutorial.rst:117": {"tm_purchase tm_renew tm_update tm_delete": EMPTY_STAMPS},
    "provider_tutorial.rst:*": {"metadata codecs health_status health_checked_at": CUT},
    "provider_tutorial.rst:31": {"tm_create tm_update": SPELLING},
    "trunk_overview.rst:136": {"tm_update tm_delete": EMPTY_STAMPS},
    "quickstart_extension.rst:24": {
        "customer_id": "was printed from another customer's account",
        "domain_name": "prints the customer's id alone; the page of the structure `.registrar.voipbin.net` behind it",
        "tm_create": SPELLING,
    },
    "queue_tutorial.rst:26": {"direct_hash": NO_HASH},
    "rag_tutorial.rst:173": {"sources": "prints a source that an earlier request of the page has added"},
    "rag_tutorial.rst:286": {
        "status sources": CUT,
        "name description": "prints the record as an earlier request of the page has changed it",
    },
    "timeline_analysis_tutorial.rst:25": {"error": "leaves out an empty text that the page of the structure prints"},
    "timeline_analysis_tutorial.rst:49": {
        "result tm_create tm_update error": "prints another, older analysis than the page of the structure",
    },
    "queue_tutorial.rst:189": {
        "wait_queuecall_ids total_incoming_count total_serviced_count total_abandoned_count tm_update": LATER,
    },
    "quickstart_transcribe.rst:26": {
        "customer_id type on_complete_flow_id direct_hash": CUT,
        "actions": ACTIONS,
        "tm_update tm_delete": EMPTY_STAMPS,
    },
}
LINE_MESSAGE = {"status": "conversation-message-status", "reference_id": "conversation-reference"}
# Page -> member -> the point at which the server answers otherwise.
PARTED = {
    "customer_tutorial.rst:93": {"status": "ACC2"},
    "customer_tutorial.rst:340": {"identity_verification_status": "ACC6"},
    "extension_tutorial.rst:79": {"domain_name": "extension-domain", "direct_hash": "extension-hash"},
    "extension_tutorial.rst:110": {"direct_hash": "extension-hash"},
    "provider_tutorial.rst:71": {"tm_update": "provider-checks"},
    "provider_tutorial.rst:100": {"tm_update": "provider-checks"},
    "conference_tutorial.rst:97": {"status": "conference-status"},
    "conversation_tutorial.rst:111": LINE_MESSAGE,
    "conversation_tutorial.rst:291": LINE_MESSAGE,
    "ai_voice_agent_integration_tutorial.rst:125": {"status": "speaking-status"},
    "speaking_tutorial.rst:31": {"status": "speaking-status"},
}


def excused(page: str) -> dict[str, str]:
    """Member -> what is wrong with the page."""
    name = page.partition(":")[0]
    groups = {**FAULTS.get(f"{name}:*", {}), **FAULTS.get(page, {})}
    return {member: fault for members, fault in groups.items() for member in members.split()}


# --- playing ---------------------------------------------------------------------------------------


def label(entry: Mapping[str, Any]) -> str:
    return f"{entry['page']} {entry['ask']}"


# The pages earn other warnings, but none of members that they leave out: that would fail their test.
IGNORED = [code for code in catalog.default().lints if code not in ("missing-member", "empty-member")]


@pytest.fixture(scope="module", params=EVERYWHERE)
def stage(request: pytest.FixtureRequest) -> Iterator[tuple[Mock, Any]]:
    """A mock with the tutorial's records, and the moment to which it goes back for each request."""
    with Mock(request.param, seed="tutorial", clock="2026-12-02T00:00:00Z", ignore=IGNORED, unused="ignore") as mock:
        yield mock, mock.snapshot()


def played(stage: tuple[Mock, Any], entry: Mapping[str, Any]) -> Any:
    mock, start = stage
    mock.restore(start)
    if entry["page"] == ACTED_FOR:
        mock.customers.create(id="a1b2c3d4-e5f6-7890-abcd-ef1234567890", name="whom the reader acts for")
    if entry["page"] == GONE:
        values = {**entry["printed"][0], "status": "active", "tm_delete": None}
        mock.customers.create(**{name: value for name, value in values.items() if name != "metadata"})
    if entry["page"] == OWN_NOTE:
        mock.contact_case_notes.update(IDS["notes"], author_id=IDS["agents"])
    if before := BEFORE.get(entry["page"]):
        assert ask(mock, before).status_code == 200
    return ask(mock, entry)


def test_all_requests_of_the_pages_are_played_and_but_few_are_refused() -> None:
    assert len({label(entry) for entry in PAGES}) == len(PAGES) == 376
    assert not {*REFUSED, *BEFORE} - {entry["page"] for entry in PAGES}
    assert sum("documented" in profiles for profiles, _ in REFUSED.values()) == 9
    assert len(REFUSED) == 24


@for_each("entry", PAGES, ids=label)
def test_a_request_of_the_pages_is_answered(stage: tuple[Mock, Any], entry: dict[str, Any]) -> None:
    profiles, why = REFUSED.get(entry["page"], ((), ""))
    reply = played(stage, entry)
    profile = stage[0].world.profile.name
    assert (reply.status_code >= 400) == (profile in profiles), (why, reply.text)


# --- comparing -------------------------------------------------------------------------------------

KINDS = {
    "9999": r"9999-01-01.*",
    "nil": r"[0-]{36}",
    "id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "moment": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}",
    "RFC 3339": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
}
# What is made up when it happens: only its kind can be compared.
MADE = {"id", "activeflow_id", "token", "token_prefix", "direct_hash", "tm_create", "tm_update", "tm_delete",
        "tm_purchase", "tm_renew", "tm_expire", "tm_deletion_scheduled"}  # fmt: skip


def kind(value: Any) -> str:
    if isinstance(value, str):
        return next((name for name, pattern in KINDS.items() if re.fullmatch(pattern, value)), "text")
    return type(value).__name__


def ours(value: Any) -> Any:
    """A value, with the seed's customer in the place of the one that a page was printed for."""
    if isinstance(value, list):
        return [ours(each) for each in value]
    if isinstance(value, dict):
        return {name: ours(each) for name, each in value.items()}
    # In domain names, too.
    return re.sub("|".join(CUSTOMERS), CUSTOMER, value) if isinstance(value, str) else value


def differences(
    entry: dict[str, Any], printed: dict[str, Any], shown: dict[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Member, what the page prints, what is answered. The members of both, and nothing is left out."""
    method, _, path = entry["ask"].partition(" ")
    made = set() if method == "GET" else MADE | ({"flow_id"} if path == "/v1.0/calls" else set())
    for name in dict.fromkeys((*printed, *shown)):
        one, other = printed.get(name, "nothing"), shown.get(name, "nothing")
        one = ours(one)
        if name in made and "nothing" not in (one, other):
            one, other = ("empty" if each == "" and name.startswith("tm_") else kind(each) for each in (one, other))
        if one != other:
            yield name, one, other


def records(entry: dict[str, Any], answer: Any) -> list[dict[str, Any]]:
    """Those of an answer that the printed ones are: of lists the ones with the same ids."""
    found = answer if isinstance(answer, list) else answer.get("result", answer.get("calls", [answer]))
    found = found if isinstance(found, list) else [answer]  # the record itself has a member of that name
    if len(found) == len(entry["printed"]):
        return list(found)
    by_id = {record["id"]: record for record in found}
    return [by_id[printed["id"]] for printed in entry["printed"]]


def compared(stage: tuple[Mock, Any], entry: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    found = records(entry, played(stage, entry).json)
    return {
        name: (one, other)
        for printed, shown in zip(entry["printed"], found, strict=True)
        for name, one, other in differences(entry, printed, shown)
    }


@pytest.mark.parametrize("stage", ["documented"], indirect=True)
@for_each("entry", SHOWN, ids=label)
def test_an_answer_is_as_the_page_prints_it_member_by_member(stage: tuple[Mock, Any], entry: dict[str, Any]) -> None:
    told = compared(stage, entry)
    assert not {name: values for name, values in told.items() if name not in excused(entry["page"])}


def plainly(value: Any) -> Any:
    """A value however a profile spells it: moments alike, and nothing that is empty or has not happened."""
    if isinstance(value, dict):
        inner = {name: plainly(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one}
    if isinstance(value, list):
        return [plainly(one) for one in value]
    spelled = kind(value)
    if spelled in ("moment", "RFC 3339"):
        return re.sub(r"\.?0*$", "", value.replace(" ", "T").rstrip("Z")) if "." in value else value.rstrip("Z")
    return value if spelled not in ("9999", "nil") else ""


@pytest.mark.parametrize("stage", ["server"], indirect=True)
@for_each("entry", SHOWN, ids=label)
def test_the_server_shows_the_same_in_its_own_spelling(stage: tuple[Mock, Any], entry: dict[str, Any]) -> None:
    told = {name: (plainly(one), plainly(other)) for name, (one, other) in compared(stage, entry).items()}
    wrong = {name: (one, other) for name, (one, other) in told.items() if one and "nothing" not in (one, other)}
    for name, (one, other) in wrong.items():
        point = PARTED.get(entry["page"], {}).get(name)
        if point is not None:
            assert catalog.default().differences[point].both in ((one, other), (True, False), (False, True))
        elif one != other and name not in excused(entry["page"]):
            assert isinstance(one, str), (name, one, other)
            assert {one, other} <= {"moment", "RFC 3339", "9999", "NoneType", "empty"}, (
                "of what is made up, the spelling alone"
            )


@pytest.mark.parametrize("stage", ["documented"], indirect=True)
@pytest.mark.parametrize("page", FAULTS)
def test_a_page_that_is_excused_is_wrong_indeed(stage: tuple[Mock, Any], page: str) -> None:
    entries = [entry for entry in SHOWN if page in (entry["page"], entry["page"].partition(":")[0] + ":*")]
    told = {name for entry in entries for name in compared(stage, entry)}
    assert {member for members in FAULTS[page] for member in members.split()} <= told
