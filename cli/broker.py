"""Which broker the system talks to: one that is given, else a Mosquitto of our own, else the one in the iotcore wheel.

Our own listens on 127.0.0.1 only, because there it may take anybody; it keeps nothing on disk, because every owner of a
state tells it again (`vitals.bus.Bus.set_retained`), and a state from a file could be one that its owner has cleared.
"""

import asyncio
import importlib.util
import logging
import os
import shutil
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from vitals.connection import IN_FLIGHT_MAX
from vitals.errors import SetupError, SetupReason
from vitals.settings import Settings
from vitals.wire import PAYLOAD_BYTES_MAX

logger: Final = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
PORT: Final = 1883
START_S: Final = 10.0
STOP_S: Final = 1.0
"""A SIGTERM in Mosquitto's first milliseconds is lost (3 of 80 tries), so nobody waits longer for it."""
QUEUED_MAX: Final = 10_000
"""Messages for one slow consumer: 16 s of 300 people; beyond it the broker drops, and the outbox sends again."""
_PACKET_BYTES_MAX: Final = PAYLOAD_BYTES_MAX + 65_536


class BrokerKind(StrEnum):
    """Where the broker comes from."""

    GIVEN = "given"
    MOSQUITTO = "mosquitto"
    IOTCORE = "iotcore"


class BrokerPlan(Struct, frozen=True, kw_only=True):
    """What to start and where to connect. ``argv`` is empty when the broker runs elsewhere."""

    kind: BrokerKind
    url: str
    argv: tuple[str, ...] = ()
    config: Path | None = None
    config_text: str = ""

    def write(self) -> None:
        """Write the configuration that ``argv`` names.

        Raises:
            SetupError: the folder does not take it.
        """
        if self.config is None:
            return
        try:
            self.config.parent.mkdir(parents=True, exist_ok=True)
            self.config.write_text(self.config_text, encoding="utf-8")
        except OSError as error:
            raise SetupError(f"broker configuration {self.config}: {error.strerror}", SetupReason.SETTINGS) from error


def plan_broker(
    *, given: str | None, port: int, folder: Path, mosquitto: str | None, has_iotcore: bool, python: str
) -> BrokerPlan:
    """Choose a broker; pure.

    Args:
        given: a broker's address that somebody asked for; it wins.
        port: a free port of this machine for our own.
        folder: where its configuration goes.
        mosquitto: the program, if it is installed.
        has_iotcore: whether the wheel is installed.
        python: the interpreter that runs it.

    Raises:
        SetupError: there is none; the line says what to install.
    """
    if given is not None:
        return BrokerPlan(kind=BrokerKind.GIVEN, url=given)
    url = f"mqtt://{HOST}:{port}"
    if mosquitto is not None:
        config = folder / "mosquitto.conf"
        return BrokerPlan(
            kind=BrokerKind.MOSQUITTO,
            url=url,
            argv=(mosquitto, "-c", str(config)),
            config=config,
            config_text=render_mosquitto(port),
        )
    if has_iotcore:
        config = folder / "iotcore.toml"
        return BrokerPlan(
            kind=BrokerKind.IOTCORE,
            url=url,
            argv=(python, "-P", "-m", "cli.iotcore_broker", str(config)),
            config=config,
            config_text=render_iotcore(port),
        )
    raise SetupError(
        "no broker: install the package mosquitto, or `pip install session-vitals[broker]`, or give --broker URL",
        SetupReason.NO_BROKER,
    )


def find_broker(settings: Settings, *, port: int = PORT) -> BrokerPlan:
    """Look around on this machine and choose.

    Args:
        settings: ``broker`` counts as given when file, environment or flag named it.
        port: for our own; when somebody has it already, a free one is taken instead.

    Raises:
        SetupError: there is none.
    """
    given = settings.broker if "broker" in settings.model_fields_set else None
    plan = plan_broker(
        given=given,
        port=port if given is not None or is_free(port) else free_port(),
        folder=settings.data / "broker",
        mosquitto=find_mosquitto(),
        has_iotcore=importlib.util.find_spec("iotcore") is not None,
        python=sys.executable,
    )
    if plan.kind is not BrokerKind.GIVEN:
        logger.warning(f"broker of our own kind={plan.kind} url={plan.url}: anybody on this machine may connect")
    return plan


def find_mosquitto() -> str | None:
    """Return the program; Debian puts it where only root's PATH looks."""
    return shutil.which("mosquitto", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


def is_free(port: int) -> bool:
    """Return whether nobody listens on a port of 127.0.0.1."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def exec_broker(plan: BrokerPlan) -> None:
    """Become the broker: this process is replaced, so that whoever kills it kills the broker.

    Raises:
        SetupError: the broker runs elsewhere, or cannot be started.
    """
    if not plan.argv:
        raise SetupError(f"the broker {plan.url} runs elsewhere; nothing to start", SetupReason.SETTINGS)
    plan.write()
    try:
        os.execv(plan.argv[0], plan.argv)  # noqa: S606 - the arguments are ours
    except OSError as error:
        raise SetupError(f"broker {plan.argv[0]}: {error.strerror}", SetupReason.NO_BROKER) from error


@asynccontextmanager
async def run_broker(plan: BrokerPlan) -> AsyncIterator[Process | None]:
    """Start the broker of a plan, wait until it listens, and stop it at the end.

    Raises:
        SetupError: it does not come up.
    """
    if not plan.argv:
        yield None
        return
    plan.write()
    process = await asyncio.create_subprocess_exec(*plan.argv, stdin=asyncio.subprocess.DEVNULL)
    try:
        await _wait_until_it_listens(plan, process)
        yield process
    finally:
        await stop_process(process)


async def stop_process(process: Process) -> None:
    """Ask a process to end, and after `STOP_S` make it."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def render_mosquitto(port: int) -> str:
    """Return the configuration of our own Mosquitto (mosquitto.conf(5))."""
    return "\n".join(
        (
            "# Written at each start; changes are lost.",
            f"listener {port} {HOST}",
            "allow_anonymous true",
            "persistence false",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            f"max_inflight_messages {IN_FLIGHT_MAX}",
            f"max_queued_messages {QUEUED_MAX}",
            f"max_packet_size {_PACKET_BYTES_MAX}",
            "",
        )
    )


def render_iotcore(port: int) -> str:
    """Return the configuration of the rumqttd inside iotcore: one listener, MQTT 5 (its plain arguments give 3.1.1)."""
    return "\n".join(
        (
            "# Written at each start; changes are lost.",
            "id = 0",
            "[router]",
            "id = 0",
            "max_connections = 512",
            "max_outgoing_packet_count = 1000",
            "max_segment_size = 10485760",
            "max_segment_count = 4",
            "[v5.1]",
            'name = "vitals"',
            f'listen = "{HOST}:{port}"',
            "next_connection_delay_ms = 1",
            "[v5.1.connections]",
            "connection_timeout_ms = 5000",
            f"max_payload_size = {_PACKET_BYTES_MAX}",
            f"max_inflight_count = {IN_FLIGHT_MAX}",
            "",
        )
    )


async def _wait_until_it_listens(plan: BrokerPlan, process: Process) -> None:
    port = int(plan.url.rpartition(":")[2])
    try:
        async with asyncio.timeout(START_S):
            while process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection(HOST, port)
                except OSError:
                    await asyncio.sleep(0.01)
                    continue
                writer.close()
                await writer.wait_closed()
                return
    except TimeoutError:
        pass
    raise SetupError(
        f"broker {plan.argv[0]} does not listen on {HOST}:{port} (exit code {process.returncode})",
        SetupReason.NO_BROKER,
    )
