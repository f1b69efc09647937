"""Rows of plain JSON values, as what was seen is kept: read back with a look at every value."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
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
