"""What the record tells of alarms, judged: one id while a condition stands, raised once, cleared on data."""

import json
from collections import defaultdict
from typing import NamedTuple

from tests.system.running import Json, RunningSystem

OVER = frozenset({"cleared", "resolved", "session_ended"})
"""After these an alarm's signal is off, and the next of its subject and rule is another."""

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
