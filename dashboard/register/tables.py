"""The tables of the clinic's register in clinic.db, as one migration of that file."""

from typing import Final

REGISTER_TABLES: Final = """
    CREATE TABLE person (
        id TEXT PRIMARY KEY, -- random, told to the other parts; everything else stays here
        number TEXT UNIQUE, alias TEXT NOT NULL, name TEXT NOT NULL, is_archived INTEGER NOT NULL,
        created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE prescription (
        person TEXT NOT NULL REFERENCES person, version INTEGER NOT NULL, utc_ms INTEGER NOT NULL,
        staff TEXT NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (person, version)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sensor (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL,
        owner TEXT REFERENCES person, -- NULL: of the pool
        battery_pct INTEGER, battery_utc_ms INTEGER, note TEXT NOT NULL, created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE plan (
        id TEXT PRIMARY KEY, body BLOB NOT NULL, is_archived INTEGER NOT NULL, changed_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE plan_run (
        session TEXT PRIMARY KEY REFERENCES session, plan TEXT NOT NULL REFERENCES plan, utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE staff (id TEXT PRIMARY KEY, initials TEXT NOT NULL, role TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE duty (
        session TEXT NOT NULL REFERENCES session, staff TEXT NOT NULL, role TEXT NOT NULL,
        since_utc_ms INTEGER NOT NULL, participants BLOB NOT NULL, PRIMARY KEY (session, staff)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE duty_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT;
    INSERT INTO duty_version VALUES (1, 0);
"""
