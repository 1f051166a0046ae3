"""A release as five calls: load, gather, build, execute, render; and what can be read of it afterwards."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from gonogo import checks, freezing, journal, lineage, report, run, steps
from gonogo import facts as facts_room
from gonogo import plan as plan_room
from gonogo.adapters.files import write_whole
from gonogo.adapters.ledger import SqlLedger
from gonogo.adapters.safe import OwnValues
from gonogo.bootstrap import wiring
from gonogo.errors import LedgerError, LockHeldError, NoGoError, RefusedError, UsageError
from gonogo.model import JSON, Compared, Config, Entry, EntryKind, Plan, PlanKind, Report, Verdict
from gonogo.protocols import Elders, Ledger, Traffic, World

_LOG = logging.getLogger("gonogo.bootstrap")
# How many releases are looked through for one that was left half-way: refused tries may stand above it.
_LOOKED_AT = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """What a release is carried out on.

    Attributes:
        config: gonogo.toml for one environment.
        traffic: the requests that run meanwhile.
        dress: changes the world before it is used; a rehearsal breaks things with it.
        elders: what starts earlier releases beside a copy; None where nothing can.
        own: where the operator's own values are kept; in the environment's env file unless said otherwise.
    """

    config: Config
    traffic: Traffic = field(default_factory=wiring.NoTraffic)
    dress: Callable[[World], World] = field(default=lambda outside: outside)
    elders: Elders | None = None
    own: OwnValues | None = None

    @property
    def has_traffic(self) -> bool:
        """Return whether requests run meanwhile."""
        return not isinstance(self.traffic, wiring.NoTraffic)

    def world(self, observe: Callable[[Entry], None]) -> World:
        """Return the world of this stage; nothing is contacted yet."""
        made = wiring.world(self.config, observe=observe, traffic=self.traffic, elders=self.elders, own=self.own)
        return self.dress(made)


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
        environment = journal.replay(entries).plan.environment
        return report.render(entries, track=_track(self.ledger, environment, release_id))

    def page(self, release_id: str) -> Path:
        """Return where a release's page is."""
        return self.state / "releases" / release_id / "report.html"

    def write(self, told: Report) -> Path:
        """Return where a release's page is, written now when it is not there: its traffic is known to its run alone."""
        where = self.page(told.release_id)
        if not where.exists():
            _write(told, where)
        return where


def archive(root: Path) -> Archive:
    """Return the releases of a project, by its ledger alone."""
    found = wiring.project(root)
    return Archive(ledger=wiring.ledger(found), state=found.state)


def plan(config: Config, outside: World) -> Plan:
    """Look at the world and decide the release; nothing is changed.

    Raises:
        NothingToDoError: the target is served already.
        NoGoError: what answered is not what was expected there.
        UnreachableError: Coolify or the database does not answer.
    """
    try:
        facts = facts_room.gather(outside, config)
    except RefusedError as error:  # nothing has begun, so nothing was rolled back either
        raise NoGoError(error.reference, error.message, where=error.where, why=error.why, hint=error.hint) from None
    states = _states(outside.ledger, config.target.name)
    trial = lineage.tried(states, target=facts.target_commit, start=facts.database.revision)
    return plan_room.build(config, facts, checks=checks.ALL, steps=steps.ALL, trial=trial)


def refuse_unfinished(config: Config, outside: World) -> None:
    """Raise when an earlier release to this environment was left half-way and nobody is at it."""
    state = next(_unfinished(outside.ledger, config.target.name), None)
    if state and outside.ledger.holder(config.target.name) is None:
        toward = "of" if state.plan.kind is PlanKind.RELEASE else "to"
        message = f"{state.plan.kind.value} {state.plan.release_id} {toward} {state.plan.goal_words} was left half-way"
        why = "a second release on top of it could not be rolled back safely"
        env = f"--env {config.target.name}"
        hint = f"go on: invoke deploy.resume {env}; or back: invoke deploy.abort {env}"
        raise LockHeldError("release-unfinished", message, why=why, hint=hint)


def weigh_freeze(config: Config, outside: World, decided: Plan, because: str) -> Plan:
    """Return a plan that says so where it was made while nothing is released, and why it may be carried out."""
    now = outside.clock.now()
    found = freezing.weigh(config.target.freeze, now, because=because, who=outside.operator)
    return replace(decided, findings=(*decided.findings, *found))


def frozen(config: Config, outside: World) -> str:
    """Return in words why nothing is released to an environment now; empty when it may be."""
    window = freezing.frozen(config.target.freeze, outside.clock.now())
    return freezing.said(window) if window else ""


def refuse_freeze(config: Config, outside: World) -> None:
    """Raise while nothing is released to an environment.

    Raises:
        LockHeldError: gonogo.toml says so.
    """
    freezing.refuse(config.target.name, config.target.freeze, outside.clock.now())


def carry_out(config: Config, outside: World, decided: Plan, *, turn: str = "") -> Report:
    """Run a plan to its end and return its report; the pages are written whatever the end is.

    Args:
        config: the environment.
        outside: its world.
        decided: the plan, a new one or one that was begun.
        turn: why it is to go back from where it stands; empty to go on.
    """
    try:
        run.execute(decided, world=outside, config=config, steps=steps.of(decided), turn=turn)
    except BaseException:
        with suppress(Exception):  # what went wrong matters more than its page
            tell(config, outside, decided.release_id)
        raise
    return tell(config, outside, decided.release_id)


def unfinished(config: Config, outside: World) -> Plan:
    """Return the plan of the release that waits to be brought to its end; one that needs a person waits too.

    Raises:
        UsageError: there is none.
    """
    name = config.target.name
    for state in (*_unfinished(outside.ledger, name), *_needing_a_person(outside.ledger, name)):
        return state.plan
    message = f"no release or rollback of {config.target.name} waits to be resumed"
    raise UsageError("nothing-to-resume", message, hint=f"invoke deploy.history --env {config.target.name}")


def to_undo(outside: World, plan: Plan) -> tuple[str, ...]:
    """Return the names of the steps that aborting a release undoes, in that order."""
    state = journal.replay(outside.ledger.read(plan.release_id))
    return tuple(step.name for step in run.to_undo(state, steps.of(plan)))


def abandon(config: Config) -> None:
    """Write down that nobody will bring the unfinished releases to their end: their environment is gone."""
    ledger = wiring.ledger(config)
    for state in _unfinished(ledger, config.target.name):
        release_id = state.plan.release_id
        data: dict[str, JSON] = {
            "verdict": Verdict.ABANDONED.value,
            "exit_code": 6,
            "reason": "its environment is gone",
        }
        at = wiring.clock().now()
        ledger.append(Entry(release_id=release_id, at=at, kind=EntryKind.RELEASE_ENDED, data=data))


def tell(config: Config, outside: World, release_id: str) -> Report:
    """Return a release's report, and write its page and its document; a full disk takes the page, not the report."""
    track = _track(outside.ledger, config.target.name, release_id)
    told = report.render(outside.ledger.read(release_id), outside.traffic.requests(), track=track)
    _write(told, page(config, release_id))
    return told


def _track(ledger: Ledger, environment: str, before: str) -> tuple[Compared, ...]:
    """Return predictions and what happened of earlier releases; one that cannot be read takes no report with it."""
    states = []
    for release_id in ledger.releases(environment)[:_LOOKED_AT]:
        with suppress(LedgerError, TypeError, ValueError, KeyError):
            state = journal.replay(ledger.read(release_id))
            states += [state] if state.compared or release_id == before else []
    return lineage.track(states, before=before)


def _write(told: Report, where: Path) -> None:
    """Write a release's page and its document."""
    try:
        write_whole(where, report.page(told))
        write_whole(where.with_suffix(".json"), json.dumps(document(told, where), indent=2) + "\n")
    except OSError:
        _LOG.exception("report.not_written release=%s", told.release_id)


def _states(ledger: Ledger, environment: str) -> tuple[journal.State, ...]:
    """Return an environment's newest releases by their journals, newest first."""
    return tuple(journal.replay(ledger.read(each)) for each in ledger.releases(environment)[:_LOOKED_AT])


def _unfinished(ledger: Ledger, environment: str) -> Iterator[journal.State]:
    """Yield an environment's releases that have no end, newest first; one that was refused may stand above them."""
    for release_id in ledger.releases(environment)[:_LOOKED_AT]:
        state = journal.replay(ledger.read(release_id))
        if not state.is_ended:
            yield state


def _needing_a_person(ledger: Ledger, environment: str) -> Iterator[journal.State]:
    """Yield the release that ended and needs a person, unless a later one has changed the environment since."""
    for release_id in ledger.releases(environment)[:_LOOKED_AT]:
        state = journal.replay(ledger.read(release_id))
        if state.verdict is not Verdict.NO_GO:
            yield from (state,) * (state.verdict is Verdict.NEEDS_PERSON)
            return


def page(config: Config, release_id: str) -> Path:
    """Return where a release's page is."""
    return Archive(ledger=wiring.ledger(config), state=config.state).page(release_id)


def document(told: Report, where: Path) -> dict[str, JSON]:
    """Return a report as the one JSON object that `--json` prints."""
    return report.document(told, page=str(where))
