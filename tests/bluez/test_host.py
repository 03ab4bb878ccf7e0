"""The host's side of `make test-bluez`, as far as it needs no guest."""

from pathlib import Path

import pytest

from tests.bluez.initramfs import Modules, render_archive
from tests.bluez.packages import NotToBeHadError, Packages
from tests.bluez.run import main


def test_a_machine_without_apt_skips_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["--work", str(tmp_path / "work")]) == 0
    assert "SKIPPED, packages could not be had: apt-get" in capsys.readouterr().out


def test_the_reason_is_the_words_of_apt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "apt-get"
    program.write_text("#!/bin/sh\necho 'W: slow' >&2\necho 'E: Unable to locate package x' >&2\nexit 100\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(NotToBeHadError, match="Unable to locate package x"):
        Packages(tmp_path / "work").fetch(["x"])


def test_modules_come_after_what_they_need(tmp_path: Path) -> None:
    (tmp_path / "modules.builtin").write_text("kernel/lib/built-in.ko\n")
    for name, depends in {"a": "b-c,built_in", "b-c": "", "d": ""}.items():
        (tmp_path / f"{name}.ko").write_bytes(b"ELF\0license=GPL\0depends=" + depends.encode() + b"\0name=x\0")

    assert list(Modules(tmp_path).in_order(["a", "d"])) == ["b_c", "a", "d"]


def test_a_module_that_the_kernel_lacks_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "modules.builtin").write_text("")

    with pytest.raises(KeyError, match="hci_vhci"):
        Modules(tmp_path).in_order(["hci_vhci"])


def test_an_archive_holds_its_files_and_their_folders() -> None:
    archive = render_archive({"init": b"#!/x", "modules/a": b"12345"})

    assert len(archive) % 4 == 0
    for text in (b"init\0", b"modules\0", b"modules/a\0", b"dev/console\0", b"12345", b"TRAILER!!!"):
        assert text in archive
