"""The part that keeps the record: hears everything worth keeping, stores it once a second, says how far it has come."""

import asyncio
import logging
from typing import Final

from ingest.intake import Intake
from ingest.recorder import Recorder
from vitals.bus import Bus
from vitals.clock import open_clock
from vitals.database import sole_owner
from vitals.heartbeat import Heartbeat
from vitals.parts import Part
from vitals.runs import new_run_id
from vitals.settings import Settings

logger: Final = logging.getLogger(__name__)

INSTANCE: Final = "1"
"""There is one record for a site."""


async def run(settings: Settings) -> None:
    """Keep the record until cancelled.

    Raises:
        SetupError: settings that can not be, or another ingest has the record open.
        StorageError: the record is no database, or comes from a newer program.
    """
    with sole_owner(settings.record_file, what="ingest"):
        await _run(settings)


async def _run(settings: Settings) -> None:
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    store_run = new_run_id()
    heartbeat = Heartbeat(
        part=Part.INGEST, instance=INSTANCE, run=store_run, site=settings.site, mode=settings.mode, clock=clock
    )
    bus = Bus(
        url=settings.broker,
        client_id=f"ingest-{store_run}",
        clock=clock,
        will=heartbeat.will(),
        ca_file=settings.broker_ca_file,
    )
    intake = Intake(site=settings.site, store_run=store_run, clock=clock)
    for topic_filter in intake.filters():
        bus.subscribe(topic_filter, intake.hear)
    recorder = Recorder(
        path=settings.record_file,
        site=settings.site,
        store_run=store_run,
        commit_s=settings.ingest.commit_s,
        clock=clock,
        intake=intake,
        bus=bus,
        heartbeat=heartbeat,
    )
    try:
        await recorder.open()
        logger.info(f"ingest started run={store_run} record={settings.record_file}")
        async with bus:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(heartbeat.run(bus), name=f"ingest[{INSTANCE}].heartbeat")
                    tasks.create_task(recorder.run(), name=f"ingest[{INSTANCE}].commit")
            finally:
                await recorder.finish()
                await heartbeat.stop(bus)
    finally:
        recorder.close()
