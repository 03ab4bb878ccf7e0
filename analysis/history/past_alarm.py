"""Alarms of a history: each stretch in which a condition stood, put together from the engine's effects."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analysis.core.events import AlarmEventRaised, AlarmStateChanged, Effect
from analysis.core.state import key_of
from vitals.alarms import AlarmState, Change, Family, Priority, RuleId, alarm_text
from vitals.participants import ParticipantId
from vitals.units import MonotonicMs

_BEGINS: Final = frozenset({Change.RAISED, Change.RETRIGGERED})
_ENDS: Final = frozenset({Change.CLEARED, Change.LATCHED, Change.SESSION_ENDED})


class PastAlarm(Struct, frozen=True, kw_only=True):
    """One condition that stood. Times in ms from the start of the history; ``ended_ms`` None: it stood to the end.

    ``told``: people were told of it, at once or later; False while another alarm was told instead all the time.
    ``text``: as at its onset. ``participant`` is None for what concerns nobody alone.
    """

    history: str
    participant: ParticipantId | None
    subject: str
    rule: RuleId
    family: Family
    priority: Priority
    breach_ms: MonotonicMs
    onset_ms: MonotonicMs
    ended_ms: MonotonicMs | None
    text: str
    told: bool

    @property
    def delay_s(self) -> float:
        """The ConditionDelay: from the first sample of the breach to the onset, in s."""
        return (self.onset_ms - self.breach_ms) / 1000


class AlarmBook:
    """Collects the alarms of one history; ``zero_ms`` is its start on the engine's clock."""

    def __init__(self, history: str, *, zero_ms: int) -> None:
        self._history = history
        self._zero_ms = zero_ms
        self._open: dict[str, PastAlarm] = {}
        self._closed: list[PastAlarm] = []

    def note(self, effects: Iterable[Effect]) -> None:
        """Take what the engine asked for."""
        for effect in effects:
            match effect:
                case AlarmStateChanged():
                    self._tell(effect.alarm)
                case AlarmEventRaised():
                    self._turn(effect)
                case _:
                    pass

    def close(self) -> tuple[PastAlarm, ...]:
        """Return all alarms by their onset, those that still stand without an end."""
        alarms = [*self._closed, *self._open.values()]
        return tuple(sorted(alarms, key=lambda one: (one.onset_ms, one.subject, one.rule.value)))

    def _tell(self, alarm: AlarmState) -> None:
        key = key_of(alarm.subject, alarm.rule)
        known = self._open.get(key)
        if known is not None and alarm.inhibited_by is None and not known.told:
            self._open[key] = replace(known, told=True)

    def _turn(self, event: AlarmEventRaised) -> None:
        alarm = event.alarm
        key = key_of(alarm.subject, alarm.rule)
        if event.change in _BEGINS:
            self._open[key] = self._begin(alarm)
        elif event.change is Change.PRIORITY_RAISED and key in self._open:
            self._open[key] = replace(self._open[key], priority=alarm.priority)
        elif event.change in _ENDS and key in self._open:
            ended_ms = event.mono_ms if alarm.ended_mono_ms is None else alarm.ended_mono_ms
            self._closed.append(replace(self._open.pop(key), ended_ms=MonotonicMs(ended_ms - self._zero_ms)))

    def _begin(self, alarm: AlarmState) -> PastAlarm:
        return PastAlarm(
            history=self._history,
            participant=alarm.participant,
            subject=alarm.subject,
            rule=alarm.rule,
            family=alarm.family,
            priority=alarm.priority,
            breach_ms=MonotonicMs(alarm.breach_mono_ms - self._zero_ms),
            onset_ms=MonotonicMs(alarm.onset_mono_ms - self._zero_ms),
            ended_ms=None,
            text=alarm_text(alarm),
            told=alarm.inhibited_by is None,
        )
