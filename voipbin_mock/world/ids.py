"""The only source of identity: UUIDs, tokens and request ids.

They are drawn from a random seed, so that two mocks with the same seed and the same requests give the same
answers to the byte.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache

# A character for each byte: alphabets whose lengths divide 256, so that all are equally likely.
_URL_SAFE = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" * 4


_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 8


# Each is drawn with a number of its own of eight bytes; so many are never reached.
MOST_DRAWN = 1 << 62


def is_random_seed(value: object) -> bool:
    """Whether ids can be drawn from it: a number of 64 bits, or a text that can be encoded."""
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    return type(value) is int and abs(value) < 1 << 63


def run_number() -> int:
    """A number that hardly any other run has: drawn from the system, and of nothing that is compared or restored."""
    return int.from_bytes(os.urandom(4), "big")


@lru_cache(maxsize=64)
def _key_of(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _uuid(drawn: bytes) -> str:
    digits = drawn.hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


class Ids:
    """UUIDs, tokens and request ids, drawn from a random seed.

    A counter through a keyed hash: the whole state is two small values, so it can be saved,
    compared and restored. Not a source of secrets.
    """

    def __init__(self, random_seed: int | str = 0, drawn: int = 0) -> None:
        self.random_seed = random_seed
        self.drawn = drawn
        self._key = _key_of(f"voipbin-mock:{random_seed}")

    def _bytes(self, size: int) -> bytes:
        self.drawn += 1
        return hashlib.blake2b(self.drawn.to_bytes(8, "big"), digest_size=size, key=self._key).digest()

    def uuid(self) -> str:
        """A version 4 UUID in canonical form."""
        return _uuid(self._bytes(16))

    def uuid_aside(self, text: str) -> str:
        """The same, made from a text; nothing is drawn."""
        return _uuid(self.secret(f"uuid {text}"))

    def token(self) -> str:
        """32 URL-safe characters."""
        return self._bytes(32).translate(_URL_SAFE).decode("ascii")

    def request_id(self) -> str:
        """`req_` and 26 base32 characters, as the service's own."""
        return "req_" + self._bytes(26).translate(_BASE32).decode("ascii")

    def request_id_aside(self, text: str) -> str:
        """The same, made from a text; nothing is drawn."""
        return "req_" + self.secret(f"request {text}")[:26].translate(_BASE32).decode("ascii")

    def secret(self, purpose: str) -> bytes:
        """A key for signing; depends on the seed alone, so it outlives a reset."""
        return hashlib.blake2b(purpose.encode(), digest_size=32, key=self._key).digest()
