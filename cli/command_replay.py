"""``vitals replay FILES...``: recorded people through virtual sensors, the air and every part, like live people."""

import argparse
import asyncio
import logging
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from cli.broker import BrokerPlan, free_port
from cli.command_parts import add_web_flags
from cli.command_serve import choose_broker
from cli.configuration import printed_config, settings_of
from cli.dashboard_client import DashboardClient, dashboard_url
from cli.left_behind import end_left_behind
from cli.running import run_until_told
from cli.supervisor import Supervisor
from cli.system import anchored, prepare_data, require_free_port, run_system, wait_for_dashboard
from vitals.errors import SetupError, SetupReason
from vitals.participants import Prescription
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.settings import Settings, add_common_flags
from vitals.site_key import open_site_key

CLASS_NAME: Final = "Replay"
DRAIN_S: Final = 3.0
"""After the last reading the record gets this long (of real time) to commit before the class ends."""


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``replay``."""
    parser = subcommands.add_parser(
        "replay",
        help="recorded people as if they were live",
        description="Plays recordings (ID.csv with columns such as t_s, hr_bpm, spo2_pct; ID.rr.csv with t_s, rr_ms) "
        "through virtual straps and oximeters, the virtual air and every part, to wall and record. One participant a "
        "recording. The class ends with the longest recording.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="ID.csv or ID.rr.csv")
    add_common_flags(parser)
    add_web_flags(parser)
    parser.add_argument("--speed", dest="clock_rate", type=float, metavar="N", help="N times faster than life (1..20)")
    parser.add_argument("--oximeter", dest="simulators.oximeter", type=int, metavar="N", help="use column spo2_devN")
    parser.add_argument("--hr-upper", type=int, metavar="BPM", help="upper HR limit for everybody (none by default)")
    parser.add_argument("--spo2-floor", type=float, metavar="PCT", help="lower SpO2 limit for everybody (88)")
    parser.add_argument("--sent-log", dest="simulators.sent_log", metavar="FILE", help="write down what was heard")
    parser.add_argument("--stay", action="store_true", help="keep wall and record open after the end")
    parser.set_defaults(run=_run, command_name="replay")


def _run(arguments: argparse.Namespace) -> int:
    prescription = Prescription(hr_upper_bpm=arguments.hr_upper, spo2_floor_pct=arguments.spo2_floor)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="session-vitals-")))
        port = free_port()
        settings = anchored(
            settings_of(
                arguments,
                quiet=True,
                mode=GenerationMode.REPLAYED.value,
                data=str(scratch),
                simulators__port=port,
                simulators__recordings=tuple(str(file) for file in arguments.files),
                gateway__drop_s=_drop_s(arguments.clock_rate or 1.0),
                gateway__radios=(f"bumble:tcp-client:127.0.0.1:{port}?slots=1000",),
            )
        )
        if printed_config(arguments, settings):
            return 0
        require_free_port(settings)
        _require_recordings(settings)
        settings, broker = choose_broker(settings, port=free_port())
        prepare_data(settings)
        return run_until_told(_replay(settings, broker, prescription, stay=arguments.stay))


def _require_recordings(settings: Settings) -> None:
    """Refuse what cannot be played before anything starts.

    Raises:
        SetupError: a file that cannot be read, or nothing in all of them to play.
        InputError: a file that is no recording.
    """
    from simulators.library import load_recordings  # noqa: PLC0415 - a wrong --port needs no simulator

    # Lines that are left out are told by the simulator, which reads the files again.
    logging.getLogger("simulators.library").setLevel(logging.ERROR)
    if not load_recordings(settings.simulators.recordings, oximeter=settings.simulators.oximeter):
        msg = "no recording has a heart rate, RR intervals or SpO2 to play"
        raise SetupError(msg, SetupReason.SETTINGS)


def _drop_s(speed: float) -> float:
    """Return the watchdog of the gateway: as many real seconds as in life, for it is the machine that stalls here."""
    return Settings().gateway.drop_s * max(1.0, speed)


async def _replay(settings: Settings, broker: BrokerPlan, prescription: Prescription, *, stay: bool) -> None:
    async def host(supervisor: Supervisor) -> None:
        body = await asyncio.to_thread(_plan, settings, prescription)
        await wait_for_dashboard(settings)
        client = DashboardClient(settings)
        await asyncio.to_thread(end_left_behind, client, settings, name=CLASS_NAME)
        session = await asyncio.to_thread(client.post, "/api/v1/sessions", body)
        print(f"wall: {dashboard_url(settings)}/wall   (replayed data; Ctrl-C ends)", flush=True)
        await supervisor.wait_done("simulate")
        await asyncio.sleep(DRAIN_S)
        await asyncio.to_thread(client.post, f"/api/v1/sessions/{session['id']}/end", {})
        print(f"replay ended; session {session['id']} is in {settings.record_file}", flush=True)
        await asyncio.sleep(10**9 if stay else DRAIN_S)

    await run_system(settings, broker, with_simulator=True, host=host)


def _plan(settings: Settings, prescription: Prescription) -> dict[str, object]:
    from simulators.cast import cast_recordings, plan_class  # noqa: PLC0415 - bumble takes a while to import
    from simulators.library import load_recordings  # noqa: PLC0415

    recordings = load_recordings(settings.simulators.recordings, oximeter=settings.simulators.oximeter)
    return plan_class(
        cast_recordings(recordings, prescription=prescription),
        name=CLASS_NAME,
        mode=settings.mode,
        room=settings.dashboard.room,
        gateway=GatewayId(settings.gateway.id),
        site_key=open_site_key(settings.site_key_file),
    )
