"""Analysis' file between two snapshots: what the engine was given since leads to the same state, whenever it dies."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis import snapshot
from analysis.core.engine import Engine
from analysis.core.events import Event, Tick
from analysis.core.memory import decode_state, encode_state
from analysis.core.rules import RuleSet
from analysis.rule_set import DEFAULT
from analysis.snapshot import SnapshotFile
from tests.analysis.made_up import STEPS, play
from tests.analysis.scenario import Scenario
from vitals.alarms import Change, RuleId
from vitals.clock import Clock
from vitals.errors import StorageError
from vitals.outbox import OutboxStore
from vitals.readings import RunId
from vitals.streamclock import StreamClock

CLOCK = Clock()


class Dying(Scenario):
    """A class whose analysis commits at every third event and with every effect, and dies at any event.

    ``wholes``: every so many commits the state itself is asked for. After each death the file must give the state of
    the last commit; the class goes on with what was lost given once more.
    """

    def __init__(
        self,
        folder: Path,
        *,
        deaths: frozenset[int] = frozenset(),
        wholes: int = 50,
        oximeter: bool = True,
        rules: RuleSet = DEFAULT,
    ) -> None:
        self.path, self.given_rules = folder / "analysis.db", rules
        self.deaths, self.wholes = deaths, wholes
        self.stepped = self.commits = 0
        self.committed = b""
        self.pending: list[Event] = []
        self._open()
        super().__init__(oximeter=oximeter, rules=rules)

    def _open(self) -> None:
        self.file = SnapshotFile(self.path, clock=CLOCK, rules=self.given_rules)
        # Nobody cuts the power here, and made-up classes commit ten thousand times.
        self.file.connection.execute("PRAGMA synchronous=OFF").fetchall()
        self.outbox = OutboxStore(
            self.file.connection, source="analysis", run=RunId("r1"), bytes_max=10**7, age_ms_max=10**8, clock=CLOCK
        )

    def step(self, event: Event) -> None:
        self.stepped += 1
        if self.stepped in self.deaths and self.commits:
            self.die()
        self._give(event)

    def die(self) -> None:
        """Lose what is not on the disk, and begin again from what is; then be told once more what was lost."""
        self.file.close()
        self._open()
        remembered = self.file.load()
        assert remembered.loss == ""
        assert remembered.state == decode_state(self.committed)
        self.engine = Engine(remembered.state, rules=self.given_rules)
        lost, self.pending = self.pending, []
        for event in lost:
            self._give(event)

    def _give(self, event: Event) -> None:
        self.file.note(event)
        self.pending.append(event)
        said = len(self.effects)
        super().step(event)
        if len(self.effects) > said or self.stepped % 3 == 0:
            self.commit()

    def commit(self) -> None:
        self.commits += 1
        clocks = {RunId("g1"): StreamClock(offset_ms=self.commits)}
        self.file.commit(self.engine.state, clocks, self.outbox, whole=self.commits % self.wholes == 0)
        self.committed, self.pending = encode_state(self.engine.state), []

    def rows(self) -> int:
        return int(str(self.file.connection.execute("SELECT count(*) FROM given").fetchall()[0][0]))


@pytest.mark.timeout(120)
@settings(max_examples=60)
@given(STEPS, st.frozensets(st.integers(1, 400), max_size=5), st.sampled_from([2, 50, 10_000]))
def test_a_death_at_any_event_leaves_the_state_of_the_last_commit(
    steps: list[tuple[str, float, float]], deaths: frozenset[int], wholes: int
) -> None:
    with TemporaryDirectory() as folder:
        dying = Dying(Path(folder), deaths=deaths, wholes=wholes)
        play(dying, steps)
        dying.die()
        dying.file.close()
    lived = play(Scenario(oximeter=True), steps)
    assert [(said.change, said.alarm) for said in dying.log] == [(said.change, said.alarm) for said in lived.log]


def test_a_commit_between_snapshots_writes_no_state(tmp_path: Path) -> None:
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 12, 130)
    snapshots = dying.file.connection.execute("SELECT length(state), length(rules) FROM snapshot").fetchall()
    assert dying.rows() == dying.commits - 1
    dying.play(13, 20, 130)
    assert dying.file.connection.execute("SELECT length(state), length(rules) FROM snapshot").fetchall() == snapshots
    assert [said.change for said in dying.log if said.alarm.rule is RuleId.HR_OVER] == [Change.RAISED]
    dying.die()
    assert list(dying.engine.state.alarms) == ["p01/HR_OVER"]
    dying.file.close()


def test_a_snapshot_takes_the_place_of_what_led_to_it(tmp_path: Path) -> None:
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 12, 130)
    dying.file.commit(dying.engine.state, {}, dying.outbox, whole=True)
    assert dying.rows() == 0
    assert dying.file.load().state == dying.engine.state
    dying.file.close()


def test_clocks_are_those_of_the_last_commit(tmp_path: Path) -> None:
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 5, 90)
    assert dying.file.load().clocks == {RunId("g1"): StreamClock(offset_ms=dying.commits)}
    dying.file.close()


def test_very_many_events_make_a_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "GIVEN_MAX", 100)
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 120, 90)
    assert dying.rows() <= 100 / 3
    dying.die()
    dying.file.close()


def test_what_a_full_disk_did_not_take_is_in_the_next_commit(tmp_path: Path) -> None:
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 5, 90)
    pages = int(str(dying.file.connection.execute("PRAGMA page_count").fetchall()[0][0]))
    dying.file.connection.execute(f"PRAGMA max_page_count={pages}").fetchall()
    before = dying.committed
    with pytest.raises(StorageError):
        dying.play(6, 200, 130)
    assert dying.file.load().state == decode_state(dying.committed)
    assert dying.committed != before
    dying.file.connection.execute("PRAGMA max_page_count=100000").fetchall()
    dying.commit()
    assert dying.file.load().state == decode_state(dying.committed)
    dying.file.close()


def test_events_are_judged_again_by_the_rules_that_judged_them(tmp_path: Path) -> None:
    rules = (replace(one, legs=tuple(replace(leg, hold_s=600.0) for leg in one.legs)) for one in DEFAULT.rules)
    slow = replace(DEFAULT, rules=tuple(rules))
    dying = Dying(tmp_path, wholes=10_000, oximeter=False, rules=slow)
    dying.play(0, 30, 130)
    dying.file.close()
    file = SnapshotFile(tmp_path / "analysis.db", clock=CLOCK, rules=DEFAULT)
    assert file.load().state == decode_state(dying.committed)
    assert not dying.engine.state.alarms
    file.close()


def test_after_a_reboot_the_time_since_the_last_commit_counts(tmp_path: Path) -> None:
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 12, 130)
    dying.file.connection.execute("UPDATE snapshot SET epoch = 'another boot', mono_ms = 0, utc_ms = 0").fetchall()
    moved_ms = CLOCK.mono_ms() - 60_000 - 1_012_000
    utc_ms = CLOCK.utc_ms() - 60_000
    dying.file.connection.execute("UPDATE given SET mono_ms = 1012000, utc_ms = ?", (utc_ms,)).fetchall()
    remembered = dying.file.load()
    assert remembered.moved_ms == pytest.approx(moved_ms, abs=10_000)
    onset_ms = dying.engine.state.alarms["p01/HR_OVER"].onset_mono_ms
    assert remembered.state.alarms["p01/HR_OVER"].onset_mono_ms == onset_ms + remembered.moved_ms
    dying.file.close()


@pytest.mark.parametrize("damage", ["events = x'9181a1'", "events = x'9101'", "clocks = x'22'"])
def test_events_that_cannot_be_read_are_told_and_do_not_keep_analysis_from_watching(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 5, 90)
    dying.file.connection.execute(f"UPDATE given SET {damage} WHERE id = (SELECT max(id) FROM given)").fetchall()  # noqa: S608 - our own words
    remembered = dying.file.load()
    assert remembered.fresh
    assert "forgotten" in remembered.loss
    (told,) = [record for record in caplog.records if "memory lost" in record.getMessage()]
    assert "\n" not in told.getMessage()
    dying.file.close()


def test_an_event_that_kills_does_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    dying = Dying(tmp_path, wholes=10_000, oximeter=False)
    dying.play(0, 5, 90)

    def refuse(self: Engine, event: Event) -> None:
        del self
        if isinstance(event, Tick):
            raise KeyError("p01")

    monkeypatch.setattr(Engine, "step", refuse)
    remembered = dying.file.load()
    assert (remembered.fresh, remembered.clocks) == (True, {})
    assert "Tick since the snapshot cannot be judged again: KeyError('p01')" in remembered.loss
    assert "memory lost" in caplog.text
    dying.file.close()
