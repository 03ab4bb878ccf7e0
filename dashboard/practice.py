"""Practice: a class for the staff, which nobody can mistake for one of the clinic (docs/decisions/0064).

Its people have ids of their own, so that no real person's record is touched, and its numbers count as a test on every
screen and in every record. Pure.
"""

from collections.abc import Iterable
from typing import Final

from dashboard.classes import ClassBody, ParticipantBody
from vitals.errors import InputError, InputReason
from vitals.participants import PRACTICE_PREFIX, is_player
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import GenerationMode, Phase, Roster

PLAYERS_MAX: Final = 30


def refuse_mixed_ids(body: ClassBody, *, mode: GenerationMode, is_real_server: bool) -> None:
    """Refuse a class in which practice and real people could be mistaken for each other.

    Args:
        body: the class.
        mode: what its numbers will be called.
        is_real_server: this server serves a clinic.

    Raises:
        InputError: a player in a class that is no practice, or a real person's id in one that is.
    """
    for index, person in enumerate(body.participants):
        refuse_mixed_id(person.id, place=f"participants[{index}].id", mode=mode, is_real_server=is_real_server)


def refuse_mixed_id(person: str, *, place: str, mode: GenerationMode, is_real_server: bool) -> None:
    """Refuse one person; see `refuse_mixed_ids`.

    Raises:
        InputError: not of this kind of class.
    """
    plays, is_test = is_player(person), mode is GenerationMode.TEST
    if plays and not is_test:
        raise InputError(place, f"{person!r} is for practice, and this class is none", InputReason.CONFLICT)
    if is_test and is_real_server and not plays:
        problem = (
            f"{person!r} is not for practice: ids begin with {PRACTICE_PREFIX!r} in a class of generation_mode 'test'"
        )
        raise InputError(place, problem, InputReason.CONFLICT)


def is_practice(roster: Roster) -> bool:
    """Return whether a class is for practice: a test with somebody in it who is played."""
    return roster.generation_mode is GenerationMode.TEST and any(is_player(one.participant) for one in roster.entries)


def plan_practice(
    *, name: str, players: int, sensors: Iterable[tuple[SensorId, SensorKind, GatewayId]], room: str
) -> ClassBody:
    """Return a class of staff: the first free straps and oximeters in range, one of each kind to a player.

    Args:
        name: of the class, and with a number of each player.
        players: how many, 1 to `PLAYERS_MAX`; who gets no sensor can be given one in the roll-call.
        sensors: free ones, the nearest first.
        room: whose.
    """
    free = list(sensors)
    straps = [one for one in free if one[1] is SensorKind.STRAP]
    oximeters = [one for one in free if one[1] is SensorKind.OXIMETER]
    people = []
    for number in range(1, players + 1):
        strap = straps.pop(0) if straps else None
        gateway = strap[2] if strap is not None else (oximeters[0][2] if oximeters else GatewayId("g1"))
        oximeter = next((one for one in oximeters if one[2] == gateway), None)
        if oximeter is not None:
            oximeters.remove(oximeter)
        person = ParticipantBody(
            id=f"{PRACTICE_PREFIX}{number}",
            seat=number,
            alias=f"{name} {number}",
            strap=None if strap is None else strap[0],
            oximeter=None if oximeter is None else oximeter[0],
            gateway=gateway,
        )
        people.append(person)
    return ClassBody(
        name=name, generation_mode=GenerationMode.TEST, room=room, phase=Phase.REST, participants=tuple(people)
    )
