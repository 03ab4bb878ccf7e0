"""An incident bundle as a record to replay: read as a stranger's file, whole or not at all, and nothing is unpacked.

Only the names that a bundle has are looked for, each within its size and its hash; a zip that promises more than it
may, or is not what its manifest says, is refused in one line.
"""

import hashlib
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from cli.broken_zip import BROKEN_ZIP, why_broken
from dashboard.export.incident import MANIFEST, NAMES, HeardRoster, Manifest, next_chain
from ingest.store.stored import StoredReading, StoredSession
from vitals.alarms import AlarmEvent
from vitals.errors import InputError, InputReason
from vitals.journal import JournalEntry
from vitals.readings import ReadingKind
from vitals.sensors import SensorId
from vitals.sessions import Roster, SessionId
from vitals.units import UtcMs

BYTES_MAX: Final = 2 * 1_073_741_824
"""All files of a bundle, unpacked: ten hours of a class of 60."""

MANIFEST_BYTES_MAX: Final = 65_536
RATIO_MAX: Final = 200
"""Readings as JSON shrink to a fifteenth; what shrinks more is no bundle, but a bomb."""

T = TypeVar("T")


class Bundle:
    """Answers what a replay asks the record, from memory."""

    def __init__(self, path: Path) -> None:
        """Read a bundle and hold it against its manifest.

        Raises:
            InputError: it cannot be read, is no bundle, or was changed since it was made; one line says what.
        """
        self._path: Final = path
        contents = _read(path)
        self.manifest: Final = _decode(contents[MANIFEST], Manifest, f"{path}: {MANIFEST}")
        self._check(contents)
        self.stored: Final = self._one(contents, "session.json", StoredSession)
        self._rosters: Final = self._all(contents, "rosters.jsonl", HeardRoster)
        self._journal: Final = self._all(contents, "journal.jsonl", JournalEntry)
        self._events: Final = self._all(contents, "alarm-events.jsonl", AlarmEvent)
        self._readings: Final[defaultdict[tuple[SensorId, ReadingKind], list[StoredReading]]] = defaultdict(list)
        for reading in self._all(contents, "readings.jsonl", StoredReading):
            self._readings[reading.sensor, reading.kind].append(reading)

    def session(self, session: SessionId) -> StoredSession | None:
        """Return the class when it is the one of the bundle."""
        return self.stored if session == self.stored.session else None

    def rosters(self, session: SessionId) -> tuple[Roster, ...]:
        """Return every version of the roster, oldest first."""
        return tuple(one.roster for one in self._rosters if one.roster.session == session)

    def readings_of(
        self, sensor: SensorId, kind: ReadingKind, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs
    ) -> tuple[StoredReading, ...]:
        """Return what a sensor said from a time to before a time."""
        return tuple(one for one in self._readings[sensor, kind] if from_utc_ms <= one.utc_ms < to_utc_ms)

    def journal(self, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs) -> tuple[JournalEntry, ...]:
        """Return the journal from a time to before a time."""
        return tuple(one for one in self._journal if from_utc_ms <= one.utc_ms < to_utc_ms)

    def alarm_events(self, session: SessionId) -> tuple[AlarmEvent, ...]:
        """Return all changes of the alarms of the class."""
        return self._events if session == self.stored.session else ()

    def _check(self, contents: dict[str, bytes]) -> None:
        files = self.manifest.files
        if tuple(one.name for one in files) != NAMES:
            raise InputError(
                str(self._path), "its manifest does not name the files of a bundle", InputReason.WRONG_SHAPE
            )
        chain = "0" * 64
        for one in files:
            digest = hashlib.sha256(contents[one.name]).hexdigest()
            chain = next_chain(chain, digest)
            if (digest, chain) != (one.sha256, one.chain):
                raise InputError(str(self._path), f"{one.name} is not as it was when it was made", InputReason.CONFLICT)

    def _one(self, contents: dict[str, bytes], name: str, shape: type[T]) -> T:
        return _decode(contents[name], shape, f"{self._path}: {name}")

    def _all(self, contents: dict[str, bytes], name: str, shape: type[T]) -> tuple[T, ...]:
        decoder = msgspec.json.Decoder(shape)
        found = []
        for number, row in enumerate(contents[name].splitlines(), start=1):
            try:
                found.append(decoder.decode(row))
            except (msgspec.MsgspecError, RecursionError, ValueError) as error:
                raise InputError(f"{self._path}: {name} line {number}", str(error), InputReason.WRONG_SHAPE) from error
        return tuple(found)


def _read(path: Path) -> dict[str, bytes]:
    """Return the files of a zip by name.

    Raises:
        InputError: it is none, holds other files, or would become too large.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            infos = bundle.infolist()
            _check_contents(path, infos)
            return {info.filename: bundle.read(info) for info in infos}
    except BROKEN_ZIP as error:
        raise InputError(str(path), why_broken(error, "no incident bundle"), InputReason.WRONG_SHAPE) from error


def _check_contents(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    names = [info.filename for info in infos]
    if sorted(names) != sorted((*NAMES, MANIFEST)):
        strange = next((name for name in names if name not in {*NAMES, MANIFEST}), None)
        what = "it holds a file twice, or lacks one" if strange is None else f"it holds {strange[:80]!r}"
        raise InputError(str(path), f"no incident bundle: {what}", InputReason.WRONG_SHAPE)
    if sum(info.file_size for info in infos) > BYTES_MAX:
        raise InputError(str(path), f"would unpack to more than {BYTES_MAX} bytes", InputReason.TOO_LARGE)
    for info in infos:
        limit = MANIFEST_BYTES_MAX if info.filename == MANIFEST else BYTES_MAX
        if info.file_size > limit or info.file_size > RATIO_MAX * max(info.compress_size, 1) + 1024:
            problem = f"{info.filename} would unpack from {info.compress_size} to {info.file_size} bytes"
            raise InputError(str(path), problem, InputReason.TOO_LARGE)


def _decode(data: bytes, shape: type[T], place: str) -> T:
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise InputError(place, str(error), InputReason.WRONG_SHAPE) from error
