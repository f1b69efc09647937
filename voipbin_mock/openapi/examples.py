"""What each operation is asked with in an example: parameters, and a body that the mock takes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import ADMIN, ANYONE, IdOf, Operation
from voipbin_mock.openapi.answers import reasons
from voipbin_mock.openapi.bodies import Components, body
from voipbin_mock.openapi.samples import sample
from voipbin_mock.openapi.types import resolved
from voipbin_mock.world.profiles import Profile

# Who may ask an operation, as far as an example has to know: anybody, an access key, a login, a super admin's login.
NOBODY, KEY, LOGIN, SUPER = "", "accesskey", "login", "super admin"


class Asked(NamedTuple):
    """One request: what it sends by name, `IdOf` for the id of a record that has to be there."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any  # None: it has none
    credential: str


class Examples:
    """Those of a catalogue in a profile; each is made when it is asked for."""

    def __init__(self, catalog: Catalog, profile: Profile) -> None:
        self.catalog, self.profile = catalog, profile
        self._named = {operation.name: operation for operation in catalog.operations if operation.served_by(profile)}
        self._made: dict[str, Asked] = {}

    def named(self, name: str) -> Operation | None:
        return self._named.get(name)

    def asked(self, operation: Operation) -> Asked:
        """The example of an operation: the same ever after."""
        found = self._made.get(operation.name)
        if found is None:
            path = self._path(operation)
            found = Asked(path, _query(operation), self._body(operation, path), self._credential(operation))
            self._made[operation.name] = found
        return found

    def maker(self, resource: str) -> Operation | None:
        """The operation that makes a record of a resource."""
        return self.named(f"{resource}.create")

    def comes_of(self, resource: str) -> Operation | None:
        """The operation that leaves a record of a resource behind, if none makes it."""
        listed = self.named(f"{resource}.list")
        return None if listed is None else self.named(listed.example.first)

    def _path(self, operation: Operation) -> Mapping[str, Any]:
        values, words = operation.example.values, operation.template.split("/")
        named = {word.strip("{}"): before for before, word in pairwise(words) if word.startswith("{")}
        own = operation.resource
        if own is not None and own.word:  # what it is called in paths
            named = {name: own.name if before == own.word else before for name, before in named.items()}
        return {name: values.get(name, IdOf(before)) for name, before in named.items()}

    def _body(self, operation: Operation, path: Mapping[str, Any]) -> Any:
        """A body that is right strictly is right leniently too."""
        if operation.part is None:
            return None
        components = Components(self.catalog.narrows, self.catalog.reasons)
        schema = resolved(body(components, operation, self.profile, True), components.schemas)
        if operation.method == "PUT":  # what is left out would be cleared
            schema = {**schema, "required": [*schema["properties"]]}
        given = {name: value for name, value in operation.example.values.items() if name in schema["properties"]}
        made = sample(schema, components.schemas)
        if isinstance(made, dict) and "oneOf" in schema and given:  # the sample is of another of them
            made = {name: value for name, value in made.items() if name in schema.get("required", ())}
        return {**made, **given} if isinstance(made, dict) else made

    def _credential(self, operation: Operation) -> str:
        if operation.public:
            return NOBODY
        if operation.access.permission != ANYONE and not operation.access.permission & ADMIN:
            return SUPER
        said = reasons(operation, self.profile, True, self.catalog.resources)
        return LOGIN if "AGENT_AUTH_REQUIRED" in said or "accesskey" not in operation.access.credentials else KEY


def _query(operation: Operation) -> Mapping[str, Any]:
    values = operation.example.values
    shown = {name: query.schema["examples"][0] for name, query in operation.query.items() if "examples" in query.schema}
    return {**shown, **{name: value for name, value in values.items() if name in operation.query}}


def blanked(value: Any, word: Any) -> Any:
    """The same with every `IdOf` replaced by what `word` gives for it."""
    if isinstance(value, IdOf):
        return word(value)
    if isinstance(value, Mapping):
        return {name: blanked(item, word) for name, item in value.items()}
    if isinstance(value, list):
        return [blanked(item, word) for item in value]
    return value
