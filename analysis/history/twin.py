"""The numpy twin of the condition machine: the same conditions as `analysis/core/condition.py`, many histories at once.

The machine walks from sample to sample; the twin looks for runs. Two facts make that the same thing. A condition can
begin only where a run of breaches, unbroken by a good value or a long hole, is as long as a leg's hold, whatever was
before. It can end only where a run of values beyond the clear margin is as long as the clear time. Between them, of
several beginnings in a row only the first counts, and of several ends. A differential test compares both on random
histories; the twin serves what-if questions over the record, and the live machine decides.
"""

import math
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from analysis.core.condition import INCLUSIVE, UPWARD
from analysis.core.rules import Rule
from analysis.history.samples import Flags, Samples, Times, Values

STANDS: Final = -1
"""As an end: the condition stands at the end of its history."""


class Stood(Struct, frozen=True, kw_only=True):
    """Conditions that stood, history by history in order of time; arrays of one length, times in ms.

    ``history``: its number. ``breach_ms``: first sample of the hold. ``onset_ms``: the sample that completed it.
    ``ended_ms``: the sample that ended it, or `STANDS`.
    """

    history: Times
    breach_ms: Times
    onset_ms: Times
    ended_ms: Times


def judge(rule: Rule, samples: Samples, limits: float | Values) -> Stood:
    """Return when the rule's condition stood.

    Args:
        rule: as tailored to the phase; the same for all histories.
        samples: good ones only, of the vital sign that the rule watches.
        limits: one for all, or one for each history.
    """
    excess = _excess(rule, samples, limits)
    breach = _is_beyond(rule, excess, 0.0)
    if not breach.any():
        return _EMPTY
    fresh = samples.fresh(_hole_ms(rule))
    onset_at, since_at = _onsets(rule, samples, excess, breach, fresh)
    if not len(onset_at):
        return _EMPTY
    safe_first, safe_last = _runs(~((excess > -rule.clear_margin) | breach), fresh)
    end_at = _reach(samples, safe_first, safe_last, for_ms=math.ceil(max(0, rule.clear_s) * 1000))
    return _alternate(samples, onset_at, since_at, end_at[end_at < len(fresh)])


_NONE: Final = np.empty(0, np.int64)
_EMPTY: Final = Stood(history=_NONE, breach_ms=_NONE, onset_ms=_NONE, ended_ms=_NONE)


def _excess(rule: Rule, samples: Samples, limits: float | Values) -> Values:
    """Return how far each value is past the limit, by the machine's own arithmetic."""
    limit = np.repeat(limits, np.diff(samples.begins)) if isinstance(limits, np.ndarray) else limits
    return samples.value - limit if rule.op in UPWARD else limit - samples.value


def _is_beyond(rule: Rule, excess: Values, depth: float) -> Flags:
    return excess >= depth if rule.op in INCLUSIVE else excess > depth


def _onsets(rule: Rule, samples: Samples, excess: Values, breach: Flags, fresh: Flags) -> tuple[Times, Times]:
    """Return where a hold is complete, and where it began: at most one for each run of breaches."""
    first, _last = _runs(breach, fresh)
    never = len(samples.at_ms)
    complete = np.full(len(first), never, np.int64)
    for leg in rule.legs:
        leg_first, leg_last = _runs(_is_beyond(rule, excess, leg.beyond), fresh)
        reached = _reach(samples, leg_first, leg_last, for_ms=math.ceil(leg.hold_s * 1000))
        # A leg's run lies within one run of breaches, because whatever breaks the latter breaks the former.
        np.minimum.at(complete, np.searchsorted(first, leg_first, side="right") - 1, reached)
    found = complete < never
    return complete[found], first[found]


def _runs(flags: Flags, fresh: Flags) -> tuple[Times, Times]:
    """Return the first and the last sample of each unbroken run of samples that are so."""
    begins, ends = flags.copy(), flags.copy()
    broken = ~flags
    begins[1:] &= broken[:-1] | fresh[1:]
    ends[:-1] &= broken[1:] | fresh[1:]
    return np.flatnonzero(begins), np.flatnonzero(ends)


def _reach(samples: Samples, first: Times, last: Times, *, for_ms: int) -> Times:
    """Return in each run the sample that is so long after its first; how many samples there are, where none is."""
    reached = np.full(len(first), len(samples.key))
    long = np.flatnonzero(samples.at_ms[last] - samples.at_ms[first] >= for_ms)
    # Samples of one time are several: the first of them may stand before the run.
    reached[long] = np.maximum(first[long], np.searchsorted(samples.key, samples.key[first[long]] + for_ms))
    return reached


def _alternate(samples: Samples, onset_at: Times, since_at: Times, end_at: Times) -> Stood:
    """Return the conditions: of beginnings in a row the first, of ends in a row the first."""
    at = np.concatenate((onset_at, end_at))
    begins: NDArray[np.bool_] = np.arange(len(at)) < len(onset_at)
    since = np.concatenate((since_at, end_at))
    order = np.argsort(at, kind="stable")
    at, begins, since = at[order], begins[order], since[order]
    history = samples.history_of(at)
    stood = np.append(False, begins[:-1])
    stood[1:][history[1:] != history[:-1]] = False
    counts = begins != stood
    at, begins, since, history = at[counts], begins[counts], since[counts], history[counts]
    ended = np.full(len(at), STANDS, np.int64)
    paired = np.flatnonzero(begins[:-1] & (history[:-1] == history[1:]))
    ended[paired] = samples.at_ms[at[paired + 1]]
    return Stood(
        history=history[begins],
        breach_ms=samples.at_ms[since[begins]],
        onset_ms=samples.at_ms[at[begins]],
        ended_ms=ended[begins],
    )


def _hole_ms(rule: Rule) -> int:
    """Return the longest hole in ms: whole ms are more than a fraction when they are more than its whole part."""
    return math.floor(rule.gate.hole_s_max * 1000)
