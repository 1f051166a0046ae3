#!/bin/sh
# Dump the database and write a manifest beside the dump. Needs nothing but PostgreSQL's client tools.
#
#   DATABASE_URL=postgresql://user:password@host/db BACKUP_DIR=/var/backups sh ops/backup_db.sh
#
# Reads:  DATABASE_URL, or libpq's own variables (PGHOST, PGUSER, PGPASSWORD, PGDATABASE, …)
#         BACKUP_DIR    where the files go                                (default: .gonogo/backups/manual)
#         BACKUP_COMPRESSION  as pg_dump -Z takes it; zstd:3 is better where the build has it (default: gzip)
#         BACKUP_NAME   their name without ending                         (default: the time in UTC)
# Writes: NAME.dump     custom format, compressed, no owners, no privileges
#         NAME.json     the manifest, written last: sha256, size_bytes, server_version, schema_revision, row_counts
# Prints: the manifest's path
# Exits:  0 written · 2 usage · 3 tool missing or older than the server · 4 database unreachable · 5 dump failed
#         6 not enough space · 130 interrupted
#
# The dump and the manifest's facts come from one exported snapshot. A run that fails or is killed leaves no
# NAME.dump and no NAME.json; a leftover *.part is not a backup.
set -eu
umask 077

say() { printf '%s\n' "backup_db: $*" >&2; }
fail() { code=$1; shift; say "$*"; exit "$code"; }

decode() {  # percent-decoding, so that a password in a URL may hold any character
    printf '%s' "$1" | awk 'BEGIN { hex = "0123456789abcdef" }
        { while (match($0, /%[0-9A-Fa-f][0-9A-Fa-f]/)) {
            pair = tolower(substr($0, RSTART + 1, 2))
            value = (index(hex, substr(pair, 1, 1)) - 1) * 16 + index(hex, substr(pair, 2, 1)) - 1
            out = out substr($0, 1, RSTART - 1) sprintf("%c", value); $0 = substr($0, RSTART + 3) }
          printf "%s%s", out, $0 }'
}

from_url() {  # the URL's parts become libpq's variables: a password never stands on a command line
    rest=${1#*://}
    query=''
    case $rest in *\?*) query=${rest#*\?}; rest=${rest%%\?*} ;; esac
    case $rest in */*) ;; *) fail 2 "DATABASE_URL names no database: postgresql://USER:PASSWORD@HOST/DATABASE" ;; esac
    authority=${rest%%/*}
    PGDATABASE=$(decode "${rest#*/}")
    case $authority in
        *@*) user=${authority%@*}; authority=${authority##*@} ;;
        *) user='' ;;
    esac
    case $user in *:*) PGPASSWORD=$(decode "${user#*:}"); user=${user%%:*} ;; esac
    [ -z "$user" ] || PGUSER=$(decode "$user")
    case $authority in
        \[*\]*) port=${authority##*\]}; port=${port#:}; authority=${authority#\[}; authority=${authority%%\]*} ;;
        *:*) port=${authority##*:}; authority=${authority%:*} ;;
        *) port='' ;;
    esac
    [ -z "$port" ] || PGPORT=$port
    [ -z "$authority" ] || PGHOST=$(decode "$authority")
    old_ifs=$IFS; IFS='&'
    for pair in $query; do
        case $pair in
            host=*) PGHOST=$(decode "${pair#*=}") ;;
            hostaddr=*) PGHOSTADDR=$(decode "${pair#*=}"); export PGHOSTADDR ;;
            port=*) PGPORT=${pair#*=} ;;
            sslmode=*) PGSSLMODE=${pair#*=}; export PGSSLMODE ;;
        esac
    done
    IFS=$old_ifs
    export PGDATABASE
    [ -z "${PGHOST:-}" ] || export PGHOST
    [ -z "${PGPORT:-}" ] || export PGPORT
    [ -z "${PGUSER:-}" ] || export PGUSER
    [ -z "${PGPASSWORD:-}" ] || export PGPASSWORD
}

[ $# -eq 0 ] || fail 2 "takes no arguments; see the head of this file"
[ -z "${DATABASE_URL:-}" ] || { [ -n "${PGDATABASE:-}" ] || from_url "$DATABASE_URL"; }
[ -n "${PGDATABASE:-}" ] || fail 2 "neither DATABASE_URL nor PGDATABASE is set"
PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-10}
PGAPPNAME=backup_db
export PGCONNECT_TIMEOUT PGAPPNAME

for tool in psql pg_dump pg_restore awk; do
    command -v "$tool" >/dev/null 2>&1 || fail 3 "$tool is not on PATH: install the PostgreSQL client tools"
done

folder=${BACKUP_DIR:-.gonogo/backups/manual}
name=${BACKUP_NAME:-$(date -u +%Y%m%dT%H%M%SZ)}
case $name in *[!A-Za-z0-9._-]*) fail 2 "BACKUP_NAME may hold letters, digits, dot, dash and underscore" ;; esac
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
dump=$folder/$name.dump
manifest=$folder/$name.json
[ ! -e "$manifest" ] || fail 2 "$manifest is there already: choose another BACKUP_NAME"

work=$(mktemp -d "$folder/.$name.XXXXXX.part")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

facts=$(psql -XqAt -v ON_ERROR_STOP=1 -c "SELECT current_setting('server_version_num')::int / 10000,
        current_setting('server_version'), pg_database_size(current_database())" 2>"$work/error") \
    || fail 4 "the database does not answer: $(tail -n 1 "$work/error")"
server_major=${facts%%|*}
size=${facts##*|}
server_version=${facts#*|}; server_version=${server_version%|*}; server_version=${server_version%% *}
tool_major=$(pg_dump --version | awk '{ sub(/[^0-9].*/, "", $3); print $3 }')
[ "$tool_major" -ge "$server_major" ] \
    || fail 3 "pg_dump $tool_major is older than the server ($server_major): install the PostgreSQL $server_major client"
free_kib=$(df -Pk "$folder" | awk 'NR == 2 { print $4 }')
[ "$free_kib" -gt $((size / 1024)) ] || fail 6 "$free_kib KiB free in $folder, the database has $((size / 1024))"

# One snapshot for the dump and for the facts. psql keeps it open while it runs pg_dump itself.
WORK=$work
COMPRESSION=${BACKUP_COMPRESSION:-gzip}
export WORK COMPRESSION
psql -XqAt -v ON_ERROR_STOP=1 >"$work/facts" 2>"$work/error" <<'SQL' || fail 5 "the dump failed: $(tail -n 1 "$work/error")"
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! pg_dump -Fc -Z "$COMPRESSION" --no-owner --no-privileges --snapshot="$SNAPSHOT" -f "$WORK/dump" 2>"$WORK/error"; echo $? >"$WORK/code"
SELECT to_regclass('alembic_version') IS NOT NULL AS versioned \gset
\if :versioned
SELECT 'revision|' || version_num FROM alembic_version;
\endif
SELECT format('SELECT %L || count(*) FROM %I.%I', 'rows|' || n.nspname || '.' || c.relname || '|', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
ORDER BY 1 \gexec
COMMIT;
SQL
[ "$(cat "$work/code" 2>/dev/null)" = 0 ] || fail 5 "pg_dump failed: $(tail -n 1 "$work/error")"

# Reading it to the end finds a truncated or damaged file; only a restore finds more.
pg_restore -f /dev/null "$work/dump" 2>"$work/error" || fail 5 "the dump cannot be read back: $(tail -n 1 "$work/error")"

if command -v sha256sum >/dev/null 2>&1; then
    digest=$(sha256sum "$work/dump"); digest=${digest%% *}
else
    digest=$(shasum -a 256 "$work/dump"); digest=${digest%% *}
fi
bytes=$(wc -c <"$work/dump" | tr -d ' ')

awk -F'|' -v digest="$digest" -v bytes="$bytes" -v server="$server_version" -v taken="$(date -u +%Y-%m-%dT%H:%M:%SZ)" '
    function quoted(text) { gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); return "\"" text "\"" }
    $1 == "revision" { revision = quoted($2) }
    $1 == "rows" { table = $2; for (i = 3; i < NF; i++) table = table "|" $i
                   rows = rows (rows ? ",\n" : "\n") "    " quoted(table) ": " $NF }
    END { printf "{\n  \"taken_at\": %s,\n  \"sha256\": %s,\n  \"size_bytes\": %s,\n", quoted(taken), quoted(digest), bytes
          printf "  \"server_version\": %s,\n  \"schema_revision\": %s,\n", quoted(server), revision ? revision : "null"
          printf "  \"row_counts\": {%s\n  }\n}\n", rows }' "$work/facts" >"$work/manifest"

sync "$work/dump" "$work/manifest" 2>/dev/null || sync
mv "$work/dump" "$dump"
mv "$work/manifest" "$manifest"
printf '%s\n' "$manifest"
