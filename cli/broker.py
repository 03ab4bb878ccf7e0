"""Which broker the system talks to: one that is given, else a Mosquitto of our own, else the one in the iotcore wheel.

Our own listens on 127.0.0.1 only, because there it may take anybody; it keeps nothing on disk, because every owner of a
state tells it again (`vitals.bus.Bus.set_retained`), and a state from a file could be one that its owner has cleared.
"""

import asyncio
import importlib
import importlib.util
import logging
import os
import pwd
import secrets
import shutil
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from msgspec import Struct

from cli.children import ChildSpec
from cli.door import Door, plan_door, require_place
from vitals.connection import IN_FLIGHT_MAX
from vitals.errors import SetupError, SetupReason
from vitals.settings import Settings
from vitals.wire import PAYLOAD_BYTES_MAX

logger: Final = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
QUEUED_MAX: Final = 40_000
"""Messages for one consumer that is slow or, as analysis, expected back: 30 people tell 27 000 in 300 s, 300 people
tell 40 000 in 44 s. Beyond it the broker drops what comes; the record gets it all the same, from the outbox."""
QUEUED_BYTES_MAX: Final = 64 * 1_048_576
RENEWAL_S: Final = 86_400.0
_PORTS: Final = range(20_000, 32_768)
_PORTS_TRIED: Final = 100
_PACKET_BYTES_MAX: Final = PAYLOAD_BYTES_MAX + 65_536


class BrokerKind(StrEnum):
    """Where the broker comes from."""

    GIVEN = "given"
    MOSQUITTO = "mosquitto"
    IOTCORE = "iotcore"


class BrokerPlan(Struct, frozen=True, kw_only=True):
    """What to start and where to connect. ``child`` is None when the broker runs elsewhere."""

    kind: BrokerKind
    url: str
    child: ChildSpec | None = None
    config: Path | None = None
    config_text: str = ""
    door: Door | None = None

    def write_files(self) -> None:
        """Write the configuration that the child reads.

        Raises:
            SetupError: the folder does not take it.
        """
        if self.config is None:
            return
        try:
            self.config.parent.mkdir(parents=True, exist_ok=True)
            self.config.write_text(self.config_text, encoding="utf-8")
            # Another user reads it, and it holds no secret.
            self.config.chmod(0o644)
        except OSError as error:
            raise SetupError(f"broker configuration {self.config}: {error.strerror}", SetupReason.SETTINGS) from error
        if self.door is not None:
            # Loaded by those who open a door: it needs cryptography.
            importlib.import_module("cli.pairing.furnishing").furnish(self.door, now=datetime.now(UTC))

    def tell(self) -> None:
        """Say in the log who may connect; only when it really starts, as this reads like a beginning."""
        if self.child is not None:
            logger.warning(f"broker of our own kind={self.kind} url={self.url}: anybody on this machine may connect")
        if self.door is not None:
            logger.warning(f"broker lets in paired gateways host={self.door.host} port={self.door.port}")


def plan_broker(*, port: int, settings: Settings) -> BrokerPlan:
    """Look around on this machine and choose a broker of our own.

    Args:
        port: where it shall listen; when somebody has that port already, a free one is taken instead.
        settings: the data folder, below which the configuration goes, and the door for other boxes.

    Raises:
        SetupError: there is none, the line says what to install; or the door's place is not to be had.
        PeerError: this machine has not (yet) the door's address.
    """
    user = mosquitto_user()
    plan = choose_broker(
        port=port if is_free(port) else free_port(),
        folder=settings.data.absolute() / "broker",
        mosquitto=find_mosquitto(),
        has_iotcore=importlib.util.find_spec("iotcore") is not None,
        environment=os.environ,
        user=user,
        door=plan_door(settings, user=user),
    )
    if plan.door is not None:
        require_place(plan.door.host, plan.door.port)
    return plan


def no_broker(url: str) -> BrokerPlan:
    """Return the plan that starts nothing, because the broker runs elsewhere."""
    return BrokerPlan(kind=BrokerKind.GIVEN, url=url)


def choose_broker(
    *,
    port: int,
    folder: Path,
    mosquitto: str | None,
    has_iotcore: bool,
    environment: Mapping[str, str],
    user: str | None = None,
    door: Door | None = None,
) -> BrokerPlan:
    """Choose a broker of our own from what is there; pure.

    Args:
        port: a free port of this machine.
        folder: where its configuration goes.
        mosquitto: the program, if it is installed; it is preferred.
        has_iotcore: whether the wheel is installed.
        environment: for the child.
        user: whom Mosquitto runs as, when not as we do.
        door: where gateways of other boxes come in; None: nowhere.

    Raises:
        SetupError: there is none, or none with an access list for the door; the line says what to install.
    """
    if mosquitto is None and door is not None:
        # iotcore has no access list: with it every gateway could speak for every other.
        msg = f"lan.host = {door.host}: gateways of other boxes need the package mosquitto on this machine"
        raise SetupError(msg, SetupReason.NO_BROKER)
    if mosquitto is not None:
        kind, config, text = BrokerKind.MOSQUITTO, folder / "mosquitto.conf", render_mosquitto(port, door)
        # Handed over open: its user can't reach a folder that belongs to us alone.
        argv: tuple[str, ...] = (mosquitto, "-c", "/dev/stdin")
    elif has_iotcore:
        kind, config, text = BrokerKind.IOTCORE, folder / "iotcore.toml", render_iotcore(port)
        argv = (sys.executable, "-P", "-m", "cli.iotcore_broker", str(config))
    else:
        raise SetupError(
            "no broker: install the package mosquitto, or `pip install session-vitals[broker]`, or give --broker URL",
            SetupReason.NO_BROKER,
        )
    child = ChildSpec(
        name="broker",
        argv=argv,
        environment=dict(environment),
        ready_port=port,
        stdin=config if mosquitto is not None else None,
        user=user if mosquitto is not None else None,
    )
    return BrokerPlan(kind=kind, url=f"mqtt://{HOST}:{port}", child=child, config=config, config_text=text, door=door)


async def keep_renewed(plan: BrokerPlan, *, pids_file: Path) -> None:
    """Look at the certificate of the door each day, and renew it under the running broker; until cancelled.

    Args:
        plan: of the broker that runs.
        pids_file: of the supervisor that runs it.
    """
    while True:
        await asyncio.sleep(RENEWAL_S)
        if plan.door is None:
            continue
        try:
            furnishing = importlib.import_module("cli.pairing.furnishing")
            await asyncio.to_thread(furnishing.tell_broker, plan.door, pids_file=pids_file, now=datetime.now(UTC))
        except SetupError as error:
            # Weeks are left when this begins; the broker goes on as it is.
            logger.error(f"broker certificate not renewed why={error}")  # noqa: TRY400 - the line says it all


def find_mosquitto() -> str | None:
    """Return the program; Debian puts it where only root's PATH looks."""
    return shutil.which("mosquitto", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


def mosquitto_user() -> str | None:
    """Return the user that Mosquitto shall have from its first instruction, None: ours.

    Started by root it would change to that user by itself, and by that forget to end with us (prctl(2)).
    """
    try:
        return pwd.getpwnam("mosquitto").pw_name if os.geteuid() == 0 else None
    except KeyError:
        return None


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
    """Return a port of 127.0.0.1 that nobody listens on.

    Below those that the system gives to whoever connects: before we listen on one of these, a connection may have it.
    """
    for _ in range(_PORTS_TRIED):
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with socket.socket() as listener, suppress(OSError):
            listener.bind((HOST, port))
            return port
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def render_mosquitto(port: int, door: Door | None = None) -> str:
    """Return the configuration of our own Mosquitto (mosquitto.conf(5))."""
    return "\n".join(
        (
            "# Written at each start; changes are lost.",
            # Who may come in over loopback, and who from elsewhere, are two questions.
            "per_listener_settings true",
            "persistence false",
            # Messages are small and urgent: no waiting for company, and none for the other side's delayed ACK.
            "set_tcp_nodelay true",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            f"max_inflight_messages {IN_FLIGHT_MAX}",
            f"max_queued_messages {QUEUED_MAX}",
            f"max_queued_bytes {QUEUED_BYTES_MAX}",
            f"max_packet_size {_PACKET_BYTES_MAX}",
            f"listener {port} {HOST}",
            "allow_anonymous true",
            *([] if door is None else door.render()),
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
