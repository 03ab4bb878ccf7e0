"""A rule set as TOML: read, checked, and laid over the one that is delivered. Text in, rules out; no disk here.

Every number is written as ``{ is = 10, source = "..." }``: none comes without where it comes from.
"""

import tomllib
from enum import StrEnum
from typing import Any, Final, TypeVar

from analysis.core.rules import Gate, Leg, Rule, RuleSet, Variant, Watch
from vitals.alarms import Family, Operator, Priority, RuleId
from vitals.errors import InputError, InputReason
from vitals.sensors import SensorKind
from vitals.sessions import Phase

BOUNDS: Final = {
    "limit": (0.0, 300.0),
    "hold_s": (0.0, 600.0),
    "deep": (0.0, 100.0),
    "deep_hold_s": (0.0, 600.0),
    "clear_margin": (0.0, 100.0),
    "clear_s": (0.0, 600.0),
    "hole_s_max": (1.0, 30.0),
    "window_s": (5.0, 600.0),
    "level_s": (20.0, 120.0),
    "level_margin": (0.0, 20.0),
}
"""Numbers of a rule, and what each may be."""

_FIXED: Final = ("family", "watch", "op", "told_by")
_CHOICES: Final = ("priority", "latch", "phases", "in")
_VARIANT_NUMBERS: Final = ("hold_s",)
_PER_SENSOR: Final = (RuleId.NO_DATA,)
_SET_KEYS: Final = ("name", "version", "hold_back")

_Word = TypeVar("_Word", bound=StrEnum)


def read_rules(text: str, *, place: str, base: RuleSet | None = None) -> RuleSet:
    """Return the rule set of a file.

    Args:
        text: TOML.
        place: where it came from, for the error's line.
        base: what the file is laid over; None: the file is whole, and says also what belongs to the program.

    Raises:
        InputError: names file, key and value of what is wrong.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(place, f"is no TOML: {error}", InputReason.WRONG_SHAPE) from error
    head = _head(tables.pop("rule_set", {}), place=place)
    known = {} if base is None else {(rule.id, rule.sensor): rule for rule in base.rules}
    for (rule_id, sensor), table, where in _sections(tables, place=place):
        before = known.get((rule_id, sensor))
        if base is not None and before is None:
            raise InputError(where, "is no rule", InputReason.UNKNOWN_NAME)
        known[rule_id, sensor] = _rule(table, before, rule_id=rule_id, sensor=sensor, place=where)
    hold_back = True if base is None else base.hold_back
    return RuleSet(
        name=head["name"],
        version=head["version"],
        rules=tuple(known.values()),
        hold_back=head.get("hold_back", hold_back),
    )


def _head(table: Any, *, place: str) -> dict[str, Any]:
    where = f"{place}: rule_set"
    if not isinstance(table, dict):
        raise InputError(where, f"{table!r} is no table", InputReason.WRONG_SHAPE)
    for key in table:
        if key not in _SET_KEYS:
            raise InputError(
                f"{where}.{key}", f"unknown key, known are {', '.join(_SET_KEYS)}", InputReason.UNKNOWN_NAME
            )
    name, version = table.get("name"), table.get("version")
    if not isinstance(name, str) or not name:
        raise InputError(f"{where}.name", f"{name!r} is no name for this rule set", InputReason.WRONG_SHAPE)
    if type(version) is not int or version < 1:
        raise InputError(f"{where}.version", f"{version!r} is no whole number from 1 on", InputReason.WRONG_SHAPE)
    if type(table.get("hold_back", True)) is not bool:
        raise InputError(f"{where}.hold_back", f"{table['hold_back']!r} is not true or false", InputReason.WRONG_SHAPE)
    return table


def _sections(
    tables: dict[str, Any], *, place: str
) -> list[tuple[tuple[RuleId, SensorKind | None], dict[str, Any], str]]:
    """Return the tables of rules; NO_DATA has one for each kind of sensor."""
    found: list[tuple[tuple[RuleId, SensorKind | None], dict[str, Any], str]] = []
    for name, table in tables.items():
        rule_id = _word(RuleId, name, place=f"{place}: {name}")
        parts = {None: table} if rule_id not in _PER_SENSOR else table
        if not isinstance(table, dict):
            raise InputError(f"{place}: {name}", f"{table!r} is no table", InputReason.WRONG_SHAPE)
        for kind, part in parts.items():
            where = f"{place}: {name}" if kind is None else f"{place}: {name}.{kind}"
            sensor = None if kind is None else _word(SensorKind, kind, place=where)
            if not isinstance(part, dict):
                raise InputError(where, f"{part!r} is no table", InputReason.WRONG_SHAPE)
            found.append(((rule_id, sensor), part, where))
    return found


def _rule(
    table: dict[str, Any], before: Rule | None, *, rule_id: RuleId, sensor: SensorKind | None, place: str
) -> Rule:
    """Return one rule: what the table says, else what was before."""
    for key, given in table.items():
        if before is not None and key in _FIXED:
            raise InputError(f"{place}.{key}", f"{given!r}: belongs to the program", InputReason.CONFLICT)
        if key not in {*BOUNDS, *_CHOICES, *_FIXED}:
            known = ", ".join((*BOUNDS, *_CHOICES))
            raise InputError(f"{place}.{key}", f"unknown key, known are {known}", InputReason.UNKNOWN_NAME)
    numbers, provenance = _numbers_of(before), dict({} if before is None else before.provenance)
    for key in BOUNDS:
        if key in table:
            numbers[key], provenance[key] = _number(table[key], key, place=f"{place}.{key}")
    if "hold_s" not in numbers:
        raise InputError(f"{place}.hold_s", "is missing", InputReason.WRONG_SHAPE)
    variants, more = _variants(table.get("in", {}), before, place=f"{place}.in")
    legs = [Leg(hold_s=numbers["hold_s"])]
    if "deep" in numbers or "deep_hold_s" in numbers:
        if not {"deep", "deep_hold_s"} <= set(numbers):
            raise InputError(place, "deep and deep_hold_s need each other", InputReason.CONFLICT)
        legs.append(Leg(hold_s=numbers["deep_hold_s"], beyond=numbers["deep"]))
    return Rule(
        id=rule_id,
        family=_choice(table, "family", Family, None if before is None else before.family, place=place),
        watch=_choice(table, "watch", Watch, None if before is None else before.watch, place=place),
        priority=_choice(table, "priority", Priority, None if before is None else before.priority, place=place),
        legs=tuple(legs),
        op=_choice(table, "op", Operator, Operator.ABOVE if before is None else before.op, place=place),
        limit=numbers.get("limit"),
        clear_margin=numbers.get("clear_margin", 0.0),
        clear_s=numbers.get("clear_s", 0.0),
        latch=_flag(table, "latch", default=before is not None and before.latch, place=place),
        gate=Gate(hole_s_max=numbers["hole_s_max"]) if "hole_s_max" in numbers else Gate(),
        phases=_words(table, "phases", Phase, () if before is None else before.phases, place=place),
        variants=variants,
        window_s=numbers.get("window_s", 0.0),
        level_s=numbers.get("level_s", 0.0),
        level_margin=numbers.get("level_margin", 0.0),
        sensor=sensor,
        told_by=_words(table, "told_by", RuleId, () if before is None else before.told_by, place=place),
        provenance=dict(sorted({**provenance, **more}.items())),
    )


def _numbers_of(rule: Rule | None) -> dict[str, float]:
    if rule is None:
        return {}
    given = {"hold_s": rule.legs[0].hold_s, "clear_margin": rule.clear_margin, "clear_s": rule.clear_s}
    if rule.limit is not None:
        given["limit"] = rule.limit
    if len(rule.legs) > 1:
        given["deep"], given["deep_hold_s"] = rule.legs[1].beyond, rule.legs[1].hold_s
    if rule.window_s:
        given["window_s"] = rule.window_s
    if rule.level_s:
        given["level_s"], given["level_margin"] = rule.level_s, rule.level_margin
    return {**given, "hole_s_max": rule.gate.hole_s_max}


def _number(given: Any, key: str, *, place: str) -> tuple[float, str]:
    """Return a number and its source."""
    if not isinstance(given, dict) or set(given) != {"is", "source"}:
        problem = f'{given!r} is not written as {{ is = NUMBER, source = "WHERE IT COMES FROM" }}'
        raise InputError(place, problem, InputReason.WRONG_SHAPE)
    value, source = given["is"], given["source"]
    if not isinstance(source, str) or not source.strip():
        raise InputError(
            f"{place}.source", f"{source!r} does not say where {value!r} comes from", InputReason.WRONG_SHAPE
        )
    low, high = BOUNDS[key]
    if type(value) not in {int, float} or not low <= value <= high:
        problem = f"{value!r} is not a number from {low:g} to {high:g}"
        raise InputError(f"{place}.is", problem, InputReason.OUT_OF_RANGE)
    return float(value), source


def _variants(given: Any, before: Rule | None, *, place: str) -> tuple[tuple[Variant, ...], dict[str, str]]:
    """Return what differs by phase, and the sources of its numbers."""
    if not isinstance(given, dict):
        raise InputError(place, f"{given!r} is no table", InputReason.WRONG_SHAPE)
    variants = {variant.phases[0]: variant for variant in (() if before is None else before.variants)}
    sources: dict[str, str] = {}
    for name, table in given.items():
        where = f"{place}.{name}"
        phase = _word(Phase, name, place=where)
        if not isinstance(table, dict):
            raise InputError(where, f"{table!r} is no table", InputReason.WRONG_SHAPE)
        for key in table:
            if key not in {*_VARIANT_NUMBERS, "priority", "latch"}:
                raise InputError(f"{where}.{key}", "known here are hold_s, priority, latch", InputReason.UNKNOWN_NAME)
        hold_s: float | None = None
        if "hold_s" in table:
            hold_s, sources[f"in.{name}.hold_s"] = _number(table["hold_s"], "hold_s", place=f"{where}.hold_s")
        variants[phase] = Variant(
            phases=(phase,),
            hold_s=hold_s,
            priority=_word(Priority, table["priority"], place=f"{where}.priority") if "priority" in table else None,
            latch=_flag(table, "latch", default=False, place=where) if "latch" in table else None,
        )
    return tuple(variants.values()), sources


def _choice(table: dict[str, Any], key: str, kind: type[_Word], default: _Word | None, *, place: str) -> _Word:
    if key in table:
        return _word(kind, table[key], place=f"{place}.{key}")
    if default is None:
        raise InputError(f"{place}.{key}", "is missing", InputReason.WRONG_SHAPE)
    return default


def _words(
    table: dict[str, Any], key: str, kind: type[_Word], default: tuple[_Word, ...], *, place: str
) -> tuple[_Word, ...]:
    if key not in table:
        return default
    given = table[key]
    if not isinstance(given, list):
        raise InputError(f"{place}.{key}", f"{given!r} is no list", InputReason.WRONG_SHAPE)
    return tuple(_word(kind, one, place=f"{place}.{key}") for one in given)


def _flag(table: dict[str, Any], key: str, *, default: bool, place: str) -> bool:
    given = table.get(key, default)
    if type(given) is not bool:
        raise InputError(f"{place}.{key}", f"{given!r} is not true or false", InputReason.WRONG_SHAPE)
    return given


def _word(kind: type[_Word], given: Any, *, place: str) -> _Word:
    try:
        return kind(given)
    except ValueError as error:
        known = ", ".join(one.value for one in kind)
        raise InputError(place, f"{given!r} is none of {known}", InputReason.UNKNOWN_NAME) from error
