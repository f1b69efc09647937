"""Every call of Python that looks or changes first does what was due, and wakes who waits for a change.

The clock runs, a campaign's first dial has fallen due, and nobody has looked: whatever is called first, the dial is
made at its own instant before. A new public member has to be added here, with how it is called or why it need not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import time_machine

from voipbin_mock import Answer, Busy, Clock, Delivered, Healthy, Mail, Mock, Refused
from voipbin_mock.ai import AiRule, Done, Silence
from voipbin_mock.api.records import Records
from voipbin_mock.areas.ai_jobs.rule import JobRule
from voipbin_mock.areas.calls.handset import Phone
from voipbin_mock.areas.emails.mailbox import Mailbox
from voipbin_mock.areas.flows.handles import PlannedReply, RepliesHandle
from voipbin_mock.areas.messages.asserting import Inbox, Outbox
from voipbin_mock.areas.messages.texting import TextRule
from voipbin_mock.areas.routing.health import ProviderHost
from voipbin_mock.areas.routing.registering import ExtensionHandle
from voipbin_mock.areas.storage.handles import Storage
from voipbin_mock.areas.talk.handles import Talk
from voipbin_mock.delivery.webhooks import Webhooks
from voipbin_mock.insight.journal import Journal
from voipbin_mock.trouble.faults import PlannedFault
from voipbin_mock.trouble.limits import Limits
from voipbin_mock.trouble.planning import Faults, Stubs
from voipbin_mock.world.part import Part

Call = Callable[[Mock], Any]

ON = "GET /flows"
FAULT: Mapping[str, Any] = {"kind": "error", "on": ON, "reason": "INTERNAL"}


def fault(mock: Mock) -> PlannedFault:
    (planned,) = mock.faults._plans.active
    return planned


def in_a_block(mock: Mock) -> None:
    with fault(mock):
        pass


def campaign(mock: Mock) -> str:
    return next(iter(mock.world.store["campaigns"])).id


def target(mock: Mock) -> str:
    return next(iter(mock.world.store["targets"])).id


def extension(mock: Mock) -> ExtensionHandle:
    return mock.extension(next(iter(mock.world.store["extensions"])).id)


def chat(mock: Mock) -> str:
    return mock.talk_chats.create(type="talk").id


def fails(call: Call, error: type[Exception] = AssertionError) -> Call:
    def failing(mock: Mock) -> None:
        with pytest.raises(error):
            call(mock)

    return failing


# What looks, and what changes: class -> member -> how it is called.
LOOKS: dict[type, dict[str, Call]] = {
    Mock: {
        "snapshot": lambda m: m.snapshot(),
        "extension": extension,
        "dump": lambda m: m.dump(),
        "bundle": lambda m: m.bundle(),
        "requests": lambda m: m.requests,
        "warnings": lambda m: m.warnings,
        "report": lambda m: m.report(),
        "sections": lambda m: list(m.sections()),
        "coverage": lambda m: m.coverage(),
        "token": lambda m: m.token,
        "token_for": lambda m: m.token_for(m.username),
        "headers": lambda m: m.headers,
        "client": lambda m: m.client.get("/v1.0/tags"),
        "anonymous": lambda m: m.anonymous.get("/v1.0/tags"),
        "client_for": lambda m: m.client_for(m.username),
        "flow": lambda m: m.flow(m.flows.create(name="a", detail="", actions=[{"type": "hangup"}])),
        "plan": lambda m: m.plan(campaign(m)),
        "timeline": lambda m: m.timeline(campaign(m)),
        "timelines": lambda m: m.timelines(),
        "line_user": lambda m: m.line_user(m.conversation_accounts.create(type="line"), "Uann"),
        "whatsapp_user": lambda m: m.whatsapp_user(m.conversation_accounts.create(type="whatsapp"), "15550100001"),
    },
    Records: {
        "list": lambda m: m.tags.list(),
        "get": lambda m: m.targets.get(target(m)),
        "__iter__": lambda m: list(m.tags),
        "__len__": lambda m: len(m.tags),
    },
    Journal: {
        "exchanges": lambda m: m.journal.exchanges(),
        "__iter__": lambda m: list(m.journal),
        "__len__": lambda m: len(m.journal),
        "__getitem__": lambda m: m.journal[:1],
        "calls": lambda m: m.journal.calls(),
        "count": lambda m: m.journal.count(),
        "assert_called": fails(lambda m: m.journal.assert_called("GET", "/flows")),
        "assert_called_once": fails(lambda m: m.journal.assert_called_once("GET", "/flows")),
        "assert_not_called": lambda m: m.journal.assert_not_called("GET", "/flows"),
        "assert_order": lambda m: m.journal.assert_order([]),
        "assert_no_unmatched": lambda m: m.journal.assert_no_unmatched(),
        "assert_no_unexpected": fails(lambda m: m.journal.assert_no_unexpected()),
        "wait_for": fails(lambda m: m.journal.wait_for("GET", "/flows", timeout=0)),
        "wait_until": lambda m: m.journal.wait_until(lambda: len(m.world.store["campaigncalls"])),
    },
    Faults: {
        "unused": lambda m: m.faults.unused,
        "__iter__": lambda m: list(m.faults),
        "__len__": lambda m: len(m.faults),
    },
    Stubs: {
        "unused": lambda m: m.stubs.unused,
        "__iter__": lambda m: list(m.stubs),
        "__len__": lambda m: len(m.stubs),
    },
    Phone: {"inbox": lambda m: len(m.phone("+15550100001").inbox)},
    Mailbox: {"inbox": lambda m: len(m.mailbox("ann@example.org").inbox)},
    Inbox: {
        "__iter__": lambda m: list(m.phone("+15550100001").inbox),
        "__len__": lambda m: len(m.phone("+15550100001").inbox),
        "__getitem__": lambda m: m.phone("+15550100001").inbox[:1],
        "newest": fails(lambda m: m.phone("+15550100001").inbox.newest, LookupError),
        "index": fails(lambda m: m.phone("+15550100001").inbox.index(None), ValueError),  # type: ignore[arg-type]
        "count": lambda m: m.phone("+15550100001").inbox.count(None),
    },
    Outbox: {
        "__iter__": lambda m: list(m.outbox),
        "__len__": lambda m: len(m.outbox),
        "__getitem__": lambda m: m.outbox[:1],
        "newest": fails(lambda m: m.outbox.newest, LookupError),
        "index": fails(lambda m: m.outbox.index(None), ValueError),  # type: ignore[arg-type]
        "count": lambda m: m.outbox.count(None),
        "find": lambda m: m.outbox.find(text="x"),
        "texts": lambda m: m.outbox.texts,
        "mails": lambda m: m.outbox.mails,
        "chats": lambda m: m.outbox.chats,
        "assert_sent": fails(lambda m: m.outbox.assert_sent(text="x")),
        "assert_sent_once": fails(lambda m: m.outbox.assert_sent_once(text="x")),
        "assert_not_sent": lambda m: m.outbox.assert_not_sent(text="x"),
    },
    Storage: {
        "read": fails(lambda m: m.storage.read("none"), LookupError),
        "quota": lambda m: m.storage.quota,
        "signs": lambda m: m.storage.signs,
    },
    ExtensionHandle: {
        "contacts": lambda m: extension(m).contacts,
        "record": lambda m: extension(m).record,
    },
    RepliesHandle: {"asked": lambda m: m.replies.asked, "__iter__": lambda m: list(m.replies)},
    Webhooks: {
        "deliveries": lambda m: m.webhooks.deliveries,
        "newest": lambda m: m.webhooks.newest(1),
        "pending": lambda m: m.webhooks.pending,
        "report": lambda m: m.webhooks.report(),
    },
}
CHANGES: dict[type, dict[str, Call]] = {
    Mock: {
        "advance": lambda m: m.advance(0),
        "run_campaign": lambda m: m.run_campaign(campaign(m)),
        "direct_token": lambda m: m.direct_token(),
        "visit": lambda m: m.visit(m.webchat_widgets.create(name="x")),
        "account_setup": lambda m: m.account_setup(Refused()),
        "mail_event": lambda m: m.mail_event(m.emails.create(), "bounce"),
        "reply": lambda m: m.reply("https://shop.example.com", json=[]),
        "stub": lambda m: m.stub(ON, json={}),
        "pages_of": lambda m: m.pages_of(1),
        "forward_compatible": lambda m: m.forward_compatible(),
    },
    Records: {
        "create": lambda m: m.tags.create(name="x"),
        "update": lambda m: m.targets.update(target(m), name="x"),
        "delete": lambda m: m.targets.delete(target(m)),
    },
    Phone: {
        "script": lambda m: m.phone().script(Answer()),
        "calls": lambda m: m.phone("+15550100001").calls(m.numbers.list()[0].number),
        "texts": lambda m: m.phone("+15550100001").texts(m.numbers.list()[0].number, "hello"),
        "forget": lambda m: m.phone().forget(),
    },
    JobRule: {"script": lambda m: m.ai.audits.script(Done()), "forget": lambda m: m.ai.rags.forget()},
    AiRule: {"script": lambda m: m.ai().script(Silence()), "forget": lambda m: m.ai().forget()},
    TextRule: {"script": lambda m: m.texts().script(Delivered()), "forget": lambda m: m.texts().forget()},
    Mailbox: {"script": lambda m: m.mailbox().script(Mail()), "forget": lambda m: m.mailbox().forget()},
    ExtensionHandle: {
        "register": lambda m: extension(m).register(),
        "unregister": lambda m: extension(m).unregister(),
    },
    ProviderHost: {"script": lambda m: m.provider().script(Healthy()), "forget": lambda m: m.provider().forget()},
    Outbox: {"clear": lambda m: m.outbox.clear()},
    Faults: {
        "add": lambda m: m.faults.add(FAULT),
        "error": lambda m: m.faults.error(ON, "INTERNAL"),
        "latency": lambda m: m.faults.latency(ON, 1),
        "refuse": lambda m: m.faults.refuse(ON),
        "reset": lambda m: m.faults.reset(ON),
        "truncate": lambda m: m.faults.truncate(ON),
        "malformed": lambda m: m.faults.malformed(ON),
        "slow": lambda m: m.faults.slow(ON),
        "content_type": lambda m: m.faults.content_type(ON),
        "clear": lambda m: m.faults.clear(),
    },
    Talk: {
        "join": lambda m: m.talk.join(chat(m), m.username),
        "say": lambda m: m.talk.say(chat(m), m.username, "hello"),
        "react": lambda m: m.talk.react(m.talk_messages.create(), m.username, "x"),
    },
    Stubs: {"add": lambda m: m.stubs.add(ON, json={}), "clear": lambda m: m.stubs.clear()},
    RepliesHandle: {"clear": lambda m: m.replies.clear()},
    PlannedReply: {"cancel": lambda m: m.reply("https://shop.example.com", json=[]).cancel()},
    PlannedFault: {"cancel": lambda m: fault(m).cancel(), "__exit__": in_a_block},
    Limits: {"set": lambda m: m.limits.set(), "clear": lambda m: m.limits.clear()},
    Journal: {"clear": lambda m: m.journal.clear()},
    Webhooks: {
        "connect": lambda m: m.webhooks.connect(lambda webhook: None),
        "drop": lambda m: m.webhooks.drop(),
        "duplicate": lambda m: m.webhooks.duplicate(),
        "delay": lambda m: m.webhooks.delay(1),
        "reorder": lambda m: m.webhooks.reorder(),
        "flush": lambda m: m.webhooks.flush(),
        "again": lambda m: m.webhooks.again(1),
        "clear": lambda m: m.webhooks.clear(),
    },
    Clock: {
        "advance": lambda m: m.clock.advance(0),
        "run_until": lambda m: m.clock.run_until(lambda: True),
    },
}
# What wakes who waits, but leaves behind what was due: it is of no moment any more, or keeps its instant.
ONLY_WAKES: dict[type, dict[str, Call]] = {
    Mock: {
        "reset": lambda m: m.reset(),
        "load": lambda m: m.load(Mock().dump()),
        "restore": lambda m: m.restore(m.world.snapshot()),
        "freeze": lambda m: m.freeze(),
        "resume": lambda m: m.resume(),
    },
    Clock: {
        "freeze": lambda m: m.clock.freeze(),
        "resume": lambda m: m.clock.resume(speed=2),
    },
}
# What needs neither, and why. (What a part has of its own for the world is none of its user's.)
NEITHER: dict[type, dict[str, str]] = {
    Mock: {
        **dict.fromkeys(
            ("phone", "texts", "mailbox", "outbox", "limits", "faults", "stubs", "journal", "webhooks",
             "clock", "records", "calls", "campaigns",
             "replies"),
            "a handle; what is done with it counts",
        ),
        **dict.fromkeys(
            ("agents", "accesskeys", "customers", "tags", "outplans", "outdials", "targets", "campaigncalls", "flows",
             "activeflows"),
            "a handle; what is done with it counts",
        ),
        **dict.fromkeys(
            ("extensions", "trunks", "providers", "routes", "provider"), "a handle; what is done with it counts"
        ),
        **dict.fromkeys(
            ("billing", "billings", "billing_accounts", "outbound_configs", "numbers"),
            "a handle; what is done with it counts",
        ),
        **dict.fromkeys(
            ("messages", "emails", "conversations", "conversation_messages", "conversation_accounts"),
             "a handle; what is done with it counts"
        ),
        **dict.fromkeys(
            ("webchat_widgets", "webchat_sessions", "webchat_messages"), "a handle; what is done with it counts"
        ),

        **dict.fromkeys(
            ("queues", "queuecalls", "conferences", "conferencecalls"), "a handle; what is done with it counts"
        ),

        **dict.fromkeys(
            ("contacts", "contact_addresses", "contact_cases", "contact_case_notes"),
            "a handle; what is done with it counts",
        ),
        **dict.fromkeys(
            ("talk", "talk_chats", "talk_participants", "talk_messages", "storage", "storage_files",
             "storage_accounts"),
            "a handle; what is done with it counts",
        ),
        **dict.fromkeys(
            ("ai", "aicall", "ais", "ai_prompt_histories", "ai_participants", "teams", "aicalls", "aimessages"),
            "a handle; what is done with it counts",
        ),
        **dict.fromkeys(
            ("account_mails", "aiaudits", "aipromptproposals", "aisummaries", "rags", "timeline_analyses"),
            "a handle; what is done with it counts",
        ),
        **dict.fromkeys(("call", "live_calls"), "a handle; what is done with it counts"),
        **dict.fromkeys(("groupcalls", "transfers", "providercalls"), "a handle; what is done with it counts"),
        **dict.fromkeys(
            ("recordings", "transcribes", "transcripts", "speakings"), "a handle; what is done with it counts"
        ),
        **dict.fromkeys(("queues", "queuecalls"), "a handle; what is done with it counts"),

        **dict.fromkeys(
            ("app", "url", "httpx_transport", "httpx_async_transport", "requests_adapter", "serve", "keep_time"),
            "a way to it",
        ),
        "start": "a way to it",
        **dict.fromkeys(("username", "password", "accesskey", "params"), "what the seed says"),
        "now": "what time it is, whatever is done in it",
        "openapi": "the same at any time",
        **dict.fromkeys(("close", "raise_deferred"), "the end: nothing more is done"),
    },
    Records: {},
    Phone: dict.fromkeys(("scripts", "noun"), "what rules of its kind are kept in, and how they are called"),
    JobRule: dict.fromkeys(("scripts", "noun"), "what rules of its kind are kept in, and how they are called"),
    AiRule: dict.fromkeys(("scripts", "noun"), "what rules of its kind are kept in, and how they are called"),
    TextRule: dict.fromkeys(("scripts", "noun"), "what rules of its kind are kept in, and how they are called"),
    Mailbox: dict.fromkeys(("scripts", "noun"), "what rules of its kind are kept in, and how they are called"),
    ProviderHost: dict.fromkeys(("scripts", "noun"), "what rules of its kind are kept in, and how they are called"),
    ExtensionHandle: {},
    Inbox: {},
    Outbox: {},
    Journal: {
        **dict.fromkeys(("append", "touch"), "how the pipeline tells it"),
        "watch": "for those who tell others of it",
    },
    Faults: {},
    Stubs: {},
    RepliesHandle: {},
    PlannedReply: {"met": "says how often it was given"},
    PlannedFault: dict.fromkeys(
        ("kind", "spent", "unused", "handles", "breaks_midway", "aimed_at", "due", "as_dict", "explain", "note",
         "error", "canned", "refusal", "disturb", "plans", "of"),
        "says what it is, and what was met so far; the pipeline asks too",
    ),
    Limits: dict.fromkeys(("as_dict", "check_address", "check_caller"), "nothing that is due changes it"),
    Webhooks: {
        "due": "how a timer tells it",
        "send": "how a flow tells it",
        "signed": "a setting; what it is set to counts from the next delivery on",
        "timeout": "a setting",
        "patience": "a setting",
        "settled": "to be awaited: it does what was due, and waits for what is under way",
        "settle": "the same for some of them",
        "made": "how notices are made of it",
        "under_way": "how a door knows what it has brought about",
        **dict.fromkeys(("taken_up", "lost"), "for one of many processes, which looks after what is under way"),
    },
    Clock: {
        **dict.fromkeys(("now", "frozen", "speed", "microseconds", "state", "revision"), "what time it is"),
        **dict.fromkeys(
            ("attach", "hold", "release", "next_due", "poke", "wait_for_due", "stamp", "forget_stamps", "seen", "pin",
             "put_back", "mark", "move_to", "restore", "rewind", "catch_up", "watch", "ending", "stop_winding"),
            "for those who do something in its time",
        ),
    },
}  # fmt: skip
OF_A_PART = set(dir(Part))
SPECIAL = ("__iter__", "__len__", "__getitem__", "__exit__")
CLASSES = list(NEITHER)


def public(cls: type) -> Iterator[str]:
    for name in dir(cls):
        special = name in SPECIAL and (cls is not Mock)
        if special or (not name.startswith("_") and (not issubclass(cls, Part) or name not in OF_A_PART)):
            yield name


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_public_member_is_told_of_here(cls: type) -> None:
    told = [*LOOKS.get(cls, ()), *CHANGES.get(cls, ()), *ONLY_WAKES.get(cls, ()), *NEITHER[cls]]
    assert not set(public(cls)) - set(told)
    assert not set(told) - set(public(cls)), "of these there are none any more"


def every(*lists: dict[type, dict[str, Call]]) -> Any:
    calls = [
        pytest.param(call, id=f"{cls.__name__}.{name}")
        for each in lists
        for cls, members in each.items()
        for name, call in members.items()
    ]
    return pytest.mark.parametrize("call", calls)


@pytest.fixture
def mock() -> Iterator[Mock]:
    """A first dial that fell due a minute ago on a running clock, and nobody has looked since."""
    with (
        time_machine.travel(1_800_000_000, tick=False) as traveller,
        Mock(ignore="all", unused="ignore", record=True, coverage=True) as mock,
    ):
        outdial = mock.outdials.create()
        mock.targets.create(outdial_id=outdial, destination_0={"type": "tel", "target": "+15550100001"})
        plan = mock.outplans.create(max_try_count_0=1, dial_timeout=30_000)
        made = mock.campaigns.create(outplan_id=plan, outdial_id=outdial, end_handle="continue")
        mock.extensions.create(extension="1001")
        mock.phone().script(Busy())
        planned = mock.faults.add({**FAULT, "times": None})
        assert planned.met == 0
        mock.client.put(f"/v1.0/campaigns/{made.id}/status", json={"status": "run"})
        traveller.shift(60)
        assert not attempts(mock)
        yield mock


def attempts(mock: Mock) -> list[tuple[float, str]]:
    """When attempts were made, in seconds, and what came of their calls; without a look that does anything."""
    calls = {row.id: row.data["hangup_reason"] for row in mock.world.store["calls"]}
    rows = mock.world.store["campaigncalls"]
    return [(row.data["dialed"] / 1e6 - 1_800_000_000, calls[row.data["reference_id"]]) for row in rows]


DONE = [(1.0, "busy")]


@every(LOOKS, CHANGES)
def test_what_was_due_is_done_first(mock: Mock, call: Call) -> None:
    call(mock)
    assert attempts(mock) == DONE


@every(CHANGES, ONLY_WAKES)
def test_who_waits_for_a_change_looks_again(mock: Mock, call: Call) -> None:
    mock.tags.list()  # what was due is done
    woken: list[int] = []
    for told in (mock.world.bus, mock.clock):
        told.watch(lambda: woken.append(1))
    call(mock)
    assert woken


def test_who_waited_long_enough_looks_once_more(mock: Mock) -> None:
    """On a running clock something may have come about that nobody told of."""
    looks: list[int] = []

    def later() -> bool:
        looks.append(1)
        return len(looks) > 1

    assert mock.journal.wait_until(later, timeout=0)


def test_a_clock_that_is_set_back_has_done_what_was_due(mock: Mock) -> None:
    mock.freeze("2020-01-01T00:00:00Z")
    assert attempts(mock) == DONE
