"""Frames in a stream: devices that talk as over a cable, cut into notifications without regard to where a frame ends.

A notification may hold several frames, the end of one and the beginning of the next. `step_frames` is pure: (what was
kept, new bytes) -> (what is kept now, whole frames). The result depends on the bytes alone and not on where they were
cut. Each round of its loop consumes bytes, and none is looked at by two rounds of one step: the work grows with the
bytes and no faster. A frame whose checksum is wrong is refused as a whole, so that hostile bytes cannot make us look at
the same place again; at most one sound frame is lost with it.
"""

import re
from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable

JUNK_BYTES_MAX: Final = 32
"""Bytes without a beginning of a frame are handed out in pieces of this size, so that none is kept for ever."""

F = TypeVar("F")

Cut = tuple[int, F | Undecodable] | None
"""How many bytes (1 or more) a frame takes and what it is; None: its end has not come yet."""


class Framing(NamedTuple, Generic[F]):
    """How one device's frames look.

    Attributes:
        name: for the problems that are reported.
        sync: what a frame begins with.
        sync_bytes: how long that is.
        frame_bytes_max: no frame is longer; with what is kept of junk, the bound of what is kept at all.
        cut: (bytes, where a frame begins) -> the frame; never looks before that place.
    """

    name: str
    sync: re.Pattern[bytes]
    sync_bytes: int
    frame_bytes_max: int
    cut: Callable[[bytes, int], Cut[F]]


def step_frames(framing: Framing[F], kept: bytes, raw: bytes) -> tuple[bytes, tuple[F | Undecodable, ...]]:
    """Return what to keep for the next notification, and what this one completes, in order.

    Args:
        framing: of the device.
        kept: what the last step returned; empty at first.
        raw: one notification; longer than any attribute can be, it is refused as a whole.
    """
    if len(raw) > LONGEST_VALUE_BYTES:
        return kept, (Undecodable(problem=f"{framing.name}: {len(raw)} bytes in one notification", raw=raw),)
    data = kept + raw
    end = len(data)
    window_bytes = JUNK_BYTES_MAX + framing.sync_bytes - 1
    found: list[F | Undecodable] = []
    at = 0
    while at < end:
        begin = framing.sync.search(data, at, at + window_bytes)
        if begin is not None and begin.start() == at:
            cut = framing.cut(data, at)
            if cut is None:
                break
            taken_bytes, frame = cut
            found.append(frame)
            at += taken_bytes
            continue
        if begin is not None:
            junk_end = begin.start()
        elif end - at >= window_bytes:
            junk_end = at + JUNK_BYTES_MAX
        else:
            break
        junk = data[at:junk_end]
        found.append(Undecodable(problem=f"{framing.name}: {len(junk)} bytes before a frame", raw=junk))
        at = junk_end
    return data[at:], tuple(found)


class FrameStream(Generic[F]):
    """`step_frames` with what was kept inside: one for each connection."""

    def __init__(self, framing: Framing[F]) -> None:
        self._framing = framing
        self._kept = b""

    @property
    def kept(self) -> bytes:
        """Bytes that wait for the rest of their frame; never more than the longest frame or piece of junk."""
        return self._kept

    def feed(self, raw: bytes) -> tuple[F | Undecodable, ...]:
        """Return what one notification completes, in order; often nothing."""
        step = step_frames(self._framing, self._kept, raw)
        self._kept = step[0]
        return step[1]

    def restart(self) -> None:
        """Forget what was kept: a new answer begins."""
        self._kept = b""
