"""A person's class second by second: what was newest in each second, and nothing where nobody told anything. Pure."""

from collections.abc import Iterable
from typing import Final

from dashboard.export.table import Value
from vitals.readings import Quality, ReadingKind

SECONDS_MAX: Final = 86_400
"""A class of more than a day is a mistake in a roster; what lies beyond is left out of the wide table alone."""

Second = dict[str, Value]
"""By measure."""


def by_second(values: Iterable[Value], *, started_utc_ms: int) -> dict[int, Second]:
    """Return the newest value of each measure in each second of the class; intervals between beats are left out."""
    seconds: dict[int, Second] = {}
    for value in values:
        at = (value.reading.utc_ms - started_utc_ms) // 1000
        if value.measure != "rr_ms" and 0 <= at < SECONDS_MAX:
            seconds.setdefault(at, {})[value.measure] = value
    return seconds


def quality_of(second: Second, kind: ReadingKind) -> str:
    """Return how good the readings of a kind are in a second; ``missing``: there is none."""
    for value in second.values():
        if value.reading.kind is kind:
            return value.reading.quality.value
    return "missing"


def good_value(second: Second | None, measure: str) -> float | None:
    """Return the value of a second when its sensor stands for it."""
    value = None if second is None else second.get(measure)
    return None if value is None or value.reading.quality is not Quality.GOOD else value.value
