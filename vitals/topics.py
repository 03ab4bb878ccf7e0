"""The topics: the one place that builds and parses them. docs/protocol.md is generated from here.

A topic is a frozen Struct with a ``str()``; `parse_topic` gives it back. No name, address or diagnosis is ever a level.
"""

import re
from typing import Final

from msgspec import Struct

from vitals.errors import InputError, InputReason

ROOT: Final = "vitals/v1"
_LEVEL: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class _Topic(Struct, frozen=True, kw_only=True):
    """What all topics share: the site, the first level after the version."""

    site: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        raise AssertionError(type(self))

    def __str__(self) -> str:
        """Return the topic as it stands on the wire."""
        return "/".join((ROOT, self.site, *self.levels()))


class ReadingTopic(_Topic, frozen=True, kw_only=True):
    """``gateway/<gateway>/reading/<sensor>/<kind>``: QoS 1, not retained; payload `ReadingMessage`."""

    gateway: str
    sensor: str
    kind: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("gateway", self.gateway, "reading", self.sensor, self.kind)


class NearbyTopic(_Topic, frozen=True, kw_only=True):
    """``gateway/<gateway>/nearby``: sensors in range, not retained; payload `Nearby`."""

    gateway: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("gateway", self.gateway, "nearby")


class AnchorTopic(_Topic, frozen=True, kw_only=True):
    """``gateway/<gateway>/anchor/<run>``: clock anchors of one run, retained; payload `Anchors`."""

    gateway: str
    run: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("gateway", self.gateway, "anchor", self.run)


class AssignmentsTopic(_Topic, frozen=True, kw_only=True):
    """``gateway/<gateway>/assignments``: retained, from the dashboard; payload `Assignments`."""

    gateway: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("gateway", self.gateway, "assignments")


class StatusTopic(_Topic, frozen=True, kw_only=True):
    """``part/<part>/<instance>/status``: retained, and the connection's will; payload `PartStatus`."""

    part: str
    instance: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("part", self.part, self.instance, "status")


class RosterTopic(_Topic, frozen=True, kw_only=True):
    """``session/<session>/roster``: retained, cleared after the end; payload `Roster`."""

    session: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("session", self.session, "roster")


class AlarmStateTopic(_Topic, frozen=True, kw_only=True):
    """``alarm/state/<subject>/<rule>``: retained while on, latched or acknowledged; payload `AlarmState`."""

    subject: str
    rule: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("alarm", "state", self.subject, self.rule)


class AlarmEventTopic(_Topic, frozen=True, kw_only=True):
    """``alarm/event``: QoS 1, through the store cursor; payload `AlarmEventMessage`."""

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("alarm", "event")


class AudioTopic(_Topic, frozen=True, kw_only=True):
    """``alarm/audio``: retained; payload `AudioState`."""

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("alarm", "audio")


class DerivedTopic(_Topic, frozen=True, kw_only=True):
    """``analysis/derived/<participant>``: QoS 0, at most 1 Hz; payload `Derived`."""

    participant: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("analysis", "derived", self.participant)


class JournalTopic(_Topic, frozen=True, kw_only=True):
    """``analysis/journal``: QoS 1, 1 Hz, through the store cursor; payload `JournalMessage`."""

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("analysis", "journal")


class CursorTopic(_Topic, frozen=True, kw_only=True):
    """``store/cursor/<source>/<run>``: retained; source is a gateway id or ``analysis``; payload `StoreCursor`."""

    source: str
    run: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("store", "cursor", self.source, self.run)


class DutyTopic(_Topic, frozen=True, kw_only=True):
    """``duty``: retained, from the dashboard; payload `Duty`."""

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("duty",)


class DeliveryTopic(_Topic, frozen=True, kw_only=True):
    """``delivery/<alarm_id>``: retained while the alarm's signal is not off; payload `DeliveryState`."""

    alarm_id: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("delivery", self.alarm_id)


class ReachTopic(_Topic, frozen=True, kw_only=True):
    """``reach``: retained, from alerts; payload `Reach`."""

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("reach",)


class PolicyTopic(_Topic, frozen=True, kw_only=True):
    """``policy``: who is called when, retained, from alerts; payload `PolicyTimeline`."""

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("policy",)


class ProofTopic(_Topic, frozen=True, kw_only=True):
    """``proof/<stage>/<gateway>``: a test on an alarm's way, QoS 0, not retained; payload `ProofRound`."""

    stage: str
    gateway: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("proof", self.stage, self.gateway)


class CommandTopic(_Topic, frozen=True, kw_only=True):
    """``command/<owner>/<verb>``: QoS 1, repeated each second until answered; payload `Command`."""

    owner: str
    verb: str

    def levels(self) -> tuple[str, ...]:
        """Return the levels below the site."""
        return ("command", self.owner, self.verb)


Topic = (
    ReadingTopic
    | NearbyTopic
    | AnchorTopic
    | AssignmentsTopic
    | StatusTopic
    | RosterTopic
    | AlarmStateTopic
    | AlarmEventTopic
    | AudioTopic
    | DerivedTopic
    | JournalTopic
    | CursorTopic
    | DutyTopic
    | DeliveryTopic
    | PolicyTopic
    | ProofTopic
    | ReachTopic
    | CommandTopic
)
TOPICS: Final[tuple[type[Topic], ...]] = (
    ReadingTopic,
    NearbyTopic,
    AnchorTopic,
    AssignmentsTopic,
    StatusTopic,
    RosterTopic,
    AlarmStateTopic,
    AlarmEventTopic,
    AudioTopic,
    DerivedTopic,
    JournalTopic,
    CursorTopic,
    DutyTopic,
    DeliveryTopic,
    ReachTopic,
    PolicyTopic,
    ProofTopic,
    CommandTopic,
)


def parse_topic(text: str) -> Topic:
    """Return the topic behind its text.

    Raises:
        InputError: not one of ours, or a level that no id can be.
    """
    levels = text.split("/")
    if levels[:2] != ROOT.split("/") or not all(_LEVEL.fullmatch(level) for level in levels[2:]):
        raise _unknown(text)
    match levels[2:]:
        case [site, "gateway", gateway, "reading", sensor, kind]:
            return ReadingTopic(site=site, gateway=gateway, sensor=sensor, kind=kind)
        case [site, "gateway", gateway, "nearby"]:
            return NearbyTopic(site=site, gateway=gateway)
        case [site, "gateway", gateway, "anchor", run]:
            return AnchorTopic(site=site, gateway=gateway, run=run)
        case [site, "gateway", gateway, "assignments"]:
            return AssignmentsTopic(site=site, gateway=gateway)
        case [site, "part", part, instance, "status"]:
            return StatusTopic(site=site, part=part, instance=instance)
        case [site, "session", session, "roster"]:
            return RosterTopic(site=site, session=session)
        case [site, "alarm", "state", subject, rule]:
            return AlarmStateTopic(site=site, subject=subject, rule=rule)
        case [site, "alarm", "event"]:
            return AlarmEventTopic(site=site)
        case [site, "alarm", "audio"]:
            return AudioTopic(site=site)
        case [site, "analysis", "derived", participant]:
            return DerivedTopic(site=site, participant=participant)
        case [site, "analysis", "journal"]:
            return JournalTopic(site=site)
        case [site, "store", "cursor", source, run]:
            return CursorTopic(site=site, source=source, run=run)
        case [site, "duty"]:
            return DutyTopic(site=site)
        case [site, "delivery", alarm_id]:
            return DeliveryTopic(site=site, alarm_id=alarm_id)
        case [site, "policy"]:
            return PolicyTopic(site=site)
        case [site, "proof", stage, gateway]:
            return ProofTopic(site=site, stage=stage, gateway=gateway)
        case [site, "reach"]:
            return ReachTopic(site=site)
        case [site, "command", owner, verb]:
            return CommandTopic(site=site, owner=owner, verb=verb)
        case _:
            raise _unknown(text)


def topic_filter(kind: type[Topic], *, site: str, **levels: str) -> str:
    """Return a subscription: the topic with ``+`` for each level that is not given.

    >>> topic_filter(ReadingTopic, site="gym", gateway="g1")
    'vitals/v1/gym/gateway/g1/reading/+/+'
    """
    names = {name: levels.get(name, "+") for name in kind.__struct_fields__ if name != "site"}
    return str(kind(site=site, **names))


def _unknown(text: str) -> InputError:
    shown = text if len(text) <= 200 else text[:200] + "..."  # noqa: PLR2004 - one line of a log
    return InputError("topic", f"{shown!r} is none of ours", InputReason.UNKNOWN_TOPIC)
