"""The flow of a class at one moment: who is here, cleared, due, recovering, and what is still open. Pure.

Everything in it comes from the roster, the entries and the record: a server that was started anew shows the same.
"""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from dashboard.flow.due import DueItem, DueState, find_due
from dashboard.flow.plan import EFFORT, FlowPlan
from dashboard.flow.pre_check import Clearance, ClearanceState, Evidence, Finding, check, judge_clearance
from dashboard.flow.recovery import HeartFall, RecoveryWatch, watch_recovery
from dashboard.flow.story import Span, Spans, Story
from vitals.participants import ParticipantId
from vitals.sensors import SensorKind
from vitals.sessions import AssignedSensor, Phase, Roster, RosterEntry
from vitals.units import UtcMs

OpenStep = Literal["not_cleared", "stopped", "recovering", "to_release"]
"""What is open of somebody who is here: as the tile says it, in a quiet word."""


ALARM_OPEN: Final = "alarm"


class PersonFlow(Struct, frozen=True, kw_only=True):
    """Where one person stands. ``findings``: of the pre-check, by the evidence of now.

    ``has_alarm``: an alarm about a value of this person is on, or over and nobody has seen it.
    """

    entry: RosterEntry
    alias: str
    phase: Phase
    span: Span | None
    story: Story
    clearance: Clearance
    evidence: Evidence
    findings: tuple[Finding, ...]
    due: tuple[DueItem, ...]
    recovery: RecoveryWatch
    has_alarm: bool = False

    @property
    def unseen(self) -> tuple[str, ...]:
        """What speaks against letting this person go: what the watch misses, and an alarm, on any plan."""
        return (*(item.value for item in self.recovery.missing), *((ALARM_OPEN,) if self.has_alarm else ()))

    @property
    def is_here(self) -> bool:
        """Whether this person has come and not left."""
        return self.story.joined is not None and self.entry.left_utc_ms is None

    @property
    def worn(self) -> tuple[AssignedSensor, ...]:
        """What the person wears now."""
        return tuple(one for one in self.entry.sensors if one.to_utc_ms is None)


class OpenPoint(Struct, frozen=True, kw_only=True):
    """Something that is still open; ``what``: a word, ``of``: what of it."""

    participant: ParticipantId
    seat: int
    what: str
    of: tuple[str, ...] = ()


class Known(Struct, frozen=True, kw_only=True):
    """What the flow is drawn from."""

    roster: Roster
    aliases: Mapping[ParticipantId, str]
    stories: Mapping[ParticipantId, Story]
    spans: Spans
    evidence: Mapping[ParticipantId, Evidence]
    hearts: Mapping[ParticipantId, HeartFall]
    alarmed: frozenset[ParticipantId] = frozenset()


def draw_flow(known: Known, plan: FlowPlan, *, now_utc_ms: UtcMs) -> tuple[PersonFlow, ...]:
    """Return where everybody of a class stands, by seats; who has left stays in it."""
    return tuple(_draw(known, plan, entry, now_utc_ms=now_utc_ms) for entry in known.roster.entries)


def find_open(people: tuple[PersonFlow, ...]) -> tuple[OpenPoint, ...]:
    """Return what is open when a class is to end: people who were not released, and what of them is overdue."""
    found: list[OpenPoint] = []
    for person in people:
        if not person.is_here:
            continue
        who, seat = person.entry.participant, person.entry.seat
        found.append(OpenPoint(participant=who, seat=seat, what="not_released", of=person.unseen))
        overdue = tuple(item.kind.value for item in person.due if item.state is DueState.OVERDUE)
        if overdue:
            found.append(OpenPoint(participant=who, seat=seat, what="overdue", of=overdue))
    return tuple(found)


def find_open_step(person: PersonFlow) -> OpenStep | None:
    """Return what is open of one person; None: nothing, or not here. Who exercises and is cleared has nothing open."""
    if not person.is_here:
        return None
    state, recovery = person.clearance.state, person.recovery
    if state is ClearanceState.STOPPED and (person.phase in EFFORT or not recovery.is_needed):
        return "stopped"
    if recovery.is_needed and recovery.since_utc_ms is not None:
        return "recovering" if recovery.missing else "to_release"
    return None if person.clearance.is_cleared else "not_cleared"


def _draw(known: Known, plan: FlowPlan, entry: RosterEntry, *, now_utc_ms: UtcMs) -> PersonFlow:
    who = entry.participant
    story, spans = known.stories.get(who, Story()), known.spans.get(who, ())
    span = spans[-1] if spans else None
    evidence = known.evidence.get(who) or Evidence(entry=entry, story=story, since_utc_ms=known.roster.started_utc_ms)
    clearance = judge_clearance(story)
    is_here = story.joined is not None and entry.left_utc_ms is None
    has_oximeter = evidence.oxygen_prescribed_l_min is not None or any(
        one.kind is SensorKind.OXIMETER and one.to_utc_ms is None for one in entry.sensors
    )
    due = find_due(plan.due, story, span, has_oximeter=has_oximeter, grace_s=plan.grace_s, now_utc_ms=now_utc_ms)
    return PersonFlow(
        entry=entry,
        alias=known.aliases.get(who, str(entry.seat)),
        phase=entry.phase or known.roster.phase,
        span=span,
        story=story,
        clearance=clearance,
        evidence=evidence,
        findings=check(evidence, plan.pre_check),
        # Of somebody who was stopped nothing is due but what the recovery watch asks.
        due=due if is_here and clearance.state is not ClearanceState.STOPPED else (),
        recovery=watch_recovery(plan.recovery, story, spans, known.hearts.get(who, HeartFall())),
        has_alarm=who in known.alarmed,
    )
