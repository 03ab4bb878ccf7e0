"""What analysis' voice writes with which commit."""

from pathlib import Path

from analysis.core.events import AlarmEventRaised, AlarmStateChanged, Effect
from analysis.diary import Diary
from analysis.snapshot import SnapshotFile
from analysis.voice import Voice
from tests.analysis.scenario import Scenario
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.outbox import OutboxStore
from vitals.parts import Part
from vitals.presence import open_presence
from vitals.readings import RunId
from vitals.settings import Settings


class Spoken:
    """A voice that reaches no broker, and its file."""

    def __init__(self, folder: Path) -> None:
        clock, run = Clock(), RunId("r1")
        self.played = Scenario().play(0, 12, 130)
        engine = self.played.engine
        self.file = SnapshotFile(folder / "analysis.db", clock=clock, rules=engine.book.rules)
        outbox = OutboxStore(
            self.file.connection, source="analysis", run=run, bytes_max=10**7, age_ms_max=10**8, clock=clock
        )
        settings = Settings(broker="mqtt://127.0.0.1:1", data=folder)
        _, heartbeat, _ = open_presence(settings, Part.ANALYSIS, instance="1", client="analysis", clock=clock)
        self.voice = Voice(
            site="gym",
            run=run,
            engine=engine,
            diary=Diary(),
            file=self.file,
            outbox=outbox,
            clocks={},
            bus=Bus(url=settings.broker, client_id="nobody", clock=clock),
            heartbeat=heartbeat,
            clock=clock,
        )
        self.voice.speak()

    def speak(self, *effects: Effect) -> int:
        """Say these, and return how many commits are in the file since its snapshot."""
        self.voice.take(effects)
        self.voice.speak()
        return int(str(self.file.connection.execute("SELECT count(*) FROM given").fetchall()[0][0]))


def test_new_numbers_of_an_alarm_do_not_put_the_snapshot_off_but_an_alarm_does(tmp_path: Path) -> None:
    spoken = Spoken(tmp_path)
    said = spoken.played.effects
    raised = next(effect for effect in said if isinstance(effect, AlarmEventRaised))
    numbers = AlarmStateChanged(alarm=raised.alarm)
    assert spoken.speak(numbers) == 1
    spoken.voice.ask_snapshot()
    assert spoken.speak(raised, numbers) == 2
    assert spoken.speak(numbers) == 0
    assert spoken.speak(numbers) == 1
    spoken.file.close()
