"""Records as a profile shows them: as objects of the wire, and as text, which is made once for a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from voipbin_mock.wire.values import encode
from voipbin_mock.world.profiles import Profile
from voipbin_mock.world.resource import Resource
from voipbin_mock.world.store import Row


@lru_cache(maxsize=1024)
def stamps_of(resource: Resource, profile: Profile) -> Callable[[int], str]:
    return profile.stamps(resource)


@lru_cache(maxsize=1024)
def view_of(resource: Resource, profile: Profile) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    return profile.view(resource)


def text_of(resource: Resource, profile: Profile, row: Row) -> str:
    text = row.text
    if text is None:
        text = row.text = encode(view_of(resource, profile)(row.data))
    return text


@lru_cache(maxsize=1024)
def text_maker(resource: Resource, profile: Profile) -> Callable[[Any], str]:
    """Makes the text of a row; where a history is kept, of what that keeps of it."""
    return partial(_text_of_kept if resource.history else text_of, resource, profile)


def _text_of_kept(resource: Resource, profile: Profile, kept: Sequence[Any]) -> str:
    return encode(view_of(resource, profile)(dict(zip(resource.remembered, kept, strict=True))))
