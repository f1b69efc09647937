"""Records as a profile shows them: as objects of the wire, and as text, which is made once for a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from voipbin_mock.wire.values import encode
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row


@lru_cache(maxsize=1024)
def view_of(resource: Resource, profile: Profile) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return profile.view(resource)


def text_of(resource: Resource, profile: Profile, row: Row) -> str:
    text = row.text
    if text is None:
        text = row.text = encode(view_of(resource, profile)(row.data))
    return text


def fixed(text: str) -> partial[str]:
    """Gives the text, and holds nothing else."""
    return partial(str, text)
