"""Release pairs: the service as it is, and the same with one more revision. Each says whether the first outlives it.

A pair is the body of the revision's `upgrade`. Before it, LEFTOVERS are there: what releases before have left behind
and the code has stopped using, so that a contract has something to take away.
"""

from dataclasses import dataclass

LEFTOVERS = """
op.execute("CREATE TYPE mood AS ENUM ('good', 'bad')")
op.execute("CREATE TABLE drafts (id bigint PRIMARY KEY, body text, feeling mood)")
op.execute("ALTER TABLE thoughts ADD COLUMN legacy_rank bigint")
op.execute("ALTER TABLE users ADD COLUMN legacy_locale text NOT NULL DEFAULT 'en'")
op.execute("ALTER TABLE tasks ADD COLUMN legacy_code varchar(10)")
op.execute("CREATE INDEX ix_tasks_legacy ON tasks (legacy_code)")
op.execute("CREATE VIEW legacy_users AS SELECT id, email FROM users")
op.execute("CREATE FUNCTION legacy_score(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1 + 1'")
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two releases.

    Attributes:
        upgrade: the body of the second one's revision.
        is_breaking: whether the first one fails on it.
    """

    name: str
    upgrade: str
    is_breaking: bool


def _sql(*statements: str) -> str:
    return "\n".join(f"op.execute({statement!r})" for statement in statements)


_BREAKING = {
    "column renamed": 'op.alter_column("thoughts", "title", new_column_name="headline")',
    "table renamed": 'op.rename_table("tasks", "todos")',
    "column dropped": 'op.drop_column("jobs", "progress")',
    "table dropped": _sql("DROP TABLE plans CASCADE"),
    "column dropped that only raw SQL writes": _sql("ALTER TABLE worker_heartbeats DROP COLUMN pid"),
    "new column that must be given": _sql(
        "ALTER TABLE thoughts ADD COLUMN mood text",
        "UPDATE thoughts SET mood = 'calm'",
        "ALTER TABLE thoughts ALTER COLUMN mood SET NOT NULL",
    ),
    "new column that must be given, at once": _sql(
        "TRUNCATE job_logs", "ALTER TABLE job_logs ADD COLUMN severity text NOT NULL"
    ),
    "column may no longer be NULL": _sql(
        "UPDATE jobs SET worker_id = '' WHERE worker_id IS NULL", "ALTER TABLE jobs ALTER COLUMN worker_id SET NOT NULL"
    ),
    "column may no longer be NULL, with a default": _sql(
        "UPDATE thoughts SET title = '' WHERE title IS NULL",
        "ALTER TABLE thoughts ALTER COLUMN title SET DEFAULT '', ALTER COLUMN title SET NOT NULL",
    ),
    "NOT NULL as a check": _sql("ALTER TABLE jobs ADD CONSTRAINT finished CHECK (finished_at IS NOT NULL) NOT VALID"),
    "narrower text": _sql("ALTER TABLE thoughts ALTER COLUMN text TYPE varchar(20) USING left(text, 20)"),
    "number becomes text": _sql(
        "ALTER TABLE jobs ALTER COLUMN attempts DROP DEFAULT",
        "ALTER TABLE jobs ALTER COLUMN attempts TYPE text USING attempts::text",
    ),
    "number becomes smaller": _sql("ALTER TABLE jobs ALTER COLUMN max_attempts TYPE smallint"),
    "JSON becomes text": _sql(
        "ALTER TABLE jobs ALTER COLUMN payload DROP DEFAULT",
        "ALTER TABLE jobs ALTER COLUMN payload TYPE text USING payload::text",
    ),
    "time loses its zone": _sql("ALTER TABLE worker_heartbeats ALTER COLUMN beat_at TYPE timestamp"),
    "list becomes JSON": _sql(
        "ALTER TABLE tasks ALTER COLUMN labels DROP DEFAULT",
        "ALTER TABLE tasks ALTER COLUMN labels TYPE jsonb USING to_jsonb(labels)",
    ),
    "default dropped": 'op.alter_column("jobs", "created_at", server_default=None)',
    "key no longer made": _sql("ALTER TABLE projects ALTER COLUMN id DROP DEFAULT"),
    "identity dropped": _sql("ALTER TABLE job_logs ALTER COLUMN id DROP IDENTITY"),
    "kind of job taken away": _sql(
        "DELETE FROM jobs WHERE kind = 'canary'",
        "ALTER TABLE jobs DROP CONSTRAINT valid_job_type",
        "ALTER TABLE jobs ADD CONSTRAINT valid_job_type CHECK (kind IN ('thought.process', 'jobs.retention', "
        "'plan.refresh', 'todoist.sync', 'todoist.reconcile', 'telegram.update', 'telegram.send'))",
    ),
    "value renamed": _sql(
        "ALTER TABLE thoughts DROP CONSTRAINT valid_thought_source",
        "ALTER TABLE thoughts ALTER COLUMN source SET DEFAULT 'rules'",
        "UPDATE thoughts SET source = 'rules' WHERE source = 'fallback'",
        "ALTER TABLE thoughts ADD CONSTRAINT valid_thought_source CHECK (source IN ('rules', 'provider'))",
    ),
    "values that are written become wrong": _sql(
        "ALTER TABLE jobs ADD CONSTRAINT urgent CHECK (priority > 1000000) NOT VALID"
    ),
    "new rule that two rows break": _sql(
        "DELETE FROM job_logs", "CREATE UNIQUE INDEX uq_job_logs_job ON job_logs (job_id)"
    ),
    "what decides a conflict dropped": _sql("ALTER TABLE jobs DROP CONSTRAINT uq_jobs_idempotency_key"),
    "what decides a conflict becomes partial": _sql(
        "ALTER TABLE jobs DROP CONSTRAINT uq_jobs_idempotency_key",
        "CREATE UNIQUE INDEX uq_jobs_idempotency_key ON jobs (idempotency_key) WHERE status = 'queued'",
    ),
    "column computed from now on": _sql(
        "ALTER TABLE thoughts DROP COLUMN title",
        "ALTER TABLE thoughts ADD COLUMN title text GENERATED ALWAYS AS (left(text, 80)) STORED",
    ),
    "trigger that refuses": _sql(
        "ALTER TABLE jobs ADD COLUMN origin text",
        "CREATE FUNCTION has_origin() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN IF NEW.origin IS NULL THEN RAISE EXCEPTION ''no origin''; END IF; RETURN NEW; END'",
        "CREATE TRIGGER has_origin BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION has_origin()",
    ),
    "table moved to another schema": _sql("CREATE SCHEMA archive", "ALTER TABLE plans SET SCHEMA archive"),
    "table becomes a view that nobody writes": _sql(
        "ALTER TABLE worker_heartbeats RENAME TO beats",
        "CREATE VIEW worker_heartbeats AS SELECT DISTINCT * FROM beats",
    ),
    "rows hidden": _sql(
        "ALTER TABLE thoughts ENABLE ROW LEVEL SECURITY", "ALTER TABLE thoughts FORCE ROW LEVEL SECURITY"
    ),
    "writes go nowhere": _sql("CREATE RULE quiet AS ON INSERT TO thoughts DO INSTEAD NOTHING"),
    "hash kept as text": _sql(
        "ALTER TABLE api_tokens DROP CONSTRAINT valid_token_hash",
        "ALTER TABLE api_tokens ALTER COLUMN token_hash TYPE text USING encode(token_hash, 'hex')",
    ),
    "column split": _sql(
        "ALTER TABLE users ADD COLUMN zone_area text, ADD COLUMN zone_city text",
        "ALTER TABLE users DROP COLUMN timezone",
    ),
}
_SAFE = {
    "new column": 'op.add_column("thoughts", sa.Column("mood", sa.Text(), nullable=True))',
    "new column with a default": _sql("ALTER TABLE jobs ADD COLUMN origin text NOT NULL DEFAULT 'api'"),
    "new column, filled, then NOT NULL with a default": _sql(
        "ALTER TABLE thoughts ADD COLUMN words bigint",
        "UPDATE thoughts SET words = length(text)",
        "ALTER TABLE thoughts ALTER COLUMN words SET DEFAULT 0, ALTER COLUMN words SET NOT NULL",
    ),
    "new column that is computed": _sql(
        "ALTER TABLE thoughts ADD COLUMN size bigint GENERATED ALWAYS AS (length(text)) STORED"
    ),
    "new numbered column": _sql("ALTER TABLE tasks ADD COLUMN number bigint GENERATED BY DEFAULT AS IDENTITY"),
    "new table": _sql("CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), body text NOT NULL)"),
    "new table that points to users": _sql(
        "CREATE TABLE notes (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE)"
    ),
    "new index": 'op.create_index("ix_thoughts_processed_at", "thoughts", ["processed_at"])',
    "new index, concurrently": (
        "with op.get_context().autocommit_block():\n"
        '    op.create_index("ix_thoughts_source", "thoughts", ["source"], postgresql_concurrently=True)'
    ),
    "index dropped": 'op.drop_index("ix_jobs_finished_at", table_name="jobs")',
    "index renamed": _sql("ALTER INDEX ix_jobs_dead RENAME TO ix_jobs_given_up"),
    "key renamed": _sql("ALTER TABLE plans RENAME CONSTRAINT pk_plans TO plans_key"),
    "kind of job added": _sql(
        "ALTER TABLE jobs DROP CONSTRAINT valid_job_type",
        "ALTER TABLE jobs ADD CONSTRAINT valid_job_type CHECK (kind IN ('thought.process', 'canary', 'jobs.retention', "
        "'plan.refresh', 'todoist.sync', 'todoist.reconcile', 'telegram.update', 'telegram.send', 'digest')) NOT VALID",
    ),
    "check dropped": 'op.drop_constraint("valid_thought_source", "thoughts")',
    "check that everybody meets": _sql(
        "ALTER TABLE jobs ADD CONSTRAINT has_kind CHECK (length(kind) > 0) NOT VALID",
        "ALTER TABLE jobs VALIDATE CONSTRAINT has_kind",
    ),
    "check of a new column": _sql(
        "ALTER TABLE thoughts ADD COLUMN rank bigint, ADD CONSTRAINT valid_rank CHECK (rank BETWEEN 1 AND 9)"
    ),
    "NOT NULL, said twice": _sql("ALTER TABLE jobs ADD CONSTRAINT has_status CHECK (status IS NOT NULL)"),
    "column may be NULL": 'op.alter_column("thoughts", "source", nullable=True)',
    "default changed": _sql("ALTER TABLE jobs ALTER COLUMN max_attempts SET DEFAULT 8"),
    "default added": _sql("ALTER TABLE thoughts ALTER COLUMN title SET DEFAULT ''"),
    "unique new column": _sql("ALTER TABLE users ADD COLUMN handle text UNIQUE"),
    "unique with the key in it": _sql("CREATE UNIQUE INDEX uq_jobs_id_twin ON jobs (id, twin_id)"),
    "unique rule made an index": _sql(
        "CREATE UNIQUE INDEX uq_users_email_new ON users (email)", "ALTER TABLE users DROP CONSTRAINT uq_users_email"
    ),
    "trigger that fills": _sql(
        "ALTER TABLE thoughts ADD COLUMN digest text",
        "CREATE FUNCTION digested() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.digest := md5(NEW.text); RETURN NEW; END'",
        "CREATE TRIGGER digested BEFORE INSERT OR UPDATE ON thoughts FOR EACH ROW EXECUTE FUNCTION digested()",
    ),
    "new view": _sql("CREATE VIEW open_tasks AS SELECT id, title FROM tasks WHERE status = 'open'"),
    "new type and column": _sql(
        "CREATE TYPE weather AS ENUM ('sun', 'rain')", "ALTER TABLE thoughts ADD COLUMN weather weather"
    ),
    "value added to a type": _sql("ALTER TYPE mood ADD VALUE 'fair'"),
    "rows filled": _sql(
        "ALTER TABLE tasks ADD COLUMN size text DEFAULT 'small'",
        "UPDATE tasks SET size = 'big' WHERE estimate_minutes > 60",
    ),
    "new reference from a new column": _sql(
        "ALTER TABLE thoughts ADD COLUMN task_id uuid REFERENCES tasks (id) ON DELETE SET NULL"
    ),
    "leftover column dropped": 'op.drop_column("thoughts", "legacy_rank")',
    "leftover column that had a default dropped": 'op.drop_column("users", "legacy_locale")',
    "leftover table dropped": 'op.drop_table("drafts")',
    "leftover view dropped": _sql("DROP VIEW legacy_users"),
    "leftover function dropped": _sql("DROP FUNCTION legacy_score(bigint)"),
    "leftover column made wider": _sql("ALTER TABLE tasks ALTER COLUMN legacy_code TYPE varchar(40)"),
    "leftover table gets stricter": _sql("ALTER TABLE drafts ALTER COLUMN body SET NOT NULL"),
    "comments and settings": _sql(
        "COMMENT ON COLUMN users.email IS 'one each'", "ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.01)"
    ),
    "more may read": _sql("GRANT SELECT ON plans TO PUBLIC"),
}
PAIRS = tuple(
    Pair(name=name, upgrade=upgrade, is_breaking=is_breaking)
    for found, is_breaking in ((_BREAKING, True), (_SAFE, False))
    for name, upgrade in found.items()
)
