"""Lists: newest first, walked page by page without losing or repeating a record."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voipbin_mock import Mock, catalog
from voipbin_mock.world.differences import Difference

NAMES = ("outplans", "numbers", "accesskeys", "agents")
EMPTY = '{"result":[],"next_page_token":""}'


def names_in(mock: Mock, path: str = "/v1.0/outplans") -> list[str]:
    return [record["name"] for record in mock.client.get(path).json["result"]]


def fill(mock: Mock, count: int, resource: str = "outplans") -> None:
    for n in range(count):
        mock.records(resource).create(name=f"{n:03d}")


# --- the shape -----------------------------------------------------------------------------------


def test_an_empty_list_is_an_empty_array_and_an_empty_token(either: Mock) -> None:
    assert either.client.get("/v1.0/outplans").text == EMPTY


def test_a_page_has_its_result_first_and_then_the_token(either: Mock) -> None:
    fill(either, 1)
    assert re.fullmatch(r'\{"result":\[\{.*\}\],"next_page_token":"[^"]+"\}', either.client.get("/v1.0/outplans").text)


@pytest.mark.parametrize(
    ("profile", "token"),
    [("documented", "2026-03-01 09:00:00.250000"), ("server", "2026-03-01T09:00:00.250000Z")],
)
def test_the_token_is_the_last_rows_creation_time_with_six_digits(profile: str, token: str) -> None:
    with Mock(profile, clock="2026-03-01T09:00:00.25Z") as mock:
        fill(mock, 1)
        page = mock.client.get("/v1.0/outplans").json
        assert page["next_page_token"] == token
        # Also the last page has one, so a client ends at the first empty page.
        last = mock.client.get("/v1.0/outplans", query_string={"page_token": token})
        assert last.text == EMPTY


@pytest.mark.parametrize("resource", NAMES)
def test_lists_are_newest_first(either: Mock, resource: str) -> None:
    fill(either, 5, resource)
    assert names_in(either, f"/v1.0/{resource}")[:5] == ["004", "003", "002", "001", "000"]


def test_rows_created_in_one_instant_keep_their_order(either: Mock) -> None:
    fill(either, 30)  # the clock stands still
    stamps = [record.tm_create for record in either.outplans]
    assert stamps == sorted(stamps, reverse=True)
    assert len(set(stamps)) == 30


# --- page_size -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", 100),
        ("page_size=1", 1),
        ("page_size=007", 7),
        ("page_size=100", 100),
        ("page_size=101", 100),
        ("page_size=9223372036854775807", 100),
        ("page_size=0", 100),
        ("page_size=-0", 100),
        ("page_size=-1", 100),
        ("page_size=-9223372036854775808", 100),
        ("page_size=%2B5", 5),
        ("page_size=" + "0" * 40 + "3", 3),
        ("page_size=3&other=x&name=evening", 3),
        ("Page_Size=3", 100),
    ],
)
def test_the_page_size_is_between_1_and_100(either: Mock, query: str, size: int) -> None:
    fill(either, 120)
    assert len(names_in(either, f"/v1.0/outplans?{query}")) == size


@pytest.mark.parametrize(
    "query",
    [
        "page_size=",
        "page_size",
        "page_size=x",
        "page_size=1.0",
        "page_size=1e2",
        "page_size=1_0",
        "page_size=%205",
        "page_size=+5",
        "page_size=5%20",
        "page_size=0x10",
        "page_size=--5",
        "page_size=5&page_size=5",
        "page_size=5&page_size=",
        "page_size=%EF%BC%95",
        "page_size=9223372036854775808",
        "page_size=-9223372036854775809",
        "page_size=" + "9" * 5000,
        "page_token=2026-03-01&page_token=2026-03-01",
    ],
)
@pytest.mark.parametrize("resource", NAMES)
def test_any_other_page_size_is_refused(either: Mock, resource: str, query: str) -> None:
    reply = either.client.get(f"/v1.0/{resource}?{query}")
    assert reply.status_code == 400
    assert reply.json["error"]["reason"] == "INVALID_REQUEST_PARAMETER"
    assert either.anonymous.get(f"/v1.0/{resource}?{query}").status_code == 401


def test_a_malformed_page_size_is_told_before_a_missing_permission(either: Mock) -> None:
    nobody = either.client_for(either.agents.create(username="nobody", permission=0))
    assert nobody.get("/v1.0/outplans?page_size=x").json["error"]["reason"] == "INVALID_REQUEST_PARAMETER"
    assert nobody.get("/v1.0/outplans?page_token=junk").json["error"]["reason"] == "PERMISSION_DENIED"


# --- page_token ----------------------------------------------------------------------------------

SPELLINGS = {
    "documented": "2026-03-01 09:00:00.000002",
    "RFC 3339": "2026-03-01T09:00:00.000002Z",
    "without a zone": "2026-03-01T09:00:00.000002",
    "with an offset": "2026-03-01T10:00:00.000002+01:00",
}
ENCODINGS = {
    "as it is": lambda text: text.replace(" ", "%20").replace("+", "%2B"),
    "once": lambda text: quote(text, safe=""),
    "plus for the space": quote_plus,
    "twice": lambda text: quote(quote(text, safe=""), safe=""),
    "twice, plus for the space": lambda text: quote_plus(quote_plus(text)),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_a_token_is_read_in_either_format_however_it_is_encoded(either: Mock, spelling: str, encode: Any) -> None:
    fill(either, 4)  # at 09:00:00 and 0, 1, 2, 3 microseconds
    assert [record.tm_create.microsecond for record in either.outplans] == [3, 2, 1, 0]
    reply = either.client.get(f"/v1.0/outplans?page_token={encode(spelling)}")
    assert [record["name"] for record in reply.json["result"]] == ["001", "000"]


def test_an_empty_token_is_the_first_page(either: Mock) -> None:
    fill(either, 3)
    assert names_in(either, "/v1.0/outplans?page_token=") == ["002", "001", "000"]


@pytest.mark.parametrize("token", ["junk", "2026-13-01", "5", "2026-03-01T25:00:00Z", "%00", "%FF", "9" * 3000])
def test_a_token_that_is_none_is_refused(either: Mock, token: str) -> None:
    reply = either.client.get(f"/v1.0/outplans?page_token={token}")
    assert (reply.status_code, reply.json["error"]["reason"]) == (400, "INVALID_ARGUMENT")


# --- walking -------------------------------------------------------------------------------------


def walk(mock: Mock, size: int, spell: Any = None, between: Any = None) -> list[str]:
    """The ids of all pages up to the first empty one."""
    found: list[str] = []
    token = ""
    for _ in range(200):
        page = mock.client.get("/v1.0/outplans", query_string={"page_size": size, "page_token": token}).json
        if not page["result"]:
            assert page["next_page_token"] == ""
            return found
        found += [record["id"] for record in page["result"]]
        token = page["next_page_token"] if spell is None else spell(page["next_page_token"])
        if between is not None:
            between()
    raise AssertionError("the walk does not end")


WRITES = st.lists(st.sampled_from(["create", "update", "delete", "tick"]), max_size=40)


@given(
    profile=st.sampled_from(["documented", "server"]), count=st.integers(0, 25), size=st.integers(1, 9), writes=WRITES
)
def test_a_walk_meets_every_lasting_record_exactly_once_whatever_is_written_meanwhile(
    profile: str, count: int, size: int, writes: list[str]
) -> None:
    with Mock(profile, clock="2026-03-01T09:00:00Z", ignore="all") as mock:
        fill(mock, count)
        there = {record.id for record in mock.outplans}
        deleted: set[str] = set()
        steps = iter(writes)

        def write() -> None:
            for step in [next(steps, "tick"), next(steps, "tick")]:
                if step == "create":
                    mock.outplans.create(name="new")
                elif step == "tick":
                    mock.advance(milliseconds=1)
                elif there - deleted:
                    chosen = min(there - deleted)
                    body = {"name": "changed", "detail": ""}
                    if step == "delete":
                        deleted.add(chosen)
                        mock.client.delete(f"/v1.0/outplans/{chosen}")
                    else:
                        mock.client.put(f"/v1.0/outplans/{chosen}", json=body)

        found = walk(mock, size, between=write)
        assert len(found) == len(set(found))
        assert set(found) <= there
        # The server's lists keep deleted outplans, the documents' do not.
        assert set(found) >= (there if profile == "server" else there - deleted)
        live = set(walk(mock, size))
        assert live == {record.id for record in mock.outplans.list(deleted=profile == "server")}


@pytest.mark.parametrize(
    "spell",
    [
        lambda token: token.replace(" ", "T").removesuffix("Z") + "Z",
        lambda token: token.replace("T", " ").removesuffix("Z"),
        lambda token: quote(token, safe=""),
    ],
    ids=["RFC 3339", "documented", "encoded twice"],
)
def test_a_walk_works_with_tokens_respelled_by_the_client(either: Mock, spell: Any) -> None:
    fill(either, 23)
    assert len(set(walk(either, 5, spell))) == 23


@given(stamps=st.lists(st.integers(0, 5), min_size=1, max_size=20), size=st.integers(1, 4))
def test_seeded_rows_of_one_instant_are_all_met(stamps: list[int], size: int) -> None:
    plans = [{"name": str(n), "tm_create": f"2026-01-01 00:00:0{second}.000000"} for n, second in enumerate(stamps)]
    with Mock(seed={"extends": "empty", "outplans": plans}) as mock:
        assert sorted(walk(mock, size)) == sorted(record.id for record in mock.outplans)


# --- whose rows, and which -----------------------------------------------------------------------


@pytest.mark.parametrize("resource", NAMES)
def test_a_list_is_the_callers_own_customers(either: Mock, resource: str) -> None:
    other = either.customers.create(name="other")
    either.records(resource).create(name="theirs", customer_id=other.id)
    either.records(resource).create(name="ours")
    boss = either.agents.create(name="boss", username="boss", permission=1)
    for client in (either.client, either.client_for(boss)):
        listed = [record["name"] for record in client.get(f"/v1.0/{resource}").json["result"]]
        assert "ours" in listed
        assert "theirs" not in listed


@pytest.mark.parametrize("resource", ["outplans", "numbers", "accesskeys"])
def test_deleted_rows_leave_the_lists_save_outplans_on_the_server(either: Mock, resource: str) -> None:
    record = either.records(resource).create(name="gone")
    assert either.client.delete(f"/v1.0/{resource}/{record.id}").status_code == 200
    stays = resource == "outplans" and either.world.profile.name == "server"
    assert ("gone" in names_in(either, f"/v1.0/{resource}")) is stays


RESOURCES = catalog.default().resources
# Of queuecalls the index has those that only ended; a list leaves the deleted ones out by itself.
LISTS_DELETED = [
    name
    for name, resource in RESOURCES.items()
    if isinstance(resource.lists_deleted, Difference) and name != "queuecalls"
]
# What a record must be to be deleted.
DELETABLE = {"campaigncalls": {"status": "done"}}


def deleted_one(mock: Mock, name: str) -> list[tuple[str, str]]:
    """A record of the resource, put in place and deleted: its id, and each list that has had it."""
    resource = RESOURCES[name]
    members: dict[str, Any] = dict(DELETABLE.get(name, {}))
    if resource.parent:
        members[resource.parent_key] = mock.records(resource.parent).create().id
    gone = mock.records(name).create(**members).id
    operations = [o for o in catalog.default().operations if o.resource is resource and o.method in ("GET", "DELETE")]
    lists = [o.template.replace("{id}", members.get(resource.parent_key, "")) for o in operations if o.lists]
    (item,) = [o.template for o in operations if o.method == "DELETE"]
    assert all(gone in ids_in(mock, path) for path in lists)
    assert mock.client.delete(item.replace("{id}", gone)).status_code == 200
    return [(gone, path) for path in lists]


def ids_in(mock: Mock, path: str) -> list[str]:
    return [record["id"] for record in mock.client.get(path).json["result"]]


def test_there_are_resources_whose_lists_part_and_all_part_alike() -> None:
    assert LISTS_DELETED
    parting = [*LISTS_DELETED, "queuecalls", "talk_messages"]
    assert all(not resource.lists_deleted or name in parting for name, resource in RESOURCES.items())
    assert {RESOURCES[name].lists_deleted for name in LISTS_DELETED} == {catalog.default().differences["D7"]}


@pytest.mark.differs("D7")
@pytest.mark.parametrize("name", LISTS_DELETED)
def test_deleted_records_stay_in_every_list_of_the_server_and_leave_those_of_the_documents(
    either: Mock, name: str
) -> None:
    stays = either.world.profile.name == "server"
    found = deleted_one(either, name)
    assert found
    for gone, path in found:
        assert (gone in ids_in(either, path)) is stays
        assert either.records(name).get(gone).tm_delete is not None


def test_a_seed_in_either_timestamp_format_is_listed_in_one_order() -> None:
    plans = [
        {"name": "first", "tm_create": "2022-04-28 01:50:23.414000", "tm_delete": "9999-01-01 00:00:00.000000"},
        {"name": "third", "tm_create": "2022-04-28T01:50:23.4145Z", "tm_delete": None},
        {"name": "second", "tm_create": "2022-04-28T01:50:23.414001Z", "tm_delete": ""},
    ]
    for profile in ("documented", "server"):
        with Mock(profile, seed={"outplans": plans}) as mock:
            assert names_in(mock) == ["third", "second", "first"]


def test_no_list_is_the_reason_for_a_warning() -> None:
    with Mock(error=list(catalog.default().lints)) as mock:
        assert mock.client.get("/v1.0/outplans?page_size=5&unknown=1").status_code == 200
