"""What the wall says of each part: its state, and in words what is lost, since when, and what still works."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final, Literal, NamedTuple

from msgspec.structs import replace

from dashboard.frames import PartView
from dashboard.view.parts import Moment, PartsWatch, WatchedPart, has_waited
from dashboard.view.troubles import name_troubles, trouble_text
from vitals.parts import Part
from vitals.units import MonotonicMs

_NAMES: Final = {Part.INGEST: "Record", Part.ANALYSIS: "Analysis", Part.ALERTS: "Phone alerts", Part.BROKER: "Broker"}

_CONSEQUENCES: Final = {
    Part.INGEST: "values and alarms are live, nothing is stored.",
    Part.ANALYSIS: "values are live, alarms are not. Watch people directly.",
    Part.ALERTS: "the wall is live, phones stay silent.",
    Part.BROKER: "values and alarms are not live. Watch people directly.",
}


_HARMS: Final = {
    Part.INGEST: "nothing is stored.",
    Part.ANALYSIS: "alarms are not live. Watch people directly.",
    Part.ALERTS: "phones stay silent.",
}
"""What is said of each of several losses: what one of them leaves alive, another may have ended."""


class _Loss(NamedTuple):
    """What a part's loss is called; an empty text: not to be told yet."""

    text: str
    what: Literal["lost", "not_running", "radio_lost"]
    since: Moment | None = None
    affects: int = 0


def view_parts(
    watch: PartsWatch,
    *,
    instance: str,
    affected: Mapping[str, int],
    is_session_open: bool,
    zone: tzinfo,
    now_ms: MonotonicMs,
) -> tuple[PartView, ...]:
    """Return all parts that matter to this wall, in the order of the data's way.

    Args:
        watch: what was heard.
        instance: of this dashboard.
        affected: gateways of the class with how many people each carries; other gateways are shown while they live.
        is_session_open: a part that stops while a class runs is lost to the class.
        zone: in which times of day are written.
        now_ms: on this server's clock.
    """
    views = list(_gateways(watch, affected=affected, is_session_open=is_session_open, zone=zone, now_ms=now_ms))
    for part in (Part.INGEST, Part.ANALYSIS, Part.ALERTS):
        found = watch.find(part)
        if found is not None:
            views.append(_view_heard(watch, part, *found, is_session_open=is_session_open, zone=zone, now_ms=now_ms))
        elif part is not Part.ALERTS:
            views.append(_view_missing(watch, part, now_ms=now_ms))
    views.append(_view_broker(watch, zone=zone))
    known = watch.parts.get((Part.DASHBOARD, instance))
    views.append(_view(Part.DASHBOARD, instance, "up", watch.started, known=known))
    is_several = sum(view.is_loss for view in views) > 1
    return tuple(_without_promise(view) if is_several and view.is_loss else view for view in views)


def _without_promise(view: PartView) -> PartView:
    part = Part(view.part)
    text = view.text.replace(_CONSEQUENCES[part], _HARMS[part]) if part in _HARMS else view.text
    return replace(view, text=text, is_one_of_several=True)


def _gateways(
    watch: PartsWatch, *, affected: Mapping[str, int], is_session_open: bool, zone: tzinfo, now_ms: MonotonicMs
) -> list[PartView]:
    heard = {name: known for (part, name), known in watch.parts.items() if part is Part.GATEWAY}
    views: list[PartView] = []
    for name in sorted({*heard, *affected}):
        known = heard.get(name)
        people = _people(affected.get(name, 0))
        if known is None:
            text = f"Gateway {name} not running, {people}" if has_waited(watch, now_ms) and watch.is_broker_up else ""
            missing = _Loss(text, "not_running", affects=affected.get(name, 0))
            views.append(_view(Part.GATEWAY, name, "missing", watch.started, loss=missing))
            continue
        # A gateway that carries nobody and was never heard alive is a memory of the broker, not a loss.
        if name not in affected and (known.state == "stopped" or not known.is_met):
            continue
        state = _state(known, is_lost_when_stopped=is_session_open and name in affected)
        loss = None
        if state == "lost" and not watch.is_behind_broker(known, now_ms=now_ms):
            text = f"Gateway {name} lost {_time(known.since, zone)}, {people}"
            loss = _Loss(text, "lost", known.since, affected.get(name, 0))
        elif known.radio_down_since is not None:
            text = f"Radio lost at gateway {name} {_time(known.radio_down_since, zone)}, {people}"
            loss = _Loss(text, "radio_lost", known.radio_down_since, affected.get(name, 0))
        views.append(_view(Part.GATEWAY, name, state, known.since, loss=loss, known=known))
    return views


def _view_heard(
    watch: PartsWatch,
    part: Part,
    name: str,
    known: WatchedPart,
    *,
    is_session_open: bool,
    zone: tzinfo,
    now_ms: MonotonicMs,
) -> PartView:
    state = _state(known, is_lost_when_stopped=is_session_open)
    # Without a broker nobody is heard: one line for the broker, not one for each part behind it.
    loss = None
    if state == "lost" and not watch.is_behind_broker(known, now_ms=now_ms):
        text = f"{_NAMES[part]} lost {_time(known.since, zone)} - {_CONSEQUENCES[part]}"
        loss = _Loss(text, "lost", known.since)
    return _view(part, name, state, known.since, loss=loss, known=known)


def _view_missing(watch: PartsWatch, part: Part, *, now_ms: MonotonicMs) -> PartView:
    is_told = watch.is_broker_up and has_waited(watch, now_ms)
    text = f"{_NAMES[part]} not running - {_CONSEQUENCES[part]}" if is_told else ""
    return _view(part, part.value, "missing", watch.started, loss=_Loss(text, "not_running"))


def _view_broker(watch: PartsWatch, *, zone: tzinfo) -> PartView:
    since = watch.broker_since
    loss = None
    if not watch.is_broker_up:
        loss = _Loss(f"Broker lost {_time(since, zone)} - {_CONSEQUENCES[Part.BROKER]}", "lost", since)
    return _view(Part.BROKER, "broker", "up" if watch.is_broker_up else "lost", since, loss=loss)


def _view(
    part: Part,
    name: str,
    state: Literal["up", "lost", "stopped", "missing"],
    since: Moment,
    *,
    loss: _Loss | None = None,
    known: WatchedPart | None = None,
) -> PartView:
    """Return a part's line; one that lives and has lost nothing may be in trouble: a full disk is named too."""
    problems = () if known is None else known.watched.status.problems
    loss = loss if loss is not None and loss.text else None
    troubles = problems if loss is None and state == "up" else ()
    return PartView(
        part=part.value,
        instance=name,
        state=state,
        since_ms=since.ms,
        since_utc_ms=since.utc_ms,
        text=trouble_text(part, name, troubles) if loss is None else loss.text,
        is_loss=loss is not None,
        what=loss.what if loss is not None else "trouble" if troubles else "",
        loss_utc_ms=loss.since.utc_ms if loss is not None and loss.since is not None else None,
        affects=0 if loss is None else loss.affects,
        troubles=name_troubles(part, troubles),
        problems=problems,
    )


def _state(known: WatchedPart, *, is_lost_when_stopped: bool) -> Literal["up", "lost", "stopped"]:
    return "lost" if known.state == "stopped" and is_lost_when_stopped else known.state


def _people(count: int) -> str:
    return "1 person affected" if count == 1 else f"{count} people affected"


def _time(moment: Moment, zone: tzinfo) -> str:
    return datetime.fromtimestamp(moment.utc_ms / 1000, zone).strftime("%H:%M:%S")
