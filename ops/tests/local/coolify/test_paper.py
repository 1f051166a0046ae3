"""Time that a test moves, and the service that containers on paper would be."""

import asyncio

from gonogo.adapters.service import HttpService
from gonogo.local.coolify.clock import ScriptedClock, settle
from gonogo.model import Secret, ServicePaths
from tests.local.coolify.acting import Actor
from tests.local.coolify.stage import NEW, OLD, Stage

_PATHS = ServicePaths(
    live="/health/live", ready="/health/ready", workers="/health/workers", canary="/canary", job="/jobs/{id}"
)


async def test_what_falls_due_happens_in_order_each_at_its_own_time() -> None:
    """Whatever the order in which it was begun, and however far the time is moved."""
    clock, seen = ScriptedClock(), list[tuple[str, float]]()
    began = clock.now()

    async def wait(name: str, *seconds: float) -> None:
        for each in seconds:
            await clock.sleep(each)
            seen.append((name, (clock.now() - began).total_seconds()))

    tasks = [asyncio.ensure_future(work) for work in (wait("late", 9), wait("often", 2, 2, 2), wait("early", 1))]
    await clock.move(5)
    assert seen == [("early", 1), ("often", 2), ("often", 4)]
    await clock.move(5)
    assert seen[3:] == [("often", 6), ("late", 9)]
    await asyncio.gather(*tasks)


async def test_nothing_happens_while_nobody_moves_it() -> None:
    """Not even after a while."""
    clock = ScriptedClock()
    task = asyncio.ensure_future(clock.sleep(1))
    await settle()
    assert not task.done()
    task.cancel()


def test_the_containers_that_are_left_answer_in_turn(stage: Stage) -> None:
    """Old and new while both run."""
    stage.switch("old-stays", commit=NEW)
    Actor(stage=stage, service="api").forward()
    said = {stage.service.ready().commit for _ in range(4)}
    assert said == {OLD, NEW}


def test_the_service_is_served(stage: Stage) -> None:
    """Readiness and heartbeats come from what runs, in the service's own words."""
    client = HttpService(stage.front, Secret("API_TOKEN", ""), _PATHS, timeout_s=60.0)
    ready, beats = client.ready(), client.workers()
    assert (ready.ready, ready.commit, [beat.commit for beat in beats]) == (True, OLD, [OLD])
    stage.switch("api-unhealthy", commit=NEW)
    stage.change("api", ports_mappings="80:80")
    Actor(stage=stage, service="api").forward()
    assert (client.ready().ready, client.is_live()) == (False, False)
