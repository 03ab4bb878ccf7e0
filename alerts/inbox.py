"""What comes in over MQTT, as events for the policy: parsed once, put on our clock; and commands, each handled once."""

import hashlib
import logging
from typing import Final

from alerts.desk import WAYS_MAX, Desk
from alerts.dispatch import Dispatch
from alerts.ledger import WayRow
from alerts.policy.events import (
    Acknowledged,
    AlarmGone,
    AlarmHeard,
    DutyHeard,
    PartHeard,
    Responded,
    SessionHeard,
    SwitchedOff,
    TestAsked,
    WayOpened,
)
from vitals.alarms import AlarmId, AlarmState, RuleId
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import (
    Acknowledge,
    AlarmOff,
    Command,
    CommandAnswer,
    EraseParticipant,
    Receipt,
    Respond,
    SendTest,
    Subscribe,
    Unsubscribe,
    verb_of,
)
from vitals.delivery import TEST_PREFIX
from vitals.duty import Duty
from vitals.errors import InputError, InputReason
from vitals.heartbeat import Heartbeat
from vitals.participants import ParticipantId
from vitals.parts import Part, PartState, PartStatus
from vitals.proof import ProofRound, Stage
from vitals.readings import RunId
from vitals.sessions import Roster
from vitals.streamclock import StreamClock, hear
from vitals.topics import (
    AlarmStateTopic,
    CommandTopic,
    DutyTopic,
    ProofTopic,
    RosterTopic,
    StatusTopic,
    parse_topic,
    topic_filter,
)
from vitals.units import MonotonicMs
from vitals.wire import decode

logger: Final = logging.getLogger(__name__)

ONSET_AGE_MS_MAX: Final = 86_400_000
"""An onset longer ago than that is on a clock that is not ours."""

_ID_CHARS_MAX: Final = 64


class Inbox:
    """Hands each message to the desk as an event."""

    def __init__(self, *, site: str, desk: Desk, dispatch: Dispatch, heartbeat: Heartbeat, clock: Clock) -> None:
        """Keep where events go."""
        self._site = site
        self._desk = desk
        self._dispatch = dispatch
        self._heartbeat = heartbeat
        self._clock = clock
        self._analysis: tuple[RunId, StreamClock] | None = None
        self._seats: dict[str, dict[ParticipantId, int]] = {}

    def subscribe(self, bus: Bus) -> None:
        """Subscribe to everything that alerts hears: who is meant before what they are called about."""
        site = self._site
        bus.subscribe(topic_filter(RosterTopic, site=site), self._hear_roster)
        bus.subscribe(str(DutyTopic(site=site)), self._hear_duty)
        for part in (Part.ANALYSIS, Part.DASHBOARD):
            bus.subscribe(topic_filter(StatusTopic, site=site, part=part), self._hear_status)
        bus.subscribe(topic_filter(AlarmStateTopic, site=site), self._hear_alarm)
        bus.subscribe(topic_filter(CommandTopic, site=site, owner=Part.ALERTS), self._hear_command)
        acknowledge = CommandTopic(site=site, owner=Part.ANALYSIS, verb="acknowledge")
        bus.subscribe(str(acknowledge), self._hear_acknowledgement)
        bus.subscribe(topic_filter(ProofTopic, site=site, stage=Stage.ANALYSIS), self._hear_proof, qos=0)

    def _hear_alarm(self, incoming: Incoming) -> None:
        topic = parse_topic(incoming.topic)
        if not isinstance(topic, AlarmStateTopic):
            return
        now_ms, now_utc_ms = incoming.received_ms, self._clock.utc_ms()
        if not incoming.payload:
            try:
                rule = RuleId(topic.rule)
            except ValueError as error:
                raise InputError(incoming.topic, f"{topic.rule!r} is no rule", InputReason.UNKNOWN_NAME) from error
            self._desk.step(AlarmGone(subject=topic.subject, rule=rule, now_ms=now_ms, now_utc_ms=now_utc_ms))
            return
        alarm: AlarmState = decode(incoming.payload, AlarmState, place=incoming.topic)
        if (alarm.subject, alarm.rule.value) != (topic.subject, topic.rule):
            raise InputError(incoming.topic, f"holds {alarm.subject}/{alarm.rule}", InputReason.CONFLICT)
        self._desk.step(
            AlarmHeard(
                alarm=alarm,
                seat=self._seat(alarm),
                onset_ms=self._onset_ms(alarm, now_ms=now_ms),
                now_ms=now_ms,
                now_utc_ms=now_utc_ms,
            )
        )

    def _onset_ms(self, alarm: AlarmState, *, now_ms: MonotonicMs) -> MonotonicMs:
        onset_ms = alarm.onset_mono_ms
        if self._analysis is not None:
            onset_ms = self._analysis[1].to_consumer(onset_ms)
        return onset_ms if 0 <= now_ms - onset_ms <= ONSET_AGE_MS_MAX else now_ms

    def _seat(self, alarm: AlarmState) -> int | None:
        if alarm.participant is None:
            return None
        seats = self._seats.get(alarm.session or "", {})
        return seats.get(alarm.participant)

    def _hear_duty(self, incoming: Incoming) -> None:
        duty = decode(incoming.payload, Duty, place=incoming.topic) if incoming.payload else Duty(version=0)
        if duty == self._desk.state.duty:
            return
        self._desk.step(DutyHeard(duty=duty, now_ms=incoming.received_ms, now_utc_ms=self._clock.utc_ms()))

    def _hear_roster(self, incoming: Incoming) -> None:
        topic = parse_topic(incoming.topic)
        if not isinstance(topic, RosterTopic):
            return
        is_open = False
        if incoming.payload:
            roster: Roster = decode(incoming.payload, Roster, place=incoming.topic)
            is_open = roster.ended_utc_ms is None
            self._seats[topic.session] = {entry.participant: entry.seat for entry in roster.entries}
        if not is_open:
            self._seats.pop(topic.session, None)
        if is_open != (topic.session in self._desk.state.sessions):
            now_ms, now_utc_ms = incoming.received_ms, self._clock.utc_ms()
            self._desk.step(SessionHeard(session=topic.session, is_open=is_open, now_ms=now_ms, now_utc_ms=now_utc_ms))

    def _hear_status(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        topic = StatusTopic(site=self._site, part=status.part, instance=status.instance)
        if str(topic) != incoming.topic:
            raise InputError(incoming.topic, f"holds {status.part}/{status.instance}", InputReason.CONFLICT)
        if status.part is Part.ANALYSIS and status.state is PartState.UP and not incoming.retained:
            known = self._analysis[1] if self._analysis is not None and self._analysis[0] == status.run else None
            clock = hear(known, sent_mono_ms=status.mono_ms, received_mono_ms=incoming.received_ms)
            self._analysis = (status.run, clock)
        self._desk.step(
            PartHeard(
                status=status,
                retained=incoming.retained,
                now_ms=incoming.received_ms,
                now_utc_ms=self._clock.utc_ms(),
            )
        )

    def _hear_proof(self, incoming: Incoming) -> None:
        if not incoming.retained:
            self._desk.prove(decode(incoming.payload, ProofRound, place=incoming.topic))

    def _hear_acknowledgement(self, incoming: Incoming) -> None:
        command: Command = decode(incoming.payload, Command, place=incoming.topic)
        if isinstance(command.body, Acknowledge):
            self._desk.step(
                Acknowledged(
                    command=command.id,
                    alarm_id=command.body.alarm_id,
                    by=command.by,
                    now_ms=incoming.received_ms,
                    now_utc_ms=self._clock.utc_ms(),
                )
            )

    def _hear_command(self, incoming: Incoming) -> None:
        command: Command = decode(incoming.payload, Command, place=incoming.topic)
        if command.owner != Part.ALERTS:
            raise InputError(incoming.topic, f"holds a command to {command.owner!r}", InputReason.CONFLICT)
        handled = self._desk.handled(command.id)
        if handled is not None:
            if self._heartbeat.answer_to(command.id) is None:
                self._heartbeat.answer(handled)
            return
        self._do(command, now_ms=incoming.received_ms)

    def _do(self, command: Command, *, now_ms: MonotonicMs) -> None:
        now_utc_ms = self._clock.utc_ms()
        match command.body:
            case Respond(alarm_id=alarm_id, staff=staff, response=response):
                self._desk.step(
                    Responded(
                        command=command.id,
                        alarm_id=alarm_id,
                        staff=staff,
                        response=response,
                        now_ms=now_ms,
                        now_utc_ms=now_utc_ms,
                    )
                )
            case Receipt(alarm_id=alarm_id, nonce=nonce, is_seen=is_seen):
                # News and no order: nobody waits for an answer, and of an alarm that is over it is let go.
                for message_id in self._desk.messages(alarm_id):
                    if self._dispatch.nonce(message_id) == nonce:
                        self._desk.hear_receipt(message_id, is_seen=is_seen)
            case AlarmOff(subject=subject, rule=rule, seconds=seconds):
                self._desk.step(
                    SwitchedOff(
                        command=command.id,
                        subject=subject,
                        rule=rule,
                        for_ms=seconds * 1000,
                        by=command.by,
                        why=command.why,
                        now_ms=now_ms,
                        now_utc_ms=now_utc_ms,
                    )
                )
            case SendTest(staff=staff):
                self._desk.step(
                    TestAsked(
                        command=command.id,
                        alarm_id=test_id(command.id),
                        staff=staff,
                        now_ms=now_ms,
                        now_utc_ms=now_utc_ms,
                    )
                )
            case Subscribe() as body:
                self._desk.answer(self._subscribe(command, body, now_ms=now_ms))
            case Unsubscribe(subscription=subscription):
                self._desk.close_way(subscription)
                self._desk.answer(CommandAnswer(id=command.id))
            case EraseParticipant(participant=participant):
                self._desk.erase(participant)
                self._desk.answer(CommandAnswer(id=command.id))
            case _:
                self._desk.answer(_declined(command, f"alerts does not do {verb_of(command)}"))

    def _subscribe(self, command: Command, body: Subscribe, *, now_ms: MonotonicMs) -> CommandAnswer:
        known = self._desk.ways.get(body.subscription)
        if known is None and len(self._desk.ways) >= WAYS_MAX:
            return _declined(command, f"{WAYS_MAX} ways are kept already")
        channel = self._dispatch.open(body.channel)
        if channel is None:
            return _declined(command, f"channel {body.channel} cannot be used here")
        try:
            channel.check(body.address)
        except InputError as error:
            return _declined(command, str(error))
        self._desk.open_way(
            WayRow(
                subscription=body.subscription,
                staff=body.staff,
                channel=body.channel,
                address=body.address,
                label=body.label,
                since_utc_ms=self._clock.utc_ms() if known is None else known.since_utc_ms,
            )
        )
        self._desk.step(
            WayOpened(
                subscription=body.subscription,
                staff=body.staff,
                channel=body.channel,
                now_ms=now_ms,
                now_utc_ms=self._clock.utc_ms(),
            )
        )
        logger.info(f"way opened way={body.subscription} channel={body.channel} staff={body.staff}")
        return CommandAnswer(id=command.id)


def test_id(command: str) -> AlarmId:
    """Return the id of the test that a command asks for; who gave the command can tell it."""
    if len(TEST_PREFIX) + len(command) <= _ID_CHARS_MAX and command.replace("-", "").replace("_", "").isalnum():
        return AlarmId(f"{TEST_PREFIX}{command}")
    return AlarmId(f"{TEST_PREFIX}{hashlib.sha256(command.encode()).hexdigest()[:32]}")


test_id.__test__ = False  # type: ignore[attr-defined]


def _declined(command: Command, reason: str) -> CommandAnswer:
    return CommandAnswer(id=command.id, accepted=False, reason=reason)
