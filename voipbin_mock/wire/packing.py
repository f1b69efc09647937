"""Small texts in less space: thousands of them are kept for a long time, and seldom looked at."""

from __future__ import annotations

import zlib

_WINDOW = 12  # binary digits of the bytes that are looked back; a large window costs more to set up than it saves


def packed(plain: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, 5)
    return packer.compress(plain) + packer.flush()


def unpacked(pack: bytes, most: int = 0) -> bytes:
    """What was packed; of more than `most` bytes (0: any) only the first. Raises ValueError for what never was."""
    try:
        return zlib.decompressobj().decompress(pack, most)
    except zlib.error as error:
        raise ValueError(f"is not packed: {error}") from None
