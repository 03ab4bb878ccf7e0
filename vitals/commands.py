"""Commands: what staff or a part asks of the owner of a state, repeated until that owner's state names the id."""

from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct

from vitals.action_token import NONCE_CHARS
from vitals.alarms import AlarmId, RuleId
from vitals.delivery import ChannelName, Course, Response, SubscriptionId
from vitals.duty import StaffId
from vitals.entries import Entry
from vitals.participants import ParticipantId
from vitals.sessions import Roster, SessionId
from vitals.units import UtcMs

CommandId = NewType("CommandId", str)

COMMAND_REPEAT_S = 1.0
"""The sender repeats a command this often until it is answered."""


class Acknowledge(Struct, frozen=True, kw_only=True, tag="acknowledge", tag_field="verb"):
    """Somebody takes one alarm: its sound and flash stop. To analysis."""

    alarm_id: AlarmId


class PauseAudio(Struct, frozen=True, kw_only=True, tag="pause_audio", tag_field="verb"):
    """No sound in the room for a while; a new alarm breaks it; 0 s ends the pause. To analysis."""

    seconds: Annotated[int, Meta(ge=0, le=120)]


class RecordSession(Struct, frozen=True, kw_only=True, tag="record_session", tag_field="verb"):
    """A session has ended: here is its last roster, with all assignment intervals closed. To ingest."""

    session: SessionId
    roster: Roster


class RecordEntry(Struct, frozen=True, kw_only=True, tag="record_entry", tag_field="verb"):
    """Staff have seen, asked or measured something. To ingest."""

    entry: Entry


class RecordCourse(Struct, frozen=True, kw_only=True, tag="record_course", tag_field="verb"):
    """An alarm is over: who was called about it and who answered. From alerts to ingest."""

    course: Course


class Respond(Struct, frozen=True, kw_only=True, tag="respond", tag_field="verb"):
    """A person answers the news of an alarm. To alerts; who accepts acknowledges too, by a command of its own."""

    alarm_id: AlarmId
    staff: StaffId
    response: Response


class Receipt(Struct, frozen=True, kw_only=True, tag="receipt", tag_field="verb"):
    """A phone has shown a message, or its owner has opened it (``is_seen``). To alerts, said once, never repeated.

    ``nonce``: of the token that the message carried. It is written down and shown; no timer hears of it.
    """

    alarm_id: AlarmId
    nonce: Annotated[str, Meta(pattern=f"^[0-9a-f]{{{NONCE_CHARS}}}$")]
    is_seen: bool


class AlarmOff(Struct, frozen=True, kw_only=True, tag="alarm_off", tag_field="verb"):
    """Nobody is called for one rule of one subject for a while; the screens go on showing it. 0 s ends it. To alerts.

    Who and why stand in the command; the state tells them.
    """

    subject: str
    rule: RuleId
    seconds: Annotated[int, Meta(ge=0, le=3600)]


class Subscribe(Struct, frozen=True, kw_only=True, tag="subscribe", tag_field="verb"):
    """A way to a person. To alerts, which keeps it.

    ``address``: what the channel needs, as JSON (a browser's push subscription, a topic, a URL); it may hold keys and
    is never logged. ``label``: what the person calls the device.
    """

    subscription: Annotated[SubscriptionId, Meta(min_length=1, max_length=64)]
    staff: StaffId
    channel: ChannelName
    address: Annotated[str, Meta(max_length=4000)]
    label: Annotated[str, Meta(max_length=64)] = ""


class Unsubscribe(Struct, frozen=True, kw_only=True, tag="unsubscribe", tag_field="verb"):
    """A way to a person is no more. To alerts."""

    subscription: SubscriptionId


class SendTest(Struct, frozen=True, kw_only=True, tag="send_test", tag_field="verb"):
    """Send a message marked as a test by all ways to one person. To alerts."""

    staff: StaffId


class EraseParticipant(Struct, frozen=True, kw_only=True, tag="erase_participant", tag_field="verb"):
    """Forget a person: readings, alarms, entries, messages. To each owner of a file, which answers when it is done."""

    participant: ParticipantId


CommandBody = (
    Acknowledge
    | PauseAudio
    | RecordSession
    | RecordEntry
    | RecordCourse
    | Respond
    | Receipt
    | AlarmOff
    | Subscribe
    | Unsubscribe
    | SendTest
    | EraseParticipant
)


class Command(Struct, frozen=True, kw_only=True):
    """A command as it travels; ``by`` is a staff id or initials, ``why`` free text for the record."""

    v: Literal[1] = 1
    id: CommandId
    owner: str
    by: Annotated[str, Meta(min_length=1, max_length=64)]
    at_utc_ms: UtcMs
    why: Annotated[str, Meta(max_length=400)] = ""
    body: CommandBody


class CommandAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An owner's word on one command: taken, or refused with the reason."""

    id: CommandId
    accepted: bool = True
    reason: str = ""


def verb_of(command: Command) -> str:
    """Return the last level of the command's topic, which is its body's tag."""
    return str(command.body.__struct_config__.tag)
