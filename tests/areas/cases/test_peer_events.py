"""What happened with somebody on the other side, by number, address and contact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.areas.cases.test_cases import ANN, OWN, contact, is_documented
from tests.support.campaigning import SOME_ID, foreigner, refusal
from voipbin_mock import Answer, Mock

PEER_EVENTS, INTERACTIONS = "/v1.0/contact_peer_events", "/v1.0/contact_interactions"
LISTS = (PEER_EVENTS, INTERACTIONS)


def listed(mock: Mock, path: str = PEER_EVENTS, **query: Any) -> Any:
    return mock.client.get(path, query_string=query)


def of_ann(mock: Mock, path: str = PEER_EVENTS, **query: Any) -> Any:
    return listed(mock, path, peer_type="tel", peer_target=ANN, **query)


def talk(mock: Mock) -> Any:
    """A call to Ann, who talks for ten seconds."""
    mock.phone(ANN).script(Answer(after="2s", talk="10s"))
    body = {"source": {"type": "tel", "target": OWN}, "destinations": [{"type": "tel", "target": ANN}], "actions": []}
    reply = mock.client.post("/v1.0/calls", json=body)
    assert reply.status_code == 200, reply.text
    mock.advance(seconds=30)
    return mock.calls.list()[0]


@pytest.mark.differs("peer-events-moment")
def test_a_call_is_told_of_from_its_beginning_to_its_end_newest_first(either: Mock) -> None:
    either.freeze()
    call = talk(either)
    ann = contact(either, ANN)
    rows = of_ann(either).json["result"]
    assert rows == listed(either, contact_id=ann).json["result"] == of_ann(either, INTERACTIONS).json["result"]
    types = [row["event_type"] for row in rows]
    assert (types[0], types[-1]) == ("call_hangup", "call_created")
    assert {"call_dialing", "call_ringing", "call_progressing"} & set(types)
    assert {(row["publisher"], row["direction"], row["reference_id"]) for row in rows} == {
        ("call", "outgoing", call.id)
    }  # fmt: skip
    assert (rows[0]["peer"]["target"], rows[0]["local"]["target"]) == (ANN, OWN)
    assert (rows[0]["data"]["status"], rows[-1]["data"]["status"]) == ("hangup", "dialing")
    moments = [row["timestamp"] for row in rows]
    assert (len(set(moments)) == len(moments)) is is_documented(either)
    if not is_documented(either):
        assert all(len(moment.partition(".")[2]) <= len("123Z") for moment in moments)


def test_a_text_is_told_of_with_its_conversation(either: Mock) -> None:
    either.phone(ANN).texts(OWN, "help")
    either.advance(seconds=5)
    rows = {row["event_type"]: row for row in of_ann(either).json["result"]}
    message, conversation = rows["conversation_message_created"], rows["conversation_created"]
    assert (message["publisher"], message["direction"], message["data"]["text"]) == (
        "conversation_message", "incoming", "help"
    )  # fmt: skip
    assert (conversation["publisher"], conversation["direction"]) == ("conversation", "")
    assert (conversation["peer"]["target"], conversation["local"]["target"]) == (ANN, OWN)


@pytest.mark.differs("interactions-token")
def test_pages_follow_one_another_until_there_are_no_more(either: Mock) -> None:
    either.freeze()
    talk(either)
    for path in LISTS:
        everything, token, pages = of_ann(either, path).json["result"], "", []
        while True:
            reply = of_ann(either, path, page_size=2, page_token=token).json
            pages += reply["result"]
            token = reply["next_page_token"]
            if not token or not reply["result"]:
                break
        if is_documented(either):
            assert pages == everything
        else:
            assert {row["event_type"] for row in pages} <= {row["event_type"] for row in everything}, "some are lost"
    last = of_ann(either, INTERACTIONS).json["next_page_token"]
    assert bool(last) is not is_documented(either)
    assert of_ann(either).json["next_page_token"] == ""


def test_exactly_one_way_says_whose_events_are_listed(either: Mock) -> None:
    ann, nobody = contact(either, ANN), contact(either)
    address = either.contact_addresses.get(target=ANN).id
    peer = {"peer_type": "tel", "peer_target": ANN}
    for path in LISTS:
        for query in ({}, {**peer, "contact_id": ann}):
            assert refusal(listed(either, path, **query)) == (400, "INVALID_FILTER")
        assert refusal(listed(either, path, contact_id=SOME_ID)) == (404, "CONTACT_NOT_FOUND")
        assert refusal(listed(either, path, contact_id="x")) == (400, "INVALID_REQUEST_PARAMETER")
    assert refusal(listed(either, INTERACTIONS, address_id=address, contact_id=ann)) == (400, "INVALID_FILTER")
    assert refusal(listed(either, PEER_EVENTS, peer_type="tel")) == (400, "INVALID_FILTER")
    assert listed(either, INTERACTIONS, peer_type="tel").json["result"] == [], "half a peer finds nothing"
    assert listed(either, contact_id=nobody).json["result"] == []
    assert refusal(listed(either, INTERACTIONS, contact_id=nobody)) == (400, "CONTACT_HAS_NO_ADDRESSES")
    assert refusal(listed(either, INTERACTIONS, address_id=SOME_ID)) == (404, "ADDRESS_NOT_FOUND")
    either.client.delete(f"/v1.0/contacts/{ann}")
    assert refusal(listed(either, contact_id=ann)) == (404, "CONTACT_NOT_FOUND")


def test_who_has_an_address_now_sees_all_its_past_and_nobody_else_does(either: Mock) -> None:
    talk(either)
    row = either.client.post("/v1.0/contact_addresses", json={"type": "tel", "target": ANN}).json
    many = len(of_ann(either).json["result"])
    assert many > 2
    assert len(listed(either, INTERACTIONS, address_id=row["id"]).json["result"]) == many
    ann = contact(either)
    either.client.post(f"/v1.0/contact_addresses/{row['id']}/claim", json={"contact_id": ann})
    assert len(listed(either, contact_id=ann).json["result"]) == many
    assert listed(either, peer_type="tel", peer_target="15550100001").json["result"] == []
    query = {"peer_type": "tel", "peer_target": ANN, "token": foreigner(either)}
    assert either.anonymous.get(PEER_EVENTS, query_string=query).json["result"] == []
    loose = either.client.get(f"{PEER_EVENTS}?peer_type=tel&peer_target={ANN}")
    assert loose.json["result"] == [], "a + that is not encoded is a blank"


@pytest.mark.differs("peer-events-direct")
def test_a_direct_token_is_refused_each_list_in_its_own_words(either: Mock) -> None:
    query = {"peer_type": "tel", "peer_target": ANN, "token": either.direct_token()}
    own = "DIRECT_ACCESS_NOT_SUPPORTED" if is_documented(either) else "PERMISSION_DENIED"
    assert refusal(either.anonymous.get(PEER_EVENTS, query_string=query)) == (403, own)
    assert refusal(either.anonymous.get(INTERACTIONS, query_string=query)) == (403, "DIRECT_ACCESS_NOT_SUPPORTED")
    assert refusal(either.anonymous.get(INTERACTIONS, query_string={"token": query["token"]})) == (
        400,
        "INVALID_FILTER",
    )
