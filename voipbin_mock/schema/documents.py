"""The JSON Schema documents of the package (2020-12): one a resource, and `common`.

For others there are `names`, `parts`, `schema` and `registry`: plain JSON Schema, for any validator.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from voipbin_mock._real_files import real_files
from voipbin_mock.schema import files
from voipbin_mock.wire.errors import join_pointer

BASE_URI = "https://voipbin-mock.invalid/schemas/"


@lru_cache(maxsize=128)
def document(name: str) -> Mapping[str, Any]:
    """One schema document of the package. Not to be changed."""
    loaded: Mapping[str, Any] = files.load(files.schema(name))
    return loaded


def resolve(schema: Mapping[str, Any], home: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Follow `$ref` (within a document or to another of ours); the schema and its home document.

    Raises ValueError for one that leads nowhere.
    """
    while "$ref" in schema:
        target, _, pointer = schema["$ref"].partition("#")
        try:
            if target:
                home = document(target.removesuffix(".json"))
            found: Any = home
            for token in pointer.split("/")[1:]:
                found = found[token.replace("~1", "/").replace("~0", "~")]
        except LookupError:
            raise ValueError(f"$ref {schema['$ref']} leads nowhere") from None
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**found, **siblings} if siblings else found
    return schema, home


def check(home: Mapping[str, Any]) -> None:
    """Whether a document that is not the package's own is JSON Schema. Raises ValueError."""
    with real_files():
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(home)
    except SchemaError as error:
        raise ValueError(f"{join_pointer('', *error.absolute_path)}: {error.message}") from None


def known_as_met(uri: str) -> Any:
    """The document of a URI as a `referencing.Resource`: what a registry retrieves, without a look at the others."""
    from referencing.exceptions import NoSuchResource
    from referencing.jsonschema import DRAFT202012

    try:
        return DRAFT202012.create_resource(document(uri.removeprefix(BASE_URI).removesuffix(".json")))
    except KeyError:
        raise NoSuchResource(uri) from None


@lru_cache(maxsize=1)
def registry() -> Any:
    """All documents, as a `referencing.Registry` for `$ref`; nothing is ever fetched.

    Their URIs are `BASE_URI` and `<name>.json`. They hold annotations of the project's own, whose names begin
    with `x-`; validators pass over them.
    """
    from referencing import Registry, Resource

    return Registry().with_resources(
        [(BASE_URI + f"{name}.json", Resource.from_contents(document(name))) for name in files.schemas()]
    )


# --- for others ----------------------------------------------------------------------------------


def names() -> tuple[str, ...]:
    """The resources that have schemas: `accesskeys`, `agents`, ..."""
    return tuple(name for name in files.schemas() if name != "common")


def parts(name: str) -> tuple[str, ...]:
    """What there is of a resource: `record`, and the bodies `create`, `update` and those of its other operations.

    `fixture` is what a seed may say beside a record. Raises LookupError for an unknown resource.
    """
    return tuple(_known(name)["$defs"])


def schema(name: str, part: str = "record") -> dict[str, Any]:
    """One schema by itself: JSON Schema 2020-12 without private words, all that it refers to inside its `$defs`.

    A fresh copy, yours to change. `schema("outplans", "create")` is what strict requests are held against.
    A record is as both profiles show it; `/openapi.json` says what one of them shows. Raises LookupError.
    """
    home = _known(name)
    if part not in home["$defs"]:
        raise LookupError(f"no part {part!r} in {name}; there are {', '.join(home['$defs'])}")
    pieces: dict[str, Any] = {}
    root = standard(home["$defs"][part], lambda ref: _piece(ref, name, pieces))
    whole = {"$schema": document("common")["$schema"], "title": f"{name}: {part}", **root}
    return {**whole, "$defs": pieces} if pieces else whole


def _known(name: str) -> Mapping[str, Any]:
    if name not in names():
        raise LookupError(f"no schemas for {name!r}; there are {', '.join(names())}")
    return document(name)


def _piece(ref: str, home: str, pieces: dict[str, Any]) -> str:
    """Put what a reference leads to among the pieces; the reference to it there."""
    target, _, pointer = ref.partition("#/$defs/")
    owner = target.removesuffix(".json") or home
    key = pointer if owner == "common" else f"{owner}.{pointer}"
    if key not in pieces:
        pieces[key] = None  # its place, and the end of a circle
        pieces[key] = standard(document(owner)["$defs"][pointer], lambda inner: _piece(inner, owner, pieces))
    return f"#/$defs/{key}"


_WHOLE_TEXT = "(?![\\s\\S])"  # the end of the text for every dialect: Python's $ passes over a last line feed


def standard(schema: Any, refer: Any, end: str = _WHOLE_TEXT) -> Any:
    """A deep copy without private words; `refer` says what becomes of each reference."""
    if isinstance(schema, Mapping):
        found = {}
        for word, value in schema.items():
            if word == "properties":
                found[word] = {name: standard(member, refer, end) for name, member in value.items()}
            elif word == "$ref":
                found[word] = refer(value)
            elif word == "pattern":
                found[word] = value.replace(_WHOLE_TEXT, end)
            elif word in ("enum", "const", "default", "examples"):
                found[word] = copy.deepcopy(value)
            elif not word.startswith("x-"):
                found[word] = standard(value, refer, end)
        return found
    return [standard(item, refer, end) for item in schema] if isinstance(schema, list) else schema
