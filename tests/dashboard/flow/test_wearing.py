"""Laws of who wears what: whatever is changed or put right, no reading is counted to two people."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.flow.corrections import Change, correct_roster, exchange_changes, refuse_double_wear
from dashboard.flow.wearing import add_person, come_back, free_seat, leave, put_on
from dashboard.lease import end_leases, leases_of
from ingest.store.batch import Batch, HeardReading, HeardRoster
from ingest.store.reader import RecordReader
from ingest.store.writer import RecordWriter
from tests.dashboard.words import hr, roster
from vitals.errors import InputError
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, Roster, RosterEntry, SessionId
from vitals.units import UtcMs

START: Final = 1_000_000
G1: Final = GatewayId("g1")
STRAP: Final = SensorKind.STRAP


def who(number: int) -> ParticipantId:
    return ParticipantId(f"p{number:02}")


def strap(number: int) -> SensorId:
    return SensorId(f"s-strap{number}")


def a_class(people: int = 3) -> Roster:
    """Everybody wears the strap of their number from the start."""
    entries = (
        RosterEntry(
            participant=who(number),
            seat=number,
            sensors=(AssignedSensor(sensor=strap(number), kind=STRAP, gateway=G1, from_utc_ms=UtcMs(START)),),
        )
        for number in range(1, people + 1)
    )
    return replace(roster(*entries, session="c1"), started_utc_ms=UtcMs(START))


def at(seconds: float) -> UtcMs:
    return UtcMs(START + round(seconds * 1000))


def wearers(kept: Roster, sensor: SensorId, utc_ms: int) -> list[ParticipantId]:
    return [
        entry.participant
        for entry in kept.entries
        for worn in entry.sensors
        if worn.sensor == sensor and worn.from_utc_ms <= utc_ms and (worn.to_utc_ms is None or utc_ms < worn.to_utc_ms)
    ]


def test_a_spare_strap_begins_where_the_old_one_ends() -> None:
    kept = put_on(a_class(), who(1), STRAP, strap(9), gateway=G1, now_utc_ms=at(60))
    old, new = kept.entries[0].sensors
    assert (old.sensor, old.to_utc_ms) == (strap(1), at(60))
    assert (new.sensor, new.from_utc_ms, new.to_utc_ms) == (strap(9), at(60), None)
    assert kept.version == 2


def test_a_strap_that_is_on_somebody_is_put_on_nobody_else() -> None:
    with pytest.raises(InputError, match="'s-strap2' is on p02"):
        put_on(a_class(), who(1), STRAP, strap(2), gateway=G1, now_utc_ms=at(60))


def test_who_leaves_frees_the_sensors_and_keeps_what_was_heard() -> None:
    kept = leave(a_class(), who(1), now_utc_ms=at(60))
    assert kept.entries[0].left_utc_ms == at(60)
    assert [worn.to_utc_ms for worn in kept.entries[0].sensors] == [at(60)]
    given_on = put_on(kept, who(2), STRAP, strap(1), gateway=G1, now_utc_ms=at(61))
    assert wearers(given_on, strap(1), at(60.5)) == []
    assert wearers(given_on, strap(1), at(62)) == [who(2)]
    with pytest.raises(InputError, match="has left"):
        leave(kept, who(1), now_utc_ms=at(70))
    assert come_back(kept, who(1)).entries[0].left_utc_ms is None


def test_a_late_arrival_gets_the_first_free_seat_and_takes_nobody_elses() -> None:
    late = RosterEntry(participant=who(7), seat=2, sensors=())
    with pytest.raises(InputError, match="2 is taken by p02"):
        add_person(a_class(), late)
    with pytest.raises(InputError, match="is in the class"):
        add_person(a_class(), replace(late, participant=who(1)))
    assert free_seat(a_class()) == 4
    assert [one.seat for one in add_person(a_class(), replace(late, seat=4)).entries] == [1, 2, 3, 4]


def test_two_mixed_up_straps_are_put_right_from_the_time_of_the_mix_up() -> None:
    worn = a_class()
    changes = exchange_changes(worn, who(1), who(2), STRAP, since_utc_ms=at(100))
    kept = correct_roster(worn, changes, now_utc_ms=at(600))
    assert wearers(kept, strap(1), at(99)) == [who(1)]
    assert wearers(kept, strap(1), at(100)) == [who(2)]
    assert wearers(kept, strap(2), at(100)) == [who(1)]
    assert wearers(kept, strap(3), at(100)) == [who(3)]
    assert {one.sensor for one in leases_of(kept)} == {strap(1), strap(2), strap(3)}


def test_a_class_that_has_ended_is_corrected_to_its_end() -> None:
    ended = end_leases(a_class(), now_utc_ms=at(900))
    changes = exchange_changes(ended, who(1), who(2), STRAP, since_utc_ms=at(0))
    kept = correct_roster(ended, changes, now_utc_ms=at(10_000))
    assert [worn.sensor for worn in kept.entries[0].sensors] == [strap(2)]
    assert [worn.to_utc_ms for worn in kept.entries[0].sensors] == [at(900)]
    assert kept.version == ended.version + 1


def test_a_strap_that_lay_on_the_table_was_on_nobody() -> None:
    change = Change(sensor=strap(1), participant=None, from_utc_ms=at(10), to_utc_ms=at(20))
    kept = correct_roster(a_class(), [change], now_utc_ms=at(600))
    assert [wearers(kept, strap(1), at(second)) for second in (9, 10, 19.999, 20)] == [[who(1)], [], [], [who(1)]]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change(sensor=strap(1), participant=who(2), from_utc_ms=at(10)), "would wear 's-strap2' and 's-strap1'"),
        (Change(sensor=strap(1), participant=who(9), from_utc_ms=at(10)), "'p09' is not in"),
        (Change(sensor=strap(8), participant=who(1), from_utc_ms=at(10)), "'s-strap8' was on nobody then"),
        (Change(sensor=strap(1), participant=who(2), from_utc_ms=at(-1)), "is not inside the class"),
        (Change(sensor=strap(1), participant=who(2), from_utc_ms=at(601)), "is not inside the class"),
        (Change(sensor=strap(1), participant=who(2), from_utc_ms=at(9), to_utc_ms=at(9)), "is not between"),
    ],
    ids=["two of a kind", "nobody", "not worn", "too early", "too late", "empty"],
)
def test_a_correction_that_contradicts_itself_changes_nothing(change: Change, line: str) -> None:
    with pytest.raises(InputError, match=line):
        correct_roster(a_class(), [change], now_utc_ms=at(600))


PEOPLE = st.integers(1, 4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put_on"), PEOPLE, st.integers(1, 7)),
        st.tuples(st.just("take_off"), PEOPLE, st.just(0)),
        st.tuples(st.just("leave"), PEOPLE, st.just(0)),
        st.tuples(st.just("exchange"), PEOPLE, PEOPLE),
        st.tuples(st.just("exchange_since"), PEOPLE, PEOPLE),
        st.tuples(st.just("nobody"), st.just(0), st.integers(1, 7)),
    ),
    max_size=12,
)


def take(kept: Roster, what: str, one: int, other: int, now: UtcMs) -> Roster:
    match what:
        case "put_on":
            return put_on(kept, who(one), STRAP, strap(other), gateway=G1, now_utc_ms=now)
        case "take_off":
            return put_on(kept, who(one), STRAP, None, gateway=G1, now_utc_ms=now)
        case "leave":
            return leave(kept, who(one), now_utc_ms=now)
        case "nobody":
            change = Change(sensor=strap(other), participant=None, from_utc_ms=at(5), to_utc_ms=UtcMs(now - 5_000))
            return correct_roster(kept, [change], now_utc_ms=now)
        case _:
            since = now if what == "exchange" else at(15)
            changes = exchange_changes(kept, who(one), who(other), STRAP, since_utc_ms=since)
            return correct_roster(kept, changes, now_utc_ms=now)


def after(steps: list[tuple[str, int, int]]) -> Roster:
    """A class after steps, one each ten seconds; what is refused changes nothing."""
    kept = a_class(4)
    for index, (what, one, other) in enumerate(steps):
        try:
            kept = take(kept, what, one, other, at(20 + 10 * index))
        except InputError:
            continue
    return kept


@given(STEPS)
def test_whatever_is_changed_a_sensor_is_on_one_person_and_a_person_wears_one_of_a_kind(
    steps: list[tuple[str, int, int]],
) -> None:
    kept = after(steps)
    refuse_double_wear(kept)
    for second in range(0, 160, 5):
        for number in range(1, 8):
            assert len(wearers(kept, strap(number), at(second + 0.5))) <= 1
    open_now = [one.sensor for one in leases_of(kept)]
    assert len(open_now) == len(set(open_now))


@given(STEPS)
def test_a_changed_class_fits_into_its_ended_form(steps: list[tuple[str, int, int]]) -> None:
    refuse_double_wear(end_leases(after(steps), now_utc_ms=at(500)))


def test_the_record_counts_each_reading_once_before_and_after_a_correction(tmp_path: Path) -> None:
    """The real writer and reader: 120 s of two straps, mixed up from 60 s on, put right after the class."""
    path = tmp_path / "record.db"
    worn = end_leases(a_class(2), now_utc_ms=at(120))
    writer, batch = RecordWriter(path), Batch()
    batch.add_roster(HeardRoster(worn, at(120), final=True))
    for number in (1, 2):
        for second in range(120):
            said = hr(60 + 40 * number, seq=second, mono_ms=second * 1_000)
            reading = replace(said.body, sensor=strap(number))
            batch.observed_offsets_ms["g1", reading.run] = START
            batch.readings.append(HeardReading("g1", reading, b"\x00", at(second), late=False))
    writer.store(batch, now_utc_ms=at(121))
    changes = exchange_changes(worn, who(1), who(2), STRAP, since_utc_ms=at(60))
    batch = Batch()
    batch.add_roster(HeardRoster(correct_roster(worn, changes, now_utc_ms=at(500)), at(500), final=True))
    before = rates(path)
    writer.store(batch, now_utc_ms=at(501))
    writer.close()

    assert before == {who(1): [100] * 120, who(2): [140] * 120}
    assert rates(path) == {who(1): [100] * 60 + [140] * 60, who(2): [140] * 60 + [100] * 60}


def rates(path: Path) -> dict[ParticipantId, list[int | None]]:
    reader = RecordReader(path)
    try:
        found = {who(number): reader.readings(SessionId("c1"), who(number), ReadingKind.HR) for number in (1, 2)}
        assert len({(one.sensor, one.seq) for rows in found.values() for one in rows}) == 240
        return {person: [one.hr_bpm for one in rows] for person, rows in found.items()}
    finally:
        reader.close()
