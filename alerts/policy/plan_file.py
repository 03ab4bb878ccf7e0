"""A policy as TOML: read and checked in one piece, refused in one line. Text in, plan out; no disk here.

Every number is written as ``{ is = 15, source = "..." }``: none comes without where it comes from.
"""

import tomllib
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, TypeVar

from alerts.policy.plan import Ladder, Plan, Step
from vitals.alarms import Priority
from vitals.delivery import ChannelName
from vitals.errors import InputError, InputReason
from vitals.escalation import Called, Ways

HIGH_FIRST_S_MAX: Final = 0.0
"""A high alarm is told at once; no site can have it wait."""

HIGH_LAST_S_MAX: Final = 120.0
"""Within two minutes everybody is called by all ways; a site may be quicker."""

STEPS_MAX: Final = 16
_SECONDS_MAX: Final = 3600.0
_LOSSES: Final = ("analysis", "broker")
_TABLES: Final = {
    "policy": ("name", "version", "second_channels"),
    "high": ("steps", "repeat_s", "again_s"),
    "medium": ("steps", "repeat_s", "again_s"),
    "group": ("wait_s",),
    "limit": ("burst", "per_minute"),
    "losses": ("wait_s", *_LOSSES),
}
_STEP_KEYS: Final = ("after_s", "to", "ways")

_Word = TypeVar("_Word", bound=StrEnum)


def read_policy(text: str, *, place: str) -> Plan:
    """Return the plan of a policy file.

    Args:
        text: TOML.
        place: where it came from, for the error's line.

    Raises:
        InputError: names file, key and value of what is wrong.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(place, f"is no TOML: {error}", InputReason.WRONG_SHAPE) from error
    for name in tables:
        if name not in _TABLES:
            problem = f"unknown table, known are {', '.join(_TABLES)}"
            raise InputError(f"{place}: {name}", problem, InputReason.UNKNOWN_NAME)
    return _Reader(tables, place=place).plan()


class _Reader:
    """Reads one file; collects where the numbers come from."""

    def __init__(self, tables: dict[str, Any], *, place: str) -> None:
        self._tables = tables
        self._place = place
        self._sources: dict[str, str] = {}

    def plan(self) -> Plan:
        head = self._table("policy")
        name, version = head.get("name"), head.get("version")
        if not isinstance(name, str) or not 1 <= len(name) <= 64:  # noqa: PLR2004 - a line of a page
            raise self._wrong("policy.name", name, "is no name for this policy")
        if type(version) is not int or version < 1:
            raise self._wrong("policy.version", version, "is no whole number from 1 on")
        losses = self._table("losses")
        return Plan(
            name=name,
            version=version,
            ladders={Priority.HIGH: self._high(), Priority.MEDIUM: self._ladder("medium")},
            second_channels=frozenset(
                self._word(ChannelName, one, "policy.second_channels")
                for one in self._list(head.get("second_channels", []), "policy.second_channels")
            ),
            group_ms=self._ms(self._table("group"), "group", "wait_s", high=10),
            burst=round(self._number(self._table("limit"), "limit", "burst", low=1, high=60)),
            per_minute=round(self._number(self._table("limit"), "limit", "per_minute", low=1, high=120)),
            loss_ms=self._ms(losses, "losses", "wait_s", high=60),
            loss_priorities={one: self._word(Priority, losses.get(one), f"losses.{one}") for one in _LOSSES},
            sources=self._sources,
        )

    def _high(self) -> Ladder:
        ladder = self._ladder("high")
        first_s = ladder.steps[0].after_ms / 1000
        if first_s > HIGH_FIRST_S_MAX:
            raise self._wrong("high.steps[0].after_s", first_s, "a high alarm is told at once")
        if ladder.repeat_ms is None:
            raise self._wrong("high.repeat_s", None, "a high alarm is repeated until somebody accepts")
        last = ladder.steps[-1]
        if Called.EVERYBODY not in last.called or last.after_ms > HIGH_LAST_S_MAX * 1000:
            problem = f"the last step calls everybody, within {HIGH_LAST_S_MAX:g} s"
            raise self._wrong(f"high.steps[{len(ladder.steps) - 1}].to", [one.value for one in last.called], problem)
        return ladder

    def _ladder(self, name: str) -> Ladder:
        table = self._table(name)
        given = self._list(table.get("steps", []), f"{name}.steps")
        if not 1 <= len(given) <= STEPS_MAX:
            raise self._wrong(f"{name}.steps", len(given), f"there are 1 to {STEPS_MAX} steps")
        steps = tuple(self._step(one, f"{name}.steps[{number}]") for number, one in enumerate(given))
        for number, (one, next_one) in enumerate(pairwise(steps), start=1):
            if next_one.after_ms <= one.after_ms:
                where = f"{name}.steps[{number}].after_s"
                raise self._wrong(where, next_one.after_ms / 1000, "a step comes later than the one before")
        return Ladder(
            steps=steps,
            repeat_ms=self._ms(table, name, "repeat_s", low=10) if "repeat_s" in table else None,
            again_ms=self._ms(table, name, "again_s", low=10) if "again_s" in table else None,
        )

    def _step(self, given: Any, where: str) -> Step:
        if not isinstance(given, dict):
            raise self._wrong(where, given, "is no table")
        self._known(given, _STEP_KEYS, where)
        called = tuple(self._word(Called, one, f"{where}.to") for one in self._list(given.get("to"), f"{where}.to"))
        if not called:
            raise self._wrong(f"{where}.to", [], "calls nobody")
        return Step(
            after_ms=self._ms(given, where, "after_s"),
            called=called,
            ways=self._word(Ways, given.get("ways", Ways.FIRST.value), f"{where}.ways"),
        )

    def _table(self, name: str) -> dict[str, Any]:
        table = self._tables.get(name)
        if not isinstance(table, dict):
            raise self._wrong(name, table, "is no table; a policy is whole")
        self._known(table, _TABLES[name], name)
        return table

    def _known(self, table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in keys:
                problem = f"unknown key, known are {', '.join(keys)}"
                raise InputError(f"{self._place}: {where}.{key}", problem, InputReason.UNKNOWN_NAME)

    def _list(self, given: Any, where: str) -> list[Any]:
        if not isinstance(given, list):
            raise self._wrong(where, given, "is no list")
        return given

    def _ms(self, table: dict[str, Any], where: str, key: str, *, low: float = 0, high: float = _SECONDS_MAX) -> int:
        return round(self._number(table, where, key, low=low, high=high) * 1000)

    def _number(self, table: dict[str, Any], where: str, key: str, *, low: float, high: float) -> float:
        given, where = table.get(key), f"{where}.{key}"
        if not isinstance(given, dict) or set(given) != {"is", "source"}:
            raise self._wrong(where, given, 'is not written as { is = NUMBER, source = "WHERE IT COMES FROM" }')
        value, source = given["is"], given["source"]
        if not isinstance(source, str) or not source.strip():
            raise self._wrong(f"{where}.source", source, f"does not say where {value!r} comes from")
        if type(value) not in {int, float} or not low <= value <= high:
            problem = f"{value!r} is not a number from {low:g} to {high:g}"
            raise InputError(f"{self._place}: {where}.is", problem, InputReason.OUT_OF_RANGE)
        self._sources[where] = source
        return float(value)

    def _word(self, kind: type[_Word], given: Any, where: str) -> _Word:
        try:
            return kind(given)
        except ValueError as error:
            known = ", ".join(one.value for one in kind)
            problem = f"{given!r} is none of {known}"
            raise InputError(f"{self._place}: {where}", problem, InputReason.UNKNOWN_NAME) from error

    def _wrong(self, where: str, value: object, problem: str) -> InputError:
        shown = repr(value)[:80]
        return InputError(f"{self._place}: {where}", f"{shown} {problem}", InputReason.WRONG_SHAPE)
