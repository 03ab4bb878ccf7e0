"""Whether this machine's wall clock follows a time server: one question to the kernel, where it answers."""

import ctypes
import sys
from typing import Final

_STATUS_AT: Final = 40
"""Offset of ``status`` in ``struct timex`` on 64-bit Linux (adjtimex(2)): modes and four longs stand before it."""
_TIMEX_BYTES: Final = 256
"""More than the structure has (208), so that a longer one in a later kernel does no harm."""
_UNSYNCHRONISED: Final = 0x0040
"""STA_UNSYNC."""


def is_synchronised() -> bool | None:
    """Return whether a time server disciplines the wall clock; None where the kernel does not tell."""
    if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
        return None
    answer = ctypes.create_string_buffer(_TIMEX_BYTES)
    try:
        # modes = 0: read only.
        failed = ctypes.CDLL(None).adjtimex(answer) < 0
    except (OSError, AttributeError):
        return None
    if failed:
        return None
    status = int.from_bytes(answer.raw[_STATUS_AT : _STATUS_AT + 4], sys.byteorder)
    return not status & _UNSYNCHRONISED
