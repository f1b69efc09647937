"""Languages as these jobs take them."""

from __future__ import annotations

import re

USUAL = "en-US"
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*", re.ASCII)


def is_language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text) is not None
