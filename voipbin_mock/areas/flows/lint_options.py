"""Findings in the options of actions, each looked at by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.api.flow_actions import ENDS, ActionFailed
from voipbin_mock.api.lint import nearest
from voipbin_mock.areas.flows.conditions import COMPARES
from voipbin_mock.areas.flows.differences import NUMBERS_AS_TEXTS
from voipbin_mock.areas.flows.findings import ERROR, HINT, TRAP, WARNING, Finding, Rule, Subject
from voipbin_mock.areas.flows.graph import VARIABLE, Node
from voipbin_mock.areas.flows.known_variables import NAMES
from voipbin_mock.areas.flows.variables import substituted
from voipbin_mock.wire.errors import join_pointer, shorten
from voipbin_mock.wire.values import NIL_UUID, parse_uuid

DEEPEST = 5  # levels of an option that texts are looked for in
MOST_TEXTS = 100  # of one option, and variables that a flow sets
# The shortest time in milliseconds that makes sense: who writes less meant seconds.
LEAST = {"sleep": 200, "echo": 1000, "stream_echo": 1000, "digits_receive": 1000, "digits_send": 20}
# What is in seconds, and looks like milliseconds from here on.
IN_SECONDS = {"recording_start": ("duration", "end_of_silence"), "ai_talk": ("duration",)}
MOST_SECONDS = 10_000


def _at(node: Node, member: str, *more: str) -> str:
    return join_pointer(f"{node.pointer}/option", member, *more)


def types(subject: Subject) -> Iterator[Finding]:
    for node in subject.graph.nodes:
        if node.declared is None and node.type not in subject.type_names:
            near = nearest(node.type[:80], subject.type_names)
            advice = f'did you mean "{near}"?' if near else "see the types that the service has"
            message = f'there is no type of action "{shorten(node.type)}"'
            yield Finding("unknown-type", ERROR, f"{node.pointer}/type", message, advice)


def members(subject: Subject) -> Iterator[Finding]:
    """Of a type that it should not have, or that nobody reads."""
    for node in subject.graph.nodes:
        declared = node.declared
        if declared is None:
            continue
        option = subject.raw[node.position].get("option") if isinstance(subject.raw[node.position], Mapping) else None
        if option is not None and not isinstance(option, Mapping):
            continue  # the request is refused
        for name, value in node.option.items():
            if name not in declared.option:
                yield from _stranger(node, name, tuple(declared.option))
                continue
            try:
                declared.check({name: value})
            except ActionFailed as failed:
                ends = declared.on_failure == ENDS and not declared.by_call
                said = "the flow ends here" if ends else f"{node.type} is skipped"
                message, advice = f"{failed}: {said}", "send it as that type"
                yield Finding("option-type", ERROR if ends else WARNING, _at(node, name), message, advice)


def _stranger(node: Node, name: str, known: tuple[str, ...]) -> Iterator[Finding]:
    near = nearest(name[:80], known)
    message = f'{node.type} knows no member "{shorten(name)}", and it is ignored'
    if near and near not in node.option:
        yield Finding("option-member", WARNING, _at(node, name), message, f'did you mean "{near}"?')
    else:
        advice = f"it knows {', '.join(known)}" if known else "it takes no option"
        yield Finding("option-member", HINT, _at(node, name), message, advice)


def times(subject: Subject) -> Iterator[Finding]:
    """In the wrong unit."""
    for node in subject.graph.nodes:
        least, value = LEAST.get(node.type, 0), node.option.get("duration")
        if type(value) is int and 0 < value < least:
            message = f"{value} milliseconds looks like seconds"
            advice = f"send {value * 1000} for {value} seconds"
            yield Finding("seconds-not-milliseconds", WARNING, _at(node, "duration"), message, advice)
        for name in IN_SECONDS.get(node.type, ()):
            value = node.option.get(name)
            if type(value) is int and value >= MOST_SECONDS and value % 1000 == 0:
                message = f"{value} seconds looks like milliseconds"
                advice = f"send {value // 1000} for {value // 1000} seconds"
                yield Finding("milliseconds-not-seconds", WARNING, _at(node, name), message, advice)


def conditions(subject: Subject) -> Iterator[Finding]:
    for node in subject.graph.nodes:
        if node.type not in ("condition_variable", "condition_datetime"):
            continue
        said = node.option.get("condition")
        if isinstance(said, str) and said not in COMPARES and VARIABLE not in said:
            message = f'"{shorten(said)}" is none of the symbols, so the server has it false'
            advice = f"write one of {' '.join(COMPARES)}"
            yield Finding("unknown-condition", WARNING, _at(node, "condition"), message, advice)
        elif said is None:
            message, advice = "it compares by no symbol, which is always false", f"write one of {' '.join(COMPARES)}"
            yield Finding("unknown-condition", WARNING, f"{node.pointer}/option", message, advice)
        yield from _variable(node) if node.type == "condition_variable" else _time(subject, node)


def _variable(node: Node) -> Iterator[Finding]:
    name = node.option.get("variable")
    if isinstance(name, str) and name and VARIABLE not in name:
        message = f'the server compares "{shorten(name)}" as the text that it is, not as the value of a variable'
        yield Finding("bare-variable", WARNING, _at(node, "variable"), message, f'write "${{{shorten(name)}}}"')


def _time(subject: Subject, node: Node) -> Iterator[Finding]:
    option, severity = node.option, TRAP.by(subject.profile)
    if option.get("weekdays"):
        said = "the server makes texts of the numbers, fails to read them, and ends the flow"
        advice = "leave it out, and choose the day where the flow is chosen; the documents have it as a filter"
        kind = ERROR if NUMBERS_AS_TEXTS.by(subject.profile) else WARNING
        yield Finding("weekdays", kind, _at(node, "weekdays"), said, advice)
    symbol = option.get("condition")
    if symbol in (">", ">=", "<", "<="):
        swapped = {">": "<", ">=": "<=", "<": ">", "<=": ">="}[symbol]
        message = f"the server asks whether the option {symbol} now; the documents whether now {symbol} the option"
        advice = f'try it where it will run; there "{swapped}" may be what you mean'
        yield Finding("time-fields", severity, _at(node, "condition"), message, advice)
    missing = [name for name in ("minute", "hour") if option.get(name) is None]
    if missing:
        message = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} left out, and the server takes 0"
        yield Finding("time-fields", severity, f"{node.pointer}/option", message, "send -1 for any")


def digits(subject: Subject) -> Iterator[Finding]:
    for node in subject.graph.nodes:
        if node.type != "digits_receive":
            continue
        option = node.option
        duration = option.get("duration")
        if duration is None or (type(duration) is int and duration <= 0):
            message = "it has no time, so it is over at once, and nobody can press a key"
            where = f"{node.pointer}/option" + ("/duration" if duration is not None else "")
            yield Finding("digits-never", WARNING, where, message, "send a duration, such as 5000 for 5 seconds")
        elif not option.get("length") and not option.get("key"):
            severity = TRAP.by(subject.profile)
            message = "neither length nor key: on the server only the time ends it"
            yield Finding("digits-never", severity, f"{node.pointer}/option", message, "send a length, such as 1")


def variables(subject: Subject) -> Iterator[Finding]:
    """Of the service, that there are not; or nearly those that the flow sets."""
    sets = [node.option.get("key") for node in subject.graph.nodes if node.type == "variable_set"]
    own = tuple(name for name in sets[:MOST_TEXTS] if isinstance(name, str) and name)
    for node in subject.graph.nodes:
        for member, text in _texts(node.option):
            for name in _names(text):
                if name.startswith("voipbin."):
                    if name not in NAMES and name not in own:
                        yield _unknown(node, member, name, NAMES)
                elif name not in own and nearest(name[:80], own):
                    yield _unknown(node, member, name, own)
        named = node.option.get("variable")
        if node.type == "branch" and isinstance(named, str) and named.startswith(VARIABLE):
            message = f"branch takes the name of a variable; {shorten(named)} is its value"
            advice = f'write "{shorten(named.strip("${}"))}"'
            yield Finding("bare-variable", WARNING, _at(node, "variable"), message, advice)


def _names(text: str) -> list[str]:
    """Of the variables in a text."""
    found: dict[str, str] = {}
    substituted(text, lambda name: found.setdefault(name, ""))
    return list(found)


def _unknown(node: Node, member: str, name: str, known: tuple[str, ...]) -> Finding:
    near = nearest(name[:80], known)
    message = f"no variable {name} is ever set, and it is an empty text"
    advice = f"did you mean {near}?" if near else "see the variables that the service sets"
    return Finding("unknown-variable", WARNING, f"{node.pointer}/option{member}", message, advice)


def _texts(value: Any, pointer: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The texts with variables in them, however deep, each with its pointer."""
    if isinstance(value, str):
        if VARIABLE in value:
            yield pointer, value
    elif depth < DEEPEST and isinstance(value, Mapping):
        for name, item in value.items():
            if name != "actions":  # looked at as a flow of their own
                yield from _texts(item, join_pointer(pointer, name), depth + 1)
    elif depth < DEEPEST and isinstance(value, list):
        for position, item in enumerate(value[:MOST_TEXTS]):
            yield from _texts(item, join_pointer(pointer, position), depth + 1)


def references(subject: Subject) -> Iterator[Finding]:
    for node in subject.graph.nodes:
        if node.declared is None:
            continue
        for name, value in node.option.items():
            known = name in node.declared.option and name not in node.declared.targets
            if not known or not isinstance(value, str) or value in ("", NIL_UUID):
                continue
            if subject.reference(name, value) is False:
                noun = name.removesuffix("_id").rpartition("_")[2]
                ends = node.declared.on_failure == ENDS and not name.startswith("on_")
                said = "the flow ends here" if ends else "nothing comes of it"
                message = f"{shorten(value)} is none of the account's {noun}s: {said}"
                yield Finding("unknown-reference", WARNING, _at(node, name), message, f"name a {noun} that there is")


def ids(subject: Subject) -> Iterator[Finding]:
    """Words for ids, and two of one."""
    seen: dict[str, int] = {}
    meant = {way.named for way in subject.graph}
    for position, action in enumerate(subject.raw):
        given = action.get("id") if isinstance(action, Mapping) else None
        if not isinstance(given, str) or given in ("", NIL_UUID):
            continue
        id, pointer = parse_uuid(given), f"/actions/{position}/id"
        if id is None:
            message = f'"{shorten(given)}" is no UUID: the service makes another id, and what leads here is lost'
            yield Finding("word-id", WARNING if given in meant else HINT, pointer, message, "send a UUID")
        elif id in seen:
            message = f"action {seen[id]} has this id already, and what leads here leads there"
            yield Finding("duplicate-id", WARNING, pointer, message, "give each action an id of its own")
        else:
            seen[id] = position


RULES: tuple[Rule, ...] = (
    types, members, times, conditions, digits, variables, references, ids,
)  # fmt: skip
