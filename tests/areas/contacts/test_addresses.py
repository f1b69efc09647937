"""Addresses: below a contact, by themselves, claimed, and what becomes of one that there is already."""

from __future__ import annotations

from typing import Any

import pytest

from tests.areas.contacts.test_contacts import CONTACTS, HOME, MAIL, WORK, address, is_documented, lookup, made, targets
from tests.support.campaigning import SOME_ID, plain_agent, refusal
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

ADDRESSES = "/v1.0/contact_addresses"


def add(mock: Mock, contact: Any, target: str, **members: Any) -> Any:
    return mock.client.post(f"{CONTACTS}/{contact['id']}/addresses", json=address(target, **members))


def kept(mock: Mock, target: str, **members: Any) -> Any:
    """An address by itself."""
    reply = mock.client.post(ADDRESSES, json=address(target, **members))
    assert reply.status_code == 201, reply.text
    return reply.json


def claim(mock: Mock, row: Any, contact: Any, **members: Any) -> Any:
    return mock.client.post(f"{ADDRESSES}/{row['id']}/claim", json={"contact_id": contact["id"], **members})


def firsts(contact: Any) -> list[str]:
    return [each["target"] for each in contact["addresses"] if each["is_primary"]]


def read(mock: Mock, contact: Any) -> Any:
    return mock.client.get(f"{CONTACTS}/{contact['id']}").json


# --- below a contact -----------------------------------------------------------------------------------


def test_the_former_first_address_steps_down_and_a_removed_one_promotes_nobody(either: Mock) -> None:
    ann = made(either, HOME)
    path = f"{CONTACTS}/{ann['id']}/addresses"
    assert firsts(either.client.put(f"{path}/{ann['addresses'][0]['id']}", json={"is_primary": True}).json) == [HOME]
    both = add(either, ann, WORK, is_primary=True).json
    assert (targets(both), firsts(both)) == ([WORK, HOME], [WORK]), "the first stands first, then the oldest"
    left = either.client.delete(f"{path}/{both['addresses'][0]['id']}").json
    assert (targets(left), firsts(left), left["tm_update"]) == ([HOME], [], None)
    assert either.client.get(ADDRESSES).status_code == 200


@pytest.mark.differs("contact-primary")
def test_the_documents_have_a_first_address_of_each_type(either: Mock) -> None:
    both = [address(HOME, is_primary=True), address(MAIL, is_primary=True)]
    ann = either.client.post(CONTACTS, json={"addresses": both}).json
    assert firsts(ann) == ([HOME, MAIL] if is_documented(either) else [MAIL])


@pytest.mark.differs("contact-address-labels")
def test_labels_are_changed_by_the_documents_alone(either: Mock) -> None:
    ann = made(either, HOME)
    body = {"name": "Home", "detail": "after six", "target": "+1 555 010 0002"}
    nested = either.client.put(f"{CONTACTS}/{ann['id']}/addresses/{ann['addresses'][0]['id']}", json=body).json
    (shown,) = nested["addresses"]
    labels = ("Home", "after six") if is_documented(either) else ("", "")
    assert (shown["target"], shown.get("name", ""), shown.get("detail", "")) == (WORK, *labels)
    alone = either.client.put(f"{ADDRESSES}/{shown['id']}", json={"name": "Hut"}).json
    assert alone.get("name", "") == ("Hut" if is_documented(either) else "")


@pytest.mark.differs("contact-address-unknown")
def test_an_address_that_there_is_not_cannot_be_changed(either: Mock) -> None:
    path = f"{CONTACTS}/{made(either)['id']}/addresses/{SOME_ID}"
    missing = (404, "ADDRESS_NOT_FOUND")
    put, delete = either.client.put(path, json={"is_primary": True}), either.client.delete(path)
    assert refusal(put) == (missing if is_documented(either) else (500, "INTERNAL"))
    assert refusal(delete) == (missing if is_documented(either) else (400, "INVALID_ARGUMENT"))


@pytest.mark.differs("contact-address-of-another")
def test_the_address_of_another_contact_is_changed_by_the_server_alone(either: Mock) -> None:
    ann, ben = made(either, HOME, first_name="Ann"), made(either, WORK, first_name="Ben")
    add(either, ben, "+15550100003", is_primary=True)
    path = f"{CONTACTS}/{ben['id']}/addresses/{ann['addresses'][0]['id']}"
    reply = either.client.put(path, json={"is_primary": True})
    if is_documented(either):
        assert refusal(reply) == refusal(either.client.delete(path)) == (404, "ADDRESS_NOT_FOUND")
        assert firsts(read(either, ben)) == ["+15550100003"]
        return
    assert (reply.json["id"], firsts(reply.json), firsts(read(either, ann))) == (ben["id"], [], [HOME])
    assert either.client.delete(path).json["id"] == ben["id"]
    assert targets(read(either, ann)) == []


@pytest.mark.differs("contact-address-types")
def test_a_web_session_is_kept_by_the_server_and_shown_by_no_contact(either: Mock) -> None:
    ann = made(either)
    path = f"{CONTACTS}/{ann['id']}/addresses"
    for kind in ({"type": "fax"}, {"type": ""}):
        assert refusal(either.client.post(path, json={"target": "1", **kind})) == (400, "ADDRESS_TYPE_INVALID")
    reply = either.client.post(path, json={"type": "web_session", "target": "S1"})
    if is_documented(either):
        assert refusal(reply) == (400, "ADDRESS_TYPE_INVALID")
    else:
        assert (reply.status_code, targets(reply.json)) == (201, [])
        assert [row["target"] for row in either.client.get(ADDRESSES, query_string={"type": "web_session"}).json] == [
            "S1"
        ]


# --- what there is already -------------------------------------------------------------------------------


@pytest.mark.differs("contact-address-taken")
def test_an_address_that_there_is_already_is_a_conflict_or_a_failure(either: Mock) -> None:
    ann, ben, cy = (made(either, target) for target in (HOME, WORK, MAIL))
    either.client.delete(f"{CONTACTS}/{cy['id']}")
    kept(either, "+15550100003")
    conflict, failure = (409, "ADDRESS_ALREADY_EXISTS"), (500, "INTERNAL")
    others = conflict if is_documented(either) else failure
    assert refusal(add(either, ann, " +1 555 010 0001")) == conflict, "its own"
    assert refusal(add(either, ann, WORK)) == others, "another's"
    assert refusal(add(either, ann, "+15550100003")) == conflict, "nobody's"
    for target in (HOME, MAIL, "+15550100003"):
        assert refusal(either.client.post(ADDRESSES, json=address(target))) == others
    first = ann["addresses"][0]["id"]
    for target, expected in ((WORK, others), ("+15550100003", others)):
        assert refusal(either.client.put(f"{ADDRESSES}/{first}", json={"target": target})) == expected
    assert either.client.put(f"{ADDRESSES}/{first}", json={"target": HOME}).status_code == 200, "its own value"
    assert targets(add(either, ann, "ANN@example.org").json) == [HOME, MAIL], "a deleted contact's is free"
    assert targets(made(either, HOME, "+15550100004", "+15550100004")) == ["+15550100004"], "left out without a word"
    assert targets(read(either, ben)) == [WORK]


def test_the_server_lets_others_step_down_even_if_there_is_no_room(either: Mock) -> None:
    ann = made(either, HOME, MAIL)
    first = either.client.put(f"{ADDRESSES}/{ann['addresses'][0]['id']}", json={"is_primary": True})
    assert first.status_code == 200
    assert refusal(add(either, ann, HOME, is_primary=True)) == (409, "ADDRESS_ALREADY_EXISTS")
    assert firsts(read(either, ann)) == ([HOME] if is_documented(either) else [])


# --- by themselves ---------------------------------------------------------------------------------------


@pytest.mark.differs("contact-address-list")
def test_the_list_is_paged_by_the_documents_and_cut_by_the_server(either: Mock) -> None:
    ann = made(either, *(f"+155501{number:05d}" for number in range(23)))
    wanted = [f"+155501{number:05d}" for number in range(23)][::-1]
    reply = either.client.get(ADDRESSES, query_string={"page_size": 5, "contact_id": ann["id"]}).json
    if not is_documented(either):
        assert [row["target"] for row in reply] == wanted[:20]
        more = either.client.get(ADDRESSES, query_string={"page_token": reply[-1]["tm_create"]}).json
        assert [row["target"] for row in more] == wanted[20:]
        return
    assert [row["target"] for row in reply["result"]] == wanted[:5]
    more = either.client.get(ADDRESSES, query_string={"page_token": reply["next_page_token"]}).json
    assert [row["target"] for row in more["result"]] == wanted[5:]


@pytest.mark.differs("contact-address-filters")
def test_the_server_reads_two_filters_and_does_nothing_with_them(either: Mock) -> None:
    ann = made(either, HOME)
    kept(either, WORK)

    def listed(**query: str) -> list[str]:
        found = either.client.get(ADDRESSES, query_string=query).json
        return [row["target"] for row in (found["result"] if isinstance(found, dict) else found)]

    everything = [WORK, HOME]
    assert listed(contact_id=ann["id"]) == listed(type="tel", contact_id=ann["id"]) == [HOME]
    assert listed(type="email") == []
    assert listed(unresolved="true") == ([WORK] if is_documented(either) else everything)
    assert listed(target="+1 555 010 0001") == ([HOME] if is_documented(either) else everything)
    assert listed(unresolved="true", contact_id=ann["id"]) == ([WORK] if is_documented(either) else [HOME])
    for query in ({"unresolved": "perhaps"}, {"contact_id": "seven"}):
        assert refusal(either.client.get(ADDRESSES, query_string=query)) == (400, "INVALID_REQUEST_PARAMETER")


@pytest.mark.differs("contact-address-unclaimed")
def test_an_address_of_nobody_is_looked_at_by_the_documents_alone(either: Mock) -> None:
    row = kept(either, "(555) 123")
    assert row["target"] == ("555123" if is_documented(either) else "(555) 123")
    assert row.get("contact_id") == (None if is_documented(either) else NIL_UUID)
    fax = either.client.post(ADDRESSES, json={"type": "fax", "target": "1"})
    assert fax.status_code == (400 if is_documented(either) else 201)
    first = either.client.post(ADDRESSES, json=address(HOME, is_primary=True))
    assert refusal(first) == (400, "INVALID_IS_PRIMARY")


@pytest.mark.differs("contact-address-unclaimed-changes")
def test_the_server_fails_to_change_an_address_of_nobody(either: Mock) -> None:
    path = f"{ADDRESSES}/{kept(either, HOME)['id']}"
    put, delete = either.client.put(path, json={"target": WORK}), either.client.delete(path)
    if is_documented(either):
        assert (put.json["target"], delete.json["target"]) == (WORK, WORK)
        return
    assert (refusal(put), refusal(delete)) == ((500, "INTERNAL"), (400, "INVALID_ARGUMENT"))
    under = path.replace(ADDRESSES, f"{CONTACTS}/{made(either)['id']}/addresses")
    assert refusal(either.client.put(under, json={"is_primary": True})) == (500, "INTERNAL")
    assert either.client.put(under, json={"target": WORK}).status_code == 200, "under any contact it can"
    assert either.client.get(path).json["target"] == WORK


@pytest.mark.differs("contact-address-deleted")
def test_the_server_answers_a_removal_with_the_contact(either: Mock) -> None:
    ann = made(either, HOME)
    row = ann["addresses"][0]
    reply = either.client.delete(f"{ADDRESSES}/{row['id']}").json
    if is_documented(either):
        assert reply == row
    else:
        known = {name: ann[name] for name in ("id", "customer_id", "tm_create")}
        assert reply == {**known, "contact_id": NIL_UUID, "is_primary": False}
    assert targets(read(either, ann)) == []
    assert refusal(either.client.get(f"{ADDRESSES}/{row['id']}")) == (404, "RESOURCE_NOT_FOUND")


def test_an_address_of_a_deleted_contact_stays_and_cannot_be_changed(either: Mock) -> None:
    ann = made(either, HOME)
    either.client.delete(f"{CONTACTS}/{ann['id']}")
    path = f"{ADDRESSES}/{ann['addresses'][0]['id']}"
    assert either.client.get(path).json["contact_id"] == ann["id"]
    assert refusal(either.client.put(path, json={"target": WORK})) == (500, "INTERNAL")
    assert refusal(either.client.delete(path)) == (400, "INVALID_ARGUMENT")


def test_what_is_asked_of_an_address_is_checked_in_the_order_of_the_service(either: Mock) -> None:
    agent = plain_agent(either)
    path = f"{ADDRESSES}/{SOME_ID}"
    assert refusal(agent.get(path)) == (403, "PERMISSION_DENIED"), "before anybody looks"
    assert refusal(agent.put(path, json={})) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(agent.post(ADDRESSES, json=address(HOME, is_primary=True))) == (400, "INVALID_IS_PRIMARY")
    assert refusal(agent.post(f"{path}/claim", json={"contact_id": NIL_UUID})) == (400, "INVALID_CONTACT_ID")
    assert refusal(agent.post(f"{path}/claim", json={"contact_id": SOME_ID})) == (403, "PERMISSION_DENIED")
    for bad, reason in (("seven", "INVALID_REQUEST_PARAMETER"), (NIL_UUID, "INVALID_ID")):
        assert refusal(either.client.get(f"{ADDRESSES}/{bad}")) == (400, reason)
    body = address(HOME, contact_id="")
    assert refusal(either.client.post(ADDRESSES, json=body)) == (400, "INVALID_JSON_BODY")
    assert refusal(either.client.post(ADDRESSES, json={**body, "contact_id": SOME_ID})) == (404, "CONTACT_NOT_FOUND")


# --- claiming --------------------------------------------------------------------------------------------


def test_an_address_of_nobody_is_claimed_once(either: Mock) -> None:
    ann, ben, row = made(either, first_name="Ann"), made(either, first_name="Ben"), kept(either, HOME)
    assert claim(either, row, ann).json["contact_id"] == ann["id"]
    assert claim(either, row, ann).status_code == 200, "again: nothing changes"
    assert lookup(either, phone=HOME).json["id"] == ann["id"]
    assert refusal(claim(either, row, ben)) == (409, "ADDRESS_ALREADY_CLAIMED")
    assert claim(either, row, ben, force=True).json["contact_id"] == ben["id"]
    either.client.delete(f"{CONTACTS}/{ben['id']}")
    assert claim(either, row, ann).json["contact_id"] == ann["id"], "a deleted contact lets go of it"
    assert refusal(claim(either, {"id": SOME_ID}, ann)) == (404, "RESOURCE_NOT_FOUND")
    assert refusal(claim(either, row, ben)) == (404, "CONTACT_NOT_FOUND")


@pytest.mark.differs("contact-address-claim")
def test_a_first_address_that_is_claimed_steps_down_or_is_in_the_way(either: Mock) -> None:
    ann, ben = made(either, first_name="Ann"), made(either, first_name="Ben")
    add(either, ann, HOME, is_primary=True)
    row = add(either, ben, WORK, is_primary=True).json["addresses"][0]
    reply = claim(either, row, ann, force=True)
    if is_documented(either):
        assert reply.json["is_primary"] is False
        assert firsts(read(either, ann)) == [HOME]
        return
    assert refusal(reply) == (500, "INTERNAL")
    either.client.delete(f"{CONTACTS}/{ben['id']}")
    assert refusal(claim(either, row, made(either))) == (500, "INTERNAL"), "a deleted contact's, too"


@pytest.mark.differs("contact-former-owner")
def test_who_lost_an_address_is_read_with_it_for_a_day_by_the_server(either: Mock) -> None:
    either.freeze()
    ann, ben = made(either, HOME, first_name="Ann"), made(either, first_name="Ben")
    claim(either, ann["addresses"][0], ben, force=True)
    late = [] if is_documented(either) else [HOME]
    assert targets(read(either, ann)) == late
    assert [targets(each) for each in either.client.get(CONTACTS).json["result"]] == [[HOME], []], "lists are right"
    either.advance(hours=23)
    assert targets(read(either, ann)) == late
    either.advance(hours=1)
    assert targets(read(either, ann)) == []
