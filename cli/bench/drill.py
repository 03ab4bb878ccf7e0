"""Puts people of a running class over their limits, and notes how long each alarm takes to the screen.

It tells the parts a roster with other limits, as the dashboard would after somebody changed a prescription. Everything
else is real: the values come from the sensors, the holds run, analysis decides.
"""

import asyncio
from typing import Final

from msgspec import Struct

from cli.bench.crowd import choose_groups, count_alarms, tighten
from cli.bench.screen import Screen
from vitals.alarms import AlarmId
from vitals.bus import Bus, Incoming
from vitals.clock import open_clock
from vitals.deadline import deadline
from vitals.runs import new_run_id
from vitals.sessions import Roster
from vitals.settings import Settings
from vitals.topics import RosterTopic, topic_filter
from vitals.wire import decode, encode

BETWEEN_GROUPS_S: Final = 1.0
LIMIT_S: Final = 30.0
"""The longest hold is 15 s."""

ROSTER_S: Final = 10.0


class Drill(Struct, frozen=True, kw_only=True):
    """``latencies_ms`` of the alarms that came, of ``expected`` ones.

    They count from the onset that the frame tells: when the gateway heard the sample that completed the hold, on the
    dashboard's clock. That clock is set by the fastest message so far, so a latency can be a few ms too short.
    """

    latencies_ms: list[float]
    alarms: set[AlarmId]
    expected: int


async def run_drill(settings: Settings, screen: Screen) -> Drill:
    """Raise alarms in the running class and return when all have come, or after `LIMIT_S`.

    Raises:
        TimeoutError: no class runs.
        PeerError: the broker is gone.
    """
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    heard: asyncio.Queue[Incoming] = asyncio.Queue()
    async with Bus(url=settings.broker, client_id=f"bench-{new_run_id()}", clock=clock) as bus:
        bus.subscribe(topic_filter(RosterTopic, site=settings.site), heard.put_nowait)
        async with deadline(ROSTER_S):
            message = await heard.get()
        roster: Roster = decode(message.payload, Roster, place=message.topic)
        groups = choose_groups(roster)
        expected = sum(count_alarms(roster, group) for group in groups)
        screen.alarms_ms.clear()
        for group in groups:
            roster = tighten(roster, group)
            await bus.publish(message.topic, encode(roster), qos=1, retain=True)
            await asyncio.sleep(BETWEEN_GROUPS_S)
        await screen.wait(lambda screen: len(screen.alarms_ms) >= expected, limit_s=LIMIT_S)
    return Drill(
        latencies_ms=list(screen.alarms_ms.values()), alarms=set(map(AlarmId, screen.alarms_ms)), expected=expected
    )
