"""The one page that names adapters and wires a release: config → facts → plan → run → report.

May not parse arguments, and prints nothing.
"""

import getpass
import json
import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from uv import find_uv_bin

from gonogo import checks, foresight, journal, proving, report, run, steps, vitals
from gonogo import config as config_room
from gonogo import facts as facts_room
from gonogo import plan as plan_room
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.checkouts import Checkouts
from gonogo.adapters.clock import SystemClock
from gonogo.adapters.coolify import Coolify
from gonogo.adapters.files import FileLog, write_whole
from gonogo.adapters.git import GitRepository
from gonogo.adapters.jobs import SqlJobs
from gonogo.adapters.ledger import SqlLedger
from gonogo.adapters.migrations import AlembicMigrations, read_history
from gonogo.adapters.postgres import Postgres
from gonogo.adapters.service import HttpService
from gonogo.adapters.smoke import PytestSmoke
from gonogo.errors import LockHeldError, NoGoError, UsageError
from gonogo.model import (
    JSON,
    Backup,
    Config,
    Entry,
    EntryKind,
    Plan,
    Project,
    Report,
    Request,
    Secret,
    Verdict,
)
from gonogo.protocols import Jobs, Smoke, Traffic, World

_LOG = "gonogo.log"


@dataclass(frozen=True, slots=True)
class NoTraffic:
    """No requests but the probes' own."""

    def requests(self) -> tuple[Request, ...]:
        """Return none."""
        return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """What a release is carried out on.

    Attributes:
        config: gonogo.toml for one environment.
        traffic: the requests that run meanwhile.
        dress: changes the world before it is used; a rehearsal breaks things with it.
    """

    config: Config
    traffic: Traffic = NoTraffic()
    dress: Callable[[World], World] = field(default=lambda outside: outside)

    @property
    def has_traffic(self) -> bool:
        """Return whether requests run meanwhile."""
        return not isinstance(self.traffic, NoTraffic)

    def world(self, observe: Callable[[Entry], None]) -> World:
        """Return the world of this stage; nothing is contacted yet."""
        return self.dress(world(self.config, observe=observe, traffic=self.traffic))


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """What can be read of releases without contacting anything."""

    ledger: SqlLedger
    state: Path

    def releases(self, environment: str) -> tuple[journal.State, ...]:
        """Return an environment's releases by their journals, newest first."""
        return tuple(journal.replay(self.ledger.read(each)) for each in self.ledger.releases(environment))

    def report(self, release_id: str) -> Report:
        """Return a release's report.

        Raises:
            UsageError: the ledger has no such release.
        """
        entries = self.ledger.read(release_id)
        if not entries:
            message = f"the ledger has no release {release_id!r}"
            raise UsageError("unknown-release", message, hint="invoke deploy.history --env NAME")
        return report.render(entries)

    def page(self, release_id: str) -> Path:
        """Return where a release's page is."""
        return self.state / "releases" / release_id / "report.html"


def load(root: Path, environment: str, environ: Mapping[str, str]) -> Config:
    """Return the configuration of an environment.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: something is missing or wrong, all of it at once.
    """
    return config_room.load(root / config_room.FILE, environment, environ)


def archive(root: Path) -> Archive:
    """Return the releases of a project, by its ledger alone."""
    found = project(root)
    return Archive(ledger=ledger(found), state=found.state)


def project(root: Path) -> Project:
    """Return what needs no environment.

    Raises:
        ConfigurationError: something is missing or wrong, all of it at once.
    """
    return config_room.load_project(root / config_room.FILE)


def stack_of(root: Path, environment: str) -> str | None:
    """Return the local stack that an environment lives on; None for a real one."""
    return config_room.stack_of(root / config_room.FILE, environment)


def world(config: Config, *, observe: Callable[[Entry], None], traffic: Traffic | None = None) -> World:
    """Return the real world of an environment; nothing is contacted yet."""
    target = config.target
    host = socket.gethostname()
    _log_to(config.state / _LOG)
    return World(
        clock=SystemClock(),
        git=repository(config),
        checkouts=checkouts(config),
        platform=Coolify(target.coolify_url, target.coolify_token),
        service=HttpService(target.api_url, target.api_token, config.service, timeout_s=target.limits.probe_timeout_s),
        database=Postgres(target.database_url, scratch_url=target.scratch_url),
        backups=ScriptBackups(
            config.commands.backup,
            root=config.root,
            folder=config.state / "backups" / target.name,
            url=target.database_url,
        ),
        migrations=AlembicMigrations(config.commands, database_url=target.database_url, limits=target.limits),
        smoke=PytestSmoke(config.commands.smoke, target),
        ledger=ledger(config),
        log=FileLog(_evidence_log(config)),
        traffic=traffic or NoTraffic(),
        observe=observe,
        operator=f"{getpass.getuser()}@{host}",
        host=host,
        pid=os.getpid(),
    )


def repository(config: Project) -> GitRepository:
    """Return the repository that releases are made from."""
    ignored = (str(config.log.relative_to(config.root)),) if config.log else ()
    return GitRepository(config.root, uv=find_uv_bin(), ignored=ignored)


def checkouts(config: Project) -> Checkouts:
    """Return the checkouts of commits, kept below gonogo's own folder."""
    return Checkouts(
        repository=config.root,
        root=config.state / "checkouts",
        environment=config.artifact.environment,
        key_files=config.artifact.key_files,
    )


def ledger(config: Project) -> SqlLedger:
    """Return the ledger."""
    return SqlLedger(config.ledger_url)


def plan(config: Config, outside: World) -> Plan:
    """Look at the world and decide the release; nothing is changed.

    Raises:
        NothingToDoError: the target is served already.
        UnreachableError: Coolify or the database does not answer.
    """
    facts = facts_room.gather(outside, config)
    return plan_room.build(config, facts, checks=checks.ALL, steps=steps.ALL)


def refuse_unfinished(config: Config, outside: World) -> None:
    """Raise when an earlier release to this environment was left half-way and nobody is at it."""
    for release_id in outside.ledger.releases(config.target.name)[:1]:
        state = journal.replay(outside.ledger.read(release_id))
        if not state.is_ended and outside.ledger.holder(config.target.name) is None:
            message = f"release {release_id} of {state.plan.target_version} was left half-way"
            why = "a second release on top of it could not be rolled back safely"
            hint = f"invoke deploy.resume --env {config.target.name}"
            raise LockHeldError("release-unfinished", message, why=why, hint=hint)


def carry_out(config: Config, outside: World, decided: Plan) -> Report:
    """Run a plan to its end and return its report; the pages are written whatever the end is."""
    try:
        run.execute(decided, world=outside, config=config, steps=steps.ALL)
    finally:
        told = tell(config, outside, decided.release_id)
    return told


def resume(config: Config, outside: World) -> Report:
    """Bring the newest unfinished release of an environment to its end.

    Raises:
        UsageError: there is none.
    """
    state = newest(config, outside)
    if state.is_ended:
        message = f"no release of {config.target.name} waits to be resumed"
        hint = f"invoke deploy.history --env {config.target.name}"
        raise UsageError("nothing-to-resume", message, hint=hint)
    return carry_out(config, outside, state.plan)


def abandon(config: Config, outside: World) -> None:
    """Write down that nobody will bring the newest unfinished release to its end: its environment is gone."""
    for release_id in outside.ledger.releases(config.target.name)[:1]:
        if not journal.replay(outside.ledger.read(release_id)).is_ended:
            data: dict[str, JSON] = {
                "verdict": Verdict.ABANDONED.value,
                "exit_code": 6,
                "reason": "its environment is gone",
            }
            at = outside.clock.now()
            outside.ledger.append(Entry(release_id=release_id, at=at, kind=EntryKind.RELEASE_ENDED, data=data))
            outside.ledger.release(config.target.name, release_id)


def newest(config: Config, outside: World) -> journal.State:
    """Return the state of an environment's newest release.

    Raises:
        UsageError: there is none.
    """
    for release_id in outside.ledger.releases(config.target.name)[:1]:
        return journal.replay(outside.ledger.read(release_id))
    message = f"no release to {config.target.name} is in the ledger"
    raise UsageError("no-release", message, hint=f"invoke deploy.plan --env {config.target.name}")


def tell(config: Config, outside: World, release_id: str) -> Report:
    """Return a release's report, and write its page and its document."""
    told = report.render(outside.ledger.read(release_id), outside.traffic.requests())
    where = page(config, release_id)
    write_whole(where, report.page(told))
    write_whole(where.with_suffix(".json"), json.dumps(document(told, where), indent=2) + "\n")
    return told


def page(config: Config, release_id: str) -> Path:
    """Return where a release's page is."""
    return Archive(ledger=ledger(config), state=config.state).page(release_id)


def document(told: Report, where: Path) -> dict[str, JSON]:
    """Return a report as the one JSON object that `--json` prints."""
    return report.document(told, page=str(where))


def head(found: Project, commit: str) -> str:
    """Return the newest revision of a commit's migrations."""
    history = read_history(checkouts(found).provide(commit), found.commands.migrations)
    return history.heads[0]


def with_token(smoke: Smoke, token: Secret) -> Smoke:
    """Return the same smoke suite, run with another token."""
    return smoke.with_token(token) if isinstance(smoke, PytestSmoke) else smoke


def examine(config: Config) -> tuple[vitals.Vital, ...]:
    """Return how an environment is."""
    return vitals.examine(world(config, observe=_nobody), config)


def jobs(config: Config) -> Jobs:
    """Return an environment's job queue; nothing is contacted yet."""
    return SqlJobs(config.target.database_url, operator=f"{getpass.getuser()}@{socket.gethostname()}")


def observed(config: Config) -> World:
    """Return the real world of an environment, for looking at it outside of a release."""
    return world(config, observe=_nobody)


def back_up(config: Config) -> Backup:
    """Take a backup and prove that it restores.

    Raises:
        RefusedError: it could not be taken, or not be restored.
        StepFailedError: what was restored is not what was dumped.
    """
    outside = world(config, observe=_nobody)
    name = f"{outside.clock.now():%Y%m%dT%H%M%S%fZ}"
    backup = outside.backups.take(name)
    proving.check_digest(outside, backup)
    proving.compare_rows(backup, proving.restored_rows(outside, backup, proving.scratch_name(name)))
    return backup


def foresee(config: Config) -> tuple[foresight.Foreseen, ...]:
    """Return what this tree's pending migrations would do to an environment.

    Raises:
        NoGoError: the database is at a revision that this tree does not have.
    """
    outside = world(config, observe=_nobody)
    git = outside.git.facts()
    checkout = outside.checkouts.provide(outside.git.snapshot() if git.dirty else git.commit)
    history, revision = outside.migrations.history(checkout), outside.database.revision()
    if revision is not None and revision not in history.order:
        message = f"the database is at {revision}, which this tree does not have"
        raise NoGoError("schema-ahead", message, hint="check a newer commit out")
    return foresight.foresee(outside.migrations, checkout, revision, history.after(revision))


def _nobody(entry: Entry) -> None:
    """Watch nothing."""
    del entry


def _evidence_log(config: Config) -> Path:
    """Return the evidence log; a local stack's releases are not evidence and stay out of the repository's."""
    if config.log is None or config.target.stack:
        return config.state / "log.md"
    return config.log


def _log_to(path: Path) -> None:
    """Send what only engineers read, tracebacks included, to a file."""
    logger = logging.getLogger("gonogo")
    if logger.handlers:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False
