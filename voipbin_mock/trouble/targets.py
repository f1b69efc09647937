"""What a planned fault or a stub is aimed at: an operation, one path of it, or everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from voipbin_mock.api.catalog import Catalog
from voipbin_mock.api.operations import METHODS, PREFIX, Request
from voipbin_mock.api.routing import nearest_operation, shape
from voipbin_mock.wire.errors import NOT_FOUND_SUFFIX, MockUsageError
from voipbin_mock.wire.matching import PathPattern, path_pattern

ANY = "any"


class Target(NamedTuple):
    """Which requests are meant. Empty members do not narrow."""

    label: str = ""  # "POST /v1.0/outplans/{}"
    method: str = ""
    paths: tuple[PathPattern, ...] = ()

    def covers(self, label: str) -> bool:
        """Whether an operation is among those meant by a pattern."""
        method, _, template = label.partition(" ")
        return method == self.method and any(path.fullmatch(template) for path in self.paths)

    def meets(self, request: Request, label: str) -> bool:
        if self.label and self.label != label:
            return False
        if self.method and self.method != request.method:
            return False
        return not self.paths or any(path.fullmatch(request.path) for path in self.paths)


def label_of(catalog: Catalog, request: Request) -> str:
    """The operation a request is for, of the mock or of the real API; "" if of neither."""
    if request.found is not None:
        return shape(request.found.label)
    known = catalog.real.route(request.method, request.path)
    return "" if known is None else shape(known[0].label)


def resolve(on: str, catalog: Catalog, unknown: bool = False) -> Target:
    """Read a target: `POST /outplans`, `outplans.create`, `GET /outplans/{id}`, one path, `GET /outplans/**`, or `any`.

    `unknown` lets a path through that the real API does not have. Raises MockUsageError.
    """
    if not isinstance(on, str) or not on.strip():
        raise MockUsageError(f"on={on!r}: name an operation, such as 'POST /outplans' or 'outplans.create', or 'any'")
    text = on.strip()
    if text in (ANY, "*"):
        return Target()
    method, _, path = text.partition(" ")
    path = path.strip()
    if not path:
        return _by_name(text, catalog)
    method = method.upper()
    if method not in METHODS:
        raise MockUsageError(f"on={on!r}: {method!r} is no method; write it as 'POST /outplans'")
    if "?" in path or not path.startswith("/"):
        raise MockUsageError(f"on={on!r}: give a path that starts with a slash, without a query")
    candidates = [path] if path.startswith(PREFIX + "/") else [path, PREFIX + path]
    if "*" in path:
        target = Target("", method, tuple(map(path_pattern, candidates)))
        if unknown or any(target.covers(label) for label in _spelled(catalog)):
            return target
    labels = _shapes(catalog)
    for candidate in candidates:
        if shape(f"{method} {candidate}") in labels:
            return Target(label=shape(f"{method} {candidate}"))
    for candidate in candidates:
        routed = catalog.route(method, candidate) or catalog.real.route(method, candidate)
        if routed is not None and "{" not in candidate and not routed[0].control:
            return Target(shape(routed[0].label), method, (path_pattern(candidate),))
    if unknown:
        return Target("", method, tuple(map(path_pattern, candidates)))
    near = nearest_operation(method, path, _spelled(catalog))
    hint = f"; did you mean {near!r}?" if near else ""
    raise MockUsageError(f"on={on!r}: the real API has no such operation{hint}")


def _by_name(text: str, catalog: Catalog) -> Target:
    names = {operation.name: operation for operation in catalog.operations if not operation.control}
    if text in names:
        return Target(label=shape(names[text].label))
    near = get_close_matches(text, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "; write it as 'POST /outplans', 'outplans.create' or 'any'"
    raise MockUsageError(f"on={text!r}: no operation of this mock has this name{hint}")


def _spelled(catalog: Catalog) -> Iterator[str]:
    yield from (operation.label for operation in catalog.operations if not operation.control)
    yield from (operation.label for operation in catalog.real.operations)


@lru_cache(maxsize=8)
def _shapes(catalog: Catalog) -> frozenset[str]:
    return frozenset(shape(label) for label in _spelled(catalog))


@lru_cache(maxsize=8)
def reasons(catalog: Catalog) -> tuple[str, ...]:
    """Every reason an error of this service may have: the common ones, and one for each kind of record."""
    missing = {resource.missing for resource in catalog.resources.values() if resource.stored}
    nouns = _nouns(operation.template for operation in catalog.real.operations)
    missing |= {noun.upper() + NOT_FOUND_SUFFIX for noun in nouns}
    return (*catalog.reasons, *sorted(missing - catalog.reasons.keys()))


def _nouns(templates: Iterable[str]) -> Iterator[str]:
    for template in templates:
        words = [word for word in template.removeprefix(PREFIX).split("/") if word and not word.startswith("{")]
        if not template.startswith(PREFIX) or not words:
            continue
        single = [_singular(word.replace("-", "_")) for word in words[:2]]
        yield single[0]
        if template.count("{") > 1 and len(single) > 1:
            yield "_".join(single)


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def known_reason(reason: str, catalog: Catalog) -> str:
    """The reason itself. Raises MockUsageError with a suggestion if the service has no such one."""
    known = reasons(catalog)
    if reason in known:
        return reason
    near = get_close_matches(str(reason).upper(), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known))}"
    raise MockUsageError(f"reason={reason!r}: the service has no such error{hint}")
