"""A request as it arrived, and who may use the control API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ControlPolicy:
    """Who may use the control API: nobody else's web page, and beyond loopback only with a token."""

    enabled: bool = True
    token: str | None = None
    hosts: frozenset[str] = field(default_factory=frozenset)  # names the mock is reached by, beside loopback
    console: bool = True  # whether there is one, and its stream, as far as the control API is on
    admitted: bool = False  # whoever asks was let in already

    @property
    def has_console(self) -> bool:
        return self.console and self.enabled


@dataclass(slots=True)
class Incoming:
    """A request as it arrived."""

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    cookies: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    body_fault: str = ""  # why the body could not be read
    upgradable: bool = False  # whether the connection can be made a websocket
    address: str = ""  # the client's
    base: str = ""  # what the path was cut by: the base path of a session
