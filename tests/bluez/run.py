"""``make test-bluez``: the unchanged gateway with a real bluetoothd and a real kernel, in a small virtual machine.

Everything it needs comes from the machine's Debian sources and lies below one folder (`.bluez`); a second run takes it
from there. Exit code 0: passed, or skipped because packages cannot be had (it says so in one line); else 1.
"""

import argparse
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tests.bluez.initramfs import Modules, render_archive
from tests.bluez.machine import Guest, last_lines, program, run
from tests.bluez.packages import NotToBeHadError, Packages, unpack

CHECKOUT: Final = Path(__file__).resolve().parents[2]
NAME: Final = "test-bluez"
LIMIT_S: Final = 290.0
MACHINE: Final = "x86_64"
LIBRARIES: Final = "x86_64-linux-gnu"
KERNEL: Final = "linux-image-amd64"
PROGRAMS: Final = ("qemu-system-x86", "busybox-static", "bluez", "mosquitto", "dbus-daemon")
MODULES: Final = (
    *("virtio_pci", "virtio_rng", "9p", "9pnet_virtio", "overlay"),
    *("hci_vhci", "uhid", "uinput", "algif_hash", "algif_skcipher", "cmac", "ecb"),
)
KERNEL_PARTS: Final = ("boot", "lib/modules/{release}/kernel", "lib/modules/{release}/modules.builtin")
WARMED: Final = (
    *("cli.main", "gateway.service", "ingest.service", "tests.bluez.scenarios", "bumble.transport.vhci"),
    *("bleak.backends.bluezdbus.client", "bleak.backends.bluezdbus.scanner"),
)
FETCHED: Final = ("debs", "apt-lists", "apt-cache")
LINES_SHOWN: Final = 60


class Unpacked(Struct, frozen=True, kw_only=True):
    """What an earlier run has unpacked; ``version`` changes with this file's lists."""

    version: str
    kernel: str


def main(words: Sequence[str] | None = None) -> int:
    """Run it; say what it did."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--work", type=Path, default=CHECKOUT / ".bluez", help="folder of everything it needs")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for everything")
    arguments = parser.parse_args(words)
    start_s = time.monotonic()
    work: Path = arguments.work.resolve()
    try:
        with step("packages"):
            unpacked = have_packages(work)
    except NotToBeHadError as error:
        say(f"SKIPPED, packages could not be had: {error}")
        return 0
    with step("guest"):
        guest = have_guest(work, unpacked)
    why, is_passed = run_scenarios(guest, limit_s=arguments.limit - (time.monotonic() - start_s))
    if not is_passed:
        show_logs(guest)
    say(f"{'PASSED' if is_passed else 'FAILED'} in {time.monotonic() - start_s:.0f} s{why and f': {why}'}")
    return 0 if is_passed else 1


def have_packages(work: Path) -> Unpacked:
    """Return what is unpacked below ``work``, after fetching it if need be."""
    version = " ".join((*PROGRAMS, KERNEL, *MODULES))
    stamp = work / "unpacked.json"
    if stamp.exists():
        unpacked = msgspec.json.decode(stamp.read_bytes(), type=Unpacked)
        if unpacked.version == version:
            return unpacked
    if platform.machine() != MACHINE:
        raise NotToBeHadError(f"the guest runs programs of this machine, and {platform.machine()} has no recipe")
    for folder in ("system", "kernel", "pycache", *FETCHED):
        shutil.rmtree(work / folder, ignore_errors=True)
    packages = Packages(work)
    packages.update()
    image = packages.image_of(KERNEL)
    archives = packages.fetch([*packages.missing_for(PROGRAMS), image])
    unpack_all(archives, image, work)
    unpacked = Unpacked(version=version, kernel=image.removeprefix("linux-image-"))
    stamp.write_bytes(msgspec.json.encode(unpacked))
    for folder in FETCHED:
        shutil.rmtree(work / folder)
    return unpacked


def unpack_all(archives: dict[str, Path], image: str, work: Path) -> None:
    """Unpack the programs, and of the kernel what the guest loads."""
    system, kernel, release = work / "system", work / "kernel", image.removeprefix("linux-image-")
    for name, archive in archives.items():
        if name != image:
            unpack(archive, system)
    unpack(archives[image], kernel, *(f"./{part.format(release=release)}" for part in KERNEL_PARTS))
    modules = Modules(kernel / "lib/modules" / release).in_order(MODULES)
    shutil.rmtree(kernel / "lib")
    (kernel / "modules").mkdir()
    for name, content in modules.items():
        (kernel / "modules" / name).write_bytes(content)
    (kernel / "modules/order").write_text("".join(f"{name}\n" for name in modules))
    shutil.copy(program(system, "busybox"), work / "busybox")


def have_guest(work: Path, unpacked: Unpacked) -> Guest:
    """Return the guest, after writing its first files and the bytecode of what it runs."""
    paths = {"CHECKOUT": CHECKOUT, "WORK": work, "PYTHON": CHECKOUT / ".venv/bin/python", "LIBRARIES": LIBRARIES}
    lines = [f"export {name}={shlex.quote(str(path))}\n" for name, path in paths.items()]
    files = {f"modules/{path.name}": path.read_bytes() for path in (work / "kernel/modules").iterdir()}
    files["busybox"] = (work / "busybox").read_bytes()
    files["init"] = (CHECKOUT / "tests/bluez/guest/early.sh").read_bytes()
    files["paths"] = "".join(lines).encode()
    (work / "initramfs").write_bytes(render_archive(files))
    # The guest can write nothing here, and compiles everything anew at each start of a program if this does not.
    imports = f"import {', '.join(WARMED)}"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(work / "pycache")
    subprocess.run([sys.executable, "-c", imports], cwd=CHECKOUT, env=environment, check=True)
    logs = work / "logs"
    logs.mkdir(exist_ok=True)
    return Guest(
        system=work / "system",
        libraries=LIBRARIES,
        kernel=work / "kernel/boot" / f"vmlinuz-{unpacked.kernel}",
        initramfs=work / "initramfs",
        console=logs / "console.log",
        report=logs / "report.log",
        gateway=logs / "gateway.log",
    )


def run_scenarios(guest: Guest, *, limit_s: float) -> tuple[str, bool]:
    """Run the guest; return why it ended too early, and whether its scenarios passed."""
    ends: list[str] = []

    def hear(line: str) -> None:
        if line.startswith("END "):
            ends.append(line)
        else:
            say(line)

    why = run(guest, limit_s=limit_s, on_line=hear)
    if not why and not ends:
        why = "the guest ended without a word"
    return why, not why and ends == ["END 0"]


def show_logs(guest: Guest) -> None:
    """Show the end of what the guest said."""
    for path in (guest.console, guest.gateway):
        say(f"--- the end of {path}")
        for line in last_lines(path, LINES_SHOWN):
            sys.stdout.write(f"    {line}\n")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say how long a step took."""
    start_s = time.monotonic()
    yield
    say(f"{name} ready in {time.monotonic() - start_s:.1f} s")


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{NAME}: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
