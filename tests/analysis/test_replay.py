"""A class from its journal: the same events, the same effects, bit for bit, whatever happened to analysis meanwhile."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.engine import Engine
from analysis.core.events import Effect, Event, ReadingHeard
from analysis.core.memory import decode_state, encode_state, rebase
from analysis.core.rules import RuleSet
from analysis.diary import EVENTS_MAX, Diary
from analysis.replay import Replay
from analysis.rule_set import DEFAULT
from tests.analysis.made_up import STEPS, play
from tests.analysis.people import BASE_MS, entry, roster
from tests.analysis.scenario import Scenario
from vitals.alarms import Change, RuleId
from vitals.journal import Began, Checkpoint, JournalEntry, JournalStream
from vitals.parts import Part
from vitals.readings import Reading, RunId, kind_of
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import encode


class Kept(Scenario):
    """A class with a journal and a record, whose analysis may die and come back at any event."""

    def __init__(self, *, deaths: frozenset[int] = frozenset(), oximeter: bool = True) -> None:
        self.entries: list[JournalEntry] = []
        self.record: dict[tuple[JournalStream, int], Reading] = {}
        self._diary = Diary()
        self._deaths = deaths
        self._stepped = 0
        self._moved_ms = 0
        self._begin(DEFAULT, fresh=True, moved_ms=0)
        super().__init__(oximeter=oximeter)

    def _begin(self, rules: RuleSet, *, fresh: bool, moved_ms: int) -> None:
        began = Began(MonotonicMs(0), UtcMs(0), fresh, moved_ms, encode(rules).decode())
        self._diary.begin(began)

    def step(self, event: Event) -> None:
        self._stepped += 1
        if self._stepped in self._deaths:
            self._write()
            self.engine = Engine(decode_state(encode_state(self.engine.state)), rules=self.engine.book.rules)
            self._begin(self.engine.book.rules, fresh=False, moved_ms=0)
        if isinstance(event, ReadingHeard):
            key = JournalStream(event.reading.run, event.reading.sensor, kind_of(event.reading))
            self.record.setdefault((key, event.reading.seq), event.reading)
        self._diary.note(event, self.engine.state)
        said = len(self.effects)
        super().step(event)
        if len(self.effects) > said or self._stepped % 7 == 0:
            self._write()

    def _write(self) -> None:
        """Close an entry and send it through the wire."""
        if self._diary.is_empty:
            return
        whole = self._diary.close_entry(
            run=RunId("a1"), seq=len(self.entries), mono_ms=self.now_ms, utc_ms=self.utc_ms, state=self.engine.state
        )
        self.entries.append(msgspec.json.decode(encode(whole), type=JournalEntry))

    def replay(self, *, first: int = 0) -> tuple[Replay, list[Effect]]:
        self._write()
        replay = Replay(lambda stream, seq: self.record.get((stream, seq)))
        effects: list[Effect] = []
        for one in self.entries[first:]:
            for _, followed in replay.feed(one):
                effects += followed
        return replay, effects


@given(STEPS, st.frozensets(st.integers(1, 400), max_size=5))
def test_a_class_from_its_journal_is_the_class_as_it_was_seen(
    steps: list[tuple[str, float, float]], deaths: frozenset[int]
) -> None:
    kept = Kept(deaths=deaths)
    play(kept, steps)
    replay, effects = kept.replay()
    assert effects == kept.effects
    assert (replay.missing, replay.skipped) == (0, 0)
    assert replay.engine is not None
    assert replay.engine.state.alarms == kept.engine.state.alarms


def test_a_replay_can_begin_where_a_session_began() -> None:
    kept = Kept(oximeter=False)
    kept.play(0, 12, 130)
    kept.tell(roster(entry("p02", seat=2, strap="s-p02-hr", oximeter=False), session="c2"))
    said = len(kept.effects)
    kept.play(13, 40, 110).play(41, 60, 35)
    first = max(number for number, one in enumerate(kept.entries) if any(isinstance(e, Checkpoint) for e in one.events))
    whole, _ = kept.replay()
    assert whole.engine is not None
    replay = Replay(lambda stream, seq: kept.record.get((stream, seq)))
    replay.use_rules(whole.engine.book.rules)
    effects = [effect for one in kept.entries[first:] for _, followed in replay.feed(one) for effect in followed]
    assert effects == kept.effects[-len(effects) :]
    assert len(effects) >= len(kept.effects) - said
    assert [said.change for said in kept.log if said.alarm.rule is RuleId.HR_LOW] == [Change.RAISED]


def test_a_replay_before_any_beginning_decides_nothing() -> None:
    kept = Kept(oximeter=False)
    kept.play(0, 12, 130)
    replay, effects = kept.replay(first=3)
    assert (replay.engine, effects) == (None, [])


def test_a_reading_that_the_record_does_not_have_is_counted() -> None:
    kept = Kept(oximeter=False)
    kept.play(0, 12, 130)
    del kept.record[next(iter(kept.record))]
    replay, effects = kept.replay()
    assert replay.missing == 1
    assert effects != []


def test_a_restart_on_another_clock_is_replayed_too() -> None:
    kept = Kept(oximeter=False)
    kept.play(0, 12, 130)
    state = rebase(decode_state(encode_state(kept.engine.state)), by_ms=-500_000)
    onset_ms = kept.alarm(RuleId.HR_OVER).onset_mono_ms
    kept._diary.begin(Began(MonotonicMs(0), UtcMs(0), False, -500_000, encode(kept.engine.book.rules).decode()))  # noqa: FBT003 - as the shell does
    replay, _ = kept.replay()
    assert replay.engine is not None
    assert replay.engine.state.alarms == state.alarms
    assert replay.engine.state.alarms["p01/HR_OVER"].onset_mono_ms == onset_ms - 500_000


def test_parts_and_their_losses_are_in_the_journal() -> None:
    kept = Kept(oximeter=False)
    kept.play(0, 5, 90).dies(Part.GATEWAY, "g1").at(20).returns(Part.GATEWAY, "g1").at(60)
    _, effects = kept.replay()
    assert effects == kept.effects
    assert {said.alarm.rule for said in kept.log} == {RuleId.GATEWAY_LOST, RuleId.NO_DATA}


def test_a_flood_is_cut_off_and_counted() -> None:
    kept, s, diary = Kept(oximeter=False), Scenario(), Diary()
    kept.play(0, 0, 90)
    heard = next(iter(kept.record.values()))
    event = ReadingHeard(reading=heard, stream_ms=MonotonicMs(BASE_MS), received_ms=MonotonicMs(BASE_MS))
    for _ in range(EVENTS_MAX + 3):
        diary.note(event, s.engine.state)
    written = diary.close_entry(run=RunId("a1"), seq=0, mono_ms=s.now_ms, utc_ms=s.utc_ms, state=s.engine.state)
    assert (len(written.consumed), written.skipped) == (EVENTS_MAX, 3)
    assert diary.is_empty


def test_the_rules_of_a_run_are_in_its_journal() -> None:
    kept = Kept()
    kept.at(2)
    began = next(event for one in kept.entries for event in one.events if isinstance(event, Began))
    assert msgspec.json.decode(began.rules_json, type=RuleSet) == kept.engine.book.rules
    assert kept.entries[-1].rules_hash == kept.engine.book.hash
