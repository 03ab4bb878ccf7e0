"""The child process of an export: one order as JSON on standard input; ends with 0, or says in one line what is wrong.

It is nice to everybody else, and the kernel ends it when it wants too much.
"""

import contextlib
import os
import resource
import sys
from typing import Final

import msgspec

from dashboard.export.order import ExportOrder
from dashboard.export.writing import write_export
from vitals.errors import VitalsError

CPU_S_MAX: Final = 900
MEMORY_BYTES_MAX: Final = 4 * 1_073_741_824
NICE: Final = 10


def main() -> int:
    """Do one order."""
    os.nice(NICE)
    os.umask(0o077)
    for kind, most in ((resource.RLIMIT_CPU, CPU_S_MAX), (resource.RLIMIT_AS, MEMORY_BYTES_MAX)):
        with contextlib.suppress(ValueError, OSError):  # a stricter limit of the machine stays
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
    try:
        write_export(msgspec.json.decode(sys.stdin.buffer.read(), type=ExportOrder))
    except (VitalsError, OSError, msgspec.MsgspecError, MemoryError) as error:
        sys.stderr.write(" ".join(str(error).split()) or type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
