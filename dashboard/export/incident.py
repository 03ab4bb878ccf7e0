"""The incident bundle: a zip with all that a class was decided from, to be replayed anywhere to the same alarms.

Readings, rosters, analysis' journal, its rules and settings, the alarms that were told, what staff entered, versions;
and a manifest with the SHA-256 of each file, chained, so that one number stands for the whole. No names: pseudonyms, as
in the record. ``vitals backtest --bundle FILE`` replays it (docs/exports.md).
"""

import hashlib
import platform
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from analysis.core.rules import RuleSet
from ingest.store.reader import RecordReader
from ingest.store.stored import StoredReading, StoredSession
from vitals.journal import Began, JournalEntry
from vitals.readings import ReadingKind
from vitals.sensors import SensorId
from vitals.sessions import Roster
from vitals.units import UtcMs

BEFORE_MS: Final = 600_000
"""Analysis writes its memory down before a class begins: the journal is taken from so long before it."""

AFTER_MS: Final = 120_000
"""What the end of a class leads to is said within this time."""

MANIFEST: Final = "manifest.json"
NAMES: Final = (
    "README.txt",
    "session.json",
    "rosters.jsonl",
    "readings.jsonl",
    "journal.jsonl",
    "alarm-events.jsonl",
    "entries.jsonl",
    "rules.json",
    "rules.toml",
    "settings.toml",
    "versions.json",
)
"""All that a bundle may hold besides the manifest, in the order of the chain."""

_ZERO: Final = "0" * 64
_CHUNK: Final = 65_536
_README: Final = """An incident bundle of session-vitals.

What sensors said in one exercise class, what the class was set to, and what the alarms did. People are pseudonyms.
Replay it:          vitals backtest --bundle {name}
Look at it:         every .jsonl file has one JSON object a line.
manifest.json:      SHA-256 of each file; "chain" of a file is SHA-256(chain of the file before it + its own sha256),
                    as hex text, beginning with 64 zeros. Note the last one elsewhere, and nobody can change the bundle.
Not a medical device.
"""


class BundledFile(Struct, frozen=True, kw_only=True):
    """A file of the bundle; ``chain`` as the README of a bundle says."""

    name: str
    bytes: int
    sha256: str
    chain: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What the bundle holds."""

    format: Literal["vitals-incident"] = "vitals-incident"
    v: Literal[1] = 1
    session: str
    made_utc_ms: UtcMs
    files: tuple[BundledFile, ...]

    @property
    def chain(self) -> str:
        """The number that stands for the whole."""
        return self.files[-1].chain if self.files else _ZERO


class HeardRoster(Struct, frozen=True, kw_only=True):
    """A version of the roster and when it came."""

    received_utc_ms: UtcMs
    roster: Roster


def next_chain(before: str, sha256: str) -> str:
    """Return the chain after one more file."""
    return hashlib.sha256((before + sha256).encode()).hexdigest()


def span_of(session: StoredSession) -> tuple[UtcMs, UtcMs]:
    """Return from when to when the journal of a class is taken."""
    ended = session.ended_utc_ms
    until_ms = UtcMs(2**53) if ended is None else UtcMs(ended + AFTER_MS)
    # The journal has the labels of then: of a clock that was set back, they lie before the begin.
    return UtcMs(session.started_utc_ms - session.set_back_ms - BEFORE_MS), until_ms


def write_bundle(
    path: Path,
    reader: RecordReader,
    session: StoredSession,
    *,
    settings_toml: str,
    rules_toml: str,
    software: str,
    now_utc_ms: UtcMs,
) -> Manifest:
    """Write the bundle of a class.

    Args:
        path: the zip; overwritten.
        reader: of the record.
        session: which class.
        settings_toml: the settings in force, without secrets.
        rules_toml: the site's rules as they stand now; what was in force then is in the journal and in rules.json.
        software: version of this program.
        now_utc_ms: now.

    Raises:
        StorageError: the record cannot be read.
    """
    journal = _journal(reader, session)
    versions = {
        "software": software,
        "python": platform.python_version(),
        "packages": {one: metadata.version(one) for one in ("msgspec", "apsw", "numpy")},
    }
    contents: dict[str, Iterable[bytes]] = {
        "README.txt": [_README.format(name=path.name).encode()],
        "session.json": [msgspec.json.encode(session)],
        "rosters.jsonl": _lines(
            HeardRoster(received_utc_ms=heard, roster=roster) for heard, roster in reader.rosters_heard(session.session)
        ),
        "readings.jsonl": _lines(_readings(reader, session)),
        "journal.jsonl": _lines(journal),
        "alarm-events.jsonl": _lines(reader.alarm_events(session.session)),
        "entries.jsonl": _lines(reader.entries(session.session)),
        "rules.json": [_rules(journal)],
        "rules.toml": [rules_toml.encode()],
        "settings.toml": [settings_toml.encode()],
        "versions.json": [msgspec.json.encode(versions)],
    }
    files: list[BundledFile] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in NAMES:
            size, digest = _write(bundle, name, contents[name])
            chain = next_chain(files[-1].chain if files else _ZERO, digest)
            files.append(BundledFile(name=name, bytes=size, sha256=digest, chain=chain))
        manifest = Manifest(session=session.session, made_utc_ms=now_utc_ms, files=tuple(files))
        bundle.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def _write(bundle: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with bundle.open(name, "w") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _lines(items: Iterable[Struct]) -> Iterator[bytes]:
    """Yield JSON lines in pieces of some size."""
    encoder = msgspec.json.Encoder()
    piece = bytearray()
    for item in items:
        piece += encoder.encode(item)
        piece += b"\n"
        if len(piece) >= _CHUNK:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _readings(reader: RecordReader, session: StoredSession) -> Iterator[StoredReading]:
    """Yield what all sensors of the class said, from before it until after it: a replay names each of them."""
    sensors = {
        sensor.sensor: None
        for roster in reader.rosters(session.session)
        for entry in roster.entries
        for sensor in entry.sensors
    }
    from_utc_ms, to_utc_ms = span_of(session)
    for sensor in sensors:
        for kind in ReadingKind:
            yield from reader.readings_of(
                SensorId(sensor), kind, from_utc_ms=UtcMs(from_utc_ms - BEFORE_MS), to_utc_ms=to_utc_ms
            )


def _journal(reader: RecordReader, session: StoredSession) -> list[JournalEntry]:
    """Return the journal of a class, led by the newest entry before it that says by which rules."""
    from_utc_ms, to_utc_ms = span_of(session)
    journal = list(reader.journal(from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms))
    if any(isinstance(event, Began) for entry in journal for event in entry.events):
        return journal
    before = reader.journal(from_utc_ms=UtcMs(0), to_utc_ms=from_utc_ms)
    began = [entry for entry in before if any(isinstance(event, Began) for event in entry.events)]
    return [*began[-1:], *journal]


def _rules(journal: list[JournalEntry]) -> bytes:
    """Return the rule set that the journal names first; empty when it names none."""
    for entry in journal:
        for event in entry.events:
            if isinstance(event, Began):
                rules = msgspec.json.decode(event.rules_json, type=RuleSet)
                return msgspec.json.format(msgspec.json.encode(rules))
    return b""
