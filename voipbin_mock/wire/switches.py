"""Settings that are on, off, or more than that, as texts."""

from __future__ import annotations

import json
from typing import Any


def read_switch(text: str) -> Any:
    """True, False, what the text holds as JSON, or the text itself."""
    lowered = text.strip().lower()
    if lowered in ("true", "1", "yes", "on"):
        return True
    if lowered in ("false", "0", "no", "off", ""):
        return False
    try:
        return json.loads(text)
    except ValueError:
        return text
