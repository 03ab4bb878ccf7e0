"""The stage: virtual sensors in the air that say, at their moments, what the people or recordings give them to say."""

import asyncio
import logging
import random
from collections.abc import Iterator
from typing import Final, TextIO

import msgspec

from gateway.codecs.sfloat import SfloatSpecial
from simulators.air import Air
from simulators.beats import StrapSample
from simulators.cast import Actor
from simulators.moments import Moment, OximeterSample
from simulators.sensors.oximeter import Oximeter
from simulators.sensors.peripheral import ADVERTISING_MS_DEFAULT
from simulators.sensors.strap import Strap
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.units import MonotonicMs

logger = logging.getLogger(__name__)

FAST_ADVERTISING_MS: Final = 20
"""What sensors do on a fast clock (design, section 3); the air divides it by the rate, as it divides everything."""

AUDIENCE_WAIT_S: Final = 60.0
"""A recorded person begins when all its sensors are listened to, or after this long (of real time)."""

AUDIENCE_LOOK_S: Final = 0.02

PLAYER_SPREAD_S: Final = 0.9
"""Sensors do not send at the same instant: people are spread over a second."""


class Player:
    """One person's sensors and what they will say."""

    def __init__(self, actor: Actor, moments: Iterator[Moment], *, air: Air, clock: Clock) -> None:
        """Put the sensors of one actor into the air, switched off."""
        advertising_ms = ADVERTISING_MS_DEFAULT if clock.rate == 1.0 else FAST_ADVERTISING_MS * clock.rate
        index = actor.seat - 1
        self.actor = actor
        self.moments = moments
        self.strap = Strap(air, index, advertising_ms=advertising_ms) if actor.with_strap else None
        self.oximeter = Oximeter(air, index, advertising_ms=advertising_ms) if actor.with_oximeter else None

    @property
    def sensors(self) -> list[Strap | Oximeter]:
        """The sensors that this person wears."""
        return [sensor for sensor in (self.strap, self.oximeter) if sensor is not None]

    @property
    def has_audience(self) -> bool:
        """Whether a gateway listens to every sensor."""
        return all(sensor.has_subscriber for sensor in self.sensors)


class Stage:
    """Plays all players.

    ``sent_log``: one JSON line for each notification that reached a listener, for tests and benchmarks; ``mono_ms`` in
    it is when the notification was handed to the air, on the stage's clock.
    """

    def __init__(self, *, rng: random.Random, clock: Clock, sent_log: TextIO | None = None) -> None:
        """Begin with an empty air."""
        self.air = Air(rng, rate=clock.rate)
        self.clock = clock
        self.players: list[Player] = []
        self.sent = 0
        self.unheard = 0
        self._sent_log = sent_log

    def add(self, actor: Actor, moments: Iterator[Moment]) -> None:
        """Add one person."""
        self.players.append(Player(actor, moments, air=self.air, clock=self.clock))

    async def power_on(self) -> None:
        """Switch all sensors on; they advertise from now on."""
        for player in self.players:
            for sensor in player.sensors:
                await sensor.start()

    async def play(self, *, for_audience: bool = False) -> None:
        """Play everything to its end (simulated people have none).

        Args:
            for_audience: begin a person when all its sensors are listened to, so that nothing is said in vain; a
                sensor that stayed silent until all others are connected would be dropped as dead.
        """
        start_ms = self.clock.mono_ms()
        async with asyncio.TaskGroup() as tasks:
            for index, player in enumerate(self.players):
                offset_s = PLAYER_SPREAD_S * index / max(1, len(self.players))
                playing = (
                    self._play_when_heard(player)
                    if for_audience
                    else self._play_one(player, start_ms + round(offset_s * 1000))
                )
                tasks.create_task(playing, name=f"stage[{player.actor.participant}].play")

    async def _play_when_heard(self, player: Player) -> None:
        try:
            async with deadline(AUDIENCE_WAIT_S):
                while not player.has_audience:  # noqa: ASYNC110 - a subscription at the sensor tells nobody
                    await asyncio.sleep(AUDIENCE_LOOK_S)
        except TimeoutError:
            who = player.actor.participant
            logger.warning("stage.no_audience waited_s=%.0f participant=%s", AUDIENCE_WAIT_S, who)
        await self._play_one(player, self.clock.mono_ms())

    async def _play_one(self, player: Player, start_ms: int) -> None:
        for moment in player.moments:
            due_ms = start_ms + moment.at_s * 1000
            wait_s = (due_ms - self.clock.mono_ms()) / 1000
            if wait_s > 0:
                await self.clock.sleep(wait_s)
            self._set_range(player, in_range=moment.in_range)
            if moment.strap is not None and player.strap is not None:
                said_ms = self.clock.mono_ms()
                self._count(await _say_strap(player.strap, moment.strap), player, moment.strap, said_ms)
            if moment.oximeter is not None and player.oximeter is not None:
                said_ms = self.clock.mono_ms()
                self._count(await _say_oximeter(player.oximeter, moment.oximeter), player, moment.oximeter, said_ms)

    def _set_range(self, player: Player, *, in_range: bool) -> None:
        for sensor in player.sensors:
            controller = sensor.peripheral.controller
            if controller.is_silent and in_range:
                self.air.back(controller)
            elif not controller.is_silent and not in_range:
                self.air.lose(controller)

    def _count(self, heard: int, player: Player, sample: StrapSample | OximeterSample, said_ms: MonotonicMs) -> None:
        if not heard:
            self.unheard += 1
            return
        self.sent += 1
        if self._sent_log is not None:
            kind = "hr" if isinstance(sample, StrapSample) else "oximeter"
            who = {"participant": player.actor.participant, "kind": kind, "mono_ms": said_ms}
            line = who | msgspec.to_builtins(sample)
            self._sent_log.write(msgspec.json.encode(line).decode() + "\n")


async def _say_strap(strap: Strap, sample: StrapSample) -> int:
    return await strap.notify(sample.hr_bpm or 0, rr_1024=sample.rr_ticks, contact=sample.contact)


async def _say_oximeter(oximeter: Oximeter, sample: OximeterSample) -> int:
    if not sample.finger:
        return await oximeter.notify_off_finger()
    return await oximeter.notify(
        _or_nan(sample.spo2_pct), _or_nan(sample.pulse_bpm), perfusion_pct=_or_nan(sample.perfusion_pct)
    )


def _or_nan(value: float | None) -> float | SfloatSpecial:
    return SfloatSpecial.NAN if value is None else value
