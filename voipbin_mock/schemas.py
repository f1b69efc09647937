"""The JSON Schema documents of the package (2020-12): one a resource, and `common`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from voipbin_mock import data

BASE_URI = "https://voipbin-mock.invalid/schemas/"


@lru_cache(maxsize=64)
def document(name: str) -> Mapping[str, Any]:
    """One schema document of the package. Not to be changed."""
    loaded: Mapping[str, Any] = data.load("schemas", name)
    return loaded


def resolve(schema: Mapping[str, Any], home: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Follow `$ref` (within a document or to another of ours); the schema and its home document."""
    while "$ref" in schema:
        target, _, pointer = schema["$ref"].partition("#")
        if target:
            home = document(target.removesuffix(".json"))
        found: Any = home
        for token in pointer.split("/")[1:]:
            found = found[token.replace("~1", "/").replace("~0", "~")]
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**found, **siblings} if siblings else found
    return schema, home


@lru_cache(maxsize=1)
def registry() -> Any:
    """All our schema documents for `$ref`; nothing is ever fetched."""
    from referencing import Registry, Resource

    return Registry().with_resources(
        [(BASE_URI + f"{name}.json", Resource.from_contents(document(name))) for name in data.names("schemas")]
    )
