"""A room full of straps in a process of its own: ``python -m cli.bench.strap_air PORT STRAPS FILE``.

Each strap speaks once a second, whether somebody listens or not. Its RR interval is a number that counts, so that a
reading can be told from the one before; FILE gets a line ``STRAP NUMBER NANOSECONDS`` for each notification that was
heard, with the monotonic time at which it was handed to the air.
"""

import asyncio
import random
import sys
import time
from pathlib import Path
from typing import Final, TextIO

from simulators.air import Air
from simulators.radio_server import RadioServer
from simulators.sensors.strap import Strap

RADIO_SLOTS: Final = 1000
PERIOD_S: Final = 1.0
NUMBER_MIN: Final = 512
NUMBERS: Final = 1024
"""RR intervals of 0.5 to 1.5 s in 1/1024 s: each comes again after 17 minutes."""

_SEED: Final = 7
_HR_BPM: Final = 100


async def run(port: int, straps: int, log: TextIO) -> None:
    """Play until killed."""
    air = Air(random.Random(_SEED))
    everybody = [Strap(air, index) for index in range(straps)]
    for strap in everybody:
        await strap.start()
    async with RadioServer(air, slots=RADIO_SLOTS) as door, asyncio.TaskGroup() as tasks:
        await door.listen_tcp(port)
        begun_s = asyncio.get_running_loop().time()
        for index, strap in enumerate(everybody):
            playing = _beat(strap, index, log, begin_s=begun_s + PERIOD_S * index / straps)
            tasks.create_task(playing, name=f"air[{index}].beat")


async def _beat(strap: Strap, index: int, log: TextIO, *, begin_s: float) -> None:
    loop = asyncio.get_running_loop()
    turn = 0
    while True:
        await asyncio.sleep(begin_s + turn * PERIOD_S - loop.time())
        number = NUMBER_MIN + turn % NUMBERS
        said_ns = time.monotonic_ns()
        if await strap.notify(_HR_BPM, rr_1024=(number,)):
            log.write(f"{index} {number} {said_ns}\n")
        turn += 1


if __name__ == "__main__":
    with Path(sys.argv[3]).open("w", encoding="ascii", buffering=1) as file:
        asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), file))
