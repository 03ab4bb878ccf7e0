"""Known sensors and reception: ids instead of addresses, memory that is bounded, who hears a sensor how well."""

from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gateway.known
from gateway.known import SCHEMA, KnownSensors
from gateway.nearby import AGE_MS_MAX, NEARBY_MAX, Heard, nearby_of
from gateway.reception import RECEPTIONS_MAX, Receptions
from vitals.database import open_database, writing
from vitals.sensors import GatewayId, SensorId, SensorKind, mint_sensor_id
from vitals.units import MonotonicMs, UtcMs

KEY = bytes(range(32))
ADDRESS = "C0:DE:00:01:00:07"


def opened(path: Path) -> apsw.Connection:
    return open_database(path, migrations=(SCHEMA,))


def test_a_sensor_is_known_again_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    connection = opened(path)
    known = KnownSensors(connection, site_key=KEY)
    sensor = known.id_of(ADDRESS)
    assert known.last_addresses() == ()

    known.meet(ADDRESS, SensorKind.STRAP, utc_ms=UtcMs(1_000))
    with writing(connection, path):
        known.prepare()()
    known.committed()
    assert not known.has_news
    connection.close()

    again = KnownSensors(opened(path), site_key=KEY)
    assert (len(again), again.last_addresses()) == (1, (ADDRESS,))
    assert again.id_of(ADDRESS) == sensor == mint_sensor_id(KEY, ADDRESS.lower())


def test_a_meeting_is_written_once_a_day(tmp_path: Path) -> None:
    known = KnownSensors(opened(tmp_path / "outbox.db"), site_key=KEY)
    day_ms = 86_400_000
    saved = []
    for utc_ms in (0, 1_000, day_ms - 1, day_ms, day_ms + 5):
        known.meet(ADDRESS, SensorKind.STRAP, utc_ms=UtcMs(utc_ms))
        saved.append(known.has_news)
        known.prepare()()
        known.committed()

    assert saved == [True, False, False, True, False]


def test_the_table_forgets_who_was_not_met_for_longest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway.known, "KNOWN_MAX", 3)
    connection = opened(tmp_path / "outbox.db")
    known = KnownSensors(connection, site_key=KEY)
    addresses = [f"C0:DE:00:01:00:{number:02X}" for number in range(5)]
    for number, address in enumerate(addresses):
        known.meet(address, SensorKind.STRAP, utc_ms=UtcMs(number))
        known.prepare()()
        known.committed()

    rows = {str(row[0]) for row in connection.execute("SELECT address FROM known_sensor")}
    assert rows == set(addresses[2:])
    assert known.last_addresses() == tuple(reversed(addresses[2:]))
    assert len(known) == 3


def test_a_flood_of_new_addresses_fills_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway.known, "ADDRESSES_MAX", 10)
    known = KnownSensors(opened(tmp_path / "outbox.db"), site_key=KEY)
    ids = {known.id_of(f"C0:DE:00:01:00:{number:02X}") for number in range(100)}

    assert len(ids) == 100
    assert len(known._ids) <= 10


def note(
    receptions: Receptions[str], sensor: str, radio: str, rssi_dbm: int, now_ms: int, *, home: str | None = None
) -> None:
    receptions.note(
        SensorId(sensor),
        radio=radio,
        kind=SensorKind.STRAP,
        device=f"{radio}/{sensor}",
        rssi_dbm=rssi_dbm,
        now_ms=MonotonicMs(now_ms),
        home=home,
    )


def test_the_strength_is_smoothed_and_begins_anew_after_silence() -> None:
    receptions: Receptions[str] = Receptions()
    note(receptions, "s-1", "r1", -60, 0)
    note(receptions, "s-1", "r1", -80, 100)
    assert receptions.rssi_dbm(SensorId("s-1")) == -66

    note(receptions, "s-1", "r1", -90, 10_000)
    assert receptions.rssi_dbm(SensorId("s-1")) == -90


def test_a_radio_that_is_gone_leaves_no_receptions() -> None:
    receptions: Receptions[str] = Receptions()
    note(receptions, "s-1", "r1", -60, 0)
    note(receptions, "s-1", "r2", -70, 0)
    note(receptions, "s-2", "r1", -60, 0)
    receptions.forget_radio("r1")

    assert [one.radio for one in receptions.of(SensorId("s-1"))] == ["r2"]
    assert receptions.of(SensorId("s-2")) == ()
    assert len(receptions) == 1


def test_receptions_are_bounded_and_the_longest_unheard_goes_first() -> None:
    receptions: Receptions[str] = Receptions()
    for number in range(RECEPTIONS_MAX + 10):
        note(receptions, f"s-{number}", "r1", -60, number)

    assert len(receptions) == RECEPTIONS_MAX
    assert receptions.of(SensorId("s-9")) == ()
    assert len(receptions.of(SensorId("s-10"))) == 1


def test_a_radio_leads_from_when_it_is_clearly_better_than_the_home_until_it_is_not() -> None:
    receptions: Receptions[str] = Receptions()

    def hear(radio: str, rssi_dbm: int, now_ms: int) -> dict[str, int | None]:
        note(receptions, "s-1", radio, rssi_dbm, now_ms, home="r1")
        return {one.radio: one.leads_since_ms for one in receptions.of(SensorId("s-1"))}

    assert hear("r1", -70, 0) == {"r1": None}
    assert hear("r2", -61, 100) == {"r1": None, "r2": None}
    assert hear("r2", -40, 1_000)["r2"] == 1_000
    assert hear("r1", -70, 2_000) == {"r1": None, "r2": 1_000}
    assert hear("r2", -90, 3_000)["r2"] is None
    assert hear("r1", -100, 3_100)["r2"] == 3_100
    # What the home said long ago is nothing to compare with.
    assert hear("r2", -40, 8_101)["r2"] is None


def test_a_sensor_begins_to_call_anew_after_a_silence_whoever_hears_it() -> None:
    receptions: Receptions[str] = Receptions()
    sensor = SensorId("s-1")
    assert receptions.calls_since_ms(sensor) is None
    for now_ms, radio, since_ms in ((100, "r1", 100), (1_900, "r2", 100), (3_900, "r1", 100), (5_901, "r2", 5_901)):
        note(receptions, "s-1", radio, -60, now_ms)
        assert receptions.calls_since_ms(sensor) == since_ms
    receptions.forget_radio("r1")
    receptions.forget_radio("r2")
    assert receptions.calls_since_ms(sensor) is None


HEARD = st.lists(
    st.builds(
        Heard,
        sensor=st.integers(0, 99).map(lambda number: SensorId(f"s-{number}")),
        kind=st.sampled_from(SensorKind),
        rssi_dbm=st.integers(-110, -20),
        heard_ms=st.integers(0, 20_000).map(MonotonicMs),
    ),
    max_size=150,
)


@given(HEARD)
def test_nearby_tells_each_sensor_once_strongest_first_and_nothing_old(heard: list[Heard]) -> None:
    nearby = nearby_of(GatewayId("g1"), heard, now_ms=MonotonicMs(20_000))
    told = [one.sensor for one in nearby.sensors]

    assert len(told) == len(set(told)) <= NEARBY_MAX
    strengths = [one.rssi_dbm for one in nearby.sensors]
    assert strengths == sorted(strengths, reverse=True)
    assert all(one.age_ms <= AGE_MS_MAX for one in nearby.sensors)
