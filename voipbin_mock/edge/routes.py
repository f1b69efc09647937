"""The catalogue as URL rules of Flask, each made when somebody asks for it.

Adding a rule to a map is dear, and requests need none: the catalogue knows the paths. So a map holds the user's own
rules, and beside them one for each operation that was looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, MapAdapter, Rule, RuleFactory

from voipbin_mock.api.catalog import catalog_of
from voipbin_mock.api.operations import Operation
from voipbin_mock.wire.values import CONTROL_PREFIX
from voipbin_mock.world.world import World

_PARAMETER = re.compile(r"\{([\w-]+)\}")
_NOT_A_NAME = re.compile(r"[^a-z0-9.]+")


def endpoint_of(operation: Operation) -> str:
    """The operation's name: `outplans.create`; of those named after a call, `control.get_faults`."""
    if " " not in operation.name:
        return operation.name
    path = operation.template.removeprefix(CONTROL_PREFIX) if operation.control else operation.template
    call = f"{operation.method} {path}".lower()
    return f"{re.split('[.:]', operation.name)[0]}.{_NOT_A_NAME.sub('_', call).strip('_')}"


class OperationRule(Rule):
    """The rule of an operation: its one method and nothing beside, as the service has it."""

    def __init__(self, operation: Operation) -> None:
        self.names = [name.replace("-", "_") for name in _PARAMETER.findall(operation.template)]
        names = iter(self.names)
        path = _PARAMETER.sub(lambda _: f"<{next(names)}>", operation.template)
        super().__init__(path, endpoint=endpoint_of(operation), methods=[operation.method])
        self.methods = {operation.method}
        self.provide_automatic_options = False


class Rules(Map):
    """A map of the user's rules, which also tells of a world's operations. The user's come first."""

    world: World

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.own = False  # whether there are rules of the user's
        self._made: dict[Operation, OperationRule] = {}
        self._operations: dict[str, Operation] | None = None
        self._service = Map()
        super().__init__(*arguments, **named)

    def add(self, rulefactory: RuleFactory) -> None:
        self.own = True
        super().add(rulefactory)

    @property
    def operations(self) -> dict[str, Operation]:
        """What this mock answers, by endpoint."""
        if self._operations is None:
            profile = self.world.profile
            served = [o for o in catalog_of(self.world).operations if o.served_by(profile)]
            self._operations = {endpoint_of(operation): operation for operation in served}
        return self._operations

    def rule(self, operation: Operation) -> OperationRule:
        made = self._made.get(operation)
        if made is None:
            with self._remap_lock:
                made = self._made.get(operation)
                if made is None:
                    made = OperationRule(operation)
                    self._service.add(made)
                    self._made[operation] = made
        return made

    def iter_rules(self, endpoint: Any | None = None) -> Iterator[Rule]:
        if endpoint is None:
            return chain(super().iter_rules(), map(self.rule, self.operations.values()))
        own = tuple(super().iter_rules(endpoint)) if endpoint in self._rules_by_endpoint else ()
        if endpoint not in self.operations:
            return iter(own) if own else super().iter_rules(endpoint)
        return chain(own, (self.rule(self.operations[endpoint]),))

    def is_endpoint_expecting(self, endpoint: Any, *arguments: str) -> bool:
        return any(set(arguments) <= rule.arguments for rule in self.iter_rules(endpoint))

    def find(self, method: str, path: str) -> tuple[OperationRule, dict[str, str]] | None:
        """The rule of the operation that answers, and the ids in the path by name."""
        routed = catalog_of(self.world).route(method, path)
        if routed is None or not routed[0].served_by(self.world.profile):
            return None
        rule = self.rule(routed[0])
        return rule, dict(zip(rule.names, routed[1], strict=True))

    def adapter(self, bound: MapAdapter) -> Adapter:
        """The same binding, for the user's rules and the operations."""
        return Adapter(
            self,
            bound.server_name,
            bound.script_name,
            bound.subdomain,
            bound.url_scheme,
            bound.path_info,
            bound.default_method,
            bound.query_args,
        )

    def operation_adapter(self, bound: Adapter, endpoint: Any) -> MapAdapter | None:
        """The binding that builds the address of an operation; None if there is none of this name."""
        if endpoint in self._rules_by_endpoint or endpoint not in self.operations:
            return None
        self.rule(self.operations[endpoint])
        return MapAdapter(
            self._service, bound.server_name, bound.script_name, "", bound.url_scheme, "/", bound.default_method
        )


class Adapter(MapAdapter):
    """Finds and builds addresses of both."""

    map: Rules

    def match(
        self, path_info: Any = None, method: Any = None, return_rule: Any = False, *more: Any, **named: Any
    ) -> Any:
        """As MapAdapter does; the user's rules win where they match."""
        problem: HTTPException = NotFound()
        if self.map.own:
            try:
                return super().match(path_info, method, return_rule, *more, **named)
            except HTTPException as error:
                problem = error
        path = self.path_info if path_info is None else path_info
        asked = (method or self.default_method).upper()
        found = self.map.find(asked, path) or self.map.find(asked, self.script_name.rstrip("/") + path)
        if found is None:
            raise problem
        rule, ids = found
        return (rule if return_rule else rule.endpoint), ids

    def build(self, endpoint: Any, *arguments: Any, **named: Any) -> str:
        operation = self.map.operation_adapter(self, endpoint)
        build = super().build if operation is None else operation.build
        return build(endpoint, *arguments, **named)
