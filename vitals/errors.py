"""The tree of errors, split by what the caller does next.

::

    VitalsError
    +-- SetupError       a person must change something; the part does not start (settings, port in use, no broker)
    +-- InputError       this one input is refused: say where and what, count it, go on with the next
    +-- PeerError        the other side is away or refuses: wait and try again (broker, radio, sensor)
    +-- StorageError     the disk does not take or give data: keep what is unsaved, say so, try again

Each has a typed ``reason``. Programmer errors (TypeError, KeyError, ...) are not in the tree: they crash.
"""

from enum import StrEnum


class SetupReason(StrEnum):
    """Why a part cannot start."""

    SETTINGS = "settings"
    PORT_IN_USE = "port_in_use"
    NO_BROKER = "no_broker"
    NO_RADIO = "no_radio"
    NOT_ALLOWED = "not_allowed"
    MISSING_PACKAGE = "missing_package"
    OLD_LIBRARY = "old_library"


class InputReason(StrEnum):
    """Why an input is refused."""

    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"
    WRONG_VERSION = "wrong_version"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_NAME = "unknown_name"
    OUT_OF_RANGE = "out_of_range"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    NOT_ALLOWED = "not_allowed"


class PeerReason(StrEnum):
    """Why a peer did not do what was asked."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    LINK_LOST = "link_lost"
    OUT_OF_SLOTS = "out_of_slots"
    GONE = "gone"


class StorageReason(StrEnum):
    """Why data could not be stored or read."""

    DISK_FULL = "disk_full"
    DAMAGED = "damaged"
    NEWER_SCHEMA = "newer_schema"
    IO = "io"


class VitalsError(Exception):
    """Everything that this system refuses or fails at by design; ``str()`` is one clear line for a person."""


class SetupError(VitalsError):
    """A person must change something before the part can start."""

    def __init__(self, message: str, reason: SetupReason) -> None:
        """Keep the line for the operator and its reason."""
        super().__init__(message)
        self.reason = reason


class InputError(VitalsError):
    """One input is refused; names the place and the value."""

    def __init__(self, place: str, problem: str, reason: InputReason) -> None:
        """Build the line ``place: problem``; ``problem`` contains the value."""
        super().__init__(f"{place}: {problem}")
        self.place = place
        self.problem = problem
        self.reason = reason


class PeerError(VitalsError):
    """The other side is away or refuses; trying again later can help."""

    def __init__(self, message: str, reason: PeerReason) -> None:
        """Keep the line and its reason."""
        super().__init__(message)
        self.reason = reason


class StorageError(VitalsError):
    """The disk does not take or give data."""

    def __init__(self, message: str, reason: StorageReason) -> None:
        """Keep the line and its reason."""
        super().__init__(message)
        self.reason = reason
