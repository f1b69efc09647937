"""The mock as a Flask app, for those who hang something of their own onto it, or have a server for such apps.

As long as nobody did, a request goes straight to the mock: what Flask would do for it nobody could see.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, ValuesView
from io import BytesIO
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, NotFound

from voipbin_mock.edge import environ as wsgi
from voipbin_mock.edge.door import Door, Observer, Visit
from voipbin_mock.edge.incoming import ControlPolicy
from voipbin_mock.edge.routes import Rules
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.routing import MapAdapter

EXTENSION = "voipbin_mock"
_VISIT = "voipbin_mock.visit"
_SIGNALS = (
    flask.request_started,
    flask.request_finished,
    flask.request_tearing_down,
    flask.got_request_exception,
    flask.appcontext_pushed,
    flask.appcontext_popped,
    flask.appcontext_tearing_down,
)
_receivers = attrgetter("receivers")
# Whoever replaces one of these on an app wants it called.
_STEPS = frozenset(name for name in vars(flask.Flask) if callable(getattr(flask.Flask, name)) and name[:2] != "__") - {
    "wsgi_app"
}


class Application(flask.Flask):
    """A Flask app in front of a door. `extensions["voipbin_mock"]` is the mock."""

    url_map_class = Rules
    url_map: Rules
    view_functions: _Views

    def __init__(self, door: Door, mock: Callable[[], Any]) -> None:
        super().__init__("voipbin_mock", static_folder=None)
        self.door = door
        self.url_map.world = door.world
        self.view_functions = _Views(self.url_map)
        self.extensions = _Extensions(mock)
        self.when_served: Callable[[], object] | None = None  # called once, when a server brings a request

    # --- what the door has ---------------------------------------------------------------------------

    @property
    def world(self) -> World:
        return self.door.world

    @property
    def control(self) -> ControlPolicy:
        """Who may use the control API. May be replaced."""
        return self.door.control

    @control.setter
    def control(self, control: ControlPolicy) -> None:
        self.door.control = control

    @property
    def observer(self) -> Observer | None:
        """Who is told of every exchange. May be replaced."""
        return self.door.observer

    @observer.setter
    def observer(self, observer: Observer | None) -> None:
        self.door.observer = observer

    # --- requests ------------------------------------------------------------------------------------

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.when_served is not None and wsgi.is_served(environ):
            served, self.when_served = self.when_served, None
            served()
        if self._bare() and "werkzeug.debug.preserve_context" not in environ:
            self._got_first_request = True
            return self.door.plain(environ, start_response)
        visit = environ[_VISIT] = self.door.enter(environ)
        return self.door.leave(visit, environ, super().wsgi_app(environ, start_response))

    def _bare(self) -> bool:
        """Whether nobody could see the difference if a request went past Flask."""
        config = self.config
        return not (
            self.url_map.own
            or self.before_request_funcs
            or self.after_request_funcs
            or self.teardown_request_funcs
            or self.teardown_appcontext_funcs
            or self.url_value_preprocessors
            or self._handles_errors()
            or self.view_functions.own
            or config["SECRET_KEY"] is not None
            or config.get("TRUSTED_HOSTS") is not None
            or self.request_class is not flask.Request
            or self.response_class is not flask.Response
            or self.session_interface is not flask.Flask.session_interface
            or not _STEPS.isdisjoint(self.__dict__)
            or any(map(_receivers, _SIGNALS))
        )

    def _handles_errors(self) -> bool:
        """Whether there is a handler for any error; looking for one leaves empty entries."""
        spec = self.error_handler_spec
        return bool(spec) and any(handlers for codes in spec.values() for handlers in codes.values())

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        try:
            bound = super().create_url_adapter(request)
        except HTTPException:
            if self.config.get("TRUSTED_HOSTS") is not None:
                raise
            return None  # a Host that no address can be built from; the service does not mind
        return None if bound is None else self.url_map.adapter(bound)

    def dispatch_request(self) -> Any:
        """Operations and the user's own rules have views; what is left the service answers, too."""
        request = flask.request
        problem = request.routing_exception
        if request.url_rule is not None or not (problem is None or isinstance(problem, NotFound)):
            return super().dispatch_request()
        response = _answered()
        if response.status_code == 404 and self._handles_errors():
            raise NotFound(response=response)  # for whoever handles this error; without a handler, the same answer
        return response


def application(door: Door, mock: Callable[[], Any]) -> Application:
    """A Flask app that stands before the door from now on, as long as somebody holds it."""
    app = Application(door, mock)
    door.before = weakref.ref(app)
    return app


def _answered(**_: Any) -> flask.Response:
    """The view of every operation: the mock's answer to the present request."""
    app, request = flask.current_app, flask.request
    assert isinstance(app._get_current_object(), Application)  # type: ignore[attr-defined]
    environ = request.environ
    visit: Visit = environ[_VISIT]
    stream = environ["wsgi.input"]
    if "stream" in vars(request):  # a hook has read the body
        environ["wsgi.input"] = BytesIO(request.get_data())
    incoming = wsgi.incoming_of(environ, visit.base)
    if incoming.body:
        environ["wsgi.input"] = BytesIO(incoming.body)  # whoever comes later reads it, too
    reply = app.door.handle(visit, environ, incoming)  # type: ignore[attr-defined]
    if reply.http_code == 307:
        wsgi.rewind(stream)
    response: flask.Response = app.response_class(reply.body, wsgi.status_of(reply))
    response.headers = Headers(wsgi.headers_of(reply))
    return response


class _Views(dict[str, Any]):
    """The user's views; whoever looks for an operation's finds one."""

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules

    def __missing__(self, endpoint: str) -> Any:
        if endpoint not in self._rules.operations:
            raise KeyError(endpoint)
        return _answered

    def get(self, endpoint: str, default: Any = None) -> Any:
        try:
            return self[endpoint]
        except KeyError:
            return default

    def __contains__(self, endpoint: object) -> bool:
        return super().__contains__(endpoint) or endpoint in self._rules.operations

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._rules.operations), **dict.fromkeys(super().keys())})

    def keys(self) -> Any:
        return KeysView(self)

    def values(self) -> Any:
        return ValuesView(self)

    def items(self) -> Any:
        return ItemsView(self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def own(self) -> bool:
        """Whether the user has put any there."""
        return super().__len__() > 0


class _Extensions(dict[str, Any]):
    """Extensions, of which the mock is held by whoever made the app and not here: it holds the app itself."""

    def __init__(self, mock: Callable[[], Any]) -> None:
        super().__init__({EXTENSION: None})
        self._mock = mock

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if name != EXTENSION or found is not None:
            return found
        mock = self._mock()
        if mock is None:
            raise ReferenceError("the mock of this app is gone; keep it, or make the app with create_app()")
        return mock

    def get(self, name: str, default: Any = None) -> Any:
        return default if name not in self else self.__getitem__(name)
