"""The whole wall at one moment, and what to send of it: everything, or what changed since the picture before."""

from datetime import tzinfo
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from dashboard.frames import (
    AlarmView,
    AudioView,
    CallView,
    CountsView,
    DutyView,
    EmergencyView,
    Frame,
    PartView,
    ScreenView,
    SessionView,
    TileView,
)
from dashboard.practice import is_practice
from dashboard.view.alarms import to_server_ms, view_alarms
from dashboard.view.calls import view_calls, view_duty
from dashboard.view.emergencies import view_emergencies
from dashboard.view.losses import view_parts
from dashboard.view.parts import Moment
from dashboard.view.room import Room
from dashboard.view.tiles import add_trace, count_live, view_tile
from dashboard.view.values import HR_SILENCE, SPO2_SILENCE
from vitals.sessions import GenerationMode


class Stage(Struct, frozen=True, kw_only=True):
    """What does not change while the server runs."""

    epoch: str
    instance: str
    mode: GenerationMode
    rate: float
    zone_name: str
    zone: tzinfo
    language: Literal["en", "de"] = "en"


class Picture(Struct, frozen=True, kw_only=True):
    """Everything that a screen shows, without sparklines."""

    mode: GenerationMode
    session: SessionView | None
    tiles: tuple[TileView, ...]
    alarms: tuple[AlarmView, ...]
    parts: tuple[PartView, ...]
    audio: AudioView
    counts: CountsView
    screens: tuple[ScreenView, ...]
    duty: tuple[DutyView, ...]
    calls: tuple[CallView, ...]
    emergencies: tuple[EmergencyView, ...]
    analysis_heard_ms: int | None
    """No news by itself: it goes with every frame."""
    alarm_path_ms: int | None
    """The same."""


def draw(room: Room, stage: Stage, *, now: Moment, before: Picture | None = None) -> Picture:
    """Return the picture of a room.

    Args:
        room: what is known.
        stage: what stays.
        now: the moment to draw.
        before: tiles are taken from it unless they are in ``room.changed``; ``None`` draws all, which is needed now and
            then because values age without any news.
    """
    session = room.session
    entries = () if session is None else session.roster.entries
    kept = {} if before is None else {tile.id: tile for tile in before.tiles if tile.id not in room.changed}
    tiles = tuple(kept.get(entry.participant) or view_tile(room, entry, now_ms=now.ms) for entry in entries)
    return Picture(
        mode=room.parts.least_real(stage.mode, *(() if session is None else (session.roster.generation_mode,))),
        session=_view_session(room),
        tiles=tiles,
        alarms=view_alarms(
            room.alarms,
            clock=room.analysis_clock(),
            session=None if session is None else session.roster.session,
            seats=room.seats,
            affected=room.affected,
            sending=room.sending,
        ),
        parts=view_parts(
            room.parts,
            instance=stage.instance,
            affected=room.affected,
            is_session_open=session is not None,
            zone=stage.zone,
            now_ms=now.ms,
        ),
        audio=_view_audio(room, now=now),
        counts=count_live(room, tiles),
        screens=room.screens.view(),
        duty=view_duty(room.duty, session=None if session is None else session.roster.session),
        calls=view_calls(room.calls, alarms=room.alarms.values()),
        emergencies=view_emergencies(room),
        analysis_heard_ms=room.analysis_heard_ms(),
        alarm_path_ms=room.alarm_path_ms(),
    )


def has_same_people(before: Picture | None, after: Picture) -> bool:
    """Return whether a delta can lead from one picture to the other: it can change tiles, but not take any away."""
    return before is not None and [tile.id for tile in before.tiles] == [tile.id for tile in after.tiles]


def delta_frame(before: Picture, after: Picture, stage: Stage, *, seq: int, now: Moment) -> Frame:
    """Return what changed, whole by subject: the tiles that differ, all alarms if any differs, and so on."""
    old = {tile.id: tile for tile in before.tiles}
    tiles = tuple(tile for tile in after.tiles if old.get(tile.id) != tile)
    return Frame(
        t="d",
        epoch=stage.epoch,
        seq=seq,
        server_mono_ms=now.ms,
        utc_ms=now.utc_ms,
        rate=stage.rate,
        analysis_heard_ms=_or_unset(after.analysis_heard_ms),
        alarm_path_ms=_or_unset(after.alarm_path_ms),
        mode=after.mode if after.mode is not before.mode else UNSET,
        session=after.session if after.session != before.session else UNSET,
        tiles=tiles or UNSET,
        alarms=after.alarms if after.alarms != before.alarms else UNSET,
        parts=after.parts if after.parts != before.parts else UNSET,
        audio=after.audio if after.audio != before.audio else UNSET,
        counts=after.counts if after.counts != before.counts else UNSET,
        screens=after.screens if after.screens != before.screens else UNSET,
        duty=after.duty if after.duty != before.duty else UNSET,
        calls=after.calls if after.calls != before.calls else UNSET,
        emergencies=after.emergencies if after.emergencies != before.emergencies else UNSET,
    )


def is_empty(frame: Frame) -> bool:
    """Return whether a delta says nothing, which makes it a heartbeat."""
    told = (frame.mode, frame.session, frame.tiles, frame.alarms, frame.parts, frame.audio, frame.counts, frame.screens)
    return all(isinstance(part, UnsetType) for part in (*told, frame.duty, frame.calls, frame.emergencies))


def snapshot_frame(room: Room, stage: Stage, *, seq: int, now: Moment) -> Frame:
    """Return everything, drawn anew, with the sparklines."""
    picture = draw(room, stage, now=now)
    return Frame(
        t="s",
        epoch=stage.epoch,
        seq=seq,
        server_mono_ms=now.ms,
        utc_ms=now.utc_ms,
        rate=stage.rate,
        analysis_heard_ms=_or_unset(picture.analysis_heard_ms),
        alarm_path_ms=_or_unset(picture.alarm_path_ms),
        mode=picture.mode,
        time_zone=stage.zone_name,
        hr_silence=HR_SILENCE,
        spo2_silence=SPO2_SILENCE,
        session=picture.session,
        tiles=tuple(add_trace(room, tile, now_ms=now.ms) for tile in picture.tiles),
        alarms=picture.alarms,
        parts=picture.parts,
        audio=picture.audio,
        counts=picture.counts,
        screens=picture.screens,
        duty=picture.duty,
        calls=picture.calls,
        emergencies=picture.emergencies,
    )


def _or_unset(value: int | None) -> int | UnsetType:
    return UNSET if value is None else value


def _view_session(room: Room) -> SessionView | None:
    session = room.session
    if session is None:
        return None
    roster = session.roster
    return SessionView(
        id=roster.session,
        name=session.name,
        phase=roster.phase,
        phase_since_utc_ms=session.phase_since_utc_ms,
        started_utc_ms=roster.started_utc_ms,
        generation_mode=roster.generation_mode,
        version=roster.version,
        is_practice=is_practice(roster),
    )


def _view_audio(room: Room, *, now: Moment) -> AudioView:
    """Return the pause on this server's clock; one that is over is none, whoever may have forgotten to say so."""
    until_mono_ms, clock = room.audio.paused_until_mono_ms, room.analysis_clock()
    if until_mono_ms is None:
        return AudioView()
    if clock is not None:
        until_ms = to_server_ms(clock, until_mono_ms)
    elif room.audio.paused_until_utc_ms is not None:
        until_ms = now.ms + (room.audio.paused_until_utc_ms - now.utc_ms)
    else:
        return AudioView()
    return AudioView(paused_until_ms=until_ms, by=room.audio.by) if until_ms > now.ms else AudioView()
