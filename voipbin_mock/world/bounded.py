"""A log that keeps the newest of what happened: so many entries at most, and so many bytes of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar


class Sized(Protocol):
    """What knows how much it holds."""

    @property
    def size(self) -> int:
        """Bytes, about; always the same."""


T = TypeVar("T", bound=Sized)

_EACH = 60  # bytes of the machine, for a reference and what it leads to


class BoundedLog(Generic[T]):
    """Entries, oldest first. The oldest go as soon as there are too many, or they are too large together."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self.most = most
        self.most_bytes = most_bytes
        self.bytes = 0  # of what it keeps
        self._entries: deque[T] = deque()

    def append(self, entry: T) -> None:
        entries = self._entries
        entries.append(entry)
        size = self.bytes + entry.size
        if len(entries) > self.most:
            size -= entries.popleft().size
        while size > self.most_bytes and len(entries) > 1:
            size -= entries.popleft().size
        self.bytes = size

    def clear(self) -> None:
        self._entries.clear()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._entries))

    def __getitem__(self, index: int) -> T:
        return self._entries[index]


def weight(record: Mapping[str, Any], enough: int) -> int:
    """About the bytes that a record takes in memory; counting ends at enough."""
    total = 0
    for value in record.values():
        if type(value) is str:
            total += len(value) + _EACH
        elif type(value) in (list, tuple, dict) and value:
            total += _deep(value, enough - total)
        else:
            total += _EACH
        if total > enough:
            break
    return total


def _deep(value: Any, enough: int) -> int:
    total, level = 0, [value]
    while level and total <= enough:
        inner = level.pop()
        total += _EACH
        if isinstance(inner, str):
            total += len(inner)
        elif isinstance(inner, Mapping):
            total += sum(len(name) for name in inner)
            level += inner.values()
        elif isinstance(inner, (list, tuple)):
            level += inner
    return total
