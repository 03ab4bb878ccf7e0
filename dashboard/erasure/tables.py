"""The table of erasures in clinic.db, as one migration of that file."""

from typing import Final

ERASURE_TABLE: Final = """
    CREATE TABLE erasure (
        participant TEXT NOT NULL, owner TEXT NOT NULL, command TEXT NOT NULL,
        asked_utc_ms INTEGER NOT NULL, staff TEXT NOT NULL, why TEXT NOT NULL,
        done_utc_ms INTEGER, refused TEXT NOT NULL, -- why an owner will not
        PRIMARY KEY (participant, owner)
    ) STRICT, WITHOUT ROWID;
"""
"""Who was forgotten by whom: the pseudonym is all that is left of a person here."""
