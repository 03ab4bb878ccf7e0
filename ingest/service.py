"""The part that keeps the record: hears everything worth keeping, stores it once a second, says how far it has come."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from ingest.intake import Intake
from ingest.recorder import Recorder
from ingest.store.retention import Keeping
from vitals.clock import Clock, open_clock
from vitals.database import sole_owner
from vitals.errors import SetupError, SetupReason
from vitals.heartbeat import Heartbeat
from vitals.parts import Part
from vitals.presence import open_presence
from vitals.settings import Settings
from vitals.trouble import Trouble

if TYPE_CHECKING:
    from ingest.sinks.sink import Sink

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
    store_run, heartbeat, bus = open_presence(settings, Part.INGEST, instance=INSTANCE, client="ingest", clock=clock)
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
        keeping=Keeping(
            readings_days=settings.ingest.keep_readings_days, sessions_days=settings.ingest.keep_sessions_days
        ),
    )
    sink = _open_sink(settings, heartbeat, clock=clock)
    try:
        await recorder.open()
        logger.info(f"ingest started run={store_run} record={settings.record_file}")
        if sink is not None:
            sink.start()
        async with bus:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(heartbeat.run(bus), name=f"ingest[{INSTANCE}].heartbeat")
                    tasks.create_task(recorder.run(), name=f"ingest[{INSTANCE}].commit")
            finally:
                await recorder.finish()
                await heartbeat.stop(bus)
    finally:
        if sink is not None:
            sink.stop()
        recorder.close()


def _open_sink(settings: Settings, heartbeat: Heartbeat, *, clock: Clock) -> "Sink | None":
    """Return the sink that the settings name, with its numbers in the heartbeat; None: they name none.

    Raises:
        SetupError: its package is not installed.
    """
    url = settings.ingest.influx_url
    if url is None:
        return None
    try:
        from ingest.sinks.influx import InfluxAddress  # noqa: PLC0415 - a second and 60 MB that most sites do not need
        from ingest.sinks.sink import Sink  # noqa: PLC0415
    except ImportError as error:
        raise SetupError(
            f"ingest.influx_url: {error.name} is not installed: pip install 'session-vitals[ingest]'",
            SetupReason.MISSING_PACKAGE,
        ) from error
    address = InfluxAddress(
        url=url,
        org=settings.ingest.influx_org,
        bucket=settings.ingest.influx_bucket,
        token_file=settings.ingest.influx_token_file,
    )
    sink = Sink(
        record=settings.record_file,
        ledger=settings.sink_file,
        address=address,
        site=settings.site,
        now_utc_ms=clock.utc_ms,
    )
    waiting = Trouble(heartbeat)

    def tell() -> None:
        heartbeat.counters.update(sink.counters())
        waiting.tell(f"InfluxDB waits: {sink.problem}" if sink.problem else "")
        kept = "InfluxDB keeps stretches of erased people that it does not delete: see docs/stores.md"
        heartbeat.set_problem(kept, present=sink.undeleted > 0)

    heartbeat.before_beat(tell)
    return sink
