"""A client of the user's own as a target, whatever shape it has."""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from voipbin_mock.api.operations import PREFIX
from voipbin_mock.contract.answers import Answer, make_answer
from voipbin_mock.contract.targets import CannotSend, Target
from voipbin_mock.wire.errors import MockUsageError

_Ask = Callable[[str, str, dict[str, str], bytes | None], Any]
_BYTES, _JSON = ("content", "data", "body"), ("json", "payload")
_OF_LIBRARIES = {"urllib3": "body", "httpx": "content"}
_URLS, _METHODS = ("url", "uri", "path", "endpoint"), ("method", "verb")


class ClientTarget(Target):
    """A client of the user's own.

    client: an object with `request(method, url, headers=..., content= or data= or body= or json=...)`, or with
    `**kwargs` for them, such as a session of requests or httpx; or a function of (method, url, headers, body).
    It returns a response, or a tuple of status, headers and body; one that raises for a status may do so, if the
    exception has the `response`. `base_url` is put before every path. A cookie jar that the client has is emptied
    after each answer; redirects should not be followed. What a client that takes `json=` alone cannot send is left
    out. A client that must be awaited is refused: give a function that awaits it.
    """

    def __init__(self, client: Any, base_url: str = "https://api.voipbin.net", **credentials: Any) -> None:
        self._base = base_url.rstrip("/").removesuffix(PREFIX)
        self._ask = _caller(client)
        jar = _first(client, "cookies", "cookie_jar")
        self._jar = jar if hasattr(jar, "clear") else None
        super().__init__(f"{type(client).__name__} at {self._base}", **credentials)

    def send(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        url = self._base + path + (f"?{query}" if query else "")
        try:
            response = self._ask(method, url, dict(headers), body)
        except Exception as error:
            response = _first(error, "response")
            if response is None and not hasattr(error, "read"):  # urllib's is the response itself
                raise
            response = error if response is None else response
        answer = _answer_of(response)
        if self._jar is not None:  # the cookie of a login would win over every other credential
            self._jar.clear()
        return answer


def _caller(client: Any) -> _Ask:
    if isinstance(client, type):
        raise MockUsageError(f"{client!r} is a class; give one of its instances")
    request = getattr(client, "request", None)
    if not callable(request):
        if not callable(client):
            raise MockUsageError(f"{client!r} has no method `request`, and cannot be called itself")
        called: _Ask = client
        _refuse_async(client, getattr(type(client), "__call__", None))  # noqa: B004  # what it is, not whether
        return called
    _refuse_async(request)
    try:
        parameters = list(inspect.signature(request).parameters.values())
    except (TypeError, ValueError):  # of a C extension, or a stand-in
        return _guessing(request, _names_within(client))
    return _shaped(request, parameters, _names_within(client))


def _refuse_async(*functions: Any) -> None:
    if any(map(inspect.iscoroutinefunction, functions)):
        raise _must_be_awaited()


def _must_be_awaited() -> MockUsageError:
    return MockUsageError(
        "a client that must be awaited cannot be asked from here: give a function of (method, url, headers, body) "
        "that runs it to its end and returns the response"
    )


def _names_within(client: Any) -> tuple[str, ...]:
    """What a wrapper's own client may call the body, the likeliest first: some take any name, and send nothing."""
    homes = {type(value).__module__.partition(".")[0] for value in getattr(client, "__dict__", {}).values()}
    likely = [name for home, name in _OF_LIBRARIES.items() if home in homes]
    return (*dict.fromkeys([*likely, "data", "content", "body"]), _JSON[0])


def _shaped(request: Any, parameters: list[inspect.Parameter], within: tuple[str, ...]) -> _Ask:
    names = [parameter.name for parameter in parameters]
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    takes = next((name for name in _BYTES if name in names), None)
    takes_json = next((name for name in _JSON if name in names), None)
    by_position = any(p.kind is p.POSITIONAL_ONLY for p in plain[2:4])
    if by_position or ("headers" not in names and not open_ended and len(plain) >= 4):
        asked: _Ask = request  # by position, as a function
        return asked
    if "headers" not in names and not open_ended:
        raise MockUsageError(f"{request!r} takes no headers, so it cannot carry a credential")

    def ask(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
        line = _line(names, method, url)
        if body is None:
            return request(*line[0], **line[1], headers=headers)
        if takes is not None:
            return request(*line[0], **line[1], headers=headers, **{takes: body})
        if takes_json is not None and not open_ended:
            return request(*line[0], **line[1], headers=headers, **{takes_json: _as_json(body)})
        return _by_trial(request, line, headers, body, within)

    return ask


def _guessing(request: Any, within: tuple[str, ...]) -> _Ask:
    def ask(method: str, url: str, headers: dict[str, str], body: bytes | None) -> Any:
        if body is None:
            return request(method, url, headers=headers)
        return _by_trial(request, ((method, url), {}), headers, body, within)

    return ask


def _line(names: list[str], method: str, url: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Method and URL, in the order or by the names that a client has for them."""
    if names[:1] and names[0] in _URLS:
        named = next((name for name in names[1:] if name in _METHODS), "method")
        return (), {names[0]: url, named: method}
    return (method, url), {}


def _by_trial(
    request: Any,
    line: tuple[tuple[str, ...], dict[str, str]],
    headers: dict[str, str],
    body: bytes,
    names: tuple[str, ...],
) -> Any:
    """A wrapper hands on what it is given: which name the client within has for bytes shows when it is asked."""
    for name in names:
        value = _as_json(body) if name == _JSON[0] else body
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # httpx would have bytes as `content`
                return request(*line[0], **line[1], headers=headers, **{name: value})
        except TypeError as error:
            if f"'{name}'" not in str(error):
                raise
    raise MockUsageError(f"{request!r} takes no body by the name of data, body, content or json")


def _as_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise CannotSend("a client that takes `json=` alone cannot send a body that is no JSON") from None


def _answer_of(response: Any) -> Answer:
    """Whatever a client calls a response."""
    if hasattr(response, "__await__"):
        close = getattr(response, "close", None)
        if callable(close):
            close()
        raise _must_be_awaited()
    if isinstance(response, tuple) and len(response) >= 3:
        status, headers, body = response[:3]
        return _made(response, status, headers, b"" if body is None else body)
    status = _first(response, "status_code", "status", "code")
    body = _first(response, "content", "data", "body", "text")
    if body is None and callable(getattr(response, "read", None)):
        body = response.read()
    return _made(response, status, _first(response, "headers") or {}, body)


def _made(response: Any, status: Any, headers: Any, body: Any) -> Answer:
    if isinstance(body, str):
        body = body.encode("utf-8")
    if isinstance(body, (bytearray, memoryview)):
        body = bytes(body)
    try:
        if isinstance(body, bytes):
            return make_answer(status, headers, body)
    except (TypeError, ValueError, AttributeError):
        pass
    raise MockUsageError(f"{type(response).__name__} is no response: it needs a status, headers and bytes of a body")


def _first(thing: Any, *names: str) -> Any:
    return next((getattr(thing, name) for name in names if getattr(thing, name, None) is not None), None)
