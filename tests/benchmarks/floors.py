"""What there is to measure against: the same work by a bare Flask app, as anyone would write it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from flask import Flask, Response, jsonify, request

BODY = {
    "name": "Weekday reminders",
    "detail": "Two tries for each of two numbers",
    "source": {"type": "tel", "target": "+15559876543"},
    "dial_timeout": 30000,
    "try_interval": 600000,
    "max_try_count_0": 2,
    "max_try_count_1": 2,
    "max_try_count_2": 0,
    "max_try_count_3": 0,
    "max_try_count_4": 0,
}
# Three faults: a member is missing, one has the wrong type, one is negative.
REJECTED = {**BODY, "dial_timeout": "30000", "max_try_count_0": -1}
del REJECTED["name"]

# Two members that nobody knows: the body is taken, and warned of.
WARNED = {**BODY, "max_retries": 2, "colour": "blue"}

CUSTOMER = "7a1b2c3d-4e5f-6789-abcd-ef0123456789"
ADDRESS = {"type": "", "target": "", "target_name": "", "name": "", "detail": ""}
NEVER = "9999-01-01 00:00:00.000000"

Answer = Callable[[Any], Any]


def dumped(value: Any) -> Response:
    """A leaner answer than `jsonify`."""
    return Response(json.dumps(value, separators=(",", ":")), content_type="application/json")


def record(body: dict[str, Any]) -> dict[str, Any]:
    """What the service answers to a create."""
    return {
        "id": str(uuid.uuid4()),
        "customer_id": CUSTOMER,
        **body,
        "source": {**ADDRESS, **body["source"]},
        "tm_create": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f"),
        "tm_update": NEVER,
        "tm_delete": NEVER,
    }


def app(answer: Answer = jsonify, validator: Any = None) -> Flask:
    """Outplans in a dict. With a jsonschema validator it refuses what is not valid."""
    flask_app = Flask("floor", static_folder=None)
    flask_app.json.sort_keys = False  # type: ignore[attr-defined]  # the same body means the same order
    store: dict[str, dict[str, Any]] = {}
    flask_app.extensions["store"] = store

    @flask_app.post("/v1.0/outplans")
    def create() -> Any:
        body = request.get_json()
        if validator is not None:
            errors = [error.message for error in validator.iter_errors(body)]
            if errors:
                return answer({"errors": errors}), 400
        made = record(body)
        store[made["id"]] = made
        return answer(made)

    @flask_app.get("/v1.0/outplans")
    def page() -> Any:
        newest = list(store.values())[-100:][::-1]
        return answer({"result": newest, "next_page_token": newest[-1]["tm_create"] if newest else ""})

    @flask_app.get("/v1.0/outplans/<outplan_id>")
    def get(outplan_id: str) -> Any:
        found = store.get(outplan_id)
        return (answer({"error": "not found"}), 404) if found is None else answer(found)

    @flask_app.put("/v1.0/outplans/<outplan_id>")
    def update(outplan_id: str) -> Any:
        store[outplan_id] |= request.get_json()
        return answer(store[outplan_id])

    @flask_app.delete("/v1.0/outplans/<outplan_id>")
    def delete(outplan_id: str) -> Any:
        return answer(store.pop(outplan_id))

    return flask_app
