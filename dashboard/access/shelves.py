"""The shelves of access.db together."""

from typing import Final

from dashboard.access.accounts import Accounts
from dashboard.access.answers import Answers
from dashboard.access.book import Book
from dashboard.access.devices import Devices
from dashboard.access.logins import Logins
from dashboard.access.trail import Trail


class Shelves:
    """Users, logins, devices, answers to pushes and the audit log over one connection."""

    def __init__(self, book: Book) -> None:
        """Keep the file."""
        self.book: Final = book
        self.accounts: Final = Accounts(book)
        self.logins: Final = Logins(book)
        self.devices: Final = Devices(book)
        self.trail: Final = Trail(book)
        self.answers: Final = Answers(book)
