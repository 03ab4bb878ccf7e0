"""Laws of the bound on waiting: it ends a wait, also in the clean-up of a task that is being cancelled."""

import asyncio
import contextlib

import pytest

from vitals.deadline import deadline, deadline_at


async def test_a_wait_that_is_too_long_ends_with_a_time_out() -> None:
    with pytest.raises(TimeoutError):
        async with deadline(0.01):
            await asyncio.Event().wait()


async def test_a_wait_that_ends_in_time_goes_on() -> None:
    async with deadline(60) as limit:
        await asyncio.sleep(0)
    assert not limit.expired()


async def test_no_bound_is_no_bound() -> None:
    async with deadline(None):
        await asyncio.sleep(0.01)


async def test_a_bound_in_the_clean_up_of_a_cancelled_task_still_ends_the_wait() -> None:
    said: list[str] = []

    async def part() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            try:
                async with deadline(0.01):
                    await asyncio.Event().wait()
            except TimeoutError:
                said.append("went on")

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(part())
        await asyncio.sleep(0)
        task.cancel()
    assert said == ["went on"]
    assert task.cancelled()


async def test_a_cancellation_from_outside_is_no_time_out() -> None:
    async def part() -> None:
        async with deadline(60):
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(part())
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()


async def test_the_end_can_be_moved() -> None:
    async with deadline_at(None) as limit:
        limit.reschedule(asyncio.get_running_loop().time() + 60)
        await asyncio.sleep(0)
    with contextlib.suppress(TimeoutError):
        async with deadline_at(None) as limit:
            limit.reschedule(asyncio.get_running_loop().time() + 0.01)
            await asyncio.Event().wait()
    assert limit.expired()
