"""The machine: qemu without KVM, Debian's kernel, the files of this machine read-only. Nothing outlives `run`."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

LOOK_S: Final = 0.1
KILLED_S: Final = 10.0
_PR_SET_PDEATHSIG: Final = 1


class Guest(Struct, frozen=True, kw_only=True):
    """What a guest is started from, and where its three serial lines end.

    Attributes:
        system: the packages, unpacked.
        libraries: Debian's name of the architecture, as in ``/usr/lib/x86_64-linux-gnu``.
        kernel: the kernel's image.
        initramfs: its first files.
        console: what the kernel and the programs say.
        report: what the scenarios say.
        gateway: the gateway's own log.
    """

    system: Path
    libraries: str
    kernel: Path
    initramfs: Path
    console: Path
    report: Path
    gateway: Path

    def command(self) -> list[str]:
        """Return how qemu is started."""
        share = self.system / "usr/share"
        return [
            *(str(program(self.system, "qemu-system-x86_64")), "-L", str(share / "qemu"), "-L", str(share / "seabios")),
            *("-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none", "-no-reboot"),
            *("-accel", "tcg,thread=multi", "-cpu", "Nehalem", "-smp", "2", "-m", "1536"),
            *("-serial", f"file:{self.console}", "-serial", f"file:{self.report}", "-serial", f"file:{self.gateway}"),
            *("-kernel", str(self.kernel), "-initrd", str(self.initramfs)),
            *("-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"),
            *("-device", "virtio-9p-pci,fsdev=host,mount_tag=host", "-device", "virtio-rng-pci"),
            *("-append", "console=ttyS0 quiet panic=-1 mitigations=off"),
        ]


def program(system: Path, name: str) -> Path:
    """Return a program of the unpacked packages, or else of this machine.

    Raises:
        FileNotFoundError: neither has it.
    """
    places = ("usr/bin", "usr/sbin", "bin", "sbin", "usr/libexec/bluetooth", "usr/lib/bluetooth")
    for root in (system, Path("/")):
        for place in places:
            if (root / place / name).exists():
                return root / place / name
    raise FileNotFoundError(name)


def run(guest: Guest, *, limit_s: float, on_line: Callable[[str], None]) -> str:
    """Run a guest to its end; return why it ended too early, or nothing. ``on_line``: for each line of its report."""
    for path in (guest.console, guest.report, guest.gateway):
        path.write_bytes(b"")
    folders = [guest.system / place / guest.libraries for place in ("usr/lib", "lib")]
    environment = os.environ | {"LD_LIBRARY_PATH": ":".join(str(folder) for folder in folders)}
    end_s = time.monotonic() + limit_s
    with subprocess.Popen(
        guest.command(),
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - no other threads here
    ) as process:
        try:
            _follow(process, guest.report, end_s=end_s, on_line=on_line)
            if process.poll() is None:
                return f"not ready within {limit_s:.0f} s"
            said = process.stderr.read() if process.stderr else ""
            return f"qemu ended with {process.returncode}: {said.strip()}" if process.returncode else ""
        finally:
            process.kill()
            process.wait(KILLED_S)


def _follow(process: "subprocess.Popen[str]", report: Path, *, end_s: float, on_line: Callable[[str], None]) -> None:
    with report.open(encoding="utf-8", errors="replace") as lines:
        rest = ""
        while True:
            is_over = process.poll() is not None or time.monotonic() > end_s
            *whole, rest = (rest + lines.read()).replace("\r", "").split("\n")
            for line in whole:
                on_line(line)
            if is_over:
                return
            # A file that the guest writes tells nobody when it grows: looking now and then is all there is.
            time.sleep(LOOK_S)


def _end_with_parent() -> None:
    """Ask the kernel to kill the guest when we die, however that happens (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def last_lines(path: Path, count: int) -> Sequence[str]:
    """Return the end of a log."""
    return path.read_text(encoding="utf-8", errors="replace").replace("\r", "").splitlines()[-count:]
