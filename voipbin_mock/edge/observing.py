"""Lint findings become Python warnings, where the user's code is."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

from voipbin_mock.api.lint import VoIPBINWarning
from voipbin_mock.edge.carrier import user_frame
from voipbin_mock.edge.door import FRAME
from voipbin_mock.edge.environ import is_served
from voipbin_mock.wire.exchange import Exchange

if TYPE_CHECKING:
    from types import FrameType

    from _typeshed.wsgi import WSGIEnvironment


def observe(deferred: list[VoIPBINWarning], environ: WSGIEnvironment, exchange: Exchange) -> None:
    """Lint findings become Python warnings, at the line of the user's code that made the call."""
    live = is_served(environ)
    if not live and (exchange.warnings or exchange.http_code >= 400):
        frame = environ.get(FRAME) or user_frame()
        exchange.called_at = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
    for finding in exchange.warnings:
        warning = finding.as_warning(f"{exchange.method} {exchange.path}")
        if live:
            # In a server's thread nobody could catch it; close() raises it where the user is.
            try:
                warnings.warn(warning, stacklevel=2)
            except VoIPBINWarning as raised:
                if not deferred:  # the first alone is raised in the end
                    deferred.append(raised)
        else:
            _warn_user(warning, environ.get(FRAME) or user_frame())


def _warn_user(warning: VoIPBINWarning, frame: FrameType) -> None:
    warnings.warn_explicit(
        warning,
        type(warning),
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )
