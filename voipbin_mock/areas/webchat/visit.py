"""A visitor of a web chat, in a test's hand: asks what the widget in a page asks."""

from __future__ import annotations

from typing import Any

from voipbin_mock.areas.webchat.resources import WIDGETS
from voipbin_mock.wire.values import id_of
from voipbin_mock.world.world import World


class VisitRefused(Exception):
    """The service lets the visitor do no such thing: what was asked, and the answer."""


def hash_of(world: World, widget: Any) -> str:
    """The direct hash of a widget. Raises LookupError."""
    wanted = id_of(widget)
    if wanted.startswith("direct."):
        return wanted
    with world.looking():
        row = world.table(WIDGETS).get(wanted)
        if row is None:
            raise LookupError(f"there is no widget {wanted!r}; give the record, its id or its direct hash")
        return str(row.data["direct_hash"])


class Visitor:
    """Somebody who is in a page with a web chat.

    token: that the page booted with. theme: how the widget looks, if it says so. session_id: of the visit.
    """

    def __init__(self, client: Any, direct_hash: str, *, page_url: str = "", referrer: str = "") -> None:
        self._client = client
        booted = self._asked("POST", "/auth/boot", {"direct_hash": direct_hash}, token="")
        self.token: str = booted["token"]
        self.widget_id: str = booted["resource_id"]
        self.theme: dict[str, Any] | None = booted.get("resource_data", {}).get("public_display_config")
        came = {"page_url": page_url, "referrer": referrer}
        given = {name: url for name, url in came.items() if url}
        session = self._asked("POST", "/v1.0/webchat_sessions", {"widget_id": self.widget_id, **given})
        self.session_id: str = session["id"]

    def say(self, text: str) -> dict[str, Any]:
        """Write; the message. Raises VisitRefused, once the session has ended."""
        body = {"session_id": self.session_id, "direction": "inbound", "text": text}
        return self._asked("POST", "/v1.0/webchat_messages", body)

    def heard(self) -> list[str]:
        """What was written to the visitor so far, oldest first."""
        return [message["text"] for message in self.messages() if message["direction"] == "outbound"]

    def messages(self) -> list[dict[str, Any]]:
        """All that was written, by either side, oldest first."""
        found: list[dict[str, Any]] = []
        path = f"/v1.0/webchat_messages?session_id={self.session_id}&page_size=100"
        page = self._asked("GET", path)
        while page["result"]:
            found += page["result"]
            page = self._asked("GET", f"{path}&page_token={page['next_page_token']}")
        return found[::-1]

    def leave(self) -> None:
        """End the session. Raises VisitRefused."""
        self._asked("POST", f"/v1.0/webchat_sessions/{self.session_id}/end")

    def _asked(self, method: str, path: str, body: Any = None, token: str | None = None) -> dict[str, Any]:
        credential = self.token if token is None else token
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        reply = self._client.open(path, method=method, headers=headers, **({"json": body} if body is not None else {}))
        if reply.status_code != 200:
            raise VisitRefused(f"{method} {path.partition('?')[0]} answered {reply.status_code}: {reply.text}")
        answer: dict[str, Any] = reply.json
        return answer

    def __repr__(self) -> str:
        return f"<visitor {self.session_id}>"
