"""A class of an hour over the air, with all that a gym does to radio: nothing stored is lost, every loss is told.

24 sensors (12 straps, 12 oximeters of seven makes), two radios of which the second comes and goes, and a gateway that
is killed. `SOAK_MINUTES` of class time (default 60), `SOAK_RATE` times faster than life (default 5), `SOAK_SEED`.
"""

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from cli.bench.figure import percentile
from cli.broker import free_port
from simulators.cast import plan_class
from tests.system.record_check import until_all_is_stored
from tests.system.running import RunningSystem, running, until
from tests.system.soak_check import Fault, Gap, Slack, longer_than_cause, reconnects_ms, spoken_in, untold
from tests.system.soak_room import CALM_S, SLOTS, STARVED_REAL_MS, WARM_UP_S, people_of
from vitals.bus import Bus, Incoming
from vitals.clock import Clock, monotonic_s
from vitals.parts import Part, PartStatus
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.settings import Settings
from vitals.site_key import open_site_key
from vitals.topics import StatusTopic
from vitals.wire import decode

MINUTES = min(240.0, max(10.0, float(os.environ.get("SOAK_MINUTES", "60"))))
RATE = min(20.0, max(1.0, float(os.environ.get("SOAK_RATE", "5"))))
SEED = int(os.environ.get("SOAK_SEED", str(Random().randrange(10_000))))
SECONDS = MINUTES * 60

pytestmark = [
    pytest.mark.peer,
    pytest.mark.slow,
    pytest.mark.timeout(SECONDS / RATE + 400),
    pytest.mark.xdist_group("system"),
]

ROOT = Path(__file__).resolve().parents[2]
KILLS = 2
CONNECTED_WITHIN_S = 90.0
"""Real seconds; 24 sensors, one after the other."""

SLACK = Slack(before_ms=3_000 + 500 * RATE, reconnect_ms=20_000 * RATE, edge_ms=1_000 + STARVED_REAL_MS * RATE)
"""Sensors speak once in a second or two of the class; connecting takes real time: 24 of them, one after the other. Who
waits for a processor for less than `STARVED_REAL_MS` is in no list of faults, and dates what it hears so much later."""

STUCK_MS = 10_000 + 1_000 * RATE


def now_ms() -> float:
    return monotonic_s() * 1000 * RATE


class Soak:
    """What is noted while the class runs."""

    def __init__(self, system: RunningSystem, folder: Path) -> None:
        self.system = system
        self.folder = folder
        self.faults: list[Fault] = []
        self.waited: set[tuple[str, str, str, int]] = set()
        """Every reading that was ever seen in the outbox."""
        self._beat: PartStatus | None = None

    def hear_gateway(self, incoming: Incoming) -> None:
        """Note when the gateway was not given a processor: it says each second of its clock that it lives."""
        if not incoming.payload:
            return
        before, self._beat = self._beat, decode(incoming.payload, PartStatus, place=incoming.topic)
        if before is not None and before.run == self._beat.run:
            away_ms = self._beat.mono_ms - before.mono_ms
            if away_ms > 1_000 + STARVED_REAL_MS * RATE:
                self.faults.append(Fault("gateway_starved", "", before.mono_ms, self._beat.mono_ms))

    def class_ms(self) -> float:
        [begun] = [fault for fault in self.told() if fault.what == "class"]
        return begun.from_ms

    def told(self) -> list[Fault]:
        lines = (self.folder / "faults.jsonl").read_text(encoding="utf-8").splitlines()
        return [Fault(**json.loads(line)) for line in lines]

    async def look_into_outbox(self) -> None:
        while True:
            self.waited.update(await asyncio.to_thread(self._outbox))
            await asyncio.sleep(0.3)

    def _outbox(self) -> list[tuple[str, str, str, int]]:
        return self.system.query(
            "outbox.db",
            "SELECT s.run, s.subject, s.kind, m.seq FROM outbox_message m JOIN outbox_stream s ON s.id = m.stream",
        )

    async def kill_gateway(self, *, at_ms: float) -> None:
        await asyncio.sleep(max(0.0, (at_ms - now_ms()) / 1000 / RATE))
        from_ms = now_ms()
        was = self.system.kill("gateway")
        await self.system.until_back("gateway", was=was)
        self.faults.append(Fault("gateway_killed", "", from_ms, now_ms()))


@contextlib.asynccontextmanager
async def room(folder: Path, ports: tuple[int, int]) -> AsyncIterator[None]:
    script = Path(__file__).with_name("soak_room.py")
    with (folder / "room.txt").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(script), str(folder), *map(str, ports), str(SEED), str(RATE), str(SECONDS)),
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        yield
        assert process.returncode is None, (folder / "room.txt").read_text()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_an_hour_in_a_real_gym_loses_nothing_stored_and_tells_every_loss(tmp_path: Path) -> None:
    sys.stderr.write(f"\nsoak: SOAK_MINUTES={MINUTES:g} SOAK_RATE={RATE:g} SOAK_SEED={SEED}\n")
    ports = (free_port(), free_port())
    radios = [f"bumble:tcp-client:127.0.0.1:{port}?slots={slots}" for port, slots in zip(ports, SLOTS, strict=True)]
    settings = {
        "VITALS_MODE": "simulated",
        "VITALS_CLOCK_RATE": str(RATE),
        "VITALS_GATEWAY__RADIOS": ",".join(radios),
    }
    async with room(tmp_path, ports), running(tmp_path, "serve", **settings) as system:
        await until(lambda: "wall: " in system.said(), "the system is up", within_s=60)
        soak = Soak(system, tmp_path)
        await until(lambda: (tmp_path / "faults.jsonl").exists() and soak.told(), "the room is open", within_s=60)
        session, sensors = await begin_class(system)
        await until(lambda: len(speaking(system, sensors)) == len(sensors), "all speak", within_s=CONNECTED_WITHIN_S)
        chance, class_ms = Random(f"kills-{SEED}"), soak.class_ms()
        url = re.findall(r"url=(mqtt://127\.0\.0\.1:\d+)", system.said())[0]
        async with Bus(url=url, client_id="soak", clock=Clock()) as bus, asyncio.TaskGroup() as tasks:
            topic = StatusTopic(site=Settings().site, part=Part.GATEWAY, instance=Settings().gateway.id)
            bus.subscribe(str(topic), soak.hear_gateway)
            looking = tasks.create_task(soak.look_into_outbox())
            span_ms = (SECONDS - WARM_UP_S - CALM_S) * 1000 / KILLS
            for number in range(KILLS):
                at_ms = class_ms + WARM_UP_S * 1000 + (number + chance.uniform(0.1, 0.9)) * span_ms
                tasks.create_task(soak.kill_gateway(at_ms=at_ms))
            await asyncio.sleep(max(0.0, (class_ms + SECONDS * 1000 - now_ms()) / 1000 / RATE))
            looking.cancel()
        ended_ms = now_ms()
        newest = newest_ms(system)
        await system.post(f"/api/v1/sessions/{session['id']}/end", {"by": "MK"})
        await until_all_is_stored(system)
        await judge(soak, session, sensors, newest=newest, ended_ms=ended_ms)


async def begin_class(system: RunningSystem) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Begin the class; return it, and of each sensor who wears it and what it tells."""
    base = Settings(data=system.data)
    body = plan_class(
        people_of(SEED),
        name="Soak",
        mode=GenerationMode.SIMULATED,
        room=base.dashboard.room,
        gateway=GatewayId(base.gateway.id),
        site_key=open_site_key(base.site_key_file),
    )
    people = body["participants"]
    assert isinstance(people, list)
    sensors = {one["strap"]: (one["id"], "hr") for one in people}
    sensors |= {one["oximeter"]: (one["id"], "oximeter") for one in people}
    return await system.post("/api/v1/sessions", body), sensors


def speaking(system: RunningSystem, sensors: dict[str, tuple[str, str]]) -> set[str]:
    """Return the sensors of which the record has something."""
    try:
        rows = system.query("record.db", "SELECT DISTINCT subject FROM stream WHERE kind IN ('hr', 'oximeter')")
    except Exception:  # noqa: BLE001 - ingest has not made the file yet
        return set()
    return {subject for (subject,) in rows} & set(sensors)


def newest_ms(system: RunningSystem) -> dict[str, float]:
    """Return when each sensor spoke last, as far as the record knows."""
    rows = system.query(
        "record.db",
        "SELECT subject, max(mono_ms) FROM reading JOIN stream ON stream.id = reading.stream"
        " WHERE kind IN ('hr', 'oximeter') GROUP BY 1",
    )
    return dict(rows)


async def judge(
    soak: Soak,
    session: dict[str, str],
    sensors: dict[str, tuple[str, str]],
    *,
    newest: dict[str, float],
    ended_ms: float,
) -> None:
    """Print what happened, and collect everything that is wrong."""
    system = soak.system
    [(offset_ms,)] = system.query("record.db", "SELECT utc_ms - mono_ms FROM anchor ORDER BY run LIMIT 1")
    begun_ms = float(session["started_utc_ms"]) - offset_ms
    gaps = [
        Gap(one["participant"], one["kind"], one["cause"], one["from_utc_ms"] - offset_ms, one["to_utc_ms"] - offset_ms)
        for one in await system.get(f"/api/v1/sessions/{session['id']}/gaps")
        if one["kind"] != "battery"
    ]
    faults = [fault for fault in soak.told() if fault.what != "class"] + soak.faults
    faults += [Fault("begin", "", begun_ms, begun_ms), Fault("end", "", ended_ms, now_ms())]
    heard: dict[tuple[str, str], list[float]] = {}
    for line in (soak.folder / "heard.jsonl").read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        heard.setdefault((said["participant"], said["kind"]), []).append(said["mono_ms"])
    readings: dict[tuple[str, str], list[float]] = {who: [] for who in sensors.values()}
    keys = set()
    for run, subject, kind, seq, mono_ms in system.query(
        "record.db",
        "SELECT run.run, subject, kind, seq, mono_ms FROM reading JOIN stream ON stream.id = reading.stream"
        " JOIN run ON run.id = stream.run ORDER BY mono_ms",
    ):
        keys.add((run, subject, kind, seq))
        if kind != "battery" and subject in sensors and mono_ms <= ended_ms:
            readings[sensors[subject]].append(mono_ms)
    wrong = [f"was in the outbox and is not in the record: {key}" for key in sorted(soak.waited - keys)[:20]]
    wrong += [f"hole {row}" for row in unexplained(system)]
    wrong += longer_than_cause(gaps, faults, SLACK) + spoken_in(gaps, heard, faults, SLACK)
    wrong += untold(readings, gaps, from_ms=begun_ms, to_ms=ended_ms, slack=SLACK)
    wrong += [
        f"{sensors[sensor]} is stuck: silent since {(ended_ms - newest.get(sensor, begun_ms)) / 1000:.0f} s"
        for sensor in sensors
        if ended_ms - newest.get(sensor, begun_ms) > STUCK_MS
    ]
    wrong += [line for line in system.said().splitlines() if "gave up" in line or "Traceback" in line]
    tell(soak, gaps, faults, readings=sum(map(len, readings.values())), missing=len(soak.waited - keys))
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)


def tell(soak: Soak, gaps: list[Gap], faults: list[Fault], *, readings: int, missing: int) -> None:
    """Print the figures of the soak."""
    kinds = {what: sum(fault.what == what for fault in faults) for what in sorted({fault.what for fault in faults})}
    causes = {cause: sum(gap.cause == cause for gap in gaps) for cause in sorted({gap.cause for gap in gaps})}
    sys.stderr.write(f"faults={kinds}\ngaps={causes}\n")
    sys.stderr.write(f"readings={readings} seen_in_outbox={len(soak.waited)} of_them_lost={missing}\n")
    by_fault = reconnects_ms(gaps, faults)
    by_fault["all"] = [took for what, times in by_fault.items() if what != "end" for took in times]
    for what, times in by_fault.items():
        if times:
            p50, p99 = (percentile(times, share) / 1000 for share in (0.5, 0.99))
            sys.stderr.write(
                f"speaks again after {what}: n={len(times)} p50={p50 / RATE:.1f} s p99={p99 / RATE:.1f} s"
                f" (class time {p50:.0f} s, {p99:.0f} s)\n"
            )


def unexplained(system: RunningSystem) -> list[tuple[object, ...]]:
    """Return streams with a number that is neither stored nor a gap, and gaps of what an outbox or ingest lost."""
    return system.query(
        "record.db",
        """
        SELECT stream.subject, stream.kind, stream.cursor,
            (SELECT count(*) FROM reading WHERE stream = stream.id AND seq <= stream.cursor) AS stored,
            (SELECT coalesce(sum(last - first + 1), 0) FROM gap WHERE gap.stream = stream.id) AS lost
        FROM stream WHERE kind IN ('hr', 'oximeter', 'battery') AND stored + lost != cursor + 1
        UNION ALL SELECT stream, cause, first, last, 0 FROM gap WHERE cause != 'run_ended'
        """,
    )
