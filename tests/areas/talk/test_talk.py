"""Talk: agents write to each other in chats, groups and channels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.campaigning import foreigner, refusal
from tests.support.desk import Desk, an_agent, shown
from voipbin_mock import Mock
from voipbin_mock.delivery.websockets import topics_of
from voipbin_mock.wire.values import NIL_UUID

UNKNOWN = "7d1c9f0e-52a4-4c1b-9a55-2b1e8c3d4f73"


def documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def wrong(mock: Mock) -> tuple[int, str]:
    """How talk refuses what it does not take."""
    return (400, "INVALID_ARGUMENT") if documented(mock) else (500, "INTERNAL")


def missing_chat(mock: Mock) -> tuple[int, str]:
    return (404, "CHAT_NOT_FOUND") if documented(mock) else (403, "PERMISSION_DENIED")


def owner(desk: Desk) -> dict[str, str]:
    return {"owner_type": "agent", "owner_id": desk.id}


def chat(desk: Desk, *others: Desk, type: str = "group", **members: Any) -> str:
    made = shown(desk.post("/talk_chats", type=type, participants=[owner(each) for each in others], **members))
    return str(made["id"])


def say(desk: Desk, chat_id: str, text: str = "hello", **members: Any) -> Any:
    return desk.post("/talk_messages", **{"chat_id": chat_id, "type": "normal", "text": text, **members})


def people(mock: Mock) -> tuple[Desk, Desk, Desk]:
    ann, bob, eve = (an_agent(mock, name)[1] for name in ("ann", "bob", "eve"))
    return ann, bob, eve


def told(mock: Mock, since: int) -> list[str]:
    return [event.type for event in list(mock.world.bus.log)[since:]]


# --- from the first to the last --------------------------------------------------------------------


@pytest.mark.differs("talk-removal", "talk-chat-deleted", "talk-message-list")
def test_a_group_is_opened_talked_in_and_deleted(either: Mock) -> None:
    ann, bob, _ = people(either)
    made = shown(ann.post("/talk_chats", type="group"))
    assert list(made) == ["id", "customer_id", "type", "member_count", "tm_create", "tm_update", "tm_delete"]
    assert (made["member_count"], made["tm_update"]) == (1, made["tm_create"])
    place = shown(ann.post(f"/talk_chats/{made['id']}/participants", **owner(bob)))
    assert list(place) == ["id", "customer_id", "owner_type", "owner_id", "chat_id", "tm_joined"]
    first = shown(say(ann, made["id"]))
    reply = shown(say(bob, made["id"], "hi", parent_id=first["id"]))
    assert ("parent_id" in first, reply["parent_id"]) == (False, first["id"])
    reacted = shown(ann.post(f"/talk_messages/{reply['id']}/reactions", emoji="👍"))
    (reaction,) = reacted["metadata"]["reactions"]
    assert reaction == {"emoji": "👍", **owner(ann), "tm_create": reacted["tm_update"]}
    query = {} if documented(either) else {"chat_id": made["id"]}
    texts = [each["text"] for each in shown(bob.get("/talk_messages", **query))["result"]]
    assert texts == (["hello", "hi"] if documented(either) else ["hi", "hello"])
    removed = ann.delete(f"/talk_chats/{made['id']}/participants/{place['id']}")
    assert shown(removed) == (place if documented(either) else None)
    gone = shown(ann.delete(f"/talk_chats/{made['id']}"))
    assert (gone["tm_delete"] is not None) == documented(either)
    assert gone["member_count"] == 1
    assert shown(ann.get("/talk_chats"))["result"] == []
    assert shown(ann.get(f"/talk_chats/{made['id']}"))["tm_delete"]
    assert say(ann, made["id"], "still here").status_code == 200


@pytest.mark.parametrize("text", ["x" * 4000, "🎧‮שלום\u0007", ""])
def test_a_text_is_kept_to_the_byte(either: Mock, text: str) -> None:
    ann, _, _ = people(either)
    made = shown(say(ann, chat(ann), text))
    assert made["text"] == shown(ann.get(f"/talk_messages/{made['id']}"))["text"] == text


@pytest.mark.differs("talk-readers")
def test_a_channel_is_found_joined_and_then_written_in(either: Mock) -> None:
    ann, bob, _ = people(either)
    channel = chat(ann, type="talk", name="news")
    assert [each["name"] for each in shown(bob.get("/talk_channels"))["result"]] == ["news"]
    assert shown(bob.get("/talk_chats"))["result"] == []
    assert refusal(say(bob, channel)) == (403, "PERMISSION_DENIED")
    assert bob.get("/talk_messages", chat_id=channel).status_code == (403 if documented(either) else 200)
    joined = shown(bob.post(f"/talk_chats/{channel}/join"))
    assert (joined["owner_id"], joined["chat_id"]) == (bob.id, channel)
    assert say(bob, channel).status_code == 200
    for path in ("/talk_chats", "/talk_channels"):
        assert [each["id"] for each in shown(bob.get(path))["result"]] == [channel]
    assert [each["owner_id"] for each in shown(ann.get(f"/talk_chats/{channel}/participants"))] == [bob.id, ann.id]


def test_nobody_else_reads_a_group(either: Mock) -> None:
    ann, bob, eve = people(either)
    group = chat(ann, bob)
    message = shown(say(ann, group))
    for path in (
        f"/talk_chats/{group}",
        f"/talk_chats/{group}/participants",
        f"/talk_messages/{message['id']}",
    ):
        assert refusal(eve.get(path)) == (403, "PERMISSION_DENIED")
    assert refusal(eve.get("/talk_messages", chat_id=group)) == (403, "PERMISSION_DENIED")
    for reply in (
        say(eve, group),
        eve.put(f"/talk_chats/{group}", name="mine"),
        eve.delete(f"/talk_chats/{group}"),
        eve.post(f"/talk_chats/{group}/participants", **owner(eve)),
        eve.post(f"/talk_messages/{message['id']}/reactions", emoji="x"),
        bob.delete(f"/talk_messages/{message['id']}"),
    ):
        assert refusal(reply) == (403, "PERMISSION_DENIED")


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.differs("talk-chat-unknown", "talk-message-unknown")
def test_what_there_is_not_or_is_anothers(either: Mock) -> None:
    ann, _, _ = people(either)
    group = chat(ann, type="talk")
    stranger = {"token": foreigner(either)}
    foreign = either.anonymous.get(f"/v1.0/service_agents/talk_chats/{group}", query_string=stranger)
    for reply in (foreign, ann.get(f"/talk_chats/{UNKNOWN}"), ann.get("/talk_messages", chat_id=UNKNOWN)):
        assert refusal(reply) == missing_chat(either)
    joins = refusal(ann.post(f"/talk_chats/{UNKNOWN}/join"))
    assert joins == ((404, "CHAT_NOT_FOUND") if documented(either) else (500, "INTERNAL"))
    message = (404, "TALK_MESSAGE_NOT_FOUND") if documented(either) else (500, "INTERNAL")
    for reply in (
        ann.get(f"/talk_messages/{UNKNOWN}"),
        ann.delete(f"/talk_messages/{UNKNOWN}"),
        ann.post(f"/talk_messages/{UNKNOWN}/reactions", emoji="x"),
    ):
        assert refusal(reply) == message


@pytest.mark.differs("talk-refusals")
def test_what_talk_does_not_take(either: Mock) -> None:
    ann, bob, _ = people(either)
    group, channel = chat(ann), chat(ann, type="talk")
    other = shown(say(ann, channel))
    for reply in (
        ann.post("/talk_chats", type="party"),
        ann.post("/talk_chats", type="direct", participants=[]),
        ann.post("/talk_chats", type="direct", participants=[owner(ann)]),
        ann.put(f"/talk_chats/{group}", name=None),
        ann.put(f"/talk_chats/{group}", name="x" * 256),
        say(ann, group, type="loud"),
        say(ann, group, parent_id=UNKNOWN),
        say(ann, group, parent_id=other["id"]),
        say(ann, group, "é" * 32_768),
        ann.post(f"/talk_messages/{other['id']}/reactions", emoji=""),
    ):
        assert refusal(reply) == wrong(either), reply.request.path
    shown(ann.delete(f"/talk_messages/{other['id']}"))
    shown(ann.delete(f"/talk_chats/{channel}"))
    for reply in (
        ann.delete(f"/talk_messages/{other['id']}"),
        ann.post(f"/talk_chats/{channel}/participants", **owner(bob)),
        bob.post(f"/talk_chats/{channel}/join"),
    ):
        assert refusal(reply) == wrong(either), reply.request.path
    assert refusal(bob.post(f"/talk_chats/{group}/join")) == (400, "INVALID_ARGUMENT")


def test_bodies_are_looked_at_before_the_caller(either: Mock) -> None:
    ann, _, _ = people(either)
    group, key = chat(ann), {"accesskey": either.accesskey}

    def asked(path: str, body: Any) -> Any:
        raw = body if isinstance(body, str) else json.dumps(body)
        return either.anonymous.post(f"/v1.0/service_agents{path}", data=raw, query_string=key)

    spoiled = asked("/talk_messages", "{")
    assert refusal(spoiled) == (400, "INVALID_JSON_BODY")
    assert spoiled.content_type.startswith("application/json")
    nobody = {"type": "group", "participants": [{"owner_type": "agent", "owner_id": NIL_UUID}]}
    assert refusal(asked("/talk_chats", nobody)) == (400, "INVALID_ID")
    says = {"chat_id": NIL_UUID, "type": "normal", "text": ""}
    assert refusal(asked("/talk_messages", says)) == (400, "INVALID_ID")
    for medias in ([5], [{"agent_id": "me"}], [{"file_id": 5}]):
        assert refusal(say(ann, group, medias=medias)) in ((400, "INVALID_JSON_BODY"), (400, "INVALID_ARGUMENT"),
                                                           (400, "INVALID_ID"))  # fmt: skip
    assert refusal(asked("/talk_chats", {"type": "group"})) == (401, "AUTHENTICATION_REQUIRED")
    assert refusal(ann.get("/talk_messages", chat_id="seven")) == (400, "INVALID_ID")


# --- where the profiles part -----------------------------------------------------------------------


@pytest.mark.differs("talk-direct-twice")
def test_two_have_one_direct_chat_or_one_each_time(either: Mock) -> None:
    ann, bob, _ = people(either)
    first, since = chat(ann, bob, type="direct"), len(either.world.bus.log)
    again = chat(bob, ann, type="direct")
    assert (again == first) == documented(either) == (told(either, since) == [])


@pytest.mark.differs("talk-member-twice")
def test_adding_somebody_twice(either: Mock) -> None:
    ann, bob, _ = people(either)
    group = chat(ann, bob)
    (before, _) = shown(ann.get(f"/talk_chats/{group}/participants"))
    after = shown(ann.post(f"/talk_chats/{group}/participants", **owner(bob)))
    assert (after == before) == documented(either)
    assert len(shown(ann.get(f"/talk_chats/{group}/participants"))) == 2
    assert shown(ann.get(f"/talk_chats/{group}"))["member_count"] == (2 if documented(either) else 3)


@pytest.mark.differs("talk-members")
def test_who_can_be_added(either: Mock) -> None:
    ann, _, _ = people(either)
    group = chat(ann)
    reply = ann.post(f"/talk_chats/{group}/participants", owner_type="agent", owner_id=UNKNOWN)
    assert reply.status_code == (404 if documented(either) else 200)
    other = ann.post(f"/talk_chats/{group}/participants", owner_type="robot", owner_id=UNKNOWN)
    assert other.status_code == (400 if documented(either) else 200)


def test_removing_one_of_another_chat(either: Mock) -> None:
    ann, bob, eve = people(either)
    here, there = chat(ann), chat(bob, eve)
    (place, _) = shown(bob.get(f"/talk_chats/{there}/participants"))
    reply = ann.delete(f"/talk_chats/{here}/participants/{place['id']}")
    if documented(either):
        assert refusal(reply) == (404, "PARTICIPANT_NOT_FOUND")
    else:
        assert reply.text == "null"
        assert shown(bob.get(f"/talk_chats/{there}"))["member_count"] == 1
        assert ann.delete(f"/talk_chats/{here}/participants/{UNKNOWN}").text == "null"


@pytest.mark.differs("talk-medias")
def test_media_of_messages(either: Mock) -> None:
    ann, _, _ = people(either)
    sent = [{"type": "link", "link_url": "https://example.com"}, {"type": "file", "file_id": UNKNOWN},
            {"type": "agent", "agent_id": ann.id}]  # fmt: skip
    shows = shown(say(ann, chat(ann), medias=sent))["medias"]
    always = {"address": {}, "agent_id": NIL_UUID, "file_id": NIL_UUID}
    assert shows == (
        sent
        if documented(either)
        else [
            {"type": "link", **always, "link_url": "https://example.com"},
            {"type": "file", **always, "file_id": UNKNOWN},
            {"type": "agent", **always},
        ]
    )


# --- who hears -------------------------------------------------------------------------------------


def test_events_are_told_in_order(either: Mock) -> None:
    ann, bob, _ = people(either)
    since = len(either.world.bus.log)
    group = chat(ann, bob)
    message = shown(say(ann, group))["id"]
    for _ in range(2):  # the same reaction again is told again
        shown(bob.post(f"/talk_messages/{message}/reactions", emoji="x"))
    shown(ann.delete(f"/talk_messages/{message}"))
    shown(ann.put(f"/talk_chats/{group}", name="new"))
    (place, _) = shown(ann.get(f"/talk_chats/{group}/participants"))
    shown(ann.delete(f"/talk_chats/{group}/participants/{place['id']}"))
    for _ in range(2):
        shown(ann.delete(f"/talk_chats/{group}"))
    assert told(either, since) == [
        "chatparticipant_added", "chatparticipant_added", "chat_created", "chatmessage_created",
        "chatmessage_reaction_updated", "chatmessage_reaction_updated", "chatmessage_deleted", "chat_updated",
        "chatparticipant_removed", "chat_deleted", "chat_deleted",
    ]  # fmt: skip


def test_whoever_is_in_a_chat_hears_of_it_once_by_its_topic_and_twice_by_a_shorter_one(either: Mock) -> None:
    ann, bob, eve = people(either)
    group = chat(ann, bob)
    since = len(either.world.bus.log)
    shown(say(ann, group))
    (place, _) = shown(ann.get(f"/talk_chats/{group}/participants"))
    shown(ann.delete(f"/talk_chats/{group}/participants/{place['id']}"))
    shown(say(ann, group))
    events = list(either.world.bus.log)[since:]

    def heard(topic: str) -> list[int]:
        return [sum(each.startswith(topic) for each in topics_of(either.world, event)) for event in events]

    customer = either.customers.list()[0].id
    assert heard(f"agent_id:{bob.id}:chat:{group}") == [1, 1, 0]  # the last is his own removal
    assert heard(f"agent_id:{ann.id}:chat:{group}") == [1, 1, 1]
    assert heard(f"agent_id:{ann.id}:chat") == [2, 2, 2]
    assert heard(f"agent_id:{eve.id}") == [0, 0, 0]
    assert heard(f"customer_id:{customer}:chat:{group}") == [1, 1, 1]
    assert heard(f"customer_id:{customer}:chatmessage:chatmessage_created:") == [1, 0, 1]


# --- what other agents do --------------------------------------------------------------------------


def test_other_agents_join_write_and_react_without_a_request(either: Mock) -> None:
    ann, bob, _ = people(either)
    group = chat(ann)
    said = either.talk.say(group, bob.id, "hi")
    either.talk.react(said, "ann@example.com", "👍")
    answer = either.talk.say(group, ann.id, "hello", parent=said)
    assert either.talk.join(chat(ann), bob.id).owner_id == bob.id
    shows = {each["id"]: each for each in shown(ann.get("/talk_messages", chat_id=group))["result"]}
    assert shows[answer.id]["parent_id"] == said.id
    assert shows[said.id]["owner_id"] == bob.id
    assert [each["emoji"] for each in shows[said.id]["metadata"]["reactions"]] == ["👍"]
    assert shown(ann.get(f"/talk_chats/{group}"))["member_count"] == 2
    for mistake in (lambda: either.talk.say(UNKNOWN, bob.id, ""), lambda: either.talk.say(group, "nobody", "")):
        with pytest.raises(LookupError):
            mistake()
