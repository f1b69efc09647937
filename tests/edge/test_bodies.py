"""Bodies: how they are decoded, what is wrong with them, and what is only unwise."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from tests.support.each import for_each
from voipbin_mock import Mock, VoIPBINWarning

COUNTS = [f"max_try_count_{n}" for n in range(5)]
INTS = ["dial_timeout", "try_interval", *COUNTS]
PLAN: dict[str, Any] = {
    "name": "evening",
    "detail": "",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 30000,
    "try_interval": 60000,
    **dict.fromkeys(COUNTS, 1),
}
HEADER = "X-VoIPBIN-Mock-Warning"


def send(mock: Mock, body: Any) -> Any:
    """A body, as text or as a value, to POST /outplans."""
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return mock.client.post("/v1.0/outplans", data=text, content_type="application/json")


def error_of(reply: Any) -> Any:
    return json.loads(reply.text)["error"]


def pointers(reply: Any) -> list[str]:
    return [detail["pointer"] for detail in error_of(reply)["details"]]


@pytest.fixture
def lenient() -> Any:
    with Mock("documented", strict=False, ignore="all") as mock:
        yield mock


# --- decoding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "\n\n",
        "[]",
        '"x"',
        "5",
        "true",
        "{",
        '{"name"',
        '{"name":"x"',
        '{"name":"x",}',
        "{'name':'x'}",
        '{name:"x"}',
        "NaN",
        '{"dial_timeout":NaN}',
        '{"dial_timeout":Infinity}',
        '{"dial_timeout":01}',
        '{"dial_timeout":+1}',
        '{"dial_timeout":1.}',
        '{"dial_timeout":0x10}',
        '{"name":"a\nb"}',
        '{"name":"\\x41"}',
        "nul",
        "nulx",
        "\ufeff{}",
        b"\xff{}",
        "[" * 10_000,
        '{"a":' * 10_000,
        "name=x",
        "<xml/>",
    ],
    ids=lambda body: repr(body)[:30],
)
def test_what_is_no_json_object_cannot_be_decoded(either: Mock, body: Any) -> None:
    reply = send(either, body)
    assert reply.status_code == 400
    error = error_of(reply)
    assert (error["reason"], error["status"]) == ("INVALID_JSON_BODY", "INVALID_ARGUMENT")
    assert error["details"]
    assert not either.outplans.list()


@pytest.mark.parametrize("name", INTS)
@for_each(
    "literal", ['"5"', "true", "1.5", "30000.0", "3e4", "3E4", "1e2", "9223372036854775808", "[]", "{}", "9" * 30]
)
def test_what_is_no_integer_literal_cannot_be_decoded_as_one(either: Mock, name: str, literal: str) -> None:
    body = json.dumps({**PLAN, name: "@"}).replace('"@"', literal)
    reply = send(either, body)
    assert error_of(reply)["reason"] == "INVALID_JSON_BODY"
    assert pointers(reply) == [f"/{name}"]


@pytest.mark.parametrize("name", ["name", "detail", "source"])
@pytest.mark.parametrize("value", [5, True, [], 1.5])
def test_a_value_of_another_type_cannot_be_decoded(either: Mock, name: str, value: Any) -> None:
    reply = send(either, {**PLAN, name: value})
    assert error_of(reply)["reason"] == "INVALID_JSON_BODY"
    assert pointers(reply) == [f"/{name}"]
    assert error_of(reply)["details"][0]["value"] == ("array of 0 items" if value == [] else value)


def test_a_member_of_the_source_of_another_type_cannot_be_decoded(either: Mock) -> None:
    reply = send(either, {**PLAN, "source": {"type": "tel", "target": 15559876543}})
    assert error_of(reply)["reason"] == "INVALID_JSON_BODY"
    assert pointers(reply) == ["/source/target"]


@pytest.mark.parametrize("tail", [" x", "{}", "]", '{"name":"other"}', "\x00", "//"])
def test_text_after_the_value_is_ignored_unless_bodies_are_held_against_the_schema(
    documented: Mock, server: Mock, lenient: Mock, tail: str
) -> None:
    assert error_of(send(documented, json.dumps(PLAN) + tail))["reason"] == "INVALID_JSON_BODY"
    for mock in (server, lenient):
        assert send(mock, json.dumps(PLAN) + tail).json["name"] == "evening"


@pytest.mark.parametrize("body", [{}, None, {"name": None, "source": None, "dial_timeout": None}])
def test_what_is_missing_or_null_is_zero_where_the_schema_does_not_rule(server: Mock, lenient: Mock, body: Any) -> None:
    for mock in (server, lenient):
        reply = send(mock, body)
        assert reply.status_code == 200
        assert [reply.json[name] for name in ("name", *INTS)] == ["", *[0] * 7]


def test_member_names_match_in_any_letter_case_and_the_last_one_wins(server: Mock, lenient: Mock) -> None:
    for mock in (server, lenient):
        assert send(mock, '{"NAME":"a","Dial_Timeout":5000,"sOuRcE":{"Type":"tel"}}').json["dial_timeout"] == 5000
        made = mock.outplans.list()[0]
        assert (made.name, made.source.type) == ("a", "tel")
        assert send(mock, '{"name":"a","Name":"b"}').json["name"] == "b"
        assert send(mock, '{"Name":"b","name":"a"}').json["name"] == "a"
        assert send(mock, '{"name":"a","name":"b"}').json["name"] == "b"


def test_a_member_in_another_letter_case_is_missing_by_the_schema_and_the_person_is_told(documented: Mock) -> None:
    body = {("Name" if name == "name" else name): value for name, value in PLAN.items()}
    reply = send(documented, body)
    assert pointers(reply) == ["/name"]
    assert 'write "name", not "Name"' in documented.requests[-1].hint


@pytest.mark.parametrize("value", [-1, -(2**31), 2**31 - 1, 0])
def test_integers_of_32_bits_are_stored_where_the_schema_does_not_rule(server: Mock, value: int) -> None:
    assert send(server, {**PLAN, "try_interval": value}).json["try_interval"] == value


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 2**63 - 1, -(2**63)])
def test_integers_that_do_not_fit_the_column_are_refused(either: Mock, value: int) -> None:
    reply = send(either, {**PLAN, "try_interval": value})
    assert error_of(reply)["reason"] == "INVALID_ARGUMENT"
    assert pointers(reply) == ["/try_interval"]


def test_a_name_may_have_255_characters(either: Mock) -> None:
    assert send(either, {**PLAN, "name": "ü" * 255}).status_code == 200
    reply = send(either, {**PLAN, "name": "ü" * 256})
    assert error_of(reply)["reason"] == "INVALID_ARGUMENT"
    assert pointers(reply) == ["/name"]


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "nonsense"])
def test_the_content_type_does_not_matter(either: Mock, content_type: str | None) -> None:
    reply = either.client.post("/v1.0/outplans", data=json.dumps(PLAN), content_type=content_type)
    assert reply.status_code == 200


@pytest.mark.parametrize("source", [{"type": "carrier-pigeon", "target": "coo"}, {"type": "tel", "target": "x"}, {}])
def test_the_server_stores_any_source(server: Mock, lenient: Mock, source: Any) -> None:
    assert send(server, {**PLAN, "source": source}).json["source"] == source
    assert send(lenient, {**PLAN, "source": source}).json["source"]["type"] == source.get("type", "")


# --- the schema ----------------------------------------------------------------------------------


def test_every_missing_member_is_named(documented: Mock) -> None:
    reply = send(documented, {})
    error = error_of(reply)
    assert (reply.status_code, error["reason"]) == (400, "INVALID_ARGUMENT")
    assert sorted(pointers(reply)) == sorted(f"/{name}" for name in PLAN if name != "source")
    for detail in error["details"]:
        assert list(detail) == ["pointer", "message", "expected", "value"]
        assert "missing" in detail["message"]
    assert pointers(send(documented, None)) == pointers(reply)


def test_every_fault_is_named_on_the_wire_and_to_the_person(documented: Mock) -> None:
    body = {
        "name": "x" * 300,
        "detail": None,
        "source": {"type": "fax", "target": "5"},
        "dial_timeout": -1,
        "try_interval": 2**40,
        **dict.fromkeys(COUNTS[:4], -5),
    }
    reply = send(documented, body)
    assert error_of(reply)["reason"] == "INVALID_ARGUMENT"
    wanted = ["/name", "/detail", "/source/type", "/dial_timeout", "/try_interval", *(f"/{n}" for n in COUNTS[:4])]
    assert sorted(pointers(reply)) == sorted(wanted)
    assert [violation.pointer for violation in documented.requests[-1].violations] == pointers(reply)
    report = documented.report()
    assert all(pointer in report for pointer in wanted)


def test_faults_of_both_kinds_are_named_together(documented: Mock) -> None:
    body = {name: value for name, value in PLAN.items() if name != "detail"}
    reply = send(documented, {**body, "dial_timeout": "30", "try_interval": -1})
    assert error_of(reply)["reason"] == "INVALID_JSON_BODY"  # that comes first in the service
    assert sorted(pointers(reply)) == ["/detail", "/dial_timeout", "/try_interval"]


@pytest.mark.parametrize("target", ["+1234567", "+123456789012345", "+15559876543", "+821100000001"])
def test_numbers_of_7_to_15_digits_are_e164(documented: Mock, target: str) -> None:
    assert send(documented, {**PLAN, "source": {"type": "tel", "target": target}}).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "",
        "+",
        "15559876543",
        "+123456",
        "+1234567890123456",
        "+0123456789",
        "+1 555 987 6543",
        "+1-555-987-6543",
        "+1555987654x",
        "+15559876543\n",
        " +15559876543",
        "++15559876543",
        "+１５５５９８７６５４３",
        "tel:+15559876543",
    ],
)
def test_any_other_number_is_not(documented: Mock, target: str) -> None:
    reply = send(documented, {**PLAN, "source": {"type": "tel", "target": target}})
    assert error_of(reply)["reason"] == "INVALID_ARGUMENT"
    (detail,) = error_of(reply)["details"]
    assert detail["pointer"] == "/source/target"
    assert "E.164" in detail["expected"]
    assert detail["value"] == target


def test_a_telephone_source_needs_a_target(documented: Mock) -> None:
    assert pointers(send(documented, {**PLAN, "source": {"type": "tel"}})) == ["/source/target"]
    assert send(documented, {**PLAN, "source": {"type": "sip", "target": "a@b"}}).status_code == 200


def test_strict_and_lenient_are_a_switch_of_their_own() -> None:
    wrong = {"name": "x", "dial_timeout": -5}
    for profile in ("documented", "server"):
        with Mock(profile, strict=True, ignore="all") as mock:
            assert send(mock, wrong).status_code == 400
            assert not mock.outplans.list()
        with Mock(profile, strict=False, ignore="all") as mock:
            assert send(mock, wrong).status_code == 200


def test_the_overviews_shorter_body_is_good_enough(documented: Mock) -> None:
    assert send(documented, {name: value for name, value in PLAN.items() if name != "source"}).status_code == 200


@pytest.mark.parametrize("missing", sorted(set(PLAN) - {"name", "detail"}))
def test_dial_info_needs_all_eight_if_one_is_strict(missing: str) -> None:
    body = {name: value for name, value in PLAN.items() if name not in ("name", "detail", missing)}
    with Mock(strict=True) as strict, Mock() as mock, pytest.warns(VoIPBINWarning, match=f"missing-member. /{missing}"):
        refused, taken = (
            each.client.put(f"/v1.0/outplans/{each.outplans.create(name='x').id}/dial_info", json=body)
            for each in (strict, mock)
        )
    assert pointers(refused) == [f"/{missing}"]
    zero = dict.fromkeys(("type", "target", "target_name", "name", "detail"), "") if missing == "source" else 0
    assert (taken.status_code, taken.json[missing]) == (200, zero)


def test_a_pointer_is_escaped_and_a_long_value_shortened(documented: Mock) -> None:
    with Mock(error=["unknown-member"]) as mock:
        assert pointers(send(mock, {**PLAN, "a/b~c": 1})) == ["/a~1b~0c"]
    reply = send(documented, {**PLAN, "source": {"type": "tel", "target": "x" * 100_000}})
    assert len(reply.data) < 2000


def test_a_refused_body_changes_nothing(either: Mock) -> None:
    plan = either.client.post("/v1.0/outplans", json=PLAN).json
    for body in ({"name": 5, "detail": "x"}, {"name": "x" * 256, "detail": "y"}, []):
        assert either.client.put(f"/v1.0/outplans/{plan['id']}", json=body).status_code == 400
    assert either.client.get(f"/v1.0/outplans/{plan['id']}").json == plan


# --- lint ----------------------------------------------------------------------------------------


def findings(body: Any, profile: str = "documented") -> list[tuple[str, str, str]]:
    """Code, pointer and advice of every warning that a body causes."""
    with warnings.catch_warnings(record=True) as caught, Mock(profile) as mock:
        warnings.simplefilter("always")
        reply = send(mock, body)
        assert reply.status_code == 200, reply.text
        told = [(w.message.code, w.message.pointer) for w in caught if isinstance(w.message, VoIPBINWarning)]
        assert told == [(w.code, w.pointer) for w in mock.warnings]
        assert len(reply.headers.getlist(HEADER)) == len(told)
        for (code, pointer), header in zip(told, reply.headers.getlist(HEADER), strict=True):
            assert header.startswith(f"[{code}] {pointer}:")
        assert [(w.code, w.pointer) for w in mock.requests[-1].warnings] == told
        return [(w.code, w.pointer, w.advice) for w in mock.warnings]


def test_a_good_body_causes_no_warning() -> None:
    assert findings(PLAN) == findings(PLAN, "server") == []


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("dial_timeout", 30, "30000"),
        ("dial_timeout", 60, "60000"),
        ("dial_timeout", 999, "999000"),
        ("try_interval", 60, "60000"),
        ("try_interval", 600, "600000"),
        ("try_interval", 1800, "1800000"),
        ("try_interval", 3600, "3600000"),
        ("try_interval", 86400, "86400000"),
    ],
)
def test_a_time_that_looks_like_seconds_is_told(name: str, value: int, advice: str) -> None:
    ((code, pointer, text),) = findings({**PLAN, name: value})
    assert (code, pointer) == ("seconds-not-milliseconds", f"/{name}")
    assert advice in text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dial_timeout", 0),
        ("dial_timeout", 1000),
        ("dial_timeout", 45500),
        ("try_interval", 0),
        ("try_interval", 90000),
    ],
)
def test_a_time_in_milliseconds_is_not(name: str, value: int) -> None:
    assert findings({**PLAN, name: value}) == []


def test_a_source_that_the_account_does_not_own_is_told() -> None:
    ((code, pointer, _),) = findings({**PLAN, "source": {"type": "tel", "target": "+15550000000"}})
    assert (code, pointer) == ("unowned-source", "/source/target")
    assert findings({**PLAN, "source": {"type": "sip", "target": "a@b"}}) == []


def test_a_released_number_is_not_owned_any_more() -> None:
    with Mock() as mock:
        number = mock.numbers.get(number="+15559876543")
        assert mock.client.delete(f"/v1.0/numbers/{number.id}").status_code == 200
        with pytest.warns(VoIPBINWarning, match="unowned-source"):
            send(mock, PLAN)


def test_an_outplan_that_never_dials_is_told() -> None:
    ((code, _, _),) = findings({**PLAN, **dict.fromkeys(COUNTS, 0)})
    assert code == "no-tries"
    assert findings({**PLAN, **dict.fromkeys(COUNTS, 0), "max_try_count_4": 1}) == []


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_an_unknown_member_is_told_with_the_nearest_name(profile: str) -> None:
    ((code, pointer, advice),) = findings({**PLAN, "max_try_count0": 3}, profile)
    assert (code, pointer) == ("unknown-member", "/max_try_count0")
    assert 'did you mean "max_try_count_0"?' in advice or 'did you mean "max_try_count_' in advice
    ((_, pointer, advice),) = findings({**PLAN, "zzz": 3}, profile)
    assert pointer == "/zzz"
    assert "did you mean" not in advice


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_an_unknown_member_inside_the_source_is_told_too(profile: str) -> None:
    source = {**PLAN["source"], "targetname": "Ann", "Type": "tel"}
    ((code, pointer, advice),) = findings({**PLAN, "source": source}, profile)
    assert (code, pointer, advice) == ("unknown-member", "/source/targetname", 'did you mean "target_name"?')


def test_a_refused_body_names_the_nearest_name_to_the_person(documented: Mock) -> None:
    body = {("nmae" if name == "name" else name): value for name, value in PLAN.items()}
    assert pointers(send(documented, body)) == ["/name"]
    assert 'did you mean "name"?' in documented.requests[-1].hint
    assert "nmae" in documented.report()


def test_several_warnings_of_one_body_are_all_told() -> None:
    body = {**PLAN, "dial_timeout": 30, "try_interval": 60, **dict.fromkeys(COUNTS, 0), "x": 1}
    found = findings({**body, "source": {"type": "tel", "target": "+15550000000"}})
    codes = ["no-tries", "seconds-not-milliseconds", "seconds-not-milliseconds", "unknown-member", "unowned-source"]
    assert sorted(code for code, _, _ in found) == codes


def test_a_put_that_clears_a_member_is_told() -> None:
    with Mock("server") as mock:
        plan = mock.outplans.create(name="x", detail="kept?")
        with pytest.warns(VoIPBINWarning, match="cleared-member"):
            mock.client.put(f"/v1.0/outplans/{plan.id}", json={"NAME": "y"})
        assert [(w.code, w.pointer) for w in mock.warnings] == [("cleared-member", "/detail")]


def test_a_missing_content_type_is_told() -> None:
    with pytest.warns(VoIPBINWarning, match="content-type"), Mock() as mock:
        mock.client.post("/v1.0/outplans", data=json.dumps(PLAN))


# --- raising and silencing by code ---------------------------------------------------------------

UNWISE = {**PLAN, "dial_timeout": 30, "extra": 1, **dict.fromkeys(COUNTS, 0)}


@pytest.mark.parametrize("profile", ["documented", "server"])
def test_a_code_raised_to_an_error_refuses_the_request(profile: str) -> None:
    with Mock(profile, error=["seconds-not-milliseconds"], ignore=["unknown-member", "no-tries"]) as mock:
        reply = send(mock, UNWISE)
        assert (reply.status_code, error_of(reply)["reason"]) == (400, "INVALID_ARGUMENT")
        assert pointers(reply) == ["/dial_timeout"]
        assert not mock.outplans.list()
        assert not mock.warnings
        assert send(mock, PLAN).status_code == 200


def test_all_codes_raised_name_every_finding() -> None:
    with Mock(error="all") as mock:
        reply = mock.client.post("/v1.0/outplans", data=json.dumps(UNWISE))
        assert sorted(pointers(reply)) == ["", "/dial_timeout", "/extra", "/max_try_count_0"]
        broken = {**UNWISE, "name": None}
        assert sorted(pointers(send(mock, broken))) == ["/extra", "/name"]


def test_a_silenced_code_says_nothing() -> None:
    with Mock(ignore=["seconds-not-milliseconds", "no-tries", "unknown-member"]) as mock:
        reply = send(mock, UNWISE)
        assert reply.status_code == 200
        assert HEADER not in reply.headers
        assert not mock.warnings


def test_a_warning_never_changes_the_answer() -> None:
    with warnings.catch_warnings(), Mock(clock="2026-03-01") as one, Mock(clock="2026-03-01", ignore="all") as other:
        warnings.simplefilter("ignore")
        assert send(one, UNWISE).data == send(other, UNWISE).data


def test_python_can_turn_a_warning_into_an_exception_where_the_call_was_made() -> None:
    with warnings.catch_warnings(), Mock() as mock:
        warnings.simplefilter("error", VoIPBINWarning)
        with pytest.raises(VoIPBINWarning, match="no-tries"):
            send(mock, {**PLAN, **dict.fromkeys(COUNTS, 0)})
        assert len(mock.outplans) == 1  # the service would have created it
