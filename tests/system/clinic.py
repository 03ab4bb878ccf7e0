"""A clinic as a test has it: a room of sensors that obeys the test, all parts, and the browser of its staff."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from tests.system.gym import Gym, cast, open_gym
from tests.system.running import RunningSystem, running, until
from tests.system.staff import Staff, staff_at
from vitals.sensors import mint_sensor_id
from vitals.settings import Settings
from vitals.site_key import open_site_key

RATE: Final = 3
"""The minute after effort, of which heart recovery is told, in 20 s."""
NAMES: Final = ("Anna", "Bert", "Cleo", "Dora")
FLOW: Final = """
recovery = ["heart", "blood_pressure", "symptoms"]
[pre_check]
items = ["blood_pressure", "heart_rate", "spo2", "symptoms", "medication"]
[[due]]
kind = "rpe"
phases = ["training"]
first_s = 15
"""


@asynccontextmanager
async def clinic(folder: Path) -> AsyncIterator[tuple[RunningSystem, Gym, Staff]]:
    flow = folder / "flow.toml"
    flow.write_text(FLOW)
    async with open_gym(rate=RATE) as gym:
        settings = {
            "VITALS_MODE": "simulated",
            "VITALS_CLOCK_RATE": str(RATE),
            "VITALS_GATEWAY__RADIOS": f"bumble:tcp-client:127.0.0.1:{gym.port}?slots=50",
            "VITALS_DASHBOARD__FLOW_FILE": str(flow),
        }
        async with running(folder, "serve", **settings) as system:
            await until(lambda: "first admin: " in system.said(), "the system is up", within_s=90)
            async with staff_at(system, folder) as staff:
                yield system, gym, staff


def sensors(system: RunningSystem) -> dict[str, tuple[str, str | None]]:
    """Return who wears which strap and oximeter."""
    key = open_site_key(Settings(data=system.data).site_key_file)
    return {
        name: (
            mint_sensor_id(key, actor.strap_address),
            None if actor.oximeter_address is None else mint_sensor_id(key, actor.oximeter_address),
        )
        for name, actor in zip(NAMES, cast(), strict=True)
    }
