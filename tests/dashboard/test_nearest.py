"""Which sensor is held to the gateway, as a table: a clear one is named, anything else is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.view.nearest import CLEARLY_DB, FRESH_MS, NEAR_DBM, Candidate, Outcome, find_nearest
from vitals.sensors import GatewayId, SensorId, SensorKind

NEAR = NEAR_DBM + 20


def heard(
    sensor: str,
    rssi_dbm: int,
    *,
    gateway: str = "g1",
    kind: SensorKind = SensorKind.STRAP,
    age_ms: int = 100,
    is_linked: bool = False,
) -> Candidate:
    return Candidate(GatewayId(gateway), SensorId(sensor), kind, rssi_dbm, age_ms, is_linked)


@pytest.mark.parametrize(
    ("candidates", "outcome", "sensor"),
    [
        ([], Outcome.NONE_NEAR, None),
        # Near enough, and alone.
        ([heard("s-1", NEAR_DBM + 1)], Outcome.FOUND, "s-1"),
        ([heard("s-1", NEAR_DBM)], Outcome.NONE_NEAR, None),
        # Clearly nearer than the next one, or not.
        ([heard("s-1", NEAR), heard("s-2", NEAR - CLEARLY_DB)], Outcome.FOUND, "s-1"),
        ([heard("s-1", NEAR), heard("s-2", NEAR - CLEARLY_DB + 1)], Outcome.EQUALLY_NEAR, None),
        ([heard("s-1", NEAR), heard("s-2", NEAR)], Outcome.EQUALLY_NEAR, None),
        ([heard("s-2", NEAR), heard("s-1", -80), heard("s-3", -90)], Outcome.FOUND, "s-2"),
        # The same one at two gateways is no rival of its own.
        ([heard("s-1", NEAR), heard("s-1", NEAR - 1, gateway="g2")], Outcome.FOUND, "s-1"),
        # What was not heard lately, or is connected, is held nowhere.
        ([heard("s-1", NEAR, age_ms=FRESH_MS + 1)], Outcome.NONE_NEAR, None),
        ([heard("s-1", NEAR), heard("s-2", NEAR, age_ms=FRESH_MS + 1)], Outcome.FOUND, "s-1"),
        ([heard("s-1", NEAR), heard("s-2", NEAR, is_linked=True)], Outcome.FOUND, "s-1"),
    ],
)
def test_the_table_of_the_nearest(candidates: list[Candidate], outcome: Outcome, sensor: str | None) -> None:
    said = find_nearest(candidates)

    assert said.outcome is outcome
    assert (None if said.found is None else said.found.sensor) == sensor
    assert "\n" not in said.text


def test_another_kind_and_another_gateway_are_no_rivals_when_one_asks_for_one() -> None:
    heard_all = [
        heard("s-1", NEAR),
        heard("s-2", NEAR + 5, kind=SensorKind.OXIMETER),
        heard("s-3", NEAR + 5, gateway="g2"),
    ]

    assert find_nearest(heard_all).outcome is Outcome.EQUALLY_NEAR
    found = find_nearest(heard_all, gateway=GatewayId("g1"), kind=SensorKind.STRAP).found
    assert found is not None
    assert found.sensor == "s-1"


def test_it_says_what_to_do() -> None:
    assert "equally near (-30 and -31 dBm)" in find_nearest([heard("s-1", -30), heard("s-2", -31)]).text
    assert "(-70 dBm): hold it to the gateway" in find_nearest([heard("s-1", -70)]).text
    assert "No free sensor" in find_nearest([]).text


@given(
    st.lists(
        st.builds(
            heard,
            st.integers(0, 5).map("s-{}".format),
            st.integers(-100, -20),
            gateway=st.sampled_from(["g1", "g2"]),
            age_ms=st.integers(0, 2 * FRESH_MS),
            is_linked=st.booleans(),
        )
    )
)
def test_whoever_is_named_is_near_and_clearly_nearer_than_every_other_that_calls(candidates: list[Candidate]) -> None:
    said = find_nearest(candidates)
    calling = [one for one in candidates if not one.is_linked and one.age_ms <= FRESH_MS]
    if said.found is None:
        assert said.outcome is not Outcome.FOUND
        return
    assert said.found in calling
    assert said.found.rssi_dbm > NEAR_DBM
    others = [one.rssi_dbm for one in calling if one.sensor != said.found.sensor]
    assert all(said.found.rssi_dbm - rssi_dbm >= CLEARLY_DB for rssi_dbm in others)
