"""A sensor that somebody wears, with everything that its readings touch at hand: found by one look instead of ten.

It is no part of the state. It is made of it when a sensor first speaks, and thrown away when a roster or other rules
may have changed what it points to; the engine is the same with and without it.
"""

from math import inf

from analysis.core import track as tracks
from analysis.core.exertion.meter import Meter
from analysis.core.exertion.terms import Terms
from analysis.core.quality import calm_oximeter, calm_strap
from analysis.core.quality.agreement import PairState, Recent
from analysis.core.quality.oximeter import OximeterState
from analysis.core.quality.strap import StrapState
from analysis.core.rulebook import Rulebook
from analysis.core.rules import Watch
from analysis.core.shape import Shape
from analysis.core.silence import Silence
from analysis.core.state import Counters, EngineState, Sensor, Stream
from analysis.core.track import Track
from vitals.sensors import SensorId, SensorKind


class Worn:
    """What a reading of one sensor touches.

    ``track``: of its own vital sign, as is ``watch``.
    ``hole_ms``: after a longer one it was silent; ``trust_hole_ms``: or told nothing to be judged.
    ``fall_bpm_min``: a fall of less is of no interest to any rule, while none has begun; -inf: there is no such fall.
    ``calm_ms``: time of its newest reading, if that took the short way and told as those before it; inf: it did not.
    ``calm_hole_ms``: the shortest of the holes; -1: somebody who wears two of a kind is told by either, by turns.
    ``run`` and ``stream``: of the newest reading, if it was live. ``trend_ms``: the trend takes no value before.
    ``minds_zero``: whether a rate that lags behind work by nothing would be a breach of a rule.
    ``is_calm``: whether its next reading may take the short way (`calm_strap.py`, `calm_oximeter.py`): of ``strap`` or
    ``oximeter``, its state.
    ``pair``: of its person; ``recent``: what it says there itself. ``heard``: what was heard of that person.
    """

    __slots__ = (
        "calm_hole_ms",
        "calm_ms",
        "counters",
        "fall_bpm_min",
        "falls",
        "heard",
        "hole_ms",
        "is_calm",
        "kind",
        "lags",
        "meter",
        "minds_zero",
        "oximeter",
        "pair",
        "person",
        "recent",
        "recovers",
        "run",
        "sensor",
        "shape",
        "silence",
        "strap",
        "stream",
        "terms",
        "track",
        "trend_ms",
        "trust",
        "trust_hole_ms",
        "watch",
    )

    def __init__(self, sensor: Sensor, state: EngineState, book: Rulebook) -> None:
        self.sensor = sensor
        self.person = person = state.people[sensor.participant]
        self.counters: Counters = state.counters
        self.silence: Silence = sensor.silence
        self.trust: Silence = sensor.trust
        self.kind: SensorKind = sensor.kind
        self.watch: Watch = Watch.SPO2 if sensor.kind is SensorKind.OXIMETER else Watch.HR
        self.track: Track = person.tracks[self.watch]
        self.falls: Track = person.tracks[Watch.HR_FALL]
        self.lags: Track = person.tracks[Watch.HR_DEFICIT]
        self.recovers: Track = person.tracks[Watch.HR_RECOVERED]
        self.meter: Meter = person.meter
        self.terms = Terms(person.entry)
        self.shape: Shape = person.shape
        self.pair: PairState = person.pair
        self.recent: Recent = person.pair.rates
        self.heard: dict[Watch, SensorId] = person.heard
        self.strap: StrapState = sensor.strap
        self.oximeter: OximeterState = sensor.oximeter
        if sensor.kind is SensorKind.OXIMETER:
            self.recent = person.pair.pulses
        self.hole_ms: int = book.no_data_hole_ms.get(sensor.kind, 0)
        self.trust_hole_ms: int = book.questionable_hole_ms
        self.calm_ms: float = inf
        self.calm_hole_ms: int = min(self.hole_ms, self.trust_hole_ms, calm_strap.HOLE_MS)
        if any(_is_rival(sensor, other) for other in state.sensors.values()):
            self.calm_hole_ms = -1
        self.run = ""
        self.stream = Stream(last_seq=0)
        self.trend_ms: float = -inf
        low_bpm, high_bpm = self.falls.calm
        self.fall_bpm_min: float = high_bpm if self.falls.judgements and low_bpm < 0 else -inf
        self.minds_zero = tracks.is_breach(self.lags, book, value=0.0)
        self.is_calm = False
        self.look_again(book)

    def look_again(self, book: Rulebook) -> None:
        """Find out, after a reading took the long way, whether the next one may take the short way."""
        sensor = self.sensor
        if self.kind is SensorKind.STRAP:
            self.strap = sensor.strap
            self.is_calm = book.rules.hold_back and calm_strap.is_calm(sensor.strap)
        elif self.kind is SensorKind.OXIMETER:
            self.oximeter = sensor.oximeter
            self.is_calm = book.rules.hold_back and calm_oximeter.is_calm(sensor.oximeter)


def _is_rival(sensor: Sensor, other: Sensor) -> bool:
    return other is not sensor and other.participant == sensor.participant and other.kind is sensor.kind
