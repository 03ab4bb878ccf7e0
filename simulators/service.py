"""The simulator as a part: a room full of virtual people, and a door (HCI over TCP) through which gateways come in."""

import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final, assert_never

from simulators.cast import Actor, cast_people, cast_recordings, draw_people
from simulators.kit import plan_kit
from simulators.library import load_recordings
from simulators.moments import Moment, recorded_moments, simulated_moments
from simulators.radio_server import RadioServer
from simulators.scenario import Scenario, plan_crisis, plan_demo, plan_quiet
from simulators.stage import Stage
from vitals.clock import open_clock
from vitals.errors import SetupError, SetupReason
from vitals.participants import Prescription
from vitals.sessions import GenerationMode
from vitals.settings import Settings

logger = logging.getLogger(__name__)

RADIO_SLOTS: Final = 1000
"""The virtual adapter holds a whole class; real ones hold five to seven, which other settings can ask for."""

LAST_WORDS_S: Final = 3.0
"""After the last moment of a replay the radio stays on, so that what was said is heard."""


def plan_scenario(settings: Settings) -> Scenario:
    """Return the scenario that the settings name."""
    people = settings.simulators.participants
    match settings.simulators.scenario:
        case "demo":
            return plan_demo(people=people, random=random.Random(settings.simulators.seed))
        case "quiet":
            return plan_quiet(people=people)
        case "crisis":
            return plan_crisis(people=people)
        case never:
            assert_never(never)


async def run(settings: Settings) -> None:
    """Play until cancelled, or until the recordings end.

    Raises:
        SetupError: real data asked of a simulator, unreadable recordings, or the port is taken.
    """
    if settings.mode is GenerationMode.REAL:
        msg = "a simulator makes no real data: set mode to simulated, replayed or test"
        raise SetupError(msg, SetupReason.SETTINGS)
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    rng = random.Random(settings.simulators.seed)
    is_replay = bool(settings.simulators.recordings)
    with ExitStack() as files:
        log = settings.simulators.sent_log
        sent_log = files.enter_context(log.open("a", encoding="utf-8", buffering=1)) if log is not None else None
        stage = Stage(rng=rng, clock=clock, sent_log=sent_log)
        for actor, moments in _players(settings):
            stage.add(actor, moments)
        async with RadioServer(stage.air, slots=RADIO_SLOTS) as door:
            try:
                port = await door.listen_tcp(settings.simulators.port, host=settings.simulators.host)
            except OSError as error:
                msg = f"virtual radio: port {settings.simulators.port} cannot be opened: {error.strerror}"
                raise SetupError(msg, SetupReason.PORT_IN_USE) from error
            await stage.power_on()
            logger.info("simulator.open port=%d people=%d rate=%g", port, len(stage.players), clock.rate)
            await stage.play(for_audience=is_replay)
            logger.info("simulator.end sent=%d unheard=%d", stage.sent, stage.unheard)
            await clock.sleep(max(LAST_WORDS_S, LAST_WORDS_S * clock.rate / 3))


def _players(settings: Settings) -> Iterator[tuple[Actor, Iterator[Moment]]]:
    chosen = settings.simulators
    if chosen.recordings:
        recordings = load_recordings(chosen.recordings, oximeter=chosen.oximeter)
        if not recordings:
            msg = "no recording has a heart rate, RR intervals or SpO2 to play"
            raise SetupError(msg, SetupReason.SETTINGS)
        cast = cast_recordings(recordings, prescription=Prescription())
        yield from ((actor, recorded_moments(recording)) for actor, recording in zip(cast, recordings, strict=True))
        return
    scenario = plan_scenario(settings)
    people = draw_people(people=chosen.participants, seed=chosen.seed)
    for index, (actor, person) in enumerate(zip(cast_people(people, plan_kit(chosen)), people, strict=True)):
        rng = random.Random(f"{chosen.seed}-{index}")
        yield (
            actor,
            simulated_moments(
                person,
                scenario,
                index,
                rng,
                with_oximeter=actor.oximeter is not None,
                with_machine=actor.machine is not None,
            ),
        )
