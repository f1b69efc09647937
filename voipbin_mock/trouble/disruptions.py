"""Enacting a disruption: what all carriers of answers have in common, on the virtual clock.

A carrier turns what happens here into its client's own exception. `pass_time` moves the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from voipbin_mock.wire.values import Disruption

PassTime = Callable[[float], object]
SLOW_PIECES = 4  # of a slow body, if its disruption does not say how long they are
RESET = (104, "Connection reset by peer")
REFUSED = (111, "Connection refused")


class Broken(Exception):
    """The body breaks off here: by a "reset", by the client's own "timeout", or it is "short"."""

    def __init__(self, kind: str, got: int = 0, wanted: int = 0) -> None:
        super().__init__(kind)
        self.kind, self.got, self.wanted = kind, got, wanted


def arrives(pass_time: PassTime, disruption: Disruption, timeout: float | None) -> bool:
    """Let time pass until the answer is there; False if the client gives up before."""
    return disruption.kind != "delay" or _waited(pass_time, disruption.seconds, timeout)


def _waited(pass_time: PassTime, seconds: float, timeout: float | None) -> bool:
    if timeout is None or seconds <= timeout:
        pass_time(seconds)
        return True
    pass_time(max(timeout, 0.0))
    return False


def pieces(pass_time: PassTime, body: bytes, disruption: Disruption | None, timeout: float | None) -> Iterator[bytes]:
    """The body as it comes in. Raises Broken where it breaks off."""
    kind = disruption.kind if disruption is not None else ""
    if disruption is None or kind not in ("reset_midway", "truncate", "slow"):
        if body:
            yield body
        return
    if kind == "slow":
        size = disruption.after or -(-len(body) // SLOW_PIECES) or 1
        for start in range(0, len(body), size):
            if start and not _waited(pass_time, disruption.seconds, timeout):
                raise Broken("timeout", start, len(body))
            yield body[start : start + size]
        return
    cut = body[: max(0, disruption.after)]
    if kind == "truncate":
        cut = cut[: max(0, len(body) - 1)]
    if cut:
        yield cut
    raise Broken("short" if kind == "truncate" else "reset", len(cut), max(len(body), 1))
