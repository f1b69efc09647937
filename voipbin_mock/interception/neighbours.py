"""Other stubbing libraries that stand before a mock: what they refuse, they refuse with our advice."""

from __future__ import annotations

from typing import Any

from voipbin_mock.interception.switchboard import Switchboard

_ADVICE = (
    "\n\nvoipbin-mock is active and would answer for {host}, but {library} stands before it and refused the call. "
    "To let it through: {how}"
)
_RESPONSES = 'responses.add_passthru("{origin}") (or add_passthru of your own RequestsMock)'
_RESPX = (
    'respx.route(host="{host}").pass_through(), or leave out using="httpx": the default mocker lets voipbin-mock '
    "answer first"
)
_REQUESTS_MOCK = 'requests_mock.Mocker(real_http=True), or register_uri(ANY, re.compile("^{origin}/"), real_http=True)'
_AIORESPONSES = 'aioresponses(passthrough=["{origin}"])'
_VCR = 'vcr.VCR(ignore_hosts=["{host}"]), or use_cassette(..., ignore_hosts=["{host}"])'
_POOK = 'pook.enable_network("{host}")'
_PYTEST_HTTPX = "@pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != {host!r})"


def _advice(board: Switchboard, url: Any, library: str, how: str) -> str:
    """What to do, if the URL is one that a mock would answer; else nothing."""
    from urllib.parse import urlsplit

    parts = urlsplit(str(url))
    host = (parts.hostname or "").rstrip(".")
    if not any(line.place(host, parts.port) for line in board.lines):
        return ""
    text = how.format(host=host, origin=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    return _ADVICE.format(host=host, library=f"`{library}`", how=text)


def _extend(error: BaseException, advice: str) -> None:
    if advice and error.args and isinstance(error.args[0], str) and advice not in error.args[0]:
        error.args = (error.args[0] + advice, *error.args[1:])


def responses_refuses(board: Switchboard, original: Any) -> Any:
    """For `responses.RequestsMock._on_request`."""

    def _on_request(self: Any, adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, adapter, request, *args, **kwargs)
        except OSError as error:  # requests.ConnectionError
            if board.lines and error.args and str(error.args[0]).startswith("Connection refused by Responses"):
                _extend(error, _advice(board, request.url, "responses", _RESPONSES))
            raise

    return _on_request


def respx_refuses(board: Switchboard, original: Any) -> Any:
    """For `respx.Router.handler`."""

    def handler(self: Any, request: Any) -> Any:
        try:
            return original(self, request)
        except AssertionError as error:
            _extend(error, _advice(board, request.url, "respx", _RESPX))
            raise

    return handler


def respx_refuses_async(board: Switchboard, original: Any) -> Any:
    """For `respx.Router.async_handler`."""

    async def async_handler(self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except AssertionError as error:
            _extend(error, _advice(board, request.url, "respx", _RESPX))
            raise

    return async_handler


def pytest_httpx_refuses(board: Switchboard, original: Any) -> Any:
    """For `HTTPXMock._explain_that_no_response_was_found`."""

    def explain(self: Any, real_transport: Any, request: Any) -> Any:
        text = original(self, real_transport, request)
        return text + _advice(board, request.url, "pytest_httpx", _PYTEST_HTTPX)

    return explain


def requests_mock_refuses(board: Switchboard, original: Any) -> Any:
    """For `requests_mock.Adapter.send`, whose refusal finds its words when it is shown."""

    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, request, *args, **kwargs)
        except Exception as error:
            advice = _advice(board, request.url, "requests_mock", _REQUESTS_MOCK)
            kind = type(error)
            if advice and kind.__name__ == "NoMockAddress":
                words = {"__str__": lambda self: kind.__str__(self) + advice, "__module__": kind.__module__}
                error.__class__ = type(kind.__name__, (kind,), words)
            raise

    return send


def aioresponses_refuses(board: Switchboard, original: Any) -> Any:
    """For `aioresponses._request_mock`."""

    async def _request_mock(self: Any, session: Any, method: str, url: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await original(self, session, method, url, *args, **kwargs)
        except Exception as error:
            if error.args and str(error.args[0]).startswith("Connection refused: "):
                _extend(error, _advice(board, session._build_url(url), "aioresponses", _AIORESPONSES))
            raise

    return _request_mock


def vcr_refuses(board: Switchboard, original: Any) -> Any:
    """For `CannotOverwriteExistingCassetteException.__init__`."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _extend(self, _advice(board, getattr(kwargs.get("failed_request"), "uri", ""), "vcrpy", _VCR))

    return refuse


def pook_refuses(board: Switchboard, original: Any) -> Any:
    """For `pook.engine.Engine.match`."""

    def match(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, request, *args, **kwargs)
        except Exception as error:
            if type(error).__name__ == "PookNoMatches":
                _extend(error, _advice(board, request.rawurl, "pook", _POOK))
            raise

    return match
