"""The choice of a sensor's radio, as tables: the strongest, with reasons to stay and a moment's patience."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.choice import (
    ALIKE_DB,
    FAILURES_MAX,
    SETTLE_MS,
    STEADY_MS,
    Candidate,
    Choice,
    Why,
    choose_radio,
)

FRESH_MS = 2_000
LONG_MS = 60_000


def heard(
    radio: str,
    rssi_dbm: float,
    *,
    age_ms: int = 10,
    has_slot: bool = True,
    room: int = 1,
    failures: int = 0,
    leads_ms: int = 0,
) -> Candidate:
    return Candidate(radio, rssi_dbm, age_ms, has_slot, room, failures, leads_ms)


def deaf(radio: str, *, has_slot: bool = True, failures: int = 0) -> Candidate:
    return Candidate(radio, None, None, has_slot, 5, failures)


def choose(*candidates: Candidate, home: str | None = None, calls_ms: int = LONG_MS) -> Choice:
    return choose_radio(candidates, home=home, calls_ms=calls_ms, fresh_ms=FRESH_MS)


@pytest.mark.parametrize(
    ("candidates", "home", "calls_ms", "choice"),
    [
        # Nobody hears it, or not lately.
        ([], None, LONG_MS, (None, Why.NOT_HEARD)),
        ([deaf("r1")], None, LONG_MS, (None, Why.NOT_HEARD)),
        ([heard("r1", -50, age_ms=FRESH_MS + 1)], "r1", LONG_MS, (None, Why.NOT_HEARD)),
        # Slots: full radios are passed over, and when all that hear it are full it waits.
        ([heard("r1", -40, has_slot=False), heard("r2", -80)], None, LONG_MS, ("r2", Why.BEST)),
        ([heard("r1", -40, has_slot=False), heard("r2", -80)], "r1", LONG_MS, ("r2", Why.BEST)),
        ([heard("r1", -40, has_slot=False)], "r1", LONG_MS, (None, Why.OUT_OF_SLOTS)),
        ([heard("r1", -40, has_slot=False), deaf("r2")], None, LONG_MS, (None, Why.OUT_OF_SLOTS)),
        # Without a home: the strongest; among those that hear it alike, the one with more room.
        ([heard("r1", -80, room=7), heard("r2", -70)], None, LONG_MS, ("r2", Why.BEST)),
        ([heard("r1", -60, room=1), heard("r2", -60 - ALIKE_DB, room=2)], None, LONG_MS, ("r2", Why.BEST)),
        ([heard("r1", -60, room=1), heard("r2", -60.1 - ALIKE_DB, room=2)], None, LONG_MS, ("r1", Why.BEST)),
        # The home keeps it, also against a stronger one that has not led for long enough.
        ([heard("r1", -80), heard("r2", -40)], "r1", LONG_MS, ("r1", Why.HOME)),
        ([heard("r1", -80), heard("r2", -40, leads_ms=STEADY_MS - 1)], "r1", LONG_MS, ("r1", Why.HOME)),
        ([heard("r1", -80), heard("r2", -40, leads_ms=STEADY_MS)], "r1", LONG_MS, ("r2", Why.BEST)),
        (
            [heard("r1", -80), heard("r2", -40, leads_ms=STEADY_MS, has_slot=False)],
            "r1",
            LONG_MS,
            ("r1", Why.HOME),
        ),
        # A home by which it fails again and again loses it, as long as another one can take it.
        ([heard("r1", -50, failures=FAILURES_MAX), heard("r2", -80)], "r1", LONG_MS, ("r2", Why.BEST)),
        ([heard("r1", -50, failures=FAILURES_MAX - 1), heard("r2", -80)], "r1", LONG_MS, ("r1", Why.HOME)),
        ([heard("r1", -50, failures=FAILURES_MAX)], "r1", LONG_MS, ("r1", Why.BEST)),
        (
            [heard("r1", -50, failures=9), heard("r2", -80, failures=9)],
            "r1",
            LONG_MS,
            ("r1", Why.BEST),
        ),
        # It has just begun to call: its home is waited for, but not one that is full, failing or down.
        ([deaf("r1"), heard("r2", -40)], "r1", SETTLE_MS - 1, (None, Why.SETTLING)),
        ([deaf("r1"), heard("r2", -40)], "r1", SETTLE_MS, ("r2", Why.BEST)),
        ([deaf("r1", has_slot=False), heard("r2", -40)], "r1", 0, ("r2", Why.BEST)),
        ([deaf("r1", failures=FAILURES_MAX), heard("r2", -40)], "r1", 0, ("r2", Why.BEST)),
        ([heard("r2", -40)], "r1", 0, ("r2", Why.BEST)),
        ([heard("r1", -80), deaf("r2")], "r1", 0, ("r1", Why.HOME)),
        # Without a home, those that have not heard it yet are.
        ([heard("r1", -80), deaf("r2")], None, SETTLE_MS - 1, (None, Why.SETTLING)),
        ([heard("r1", -80), deaf("r2", has_slot=False)], None, 0, ("r1", Why.BEST)),
        ([heard("r1", -80)], None, 0, ("r1", Why.BEST)),
    ],
)
def test_the_table_of_choices(
    candidates: list[Candidate], home: str | None, calls_ms: int, choice: tuple[str | None, Why]
) -> None:
    assert choose(*candidates, home=home, calls_ms=calls_ms) == choice


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        radio=st.sampled_from(["r1", "r2", "r3", "r4"]),
        rssi_dbm=st.floats(-110, -20),
        age_ms=st.integers(0, 4_000),
        has_slot=st.booleans(),
        room=st.integers(-5, 9),
        failures=st.integers(0, 4),
        leads_ms=st.integers(0, 9_000),
    ),
    max_size=4,
    unique_by=lambda one: one.radio,
)


@given(CANDIDATES, st.sampled_from([None, "r1", "r2"]), st.integers(0, 10_000))
def test_whoever_is_chosen_hears_the_sensor_and_has_a_slot(
    candidates: list[Candidate], home: str | None, calls_ms: int
) -> None:
    radio, why = choose(*candidates, home=home, calls_ms=calls_ms)
    able = {one.radio for one in candidates if one.has_slot and one.age_ms is not None and one.age_ms <= FRESH_MS}

    assert (radio in able) if radio is not None else (why not in {Why.HOME, Why.BEST})
    if calls_ms >= SETTLE_MS:
        assert (radio is not None) == bool(able)


@given(CANDIDATES, st.integers(0, 10_000))
def test_a_sensor_goes_back_to_a_home_that_can_have_it_whatever_the_strengths_of_the_moment(
    candidates: list[Candidate], calls_ms: int
) -> None:
    calm = [one._replace(leads_ms=min(one.leads_ms, STEADY_MS - 1)) for one in candidates if one.radio != "r1"]
    home = heard("r1", -100)

    assert choose(home, *calm, home="r1", calls_ms=calls_ms) == ("r1", Why.HOME)
