"""Commands to analysis: acknowledge an alarm, pause the sound. Each is done once and answered as often as it comes."""

from typing import Final

from analysis.core import announcement
from analysis.core.events import CommandAnswered
from analysis.core.register import Register
from vitals.alarms import Acknowledgement
from vitals.commands import Acknowledge, Command, CommandAnswer, PauseAudio, verb_of

HANDLED_MAX: Final = 1024
"""A command is repeated for as long as its answer is unread: minutes, not the thousand commands after it."""


def handle(register: Register, command: Command) -> None:
    """Do what a command asks, unless it was done before, and answer it."""
    handled = register.state.handled
    answer = handled.get(command.id)
    if answer is None:
        register.state.counters.commands += 1
        answer = _answer(register, command)
        while len(handled) >= HANDLED_MAX:
            del handled[next(iter(handled))]
        handled[command.id] = answer
    register.effects.append(CommandAnswered(answer=answer))


def _answer(register: Register, command: Command) -> CommandAnswer:
    body = command.body
    match body:
        case Acknowledge():
            return _acknowledge(register, command, body)
        case PauseAudio():
            now_ms = register.now_ms
            audio = announcement.pause_audio(
                seconds=body.seconds,
                now_ms=now_ms,
                now_utc_ms=register.utc_ms(now_ms),
                by=command.by,
                command=command.id,
            )
            register.set_audio(audio)
            return CommandAnswer(id=command.id)
        case _:
            return CommandAnswer(id=command.id, accepted=False, reason=f"{verb_of(command)} is not for analysis")


def _acknowledge(register: Register, command: Command, body: Acknowledge) -> CommandAnswer:
    for alarm in register.state.alarms.values():
        if alarm.alarm_id == body.alarm_id:
            # Two people may tap at once: the first has taken it, the second needs no error.
            seen = Acknowledgement(by=command.by, at_utc_ms=command.at_utc_ms, command=command.id)
            register.acknowledge(alarm, seen)
            return CommandAnswer(id=command.id)
    return CommandAnswer(id=command.id, accepted=False, reason=f"no alarm {body.alarm_id} is on")
