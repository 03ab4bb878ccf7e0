import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vitals.errors import SetupError
from vitals.site_key import KEY_BYTES, open_site_key


def test_a_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "site.key"
    key = open_site_key(path)
    assert len(key) == KEY_BYTES
    assert open_site_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: open_site_key(tmp_path / "site.key"), range(16)))
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("content", "line"), [("no hex", "not a line of hex"), ("abcd", "has 2 bytes, not 32"), ("", "has 0 bytes")]
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: str, line: str) -> None:
    path = tmp_path / "site.key"
    path.write_text(content)
    with pytest.raises(SetupError, match=line) as caught:
        open_site_key(path)
    assert str(path) in str(caught.value)


def test_a_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="Is a directory"):
        open_site_key(tmp_path)
