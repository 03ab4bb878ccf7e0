"""Troubles: what a part that lives says is wrong with it, in the words of the people in the room.

The part's own words, with file names and error texts, stay in ``problems`` for `vitals doctor` and the log.
"""

from collections.abc import Sequence
from typing import Final

from vitals.parts import Part

_OTHER_CHARS_MAX: Final = 60
"""Of a problem without words here; a bar holds some 100 characters."""

_WORDS: Final[tuple[tuple[Part, str, str, str], ...]] = (
    (
        Part.ANALYSIS,
        "unheard",
        "readings do not reach analysis",
        "Analysis hears no readings - values are live, alarms are not. Watch people directly.",
    ),
    (
        Part.ANALYSIS,
        "alarms_forgotten",
        "alarms before the start are forgotten",
        "Analysis forgot all alarms from before its start - look at everybody.",
    ),
    (
        Part.ANALYSIS,
        "alarms_not_saved",
        "alarms not saved",
        "Alarms not saved - they are live, a restart would forget them.",
    ),
    (
        Part.INGEST,
        "nothing_stored",
        "nothing is stored",
        "Record in trouble - values and alarms are live, nothing is stored.",
    ),
    (
        Part.GATEWAY,
        "no_room",
        "out of radio slots",
        "Gateway {instance} has no room for more sensors - some are not heard.",
    ),
    (
        Part.GATEWAY,
        "cannot_save",
        "outbox not saved",
        "Gateway {instance} cannot save - values are live, a power cut would lose some.",
    ),
    (
        Part.GATEWAY,
        "slow_disk",
        "disk is slow",
        "Gateway {instance} has a slow disk - values are live, a power cut would lose some.",
    ),
    (
        Part.GATEWAY,
        "outbox_damaged",
        "outbox was damaged",
        "Gateway {instance} lost what it had saved before its start - values are live.",
    ),
    (
        Part.ALERTS,
        "calls_not_saved",
        "calls not saved",
        "Calls to phones not saved - they go out, a restart may repeat them.",
    ),
    (
        Part.ALERTS,
        "no_phone",
        "no phone reachable",
        "No phone of anybody on duty can be reached - the wall is live.",
    ),
    (
        Part.DASHBOARD,
        "alarm_path",
        "alarm path not proven",
        "No test alarm came through for 30 s - watch people directly.",
    ),
    (
        Part.DASHBOARD,
        "changes_wait",
        "clinic.db does not take a change",
        "Changes wait for the disk - values and alarms are live.",
    ),
)
"""Part, name of the trouble, how the part's problem begins, what the wall says; the worst first."""

_TWIN: Final = "another process is"
"""How any part says that a second one has its name: the two spoil each other's work."""

_NAMES: Final = {
    Part.ANALYSIS: "Analysis",
    Part.INGEST: "Record",
    Part.GATEWAY: "Gateway {instance}",
    Part.ALERTS: "Phone alerts",
    Part.DASHBOARD: "Dashboard",
    Part.BROKER: "Broker",
}


def trouble_text(part: Part, instance: str, problems: Sequence[str]) -> str:
    """Return one line for a part's problems: the worst in words, and how many more there are; empty for none."""
    if not problems:
        return ""
    name = _NAMES[part].format(instance=instance)
    known = [(_TWIN, f"{name} runs twice - values and alarms may be wrong until one of the two is stopped.")]
    known += [(begin, words.format(instance=instance)) for kind, _, begin, words in _WORDS if kind is part]
    lines = [words for begin, words in known if any(problem.startswith(begin) for problem in problems)]
    other = [problem for problem in problems if not problem.startswith(tuple(begin for begin, _ in known))]
    lines += [f"{name} in trouble - {_cut(problem)}" for problem in other]
    return lines[0] if len(lines) == 1 else f"{lines[0]} +{len(lines) - 1} more"


def name_troubles(part: Part, problems: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a part's troubles in the order of `trouble_text`; ``other`` for each that has none."""
    known = [("runs_twice", _TWIN), *((code, begin) for kind, code, begin, _ in _WORDS if kind is part)]
    named = [code for code, begin in known if any(problem.startswith(begin) for problem in problems)]
    begins = tuple(begin for _, begin in known)
    return (*named, *("other" for problem in problems if not problem.startswith(begins)))


def _cut(problem: str) -> str:
    return problem if len(problem) <= _OTHER_CHARS_MAX else problem[: _OTHER_CHARS_MAX - 1] + "…"
