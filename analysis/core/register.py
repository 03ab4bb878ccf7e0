"""The register of alarms: every signal that is not off, and the effects of each change, in the order they happened.

It alone writes `EngineState.alarms`. It keeps two promises between alarms: what a wider loss explains is marked so
(`inhibited_by`), and missing data counts for more while an alarm is on for that person.
"""

from typing import Final

from msgspec.structs import replace

from analysis.core import announcement
from analysis.core.condition import ConditionState
from analysis.core.deriving import says_otherwise
from analysis.core.events import AlarmEventRaised, AlarmStateChanged, AudioChanged, Effect
from analysis.core.rulebook import Rulebook
from analysis.core.state import EngineState, key_of
from analysis.core.track import Judgement
from analysis.core.worn import Worn
from vitals.alarms import (
    Acknowledgement,
    AlarmState,
    AudioState,
    Change,
    Condition,
    Family,
    Priority,
    RuleId,
    Signal,
)
from vitals.participants import ParticipantId
from vitals.passport import Passport
from vitals.sensors import SensorId
from vitals.units import MonotonicMs, UtcMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_LATCHED: Final = Signal.LATCHED
_OFF: Final = Signal.OFF
_INACTIVE: Final = Condition.INACTIVE
_NO_DATA: Final = RuleId.NO_DATA
_QUESTIONABLE: Final = RuleId.QUESTIONABLE
_GATEWAY_LOST: Final = RuleId.GATEWAY_LOST

AUDIBLE: Final = (Priority.HIGH, Priority.MEDIUM)
"""Low ones never sound: who paused the sound has not missed one."""


class Register:
    """Changes alarms and collects what must be said about it; ``now_ms`` is the time of the event at hand.

    ``worn``: sensors that spoke since the last roster. ``may_lack_source``: whether the source of any alarm may be
    lost. ``heard_until_ms``: every sensor told something so lately that none is silent, by any rule, before.
    ``are_batteries_idle``: whether no battery is low, or was; None: nobody knows. None of these is a part of the state;
    they are made anew from it at any time.
    """

    def __init__(self, state: EngineState, book: Rulebook) -> None:
        self.state = state
        self.book = book
        self.now_ms = MonotonicMs(0)
        self.effects: list[Effect] = []
        self.worn: dict[SensorId, Worn] = {}
        self.heard_until_ms = MonotonicMs(0)
        self.are_batteries_idle: bool | None = None
        self.may_lack_source = any(alarm.source_lost for alarm in state.alarms.values())

    def utc_ms(self, at_ms: MonotonicMs) -> UtcMs:
        """Return the wall-clock label of a time of our clock."""
        return UtcMs(at_ms + self.state.utc_offset_ms)

    def look_anew(self) -> None:
        """Forget what was made of the state: a roster or other rules may have changed what it was made of."""
        self.worn.clear()
        self.heard_until_ms = MonotonicMs(0)
        self.are_batteries_idle = None

    def get(self, subject: str, rule: RuleId) -> AlarmState | None:
        """Return the alarm of a subject and rule whose signal is not off."""
        return self.state.alarms.get(key_of(subject, rule))

    def announce(self, fresh: AlarmState) -> None:
        """Take up an alarm whose condition has just become so: a new one, or a latched one anew."""
        fresh = replace(fresh, inhibited_by=self._teller(fresh), rules=self.book.hash)
        latched = self.get(fresh.subject, fresh.rule)
        if latched is None:
            self.state.counters.alarms += 1
            self._change(fresh, Change.RAISED)
        else:
            self._change(announcement.retrigger(latched, fresh=fresh), Change.RETRIGGERED)
        if fresh.inhibited_by is None and fresh.priority in AUDIBLE:
            self.break_pause()
        self._reconcile()

    def finish(self, subject: str, rule: RuleId, *, latch: bool = False, last: ConditionState | None = None) -> None:
        """End an alarm, if there is one, because its condition has ended; ``last`` has the final worst value."""
        alarm = self.get(subject, rule)
        if alarm is None or alarm.signal is Signal.LATCHED:
            return
        if last is not None:
            alarm = replace(alarm, value=last.value, peak=last.peak)
        ended, change = announcement.end(alarm, latch=latch, ended_mono_ms=self.now_ms)
        self._change(ended, change)
        self._reconcile()

    def withdraw(self, subject: str, rule: RuleId, change: Change) -> None:
        """Take an alarm off, latched or not, because its subject is watched no more."""
        alarm = self.get(subject, rule)
        if alarm is not None:
            self._change(announcement.withdraw(alarm, ended_mono_ms=self.now_ms), change)
            self._reconcile()

    def acknowledge(self, alarm: AlarmState, acknowledgement: Acknowledgement) -> None:
        """Note that somebody has seen an alarm, and with it those that it was told instead of."""
        for other in [alarm, *self._told_instead(alarm)]:
            if other.signal is not Signal.ACKNOWLEDGED:
                self._change(*announcement.acknowledge(other, acknowledgement))

    def raise_priority(self, subject: str, rule: RuleId, priority: Priority) -> None:
        """Raise the priority of an alarm, if there is one and its priority is lower."""
        alarm = self.get(subject, rule)
        if alarm is None or alarm.signal is Signal.LATCHED:
            return
        raised = announcement.raise_priority(alarm, priority)
        if raised is not alarm:
            self._change(raised, Change.PRIORITY_RAISED)
            if raised.inhibited_by is None:
                self.break_pause()

    def mark_source(self, alarm: AlarmState, *, lost: bool) -> None:
        """Note that the source of a standing alarm is lost or back."""
        change = Change.SOURCE_LOST if lost else Change.SOURCE_BACK
        self._change(announcement.mark_source(alarm, lost=lost), change)
        self.may_lack_source = any(other.source_lost for other in self.state.alarms.values())

    def refresh(self, alarm: AlarmState, judgement: Judgement, passport: Passport | None) -> None:
        """Publish newer numbers of a standing alarm; a repeated or newer value is never an event."""
        state = judgement.state
        if not says_otherwise(passport, alarm.passport):
            passport = alarm.passport
        if (
            state.value != alarm.value
            or state.peak != alarm.peak
            or state.condition is not alarm.condition
            or judgement.limit != alarm.limit
            or judgement.reason is not alarm.limit_reason
            or passport is not alarm.passport
        ):
            newer = replace(
                alarm,
                revision=alarm.revision + 1,
                condition=state.condition,
                value=state.value,
                peak=state.peak,
                limit=judgement.limit,
                limit_reason=judgement.reason,
                passport=passport,
            )
            self._change(newer, None)

    def note_afterwards(self, alarm: AlarmState) -> None:
        """Record an alarm that nobody could be told of in time; it was never live."""
        self.state.counters.found_afterwards += 1
        self._event(alarm, Change.FOUND_AFTERWARDS)

    def worries_about(self, participant: ParticipantId | None) -> bool:
        """Return whether a physiological alarm is on for a participant."""
        return any(
            alarm.family is Family.PHYSIOLOGICAL and alarm.participant == participant
            for alarm in self.state.alarms.values()
        )

    def set_audio(self, audio: AudioState) -> None:
        """Publish the room's audio state when it differs."""
        if audio != self.state.audio:
            self.state.audio = audio
            self.effects.append(AudioChanged(audio=audio))

    def break_pause(self) -> None:
        """End an audio pause: there is something new to hear, or its time is over."""
        if self.state.audio.paused_until_mono_ms is not None:
            self.set_audio(AudioState())

    def _change(self, alarm: AlarmState, change: Change | None) -> None:
        key = key_of(alarm.subject, alarm.rule)
        if alarm.signal is _OFF:
            self.state.alarms.pop(key, None)
        else:
            self.state.alarms[key] = alarm
        self.effects.append(AlarmStateChanged(alarm=alarm))
        if change is not None:
            self._event(alarm, change)

    def _event(self, alarm: AlarmState, change: Change) -> None:
        utc_ms = self.utc_ms(self.now_ms)
        self.effects.append(AlarmEventRaised(change=change, alarm=alarm, mono_ms=self.now_ms, utc_ms=utc_ms))

    def _reconcile(self) -> None:
        """Bring alarms into line with each other after one of them began or ended."""
        for alarm in list(self.state.alarms.values()):
            teller = self._teller(alarm)
            if teller is not alarm.inhibited_by:
                alarm = replace(alarm, revision=alarm.revision + 1, inhibited_by=teller)  # noqa: PLW2901 - it is newer
                self._change(alarm, None)
            if (alarm.rule is _NO_DATA or alarm.rule is _QUESTIONABLE) and self.worries_about(alarm.participant):
                raised = announcement.raise_priority(alarm, Priority.MEDIUM)
                if raised is not alarm:
                    self._change(raised, Change.PRIORITY_RAISED)
                    if raised.inhibited_by is None:
                        self.break_pause()

    def _teller(self, alarm: AlarmState) -> RuleId | None:
        """Return the rule whose standing condition explains an alarm."""
        if alarm.signal is _LATCHED:
            return None
        for rule in self.book.told_by.get(alarm.rule, ()):
            other = self.get(self._told_subject(alarm, rule), rule)
            if other is not None and other.condition is not _INACTIVE:
                return rule
        return None

    def _told_subject(self, alarm: AlarmState, rule: RuleId) -> str:
        """Return the subject under which a rule would explain an alarm: itself, or the gateway of its sensor."""
        if rule is not _GATEWAY_LOST:
            return alarm.subject
        sensor = self.state.sensors.get(SensorId(alarm.subject))
        return "" if sensor is None else sensor.gateway

    def _told_instead(self, alarm: AlarmState) -> list[AlarmState]:
        return [
            other
            for other in self.state.alarms.values()
            if other.inhibited_by is alarm.rule
            and other.family is Family.PHYSIOLOGICAL
            and other.subject == alarm.subject
        ]
