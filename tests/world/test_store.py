"""Tables of records: what goes in comes out, page by page, and copies are independent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voipbin_mock.world.steps import Trail
from voipbin_mock.world.store import Row, Store, Table, in_group


def record(row_id: str, created: int, **members: Any) -> dict[str, Any]:
    return {"id": row_id, "tm_create": created, "tm_delete": None, **members}


def ids(rows: list[Row]) -> list[str]:
    return [row.id for row in rows]


def walk(table: Table, account: str, size: int) -> list[str]:
    found: list[str] = []
    before = None
    while rows := table.page(account, before, size):
        found += ids(rows)
        before = rows[-1].created
    return found


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=40), st.integers(1, 12))
def test_pages_hold_every_record_once_newest_first_in_whatever_order_they_came(created: list[int], size: int) -> None:
    table = Table("plans")
    for moment in created:
        table.insert(record(str(moment), moment), "me")
    assert walk(table, "me", size) == [str(moment) for moment in sorted(created, reverse=True)]


def test_one_account_never_sees_anothers_records() -> None:
    table = Table("plans")
    table.insert(record("a", 1), "me")
    table.insert(record("b", 1), "you")
    assert ids(table.listed("me")) == ["a"]
    assert ids(table.listed("you")) == ["b"]
    assert table.listed("nobody") == []
    assert len(table) == 2


@pytest.mark.parametrize("lists_deleted", [False, True])
def test_a_deleted_record_is_kept_and_listed_only_where_it_should_be(lists_deleted: bool) -> None:
    table = Table("plans", lists_deleted=lists_deleted, lookups=["name"])
    table.insert(record("a", 1, name="x"), "me")
    table.replace(record("a", 1, name="x") | {"tm_delete": 5})
    assert ids(table.listed("me")) == (["a"] if lists_deleted else [])
    row = table.get("a")
    assert row is not None
    assert row.deleted
    assert table.find("name", "x") == []
    table.replace(record("a", 1, name="x"))
    assert ids(table.listed("me")) == ids(table.find("name", "x")) == ["a"]


def test_an_id_is_new_or_refused() -> None:
    table = Table("plans")
    table.insert(record("a", 1), "me")
    with pytest.raises(KeyError, match="plans has a record a already"):
        table.insert(record("a", 2), "me")
    assert walk(table, "me", 5) == ["a"]


def test_a_changed_row_is_another_row() -> None:
    """A reader who holds a row may go on reading it."""
    table = Table("plans")
    old = table.insert(record("a", 1, name="x"), "me")
    old.text = "cached"
    new = table.replace(record("a", 1, name="y"))
    assert old.data["name"] == "x"
    assert (new.text, new.account) == (None, "me")
    assert table.get("a") is new


def test_taken_times_are_known_by_account() -> None:
    table = Table("plans")
    table.insert(record("a", 5), "me")
    assert table.taken("me", 5)
    assert not table.taken("me", 4)
    assert not table.taken("you", 5)


def test_a_copy_and_its_original_go_their_own_ways() -> None:
    source = {"plans": Table("plans", lookups=["name"])}
    store = Store(source.__getitem__, lambda: source)
    store["plans"].insert(record("a", 1, name="x"), "me")
    first, second = store.copy(), store.copy()
    first["plans"].insert(record("b", 2, name="x"), "me")
    second["plans"].remove("a")
    store["plans"].replace(record("a", 1, name="z"))
    assert walk(first["plans"], "me", 5) == ["b", "a"]
    assert ids(first["plans"].find("name", "x")) == ["a", "b"]
    assert walk(second["plans"], "me", 5) == second["plans"].find("name", "x") == []
    assert ids(store["plans"].find("name", "z")) == walk(store["plans"], "me", 5) == ["a"]
    assert store.names() == ["plans"]
    assert not len(source["plans"])
    with pytest.raises(KeyError):
        store["calls"]
    assert [table.name for table in store] == ["plans"]


NAMES = st.sampled_from(["x", "y", None])
ACCOUNTS = st.sampled_from(["me", "you"])


@given(
    st.booleans(),
    st.lists(
        st.tuples(
            st.integers(0, 7), st.sampled_from("xy"), st.sampled_from(["idle", "done"]), st.booleans(), st.booleans()
        ),
        max_size=30,
    ),
    st.integers(1, 4),
)
def test_groups_and_lookups_of_two_members_agree_with_a_look_at_every_row(
    lists_deleted: bool, writes: list[tuple[int, str, str, bool, bool]], size: int
) -> None:
    """Two accounts may each have a row of one moment in the same group: the right one leaves it."""
    both = ("group", "status")
    table = Table("targets", lists_deleted=lists_deleted, lookups=[both], grouped_by=("group",))
    for number, group, status, deleted, copied in writes:
        if copied:
            table = table.copy()
        fresh = record(str(number), number // 2, group=group, status=status) | {"tm_delete": 9 if deleted else None}
        if table.get(str(number)) is None:
            table.insert(fresh, f"account {number % 2}")
        else:
            table.replace(fresh)
    rows = list(table)
    for group in "xy":
        mine = [row for row in rows if row.data["group"] == group]
        listed = sorted(row.id for row in mine if lists_deleted or not row.deleted)
        assert sorted(ids(table.page(in_group("group", group), None, 100))) == listed
        assert len(table.page(in_group("group", group), None, size)) == min(size, len(listed))
        for status in ("idle", "done"):
            wanted = sorted(row.id for row in mine if row.data["status"] == status and not row.deleted)
            assert sorted(ids(table.find(both, (group, status)))) == wanted
            assert table.count(both, (group, status)) == len(wanted)


class TableAndModel(RuleBasedStateMachine):
    """Whatever is done in whatever order, the table tells the same as a plain dict, and so do its copies."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table("plans", lookups=["name"])
        self.table.trail = Trail()
        self.model: dict[str, tuple[str, dict[str, Any]]] = {}
        self.others: list[tuple[Table, dict[str, tuple[str, dict[str, Any]]]]] = []
        self.drawn = 0

    def some(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.model)))

    @rule(account=ACCOUNTS, name=NAMES, created=st.integers(0, 60))
    def insert(self, account: str, name: str | None, created: int) -> None:
        while self.table.taken(account, created):
            created += 1
        self.drawn += 1
        made = record(str(self.drawn), created, name=name, note=0)
        self.table.insert(made, account)
        self.model[made["id"]] = (account, made)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), name=NAMES, deleted=st.booleans())
    def replace(self, data: st.DataObject, name: str | None, deleted: bool) -> None:
        row_id = self.some(data)
        account, old = self.model[row_id]
        if old["tm_delete"] is not None:
            return
        new = {**old, "name": name, "tm_delete": 99 if deleted else None}
        self.table.replace(new)
        self.model[row_id] = (account, new)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), name=NAMES, notes=st.lists(st.integers(), min_size=1, max_size=3))
    def amend(self, data: st.DataObject, name: str | None, notes: list[int]) -> None:
        row_id = self.some(data)
        for note in notes:
            values = {"note": note, "name": name} if note % 3 == 0 else {"note": note}
            row = self.table.amend(row_id, values)
            assert (row.text, row.data["note"]) == (None, note)
            row.text = "cached"
            account, old = self.model[row_id]
            self.model[row_id] = (account, {**old, **values})

    @precondition(lambda self: self.model)
    @rule(data=st.data(), notes=st.lists(st.integers(), min_size=1, max_size=3), copied=st.booleans())
    def what_a_step_amends_is_taken_back(self, data: st.DataObject, notes: list[int], copied: bool) -> None:
        trail, writes = self.table.trail, self.table.writes
        assert trail is not None
        trail.depth, trail.steps = 1, trail.steps + 1
        for note in notes:
            self.table.amend(self.some(data), {"note": note})
        if copied:
            self.table.copy()
        trail.depth, trail.steps = 0, trail.steps + 1
        while trail.notes:
            undo, args = trail.notes.pop()
            undo(*args)
        assert self.table.writes == writes

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        row_id = self.some(data)
        self.table.remove(row_id)
        del self.model[row_id]

    @rule()
    def copy(self) -> None:
        twin = self.table.copy()
        twin.trail = Trail()
        self.others.append((twin, dict(self.model)))

    @precondition(lambda self: self.others)
    @rule()
    def go_on_with_another(self) -> None:
        self.others.append((self.table, self.model))
        self.table, self.model = self.others.pop(0)

    @invariant()
    def each_agrees_with_its_model(self) -> None:
        for table, model in [(self.table, self.model), *self.others]:
            assert {row.id: dict(row.data) for row in table} == {row_id: known for row_id, (_, known) in model.items()}
            for account in ("me", "you"):
                live = [r for owner, r in model.values() if owner == account and r["tm_delete"] is None]
                assert walk(table, account, 3) == [r["id"] for r in sorted(live, key=lambda r: -r["tm_create"])]
            for name in ("x", "y", None):
                live = [r for _, r in model.values() if r["name"] == name and r["tm_delete"] is None]
                assert sorted(ids(table.find("name", name))) == sorted(r["id"] for r in live)


TestTableAndModel = TableAndModel.TestCase
TestTableAndModel.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
