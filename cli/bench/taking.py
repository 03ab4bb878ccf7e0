"""Takes alarms of a running class one after the other, and notes when the last of many screens shows it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from msgspec import Struct

from cli.bench.screen import Screen
from cli.dashboard_client import DashboardClient, dashboard_url
from vitals.alarms import AlarmId
from vitals.clock import monotonic_s
from vitals.settings import Settings

SCREENS: Final = 9
"""Two walls, three tablets, four phones."""

ALARMS_MAX: Final = 30
LIMIT_S: Final = 5.0
SEEN_S: Final = 30.0


class Taking(Struct, frozen=True, kw_only=True):
    """``latencies_ms``: from the click of a person to the last of ``screens``, for each of ``alarms`` that came."""

    latencies_ms: list[float]
    alarms: int
    screens: int


async def take_alarms(settings: Settings, alarms: Sequence[AlarmId]) -> Taking:
    """Acknowledge up to `ALARMS_MAX` alarms that are on, and return how long each took to all screens."""
    client = DashboardClient(settings)
    latencies_ms: list[float] = []
    chosen = alarms[:ALARMS_MAX]
    async with _screens(settings) as screens:
        for screen in screens:
            await screen.wait(lambda screen: set(chosen) <= screen.alarms_on, limit_s=SEEN_S)
        for alarm in chosen:
            clicked_ms = monotonic_s() * 1000
            await asyncio.to_thread(client.post, f"/api/v1/alarms/{alarm}/acknowledge", {"by": "bench"})
            for screen in screens:
                await screen.wait(partial(_shows_taken, alarm), limit_s=LIMIT_S)
            if all(alarm in screen.taken_ms for screen in screens):
                latencies_ms.append(max(screen.taken_ms[alarm] for screen in screens) - clicked_ms)
    return Taking(latencies_ms=latencies_ms, alarms=len(chosen), screens=len(screens))


def _shows_taken(alarm: AlarmId, screen: Screen) -> bool:
    return alarm in screen.taken_ms


@asynccontextmanager
async def _screens(settings: Settings) -> AsyncIterator[list[Screen]]:
    screens = [Screen(dashboard_url(settings)) for _ in range(SCREENS)]
    async with asyncio.TaskGroup() as tasks:
        watching = [
            tasks.create_task(screen.watch(), name=f"bench[screen {place}].watch")
            for place, screen in enumerate(screens)
        ]
        try:
            yield screens
        finally:
            for one in watching:
                one.cancel()
