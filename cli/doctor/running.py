"""What runs now: the parts of a system on this machine, its broker, and who holds the dashboard's port."""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cli.dashboard_client import DashboardClient, dashboard_url
from cli.doctor.finding import Finding, bad, ok, warn
from cli.doctor.mqtt import Answer, ask_broker
from cli.doctor.packages import installed_version
from cli.system import PIDS_FILE
from vitals.broker_url import parse_broker_url
from vitals.errors import VitalsError
from vitals.settings import Settings

ANSWER_S: Final = 2.0

_SYSTEM_PLACES: Final = ":/usr/sbin:/usr/local/sbin"
"""Where Debian puts servers; not on the PATH of every user."""
_VERSION: Final = re.compile(r"mosquitto version (\S+)")


def check_broker(settings: Settings) -> Sequence[Finding]:
    """Look for a broker that we could start, and ask the one that the settings name."""
    mosquitto, iotcore = _mosquitto_version(), installed_version("iotcore")
    is_default = settings.broker == Settings().broker
    answer = ask_broker(parse_broker_url(settings.broker), ca_file=settings.broker_ca_file)
    is_ours = "broker" in living(read_pids(settings.data / PIDS_FILE) or {})
    return (
        judge_installed(mosquitto, iotcore, is_needed=is_default),
        judge_answer(str(parse_broker_url(settings.broker)), answer, is_default=is_default, is_ours=is_ours),
    )


def judge_installed(mosquitto: str | None, iotcore: str | None, *, is_needed: bool) -> Finding:
    """Return which broker `serve` would start; none is bad only where the settings name no other."""
    names = [
        f"{name} {version}" for name, version in (("mosquitto", mosquitto), ("iotcore", iotcore)) if version is not None
    ]
    if names:
        return ok("broker", f"serve starts {names[0]}" + "".join(f"; {name} is there too" for name in names[1:]))
    detail = "neither mosquitto nor iotcore is installed: apt-get install mosquitto"
    return bad("broker", detail) if is_needed else ok("broker", f"{detail} (not needed: the settings name another)")


def judge_answer(address: str, answer: Answer, *, is_default: bool, is_ours: bool) -> Finding:
    """Return what the answer of the configured address means."""
    what = f"broker {address}"
    if not answer.problem and (is_ours or not is_default):
        return ok(what, "answers MQTT 5")
    if not answer.problem:
        # `serve` starts a broker of its own for the default address, and would find its port taken.
        return warn(what, "answers MQTT 5, but is not ours: stop it, or name it in another form with --broker")
    if is_default and not answer.is_reachable:
        return ok(what, "nobody there now; serve starts a broker")
    return bad(what, answer.problem)


def check_port(settings: Settings) -> Sequence[Finding]:
    """Look whether the dashboard can have its port, or has it already."""
    host, port = settings.dashboard.host, settings.dashboard.port
    what = f"port {port}"
    if port == 0:
        return (ok("port", "any free one is taken"),)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            # As the server does: a connection that was just closed is no reason to refuse.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
    except OSError as error:
        if _ask_healthz(settings) is not None:
            return (ok(what, f"the dashboard answers at {dashboard_url(settings)}"),)
        hint = "choose another with --port" if error.strerror else ""
        return (bad(what, f"{host}:{port} cannot be had ({error.strerror or error}); {hint}"),)
    return (ok(what, f"free for the dashboard at {host}"),)


def check_system(settings: Settings) -> Sequence[Finding]:
    """Look at the parts that `serve` has started with this data folder, and ask the dashboard how it is."""
    file = settings.data / PIDS_FILE
    pids = read_pids(file)
    if pids is None:
        return (ok("system", f"does not run here ({file} does not exist)"),)
    findings = [judge_pids(pids, living(pids))]
    if "dashboard" in living(pids):
        health = _ask_healthz(settings)
        url = f"{dashboard_url(settings)}/healthz"
        findings.append(bad("healthz", f"no answer from {url}") if health is None else judge_health(health))
    return findings


def judge_pids(pids: Mapping[str, int], alive: Sequence[str]) -> Finding:
    """Return whether all processes of a running system live."""
    gone = [name for name in pids if name not in alive]
    if not alive:
        return warn("system", "does not run; it ended without cleaning up (power cut?), the next start does")
    if gone:
        return bad("system", f"{', '.join(gone)} not running (supervisor restarts it); running: {', '.join(alive)}")
    return ok("system", "runs: " + ", ".join(f"{name} ({pids[name]})" for name in alive))


def read_pids(file: Path) -> dict[str, int] | None:
    """Return the process ids by part as the supervisor wrote them; None: no such file, or none of ours."""
    try:
        pids = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(pids, dict):
        return None
    return {str(name): pid for name, pid in pids.items() if isinstance(pid, int) and pid > 0}


def living(pids: Mapping[str, int]) -> tuple[str, ...]:
    """Return the names whose process exists."""
    return tuple(name for name, pid in pids.items() if _lives(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def judge_health(health: Mapping[str, Any]) -> Finding:
    """Return what the health report comes to: the parts that are not up, and what the others complain of."""
    parts = [part for part in health.get("parts", ()) if isinstance(part, dict)]
    complaints = [
        f"{part.get('part')} {part.get('instance')} {part.get('state')} {part.get('text', '')}".rstrip()
        for part in parts
        if part.get("state") != "up"
    ]
    complaints += [f"{part.get('part')}: {problem}" for part in parts for problem in part.get("problems", ())]
    if complaints:
        return warn("healthz", "; ".join(complaints))
    if health.get("status") != "ok":
        return warn("healthz", f"status {health.get('status')}")
    return ok("healthz", f"{len(parts)} parts, all up")


def _ask_healthz(settings: Settings) -> dict[str, Any] | None:
    """Return the dashboard's answer; None: nobody answers, or somebody else does."""
    try:
        health = DashboardClient(settings, timeout_s=ANSWER_S).get("/healthz")
    except VitalsError:
        return None
    return health if isinstance(health, dict) else None


def _mosquitto_version() -> str | None:
    path = shutil.which("mosquitto", path=os.environ.get("PATH", "") + _SYSTEM_PLACES)
    if path is None:
        return None
    try:
        # Its help names its version; there is no option for the version alone.
        told = subprocess.run([path, "-h"], capture_output=True, text=True, timeout=ANSWER_S, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return f"at {path}"
    found = _VERSION.search(told.stdout)
    return found[1] if found else f"at {path}"
