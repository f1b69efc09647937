"""`voipbin-mock contract compare`: the same cases on two targets, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.contracting import CASES, credentials, fresh, mock_of
from voipbin_mock import Resource, catalog
from voipbin_mock.command import main as cli
from voipbin_mock.contract import Comparison, HttpTarget, MockTarget, compare
from voipbin_mock.contract.casebook import load
from voipbin_mock.contract.points import points_of


def compared(first: MockTarget, second: MockTarget, only: Any = ()) -> Comparison:
    return compare(first, second, load(only=only))


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_two_mocks_of_one_profile_answer_the_same(profile: str) -> None:
    found = compared(fresh(profile), fresh(profile))
    assert found.same
    assert found.cases == [case.name for case in CASES]
    assert not found.left_behind


def test_ids_and_times_of_two_targets_need_not_be_the_same() -> None:
    from voipbin_mock import Mock
    from voipbin_mock.contract.targets import SEED, SEEDED

    other = MockTarget(mock=Mock(seed=dict(SEED), clock="2031-05-05 05:05:05", random_seed=77, ignore=("all",)))
    other.values |= SEEDED
    found = compared(fresh("documented"), other)
    assert not found.differences


# What takes time, a socket, a flow that runs or another customer to be seen: no case asks for it.
BEYOND_CASES = {
    "ACC6",
    "ACC9",
    "D11",
    "D15",
    "D16",
    "D17",
    "D18",
    "D23",
    "D5-dialing",
    "accesskey-life",
    "action-mute",
    "activeflow-variables",
    "activeflow-webhook",
    "aggregated-events",
    "call-action-variables",
    "call-refusals",
    "call-talk-text",
    "call-unmute",
    "condition-names",
    "condition-variable",
    "conference-connect",
    "conference-join-ended",
    "conference-post-flow",
    "conference-sound-events",
    "conference-sound-start",
    "conference-timeout",
    "conferencecall-kick",
    "connect-failed",
    "connect-several",
    "datetime-fields",
    "datetime-order",
    "dead-customers",
    "digits-cleared",
    "digits-length",
    "expired-signup",
    "fetch-answer",
    "first-agent",
    "flow-limits",
    "flow-pop",
    "goto-count",
    "groupcall-agents",
    "groupcall-delete",
    "list-substitution",
    "on-complete-call",
    "on-complete-chain",
    "on-complete-failed",
    "own-numbers",
    "providercall-source",
    "providercall-update",
    "queue-abandoned-count",
    "queue-duration",
    "queue-join-deleted",
    "queue-kick-ended",
    "queue-leave-service",
    "queue-leave-waiting",
    "queue-order",
    "queue-other-methods",
    "queue-service",
    "queue-timeout-variables",
    "queue-waiting-counts",
    "queue-without-flow",
    "queuecall-tm-delete",
    "recording-file",
    "recording-id",
    "recording-waits",
    "rag-file-owner",
    "rag-updated",
    "renewal-due",
    "renewal-moment",
    "speaking-events",
    "speaking-hangup",
    "summary-in-calls",
    "summary-newest",
    "timeline-answered",
    "timeline-last-page",
    "transcribe-conference",
    "transcribe-missing",
    "transcript-pages",
    "transfer-refusals",
    "variable-length",
    "webhook-sync",
    "ws-envelope",
}
# A provider, somebody on the other side, a second agent or a customer without money would have to take part.
BEYOND_CASES |= {
    "case-message-chat",
    "case-message-source",
    "conversation-bulk",
    "conversation-customers",
    "conversation-ends",
    "conversation-reference",
    "desk-addresses",
    "desk-extensions",
    "desk-files",
    "desk-ws",
    "email-accepted",
    "email-batches",
    "email-refusals",
    "line-account",
    "line-title",
    "message-refusals",
    "peer-events-moment",
    "talk-direct-twice",
    "talk-readers",
    "whatsapp-challenge",
}
# A moment that nothing else has, so that it is not known for another; one that is known as D3 already.
BEYOND_CASES |= {"ACC5", "outbound-updated"}
# A call, money, a customer's other records, or a secret would have to take part.
BEYOND_CASES |= {"billing-pstn", "desk-foreign-case"}
# Asked of a conversation that was found in a list, so that it may be anybody's.
BEYOND_CASES |= {
    "conversation-mail-moment",
    "conversation-message-status",
    "conversation-owner",
    "conversation-owner-type",
}
# Time would have to pass, or calls be made; a bare null is no record.
BEYOND_CASES |= {
    "provider-checks",
    "route-order",
    "route-deleted-provider",
    "call-unrouted",
    "extension-name",
    "storage-account-none",
}
# One profile takes no notice of what is sent, which a case may not send then.
BEYOND_CASES |= {"talk-medias", "talk-member-twice"}
# What is made up is not compared.
MADE_UP = {"agent-hash", "ai-hash", "extension-hash", "conference-hash", "flow-hash"}


def test_the_profiles_differ_at_exactly_the_known_points() -> None:
    found = compared(fresh("documented"), fresh("server"))
    assert not found.unexplained
    met = {difference.point for difference in found.differences}
    assert met == points_of(catalog.default()).keys() - BEYOND_CASES - MADE_UP
    both = {difference.case for difference in found.differences}
    assert all(f"outplans/left-out-members[{name}]" in both for name in ("name", "dial_timeout"))


@pytest.mark.parametrize(
    ("point", "place", "first", "second"),
    [
        ("D1", ("outplans/is-created-as-sent", "/tm_create"), '"2026-03-01 09:', '"2026-03-01T09:'),
        ("D2", ("outplans/is-created-as-sent", "/tm_delete"), '"9999-01-01 00:00:00.000000"', "null"),
        ("D3", ("accesskeys/lives-from-create-to-delete", "/tm_update"), '"2026-03-01T09:', "null"),
        ("D4", ("outplans/is-created-as-sent", "/source/name"), '""', "nothing"),
        ("D5", ("targets/every-destination-is-kept", "/destination_1"), "null", "{}"),
        ("D8", ("outdials/needs-a-campaign-and-data[no-data]", "status"), "200", "400 INVALID_ARGUMENT"),
        ("D10", ("auth/logging-in-under-the-prefix", "status"), "200", "404 ROUTE_NOT_FOUND"),
        ("D12", ("outplans/another-customers-is-out-of-reach", "status"), "404 OUTPLAN_NOT_FOUND", "403 PERM"),
        ("D13", ("accesskeys/unknown-is-missing", "status"), "404 ACCESSKEY_NOT_FOUND", "400 INVALID_ARGUMENT"),
        ("D21", ("accesskeys/lives-from-create-to-delete", "status"), "200", "401 INVALID_CREDENTIALS"),
        ("D22", ("campaigns/unlisted-values[type]", "status"), "400 INVALID_ARGUMENT", "200"),
    ],
)
def test_each_difference_is_shown_side_by_side(point: str, place: tuple[str, str], first: str, second: str) -> None:
    case, pointer = place
    found = compared(fresh("documented"), fresh("server"), only=case.replace("[", "[[]"))
    there = [d for d in found.differences if (d.point, d.pointer) == (point, pointer)]
    assert there
    assert there[0].first.startswith(first)
    assert there[0].second.startswith(second)


def test_a_deleted_record_that_one_lists_is_a_difference() -> None:
    found = compared(fresh("documented"), fresh("server"), only="outdials/lives-from-create-to-delete")
    (row,) = [d for d in found.differences if d.step == 10 and d.point == "D7"]
    assert (row.first, row.second) == ("not listed", "deleted, and listed")


def with_view(target: MockTarget, change: Callable[[str, dict[str, Any]], dict[str, Any]]) -> MockTarget:
    """The same, with records changed on their way out."""
    target.mock.load(target.mock.dump())  # of a seed, others of this profile have the same rows, with what was shown
    world = target.mock.world
    right = world.profile.view

    class Changed(type(world.profile)):  # type: ignore[misc]
        def view(self, resource: Resource) -> Callable[[Any], dict[str, Any]]:
            shown = right(resource)
            return lambda record: change(resource.name, shown(record))

    fields = {name: getattr(world.profile, name) for name in world.profile.__dataclass_fields__}
    world.profile = Changed(**fields)
    return target


def test_one_altered_member_is_reported_at_its_pointer_and_nowhere_else() -> None:
    def change(resource: str, shown: dict[str, Any]) -> dict[str, Any]:
        return {**shown, "detail": shown["detail"].upper()} if resource == "tags" else shown

    found = compared(fresh("documented"), with_view(fresh("documented"), change), only=["tags/*", "flows/*"])
    assert {(d.case, d.pointer.rpartition("/")[2], d.point) for d in found.differences} == {
        ("tags/a-deleted-one-is-found", "detail", ""),
        ("tags/are-listed", "detail", ""),
        ("tags/are-paged-newest-first", "detail", ""),
        ("tags/lives-from-create-to-delete", "detail", ""),
        ("tags/lives-from-create-to-delete", "detail", "D7"),  # in the list that the case itself expects to differ
    }


def test_members_in_another_order_are_a_difference() -> None:
    changed = with_view(fresh("documented"), lambda _, shown: dict(sorted(shown.items())))
    found = compared(fresh("documented"), changed, only="tags/are-listed")
    assert found.unexplained
    assert "members in the order id, customer_id, name" in found.unexplained[0].first


def test_a_lost_update_stamp_is_a_difference_in_what_it_stands_for() -> None:
    second = fresh("documented")
    world, touch = second.mock.world, second.mock.world.touch
    world.touch = lambda resource: {**touch(resource), "tm_update": 1}  # type: ignore[method-assign]
    found = compared(fresh("documented"), second, only="tags/lives-from-create-to-delete")
    assert any(d.pointer == "/tm_update" for d in found.differences)


def test_a_point_that_one_profile_has_wrong_is_not_hidden_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    second = fresh("documented")
    world = second.mock.world
    wrong = SimpleNamespace(of=lambda asked: asked is not world)
    monkeypatch.setattr("voipbin_mock.api.access.FOREIGN_IS_MISSING", wrong)
    found = compared(fresh("documented"), second, only=["outplans/*", "accesskeys/*"])
    assert {d.point for d in found.differences} == {"D12"}


def test_a_served_mock_is_compared_read_only(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_of("server", intercept=False) as mock:
        url = mock.serve().origin
        before = mock.dump()["records"]
        words = ["contract", "compare", "mock:documented", url, "--accesskey", mock.accesskey, "--format", "json"]
        assert cli.main(words) == 1
        assert mock.dump()["records"] == before
    told = json.loads(capsys.readouterr().out)
    points = {difference["point"] for difference in told["differences"] if "asked" not in difference["second"]}
    assert {"D1", "D2", "D4", "D13"} <= points
    assert told["left_out"]["outplans/is-updated"] == "it writes: --allow-writes"


def test_a_served_mock_and_one_in_process_are_the_same() -> None:
    with mock_of(intercept=False) as mock:
        target = HttpTarget(mock.serve().origin, **credentials(mock))
        target.pause = mock.advance  # type: ignore[assignment]
        from voipbin_mock.contract.runner import Allowed

        cases = load(only=["outplans/*", "targets/*", "campaigns/*"])
        found = compare(fresh("documented"), target, cases, allowed=(None, Allowed(True, True)))
    assert not found.differences


def test_the_text_has_one_of_each_kind_and_all_of_them_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["contract", "compare", "mock:documented", "mock:server", "--only", "outplans/*"]
    assert cli.main(words) == 1
    short = capsys.readouterr().out
    assert short.count("  /tm_create  in ") == 1
    assert "D1 (the text of timestamps): " in short
    assert '    mock:documented: "9999-01-01 00:00:00.000000"\n    mock:server:     null\n' in short
    assert "Not explained" not in short
    assert cli.main([*words, "--all"]) == 1
    assert capsys.readouterr().out.count("  /tm_create  in ") > 5
    assert cli.main(["contract", "compare", "mock:server", "mock:server", "--only", "outplans/*"]) == 0
    assert "no difference" in capsys.readouterr().out


def test_a_comparison_is_written_as_junit(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["contract", "compare", "mock:documented", "mock:server", "--only", "t*/*", "--format", "junit"]
    assert cli.main(words) == 1
    suite = ElementTree.fromstring(capsys.readouterr().out)[0]
    assert int(suite.attrib["tests"]) == len(list(suite)) == len(load(only="t*/*"))
    assert int(suite.attrib["failures"]) > 0


def test_an_unknown_mock_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["contract", "compare", "mock:neither", "mock:server"]) == 2
    assert "unknown profile 'neither'" in capsys.readouterr().err
