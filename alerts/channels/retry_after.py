"""The header by which a service asks for patience."""

import math
from typing import Final

AGAIN_S_MAX: Final = 60.0
"""Longer nobody waits: the next step of the escalation asks again anyway."""


def retry_after_s(text: str | None) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, at most `AGAIN_S_MAX`; a date is taken for the maximum.

    >>> retry_after_s("3"), retry_after_s(None), retry_after_s("Wed, 21 Oct 2026 07:28:00 GMT")
    (3.0, None, 60.0)
    """
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return AGAIN_S_MAX
    return min(max(0.0, seconds), AGAIN_S_MAX) if math.isfinite(seconds) else AGAIN_S_MAX
