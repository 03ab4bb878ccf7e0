"""Long work in a child: it answers as the same code here, tells how far it is, and can be ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from msgspec import Struct

from analysis.history.what_if_parts import LimitChange
from analysis.rule_set import DEFAULT
from dashboard.review import workshop
from dashboard.review.shelf import Shelf
from dashboard.review.what_if import Question, answer
from dashboard.review.worker import Site, WhatIf
from dashboard.review.workshop import WAITING_MAX, Job, JobState, Workshop, answer_of
from ingest.store.reader import RecordReader
from tests.dashboard.house import until
from tests.dashboard.review.past_class import PastClass, write_past_class
from vitals.alarms import RuleId
from vitals.deadline import deadline
from vitals.errors import InputError
from vitals.sessions import SessionId
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

PATIENCE_S = 90.0


@asynccontextmanager
async def running() -> AsyncIterator[Workshop]:
    shop = Workshop()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(shop.run(), name="test.workshop")
        yield shop
        task.cancel()


async def finish(job: Job) -> Job:
    async with deadline(PATIENCE_S):
        await job.ended.wait()
    return job


def order(folder: Path, question: Question) -> WhatIf:
    return WhatIf(
        record_file=str(folder / "record.db"),
        review_file=str(folder / "review.db"),
        rules_file=None,
        question=question,
    )


async def test_a_child_answers_as_this_process_would_and_lower_limits_bring_more_alarms(tmp_path: Path) -> None:
    write_past_class(tmp_path, PastClass())
    question = Question(limits={RuleId.HR_OVER: LimitChange(shift=-15.0), RuleId.SPO2_LOW: LimitChange(value=80)})
    async with running() as shop:
        job = await finish(shop.add("what_if", order(tmp_path, question), by="AB"))
    assert job.state is JobState.DONE, job.problem
    found = answer_of(job)
    with (
        closing(RecordReader(tmp_path / "record.db")) as reader,
        closing(Shelf(tmp_path / "here.db", reader)) as shelf,
    ):
        here = answer(question, reader, shelf, rules=DEFAULT, tell=lambda _: None)
    assert [(rule["rule"], rule["before"], rule["after"]) for rule in found["rules"]] == [
        (rule.rule.value, rule.before, rule.after) for rule in here.rules
    ]
    counts = {rule.rule: (rule.before, rule.after) for rule in here.rules}
    assert counts[RuleId.SPO2_LOW] == (2, 0)
    assert here.removed_n >= 2
    over = next(rule for rule in here.rules if rule.rule is RuleId.HR_OVER)
    assert over.after_s > over.before_s
    assert (here.parts, found["participant_hours"]) == (2, pytest.approx(20 / 60, abs=0.01))


async def test_what_is_nonsense_is_one_line_and_the_next_job_is_done(tmp_path: Path) -> None:
    write_past_class(tmp_path, PastClass(minutes=1))
    async with running() as shop:
        unknown = shop.add("what_if", order(tmp_path, Question(sessions=(SessionId("nobody's"),))), by="AB")
        rules = shop.add("what_if", order(tmp_path, Question(rules_toml="[rule")), by="AB")
        site = Site(record_file=str(tmp_path / "record.db"), from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(2**52))
        report = shop.add("site", site, by="AB")
        for job in (unknown, rules, report):
            await finish(job)
    assert (unknown.state, rules.state, report.state) == (JobState.FAILED, JobState.FAILED, JobState.DONE)
    assert "is not in the record" in unknown.problem
    assert "is no TOML" in rules.problem
    assert answer_of(report)["sessions"] == 1


class Empty(Struct, frozen=True):
    """Nothing to say."""


async def test_a_job_that_is_ended_dies_and_one_that_waits_never_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "begun"
    script = f"import pathlib, time; pathlib.Path({str(mark)!r}).touch(); time.sleep(600)"
    monkeypatch.setattr(workshop, "_CHILD", (workshop._CHILD[0], "-c", script))
    async with running() as shop:
        first, second = shop.add("slow", Empty(), by="AB"), shop.add("slow", Empty(), by="AB")
        await until(mark.exists, "the child does not begin")
        mark.unlink()
        assert first.state is JobState.RUNNING
        shop.cancel(second)
        shop.cancel(first)
        await finish(first)
        assert (first.state, second.state) == (JobState.CANCELLED, JobState.CANCELLED)
    assert not mark.exists()


async def test_a_child_that_dies_without_a_word_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "_CHILD", (workshop._CHILD[0], "-c", "print('no json'); raise SystemExit(3)"))
    async with running() as shop:
        job = await finish(shop.add("slow", Empty(), by="AB"))
    assert job.state is JobState.FAILED
    assert "code 3" in job.problem


async def test_too_many_jobs_are_refused() -> None:
    shop = Workshop()
    jobs = [shop.add("slow", Empty(), by="AB") for _ in range(WAITING_MAX)]
    with pytest.raises(InputError, match="others wait"):
        shop.add("slow", Empty(), by="AB")
    assert shop.find(jobs[0].id) is jobs[0]
    with pytest.raises(InputError, match="not known any more"):
        shop.find("nothing")
