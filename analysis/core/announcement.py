"""The signal of an alarm: are we telling anyone? On, latched, acknowledged, off; pure functions from state to state.

Every function returns the alarm as it stands afterwards, with its revision one higher. Whether the condition is so
is decided in `condition.py` and `silence.py`.
"""

from hashlib import blake2b
from typing import Final

from msgspec.structs import replace

from vitals.alarms import (
    Acknowledgement,
    AlarmId,
    AlarmState,
    AudioState,
    Change,
    Condition,
    Priority,
    RuleId,
    Signal,
)
from vitals.units import MonotonicMs, UtcMs

AUDIO_PAUSE_S_MAX: Final = 120
"""A room must not stay silent longer than an alarm may wait; the command's own bound (engineering choice)."""

_RANK: Final = {Priority.INFO: 0, Priority.LOW: 1, Priority.MEDIUM: 2, Priority.HIGH: 3}


def name_alarm(*, subject: str, rule: RuleId, run: str, seq: int) -> AlarmId:
    """Return the id of an alarm: 16 hex digits of (subject, rule, run and seq of what completed its hold)."""
    text = f"{subject}|{rule.value}|{run}|{seq}"
    return AlarmId(blake2b(text.encode(), digest_size=8).hexdigest())


def retrigger(latched: AlarmState, *, fresh: AlarmState) -> AlarmState:
    """Return a latched alarm whose condition is so again: the same id, on, to be seen anew.

    The onset is the new one, because the age on a screen is that of what stands now; the record has the first.
    """
    return replace(fresh, alarm_id=latched.alarm_id, revision=latched.revision + 1)


def acknowledge(alarm: AlarmState, acknowledgement: Acknowledgement) -> tuple[AlarmState, Change]:
    """Return the alarm after somebody has seen it: acknowledged, or off when its condition has already ended."""
    if alarm.signal is Signal.LATCHED:
        resolved = replace(alarm, revision=alarm.revision + 1, signal=Signal.OFF, acknowledged=acknowledgement)
        return resolved, Change.RESOLVED
    seen = replace(alarm, revision=alarm.revision + 1, signal=Signal.ACKNOWLEDGED, acknowledged=acknowledgement)
    return seen, Change.ACKNOWLEDGED


def end(alarm: AlarmState, *, latch: bool, ended_mono_ms: MonotonicMs) -> tuple[AlarmState, Change]:
    """Return the alarm after its condition has ended: off, or latched when it shall be seen and nobody has yet."""
    latched = latch and alarm.signal is Signal.ON
    ended = replace(
        alarm,
        revision=alarm.revision + 1,
        condition=Condition.INACTIVE,
        signal=Signal.LATCHED if latched else Signal.OFF,
        ended_mono_ms=ended_mono_ms,
        source_lost=False,
        inhibited_by=None,
    )
    return ended, Change.LATCHED if latched else Change.CLEARED


def withdraw(alarm: AlarmState, *, ended_mono_ms: MonotonicMs) -> AlarmState:
    """Return the alarm off, latched or not: nobody watches its subject any more."""
    return replace(
        alarm,
        revision=alarm.revision + 1,
        condition=Condition.INACTIVE,
        signal=Signal.OFF,
        ended_mono_ms=alarm.ended_mono_ms if alarm.signal is Signal.LATCHED else ended_mono_ms,
        source_lost=False,
        inhibited_by=None,
    )


def raise_priority(alarm: AlarmState, priority: Priority) -> AlarmState:
    """Return the alarm with a higher priority, which takes an acknowledgement back; a lower one changes nothing."""
    if _RANK[priority] <= _RANK[alarm.priority]:
        return alarm
    signal = Signal.ON if alarm.signal is Signal.ACKNOWLEDGED else alarm.signal
    return replace(alarm, revision=alarm.revision + 1, priority=priority, signal=signal, acknowledged=None)


def mark_source(alarm: AlarmState, *, lost: bool) -> AlarmState:
    """Return the alarm with its source lost or back; the condition stands either way."""
    return replace(alarm, revision=alarm.revision + 1, source_lost=lost)


def pause_audio(*, seconds: int, now_ms: MonotonicMs, now_utc_ms: UtcMs, by: str, command: str) -> AudioState:
    """Return a pause of at most `AUDIO_PAUSE_S_MAX`; 0 s is no pause."""
    if seconds <= 0:
        return AudioState(by=by, command=command)
    length_ms = min(seconds, AUDIO_PAUSE_S_MAX) * 1000
    return AudioState(
        paused_until_mono_ms=MonotonicMs(now_ms + length_ms),
        paused_until_utc_ms=UtcMs(now_utc_ms + length_ms),
        by=by,
        command=command,
    )
