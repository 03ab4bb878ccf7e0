"""Files of the house: alarm rules, call policy, flow of a class, each read as its part will read it."""

from collections.abc import Sequence

from cli.doctor.finding import Finding, bad, ok
from vitals.errors import VitalsError
from vitals.settings import Settings


def check_house(settings: Settings) -> Sequence[Finding]:
    """Read each file that the settings name; with one that is wrong, its part refuses to start."""
    try:
        from alerts.service import load_policy  # noqa: PLC0415 - doctor must speak also where packages are missing
        from analysis.rule_set import load_rules  # noqa: PLC0415 - same
        from dashboard.house import read_plan  # noqa: PLC0415 - same
    except ImportError as error:
        return (ok("rules", f"not looked at: {error.name} is missing; needed on the server"),)
    findings: list[Finding] = []
    for what, file, load in (
        ("rules", settings.analysis.rules, load_rules),
        ("policy", settings.alerts.policy, load_policy),
        ("flow", settings.dashboard.flow_file, read_plan),
    ):
        try:
            load(file)
        except VitalsError as error:
            findings.append(bad(what, str(error)))
        else:
            findings.append(ok(what, "as delivered" if file is None else f"{file} is sound"))
    return findings
