import subprocess
import sys
from pathlib import Path

import pytest

from vitals.settings import setting_keys, variable_of
from vitals.topics import TOPICS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(60)
def test_the_pages_of_protocol_and_settings_say_what_the_code_says() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "write_docs.py"), "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_setting_is_on_its_page() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [key for key in setting_keys() if f"`{variable_of(key)}`" not in page]
    assert missing == []


def test_every_topic_names_its_payload_and_both_are_on_the_page() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    for kind in TOPICS:
        path, _, how = " ".join((kind.__doc__ or "").split()).partition(": ")
        payload = how.partition("payload `")[2].partition("`")[0]
        assert path.strip("`") in page
        assert f"### {payload}\n" in page
