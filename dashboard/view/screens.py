"""The screens that are connected, and whether each can be heard: what they say of themselves.

A wall that leaves is no screen any more. One that comes back before its old connection is gone counts once.
"""

from dashboard.frames import ScreenView, SoundReport


class Screens:
    """What each connection reported last."""

    def __init__(self) -> None:
        self._reports: dict[object, SoundReport] = {}

    def report(self, connection: object, report: SoundReport) -> None:
        """Take what a screen says of itself; the newest word of a screen holds."""
        for other, said in list(self._reports.items()):
            if said.screen == report.screen and other is not connection:
                del self._reports[other]
        self._reports.pop(connection, None)
        self._reports[connection] = report

    def leave(self, connection: object) -> None:
        """Forget a connection that has ended."""
        self._reports.pop(connection, None)

    def view(self) -> tuple[ScreenView, ...]:
        """Return all screens, by name."""
        views = [
            ScreenView(screen=said.screen, name=said.name, sound=said.sound, tested_utc_ms=said.tested_utc_ms)
            for said in self._reports.values()
        ]
        return tuple(sorted(views, key=lambda view: (view.name, view.screen)))
