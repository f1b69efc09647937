"""HAR entries, as a recorder would write them of a mock's answers."""

from __future__ import annotations

import json
from typing import Any

from voipbin_mock import Mock

SERVICE = "https://api.voipbin.net/v1.0"
PLAN = {
    "name": "evening", "detail": "", "source": {"type": "tel", "target": "+15559876543"}, "dial_timeout": 25000,
    "try_interval": 900000, "max_try_count_0": 2, "max_try_count_1": 1, "max_try_count_2": 0, "max_try_count_3": 0,
    "max_try_count_4": 0,
}  # fmt: skip


def exchange(mock: Mock, method: str, path: str, body: Any = None, **changes: Any) -> dict[str, Any]:
    """One HAR entry, as a recorder would write it of this mock's answer."""
    data = body if isinstance(body, str) or body is None else json.dumps(body)
    reply = mock.client.open(path, method=method, data=data, content_type="application/json")
    entry: dict[str, Any] = {
        "request": {
            "method": method,
            "url": "https://api.voipbin.net" + path,
            "headers": [{"name": "Authorization", "value": "Bearer " + mock.token}],
            "bodySize": len(data or ""),
        },
        "response": {
            "status": reply.status_code,
            "headers": [{"name": name, "value": value} for name, value in reply.headers],
            "content": {"mimeType": reply.content_type, "text": reply.get_data(as_text=True)},
        },
    }
    if data is not None:
        entry["request"]["postData"] = {"mimeType": "application/json", "text": data}
    for place, value in changes.items():
        entry[place] = {**entry[place], **value}
    return entry


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "test"}, "entries": list(entries)}}
