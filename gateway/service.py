"""The gateway's service: puts radios, sensors, outbox and bus together, and runs until it is cancelled."""

import asyncio
import logging
from typing import Final

from msgspec.structs import replace

from gateway.anchor_book import AnchorBook
from gateway.attention import HEED_S
from gateway.disk import Disk
from gateway.known import KnownSensors
from gateway.latency import Latencies
from gateway.life import Limits
from gateway.nearby import NEARBY_S, nearby_of
from gateway.numbering import Numbering
from gateway.outbox_file import OutboxFile, open_outbox
from gateway.pool import RadioPool
from gateway.proof import ProofDriver
from gateway.radio.capture import CaptureFile, open_captures
from gateway.radio.spec import RadioKind, RadioSpec, parse_radio_spec
from gateway.sessions import Sessions
from gateway.stale_links import free_stale_links
from vitals.bus import Incoming
from vitals.clock import Clock, open_clock
from vitals.errors import InputError, InputReason, SetupError, SetupReason
from vitals.outbox import OutboxRow, OutboxStore
from vitals.outbox_sender import OutboxSender
from vitals.part_settings import GatewaySettings
from vitals.parts import Part
from vitals.presence import open_presence
from vitals.proof import ROUND_S
from vitals.readings import RunId
from vitals.sensors import GatewayId, SensorId, SensorStatus
from vitals.sessions import Assignments
from vitals.settings import Settings
from vitals.site_key import open_site_key
from vitals.topics import AssignmentsTopic, NearbyTopic
from vitals.trouble import Trouble
from vitals.wire import decode, encode

logger: Final = logging.getLogger(__name__)

COMMIT_S: Final = 0.1
"""Real seconds between two commits: what a SIGKILL can take from the outbox was published already, if the broker was
there. At 60 readings a second a commit takes about a millisecond."""
BOUNDS_COMMITS: Final = 100
"""After so many times nothing new, the outbox is asked for what has grown too old."""
COMMIT_AFRESH_S: Final = 1.0
"""Real seconds until a disk that took nothing is tried again."""
ANCHOR_S: Final = 1.0
FRESH_REAL_S_MIN: Final = 0.5
"""An advertisement is fresh for at least so long in real time: radios run no faster with the clock."""


async def run(settings: Settings) -> None:
    """Run the gateway until cancelled; then all sensors are taken leave of, and what is unsaved is saved.

    Raises:
        SetupError: a person must change something first; nothing was started.
    """
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    specs = _parse_radios(settings.gateway.radios)
    site_key = open_site_key(settings.site_key_file)
    with (
        open_captures(settings.gateway.capture, specs) as captures,
        open_outbox(settings.outbox_file, now_utc_ms=clock.utc_ms()) as file,
    ):
        await _Gateway(settings, clock=clock, specs=specs, captures=captures, site_key=site_key, file=file).run()


class _Gateway:
    """One run of the gateway."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        specs: tuple[RadioSpec, ...],
        captures: tuple[CaptureFile | None, ...],
        site_key: bytes,
        file: OutboxFile,
    ) -> None:
        mine = settings.gateway
        self._id = GatewayId(mine.id)
        self._site = settings.site
        self._clock = clock
        self._run_id, self._heartbeat, self._bus = open_presence(
            settings, Part.GATEWAY, instance=mine.id, client=f"gateway-{mine.id}", clock=clock
        )
        self._outbox = _open_store(mine, file, self._run_id, clock=clock)
        self._sender = OutboxSender(store=self._outbox, bus=self._bus, site=settings.site, source=mine.id, clock=clock)
        self._sender.on_sent = self._note_sent
        self._latencies = Latencies()
        self._numbering = Numbering(
            site=settings.site, gateway=mine.id, run=self._run_id, clock=clock, outbox=self._outbox
        )
        self._known = KnownSensors(file.connection, site_key=site_key)
        self._anchors = AnchorBook(
            file.connection, site=settings.site, gateway=mine.id, run=self._run_id, clock=clock, bus=self._bus
        )
        self._sessions = Sessions(
            gateway=mine.id,
            clock=clock,
            limits=_limits(settings, clock),
            numbering=self._numbering,
            on_change=self._heartbeat.changed,
        )
        self._pool = RadioPool(
            specs,
            clock=clock,
            known=self._known,
            assigned=self._sessions.kind_of,
            on_heard=self._sessions.hear,
            on_change=self._heartbeat.changed,
            captures=captures,
        )
        self._sessions.bind(self._pool)
        self._disk = Disk(
            file.connection,
            settings.outbox_file,
            (self._outbox, self._known, self._anchors),
            tell=self._tell_unsaved,
        )
        self._proof = ProofDriver(site=settings.site, gateway=self._id, run=self._run_id, clock=clock)
        self._unsaved = Trouble(self._heartbeat)
        if file.problem:
            self._heartbeat.set_problem(file.problem, present=True)
        self._heartbeat.before_beat(self._fill_status)
        self._bus.subscribe(str(AssignmentsTopic(site=settings.site, gateway=mine.id)), self._hear_assignments)

    async def run(self) -> None:
        """Live until cancelled."""
        logger.info(f"gateway begins gateway={self._id} run={self._run_id} known={len(self._known)}")
        name = f"gateway[{self._id}]"
        async with self._bus:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._heartbeat.run(self._bus), name=f"{name}.heartbeat")
                    group.create_task(self._sender.run(), name=f"{name}.sender")
                    group.create_task(self._commit(), name=f"{name}.commit")
                    group.create_task(self._tell_nearby(), name=f"{name}.nearby")
                    group.create_task(self._watch_clock(), name=f"{name}.anchors")
                    group.create_task(self._heed(), name=f"{name}.attention")
                    group.create_task(self._prove(), name=f"{name}.proof")
                    if any(keeper.spec.kind is RadioKind.BLUEZ for keeper in self._pool.keepers):
                        await free_stale_links(self._known.last_addresses())
                    for keeper in self._pool.keepers:
                        group.create_task(keeper.run(), name=f"{name}.radio[{keeper.name}]")
                    # In the body and not in a task: when we are cancelled, the sensors are taken leave of while the
                    # radios are still open.
                    await self._sessions.run()
            finally:
                await self._disk.finish()
                if self._bus.connected:
                    await self._heartbeat.stop(self._bus)
                logger.info(f"gateway ends gateway={self._id} run={self._run_id}")

    def _hear_assignments(self, incoming: Incoming) -> None:
        if not incoming.payload:
            self._sessions.assign({})
            return
        assignments: Assignments = decode(incoming.payload, Assignments, place=incoming.topic)
        if assignments.gateway != self._id:
            raise InputError(incoming.topic, f"is for gateway {assignments.gateway!r}", InputReason.CONFLICT)
        self._sessions.assign({one.sensor: one.kind for one in assignments.sensors})

    async def _commit(self) -> None:
        """Commit what is new, ten times a second."""
        idle = 0
        while True:
            await asyncio.sleep(COMMIT_AFRESH_S if self._unsaved.why else COMMIT_S)
            has_news = self._outbox.needs_write or self._known.has_news or self._anchors.has_news
            idle = 0 if has_news else idle + 1
            if has_news or idle % BOUNDS_COMMITS == 0:
                # A disk that takes nothing stops no reading on its way: they go out live.
                await self._disk.save()

    def _tell_unsaved(self, why: str) -> None:
        if not self._unsaved.tell(why):
            return
        if why:
            logger.error(f"outbox not saved gateway={self._id} why={why}")
        else:
            logger.info(f"outbox saved again gateway={self._id}")

    async def _tell_nearby(self) -> None:
        topic = str(NearbyTopic(site=self._site, gateway=self._id))
        while True:
            await self._clock.sleep(NEARBY_S)
            heard = [*self._pool.receptions.heard(), *self._sessions.heard()]
            self._bus.send_soon(topic, encode(nearby_of(self._id, heard, now_ms=self._clock.mono_ms())))

    async def _watch_clock(self) -> None:
        while True:
            await self._clock.sleep(ANCHOR_S)
            self._anchors.look()

    async def _heed(self) -> None:
        while True:
            await asyncio.sleep(HEED_S)
            self._numbering.attention.heed(self._clock.mono_ms())

    async def _prove(self) -> None:
        while True:
            self._bus.send_soon(self._proof.topic, encode(self._proof.next_round()))
            await self._clock.sleep(ROUND_S)

    def _fill_status(self) -> None:
        beat = self._heartbeat
        beat.radios = tuple(keeper.status() for keeper in self._pool.keepers)
        beat.sensors = tuple(self._with_latency(one) for one in self._sessions.status())
        beat.extents = self._outbox.extents()
        beat.oldest_unhandled_ms = self._oldest_unsent_ms()
        beat.set_problem("out of radio slots", present=self._sessions.waiting_for_slot > 0)
        beat.counters = {
            **self._numbering.counters,
            "commit_errors": self._disk.errors,
            "published": self._sender.counters["sent"],
            "publish_refused": self._sender.counters["refused"],
            "resent": self._sender.counters["resent"],
            "confirmed": self._sender.counters["confirmed"],
            "dropped": self._outbox.dropped,
            "refused": self._bus.counters["refused"],
        }

    def _note_sent(self, row: OutboxRow) -> None:
        now_ms = self._clock.mono_ms()
        self._latencies.note(SensorId(row.key.subject), now_ms - row.mono_ms, now_ms=now_ms)

    def _with_latency(self, sensor: SensorStatus) -> SensorStatus:
        latency = self._latencies.of(sensor.sensor, now_ms=self._clock.mono_ms())
        return (
            sensor if latency is None else replace(sensor, latency_p50_ms=latency.p50_ms, latency_p99_ms=latency.p99_ms)
        )

    def _oldest_unsent_ms(self) -> int:
        """Return the age of the oldest reading that waits for the broker."""
        return max(0, self._clock.mono_ms() - self._outbox.live[0].mono_ms) if self._outbox.live else 0


def _parse_radios(texts: tuple[str, ...]) -> tuple[RadioSpec, ...]:
    specs = tuple(parse_radio_spec(text) for text in texts)
    if not specs:
        raise SetupError("gateway.radios names no radio", SetupReason.SETTINGS)
    targets = [(spec.kind, spec.target) for spec in specs]
    for target in targets:
        if targets.count(target) > 1:
            raise SetupError(f"gateway.radios names {target[0]}:{target[1]} twice", SetupReason.SETTINGS)
    return specs


def _open_store(mine: GatewaySettings, file: OutboxFile, run: RunId, *, clock: Clock) -> OutboxStore:
    return OutboxStore(
        file.connection,
        source=mine.id,
        run=run,
        bytes_max=mine.outbox_mb_max * 1_048_576,
        age_ms_max=round(mine.outbox_days_max * 86_400_000),
        clock=clock,
        sends_before_commit=True,
        reader=file.reader,
    )


def _limits(settings: Settings, clock: Clock) -> Limits:
    stale_ms, drop_ms = round(settings.gateway.stale_s * 1000), round(settings.gateway.drop_s * 1000)
    if drop_ms <= stale_ms:
        raise SetupError(
            f"gateway.drop_s {settings.gateway.drop_s:g} is not above gateway.stale_s {settings.gateway.stale_s:g}",
            SetupReason.SETTINGS,
        )
    fresh_ms = max(Limits().fresh_ms, round(FRESH_REAL_S_MIN * 1000 * clock.rate))
    return Limits(stale_ms=stale_ms, drop_ms=drop_ms, fresh_ms=fresh_ms)
