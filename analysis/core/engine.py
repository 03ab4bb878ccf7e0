"""The alarm engine: one object for all participants, sensors and parts; ``step(event) -> effects``.

It sees only events and has no clock: the same events give the same effects, live, after a restart from its snapshot at
any point, and in a replay. The shell (`analysis/service.py`) turns clocks into ticks and effects into messages.
"""

from collections.abc import Sequence
from typing import Final, assert_never

from analysis.core import deriving, enrolment, hearing, judging, sweep
from analysis.core.commanding import handle
from analysis.core.events import (
    CommandArrived,
    Effect,
    Event,
    Listening,
    PartHeard,
    ReadingHeard,
    RosterChanged,
    RosterCleared,
    Tick,
)
from analysis.core.register import Register
from analysis.core.rulebook import Rulebook
from analysis.core.rules import RuleSet
from analysis.core.state import EngineState
from vitals.alarms import Condition, Family
from vitals.journal import Derived
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_PHYSIOLOGICAL: Final = Family.PHYSIOLOGICAL
_INACTIVE: Final = Condition.INACTIVE

_NOTHING: Final[tuple[Effect, ...]] = ()

REFRESH_MS = 1_000
"""Values of standing alarms are published again at most once a second."""


class Engine:
    """Decides alarms. Its whole memory is ``state``, which goes to disk and back without loss."""

    def __init__(self, state: EngineState | None = None, *, rules: RuleSet) -> None:
        self.state = EngineState() if state is None else state
        self.book = Rulebook(rules)
        self._register = Register(self.state, self.book)

    def step(self, event: Event) -> Sequence[Effect]:
        """Return what follows from one event, in order; never refuses one."""
        register = self._register
        if type(event) is ReadingHeard:
            # Nearly every event is one, and `match` takes several times as long to see it.
            register.now_ms = event.received_ms
            hearing.hear_reading(register, event.reading, event.stream_ms)
        else:
            self._take(event)
        effects = register.effects
        if not effects:
            return _NOTHING
        register.effects = []
        return effects

    def _take(self, event: Event) -> None:
        register = self._register
        match event:
            case Tick():
                self._tick(event)
            case PartHeard():
                register.now_ms = event.now_ms
                sweep.hear_part(register, event.status, retained=event.retained)
            case CommandArrived():
                register.now_ms = event.now_ms
                handle(register, event.command)
            case RosterChanged():
                register.now_ms = event.now_ms
                enrolment.enrol(register, event.roster)
            case RosterCleared():
                register.now_ms = event.now_ms
                enrolment.discharge(register, event.session)
            case Listening():
                register.now_ms = event.now_ms
                self.state.utc_offset_ms = event.now_utc_ms - event.now_ms
                if self.state.rules_hash != self.book.hash:
                    enrolment.adopt_rules(register)
                sweep.listen(register, up=event.up)
            case ReadingHeard():
                register.now_ms = event.received_ms
                hearing.hear_reading(register, event.reading, event.stream_ms)
            case _ as never:
                assert_never(never)

    def derive(self, now_ms: MonotonicMs) -> list[Derived]:
        """Return what is made of everybody's readings; nothing is said of somebody whose sensors never spoke."""
        return deriving.derive(self.state, now_ms=now_ms)

    def _tick(self, event: Tick) -> None:
        state, register = self.state, self._register
        register.now_ms = event.now_ms
        state.utc_offset_ms = event.now_utc_ms - event.now_ms
        if state.rules_hash != self.book.hash:
            enrolment.adopt_rules(register)
        stalled = state.ticked_ms is not None and event.now_ms - state.ticked_ms > sweep.STALL_MS
        state.ticked_ms = event.now_ms
        if stalled and state.listening_since_ms is not None:
            sweep.listen(register, up=True)
        until_ms = state.audio.paused_until_mono_ms
        if until_ms is not None and event.now_ms >= until_ms:
            register.break_pause()
        sweep.sweep(register)
        if event.now_ms - state.refreshed_ms >= REFRESH_MS:
            state.refreshed_ms = event.now_ms
            self._refresh()
            judging.settle_late(register)

    def _refresh(self) -> None:
        """Publish the newest numbers of alarms whose condition stands."""
        for alarm in list(self.state.alarms.values()):
            if alarm.family is not _PHYSIOLOGICAL or alarm.condition is _INACTIVE:
                continue
            person = self.state.people.get(alarm.participant) if alarm.participant is not None else None
            if person is None:
                continue
            watch = self.book.vital[alarm.rule].watch
            for judgement in person.tracks[watch].judgements:
                if judgement.rule is alarm.rule:
                    passport = deriving.passport(self.state, person, watch, now_ms=self._register.now_ms)
                    self._register.refresh(alarm, judgement, passport)
