"""What a revision does, read from what it sends: in words, with its locks and with what is lost either way."""

from datetime import date

import pytest

from gonogo import deeds, lint
from gonogo.model import Chain, Deeds, LockMode, Manner, Migration, Place, Statement
from tests.lint.samples import BEFORE

AX, SRX, S, SUX, RX, X = (
    LockMode.ACCESS_EXCLUSIVE,
    LockMode.SHARE_ROW_EXCLUSIVE,
    LockMode.SHARE,
    LockMode.SHARE_UPDATE_EXCLUSIVE,
    LockMode.ROW_EXCLUSIVE,
    LockMode.EXCLUSIVE,
)
DOWN = "\n\ndef downgrade() -> None:\n{}\n"


def done(*statements: str, down: str = "    op.execute('SELECT 1')", before: str = "") -> Deeds:
    """Return what a revision does behind one that made some tables."""
    sent = tuple(Statement(sql=each, line=7, transaction=None if "CONCURRENTLY" in each else 0) for each in statements)
    first = Migration(id="r1", path="r1.py", source="", statements=(Statement(sql=BEFORE),), manner=Manner.CAPTURED)
    second = Migration(
        id="r2",
        path="r2.py",
        source=before + DOWN.format(down),
        statements=sent,
        manner=Manner.CAPTURED,
        parents=("r1",),
    )
    (subject,) = lint.subjects(Chain(migrations=(first, second), heads=("r2",)), today=date.min, wanted=["r2"])
    return deeds.of(subject)


@pytest.mark.parametrize(
    ("sql", "words", "locks"),
    [
        (
            "ALTER TABLE users ADD COLUMN zone text",
            "adds column users.zone (text, may be NULL)",
            {"users": AX},
        ),
        (
            "ALTER TABLE users ADD COLUMN n int NOT NULL DEFAULT 0",
            "adds column users.n (int, may not be NULL, default 0)",
            {"users": AX},
        ),
        ("CREATE INDEX ix ON users (age)", "creates index ix on users (age) (plain: writers wait)", {"users": S}),
        (
            "CREATE UNIQUE INDEX CONCURRENTLY ix ON users (age)",
            "creates unique index ix on users (age) (concurrently: nobody waits)",
            {"users": SUX},
        ),
        ("DROP INDEX ix_orders_at", "drops index ix_orders_at (plain: everybody waits, briefly)", {"orders": AX}),
        (
            "DROP INDEX CONCURRENTLY ix_orders_at",
            "drops index ix_orders_at (concurrently: nobody waits)",
            {"orders": SUX},
        ),
        (
            "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID",
            "adds foreign key fk on orders (user_id) to users, not validated",
            {"orders": SRX, "users": SRX},
        ),
        (
            "ALTER TABLE users ADD CONSTRAINT grown CHECK (age > 17)",
            "adds check grown on users: age > 17",
            {"users": AX},
        ),
        ("ALTER TABLE users VALIDATE CONSTRAINT c", "validates constraint c of users", {"users": SUX}),
        ("ALTER TABLE users ALTER COLUMN age SET NOT NULL", "lets users.age be NULL no longer", {"users": AX}),
        ("ALTER TABLE users ALTER COLUMN age SET STATISTICS 500", "sets an option of users.age", {"users": SUX}),
        ("ALTER TABLE users ALTER COLUMN name SET STORAGE EXTERNAL", "sets an option of users.name", {"users": AX}),
        ("ALTER TABLE users SET (fillfactor = 70)", "sets an option of users: (fillfactor = 70)", {"users": SUX}),
        ("ALTER TABLE users ALTER COLUMN age TYPE bigint", "changes the type of users.age to bigint", {"users": AX}),
        ("ALTER TABLE users DROP COLUMN age", "drops column users.age", {"users": AX}),
        ("ALTER TABLE users RENAME COLUMN age TO years", "renames column users.age to years", {"users": AX}),
        ("DROP TABLE users", "drops table users", {"users": AX}),
        ("TRUNCATE users", "empties table users", {"users": AX}),
        ("UPDATE users SET age = 0", "rewrites rows of users (every row)", {"users": RX}),
        ("DELETE FROM users WHERE age < 0", "deletes rows of users where age < 0", {"users": RX}),
        ("ALTER TYPE plan ADD VALUE 'team'", "adds value 'team' to type plan, for good", {}),
        (
            "CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()",
            "creates trigger t on users",
            {"users": SRX},
        ),
        ("DROP TRIGGER t ON users", "drops trigger or rule t of users", {"users": AX}),
        ("ALTER TABLE users DISABLE TRIGGER t", "switches trigger t of users off", {"users": SRX}),
        ("CREATE POLICY p ON users USING (true)", "creates policy p on users", {"users": AX}),
        ("ALTER TABLE users ENABLE ROW LEVEL SECURITY", "switches row security of users on", {"users": AX}),
        ("LOCK TABLE users IN SHARE MODE", "locks table users (share)", {"users": S}),
        ("REFRESH MATERIALIZED VIEW sums", "fills materialized view sums anew", {"sums": AX}),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY sums", "fills materialized view sums anew", {"sums": X}),
        (
            "CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
            "creates table events_2027, a partition of events",
            {"events": AX},
        ),
        (
            "ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
            "makes events_2025 a partition of events",
            {"events": SUX, "events_2025": AX},
        ),
        (
            "ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY",
            "takes partition events_2026 off events",
            {"events": SUX, "events_2026": SUX},
        ),
        (
            "CREATE TABLE carts (id bigint, user_id bigint REFERENCES users (id))",
            "creates table carts (2 columns: id, user_id), refers to users",
            {"users": SRX},
        ),
        ("ALTER TABLE users REPLICA IDENTITY FULL", "sets an option of users: identity full", {"users": AX}),
        ("REINDEX TABLE users", "builds the indexes of users anew", {"users": S}),
        ("VACUUM FULL users", "vacuums users", {"users": AX}),
        ("CLUSTER users", "sorts users on disk", {"users": AX}),
        ("GRANT SELECT ON users TO app", "grants select on users to app", {}),
        ("ALTER TABLE users OWNER TO app", "gives users to app", {"users": AX}),
    ],
)
def test_each_operation_has_its_words_and_its_locks(sql: str, words: str, locks: dict[str, LockMode]) -> None:
    """By PostgreSQL's documentation, on both tables where there are two."""
    found = done(sql)
    assert found.words == (words,)
    assert {lock.relation: lock.mode for lock in found.locks} == {
        f"public.{name}": mode for name, mode in locks.items()
    }


def test_what_is_not_understood_is_shown_and_not_guessed() -> None:
    """With the words that were sent."""
    found = done("DO $$ BEGIN PERFORM pg_sleep(0); END $$", "ALTER TYPE plan OWNER TO app")
    assert (found.words, found.looks) == ((), "")
    assert found.unread == ("DO $$ BEGIN PERFORM pg_sleep(0); END $$", "ALTER TYPE plan OWNER TO app")


def test_a_brief_lock_does_not_hide_a_long_one() -> None:
    """Whoever writes waits for the index, whatever else was locked for a moment."""
    found = done("CREATE INDEX ix ON users (age)", "ALTER TABLE users ADD COLUMN zone text")
    assert [(lock.mode, lock.is_long) for lock in found.locks] == [(AX, False), (S, True)]


def test_what_it_makes_itself_is_not_locked_against_anybody() -> None:
    """Nobody knows it yet."""
    assert done("CREATE TABLE carts (id bigint)", "CREATE INDEX ix ON carts (id)").locks == ()


@pytest.mark.parametrize(
    ("sql", "down", "takes", "gives_back"),
    [
        ("ALTER TABLE users ADD COLUMN zone text", "    op.drop_column('users', 'zone')", [], ["users.zone"]),
        ("ALTER TABLE users ADD COLUMN zone text", "    pass", [], []),
        ("ALTER TABLE users ADD COLUMN zone text", "    raise NotImplementedError", [], []),
        ("CREATE TABLE carts (id bigint)", "    op.drop_table('carts')", [], ["carts"]),
        ("ALTER TABLE users DROP COLUMN age", "    op.execute('SELECT 1')", ["users.age"], []),
        ("DROP TABLE lines", "    op.execute('SELECT 1')", ["lines"], []),
        ("SELECT 1", "    op.execute('DROP TABLE IF EXISTS lines')", [], ["lines"]),
        ("SELECT 1", "    op.execute('DELETE FROM orders WHERE total > 1')", [], ["orders"]),
        ('ALTER TABLE "Users" ADD COLUMN "Zone" text', "    op.drop_column('Users', 'Zone')", [], ["Users.Zone"]),
    ],
)
def test_what_either_direction_takes_away_is_named(
    sql: str, down: str, takes: list[str], gives_back: list[str]
) -> None:
    """From the SQL, from the downgrade's calls, and from what the upgrade made."""
    found = done(sql, down=down)
    assert ([each.name for each in found.takes], [each.name for each in found.gives_back]) == (takes, gives_back)


def test_a_schema_that_is_handed_over_is_where_the_downgrade_drops() -> None:
    """Else the values of another table would be counted."""
    found = done("SELECT 1", down="    op.drop_column('users', 'age', schema='shop')")
    assert found.gives_back == (Place(relation="shop.users", column="age"),)


@pytest.mark.parametrize(
    ("down", "said"),
    [
        ("for name in names:\n        op.drop_column('users', name)", "line 5: op.drop_column"),
        ("with op.batch_alter_table('users') as users:\n        users.drop_column('age')", "line 5: users.drop_column"),
        ("op.drop_table(TABLE)", "line 4: op.drop_table"),
        ("op.execute(f'DROP TABLE {TABLE}')", "line 4: op.execute"),
        ("op.execute(users.delete())", "line 4: op.execute"),
        ("op.execute('DROP SCHEMA shop CASCADE')", "line 4: DROP SCHEMA shop CASCADE"),
        ("op.execute('UPDATE users SET age = 0')", "line 4: UPDATE users SET age = 0"),
        ("op.execute(\"DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'users'; END $$\")", "line 4: DO $$"),
        ("op.execute(sa.text('DROP TABLE users'))", ""),
        ("op.execute('DROP INDEX users_age')", ""),
        ("op.execute('SELECT 1')", ""),
        ("op.drop_index('users_age')", ""),
    ],
)
def test_what_a_downgrade_takes_away_in_the_dark_is_shown(down: str, said: str) -> None:
    """Nobody may call it safe for want of words."""
    found = done("SELECT 1", down=f"    {down}")
    assert "; ".join(found.unread_back).startswith(said)
    assert bool(found.unread_back) is bool(said)


@pytest.mark.parametrize(
    ("sql", "looks", "lasting"),
    [
        ("ALTER TABLE users ADD COLUMN zone text", "expand", ""),
        ("ALTER TABLE users ADD COLUMN zone text NOT NULL", "contract", ""),
        ("ALTER TABLE users DROP COLUMN age", "contract", ""),
        ("ALTER TABLE users ALTER COLUMN age SET NOT NULL", "contract", ""),
        ("ALTER TABLE users RENAME COLUMN age TO years", "contract", ""),
        ("ALTER TABLE orders ALTER COLUMN note TYPE varchar(10)", "contract", "values of orders.note are cut"),
        ("UPDATE users SET age = 0", "data", "rows of users are rewritten"),
        ("ALTER TYPE plan ADD VALUE 'team'", "expand", "value 'team' stays in type plan"),
    ],
)
def test_its_kind_is_told_by_what_it_does(sql: str, looks: str, lasting: str) -> None:
    """And what stays whatever the downgrade does."""
    found = done(sql)
    assert found.looks == looks
    assert lasting in "; ".join(found.lasting)
    assert bool(found.lasting) == bool(lasting)


def test_what_it_makes_can_be_looked_for() -> None:
    """What may be there already is left out."""
    found = done(
        "CREATE TABLE carts (id bigint)",
        "ALTER TABLE users ADD COLUMN zone text",
        "CREATE INDEX ix ON users (age)",
        "CREATE TABLE IF NOT EXISTS kept (id bigint)",
    )
    assert found.made == ("table public.carts", "column public.users.zone", "index public.ix")
    assert Place(relation="public.users", column="zone").name == "users.zone"


def test_a_type_that_only_grows_locks_for_a_moment() -> None:
    """PostgreSQL reads no row for a longer varchar, and every row for another type."""
    longer = done("ALTER TABLE orders ALTER COLUMN note TYPE varchar(300)")
    other = done("ALTER TABLE users ALTER COLUMN age TYPE bigint")
    assert [[lock.is_long for lock in each.locks] for each in (longer, other)] == [[False], [True]]
