"""One test for many things of a kind: cheaper than a test each, and a failure names all that fail.

For what is looked at in no time, where a test each would cost more than what it looks at.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def for_each(
    name: str, values: Iterable[Any] | Callable[[], Iterable[Any]], ids: Callable[[Any], str] = str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The test asks for `name` as an argument and is run for each of the values; nothing to run is a failure.

    values: or a function that gives them, for what takes time to find.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**fixtures: Any) -> None:
            every = list(values() if callable(values) else values)
            assert every, f"there is no {name}"
            told: list[str] = []
            first: BaseException | None = None
            for value in every:
                try:
                    test(**{name: value}, **fixtures)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # of whatever kind: each is named
                    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
                    told.append(f"{ids(value)}: {kind}{error}")
                    first = first or error
            if told:
                raise AssertionError("\n".join([f"{len(told)} of {len(every)}:", *told])) from first

        signature = inspect.signature(test)
        kept = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return run

    return decorate
