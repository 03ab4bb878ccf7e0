"""Who was called about an alarm, by which ways, and who answered: what alerts told, put together by person."""

from collections.abc import Iterable

from msgspec import UNSET, Struct, UnsetType

from vitals.alarms import AlarmId
from vitals.delivery import Answered, Attempt, AttemptState, ChannelName, Course, Response
from vitals.duty import StaffId
from vitals.units import UtcMs

_REACHED = frozenset({AttemptState.SENT, AttemptState.DELIVERED, AttemptState.SEEN})
_RECEIPTS = (AttemptState.SEEN, AttemptState.DELIVERED)
_ACCEPTS = frozenset({Response.ACCEPT, Response.ON_MY_WAY})


class Called(Struct, frozen=True, kw_only=True):
    """One person who was called: first when, by which ways; ``reached``: a service took one message at least.

    ``receipt``: what a phone said of a message, `AttemptState.DELIVERED` (it shows it) or `AttemptState.SEEN` (it was
    opened there), the further of them; it is no answer, and nobody need have looked. Unset where none came, so that an
    older summary keeps its digest.
    """

    staff: StaffId
    at_utc_ms: UtcMs
    ways: tuple[ChannelName, ...]
    reached: bool
    receipt: AttemptState | UnsetType = UNSET


class Calls(Struct, frozen=True, kw_only=True):
    """What was done about one alarm. ``accepted_by`` empty: nobody accepted. ``cannot``: who said so."""

    people: tuple[Called, ...]
    accepted_utc_ms: UtcMs | None = None
    accepted_by: str = ""
    cannot: tuple[StaffId, ...] = ()


def calls_of(courses: Iterable[Course]) -> dict[AlarmId, Calls]:
    """Return what was done about each alarm; an alarm with several courses is one."""
    told: dict[AlarmId, tuple[list[Attempt], list[Answered]]] = {}
    for course in courses:
        attempts, answers = told.setdefault(course.alarm_id, ([], []))
        attempts += course.attempts
        answers += course.answers
    return {alarm_id: _together(*pair) for alarm_id, pair in told.items()}


def _together(attempts: Iterable[Attempt], answers: Iterable[Answered]) -> Calls:
    people: dict[StaffId, Called] = {}
    for attempt in sorted(attempts, key=lambda one: one.at_utc_ms):
        known = people.get(attempt.staff)
        ways = () if known is None else known.ways
        people[attempt.staff] = Called(
            staff=attempt.staff,
            at_utc_ms=attempt.at_utc_ms if known is None else known.at_utc_ms,
            ways=tuple(dict.fromkeys((*ways, attempt.channel))),
            reached=attempt.state in _REACHED or (known is not None and known.reached),
            receipt=_further(attempt.state, UNSET if known is None else known.receipt),
        )
    in_order = sorted(answers, key=lambda one: one.at_utc_ms)
    first = next((one for one in in_order if one.response in _ACCEPTS), None)
    return Calls(
        people=tuple(people.values()),
        accepted_utc_ms=None if first is None else first.at_utc_ms,
        accepted_by="" if first is None else first.staff,
        cannot=tuple(dict.fromkeys(one.staff for one in in_order if one.response is Response.CANNOT)),
    )


def _further(state: AttemptState, known: AttemptState | UnsetType) -> AttemptState | UnsetType:
    """Return the further receipt of a person's messages: one that was opened was shown too."""
    return next((one for one in _RECEIPTS if one in {state, known}), UNSET)
