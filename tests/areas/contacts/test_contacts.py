"""Contacts over the API: made, found by a number or a mailbox, changed, tagged and deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.campaigning import SOME_ID, foreigner, plain_agent, refusal
from voipbin_mock import Mock
from voipbin_mock.wire.values import NIL_UUID

CONTACTS = "/v1.0/contacts"
HOME, WORK, MAIL = "+15550100001", "+15550100002", "ann@example.org"
TEXTS = ["first_name", "last_name", "display_name", "company", "job_title", "source", "external_id", "notes"]
STAMPS = ["tm_create", "tm_update", "tm_delete"]


def is_documented(mock: Mock) -> bool:
    return mock.world.profile.name == "documented"


def address(target: str, **members: Any) -> dict[str, Any]:
    return {"type": "email" if "@" in target else "tel", "target": target, **members}


def made(mock: Mock, *targets: str, **members: Any) -> Any:
    """A contact with these addresses."""
    reply = mock.client.post(CONTACTS, json={**members, "addresses": [address(target) for target in targets]})
    assert reply.status_code == 201, reply.text
    return reply.json


def targets(contact: Any) -> list[str]:
    return [each["target"] for each in contact.get("addresses", [])]


def lookup(mock: Mock, **query: str) -> Any:
    return mock.client.get(f"{CONTACTS}/lookup", query_string=query)


def test_a_contact_is_made_read_back_and_found_by_each_of_its_addresses(either: Mock) -> None:
    ann = made(either, HOME, "+1 (555) 010-0002", " Ann@Example.ORG ", first_name="Ann", source="")
    assert targets(ann) == [HOME, WORK, MAIL]
    assert (ann["source"], ann["tm_update"], ann["last_name"]) == ("manual", None, "")
    assert either.client.get(f"{CONTACTS}/{ann['id']}").json == ann
    for query in ({"phone": HOME}, {"phone": "+1 555-010-0002"}, {"email": "ANN@example.org"}):
        assert lookup(either, **query).json == ann
    assert lookup(either, phone="+15550100009", email=MAIL).status_code == 404, "the number counts if both are given"


def test_a_contact_is_shown_in_the_order_of_the_service(either: Mock) -> None:
    bare = either.client.post(CONTACTS, json={}).json
    empty = ["addresses", "tag_ids"] if is_documented(either) else []
    assert list(bare) == ["id", "customer_id", *TEXTS, *empty, *STAMPS]
    (shown,) = made(either, HOME)["addresses"]
    documented = ["id", "customer_id", "contact_id", "type", "target", "target_name", "name", "detail", "is_primary"]
    left = ["type", "target", "id", "customer_id", "contact_id", "is_primary"]
    assert list(shown) == [*(documented if is_documented(either) else left), "tm_create"]


def test_an_unknown_caller_is_found_once_there_is_a_contact(either: Mock) -> None:
    assert refusal(lookup(either, phone=HOME)) == (404, "CONTACT_NOT_FOUND")
    ann = made(either, HOME)
    assert lookup(either, phone=HOME).json["id"] == ann["id"]
    assert refusal(either.client.get(f"{CONTACTS}/lookup?phone={HOME}")) == (404, "CONTACT_NOT_FOUND")
    assert "written %2B" in either.report()
    assert refusal(lookup(either)) == (400, "INVALID_ARGUMENT")


@pytest.mark.differs("contact-lookup")
def test_an_address_that_is_nobodys_finds_no_contact(either: Mock) -> None:
    either.client.post("/v1.0/contact_addresses", json=address(HOME))
    expected = (404, "CONTACT_NOT_FOUND") if is_documented(either) else (400, "INVALID_ARGUMENT")
    assert refusal(lookup(either, phone=HOME)) == expected


def test_a_put_changes_what_it_gives_and_a_deleted_contact_is_gone(either: Mock) -> None:
    ann = made(either, HOME, first_name="Ann", company="Acme", notes="old")
    path = f"{CONTACTS}/{ann['id']}"
    changed = either.client.put(path, json={"notes": "", "company": None, "last_name": "Lee"}).json
    assert (changed["first_name"], changed["last_name"], changed["company"], changed["notes"]) == (
        "Ann", "Lee", "Acme", ""
    )  # fmt: skip
    assert changed["tm_update"] is not None
    assert either.client.put(path, json={}).json["tm_update"] != changed["tm_update"], "whatever it gives"
    deleted = either.client.delete(path).json
    assert deleted["tm_delete"] == deleted["tm_update"]
    assert targets(deleted) == [HOME]
    assert refusal(lookup(either, phone=HOME)) == (404, "CONTACT_NOT_FOUND")
    for method in ("get", "put", "delete"):
        assert refusal(getattr(either.client, method)(path, json={})) == (404, "CONTACT_NOT_FOUND")
    assert either.client.get(CONTACTS).json["result"] == []
    assert targets(made(either, HOME)) == [HOME], "its number is free for another"


@pytest.mark.parametrize(
    ("body", "reason", "pointer"),
    [
        ({"addresses": [address(HOME), {"target": WORK}]}, "INVALID_ADDRESS_TYPE", "/addresses/1/type"),
        ({"addresses": [{"type": "web_session", "target": "a"}]}, "INVALID_ADDRESS_TYPE", "/addresses/0/type"),
        ({"addresses": [{"type": "tel"}]}, "INVALID_ADDRESS_TARGET", "/addresses/0/target"),
        ({"tag_ids": ["vip"]}, "INVALID_JSON_BODY", "/tag_ids/0"),
        ({"tag_ids": [""]}, "INVALID_JSON_BODY", "/tag_ids/0"),
        ({"addresses": [{"type": 1}]}, "INVALID_JSON_BODY", "/addresses/0/type"),
        ({"addresses": ["+1555"]}, "INVALID_JSON_BODY", "/addresses/0"),
        ({"first_name": 1}, "INVALID_JSON_BODY", "/first_name"),
    ],
)
def test_what_no_contact_can_have_is_refused_and_named(either: Mock, body: Any, reason: str, pointer: str) -> None:
    reply = either.client.post(CONTACTS, json=body)
    assert refusal(reply) == (400, reason)
    assert [detail["pointer"] for detail in json.loads(reply.text)["error"]["details"]] == [pointer]


@pytest.mark.differs("contact-columns")
@pytest.mark.parametrize(("name", "most"), [("first_name", 100), ("company", 200), ("external_id", 255)])
def test_a_text_that_does_not_fit_fails_inside_the_server(either: Mock, name: str, most: int) -> None:
    assert either.client.post(CONTACTS, json={name: "é" * most}).status_code == 201
    expected = (400, "INVALID_ARGUMENT") if is_documented(either) else (500, "INTERNAL")
    assert refusal(either.client.post(CONTACTS, json={name: "é" * (most + 1)})) == expected
    assert f"/{name} has {most + 1} characters, and {most} fit" in either.report()


def test_texts_are_kept_to_the_byte(either: Mock) -> None:
    notes = "שלום \U0001f469\u200d\U0001f4bb \u0007\t\r\n" + "x" * 4000
    ann = made(either, notes=notes)
    assert either.client.get(f"{CONTACTS}/{ann['id']}").json["notes"] == notes


def test_who_may_not_see_contacts_is_told_so(either: Mock) -> None:
    ann = made(either, HOME)
    agent = plain_agent(either)
    for method, path in (("post", ""), ("get", ""), ("get", "/lookup?phone=%2B1"), ("get", f"/{ann['id']}")):
        reply = getattr(agent, method)(f"{CONTACTS}{path}", **({"json": {}} if method == "post" else {}))
        assert refusal(reply) == (403, "PERMISSION_DENIED")


@pytest.mark.differs("D12")
def test_another_customers_contact_is_missing_or_forbidden(either: Mock) -> None:
    token = {"token": foreigner(either)}
    ann = made(either, HOME)
    expected = (404, "CONTACT_NOT_FOUND") if is_documented(either) else (403, "PERMISSION_DENIED")
    assert refusal(either.anonymous.get(f"{CONTACTS}/{ann['id']}", query_string=token)) == expected
    assert refusal(either.anonymous.get(f"{CONTACTS}/lookup", query_string={**token, "phone": HOME})) == (
        404,
        "CONTACT_NOT_FOUND",
    )


# --- tags ------------------------------------------------------------------------------------------


@pytest.mark.differs("contact-added")
def test_tags_are_given_and_taken_in_the_order_in_which_they_were_given(either: Mock) -> None:
    ann = made(either, HOME)
    tags = [either.client.post("/v1.0/tags", json={"name": name, "detail": ""}).json["id"] for name in "ab"]
    for tag in tags:
        reply = either.client.post(f"{CONTACTS}/{ann['id']}/tags", json={"tag_id": tag})
        assert reply.status_code == (200 if is_documented(either) else 201)
    assert (reply.json["tag_ids"], reply.json["tm_update"]) == (tags, None)
    again = either.client.post(f"{CONTACTS}/{ann['id']}/tags", json={"tag_id": tags[0]})
    assert refusal(again) == (500, "INTERNAL")
    assert either.client.delete(f"{CONTACTS}/{ann['id']}/tags/{tags[0]}").json["tag_ids"] == [tags[1]]
    either.client.delete(f"/v1.0/tags/{tags[1]}")
    assert either.client.get(f"{CONTACTS}/{ann['id']}").json["tag_ids"] == [tags[1]], "the id stays"


@pytest.mark.differs("contact-tags")
def test_a_tag_that_there_is_not_is_refused_by_the_documents_alone(either: Mock) -> None:
    path = f"{CONTACTS}/{made(either)['id']}/tags"
    for body, reason in (
        ({}, "INVALID_ID"),
        ({"tag_id": NIL_UUID}, "INVALID_ID"),
        ({"tag_id": ""}, "INVALID_JSON_BODY"),
    ):
        assert refusal(either.client.post(path, json=body)) == (400, reason)
    given = either.client.post(path, json={"tag_id": SOME_ID})
    taken = either.client.delete(f"{path}/{NIL_UUID.replace('0', 'a')}")
    if is_documented(either):
        assert (refusal(given), refusal(taken)) == ((404, "TAG_NOT_FOUND"), (404, "CONTACT_TAG_NOT_FOUND"))
    else:
        assert (given.json["tag_ids"], taken.json["tag_ids"]) == ([SOME_ID], [SOME_ID])


# --- arranged by a test ------------------------------------------------------------------------------


def test_a_test_puts_contacts_and_addresses_in_place(either: Mock) -> None:
    ann = either.contacts.create(first_name="Ann", addresses=[address("+1 555 010 0001", is_primary=True)])
    assert lookup(either, phone=HOME).json["id"] == ann.id
    work = either.contact_addresses.create(contact_id=ann, type="tel", target=WORK)
    assert targets(either.client.get(f"{CONTACTS}/{ann.id}").json) == [HOME, WORK]
    ben = either.contacts.create(first_name="Ben")
    either.contact_addresses.update(work, contact_id=ben)
    assert [targets(each.as_dict()) for each in (either.contacts.get(ann), either.contacts.get(ben))] == [
        [HOME],
        [WORK],
    ]
    either.contact_addresses.delete(work)
    assert either.contacts.get(ben).addresses == []
    with pytest.raises(ValueError, match="another's already"):
        either.contacts.create(addresses=[address(HOME)])


def test_a_dump_keeps_who_has_which_address(either: Mock) -> None:
    ann = made(either, HOME, MAIL, first_name="Ann")
    state = either.dump()
    either.reset()
    assert refusal(lookup(either, phone=HOME)) == (404, "CONTACT_NOT_FOUND")
    either.load(state)
    assert lookup(either, email=MAIL).json == ann
    assert Mock(seed={"contacts": [{"first_name": "Cy", "addresses": [address(WORK)]}]}).contact_addresses.get(
        target=WORK
    )
