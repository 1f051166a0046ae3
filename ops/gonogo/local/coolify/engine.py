"""The deployment job: its phases in Coolify's order, and what it leaves behind when one of them fails.

What happens in which order follows docs/coolify.md, section 14.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from gonogo.local.coolify import making, notifying
from gonogo.local.coolify.faults.fault import Phase, Sabotage
from gonogo.local.coolify.making import Maker
from gonogo.local.coolify.ports import BuildError, Executed, Fleet
from gonogo.local.coolify.records import FAILED, FINISHED, Container
from gonogo.local.coolify.rows import CancelledDeploymentError, JobError, Row
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.status import StatusBoard
from gonogo.local.coolify.swap import Swap, UnhealthyError
from gonogo.model import Checkout

_COPIED_LOG_LINES = 100
_COMMAND_S = 3600.0
# Coolify runs a remote command again when its error looks like a broken connection, whatever the command was.
_TRIED_AGAIN = ("connection refused", "connection timed out", "broken pipe", "authentication failed")
_PAUSES_S = (2.0, 4.0)
_BROKEN = Executed(code=1, output="sh: 1: the command failed")

Meddler = Callable[[str, Row], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """What a job needs.

    Attributes:
        meddle: lets an event of the faults happen to a job.
    """

    store: Store
    fleet: Fleet
    maker: Maker
    board: StatusBoard
    meddle: Meddler

    async def run(self, uuid: str, ended: Callable[[], None]) -> None:
        """Carry one deployment out.

        Args:
            uuid: the deployment.
            ended: called when its row has reached a final state, so that the next may start.
        """
        row = Row(self.store, uuid)
        try:
            await self._deploy(row, ended)
        except CancelledDeploymentError:
            with suppress(CancelledDeploymentError):
                row.close()
        except (BuildError, JobError, OSError) as error:
            self._fail(row, str(error))
        finally:
            ended()

    async def _deploy(self, row: Row, ended: Callable[[], None]) -> None:
        found = making.sabotages(row)
        if any(each.stalls for each in found):
            await asyncio.Event().wait()
        row.begin()
        if not self.store.server.reachable:
            row.log("Server is not functional.", stream="stderr")
            self._announce(row, FAILED)
            return
        row.log(f"Starting deployment of {row.app.name}.")
        await self._pre(row, found)
        new = await self._prepared(row, found)
        try:
            await self._exchange(row, new, found)
        except UnhealthyError:
            await self._give_up(row, new, ended=ended)
            return
        row.log("Rolling update completed.")
        self._announce(row, FINISHED)
        ended()
        await self._finish(row, new, found)

    async def _prepared(self, row: Row, found: Sequence[Sabotage]) -> Container:
        """Build or pull, and return the new container; who stops first has nothing running before a pull."""
        app = row.app
        await self._take_time(row)
        checkout: Checkout | None = None if app.is_image else await self.maker.built(row, found)
        row.go_on()
        if app.is_stop_first:
            await self._swap.clear(app)
        if checkout is None:
            checkout = await self.maker.pulled(row, found)
        return self.maker.container(row, checkout, found)

    async def _take_time(self, row: Row) -> None:
        await self.store.clock.sleep(self.store.server.build_seconds / 2)
        await self._interrupt(row, Phase.BUILD)
        row.go_on()
        await self.store.clock.sleep(self.store.server.build_seconds / 2)
        row.go_on()

    async def _exchange(self, row: Row, new: Container, found: Sequence[Sabotage]) -> None:
        self._swap.start(row, new, found)
        if row.app.is_stop_first:
            return
        try:
            await self._swap.roll(row, new, found)
        except (JobError, OSError):
            await self._swap.remove(new, grace=0)
            raise

    async def _give_up(self, row: Row, new: Container, *, ended: Callable[[], None]) -> None:
        row.log("New container is not healthy, rolling back to the old container.", stream="stderr")
        self._announce(row, FAILED)
        ended()
        row.log(self.fleet.logs(new.uuid, _COPIED_LOG_LINES))
        await self._swap.remove(new, grace=0)
        row.log("Rolling update completed.")
        await self._command(row, "post_deployment_command", _newest(self.store, row.app.uuid))
        row.close()

    async def _finish(self, row: Row, new: Container, found: Sequence[Sabotage]) -> None:
        await self._interrupt(row, Phase.POST)
        await self._command(row, "post_deployment_command", new, fails=any(each.post_fails for each in found))
        await self.store.clock.sleep(self.store.server.closing_seconds)
        if not any(each.stays_open for each in found):
            row.close()

    # --- commands in containers ---

    async def _pre(self, row: Row, found: Sequence[Sabotage]) -> None:
        """Run the pre-deployment command in the old version's container.

        Raises:
            JobError: it failed; nothing has been changed.
        """
        fails = any(each.pre_fails for each in found)
        done = await self._command(row, "pre_deployment_command", _newest(self.store, row.app.uuid), fails=fails)
        if done and done.code:
            message = f"Pre-deployment command failed (exit code {done.code}): {done.output}"
            raise JobError(message)

    async def _command(
        self, row: Row, column: str, container: Container | None, *, fails: bool = False
    ) -> Executed | None:
        command = row.app.text(column) or ("true" if fails else None)
        if command is None:
            return None
        if container is None:
            row.log(f"Could not find a container for {column}, skipping.")
            return None
        done = _BROKEN if fails else await self._tried(container, command)
        if done.output:
            row.log(done.output, command=command, hidden=column.startswith("pre"))
        return done

    async def _tried(self, container: Container, command: str) -> Executed:
        """Run a command; one whose error looks like a broken connection is run again, whatever it may have done."""
        done = await self.fleet.execute(container.uuid, command, seconds=_COMMAND_S)
        for pause in _PAUSES_S:
            if not done.code or not any(words in done.output.lower() for words in _TRIED_AGAIN):
                break
            await self.store.clock.sleep(pause)
            done = await self.fleet.execute(container.uuid, command, seconds=_COMMAND_S)
        return done

    # --- ends ---

    def _fail(self, row: Row, words: str) -> None:
        """End after an exception; nobody looks at the application's state then."""
        with suppress(CancelledDeploymentError, JobError):
            row.log(words, stream="stderr")
            self._announce(row, FAILED)
            row.close()

    def _announce(self, row: Row, status: str) -> None:
        if row.end(status):
            notifying.deployment(self.store, row.now, row.app)

    @property
    def _swap(self) -> Swap:
        return Swap(store=self.store, fleet=self.fleet, board=self.board, interrupt=self._interrupt)

    async def _interrupt(self, row: Row, phase: Phase) -> None:
        """Let a fault's event happen to the job in this phase; a job that is ended by it goes no further."""
        for each in making.sabotages(row):
            if each.interrupted and each.interrupted[0] is phase:
                self.meddle(each.interrupted[1], row)
                await asyncio.sleep(0)


def _newest(store: Store, app: str) -> Container | None:
    found = [row for row in store.containers if row.app == app]
    return found[-1] if found else None
