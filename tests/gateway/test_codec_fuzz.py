"""The codecs under random bytes: twenty thousand inputs each in every run, ten million each in `make soak`.

FUZZ_INPUTS and FUZZ_SEED change the long run.
"""

import os
from typing import Final

import pytest

from tests.gateway.codec_families import FAMILIES, Family
from tests.gateway.codec_fuzz import Tally, fuzz, fuzz_in_processes, make_input

INPUTS_SHORT: Final = 20_000
INPUTS_LONG: Final = int(os.environ.get("FUZZ_INPUTS", "10_000_000"))
SEED: Final = int(os.environ.get("FUZZ_SEED", "7"))
ONE_VALUE: Final = {"battery", "body-location", "plx-features", "device-text", "running", "cycling", "polar-pmd"}
"""Codecs in which bytes that are long enough always have a value, or that have no quality."""

by_name = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


def check_all_ways(family: Family, tally: Tally) -> None:
    """A fuzz that only ever refuses, or never does, has not looked at the codec."""
    assert tally.with_value > 0
    assert tally.refused > 0 or family.name == "device-text"
    assert tally.without_value > 0 or family.name in {*ONE_VALUE, "treadmill", "bike"}


@by_name
@pytest.mark.timeout(120)
def test_twenty_thousand_inputs_raise_nothing(family: Family) -> None:
    check_all_ways(family, fuzz(family.name, INPUTS_SHORT, SEED))


@by_name
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_million_inputs_raise_nothing(family: Family) -> None:
    tally = fuzz_in_processes(family.name, INPUTS_LONG, SEED)
    print(  # noqa: T201 - what the long run is read for
        f"\nfuzz codec={family.name} inputs={tally.inputs} cpu_s={tally.seconds:.0f} with_value={tally.with_value} "
        f"without_value={tally.without_value} refused={tally.refused} kept_bytes_max={tally.kept_bytes_max}",
        flush=True,
    )
    assert tally.inputs == INPUTS_LONG
    check_all_ways(family, tally)


def test_the_same_pool_gives_the_same_input() -> None:
    pool = bytes(range(256)) * 4
    for family in FAMILIES:
        made = [make_input(family, pool, at) for at in range(256)]
        assert made == [make_input(family, pool, at) for at in range(256)]
        assert len(set(made)) > 20
