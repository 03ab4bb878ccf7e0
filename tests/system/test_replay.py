"""Sixteen recorded people go through every part: the record holds exactly what was sent, and alarms come on time."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.system.record_check import holes, until_all_is_stored
from tests.system.running import RunningSystem, running, until, watched

pytestmark = [pytest.mark.peer, pytest.mark.timeout(500), pytest.mark.xdist_group("system")]

RECORDINGS = Path(__file__).parent.parent / "data" / "recordings"
STRAPS = sorted(RECORDINGS.glob("gudb_*.rr.csv"))
OXIMETERS = sorted(RECORDINGS.glob("hypox_*.csv"))
SPEED = 6
"""A hole of 5 s drops a hold that has begun: at this speed a busy machine may stall for 0.8 s without making one."""

LENGTH_S = 300
BEFORE_FLOOR_S = 120
FLOOR_PCT = 88
HOLD_S = 15

Json = dict[str, Any]


def cut(file: Path, folder: Path, *, from_s: float) -> Path:
    """A stretch of `LENGTH_S` seconds of a recording, as a recording of its own."""
    with file.open(encoding="utf-8") as lines, (folder / file.name).open("w", encoding="utf-8") as copy:
        reader = csv.DictReader(lines)
        writer = csv.DictWriter(copy, reader.fieldnames or ())
        writer.writeheader()
        for row in reader:
            at_s = float(row["t_s"]) - from_s
            if 0 <= at_s < LENGTH_S:
                writer.writerow(row | {"t_s": round(at_s, 3)})
    return folder / file.name


def first_below_floor_s(file: Path) -> float:
    return next(at_s for at_s, spo2 in recorded_spo2(file) if spo2 is not None and spo2 < FLOOR_PCT)


def recorded_spo2(file: Path) -> list[tuple[float, float | None]]:
    with file.open(encoding="utf-8") as lines:
        return [
            (float(row["t_s"]), float(row["spo2_dev1"]) if row["spo2_dev1"] else None) for row in csv.DictReader(lines)
        ]


def recorded_rr_ticks(file: Path) -> list[int]:
    with file.open(encoding="utf-8") as lines:
        return [round(float(row["rr_ms"]) * 1024 / 1000) for row in csv.DictReader(lines)]


def expected_onsets(samples: list[tuple[float, float | None]]) -> list[float]:
    """When an alarm `below the floor for 15 s` begins, by the plainest reading of the rule; cleared at +2 for 10 s."""
    onsets, breach_from, clear_from, active = [], None, None, False
    for at_s, spo2 in samples:
        if spo2 is None:
            continue
        if not active:
            breach_from = (breach_from if breach_from is not None else at_s) if spo2 < FLOOR_PCT else None
            if breach_from is not None and at_s - breach_from >= HOLD_S:
                onsets.append(at_s)
                active, clear_from = True, None
        else:
            clear_from = (clear_from if clear_from is not None else at_s) if spo2 > FLOOR_PCT + 2 else None
            if clear_from is not None and at_s - clear_from >= 10:
                active, breach_from = False, None
    return onsets


async def stored(system: RunningSystem, session: str, participant: str, kind: str) -> list[Json]:
    readings: list[Json] = await system.get(
        f"/api/v1/sessions/{session}/readings?participant={participant}&kind={kind}"
    )
    return readings


def sent(file: Path) -> dict[tuple[str, str], list[Json]]:
    by_stream = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        notification = json.loads(line)
        by_stream[notification["participant"], notification["kind"]].append(notification)
    return by_stream


async def test_the_record_holds_exactly_what_sixteen_recorded_people_sent_and_alarms_come_on_time(
    tmp_path: Path,
) -> None:
    log = tmp_path / "sent.jsonl"
    straps = [cut(file, tmp_path, from_s=0) for file in STRAPS]
    oximeters = [cut(file, tmp_path, from_s=max(0.0, first_below_floor_s(file) - BEFORE_FLOOR_S)) for file in OXIMETERS]
    files = [str(file) for file in (*straps, *oximeters)]
    arguments = (*files, "--speed", str(SPEED), "--sent-log", str(log), "--stay")
    async with running(tmp_path, "replay", *arguments) as system, watched(system) as wall:
        await until(lambda: wall.live_n() == len(STRAPS), "every strap is live on the wall", within_s=90)
        assert wall.first_frame is not None
        await until(lambda: "replay ended" in system.said(), "the replay ends", within_s=300)
        await until_all_is_stored(system)
        (session,) = [row["id"] for row in await system.get("/api/v1/sessions")]
        log_by_stream = sent(log)
        for file in straps:
            await check_strap(system, session, file, log_by_stream)
        for file in oximeters:
            await check_oximeter(system, session, file, log_by_stream)
        assert holes(system) == []


async def check_strap(
    system: RunningSystem, session: str, file: Path, log_by_stream: dict[tuple[str, str], list[Json]]
) -> None:
    participant = file.name.removesuffix(".rr.csv")
    readings = await stored(system, session, participant, "hr")
    notifications = log_by_stream[participant, "hr"]
    assert [reading["hr_bpm"] for reading in readings] == [notification["hr_bpm"] for notification in notifications]
    ticks = [round(rr * 1024 / 1000) for reading in readings for rr in reading["rr_ms"]]
    assert ticks == [rr for notification in notifications for rr in notification["rr_ticks"]]
    assert ticks == recorded_rr_ticks(file), "every recorded interval was sent and stored once, in order"


async def check_oximeter(
    system: RunningSystem, session: str, file: Path, log_by_stream: dict[tuple[str, str], list[Json]]
) -> None:
    participant = file.name.removesuffix(".csv")
    readings = await stored(system, session, participant, "oximeter")
    samples = recorded_spo2(file)
    assert len(log_by_stream[participant, "oximeter"]) == len(samples)
    assert [reading["spo2_pct"] for reading in readings] == [spo2 for _, spo2 in samples]
    alarms = await system.get(f"/api/v1/sessions/{session}/alarms")
    raised = [
        event["alarm"]["onset_utc_ms"]
        for event in alarms
        if event["change"] == "raised"
        and event["alarm"]["rule"] == "SPO2_LOW"
        and event["alarm"]["participant"] == participant
    ]
    found = [samples[nearest(readings, onset_ms)][0] for onset_ms in raised]
    expected = expected_onsets(samples)
    assert len(expected) >= 1
    assert found == pytest.approx(expected, abs=2), participant


def nearest(readings: list[Json], utc_ms: int) -> int:
    """Which reading was heard closest to a time."""
    return min(range(len(readings)), key=lambda index: abs(readings[index]["utc_ms"] - utc_ms))
