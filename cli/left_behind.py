"""Classes that a demo or a replay left open in its folder, because it was ended in the middle of them.

It ends what is its own: what has its name and is not called real. Whatever else is open there stays as it is.
"""

from typing import Any, Final

from cli.dashboard_client import DashboardClient
from vitals.errors import SetupError, SetupReason
from vitals.sessions import GenerationMode
from vitals.settings import Settings

_SESSIONS: Final = "/api/v1/sessions"
_NEWEST: Final = f"{_SESSIONS}?limit=1000"
_WHY: Final = "left behind: the program that played it was ended in the middle of it"


def end_left_behind(client: DashboardClient, settings: Settings, *, name: str) -> None:
    """End the open classes of this name and of these settings' mode, and say so in a line each.

    Args:
        client: of the dashboard that keeps them.
        settings: their mode says what is our own, their room what must be free.
        name: what our own classes are called.

    Raises:
        SetupError: a class that is not our own is open in the room.
        InputError: the dashboard refuses.
        PeerError: nobody answers.
    """
    for row in client.get(_NEWEST):
        if row["ended_utc_ms"] is not None:
            continue
        if is_own(row, mode=settings.mode, name=name):
            client.post(f"{_SESSIONS}/{row['id']}/end", {"why": _WHY})
            print(f"class {row['id']} ({settings.mode}) was left open in {settings.data}; it is ended", flush=True)
        elif row["room"] == settings.dashboard.room:
            what = f"class {row['id']} ({row['generation_mode']}) is open there and is not ended by this command"
            raise SetupError(f"data folder {settings.data}: {what}; take another folder", SetupReason.SETTINGS)


def is_own(row: dict[str, Any], *, mode: GenerationMode, name: str) -> bool:
    """Return whether a class is one that we have played: never a real one, whatever it is called."""
    is_played = mode in {GenerationMode.SIMULATED, GenerationMode.REPLAYED}
    return is_played and row["generation_mode"] == mode.value and row["name"] == name
