"""From a method and a path to an operation, and from a path that leads nowhere to the nearest one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from voipbin_mock.api.operations import PREFIX, Operation

_PARAMETER = re.compile(r"\{[^{}/]*\}")


def shape(label: str, parameter: str = "{}") -> str:
    """A label without the names of its parameters: what has one shape answers the same requests."""
    return _PARAMETER.sub(parameter, label)


class Router:
    """Operations by method and path. Fixed segments are tried before parameters."""

    def __init__(self) -> None:
        self._root = _Node()
        self._exact: dict[tuple[str, str], Operation] = {}

    def add(self, operation: Operation) -> None:
        """Raises ValueError for what is there already."""
        if "{" in operation.template:
            self._root.add(operation.template.strip("/").split("/"), operation)
            return
        key = (operation.method, operation.template)
        if key in self._exact:
            raise ValueError(f"declared twice: {operation.label}")
        self._exact[key] = operation

    def find(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """The operation for a method and path, with the ids in the path."""
        operation = self._exact.get((method, path))
        if operation is not None:
            return operation, ()
        if not path.startswith("/"):
            return None
        for node, ids in self._root.find(path[1:].split("/"), ()):
            found = node.operations.get(method)
            if found is not None:
                return found, ids
        return None


class _Node:
    """One path segment in the routing tree; a fixed segment is tried before a parameter."""

    __slots__ = ("children", "operations", "parameter")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.operations: dict[str, Operation] = {}

    def add(self, segments: list[str], operation: Operation) -> None:
        node = self
        for segment in segments:
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        if operation.method in node.operations:
            raise ValueError(f"declared twice: {operation.label}")
        node.operations[operation.method] = operation

    def find(self, segments: list[str], ids: tuple[str, ...]) -> Iterator[tuple[_Node, tuple[str, ...]]]:
        if not segments:
            yield self, ids
            return
        head, *tail = segments
        child = self.children.get(head)
        if child is not None:
            yield from child.find(tail, ids)
        if self.parameter is not None and head:
            yield from self.parameter.find(tail, (*ids, head))


# --- near misses -----------------------------------------------------------------------------------


def nearest_operation(method: str, path: str, labels: Iterable[str]) -> str | None:
    """The label closest to a request: ids compare as `{id}`, and the version prefix may be wrong."""
    by_shape: dict[str, list[str]] = {}
    for label in labels:
        by_shape.setdefault(_shape(label.partition(" ")[2]), []).append(label)
    near = _shape(path[:200])
    if near not in by_shape:
        close = get_close_matches(near, list(by_shape), n=1, cutoff=0.7)
        if not close:
            return None
        near = close[0]
    return _same_method(method, by_shape[near])


def _shape(path: str) -> str:
    segments = path.removeprefix(PREFIX).rstrip("/").split("/")
    return "/".join("{id}" if s.startswith("{") or _looks_like_id(s) else s for s in segments)


def _same_method(method: str, labels: list[str]) -> str:
    return next((label for label in labels if label.startswith(f"{method} ")), labels[0])


def _looks_like_id(segment: str) -> bool:
    return len(segment) >= 8 and any(c.isdigit() for c in segment)
