"""`create_app`: the mock for `flask --app voipbin_mock run`, gunicorn, and whoever else wants an app."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from voipbin_mock.mock import Mock
from voipbin_mock.world.world import World

if TYPE_CHECKING:
    from flask import Flask

Settings = ParamSpec("Settings")


def _taking(maker: Callable[Settings, Mock]) -> Callable[[Callable[..., Flask]], Callable[Settings, Flask]]:
    """Show the settings of a mock as a function's own."""

    def taking(function: Callable[..., Flask]) -> Callable[Settings, Flask]:
        function.__signature__ = signature(maker).replace(return_annotation="Flask")  # type: ignore[attr-defined]
        return cast("Callable[Settings, Flask]", function)

    return taking


@_taking(Mock)
def create_app(*settings: Any, **named: Any) -> Flask:
    """A Flask app that is a mock of its own. It takes the settings of `Mock`.

    >>> create_app(profile="server").test_client().get("/ping").status_code
    200

    The mock is `app.extensions["voipbin_mock"]`, lives as long as the app, and is ended by its `close()`. Client
    libraries reach it only where they are pointed: nothing is intercepted, unless the mock is entered.
    """
    if settings and isinstance(settings[0], World):
        return _for_world(*settings, **named)
    mock = Mock(*settings, **named)
    app = mock.app
    app.extensions["voipbin_mock"] = mock  # from here on it lives as long as the app
    app.when_served = mock.keep_time
    return app


def _for_world(world: World, control: Any = None) -> Flask:
    """For a world without a mock."""
    from voipbin_mock.edge.app import application
    from voipbin_mock.edge.door import Door

    return application(Door(world, control), lambda: None)
