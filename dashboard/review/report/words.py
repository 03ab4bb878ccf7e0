"""The words of a report in one language; `words_en.py` and `words_de.py` are two. mypy holds them complete."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from analysis.summary.deviations import DeviationKind
from analysis.summary.part import Vital
from vitals.alarms import Priority, RuleId
from vitals.delivery import ChannelName
from vitals.entries import Outcome, PreCheckItem, SymptomKind
from vitals.participants import LimitReason
from vitals.sensors import SensorKind
from vitals.sessions import GenerationMode, Phase

Language = Literal["en", "de"]


class Words(Struct, frozen=True, kw_only=True):
    """Every word of a report. Names in braces are filled in."""

    language: Language
    decimal: str
    date_format: str
    title: str
    class_title: str
    programme_seat: str
    room: str
    duration: str
    running: str
    holes_title: str
    holes_line: str
    holes_longest: str
    class_holes: str
    class_whole: str
    no_holes: str
    not_enough: str
    marks_line: str
    practice: str
    modes: dict[GenerationMode, str]
    figures: str
    heart: str
    rest: str
    prescribed_rest: str
    mean: str
    peak: str
    peak_estimate: str
    reserve: str
    recovery_1: str
    recovery_2: str
    recovery_note: str
    zone: str
    in_zone: str
    above_zone: str
    below_zone: str
    above_limit: str
    saturation: str
    nadir: str
    below_limit: str
    baseline: str
    work: str
    met_mean: str
    met_peak: str
    energy: str
    drift: str
    power: str
    speed: str
    load: str
    banister: str
    edwards: str
    session_rpe: str
    beats: str
    rmssd_rest: str
    rmssd: str
    artefacts: str
    usable_windows: str
    few_beats: str
    chart: str
    chart_note: str
    alarms: str
    no_alarms: str
    alarm_columns: tuple[str, str, str, str, str, str, str]
    nobody: str
    called: str
    called_nobody: str
    phone_shows: str
    phone_opened: str
    ways: dict[ChannelName, str]
    standing: str
    standing_at_end: str
    standing_when_left: str
    afterwards: str
    outcomes: dict[Outcome, str]
    entries: str
    no_entries: str
    rpe: str
    dyspnoea: str
    blood_pressure: str
    oxygen: str
    weight: str
    six_minute_walk: str
    pre_checked: str
    pre_checked_with: str
    joined: str
    released: str
    released_without: str
    emergency: str
    judged: str
    session_rpe_said: str
    class_note: str
    symptoms_asked: str
    symptoms: dict[SymptomKind, str]
    checks: dict[PreCheckItem, str]
    unseen: dict[str, str]
    """Of a `RecoveryItem`, and of `ALARM_OPEN`."""
    deviations: str
    no_deviations: str
    deviation_kinds: dict[DeviationKind, str]
    coverage: str
    coverage_note: str
    whole: str
    phases: dict[Phase, str]
    vitals: dict[Vital, str]
    causes: dict[str, str]
    marks: str
    mark_line: str
    mark_withdrawn: str
    sensors: str
    kinds: dict[SensorKind, str]
    no_device: str
    limits: str
    limit_reasons: dict[LimitReason, str]
    rules: dict[RuleId, str]
    priorities: dict[Priority, str]
    signature: str
    unsigned: str
    signed: str
    signed_other: str
    sign_here: str
    honest: str
    honest_lines: tuple[str, ...]
    honest_generation: str
    honest_rules: str
    honest_software: str
    honest_digest: str
    not_known: str
    people_columns: tuple[str, str, str, str, str, str, str]
    page: str

    def number(self, value: float | None, digits: int = 0, unit: str = "") -> str:
        """Return a number as this language writes it, "--" for none."""
        if value is None:
            return "--"
        text = f"{value:z.{digits}f}".replace(".", self.decimal)
        return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text

    def seconds(self, value: float | None) -> str:
        """Return a length of time, as 3 min 20 s."""
        if value is None:
            return "--"
        whole = round(value)
        if whole < 60:  # noqa: PLR2004 - a minute
            return f"{whole}\N{NO-BREAK SPACE}s"
        minutes, rest = divmod(whole, 60)
        return f"{minutes}\N{NO-BREAK SPACE}min" + (f"\N{NO-BREAK SPACE}{rest}\N{NO-BREAK SPACE}s" if rest else "")

    def clock(self, utc_ms: float, zone: ZoneInfo) -> str:
        """Return a time of day with seconds."""
        return datetime.fromtimestamp(utc_ms / 1000, zone).strftime("%H:%M:%S")

    def date(self, utc_ms: float, zone: ZoneInfo) -> str:
        """Return a day with its time."""
        return datetime.fromtimestamp(utc_ms / 1000, zone).strftime(self.date_format)
