"""Decide a move of the schema alone: up to a revision, or back to one; its steps, its findings, what it costs. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gonogo import advice, retreat
from gonogo.errors import NoGoError, NothingToDoError, UsageError
from gonogo.model import (
    Advice,
    Census,
    Climb,
    Climbed,
    Config,
    Filled,
    Finding,
    Forecast,
    Foreseen,
    Letter,
    Place,
    Plan,
    PlanKind,
    PlannedStep,
    Revision,
    SchemaFacts,
    Severity,
    Trial,
    WayBack,
    version_of,
)
from gonogo.protocols import Step

_FOR_DATA = {"backup", "restore-check"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What a move is decided from beside the facts.

    Attributes:
        foreseen: what each of its revisions does, oldest first.
        findings: what the checks say, and what is half done or in the way.
        census: what the database holds where something is taken away.
        trial: what came of these revisions on a copy; None where nobody tried.
        proven_backup: a backup of this very schema that was proven a short while ago; empty where there is none.
        dumps: the backups that were taken before revisions, by the revision.
        needs: why what serves needs the schema as it is; empty where it does not.
    """

    foreseen: tuple[Foreseen, ...]
    findings: tuple[Finding, ...] = ()
    census: Census = field(default_factory=Census)
    trial: Trial | None = None
    proven_backup: str = ""
    dumps: tuple[tuple[str, str], ...] = ()
    needs: str = ""


def between(facts: SchemaFacts, to: str) -> tuple[Revision, ...]:
    """Return the revisions from where the database stands up to one; empty is the head.

    Raises:
        NothingToDoError: the database is there already.
        UsageError: there is no such revision, or it is behind.
        NoGoError: the database is at a revision that the tree does not have, or the tree has several heads.
    """
    revision, history = _known(facts), facts.history
    goal = _named(facts, to) if to else history.heads[0]
    pending = history.after(revision)
    ids = [each.id for each in pending]
    if goal == revision:
        hint = "a revision that is not committed is not applied: git status"
        raise NothingToDoError("nothing-to-do", f"the schema is at {goal} already", hint=hint)
    if goal not in ids:
        message = f"{goal} is behind {revision}, where the schema stands"
        raise UsageError("not-ahead", message, hint=f"to go back: invoke migrate.rollback --to {goal}")
    return pending[: ids.index(goal) + 1]


def behind(facts: SchemaFacts, to: str) -> tuple[Revision, ...]:
    """Return the revisions to take back, oldest first.

    Raises:
        NothingToDoError: the database is there already.
        UsageError: there is no such revision, or it is not behind.
        NoGoError: the database is at a revision that the tree does not have, or the tree has several heads.
    """
    revision, history = _known(facts), facts.history
    goal = _named(facts, to)
    if goal == revision:
        raise NothingToDoError("nothing-to-do", f"the schema is at {goal} already")
    end = history.order.index(revision) + 1 if revision else 0
    start = history.order.index(goal) + 1
    if start > end:
        message = f"{goal} is ahead of {revision or 'nothing'}, where the schema stands"
        raise UsageError("not-behind", message, hint=f"to go on: invoke migrate.apply --to {goal}")
    return history.revisions[start:end]


def upgrade(
    config: Config, facts: SchemaFacts, pending: Sequence[Revision], ground: Ground, *, steps: Sequence[Step],
    with_backup: bool = True,
) -> Plan:  # fmt: skip
    """Return the plan of going up; without a backup of its own it needs one where values are taken away."""
    advices = advice.advise_all(ground.foreseen, ground.trial, ground.census)
    seen = advice.runs(ground.trial, pending, elder=facts.ready.commit or "")
    gap = retreat.Gap(migrations=tuple(pending), runs=seen, lost=advice.lost(ground.trial, pending))
    plan = _plan(config, facts, pending, kind=PlanKind.MIGRATION)
    instead = retreat.instead(config.target.name, plan.release_id if with_backup else "")
    plan = replace(
        plan,
        target_revision=pending[-1].id,
        findings=(*ground.findings, *_classes(advices), *_restore_point(advices, ground, with_backup=with_backup)),
        way_back=_way_back(facts, pending, runs=seen),
        forecast=retreat.forecast(gap, instead=instead),
    )
    return _with_steps(plan, [step for step in steps if with_backup or step.name not in _FOR_DATA])


def downgrade(
    config: Config, facts: SchemaFacts, taken: Sequence[Revision], ground: Ground, *, to: str, steps: Sequence[Step]
) -> Plan:
    """Return the plan of going back; its forecast says what it costs."""
    plan = _plan(config, facts, taken, kind=PlanKind.DOWNGRADE)
    needs = (
        (
            Finding(
                rule="running-code-needs-it",
                severity=Severity.BLOCK,
                message=ground.needs,
                hint=f"take the code back with it: invoke deploy.rollback --env {config.target.name} --dry-run",
            ),
        )
        if ground.needs
        else ()
    )
    plan = replace(
        plan,
        target_revision=to,
        findings=(*ground.findings, *needs),
        way_back=f"if it fails: upgrade the schema to {facts.database.revision} again; what was lost stays lost",
        forecast=cost(ground, instead=_instead(config, taken, ground)),
        schema_commit=facts.target_commit,
    )
    return _with_steps(plan, steps)


def cost(ground: Ground, *, instead: str) -> Forecast:
    """Return what taking revisions back costs; the worst of them decides, and all of it is said."""
    said = [each for one in ground.foreseen for each in _costs(one, ground)]
    impossible = [reason for verdict, reason in said if verdict is WayBack.IMPOSSIBLE]
    lossy = [reason for verdict, reason in said if verdict is WayBack.SAFE_WITH_LOSS]
    if not said:
        reasons = ("Nothing is lost: what is taken back holds no values.",)
        return Forecast(verdict=WayBack.SAFE, reasons=reasons)
    verdict = WayBack.IMPOSSIBLE if impossible else WayBack.SAFE_WITH_LOSS
    sentences = tuple(f"{each[0].upper()}{each[1:]}." for each in (*impossible, *lossy))
    return Forecast(verdict=verdict, reasons=sentences, instead=instead if impossible else "")


def _costs(one: Foreseen, ground: Ground) -> list[tuple[WayBack, str]]:
    """Return what taking one revision back costs, each with its verdict."""
    deeds, name = one.deeds, one.revision.id
    found: list[tuple[WayBack, str]] = []
    if deeds.downgrade != "written":
        state = {"missing": "has no downgrade", "empty": "has a downgrade that does nothing"}
        found.append((WayBack.IMPOSSIBLE, f"{name} {state.get(deeds.downgrade, 'refuses to be taken back')}"))
    elif not one.revision.reversible:
        found.append((WayBack.IMPOSSIBLE, f"{name} does not declare that its downgrade may be run"))
    stair = next((each for each in (ground.trial.climbed if ground.trial else ()) if each.revision == name), None)
    if stair and stair.climb is Climb.FAILS:
        found.append((WayBack.IMPOSSIBLE, f"the downgrade of {name} failed on a copy: {stair.problem}"))
    if stair and stair.climb is Climb.LEAVES_TRACES:
        traces = "; ".join(stair.differences)
        found.append((WayBack.SAFE_WITH_LOSS, f"going down {name} and up again left traces on a copy: {traces}"))
    found += [(WayBack.SAFE_WITH_LOSS, each) for each in _measured(one, stair)]
    found += [
        (WayBack.SAFE_WITH_LOSS, f"what the downgrade of {name} takes away cannot be told: {each}")
        for each in deeds.unread_back
    ]
    filled = [each for each in ground.census.filled if each.place in deeds.gives_back]
    losses = [each.said for each in filled if each.values != 0 or not each.is_exact]
    found += [(WayBack.SAFE_WITH_LOSS, f"taking {name} back loses {each}") for each in losses]
    found += [(WayBack.SAFE_WITH_LOSS, f"{name}: {each}") for each in deeds.lasting]
    back = ", ".join(each.name for each in deeds.takes)
    return found + ([(WayBack.SAFE_WITH_LOSS, f"what {name} took away comes back empty: {back}")] if back else [])


def _measured(one: Foreseen, stair: Climbed | None) -> Iterator[str]:
    """Yield what a downgrade took away on a copy, where the target is not counted for it."""
    for each in stair.lost_down if stair else ():
        place = Place(relation=each.relation, column=each.column)
        if {place, Place(relation=each.relation)}.isdisjoint(one.deeds.gives_back):
            said = Filled(place=place, values=each.values).said
            yield f"taking {one.revision.id} back took {said} away on a copy"


def _classes(advices: Sequence[Advice]) -> tuple[Finding, ...]:
    """Return the class of each revision as what was seen."""
    return tuple(
        Finding(
            rule="advice",
            severity=Severity.INFO if each.letter is Letter.IMAGE_ONLY else Severity.ADVISE,
            message=f"{each.revision} is {each.letter.value}, {advice.WORDS[each.letter]}: {'; '.join(each.reasons)}",
        )
        for each in advices
    )


def _restore_point(advices: Sequence[Advice], ground: Ground, *, with_backup: bool) -> tuple[Finding, ...]:
    """Return what stands for the backup that is not taken."""
    if with_backup:
        return ()
    if ground.proven_backup:
        message = f"no backup is taken: {ground.proven_backup} is of this schema, and was proven a short while ago"
        return (Finding(rule="restore-point", severity=Severity.ADVISE, message=message),)
    named = ", ".join(each.revision for each in advices if each.letter is Letter.RESTORE_POINT)
    message = f"{named} takes values away for good" if named else "no backup is taken"
    return (
        Finding(
            rule="restore-point",
            severity=Severity.BLOCK if named else Severity.ADVISE,
            message=f"{message}, and no proven backup of this schema is younger than an hour",
            hint="leave --without-backup out",
        ),
    )


def _way_back(facts: SchemaFacts, pending: Sequence[Revision], *, runs: bool | None) -> str:
    """Return how going up is undone, in words."""
    if all(each.reversible for each in pending):
        return f"if it fails: downgraded to {facts.database.revision or 'nothing'}"
    return retreat.way_back(pending, runs=runs)


def _instead(config: Config, taken: Sequence[Revision], ground: Ground) -> str:
    """Return what to do where it cannot be gone back."""
    dumps = dict(ground.dumps)
    first = next((dumps[each.id] for each in taken if each.id in dumps), "")
    forward = 'mend it with the next revision: invoke migrate.new "TITLE" --kind contract'
    return f"{forward}; {retreat.instead(config.target.name, first)}"


def _plan(config: Config, facts: SchemaFacts, revisions: Sequence[Revision], *, kind: PlanKind) -> Plan:
    """Return a plan without its end; what serves counts as long as it is ready."""
    return Plan(
        release_id=f"{facts.at:%Y%m%dT%H%M%S}{facts.at.microsecond // 1000:03d}-{facts.target_commit[:7]}",
        environment=config.target.name,
        created_at=facts.at,
        previous_commit=(facts.ready.commit or "") if facts.ready.ready else "",
        target_commit=facts.target_commit,
        subject=f"the migrations of {version_of(facts.target_commit)}: {facts.git.subject}",
        start_revision=facts.database.revision,
        target_revision="",
        pending=tuple(revisions),
        steps=(),
        findings=(),
        way_back="",
        kind=kind,
    )


def _known(facts: SchemaFacts) -> str | None:
    """Return where the database stands, by a revision that the tree has."""
    revision, history = facts.database.revision, facts.history
    if len(history.heads) != 1:
        message = f"the migrations have {len(history.heads)} heads: {', '.join(history.heads) or 'none'}"
        raise NoGoError("several-heads", message, hint="alembic merge heads")
    if revision is not None and revision not in history.order:
        message = f"the database is at {revision}, which this tree does not have"
        raise NoGoError("schema-ahead", message, hint="check a newer commit out")
    return revision


def _named(facts: SchemaFacts, to: str) -> str:
    """Return the revision that is meant; the beginning of its id is enough."""
    order = facts.history.order
    matches = [each for each in order if each == to] or [each for each in order if to and each.startswith(to)]
    if len(matches) == 1:
        return matches[0]
    message = f"{to!r} is short for {', '.join(matches)}" if matches else f"there is no revision {to!r}"
    hint = f"the newest are {', '.join(order[-5:])}" if order else "write the first: invoke migrate.new TITLE"
    raise UsageError("unknown-revision", message, hint=hint)


def _with_steps(plan: Plan, steps: Sequence[Step]) -> Plan:
    """Return the plan with each step's intent."""
    return replace(plan, steps=tuple(PlannedStep(name=step.name, intent=step.intent(plan)) for step in steps))
