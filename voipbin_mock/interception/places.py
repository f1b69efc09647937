"""The two ways in which something of a library is exchanged for a while.

A function of Python gets other code and stays the same object. So nobody who keeps it, puts it back or has bound it
elsewhere gets in the way, whatever the order: other stubs, instrumentation, `from socket import getaddrinfo`. What
is C, or inherited from it, has no code to exchange: there an attribute is set, and taken back only while it is ours.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from inspect import CO_COROUTINE
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from voipbin_mock.interception.switchboard import Switchboard

Make = Callable[[Switchboard, Any], Any]
_HOOK = "_voipbin_mock"


class Door(NamedTuple):
    """An attribute of a class (or of the module itself) and what is to be called in its place."""

    owner: str  # name of the class inside the module; "" is the module
    name: str
    make: Make

    @property
    def qualname(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name


def _now(*args: Any, _voipbin_mock: Any, **kwargs: Any) -> Any:
    return _voipbin_mock(*args, **kwargs)


async def _later(*args: Any, _voipbin_mock: Any, **kwargs: Any) -> Any:
    return await _voipbin_mock(*args, **kwargs)


class Swap:
    """A function whose code leads to a hook; the hook is given the function as it was."""

    __slots__ = ("_board", "_code", "_hooked", "_keywords", "_make", "_other", "function")

    def __init__(self, board: Switchboard, function: FunctionType, make: Make) -> None:
        self._board, self.function, self._make = board, function, make
        self._prepare()

    def _prepare(self) -> None:
        function = self.function
        code = self._code = function.__code__
        self._keywords = function.__kwdefaults__
        plain = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
        plain.__kwdefaults__ = self._keywords
        plain.__qualname__, plain.__module__ = function.__qualname__, function.__module__
        leads = (_later if code.co_flags & CO_COROUTINE else _now).__code__
        # A function's code must have as many free variables as its closure has cells.
        self._other: CodeType = leads.replace(co_freevars=code.co_freevars) if code.co_freevars else leads
        self._hooked = {**(self._keywords or {}), _HOOK: self._make(self._board, plain)}

    def put(self) -> None:
        function = self.function
        if function.__code__ is self._code and function.__kwdefaults__ is self._keywords:
            function.__kwdefaults__ = self._hooked
            function.__code__ = self._other
        elif function.__kwdefaults__ is not self._hooked:
            self._prepare()  # somebody else works in this way, too
            self.put()

    def take_back(self) -> None:
        function = self.function
        if function.__kwdefaults__ is self._hooked:
            function.__code__ = self._code
            function.__kwdefaults__ = self._keywords  # type: ignore[assignment, unused-ignore]


class Attribute:
    """An attribute that is set; what stood there is C, or nothing but what is inherited from it."""

    __slots__ = ("_board", "_found", "_name", "_original", "_owner", "_replaced", "wrapper")

    def __init__(self, board: Switchboard, owner: Any, door: Door, original: Any) -> None:
        self._board, self._owner, self._name, self._original = board, owner, door.name, original
        self._found = vars(owner)  # as it is at any time
        self._replaced: Any = None
        self.wrapper = door.make(board, self._call)

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        if not self._board.lines:
            self.take_back()  # somebody who found it here has put it back after the last mock was gone
        return self._original(*args, **kwargs)

    def put(self) -> None:
        found = self._found.get(self._name)
        if found is None or found is self._original:
            self._replaced = found
            setattr(self._owner, self._name, self.wrapper)

    def take_back(self) -> None:
        if self._found.get(self._name) is not self.wrapper:
            return  # another's stands on top: it is theirs to go, and ours does nothing without a mock
        if self._replaced is None:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._replaced)


class Place(NamedTuple):
    """Where a door is, what stands there while nobody else has come, and how to exchange it."""

    found: Mapping[str, Any]  # what is there, at any time
    name: str
    own: FunctionType
    put: Callable[[], None]
    take_back: Callable[[], None]
    make: Make


def above(board: Switchboard, place: Place) -> Swap | None:
    """A patch of what another library has put in a place before: who comes later is asked first."""
    standing = place.found.get(place.name)
    if type(standing) is not FunctionType or _HOOK in (standing.__kwdefaults__ or ()):
        return None
    return Swap(board, standing, place.make)


def places(board: Switchboard, module: ModuleType, doors: tuple[Door, ...]) -> Iterator[Place]:
    """Where the doors of a module are. What its version does not have is left out."""
    for door in doors:
        owner = _owner(module, door)
        if owner is None or not hasattr(owner, door.name):
            continue
        found = vars(owner)
        own = _own(module, owner, door)
        if own is not None:
            swap = Swap(board, own, door.make)
            yield Place(found, door.name, own, swap.put, swap.take_back, door.make)
        else:
            set_ = Attribute(board, owner, door, _beneath(owner, door.name))
            yield Place(found, door.name, set_.wrapper, set_.put, set_.take_back, door.make)


def _owner(module: ModuleType, door: Door) -> Any:
    if not door.owner:
        return module
    owner = getattr(module, door.owner, None)
    if not isinstance(owner, type):
        return None
    # Where another library's class stands for it, the real one may be among its ancestors.
    return next((one for one in owner.__mro__ if one.__module__ == module.__name__), owner)


def _own(module: ModuleType, owner: Any, door: Door) -> FunctionType | None:
    """The function behind a door that is the module's own, whatever stands in its place at present."""
    found = vars(owner).get(door.name)
    if found is None and owner.__module__ == module.__name__:
        return None  # inherited
    if _defines(module, door, found):
        return found  # type: ignore[no-any-return]
    if type(_beneath(owner, door.name)) is not FunctionType:
        return None  # it is C, whatever stands above it
    # Seldom: the first mock of the process comes when another's stands there already.
    mine = next((one for one in gc.get_objects() if _defines(module, door, one)), None)
    if mine is None and type(found) is FunctionType:
        return found
    return mine


def _beneath(owner: Any, name: str) -> Any:
    """What is C, below whatever of Python stands in its place; else what stands there."""
    if isinstance(owner, type):
        ways = [vars(one)[name] for one in owner.__mro__ if name in vars(one)]
    else:
        ways = [getattr(owner, name), getattr(sys.modules.get(f"_{owner.__name__}"), name, None)]
    return next((way for way in ways if way is not None and type(way) is not FunctionType), getattr(owner, name))


def _defines(module: ModuleType, door: Door, function: Any) -> bool:
    return (
        type(function) is FunctionType
        and function.__globals__ is vars(module)
        and function.__qualname__ == door.qualname
    )
