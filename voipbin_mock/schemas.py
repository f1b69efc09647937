"""The JSON Schemas of the package, for any validator: `names`, `parts`, `schema` and `registry`."""

from __future__ import annotations

from voipbin_mock.schema.documents import BASE_URI, names, parts, registry, schema

__all__ = ["BASE_URI", "names", "parts", "registry", "schema"]
