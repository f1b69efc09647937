"""Seeds: what a mock starts from, and what cannot be started from."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voipbin_mock import Mock, SeedError
from voipbin_mock.schema import files as data

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
EVENING = "0f0f0f0f-0000-4000-8000-000000000001"


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def names(mock: Mock) -> list[str]:
    return [plan.name for plan in mock.outplans]


# --- the ready ones ------------------------------------------------------------------------------


def test_there_are_three_ready_seeds() -> None:
    assert data.seeds() == ("account", "empty", "tutorial")


@pytest.mark.parametrize("profile", ["documented", "server"])
@pytest.mark.parametrize("seed", ["account", "empty", "tutorial"])
def test_every_ready_seed_lets_its_user_in(seed: str, profile: str) -> None:
    with Mock(profile, seed=seed) as mock:
        login = {"username": mock.username, "password": mock.password}
        assert mock.anonymous.post("/auth/login", json=login).status_code == 200
        assert mock.anonymous.get(f"/v1.0/outplans?accesskey={mock.accesskey}").status_code == 200
        assert mock.client.get("/v1.0/customer").json["id"] == CUSTOMER


OF_THE_SERVICE = "00000000-0000-0000-0000-000000000001"  # whose routes are everybody's
OTHER_NAMES = ("5e4a0680-804e-11ec-8477-2fea5968d85b", "a1d9b2cd-4578-4b23-91b6-5f5ec4a2f840")


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_what_is_created_beside_the_tutorials_records_is_of_the_same_customer(profile: str) -> None:
    with Mock(profile, seed="tutorial", ignore="all") as mock:
        shown = mock.client.get("/v1.0/outplans").json["result"]
        made = mock.client.post(
            "/v1.0/outplans", json={"name": "a", "detail": "", "dial_timeout": 1, "try_interval": 1}
        )
        assert {plan["customer_id"] for plan in (*shown, made.json)} == {CUSTOMER}
        everything = [record for records in mock.dump()["records"].values() for record in records]
        assert {record.get("customer_id", CUSTOMER) for record in everything} == {CUSTOMER, OF_THE_SERVICE}
        theirs = {
            name
            for name, records in mock.dump()["records"].items()
            for record in records
            if record.get("customer_id") == OF_THE_SERVICE
        }
        assert theirs == {"routes"}
        assert [customer.id for customer in mock.customers] == [CUSTOMER]


@pytest.mark.parametrize(("seed", "customer"), [*(("tutorial", c) for c in OTHER_NAMES), ("account", OTHER_NAMES[0])])
def test_the_pages_other_customers_are_names_of_the_same_account(seed: str, customer: str) -> None:
    mine = {"extends": seed, "outplans": [{"name": "mine", "customer_id": customer}]}
    with Mock(seed=mine) as mock:
        found = [plan for plan in mock.client.get("/v1.0/outplans").json["result"] if plan["name"] == "mine"]
        assert [plan["customer_id"] for plan in found] == [customer]
        assert mock.client.delete(f"/v1.0/outplans/{found[0]['id']}").status_code == 200


def test_the_account_has_an_admin_a_manager_a_key_and_two_numbers() -> None:
    with Mock() as mock:
        assert {agent.username: agent.permission for agent in mock.agents} == {
            "admin@localhost": 32, "manager@localhost": 64,
        }  # fmt: skip
        assert (len(mock.customers), len(mock.accesskeys)) == (1, 1)
        assert {number.type for number in mock.numbers} == {"normal", "virtual"}
        assert len(mock.outplans) == 0


def test_the_empty_seed_has_nothing_but_a_way_in() -> None:
    with Mock(seed="empty") as mock:
        counted = {table.name: len(table) for table in mock.world.store}
        assert {name: count for name, count in counted.items() if count} == {
            "customers": 1, "billing_accounts": 1, "agents": 1, "accesskeys": 1, "outbound_configs": 1,
            "storage_accounts": 1,
        }  # fmt: skip


def test_the_tutorial_holds_the_whole_account() -> None:
    with Mock() as account, Mock(seed="tutorial") as tutorial:
        for name in ("customers", "agents", "accesskeys", "numbers"):
            theirs = {record.id for record in tutorial.records(name)}
            assert {record.id for record in account.records(name)} <= theirs
        assert len(tutorial.outplans) > 0


@pytest.mark.parametrize("seed", ["account", "empty", "tutorial"])
def test_a_ready_seed_is_the_same_every_time(seed: str) -> None:
    with Mock(seed=seed, clock="2026-03-01") as one, Mock(seed=seed, clock="2026-03-01") as other:
        assert one.dump() == other.dump()


@pytest.mark.parametrize("seed", ["account", "empty", "tutorial"])
def test_a_ready_seed_can_be_copied_and_read_as_ones_own(seed: str, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(data.root() / "fixtures" / seed, own)
    with Mock(seed=own, clock="2026-03-01") as mine, Mock(seed=seed, clock="2026-03-01") as ready:
        assert mine.dump() == ready.dump()


# --- one's own ------------------------------------------------------------------------------------


def test_a_dict_is_a_seed_and_stands_on_an_account_of_its_own() -> None:
    with Mock(seed={"outplans": [{"name": "morning", "dial_timeout": 20000}]}) as mock:
        (plan,) = mock.outplans
        assert (plan.name, plan.dial_timeout, plan.customer_id) == ("morning", 20000, CUSTOMER)
        assert mock.client.get(f"/v1.0/outplans/{plan.id}").json["name"] == "morning"
        assert len(mock.numbers) == 0


def test_a_seed_dict_is_not_kept_and_not_changed() -> None:
    seed: dict[str, Any] = {"outplans": [{"name": "morning", "source": {"type": "tel", "target": "+1"}}]}
    before = json.dumps(seed)
    with Mock(seed=seed) as mock:
        seed["outplans"][0]["source"]["target"] = "meddled"
        assert mock.outplans.list()[0].source.target == "+1"
        mock.client.put(f"/v1.0/outplans/{mock.outplans.list()[0].id}", json={"name": "x", "detail": ""})
        mock.reset()
        assert names(mock) == ["morning"]
    with Mock(seed=seed) as mock:
        assert mock.outplans.list()[0].source.target == "meddled"
    seed["outplans"][0]["source"]["target"] = "+1"
    assert json.dumps(seed) == before
    with Mock(seed=seed) as mock, Mock(seed=seed) as other:
        mock.outplans.update(mock.outplans.list()[0].id, source={"type": "tel", "target": "+2"})
        mock.outplans.create(name="evening")
        assert names(other) == ["morning"]
        assert other.outplans.list()[0].source.target == "+1"


def test_a_file_is_read_as_it_is_now(tmp_path: Path) -> None:
    path = write(tmp_path / "seed.json", {"extends": "account", "outplans": [{"name": "a"}]})
    with Mock(seed=path) as mock:
        assert names(mock) == ["a"]
        write(path, {"extends": "account", "outplans": [{"name": "b"}]})
        mock.reset()
        assert names(mock) == ["a"]
        mock.reset(path)
        assert names(mock) == ["b"]


def test_what_json_has_no_word_for_is_refused_also_where_its_like_was_taken_before() -> None:
    with Mock(seed={"outplans": [{"name": "a"}]}) as mock:
        assert names(mock) == ["a"]
    with pytest.raises(SeedError, match="/outplans: must be an array of records"):
        Mock(seed={"outplans": ({"name": "a"},)})
    with pytest.raises(SeedError, match="/outplans/0/name: "):
        Mock(seed={"outplans": [{"name": Path("a")}]})


def test_made_up_ids_and_times_are_the_same_every_time() -> None:
    seed = {"outplans": [{"name": "a"}, {"name": "b"}]}
    with Mock(seed=seed) as one, Mock(seed=seed, random_seed=9) as other:
        assert one.outplans.list() == other.outplans.list()
        assert names(one) == ["b", "a"]


@pytest.mark.parametrize("form", ["str", "Path"])
def test_a_file_is_a_seed(form: str, tmp_path: Path) -> None:
    path = write(tmp_path / "mine.json", {"outplans": [{"id": EVENING, "name": "evening"}]})
    with Mock(seed=path if form == "Path" else str(path)) as mock:
        assert mock.outplans.get(EVENING).name == "evening"


def test_a_directory_is_a_seed_of_all_its_files(tmp_path: Path) -> None:
    write(tmp_path / "outplans.json", [{"name": "from a list"}])
    write(tmp_path / "more.json", {"extends": "account", "outplans": [{"name": "from an object"}]})
    write(tmp_path / "notes.txt", "not a seed")
    with Mock(seed=tmp_path) as mock:
        assert set(names(mock)) == {"from a list", "from an object"}
        assert len(mock.numbers) == 2


def test_a_seed_extends_another_and_that_another(tmp_path: Path) -> None:
    write(tmp_path / "base.json", {"extends": "account", "outplans": [{"name": "base"}]})
    write(tmp_path / "middle.json", {"extends": "base", "outplans": [{"name": "middle"}]})
    with Mock(seed={"extends": "middle", "outplans": [{"name": "top"}]}, fixtures=tmp_path) as mock:
        assert names(mock) == ["top", "middle", "base"]
        assert len(mock.numbers) == 2


def test_what_two_files_extend_comes_once(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {"extends": "account", "outplans": [{"name": "a"}]})
    write(tmp_path / "b.json", {"extends": "account", "outplans": [{"name": "b"}]})
    with Mock(seed=tmp_path) as mock:
        assert set(names(mock)) == {"a", "b"}
        assert len(mock.numbers) == 2


def test_named_seeds_are_looked_for_in_the_fixtures_directory_first(tmp_path: Path) -> None:
    write(tmp_path / "mine.json", {"outplans": [{"name": "mine"}]})
    with Mock(seed="mine", fixtures=tmp_path) as mock:
        assert names(mock) == ["mine"]
    with Mock(seed="account", fixtures=tmp_path) as mock:
        assert len(mock.numbers) == 2


def test_several_customers_live_in_one_seed_and_see_their_own() -> None:
    other = "0c0c0c0c-0000-4000-8000-000000000001"
    seed = {
        "extends": "account",
        "customers": [{"id": other, "name": "Other"}],
        "agents": [{"username": "their@localhost", "password": "p", "permission": 32, "customer_id": other}],
        "outplans": [{"name": "theirs", "customer_id": other}, {"name": "ours"}],
    }
    with Mock(seed=seed) as mock:
        assert mock.username == "admin@localhost"
        theirs = mock.client_for("their@localhost")
        assert [plan["name"] for plan in theirs.get("/v1.0/outplans").json["result"]] == ["theirs"]
        assert [plan["name"] for plan in mock.client.get("/v1.0/outplans").json["result"]] == ["ours"]


def test_customers_come_first_wherever_they_stand_in_the_file() -> None:
    own = "0c0c0c0c-0000-4000-8000-000000000001"
    with Mock(seed={"outplans": [{"name": "a"}], "customers": [{"id": own, "name": "Own"}]}) as mock:
        assert mock.outplans.list()[0].customer_id == own
        assert len(mock.customers) == 1


@pytest.mark.parametrize(
    "stamp", ["2022-04-28 01:50:23.414000", "2022-04-28T01:50:23.414Z", "2022-04-28T01:50:23.414000Z"]
)
@pytest.mark.parametrize("never", ["9999-01-01 00:00:00.000000", None, ""])
def test_records_are_read_in_the_wire_form_of_either_profile(stamp: str, never: str | None) -> None:
    plan = {"name": "a", "tm_create": stamp, "tm_update": stamp, "tm_delete": never}
    with Mock(seed={"outplans": [plan]}) as mock:
        shown = mock.client.get("/v1.0/outplans").json["result"][0]
        assert shown["tm_create"] == "2022-04-28 01:50:23.414000"
        assert shown["tm_delete"] == "9999-01-01 00:00:00.000000"


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_what_the_mock_shows_is_a_seed_for_the_next(profile: str) -> None:
    with Mock(profile, seed="tutorial") as first:
        shown = {
            name: first.client.get(f"/v1.0/{name}?page_size=100").json["result"]
            for name in ("outplans", "numbers", "agents")
        }
        aliases = first.dump()["aliases"]
    seed = {"extends": "empty", "aliases": aliases, "outplans": shown["outplans"], "numbers": shown["numbers"]}
    with Mock(profile, seed=seed) as second:
        for name in ("outplans", "numbers"):
            assert second.client.get(f"/v1.0/{name}?page_size=100").json["result"] == shown[name]


def test_records_of_one_instant_are_all_listed_page_by_page() -> None:
    plans = [{"name": str(n), "tm_create": "2026-01-01 00:00:00"} for n in range(7)]
    with Mock(seed={"outplans": plans}) as mock:
        seen: list[str] = []
        query: dict[str, Any] = {"page_size": 2}
        while rows := (page := mock.client.get("/v1.0/outplans", query_string=query).json)["result"]:
            seen += [row["name"] for row in rows]
            query["page_token"] = page["next_page_token"]
        assert sorted(seen) == [str(n) for n in range(7)]


# --- what cannot be a seed -------------------------------------------------------------------------

BROKEN: dict[str, tuple[Any, str]] = {
    "a wrong type": (
        {"outplans": [{}, {"dial_timeout": "30"}]}, '/outplans/1/dial_timeout: expected an integer, got string "30"'
    ),
    "inside an address": ({"outplans": [{"source": {"target": 5}}]}, "/outplans/0/source/target: expected a string"),
    "an unknown member": ({"outplans": [{"nmae": "x"}]}, "/outplans/0/nmae: unknown member; did you mean 'name'?"),
    "an unknown resource": ({"outplan": []}, "/outplan: no such resource; did you mean 'outplans'?"),
    "an id that is none": ({"outplans": [{"id": "evening"}]}, "/outplans/0/id"),
    "an id twice": (
        {"outplans": [{"id": EVENING}, {"id": EVENING}]}, f"/outplans/1/id: outplans has a record {EVENING} already"
    ),
    "a time that is none": ({"outplans": [{"tm_create": "yesterday"}]}, "/outplans/0/tm_create"),
    "a day that is none": ({"outplans": [{"tm_create": "2026-02-30 00:00:00"}]}, "/outplans/0/tm_create"),
    "no array": ({"outplans": {"name": "x"}}, "/outplans: must be an array of records"),
    "no object": ({"outplans": ["x"]}, "/outplans/0: must be an object"),
    "a choice that is none": ({"numbers": [{"type": "loud"}]}, "/numbers/0/type"),
    "a name that needs escaping": ({"outplans": [{"a/b~c": 1}]}, "/outplans/0/a~1b~0c: unknown member"),
    "an ancestor that is none": ({"extends": 5}, "/extends: must be the name of a seed"),
    "an unknown ancestor": ({"extends": "acount"}, "did you mean 'account'?"),
    "aliases that are none": ({"aliases": ["x"]}, "/aliases"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("form", ["dict", "file", "directory"])
def test_a_broken_seed_is_refused_with_its_place_and_reason(fault: str, form: str, tmp_path: Path) -> None:
    content, said = BROKEN[fault]
    path = write(tmp_path / "seeds" / "broken.json", content)
    seed, source = {
        "dict": (content, "seed: "),
        "file": (path, f"{path}: "),
        "directory": (tmp_path / "seeds", f"{path}: "),
    }[form]
    with pytest.raises(SeedError) as refused:
        Mock(seed=seed)
    assert said in str(refused.value)
    assert source in str(refused.value) or "unknown ancestor" in fault
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON: "),
        ("", "not JSON: "),
        ('{"outplans": [NaN]}', "not JSON: NaN is no JSON number"),
        ("5", "must hold an object"),
        ('"x"', "must hold an object"),
        ("[" * 100_000, "not JSON: "),
    ],
    ids=lambda text: text[:12],
)
def test_a_file_that_is_no_seed_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "broken.json", text)
    with pytest.raises(SeedError) as refused:
        Mock(seed=path)
    assert str(refused.value).startswith(f"{path}: {said}")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(b'{"description": "\xff"}')
    with pytest.raises(SeedError, match=r"broken\.json: "):
        Mock(seed=path)


def test_a_list_in_a_file_must_be_named_after_its_resource(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="/outplan: no such resource; did you mean 'outplans'"):
        Mock(seed=write(tmp_path / "outplan.json", []))


def test_a_directory_without_seeds_is_none(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"this directory has no \.json file"):
        Mock(seed=tmp_path)


def test_seeds_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.json", {"extends": "b"})
    write(tmp_path / "b.json", {"extends": "a"})
    with pytest.raises(SeedError, match="seeds extend each other"):
        Mock(seed="a", fixtures=tmp_path)


@pytest.mark.parametrize("seed", ["", "acount", "x" * 5000, "no/such/file.json", "nul\0", "account.json", "\ud800"])
def test_a_seed_that_is_not_there_is_refused_by_name(seed: str) -> None:
    with pytest.raises(SeedError, match=r"no seed .*account, empty, tutorial") as refused:
        Mock(seed=seed)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("seed", [None, 5, ["account"], b"account", True], ids=repr)
def test_a_seed_is_a_name_a_path_or_a_dict(seed: Any) -> None:
    with pytest.raises(SeedError, match="a seed is a name, a path or a dict"):
        Mock(seed=seed)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    ["id", "customer_id", "name", "source", "dial_timeout", "tm_create", "tm_delete", "metadata", "token", "username",
     "password", "permission", "addresses", "tag_ids", "number", "type", "status", "balance", "groupcall_id"]
)  # fmt: skip
RECORDS = st.lists(st.dictionaries(MEMBERS, ANYTHING, max_size=3), max_size=2)
RESOURCES = st.sampled_from(["customers", "agents", "accesskeys", "numbers", "outplans", "calls", "available_numbers"])


@given(st.dictionaries(RESOURCES | st.sampled_from(["extends", "aliases", "x"]), RECORDS | ANYTHING, max_size=3))
@settings(max_examples=150)
def test_any_dict_is_a_seed_or_a_seed_error(seed: dict[str, Any]) -> None:
    try:
        mock = Mock(seed=seed)
    except SeedError as error:
        assert "seed" in str(error)  # noqa: PT017  most are refused, not all
        return
    with mock:
        for path in ("outplans", "numbers", "agents", "calls", "customer"):
            assert mock.anonymous.get(f"/v1.0/{path}", headers=_way_in(mock)).status_code < 500
        with Mock() as other:
            other.load(mock.dump())


def _way_in(mock: Mock) -> dict[str, str]:
    try:
        return mock.headers
    except LookupError:
        return {}


# --- where they lie ---------------------------------------------------------------------------------


def test_the_data_of_an_installed_package_is_inside_it_and_a_neighbours_is_not_ours(tmp_path: Path) -> None:
    """As in site-packages: a folder `schemas` beside the package may be anybody's."""
    package = Path(data.__file__).parents[1]
    site = tmp_path / "site"
    shutil.copytree(package, site / "voipbin_mock", ignore=shutil.ignore_patterns("__pycache__", "_data"))
    write(site / "schemas" / "theirs.json", {})
    ask = [sys.executable, "-S", "-c", "from voipbin_mock.schema import files; print(files.root())"]
    lost = subprocess.run(ask, cwd=site, capture_output=True, text=True, check=False)
    assert "FileNotFoundError: voipbin-mock is installed without its data" in lost.stderr
    shutil.copytree(data.root() / "schemas", site / "voipbin_mock" / "_data" / "schemas")
    found = subprocess.run(ask, cwd=site, capture_output=True, text=True, check=False)
    assert found.stdout.strip() == str(site / "voipbin_mock" / "_data")


# --- asked for over HTTP ---------------------------------------------------------------------------


def posted(mock: Mock, seed: Any) -> tuple[int, str]:
    reply = mock.client.post("/__mock__/seed", json={"seed": seed}, headers={"Host": "localhost"})
    return reply.status_code, "" if reply.status_code == 200 else reply.json["error"]["message"]


@pytest.mark.parametrize("wrap", [lambda name: name, lambda name: {"extends": name}], ids=["seed", "extends"])
def test_over_http_a_seed_is_named_and_of_a_path_it_is_not_even_told_whether_it_exists(
    wrap: Any, tmp_path: Path
) -> None:
    secret = write(tmp_path / "secret.json", {"database_password_of_mine": 1})
    write(tmp_path / "seeds" / "mine.json", {"outplans": [{"name": "mine"}]})
    inside = tmp_path / "seeds"
    (inside / "linked.json").symlink_to(secret)
    (inside / "device.json").symlink_to("/dev/zero")
    (inside / "folder.json").mkdir()
    with Mock(fixtures=inside) as mock:
        there = [secret, tmp_path, inside / "mine.json", "/etc/passwd", "/dev/zero", "/proc/kmsg"]
        tried = [*there, tmp_path / "not-there", "../secret", "linked", "device", "folder", "seeds/mine", "", "\0", "*"]
        said = set()
        for path in map(str, tried):
            code, message = posted(mock, wrap(path))
            assert code == 400, path
            said.add(message.replace(repr(path), "NAME").partition("; did you mean")[0])
        assert len(said) == 1
        assert "password" not in str(said)
        assert (posted(mock, wrap("mine"))[0], names(mock)) == (200, ["mine"])
        assert posted(mock, wrap("tutorial"))[0] == 200
    with Mock() as mock:
        assert posted(mock, wrap(str(secret)))[0] == 400


def test_what_a_mock_was_started_with_can_be_gone_back_to_by_the_same_name(tmp_path: Path) -> None:
    file = write(tmp_path / "mine.json", {"extends": str(write(tmp_path / "base.json", {"tags": []}))})
    folder = tmp_path / "folder"
    write(folder / "outplans.json", [{"name": "mine"}])
    with Mock(seed=str(file), fixtures=folder) as mock:
        for seed in ("tutorial", str(file), str(folder), "outplans"):
            assert posted(mock, seed)[0] == 200, seed
        mock.reset(tmp_path / "base.json")  # who holds the object may read what he likes
