"""Whether a document is valid OpenAPI 3.1, without looking at what is the same in several documents several times."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.keywords import OpenAPIV31SchemaValidator


@cache
def _sound() -> set[str]:
    """The schemas, as text, that were found to be schemas."""
    return set()


class _Schemas(OpenAPIV31SchemaValidator):
    def _validate_schema_meta(self, schema: Any, schema_value: Any) -> Any:
        written = json.dumps(schema_value)
        if written in _sound():
            return None
        error = super()._validate_schema_meta(schema, schema_value)
        if error is None:
            _sound().add(written)
        return error


class _Documents(OpenAPIV31SpecValidator):
    keyword_validators = {**OpenAPIV31SpecValidator.keyword_validators, "schema": _Schemas}


def validate(document: Mapping[str, Any]) -> None:
    """Raises what openapi-spec-validator raises."""
    _Documents(document).validate()


def part_about(document: Mapping[str, Any], word: str) -> dict[str, Any]:
    """The document without the paths in which the word is not, and without what only these refer to."""
    paths = {path: methods for path, methods in document["paths"].items() if word in path}
    reached: set[str] = set()
    waiting: list[Any] = [paths]
    while waiting:
        for reference in set(references(waiting.pop())) - reached:
            reached.add(reference)
            _, _, kind, name = reference.split("/")
            waiting.append(document["components"][kind][name])
    components = {
        kind: {name: value for name, value in found.items() if f"#/components/{kind}/{name}" in reached}
        for kind, found in document["components"].items()
    }
    kept = {"securitySchemes": document["components"]["securitySchemes"]}  # named, not referred to
    return {**document, "paths": paths, "components": components | kept}


def references(node: Any) -> Iterator[str]:
    """What the `$ref`s in it say."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
