"""How many alarms the site has, how fast they are answered, and how many were worth the walk. Blocks; for a child.

Measured over everything the record has of a time. Nothing here tells who somebody is.
"""

from collections.abc import Callable, Iterable
from statistics import median, quantiles
from typing import Final

from msgspec import Struct

from analysis.summary.alarms import AlarmFigure, list_alarms
from ingest.store.reader import RecordReader
from vitals.alarms import Priority, RuleId
from vitals.entries import Outcome
from vitals.units import UtcMs

SESSIONS_MAX: Final = 100_000
_QUANTILE_N: Final = 10


class AlarmLoad(Struct, frozen=True, kw_only=True):
    """Alarms of one priority or rule.

    ``ppv_pct``: of those judged real or artefact, how many were real; None: nobody judged any. ``expected``: real, and
    nobody needed to come.
    """

    name: str
    alarms: int
    per_participant_hour: float | None
    taken: int
    response_median_s: float | None
    response_p90_s: float | None
    judged: int
    real: int
    expected: int
    artefact: int
    ppv_pct: float | None


class SiteReport(Struct, frozen=True, kw_only=True):
    """The alarm load of a site from a time to before a time."""

    from_utc_ms: UtcMs
    to_utc_ms: UtcMs
    sessions: int
    participants: int
    participant_hours: float
    found_afterwards: int
    priorities: tuple[AlarmLoad, ...]
    rules: tuple[AlarmLoad, ...]


def make_site_report(
    reader: RecordReader, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs, tell: Callable[[float], None]
) -> SiteReport:
    """Return the report over the classes that began in a time, without those for practice.

    ``tell`` is told how far it is, 0 to 1.

    Raises:
        StorageError: the record cannot be read.
    """
    sessions = [
        one
        for one in reader.sessions(limit=SESSIONS_MAX)
        if from_utc_ms <= one.started_utc_ms < to_utc_ms and not one.is_practice
    ]
    alarms: list[AlarmFigure] = []
    people: set[str] = set()
    hours = 0.0
    for place, session in enumerate(sessions):
        here = {entry.participant for roster in reader.rosters(session.session) for entry in roster.entries}
        people |= here
        events = reader.alarm_events(session.session)
        ended = session.ended_utc_ms
        if ended is None:
            ended = events[-1].utc_ms if events else session.started_utc_ms
        hours += len(here) * (ended - session.started_utc_ms) / 3_600_000
        alarms += list_alarms(events, reader.entries(session.session), reader.courses(session.session))
        tell((place + 1) / len(sessions))
    live = [alarm for alarm in alarms if not alarm.found_afterwards]
    return SiteReport(
        from_utc_ms=from_utc_ms,
        to_utc_ms=to_utc_ms,
        sessions=len(sessions),
        participants=len(people),
        participant_hours=round(hours, 2),
        found_afterwards=len(alarms) - len(live),
        priorities=tuple(
            _load(priority.value, (alarm for alarm in live if alarm.priority is priority), hours)
            for priority in Priority
        ),
        rules=tuple(
            _load(rule.value, (alarm for alarm in live if alarm.rule is rule), hours)
            for rule in RuleId
            if any(alarm.rule is rule for alarm in live)
        ),
    )


def _load(name: str, alarms: Iterable[AlarmFigure], hours: float) -> AlarmLoad:
    mine = list(alarms)
    waits = [alarm.response_s for alarm in mine if alarm.response_s is not None]
    judged = [alarm.outcome for alarm in mine if alarm.outcome is not None]
    real, artefact = judged.count(Outcome.REAL), judged.count(Outcome.ARTEFACT)
    return AlarmLoad(
        name=name,
        alarms=len(mine),
        per_participant_hour=round(len(mine) / hours, 3) if hours else None,
        taken=len(waits),
        response_median_s=round(median(waits), 1) if waits else None,
        response_p90_s=round(quantiles(waits, n=_QUANTILE_N, method="inclusive")[-1], 1) if len(waits) > 1 else None,
        judged=len(judged),
        real=real,
        expected=judged.count(Outcome.EXPECTED),
        artefact=artefact,
        ppv_pct=round(100 * real / (real + artefact), 1) if real + artefact else None,
    )
