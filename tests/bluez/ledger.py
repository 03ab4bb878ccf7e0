"""The ledger: what a sensor said against what was heard of it. Pure; knows nothing of radios.

Each statement carries a number. What was heard must be a part of what was said, in order, and may lack only what was
said during an outage; in each run of the gateway the seqs are 0, 1, 2, ... without a hole.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct


class Said(Struct, frozen=True, kw_only=True):
    """One notification; ``taken``: a gateway had asked for it."""

    number: int
    at_s: float
    taken: bool


class Heard(Struct, frozen=True, kw_only=True):
    """One reading off the broker; ``number`` None: its values are none that the sensor said."""

    run: str
    seq: int
    number: int | None
    at_s: float


class Outage(Struct, frozen=True, kw_only=True):
    """When a sensor could not be heard, on the clock of `Said`."""

    begin_s: float
    end_s: float


def find_faults(said: Sequence[Said], heard: Iterable[Heard], outages: Sequence[Outage]) -> list[str]:
    """Return what is wrong with the numbering or the values of one stream, one line each; an empty list is a pass.

    Args:
        said: by the sensor, in order.
        heard: from the broker; the same reading may come twice.
        outages: when statements may get lost.
    """
    once: dict[tuple[str, int], Heard] = {}
    faults: list[str] = []
    for one in heard:
        before = once.setdefault((one.run, one.seq), one)
        if before.number != one.number:
            faults.append(f"run {one.run} seq {one.seq} came as {before.number} and as {one.number}")
    runs: dict[str, list[Heard]] = {}
    for one in once.values():
        runs.setdefault(one.run, []).append(one)
    in_order: list[int] = []
    for run, readings in runs.items():
        readings.sort(key=lambda one: one.seq)
        seqs = [one.seq for one in readings]
        if seqs != list(range(len(seqs))):
            faults.append(f"run {run} has holes in its seqs: {_holes(seqs)}")
        faults += [f"run {run} seq {one.seq} was never said" for one in readings if one.number is None]
        in_order += [one.number for one in readings if one.number is not None]
    if any(later <= earlier for earlier, later in pairwise(in_order)):
        faults.append(f"not in the order of saying: {in_order}")
    lost = [one for one in said if one.taken and one.number not in set(in_order)]
    unexplained = [one for one in lost if not any(out.begin_s <= one.at_s <= out.end_s for out in outages)]
    faults += [f"lost without an outage: {one.number}, said at {one.at_s:.1f} s" for one in unexplained]
    return faults


def _holes(seqs: Sequence[int]) -> list[int]:
    return sorted(set(range(max(seqs) + 1)) - set(seqs))
