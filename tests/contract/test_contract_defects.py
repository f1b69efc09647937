"""Defects planted in a mock, one at a time: some contract case notices every one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.support.contracting import EVERYTHING, fresh
from voipbin_mock import Mock, Resource
from voipbin_mock.api import access, crud, lists
from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.areas.accounts import auth
from voipbin_mock.areas.campaigns import campaigns, outdials
from voipbin_mock.areas.flows import flows
from voipbin_mock.contract import Runner
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.runner import Result
from voipbin_mock.edge import bodies, pipeline
from voipbin_mock.wire.errors import ApiError
from voipbin_mock.wire.stamps import documented_stamp
from voipbin_mock.wire.values import Caller, Reply, text_reply
from voipbin_mock.world.store import Table

Plant = Callable[[pytest.MonkeyPatch, Mock], None]
DEFECTS: dict[str, tuple[str, str, Plant]] = {}


def defect(profile: str = "documented", seen: str = "*") -> Callable[[Plant], Plant]:
    """seen: by which cases, if not by one of the longest."""

    def keep(plant: Plant) -> Plant:
        DEFECTS[plant.__name__.replace("_", " ")] = (profile, seen, plant)
        return plant

    return keep


def shown_as(patch: pytest.MonkeyPatch, mock: Mock, change: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
    """Records of every resource, changed on their way out."""
    profile = mock.world.profile
    views = type(profile).view

    def view(self: Any, resource: Resource) -> Callable[[Any], dict[str, Any]]:
        right = views(self, resource)
        return (lambda record: change(resource.name, right(record))) if self is twin else right

    twin = replace(profile)
    patch.setattr(type(profile), "view", view)
    mock.world.profile = twin


def with_profile(mock: Mock, **fields: Any) -> None:
    mock.world.profile = replace(mock.world.profile, **fields)


def agreed(patch: pytest.MonkeyPatch, home: Any, name: str, value: Any) -> None:
    """A point where the profiles part no more: both have this."""
    patch.setattr(home, name, replace(getattr(home, name), documented=value, server=value))


def every_table(mock: Mock) -> Iterator[Table]:
    return (mock.world.table(one) for one in catalog_of(mock.world).resources.values() if one.stored)


def wrap(patch: pytest.MonkeyPatch, home: Any, name: str, around: Callable[..., Any]) -> None:
    right = getattr(home, name)
    patch.setattr(home, name, lambda *args, **more: around(right, *args, **more))


# --- what answers look like ------------------------------------------------------------------------


@defect()
def members_come_in_another_order(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    shown_as(patch, mock, lambda resource, shown: dict(sorted(shown.items())))


@defect()
def an_address_has_its_members_in_another_order(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def turned(resource: str, shown: dict[str, Any]) -> dict[str, Any]:
        source = shown.get("source")
        return {**shown, "source": dict(reversed(source.items()))} if source else shown

    shown_as(patch, mock, turned)


@defect()
def a_source_is_not_completed(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    with_profile(mock, full_addresses=False)


@defect("server")
def an_empty_address_is_completed(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    with_profile(mock, full_addresses=True)


@defect()
def a_number_is_written_as_text(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def change(resource: str, shown: dict[str, Any]) -> dict[str, Any]:
        return {**shown, "dial_timeout": str(shown["dial_timeout"])} if "dial_timeout" in shown else shown

    shown_as(patch, mock, change)


@defect()
def never_is_another_year(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    with_profile(mock, never="9999-12-31 00:00:00.000000")


@defect()
def never_is_null(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    with_profile(mock, never=None)


@defect("server")
def stamps_are_written_with_a_blank(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    with_profile(mock, stamp=documented_stamp)


@defect("server", seen="targets/lives-*")
def an_unused_destination_is_null(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    with_profile(mock, null_slots=True)


@defect()
def a_password_is_shown(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    shown_as(patch, mock, lambda name, shown: {**shown, "password": "hidden"} if name == "agents" else shown)


@defect()
def an_accesskey_is_shown_again(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    token = "vb_" + "x" * 32
    shown_as(patch, mock, lambda name, shown: {**shown, "token": token} if name == "accesskeys" else shown)


@defect()
def an_empty_list_is_null(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def reply(right: Any, world: Any, resource: Any, rows: list[Any], where: str = "", **more: Any) -> Reply:
        if not rows and world is mock.world:
            return text_reply('{"result":null,"next_page_token":""}')
        return right(world, resource, rows, where, **more)  # type: ignore[no-any-return]

    wrap(patch, lists, "page_reply", reply)


@defect(seen="outplans/lists-*")
def an_answer_has_a_blank_too_many(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def reply(right: Any, *args: Any, **more: Any) -> Reply:
        answer: Reply = right(*args, **more)
        answer.body = answer.body.replace(b'","', b'", "')
        return answer

    wrap(patch, lists, "page_reply", reply)


@defect()
def no_request_id_is_sent(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(pipeline, "REQUEST_ID_HEADER", "X-Request")


@defect(seen="requests/carry-*")
def a_request_id_is_not_taken_over(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(pipeline, "_request_id", lambda world, incoming: world.ids.request_id())


@defect()
def an_error_names_another_request_id(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    wrap(patch, pipeline, "envelope", lambda right, error, _, *more: right(error, "req_OTHER", *more))


# --- lists -----------------------------------------------------------------------------------------


@defect(seen="groupcalls/live-*")
def a_page_has_one_row_too_many(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    wrap(patch, lists, "page_size", lambda right, request: right(request) + 1)


@defect(seen="outplans/lists-*")
def a_page_begins_with_the_row_before(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def token(right: Any, request: Any) -> Any:
        before = right(request)
        return None if before is None else before + 1

    wrap(patch, lists, "page_token", token)


@defect(seen="outplans/lists-*")
def the_page_token_is_not_looked_at(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(lists, "page_token", lambda request: None)


@defect()
def a_list_begins_with_the_oldest(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    wrap(patch, lists, "page_reply", lambda right, world, resource, rows, where="": right(world, resource, rows[::-1]))


@defect()
def deleted_rows_are_listed(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    for table in every_table(mock):
        table.lists_deleted = True


@defect("server", seen="tags/*")
def deleted_rows_are_not_listed(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    for table in every_table(mock):
        table.lists_deleted = False


@defect(seen="tags/are-listed")
def a_page_size_is_any_text(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def size(right: Any, request: Any) -> int:
        try:
            return int(right(request))
        except ApiError:
            return 100

    wrap(patch, lists, "page_size", size)


# --- who may, and what is there --------------------------------------------------------------------


@defect()
def nobody_needs_a_credential(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def let_in(right: Any, world: Any, request: Any, cookies: Any) -> Caller:
        try:
            return right(world, request, cookies)  # type: ignore[no-any-return]
        except ApiError:
            customer = world.owner
            return Caller("accesskey", customer, customer, 0x20)

    wrap(patch, auth, "authenticate", let_in)


@defect()
def a_deleted_accesskey_still_opens(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    find = Table.find

    def also_deleted(table: Table, member: Any, value: Any) -> Any:
        found = find(table, member, value)
        return found or [row for row in table if member == "token_hash" and row.data[member] == value]

    patch.setattr(Table, "find", also_deleted)


@defect(seen="*/another-customers-*")
def another_customers_record_is_forbidden_instead_of_missing(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    agreed(patch, access, "FOREIGN_IS_MISSING", False)


@defect("server", seen="*/another-customers-*")
def another_customers_record_is_missing_instead_of_forbidden(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    agreed(patch, access, "FOREIGN_IS_MISSING", True)


@defect(seen="agents/a-manager-*")
def everybody_sees_everything(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(access, "may", lambda caller, account, permission: True)


@defect(seen="agents/a-manager-*")
def managers_see_access_keys(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    wrap(patch, access, "may", lambda right, caller, account, mask: right(caller, account, mask | 0x40))


@defect(seen="outplans/id-is-*")
def an_id_may_be_nil(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(bodies, "NIL_UUID", "")


@defect(seen="auth/a-credential-is-looked-at-first")
def a_body_is_looked_at_before_the_credential(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def handle(right: Any, world: Any, request: Any, incoming: Any, problem: str) -> Any:
        if problem and not request.found.public:
            return Reply(), ApiError("INVALID_JSON_BODY")
        return right(world, request, incoming, problem)

    wrap(patch, pipeline, "_handle", handle)


@defect(seen="requests/*")
def an_unknown_route_wants_a_credential(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def handle(right: Any, world: Any, request: Any, incoming: Any, problem: str) -> Any:
        if request.found is None:
            return Reply(), ApiError("AUTHENTICATION_REQUIRED")
        return right(world, request, incoming, problem)

    wrap(patch, pipeline, "_handle", handle)


# --- what is written -------------------------------------------------------------------------------


@defect()
def an_update_leaves_no_stamp(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    touch = mock.world.touch
    patch.setattr(mock.world, "touch", lambda resource: {k: v for k, v in touch(resource).items() if k != "tm_update"})
    patch.setattr(mock.world, "deletion", lambda resource: {**resource.on_delete, **touch(resource), "tm_delete": 1})


@defect()
def a_deletion_leaves_no_stamp(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(mock.world, "deletion", lambda resource: {**resource.on_delete, **mock.world.touch(resource)})


@defect()
def an_update_is_shown_and_not_kept(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def save(right: Any, world: Any, request: Any, row: Any, *args: Any) -> Reply:
        reply: Reply = right(world, request, row, *args)
        world.table(request.resource).replace(row.data)
        return reply

    wrap(patch, crud, "save", save)


@defect(seen="outplans/*")
def a_put_keeps_what_was_there(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    wrap(
        patch,
        crud,
        "save",
        lambda right, world, request, row, values, *more: right(
            world, request, row, {k: v for k, v in values.items() if v not in ("", 0)}, *more
        ),
    )


@defect(seen="outplans/*")
def violations_are_overlooked(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    mock.world.strict = False


@defect("server", seen="queues/routing-*")
def the_schemas_are_enforced(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    mock.world.strict = True


@defect(seen="outplans/*")
def columns_hold_anything(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    mock.world.strict = False
    patch.setattr(crud, "check_columns", lambda resource, values: None)


@defect(seen="flows/*")
def an_unknown_action_is_taken(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(flows, "check_actions", lambda world, actions: None)


@defect()
def an_outdial_is_not_told_whose_it_is(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(campaigns, "_take_outdial", lambda world, row: None)


@defect()
def a_campaign_takes_a_missing_outplan(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    patch.setattr(campaigns.states, "check_references", lambda *args: None)


@defect("server", seen="outdials/needs-*")
def an_outdial_needs_no_campaign(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    agreed(patch, outdials, "OUTDIAL_NEEDS", ("name", "detail", "data"))


@defect("server")
def the_prefix_of_a_key_is_a_key(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    agreed(patch, auth, "PREFIX_WORKS", True)


@defect(seen="accesskeys/*")
def an_unknown_accesskey_is_a_bad_argument(patch: pytest.MonkeyPatch, mock: Mock) -> None:
    def unfound(right: Any, resource: Resource, profile: Any) -> str:
        return "INVALID_ARGUMENT" if resource.name == "accesskeys" else right(resource, profile)

    wrap(patch, Resource, "unfound", unfound)


@pytest.mark.parametrize("name", sorted(DEFECTS))
def test_a_planted_defect_is_caught_by_some_case(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    profile, seen, plant = DEFECTS[name]
    cases = sorted(load(profile=profile, only=seen), key=lambda case: -len(case.steps))  # who sees most comes first
    target, sound = fresh(profile), fresh(profile)
    target.mock.load(target.mock.dump())  # of a seed, others of this profile have the same rows, with what was shown
    with monkeypatch.context() as patch:
        plant(patch, target.mock)
        runner = Runner(target, profile, allowed=EVERYTHING)
        asked = until_a_fault(map(runner.case, cases))
    caught = asked[-1]
    assert caught.broken, f"no case notices that {name}"
    assert caught.asked[-1].answer.status != 500, "a planted defect is a wrong answer, not a crash"
    right = map(Runner(sound, profile, allowed=EVERYTHING).case, cases[: len(asked)])
    assert not any(result.broken for result in right), "it is the defect that is noticed, and nothing else"


def until_a_fault(results: Iterator[Result]) -> list[Result]:
    """Up to the first that finds a fault, that one too."""
    found: list[Result] = []
    for result in results:
        found.append(result)
        if result.broken:
            break
    return found
