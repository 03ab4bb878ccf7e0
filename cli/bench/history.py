"""What a record of years costs to look at: a class of 30, a person's programme, and other rules over a thousand people.

The caches are the machine's own: a figure is the median of different classes, most of which nobody has looked at.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from analysis.core.rules import Watch
from analysis.history.samples import Samples
from analysis.history.what_if import judge_all
from analysis.rule_set import DEFAULT
from cli.bench.figure import Figure, rounded, spread
from cli.bench.history_record import PEOPLE, PROGRAMME, SECONDS, MadeRecord, make_history, person_id, session_id
from cli.bench.plan import Plan
from dashboard.review.programme import read_programme
from dashboard.review.shelf import Shelf
from ingest.store.query import query
from ingest.store.reader import RecordReader
from vitals.alarms import RuleId
from vitals.database import open_reader
from vitals.readings import ReadingKind
from vitals.sessions import Phase

READINGS: Final = 50_000_000
"""A busy clinic's year; the record is made once and kept in the machine's folder for temporary files."""

BYTES_A_READING: Final = 120
"""Twice what one takes: the rest of the machine needs room, too."""

CLASSES: Final = 12
"""Different classes that are opened, spread over the years."""

HISTORIES: Final = 1_020

LIMITS: Final = {
    RuleId.HR_OVER: 118.0,
    RuleId.HR_CRIT: 128.0,
    RuleId.HR_LOW: 45.0,
    RuleId.ZONE_HIGH: 110.0,
    RuleId.ZONE_LOW: 85.0,
    RuleId.SPO2_LOW: 90.0,
    RuleId.SPO2_CRIT: 85.0,
    RuleId.SPO2_FALL: 91.0,
}


class WhatIfTried(Struct, frozen=True, kw_only=True):
    """One try over stored people: CPU seconds for the arrays, and for judging them."""

    read_cpu_s: float
    judge_cpu_s: float
    histories: int

    @property
    def participant_s_per_cpu_s(self) -> float:
        """Seconds of one participant's class for one second of CPU, reading excluded."""
        return self.histories * SECONDS / self.judge_cpu_s


def history_figures(plan: Plan, *, readings: int = READINGS) -> Iterator[Figure]:
    """Yield the figures over a record of so many readings, which is made first when it is not there yet."""
    free_bytes = shutil.disk_usage(tempfile.gettempdir()).free
    if free_bytes < readings * BYTES_A_READING:
        skipped = f"{tempfile.gettempdir()} has {free_bytes / 1e9:.0f} GB free; the record takes up to that much"
        yield Figure(name="history, open a class", unit="ms", setting=plan.setting(PEOPLE), skipped=skipped)
        return
    made = make_history(readings=readings)
    size_gb = made.path.stat().st_size / 1e9
    about = f"a record of {made.readings:,} readings in {made.classes} classes, {size_gb:.1f} GB"
    note = f"{about}; heart rate and SpO2 of everybody in buckets of 10 s, alarms, entries; over different classes"
    yield spread("history, open a class", "ms", measure_open_class(made), plan.setting(PEOPLE, note=note))
    note = f"{about}; {PROGRAMME} sessions of one person, summaries as written when each class ended"
    yield spread("history, programme", "ms", measure_programme(made), plan.setting(PEOPLE, note=note))
    tried = measure_stored_what_if(made)
    note = (
        f"{about}; all rules about values over {tried.histories:,} people's hours side by side, CPU time, reading "
        f"excluded ({tried.read_cpu_s:.1f} s)"
    )
    yield Figure(
        name="history, what-if",
        unit="participant-seconds per CPU-second",
        setting=plan.setting(PEOPLE, note=note),
        value=rounded(tried.participant_s_per_cpu_s),
    )


def measure_open_class(made: MadeRecord) -> list[float]:
    """Return the milliseconds in which classes open: everybody's heart rate and SpO2 in buckets, alarms, entries."""
    took_ms = []
    with closing(RecordReader(made.path)) as reader:
        for number in _spread(made.classes):
            session = session_id(number)
            begun_s = time.perf_counter()
            stored = reader.session(session)
            reader.rosters(session)
            reader.alarm_events(session)
            reader.entries(session)
            buckets = sum(
                len(reader.buckets(session, person_id(number, seat), kind, bucket_ms=10_000))
                for seat in range(1, PEOPLE + 1)
                for kind in (ReadingKind.HR, ReadingKind.OXIMETER)
            )
            took_ms.append((time.perf_counter() - begun_s) * 1000)
            if stored is None or buckets < PEOPLE * SECONDS // 10:
                msg = f"class {session} opened with {buckets} buckets"
                raise RuntimeError(msg)
    return took_ms


def measure_programme(made: MadeRecord) -> list[float]:
    """Return the milliseconds in which a person's programme opens, its summaries written as at each session's end."""
    took_ms = []
    with (
        tempfile.TemporaryDirectory(prefix="vitals-bench-") as folder,
        closing(RecordReader(made.path)) as reader,
        closing(Shelf(Path(folder) / "review.db", reader)) as shelf,
    ):
        groups = max(1, made.classes // PROGRAMME)
        for group in {0, groups // 2, groups - 1}:
            person = person_id(group * PROGRAMME, 1 + group % PEOPLE)
            read_programme(reader, shelf, person)
            begun_s = time.perf_counter()
            told = read_programme(reader, shelf, person)
            took_ms.append((time.perf_counter() - begun_s) * 1000)
            if len(told) != min(PROGRAMME, made.classes - group * PROGRAMME):
                msg = f"programme of {person} has {len(told)} sessions"
                raise RuntimeError(msg)
    return took_ms


def measure_stored_what_if(made: MadeRecord) -> WhatIfTried:
    """Return what all rules about values cost over the last thousand people's hours of the record."""
    begun_s = time.process_time()
    with closing(open_reader(made.path)) as connection:
        samples = {}
        for watch, kind, column in ((Watch.HR, "hr", "hr_bpm"), (Watch.SPO2, "oximeter", "spo2_pct")):
            streams = query(
                connection,
                "SELECT id FROM stream WHERE kind = ? ORDER BY id DESC LIMIT ?",
                (kind, HISTORIES),
            )
            rows = [
                np.array(
                    query(
                        connection,
                        f"SELECT mono_ms, {column} FROM reading WHERE stream = ? AND quality = 0 ORDER BY seq",  # noqa: S608
                        stream,
                    ),
                    np.float64,
                )
                for stream in streams
            ]
            whole = np.concatenate(rows)
            begins = np.cumsum([0, *(len(one) for one in rows)], dtype=np.int64)
            samples[watch] = Samples(whole[:, 0].astype(np.int64), whole[:, 1], begins)
    read_s = time.process_time()
    found = judge_all(DEFAULT, samples, LIMITS, phase=Phase.TRAINING)
    done_s = time.process_time()
    if not any(len(stood.history) for stood in found.values()):
        msg = "no rule found anything"
        raise RuntimeError(msg)
    return WhatIfTried(read_cpu_s=read_s - begun_s, judge_cpu_s=done_s - read_s, histories=samples[Watch.HR].histories)


def _spread(classes: int) -> Sequence[int]:
    return sorted({round(place * (classes - 1) / max(1, CLASSES - 1)) for place in range(CLASSES)})
