"""One-time codes by which a display is let in: it shows the code, somebody of the staff types it in."""

import secrets
from typing import Final

from msgspec import Struct

from dashboard.access.keys import hash_key, new_key
from vitals.errors import InputError, InputReason
from vitals.units import MonotonicMs

LETTERS: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without those that look alike on a television across a room."""

CODE_CHARS: Final = 6
"""29 bits: with five tries a minute and ten minutes, one guess in ten million."""

CODE_MS: Final = 10 * 60_000
CODES_MAX: Final = 16
"""Displays that wait at once; the oldest gives way."""


class _Waiting(Struct, kw_only=True):
    code: str
    until_ms: MonotonicMs
    key: str = ""
    """The display's own secret, once somebody has let it in."""


class Codes:
    """Displays that wait, by the hash of the secret that each keeps to itself."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: Final[dict[str, _Waiting]] = {}

    def give(self, *, now_ms: MonotonicMs) -> tuple[str, str]:
        """Return a code to show, and a secret to ask with."""
        self._forget(now_ms)
        while len(self._waiting) >= CODES_MAX:
            del self._waiting[next(iter(self._waiting))]
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_CHARS))
        asking = new_key()
        self._waiting[asking.hash] = _Waiting(code=code, until_ms=MonotonicMs(now_ms + CODE_MS))
        return code, asking.secret

    def require(self, code: str, *, now_ms: MonotonicMs) -> str:
        """Return the place of the display that shows a code.

        Raises:
            InputError: none does.
        """
        self._forget(now_ms)
        wanted = code.replace(" ", "").replace("-", "").upper()
        for place, waiting in self._waiting.items():
            if not waiting.key and secrets.compare_digest(waiting.code.encode(), wanted.encode()):
                return place
        raise InputError("code", "no display shows this code now", InputReason.UNKNOWN_NAME)

    def let_in(self, place: str, key: str) -> None:
        """Keep the display's secret until it fetches it."""
        self._waiting[place].key = key

    def claim(self, asking: str, *, now_ms: MonotonicMs) -> str | None:
        """Return a display's secret, once; empty while nobody has let it in; None: its code is over."""
        self._forget(now_ms)
        place = hash_key(asking)
        waiting = self._waiting.get(place)
        if waiting is None:
            return None
        if waiting.key:
            del self._waiting[place]
        return waiting.key

    def _forget(self, now_ms: MonotonicMs) -> None:
        for place in [place for place, waiting in self._waiting.items() if waiting.until_ms <= now_ms]:
            del self._waiting[place]
