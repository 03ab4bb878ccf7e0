"""What entries tell of an emergency, whatever their order; and the trends on the card, which never bridge a gap."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dashboard.emergency.card import BEFORE_MS, SPAN_MS, plan_span
from dashboard.emergency.script import LINE_CHARS_MAX, LINES_MAX, Role, find_script
from dashboard.emergency.timeline import Emergency, find_running, read_emergencies
from dashboard.emergency.trends import HOLE_MS_MAX, Point, Trend, draw_trend, split_at_gaps
from dashboard.emergency.words import CARD, ROLES, tell_alarm, tell_entry
from vitals.entries import EmergencyStep, Entry, EntryId, Note, Outcome, SymptomKind
from vitals.part_settings import DashboardSettings
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

P1 = ParticipantId("p01")


def entry(number: int, step: str, *, participant: ParticipantId | None = P1, **more: Any) -> Entry:
    return Entry(
        id=EntryId(f"e{number:03}"),
        session=SessionId("s1"),
        at_utc_ms=UtcMs(1_000 * number),
        by="KB",
        participant=participant,
        body=EmergencyStep(step=step, **more),
    )


STORY = (
    entry(1, "note", text="too early, belongs to none"),
    entry(2, "began"),
    entry(3, "role", role="leader", text="KB"),
    entry(4, "call"),
    entry(5, "began"),
    entry(6, "began", participant=None),
    entry(7, "aed"),
    entry(8, "undone", text="call"),
    entry(9, "role", role="leader", text="MS"),
    entry(10, "ended"),
    entry(11, "note", text="too late"),
    entry(12, "began"),
)


@given(st.permutations(STORY + STORY[3:6]))
def test_the_same_entries_tell_the_same_in_any_order_and_twice(entries: list[Entry]) -> None:
    first, of_class, second = sorted(read_emergencies(entries), key=lambda one: one.began_utc_ms)
    assert (first.participant, first.began_utc_ms, first.ended_utc_ms) == (P1, 2_000, 10_000)
    assert first.roles == {"leader": "MS"}
    assert first.done == ("aed",)
    assert [line.step for line in first.lines] == ["began", "role", "call", "began", "aed", "undone", "role", "ended"]
    assert of_class.participant is None
    assert second.ended_utc_ms is None


def test_who_has_one_that_runs() -> None:
    found = read_emergencies(STORY)
    assert find_running(found, P1) == found[-1]
    assert find_running(found, ParticipantId("p02")) is None
    running = find_running(found, None)
    assert isinstance(running, Emergency)
    assert running.began_utc_ms == 6_000


def test_other_entries_are_passed_over() -> None:
    note = Entry(id=EntryId("n"), session=SessionId("s1"), at_utc_ms=UtcMs(1), by="KB", body=Note(text="no emergency"))
    assert read_emergencies([note]) == ()


def test_the_default_script_says_that_it_is_one_and_a_house_has_its_own() -> None:
    assert find_script(()).is_default
    own = find_script(("Ring the bell",))
    assert not own.is_default
    assert (own.lines[0].en, own.lines[0].de) == ("Ring the bell", "Ring the bell")
    fields = DashboardSettings.model_fields["emergency_steps"]
    assert f"max_length={LINES_MAX}" in repr(fields.metadata).lower()
    assert len({line.id for line in find_script(()).lines}) == len(find_script(()).lines)
    assert all(len(line.en) <= LINE_CHARS_MAX and len(line.de) <= LINE_CHARS_MAX for line in find_script(()).lines)


@given(st.lists(st.integers(0, 200_000), unique=True, max_size=60))
def test_no_line_is_drawn_across_a_gap(times: list[int]) -> None:
    points = tuple(Point(UtcMs(at), 90.0) for at in sorted(times))
    pieces = split_at_gaps(points)
    assert [point for piece in pieces for point in piece] == list(points)
    for piece in pieces:
        ends = pairwise(piece)
        assert all(after.utc_ms - before.utc_ms <= HOLE_MS_MAX for before, after in ends)
    joints = pairwise(pieces)
    assert all(after[0].utc_ms - before[-1].utc_ms > HOLE_MS_MAX for before, after in joints)


def test_a_trend_escapes_its_words_and_stands_without_values() -> None:
    empty = Trend(title="<SpO2>", points=(), limits=(("lower & upper", 88.0),))
    svg = draw_trend(empty, from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(600_000), label=lambda at: f"<{at}>")
    assert 'aria-label="&lt;SpO2&gt;"' in svg
    assert "lower &amp; upper" in svg
    assert "polyline" not in svg
    assert "<0>" not in svg


def test_the_card_tells_ten_minutes_or_all_of_a_longer_emergency() -> None:
    hour = UtcMs(3_600_000)
    assert plan_span(now_utc_ms=hour, began_utc_ms=UtcMs(0), emergency=None) == (hour - SPAN_MS, hour)
    began = hour - 25 * 60_000
    long = Emergency(id=EntryId("e"), participant=P1, began_utc_ms=UtcMs(began), began_by="KB", lines=())
    assert plan_span(now_utc_ms=hour, began_utc_ms=UtcMs(0), emergency=long) == (began - BEFORE_MS, hour)
    assert plan_span(now_utc_ms=hour, began_utc_ms=UtcMs(hour - 1_000), emergency=None)[0] == hour - 1_000


def test_both_languages_have_the_same_words() -> None:
    assert set(CARD["en"]) == set(CARD["de"])
    assert set(ROLES["en"]) == set(ROLES["de"]) == set(Role)
    assert {Outcome.REAL, Outcome.ARTEFACT, Outcome.EXPECTED} == set(Outcome)
    assert tell_alarm("SpO2 fall 84 <= 88", language="de") == "SpO2-Abfall 84 <= 88"
    assert tell_alarm("HR 134 > 120", language="en") == "HR 134 > 120"


def test_a_step_is_told_in_the_words_of_its_time() -> None:
    gone = EmergencyStep(step="line-9", text="Open gate B")
    assert tell_entry(gone, language="en", script={}) == "Open gate B"
    call = EmergencyStep(step="call", text="Call the emergency number: who, where, what")
    assert tell_entry(call, language="de", script={"call": "Notruf"}) == "Notruf"
    assert len(SymptomKind) > 5
