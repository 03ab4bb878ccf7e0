"""A part's presence on the broker: who it is now, its heartbeat, and the connection whose will speaks for it."""

from typing import NamedTuple

from vitals.bus import Bus
from vitals.clock import Clock
from vitals.heartbeat import Heartbeat
from vitals.parts import Part
from vitals.readings import RunId
from vitals.runs import new_run_id
from vitals.settings import Settings


class Presence(NamedTuple):
    """One run of a part; the bus is not connected yet."""

    run: RunId
    heartbeat: Heartbeat
    bus: Bus


def open_presence(settings: Settings, part: Part, *, instance: str, client: str, clock: Clock) -> Presence:
    """Return a new run of a part.

    Args:
        settings: of the site.
        part: which one.
        instance: a gateway's id, or the room, or ``1``.
        client: begins the name by which the broker knows the connection; the run ends it.
        clock: time of the part.
    """
    run = new_run_id()
    heartbeat = Heartbeat(part=part, instance=instance, run=run, site=settings.site, mode=settings.mode, clock=clock)
    bus = Bus(
        url=settings.broker,
        client_id=f"{client}-{run}",
        clock=clock,
        will=heartbeat.will(),
        ca_file=settings.broker_ca_file,
    )
    return Presence(run, heartbeat, bus)
