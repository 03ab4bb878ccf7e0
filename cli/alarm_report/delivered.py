"""A history through the live engine by the rules as they are delivered: the report judges these and no others."""

from functools import partial
from typing import Final

from analysis.core.engine import Engine
from analysis.history import playback
from analysis.history.history import History
from analysis.history.past_alarm import PastAlarm
from analysis.rule_set import DEFAULT

_NEW_ENGINE: Final = partial(Engine, rules=DEFAULT)


def play(history: History) -> tuple[PastAlarm, ...]:
    """Return every alarm of a history under the delivered rules."""
    return playback.play(history, new_engine=_NEW_ENGINE)
