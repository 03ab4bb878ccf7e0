"""What was stored is given as it was stored; a record that cannot be read stops nothing that lives."""

from pathlib import Path
from typing import Any

import pytest

from dashboard.zone import find_zone
from ingest.store.batch import Batch, HeardEvent, HeardReading, HeardRoster
from ingest.store.writer import RecordWriter
from tests.dashboard.house import House, person, settings_for
from tests.dashboard.words import alarm, hr, roster, spo2
from vitals.alarms import AlarmEvent, Change
from vitals.participants import ParticipantId
from vitals.readings import Reading, RunId, stream_of
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, RosterEntry
from vitals.units import MonotonicMs, UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]

NO_BROKER = "mqtt://127.0.0.1:1"


def write_record(path: Path, session: dict[str, Any]) -> int:
    """Store what a class of one person said: HR seq 0 to 5 without 3, one SpO2, one alarm; return the start's UTC."""
    start = session["started_utc_ms"]
    worn = tuple(
        AssignedSensor(sensor=SensorId(name), kind=kind, gateway=GatewayId("g1"), from_utc_ms=UtcMs(start))
        for name, kind in (("s-strap1", SensorKind.STRAP), ("s-oxi1", SensorKind.OXIMETER))
    )
    entry = RosterEntry(participant=ParticipantId("p01"), seat=1, sensors=worn)
    readings: list[Reading] = [hr(90 + seq, seq=seq, mono_ms=seq * 1_000, rr_ms=(600.0,)).body for seq in range(6)]
    readings += [spo2(96.5, seq=0, mono_ms=500, perfusion_pct=2.5).body]
    event = AlarmEvent(
        run=RunId("run-analysis"),
        seq=0,
        mono_ms=MonotonicMs(1),
        utc_ms=UtcMs(start + 10),
        change=Change.RAISED,
        alarm=alarm(session=session["id"]),
    )
    writer = RecordWriter(path)
    batch = Batch()
    batch.add_roster(HeardRoster(roster(entry, session=session["id"]), UtcMs(start), final=False))
    batch.events.append(HeardEvent("analysis", event, UtcMs(start + 11)))
    for reading in readings:
        if (reading.sensor, reading.seq) != ("s-strap1", 3):
            batch.observed_offsets_ms["g1", reading.run] = start
            heard = HeardReading("g1", reading, b"\x00\x64", UtcMs(start + reading.mono_ms), reading.seq == 5)
            batch.readings.append(heard)
    batch.unreadable.append(("g1", stream_of(readings[3]), 3))
    writer.store(batch, now_utc_ms=UtcMs(start + 10_000))
    writer.close()
    return int(start)


async def test_the_record_is_given_as_it_was_stored(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        session = await house.start_class(person(1, oximeter="s-oxi1"))
        path = f"/api/v1/sessions/{session['id']}"
        missing = await house.http.get(f"{path}/readings?participant=p01&kind=hr")
        start = write_record(tmp_path / "record.db", session)
        strap = (await house.http.get(f"{path}/readings?participant=p01&kind=hr")).json()
        oximeter = (await house.http.get(f"{path}/readings?participant=p01&kind=oximeter")).json()
        battery = (await house.http.get(f"{path}/readings?participant=p01&kind=battery")).json()
        alarms = (await house.http.get(f"{path}/alarms")).json()
        gaps = await house.http.get(f"{path}/gaps")
        stranger = await house.http.get(f"{path}/readings?participant=p99&kind=hr")

    assert (missing.status_code, list(missing.json())) == (503, ["detail"])
    assert [(row["seq"], row["hr_bpm"]) for row in strap] == [(0, 90), (1, 91), (2, 92), (4, 94), (5, 95)]
    assert strap[1] == {
        "utc_ms": start + 1_000,
        "received_utc_ms": start + 1_000,
        "sensor": "s-strap1",
        "kind": "hr",
        "run": "run-g1",
        "seq": 1,
        "mono_ms": 1_000,
        "late": False,
        "quality": "good",
        "reason": None,
        "generation_mode": None,
        "device": "",
        "source": "notified",
        "hr_bpm": 91,
        "contact": None,
        "rr_ms": [600.0],
    }
    assert [row["late"] for row in strap] == [False, False, False, False, True]
    assert [(row["spo2_pct"], row["pulse_bpm"], row["perfusion_pct"]) for row in oximeter] == [(96.5, None, 2.5)]
    assert battery == []
    assert [(one["change"], one["alarm"]["rule"]) for one in alarms] == [("raised", "HR_OVER")]
    assert gaps.status_code == 200
    assert gaps.json() == [
        {
            "participant": "p01",
            "sensor": "s-strap1",
            "kind": "hr",
            "run": "run-g1",
            "first": 3,
            "last": 3,
            "count": 1,
            "cause": "refused",
            "from_utc_ms": start + 2_000,
            "to_utc_ms": start + 4_000,
        }
    ]
    assert stranger.status_code == 404


async def test_a_record_that_cannot_be_read_is_one_line_and_the_wall_goes_on(tmp_path: Path) -> None:
    (tmp_path / "record.db").write_bytes(b"this is no database, but it is long enough to be looked at" * 100)
    async with House(settings_for(tmp_path, NO_BROKER)) as house, house.page() as page:
        session = await house.start_class()
        for what in ("readings?participant=p01&kind=hr", "alarms", "gaps"):
            answer = await house.http.get(f"/api/v1/sessions/{session['id']}/{what}")
            assert answer.status_code == 503
            assert "record.db" in answer.json()["detail"]
            assert "\n" not in answer.json()["detail"]
        await page.take_until(lambda page: len(page.tiles) == 2, "the wall stands still")


async def test_after_a_restart_the_sparklines_go_on_from_the_record(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, NO_BROKER)) as house:
        session = await house.start_class(person(1, oximeter="s-oxi1"))
        write_record(tmp_path / "record.db", session)
        await house.stop()
        await house.start()
        async with house.page() as page:
            await page.take_until(
                lambda page: [value for _, value in page.tiles["p01"].get("trace", ())] == [90, 91, 92, 94, 95],
                "no sparkline",
            )
        assert page.tiles["p01"]["hr"]["value"] is None  # a memory is no live value


def test_the_zone_is_what_the_machine_says_else_utc(tmp_path: Path) -> None:
    linked = tmp_path / "zoneinfo" / "Europe" / "Zurich"
    linked.parent.mkdir(parents=True)
    linked.touch()
    localtime = tmp_path / "localtime"
    localtime.symlink_to(linked)

    assert find_zone({}, localtime).key == "Europe/Zurich"
    assert find_zone({"TZ": "America/Lima"}, localtime).key == "America/Lima"
    assert find_zone({"TZ": "nonsense/../../x"}, localtime).key == "Europe/Zurich"
    assert find_zone({}, tmp_path / "missing").key == "UTC"
