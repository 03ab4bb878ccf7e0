"""What all signs together mean: does everything work, does something not, or is nobody watched. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

DISK_BYTES_MIN: Final = 1_000_000_000
"""A class of 30 for an hour is some 20 MB with its journal: 50 classes are left."""

COMMIT_MS_MAX: Final = 10_000
"""The record commits each second while readings come; ten missed ones are trouble."""

LATENCY_MS_MAX: Final = 2_000
"""A value that comes later than two seconds is shown grey a second after that."""

BACKUP_MS_MAX: Final = 8 * 86_400_000
"""A week and a day."""


class Verdict(StrEnum):
    """The health of the whole in one word."""

    WELL = "well"
    TROUBLE = "trouble"
    """Something is lost or missing; people are watched all the same."""
    NOT_WATCHING = "not_watching"
    """No alarm would be raised or shown: people must be watched directly."""


class Finding(StrEnum):
    """What is not as it should be; the page has the words."""

    BROKER = "broker"
    ANALYSIS = "analysis"
    GATEWAY = "gateway"
    RADIO = "radio"
    SLOTS = "slots"
    RECORD = "record"
    ALERTS = "alerts"
    PROBLEM = "problem"
    ALARM_PATH = "alarm_path"
    COMMIT = "commit"
    DISK = "disk"
    CLOCK = "clock"
    LATENCY = "latency"
    NO_PHONE = "no_phone"
    PHONE = "phone"
    NO_WALL = "no_wall"
    SOUND = "sound"
    AUDIT = "audit"
    BACKUP = "backup"


_BLIND: Final = frozenset({Finding.BROKER, Finding.ANALYSIS})
_MINOR: Final = frozenset({Finding.PHONE, Finding.BACKUP, Finding.CLOCK})
"""Named, and no reason to say that something is wrong now."""


class Found(Struct, frozen=True, kw_only=True):
    """One finding, of whom or what (an instance, a person's login, a screen's name), and in the part's own words."""

    what: Finding
    of: str = ""
    text: str = ""


def in_order(found: Iterable[Found]) -> tuple[Found, ...]:
    """Return findings with those first that leave nobody watched, and those last that only could be better."""
    return tuple(sorted(found, key=lambda one: (one.what not in _BLIND, one.what in _MINOR)))


def judge(found: tuple[Found, ...], *, has_gateway: bool) -> Verdict:
    """Return the word for all findings.

    Args:
        found: everything that is not as it should be.
        has_gateway: one lives; without any nobody is heard.
    """
    kinds = {one.what for one in found}
    if kinds & _BLIND or not has_gateway:
        return Verdict.NOT_WATCHING
    return Verdict.TROUBLE if kinds - _MINOR else Verdict.WELL
