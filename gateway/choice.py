"""The choice of the radio that a sensor is connected by: the strongest, with reasons to stay. Pure.

It is asked only for a sensor without a link: a link that is healthy is never moved, whatever another radio hears. After
a loss the sensor goes back to the radio that had it (its home), unless that is down, full, fails again and again, or
another one has been clearly better for a while; otherwise sensors would wander with every turn of a body, and a radio
that comes back would take all of them at once.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

ALIKE_DB: Final = 5.0
"""Less than what a turn of the body changes."""

STEADY_MS: Final = 5_000
"""For so long another radio must have been clearly better (`gateway.reception.CLEAR_DB`) to take a sensor from its
home: longer than somebody who walks past stands in the way (engineering choice)."""

SETTLE_MS: Final = 450
"""A sensor that has just begun to call is not yet heard by all radios: a strap that is worn calls every 250 ms, and one
call may be lost. So long its home, or for want of one the radios that have not heard it, are waited for. (Sessions ask
again after 500 ms.)"""

FAILURES_MAX: Final = 2
"""A radio by which so many attempts failed in a row is chosen after all others."""


class Candidate(NamedTuple):
    """A radio that is up, as a place for one sensor.

    Attributes:
        radio: its name.
        rssi_dbm: how strongly it hears the sensor (smoothed); None: not at all.
        age_ms: for how long it has not heard it; None as above.
        has_slot: whether it can take one more link.
        room: its free slots, less those that others wait for at its door.
        failures: attempts of this sensor in a row that came to nothing by it.
        leads_ms: for how long it has been clearly better than the home; 0: it is not.
    """

    radio: str
    rssi_dbm: float | None
    age_ms: int | None
    has_slot: bool
    room: int
    failures: int = 0
    leads_ms: int = 0


class Why(StrEnum):
    """Why a sensor is, or is not, connected by a radio now."""

    HOME = "home"
    BEST = "best"
    NOT_HEARD = "not_heard"
    """Nobody has heard it lately."""
    SETTLING = "settling"
    """It has just begun to call; another radio may hear it in a moment."""
    OUT_OF_SLOTS = "out_of_slots"
    """Every radio that hears it is full."""


class Choice(NamedTuple):
    """The radio, or None, and why."""

    radio: str | None
    why: Why


def choose_radio(candidates: Sequence[Candidate], *, home: str | None, calls_ms: int, fresh_ms: int) -> Choice:
    """Return the radio to connect a sensor by.

    Args:
        candidates: the radios that are up.
        home: the radio that had its last link, None without one or when that radio has been down since.
        calls_ms: for how long the sensor has been calling.
        fresh_ms: how lately a radio must have heard it.
    """
    hearing = [one for one in candidates if one.age_ms is not None and one.age_ms <= fresh_ms]
    if not hearing:
        return Choice(None, Why.NOT_HEARD)
    able = [one for one in hearing if one.has_slot]
    if not able:
        return Choice(None, Why.OUT_OF_SLOTS)
    keeps = next((one for one in able if one.radio == home and _is_trusted(one)), None)
    rivals = [one for one in able if one.leads_ms >= STEADY_MS and _is_trusted(one)]
    if keeps is not None and not rivals:
        return Choice(keeps.radio, Why.HOME)
    if keeps is None and calls_ms < SETTLE_MS and _may_hear_yet(candidates, hearing, home=home):
        return Choice(None, Why.SETTLING)
    return Choice(_best([one for one in able if _is_trusted(one)] or able).radio, Why.BEST)


def _may_hear_yet(candidates: Sequence[Candidate], hearing: Sequence[Candidate], *, home: str | None) -> bool:
    """Return whether a radio that could take the sensor has not heard it yet, and would be preferred."""
    deaf = [one for one in candidates if one not in hearing and one.has_slot and _is_trusted(one)]
    return any(one.radio == home for one in deaf) if _is_among(home, candidates) else bool(deaf)


def _is_among(home: str | None, candidates: Sequence[Candidate]) -> bool:
    return any(one.radio == home for one in candidates)


def _is_trusted(one: Candidate) -> bool:
    return one.failures < FAILURES_MAX


def _best(able: Sequence[Candidate]) -> Candidate:
    """Return the strongest; those that hear alike share the work: the one with more room."""
    best_dbm = max(one.rssi_dbm or 0.0 for one in able)
    alike = [one for one in able if (one.rssi_dbm or 0.0) >= best_dbm - ALIKE_DB]
    return max(alike, key=lambda one: (one.room, one.rssi_dbm, one.radio))
