"""Somebody else's web application, called in this process."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def kind_of(target: Any) -> str:
    """`wsgi`, `asgi` or `callable`: WSGI apps take two arguments, ASGI apps three and are coroutines, others one."""
    if hasattr(target, "wsgi_app"):
        return "wsgi"
    called = target if inspect.isroutine(target) else type(target).__call__
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):
        return "callable"
    needed = [
        p for p in signature.parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]  # fmt: skip
    if len(needed) == 3 or (len(needed) == 2 and inspect.iscoroutinefunction(called)):
        return "asgi"
    return "wsgi" if len(needed) == 2 else "callable"


def ask_wsgi(app: Any, url: str, method: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """A WSGI app's HTTP code and body."""
    from werkzeug.test import create_environ, run_wsgi_app

    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    base_url = f"{parts.scheme}://{parts.netloc}"
    environ = create_environ(target, base_url, method=method, headers=dict(headers), data=body)
    chunks, status, _ = run_wsgi_app(app, environ, buffered=True)
    return int(status[:3]), b"".join(chunks)
