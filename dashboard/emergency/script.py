"""What a house does in an emergency, as a checklist: the site's own lines, else a default to be adapted.

The default names no drug and no device but the defibrillator (AED) that is to be fetched; it follows the order of basic
life support (ERC guidelines 2021: check, call, compressions, AED) and is labelled as a default wherever it is shown.
"""

from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

Language = Literal["en", "de"]


class Role(StrEnum):
    """Who does what; a person takes a role by a tap."""

    LEADER = "leader"
    COMPRESSIONS = "compressions"
    PHONE = "phone"
    CROWD = "crowd"
    TIMEKEEPER = "timekeeper"


class ScriptLine(Struct, frozen=True, kw_only=True):
    """One line of the checklist; the same text in both languages when the site wrote it."""

    id: str
    en: str
    de: str


class Script(Struct, frozen=True, kw_only=True):
    """A checklist; ``is_default``: nobody has adapted it to this house."""

    lines: tuple[ScriptLine, ...]
    is_default: bool


_DEFAULT: Final = (
    ("check", "Speak to the person. Breathing normally?", "Person ansprechen. Normale Atmung?"),
    ("call", "Call the emergency number: who, where, what", "Notruf absetzen: wer, wo, was"),
    ("stop", "Stop the class, people sit down", "Stunde anhalten, alle setzen sich"),
    ("fetch", "Fetch AED and emergency bag", "AED und Notfallkoffer holen"),
    ("compressions", "No normal breathing: compressions, change every 2 minutes",
     "Keine normale Atmung: Herzdruckmassage, alle 2 Minuten wechseln"),
    ("aed", "AED on, follow its words", "AED einschalten, den Ansagen folgen"),
    ("oxygen", "Oxygen as this house provides", "Sauerstoff nach Regel des Hauses"),
    ("door", "Somebody waits at the door for the ambulance", "Jemand erwartet den Rettungsdienst an der Tür"),
    ("handover", "Hand over: print or show the card", "Übergabe: Karte drucken oder zeigen"),
)  # fmt: skip
_PREFIX: Final = "line-"

LINES_MAX: Final = 20
LINE_CHARS_MAX: Final = 160


def find_script(own: tuple[str, ...]) -> Script:
    """Return the site's lines as a checklist, or the default where it has none."""
    if not own:
        return Script(lines=tuple(ScriptLine(id=name, en=en, de=de) for name, en, de in _DEFAULT), is_default=True)
    lines = tuple(ScriptLine(id=f"{_PREFIX}{number}", en=text, de=text) for number, text in enumerate(own, start=1))
    return Script(lines=lines, is_default=False)
