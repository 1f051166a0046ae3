"""The queries about accounts: whose one is, which run may write, and how far it has got."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from backend.core.errors import ServiceError
from backend.db.unit_of_work import Connection

_LOCK = 7_283_410


class SupersededError(ServiceError):
    """Another run has begun; this one may not write any more."""

    slug = "todoist-superseded"
    title = "Another sync has taken over"
    status = 409


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Whose account it is.

    Attributes:
        twin_id: Their personal twin.
        timezone: Their IANA zone.
    """

    twin_id: UUID
    timezone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """How far an account has been followed.

    Attributes:
        sync_token: Where the next delta begins; None when only everything will do.
        inbox: The inbox's id over there; None while it is not known.
    """

    sync_token: str | None
    inbox: str | None


_OWNER = text(
    "SELECT twins.id AS twin_id, users.timezone FROM users JOIN twins ON twins.user_id = users.id"
    " WHERE lower(users.email) = lower(:email) AND users.revoked_at IS NULL AND twins.is_personal"
)
_HOLD = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:twin))")
_BEGIN = text(
    """
    WITH broken AS (
      UPDATE todoist_runs SET state = 'failed', finished_at = now(), error = 'interrupted; what it had not done is done'
        ' by the next one'
      WHERE twin_id = :twin_id AND state = 'running'
    ), run AS (
      INSERT INTO todoist_runs (id, twin_id, job_id, kind) VALUES (:run_id, :twin_id, :job_id, :kind)
    )
    INSERT INTO todoist_accounts (twin_id, run_id) VALUES (:twin_id, :run_id)
    ON CONFLICT (twin_id) DO UPDATE SET run_id = excluded.run_id, updated_at = now()
    """
)
_FENCED = text(
    "SELECT sync_token, inbox_project_id AS inbox FROM todoist_accounts"
    " WHERE twin_id = :twin_id AND run_id = :run_id FOR UPDATE"
)
_ADVANCE = text("UPDATE todoist_accounts SET sync_token = :token, updated_at = now() WHERE twin_id = :twin_id")
_INBOX = text("UPDATE todoist_accounts SET inbox_project_id = :inbox WHERE twin_id = :twin_id")


async def owner(connection: Connection, email: str) -> Owner | None:
    """Return whose account it is, None when nobody of that address is known here.

    Args:
        connection: An open connection.
        email: What the settings say.
    """
    row = (await connection.execute(_OWNER, {"email": email})).mappings().one_or_none()
    return None if row is None else Owner(**row)


async def hold(connection: Connection, twin_id: UUID) -> None:
    """Wait until no other run of the twin is under way; hold that until the transaction ends.

    It locks no row and takes no snapshot. It keeps runs from getting into each other's way; that nothing happens twice
    rests on `fenced`, not on this.

    Args:
        connection: The job's transaction.
        twin_id: Whose runs.
    """
    await connection.execute(_HOLD, {"lock": _LOCK, "twin": str(twin_id)})


async def begin(connection: Connection, twin_id: UUID, *, run_id: UUID, job_id: UUID | None, kind: str) -> None:
    """Write a run down, and make it the only one that may write.

    Args:
        connection: A transaction.
        twin_id: Whose it is.
        run_id: The run.
        job_id: The job that it is of.
        kind: sync or reconcile.
    """
    values = {"twin_id": twin_id, "run_id": run_id, "job_id": job_id, "kind": kind}
    await connection.execute(_BEGIN, values)


async def fenced(connection: Connection, twin_id: UUID, *, run_id: UUID) -> Account:
    """Return how far the account is, and lock it until the transaction ends.

    Args:
        connection: A transaction.
        twin_id: Whose it is.
        run_id: The run that wants to write.

    Raises:
        SupersededError: Another run has begun meanwhile.
    """
    row = (await connection.execute(_FENCED, {"twin_id": twin_id, "run_id": run_id})).mappings().one_or_none()
    if row is None:
        msg = "Another sync of the same account has begun meanwhile; it does what this one had left to do."
        raise SupersededError(msg)
    return Account(**row)


async def advance(connection: Connection, twin_id: UUID, *, token: str | None) -> None:
    """Move the account on, in the transaction that applies what came with the token.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose it is.
        token: Where the next delta begins; None makes the next one read everything.
    """
    await connection.execute(_ADVANCE, {"twin_id": twin_id, "token": token})


async def set_inbox(connection: Connection, twin_id: UUID, *, inbox: str) -> None:
    """Keep which project over there is the inbox.

    Args:
        connection: A transaction that has locked the account.
        twin_id: Whose it is.
        inbox: Its id.
    """
    await connection.execute(_INBOX, {"twin_id": twin_id, "inbox": inbox})
