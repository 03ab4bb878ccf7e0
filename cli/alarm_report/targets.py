"""What is promised of the alarm rules, and whether the figures keep it."""

from typing import Final

from msgspec import Struct

from cli.alarm_report.bounds import rate, share
from cli.alarm_report.recorded import Recorded
from cli.alarm_report.simulated import FAMILIES, Simulated

SENSITIVITY_MIN: Final = 0.92
NON_EVENT_PER_H_MAX: Final = 0.40
EVENTS_MIN: Final = 2000
HIGH_PER_H_MAX: Final = 0.05
AUDIBLE_PER_H_MAX: Final = 1.0


class Target(Struct, frozen=True, kw_only=True):
    """One promise."""

    what: str
    wanted: str
    measured: str
    holds: bool


def check_targets(simulated: Simulated, recorded: Recorded) -> tuple[Target, ...]:
    """Return every promise with what was measured."""
    promised = simulated.ours(next(iter(FAMILIES)))
    found, wrong = share(promised.found, promised.events), rate(promised.non_event, promised.hours)
    high, audible, hours = simulated.audible()
    unsupported = sum(one.unsupported + one.in_loss for one in recorded.straps)
    return (
        Target(
            what="desaturations in the trial",
            wanted=f"at least {EVENTS_MIN}",
            measured=str(promised.events),
            holds=promised.events >= EVENTS_MIN,
        ),
        Target(
            what="SpO2 rules: desaturations found, lower bound",
            wanted=f"at least {100 * SENSITIVITY_MIN:.0f} %",
            measured=f"{100 * found.low:.1f} % ({100 * found.value:.1f} %)",
            holds=found.low >= SENSITIVITY_MIN,
        ),
        Target(
            what="SpO2 rules: non-event alarms for each participant-hour, upper bound",
            wanted=f"at most {NON_EVENT_PER_H_MAX:.2f}",
            measured=f"{wrong.high:.3f} ({wrong.value:.3f})",
            holds=wrong.high <= NON_EVENT_PER_H_MAX,
        ),
        Target(
            what="quiet class: alarms of high priority for each participant-hour",
            wanted=f"at most {HIGH_PER_H_MAX:.2f}",
            measured=f"{high / hours:.3f}",
            holds=high / hours <= HIGH_PER_H_MAX,
        ),
        Target(
            what="quiet class: audible alarms for each participant-hour",
            wanted=f"at most {AUDIBLE_PER_H_MAX:.0f}",
            measured=f"{audible / hours:.3f}",
            holds=audible / hours <= AUDIBLE_PER_H_MAX,
        ),
        Target(
            what=f"real exercise ({len(recorded.straps)} recordings): HR alarms from a spike, junk RR or lost contact",
            wanted="none",
            measured=str(unsupported),
            holds=unsupported == 0,
        ),
    )
