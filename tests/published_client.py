"""The service's own Python client from PyPI, unmodified, with its hard-coded URL; run by clients_matrix.py."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from voipbin_mcp.client import DEFAULT_BASE_URL, VoIPbinAPIError, VoIPbinClient

from voipbin_mock import Mock

PLAN = {
    "name": "evening", "detail": "", "source": {"type": "tel", "target": "+15559876543"}, "dial_timeout": 25000,
    "try_interval": 900000, "max_try_count_0": 2, "max_try_count_1": 1, "max_try_count_2": 0, "max_try_count_3": 0,
    "max_try_count_4": 0,
}  # fmt: skip


@pytest.mark.parametrize("transport", ["cookie", "query"])
def test_the_published_client_creates_and_lists_outplans(
    voipbin: Mock, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    monkeypatch.setenv("VOIPBIN_API_KEY", voipbin.accesskey)
    monkeypatch.setenv("VOIPBIN_AUTH_TRANSPORT", transport)
    monkeypatch.delenv("VOIPBIN_API_BASE_URL", raising=False)

    async def go() -> dict[str, Any]:
        client = VoIPbinClient()
        assert client.base_url == DEFAULT_BASE_URL == "https://api.voipbin.net/v1.0"
        created = await client.post("/outplans", json=PLAN)
        listed = await client.get("/outplans", params={"page_size": 10})
        with pytest.raises(VoIPbinAPIError, match="OUTPLAN_NOT_FOUND"):
            await client.get("/outplans/70700000-0000-4000-8000-00000000dead")
        await client.close()
        assert [plan["id"] for plan in listed["result"]] == [created["id"]]
        return created

    created = asyncio.run(go())
    assert voipbin.outplans.get(name="evening").id == created["id"]
