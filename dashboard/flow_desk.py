"""The flow of a class: gathers what the pure rules of `dashboard.flow` judge, and does what staff decide by it.

Nothing is remembered here that could not be read again: entries come from the record and from commands on their way,
phases from the versions of the roster.
"""

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from dashboard.classes import ClassBody
from dashboard.clinic import Clinic, ClinicSession
from dashboard.desk import Desk
from dashboard.entry_desk import EntryDesk
from dashboard.flow.picture import Known, OpenPoint, PersonFlow, draw_flow, find_open, find_open_step
from dashboard.flow.plan import EFFORT, FlowPlan
from dashboard.flow.pre_check import Evidence, LastWeight, check, missing_of, problems_of, say_items
from dashboard.flow.roll_call import Touch, tapped, watch_touches
from dashboard.flow.story import Story
from dashboard.flow_reader import FlowReader
from dashboard.ticker import Ticker
from dashboard.view.room import Room
from dashboard.view.tiles import view_tile
from dashboard.view.values import HR_SILENCE, SPO2_SILENCE
from dashboard.wear_desk import WearDesk
from vitals.alarms import Family, Signal
from vitals.entries import (
    BloodPressure,
    EntryBody,
    Joined,
    OxygenFlow,
    PreChecked,
    PreCheckItem,
    Released,
    Symptom,
    SymptomKind,
    SymptomsAsked,
    Weight,
)
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.readings import Quality
from vitals.sensors import SensorId, SensorKind
from vitals.sessions import Phase, RosterEntry, SessionId

logger: Final = logging.getLogger(__name__)

WHY_MIN: Final = 3
"""Letters of a reason; less is none."""

LOOK_S: Final = 3.0
"""The tiles' words of the flow are not older than this where something began by the clock; a deed they show at once."""


class CheckAnswers(Struct, frozen=True, kw_only=True):
    """What staff enter in the pre-check; None: not asked or not measured now. ``symptoms`` empty: asked, none."""

    blood_pressure: BloodPressure | None = None
    weight: Weight | None = None
    oxygen: OxygenFlow | None = None
    symptoms: tuple[SymptomKind, ...] | None = None
    is_medication_taken: bool | None = None
    hr_bpm: float | None = None
    spo2_pct: float | None = None


class FlowPicture(Struct, frozen=True, kw_only=True):
    """The flow of a class; ``is_record_read`` False: only what is still on its way to the record is known."""

    session: ClinicSession
    people: tuple[PersonFlow, ...]
    open_points: tuple[OpenPoint, ...]
    tapped: tuple[SensorId, ...]
    is_record_read: bool


class FlowDesk:
    """Roll-call, pre-check, phases, leaving and the end of a class."""

    def __init__(
        self,
        *,
        desk: Desk,
        wear_desk: WearDesk,
        entry_desk: EntryDesk,
        clinic: Clinic,
        reader: FlowReader,
        room: Room,
        ticker: Ticker,
        plan: FlowPlan,
    ) -> None:
        """Keep the tools."""
        self._desk: Final = desk
        self._wear_desk: Final = wear_desk
        self._entry_desk: Final = entry_desk
        self._clinic: Final = clinic
        self._reader: Final = reader
        self._room: Final = room
        self._ticker: Final = ticker
        self.plan: Final = plan
        self._touches: dict[SensorId, Touch] = {}

    async def look(self, session_id: SessionId) -> FlowPicture:
        """Return the flow of a class that runs or has ended.

        Raises:
            InputError: no such class.
        """
        session = self._desk.classes.require_known(session_id)
        told = await self._reader.tell(
            session, self._entry_desk.waiting(session_id, None), now_utc_ms=self._ticker.now().utc_ms
        )
        # It may have changed while the record was read.
        session, now = self._desk.classes.require_known(session_id), self._ticker.now()
        stories = told.stories
        known = Known(
            roster=session.roster,
            aliases=session.aliases,
            stories=stories,
            spans=told.spans,
            evidence={
                entry.participant: self._evidence(
                    session, entry, stories.get(entry.participant, Story()), told.weights.get(entry.participant)
                )
                for entry in session.roster.entries
            },
            hearts=told.hearts,
            alarmed=self._find_alarmed(session_id),
        )
        people = draw_flow(known, self.plan, now_utc_ms=now.utc_ms)
        self._tell_room(session_id, people)
        self._touches = watch_touches(self._touches, self._find_worn_now(), now_ms=now.ms)
        return FlowPicture(
            session=session,
            people=people,
            open_points=find_open(people),
            tapped=tapped(self._touches, now_ms=now.ms),
            is_record_read=told.is_record_read,
        )

    async def run(self) -> None:
        """Look at the class of the room now and then, so that the tiles say what is open although nobody asks."""
        while True:
            session = self._room.session
            if session is not None:
                try:
                    await self.look(session.roster.session)
                except (InputError, StorageError) as error:
                    logger.debug(f"flow not looked at {error}")
            await asyncio.sleep(LOOK_S)

    async def come(self, session_id: SessionId, participant: ParticipantId, *, by: str) -> PersonFlow:
        """Note that somebody of the class has come; who is here already changes nothing, who had left is back.

        Raises:
            InputError: no such class or person, or it has ended.
        """
        self._desk.require_open(session_id)
        person = await self._person(session_id, participant)
        if person.is_here:
            return person
        self._wear_desk.join(session_id, participant)
        self._entry_desk.add(session_id, participant, Joined(), by=by)
        return await self._person(session_id, participant)

    async def pre_check(
        self, session_id: SessionId, participant: ParticipantId, answers: CheckAnswers, *, by: str, why: str
    ) -> PersonFlow:
        """Close the check before exercise of one person; what is missing or does not pass needs a reason.

        Returns where the person stands then. What was measured is kept also when the check is refused.

        Raises:
            InputError: no such class or person, it has ended, or something is open and nobody says why.
        """
        await self.come(session_id, participant, by=by)
        for body in _bodies_of(answers):
            self._entry_desk.add(session_id, participant, body, by=by)
        evidence = _with_answers((await self._person(session_id, participant)).evidence, answers)
        findings = check(evidence, self.plan.pre_check)
        problems, missing = problems_of(findings), missing_of(findings)
        if (problems or missing) and len(why) < WHY_MIN:
            parts = [f"{word}: {', '.join(say_items(items))}" for word, items in _named(problems, missing)]
            raise InputError("why", f"is needed, {'; '.join(parts)}", InputReason.CONFLICT)
        body = PreChecked(
            problems=problems,
            missing=missing,
            hr_bpm=evidence.hr_bpm,
            spo2_pct=evidence.spo2_pct,
            why=why if problems or missing else "",
        )
        self._entry_desk.add(session_id, participant, body, by=by)
        logger.info(f"pre-check done session={session_id} problems={len(problems)} missing={len(missing)}")
        return await self._person(session_id, participant)

    async def begin_phase(
        self, session_id: SessionId, phase: Phase, *, participant: ParticipantId | None, by: str, why: str
    ) -> ClinicSession:
        """Begin a phase of all or of one; exercise of somebody who is not cleared needs a reason, kept as theirs.

        Raises:
            InputError: no such class or person, it has ended, or somebody is not cleared and nobody says why.
        """
        flow = await self.clear(session_id, phase, participant=participant, by=by, why=why)
        if participant is not None:
            return self._desk.set_person_phase(session_id, participant, phase)
        for person in flow.people:
            if person.entry.phase is not None:
                self._desk.set_person_phase(session_id, person.entry.participant, None)
        return self._desk.set_phase(session_id, phase)

    async def clear(
        self, session_id: SessionId, phase: Phase, *, participant: ParticipantId | None, by: str, why: str
    ) -> FlowPicture:
        """Let a phase pass the check before exercise: of who is here and not cleared somebody says why, kept as theirs.

        Args:
            session_id: of a class that runs.
            phase: that is to begin.
            participant: for whom; None: for all.
            by: who begins it.
            why: the reason.

        Raises:
            InputError: no such class, it has ended, or somebody is not cleared and nobody says why.
        """
        flow = await self.look(session_id)
        self._desk.require_open(session_id)
        waits = [
            person
            for person in flow.people
            if person.is_here
            and not person.clearance.is_cleared
            and (person.entry.participant == participant if participant is not None else True)
        ]
        if phase in EFFORT and waits:
            if len(why) < WHY_MIN:
                seats = ", ".join(str(person.entry.seat) for person in waits)
                raise InputError("why", f"is needed, not cleared: seat {seats}", InputReason.CONFLICT)
            for person in waits:
                body = PreChecked(problems=problems_of(person.findings), missing=missing_of(person.findings), why=why)
                self._entry_desk.add(session_id, person.entry.participant, body, by=by)
        return flow

    async def leave(self, session_id: SessionId, participant: ParticipantId, *, by: str, why: str) -> ClinicSession:
        """Let somebody go, after the recovery watch; before it, or while an alarm is on, with a reason.

        The sensors are free then.

        Raises:
            InputError: no such class or person, it has ended, gone already, or something is open and nobody says why.
        """
        self._desk.require_open(session_id)
        person = await self._person(session_id, participant)
        missing = person.unseen
        if missing and len(why) < WHY_MIN:
            problem = f"is needed, not seen to: {', '.join(missing).replace('_', ' ')}"
            raise InputError("why", problem, InputReason.CONFLICT)
        session = self._wear_desk.leave(session_id, participant)
        self._entry_desk.add(session_id, participant, Released(missing=missing, why=why if missing else ""), by=by)
        return session

    async def end(self, session_id: SessionId, *, by: str, why: str) -> ClinicSession:
        """End a class; with open points only with a reason, which is kept with each person who was not released.

        Raises:
            InputError: no such class, it has ended, or something is open and nobody says why.
        """
        await self._close(session_id, by=by, why=why)
        return await self._desk.end_session(session_id, by=by)

    async def end_for_next(
        self, session_id: SessionId, following: ClassBody, *, by: str, why: str
    ) -> tuple[ClinicSession, ClinicSession]:
        """End a class and begin the next in one go; sensors that are in both stay connected.

        Raises:
            InputError: as `end`, or the next class cannot begin; then the first one goes on.
        """
        await self._close(session_id, by=by, why=why)
        return await self._desk.begin_next(session_id, following, by=by)

    async def _close(self, session_id: SessionId, *, by: str, why: str) -> None:
        self._desk.require_open(session_id)
        flow = await self.look(session_id)
        if flow.open_points and len(why) < WHY_MIN:
            seats = ", ".join(str(seat) for seat in sorted({point.seat for point in flow.open_points}))
            raise InputError("why", f"is needed, still open: seat {seats}", InputReason.CONFLICT)
        for person in flow.people:
            if person.is_here:
                body = Released(missing=person.unseen, why=why)
                self._entry_desk.add(session_id, person.entry.participant, body, by=by)

    def _tell_room(self, session_id: SessionId, people: tuple[PersonFlow, ...]) -> None:
        shown = self._room.session
        if shown is None or shown.roster.session != session_id:
            return
        steps = ((person.entry.participant, find_open_step(person)) for person in people)
        if self._room.hear_flow({who: step for who, step in steps if step is not None}):
            self._ticker.hurry()

    async def _person(self, session_id: SessionId, participant: ParticipantId) -> PersonFlow:
        for person in (await self.look(session_id)).people:
            if person.entry.participant == participant:
                return person
        problem = f"{participant[:80]!r} is not in {session_id}"
        raise InputError("participant", problem, InputReason.UNKNOWN_NAME)

    def _evidence(
        self, session: ClinicSession, entry: RosterEntry, story: Story, last_weight: LastWeight | None
    ) -> Evidence:
        hr_bpm, spo2_pct = self._values_now(entry)
        prescription = self._clinic.prescription(session.roster.session, entry.participant)
        return Evidence(
            entry=entry,
            story=story,
            since_utc_ms=story.since_utc_ms(session.roster.started_utc_ms),
            hr_bpm=hr_bpm,
            spo2_pct=spo2_pct,
            wears_oximeter=any(one.kind is SensorKind.OXIMETER and one.to_utc_ms is None for one in entry.sensors),
            oxygen_prescribed_l_min=None if prescription is None else prescription.oxygen_l_min,
            last_weight=last_weight,
        )

    def _values_now(self, entry: RosterEntry) -> tuple[float | None, float | None]:
        """Return heart rate and saturation as far as they are good and of now."""
        now = self._ticker.now()
        if entry.participant not in self._room.seats:
            return None, None
        tile = view_tile(self._room, entry, now_ms=now.ms)
        hr_bpm, spo2_pct = (
            value.value
            if value is not None
            and value.quality is Quality.GOOD
            and value.at_ms is not None
            and now.ms - value.at_ms <= silence.stale_ms
            else None
            for value, silence in ((tile.hr, HR_SILENCE), (tile.spo2, SPO2_SILENCE))
        )
        return hr_bpm, spo2_pct

    def _find_alarmed(self, session_id: SessionId) -> frozenset[ParticipantId]:
        """Return of whom an alarm about a value is on, or over and not seen; taken or not."""
        return frozenset(
            state.participant
            for state in (heard.state for heard in self._room.alarms.values())
            if state.session == session_id
            and state.participant is not None
            and state.family is Family.PHYSIOLOGICAL
            and state.signal is not Signal.OFF
        )

    def _find_worn_now(self) -> dict[SensorId, bool]:
        """Return whether each sensor in range seems to be on a body: by its own word, or by giving a value."""
        now_ms = self._ticker.now().ms
        is_on = {
            one.sensor: bool(one.contact)
            for said in self._room.nearby.values()
            for one in said.nearby.sensors
            if one.contact is not None
        }
        for sensor, heard in self._room.heard.items():
            is_on[sensor] = heard.value is not None and now_ms - heard.at_ms <= HR_SILENCE.stale_ms
        return is_on


def _with_answers(evidence: Evidence, answers: CheckAnswers) -> Evidence:
    """Return what is known with what was just said; a value that was typed counts before the sensor's."""
    return replace(
        evidence,
        hr_bpm=evidence.hr_bpm if answers.hr_bpm is None else answers.hr_bpm,
        spo2_pct=evidence.spo2_pct if answers.spo2_pct is None else answers.spo2_pct,
        is_medication_taken=answers.is_medication_taken,
    )


def _bodies_of(answers: CheckAnswers) -> Iterator[EntryBody]:
    """Yield what of the answers is an entry of its own."""
    for body in (answers.blood_pressure, answers.weight, answers.oxygen):
        if body is not None:
            yield body
    if answers.symptoms is not None:
        yield from (Symptom(symptom=symptom) for symptom in answers.symptoms)
        if not answers.symptoms:
            yield SymptomsAsked()


def _named(
    problems: tuple[PreCheckItem, ...], missing: tuple[PreCheckItem, ...]
) -> Iterator[tuple[str, tuple[PreCheckItem, ...]]]:
    if problems:
        yield "does not pass", problems
    if missing:
        yield "not checked", missing
