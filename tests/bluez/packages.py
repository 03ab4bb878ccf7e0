"""Debian packages, fetched and unpacked below one folder; nothing is installed and nothing of the machine is changed.

The sources are the machine's own (no address stands here); lists and archives go below the folder.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

APT_S: Final = 150.0
"""For one call of apt-get; the largest fetches 95 MB."""


class NotToBeHadError(Exception):
    """The packages cannot be fetched here: no apt, no network, not in the machine's sources."""


class Packages:
    """What apt can fetch, below ``folder``."""

    def __init__(self, folder: Path) -> None:
        """Use the machine's sources, with lists of our own."""
        self._debs = folder / "debs"
        self._lists = folder / "apt-lists"
        self._options = (
            *("-o", f"Dir::State::Lists={self._lists}"),
            *("-o", f"Dir::Cache={folder / 'apt-cache'}"),
            # The archives are for us alone, in a folder that apt's own user may not enter.
            *("-o", "APT::Sandbox::User=", "-o", "Acquire::Languages=none", "-o", "Acquire::Retries=2"),
        )
        for path in (self._debs, self._lists / "partial", folder / "apt-cache/archives/partial"):
            path.mkdir(parents=True, exist_ok=True)

    def update(self) -> None:
        """Read what the sources offer now."""
        self._apt("apt-get", "update", "-qq")

    def image_of(self, name: str) -> str:
        """Return the package of the kernel that a meta package such as ``linux-image-amd64`` stands for."""
        said = self._apt("apt-cache", "depends", name)
        found = re.search(r"Depends: (linux-image-\S+)", said)
        if found is None:
            raise NotToBeHadError(f"{name} names no kernel")
        return found.group(1)

    def missing_for(self, names: Sequence[str]) -> list[str]:
        """Return what of these packages, and of all that they need, is not installed on this machine."""
        said = self._apt("apt-get", "install", "--simulate", "--no-install-recommends", *names)
        return re.findall(r"^Inst (\S+)", said, flags=re.MULTILINE)

    def fetch(self, names: Sequence[str]) -> dict[str, Path]:
        """Return the archives of packages, by name."""
        self._apt("apt-get", "download", "-q", *names)
        return {path.name.partition("_")[0]: path for path in self._debs.glob("*.deb")}

    def _apt(self, program: str, *arguments: str) -> str:
        try:
            done = subprocess.run(
                [program, *self._options, *arguments],
                cwd=self._debs,
                env=os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=APT_S,
                check=False,
            )
        except (FileNotFoundError, subprocess.TimeoutExpired) as error:
            raise NotToBeHadError(f"{program}: {error}") from error
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines()
            raise NotToBeHadError(f"{program} {arguments[0]}: {lines[0] if lines else done.returncode}")
        return done.stdout


def unpack(archive: Path, into: Path, *members: str) -> None:
    """Unpack an archive, or some of its folders (``./boot``)."""
    into.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as packed:
        subprocess.run(["tar", "-x", "-C", into, *members], stdin=packed.stdout, check=True)
    if packed.returncode:
        raise subprocess.CalledProcessError(packed.returncode, "dpkg-deb")
