"""What a mock offers for accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voipbin_mock.api.handles import HasRecords
from voipbin_mock.areas.accounts import auth
from voipbin_mock.areas.accounts.keys import credentials_of
from voipbin_mock.areas.accounts.resources import AGENTS
from voipbin_mock.wire.values import id_of

if TYPE_CHECKING:
    from voipbin_mock.api.records import Records, Stored
    from voipbin_mock.areas.accounts.records import Accesskey, Agent, Customer, Tag

TOKEN_KEPT = 86_400_000_000  # microseconds; a day of the seven that a token lives


class HasAccounts(HasRecords):
    """A part of `Mock`: the records of accounts, and credentials."""

    _token: tuple[int, tuple[str, int | str], str] | None = None  # when it was made, whose it is, and the token

    @property
    def accesskeys(self) -> Records[Accesskey]:
        return self.records("accesskeys")

    @property
    def agents(self) -> Records[Agent]:
        return self.records("agents")

    @property
    def customers(self) -> Records[Customer]:
        return self.records("customers")

    @property
    def tags(self) -> Records[Tag]:
        return self.records("tags")

    # --- credentials -----------------------------------------------------------------------------

    @property
    def username(self) -> str:
        """The seed's first admin agent's."""
        return credentials_of(self.world).username

    @property
    def password(self) -> str:
        return credentials_of(self.world).password

    @property
    def accesskey(self) -> str:
        """The seed's first access key, for `?accesskey=`."""
        return credentials_of(self.world).accesskey

    @property
    def token(self) -> str:
        """A login token of the seed's first admin agent, for `?token=` or `Authorization: Bearer`."""
        with self.world.looking():
            now, agent_id = self.world.clock.microseconds(), credentials_of(self.world).agent_id
            kept, whose = self._token, (agent_id, self.world.tokens_seed)
            if not agent_id:
                raise LookupError("this mock has no admin agent with a password to log in as; give one in the seed")
            if kept is None or kept[1] != whose or not kept[0] <= now < kept[0] + TOKEN_KEPT:
                kept = self._token = (now, whose, self.token_for(agent_id))
            return kept[2]

    def token_for(self, agent: str | Agent) -> str:
        """A login token for an agent, by id, user name or record. Raises LookupError."""
        wanted = id_of(agent)
        with self.world.looking():
            table = self.world.table(AGENTS)
            row = table.get(wanted) or next(iter(table.find("username", wanted)), None)
            if row is None:
                raise LookupError(f"no agent {wanted!r} in this mock")
            return auth.issue_token(self.world, row)

    def direct_token(self, resource_type: str = "aicall", resource_id: str | Stored | None = None) -> str:
        """A token as visitors without an account have; a web chat takes one of `"webchat_widget"` and the widget."""
        with self.world.changing():
            customer_id = credentials_of(self.world).customer_id
            about = self.world.ids.uuid() if resource_id is None else id_of(resource_id)
            return auth.issue_direct_token(self.world, customer_id, resource_type, about)

    @property
    def headers(self) -> dict[str, str]:
        """The ready credential as request headers."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def params(self) -> dict[str, str]:
        """The ready credential as query parameters."""
        return {"accesskey": self.accesskey}
