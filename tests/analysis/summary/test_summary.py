"""Marks, signatures, alarms and the digest: what changes a report, and what must not."""

from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from analysis.history.history import InForce
from analysis.summary.alarms import alarms_of, list_alarms
from analysis.summary.calls import Called, Calls
from analysis.summary.deviations import DeviationKind
from analysis.summary.part import Hole, Part, Vital
from analysis.summary.summary import SessionSummary, digest_of, summarise
from tests.analysis.summary.told import ANN, START, entry, part, rate, roster, said_by, saturation
from vitals.alarms import (
    Acknowledgement,
    AlarmEvent,
    AlarmId,
    AlarmState,
    Change,
    Condition,
    Family,
    Operator,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
)
from vitals.delivery import Answered, Attempt, AttemptState, ChannelName, Course, Response
from vitals.duty import StaffId
from vitals.entries import AlarmJudged, Artefact, Note, Outcome, PreChecked, PreCheckItem, Signed
from vitals.participants import LimitReason
from vitals.readings import RunId
from vitals.sessions import ResolvedLimit
from vitals.units import MonotonicMs, UtcMs


def plain(**more: Any) -> Part:
    said = [
        rate(
            second * 1000, 150 if 40 <= second < 50 else 145 if 30 <= second < 60 else 130 if 20 <= second < 70 else 110
        )
        for second in range(120)
    ]
    said += [saturation(second * 1000, 95) for second in range(120)]
    return part(said, until_ms=120_000, **more)


def artefact(begin_s: int, end_s: int, *, number: int = 0, **more: Any) -> Any:
    body = Artefact(
        signal="hr",
        from_utc_ms=UtcMs(START + begin_s * 1000),
        to_utc_ms=UtcMs(START + end_s * 1000),
        why="strap slipped",
        **more,
    )
    return said_by(body, number=number)


def shares(summary: SessionSummary) -> dict[str, int]:
    return {share.what: share.ms for share in summary.coverage[0].shares}


def test_a_mark_leaves_its_stretch_out_and_says_who_and_why() -> None:
    before = summarise(plain())
    after = summarise(plain(entries=(artefact(15, 75),)))
    assert (before.heart.peak_bpm, after.heart.peak_bpm) == (150, 110)
    assert shares(after) == {"valid": 60_000, "marked": 60_000}
    (mark,) = after.marks
    assert (mark.vital, mark.from_ms, mark.to_ms, mark.by, mark.why) == (
        Vital.HR,
        15_000,
        75_000,
        "AB",
        "strap slipped",
    )
    assert after.coverage[1] == before.coverage[1]
    assert digest_of(after) != digest_of(before)


def test_a_mark_that_was_withdrawn_counts_no_more_but_stays_told() -> None:
    entries = (artefact(15, 75), artefact(15, 75, number=1, is_withdrawn=True))
    after = summarise(plain(entries=entries))
    assert after.heart == summarise(plain()).heart
    assert (after.marks[0].withdrawn_by, after.marks[0].withdrawn_why) == ("AB", "strap slipped")


def test_a_mark_of_a_signal_that_nobody_knows_changes_no_figure() -> None:
    body = Artefact(signal="ecg", from_utc_ms=START, to_utc_ms=UtcMs(START + 60_000), why="what is it")
    assert summarise(plain(entries=(said_by(body),))).heart == summarise(plain()).heart


def test_the_same_record_gives_the_same_bytes_and_a_signature_changes_none() -> None:
    first, again = summarise(plain()), summarise(plain())
    assert msgspec.json.encode(first) == msgspec.json.encode(again)
    signed = summarise(plain(entries=(said_by(Signed(digest=digest_of(first))),)))
    assert digest_of(signed) == digest_of(first)
    noted = summarise(plain(entries=(said_by(Note(text="felt well")),)))
    assert digest_of(noted) != digest_of(first)


def test_a_summary_that_was_written_down_is_read_back_with_the_same_digest() -> None:
    summary = summarise(plain(entries=(artefact(15, 75), said_by(Note(text="x"), number=2))))
    back = msgspec.json.decode(msgspec.json.encode(summary), type=SessionSummary)
    assert back == summary
    assert digest_of(back) == digest_of(summary)


def test_a_newer_program_with_the_same_figures_keeps_the_digest() -> None:
    assert digest_of(summarise(plain(software="1"))) == digest_of(summarise(plain(software="2")))


def test_a_hole_is_told_with_its_cause() -> None:
    said = [one for one in plain().said if not 30_000 <= one.at_ms < 60_000]
    hole = Hole(vital=Vital.HR, from_ms=29_000, to_ms=60_000, cause="dropped")
    found = summarise(part(said, until_ms=120_000, holes=(hole,)))
    assert shares(found) == {"valid": 94_000, "dropped": 26_000}
    assert found.gaps == (hole,)


def event(change: Change, at_s: float, **more: Any) -> AlarmEvent:
    state = AlarmState(
        alarm_id=AlarmId("a1"),
        revision=1,
        subject=ANN,
        subject_kind=SubjectKind.PARTICIPANT,
        rule=RuleId.HR_OVER,
        family=Family.PHYSIOLOGICAL,
        priority=Priority.MEDIUM,
        condition=Condition.ACTIVE,
        signal=Signal.ON,
        participant=ANN,
        value=130,
        peak=131,
        limit=124,
        breach_mono_ms=MonotonicMs(0),
        onset_mono_ms=MonotonicMs(10_000),
        onset_utc_ms=UtcMs(START + 10_000),
    )
    at = UtcMs(START + round(at_s * 1000))
    return AlarmEvent(
        run=RunId("a"), seq=0, mono_ms=MonotonicMs(0), utc_ms=at, change=change, alarm=replace(state, **more)
    )


def test_an_alarm_has_its_answer_its_end_and_the_last_word_on_it() -> None:
    taken = Acknowledgement(by="CD", at_utc_ms=UtcMs(START + 17_000), command="c")
    events = (
        event(Change.RAISED, 10),
        event(Change.ACKNOWLEDGED, 17.5, acknowledged=taken),
        event(Change.CLEARED, 50, acknowledged=taken),
    )
    entries = tuple(
        said_by(AlarmJudged(alarm_id=AlarmId("a1"), outcome=outcome), number=number)
        for number, outcome in enumerate((Outcome.ARTEFACT, Outcome.REAL))
    )
    (alarm,) = list_alarms(events, entries)
    assert (alarm.response_s, alarm.acknowledged_by, alarm.outcome) == (7.5, "CD", Outcome.REAL)
    assert alarm.ended_utc_ms == START + 50_000


def test_an_alarm_that_nobody_took_has_no_response_and_one_that_came_back_no_end() -> None:
    events = (event(Change.RAISED, 10), event(Change.CLEARED, 30), event(Change.RETRIGGERED, 40))
    (alarm,) = list_alarms(events, ())
    assert (alarm.response_s, alarm.ended_utc_ms, alarm.outcome) == (None, None, None)


def test_who_saw_a_latched_alarm_has_answered_it_and_it_ended_when_its_condition_did() -> None:
    taken = Acknowledgement(by="CD", at_utc_ms=UtcMs(START + 42_000), command="c")
    begun = (event(Change.RAISED, 10), event(Change.LATCHED, 30))
    (seen,) = list_alarms((*begun, event(Change.RESOLVED, 42, acknowledged=taken)), ())
    assert (seen.response_s, seen.acknowledged_by, seen.ended_utc_ms) == (32.0, "CD", START + 30_000)
    (left,) = list_alarms((*begun, event(Change.SESSION_ENDED, 900)), ())
    assert (left.response_s, left.ended_utc_ms, left.still_on) == (None, START + 30_000, UNSET)


def test_an_alarm_that_stands_at_the_end_of_class_says_so_whether_or_not_somebody_took_it_off() -> None:
    ended = (event(Change.RAISED, 10), event(Change.SESSION_ENDED, 120))
    (alarm,) = alarms_of(plain(events=ended))
    assert (alarm.still_on, alarm.ended_utc_ms) == (True, START + 120_000)
    (alarm,) = alarms_of(plain(events=ended[:1]))
    assert (alarm.still_on, alarm.ended_utc_ms) == (True, None)
    (alarm,) = alarms_of(replace(plain(events=ended[:1]), is_over=False))
    assert alarm.still_on is UNSET


def test_what_was_found_afterwards_ended_when_it_did_and_not_when_it_was_found() -> None:
    found = replace(event(Change.FOUND_AFTERWARDS, 90, ended_mono_ms=MonotonicMs(25_000)), mono_ms=MonotonicMs(90_000))
    (alarm,) = list_alarms((found,), ())
    assert (alarm.found_afterwards, alarm.ended_utc_ms) == (True, START + 25_000)


def test_an_alarm_that_came_again_keeps_the_worst_of_all_its_values() -> None:
    for op, peaks, worst in ((Operator.ABOVE, (141, 128), 141), (Operator.BELOW, (81, 86), 81)):
        changes = (Change.RAISED, Change.RETRIGGERED)
        events = [
            event(change, at_s, op=op, peak=peak) for change, at_s, peak in zip(changes, (10, 60), peaks, strict=True)
        ]
        (alarm,) = list_alarms(events, ())
        assert alarm.peak == worst


def told(staff: str, at_s: float, state: AttemptState, channel: ChannelName = ChannelName.WEB_PUSH) -> Attempt:
    at = UtcMs(START + round(at_s * 1000))
    return Attempt(staff=StaffId(staff), channel=channel, step=0, at_utc_ms=at, state=state)


def course(*attempts: Attempt, answers: tuple[tuple[str, Response, float], ...] = ()) -> Course:
    return Course(
        alarm_id=AlarmId("a1"),
        onset_utc_ms=UtcMs(START + 10_000),
        ended_utc_ms=UtcMs(START + 60_000),
        attempts=attempts,
        answers=tuple(
            Answered(staff=StaffId(staff), response=response, at_utc_ms=UtcMs(START + round(at_s * 1000)))
            for staff, response, at_s in answers
        ),
    )


def test_an_accept_on_a_phone_answers_an_alarm_and_so_does_a_screen_whichever_was_first() -> None:
    taken = Acknowledgement(by="CD", at_utc_ms=UtcMs(START + 17_000), command="c")
    events = (event(Change.RAISED, 10), event(Change.ACKNOWLEDGED, 17.5, acknowledged=taken))
    for at_s, response_s, by in ((14.0, 4.0, "tom"), (30.0, 7.5, "CD")):
        (alarm,) = list_alarms(events, (), [course(answers=(("tom", Response.ON_MY_WAY, at_s),))])
        assert (alarm.response_s, alarm.answered_by) == (response_s, by)
    (alarm,) = list_alarms(events[:1], (), [course(answers=(("tom", Response.CANNOT, 12),))])
    assert (alarm.response_s, alarm.answered_by) == (None, "")


def test_who_was_called_is_told_once_with_all_ways_and_whether_one_of_them_took_it() -> None:
    first = course(told("sue", 11, AttemptState.FAILED), told("tom", 12, AttemptState.FAILED, ChannelName.NTFY))
    later = course(told("sue", 41, AttemptState.SENT, ChannelName.APPRISE), answers=(("tom", Response.CANNOT, 42),))
    (alarm,) = list_alarms((event(Change.RAISED, 10),), (), [later, first])
    assert alarm.calls == Calls(
        people=(
            Called(
                staff=StaffId("sue"),
                at_utc_ms=UtcMs(START + 11_000),
                ways=(ChannelName.WEB_PUSH, ChannelName.APPRISE),
                reached=True,
            ),
            Called(staff=StaffId("tom"), at_utc_ms=UtcMs(START + 12_000), ways=(ChannelName.NTFY,), reached=False),
        ),
        cannot=(StaffId("tom"),),
    )


def test_the_furthest_receipt_of_a_persons_messages_is_told_and_none_is_no_word_at_all() -> None:
    shown, opened, sent = (
        course(told("sue", at_s, state))
        for at_s, state in ((11, AttemptState.DELIVERED), (12, AttemptState.SEEN), (13, AttemptState.SENT))
    )
    for courses, receipt in (([shown, sent], "delivered"), ([opened, shown, sent], "seen")):
        (alarm,) = list_alarms((event(Change.RAISED, 10),), (), courses)
        assert alarm.response_s is None, "a receipt answers nothing"
        (person,) = msgspec.to_builtins(alarm.calls)["people"]
        assert (person["receipt"], person["reached"]) == (receipt, True)
    (alarm,) = list_alarms((event(Change.RAISED, 10),), (), [sent])
    assert b"receipt" not in msgspec.json.encode(alarm), "an older summary keeps its digest"


def test_a_summary_from_before_courses_were_kept_is_what_was_signed() -> None:
    (alarm,) = list_alarms((event(Change.RAISED, 10),), ())
    assert b"calls" not in msgspec.json.encode(alarm)
    assert b"still_on" not in msgspec.json.encode(alarm)


def test_a_limit_that_moved_is_a_deviation_and_holds_for_its_time_only() -> None:
    moved = (ResolvedLimit(rule=RuleId.HR_OVER, value=148, reason=LimitReason.OVERRIDDEN),)
    rosters = (
        InForce(MonotonicMs(0), roster(entry(until_ms=120_000))),
        InForce(MonotonicMs(45_000), roster(entry(until_ms=120_000, limits=moved), version=2)),
    )
    found = summarise(plain(rosters=rosters))
    spans = [(limit.value, limit.from_ms, limit.to_ms) for limit in found.limits if limit.rule is RuleId.HR_OVER]
    assert spans == [(124, 0, 45_000), (148, 45_000, 120_000)]
    assert found.heart.above_limit_s == 25 + 5
    changed = [one for one in found.deviations if one.kind is DeviationKind.LIMIT_CHANGED]
    assert [(one.value, one.at_ms) for one in changed] == [(148, 45_000)]


def test_a_check_that_was_waived_is_told_with_who_and_why() -> None:
    body = PreChecked(problems=(PreCheckItem.BLOOD_PRESSURE,), why="as always")
    found = summarise(plain(entries=(said_by(body),)))
    waived = next(one for one in found.deviations if one.kind is DeviationKind.CHECK_WAIVED)
    assert (waived.by, waived.text, waived.items) == ("AB", "as always", ("blood_pressure",))
