"""What the record tells of alarms, judged: one id while a condition stands, raised once, cleared on data."""

import json
from collections import defaultdict
from typing import NamedTuple

from tests.system.running import Json, RunningSystem
from tests.system.storm import Loss, clear_stretches

OVER = frozenset({"cleared", "resolved", "session_ended"})
"""After these an alarm's signal is off, and the next of its subject and rule is another."""

HOLE_MS = 5_000
ANNOUNCED_WITHIN_S = 15.0
"""The hold of 10 s, and what a slow machine adds."""

HEARERS = ("gateway", "broker", "analysis")
"""While one of them is away, a hold may be dropped and begin anew."""

CLEAR_MARGIN_BPM = 3
CLEAR_S = 5
"""Of HR_OVER (analysis/core/rules.py)."""


Story = dict[tuple[str, str], list["Told"]]
"""The events of each subject and rule, in the order in which analysis said them."""


class Told(NamedTuple):
    """One event of the record."""

    mono_ms: int
    change: str
    alarm: Json


def read_story(system: RunningSystem) -> Story:
    rows = system.query(
        "record.db",
        "SELECT alarm_event.mono_ms, change, body FROM alarm_event JOIN stream ON stream.id = alarm_event.stream "
        "JOIN run ON run.id = stream.run ORDER BY run.first_seen_utc_ms, run.id, seq",
    )
    story: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
    for mono_ms, change, body in sorted(rows, key=lambda row: int(row[0])):
        alarm = json.loads(body)["alarm"]
        story[alarm["subject"], alarm["rule"]].append(Told(mono_ms, change, alarm))
    return story


def standing(story: Story) -> set[str]:
    """Return the ids of the alarms whose signal is not off."""
    return {events[-1].alarm["alarm_id"] for events in story.values() if events[-1].alarm["signal"] != "off"}


def wrong_in(story: Story) -> list[str]:
    """Return what may never be told of an alarm."""
    wrong: list[str] = []
    raised: set[str] = set()
    for key, events in story.items():
        now: Told | None = None
        for event in events:
            alarm_id, change = event.alarm["alarm_id"], event.change
            if change == "found_afterwards":
                continue
            where = f"{key} {alarm_id} {change} at {event.mono_ms}"
            if change == "raised":
                if alarm_id in raised:
                    wrong.append(f"{where}: raised twice")
                if now is not None and now.alarm["signal"] != "off":
                    wrong.append(f"{where}: {now.alarm['alarm_id']} stands since {now.mono_ms}")
                raised.add(alarm_id)
            elif now is None or now.alarm["alarm_id"] != alarm_id:
                wrong.append(f"{where}: never raised, or over")
            elif (
                now.alarm["signal"] == "acknowledged"
                and event.alarm["signal"] == "on"
                and change
                not in {
                    "retriggered",
                    "priority_raised",
                }
            ):
                wrong.append(f"{where}: was acknowledged at {now.mono_ms}")
            now = event
    return wrong


def cleared_without_data(system: RunningSystem, story: Story) -> list[str]:
    """Return the HR_OVER alarms that ended although no low heart rate was heard."""
    wrong = []
    for (subject, rule), events in story.items():
        for event in events:
            if rule != "HR_OVER" or event.change != "cleared":
                continue
            rows = system.query(
                "record.db",
                "SELECT reading.mono_ms, hr_bpm FROM reading JOIN stream ON stream.id = reading.stream "
                "JOIN assignment ON assignment.sensor = stream.subject "
                "WHERE participant = ? AND kind = 'hr' AND quality = 0 AND reading.mono_ms BETWEEN ? AND ? ORDER BY 1",
                event.alarm["participant"],
                event.mono_ms - 2_000 * CLEAR_S,
                event.mono_ms,
            )
            low = [hr for _, hr in rows if hr <= event.alarm["limit"] - CLEAR_MARGIN_BPM]
            if len(low) < 2:
                wrong.append(f"{subject} {rule} {event.alarm['alarm_id']} cleared at {event.mono_ms} after {rows}")
    return wrong


def unannounced(system: RunningSystem, story: Story, losses: list[Loss]) -> list[str]:
    """Return the times for which somebody was over the limit, by the record, and no alarm stood."""
    wrong = []
    ((roster,),) = system.query("record.db", "SELECT body FROM roster ORDER BY version DESC LIMIT 1")
    for entry in json.loads(roster)["entries"]:
        who = entry["participant"]
        limit = next(one["value"] for one in entry["limits"] if one["rule"] == "HR_OVER")
        rows = system.query(
            "record.db",
            "SELECT reading.mono_ms, hr_bpm > ? FROM reading JOIN stream ON stream.id = reading.stream "
            "JOIN assignment ON assignment.sensor = stream.subject "
            "WHERE participant = ? AND kind = 'hr' AND quality = 0 ORDER BY 1",
            limit,
            who,
        )
        raised = [event.mono_ms for event in story.get((who, "HR_OVER"), []) if event.change == "raised"]
        ended = [event.mono_ms for event in story.get((who, "HR_OVER"), []) if event.alarm["signal"] == "off"]
        for from_ms, to_ms in _spans(rows):
            for from_s, to_s in clear_stretches(from_ms / 1000, to_ms / 1000, losses, HEARERS):
                at_ms = (from_s + ANNOUNCED_WITHIN_S) * 1000
                last_raised = max((one for one in raised if one <= at_ms), default=0)
                has_alarm = last_raised and not any(last_raised < one < at_ms for one in ended)
                if to_s * 1000 >= at_ms and not has_alarm:
                    wrong.append(f"{who} was over {limit} from {from_ms} to {to_ms}: raised {raised}, ended {ended}")
    return wrong


def _spans(rows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the times without a reading that is not over, nor a hole in which a hold is dropped."""
    spans: list[tuple[int, int]] = []
    last_ms: int | None = None
    for mono_ms, is_over in rows:
        if not is_over:
            last_ms = None
        elif last_ms is None or mono_ms - last_ms > HOLE_MS:
            spans.append((mono_ms, mono_ms))
            last_ms = mono_ms
        else:
            spans[-1] = (spans[-1][0], mono_ms)
            last_ms = mono_ms
    return spans
