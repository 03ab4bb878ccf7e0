"""Whatever a program sends is answered as the documents say: no 5xx, no answer that is not in them."""

import asyncio
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from dashboard.register.people_file import TEMPLATE
from tests.dashboard.access.lived_in import ONE, PAST, LivedIn, open_lived_in
from tests.dashboard.review.past_class import person_id
from tests.peers import Mosquitto

CHECKS: Final = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"

EXAMPLES: Final = 4
"""For each operation; `make soak-api` takes more."""

SELDOM: Final = frozenset({"GET /api/v1/push/key", "GET /api/v1/sessions/{session}/next"})
"""Given only when the part alerts has told its keys; for a plan that fits the class."""

HOOKS: Final = '''
import itertools
import json
import os
import schemathesis

KNOWN = json.load(open(os.environ["API_KNOWN"]))
turns = itertools.count()

@schemathesis.serializer("application/toml")
def as_text(context, value):
    return str(value).encode()

def name(value, key, turn):
    """What a person of the house would say, where a word of no meaning stands."""
    if isinstance(value, dict):
        return {inner: name(one, inner, turn + at) for at, (inner, one) in enumerate(value.items())}
    if isinstance(value, list):
        return [name(one, key, turn + at) for at, one in enumerate(value)]
    choices = KNOWN["bodies"].get(key)
    return choices[turn % len(choices)] if choices and isinstance(value, str) else value

@schemathesis.hook
def before_call(context, case, kwargs):
    turn = next(turns)
    if not case.operation.label.endswith("/logout"):  # the login is needed to the end
        case.cookies = {**(case.cookies or {}), **KNOWN["cookies"]}
    own = KNOWN["operations"].get(case.operation.label, {})
    if turn % 4 == 3 and not own:
        return  # what nobody knows is asked for too
    paths = KNOWN["paths"] | own
    for key in case.path_parameters or {}:
        if key in paths:
            case.path_parameters[key] = paths[key][turn % len(paths[key])]
    if isinstance(case.body, (dict, list)):
        case.body = name(case.body, "", turn)
    if case.operation.label.endswith("/erase") and isinstance(case.body, dict):
        case.body["participant"] = case.path_parameters["person"]
    if case.operation.label.endswith("/import") and turn % 2:
        case.body = KNOWN["people"]
    for key in case.query or {}:
        if key in KNOWN["bodies"] and turn % 2:
            case.query[key] = KNOWN["bodies"][key][0]

@schemathesis.hook
def after_call(context, case, response):
    if response.request.method != case.operation.method.upper():
        return  # a method that the path has not
    with open(os.environ["API_ANSWERS"], "a") as file:
        file.write(f"{response.status_code} {case.operation.label}\\n")
'''


def known(house: LivedIn) -> dict[str, Any]:
    """Return the ids of what there is, by the field that names them; what ends something has ids of its own."""
    people = [str(ONE), str(person_id(2))]
    one = "/api/v1/sessions/{session}/participants/{participant}"
    session, sensors = "/api/v1/sessions/{session}", ["s-strap1", "s-oxi2"]
    spare = {"session": [house.spare]}
    return {
        "people": TEMPLATE + "0007;Bea;;;;;;;;;;;;\r\n",
        "paths": {
            "session": [house.now, PAST, house.now],
            "participant": people,
            "person": [house.person],
            "sensor": sensors,
            "staff": ["tom", "me"],
            "user": ["tim"],
            "plan": [house.plan],
            "alarm_id": [house.alarm],
            "job": [house.job],
            "device": [house.device],
            "subscription": [house.subscription],
        },
        "bodies": {
            "participant": people,
            "person": [house.person, house.nobody],
            "sensor": sensors,
            "one": people[:1],
            "other": people[1:],
            "owner": [house.person],
            "staff": ["tom", "sue"],
            "gateway": ["g1"],
            "digest": [house.digest],
        },
        "operations": {
            f"POST {session}/end": spare,
            f"POST {session}/next": spare,
            f"POST {session}/phase": {"session": [house.now]},
            f"POST {session}/participants": {"session": [house.now]},
            f"POST {session}/entries": {"session": [house.now]},
            f"POST {one}/alarms/{{alarm_id}}/outcome": {"session": [house.now], "participant": people[:1]},
            f"POST {one}/sign": {"session": [PAST], "participant": people[:1]},
            "GET /api/v1/people/{person}/programme": {"person": people[:1]},
            "POST /api/v1/people/{person}/archive": {"person": [house.nobody]},
            "POST /api/v1/people/{person}/erase": {"person": [house.nobody]},
            "GET /api/v1/people/{person}/erasure": {"person": [house.nobody]},
            "PUT /api/v1/sensors/{sensor}": {"sensor": ["s-known"]},
            "DELETE /api/v1/sensors/{sensor}": {"sensor": ["s-known"]},
            "DELETE /api/v1/plans/{plan}": {"plan": [house.spare_plan]},
            # Schemathesis learns names from answers; the admin who asks must stay one.
            **{f"POST /api/v1/users/{{user}}/{what}": {"user": ["tim"]} for what in ("role", "password", "disabled")},
        },
    }


async def walk(house: LivedIn, folder: Path, *, examples: int, seed: int) -> dict[str, set[int]]:
    """Let Schemathesis ask everything; return the answers of each operation, after it found nothing wrong with them."""
    (folder / "hooks.py").write_text(HOOKS)
    login = (await house.clinic.headers_of("admin"))["cookie"].split("=", 1)
    (folder / "known.json").write_text(json.dumps(known(house) | {"cookies": dict([login])}))
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "run", f"http://{house.clinic.authority}/api/v1/openapi.json"),
        *("--checks", CHECKS, "--request-timeout", "30", "--continue-on-failure"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(examples), "--seed", str(seed)),
        *("--suppress-health-check", "all", "--warnings", "off", "--no-shrink"),
    )
    answers = folder / "answers.txt"
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    files = {"API_KNOWN": str(folder / "known.json"), "API_ANSWERS": str(answers)}
    done = await asyncio.to_thread(
        subprocess.run,
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | hooks | files,
        check=False,
    )
    (folder / "said.txt").write_text(done.stdout + done.stderr)
    assert done.returncode == 0, f"seed {seed}\n" + done.stdout[-20_000:] + done.stderr[-2_000:]
    found: dict[str, set[int]] = defaultdict(set)
    for line in answers.read_text().splitlines():
        status, operation = line.split(" ", 1)
        found[operation].add(int(status))
    return found


def operations(document: dict[str, Any]) -> Iterator[str]:
    for path, methods in document["paths"].items():
        yield from (f"{method.upper()} {path}" for method in methods)


async def require_sense(house: LivedIn, found: dict[str, set[int]]) -> None:
    """Hold that the walk was no walk past closed doors: it was given what it asked for, nearly everywhere."""
    document = (await house.clinic.http.get("/api/v1/openapi.json")).json()
    asked = set(operations(document))
    assert len(asked) > 100
    never = {one for one in asked if not any(status < 300 for status in found[one])}
    assert sorted(one for one in never if one.startswith("GET") and one not in SELDOM) == []
    assert len(never) < len(asked) / 4, sorted(never)


@pytest.mark.peer
@pytest.mark.timeout(600)
async def test_schemathesis_finds_no_defect(tmp_path: Path, broker: Mosquitto) -> None:
    async with open_lived_in(tmp_path, broker) as house:
        await require_sense(house, await walk(house, tmp_path, examples=EXAMPLES, seed=7))


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_schemathesis_finds_no_defect_in_a_long_walk(tmp_path: Path, broker: Mosquitto) -> None:
    examples, seed = int(os.environ.get("API_EXAMPLES", "100")), int(os.environ.get("API_SEED", "1"))
    async with open_lived_in(tmp_path, broker) as house:
        await require_sense(house, await walk(house, tmp_path, examples=examples, seed=seed))
