"""Worked examples of the gate: what a strap says, and what the rules get to see of it, and when."""

from types import ModuleType

from msgspec import Struct

from vitals.units import MonotonicMs

Said = tuple[tuple[float, float], ...]


class GateCase(Struct, frozen=True, kw_only=True):
    """``said``: (second, value); ``seen``: (second at which it reached the rules, second measured, value)."""

    name: str
    said: Said
    seen: tuple[tuple[float, float, float], ...]
    rule: str = "HR_GATE"


def every_second(*values: float, start_s: float = 0) -> Said:
    return tuple((start_s + index, value) for index, value in enumerate(values))


def at_once(said: Said) -> tuple[tuple[float, float, float], ...]:
    return tuple((at_s, at_s, value) for at_s, value in said)


def begun(said: Said) -> tuple[tuple[float, float, float], ...]:
    """The first value waits for the second."""
    (first_s, first), (second_s, second), *rest = said
    return ((second_s, first_s, first), (second_s, second_s, second), *at_once(tuple(rest)))


CALM = every_second(80, 80, 80, 80)
LOST_PACKETS = ((0, 80), (1, 80), (2, 80), (6, 80))

GATE_CASES = (
    GateCase(name="the first value waits until a second one agrees", said=CALM, seen=begun(CALM)),
    GateCase(
        name="a first value that nobody agrees with is dropped",
        said=every_second(200, 80, 80, 80),
        seen=((2, 1, 80), (2, 2, 80), (3, 3, 80)),
    ),
    GateCase(
        name="a change of 25 passes",
        said=every_second(80, 80, 105, 105),
        seen=begun(every_second(80, 80, 105, 105)),
    ),
    GateCase(
        name="a spike of 26 never comes through",
        said=every_second(80, 80, 106, 80, 80),
        seen=(*begun(every_second(80, 80)), (3, 3, 80), (4, 4, 80)),
    ),
    GateCase(
        name="a level that lasts 5 s comes through with its own times",
        said=every_second(80, 80, 150, 150, 150, 150, 150, 150, 150),
        seen=(*begun(every_second(80, 80)), *((7, at_s, 150) for at_s in range(2, 8)), (8, 8, 150)),
    ),
    GateCase(
        name="one suspect next to the level is a spike, two that lead back to it are not",
        said=every_second(80, 80, 106, 82, 82, 108, 108, 84),
        seen=(
            *begun(every_second(80, 80)),
            (3, 3, 82),
            (4, 4, 82),
            *((7, at_s, value) for at_s, value in ((5, 108), (6, 108), (7, 84))),
        ),
    ),
    GateCase(
        name="what is out of range does not come back with the level",
        said=every_second(60, 60, 18, 20, 34, 34, 58),
        seen=(*begun(every_second(60, 60)), *((6, at_s, value) for at_s, value in ((4, 34), (5, 34), (6, 58)))),
    ),
    GateCase(
        name="of two suspects one that fits is a spike still",
        said=every_second(80, 80, 150, 106, 82),
        seen=(*begun(every_second(80, 80)), (4, 4, 82)),
    ),
    GateCase(
        name="a suspect before the level came back says nothing about one after it",
        said=every_second(80, 80, 150, 80, 150, 80, 150, 80, 150, 80, 150, 80),
        seen=(*begun(every_second(80, 80)), *((at_s, at_s, 80) for at_s in (3, 5, 7, 9, 11))),
    ),
    GateCase(
        name="a level that lasts 4 s was a burst",
        said=every_second(80, 80, 150, 150, 150, 150, 150, 80, 80),
        seen=(*begun(every_second(80, 80)), (7, 7, 80), (8, 8, 80)),
    ),
    GateCase(
        name="a spike in the middle of a new level is left out",
        said=every_second(80, 80, 150, 150, 220, 150, 150, 150),
        seen=(*begun(every_second(80, 80)), *((7, at_s, 150) for at_s in (2, 3, 5, 6, 7))),
    ),
    GateCase(
        name="a level with neighbours before the one that lasted comes with it",
        said=every_second(80, 80, 150, 150, 190, 190, 190, 190, 190, 190),
        seen=(
            *begun(every_second(80, 80)),
            *((9, at_s, value) for at_s, value in zip(range(2, 10), (150, 150, *[190] * 6), strict=True)),
        ),
    ),
    GateCase(
        name="two levels in turn: the older one is the level, the other its spikes",
        said=every_second(80, 80, 150, 190, 150, 190, 150, 190, 150, 190, 150),
        seen=(*begun(every_second(80, 80)), *((8, at_s, 150) for at_s in (2, 4, 6, 8)), (10, 10, 150)),
    ),
    GateCase(
        name="a staircase of short levels is believed after 10 s",
        said=every_second(80, 80, *[110] * 3, *[140] * 3, *[170] * 3, *[200] * 3),
        seen=(
            *begun(every_second(80, 80)),
            *(
                (12, at_s, value)
                for at_s, value in zip(range(2, 13), (*[110] * 3, *[140] * 3, *[170] * 3, 200, 200), strict=True)
            ),
            (13, 13, 200),
        ),
    ),
    GateCase(
        name="15 a second for 2 s pass",
        said=every_second(80, 80, 95, 110, 110),
        seen=begun(every_second(80, 80, 95, 110, 110)),
    ),
    GateCase(
        name="16 a second for 2 s are held until they are a level",
        said=every_second(80, 80, 96, 112, 128, 128, 128, 128, 128),
        seen=(
            *begun(every_second(80, 80, 96)),
            *((8, at_s, value) for at_s, value in zip(range(3, 9), (112, *[128] * 5), strict=True)),
        ),
    ),
    GateCase(
        name="a jump over lost packets is a jump",
        said=(*LOST_PACKETS, (11, 110), (12, 80)),
        seen=(*begun(LOST_PACKETS), (12, 12, 80)),
    ),
    GateCase(
        name="after a hole of more than 5 s two values make a level",
        said=((0, 80), (1, 80), (6.001, 150), (7, 150)),
        seen=(*begun(every_second(80, 80)), (7, 6.001, 150), (7, 7, 150)),
    ),
    GateCase(
        name="after a hole of 5 s the level is still known",
        said=((0, 80), (1, 80), (6, 150), (7, 150), (8, 80)),
        seen=(*begun(every_second(80, 80)), (8, 8, 80)),
    ),
    GateCase(
        name="after a hole a value at the old level passes",
        said=((0, 80), (1, 80), (60, 82)),
        seen=(*begun(every_second(80, 80)), (60, 60, 82)),
    ),
    GateCase(
        name="what lasts below 30 comes through",
        said=every_second(45, 45, 29, 29, 29, 29, 29, 29, 29),
        seen=(*begun(every_second(45, 45)), *((7, at_s, 29) for at_s in range(2, 8)), (8, 8, 29)),
    ),
    GateCase(
        name="30 is in range",
        said=every_second(45, 45, 30, 30),
        seen=begun(every_second(45, 45, 30, 30)),
    ),
    GateCase(
        name="230 is in range, 231 waits",
        said=every_second(225, 225, 230, 231, 230),
        seen=(*begun(every_second(225, 225, 230)), (4, 4, 230)),
    ),
    GateCase(
        name="below 15 and above 250 there is no heart",
        said=(
            *every_second(20, 20, 14, 14),
            *every_second(*[14] * 8, start_s=4),
            *every_second(*[251] * 8, start_s=12),
        ),
        seen=(),
    ),
    GateCase(
        name="a fall of 6 points of SpO2 in a second passes",
        said=every_second(96, 96, 90, 90),
        seen=begun(every_second(96, 96, 90, 90)),
        rule="SPO2_GATE",
    ),
    GateCase(
        name="a dip of 7 points for a second never comes through",
        said=every_second(96, 96, 89, 96),
        seen=(*begun(every_second(96, 96)), (3, 3, 96)),
        rule="SPO2_GATE",
    ),
    GateCase(
        name="50 % is in range, less is refused for good",
        said=(*every_second(55, 55, 50), *every_second(*[49] * 12, start_s=3)),
        seen=begun(every_second(55, 55, 50)),
        rule="SPO2_GATE",
    ),
    GateCase(
        name="SpO2 may fall fast without a spike",
        said=every_second(96, 96, 91, 86, 81, 76),
        seen=begun(every_second(96, 96, 91, 86, 81, 76)),
        rule="SPO2_GATE",
    ),
    GateCase(
        name="a late value that fits the level counts at its own time, any other does not",
        said=((0, 80), (1, 80), (3, 80), (2, 104), (1.5, 140), (4, 60)),
        seen=(*begun(every_second(80, 80)), (3, 3, 80), (2, 2, 104), (4, 4, 60)),
    ),
)


def play_gate(gate: ModuleType, case: GateCase) -> tuple[tuple[float, float, float], ...]:
    """Return what reached the rules, by a gate that may be a mutant."""
    state, seen = gate.GateState(), []
    for at_s, value in case.said:
        at_ms = MonotonicMs(round(at_s * 1000))
        state, verdict = gate.step(state, getattr(gate, case.rule), value=value, at_ms=at_ms)
        seen += [(at_s, one.at_ms / 1000, one.value) for one in verdict.evidence]
    return tuple(seen)
