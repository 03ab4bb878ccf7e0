"""A storm for alerts: thirty straps lost with their gateway, ten real alarms inside, ten phones to be called."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from cli.bench.phones import PHONES, READY_S, Phones
from cli.broker import BrokerPlan, free_port
from cli.children import part_spec
from cli.command_serve import choose_broker
from cli.configuration import environment_of
from cli.supervisor import Supervisor
from cli.system import anchored, prepare_data, with_settings
from vitals.alarms import AlarmId, AlarmState, Condition, Family, Priority, RuleId, Signal, SubjectKind
from vitals.bus import Bus
from vitals.clock import Clock, open_clock
from vitals.deadline import deadline
from vitals.participants import ParticipantId
from vitals.runs import new_run_id
from vitals.sessions import GenerationMode
from vitals.settings import Settings
from vitals.topics import AlarmStateTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

STRAPS: Final = 30
REAL: Final = 10


class Storm(Struct, frozen=True, kw_only=True):
    """``real_ms``: of each real alarm to each phone, from its onset to the service's yes. ``technical``: messages."""

    real_ms: list[float]
    technical: int


def measure_storm() -> Storm:
    """Return how alerts gets through a storm.

    Raises:
        VitalsError: there is no broker, or alerts refused to start.
        TimeoutError: alerts takes no phones.
    """
    with tempfile.TemporaryDirectory(prefix="vitals-bench-") as folder:
        plain = with_settings(Settings(), mode=GenerationMode.SIMULATED, data=Path(folder), log_level="ERROR")
        settings, broker = choose_broker(anchored(plain), port=free_port())
        prepare_data(settings)
        broker.write_files()
        return asyncio.run(_measure(settings, broker))


async def _measure(settings: Settings, broker: BrokerPlan) -> Storm:
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    async with _running(settings, broker), Phones(settings) as phones:
        await phones.subscribe()
        async with Bus(url=settings.broker, client_id=f"bench-{new_run_id()}", clock=clock) as bus:
            async with deadline(READY_S):
                await _until_connected(bus)
            _raise_storm(bus, settings.site, clock)
            await phones.settled(at_least=(REAL + 1) * PHONES)
        return Storm(
            real_ms=phones.delays_ms(among="step = 0 AND alarm_id LIKE 'real%'"),
            technical=len(phones.delays_ms(among="alarm_id NOT LIKE 'real%'")),
        )


async def _until_connected(bus: Bus) -> None:
    connected = asyncio.Event()
    bus.on_connected(connected.set)
    if not bus.connected:
        await connected.wait()


def _raise_storm(bus: Bus, site: str, clock: Clock) -> None:
    lost = [
        _alarm(f"strap{number}", RuleId.NO_DATA, Priority.MEDIUM, Family.TECHNICAL, clock) for number in range(STRAPS)
    ]
    for alarm in lost:
        _say(bus, site, alarm)
    for number in range(REAL):
        _say(bus, site, _alarm(f"real{number}", RuleId.SPO2_CRIT, Priority.HIGH, Family.PHYSIOLOGICAL, clock))
    _say(bus, site, _alarm("gateway", RuleId.GATEWAY_LOST, Priority.MEDIUM, Family.TECHNICAL, clock))
    for alarm in lost:
        _say(bus, site, replace(alarm, revision=2, inhibited_by=RuleId.GATEWAY_LOST))


def _alarm(name: str, rule: RuleId, priority: Priority, family: Family, clock: Clock) -> AlarmState:
    is_gateway = rule is RuleId.GATEWAY_LOST
    now_ms = clock.mono_ms()
    return AlarmState(
        alarm_id=AlarmId(name),
        revision=1,
        subject=name,
        subject_kind=SubjectKind.GATEWAY if is_gateway else SubjectKind.PARTICIPANT,
        rule=rule,
        family=family,
        priority=priority,
        condition=Condition.ACTIVE,
        signal=Signal.ON,
        participant=None if is_gateway else ParticipantId(name),
        breach_mono_ms=MonotonicMs(now_ms - 8_000),
        onset_mono_ms=now_ms,
        onset_utc_ms=clock.utc_ms(),
    )


def _say(bus: Bus, site: str, alarm: AlarmState) -> None:
    topic = AlarmStateTopic(site=site, subject=alarm.subject, rule=alarm.rule)
    bus.send_soon(str(topic), encode(alarm), qos=1)


@asynccontextmanager
async def _running(settings: Settings, broker: BrokerPlan) -> AsyncIterator[None]:
    children = [] if broker.child is None else [broker.child]
    children.append(part_spec("alerts", environment_of(settings, os.environ)))
    parts = Supervisor(children, pids_file=settings.data / "pids.json")
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(parts.run(), name="bench.calls")
        try:
            yield
        finally:
            running.cancel()
