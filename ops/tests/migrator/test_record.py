"""What ran, when, how long and by whom, in the transaction that says so."""

import pytest
from alembic.util import CommandError
from psycopg import sql
from sqlalchemy.exc import DBAPIError

from gonogo_migrator import MigratorError
from tests.contracts import databases
from tests.migrator.projects import BLOCK, Project

ADD = 'op.execute("ALTER TABLE things ADD COLUMN size int")'
BACK = 'op.execute("ALTER TABLE things DROP COLUMN size")'
ROWS = (
    "SELECT array_agg(revision || ' ' || direction || ' ' || attempts || ' ' || by ORDER BY id) FROM gonogo_migrations"
)


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_up_and_down_are_written(project: Project, driver: str) -> None:
    """A row for each revision that was applied or taken back, and its time."""
    project.driver = driver
    project.add(ADD, down=BACK)
    project.add(f'{BLOCK}op.execute("CREATE INDEX CONCURRENTLY things_id ON things (id)")', down="time.sleep(0.1)")

    project.upgrade(by="anna's laptop")
    project.downgrade("-1", by="ci")

    assert project.one(ROWS) == ["r1 up 1 anna's laptop", "r2 up 1 anna's laptop", "r2 down 1 ci"]
    assert project.one("SELECT bool_and(finished_at > started_at) FROM gonogo_migrations") is True
    assert (
        project.one("SELECT finished_at - started_at > '0.1 s' FROM gonogo_migrations WHERE direction = 'down'") is True
    )


def test_what_fails_is_not_written(project: Project) -> None:
    """It is rolled back with the rest."""
    project.add(f'{ADD}\n    op.execute("SELECT 1 / 0")')

    with pytest.raises(DBAPIError):
        project.upgrade()

    assert project.one("SELECT count(*) FROM gonogo_migrations") == 0


def test_what_is_half_applied_has_no_end(project: Project) -> None:
    """A revision that committed a part of itself and failed."""
    project.add(f"{BLOCK}{ADD}\n    op.execute('SELECT 1 / 0')")

    with pytest.raises(DBAPIError):
        project.upgrade()

    assert project.one("SELECT array_agg(revision) FROM gonogo_migrations WHERE finished_at IS NULL") == ["r1"]


def test_models_need_not_know_of_it(project: Project) -> None:
    """Autogenerate would drop it."""
    project.add('op.execute("DROP TABLE things")')
    project.upgrade()

    project.check()

    project.do("CREATE TABLE unknown ()")
    with pytest.raises(CommandError, match="unknown"):
        project.check()


def test_it_can_be_left_out(project: Project) -> None:
    """Where the table is not wanted."""
    project.add(ADD)

    project.upgrade(record=False)

    assert (project.version, project.one("SELECT to_regclass('gonogo_migrations')")) == ("r1", None)


def test_a_role_that_may_not_write_it_migrates_all_the_same(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    """With a note."""
    project.add("pass")
    project.upgrade()
    project.add("pass")
    with databases.created_role() as role:
        name = sql.Identifier(role)
        databases.run(
            project.url,
            sql.SQL("ALTER ROLE {} NOSUPERUSER").format(name),
            sql.SQL("GRANT ALL ON alembic_version TO {}").format(name),
        )
        plain, project.url = project.url, databases.as_role(project.url, role)
        project.upgrade()
        project.url = plain
        databases.run(project.url, sql.SQL("DROP OWNED BY {}").format(name))

    assert (project.version, project.one("SELECT count(*) FROM gonogo_migrations")) == ("r2", 1)
    assert "gonogo_migrations is not written: this role may not write it" in caplog.text


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_a_commit_inside_a_revision_is_stopped_before_it_loses_the_version(project: Project, driver: str) -> None:
    """Nothing of it is kept; under a plain env.py its tables stay and its version does not."""
    project.driver = driver
    project.add(f"{ADD}\n    op.get_bind().commit()")

    with pytest.raises(MigratorError, match=r"r1 commits inside itself \(op.get_bind\(\).commit\(\)\)"):
        project.upgrade()

    assert project.version is None
    assert (
        project.one("SELECT count(*) FROM pg_attribute WHERE attrelid = 'things'::regclass AND attname = 'size'") == 0
    )


def test_a_version_that_is_not_what_ran_is_found(project: Project) -> None:
    """Whoever changed it."""
    project.add('op.execute("CREATE TABLE IF NOT EXISTS done ()")')
    project.upgrade()
    project.do(
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version_num := OLD.version_num;"
        " RETURN NEW; END $$",
        "CREATE TRIGGER lose BEFORE UPDATE ON alembic_version FOR EACH ROW EXECUTE FUNCTION lose()",
    )
    project.add("pass")

    with pytest.raises(MigratorError, match="r2 has run, but the version table says r1 and not r2") as caught:
        project.upgrade()

    assert caught.value.status == 1
