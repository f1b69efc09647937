"""Websockets that carry sound: a frame every 20 ms, of silence, until the call or the conference is over.

Time here is the machine's: who listens is outside, and hears at the pace of a telephone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from voipbin_mock.wire.values import Stream
from voipbin_mock.world.bus import Event
from voipbin_mock.world.world import World

logger = logging.getLogger("voipbin_mock")

PACE = 0.02  # seconds of the machine from one frame to the next
SAMPLES = 160  # of a frame: 8 kHz
SILENCE = bytes(2 * SAMPLES)  # 16 bits each
_PAYLOAD_TYPE, _SSRC = 96, 0x766F6970
_AUDIO = 0x10  # what an audiosocket calls sound


def frame(encapsulation: str, number: int) -> bytes | None:
    """The frame of this number, from 0; None for an encapsulation that there is not."""
    if encapsulation == "sln":
        return SILENCE
    if encapsulation == "rtp":
        sequence, moment = number % 0x10000, number * SAMPLES % 0x100000000
        header = bytes((0x80, _PAYLOAD_TYPE)) + sequence.to_bytes(2, "big") + moment.to_bytes(4, "big")
        return header + _SSRC.to_bytes(4, "big") + SILENCE
    if encapsulation == "audiosocket":
        return bytes((_AUDIO,)) + len(SILENCE).to_bytes(2, "big") + SILENCE
    return None


class MediaStream:
    """One client that hears a call or a conference."""

    def __init__(
        self, world: World, stream: Stream, socket: Any, ended: tuple[type[Exception], ...], drop: Callable[[], object]
    ) -> None:
        self._world, self._stream, self._socket, self._ended, self.drop = world, stream, socket, ended, drop
        self._over = threading.Event()

    def hear(self, event: Event) -> None:
        """Told of every event: one of them is the end."""
        if event.record_id == self._stream.record_id and event.type in self._stream.ends_with:
            self._over.set()

    def run(self) -> str:
        """Send until it is over; what the client sends is read, and not listened to."""
        with self._world.lock:
            if not self._stream.goes_on():
                self._over.set()
        number = 0
        try:
            while not self._over.wait(PACE):
                sound = frame(self._stream.encapsulation, number)
                if sound is not None:
                    self._socket.send(sound)
                while self._socket.receive(timeout=0) is not None:
                    pass
                number += 1
        except self._ended as error:
            logger.debug("media stream ended: %r", error)
        return ""

    def end(self) -> None:
        self._over.set()
        with suppress(*self._ended):
            self._socket.close()
