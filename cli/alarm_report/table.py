"""Tables and numbers of the alarm report's page, as text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np

from cli.alarm_report.bounds import Bounded, rate


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def interval(bounded: Bounded) -> str:
    """Return the bounds of a rate."""
    return f"{bounded.low:.3f} - {bounded.high:.3f}"


def rate_cells(count: int, hours: float) -> tuple[str, str]:
    """Return a rate for each hour, and its bounds."""
    bounded = rate(count, hours)
    return f"{bounded.value:.3f}", interval(bounded)


def middle_tail(values: Sequence[float]) -> str:
    """Return median and 95th percentile in whole s; empty for no values."""
    return f"{median(values):.0f} / {np.percentile(values, 95):.0f}" if values else ""


def by_rule(counts: dict[str, int] | Counter[str]) -> str:
    """Return counts by rule."""
    return ", ".join(f"{rule} {count}" for rule, count in sorted(counts.items())) or "none"


def seconds(values: Iterable[float]) -> str:
    """Return times in whole s."""
    return ", ".join(f"{value:.0f}" for value in values) or "none"
