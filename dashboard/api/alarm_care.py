"""What becomes of one alarm beside taking it: what it was found to be, and calling nobody for it for a while."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dashboard.api.bodies import CommandSentBody
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.signing import signed_by
from vitals.alarms import AlarmId, RuleId, Signal
from vitals.commands import AlarmOff
from vitals.entries import AlarmJudged, Outcome
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.parts import Part
from vitals.sessions import SessionId

NEVER_OFF: Final = frozenset({RuleId.HR_CRIT, RuleId.SPO2_CRIT})
"""Who has a critical value is to be looked at each time; nobody can switch the calls for that off."""


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OutcomeBody(_Asked):
    """What an alarm was found to be, by who went and looked; a later word takes the place of an earlier one."""

    outcome: Outcome
    text: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = ""


class OutcomeTakenBody(BaseModel):
    """The entry that is on its way to the record."""

    entry: str
    state: str = "sending"


class AlarmOffBody(_Asked):
    """For how long nobody is called for this alarm's rule and person, and why; 0 ends it. Screens go on showing it."""

    seconds: Annotated[int, Field(strict=True, ge=0, le=3600)]
    why: Annotated[str, StringConstraints(min_length=3, max_length=400, strip_whitespace=True)]


def alarm_care_routes(context: Context) -> APIRouter:
    """Return the two routes."""
    routes = APIRouter(prefix="/api/v1", tags=["alarms"])
    room, desk, reader = context.room, context.desk, context.reader
    slot: Final = asyncio.Semaphore(1)

    async def require_alarm(session: SessionId, participant: ParticipantId, alarm_id: AlarmId) -> None:
        alarm = room.find_alarm(alarm_id)
        if alarm is not None and alarm.participant == participant:
            return
        try:
            async with slot:
                events = await asyncio.to_thread(reader.alarm_events, session)
        except StorageError:
            events = ()
        if not any(one.alarm.alarm_id == alarm_id and one.alarm.participant == participant for one in events):
            raise InputError("alarm", f"{alarm_id[:80]!r} was none of this person", InputReason.UNKNOWN_NAME)

    @routes.post(
        "/sessions/{session}/participants/{participant}/alarms/{alarm_id}/outcome",
        status_code=202,
        responses=refusals(404, 409, 422),
    )
    async def outcome(
        session: str, participant: str, alarm_id: str, body: OutcomeBody, request: Request
    ) -> OutcomeTakenBody:
        """Say what an alarm was found to be: real, artefact, expected; while it is on or afterwards."""
        desk.require_open(SessionId(session))
        await require_alarm(SessionId(session), ParticipantId(participant), AlarmId(alarm_id))
        judged = AlarmJudged(alarm_id=AlarmId(alarm_id), outcome=body.outcome, text=body.text)
        taken = context.entry_desk.add(SessionId(session), ParticipantId(participant), judged, by=signed_by(request))
        return OutcomeTakenBody(entry=taken.entry.id)

    @routes.post("/alarms/{alarm_id}/off", status_code=202, responses=refusals(404, 409, 422))
    async def off(alarm_id: str, body: AlarmOffBody, request: Request) -> CommandSentBody:
        """Call nobody for one rule of one person for a while; who and why are kept, and every screen says it."""
        alarm = room.find_alarm(AlarmId(alarm_id))
        if alarm is None or alarm.signal is Signal.OFF:
            raise InputError("alarm", f"{alarm_id[:80]!r} is not on", InputReason.UNKNOWN_NAME)
        if alarm.rule in NEVER_OFF and body.seconds > 0:
            raise InputError("alarm", f"{alarm.rule.value} is called for each time", InputReason.CONFLICT)
        wanted = AlarmOff(subject=alarm.subject, rule=alarm.rule, seconds=body.seconds)
        now = context.ticker.now()
        return CommandSentBody(command=desk.send(Part.ALERTS, wanted, by=signed_by(request), now=now, why=body.why).id)

    return routes
