"""The child process of the workshop: reads one job from standard input, says how far it is, then its answer.

One JSON object a line. It is nice to everybody else, and the kernel ends it when it wants too much.
"""

import base64
import contextlib
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from analysis.rule_set import load_rules
from dashboard.review.parts import people_of
from dashboard.review.pdf import render_pdf
from dashboard.review.shelf import Shelf
from dashboard.review.site_report import make_site_report
from dashboard.review.what_if import Question, answer
from ingest.store.reader import RecordReader
from vitals.errors import VitalsError
from vitals.sessions import SessionId
from vitals.units import UtcMs

CPU_S_MAX: Final = 900
MEMORY_BYTES_MAX: Final = 4 * 1_073_741_824
NICE: Final = 10
_TELL_S: Final = 0.2


class WhatIf(Struct, frozen=True, kw_only=True):
    """A question to the record."""

    record_file: str
    review_file: str
    rules_file: str | None
    question: Question


class Summaries(Struct, frozen=True, kw_only=True):
    """A class whose summaries shall be at hand."""

    record_file: str
    review_file: str
    session: SessionId


class Site(Struct, frozen=True, kw_only=True):
    """A report over a time."""

    record_file: str
    from_utc_ms: UtcMs
    to_utc_ms: UtcMs


class Pdf(Struct, frozen=True, kw_only=True):
    """A page to be made a PDF. ``paper``: as CSS names it."""

    html: str
    paper: str


class _Order(Struct, frozen=True, kw_only=True):
    kind: str
    request: msgspec.Raw


def main() -> None:
    """Do one job."""
    os.nice(NICE)
    for kind, most in ((resource.RLIMIT_CPU, CPU_S_MAX), (resource.RLIMIT_AS, MEMORY_BYTES_MAX)):
        with contextlib.suppress(ValueError, OSError):  # a stricter limit of the machine stays
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))
    try:
        order = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Order)
        _say(_do(order))
    except (VitalsError, ImportError, OSError, msgspec.MsgspecError) as error:
        _say({"problem": " ".join(str(error).split())})


def _do(order: _Order) -> dict[str, object]:
    match order.kind:
        case "what_if":
            asked = msgspec.json.decode(order.request, type=WhatIf)
            rules = load_rules(None if asked.rules_file is None else Path(asked.rules_file))
            with (
                closing(RecordReader(Path(asked.record_file))) as reader,
                closing(Shelf(Path(asked.review_file), reader)) as shelf,
            ):
                return {"answer": answer(asked.question, reader, shelf, rules=rules, tell=_teller())}
        case "summaries":
            wanted = msgspec.json.decode(order.request, type=Summaries)
            return {"answer": _make_ready(wanted, tell=_teller())}
        case "site":
            site = msgspec.json.decode(order.request, type=Site)
            with closing(RecordReader(Path(site.record_file))) as reader:
                report = make_site_report(
                    reader, from_utc_ms=site.from_utc_ms, to_utc_ms=site.to_utc_ms, tell=_teller()
                )
                return {"answer": report}
        case "pdf":
            page = msgspec.json.decode(order.request, type=Pdf)
            return {"data": base64.b64encode(render_pdf(page.html, paper=page.paper)).decode()}
        case _:
            return {"problem": f"{order.kind!r} is no job"}


def _make_ready(wanted: Summaries, *, tell: Callable[[float], None]) -> int:
    """Return of how many people the summaries are at hand now."""
    with (
        closing(RecordReader(Path(wanted.record_file))) as reader,
        closing(Shelf(Path(wanted.review_file), reader)) as shelf,
    ):
        people = people_of(reader, wanted.session)
        for place, person in enumerate(people, start=1):
            shelf.summary(wanted.session, person)
            tell(place / len(people))
        return len(people)


def _teller() -> Callable[[float], None]:
    """Return what says how far it is, a few times a second at most."""
    told_s = 0.0

    def tell(share: float) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TELL_S:
            told_s = now_s
            _say({"progress": round(share, 3)})

    return tell


def _say(line: dict[str, object]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
