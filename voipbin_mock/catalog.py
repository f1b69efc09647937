"""The catalogue of everything that is mocked: all areas put together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module

from voipbin_mock import areas
from voipbin_mock.api.area import Area
from voipbin_mock.api.catalog import Catalog, Index
from voipbin_mock.api.checking import check
from voipbin_mock.api.differences import COMMON
from voipbin_mock.api.names import check as check_names
from voipbin_mock.wire.errors import MockUsageError

# What every mock has beside the service's areas.
_BESIDE = {name: f"voipbin_mock.{name}.area" for name in ("control", "delivery", "insight", "openapi", "trouble")}
INDEX = Index(
    {**{name: f"voipbin_mock.areas.{name}.area" for name in areas.WORDS}, **_BESIDE},
    {
        **areas.WORDS,
        "delivery": ("ws", "service_agents/ws", "__mock__/events", "__mock__/webhooks", "__mock__/websockets"),
        "openapi": ("openapi.json", "__mock__/docs", "__mock__/operations"),
        "control": ("__mock__",),  # whatever is no one else's
    },
    follows=areas.FOLLOWS,
    started={"billing": "billing", "rate_limits": "trouble"},
    listens=("delivery",),
    actions=areas.ACTIONS,
)


@lru_cache(maxsize=1)
def default() -> Catalog:
    """Everything that is mocked; made once, loaded as it is met."""
    return Catalog(INDEX, differences=COMMON)


def having(more: Iterable[Area | str]) -> Catalog:
    """The same with areas of the user's beside ours: as objects, or as names of modules that have an `AREA`.

    Raises MockUsageError for what is no area.
    """
    several = tuple(map(area, more))
    return _having(several) if several else default()


@lru_cache(maxsize=64)
def _having(more: tuple[Area, ...]) -> Catalog:
    for number, each in enumerate(more):
        check(each, (*default().areas(), *more[:number]), COMMON)
    for each in more:
        check_names(each, (*default().areas(), *more))
    return Catalog(INDEX, more, COMMON)


def area(given: Area | str) -> Area:
    """An area, also by the name of the module that has it. Raises MockUsageError."""
    if isinstance(given, str):
        try:
            module = import_module(given)
        except (Exception, SystemExit) as error:  # it is the user's module: whatever can be wrong in one
            raise MockUsageError(f"areas: the module {given!r} cannot be imported: {error!r}") from error
        if not hasattr(module, "AREA"):
            raise MockUsageError(f"areas: the module {given!r} has no AREA")
        given = module.AREA
        if isinstance(given, Area):
            given.module = module.__name__
    if not isinstance(given, Area):
        raise MockUsageError(f"areas: {given!r} is no area; declare one with voipbin_mock.api.area.Area")
    return given
