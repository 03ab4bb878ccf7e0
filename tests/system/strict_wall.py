"""A wall that judges each frame it gets: no number too old, no alarm twice; and keeps what only the end can judge."""

import json
import time
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from tests.system.running import Json, RunningSystem, Wall
from tests.system.storm import Loss, clear_stretches

REDRAWN_MS = 1_500
"""A frame comes at least each second; a number that went between two frames goes with the second one."""

AIR_MS = 2_000
"""For the way from the air to the wall on a machine that does other things as well."""

NAMED_WITHIN_S = 5.0
"""The promise to the room; it is the shortest loss that must be named, too."""

NAMES = {
    "broker": ("Broker lost",),
    "gateway": ("Gateway g1 lost", "Gateway g1 not running"),
    "ingest": ("Record lost", "Record not running"),
    "analysis": ("Analysis lost", "Analysis not running"),
}
"""What the wall says of a part that is lost. A simulator that is held still is told by numbers that go grey."""


class Shown(NamedTuple):
    """One number as it stood on the wall."""

    frame_ms: int
    participant: str
    vital: str
    value: float
    at_ms: int
    is_live: bool


class StrictWall(Wall):
    """``wrong``: what no frame may ever show, as it was seen."""

    def __init__(self, system: RunningSystem) -> None:
        super().__init__(system)
        self.silences: dict[str, Json] = {}
        self.wrong: list[str] = []
        self.shown: list[Shown] = []
        self.signals: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        """Signals of each alarm in order, each with the time of its first frame."""
        self.ids: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        """Alarm ids of each subject and rule, in the order in which the wall met them."""
        self.named = 0
        """Losses that the wall could name, and did."""
        self.texts: list[tuple[float, frozenset[str]]] = []
        """What was said of the parts in each frame, and when it came."""

    def _take(self, frame: Json) -> None:
        super()._take(frame)
        now_ms = frame["server_mono_ms"]
        self.texts.append((time.monotonic(), frozenset(part.get("text", "") for part in self.parts.values()) - {""}))
        for vital, kind in (("hr", "hr"), ("spo2", "oximeter")):
            self.silences[kind] = frame.get(f"{vital}_silence") or self.silences[kind]
            for tile in frame.get("tiles", ()):
                self._judge(tile, vital, kind, now_ms, slack_ms=0)
            for tile in self.tiles.values():
                self._judge(tile, vital, kind, now_ms, slack_ms=REDRAWN_MS)
        if "alarms" in frame:
            self._judge_alarms(frame["alarms"], now_ms)

    def _judge(self, tile: Json, vital: str, kind: str, now_ms: int, *, slack_ms: int) -> None:
        view = tile.get(vital)
        if view is None or view["value"] is None:
            return
        age_ms, silence = now_ms - view["at_ms"], self.silences[kind]
        is_live = view.get("reason") != "stale"
        if age_ms >= silence["lost_ms"] + slack_ms or (is_live and age_ms >= silence["stale_ms"] + slack_ms):
            self.wrong.append(f"{tile['id']} {kind} {view} in a frame at {now_ms}: {age_ms} ms old")
        if slack_ms:
            self.shown.append(Shown(now_ms, tile["id"], kind, view["value"], view["at_ms"], is_live))

    def _judge_alarms(self, alarms: list[Json], now_ms: int) -> None:
        keys = [(alarm["subject"], alarm["rule"]) for alarm in alarms]
        if len(set(keys)) != len(keys):
            self.wrong.append(f"two alarms at a time for one subject and rule: {sorted(keys)}")
        for alarm in alarms:
            met = self.ids[alarm["subject"], alarm["rule"]]
            if alarm["id"] not in met:
                met.append(alarm["id"])
            elif met[-1] != alarm["id"]:
                self.wrong.append(f"alarm {alarm['id']} of {alarm['subject']} {alarm['rule']} came again after {met}")
            signals = self.signals[alarm["id"]]
            if not signals or signals[-1][1] != alarm["signal"]:
                signals.append((now_ms, alarm["signal"]))

    def untrue(self, sent_log: Path) -> list[str]:
        """Return the numbers that were shown longer than they were true, by what the sensors said and when."""
        said: defaultdict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
        for line in sent_log.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            value = entry.get("hr_bpm") if entry["kind"] == "hr" else entry.get("spo2_pct")
            if value is not None:
                said[entry["participant"], entry["kind"]].append((entry["mono_ms"], value))
        found: list[str] = []
        for shown in self.shown:
            moments = said[shown.participant, shown.vital]
            silence = self.silences[shown.vital]
            lasts_ms = silence["stale_ms" if shown.is_live else "lost_ms"] + REDRAWN_MS + AIR_MS
            newest = bisect_right(moments, (shown.frame_ms, float("inf")))
            recent = [
                moment for moment in moments[max(0, newest - 40) : newest] if moment[0] >= shown.frame_ms - lasts_ms
            ]
            if not any(abs(value - shown.value) < 0.6 for _, value in recent):
                found.append(f"{shown}: the sensor last spoke {moments[newest - 1] if newest else 'never'}")
        return found

    def unnamed(self, losses: list[Loss]) -> list[str]:
        """Return the losses of more than `NAMED_WITHIN_S` that the wall could have named, and did not."""
        found = []
        for loss in losses:
            words = NAMES.get(loss.part)
            if words is None:
                continue
            # A wall that has lost its server, or the server its broker, names that instead.
            screens = ("dashboard",) if loss.part == "broker" else ("dashboard", "broker")
            for from_s, to_s in clear_stretches(loss.from_s, loss.to_s, losses, screens):
                if to_s - from_s <= NAMED_WITHIN_S:
                    continue
                if self._was_named(words, from_s, from_s + NAMED_WITHIN_S):
                    self.named += 1
                else:
                    found.append(f"{loss} was not named from {from_s:.1f} to {from_s + NAMED_WITHIN_S:.1f}")
        return found

    def _was_named(self, words: tuple[str, ...], from_s: float, to_s: float) -> bool:
        return any(
            any(text.startswith(words) for text in texts) for at_s, texts in self.texts if from_s <= at_s <= to_s
        )
