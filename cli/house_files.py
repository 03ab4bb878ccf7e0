"""What the settings say to single parts, read before anything starts, as the part will read it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from vitals.settings import Settings


class HouseFile(NamedTuple):
    """A file of the house; None: what was delivered. ``load`` raises SetupError with one line when it is wrong."""

    what: str
    file: Path | None
    load: Callable[[Path | None], object]


def house_files(settings: Settings, *, with_delivered: bool) -> Iterator[HouseFile]:
    """Give alarm rules, call policy and flow of a class; those that the settings do not name only ``with_delivered``.

    Raises:
        ModuleNotFoundError: what reads one is not installed here.
    """
    if with_delivered or settings.analysis.rules is not None:
        from analysis.rule_set import load_rules  # noqa: PLC0415 - each of these brings its part, which is large

        yield HouseFile("rules", settings.analysis.rules, load_rules)
    if with_delivered or settings.alerts.policy is not None:
        from alerts.service import load_policy  # noqa: PLC0415 - same

        yield HouseFile("policy", settings.alerts.policy, load_policy)
    if with_delivered or settings.dashboard.flow_file is not None:
        from dashboard.house import read_plan  # noqa: PLC0415 - same

        yield HouseFile("flow", settings.dashboard.flow_file, read_plan)


def require_sound(settings: Settings) -> None:
    """Refuse what a part would refuse, before the others have started: so that the refusal is all that is said.

    Raises:
        SetupError: a file of the house or a radio that the settings name makes no sense.
    """
    try:
        for one in house_files(settings, with_delivered=False):
            one.load(one.file)
        if settings.gateway.radios != Settings().gateway.radios:
            from gateway.radio.spec import parse_radio_spec  # noqa: PLC0415 - only where a radio is named

            for text in settings.gateway.radios:
                parse_radio_spec(text)
    except ModuleNotFoundError:
        return  # the part itself says what to install
