"""How much beats vary is told only of beats that are good enough; otherwise it is said that they are not."""

import numpy as np
import pytest

from analysis.history.history import Said
from analysis.summary.summary import summarise
from tests.analysis.summary.told import part, rate, said_by
from vitals.entries import Artefact
from vitals.units import UtcMs

SECONDS = 600


def intervals(seed: int = 7) -> list[float]:
    """Beats of a heart at 75 that breathes, with some noise."""
    random = np.random.default_rng(seed)
    beats = np.arange(round(SECONDS / 0.8))
    return [float(one) for one in 800 + 30 * np.sin(beats / 3) + random.normal(0, 12, len(beats))]


def strap(rr_ms: list[float]) -> list[Said]:
    """Readings of each second with the beats that ended in it."""
    ends = np.cumsum(rr_ms) / 1000
    return [
        rate(second * 1000, 75, rr_ms=tuple(one for one, end in zip(rr_ms, ends, strict=True) if int(end) == second))
        for second in range(SECONDS)
    ]


def test_clean_beats_vary_as_a_plain_reckoning_says() -> None:
    rr_ms = intervals()
    found = summarise(part(strap(rr_ms), until_ms=SECONDS * 1000)).beats
    assert found is not None
    assert (found.windows, found.usable) == (5, 5)
    assert found.artefact_pct is not None
    assert found.artefact_pct <= 1
    plain = float(np.sqrt(np.mean(np.diff(rr_ms) ** 2)))
    # The median of five windows is not the whole, and single beats are left out.
    assert found.rmssd_ms == pytest.approx(plain, rel=0.1)
    assert found.rmssd_rest_ms is None  # nobody rested


def test_beats_that_are_none_give_no_figure() -> None:
    rr_ms = intervals()
    for place in range(0, len(rr_ms), 12):
        rr_ms[place] = 200.0  # no heart of somebody who exercises
    found = summarise(part(strap(rr_ms), until_ms=SECONDS * 1000)).beats
    assert found is not None
    assert (found.usable, found.rmssd_ms) == (0, None)
    assert found.artefact_pct is not None
    assert found.artefact_pct > 5


def test_beats_across_holes_are_no_neighbours_and_what_was_marked_is_left_out() -> None:
    said = [one for one in strap(intervals()) if one.at_ms % 120_000 < 60_000]
    found = summarise(part(said, until_ms=SECONDS * 1000)).beats
    assert found is not None
    assert found.usable == 0
    body = Artefact(signal="hr", from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(2**52), why="another person's strap")
    marked = summarise(part(strap(intervals()), until_ms=SECONDS * 1000, entries=(said_by(body),)))
    assert marked.beats is None


def test_a_strap_without_beats_has_no_figure() -> None:
    assert summarise(part([rate(second * 1000, 75) for second in range(60)], until_ms=60_000)).beats is None
