"""Silence of one sensor: when it last told anything, and whether it is back. Judged by ticks, because nothing comes.

A sensor that says "off the body" is not silent; it tells. What is silent is neither heard nor told.
"""

from msgspec import Struct

from analysis.core.rules import Rule
from vitals.units import MonotonicMs


class Silence(Struct, kw_only=True, omit_defaults=True):
    """``told_ms``: time of the newest reading that told a value or "off the body"; ``back_ms``: first after a hole."""

    told_ms: MonotonicMs | None = None
    back_ms: MonotonicMs | None = None


def hear(silence: Silence, *, at_ms: MonotonicMs, hole_ms: int) -> None:
    """Take a reading that told something; an older one than the newest changes nothing."""
    told_ms = silence.told_ms
    if told_ms is None or at_ms - told_ms > hole_ms:
        silence.back_ms = at_ms
    elif at_ms < told_ms:
        return
    silence.told_ms = at_ms


def is_back(silence: Silence, rule: Rule) -> bool:
    """Return whether the sensor has told something for the rule's clear time without a hole."""
    if silence.told_ms is None or silence.back_ms is None:
        return False
    return silence.told_ms - silence.back_ms >= rule.clear_s * 1000


def silent_from(silence: Silence, *, watched_since_ms: MonotonicMs) -> MonotonicMs:
    """Return when the silence began: at the newest word, or when somebody began to listen, whichever is later.

    Args:
        silence: of the sensor.
        watched_since_ms: since when its words could have reached us: assigned, gateway there, broker connected.
    """
    told_ms = silence.told_ms
    return watched_since_ms if told_ms is None or told_ms < watched_since_ms else told_ms


def due_ms(rule: Rule, *, silent_from_ms: MonotonicMs) -> MonotonicMs:
    """Return when the silence becomes an alarm."""
    return MonotonicMs(silent_from_ms + int(rule.legs[0].hold_s * 1000))
