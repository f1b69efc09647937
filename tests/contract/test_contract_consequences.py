"""What must follow from a request, what must not change, whose it is: each single defect is noticed by some case.

Defects are planted at every member of every answer, of every body, and at every operation as a whole. What is left
out, because no case can know it, stands here with its reason.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.contracting import NO_PLAIN_ANSWER
from tests.support.planting import (
    OTHER,
    After,
    Asked,
    Before,
    Planted,
    in_answers,
    in_bodies,
    members,
    met,
    sent,
    unnoticed,
)
from tests.support.spoiling import with_json
from voipbin_mock import catalog
from voipbin_mock.contract.answers import Answer
from voipbin_mock.contract.casebook import load
from voipbin_mock.wire.values import NIL_UUID

PROFILES = ("documented", "server")
OPERATIONS = [o for o in catalog.default().operations if not o.control and o.resource is not None and not o.dead]
# Places where another value is as likely, whoever looks: why.
UNKNOWABLE = {
    r"customers\.get /(webhook_secret|email|phone_number|webhook_method|webhook_uri)": "no request set it",
    r"customers\.\w+ /identity_verification_status": "no request set it",
    r"accesskeys\.create /token(_prefix)?": "new, and told this once; the next steps ask with it",
    r"auth\.login(_v1)? /(token|username)": "new, and told this once; the next steps ask with it",
    r"(flows|numbers|calls|campaigncalls)\.list(_under)? /result/.*": "records of others, of which one is read alone",
    r"calls\.\w+ .*/(status|action(/\w+)?|activeflow_id|recording_id|tm_\w+)": "a call goes on by itself",
    r"campaigncalls\.\w+ .*/(status|result|tm_update)": "a campaigncall goes on by itself",
    r"(service_agents\.)?contact_peer_events\.\w+ .*": "no case brings about what happened with somebody",
    r"contact_cases\.unresolved .*": "records of others, of which one is read alone",
    r"service_agents\.(agents|tags|calls|transcribes)\.list /result/.*": "records of others",
    r"(service_agents\.)?(contact_addresses|conversations)\.list /result/.*": "records of others",
    r"talk_channels\.list /result/\*/detail": "records of others",
    r"(service_agents\.)?contacts\.list /result/\*/(addresses|tag_ids).*": "of the contacts of others",
    r"conversation_accounts\.list /result/\*/provider_data/.*": "of the accounts of others",
    r"(service_agents\.)?contact_case_notes\.list /result.*": "the notes of others",
    r"service_agents\.customers\.get .*": "the server tells next to nothing there",
    r"service_agents\.calls\.\w+ .*/(status|\w+_direction|recording_id|tm_\w+)": "a call goes on by itself",
    r"service_agents\.agents\.\w+ /(status|tm_update)": "an agent's status moves by itself",
    r"service_agents\.transcribes\.create /status": "it goes on by itself",
    r"contact_cases\.send /(.*/(detail|name|target_name|type)|reference_\w+|status|customer_id|tm_\w+)": (
        "of the message that goes out, which goes on by itself"
    ),
    r"messages\.\w+ .*/(targets/.*|tm_update)": "a text goes on by itself",
    r"emails\.\w+ /status": "a mail goes on by itself",
    r"(service_agents\.)?conversation(_message)?s\.\w+ .*/(account_id|owner_\w+|tm_update)": "it goes on by itself",
    r"webchat_\w+\.\w+ .*/tm_\w+": "what is said moves them",
    r"talk_\w+\.\w+ .*/(member_count|tm_\w+)": "others come and go, and write",
    r"auth\.signup /(accesskey|customer)/.*": "told once, inside another answer, to whoever cannot ask for it yet",
    r"auth\.(come_back|unregister) /id": "no path says whose it is, and the account may not read itself then",
    r"auth\.delegate /expire": "how long a login holds is the service's own",
    r"billing_accounts\.\w+ .*/?(paddle_\w+|status|url|tm_\w+)": "moved by what is paid, and not shown to all",
    r"billings\.list /result/.*": "of what others did",
    r"storage_accounts\.create /(id|tm_\w+)": "new, and told this once",
    r"storage_accounts\.\w+ /total_\w+": "moved by files, also those of others",
    r"auth\.boot /expire": "how long a login holds is the service's own",
    r"conversation_accounts\.\w+ /(secret|token)": "what is sent to the provider is told to nobody",
    r"providers\.list /result/\*/(metadata/\w+|health_checked_at)": "a carrier's own words, and a check of its own",
    r"available_numbers\.list .*": "what is on offer is anybody's guess",
}
# What the service takes no notice of, or tells nobody.
UNTOLD = {"outplans.create /source", "outplans.create /colour", "outplans.create /id", "calls.create /actions"}
UNTOLD |= {f"{what}.recording_start /{name}" for what in ("calls", "conferences") for name in ("duration", "format")}
UNTOLD |= {f"calls.recording_start /end_of_{what}" for what in ("key", "silence")}
UNTOLD |= {"service_agents.contact_case_notes.create /author_type"}
# The same address twice is once, and a line without a direction goes out.
UNTOLD |= {
    "contacts.create /addresses",
    "service_agents.contacts.create /addresses",
    "webchat_messages.create /direction",
}
UNTOLD.add("aipromptproposals.create /language")
UNTOLD |= {"auth.delegate /reason"}
UNTOLD |= {"calls.talk /text", "calls.talk /language", "calls.mute_end /direction", "speakings.create /provider"}

UNTOLD |= {"ais.create /engine_key", "ais.update /engine_key", "service_agents.aimessages.create /role"}


def is_unknowable(place: str) -> bool:
    return place in UNTOLD or any(re.fullmatch(pattern, place) for pattern in UNKNOWABLE)


def places(found: dict[str, dict[str, list[Any]]]) -> list[tuple[str, str]]:
    every = [(name, pointer) for name in sorted(found) for pointer in sorted(found[name])]
    return [(name, pointer) for name, pointer in every if not is_unknowable(f"{name} {pointer}")]


# Every place is as good as the next: there is none that is simpler, and so nothing to look for after a failure.
once = settings(max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@given(st.integers(0, 2**20), st.integers(0, 1))
@once
def test_a_changed_member_of_any_answer_is_noticed(index: int, way: int) -> None:
    """All of them are gone through by `python -m tests.support.planting`."""
    every = places(members("documented"))
    name, pointer = every[index % len(every)]
    target = Planted("documented", after=in_answers(name, pointer, way))
    assert not unnoticed(target, met("documented")[name]), f"{name} {pointer}, way {way}"


@given(st.integers(0, 2**20), st.integers(0, 1))
@once
def test_a_member_of_any_body_that_is_stored_otherwise_is_noticed(index: int, way: int) -> None:
    every = places(sent("documented"))
    name, pointer = every[index % len(every)]
    target = Planted("documented", before=in_bodies(name, pointer, way))
    assert not unnoticed(target, met("documented")[name]), f"{name} {pointer}, way {way}"


WRITES = [o.name for o in OPERATIONS if o.method != "GET" and o.resource is not None and o.resource.name != "auth"]
# Only a super admin may; a login leaves nothing. No case makes a caller wait in a queue, or join a conference: the call
# would take time.
REFUSED = {"numbers.renew", "queuecalls.delete", "queuecalls.kick", "queuecalls.kick_by_reference"}
REFUSED |= {"conferencecalls.kick", "transfers.create", "providercalls.create", "providercalls.delete"}
REFUSED |= {"outbound_configs.create", "outbound_configs.delete"}  # one that is deleted may be gone for ever
REFUSED |= NO_PLAIN_ANSWER
# The server makes none, and shows nothing (null) where the one of the documents is shown.
REFUSED |= {"storage_accounts.create"}
# Of the agent that asks, who may not be left with another password, or out of reach.
REFUSED |= {"service_agents.agents.password", "service_agents.agents.addresses"}
# With a token that a mail tells, and no answer.
REFUSED |= {"auth.email_verify"}
# Whoever is on the phone hears these, and no answer tells of them.
REFUSED |= {*(f"calls.{word}{end}" for word in ("hold", "moh", "silence") for end in ("", "_end")), "calls.talk"}
REFUSED |= {"speakings.flush", "speakings.say"}
# Only with a carrier's key; and the numbers of all customers are not renewed for a case.
REFUSED |= {"providers.setup"}


# The server answers with a record of zeros, or refuses, while nobody has ever been in a conference.
UNSEEN = {
    (f"conferences.{what}", "server") for what in ("recording_start", "recording_stop", "transcribe_stop")
}  # There it makes one for the caller alone, who has one.
UNSEEN |= {("storage_accounts.create", "server")}
UNSEEN |= {("aimessages.delete", "server")}  # it finds none, and deletes none
SEEN = sorted({(name, profile) for name in set(WRITES) - REFUSED for profile in PROFILES} - UNSEEN)


@pytest.mark.parametrize(("name", "profile"), SEEN)
def test_an_operation_that_answers_and_does_nothing_is_noticed(name: str, profile: str) -> None:
    def before(target: Planted, asked: Asked) -> Asked | Answer:
        if asked.operation != name:
            return asked
        kept = target.mock.snapshot()
        answer = target.right(asked)
        target.mock.restore(kept)
        return answer

    assert not unnoticed(Planted(profile, before), met(profile)[name])


# Calls and runs of flows have no names, so that another of them may be anybody's.
NAMELESS = (
    "storage_accounts.create",
    "activeflows.create",
    "calls.create",
    "groupcalls.create",
    "transfers.create",
    "providercalls.create",
)
NAMELESS += ("aipromptproposals.create", "service_agents.aicalls.create")
# To add somebody who is there already changes nothing; a customer has one config, and is refused a second;
# of a run there is one analysis, and of a call one summary in a language: asked for again, it is answered.
ONCE = ("talk_participants.create", "outbound_configs.create", "aisummaries.create", "timeline_analyses.create")


@pytest.mark.parametrize(
    "name",
    sorted(o.name for o in OPERATIONS if o.kind == "create" and o.name not in (*NAMELESS, *ONCE, *NO_PLAIN_ANSWER)),
)
def test_a_create_that_makes_two_is_noticed(name: str) -> None:
    def before(target: Planted, asked: Asked) -> Asked | Answer:
        if asked.operation == name:
            target.right(asked)
            target.hits += 1
        return asked

    assert not unnoticed(Planted("documented", before), met("documented")[name])


def without(parameter: str, name: str) -> Before:
    def before(target: Planted, asked: Asked) -> Asked:
        pairs = parse_qsl(asked.query, keep_blank_values=True)
        kept = [pair for pair in pairs if pair[0] != parameter]
        return asked._replace(query=urlencode(kept)) if asked.operation == name and kept != pairs else asked

    return before


LISTS = sorted(o.name for o in OPERATIONS if o.lists and o.name != "available_numbers.list")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("parameter", ["page_size", "page_token"])
def test_a_list_that_takes_no_notice_of_its_page_is_noticed(parameter: str, name: str) -> None:
    if name == "campaigncalls.list_under":
        pytest.skip("no case makes two calls of one campaign: they would have to be dialed")
    if name == "queuecalls.list":
        pytest.skip("no case has callers wait in a queue: they would have to be called first")
    assert not unnoticed(Planted("documented", without(parameter, name)), met("documented")[name])


# --- by kind ----------------------------------------------------------------------------------------


def body_of(answer: Answer) -> Any:
    try:
        return copy.deepcopy(answer.json())
    except ValueError:
        return None


def everywhere(change: Callable[[dict[str, Any]], None]) -> After:
    """Every object in every good answer, changed."""

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            change(value)
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item)

    def after(asked: Asked, answer: Answer) -> Answer:
        value = body_of(answer)
        before = copy.deepcopy(value)
        if answer.status >= 300 or value is None or asked.path == "/openapi.json":
            return answer
        walk(value)
        return answer if value == before else with_json(answer, value)

    return after


def setting(name: str, make: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        if name in record:
            record[name] = make(record[name])

    return change


def in_errors(change: Callable[[dict[str, Any]], None]) -> After:
    def after(asked: Asked, answer: Answer) -> Answer:
        value = body_of(answer)
        if answer.status < 400 or not isinstance(value, dict) or "error" not in value:
            return answer
        before = copy.deepcopy(value)
        change(value["error"])
        return answer if value == before else with_json(answer, value)

    return after


def header(name: str, make: Callable[[str], str | None]) -> After:
    def after(asked: Asked, answer: Answer) -> Answer:
        pairs = [(key, make(value) if key == name else value) for key, value in answer.headers]
        kept = tuple((key, value) for key, value in pairs if value is not None)
        return answer if kept == answer.headers else answer._replace(headers=kept)

    return after


def asked_as(change: Callable[[Asked], Asked]) -> Before:
    return lambda target, asked: change(asked)


def regenerated(target: Planted, asked: Asked) -> Asked | Answer:
    """The record as it was, instead of one with a new hash."""
    if not asked.path.endswith("/direct-hash-regenerate"):
        return asked
    return target.right(asked._replace(method="GET", path=asked.path.rpartition("/")[0], body=None))


def four_years(asked: Asked) -> Asked:
    if asked.operation != "accesskeys.create" or not asked.body or b'"expire":86400' not in asked.body:
        return asked
    return asked._replace(body=asked.body.replace(b'"expire":86400', b'"expire":126144000'))


def capital(asked: Asked) -> Asked:
    given = asked.headers.get("Authorization", "")
    if not given.lower().startswith("bearer ") or given.startswith("Bearer "):
        return asked
    return asked._replace(headers={**asked.headers, "Authorization": "Bearer" + given[6:]})


def patched(target: Planted, asked: Asked) -> Asked | Answer:
    if asked.method != "PATCH" or asked.path.count("/") != 3:
        return asked
    return target.right(asked._replace(method="GET"))


def no_rows(asked: Asked, answer: Answer) -> Answer:
    return with_json(answer, {"result": []}) if asked.operation == "available_numbers.list" else answer


def last_page(asked: Asked, answer: Answer) -> Answer:
    value = body_of(answer)
    if "page_size" in asked.query or not isinstance(value, dict) or not value.get("next_page_token"):
        return answer
    return with_json(answer, {**value, "next_page_token": ""})


def swapped(value: Any) -> Any:
    return {"success": "fail", "fail": "success"}.get(value, value) if isinstance(value, str) else value


def the_first_again(target: Planted, asked: Asked) -> Asked | Answer:
    """Every deletion deletes the newest other record, and answers with the right one."""
    if asked.method != "DELETE" or not asked.operation:
        return asked
    kept = target.mock.snapshot()
    answer = target.right(asked)
    target.mock.restore(kept)
    return answer


# Where a kind of defect is seen, if not everywhere.
SEEN = {
    "a regenerated hash is the old one": "flows/lives-*",
    "an access key lives four years": "accesskeys/lives-*",
    "there is no available number": "available_numbers/*",
    "success and fail are swapped": "campaigncalls/*",
    "no try is counted": "campaigncalls/*",
    "the customer is frozen": "customer/*",
    "there is no webhook secret": "customer/*",
    "an error has no details": "requests/*",
    "details lead elsewhere": "requests/*",
    "a page may not PUT": "requests/*",
    "a page may send no credential": "requests/*",
    "bearer in small letters is taken": "auth/the-scheme*",
    "a record is patched": "requests/*",
    "the cookie is for scripts": "auth/a-login*",
}
KINDS: dict[str, tuple[Before | None, After | None]] = {
    "customer_id is nil": (None, everywhere(setting("customer_id", lambda value: NIL_UUID))),
    "customer_id is another's": (None, everywhere(setting("customer_id", lambda value: OTHER))),
    "a regenerated hash is the old one": (regenerated, None),
    "an access key lives four years": (asked_as(four_years), None),
    "there is no available number": (None, no_rows),
    "the last page has no token": (None, last_page),
    "success and fail are swapped": (None, everywhere(setting("result", swapped))),
    "no try is counted": (None, everywhere(setting("try_count", lambda value: 0))),
    "the customer is frozen": (None, everywhere(setting("status", lambda v: "frozen" if v == "active" else v))),
    "there is no webhook secret": (None, everywhere(lambda record: record.pop("webhook_secret", None) and None)),
    "an error says nothing": (None, in_errors(lambda error: error.update(message=""))),
    "an error has no details": (None, in_errors(lambda error: error.pop("details", None) and None)),
    "details lead elsewhere": (
        None,
        in_errors(lambda error: [item.update(pointer="/x") for item in error.get("details", ()) if "pointer" in item]),  # type: ignore[func-returns-value,return-value]
    ),
    "a page may not PUT": (None, header("access-control-allow-methods", lambda value: value.replace("PUT,", ""))),
    "a page may send no credential": (
        None,
        header("access-control-allow-headers", lambda value: value.replace(",Authorization", "")),
    ),
    "bearer in small letters is taken": (asked_as(capital), None),
    "a record is patched": (patched, None),
    "deletions do nothing": (the_first_again, None),
    "no request id": (None, header("x-request-id", lambda value: None)),
    "another content type": (None, header("content-type", lambda value: "text/html")),
    "the cookie is for scripts": (None, header("set-cookie", lambda value: value.replace("; HttpOnly", ""))),
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_defect_of_that_kind_is_noticed(kind: str, profile: str) -> None:
    before, after = KINDS[kind]
    target = Planted(profile, before, after)
    assert not unnoticed(target, load(profile=profile, only=SEEN.get(kind, "*")))
    assert target.hits, "it was met"


# --- and nothing else -------------------------------------------------------------------------------


def test_a_record_that_others_change_meanwhile_is_no_fault() -> None:
    """Campaigns go on by themselves once they were started, and records of others whenever they like."""

    def after(asked: Asked, answer: Answer) -> Answer:
        if asked.operation != "campaigns.list" or answer.status != 200:
            return answer
        value = body_of(answer)
        for row in value["result"]:
            if row["id"] in seen:
                row["status"] = "stopping"
            seen.add(row["id"])
        return with_json(answer, value)

    seen: set[str] = set()
    target = Planted("documented", after=after)
    target.right(Asked("GET", "/v1.0/campaigns", "accesskey=" + target.mock.accesskey, {}, None))
    cases = [case for case in load(only="campaigns/*") if case.name == "campaigns/left-out-members[name]"]
    assert not unnoticed(target, cases)


def test_an_account_that_is_not_told_is_nobodys_fault() -> None:
    def after(asked: Asked, answer: Answer) -> Answer:
        return answer._replace(status=403) if asked.path == "/v1.0/customer" else answer

    target = Planted("documented", after=after)
    assert unnoticed(target, load(only="tags/*"))  # met, and no case of tags fails for it
