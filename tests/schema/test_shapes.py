"""Two readings of one schema agree: the compiled check is never more lenient than jsonschema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing import Resource as Document

from tests.support.each import for_each
from voipbin_mock import catalog
from voipbin_mock.schema import files as data
from voipbin_mock.schema.checks import compile_check
from voipbin_mock.schema.documents import BASE_URI, document, resolve
from voipbin_mock.schema.parts import SchemaPart
from voipbin_mock.schema.tolerance import EMPTY, LEFT_OUT
from voipbin_mock.wire.errors import Violation, join_pointer

PARTS = [
    resource.part(name) for resource in catalog.default().resources.values() for name in resource.document["$defs"]
]
BODIES = [part for part in PARTS if part.name not in ("record", "fixture")]
LEFT_OUT_OF = {
    part: [name for name in part.schema.get("required", ()) if LEFT_OUT in part.schema["properties"][name]]
    for part in BODIES
}
EMPTY_IN = {
    part: [name for name, member in part.schema.get("properties", {}).items() if EMPTY in member] for part in BODIES
}
GAPPY = [part for part in BODIES if LEFT_OUT_OF[part] or EMPTY_IN[part]]
REGISTRY: Registry[Any] = Registry().with_resources(
    [(f"{BASE_URI}{name}.json", Document.from_contents(data.load(path))) for name, path in data.schemas().items()]
)
VALIDATORS = {
    part: Draft202012Validator(
        {"$ref": f"{BASE_URI}{part.resource}.json#/$defs/{part.name}"}, registry=REGISTRY
    )
    for part in PARTS
}  # fmt: skip

each_part = pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.resource}.{part.name}")
each_body = pytest.mark.parametrize("part", BODIES, ids=lambda part: f"{part.resource}.{part.name}")
few, more = settings(max_examples=3), settings(max_examples=4)  # for each of more than two hundred parts


# --- making bodies -------------------------------------------------------------------------------

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 300)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, 1.0, -0.0, 2**31, -(2**31) - 1, 2**63, 2**64, 1e300])
    | st.text(max_size=6)
    | st.sampled_from(["", "tel", "+15559876543", "x" * 256, "9999-01-01 00:00:00.000000", "\x00", "é\u2028"])
)
NAMES = st.sampled_from(sorted({name for part in PARTS for name in part.names} | {"type", "target", "NAME"})) | st.text(
    max_size=4
)
JSON = st.recursive(
    LEAVES, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=4), max_leaves=8
)


def valid(schema: Any, home: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that satisfy one of our schemas, made from the schema alone."""
    schema, home = resolve(schema, home)
    kinds = schema.get("type", "object")
    if isinstance(kinds, list):
        return st.one_of(*(valid({**schema, "type": kind}, home) for kind in kinds))
    if kinds == "null":
        return st.none()
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if kinds == "object":
        return _valid_object(schema, home)
    if kinds == "array":
        return st.lists(valid(schema["items"], home), min_size=schema.get("minItems", 0), max_size=3)
    if kinds == "boolean":
        return st.booleans()
    if kinds == "number":
        least, most = schema.get("minimum"), schema.get("maximum")
        return st.floats(least, most, allow_nan=False, allow_infinity=False) | st.integers(least, most)
    if kinds == "integer":
        return st.integers(schema.get("minimum", -(2**63)), schema.get("maximum", 2**63 - 1))
    assert kinds == "string", kinds
    if schema.get("x-kind") == "uuid":  # several times faster than from the pattern
        return st.uuids().map(str)
    if "pattern" in schema:
        # The patterns end in a lookahead for the end of the text, which a generator cannot use.
        return st.from_regex(schema["pattern"].replace("(?![\\s\\S])", r"\Z").lstrip("^"), fullmatch=True)
    return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 8), 8))


def _joined(name: str, pair: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    """A body, with the members that one of its members asks for."""
    body, others = pair
    return {**others, **body} if name in body else body


def _valid_object(schema: Mapping[str, Any], home: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    members = {name: valid(member, home) for name, member in schema.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    plain = st.fixed_dictionaries(
        {name: members[name] for name in members if name in required},
        optional={name: members[name] for name in members if name not in required},
    )
    for name, others in schema.get("dependentRequired", {}).items():
        with_others = st.fixed_dictionaries({other: members[other] for other in others})
        plain = st.tuples(plain, with_others).map(partial(_joined, name))
    if "minProperties" in schema:
        plain = plain.filter(lambda body: len(body) >= schema["minProperties"])
    if "if" not in schema:
        return plain
    ((name, condition),) = schema["if"]["properties"].items()
    forced = {key: valid(sub, home) for key, sub in schema["then"]["properties"].items()}
    when = plain.flatmap(lambda body: st.fixed_dictionaries(forced).map(lambda more: {**body, **more}))
    return when.map(lambda body: {**body, name: condition["const"]}) | plain.filter(
        lambda body: body.get(name) != condition["const"]
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in items:
        yield from places(inside, (*path, key))


def copied(value: Any) -> Any:
    """A JSON value of its own: what one example changes, the next must not see."""
    if isinstance(value, dict):
        return {key: copied(inside) for key, inside in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


@st.composite
def mutated(draw: st.DrawFn, part: SchemaPart) -> Any:
    """A valid body with a few things wrong, or at least changed."""
    body = copied(draw(satisfying(part)))
    for _ in range(draw(st.integers(1, 3))):
        inside_of_body = [place for place in places(body) if place]
        *path, last = draw(st.sampled_from(inside_of_body or [("name",)]))
        inside = body
        for key in path:
            inside = inside[key]
        how = draw(st.sampled_from(["replace", "drop", "add", "float", "upper"]))
        if isinstance(inside, list):
            inside[last] = draw(JSON)
        elif how == "drop":
            inside.pop(last, None)
        elif how == "add":
            inside[draw(NAMES)] = draw(JSON)
        elif how == "upper" and last in inside:
            inside[last.upper()] = inside.pop(last)
        elif how == "float" and type(inside.get(last)) is int:
            inside[last] = float(min(abs(inside[last]), 2**31))
        else:
            inside[last] = draw(JSON)
    return body


@cache
def satisfying(part: SchemaPart) -> st.SearchStrategy[Any]:
    return valid(part.schema, part.home)


@cache
def bodies(part: SchemaPart) -> st.SearchStrategy[Any]:
    return st.one_of(satisfying(part), mutated(part), mutated(part), JSON)


def at(value: Any, pointer: str) -> Any:
    """The value a JSON pointer leads to."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


# --- our own schemas -----------------------------------------------------------------------------


@each_part
@given(st.data())
@more
def test_what_is_surely_valid_is_valid_and_violations_are_told_of_nothing_else(
    part: SchemaPart, data: st.DataObject
) -> None:
    body = data.draw(bodies(part))
    is_valid = VALIDATORS[part].is_valid(body)
    assert is_valid or not part.surely_valid(body)
    assert (part.violations(body) == []) == is_valid


@each_part
@given(st.data())
@few
def test_a_typical_valid_body_takes_the_fast_way(part: SchemaPart, data: st.DataObject) -> None:
    body = data.draw(satisfying(part))
    assert VALIDATORS[part].is_valid(body)
    assert part.surely_valid(body)


def gappy(part: SchemaPart, data: st.DataObject) -> tuple[dict[str, Any], set[str]]:
    """A body that is valid but for what published clients do, and the pointers to that."""
    body = copied(data.draw(satisfying(part)))
    left_out = data.draw(st.sets(st.sampled_from(LEFT_OUT_OF[part]))) if LEFT_OUT_OF[part] else set()
    emptied = data.draw(st.sets(st.sampled_from(EMPTY_IN[part]))) if EMPTY_IN[part] else set()
    for name in left_out:
        body.pop(name, None)
    body |= dict.fromkeys(emptied, "")
    return body, {f"/{name}" for name in left_out | emptied}


@pytest.mark.parametrize("part", GAPPY, ids=lambda part: f"{part.resource}.{part.name}")
@given(st.data())
@few
def test_what_published_clients_do_is_told_and_hides_no_other_fault(part: SchemaPart, data: st.DataObject) -> None:
    body, done = gappy(part, data)
    if not body:
        assert part.judge(body) == (part.violations(body), [])
        return
    violations, found = part.judge(body)
    assert (violations, {gap.pointer for gap in found}) == ([], done)
    assert part.surely_valid(body) == (not done)
    assert part.surely_tolerable(body), "without the library"
    name = data.draw(st.sampled_from(sorted(body)))
    body[name] = {"no": ["such"]}
    violations, _ = part.judge(body)
    assert {violation.pointer.split("/")[1] for violation in violations} <= {name}
    assert bool(violations) != VALIDATORS[part].is_valid({**data.draw(satisfying(part)), name: body[name]})


@each_part
@given(st.data())
@more
def test_violations_name_every_fault_with_its_place_and_value(part: SchemaPart, data: st.DataObject) -> None:
    body = data.draw(mutated(part))
    found = part.violations(body)
    pointers = {violation.pointer for violation in found}
    for violation in found:
        assert isinstance(violation, Violation)
        assert violation.message
        assert violation.expected
        parent, _, _ = violation.pointer.rpartition("/")
        if violation.message.endswith("is missing"):
            assert violation.value is None
            with pytest.raises(KeyError):
                at(body, violation.pointer)
            at(body, parent)
        elif violation.expected != "no such member":
            assert violation.value == at(body, violation.pointer)
    for error in VALIDATORS[part].iter_errors(body):
        where = join_pointer("", *error.absolute_path)
        assert any(pointer == where or pointer.startswith(f"{where}/") for pointer in pointers), error
        if error.validator == "required":
            missing = {name for name in error.validator_value if name not in error.instance}
            assert {join_pointer(where, name) for name in missing} <= pointers


@each_part
@given(st.data())
@more
def test_decoding_gives_all_members_whatever_comes(part: SchemaPart, data: st.DataObject) -> None:
    values, problems = part.decode(data.draw(bodies(part)))
    assert list(values) == [member.name for member in part.members]
    assert part.decode(values) == (values, [])
    json.dumps(values)
    assert all(problem.pointer.startswith("/") or problem.pointer == "" for problem in problems)


@each_part
@given(st.data())
@few
def test_decoding_keeps_what_it_can_read(part: SchemaPart, data: st.DataObject) -> None:
    body = data.draw(satisfying(part))
    values, problems = part.decode(body)
    assert not problems
    for member in part.members:
        if member.name not in body or body[member.name] is None:
            assert values[member.name] == member.zero()
        elif member.kind in ("string", "integer", "boolean", "stamp", "any"):
            assert values[member.name] == body[member.name]


@each_body
@given(st.data())
@few
def test_what_satisfies_a_schema_fits_the_columns(part: SchemaPart, data: st.DataObject) -> None:
    resource = catalog.default().resources[part.resource]
    values, _ = part.decode(data.draw(satisfying(part)))
    assert resource.record.over_limits(values) == []


@for_each("part", PARTS, lambda part: f"{part.resource}.{part.name}")
@pytest.mark.parametrize("raw", [None, {}], ids=["null", "{}"])
def test_nothing_decodes_to_zero(part: SchemaPart, raw: Any) -> None:
    values, problems = part.decode(raw)
    assert not problems
    assert values == {member.name: member.zero() for member in part.members}


@pytest.mark.parametrize("raw", [[], "text", 1, True, 1.5], ids=repr)
def test_a_body_that_is_no_object_is_one_problem_of_the_whole(raw: Any) -> None:
    values, problems = outplan("create").decode(raw)
    assert [problem.pointer for problem in problems] == [""]
    assert values == outplan("create").decode({})[0]


def outplan(part: str) -> SchemaPart:
    return catalog.default().resources["outplans"].part(part)


FAULTS = {
    "dial_timeout": (-1, "a whole number of milliseconds from 0 to 2147483647"),
    "try_interval": (1.5, "a whole number of milliseconds from 0 to 2147483647"),
    "max_try_count_0": (True, "a whole number from 0 to 2147483647"),
    "max_try_count_1": ("5", "a whole number from 0 to 2147483647"),
    "max_try_count_2": (None, "a whole number from 0 to 2147483647"),
    "max_try_count_3": (2**31, "a whole number from 0 to 2147483647"),
    "name": ("x" * 256, "a string of at most 255 characters"),
    "source": ({"type": "tel", "target": "5551234"}, "an E.164 number such as +15550100001"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_pointer_expectation_and_value(name: str) -> None:
    value, expected = FAULTS[name]
    (fault,) = (v for v in outplan("create").violations({name: value}) if not v.message.endswith("is missing"))
    assert fault.pointer == ("/source/target" if name == "source" else f"/{name}")
    assert fault.expected == expected
    assert fault.value == (value["target"] if isinstance(value, dict) else value)


def test_all_faults_of_a_body_are_told_at_once() -> None:
    body = {name: value for name, (value, _) in FAULTS.items()}
    found = {violation.pointer for violation in outplan("create").violations(body)}
    assert found == {f"/{name}" for name in FAULTS if name != "source"} | {
        "/source/target", "/detail", "/max_try_count_4"
    }  # fmt: skip


def test_a_long_value_is_quoted_short_on_the_wire() -> None:
    (fault,) = outplan("update").violations({"name": "x" * 5000, "detail": ""})
    assert len(json.dumps(fault.as_dict())) < 500
    assert len(fault.message) < 300
    assert fault.value == "x" * 5000


@pytest.mark.parametrize("name", ["Name", "NAME", "nAmE"])
def test_member_names_are_read_in_any_letter_case(name: str) -> None:
    assert outplan("update").decode({name: "a"})[0]["name"] == "a"


def test_of_two_spellings_of_a_name_the_last_one_wins() -> None:
    assert outplan("update").decode({"name": "a", "NAME": "b"})[0]["name"] == "b"
    assert outplan("update").decode({"NAME": "b", "name": "a"})[0]["name"] == "a"


def test_a_bad_value_is_told_once_however_its_name_is_spelled() -> None:
    _, problems = outplan("update").decode({"name": 5, "DETAIL": "x"})
    assert [problem.pointer for problem in problems] == ["/name"]


def test_an_address_comes_out_with_all_five_members() -> None:
    values, _ = outplan("create").decode({"source": {"type": "tel", "TARGET": "+1"}})
    assert values["source"] == {"type": "tel", "target": "+1", "target_name": "", "name": "", "detail": ""}


def test_zeros_are_fresh_each_time() -> None:
    part = catalog.default().resources["agents"].part("create")
    first, _ = part.decode({})
    first["tag_ids"].append("changed")
    first["addresses"].append({})
    assert part.decode({})[0]["tag_ids"] == part.decode({})[0]["addresses"] == []


# --- hand-made schemas, to trip the compiled check -----------------------------------------------

TREE = {
    "$defs": {"tree": {"type": "object", "properties": {"child": {"$ref": "#/$defs/tree"}, "n": {"type": "integer"}}}},
    "$ref": "#/$defs/tree",
}
TRAPS: dict[str, tuple[Any, list[Any]]] = {
    "a float that is whole is an integer to the library": ({"type": "integer"}, [1.0, 1.5, True, 1, "1", 2**70]),
    "a boolean is no number": ({"type": "number", "minimum": 0}, [True, False, 0, 0.0, -1, "0"]),
    "a limit is for numbers alone": ({"minimum": 5}, [True, "x", None, 4, 5.0]),
    "true is not 1 in an enum": ({"enum": [1, "a"]}, [True, 1, 1.0, "a", "1", None]),
    "false is not 0 in a const": ({"const": 0}, [False, 0, 0.0, -0.0, None]),
    "an enum of anything": ({"enum": [None, True, 1.5, {"a": 1}, [1]]}, [None, True, 1, 1.5, {"a": 1}, {"a": True}]),
    "a const object": ({"const": {"a": [1, 2]}}, [{"a": [1, 2]}, {"a": [2, 1]}, {}]),
    "text with a limit and an enum": ({"type": "string", "enum": ["aa", "b"], "maxLength": 1}, ["aa", "b", "c"]),
    "an enum of other things for text": ({"type": "string", "enum": [1, None, "a"]}, [1, None, "a", "None"]),
    "a limit is for text alone": ({"maxLength": 2}, ["abc", "ab", [1, 2, 3], 123]),
    "length in characters": ({"type": "string", "maxLength": 2}, ["é\u0301", "😀😀", "😀😀😀"]),
    "a pattern may match anywhere": ({"type": "string", "pattern": "b"}, ["abc", "ac", 5]),
    "a pattern beside a limit": ({"type": "string", "pattern": "^a", "maxLength": 2}, ["abc", "ab", "b"]),
    "a pattern is for text alone": ({"pattern": "^a"}, [5, "a", "b", None]),
    "a limit on one side": ({"type": "integer", "minimum": 3}, [2, 3, 3.0]),
    "fractional limits": ({"type": "integer", "minimum": 0.5, "maximum": 2.5}, [0, 1, 2, 3]),
    "several types": ({"type": ["string", "null"], "maxLength": 1}, [None, "a", "aa", 1]),
    "required beyond the properties": ({"type": "object", "required": ["z"]}, [{}, {"z": None}, {"a": 1}]),
    "required is for objects alone": ({"required": ["a"]}, [[], "a", {}, {"a": 1}]),
    "properties are for objects alone": ({"properties": {"a": {"type": "integer"}}}, [5, [], {"a": "x"}, {"a": 1}]),
    "no further members": (
        {"properties": {"a": True}, "additionalProperties": False},
        [{}, {"a": 1}, {"b": 1}, {"a": 1, "b": 2}, []],
    ),
    "further members of a kind": ({"additionalProperties": {"type": "integer"}}, [{}, {"a": 1}, {"a": "x"}]),
    "members by pattern": (
        {"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False},
        [{"x": "a"}, {"x": 1}, {"y": "a"}],
    ),
    "a forbidden member": ({"properties": {"a": False}}, [{}, {"a": 1}, {"b": 1}]),
    "items": ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [[], [1], [1, "x"], "x"]),
    "the first items": ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, [["a", 1], [1], []]),
    "at most so many items": ({"type": "array", "maxItems": 1}, [[], [1], [1, 2]]),
    "nothing twice": ({"type": "array", "uniqueItems": True}, [[1, 1], [1, True], [1, 2]]),
    "one of several": ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 3, "x"]),
    "not": ({"not": {"type": "string"}}, ["a", 1]),
    "all of": ({"allOf": [{"minimum": 2}, {"maximum": 3}]}, [1, 2, 4]),
    "a multiple": ({"type": "integer", "multipleOf": 5}, [5, 6]),
    "beyond, not at": ({"exclusiveMinimum": 5}, [5, 6]),
    "if and then": (
        {"if": {"properties": {"k": {"const": "x"}}, "required": ["k"]}, "then": {"required": ["v"]}},
        [{}, {"k": "x"}, {"k": "x", "v": 1}, {"k": "y"}, {"k": 1}, []],
    ),
    "if without required": (
        {"if": {"properties": {"k": {"const": "x"}}}, "then": {"required": ["v"]}},
        [{}, {"k": "x"}, {"k": "y"}, []],
    ),
    "if with a number": (
        {"if": {"properties": {"k": {"const": 1}}, "required": ["k"]}, "then": {"required": ["v"]}},
        [{"k": 1}, {"k": 1.0}, {"k": True}, {"k": 1, "v": 0}],
    ),
    "if and else": (
        {"if": {"properties": {"k": {"const": "x"}}, "required": ["k"]}, "then": True, "else": {"required": ["v"]}},
        [{}, {"k": "x"}, {"k": "y", "v": 1}],
    ),
    "if that is true": ({"if": True, "then": {"type": "string"}}, [1, "a"]),
    "if with a boolean condition": (
        {"if": {"properties": {"a": True}, "required": ["a"]}, "then": False}, [{}, {"a": 1}]
    ),
    "then without if": ({"then": {"type": "string"}, "type": "integer"}, [1, "a"]),
    "a reference with stricter words beside it": (
        {"$defs": {"s": {"maxLength": 10}}, "$ref": "#/$defs/s", "maxLength": 3}, ["a", "abcd", "x" * 11]
    ),
    "a reference with laxer words beside it": (
        {"$defs": {"s": {"maxLength": 3}}, "$ref": "#/$defs/s", "maxLength": 10}, ["a", "abcd", "x" * 11]
    ),
    "a reference with properties beside it": (
        {
            "$defs": {"s": {"properties": {"a": {"type": "integer"}}, "required": ["a"]}},
            "$ref": "#/$defs/s",
            "properties": {"b": {"type": "string"}},
        },
        [{}, {"a": 1}, {"a": "x"}, {"a": 1, "b": 2}, {"a": 1, "b": "y"}],
    ),
    "a closed reference opened beside it": (
        {
            "$defs": {"s": {"properties": {"a": True}, "additionalProperties": False}},
            "$ref": "#/$defs/s",
            "properties": {"b": True},
        },
        [{"a": 1}, {"b": 1}],
    ),
    "references to references": (
        {
            "$defs": {"a": {"$ref": "#/$defs/b", "minLength": 2}, "b": {"$ref": "#/$defs/c"}, "c": {"type": "string"}},
            "properties": {"x": {"$ref": "#/$defs/a"}},
        },
        [{"x": "ab"}, {"x": "a"}, {"x": 1}],
    ),
    "a reference with an escaped name": (
        {"$defs": {"a/b~c": {"type": "string"}}, "$ref": "#/$defs/a~1b~0c"}, ["a", 1]
    ),
    "a reference to everything": ({"properties": {"c": {"$ref": "#"}}, "type": "object"}, [{}, {"c": {}}, {"c": 1}]),
    "a recursive schema": (TREE, [{}, {"child": {"n": 1}}, {"child": {"child": {"n": "x"}}}, 5]),
    "an unknown word": ({"type": "string", "sparkles": 3}, ["a", 1]),
    "words that only describe": (
        {"type": "integer", "title": "t", "description": "d", "default": "x", "examples": ["y"], "x-kind": "z"},
        [1, "x"],
    ),
    "a format is not enforced": ({"type": "string", "format": "date-time"}, ["tomorrow", 1]),
    "true": (True, [1, None]),
    "false": (False, [1, None]),
    "nothing": ({}, [1, None, {}]),
}  # fmt: skip


@for_each("trap", TRAPS)
def test_a_hand_made_schema_is_never_read_more_leniently(trap: str) -> None:
    schema, values = TRAPS[trap]
    if isinstance(schema, dict):
        Draft202012Validator.check_schema(schema)
    check, validator = compile_check(schema, schema if isinstance(schema, dict) else {}), Draft202012Validator(schema)
    wrongly_sure = [value for value in values if check(value) and not validator.is_valid(value)]
    assert not wrongly_sure


@pytest.mark.parametrize(
    "schema",
    [
        {"sparkles": 1},
        {"type": "string", "contentEncoding": "base64"},
        {"properties": {"a": {"anyOf": [True]}}},
        {"items": {"not": False}},
        {"$defs": {"s": {"maxProperties": 3}}, "properties": {"a": {"$ref": "#/$defs/s"}}},
        TREE,
    ],
    ids=str,
)
def test_a_schema_with_words_it_does_not_know_leaves_everything_to_jsonschema(schema: dict[str, Any]) -> None:
    check = compile_check(schema, schema)
    assert not any(check(value) for value in (None, {}, [], "a", 1, {"a": 1}))


def test_the_words_that_bodies_are_written_with_are_all_understood() -> None:
    schema = {
        "type": "object",
        "properties": {
            "s": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a"},
            "n": {"type": "number", "minimum": 0, "maximum": 9},
            "e": {"type": "string", "enum": ["x", "y"]},
            "l": {"type": "array", "items": {"type": ["boolean", "null"]}, "minItems": 1},
        },
        "required": ["s"],
        "additionalProperties": False,
        "if": {"properties": {"e": {"const": "x"}}, "required": ["e"]},
        "then": {"required": ["n"]},
    }
    check = compile_check(schema, schema)
    assert check({"s": "abc", "n": 1.5, "e": "x", "l": [True, None]})
    assert check({"s": "a", "e": "y"})
    assert not check({"s": "a", "e": "x"})


# --- made-up schemas -----------------------------------------------------------------------------

KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from([1.0, 0.5, "", "a", "ab", "abc"])
SMALL_JSON = st.recursive(
    SCALARS, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYS, inside, max_size=3), max_leaves=6
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "object", "array"])


def words(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of a few schema words with a schema inside here and there."""
    conditions = st.fixed_dictionaries(
        {"properties": st.dictionaries(KEYS, st.builds(lambda c: {"const": c}, SCALARS), min_size=1, max_size=1)},
        optional={"required": st.lists(KEYS, max_size=1)},
    )
    vocabulary = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "const": SCALARS,
        "minimum": st.integers(-2, 3),
        "maximum": st.integers(-2, 3),
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 2),
        "pattern": st.sampled_from(["^a", "b$", "c"]),
        "properties": st.dictionaries(KEYS, inside, max_size=2),
        "required": st.lists(KEYS, max_size=2, unique=True),
        "additionalProperties": st.booleans() | inside,
        "items": inside,
        "minItems": st.integers(0, 2),
        "if": conditions | inside,
        "then": inside,
        "else": inside,
        "not": inside,
        "anyOf": st.lists(inside, min_size=1, max_size=2),
        "$ref": st.sampled_from(["#/$defs/one", "#/$defs/two"]),
    }
    return st.lists(st.sampled_from(sorted(vocabulary)), max_size=4, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({word: vocabulary[word] for word in chosen})
    )


def without_references(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {word: without_references(inside) for word, inside in schema.items() if word != "$ref"}
    return [without_references(item) for item in schema] if isinstance(schema, list) else schema


SCHEMAS = st.recursive(st.booleans() | words(st.booleans()), words, max_leaves=5)


@given(SCHEMAS, SCHEMAS, SCHEMAS, st.lists(SMALL_JSON, min_size=1, max_size=8))
@settings(max_examples=400)
@example({"$ref": "#/$defs/one", "maxLength": 2}, {"maxLength": 1}, True, ["ab"])
def test_no_schema_is_read_more_leniently_than_jsonschema_reads_it(
    schema: Any, one: Any, two: Any, values: list[Any]
) -> None:
    if not isinstance(schema, dict):
        schema = {"allOf": [schema]}
    schema = {**schema, "$defs": {"one": without_references(one), "two": without_references(two)}}
    check, validator = compile_check(schema, schema), Draft202012Validator(schema)
    assert not [value for value in values if check(value) and not validator.is_valid(value)]


# --- patterns ------------------------------------------------------------------------------------


@for_each("name", data.schemas())
def test_patterns_hold_the_whole_text(name: str) -> None:
    """A `$` would let a trailing newline through."""
    patterns = re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(document(name)))
    for pattern in map(json.loads, (f'"{pattern}"' for pattern in patterns)):
        assert pattern.startswith("^")
        assert pattern.endswith("(?![\\s\\S])")
