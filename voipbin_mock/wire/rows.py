"""Rows of plain JSON values, as what was seen is kept: read back with a look at every value."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from voipbin_mock.wire.stamps import is_moment as fits_moment

T = TypeVar("T")
MOST = 1 << 62


class Kind(NamedTuple):
    """What a value has to be."""

    fits: Callable[[Any], bool]
    told: str


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in types


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST


def _is_blob(value: Any) -> bool:
    return type(value) is str or (type(value) is list and len(value) == 1 and type(value[0]) is str)


def _is_json(value: Any) -> bool:
    try:
        json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


TEXT = Kind(_is(str), "a text")
TEXT_OR_NULL = Kind(_is(str, type(None)), "a text or null")
COUNT = Kind(_is_count, f"a whole number from 0, below {MOST}")
COUNT_OR_NULL = Kind(lambda value: value is None or _is_count(value), "a whole number or null")
NUMBER = Kind(lambda value: type(value) is int and abs(value) < MOST, "a whole number")
MOMENT = Kind(fits_moment, "a moment: microseconds since 1970")
FLAG = Kind(_is(bool), "true or false")
LIST = Kind(_is(list), "an array")
TEXTS = Kind(lambda value: type(value) is list and all(type(each) is str for each in value), "an array of texts")
COUNTS = Kind(lambda value: type(value) is list and all(map(_is_count, value)), "an array of whole numbers")
OBJECT = Kind(_is(dict), "an object")
TEXT_BY_NAME = Kind(
    lambda value: type(value) is dict and all(type(each) is str for each in value.values()), "an object of texts"
)
BLOB = Kind(_is_blob, "a text, or an array with one in base 64")
JSON = Kind(_is_json, "JSON in a text")
ANY = Kind(lambda value: True, "anything")


def row(value: Any, kinds: Sequence[Kind], where: str) -> Any:
    """An array of values, each of its kind. Raises ValueError: where, and what it must be."""
    if type(value) is not list or len(value) != len(kinds):
        raise ValueError(f"{where}: must be an array of {len(kinds)}")
    for place, (each, kind) in enumerate(zip(value, kinds, strict=True)):
        if not kind.fits(each):
            raise ValueError(f"{where}/{place}: must be {kind.told}")
    return value


def member(document: Any, name: str, kind: Kind, where: str = "") -> Any:
    """A member of an object. Raises ValueError."""
    if type(document) is not dict:
        raise ValueError(f"{where}: must be an object")
    value = document.get(name)
    if not kind.fits(value):
        raise ValueError(f"{where}/{name}: must be {kind.told}")
    return value


def each(document: Any, name: str, read: Callable[[Any, str], T], where: str = "") -> Iterator[T]:
    """Every item of a member that is an array, read. Raises ValueError."""
    for item, place in items(document, name, where):
        yield read(item, place)


def items(document: Any, name: str, where: str = "") -> Iterator[tuple[Any, str]]:
    """The same as it is, with where it stands."""
    for number, item in enumerate(member(document, name, LIST, where)):
        yield item, f"{where}/{name}/{number}"


# --- writing much of it --------------------------------------------------------------------------------

# In ASCII: there may be half a character in a text.
_encode = json.JSONEncoder(separators=(",", ":"), default=list).encode
_DEEP = 8  # levels that are looked into for what is long
_MANY = 50  # items that are written at once


def pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """JSON in pieces, none of them long: other threads may run between any two. Iterators stand for arrays, and are
    asked for their items only as these are written.
    """
    if isinstance(value, dict) and depth < _DEEP:
        comma = "{"
        for name, inner in value.items():
            yield f"{comma}{_encode(name)}:"
            yield from pieces(inner, depth + 1)
            comma = ","
        yield "}" if value else "{}"
    elif isinstance(value, Iterator) or (isinstance(value, list) and len(value) > _MANY):
        several, comma = iter(value), "["
        while some := list(islice(several, _MANY)):
            yield comma + _encode(some)[1:-1]
            comma = ","
        yield "]" if comma == "," else "[]"
    elif isinstance(value, list) and value and isinstance(value[0], dict) and depth < _DEEP:
        comma = "["
        for inner in value:
            yield comma
            yield from pieces(inner, depth + 1)
            comma = ","
        yield "]"
    else:
        yield _encode(value)


def blob(data: bytes) -> str | list[str]:
    """Bytes as JSON: as the text that they mostly are, else in base 64."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return [base64.b64encode(data).decode("ascii")]


def bytes_of(value: str | list[str], where: str) -> bytes:
    """The reverse. Raises ValueError."""
    try:
        return value.encode("utf-8") if isinstance(value, str) else base64.b64decode(value[0], validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None
