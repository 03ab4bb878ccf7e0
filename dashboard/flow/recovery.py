"""The recovery watch: nobody leaves before heart recovery, blood pressure and symptoms have been seen to. Pure.

It judges no value: a number is shown as it is (docs of `analysis.core.exertion.heart_recovery`), and a person decides.
"""

from msgspec import Struct

from dashboard.flow.plan import EFFORT, RecoveryItem
from dashboard.flow.pre_check import find_stop_sign
from dashboard.flow.story import Span, Story
from vitals.entries import BloodPressure, PreChecked, Symptom, SymptomsAsked
from vitals.units import UtcMs


class HeartFall(Struct, frozen=True, kw_only=True):
    """How far the heart rate had come down one and two minutes after the end of effort, bpm; None: not measured."""

    peak_bpm: float | None = None
    after_1_min_bpm: float | None = None
    after_2_min_bpm: float | None = None

    @property
    def is_measured(self) -> bool:
        """Whether there is a number of either minute."""
        return self.after_1_min_bpm is not None or self.after_2_min_bpm is not None


class RecoveryWatch(Struct, frozen=True, kw_only=True):
    """Where one person stands.

    ``is_needed``: has exercised. ``since_utc_ms``: effort ended then, None: it goes on. ``missing``: not seen to yet.
    """

    is_needed: bool
    since_utc_ms: UtcMs | None = None
    heart: HeartFall = HeartFall()
    missing: tuple[RecoveryItem, ...] = ()


def effort_ended(spans: tuple[Span, ...], story: Story, *, joined_utc_ms: int) -> tuple[bool, UtcMs | None]:
    """Return whether somebody has exercised since they came, and when that ended: by phase or by a stop sign."""
    exercised = [
        index
        for index, span in enumerate(spans)
        if span.phase in EFFORT and (index + 1 == len(spans) or spans[index + 1].from_utc_ms > joined_utc_ms)
    ]
    if not exercised:
        return False, None
    last = exercised[-1]
    began = max(spans[last].from_utc_ms, joined_utc_ms)
    if last + 1 < len(spans):
        return True, spans[last + 1].from_utc_ms
    checked = story.last(PreChecked, since_utc_ms=began)
    sign = find_stop_sign(story, since_utc_ms=began if checked is None else checked.at_utc_ms + 1)
    return True, None if sign is None else sign.at_utc_ms


def watch_recovery(
    needs: tuple[RecoveryItem, ...],
    story: Story,
    spans: tuple[Span, ...],
    heart: HeartFall,
) -> RecoveryWatch:
    """Return where one person stands.

    Args:
        needs: what belongs to the watch, of the plan.
        story: what was entered.
        spans: the person's phases.
        heart: as measured after the end of effort.
    """
    joined = story.joined
    if joined is None:
        return RecoveryWatch(is_needed=False)
    has_exercised, since = effort_ended(spans, story, joined_utc_ms=joined.at_utc_ms)
    if not has_exercised:
        return RecoveryWatch(is_needed=False)
    if since is None:
        return RecoveryWatch(is_needed=True, missing=needs)
    done = {
        RecoveryItem.HEART: heart.is_measured,
        RecoveryItem.BLOOD_PRESSURE: story.last(BloodPressure, since_utc_ms=since) is not None,
        RecoveryItem.SYMPTOMS: is_asked(story, since),
    }
    missing = tuple(item for item in needs if not done[item])
    return RecoveryWatch(is_needed=True, since_utc_ms=since, heart=heart, missing=missing)


def is_asked(story: Story, since_utc_ms: UtcMs) -> bool:
    """Return whether symptoms were asked for after a time; a stop sign at that very time is what ended the effort."""
    if story.last(SymptomsAsked, since_utc_ms=since_utc_ms) is not None:
        return True
    return story.last(Symptom, since_utc_ms=since_utc_ms + 1) is not None
