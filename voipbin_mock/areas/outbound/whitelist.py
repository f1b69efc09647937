"""Whether a customer may call a country, and with which number it calls if nobody says."""

from __future__ import annotations

from collections.abc import Sequence

from voipbin_mock.areas.outbound.countries import country_of, every_code
from voipbin_mock.areas.outbound.resources import OUTBOUND_CONFIGS
from voipbin_mock.world.store import Row
from voipbin_mock.world.world import World

LONGEST_CODECS = 255  # characters


def config_of(world: World, account: str) -> Row | None:
    """The customer's outbound config, if it has one."""
    return next((row for row in world.table(OUTBOUND_CONFIGS) if row.account == account and not row.deleted), None)


def why_not(world: World, account: str, number: str) -> str:
    """Why a customer may not call a number; empty if it may, as everybody may whose whitelist nobody has set."""
    config = config_of(world, account)
    if config is None or not config.data["enforced"]:
        return ""
    country, allowed = country_of(number), config.data["destination_whitelist"]
    if country and country in allowed:
        return ""
    listed = ", ".join(allowed[:20]) or "nothing"
    return f"{number} is in {country or 'no country'}, and the outbound whitelist has {listed}"


def wrong_countries(whitelist: Sequence[str]) -> dict[int, str]:
    """Place in a whitelist -> what is wrong there. Letters of either case are read, spaces around them too (server)."""
    found: dict[int, str] = {}
    seen: set[str] = set()
    for place, given in enumerate(whitelist):
        code = given.strip().lower()
        if code not in every_code():
            found[place] = "is no country"
        elif code in seen:
            found[place] = "is there twice"
        seen.add(code)
    return found


def are_codecs(text: str) -> bool:
    """Nothing, or names with commas between them: letters, digits, and hyphens within."""
    if len(text) > LONGEST_CODECS:
        return False
    pieces = [piece for name in text.split(",") for piece in name.split("-")] if text else []
    return all(piece.isascii() and piece.isalnum() for piece in pieces)
