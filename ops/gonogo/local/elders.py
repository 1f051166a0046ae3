"""Earlier releases on a newer schema (N-1): really started, asked three times, and told from what they send.

Once on their own schema, to know what works; once more after the migration on the same processes and connections, as in
the minutes of a release; and once after a start, as after a rollback or a crash.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime

from gonogo import compat
from gonogo.adapters import schemas
from gonogo.config import exceptions
from gonogo.errors import GonogoError
from gonogo.local import home
from gonogo.local.errors import StackError
from gonogo.local.home import Home, Tenant
from gonogo.model import Checkout, Outlived, Project, Secret, Suite
from gonogo.model.schemas import Breach, Catalog, Excuse, Models, Refused, Sent

_CACHED_PLAN = "0A000"
# Refusals that are about the schema and nothing else, whether or not a test notices.
_SCHEMA = ("42", "22P02")
_WARM = "right after the migration"
_ANEW = "started anew on the newer schema"
_MOST_REFUSALS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """The elder on its own schema.

    Attributes:
        failed: the tests that fail already.
    """

    baseline: compat.Baseline
    suite: Suite
    token: str
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> frozenset[str]:
        """Return the names of the tests that fail already."""
        return frozenset(_name(each) for each in self.suite.failed)


class _Moved:
    """A migration that says whether it was the migration that failed."""

    def __init__(self, migrate: Callable[[], None]) -> None:
        self._migrate = migrate
        self.failed = False

    def __call__(self) -> None:
        """Run it."""
        self.failed = True
        self._migrate()
        self.failed = False


class LocalElders:
    """Elders in processes of this machine."""

    def __init__(
        self,
        project: Project,
        *,
        excuses: Sequence[Excuse] = (),
        redis_url: str | None = None,
        today: date,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing is started yet."""
        self._project = project
        self._excuses = tuple(excuses)
        self._redis_url = redis_url
        self._today = today
        self._progress = progress

    def outlive(
        self, elder: Checkout, database: Secret, *, migrate: Callable[[], None], pending: Sequence[str] = ()
    ) -> Outlived:
        """Return whether a release that works on a database still does after the database was migrated under it.

        Args:
            elder: the earlier release.
            database: a copy of its own, at the schema that it brought; it is written to.
            migrate: brings the copy to the newer schema while the elder runs.
            pending: the revisions that it applies; by default those that the copy says it is at afterwards.
        """
        moved = _Moved(migrate)
        try:
            with home.opened(self._project, database.reveal(), redis_url=self._redis_url) as place:
                return self._lived(place, elder, moved, pending)
        except GonogoError as error:
            if moved.failed:
                raise
            return Outlived(commit=elder.commit, runs=None, why=error.message)

    def known(self, release: Checkout, database: Secret) -> compat.Baseline:
        """Return what a release expects and sends, from one run of its suite on its own schema.

        Raises:
            GonogoError: it does not run there.
        """
        opened = home.opened(self._project, database.reveal(), redis_url=self._redis_url)
        with opened as place, place.lived_in(release) as tenant:
            return self._settled(place, tenant, release).baseline

    def live(self, release: Checkout, database: Secret) -> Outlived:
        """Return whether a release runs on a database as it is."""
        try:
            with home.opened(self._project, database.reveal(), redis_url=self._redis_url) as place:
                with place.lived_in(release) as tenant:
                    self._progress("the suite on the schema as it is")
                    suite = place.smoke(release, tenant.url, place.token(release))
                failed = tuple(place.redaction.hidden(each) for each in suite.failed)
                if suite.exit_code and not failed:
                    failed = (f"its suite ended with {suite.exit_code}",)
        except GonogoError as error:
            failed = (error.message,)
        return Outlived(commit=release.commit, runs=not failed, failed=failed)

    def _lived(self, place: Home, elder: Checkout, migrate: Callable[[], None], pending: Sequence[str]) -> Outlived:
        with place.lived_in(elder) as tenant:
            before = self._settled(place, tenant, elder)
            place.tap.record.refused.clear()
            migrate()
            after = schemas.read(place.direct)
            told = compat.judge(before.baseline, after, schemas.answers(place.direct, before.baseline.sent))
            self._progress("migrated; the suite on the processes that were there before")
            warm, notes = self._asked_warm(place, tenant, elder, before)
        self._progress("the same release, started anew on the newer schema")
        anew = self._asked_anew(place, elder, before, with_suite=not warm)
        found = (*told, *warm, *anew, *_refusals(place, said=" ".join(each.message for each in told)))
        return self._judged(elder, found, revisions=pending or after.revisions, notes=(*before.notes, *notes))

    def _settled(self, place: Home, tenant: Tenant, elder: Checkout) -> Before:
        """Return the elder on its own schema, with everything that it sends."""
        with ThreadPoolExecutor(max_workers=3) as pool:
            models = pool.submit(self._models, place, elder)
            literals = pool.submit(_literals, self._project, elder)
            catalog = schemas.read(place.direct)
            token = place.token(elder)
            self._progress("the suite on its own schema")
            suite = place.smoke(elder, tenant.url, token)
            if not suite.passed:
                said = suite.failed[0] if suite.failed else suite.output.strip().rpartition("\n")[2]
                message = f"its own suite does not pass on its own schema (pytest ended with {suite.exit_code}): {said}"
                raise StackError("elder-fails-before", place.redaction.hidden(message))
            return _before(place, catalog, models.result(), literals.result(), suite=suite, token=token)

    def _models(self, place: Home, elder: Checkout) -> Models:
        command = tuple(word.format(python=elder.python) for word in self._project.commands.migrate)
        try:
            return schemas.expected(command, root=elder.path, database=place.direct)
        except GonogoError as error:
            return Models(problem=error.message)

    def _asked_warm(
        self, place: Home, tenant: Tenant, elder: Checkout, before: Before
    ) -> tuple[list[Breach], tuple[str, ...]]:
        """Ask the processes that were there before; a plan that went stale fails once, and is told as that."""
        failed = self._failures(place, tenant, elder, before, when=_WARM)
        stale = [each for each in place.tap.record.refused if each.code == _CACHED_PLAN]
        if not failed or not stale:
            return failed, ()
        again = self._failures(place, tenant, elder, before, when=_WARM)
        if again:
            return again, ()
        names = ", ".join(breach.subject for breach in failed)
        note = f"connections that were open before failed once, and not again ({stale[0].message}): {names}"
        return [], (note,)

    def _asked_anew(self, place: Home, elder: Checkout, before: Before, *, with_suite: bool) -> list[Breach]:
        """Start the release once more, and ask it; not for what it could not do warm either."""
        try:
            with place.lived_in(elder) as tenant:
                return self._failures(place, tenant, elder, before, when=_ANEW) if with_suite else []
        except GonogoError as error:
            return [Breach(subject="start", message=f"it does not start on the newer schema: {error.message}")]

    def _failures(self, place: Home, tenant: Tenant, elder: Checkout, before: Before, *, when: str) -> list[Breach]:
        """Return the tests that passed before and fail now, each with the first cause."""
        # One is enough for a no; tests that fail for another reason, or may fail, are none.
        most = 1 + len(before.failed) + len(self._excuses)
        try:
            suite = place.smoke(elder, tenant.url, before.token, most_failures=most)
        except GonogoError as error:
            return [Breach(subject="suite", message=f"{when} its suite: {error.message}")]
        return _failures(place, before, suite, when)

    def _judged(
        self, elder: Checkout, found: Sequence[Breach], *, revisions: Sequence[str], notes: tuple[str, ...]
    ) -> Outlived:
        certain = [breach for breach in dict.fromkeys(found) if breach.is_certain]
        pardon = compat.pardon(certain, self._excuses, revisions=revisions, today=self._today)
        failed = (*(breach.message for breach in pardon.held), *pardon.expired)
        risks = (f"may fail: {breach.message}" for breach in found if not breach.is_certain)
        return Outlived(
            commit=elder.commit,
            runs=not failed,
            failed=failed,
            excused="; ".join(pardon.excused),
            notes=(*notes, *dict.fromkeys(risks), *pardon.unused),
        )


def elders(
    project: Project,
    *,
    today: date | None = None,
    excuses: Sequence[Excuse] | None = None,
    redis_url: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> LocalElders:
    """Return elders in processes of this machine, beside whatever database they are given.

    Args:
        project: says how services are started, what they are told, and where the suite is.
        today: exceptions end on their last day; None for what the clock says.
        excuses: the exceptions; None for those of the project's own file.
        redis_url: a server to use instead of our own, as it is.
        progress: told what is being done.

    Raises:
        ConfigurationError: the file of exceptions is not complete.
    """
    excuses = exceptions.read(project.exceptions) if excuses is None else excuses
    day = today or datetime.now(UTC).date()
    return LocalElders(project, excuses=excuses, redis_url=redis_url, today=day, progress=progress)


def _before(
    place: Home, catalog: Catalog, models: Models, literals: Sequence[Sent], *, suite: Suite, token: str
) -> Before:
    sent = (*place.tap.record.sent, *literals)
    baseline = compat.baseline(catalog, models, sent, schemas.answers(place.direct, sent))
    notes = [f"{each}: it failed on its own schema already, so it says nothing here" for each in suite.failed]
    if models.problem:
        notes.append(f"its models were not looked at: {models.problem}")
    return Before(
        baseline=baseline, suite=suite, token=token, notes=tuple(place.redaction.hidden(each) for each in notes)
    )


def _literals(project: Project, elder: Checkout) -> list[Sent]:
    """Return the SQL in the packages that the services are started from; in all of the tree where that is not told."""
    words = (word for command in project.stack_services.values() for word in command)
    named = {elder.path / word.partition(":")[0].partition(".")[0] for word in words if "." in word}
    packages = [each for each in named if each != elder.path and each.is_dir()]
    return [sent for each in packages or [elder.path] for sent in schemas.literals(each)]


def _failures(place: Home, before: Before, suite: Suite, when: str) -> list[Breach]:
    """Return the tests that passed before and fail now, each with the first cause."""
    if suite.exit_code not in {0, 1}:
        message = f"{when} its suite ended with {suite.exit_code}: {suite.output.strip().rpartition(chr(10))[2]}"
        return [Breach(subject="suite", message=place.redaction.hidden(message))]
    cause = next(iter(place.tap.record.refused), None)
    because = f" (the database: {cause.message}, {cause.code})" if cause else ""
    return [
        Breach(subject=_name(each), message=place.redaction.hidden(f"{when} fails {each}{because}"))
        for each in suite.failed
        if _name(each) not in before.failed
    ]


def _refusals(place: Home, said: str) -> list[Breach]:
    """Return what the database has refused of what the elder really sent, once for each reason not said already."""
    found: dict[tuple[str, str], Refused] = {}
    for each in place.tap.record.refused:
        if each.code.startswith(_SCHEMA) and each.message not in said:
            found.setdefault((each.code, each.message), each)
    return [
        Breach(subject="database", message=f"{compat.shown(each.sql)} was refused: {each.message} ({each.code})")
        for each in list(found.values())[:_MOST_REFUSALS]
    ]


def _name(failed: str) -> str:
    return failed.partition(":")[0]
