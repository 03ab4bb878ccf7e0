"""A trouble of a part whose words may change: it stands in the heartbeat while it lasts, and is told once a change.

It does not log: what an operator must know beside the words differs from part to part.
"""

from vitals.heartbeat import Heartbeat


class Trouble:
    """One thing that can go wrong, as a disk that takes nothing: at most one line of the status at a time."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        """Begin without; ``heartbeat`` shows it to people."""
        self._heartbeat = heartbeat
        self.why = ""
        """In words for people; empty: all is well."""

    def tell(self, why: str) -> bool:
        """Show why it is so now, in place of the words before; empty ends it. Return whether that is news."""
        if why == self.why:
            return False
        before, self.why = self.why, why
        if before:
            self._heartbeat.set_problem(before, present=False)
        if why:
            self._heartbeat.set_problem(why, present=True)
        return True
