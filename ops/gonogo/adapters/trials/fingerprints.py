"""A schema as lines that people can read: two of them are compared to see what a way down and up again has left."""

import re
from collections.abc import Iterator

import psycopg

from gonogo.adapters.trials.relations import RECORD

# Nothing of the system, and nothing that an extension brought.
_OURS = (
    "n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_' AND NOT EXISTS "
    "(SELECT FROM pg_depend e WHERE e.classid = '{table}'::regclass AND e.objid = {oid} AND e.deptype = 'e')"
)
_REL = _OURS.format(table="pg_class", oid="c.oid")
_TYPE = _OURS.format(table="pg_type", oid="t.oid")
_PROC = _OURS.format(table="pg_proc", oid="p.oid")
_NAME = "n.nspname || '.' || c.relname"
_KINDS = (
    "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' "
    "WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' ELSE 'index' END"
)
_FROM_CLASS = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
_ACL = (
    "SELECT {what} || ': grant ' || string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN '*' ELSE '' END, ', ' "
    "ORDER BY a.privilege_type) || ' to ' || coalesce(r.rolname, 'PUBLIC') {source} "
    "CROSS JOIN LATERAL aclexplode({acl}) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE {ours} {group}"
)
_QUERIES = (
    # schemas and what stands in them
    "SELECT 'schema ' || n.nspname FROM pg_namespace n WHERE " + _OURS.format(table="pg_namespace", oid="n.oid"),
    "SELECT 'extension ' || extname || ' ' || extversion FROM pg_extension",
    f"""SELECT {_KINDS} || ' ' || {_NAME} || concat(
           CASE c.relpersistence WHEN 'u' THEN ' unlogged' END,
           ' partition by ' || pg_get_partkeydef(c.oid), ' ' || pg_get_expr(c.relpartbound, c.oid),
           ' with (' || array_to_string(c.reloptions, ', ') || ')',
           CASE WHEN c.relrowsecurity THEN ' row level security' END,
           CASE WHEN c.relforcerowsecurity THEN ' forced' END,
           CASE c.relreplident WHEN 'f' THEN ' replica identity full'
                WHEN 'n' THEN CASE WHEN c.relkind IN ('r', 'p') THEN ' replica identity nothing' END
                WHEN 'i' THEN ' replica identity by index' END,
           ' tablespace ' || s.spcname,
           CASE WHEN c.relkind IN ('v', 'm') THEN ': ' || pg_get_viewdef(c.oid) END)
       {_FROM_CLASS} LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_REL}""",
    f"""SELECT 'column ' || {_NAME} || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || concat(
           CASE WHEN a.attnotnull THEN ' not null' END,
           CASE WHEN a.attcollation <> t.typcollation THEN ' collate ' || l.collname END,
           CASE a.attidentity WHEN 'a' THEN ' generated always as identity' WHEN 'd' THEN ' generated as identity' END,
           CASE a.attgenerated WHEN '' THEN ' default ' WHEN 'v' THEN ' virtual ' ELSE ' generated ' END
               || pg_get_expr(d.adbin, d.adrelid),
           CASE WHEN a.attstorage <> t.typstorage THEN ' storage ' || a.attstorage::text END,
           ' compression ' || nullif(a.attcompression::text, ''),
           ' statistics ' || nullif(coalesce(a.attstattarget, -1), -1))
       {_FROM_CLASS} JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       LEFT JOIN pg_collation l ON l.oid = a.attcollation
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND {_REL}""",
    f"""SELECT 'index ' || {_NAME} || ': ' || pg_get_indexdef(c.oid) || concat(
           CASE WHEN NOT i.indisvalid THEN ' INVALID' END, CASE WHEN i.indisreplident THEN ' replica identity' END,
           CASE WHEN i.indisclustered THEN ' clustered' END)
       {_FROM_CLASS} JOIN pg_index i ON i.indexrelid = c.oid WHERE {_REL}""",
    f"""SELECT 'constraint ' || {_NAME} || '.' || k.conname || ': ' || pg_get_constraintdef(k.oid)
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE (k.contype <> 'n' OR NOT k.convalidated) AND {_REL}""",
    f"""SELECT 'trigger ' || {_NAME} || ': ' || pg_get_triggerdef(g.oid) ||
           CASE g.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' disabled' ELSE ' enabled ' || g.tgenabled::text END
       FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE NOT g.tgisinternal AND {_REL}""",
    f"""SELECT 'rule ' || {_NAME} || ': ' || pg_get_ruledef(w.oid)
       FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE w.rulename <> '_RETURN' AND {_REL}""",
    f"""SELECT 'policy ' || {_NAME} || '.' || o.polname || ' for ' || o.polcmd::text || concat(
           CASE WHEN NOT o.polpermissive THEN ' restrictive' END,
           ' to ' || (SELECT string_agg(coalesce(r.rolname, 'PUBLIC'), ', ' ORDER BY r.rolname)
                      FROM unnest(o.polroles) p LEFT JOIN pg_roles r ON r.oid = p),
           ' using ' || pg_get_expr(o.polqual, o.polrelid), ' check ' || pg_get_expr(o.polwithcheck, o.polrelid))
       FROM pg_policy o JOIN pg_class c ON c.oid = o.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE {_REL}""",
    f"""SELECT 'inheritance ' || {_NAME} || ' of ' || h.inhparent::regclass
       FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'f') AND {_REL}""",
    f"""SELECT 'sequence ' || {_NAME} || ' ' || format_type(q.seqtypid, NULL) || ' from ' || q.seqstart || ' by '
           || q.seqincrement || ' within ' || q.seqmin || '..' || q.seqmax
           || CASE WHEN q.seqcycle THEN ' cycles' ELSE '' END || ' cache ' || q.seqcache
           || coalesce(' owned by ' || (SELECT e.refobjid::regclass || '.' || b.attname FROM pg_depend e
                JOIN pg_attribute b ON b.attrelid = e.refobjid AND b.attnum = e.refobjsubid
                WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype IN ('a', 'i') LIMIT 1), '')
       FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE {_REL}""",
    # types
    f"""SELECT 'enum ' || n.nspname || '.' || t.typname || ': '
           || string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
       FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_enum e ON e.enumtypid = t.oid
       WHERE {_TYPE} GROUP BY n.nspname, t.typname""",
    f"""SELECT 'domain ' || n.nspname || '.' || t.typname || ' ' || format_type(t.typbasetype, t.typtypmod) || concat(
           CASE WHEN t.typnotnull THEN ' not null' END, ' default ' || t.typdefault,
           (SELECT ' ' || string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
            FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
       FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND {_TYPE}""",
    f"""SELECT 'type ' || n.nspname || '.' || t.typname || ': ' || string_agg(
           a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
       FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
       JOIN pg_class k ON k.oid = t.typrelid AND k.relkind = 'c'
       JOIN pg_attribute a ON a.attrelid = k.oid AND NOT a.attisdropped
       WHERE {_TYPE} GROUP BY n.nspname, t.typname""",
    f"""SELECT 'range ' || n.nspname || '.' || t.typname || ' of ' || format_type(r.rngsubtype, NULL)
       FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
       WHERE {_TYPE}""",
    # code
    f"""SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END
           || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' || concat(
           ' returns ' || pg_get_function_result(p.oid), CASE WHEN p.prosecdef THEN ' security definer' END,
           ' set ' || array_to_string(p.proconfig, ', '),
           CASE WHEN p.prokind <> 'a' THEN ' body ' || left(md5(pg_get_functiondef(p.oid)), 12) END)
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_PROC}""",
    "SELECT 'event trigger ' || evtname || ' on ' || evtevent FROM pg_event_trigger",
    f"""SELECT 'statistics ' || pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s
       JOIN pg_class c ON c.oid = s.stxrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_REL}""",
    """SELECT 'publication ' || b.pubname || coalesce(': ' || (SELECT string_agg(r.prrelid::regclass::text, ', '
           ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = b.oid), '')
       FROM pg_publication b""",
    # who may what; NULL is what everything begins with
    _ACL.format(
        what=f"{_KINDS} || ' ' || {_NAME}",
        source=_FROM_CLASS,
        acl="coalesce(c.relacl, acldefault((CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END)::\"char\", c.relowner))",
        ours=f"c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND a.grantee <> c.relowner AND {_REL}",
        group="GROUP BY c.relkind, n.nspname, c.relname, r.rolname",
    ),
    _ACL.format(
        what=f"'column ' || {_NAME} || '.' || b.attname",
        source=f"{_FROM_CLASS} JOIN pg_attribute b ON b.attrelid = c.oid AND NOT b.attisdropped",
        acl="b.attacl",
        ours=_REL,
        group="GROUP BY n.nspname, c.relname, b.attname, r.rolname",
    ),
    _ACL.format(
        what="'schema ' || n.nspname",
        source="FROM pg_namespace n",
        acl="coalesce(n.nspacl, acldefault('n', n.nspowner))",
        ours="a.grantee <> n.nspowner AND n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'",
        group="GROUP BY n.nspname, r.rolname",
    ),
    _ACL.format(
        what="'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'",
        source="FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace",
        acl="coalesce(p.proacl, acldefault('f', p.proowner))",
        ours=f"a.grantee <> p.proowner AND {_PROC}",
        group="GROUP BY n.nspname, p.proname, p.oid, r.rolname",
    ),
    _ACL.format(
        what="'type ' || n.nspname || '.' || t.typname",
        source="FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace",
        acl="t.typacl",
        ours=f"a.grantee <> t.typowner AND {_TYPE}",
        group="GROUP BY n.nspname, t.typname, r.rolname",
    ),
    _ACL.format(
        what="'new objects ' || f.defaclobjtype::text || coalesce(' in ' || n.nspname, '')",
        source="FROM pg_default_acl f LEFT JOIN pg_namespace n ON n.oid = f.defaclnamespace",
        acl="f.defaclacl",
        ours="true",
        group="GROUP BY f.defaclobjtype, n.nspname, r.rolname",
    ),
    # words
    """SELECT 'comment on ' || i.type || ' ' || i.identity || ': ' || d.description
       FROM pg_description d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
       WHERE d.objoid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend e
           WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')""",
)
_ALL = " UNION ALL ".join(f"SELECT line FROM ({query}) AS found(line)" for query in _QUERIES)

_UNPROVEN = " NOT VALID"


def fingerprint(connection: psycopg.Connection, *, without: str = "alembic_version") -> frozenset[str]:
    """Return a database's schema, a line for each thing in it; order and internal numbers are not in it.

    Args:
        connection: to the database.
        without: Alembic's own table, which comes with the first revision and stays when it goes; so does the runner's.
    """
    found = connection.execute(_ALL.encode()).fetchall()
    ours = re.compile(rf"\.({re.escape(without)}(_pkc)?|{RECORD}\w*)\b")
    return frozenset(" ".join(line.split()) for (line,) in found if line and not ours.search(line))


def differences(wanted: frozenset[str], found: frozenset[str]) -> Iterator[str]:
    """Yield what a schema lacks and what it has beside what was wanted, a sentence each.

    A constraint that has been proven since, and was not before, is the same: nothing takes that back, or has to.
    """
    proven = {line for line in found - wanted if f"{line}{_UNPROVEN}" in wanted}
    yield from (f"missing: {line}" for line in sorted(wanted - found) if line.removesuffix(_UNPROVEN) not in proven)
    yield from (f"left over: {line}" for line in sorted(found - wanted - proven))
