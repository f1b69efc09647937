"""A mock as a target whose answers are spoiled on their way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from voipbin_mock import catalog
from voipbin_mock.contract import MockTarget
from voipbin_mock.contract.answers import Answer

STORED = tuple(name for name, resource in catalog.default().resources.items() if resource.stored)
Spoil = Callable[[str, str, Answer], Answer]


class Spoiled(MockTarget):
    """spoil: given method, path and the right answer, the one that is given."""

    remote = True

    def __init__(self, spoil: Spoil, profile: str = "documented") -> None:
        super().__init__(profile)
        self.spoil = spoil
        self.asked: list[str] = []
        self.values["unique"] = "63fa9c01d2e7b"

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        self.asked.append(f"{method} {path}")
        return self.spoil(method, path, super().send(method, path, query, headers, body))


def with_json(answer: Answer, value: Any) -> Answer:
    return answer._replace(body=json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def live_rows(target: MockTarget) -> dict[str, int]:
    """How many records that are not deleted each table has."""
    rows = {name: target.mock.world.store[name] for name in STORED}
    return {name: sum(not row.deleted for row in table) for name, table in rows.items()}
