"""Beside a fake file system: what is imported or written for the whole run is not the test's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

_AS_IT_IS = nullcontext()


def real_files() -> AbstractContextManager[None]:
    """The real file system for a while, should a test have pyfakefs in its place.

    A module that is imported from the fake one is thrown away with it; those that were loaded before keep the copy.
    """
    fakes = sys.modules.get("pyfakefs.fake_filesystem_unittest")
    patcher = None if fakes is None else getattr(getattr(fakes, "Patcher", None), "PATCHER", None)
    return _paused(fakes, patcher) if getattr(patcher, "is_patching", False) else _AS_IT_IS


@contextmanager
def _paused(fakes: Any, patcher: Any) -> Iterator[None]:
    with fakes.Pause(patcher):
        yield
        find = getattr(patcher, "_find_modules", None)
        if find is not None:  # what was loaded meanwhile is the test's, too, as if it had been there before
            import warnings

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                find()
