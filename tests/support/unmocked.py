"""An operation that the real API has and the mock has not: all of those that are known are mocked."""

from __future__ import annotations

import pytest

from voipbin_mock.api.area import Area
from voipbin_mock.api.operations import Operation
from voipbin_mock.areas.accounts import auth
from voipbin_mock.schema import files

METHOD, TEMPLATE = "POST", "/v1.0/flights/{id}/delays"


def knows_one_more(monkeypatch: pytest.MonkeyPatch) -> Area:
    """Have the real API have it; a mock with this area is one that has read so."""
    known = {**files.known_operations(), TEMPLATE: (METHOD,)}
    monkeypatch.setattr(files, "known_operations", lambda: known)
    return Area("beside", Operation("beside.ping", "GET", "/beside", auth.ping, public=True))
