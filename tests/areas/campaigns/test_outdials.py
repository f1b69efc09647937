"""Outdials and their targets, in both profiles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.campaigning import (
    CUSTOMER,
    OUTDIAL,
    SHOWN_TO,
    SOME_ID,
    TARGET,
    TO,
    events,
    foreigner,
    plain_agent,
    published,
    refusal,
)
from voipbin_mock import Mock
from voipbin_mock.wire.errors import SeedError
from voipbin_mock.wire.values import NIL_UUID

PAGE_OUTDIAL = "40bea034-1d17-474d-a5de-da00d0861c69"
PAGE_TARGET = "1b3d7a92-7146-466d-90f5-4bc701ada4c0"
PRINTED_OUTDIAL = {
    "id": PAGE_OUTDIAL,
    "customer_id": "7a1b2c3d-4e5f-6789-abcd-ef0123456789",
    "campaign_id": NIL_UUID,
    "name": "test outdial",
    "detail": "outdial for test use.",
    "data": "",
    "tm_create": "2022-04-28 01:41:40.503790",
    "tm_update": None,
    "tm_delete": None,
}
PRINTED_TARGET = {
    "id": PAGE_TARGET,
    "outdial_id": PAGE_OUTDIAL,
    "name": "test destination 0",
    "detail": "test detatination 0 detail",
    "data": "test data",
    "status": "done",
    "destination_0": {**SHOWN_TO, "target": "+15559876543"},
    **dict.fromkeys(f"destination_{n}" for n in range(1, 5)),
    "try_count_0": 1,
    **dict.fromkeys((f"try_count_{n}" for n in range(1, 5)), 0),
    "tm_create": "2022-04-30 17:52:16.484341",
    "tm_update": "2022-04-30 17:53:51.183345",
    "tm_delete": None,
}


def an_outdial(mock: Mock) -> str:
    return str(mock.client.post("/v1.0/outdials", json=OUTDIAL).json["id"])


# --- outdials ------------------------------------------------------------------------------------


def test_a_new_outdial_by_the_documents_to_the_letter(documented: Mock) -> None:
    reply = documented.client.post("/v1.0/outdials", json=OUTDIAL)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","campaign_id":"{SOME_ID}","name":"row",'
        '"detail":"of houses","data":"none","tm_create":"2026-03-01 09:00:00.000000","tm_update":null,"tm_delete":null}'
    )


def test_a_new_outdial_by_the_server_to_the_letter(server: Mock) -> None:
    reply = server.client.post("/v1.0/outdials", json=OUTDIAL)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","customer_id":"{CUSTOMER}","campaign_id":"{SOME_ID}","name":"row",'
        '"detail":"of houses","data":"none","tm_create":"2026-03-01T09:00:00Z","tm_update":null,"tm_delete":null}'
    )


@pytest.mark.differs("D8")
def test_by_the_documents_an_outdial_needs_neither_campaign_nor_data(documented: Mock) -> None:
    reply = documented.client.post("/v1.0/outdials", json={"name": "a", "detail": "b"})
    assert reply.json["campaign_id"] == NIL_UUID
    assert reply.json["data"] == ""
    for member in ("name", "detail"):
        bare = {"name": "a", "detail": "b", member: ""}
        assert refusal(documented.client.post("/v1.0/outdials", json=bare)) == (400, "INVALID_ARGUMENT")


@pytest.mark.differs("D8")
def test_the_server_refuses_what_is_empty_one_after_the_other(server: Mock) -> None:
    body: dict[str, Any] = {}
    for member in ("campaign_id", "name", "detail", "data"):
        reply = server.client.post("/v1.0/outdials", json=body)
        assert refusal(reply) == (400, "INVALID_ARGUMENT")
        (violation,) = server.requests[-1].violations
        assert violation.pointer == f"/{member}"
        body[member] = OUTDIAL[member]
    assert server.client.post("/v1.0/outdials", json=body).status_code == 200
    for nothing in (NIL_UUID, "no-uuid", "", None):
        reply = server.client.post("/v1.0/outdials", json={**OUTDIAL, "campaign_id": nothing})
        assert refusal(reply) == (400, "INVALID_ARGUMENT")


def test_what_a_new_outdial_lacks_is_told_before_who_may_not(server: Mock) -> None:
    direct = server.anonymous.post("/v1.0/outdials", json={}, query_string={"token": server.direct_token()})
    assert refusal(direct) == (400, "INVALID_ARGUMENT")
    agent = plain_agent(server)
    assert refusal(agent.post("/v1.0/outdials", json={})) == (400, "INVALID_ARGUMENT")
    assert refusal(agent.post("/v1.0/outdials", json=OUTDIAL)) == (403, "PERMISSION_DENIED")


def test_each_put_of_an_outdial_replaces_its_own_members(either: Mock) -> None:
    outdial = either.client.post("/v1.0/outdials", json=OUTDIAL).json
    path = f"/v1.0/outdials/{outdial['id']}"
    for tail, body in (
        ("", {"name": "x", "detail": "y"}),
        ("/campaign_id", {"campaign_id": PAGE_OUTDIAL}),
        ("/data", {"data": "z"}),
    ):
        either.advance(1)
        changed = either.client.put(path + tail, json=body).json
        assert changed == {**outdial, **body, "tm_update": changed["tm_update"]}
        assert changed["tm_update"] > changed["tm_create"]
        outdial = changed
    assert events(either) == ["outdial_created", "outdial_updated", "outdial_updated", "outdial_updated"]


def test_in_the_server_a_campaign_id_that_is_none_unlinks(server: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(server)}/campaign_id"
    for nothing in ("", "junk", None):
        server.client.put(path, json={"campaign_id": SOME_ID})
        assert server.client.put(path, json={"campaign_id": nothing}).json["campaign_id"] == NIL_UUID
    assert server.client.put(path, json={}).json["campaign_id"] == NIL_UUID


def test_a_deleted_outdial_is_still_there_with_its_targets(either: Mock) -> None:
    outdial = an_outdial(either)
    path = f"/v1.0/outdials/{outdial}"
    target = either.client.post(f"{path}/targets", json=TARGET).json
    either.advance(1)
    gone = either.client.delete(path).json
    assert gone["tm_update"] == gone["tm_delete"] > gone["tm_create"]
    assert either.client.get(path).json == gone
    assert either.client.get(f"{path}/targets/{target['id']}").json == target
    assert either.client.post(f"{path}/targets", json=TARGET).status_code == 200
    either.advance(1)
    renamed = either.client.put(path, json={"name": "a", "detail": "b"}).json
    assert renamed["tm_delete"] == gone["tm_delete"] < renamed["tm_update"]
    listed = [o["id"] for o in either.client.get("/v1.0/outdials").json["result"]]
    assert listed == ([outdial] if either.world.profile.name == "server" else [])
    assert events(either)[-2:] == ["outdial_deleted", "outdial_updated"]


# --- targets -------------------------------------------------------------------------------------


@pytest.mark.differs("D5")
def test_a_new_target_by_the_documents_to_the_letter(documented: Mock) -> None:
    outdial = an_outdial(documented)
    documented.freeze("2026-03-01T09:10:00.5Z")
    reply = documented.client.post(f"/v1.0/outdials/{outdial}/targets", json=TARGET)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","outdial_id":"{outdial}","name":"Ann","detail":"vip","data":"row 7",'
        '"status":"idle",'
        '"destination_0":{"type":"tel","target":"+15550100022","target_name":"","name":"","detail":""},'
        '"destination_1":null,"destination_2":null,"destination_3":null,"destination_4":null,'
        '"try_count_0":0,"try_count_1":0,"try_count_2":0,"try_count_3":0,"try_count_4":0,'
        '"tm_create":"2026-03-01 09:10:00.500000","tm_update":"2026-03-01 09:10:00.500000","tm_delete":null}'
    )


@pytest.mark.differs("D3", "D5")
def test_a_new_target_by_the_server_to_the_letter(server: Mock) -> None:
    outdial = an_outdial(server)
    server.freeze("2026-03-01T09:10:00.5Z")
    reply = server.client.post(f"/v1.0/outdials/{outdial}/targets", json=TARGET)
    assert reply.text == (
        f'{{"id":"{reply.json["id"]}","outdial_id":"{outdial}","name":"Ann","detail":"vip","data":"row 7",'
        '"status":"idle","destination_0":{"type":"tel","target":"+15550100022"},'
        '"destination_1":{},"destination_2":{},"destination_3":{},"destination_4":{},'
        '"try_count_0":0,"try_count_1":0,"try_count_2":0,"try_count_3":0,"try_count_4":0,'
        '"tm_create":"2026-03-01T09:10:00.5Z","tm_update":"2026-03-01T09:10:00.5Z","tm_delete":null}'
    )


@pytest.mark.parametrize("nothing", [None, {}, {"type": "", "target": "", "name": ""}])
def test_an_empty_destination_is_none(either: Mock, nothing: Any) -> None:
    path = f"/v1.0/outdials/{an_outdial(either)}/targets"
    target = either.client.post(path, json={**TARGET, "destination_0": nothing, "destination_3": TO}).json
    assert target["destination_0"] == (None if either.world.profile.name == "documented" else {})
    assert either.targets.get(target["id"]).destination_0 is None
    assert either.targets.get(target["id"]).destination_3.target == TO["target"]


def test_a_target_needs_a_name_a_detail_and_a_destination(either: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(either)}/targets"
    for lacking in ({"name": ""}, {"detail": ""}, {"destination_0": {"type": "sip", "target": ""}}):
        reply = either.client.post(path, json={**TARGET, **lacking})
        assert refusal(reply) == (400, "INVALID_ARGUMENT")
        (violation,) = either.requests[-1].violations
        assert violation.pointer == f"/{next(iter(lacking))}"
    assert not either.targets


@pytest.mark.differs("D8-targets")
def test_by_the_documents_a_target_needs_no_data(documented: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(documented)}/targets"
    assert documented.client.post(path, json={**TARGET, "data": ""}).json["data"] == ""


@pytest.mark.differs("D8-targets")
def test_the_server_wants_some_data_of_a_target(server: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(server)}/targets"
    assert refusal(server.client.post(path, json={**TARGET, "data": ""})) == (400, "INVALID_ARGUMENT")
    assert [violation.pointer for violation in server.requests[-1].violations] == ["/data"]


@pytest.mark.parametrize("value", ["+15550100022", [], 5, {"target": 5}])
def test_a_destination_that_is_no_address_cannot_be_decoded(either: Mock, value: Any) -> None:
    path = f"/v1.0/outdials/{an_outdial(either)}/targets"
    reply = either.client.post(path, json={**TARGET, "destination_4": value})
    assert refusal(reply) == (400, "INVALID_JSON_BODY")
    assert either.requests[-1].violations[0].pointer.startswith("/destination_4")


def test_by_the_documents_a_telephone_number_must_be_one(documented: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(documented)}/targets"
    reply = documented.client.post(path, json={**TARGET, "destination_1": {"type": "tel", "target": "555-01"}})
    assert refusal(reply) == (400, "INVALID_ARGUMENT")
    assert documented.requests[-1].violations[0].pointer == "/destination_1/target"


def test_a_stranger_in_a_destination_is_a_lint_finding() -> None:
    with Mock(ignore="content-type") as mock:
        path = f"/v1.0/outdials/{an_outdial(mock)}/targets"
        with pytest.warns(match=r"unknown-member\] /destination_0/number"):
            mock.client.post(path, json={**TARGET, "destination_0": {**TO, "number": "1"}})


def test_the_checks_of_a_new_target_come_in_the_services_order(either: Mock) -> None:
    outdial = an_outdial(either)
    path = f"/v1.0/outdials/{outdial}/targets"
    foreign = {"token": foreigner(either)}
    missing = f"/v1.0/outdials/{SOME_ID}/targets"
    assert refusal(either.anonymous.post(path, data="{")) == (401, "AUTHENTICATION_REQUIRED")
    assert refusal(either.client.post("/v1.0/outdials/5/targets", data="{")) == (400, "INVALID_ID")
    assert refusal(either.client.post(missing, data="{")) == (400, "INVALID_JSON_BODY")
    assert refusal(either.client.post(missing, json={**TARGET, "name": ""})) == (400, "INVALID_ARGUMENT")
    direct = {"token": either.direct_token()}
    assert refusal(either.anonymous.post(missing, json=TARGET, query_string=direct)) == (
        403,
        "DIRECT_ACCESS_NOT_SUPPORTED",
    )
    assert refusal(either.client.post(missing, json=TARGET)) == (404, "OUTDIAL_NOT_FOUND")
    reply = either.anonymous.post(path, json=TARGET, query_string=foreign)
    documented = either.world.profile.name == "documented"
    assert refusal(reply) == ((404, "OUTDIAL_NOT_FOUND") if documented else (403, "PERMISSION_DENIED"))
    assert refusal(plain_agent(either).post(path, json=TARGET)) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.differs("wrong-parent")
def test_the_checks_of_one_target_come_in_the_services_order(either: Mock, method: str) -> None:
    outdial, other = an_outdial(either), an_outdial(either)
    target = either.client.post(f"/v1.0/outdials/{outdial}/targets", json=TARGET).json["id"]

    def ask(first: str, second: str, **arguments: Any) -> tuple[int, str]:
        path = f"/v1.0/outdials/{first}/targets/{second}"
        return refusal(either.client.open(path, method=method, **arguments))

    documented = either.world.profile.name == "documented"
    assert ask(outdial, "5") == (400, "INVALID_ID")
    assert ask(SOME_ID, "5") == (400, "INVALID_ID")
    assert ask("5", target) == (400, "INVALID_ID")
    assert ask(outdial, NIL_UUID) == (400, "INVALID_ID")
    assert ask(SOME_ID, SOME_ID) == (404, "OUTDIAL_NOT_FOUND")
    assert ask(outdial, SOME_ID) == (404, "OUTDIAL_TARGET_NOT_FOUND")
    assert ask(other, target) == ((404, "OUTDIAL_TARGET_NOT_FOUND") if documented else (400, "INVALID_ARGUMENT"))
    foreign = either.anonymous.open(
        f"/v1.0/outdials/{outdial}/targets/{SOME_ID}", method=method, query_string={"token": foreigner(either)}
    )
    assert refusal(foreign) == ((404, "OUTDIAL_NOT_FOUND") if documented else (403, "PERMISSION_DENIED"))


def test_a_deleted_target_can_be_read_and_deleted_again_and_is_not_listed(either: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(either)}/targets"
    target = either.client.post(path, json=TARGET).json
    either.advance(1)
    gone = either.client.delete(f"{path}/{target['id']}").json
    assert gone == {**target, "tm_update": gone["tm_delete"], "tm_delete": gone["tm_delete"]}
    assert either.client.get(f"{path}/{target['id']}").json == gone
    either.advance(1)
    assert either.client.delete(f"{path}/{target['id']}").json["tm_delete"] > gone["tm_delete"]
    assert either.client.get(path).json == {"result": [], "next_page_token": ""}


def test_a_list_of_targets_is_of_one_outdial_and_in_pages(either: Mock) -> None:
    first, second = (f"/v1.0/outdials/{an_outdial(either)}/targets" for _ in range(2))
    made = [either.client.post(first, json={**TARGET, "name": f"t{n}"}).json["id"] for n in range(5)]
    either.client.post(second, json=TARGET)
    seen: list[str] = []
    token = ""
    while True:
        page = either.client.get(first, query_string={"page_size": "2", "page_token": token}).json
        assert list(page) == ["result", "next_page_token"]
        if not page["result"]:
            break
        seen += [target["id"] for target in page["result"]]
        token = page["next_page_token"]
    assert seen == made[::-1]
    assert len(either.client.get(second).json["result"]) == 1
    assert refusal(either.client.get(first, query_string={"page_size": "x"})) == (400, "INVALID_REQUEST_PARAMETER")
    assert refusal(either.client.get(f"/v1.0/outdials/{SOME_ID}/targets")) == (404, "OUTDIAL_NOT_FOUND")


@pytest.mark.parametrize("trap", ["", "arriving", "vanishing"])
def test_awkward_pages_are_of_one_outdial_too(either: Mock, trap: str) -> None:
    outdials = [either.outdials.create(name=name) for name in "ab"]
    made = [either.targets.create(outdial_id=outdials[n % 2].id, name=str(n)).id for n in range(8)][::2]
    either.pages_of(1, **({trap: True} if trap else {}))
    seen, token = [], ""
    path = f"/v1.0/outdials/{outdials[0].id}/targets"
    while (page := either.client.get(path, query_string={"page_token": token}).json)["result"]:
        seen += [target["id"] for target in page["result"]]
        token = page["next_page_token"]
    assert seen == (made[::-2] if trap == "vanishing" else made[::-1])
    arrived = len(made) - 1 if trap == "arriving" else 0
    assert len(either.targets.list(outdial_id=outdials[0].id)) == len(seen) + arrived
    assert len(either.targets.list(outdial_id=outdials[1].id)) == 4


def test_targets_are_told_of_to_nobody(either: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(either)}/targets"
    target = either.client.post(path, json=TARGET).json["id"]
    either.client.delete(f"{path}/{target}")
    assert events(either) == ["outdial_created"]


def test_there_is_no_put_on_a_target(either: Mock) -> None:
    path = f"/v1.0/outdials/{an_outdial(either)}/targets"
    target = either.client.post(path, json=TARGET).json["id"]
    assert refusal(either.client.put(f"{path}/{target}", json=TARGET)) == (404, "ROUTE_NOT_FOUND")


# --- records and seeds ---------------------------------------------------------------------------


def test_a_target_is_put_in_place_below_its_outdial(either: Mock) -> None:
    outdial = either.outdials.create(name="row")
    target = either.targets.create(outdial_id=outdial.id, name="Ann", destination_0=TO)
    assert target.status == "idle"
    shown = either.client.get(f"/v1.0/outdials/{outdial.id}/targets").json["result"]
    assert [t["id"] for t in shown] == [target.id]
    with pytest.raises(SeedError, match="/outdial_id: must be the id of one of the outdials"):
        either.targets.create(name="nowhere")
    with pytest.raises(SeedError, match="/outdial_id: cannot be changed"):
        either.targets.update(target.id, outdial_id=SOME_ID)


def test_a_seed_may_name_targets_before_their_outdial() -> None:
    seed = {"targets": [{"outdial_id": SOME_ID, "name": "Ann"}], "outdials": [{"id": SOME_ID}]}
    with Mock(seed=seed) as mock:
        assert mock.client.get(f"/v1.0/outdials/{SOME_ID}/targets").json["result"][0]["name"] == "Ann"
    with pytest.raises(SeedError, match="seed: /targets/0/outdial_id: must be the id of one of the outdials"):
        Mock(seed={"targets": seed["targets"]})


def test_the_moment_a_target_was_last_touched_is_kept_beside_the_stamp(either: Mock) -> None:
    """Stamps are pushed on so that no two are alike; the dialer must not see that."""
    outdial = either.outdials.create(name="row")
    made = either.clock.microseconds()
    targets = [either.targets.create(outdial_id=outdial.id, name=str(n)) for n in range(3)]
    either.advance(1)
    now = either.clock.microseconds()
    rows = either.world.store["targets"]
    assert [rows.get(t.id).data["touched"] for t in targets] == [made] * 3
    for target in targets[:2]:
        either.client.delete(f"/v1.0/outdials/{outdial.id}/targets/{target.id}")
    either.targets.update(targets[2].id, status="done")
    assert [rows.get(t.id).data["touched"] for t in targets] == [now] * 3
    stamps = [rows.get(t.id).data["tm_update"] for t in targets]
    assert stamps == sorted(set(stamps))
    with Mock(either.world.profile.name) as copy:
        copy.load(either.dump())
        assert [copy.world.store["targets"].get(t.id).data["touched"] for t in targets] == [now] * 3


# --- the published lines -------------------------------------------------------------------------


def test_the_published_outdial_lines_work_from_top_to_bottom() -> None:
    with Mock(seed="tutorial", clock="2022-05-01T00:00:00Z", ignore="content-type") as mock:
        line = published(mock)
        assert line("GET", "/outdials")["result"] == [PRINTED_OUTDIAL]
        assert line("GET", f"/outdials/{PAGE_OUTDIAL}") == PRINTED_OUTDIAL
        created = line("POST", "/outdials", {"name": "test outdial", "detail": "outdial for test use.", "data": ""})
        assert list(created) == list(PRINTED_OUTDIAL)
        names = {"name": "update name", "detail": "update detail"}
        assert line("PUT", f"/outdials/{PAGE_OUTDIAL}", names)["name"] == "update name"
        linked = line(
            "PUT", f"/outdials/{PAGE_OUTDIAL}/campaign_id", {"campaign_id": "c3d4e5f6-a7b8-9012-3456-7890abcdef01"}
        )
        assert linked["campaign_id"] == "c3d4e5f6-a7b8-9012-3456-7890abcdef01"
        assert line("PUT", f"/outdials/{PAGE_OUTDIAL}/data", {"data": "updated data"})["data"] == "updated data"
        target = {
            "name": "test destination 0",
            "detail": "test detatination 0 detail",
            "data": "test data",
            "destination_0": {"type": "tel", "target": "+15559876543"},
        }
        fresh = line("POST", f"/outdials/{PAGE_OUTDIAL}/targets", target)
        assert list(fresh) == list(PRINTED_TARGET)
        assert line("GET", f"/outdials/{PAGE_OUTDIAL}/targets")["result"] == [fresh, PRINTED_TARGET]
        assert line("GET", f"/outdials/{PAGE_OUTDIAL}/targets/{PAGE_TARGET}") == PRINTED_TARGET
        assert line("DELETE", f"/outdials/{PAGE_OUTDIAL}/targets/{PAGE_TARGET}")["tm_delete"] is not None
        assert line("DELETE", f"/outdials/{PAGE_OUTDIAL}")["tm_delete"] is not None
        # The overview's, with nothing but names.
        assert line("POST", "/outdials", {"name": "spring", "detail": "customers of the spring"})["data"] == ""
        assert not mock.warnings
