"""Stale links: those that a killed gateway has left in BlueZ. Nobody would ever hear of their sensors again.

BlueZ keeps a link when the process that asked for it dies. A sensor that is connected does not advertise, so to a new
gateway it is missing for as long as its battery lasts (seen with a real bluetoothd 5.66: three straps missing after a
SIGKILL). Radios of ours (bumble) reset their adapter when they are opened and need none of this.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from bleak_retry_connector import close_stale_connections_by_address, get_device

from vitals.deadline import deadline

logger: Final = logging.getLogger(__name__)

FREE_REAL_S: Final = 6.0
"""BlueZ takes two seconds for a disconnect; all go beside each other."""


async def free_stale_links(addresses: Iterable[str]) -> None:
    """Disconnect in BlueZ whatever of these is still connected; to be called before any radio is opened.

    Args:
        addresses: of sensors that this gateway has met; keyboards and others on the adapter are left alone.
    """
    wanted = tuple(addresses)
    if not wanted:
        return
    try:
        async with deadline(FREE_REAL_S):
            # Makes bleak read what BlueZ has; several at once would not wait for one another there.
            await _ask(wanted[0])
            async with asyncio.TaskGroup() as group:
                for address in wanted:
                    group.create_task(_free(address), name="gateway.stale_link")
    except TimeoutError:
        logger.warning(f"stale links not freed within s={FREE_REAL_S:g}")


async def _ask(address: str) -> None:
    try:
        await get_device(address)
    except Exception as error:  # noqa: BLE001 - no D-Bus, no bluetoothd: then nothing is stale
        logger.debug(f"stale links not known error={error!r}")


async def _free(address: str) -> None:
    try:
        await close_stale_connections_by_address(address)
    except Exception as error:  # noqa: BLE001 - as above
        logger.debug(f"stale link not freed error={error!r}")
