"""Reports: holes first, every word of a person escaped, both languages, and a PDF that is one."""

import re
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli.main import main
from dashboard.review.pdf import render_pdf
from dashboard.review.report import chart
from dashboard.review.report.page import WORDS
from dashboard.review.report.words import Language
from dashboard.review.reports import Reports
from dashboard.review.shelf import Shelf
from dashboard.review.timeline import Line
from ingest.store.reader import RecordReader
from tests.dashboard.review.past_class import START_UTC_MS, PastClass, person_id, write_past_class
from vitals.delivery import AttemptState
from vitals.entries import Artefact, EntryBody, Note, Signed
from vitals.units import UtcMs

EVIL = '<script>alert("x")</script>'
ARTEFACT = Artefact(
    signal="hr", from_utc_ms=UtcMs(START_UTC_MS + 200_000), to_utc_ms=UtcMs(START_UTC_MS + 260_000), why=EVIL
)


@pytest.fixture
def reports(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Reports]:
    past: PastClass = getattr(request, "param", PastClass())
    write_past_class(tmp_path, past)
    with (
        closing(RecordReader(tmp_path / "record.db")) as reader,
        closing(Shelf(tmp_path / "review.db", reader)) as shelf,
    ):
        yield Reports(reader, shelf, zone=ZoneInfo("Europe/Berlin"))


def page(reports: Reports, *, number: int = 1, language: str = "en") -> str:
    return reports.person(
        PastClass().session,
        person_id(number),
        class_name=f"Tuesday {EVIL}",
        alias=f"Ann {EVIL}",
        language="de" if language == "de" else "en",
    )


def words(html: str) -> str:
    """What a reader sees, in order."""
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


CALLED = PastClass(alarms=((300, 9),), accepted_after_s=4)


@pytest.mark.parametrize("reports", [CALLED], indirect=True)
def test_a_report_says_who_was_called_about_an_alarm_and_who_answered_first(reports: Reports) -> None:
    told = words(page(reports))
    assert "4 s (tom). Called at " in told
    assert ": tom (phone) " in told
    assert "sue" not in told, "the call did not reach her"
    assert "tom (Telefon)" in words(page(reports, language="de"))


OPENED = PastClass(alarms=((300, 9),), accepted_after_s=4, receipt=AttemptState.SEEN)


@pytest.mark.parametrize("reports", [OPENED], indirect=True)
def test_a_report_says_what_the_phone_said_of_the_message(reports: Reports) -> None:
    assert ": tom (phone) - opened on the phone " in words(page(reports))
    assert "tom (Telefon) - am Telefon geöffnet" in words(page(reports, language="de"))


HOLES = PastClass(holes=((100, 160),), alarms=((300, 9),))


@pytest.mark.parametrize("reports", [HOLES], indirect=True)
def test_a_report_on_a_session_with_holes_says_so_in_its_first_lines(reports: Reports) -> None:
    told = words(page(reports))
    assert told.index("This record has holes.") < told.index("Figures")
    first = told[: told.index("Figures")]
    # 60 s of 600 were not heard; the reading before them speaks for 5 s, itself one of them.
    assert "Heart rate: 9.3 % of the time is missing (56" in first
    assert "Simulated data: no real person." in first
    assert "not heard" in first
    german = words(page(reports, language="de"))
    assert "Diese Aufzeichnung hat Lücken." in german[: german.index("Zahlen")]
    assert "9,3 % der Zeit fehlen" in german


def test_a_report_on_a_whole_session_does_not_cry_wolf(reports: Reports) -> None:
    told = words(page(reports, number=2))
    assert "holes" not in told
    assert "100.0 % of the time counts, no gaps" in told


NOTES: tuple[tuple[int, EntryBody], ...] = ((10, Note(text=EVIL)), (20, ARTEFACT))


@pytest.mark.parametrize("reports", [PastClass(entries=NOTES)], indirect=True)
def test_no_name_and_no_note_becomes_markup(reports: Reports) -> None:
    html = page(reports)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 4  # title, heading, class, note, mark
    assert "marked as artefacts and are left out" in words(html)


def test_a_report_needs_nothing_from_elsewhere(reports: Reports) -> None:
    html = page(reports)
    assert not re.search(r"(src|href)=", html)
    assert "<style>" in html
    assert "not a medical device" in words(html)
    assert "00112233aabbccdd" in html  # the rules that judged


SIGNED = PastClass(entries=((10, Signed(digest="0" * 64)),))


@pytest.mark.parametrize("reports", [SIGNED], indirect=True)
def test_a_signature_under_another_record_is_called_one(reports: Reports) -> None:
    assert "BUT THE RECORD HAS CHANGED SINCE" in words(page(reports))


@pytest.mark.parametrize("reports", [HOLES], indirect=True)
def test_a_class_has_an_overview_and_then_everybody(reports: Reports) -> None:
    aliases = {person_id(1): "Ann", person_id(2): "Bob"}
    html = reports.whole_class(PastClass().session, class_name="Tuesday", aliases=aliases, language="en")
    told = words(html)
    assert told.index("Class report: Tuesday") < told.index("Session report: Ann") < told.index("Session report: Bob")
    assert html.count("<article") == 3


@pytest.mark.parametrize(("reports", "language"), [(HOLES, "en"), (HOLES, "de")], indirect=["reports"])
def test_a_class_says_of_whom_something_is_missing_before_anything_else(reports: Reports, language: str) -> None:
    aliases = {person_id(1): "Ann", person_id(2): "Bob"}
    lang: Language = "de" if language == "de" else "en"
    told = words(reports.whole_class(PastClass().session, class_name="Tuesday", aliases=aliases, language=lang))
    overview = WORDS[lang].people_columns
    first = told[: told.index(f"{overview[0]} {overview[1]}")]
    assert WORDS[lang].holes_title in first
    assert (
        WORDS[lang].class_holes.format(n=1, people=2, who=f"Ann ({WORDS[lang].programme_seat.format(seat=1)})") in first
    )


def test_a_class_without_holes_says_that_nothing_is_missing(reports: Reports) -> None:
    told = words(reports.whole_class(PastClass().session, class_name="Tuesday", aliases={}, language="en"))
    first = told[: told.index("Seat Who")]
    assert "Nothing is missing of anybody." in first
    assert "holes" not in first


def test_the_chart_breaks_at_a_gap(tmp_path: Path) -> None:
    write_past_class(tmp_path, HOLES)
    with (
        closing(RecordReader(tmp_path / "record.db")) as reader,
        closing(Shelf(tmp_path / "review.db", reader)) as shelf,
    ):
        html = page(Reports(reader, shelf, zone=ZoneInfo("UTC")))
    svg = html[html.index("<svg") : html.index("</svg>")]
    lines = re.findall(r'<path fill="none" stroke="#000" stroke-width="1.1" d="M([^"]+)"', svg)
    assert len(lines) == 4  # heart rate in two pieces, SpO2, work
    assert svg.count('<rect fill="#fff" stroke="#999"') == 1, "the gap and the break in the line are one hatching"


@pytest.mark.parametrize("reports", [HOLES], indirect=True)
def test_the_name_of_a_panel_stands_above_it_where_nothing_is_drawn(reports: Reports) -> None:
    html = page(reports)
    svg = html[html.index("<svg") : html.index("</svg>")]
    frames = re.findall(r'<rect fill="none" stroke="#777"[^>]* y="([\d.]+)"[^>]* height="([\d.]+)"', svg)
    names = re.findall(r'<text[^>]*font-weight="bold"[^>]* y="([\d.]+)">([^<]+)<', svg)
    assert [name for _, name in names] == ["Heart rate, bpm", "SpO2, %", "Work, W"]
    bottom = 0.0
    for (top, height), (y, _) in zip(frames, names, strict=True):
        assert bottom < float(y) < float(top)
        bottom = float(top) + float(height)


@pytest.mark.parametrize("what", ["no gap", "a gap in it", "a gap over its edge", "a gap elsewhere"])
def test_where_a_line_breaks_nothing_is_known_and_that_is_hatched_once(what: str) -> None:
    seconds = [*range(5), 4.001, *range(30, 35)]
    values = [None if second == 4.001 else 90.0 for second in seconds]
    times = [round(second * 1000) for second in seconds]
    line = Line(utc_ms=times, low=values, mean=values, high=values, questionable=[False] * len(times))
    gaps = {
        "a gap in it": (10_000, 20_000),
        "a gap over its edge": (25_000, 31_000),
        "a gap elsewhere": (50_000, 60_000),
    }
    hatched = {"a gap over its edge": [(4_000, 31_000)], "a gap elsewhere": [(4_000, 30_000), (50_000, 60_000)]}
    given = [gaps[what]] if what in gaps else []
    assert chart._merge([*given, *chart._breaks(line, 0)]) == hatched.get(what, [(4_000, 30_000)])


def unpacked(pdf: bytes) -> bytes:
    """What stands in a PDF's packed objects."""
    packed = re.findall(rb"stream\n(.*?)\nendstream", pdf, flags=re.DOTALL)
    return b"".join(zlib.decompress(one) for one in packed if one.startswith(b"\x78"))


@pytest.mark.peer
@pytest.mark.timeout(90)
@pytest.mark.parametrize("reports", [HOLES], indirect=True)
def test_a_pdf_is_made_of_the_same_page(reports: Reports) -> None:
    for paper, size in (("A4", b"595"), ("Letter", b"612")):
        made = render_pdf(page(reports), paper=paper)
        assert made.startswith(b"%PDF-")
        assert size in unpacked(made)


@pytest.mark.peer
def test_the_command_writes_a_report_without_the_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_past_class(tmp_path, HOLES)
    output = tmp_path / "report.html"
    asked = ["report", "--data", str(tmp_path), "--session", "past-1", "--lang", "de", "--output", str(output)]
    assert main(asked) == 0
    assert "Ann2 &lt;i&gt;" in output.read_text(encoding="utf-8")
    assert str(output) in capsys.readouterr().out
    assert main([*asked[:4], "nobody", *asked[5:]]) == 2
    assert "'nobody' is not in the record" in capsys.readouterr().err
