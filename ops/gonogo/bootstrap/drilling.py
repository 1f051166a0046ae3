"""A drill: a backup fetched, read, restored, compared and used as if all else were lost; and written down."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from gonogo import drills, journal, lineage
from gonogo.adapters import drilling, sources
from gonogo.bootstrap import inspection, storing
from gonogo.errors import GonogoError, RefusedError, UsageError
from gonogo.model import Backup, Checkout, Config, Drill, Suite
from gonogo.protocols import Revival, Vault, World

_LOOKED_AT = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What a drill is done with beside the environment.

    Attributes:
        vault: the other place; None where there is none.
        revival: starts the release's API; None where nobody says how it is started.
        told: told each stage when it begins.
    """

    vault: Vault | None
    revival: Revival | None
    told: Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drilled:
    """What came of a drill.

    Attributes:
        stages: what was done, and how many seconds each took.
        notes: what could not be looked at, or is worth knowing; none of it speaks against the backup.
        failure: what ended it before its end; None where it came to one, with or without problems.
    """

    drill: Drill
    stages: tuple[tuple[str, float], ...]
    notes: tuple[str, ...]
    failure: GonogoError | None = None


@dataclass
class _Course:
    """A drill while it is held."""

    config: Config
    outside: World
    tools: Tools
    drill: Drill
    began: float
    notes: list[str] = field(default_factory=list)
    stages: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Say what is done now, and measure it."""
        self.tools.told(name)
        began = self.outside.clock.monotonic()
        try:
            yield
        finally:
            self.stages.append((name, round(self.outside.clock.monotonic() - began, 3)))

    def learn(self, **more: object) -> None:
        """Keep what is known of the drill by now."""
        self.drill = replace(self.drill, **more)  # type: ignore[arg-type]  # fields of a drill

    def problem(self, *said: str) -> None:
        """Keep what speaks against the backup."""
        self.learn(problems=(*self.drill.problems, *said))


def drill(config: Config, tools: Tools, *, name: str = "", local: bool = False) -> Drilled:
    """Hold a drill, write down what came of it whatever that is, and return it.

    Args:
        config: the environment.
        tools: what it is done with.
        name: the backup; empty for the newest.
        local: whether to use the backup on this machine although there is another place.

    Raises:
        UsageError: there is no backup of this name.
        LedgerError: it could not be written down.
    """
    outside = inspection.observed(config)
    course = _Course(config, outside, tools, _begun(config, outside.clock.now()), outside.clock.monotonic())
    failure: GonogoError | None = None
    try:
        _held(course, name, local=local)
    except GonogoError as error:
        if isinstance(error, UsageError) and not course.drill.backup:
            raise  # the words were wrong, which says nothing of any backup
        failure = error
        course.problem(error.message)
    except BaseException:
        course.problem("it was interrupted")
        _record(course)
        raise
    _record(course)
    return Drilled(drill=course.drill, stages=tuple(course.stages), notes=tuple(course.notes), failure=failure)


def _begun(config: Config, now: datetime) -> Drill:
    """Return a drill of which nothing is known yet."""
    return Drill(
        drill_id=f"{now:%Y%m%dT%H%M%S%fZ}",
        environment=config.target.name,
        backup="",
        taken_at=None,
        is_offsite=False,
        started_at=now,
        ended_at=now,
        schema_revision=None,
    )


def _held(course: _Course, name: str, *, local: bool) -> None:
    """Fetch, read, restore, compare, use; the first thing that is wrong ends it."""
    config, backups, vault = course.config, course.outside.backups, None if local else course.tools.vault
    source = sources.chosen(backups, vault, environment=config.target.name, name=name)
    course.learn(backup=source.name, is_offsite=source.copy is not None)
    if source.copy is None:
        course.notes.append("the backup on this machine was used: whether one survives its loss is not proven")
    with sources.opened(backups, vault, source, folder=config.state / "fetched", stage=course.stage) as backup:
        course.learn(taken_at=backup.taken_at, schema_revision=backup.schema_revision)
        if backup.taken_at:
            course.learn(rpo_s=round((course.drill.started_at - backup.taken_at).total_seconds(), 3))
        release = _release(course)
        with _copied(course, backup) as copy:
            _used(course, backup, copy, release)


@contextmanager
def _copied(course: _Course, backup: Backup) -> Iterator[drilling.DrillCopy]:
    """Yield the backup restored on the scratch server, and compared."""
    target = course.config.target
    served = None if target.stack else target.database_url
    name = "gonogo_scratch_drill" + re.sub(r"[^a-z0-9]", "", course.drill.drill_id.lower())
    with ExitStack() as ending:
        with course.stage("restore, and compare with the manifest"):
            copy = ending.enter_context(drilling.restored(target.scratch_url, backup, name, target=served))
        yield copy


def _release(course: _Course) -> Checkout | None:
    """Return the release that is to work on the copy; None where none was ever there."""
    outside = course.outside
    ids = outside.ledger.releases(course.config.target.name)[:_LOOKED_AT]
    served = outside.service.ready().commit
    commit = served or lineage.last([journal.replay(outside.ledger.read(each)) for each in ids])
    if not commit:
        course.notes.append("no release serves there, and the ledger knows none: none was started on the copy")
        return None
    course.learn(commit=commit)
    with course.stage("provide the release"):
        return outside.checkouts.provide(outside.git.resolve(commit))


def _used(course: _Course, backup: Backup, copy: drilling.DrillCopy, release: Checkout | None) -> None:
    """Look into the copy, and let the release work on it."""
    with course.stage("look at the indexes"):
        damage = copy.damage()
    if damage is None:
        course.notes.append("the indexes were not looked at: the scratch server has no amcheck for this role")
    course.problem(*(damage or ()))
    if release is None or course.drill.problems:
        return
    _migrated(course, backup, copy, release)
    if course.tools.revival is None:
        course.notes.append("the release was not started: gonogo.toml has no stack.services.api")
        return
    with course.stage("make statistics"):
        copy.settle()
    before = copy.written()
    with course.stage("start the release's API, and read"):
        _judged(course, course.tools.revival.read(release, copy.url))
    course.learn(rto_s=round(course.outside.clock.monotonic() - course.began, 3))
    grown = {table for table, count in copy.written().items() if count > before.get(table, 0)}
    if grown:
        course.notes.append(f"written to the copy meanwhile, by the API and for its token: {', '.join(sorted(grown))}")


def _judged(course: _Course, suite: Suite | None) -> None:
    """Weigh what the release's suite says."""
    if suite is None:
        course.notes.append("the release was ready; its suite has no part that only reads (commands.reads)")
        return
    if suite.failed:
        course.problem(*(f"the release's suite fails on it: {each}" for each in suite.failed))
    elif not suite.passed or suite.exit_code:
        said = suite.output.strip().rpartition("\n")[2]
        course.problem(f"the release's suite did not run on it (pytest ended with {suite.exit_code}): {said}")
    else:
        course.notes.append(f"{suite.passed} tests of the release's suite passed on it")


def _migrated(course: _Course, backup: Backup, copy: drilling.DrillCopy, release: Checkout) -> None:
    """Bring the copy to the release's schema: a backup is older than the release that took it.

    Raises:
        RefusedError: the release does not know the schema, or a migration fails.
    """
    history = course.outside.migrations.history(release)
    head, start = next(iter(history.heads), None), backup.schema_revision
    if head is None or start == head:
        return
    if start is not None and start not in history.order:
        message = f"its schema is at {start}, which the release that serves does not know"
        raise RefusedError("schema-unknown", message, hint="drill a newer backup: invoke backup.run")
    with course.stage(f"migrate the copy from {start or 'nothing'} to {head}"):
        storing.migrations_on(course.config, copy.url).upgrade(release, head)


def _record(course: _Course) -> None:
    """Write a drill down: in the ledger always, in the evidence log when it is good."""
    course.learn(ended_at=course.outside.clock.now())
    found, outside = course.drill, course.outside
    outside.ledger.append(drills.entry(found))
    if found.is_good:
        place = "its copy at the other place" if found.is_offsite else "on this machine"
        outside.log.append(
            f"{found.ended_at:%Y-%m-%dT%H:%M:%SZ} DRILLED {found.environment} backup {found.backup}, {place}: "
            f"restored, as in its manifest; RPO {found.rpo_s:.0f} s, RTO {found.rto_s:.0f} s; by {outside.operator}, "
            f"drill {found.drill_id}"
        )
