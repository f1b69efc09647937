"""The mock's description of itself, for machines and for people."""

from __future__ import annotations

from voipbin_mock.api.answers import plain
from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import Operation
from voipbin_mock.openapi import handlers

_MEMBERS = {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"}}
_DOCUMENT = {"type": "object", "description": "This document.", "properties": _MEMBERS, "required": [*_MEMBERS]}

AREA = Area(
    "openapi",
    Operation(
        "openapi",
        "GET",
        "/openapi.json",
        handlers.document,
        public=True,
        rank=2,
        summary="This document",
        answers=plain(_DOCUMENT),
    ),
    controls={
        "GET /__mock__/docs": handlers.page,
        "GET /__mock__/operations": handlers.operations,
        "GET /__mock__/operations/{name}": handlers.operation,
    },
)
