"""Files of the house: alarm rules, call policy, flow of a class, each read as its part will read it."""

from collections.abc import Sequence

from cli.doctor.finding import Finding, bad, ok
from cli.house_files import house_files
from vitals.errors import VitalsError
from vitals.settings import Settings


def check_house(settings: Settings) -> Sequence[Finding]:
    """Read each file that the settings name; with one that is wrong, its part refuses to start."""
    try:
        files = tuple(house_files(settings, with_delivered=True))
    except ImportError as error:
        return (ok("rules", f"not looked at: {error.name} is missing; needed on the server"),)
    findings: list[Finding] = []
    for what, file, load in files:
        try:
            load(file)
        except VitalsError as error:
            findings.append(bad(what, str(error)))
        else:
            findings.append(ok(what, "as delivered" if file is None else f"{file} is sound"))
    return findings
