"""What providers post, read with a light hand: whatever is not as it should be is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voipbin_mock.wire.values import Reply


def dig(value: Any, *path: str) -> Any:
    """What a path of members leads to; None if it leads nowhere."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def text_at(value: Any, *path: str) -> str:
    """The text that a path of members leads to; empty if there is none."""
    found = dig(value, *path)
    return found if isinstance(found, str) else ""


def objects(value: Any, *path: str) -> Iterator[Mapping[str, Any]]:
    """The objects in the arrays that a path leads to: `entry`, `changes`."""
    if isinstance(value, list):
        for each in value:
            yield from objects(each, *path)
    elif isinstance(value, Mapping):
        if path:
            yield from objects(value.get(path[0]), *path[1:])
        else:
            yield value


def empty_reply(dropped: str) -> Reply:
    """What a provider is answered, whatever became of it. dropped: why, for the journal."""
    return Reply(200, b"", None, note=f"dropped: {dropped}") if dropped else Reply(200, b"", None)
