"""Nine screens in front of one class stay in step: through a restart of the server, a cut network and a screen that
sleeps; and none of them is ever given a number that would look alive though it is dead.

Two walls, three tablets and four phones hear the same stream; they differ in what they draw of it. Here they are what
the pages share: they take a frame, acknowledge it, and paint none that is older than two seconds by the server's clock.
"""

import asyncio
import contextlib
import json
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.system.cable import Cable, cable_to
from tests.system.running import Json, RunningSystem, running, until
from tests.system.strict_wall import StrictWall

pytestmark = [pytest.mark.peer, pytest.mark.timeout(400), pytest.mark.xdist_group("system")]

PEOPLE = 6
SCREENS = ("wall", "wall", "tablet", "tablet", "tablet", "phone", "phone", "phone", "phone")
CUT_S = 20
SLEEP_S = 15
PAINT_MS_MAX = 2_000
"""A page paints no frame that is older (real time, the class runs at life's rate)."""

PAINTED_BY_NOBODY = 5
"""Four frames may be on their way to a screen that does not acknowledge, and the one that it holds."""


class Screen(StrictWall):
    """A screen on a cable; ``asleep`` it takes nothing, though its connection stays."""

    def __init__(self, system: RunningSystem, cable: Cable, name: str) -> None:
        super().__init__(system)
        self.name = name
        self.cable = cable
        self.awake = asyncio.Event()
        self.awake.set()
        self.unpainted = 0
        self._offset_ms: dict[str, float] = {}

    async def watch(self) -> None:
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                async with connect(
                    self._url,
                    host="127.0.0.1",
                    port=self.cable.port,
                    compression=None,
                    origin=None,
                    proxy=None,
                    open_timeout=5,
                    ping_interval=2,
                    ping_timeout=4,
                ) as link:
                    self.is_connected = True
                    async for message in link:
                        await self.awake.wait()
                        frame = json.loads(message)
                        self.hear(frame)
                        await link.send(json.dumps({"t": "ack", "seq": frame["seq"]}))
            self.disconnections += self.is_connected
            self.is_connected = False
            await asyncio.sleep(0.1)

    def hear(self, frame: Json) -> None:
        """Paint a frame, as the pages decide it: by the shortest way that any frame of this server took."""
        now_ms, epoch = time.monotonic() * 1000, frame["epoch"]
        behind_ms = now_ms - frame["server_mono_ms"]
        self._offset_ms[epoch] = min(behind_ms, self._offset_ms.get(epoch, behind_ms))
        if behind_ms - self._offset_ms[epoch] > PAINT_MS_MAX:
            self.unpainted += 1
        self._take(frame)

    def picture(self) -> dict[str, str]:
        """What no two screens may differ in: which alarms are on, and whether somebody has taken them."""
        return {alarm["id"]: alarm["signal"] for alarm in self.alarms.values()}


async def until_in_step(screens: list[Screen], what: str) -> None:
    def are_in_step() -> bool:
        first = screens[0].picture()
        return (
            len(first) >= PEOPLE
            and all(screen.is_connected and screen.live_n() == PEOPLE for screen in screens)
            and all(screen.picture() == first for screen in screens)
        )

    await until(are_in_step, f"nine screens show the same {what}", within_s=90)


async def take_one(system: RunningSystem, screens: list[Screen], place: int) -> None:
    """Take the alarm of one person at one place: all screens show that somebody has."""
    alarm = min(
        (one for one in screens[0].of_rule("HR_OVER").values() if one["signal"] == "on"), key=lambda one: one["seat"]
    )
    await system.post(f"/api/v1/alarms/{alarm['id']}/acknowledge", {"by": f"S{place}"})
    await until(
        lambda: all(
            screen.alarms[alarm["id"]].get("acknowledged", {}).get("by") == f"S{place}"
            for screen in screens
            if screen.awake.is_set() and screen.is_connected
        ),
        "everybody sees who has taken it",
    )


async def test_nine_screens_show_the_same_through_restart_cut_and_sleep(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE), "--scenario", "crisis")
    async with running(tmp_path, "demo", *arguments) as system, contextlib.AsyncExitStack() as cables:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=60)
        screens = [
            Screen(system, await cables.enter_async_context(cable_to(system.port)), f"{kind} {number}")
            for number, kind in enumerate(SCREENS)
        ]
        async with asyncio.TaskGroup() as tasks:
            watching = [tasks.create_task(screen.watch()) for screen in screens]
            await until(
                lambda: len(screens[0].of_rule("HR_OVER")) == PEOPLE, "everybody is over the limit", within_s=120
            )
            await until_in_step(screens, "alarms")
            await take_one(system, screens, 1)

            was = system.kill("dashboard")
            await system.until_back("dashboard", was=was)
            await until_in_step(screens, "after a restart of the server")
            await take_one(system, screens, 2)

            cut, asleep = [screens[1], screens[3], screens[6]], screens[8]
            for screen in cut:
                screen.cable.cut()
            asleep.awake.clear()
            before = {screen.name: screen.server_mono_ms for screen in (*cut, asleep)}
            await asyncio.sleep(SLEEP_S)
            asleep.awake.set()
            await asyncio.sleep(CUT_S - SLEEP_S)
            await take_one(system, [screen for screen in screens if screen not in cut], 3)
            assert all(screen.server_mono_ms - before[screen.name] < 3_000 for screen in cut), "the cable was cut"
            for screen in cut:
                screen.cable.mend()
            await until_in_step(screens, "after a cut network and a sleep")
            assert asleep.unpainted <= PAINTED_BY_NOBODY, "what waited for a sleeper is a window, not a queue"
            for watch in watching:
                watch.cancel()
        for screen in screens:
            assert screen.wrong == [], screen.name
        assert "Traceback" not in system.said()
