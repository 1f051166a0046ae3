"""What we ask of the outside, what we ask of our own steps, and `World`, the frozen bundle of ports.

May not implement anything. Every port raises `errors.UnreachableError` when the outside does not answer.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from gonogo.model import (
    Application,
    Backup,
    BotSeen,
    Census,
    Chain,
    Checkout,
    Config,
    Copy,
    DatabaseSeen,
    Declared,
    Deployment,
    Entry,
    Facts,
    Finding,
    GitFacts,
    History,
    Holder,
    JobState,
    Lease,
    Outcomes,
    Outlived,
    Pair,
    Pin,
    Place,
    Plan,
    QueuedJob,
    QueueFacts,
    Readiness,
    Request,
    Restoring,
    Said,
    SchemaFacts,
    Searched,
    Secret,
    SecretFacts,
    SecretsSeen,
    Standing,
    Suite,
    TokenLine,
    Trial,
    TrialWish,
    Variable,
    WebhookSeen,
    WebhookWish,
    WorkerBeat,
)


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """Return the time, aware UTC."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Git(Protocol):
    """The repository that the release is made from."""

    def facts(self) -> GitFacts:
        """Return what the checkout says about itself."""

    def snapshot(self) -> str:
        """Return a commit that holds the working tree as it is, without touching the tree, the index or a ref."""

    def resolve(self, ref: str) -> str:
        """Return the 40 hex digits of a ref.

        Raises:
            UsageError: there is no such commit.
        """

    def leaked(self, secrets: Sequence[Secret]) -> Searched:
        """Return where secrets that are in use stand in the history, as far as that is quickly said."""


class Checkouts(Protocol):
    """Commits as folders with their own environments."""

    def provide(self, commit: str) -> Checkout:
        """Return a commit's checkout, made when it is not there yet."""


class Platform(Protocol):
    """Coolify. Its word is not evidence: see docs/coolify.md."""

    def version(self) -> str:
        """Return the server's version."""

    def missing_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return the abilities that a release needs and harmless calls show to be missing."""

    def missing_optional_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return the abilities that a release can do without, and sees less."""

    def application(self, uuid: str) -> Application:
        """Return an application.

        Raises:
            RefusedError: there is none of this uuid.
        """

    def variables(self, uuid: str) -> tuple[Variable, ...] | None:
        """Return what an application's production containers are handed; None when the token may not ask."""

    def pin(self, uuid: str, pin: Pin) -> None:
        """Set what the next deployment runs, and read it back.

        Raises:
            RefusedError: Coolify does not take it, or still says something else.
        """

    def trigger(self, uuid: str, *, force: bool = False) -> str:
        """Ask for a deployment and return its id; forced, it is never taken for a repetition of another.

        Raises:
            AnswerLostError: no answer came back, or one that does not tell; it may have happened.
            UnreachableError: Coolify cannot take it now; nothing was queued.
            RefusedError: Coolify said no; nothing was queued.
        """

    def deployment(self, uuid: str) -> Deployment | None:
        """Return a deployment; None when Coolify does not know the id."""

    def recent(self, app_uuid: str) -> tuple[Deployment, ...]:
        """Return an application's last deployments, newest first."""

    def active(self) -> tuple[Deployment, ...]:
        """Return what is queued or in progress on any server of the team, newest first."""

    def value(self, uuid: str, key: str) -> Secret | None:
        """Return what an application's next deployment is handed in a variable; None where there is none.

        Raises:
            RefusedError: the token may not read it, or nobody may.
        """

    def change_value(self, uuid: str, key: str, value: Secret) -> None:
        """Set what an application's next deployment is handed in a variable, its flags as they are, and read it back.

        Raises:
            RefusedError: there is no such variable, or Coolify does not keep it.
        """


class Service(Protocol):
    """The released service, asked over fresh connections through its public URL."""

    def ready(self) -> Readiness:
        """Return what the ready probe says; status 0 when nothing answers."""

    def workers(self) -> tuple[WorkerBeat, ...]:
        """Return the workers' last heartbeats."""

    def start_canary(self) -> str:
        """Queue the canary job and return its id."""

    def job(self, job_id: str) -> JobState:
        """Return a job."""


class Usage(Protocol):
    """Which secrets the released service uses, as it says itself."""

    def secrets(self) -> SecretsSeen:
        """Return which secrets one of its processes and the workers use, by fingerprints.

        Raises:
            RefusedError: it does not say, or not to us.
        """


class Tokens(Protocol):
    """The service's API tokens, as its operator sees them."""

    def issue(self, user: str, name: str, *, days: int, scopes: str) -> Secret:
        """Return a new token; empty scopes are the service's default."""

    def lines(self, user: str) -> tuple[TokenLine, ...]:
        """Return one person's tokens, or everybody's for an empty name, newest first."""

    def revoke(self, user: str, name: str) -> int:
        """Revoke a person's tokens of one name, and return how many were valid until now."""


class Safe(Protocol):
    """What is kept of secrets on the machine that rotates them: a rotation's own, and the operator's values."""

    def pair(self, release_id: str) -> Pair | None:
        """Return what was kept for a rotation; None when nothing was."""

    def keep(self, release_id: str, pair: Pair) -> None:
        """Keep a rotation's old and new value, durably, for nobody else to read."""

    def forget(self, release_id: str) -> None:
        """Keep them no more."""

    def own(self, variable: str) -> Secret | None:
        """Return one of the operator's own values as it is kept; None where it is not."""

    def change_own(self, variable: str, value: Secret) -> None:
        """Replace one of the operator's own values where it is kept."""


class Issuers(Protocol):
    """Who makes secrets, and who takes or refuses them; `name` says which secret is meant."""

    def makes(self, name: str) -> bool:
        """Return whether a new value is made without a person."""

    def problems(self, name: str, old: Secret) -> tuple[str, ...]:
        """Return why a secret cannot be rotated as it is now, a sentence each."""

    def draft(self, name: str, old: Secret) -> Secret | None:
        """Return a new value, which nobody knows of yet; None where only its issuer makes one."""

    def admit(self, name: str, pair: Pair, tag: str) -> Secret:
        """Let the new value be taken beside the old one, and return it; the same again is harmless.

        Args:
            name: which secret.
            pair: old and new.
            tag: what the issuer calls a value that it makes: a second try replaces what the first one left.
        """

    def accepts(self, name: str, value: Secret) -> bool:
        """Return whether a value is taken now."""

    def hand_over(self, name: str, pair: Pair) -> None:
        """Have who shows the secret to us show the new one; the same again is harmless."""

    def hand_back(self, name: str, pair: Pair) -> None:
        """Have them show the old one again."""

    def users(self, name: str, value: Secret) -> int:
        """Return how many sessions there are which a value has opened, as far as they can be told apart."""

    def retire(self, name: str, pair: Pair) -> None:
        """Let the old value be taken no more, and end the sessions that it has opened; the same again is harmless."""

    def withdraw(self, name: str, pair: Pair, tag: str) -> None:
        """Let the new value be taken no more; the same again is harmless."""


class Jobs(Protocol):
    """The service's job queue, as its operator sees it."""

    def facts(self) -> QueueFacts:
        """Return what the queue holds."""

    def newer_than(self, at: datetime) -> int | None:
        """Return how many open jobs have a newer form than every job before a time; None when there is none to tell."""

    def outcomes(self, seconds: float) -> Outcomes:
        """Return what became of the jobs that ended within the last so many seconds, on the queue's own clock."""

    def find(self, job_id: UUID) -> QueuedJob | None:
        """Return a job with its log; None when there is none."""

    def dead(self, limit: int) -> tuple[QueuedJob, ...]:
        """Return the jobs that were given up last, newest first, without their logs."""

    def retry(self, job_id: UUID) -> bool:
        """Queue a dead job again; return whether it was dead."""

    def cancel(self, job_id: UUID) -> bool:
        """Cancel a job that is not over; return whether there was one."""


class BotApi(Protocol):
    """Telegram's Bot API, for one bot."""

    def me(self) -> BotSeen:
        """Return who the token belongs to."""

    def webhook(self) -> WebhookSeen:
        """Return the webhook as it is."""

    def set_webhook(self, wish: WebhookWish) -> None:
        """Set the whole webhook; the same again is harmless."""


class WebhookDoor(Protocol):
    """The service's webhook, asked as Telegram would."""

    def deliver(self, secret: str | None) -> int:
        """Deliver a test update, which the service does not keep, and return the status."""


class Database(Protocol):
    """The environment's database."""

    def server_version(self) -> int:
        """Return the server's major version."""

    def dump_tool_version(self) -> int | None:
        """Return the major version of the pg_dump that backups would use; None when there is none."""

    def revision(self) -> str | None:
        """Return Alembic's revision; None for a database without one."""

    def size_bytes(self) -> int:
        """Return the size on disk."""

    def scratch_is_apart(self) -> bool:
        """Return whether the scratch server is another one than the database's; one that does not answer is."""

    def password_ends(self) -> datetime | None:
        """Return when the server stops to take the password of our role; None for never."""

    def restore(self, backup: Backup, scratch_name: str) -> Mapping[str, int]:
        """Restore a dump into a new scratch database and return the rows per table found there.

        What is restored is held against the manifest: rows and their values, sequences, extensions, roles, revision.
        The scratch database is dropped by `drop_scratch`, also when this fails half-way.

        Raises:
            RefusedError: the dump cannot be restored, or to something else than was dumped.
        """

    def drop_scratch(self, scratch_name: str) -> None:
        """Drop a scratch database; only a name that carries our mark is accepted."""


class Catalog(Protocol):
    """What the environment's database says of its own schema. Reads only, and gives up soon."""

    def census(self, relations: Collection[str], places: Collection[Place]) -> Census:
        """Return how big some tables are, and how many values are at some places; what is not there is left out."""

    def standing(self) -> Standing:
        """Return how the schema stands: its versions, what is half done, and who would be in the way."""


class Backups(Protocol):
    """The backup script."""

    def take(self, name: str) -> Backup:
        """Write a dump and its manifest, and return what the manifest says."""

    def find(self, name: str) -> Backup | None:
        """Return a backup that was taken under this name; None when there is none."""

    def names(self) -> tuple[str, ...]:
        """Return the names of all backups, oldest first."""

    def verify(self, name: str) -> tuple[str, ...]:
        """Return all that is wrong with a backup, as far as it can be seen without a server; nothing for a good one."""

    def newest(self) -> Backup | None:
        """Return the backup that was taken last; None when there is none."""

    def digest(self, backup: Backup) -> str:
        """Return the dump's sha256, read from its files."""

    def free_bytes(self) -> int:
        """Return the free space where backups are written."""


class Restores(Protocol):
    """The databases of an environment's server: new ones filled from backups, and which of them is served."""

    def databases(self) -> tuple[DatabaseSeen, ...]:
        """Return the server's databases by name, with what they say of themselves."""

    def obstacles(self, restoring: Restoring) -> tuple[str, ...]:
        """Return all that stands against a restore or a switch, as far as it can be seen before it, a sentence each."""

    def restore(self, restoring: Restoring, release_id: str) -> None:
        """Fill a new database from a backup; it has its name only once it holds what the manifest says.

        Raises:
            RefusedError: the name is taken, the backup cannot be used, or something else came of it.
            UnreachableError: the server or the other place does not answer.
        """

    def bring_up(self, release_id: str, checkout: Checkout, revision: str) -> None:
        """Migrate a restored database that is not served yet.

        Raises:
            RefusedError: a migration failed.
        """

    def revision(self, release_id: str) -> str | None:
        """Return the schema's revision in the database that a release has restored; None where there is none."""

    def drop(self, release_id: str) -> None:
        """Drop what a restore has half made; what is whole, or not a restore's, is left alone."""

    def switch(self, restoring: Restoring, release_id: str) -> None:
        """Give a database the name that is served, and the one that has it another name: both at once, or neither.

        Raises:
            RefusedError: there is no such database, or somebody cannot be made to leave it.
        """

    def switch_back(self, restoring: Restoring, release_id: str) -> None:
        """Undo a switch of a release: both at once, or neither; where there was none nothing is done."""


class Shelf(Backups, Protocol):
    """Backups on this machine, which can be removed."""

    def remove(self, name: str) -> None:
        """Remove a backup; what is left of it after a failure does not look like one."""

    def clear(self) -> tuple[str, ...]:
        """Remove what a removal that was killed has left, and return its names."""


class Vault(Protocol):
    """The other place for backups: encrypted copies, each of them whole or not there."""

    def push(self, backup: Backup) -> Copy:
        """Store an encrypted copy, and return it once it is whole there; one that is there already is not sent again.

        Raises:
            RefusedError: the place refuses it, or it cannot be encrypted.
            UnreachableError: the place does not answer; nothing that looks like a copy is left.
        """

    def copies(self) -> tuple[Copy, ...]:
        """Return every whole copy, oldest first.

        Raises:
            UnreachableError: the place does not answer.
        """

    def broken(self) -> tuple[tuple[str, str], ...]:
        """Return what was meant to be a copy and is none: where it is, and why.

        Raises:
            UnreachableError: the place does not answer.
        """

    def verify(self, copy: Copy) -> tuple[str, ...]:
        """Return all that is wrong with a copy that can be seen without a key; nothing for a good one.

        Raises:
            UnreachableError: the place does not answer.
        """

    def fetch(self, copy: Copy, folder: Path) -> Path:
        """Decrypt a copy into a folder, and return the backup's folder in it, which is whole or not there.

        Raises:
            RefusedError: it is not what was stored, or no key fits.
            UnreachableError: the place does not answer.
        """

    def remove(self, copy: Copy) -> None:
        """Remove a copy; what is left of it after a failure does not look like one."""


class Migrations(Protocol):
    """The target's migrations, run from its own checkout with its own environment."""

    def history(self, checkout: Checkout) -> History:
        """Return the revisions of a checkout."""

    def chain(self, checkout: Checkout) -> Chain:
        """Return the revisions of a checkout with what each sends: run on a scratch database where one can be had.

        Raises:
            RefusedError: they cannot be read.
        """

    def squawk(self, scripts: Sequence[str]) -> tuple[tuple[Said, ...], ...]:
        """Return what squawk says of each revision's SQL."""

    def upgrade(self, checkout: Checkout, revision: str) -> None:
        """Go to a revision.

        Raises:
            RefusedError: a migration failed; its own transaction was rolled back.
            LockTimeoutError: it waited too long for a lock; nothing of this revision was applied.
        """

    def downgrade(self, checkout: Checkout, revision: str | None) -> None:
        """Go back to a revision; None is the empty schema.

        Raises:
            RefusedError: a downgrade failed; its own transaction was rolled back.
            LockTimeoutError: it waited too long for a lock; nothing of this revision was taken back.
        """


class Trials(Protocol):
    """Where migrations are tried before they run on the real thing: a copy of its data on the scratch server."""

    def hold(self, wish: TrialWish) -> Trial:
        """Restore the copy, migrate it while others read and write, take it back, let the earlier release live on it.

        The copy is dropped at the end, also when this fails half-way. What fails on the copy is in the trial.

        Raises:
            RefusedError: there can be no trial, and so no word on what would happen.
        """

    def clear(self, scratch: str) -> None:
        """Drop what a trial of this name may have left; only a name that carries our mark is accepted."""


class Elders(Protocol):
    """Earlier releases, started beside a database."""

    def outlive(
        self, elder: Checkout, database: Secret, *, migrate: Callable[[], None], pending: Sequence[str] = ()
    ) -> Outlived:
        """Return whether a release that works on a database still does after the database was migrated under it.

        Args:
            elder: the earlier release.
            database: a copy of its own, at the schema that it brought; it is written to.
            migrate: brings the copy to the newer schema while the elder runs.
            pending: the revisions that it applies, oldest first; exceptions are about one of them.
        """


class Revival(Protocol):
    """A release's API, started beside a restored copy, with nothing of it that can reach out."""

    def read(self, release: Checkout, database: Secret) -> Suite | None:
        """Return what the reading part of a release's own suite says; None where it has none, and it was ready.

        Raises:
            GonogoError: the API does not come up, or is not ready.
        """


class Requirements(Protocol):
    """What a release says of its own settings."""

    def of(self, checkout: Checkout) -> Declared | None:
        """Return which variables a checkout's services need; None when the project names no command that tells."""


class Smoke(Protocol):
    """The release's own smoke suite."""

    def run(self, checkout: Checkout) -> Suite:
        """Run it against the environment."""


class Ledger(Protocol):
    """Where entries are kept, and the lock per environment, on the ledger's own clock."""

    def append(self, entry: Entry, *, lease: Lease | None = None, after: int | None = None) -> Entry:
        """Store an entry durably and return it with its position.

        Args:
            entry: what happened.
            lease: stored only while this holds the lock; in the same transaction.
            after: stored only if this is the position of the release's last entry, 0 for none.

        Raises:
            LockLostError: somebody else holds the lock, or has written on; nothing was stored.
        """

    def read(self, release_id: str) -> tuple[Entry, ...]:
        """Return a release's entries, oldest first."""

    def releases(self, environment: str) -> tuple[str, ...]:
        """Return the ids of an environment's releases, newest first."""

    def acquire(self, environment: str, holder: Holder, *, lasts_s: float | None = None) -> Lease | Holder:
        """Take the lock; return our lease, or who holds it instead.

        A process's lease is kept alive from now on for as long as the process lives, and ends soon after it. A person's
        hold lasts `lasts_s`, or until it is given back.
        """

    def check(self, lease: Lease) -> None:
        """Make sure that a lease still holds the lock, and renew it.

        Raises:
            LockLostError: somebody else holds the lock, or it was broken.
        """

    def release(self, lease: Lease) -> None:
        """Give the lock back; somebody else's is left alone."""

    def holder(self, environment: str) -> Holder | None:
        """Return who holds the lock; None when nobody does, or no longer."""


class EvidenceLog(Protocol):
    """The append-only log that people read (comms/log.md)."""

    def append(self, line: str) -> None:
        """Add one line durably."""

    def contains(self, text: str) -> bool:
        """Return whether a line with this text is there."""


class Traffic(Protocol):
    """The requests that ran during the release, where there are any."""

    @property
    def is_expected(self) -> bool:
        """Return whether requests are sent; none seen then means that the sender has died."""

    def requests(self) -> tuple[Request, ...]:
        """Return every request so far, oldest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Everything outside that a release touches.

    Attributes:
        observe: told each entry after it is stored, for a live view.
        operator: who runs this, user@host.
    """

    clock: Clock
    git: Git
    checkouts: Checkouts
    platform: Platform
    service: Service
    database: Database
    catalog: Catalog
    backups: Backups
    restores: Restores
    migrations: Migrations
    trials: Trials
    requirements: Requirements
    jobs: Jobs
    usage: Usage
    safe: Safe
    issuers: Issuers
    smoke: Smoke
    ledger: Ledger
    log: EvidenceLog
    traffic: Traffic
    observe: Callable[[Entry], None]
    operator: str
    host: str
    pid: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What a step is handed.

    Attributes:
        notes: what every step wrote down so far, by step name; this step's own under its name.
        note: write ids down durably, while the step still runs.
    """

    world: World
    config: Config
    plan: Plan
    notes: Mapping[str, Mapping[str, Any]]
    note: Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a step observed.

    Attributes:
        evidence: what was seen, `name: value` in words.
        findings: anything that a person should weigh; a BLOCK fails the step.
    """

    evidence: Mapping[str, str]
    findings: Sequence[Finding] = ()


class StepKind(StrEnum):
    """What a step does to the world, and so what its failure means.

    GATE looks: a failure is a no-go. CHANGE changes: a failure is undone. PROOF looks at what was changed: a failure
    undoes the changes. RECORD writes evidence of a proven release: a failure needs a person and undoes nothing.
    """

    GATE = "gate"
    CHANGE = "change"
    PROOF = "proof"
    RECORD = "record"


class Step(Protocol):
    """One step of a release. The same four verbs on each."""

    @property
    def name(self) -> str:
        """Return the kebab-case name."""

    @property
    def kind(self) -> StepKind:
        """Return what the step does to the world."""

    def intent(self, plan: Plan) -> str:
        """Say what it will do."""

    def check(self, context: Context) -> bool:
        """Return whether it is already so: looked up in the world, not in the journal."""

    def apply(self, context: Context) -> None:
        """Do it. Everything needed to find the effect again is noted before and while it happens."""

    def verify(self, context: Context) -> Proof:
        """Prove it by observation.

        Raises:
            StepFailedError: it is not so.
        """

    def revert(self, context: Context) -> Proof:
        """Undo it and prove that it is undone; called for each started CHANGE, last first.

        Raises:
            NeedsPersonError: it cannot be proven undone.
        """


@runtime_checkable
class SchemaStep(Step, Protocol):
    """A step that moves the schema: code is only brought back to where it runs."""

    def is_open(self, context: Context) -> bool:
        """Return whether there is a way back; where there is none, no step is undone but this one, which says why."""


@runtime_checkable
class TidyStep(Step, Protocol):
    """A step that changes nothing that users see, but needs something for a while which its process may leave."""

    def may_leave(self, context: Context) -> bool:
        """Return whether something may be left of a try that was not done; `revert` clears it away."""


@runtime_checkable
class FinalStep(Step, Protocol):
    """A step behind which there is no way back: whatever fails from then on is gone on with, and never undone."""

    def is_past(self, context: Context) -> bool:
        """Return whether it has begun what cannot be undone."""


class Check(Protocol):
    """One pure rule of the preflight."""

    def __call__(self, config: Config, facts: Facts) -> tuple[Finding, ...]:
        """Return what is wrong, or one INFO finding that says what was seen."""


class WithSecrets(Protocol):
    """What the checks of secrets look at."""

    @property
    def secrets(self) -> SecretFacts:
        """Return what is known of the environment's secrets."""


class SecretCheck(Protocol):
    """One pure rule that needs no more than what is known of secrets."""

    def __call__(self, config: Config, facts: WithSecrets) -> tuple[Finding, ...]:
        """Return what is wrong, or one INFO finding that says what was seen."""


class SchemaCheck(Protocol):
    """One pure rule that needs no more than is known where the schema moves alone."""

    def __call__(self, config: Config, facts: SchemaFacts) -> tuple[Finding, ...]:
        """Return what is wrong, or one INFO finding that says what was seen."""
