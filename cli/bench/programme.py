"""What is measured, in which order; a figure that cannot be measured here says why and stops nothing."""

import asyncio
import statistics
from collections.abc import Iterator
from typing import Final

import msgspec

from cli.bench.classes import Observed, Outcome, Wish, run_class
from cli.bench.crowd import ALARM_PEOPLE_MAX
from cli.bench.engine import measure_engine
from cli.bench.figure import Figure, Setting, rounded, spread
from cli.bench.plan import Plan
from cli.bench.record import BULK_ROWS, measure_bulk, measure_commits
from cli.bench.start import measure_start
from cli.bench.wall import THROTTLE, Scripting
from vitals.errors import VitalsError

WALL_TILES_MAX: Final = 30
"""The wall is made for 6 to 30 people."""

ONE_CLASS_FROM: Final = 100
"""From this size on alarms are provoked in the class that is observed: to connect it twice would take minutes."""

START_PARTICIPANTS: Final = 12
START_RUNS: Final = 3
MICRO_SHARE: Final = 0.1
"""Share of ``--seconds`` that a measurement without processes gets; it is steady after a fraction of that."""

_SIMULATED_PARTS: Final = frozenset({"simulate"})
"""Not part of a clinic's system: real sensors need no computer."""


def measure(plan: Plan) -> Iterator[Figure]:
    """Yield the figures of the plan as they come."""
    for people in plan.participants:
        if "analysis" in plan.names:
            yield from _measure_analysis(plan, people)
        if "record" in plan.names:
            yield from _measure_record(plan, people)
    if "start" in plan.names:
        yield _measure_start(plan)
    for people in plan.participants:
        yield from _measure_classes(plan, people)


def _measure_analysis(plan: Plan, people: int) -> Iterator[Figure]:
    costs = measure_engine(participants=people, seconds=plan.seconds * MICRO_SHARE)
    setting = plan.setting(
        people,
        seconds=plan.seconds * MICRO_SHARE,
        note="the pure engine, all rules on, ticks of 100 ms included; CPU time",
    )
    setting = msgspec.structs.replace(setting, samples=sum(cost.readings for cost in costs))
    us = statistics.median(cost.us_per_reading for cost in costs)
    yield Figure(name="analysis, one reading", unit="us", setting=setting, value=rounded(us))
    speed = statistics.median(cost.participant_s_per_cpu_s for cost in costs)
    yield Figure(
        name="analysis, speed", unit="participant-seconds per CPU-second", setting=setting, value=rounded(speed)
    )


def _measure_record(plan: Plan, people: int) -> Iterator[Figure]:
    seconds = plan.seconds * MICRO_SHARE
    rate = measure_bulk(participants=people, seconds=seconds)
    setting = plan.setting(people, seconds=seconds, note=f"the real writer, {BULK_ROWS:,} readings a commit, synced")
    yield Figure(name="ingest, bulk", unit="rows/s", setting=setting, value=rounded(rate))
    took_ms = measure_commits(participants=people, seconds=seconds)
    setting = plan.setting(people, seconds=seconds, note="one second of the class a commit, synced to this disk")
    yield spread("ingest, one commit", "ms", took_ms, setting)


def _measure_start(plan: Plan) -> Figure:
    note = f"`vitals demo` typed -> first frame with a live heart rate; median of {START_RUNS}"
    setting = plan.setting(START_PARTICIPANTS, note=note)
    took_s = [asyncio.run(measure_start(participants=START_PARTICIPANTS)) for _ in range(START_RUNS)]
    done_s = [seconds for seconds in took_s if seconds is not None]
    if not done_s:
        return Figure(name="start", unit="s", setting=setting, skipped="no live value came")
    setting = msgspec.structs.replace(setting, samples=len(done_s))
    return Figure(name="start", unit="s", setting=setting, value=rounded(statistics.median(done_s)))


def _measure_classes(plan: Plan, people: int) -> Iterator[Figure]:
    wish = Wish(
        participants=people,
        seconds=plan.seconds if {"latency", "load", "frames", "wall"} & set(plan.names) else 0,
        with_wall="wall" in plan.names and people <= WALL_TILES_MAX,
    )
    provokes = "alarms" in plan.names
    if wish.seconds and provokes and people >= ONE_CLASS_FROM:
        yield from _measure_class(plan, msgspec.structs.replace(wish, with_alarms=True))
        return
    if wish.seconds:
        yield from _measure_class(plan, wish)
    if provokes:
        yield from _measure_class(plan, Wish(participants=people, with_alarms=True))


def _measure_class(plan: Plan, wish: Wish) -> Iterator[Figure]:
    people = wish.participants
    try:
        outcome = run_class(wish)
    except (VitalsError, OSError) as error:
        yield Figure(name="class", unit="", setting=plan.setting(people), skipped=str(error))
        return
    if wish.with_alarms:
        yield _alarms(plan, people, outcome)
    observed = outcome.observed
    if observed is None:
        return
    if "latency" in plan.names:
        note = "strap or oximeter hands a notification to the air -> its value is in a websocket client"
        setting = _setting(plan, people, observed, note + _alarms_on(wish))
        yield spread("notification -> websocket", "ms", observed.latencies_ms, setting)
    if "load" in plan.names:
        yield from _loads(plan, people, observed)
    if "frames" in plan.names:
        yield from _frames(plan, people, observed)
    if observed.scripting is not None:
        yield _scripting(plan, people, observed.scripting)


def _alarms_on(wish: Wish) -> str:
    return f"; meanwhile {ALARM_PEOPLE_MAX} people in alarm" if wish.with_alarms else ""


def _setting(plan: Plan, people: int, observed: Observed, note: str) -> Setting:
    missing = observed.sensors - observed.live
    if missing or not observed.sensors:
        note += f"; {observed.live} of {observed.sensors} sensors live after {observed.warm_up_s:.0f} s"
    return plan.setting(people, seconds=observed.seconds, note=note)


def _loads(plan: Plan, people: int, observed: Observed) -> Iterator[Figure]:
    cpu = _setting(plan, people, observed, "share of one core")
    rss = _setting(plan, people, observed, "resident memory")
    real = {name: load for name, load in observed.loads.items() if name not in _SIMULATED_PARTS}
    if not real:
        yield Figure(name="CPU", unit="%", setting=cpu, skipped="this system has no /proc")
        return
    total = sum(load.cpu_pct for load in real.values())
    yield Figure(name="CPU, all parts", unit="%", setting=_noted(cpu, "without the simulator"), value=rounded(total))
    for name, load in observed.loads.items():
        yield Figure(name=f"CPU, {name}", unit="%", setting=cpu, value=rounded(load.cpu_pct))
    total = sum(load.rss_mb for load in real.values())
    yield Figure(name="RSS, all parts", unit="MB", setting=_noted(rss, "without the simulator"), value=rounded(total))
    for name, load in observed.loads.items():
        yield Figure(name=f"RSS, {name}", unit="MB", setting=rss, value=rounded(load.rss_mb))


def _noted(setting: Setting, more: str) -> Setting:
    return msgspec.structs.replace(setting, note=f"{setting.note}, {more}")


def _frames(plan: Plan, people: int, observed: Observed) -> Iterator[Figure]:
    setting = _setting(plan, people, observed, "to one client, which acknowledges each")
    rate = len(observed.frames) / observed.seconds
    yield Figure(name="websocket frames", unit="1/s", setting=setting, value=rounded(rate))
    setting = _setting(plan, people, observed, "before compression")
    yield spread("websocket frame", "bytes", observed.frames, setting)


def _scripting(plan: Plan, people: int, scripting: Scripting | str) -> Figure:
    name, unit = "wall, script for one frame", "ms"
    note = f"Chromium with {THROTTLE}x CPU throttle, mean over all frames"
    if isinstance(scripting, str):
        return Figure(name=name, unit=unit, setting=plan.setting(people, note=note), skipped=scripting)
    setting = plan.setting(people, seconds=scripting.seconds, note=note)
    setting = msgspec.structs.replace(setting, samples=scripting.ticks)
    if not scripting.ticks:
        return Figure(name=name, unit=unit, setting=setting, skipped="the page received no frame")
    return Figure(name=name, unit=unit, setting=setting, value=rounded(scripting.ms_per_tick))


def _alarms(plan: Plan, people: int, outcome: Outcome) -> Figure:
    note = "the sample that completes the hold is said -> the alarm is in a websocket client"
    if len(outcome.alarms_ms) < outcome.alarms_expected:
        note += f"; {len(outcome.alarms_ms)} of {outcome.alarms_expected} came in time"
    return spread("hold complete -> alarm on websocket", "ms", outcome.alarms_ms, plan.setting(people, note=note))
