"""Records of this area as Python objects."""

from __future__ import annotations

from datetime import datetime

from voipbin_mock.api.records import Stored

# For editors and type checkers; a test holds the annotations against the schemas.


class AccountMail(Stored):
    customer_id: str
    kind: str  # verify, reset or welcome
    recipient: str
    subject: str
    text: str
    link: str
    token: str
    used: bool
    agent_id: str
    tm_expire: datetime | None


TYPES: dict[str, type[Stored]] = {"account_mails": AccountMail}
