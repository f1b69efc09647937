"""One test for many things of a kind: cheaper than a test each, and a failure names all that fail.

For what is looked at in no time, where a test each would cost more than what it looks at.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any


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
            failed: list[AssertionError] = []
            for value in every:
                try:
                    test(**{name: value}, **fixtures)
                except AssertionError as error:
                    error.args = (f"{ids(value)}: {error}",)
                    failed.append(error)
            if failed:
                told = "\n".join(str(error) for error in failed)
                raise AssertionError(f"{len(failed)} of {len(every)}:\n{told}") from failed[0]

        signature = inspect.signature(test)
        kept = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return run

    return decorate
