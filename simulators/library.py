"""Recordings on disk: reads ``ID.csv`` and ``ID.rr.csv`` and puts the files of one id together."""

import logging
from collections.abc import Sequence
from pathlib import Path

from simulators.moments import Recording, read_recording
from vitals.errors import SetupError, SetupReason
from vitals.recordings import Series, parse_series

logger = logging.getLogger(__name__)


def load_recordings(files: Sequence[Path], *, oximeter: int | None = None) -> tuple[Recording, ...]:
    """Return the recordings of the files, in the order in which their ids first come.

    Args:
        files: ``ID.csv`` (time series) and ``ID.rr.csv`` (beats); the two of one id make one recording.
        oximeter: N of the column ``spo2_devN``; None takes the first.

    Raises:
        SetupError: a file that cannot be read; one line that names it.
        InputError: a file that is no recording; one line that names file, line and value.
    """
    found: dict[str, dict[str, Series]] = {}
    for file in files:
        recording_id = file.name.removesuffix(".csv").removesuffix(".rr")
        kind = "beats" if file.name.endswith(".rr.csv") else "series"
        found.setdefault(recording_id, {})[kind] = _read(file)
    recordings = []
    for recording_id, parts in found.items():
        recording = read_recording(recording_id, parts.get("series"), parts.get("beats"), oximeter=oximeter)
        if not recording.strap and not recording.oximeter:
            logger.warning("library.nothing_to_play recording=%s", recording_id)
            continue
        recordings.append(recording)
    return tuple(recordings)


def _read(file: Path) -> Series:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            series = parse_series(lines, name=str(file))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"recording {file} cannot be read: {why}"
        raise SetupError(msg, SetupReason.SETTINGS) from error
    for line in series.refused:
        logger.warning("library.refused %s", line)
    if series.refused_n > len(series.refused):
        logger.warning("library.refused %s: %d lines in all", file, series.refused_n)
    return series
