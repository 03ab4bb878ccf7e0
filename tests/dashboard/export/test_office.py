"""Exports for the web: in a child, one line when it cannot be, nothing left behind."""

from pathlib import Path

import pytest

from dashboard.export import office as office_module
from dashboard.export.office import Office
from dashboard.export.order import ExportFormat, ExportOrder, file_name
from vitals.errors import InputError, StorageError
from vitals.settings import Settings

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


def order(record: Path, kind: ExportFormat = ExportFormat.CSV, session: str = "c1") -> ExportOrder:
    return ExportOrder(record_file=str(record), session=session, format=kind, out="", zone="UTC")


async def test_a_file_is_made_by_a_child_and_gone_afterwards(record: Path) -> None:
    async with Office(Settings(), zone="UTC").exported(order(record)) as path:
        assert path.name == file_name(order(record)) == "c1.csv"
        assert path.read_text().count("\n") > 300
    assert not path.exists()
    assert not path.parent.exists()


async def test_what_cannot_be_exported_is_one_line(record: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'c9' is not in the record"):
        async with Office(Settings(), zone="UTC").exported(order(record, session="c9")):
            pass
    nonsense = tmp_path / "nonsense.db"
    nonsense.write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match="not a sound database") as caught:
        async with Office(Settings(), zone="UTC").exported(order(nonsense)):
            pass
    assert len(str(caught.value).splitlines()) == 1


async def test_an_export_that_takes_too_long_is_ended(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_module, "SECONDS_MAX", 0.01)
    with pytest.raises(StorageError, match="took over"):
        async with Office(Settings(), zone="UTC").exported(order(record)):
            pass
