"""The stage: virtual sensors in the air that say, at their moments, what the people or recordings give them to say."""

import asyncio
import logging
import random
from collections.abc import Iterator
from typing import Final, TextIO

import msgspec

from simulators.air import Air
from simulators.beats import StrapSample
from simulators.cast import Actor
from simulators.kit import MachineModel, OximeterModel
from simulators.moments import Moment
from simulators.sensors.machines import Bike, CadenceSensor, FootPod, Treadmill
from simulators.sensors.oximeter import Oximeter
from simulators.sensors.peripheral import ADVERTISING_MS_DEFAULT, VirtualSensor
from simulators.sensors.samples import OximeterSample, WorkSample
from simulators.sensors.strap import Strap
from simulators.sensors.vendor_oximeters import Bci, Contec, Jumper, Nonin, O2Ring, Pc60
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.units import MonotonicMs

logger = logging.getLogger(__name__)

FAST_ADVERTISING_MS: Final = 20
"""What sensors do on a fast clock; the air divides it by the rate, as it divides everything."""

AUDIENCE_WAIT_S: Final = 60.0
"""A recorded person begins when all its sensors are listened to, or after this long (of real time)."""

AUDIENCE_LOOK_S: Final = 0.02

Sample = StrapSample | OximeterSample | WorkSample
KINDS: Final[dict[type[Sample], str]] = {StrapSample: "hr", OximeterSample: "oximeter", WorkSample: "workload"}
AnyOximeter = Oximeter | Nonin | O2Ring | Pc60 | Bci | Jumper | Contec
OXIMETERS: Final[dict[OximeterModel, type[AnyOximeter]]] = {
    OximeterModel.STANDARD: Oximeter,
    OximeterModel.NONIN: Nonin,
    OximeterModel.O2RING: O2Ring,
    OximeterModel.PC60: Pc60,
    OximeterModel.BCI: Bci,
    OximeterModel.JUMPER: Jumper,
    OximeterModel.CONTEC: Contec,
}
AnyMachine = Treadmill | Bike | FootPod | CadenceSensor
MACHINES: Final[dict[MachineModel, type[AnyMachine]]] = {
    MachineModel.TREADMILL: Treadmill,
    MachineModel.BIKE: Bike,
    MachineModel.FOOT_POD: FootPod,
    MachineModel.CADENCE_SENSOR: CadenceSensor,
}

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
        self.oximeter = (
            None if actor.oximeter is None else OXIMETERS[actor.oximeter](air, index, advertising_ms=advertising_ms)
        )
        self.machine = (
            None if actor.machine is None else MACHINES[actor.machine](air, index, advertising_ms=advertising_ms)
        )

    @property
    def sensors(self) -> list[VirtualSensor]:
        """The sensors that this person wears, and the machine."""
        return [sensor for sensor in (self.strap, self.oximeter, self.machine) if sensor is not None]

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
        player = Player(actor, moments, air=self.air, clock=self.clock)
        if isinstance(player.oximeter, O2Ring):
            player.oximeter.on_answer = lambda sample: self._count(1, player, sample, self.clock.mono_ms())
        self.players.append(player)

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
                self._count(await player.strap.say(moment.strap), player, moment.strap, said_ms)
            if moment.oximeter is not None and player.oximeter is not None:
                said_ms = self.clock.mono_ms()
                self._count(await player.oximeter.say(moment.oximeter), player, moment.oximeter, said_ms)
            if moment.work is not None and player.machine is not None:
                said_ms = self.clock.mono_ms()
                self._count(await player.machine.say(moment.work), player, moment.work, said_ms)

    def _set_range(self, player: Player, *, in_range: bool) -> None:
        for sensor in player.sensors:
            controller = sensor.peripheral.controller
            if self.air.is_silent(controller) and in_range:
                self.air.back(controller)
            elif not self.air.is_silent(controller) and not in_range:
                self.air.lose(controller)

    def _count(self, heard: int | None, player: Player, sample: Sample, said_ms: MonotonicMs) -> None:
        if heard is None:  # it says so itself when somebody asks
            return
        if not heard:
            self.unheard += 1
            return
        self.sent += 1
        # A ring may be asked once more while everything is being switched off.
        if self._sent_log is not None and not self._sent_log.closed:
            who = {"participant": player.actor.participant, "kind": KINDS[type(sample)], "mono_ms": said_ms}
            line = who | msgspec.to_builtins(sample)
            self._sent_log.write(msgspec.json.encode(line).decode() + "\n")
