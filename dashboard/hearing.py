"""What the dashboard hears on the bus: decoded once, then told to the room."""

from collections.abc import Callable
from typing import Final

import msgspec

from dashboard.view.parts import Moment
from dashboard.view.room import Room
from vitals.alarms import AlarmId, AlarmState, AudioState
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.delivery import DeliveryState, Reach
from vitals.duty import Duty
from vitals.errors import InputError, InputReason
from vitals.escalation import PolicyTimeline
from vitals.journal import Derived
from vitals.parts import PartStatus
from vitals.proof import ProofRound, Stage
from vitals.readings import ReadingMessage, kind_of
from vitals.sensors import Nearby
from vitals.topics import (
    AlarmStateTopic,
    AudioTopic,
    DeliveryTopic,
    DerivedTopic,
    DutyTopic,
    NearbyTopic,
    PolicyTopic,
    ProofTopic,
    ReachTopic,
    ReadingTopic,
    StatusTopic,
    Topic,
    parse_topic,
    topic_filter,
)
from vitals.wire import decode


class Hearing:
    """The handlers of the bus's messages."""

    def __init__(
        self,
        *,
        room: Room,
        clock: Clock,
        site: str,
        on_alarm: Callable[[], None],
        on_status: Callable[[PartStatus], None],
    ) -> None:
        """Keep whom to tell.

        Args:
            room: takes everything.
            clock: for the wall time beside `Incoming.received_ms`.
            site: whose topics these are.
            on_alarm: an alarm or the sound has changed: to be shown at once.
            on_status: a part has spoken: it may have answered a command.
        """
        self._room: Final = room
        self._clock: Final = clock
        self._site: Final = site
        self._on_alarm: Final = on_alarm
        self._on_status: Final = on_status
        self._is_ending = False

    def subscribe(self, bus: Bus) -> None:
        """Subscribe to all that a screen needs."""
        site = self._site
        bus.subscribe(topic_filter(ReadingTopic, site=site), self._hear_reading)
        bus.subscribe(topic_filter(StatusTopic, site=site), self._hear_status)
        bus.subscribe(topic_filter(AlarmStateTopic, site=site), self._hear_alarm)
        bus.subscribe(topic_filter(AudioTopic, site=site), self._hear_audio)
        bus.subscribe(topic_filter(DutyTopic, site=site), self._hear_duty)
        bus.subscribe(topic_filter(DeliveryTopic, site=site), self._hear_call)
        bus.subscribe(topic_filter(ReachTopic, site=site), self._hear_reach)
        bus.subscribe(topic_filter(PolicyTopic, site=site), self._hear_policy)
        bus.subscribe(topic_filter(DerivedTopic, site=site), self._hear_derived, qos=0)
        bus.subscribe(topic_filter(NearbyTopic, site=site), self._hear_nearby, qos=0)
        bus.subscribe(topic_filter(ProofTopic, site=site), self._hear_proof, qos=0)
        bus.on_connected(lambda: self._hear_broker(is_up=True))
        bus.on_disconnected(lambda: self._hear_broker(is_up=False))

    def end(self) -> None:
        """Hand no answers on any more: the file of commands is closed before the bus is."""
        self._is_ending = True

    def _hear_reading(self, incoming: Incoming) -> None:
        if incoming.retained:
            return  # never ours: a reading that was kept says nothing about now
        message: ReadingMessage = decode(incoming.payload, ReadingMessage, place=incoming.topic)
        topic = parse_topic(incoming.topic)
        if isinstance(topic, ReadingTopic):
            reading = message.body
            _require(incoming, msgspec.structs.replace(topic, sensor=reading.sensor, kind=kind_of(reading).value))
        self._room.hear_reading(message, received_ms=incoming.received_ms)

    def _hear_status(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        _require(incoming, StatusTopic(site=self._site, part=status.part, instance=status.instance))
        self._room.hear_status(status, retained=incoming.retained, now=self._moment(incoming))
        if not self._is_ending:
            self._on_status(status)

    def _hear_alarm(self, incoming: Incoming) -> None:
        topic = parse_topic(incoming.topic)
        if not isinstance(topic, AlarmStateTopic):
            return
        state: AlarmState | None = None
        if incoming.payload:
            state = decode(incoming.payload, AlarmState, place=incoming.topic)
        if self._room.hear_alarm(topic.subject, topic.rule, state, now=self._moment(incoming)):
            self._on_alarm()

    def _hear_audio(self, incoming: Incoming) -> None:
        self._room.audio = (
            decode(incoming.payload, AudioState, place=incoming.topic) if incoming.payload else AudioState()
        )
        self._on_alarm()

    def _hear_duty(self, incoming: Incoming) -> None:
        self._room.duty = decode(incoming.payload, Duty, place=incoming.topic) if incoming.payload else None
        self._on_alarm()

    def _hear_reach(self, incoming: Incoming) -> None:
        self._room.reach = decode(incoming.payload, Reach, place=incoming.topic) if incoming.payload else None

    def _hear_policy(self, incoming: Incoming) -> None:
        self._room.policy = decode(incoming.payload, PolicyTimeline, place=incoming.topic) if incoming.payload else None

    def _hear_call(self, incoming: Incoming) -> None:
        topic = parse_topic(incoming.topic)
        if not isinstance(topic, DeliveryTopic):
            return
        state: DeliveryState | None = None
        if incoming.payload:
            state = decode(incoming.payload, DeliveryState, place=incoming.topic)
            _require(incoming, DeliveryTopic(site=self._site, alarm_id=state.alarm_id))
        if self._room.hear_call(AlarmId(topic.alarm_id), state):
            self._on_alarm()

    def _hear_derived(self, incoming: Incoming) -> None:
        derived: Derived = decode(incoming.payload, Derived, place=incoming.topic)
        _require(incoming, DerivedTopic(site=self._site, participant=derived.participant))
        if not incoming.retained:
            self._room.hear_derived(derived, received_ms=incoming.received_ms)

    def _hear_nearby(self, incoming: Incoming) -> None:
        nearby: Nearby = decode(incoming.payload, Nearby, place=incoming.topic)
        _require(incoming, NearbyTopic(site=self._site, gateway=nearby.gateway))
        if not incoming.retained:
            self._room.hear_nearby(nearby, received_ms=incoming.received_ms)

    def _hear_proof(self, incoming: Incoming) -> None:
        proof: ProofRound = decode(incoming.payload, ProofRound, place=incoming.topic)
        topic = parse_topic(incoming.topic)
        if isinstance(topic, ProofTopic) and topic.stage in set(Stage) and not incoming.retained:
            _require(incoming, msgspec.structs.replace(topic, gateway=proof.gateway))
            self._room.alarm_path.hear(proof.gateway, Stage(topic.stage), now_ms=incoming.received_ms)

    def _hear_broker(self, *, is_up: bool) -> None:
        self._room.hear_broker(is_up=is_up, now=Moment(ms=self._clock.mono_ms(), utc_ms=self._clock.utc_ms()))
        self._on_alarm()

    def _moment(self, incoming: Incoming) -> Moment:
        return Moment(ms=incoming.received_ms, utc_ms=self._clock.utc_ms())


def _require(incoming: Incoming, topic: Topic) -> None:
    """Refuse a payload that belongs on another topic."""
    if str(topic) != incoming.topic:
        raise InputError(incoming.topic, f"carries what belongs on {str(topic)[:200]!r}", InputReason.WRONG_SHAPE)
