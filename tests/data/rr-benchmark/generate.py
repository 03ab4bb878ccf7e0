"""Makes benchmark.json: RR intervals with known artefacts, for the detectors in analysis/core/quality.

All of it is synthetic. The parameters are those of the benchmark in our clinical specification: rest (mean 850 ms, slow
variation 35 ms, breathing 30 ms at 0.25 a beat-second) and exercise (480, 10, 4 ms, 0.5), 6 runs of 1 200 beats with 30
events each; a ramp from 75 to 140 bpm (30 s rise) clean and with bursts of lost contact of 10 to 25 beats. Intervals
are in 1/1024 s, as straps tell them. The file is committed and this script is not run by any test: nobody promises the
same stream of random numbers for ever.

    python tests/data/rr-benchmark/generate.py > tests/data/rr-benchmark/benchmark.json

neurokit2-0.2.13.json holds what an independent implementation found in runs 0 and 1: in an environment of its own with
neurokit2==0.2.13, setuptools<82 and pandas<3,
``_find_artifacts(numpy.concatenate([[0], numpy.cumsum(rr_1024)]), sampling_rate=1024)`` of
``neurokit2.signal.signal_fixpeaks``, its indices (of beats) less one (of intervals).
"""

import json
import math
import random
import sys

SEED = 20190301
RUNS = 6
BEATS = 1_200
EVENTS = 30
CONDITIONS = {"rest": (850.0, 35.0, 30.0, 0.25), "exercise": (480.0, 10.0, 4.0, 0.5)}
KINDS = ("clean", "missed", "extra", "ectopic", "misaligned")
TICKS_PER_S = 1024


def person(rng: random.Random, *, mean: float, slow: float, breath: float, breath_hz: float) -> list[float]:
    """Return 1 200 intervals in ms: a slow wander, breathing, and 1.5 ms of noise."""
    drift, intervals = 0.0, []
    for beat in range(BEATS):
        drift = 0.98 * drift + rng.gauss(0, slow * math.sqrt(1 - 0.98**2))
        phase = 2 * math.pi * breath_hz * (beat + 1) * mean / 1000
        intervals.append(mean + drift + breath * math.sin(phase) + rng.gauss(0, 1.5))
    return intervals


def ramp(rng: random.Random) -> list[float]:
    """Return intervals of a rise from 75 to 140 bpm in 30 s, in the middle of 1 200 beats."""
    intervals, at_s = [], 0.0
    mean, slow, breath, breath_hz = CONDITIONS["exercise"]
    for around in person(rng, mean=0.0, slow=slow, breath=0.0, breath_hz=breath_hz):
        bpm = 75 + 65 * min(max((at_s - 200) / 30, 0), 1)
        wave = breath * math.sin(2 * math.pi * breath_hz * at_s)
        intervals.append(60_000 / bpm + (around + wave) * 60_000 / bpm / mean)
        at_s += intervals[-1] / 1000
    return intervals


def places(rng: random.Random) -> list[int]:
    """Return 30 beats, at least 12 apart and 60 from both ends."""
    return sorted(rng.sample(range(60, BEATS - 60, 12), EVENTS))


def spoil(rng: random.Random, intervals: list[float], kind: str) -> tuple[list[float], list[int]]:
    """Return the intervals with 30 events of a kind, and which of them are wrong."""
    spoilt, wrong, at = [], [], set(places(rng))
    if kind == "clean":
        return intervals, []
    skip = False
    for beat, interval in enumerate(intervals):
        if skip:
            skip = False
            continue
        if beat not in at:
            spoilt.append(interval)
        elif kind == "missed":
            wrong.append(len(spoilt))
            spoilt.append(interval + intervals[beat + 1])
            skip = True
        elif kind == "extra":
            share = rng.uniform(0.3, 0.7)
            wrong += [len(spoilt), len(spoilt) + 1]
            spoilt += [interval * share, interval * (1 - share)]
        else:
            low, high = (0.20, 0.35) if kind == "ectopic" else (0.08, 0.12)
            early = interval * rng.uniform(low, high)
            wrong += [len(spoilt), len(spoilt) + 1]
            spoilt += [interval - early, intervals[beat + 1] + early]
            skip = True
    return spoilt, wrong


def burst(rng: random.Random, intervals: list[float]) -> tuple[list[float], list[int]]:
    """Return the intervals with 8 stretches of 10 to 25 beats of noise between 250 and 1 400 ms."""
    spoilt, wrong = list(intervals), []
    for start in sorted(rng.sample(range(80, BEATS - 120, 90), 8)):
        for beat in range(start, start + rng.randint(10, 25)):
            spoilt[beat] = rng.uniform(250, 1_400)
            if abs(spoilt[beat] - intervals[beat]) > 0.06 * intervals[beat]:
                wrong.append(beat)
    return spoilt, wrong


def main() -> None:
    """Write all cases to standard output."""
    rng = random.Random(SEED)
    cases = []
    for name, (mean, slow, breath, breath_hz) in CONDITIONS.items():
        for kind in KINDS:
            for run in range(RUNS):
                intervals = person(rng, mean=mean, slow=slow, breath=breath, breath_hz=breath_hz)
                cases.append((name, kind, run, *spoil(rng, intervals, kind)))
    for run in range(RUNS):
        cases.append(("ramp", "clean", run, ramp(rng), []))
        cases.append(("ramp", "burst", run, *burst(rng, ramp(rng))))
    lines = [
        json.dumps(
            {
                "condition": condition,
                "kind": kind,
                "run": run,
                "rr_1024": [round(interval * TICKS_PER_S / 1000) for interval in intervals],
                "wrong": wrong,
            },
            separators=(",", ":"),
        )
        for condition, kind, run, intervals, wrong in cases
    ]
    sys.stdout.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
