"""The part that calls people: puts policy, ledger, channels, clock and bus together, and runs until it is cancelled."""

import asyncio
import logging
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Final

from alerts.channels.outcome import Surroundings
from alerts.courier import Courier
from alerts.desk import Desk
from alerts.dispatch import Dispatch
from alerts.inbox import Inbox
from alerts.keys import prepare_vapid
from alerts.ledger import Ledger
from alerts.policy.events import Listening, Tick
from alerts.policy.plan import Plan
from alerts.policy.plan_file import read_policy
from alerts.policy.routing import on_duty
from vitals.clock import Clock, open_clock
from vitals.database import sole_owner
from vitals.errors import InputError, SetupError, SetupReason, StorageError
from vitals.parts import Part
from vitals.presence import open_presence
from vitals.settings import Settings
from vitals.site_key import open_site_key

logger: Final = logging.getLogger(__name__)

INSTANCE: Final = "1"
"""One part calls people for a site; two would call them twice."""

TICK_S: Final = 0.25
"""A timer is late by so much at most; what an alarm starts waits for no tick."""

NO_PHONE: Final = "no phone reachable"
"""The part's problem when nobody on duty has a way to them."""


async def run(settings: Settings) -> None:
    """Call people until cancelled; everything decided is on disk then.

    Raises:
        SetupError: a person must change something first; nothing was started.
    """
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    plan = load_policy(settings.alerts.policy)
    prepare_vapid(settings.vapid_file, settings.vapid_public_file)
    action_key = open_site_key(settings.action_key_file)
    with sole_owner(settings.ledger_file, what="alerts"):
        try:
            ledger = Ledger(settings.ledger_file, clock=clock)
        except StorageError as error:
            raise SetupError(str(error), SetupReason.SETTINGS) from error
        with closing(ledger):
            await _Alerts(settings, clock=clock, ledger=ledger, plan=plan, action_key=action_key).run()


def load_policy(path: Path | None) -> Plan:
    """Return the plan of a site's file, or the delivered one.

    Raises:
        SetupError: the file cannot be read, or says something that cannot be; one line names the place.
    """
    place = "alerts/policies/default.toml" if path is None else str(path)
    try:
        source = files("alerts") / "policies" / "default.toml" if path is None else path
        return read_policy(source.read_text(encoding="utf-8"), place=place)
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"alerts.policy {place}: {error}", SetupReason.SETTINGS) from error
    except InputError as error:
        raise SetupError(str(error), SetupReason.SETTINGS) from error


class _Alerts:
    """One run of alerts."""

    def __init__(self, settings: Settings, *, clock: Clock, ledger: Ledger, plan: Plan, action_key: bytes) -> None:
        self._clock = clock
        self._plan = plan
        self._run_id, self._heartbeat, self._bus = open_presence(
            settings, Part.ALERTS, instance=INSTANCE, client="alerts", clock=clock
        )
        remembered = ledger.load()
        self._has_phones = remembered.has_called
        self._desk = Desk(
            site=settings.site,
            plan=plan,
            ledger=ledger,
            remembered=remembered,
            bus=self._bus,
            heartbeat=self._heartbeat,
            clock=clock,
        )
        self._dispatch = Dispatch(
            ways=self._desk.ways,
            surroundings=Surroundings(
                dashboard_url=settings.alerts.dashboard_url.rstrip("/"),
                contact=settings.alerts.contact,
                vapid_file=settings.vapid_file,
                mode=settings.mode,
            ),
            action_key=action_key,
            clock=clock,
            on_delivered=self._desk.hear_delivered,
            on_problem=lambda problem, present: self._heartbeat.set_problem(problem, present=present),
        )
        self._desk.post_letter = self._dispatch.post
        self._inbox = Inbox(
            site=settings.site, desk=self._desk, dispatch=self._dispatch, heartbeat=self._heartbeat, clock=clock
        )
        self._inbox.subscribe(self._bus)
        self._courier = Courier(ledger=ledger, bus=self._bus, site=settings.site, clock=clock)
        self._courier.subscribe(self._bus)
        self._heartbeat.before_beat(self._fill_status)
        self._bus.on_connected(lambda: self._listen(up=True))
        self._bus.on_disconnected(lambda: self._listen(up=False))
        self._listen(up=False)

    async def run(self) -> None:
        """Live until cancelled."""
        cases, ways = len(self._desk.state.cases), len(self._desk.ways)
        logger.info(f"alerts begins run={self._run_id} policy={self._plan.name} cases={cases} ways={ways}")
        name = f"alerts[{INSTANCE}]"
        # What is imported for a channel must be there before somebody is called by it.
        for channel in {row.channel for row in self._desk.ways.values()}:
            self._dispatch.open(channel)
        async with self._bus:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._heartbeat.run(self._bus), name=f"{name}.heartbeat")
                    tasks.create_task(self._dispatch.run(), name=f"{name}.dispatch")
                    tasks.create_task(self._desk.run(), name=f"{name}.desk")
                    tasks.create_task(self._tick(), name=f"{name}.tick")
                    tasks.create_task(self._courier.run(), name=f"{name}.courier")
            finally:
                self._desk.speak()
                await self._heartbeat.stop(self._bus)
                logger.info(f"alerts ends run={self._run_id}")

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            self._desk.step(Tick(now_ms=self._clock.mono_ms(), now_utc_ms=self._clock.utc_ms()))

    def _listen(self, *, up: bool) -> None:
        self._desk.step(Listening(up=up, now_ms=self._clock.mono_ms(), now_utc_ms=self._clock.utc_ms()))

    def _fill_status(self) -> None:
        beat, desk = self._heartbeat, self._desk
        beat.oldest_unhandled_ms = desk.oldest_unhandled_ms
        beat.counters = {
            **self._dispatch.counters,
            "cases": len(desk.state.cases),
            "ways": len(desk.ways),
            "refused": self._bus.counters["refused"],
            "commits": desk.commits,
            "delay_ms_max": desk.delays_ms_max,
        }
        desk.delays_ms_max = 0
        self._has_phones = self._has_phones or bool(desk.ways)
        beat.set_problem(NO_PHONE, present=self._has_phones and self._is_nobody_reachable())

    def _is_nobody_reachable(self) -> bool:
        """Return whether somebody is on duty and none of them has a way; a site without phones misses none."""
        staff = {member.staff for member in on_duty(self._desk.state, None)}
        return bool(staff) and staff.isdisjoint(way.staff for way in self._desk.state.ways.values())
