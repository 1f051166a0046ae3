"""What goes through the door to a database is noted, and reaches it as it is."""

from collections.abc import Iterator

import psycopg
import pytest

from gonogo.adapters import schemas
from gonogo.local import wire
from gonogo.local.wiretap import Wiretap
from gonogo.model.schemas import Refused, Sent


@pytest.fixture
def tap(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiretap]:
    """Return a door to an empty database."""
    # Sockets want short paths.
    tap = Wiretap(database, tmp_path_factory.mktemp("t"))
    yield tap
    tap.close()


def test_statement_is_noted_with_its_values(tap: Wiretap) -> None:
    """And answered as ever."""
    with psycopg.connect(tap.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE items (id int, name text)")
        row = connection.execute("INSERT INTO items VALUES (%s, %s) RETURNING name", (1, "lamp")).fetchone()

    assert row == ("lamp",)
    sent = next(each for each in tap.record.sent if each.sql.startswith("INSERT"))
    assert sent.sql == "INSERT INTO items VALUES ($1, $2) RETURNING name"
    assert sent.values is not None
    assert sent.values[1] == b"lamp"
    assert len(sent.types) == len(sent.formats) == 2


def test_refusal_is_noted_with_its_statement(tap: Wiretap) -> None:
    """As the server words it."""
    with psycopg.connect(tap.url, autocommit=True) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM nowhere WHERE id = %s", (1,))

    (refused,) = tap.record.refused
    assert refused == Refused(
        code="42P01", message='relation "nowhere" does not exist', sql="SELECT * FROM nowhere WHERE id = $1"
    )


def test_poller_does_not_fill_the_record(tap: Wiretap) -> None:
    """A few runs of each statement are kept."""
    with psycopg.connect(tap.url, autocommit=True) as connection:
        for number in range(50):
            connection.execute("SELECT %s::int", (number,))

    assert 0 < sum(each.sql == "SELECT $1::int" for each in tap.record.sent) < 10


def test_program_that_hangs_up_leaves_no_session(tap: Wiretap, database: str) -> None:
    """The server's side is closed, too, so that a copy can be dropped."""
    psycopg.connect(tap.url).close()

    with psycopg.connect(database, autocommit=True) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while connection.execute(others + " AND backend_type = 'client backend'").fetchone() != (0,):
            connection.execute("SELECT pg_sleep(0.02)")


def test_what_was_noted_can_be_asked_again(tap: Wiretap, database: str) -> None:
    """On the newer schema it is refused, with the reason."""
    with psycopg.connect(tap.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE items (id int, name text)")
        connection.execute("INSERT INTO items VALUES (%s, %s)", (1, "lamp"))
    sent = [each for each in tap.record.sent if each.sql.startswith("INSERT")]

    (before,) = schemas.answers(database, sent)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE items ADD CONSTRAINT no_lamps CHECK (name <> 'lamp') NOT VALID")
    (after,) = schemas.answers(database, sent)

    assert before is not None
    assert (before.code, before.ran) == ("", True)
    assert after is not None
    assert (after.code, after.rule) == ("23514", "no_lamps")


def test_messages_are_told_apart_however_they_are_cut() -> None:
    """A byte at a time."""
    noted: list[Sent] = []
    listener = wire.Listener(noted.append, lambda _: None)
    body = b"SELECT 1\0"
    for byte in b"Q" + (len(body) + 4).to_bytes(4, "big") + body:
        listener.client(bytes([byte]))

    assert [each.sql for each in noted] == ["SELECT 1"]
