"""Whatever a program sends is answered as the documents say: no 5xx, no answer that is not in them."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from dashboard.access.roles import Role
from ingest.store.writer import RecordWriter
from tests.dashboard.access.clinic_house import open_clinic

HOOKS: Final = """
import schemathesis

@schemathesis.serializer("application/toml")
def as_text(context, value):
    return str(value).encode()
"""


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_schemathesis_finds_no_defect(tmp_path: Path) -> None:
    (tmp_path / "hooks.py").write_text(HOOKS)
    # It may begin a class for practice by chance, and then ask for what the record has of it.
    RecordWriter(tmp_path / "record.db").close()
    async with open_clinic(tmp_path) as clinic:
        command = (
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://{clinic.authority}/api/v1/openapi.json"),
            *("--header", f"Authorization: Bearer {clinic.tokens[Role.ADMIN]}"),
            *(
                "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            ),
            *(
                "--phases",
                "examples,coverage,fuzzing",
                "--max-examples",
                "20",
                "--seed",
                "7",
                "--request-timeout",
                "20",
            ),
        )
        done = await asyncio.to_thread(
            subprocess.run,
            command,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)},
            timeout=500,
            check=False,
        )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
