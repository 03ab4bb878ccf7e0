"""What is measured, in which order; a figure that cannot be measured here says why and stops nothing."""

import asyncio
import statistics
from collections.abc import Iterator
from typing import Final

import msgspec

from cli.bench.calls import REAL, STRAPS, measure_storm
from cli.bench.classes import Observed, Outcome, Wish, run_class
from cli.bench.drill import Drill
from cli.bench.engine import measure_engine
from cli.bench.figure import Figure, Setting, rounded, spread
from cli.bench.history import history_figures
from cli.bench.hush import Hush
from cli.bench.outage import measure_outage
from cli.bench.phones import PHONES
from cli.bench.plan import SECONDS_USUAL, Plan
from cli.bench.record import BULK_ROWS, measure_bulk, measure_commits
from cli.bench.start import measure_start
from cli.bench.straps import Carried, measure_straps
from cli.bench.taking import Taking
from cli.bench.wall import THROTTLE, WallCost
from cli.bench.what_if import HISTORIES, measure_what_if
from vitals.errors import VitalsError

WALL_TILES_MAX: Final = 30
"""The wall is made for 6 to 30 people."""

OBSERVATIONS: Final = frozenset({"latency", "load", "frames"})
"""Figures that come from watching a class in which nothing goes wrong."""

START_PARTICIPANTS: Final = 12
START_RUNS: Final = 3
CALLS_PARTICIPANTS_MAX: Final = 30
"""The class that the budget is about; of more people's alarms the phones' buckets would hold most back."""

OUTAGE_MINUTES: Final = 10.0
OUTAGE_PARTICIPANTS_MAX: Final = 30
"""The backlog of 300 people would be caught up for ten minutes."""
STRAP_RUNGS: Final = (10, 25, 30, 50, 100, 200)
STRAPS_TOLD: Final = 30
"""Latency and first reading are told for a class of 30, whether it holds or not."""
STRAP_P99_MS_MAX: Final = 20.0
ALONE_RUNS: Final = 5
ALONE_S: Final = 0.5
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
    if "what-if" in plan.names:
        yield _measure_what_if(plan)
    if "history" in plan.names:
        yield from history_figures(plan)
    if "start" in plan.names:
        yield _measure_start(plan)
    for people in plan.participants:
        yield from _measure_class(plan, people)
    if "calls" in plan.names:
        yield from _measure_storm(plan)
    if "straps" in plan.names:
        yield from _measure_straps(plan)
    if "outage" in plan.names:
        for people in plan.participants:
            if people <= OUTAGE_PARTICIPANTS_MAX:
                yield from _measure_outage(plan, people)


def _measure_analysis(plan: Plan, people: int) -> Iterator[Figure]:
    costs = measure_engine(participants=people, seconds=plan.seconds * MICRO_SHARE)
    setting = plan.setting(
        people,
        seconds=plan.seconds * MICRO_SHARE,
        note="the pure engine, all rules and qualities on; a second of a person is a strap's reading with its beats, "
        "an oximeter's for 3 of 4, a bike's for 1 of 3, the share of 5 ticks, of a heartbeat and of what tiles show; "
        "no broker, journal or snapshot; CPU time",
    )
    setting = msgspec.structs.replace(setting, samples=sum(cost.readings for cost in costs))
    us = statistics.median(cost.us_per_reading for cost in costs)
    yield Figure(name="analysis, one reading", unit="us", setting=setting, value=rounded(us))
    speed = statistics.median(cost.participant_s_per_cpu_s for cost in costs)
    yield Figure(
        name="analysis, speed", unit="participant-seconds per CPU-second", setting=setting, value=rounded(speed)
    )


def _measure_what_if(plan: Plan) -> Figure:
    tries = measure_what_if(seconds=plan.seconds * MICRO_SHARE)
    note = (
        f"{tries[0].rules} rules over {HISTORIES:,} histories of {tries[0].seconds // 60} min side by side, "
        "quality judged before, files not counted; CPU time"
    )
    setting = plan.setting(HISTORIES, seconds=plan.seconds * MICRO_SHARE, note=note)
    setting = msgspec.structs.replace(setting, samples=len(tries))
    speed = statistics.median(one.participant_s_per_cpu_s for one in tries)
    return Figure(
        name="what-if, speed", unit="participant-seconds per CPU-second", setting=setting, value=rounded(speed)
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


def _measure_class(plan: Plan, people: int) -> Iterator[Figure]:
    wish = Wish(
        participants=people,
        seconds=plan.seconds,
        observes=not OBSERVATIONS.isdisjoint(plan.names),
        with_wall="wall" in plan.names and people <= WALL_TILES_MAX,
        with_alarms="alarms" in plan.names,
        with_calls="calls" in plan.names and people <= CALLS_PARTICIPANTS_MAX,
    )
    if not (wish.observes or wish.with_wall or wish.with_alarms or wish.with_calls):
        return
    try:
        outcome = run_class(wish)
    except (VitalsError, OSError) as error:
        yield Figure(name="class", unit="", setting=plan.setting(people), skipped=str(error))
        return
    setting = _class_setting(plan, people, outcome)
    if outcome.observed is not None:
        yield from _observations(plan, setting, outcome.observed)
    if outcome.wall is not None:
        yield from _wall(setting, outcome.wall)
    if outcome.drill is not None:
        yield _alarms(setting, outcome.drill)
    if outcome.taking is not None:
        yield _taken(setting, outcome.taking)
    if outcome.hush is not None:
        yield _hushed(setting, outcome.hush)
    if outcome.calls_ms is not None:
        what = f"onset on the gateway's clock -> the push service has said yes, to each of {PHONES} phones"
        yield spread("hold complete -> push handed over", "ms", outcome.calls_ms, _noted(setting, what))


def _measure_storm(plan: Plan) -> Iterator[Figure]:
    """Measure what real alarms wait for while a gateway with thirty straps is lost."""
    what = f"{STRAPS} straps lost with their gateway, {REAL} real alarms inside, {PHONES} phones; onset -> push service"
    name, setting = "storm, a real alarm -> push handed over", plan.setting(STRAPS_TOLD, note=what)
    try:
        storm = measure_storm()
    except (VitalsError, OSError) as error:
        yield Figure(name=name, unit="ms", setting=setting, skipped=str(error))
        return
    expected, came = REAL * PHONES, len(storm.real_ms)
    if came < expected:
        setting = _noted(setting, f"{came} of {expected} came")
    yield spread(name, "ms", storm.real_ms, setting)
    per_phone = plan.setting(STRAPS_TOLD, note=f"messages about the {STRAPS} straps and their gateway, to one phone")
    yield Figure(name="storm, technical messages", unit="messages", setting=per_phone, value=storm.technical / PHONES)


def _measure_straps(plan: Plan) -> Iterator[Figure]:
    """Climb until a rung does not hold, twice: neighbours on the machine spoil a tail now and then."""
    held: Carried | None = None
    name, setting = "straps of one radio process", plan.setting(STRAPS_TOLD)
    try:
        for rung in STRAP_RUNGS:
            best = _measure_rung(plan, rung)
            if rung == STRAPS_TOLD:
                yield from _strap_spreads(plan, best)
            held = best if best.p99_ms <= STRAP_P99_MS_MAX else held
            if held is not best and rung >= STRAPS_TOLD:
                break
        alone = [first for _ in range(ALONE_RUNS) for first in measure_straps(straps=1, seconds=ALONE_S).first_ms]
        noted = plan.setting(STRAPS_TOLD, note="a strap alone, which speaks once a second")
        yield spread("advertisement -> first reading, alone", "ms", alone, noted)
    except (VitalsError, OSError) as error:
        yield Figure(name=name, unit="straps", setting=setting, skipped=str(error))
        return
    rungs = ", ".join(map(str, STRAP_RUNGS))
    if held is None:
        skipped = f"{STRAP_RUNGS[0]} straps have a p99 above {STRAP_P99_MS_MAX:g} ms"
        yield Figure(name=name, unit="straps", setting=setting, skipped=skipped)
        return
    note = f"the most of {rungs} whose readings are back from the broker within {STRAP_P99_MS_MAX:g} ms (p99)"
    setting = plan.setting(STRAPS_TOLD, note=f"{note}; one virtual radio, a notification a second each")
    yield Figure(name=name, unit="straps", setting=setting, value=held.straps)
    cost = plan.setting(STRAPS_TOLD, note=f"the gateway with {held.straps} straps, share of one core for each")
    if held.cpu_pct is None:
        yield Figure(name="CPU, one strap", unit="%", setting=cost, skipped="this system has no /proc")
    else:
        yield Figure(name="CPU, one strap", unit="%", setting=cost, value=rounded(held.cpu_pct / held.straps))


def _measure_rung(plan: Plan, straps: int) -> Carried:
    """Return the better one of two tries, if the first does not hold."""
    first = measure_straps(straps=straps, seconds=plan.seconds)
    if first.p99_ms <= STRAP_P99_MS_MAX:
        return first
    return min(first, measure_straps(straps=straps, seconds=plan.seconds), key=lambda one: one.p99_ms)


def _strap_spreads(plan: Plan, carried: Carried) -> Iterator[Figure]:
    setting = plan.setting(STRAPS_TOLD, note=f"{carried.straps} straps, one virtual radio")
    noted = _noted(setting, "the notification is handed to the air -> its reading is back from the broker")
    yield spread("strap -> reading", "ms", carried.latencies_ms, noted)
    noted = _noted(setting, "all begin at once; a radio connects one after the other, and each speaks once a second")
    yield spread("advertisement -> first reading", "ms", carried.first_ms, noted)


def _measure_outage(plan: Plan, people: int) -> Iterator[Figure]:
    minutes = min(OUTAGE_MINUTES, plan.seconds * OUTAGE_MINUTES / SECONDS_USUAL)
    name, of = "catch-up", f"the broker comes back after {minutes:g} minutes"
    try:
        done = measure_outage(participants=people, minutes=minutes)
    except (VitalsError, OSError) as error:
        yield Figure(name=name, unit="s", setting=plan.setting(people, note=of), skipped=str(error))
        return
    once = f"{done.stored:,} of {done.said:,} readings in the record once, {done.late:,} of them marked late"
    wrong = f"{done.mismarked:,} with the wrong mark" if done.mismarked else ""
    setting = plan.setting(people, seconds=done.took_s, note="; ".join(note for note in (of, once, wrong) if note))
    setting = msgspec.structs.replace(setting, samples=done.backlog)
    yield Figure(name=name, unit="s", setting=setting, value=rounded(done.took_s))
    for what, measured in (
        ("live reading -> ingest, in the catch-up", done.live_ms),
        ("live reading -> ingest, after it", done.quiet_ms),
        ("live reading -> websocket, in the catch-up", done.screen_live_ms),
        ("live reading -> websocket, after it", done.screen_quiet_ms),
    ):
        longest = f"the longest took {rounded(max(measured)):g} ms" if measured else ""
        yield spread(what, "ms", measured, plan.setting(people, seconds=done.took_s, note=longest))


def _class_setting(plan: Plan, people: int, outcome: Outcome) -> Setting:
    is_complete = outcome.sensors and outcome.live == outcome.sensors
    live = f"{outcome.live} of {outcome.sensors} sensors live after {outcome.warm_up_s:.0f} s"
    return plan.setting(people, note="" if is_complete else live)


def _observations(plan: Plan, setting: Setting, observed: Observed) -> Iterator[Figure]:
    setting = msgspec.structs.replace(setting, seconds=rounded(observed.seconds))
    if "latency" in plan.names:
        noted = _noted(setting, "a sensor hands its notification to the air -> the value is in a websocket client")
        if observed.unmatched:
            noted = _noted(noted, f"{observed.unmatched} values without a known notification left out")
        yield spread("notification -> websocket", "ms", observed.latencies_ms, noted)
    if "load" in plan.names:
        yield from _loads(setting, observed)
    if "frames" in plan.names:
        rate = len(observed.frames) / observed.seconds
        noted = _noted(setting, "to one client, which acknowledges each")
        yield Figure(name="websocket frames", unit="1/s", setting=noted, value=rounded(rate))
        yield spread("websocket frame", "bytes", observed.frames, _noted(setting, "before compression"))


def _loads(setting: Setting, observed: Observed) -> Iterator[Figure]:
    cpu, rss = _noted(setting, "share of one core"), _noted(setting, "resident memory")
    real = [load for name, load in observed.loads.items() if name not in _SIMULATED_PARTS]
    if not real:
        yield Figure(name="CPU", unit="%", setting=cpu, skipped="this system has no /proc")
        return
    total = sum(load.cpu_pct for load in real)
    without = "without the simulator"
    yield Figure(name="CPU, all parts", unit="%", setting=_noted(cpu, without), value=rounded(total))
    for name, load in observed.loads.items():
        yield Figure(name=f"CPU, {name}", unit="%", setting=cpu, value=rounded(load.cpu_pct))
    total = sum(load.rss_mb for load in real)
    yield Figure(name="RSS, all parts", unit="MB", setting=_noted(rss, without), value=rounded(total))
    for name, load in observed.loads.items():
        yield Figure(name=f"RSS, {name}", unit="MB", setting=rss, value=rounded(load.rss_mb))


def _taken(setting: Setting, taking: Taking) -> Figure:
    noted = _noted(setting, f"one person acknowledges -> the last of {taking.screens} screens shows it")
    if len(taking.latencies_ms) < taking.alarms:
        noted = _noted(noted, f"{taking.alarms - len(taking.latencies_ms)} of {taking.alarms} did not come")
    return spread("acknowledge -> every screen", "ms", taking.latencies_ms, noted)


def _hushed(setting: Setting, hush: Hush | str) -> Figure:
    name, noted = "acknowledge -> wall quiet", _noted(setting, "click -> the page in Chromium ends the sound of it")
    if isinstance(hush, str):
        return Figure(name=name, unit="ms", setting=noted, skipped=hush)
    return spread(name, "ms", hush.latencies_ms, noted)


def _wall(setting: Setting, wall: WallCost | str) -> Iterator[Figure]:
    throttled = _noted(setting, f"Chromium with {THROTTLE}x CPU throttle, mean over all frames")
    painted = _noted(setting, "a frame is in the page -> the picture with it is done; Chromium, software rendering")
    script, paint = "wall, script for one frame", "wall, frame -> pixel"
    if isinstance(wall, str):
        yield Figure(name=script, unit="ms", setting=throttled, skipped=wall)
        yield Figure(name=paint, unit="ms", setting=painted, skipped=wall)
        return
    throttled = msgspec.structs.replace(
        throttled, seconds=rounded(wall.scripting.seconds), samples=wall.scripting.ticks
    )
    if wall.scripting.ticks:
        yield Figure(name=script, unit="ms", setting=throttled, value=rounded(wall.scripting.ms_per_tick))
    else:
        yield Figure(name=script, unit="ms", setting=throttled, skipped="the page received no frame")
    yield spread(paint, "ms", wall.painted_ms, painted)
    noted = _noted(setting, "all files of the page, opened for the first time, uncompressed")
    yield Figure(name="wall, page weight", unit="kB", setting=noted, value=rounded(wall.weight_kb))
    if wall.first_live_ms is not None:
        noted = _noted(setting, "the page is opened in a running class -> its first live heart rate")
        yield Figure(name="wall, first live tile", unit="ms", setting=noted, value=rounded(wall.first_live_ms))


def _alarms(setting: Setting, drill: Drill) -> Figure:
    setting = _noted(
        setting, "the gateway hears the sample that completes the hold -> the alarm is in a websocket client"
    )
    if len(drill.latencies_ms) < drill.expected:
        setting = _noted(setting, f"{len(drill.latencies_ms)} of {drill.expected} came")
    return spread("hold complete -> alarm on websocket", "ms", drill.latencies_ms, setting)


def _noted(setting: Setting, more: str) -> Setting:
    return msgspec.structs.replace(setting, note="; ".join(note for note in (more, setting.note) if note))
