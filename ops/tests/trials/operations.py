"""What each operation locks, as PostgreSQL's documentation says: "Explicit Locking", and the pages of the commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.model import LockMode

AS = LockMode.ACCESS_SHARE
RS = LockMode.ROW_SHARE
RX = LockMode.ROW_EXCLUSIVE
SUX = LockMode.SHARE_UPDATE_EXCLUSIVE
S = LockMode.SHARE
SRX = LockMode.SHARE_ROW_EXCLUSIVE
X = LockMode.EXCLUSIVE
AX = LockMode.ACCESS_EXCLUSIVE


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation on a table `t`, in a schema of its own that the search path names first.

    Attributes:
        up: the SQL; or a line of Python where it begins with `op.`.
        locks: the strongest lock on each table; the others are not locked.
        before: SQL that makes what it needs.
        sides: indexes that it locks, too.
        rewrites: what it writes anew.
        alone: whether it runs outside of a transaction.
    """

    up: str
    locks: Mapping[str, LockMode]
    before: str = ""
    sides: Mapping[str, LockMode] = field(default_factory=dict)
    rewrites: frozenset[str] = frozenset()
    alone: bool = False


_ALL = frozenset({"t", "t_pkey", "t_n"})
_PARENT = "CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(0, 9)"
_FK = "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (n) REFERENCES parent (id)"
_PARTS = (
    "CREATE TABLE parts (id int NOT NULL) PARTITION BY RANGE (id);"
    "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (10); CREATE TABLE loose (id int NOT NULL)"
)
_TRIGGER = (
    "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION quiet()"
)
_VIEW = "CREATE MATERIALIZED VIEW m AS SELECT id FROM t; CREATE UNIQUE INDEX m_id ON m (id)"

OPERATIONS: Mapping[str, Operation] = {
    # columns
    "add_nullable": Operation(up='op.add_column("t", sa.Column("c", sa.Text()))', locks={"t": AX}),
    "add_default": Operation(up="ALTER TABLE t ADD c int NOT NULL DEFAULT 7", locks={"t": AX}),
    "add_volatile": Operation(up="ALTER TABLE t ADD c uuid DEFAULT gen_random_uuid()", locks={"t": AX}, rewrites=_ALL),
    "add_serial": Operation(up="ALTER TABLE t ADD c serial", locks={"t": AX}, rewrites=_ALL),
    "add_identity": Operation(
        up="ALTER TABLE t ADD c int GENERATED ALWAYS AS IDENTITY", locks={"t": AX}, rewrites=_ALL
    ),
    "add_generated": Operation(
        up="ALTER TABLE t ADD c int GENERATED ALWAYS AS (n + 1) STORED", locks={"t": AX}, rewrites=_ALL
    ),
    "add_checked": Operation(up="ALTER TABLE t ADD c int CHECK (c > 0)", locks={"t": AX}),
    "add_referencing": Operation(
        up="ALTER TABLE t ADD c int REFERENCES parent (id)", before=_PARENT, locks={"t": AX, "parent": SRX}
    ),
    "add_unique": Operation(up="ALTER TABLE t ADD c int UNIQUE", locks={"t": AX}),
    "drop_column": Operation(up='op.drop_column("t", "v")', locks={"t": AX}),
    "rename_column": Operation(up='op.alter_column("t", "v", new_column_name="w")', locks={"t": AX}),
    "set_default": Operation(up="ALTER TABLE t ALTER v SET DEFAULT 'x'", locks={"t": AX}),
    "drop_default": Operation(up="ALTER TABLE t ALTER d DROP DEFAULT", locks={"t": AX}),
    "set_not_null": Operation(up="ALTER TABLE t ALTER v SET NOT NULL", locks={"t": AX}),
    "set_not_null_proved": Operation(
        up="ALTER TABLE t ALTER v SET NOT NULL",
        before="ALTER TABLE t ADD CONSTRAINT ck CHECK (v IS NOT NULL)",
        locks={"t": AX},
    ),
    "drop_not_null": Operation(up="ALTER TABLE t ALTER n DROP NOT NULL", locks={"t": AX}),
    "widen_varchar": Operation(up="ALTER TABLE t ALTER v TYPE varchar(50)", locks={"t": AX}),
    "varchar_to_text": Operation(up="ALTER TABLE t ALTER v TYPE text", locks={"t": AX}),
    "int_to_bigint": Operation(
        up="ALTER TABLE t ALTER n TYPE bigint", locks={"t": AX}, sides={"t_n": AX}, rewrites=_ALL
    ),
    "narrow_varchar": Operation(up="ALTER TABLE t ALTER v TYPE varchar(12)", locks={"t": AX}, rewrites=_ALL),
    "set_statistics": Operation(up="ALTER TABLE t ALTER n SET STATISTICS 500", locks={"t": SUX}),
    "set_storage": Operation(up="ALTER TABLE t ALTER v SET STORAGE EXTERNAL", locks={"t": AX}),
    # constraints
    "add_check": Operation(up="ALTER TABLE t ADD CONSTRAINT ck CHECK (n >= 0)", locks={"t": AX}),
    "add_check_not_valid": Operation(up="ALTER TABLE t ADD CONSTRAINT ck CHECK (n >= 0) NOT VALID", locks={"t": AX}),
    "validate_check": Operation(
        up="ALTER TABLE t VALIDATE CONSTRAINT ck",
        before="ALTER TABLE t ADD CONSTRAINT ck CHECK (n >= 0) NOT VALID",
        locks={"t": SUX},
    ),
    "add_key": Operation(
        up='op.create_foreign_key("fk", "t", "parent", ["n"], ["id"])', before=_PARENT, locks={"t": SRX, "parent": SRX}
    ),
    "add_key_not_valid": Operation(up=f"{_FK} NOT VALID", before=_PARENT, locks={"t": SRX, "parent": SRX}),
    "validate_key": Operation(
        up="ALTER TABLE t VALIDATE CONSTRAINT fk", before=f"{_PARENT}; {_FK} NOT VALID", locks={"t": SUX, "parent": RS}
    ),
    "drop_key": Operation(
        up="ALTER TABLE t DROP CONSTRAINT fk", before=f"{_PARENT}; {_FK}", locks={"t": AX, "parent": AX}
    ),
    "add_unique_key": Operation(up='op.create_unique_constraint("uq", "t", ["u"])', locks={"t": AX}),
    "add_unique_using": Operation(
        up="ALTER TABLE t ADD CONSTRAINT uq UNIQUE USING INDEX uq",
        before="CREATE UNIQUE INDEX uq ON t (u)",
        locks={"t": AX},
    ),
    "rename_constraint": Operation(
        up="ALTER TABLE t RENAME CONSTRAINT ck TO kc",
        before="ALTER TABLE t ADD CONSTRAINT ck CHECK (n >= 0)",
        locks={"t": AX},
    ),
    # indexes
    "create_index": Operation(up='op.create_index("ix", "t", ["v"])', locks={"t": S}),
    "create_index_concurrently": Operation(up="CREATE INDEX CONCURRENTLY ix ON t (v)", locks={"t": SUX}, alone=True),
    "drop_index": Operation(up='op.drop_index("t_n")', locks={"t": AX}, sides={"t_n": AX}),
    "rename_index": Operation(up="ALTER INDEX t_n RENAME TO n_t", locks={}, sides={"t_n": SUX}),
    "reindex": Operation(up="REINDEX INDEX t_n", locks={"t": S}, sides={"t_n": AX}, rewrites=frozenset({"t_n"})),
    "reindex_concurrently": Operation(
        up="REINDEX INDEX CONCURRENTLY t_n", locks={"t": SUX}, rewrites=frozenset({"t_n"}), alone=True
    ),
    # tables
    "create_trigger": Operation(
        up="CREATE TRIGGER two BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION quiet()",
        before=_TRIGGER,
        locks={"t": SRX},
    ),
    "disable_trigger": Operation(up="ALTER TABLE t DISABLE TRIGGER tr", before=_TRIGGER, locks={"t": SRX}),
    "drop_trigger": Operation(up="DROP TRIGGER tr ON t", before=_TRIGGER, locks={"t": AX}),
    "attach_partition": Operation(
        up="ALTER TABLE parts ATTACH PARTITION loose FOR VALUES FROM (10) TO (20)",
        before=_PARTS,
        locks={"parts": SUX, "loose": AX},
    ),
    "detach_partition": Operation(
        up="ALTER TABLE parts DETACH PARTITION part", before=_PARTS, locks={"parts": AX, "part": AX}
    ),
    "create_partition": Operation(
        up="CREATE TABLE new_part PARTITION OF parts FOR VALUES FROM (50) TO (60)", before=_PARTS, locks={"parts": AX}
    ),
    "create_referencing": Operation(
        up='op.create_table("fresh", sa.Column("id", sa.Integer(), sa.ForeignKey("t.id")))', locks={"t": SRX}
    ),
    "drop_referencing": Operation(
        up='op.drop_table("t")', before=f"{_PARENT}; {_FK}", locks={"t": AX, "parent": AX}, sides={"t_n": AX}
    ),
    "rename_table": Operation(up='op.rename_table("t", "t2")', locks={"t": AX}),
    "set_schema": Operation(
        up="ALTER TABLE t SET SCHEMA aside", before="CREATE SCHEMA IF NOT EXISTS aside", locks={"t": AX}
    ),
    "truncate": Operation(up="TRUNCATE t", locks={"t": AX}),
    "lock_share": Operation(up="LOCK TABLE t IN SHARE MODE", locks={"t": S}),
    "lock_exclusive": Operation(up="LOCK TABLE t IN EXCLUSIVE MODE", locks={"t": X}),
    "comment": Operation(up="COMMENT ON TABLE t IS 'x'", locks={"t": SUX}),
    "create_statistics": Operation(up="CREATE STATISTICS st ON n, v FROM t", locks={"t": SUX}),
    "set_fillfactor": Operation(up="ALTER TABLE t SET (fillfactor = 70)", locks={"t": SUX}),
    "set_unlogged": Operation(up="ALTER TABLE t SET UNLOGGED", locks={"t": AX}, rewrites=_ALL),
    "row_security": Operation(up="ALTER TABLE t ENABLE ROW LEVEL SECURITY", locks={"t": AX}),
    "create_policy": Operation(up="CREATE POLICY po ON t USING (true)", locks={"t": AX}),
    "cluster": Operation(up="CLUSTER t USING t_n", locks={"t": AX}, sides={"t_n": AX}, rewrites=_ALL),
    "vacuum_full": Operation(up="VACUUM FULL t", locks={"t": AX}, rewrites=_ALL, alone=True),
    "analyze": Operation(up="ANALYZE t", locks={"t": SUX}),
    "refresh": Operation(
        up="REFRESH MATERIALIZED VIEW m", before=_VIEW, locks={"m": AX, "t": AS}, rewrites=frozenset({"m", "m_id"})
    ),
    "refresh_concurrently": Operation(
        up="REFRESH MATERIALIZED VIEW CONCURRENTLY m", before=_VIEW, locks={"m": X, "t": AS}
    ),
    "create_view": Operation(up="CREATE VIEW w AS SELECT id FROM t", locks={"t": AS}),
    "domain_check": Operation(
        up="ALTER DOMAIN dom ADD CONSTRAINT c CHECK (VALUE >= 0)",
        before="CREATE DOMAIN dom AS int; ALTER TABLE t ADD c dom",
        locks={"t": S},
    ),
    # rows
    "insert": Operation(up="INSERT INTO t (id, n, v) VALUES (-1, 0, 'x')", locks={"t": RX}),
    "update": Operation(up="UPDATE t SET v = 'y' WHERE n = 1", locks={"t": RX}),
    "delete": Operation(up="DELETE FROM t WHERE n = 1", locks={"t": RX}),
    "select_for_update": Operation(up="SELECT FROM t WHERE id = 1 FOR UPDATE", locks={"t": RS}),
    "select": Operation(up="SELECT count(*) FROM t", locks={"t": AS}),
}
TABLE = (
    "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, v varchar(20), d int DEFAULT 1, u int);"
    "INSERT INTO t SELECT g, g % 10, 'v' || g, 1, g FROM generate_series(1, {rows}) AS g; CREATE INDEX t_n ON t (n)"
)
