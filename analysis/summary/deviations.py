"""Where a session went otherwise than prescribed; facts, no verdicts."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from analysis.summary.exertion import HeartFigures, SaturationFigures
from analysis.summary.part import Part
from analysis.summary.timetable import LimitSpan
from vitals.alarms import RuleId
from vitals.entries import PreChecked, Released
from vitals.participants import LimitReason


class DeviationKind(StrEnum):
    """What was otherwise."""

    ABOVE_LIMIT = "above_limit"
    """Seconds with a heart rate above the upper limit."""
    BELOW_SPO2 = "below_spo2"
    """Seconds with a saturation below its limit."""
    ABOVE_ZONE = "above_zone"
    """Seconds above the training zone."""
    BELOW_ZONE = "below_zone"
    LIMIT_CHANGED = "limit_changed"
    """A limit was set anew in class; the clinic's own file has who and why."""
    LIMIT_DEFAULT = "limit_default"
    """A limit was nobody's prescription."""
    CHECK_WAIVED = "check_waived"
    """Something of the check before exercise did not pass, and it was let be."""
    RELEASED_EARLY = "released_early"
    """Somebody left before the recovery watch was done."""


class Deviation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One deviation; ``text`` holds words of the staff."""

    kind: DeviationKind
    seconds: int | None = None
    rule: RuleId | None = None
    value: float | None = None
    at_ms: int | None = None
    by: str = ""
    text: str = ""
    items: tuple[str, ...] = ()


def deviations_of(
    part: Part, heart: HeartFigures, saturation: SaturationFigures | None, *, limits: Sequence[LimitSpan]
) -> tuple[Deviation, ...]:
    """Return the deviations of a part."""
    return (*_times(heart, saturation), *_limits(limits), *_said(part))


def _times(heart: HeartFigures, saturation: SaturationFigures | None) -> Iterator[Deviation]:
    below_s = 0 if saturation is None else saturation.below_limit_s
    for kind, seconds in (
        (DeviationKind.ABOVE_LIMIT, heart.above_limit_s),
        (DeviationKind.BELOW_SPO2, below_s),
        (DeviationKind.ABOVE_ZONE, heart.above_s),
        (DeviationKind.BELOW_ZONE, heart.below_s),
    ):
        if seconds:
            yield Deviation(kind=kind, seconds=seconds)


def _limits(limits: Sequence[LimitSpan]) -> Iterator[Deviation]:
    defaults: set[RuleId] = set()
    for limit in limits:
        if limit.reason is LimitReason.OVERRIDDEN:
            yield Deviation(kind=DeviationKind.LIMIT_CHANGED, rule=limit.rule, value=limit.value, at_ms=limit.from_ms)
        elif limit.reason is LimitReason.DEFAULT and limit.rule not in defaults:
            defaults.add(limit.rule)
            yield Deviation(kind=DeviationKind.LIMIT_DEFAULT, rule=limit.rule, value=limit.value)


def _said(part: Part) -> Iterator[Deviation]:
    for entry in part.entries:
        at_ms = entry.at_utc_ms - part.started_utc_ms
        match entry.body:
            case PreChecked(problems=problems, why=why) if problems:
                items = tuple(item.value for item in problems)
                yield Deviation(kind=DeviationKind.CHECK_WAIVED, at_ms=at_ms, by=entry.by, text=why, items=items)
            case Released(missing=missing, why=why) if missing:
                yield Deviation(kind=DeviationKind.RELEASED_EARLY, at_ms=at_ms, by=entry.by, text=why, items=missing)
            case _:
                pass
