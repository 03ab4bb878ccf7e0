"""A made-up class: steps that Hypothesis draws, played on virtual time. The same steps always make the same events."""

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.people import LIMITS, entry, roster
from tests.analysis.scenario import Scenario
from vitals.alarms import Operator, RuleId
from vitals.participants import LimitReason
from vitals.parts import Part
from vitals.readings import Quality, Reason
from vitals.sessions import Phase, ResolvedLimit

GAPS_S = st.sampled_from([0.5, 1.0, 1.0, 1.0, 1.0, 2.0, 4.9, 5.0, 5.1, 11.0])
HR = st.sampled_from([30, 39, 40, 44, 90, 117, 118, 119, 120, 121, 130])
SPO2 = st.sampled_from([75.0, 79.0, 80.0, 84.0, 85.0, 87.0, 88.0, 90.0, 96.0])
MORE_LIMITS = (
    ResolvedLimit(rule=RuleId.HR_CRIT, value=130.0, reason=LimitReason.UPPER_PLUS_10, op=Operator.AT_LEAST),
    ResolvedLimit(rule=RuleId.SPO2_FALL, value=92.0, reason=LimitReason.BASELINE_MINUS_4, hold_s=6.0),
    ResolvedLimit(rule=RuleId.ZONE_HIGH, value=110.0, reason=LimitReason.ZONE_TOP),
    ResolvedLimit(rule=RuleId.ZONE_LOW, value=90.0, reason=LimitReason.ZONE_BOTTOM, hold_s=8.0),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hr"), GAPS_S, HR),
        st.tuples(st.just("run of hr"), st.integers(5, 14), HR),
        st.tuples(st.just("run of spo2"), st.integers(5, 18), SPO2),
        st.tuples(st.just("spo2"), GAPS_S, SPO2),
        st.tuples(st.just("questionable"), GAPS_S, HR),
        st.tuples(st.just("off"), GAPS_S, st.just(0)),
        st.tuples(st.just("again"), GAPS_S, st.integers(0, 12)),
        st.tuples(st.just("older"), GAPS_S, HR),
        st.tuples(st.just("late"), GAPS_S, HR),
        st.tuples(st.just("wait"), st.sampled_from([3.0, 16.0]), st.just(0)),
        st.tuples(st.just("acknowledge"), GAPS_S, st.integers(0, 3)),
        st.tuples(st.just("pause"), GAPS_S, st.integers(0, 120)),
        st.tuples(st.just("gateway"), GAPS_S, st.booleans()),
        st.tuples(st.just("broker"), GAPS_S, st.booleans()),
        st.tuples(st.just("limits"), GAPS_S, st.sampled_from([110, 125, 150])),
        st.tuples(st.just("leave"), GAPS_S, st.just(0)),
        st.tuples(st.just("run of beats"), st.integers(5, 14), st.sampled_from([60, 88, 118, 135])),
        st.tuples(st.just("run of both"), st.integers(10, 40), st.sampled_from([70, 110])),
        st.tuples(st.just("ghost"), st.integers(10, 40), st.sampled_from([70, 130])),
        st.tuples(st.just("work"), GAPS_S, st.sampled_from([1.0, 3.0, 6.0])),
        st.tuples(st.just("battery"), GAPS_S, st.sampled_from([5, 15, 80])),
        st.tuples(st.just("waits"), GAPS_S, st.booleans()),
        st.tuples(st.just("clock"), GAPS_S, st.sampled_from([0, 30_000])),
        st.tuples(st.just("phase"), GAPS_S, st.integers(0, 4)),
    ),
    max_size=40,
)


def play(scenario: Scenario, steps: list[tuple[str, float, float]]) -> Scenario:
    """Let a made-up class happen; the same steps always make the same events."""
    version, seq = 1, 100
    for what, gap_s, value in steps:
        if what.startswith("run"):
            seq += 2 * int(gap_s)
            run(scenario, what, count=int(gap_s), value=value, last_seq=seq)
            continue
        scenario.at(round(scenario.now_s + gap_s, 3))
        strap, now_s = scenario.strap("p01"), scenario.now_s
        seq += 2
        match what:
            case "hr":
                strap.hr(int(value), seq=seq)
            case "spo2":
                scenario.oximeter("p01").spo2(value)
            case "questionable":
                strap.hr(int(value), seq=seq, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL)
            case "off":
                strap.hr(None, seq=seq, quality=Quality.UNUSABLE, reason=Reason.OFF_SKIN)
            case "again":
                strap.hr(130, seq=max(0, seq - int(value)), of_s=max(0.0, now_s - 1))
            case "older":
                strap.hr(int(value), seq=seq - 1, of_s=max(0.0, now_s - 3))
            case "late":
                strap.hr(int(value), seq=seq - 1, of_s=now_s - 30)
            case "acknowledge":
                alarms = list(scenario.retained.values())
                if alarms:
                    scenario.acknowledge_id(alarms[int(value) % len(alarms)].alarm_id)
            case "limits":
                version += 1
                changed = (replace(LIMITS[0], value=float(value)), *LIMITS[1:])
                scenario.tell(roster(entry("p01", limits=changed), version=version))
            case "phase":
                version += 1
                worn = entry("p01", machine=True, limits=(*LIMITS, *MORE_LIMITS), phase=list(Phase)[int(value)])
                scenario.tell(roster(worn, version=version))
            case "leave":
                version += 1
                scenario.tell(roster(version=version))
                version += 1
                scenario.tell(roster(entry("p01"), version=version))
            case "ghost":
                for _ in range(int(gap_s)):
                    seq += 2
                    scenario.at(round(scenario.now_s + 1, 3)).strap("p01").hr(int(value), seq=seq)
            case _:
                tell_of_machines(scenario, what, value)
    return scenario


def run(scenario: Scenario, what: str, *, count: int, value: float, last_seq: int) -> None:
    """Let one sensor say the same once a second."""
    for number in range(count):
        scenario.at(round(scenario.now_s + 1, 3))
        seq = last_seq - 2 * (count - 1 - number)
        if what == "run of hr":
            scenario.strap("p01").hr(int(value), seq=seq)
        elif what in {"run of beats", "run of both"}:
            scenario.strap("p01").hr(int(value), seq=seq, rr_ms=(60_000 / value,), contact=True)
            if what == "run of both":
                scenario.oximeter("p01").spo2(96.0, pulse_bpm=70)
        else:
            scenario.oximeter("p01").spo2(value)


def tell_of_machines(scenario: Scenario, what: str, value: float) -> None:
    """Let machines, batteries, radios and clocks say something; or only time pass."""
    match what:
        case "work":
            scenario.machine("p01").work(value)
        case "battery":
            scenario.strap("p01").battery(int(value))
        case "waits":
            scenario.tells("s-p01-hr", waits=bool(value), battery_pct=50)
        case "clock":
            scenario.utc_off_ms = int(value)
        case "pause":
            scenario.pause(int(value))
        case "gateway" if value:
            scenario.returns(Part.GATEWAY, "g1", run=f"run-at-{scenario.now_s}")
        case "gateway":
            if scenario.beating:
                scenario.dies(Part.GATEWAY, "g1")
        case "broker":
            scenario.listen(up=bool(value))
        case _:
            assert what == "wait"
