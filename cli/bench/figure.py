"""A figure of the benchmark: one number, or middle and tail of many, with the setting it was measured in. Pure."""

import math
from collections.abc import Sequence

import msgspec
from msgspec import Struct


class Setting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Under which circumstances a figure was measured.

    ``samples``: how many single measurements stand behind it. ``note``: what exactly was measured, for the table.
    """

    cores: int
    python: str
    seconds: float
    participants: int | None = None
    samples: int | None = None
    note: str = ""


class Figure(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Either ``value``, or ``p50`` and ``p99``, or ``skipped`` with the reason why there is none."""

    name: str
    unit: str
    setting: Setting
    value: float | None = None
    p50: float | None = None
    p99: float | None = None
    skipped: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` (0..1) of the values do not exceed (nearest rank).

    >>> percentile([1, 2, 3, 4], 0.5), percentile([1, 2, 3, 4], 0.99)
    (2, 4)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(name: str, unit: str, values: Sequence[float], setting: Setting) -> Figure:
    """Return middle and tail of many measurements; none at all is a skipped figure."""
    setting = msgspec.structs.replace(setting, samples=len(values))
    if not values:
        return Figure(name=name, unit=unit, setting=setting, skipped="nothing was measured")
    return Figure(
        name=name,
        unit=unit,
        setting=setting,
        p50=rounded(percentile(values, 0.5)),
        p99=rounded(percentile(values, 0.99)),
    )


def rounded(value: float) -> float:
    """Return three significant digits, and whole numbers from 1000 on: more would be an accident of the moment.

    >>> rounded(0.123456), rounded(12.3456), rounded(123456.7)
    (0.123, 12.3, 123457)
    """
    if value == 0 or not math.isfinite(value):
        return value
    digits = 2 - math.floor(math.log10(abs(value)))
    return round(value, digits) if digits >= 0 else round(value)


def to_json(figure: Figure) -> str:
    """Return one line of JSON."""
    return msgspec.json.encode(figure).decode()


def render_table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table: one row a figure, one column a size of the class, middle and tail as ``p50 / p99``."""
    sizes = sorted({figure.setting.participants for figure in figures if figure.setting.participants is not None})
    rows: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        rows.setdefault((figure.name, figure.unit), []).append(figure)
    lines = [
        "| figure | unit | " + " | ".join(f"{size} people" for size in sizes) + " | what was measured |",
        "|---|---|" + "--:|" * len(sizes) + "---|",
    ]
    for (name, unit), row in rows.items():
        cells = {figure.setting.participants: _cell(figure) for figure in row}
        lines.append(
            f"| {name} | {unit} | " + " | ".join(cells.get(size, "") for size in sizes) + f" | {_notes(row)} |"
        )
    return "\n".join(lines)


def render_circumstances(figures: Sequence[Figure]) -> str:
    """Return the line below the table."""
    settings = {(figure.setting.cores, figure.setting.python) for figure in figures}
    machines = ", ".join(f"{cores} cores, Python {python}" for cores, python in sorted(settings))
    return f"Two numbers: the middle (p50) and the tail (p99). Measured on {machines}."


def _cell(figure: Figure) -> str:
    if figure.skipped:
        return "not measured"
    if figure.p50 is not None and figure.p99 is not None:
        return f"{_shown(figure.p50)} / {_shown(figure.p99)}"
    return "" if figure.value is None else _shown(figure.value)


def _notes(row: Sequence[Figure]) -> str:
    """Return what the notes of a row share, then what only some of them say, with the size of the class."""
    notes = {figure.setting.participants: figure.setting.note.split("; ") for figure in row}
    shared = [part for part in next(iter(notes.values())) if all(part in parts for parts in notes.values())]
    said = list(shared)
    for size, parts in notes.items():
        own = ", ".join(part for part in parts if part not in shared)
        said += [f"{size}: {own}" if len(notes) > 1 else own] if own else []
    said += [f"not measured: {reason}" for reason in dict.fromkeys(figure.skipped for figure in row) if reason]
    return "; ".join(part for part in said if part)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or float(value).is_integer() else f"{value:g}"  # noqa: PLR2004 - digits
