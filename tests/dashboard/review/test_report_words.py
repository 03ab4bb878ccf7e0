"""The words of the report: a rule, a reason or a phase without one would end the making of a report."""

from enum import StrEnum
from typing import get_args, get_origin, get_type_hints

import pytest

from dashboard.flow.picture import ALARM_OPEN
from dashboard.flow.plan import RecoveryItem
from dashboard.review.report.entry_words import entry_text
from dashboard.review.report.words import Words
from dashboard.review.report.words_de import GERMAN
from dashboard.review.report.words_en import ENGLISH
from vitals.entries import Released

TABLES = {
    name: get_args(kind)[0]
    for name, kind in get_type_hints(Words).items()
    if get_origin(kind) is dict and issubclass(get_args(kind)[0], StrEnum)
}


@pytest.mark.parametrize("words", [ENGLISH, GERMAN], ids=["en", "de"])
@pytest.mark.parametrize("table", TABLES)
def test_every_member_has_its_words(words: Words, table: str) -> None:
    assert set(getattr(words, table)) == set(TABLES[table])


def test_there_are_tables_to_look_at() -> None:
    assert {"rules", "limit_reasons", "phases", "symptoms"} <= set(TABLES)


@pytest.mark.parametrize("words", [ENGLISH, GERMAN], ids=["en", "de"])
def test_what_somebody_went_without_is_said_in_words(words: Words) -> None:
    missing = (*RecoveryItem, ALARM_OPEN)
    assert set(words.unseen) == set(missing)
    said = entry_text(Released(missing=missing, why="must catch the bus"), words)
    assert said.endswith(": must catch the bus")
    assert "_" not in said
    assert all(words.unseen[item] in said for item in missing)
    assert "from later on" in entry_text(Released(missing=("from later on",), why="x" * 10), words)
