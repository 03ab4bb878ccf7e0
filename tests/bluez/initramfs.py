"""The initramfs of the guest: a cpio archive in the "newc" format, and the kernel's modules in the order of loading.

The format is in the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import lzma
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

_TRAILER: Final = "TRAILER!!!"
_CONSOLE: Final = (5, 1)


def render_archive(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of these files, all executable, with their folders and a console."""
    folders = sorted({str(parent) for name in files for parent in Path(name).parents if str(parent) != "."} | {"dev"})
    entries = [_entry(folder, stat.S_IFDIR | 0o755) for folder in folders]
    entries.append(_entry("dev/console", stat.S_IFCHR | 0o600, device=_CONSOLE))
    entries += [_entry(name, stat.S_IFREG | 0o755, content) for name, content in sorted(files.items())]
    return b"".join([*entries, _entry(_TRAILER, 0)])


def _entry(name: str, mode: int, content: bytes = b"", *, device: tuple[int, int] = (0, 0)) -> bytes:
    text = name.encode() + b"\0"
    fields = (0, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(text), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + text
    return head + b"\0" * (-len(head) % 4) + content + b"\0" * (-len(content) % 4)


class Modules:
    """The modules of one kernel, as unpacked from its package."""

    def __init__(self, folder: Path) -> None:
        """Look at ``lib/modules/<release>``."""
        files = [path for path in folder.rglob("*.ko*") if path.name.endswith((".ko", ".ko.xz"))]
        self._paths = {_name(path): path for path in files}
        built_in = (folder / "modules.builtin").read_text().split()
        self._built_in = {_name(Path(line)) for line in built_in}

    def in_order(self, wanted: Iterable[str]) -> dict[str, bytes]:
        """Return the wanted modules and what they need, each after what it needs.

        Raises:
            KeyError: the kernel has no such module.
        """
        found: dict[str, bytes] = {}
        for name in wanted:
            self._add(name, found)
        return found

    def _add(self, name: str, found: dict[str, bytes]) -> None:
        if name in found or name in self._built_in:
            return
        path = self._paths[name]
        content = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        depends = re.search(rb"\0depends=([^\0]*)\0", content)
        for needed in filter(None, depends.group(1).decode().split(",") if depends else ()):
            self._add(needed.replace("-", "_"), found)
        found[name] = content


def _name(path: Path) -> str:
    return path.name.partition(".")[0].replace("-", "_")
