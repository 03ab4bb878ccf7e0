"""Which version of the program this is, as it is installed."""

from importlib import metadata
from typing import Final


def _version() -> str:
    try:
        return metadata.version("session-vitals")
    except metadata.PackageNotFoundError:
        return "not installed"


VERSION: Final = _version()
