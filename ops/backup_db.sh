#!/bin/sh
# Back one database up into one folder. Needs nothing but PostgreSQL's client tools and a POSIX system.
#
#   DATABASE_URL=postgresql://user:password@host/db BACKUP_DIR=/var/backups sh ops/backup_db.sh
#
# Reads:  DATABASE_URL, or libpq's own variables (PGHOST, PGUSER, PGPASSWORD, PGDATABASE, …)
#         BACKUP_DIR          where backups go                       (default: .gonogo/backups/manual)
#         BACKUP_NAME         the folder's name                      (default: the time in UTC)
#         BACKUP_COMPRESSION  as pg_dump -Z takes it                 (default: zstd:3 where pg_dump has it, else gzip)
#         BACKUP_JOBS         tables that are dumped at a time       (default: CPUs, as far as connections are free)
# Writes: NAME/dump/          pg_dump's directory format, with owners and privileges
#         NAME/globals.sql    roles and memberships, no passwords
#         NAME/manifest.json  what was in the database, and every file with its size and sha256
#         NAME/SHA256SUMS     sha256 of every file, the manifest included: sha256sum -c SHA256SUMS
# Prints: the manifest's path; problems, and on a terminal its progress, on standard error
# Exits:  0 written · 2 usage · 3 a tool is missing, or older than the server · 4 the database cannot be reached
#         5 the dump failed · 6 not enough space · 7 a run of the same name is at work · 130 interrupted
#
# The dump and the manifest's facts come from one exported snapshot. Everything is written to .NAME.part, synced, and
# renamed at once: what is called NAME is whole. What a killed run left is removed by the next one.
set -eu
umask 077
LC_ALL=C
export LC_ALL

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
            sslrootcert=*) PGSSLROOTCERT=$(decode "${pair#*=}"); export PGSSLROOTCERT ;;
        esac
    done
    IFS=$old_ifs
    export PGDATABASE
    [ -z "${PGHOST:-}" ] || export PGHOST
    [ -z "${PGPORT:-}" ] || export PGPORT
    [ -z "${PGUSER:-}" ] || export PGUSER
    [ -z "${PGPASSWORD:-}" ] || export PGPASSWORD
}

ask() { PGCLIENTENCODING=UTF8 psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
words() { awk 'NF { said = $0 } END { print said }' "$1" 2>/dev/null; }  # the last line of a file that says something
# shellcheck disable=SC2086  # a program and its option
add_up() {  # the sums of all files, several at a time where xargs can do that
    each=$(($(wc -l <files) / 64 + 1))
    if xargs -P "$jobs" -n "$each" $sums <files >added 2>error; then sort -k 2 added; else xargs $sums <files; fi
}
pause() { sleep 0.1 2>/dev/null || sleep 1; }
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

started() {  # when a process began; nothing when there is none, so that a number used again is not taken for it
    if [ -r "/proc/$1/stat" ]; then
        sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'
    elif kill -0 "$1" 2>/dev/null; then
        ps -o lstart= -p "$1" 2>/dev/null || echo unknown
    fi
}

is_left() {  # whether nobody works in a folder any more
    if [ ! -s "$1/owner" ]; then
        [ -n "$(find "$1" -prune -mmin +1)" ]
    elif read -r host pid since <"$1/owner" && [ "$host" = "$here" ]; then
        [ "$(started "$pid")" != "$since" ]
    else  # of another machine on the same disk: nothing was written for a day
        [ -z "$(find "$1" -mmin -1440)" ]
    fi
}

end_orphans() {  # what a killed run had started goes on without it
    [ -s "$1/owner" ] || return 0
    while read -r host pid since; do
        [ "$host" = "$here" ] && [ -n "$since" ] && [ "$(started "$pid")" = "$since" ] || continue
        kill "$pid" 2>/dev/null || continue
        sleep 1
        [ "$(started "$pid")" != "$since" ] || kill -KILL "$pid" 2>/dev/null || continue
    done <"$1/owner"
}

sweep() {
    for left in "$folder"/.*.part; do
        if [ -d "$left" ] && is_left "$left"; then
            end_orphans "$left"
            if rm -rf "$left" 2>/dev/null; then say "removed ${left##*/}: a run that did not end left it"; fi
        fi
    done
}

own() { printf '%s %s %s\n' "$here" "$1" "$(started "$1")" >>owner; }

stop() {  # end what we started, then remove what was written
    for pid in ${dumping:-} ${asking:-}; do kill "$pid" 2>/dev/null || true; done
    for pid in ${dumping:-} ${asking:-}; do wait "$pid" 2>/dev/null || true; done
    cd "$folder"
    [ -z "${work:-}" ] || rm -rf "$work"
}

broken() {  # the code and the words of a dump that failed
    why=$1
    # Where the disk is full the words are lost as well.
    if grep -qs -e "No space left" -e "Disk quota" -e "File too large" dumping asking error \
        || ! dd if=/dev/zero of=room bs=65536 count=4 2>/dev/null; then
        fail 6 "no space left in $folder after $(written) MiB: free some; earlier backups are as they were"
    fi
    ask -c 'SELECT 1' >/dev/null 2>&1 || fail 4 "the database was lost during the dump: $why"
    fail 5 "the dump failed, nothing was kept: $why"
}

written() { du -sk . 2>/dev/null | awk '{ print int($1 / 1024) }'; }

[ $# -eq 0 ] || fail 2 "takes no arguments; see the head of this file"
[ -z "${DATABASE_URL:-}" ] || { [ -n "${PGDATABASE:-}" ] || from_url "$DATABASE_URL"; }
[ -n "${PGDATABASE:-}" ] || fail 2 "neither DATABASE_URL nor PGDATABASE is set"
PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-10}
PGAPPNAME=backup_db
export PGCONNECT_TIMEOUT PGAPPNAME

for tool in psql pg_dump awk mkfifo; do
    command -v "$tool" >/dev/null 2>&1 || fail 3 "$tool is not on PATH: install the PostgreSQL client tools"
done
sums=sha256sum
command -v sha256sum >/dev/null 2>&1 || { sums='shasum -a 256'; command -v shasum >/dev/null 2>&1; } \
    || fail 3 "neither sha256sum nor shasum is on PATH"

folder=${BACKUP_DIR:-.gonogo/backups/manual}
name=${BACKUP_NAME:-$(date -u +%Y%m%dT%H%M%SZ)}
case $name in
    [!A-Za-z0-9]*|*[!A-Za-z0-9._-]*) fail 2 "BACKUP_NAME may hold letters, digits, dot, dash and underscore, and begins with a letter or digit" ;;
esac
case ${BACKUP_JOBS:-1} in *[!0-9]*|0*) fail 2 "BACKUP_JOBS is a number from 1 on, not $BACKUP_JOBS" ;; esac
{ mkdir -p "$folder" && folder=$(cd "$folder" && pwd) && [ -w "$folder" ]; } 2>/dev/null \
    || fail 2 "BACKUP_DIR cannot be written to: $folder"
here=$(uname -n)
trap stop EXIT
trap 'exit 130' INT TERM HUP
sweep
if ! mkdir "$folder/.$name.part" 2>/dev/null; then
    [ -d "$folder/.$name.part" ] || fail 6 "$folder/.$name.part cannot be made: is the disk full?"
    fail 7 "another run writes $name at this moment: wait for it, or choose another BACKUP_NAME"
fi
work=$folder/.$name.part
cd "$work"
own $$ 2>/dev/null || fail 6 "nothing can be written to $folder: is the disk full?"
for each in "$folder/$name" "$folder/$name.json" "$folder/$name.dump"; do
    [ ! -e "$each" ] || fail 2 "$each is there already: choose another BACKUP_NAME"
done

server=$(ask -c "SELECT current_setting('server_version_num')::int / 10000, pg_database_size(current_database()),
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')" 2>error) \
    || fail 4 "the database does not answer: $(words error)"
server_major=${server%%|*}
spare=${server##*|}
database_bytes=${server#*|}; database_bytes=${database_bytes%|*}
client_version=$(pg_dump --version | awk '{ print $3 }')
client_major=${client_version%%[!0-9]*}
[ "$server_major" -ge 14 ] || fail 3 "the server is PostgreSQL $server_major; backups need 14 or newer"
[ "$client_major" -ge "$server_major" ] || fail 3 "pg_dump $client_version is older than the server ($server_major):" \
    "install the PostgreSQL $server_major client, or put its folder first on PATH"

# The last backup's share of its database says how much this one needs; without one, all of it.
# shellcheck disable=SC2012  # names are checked above: nothing in them that ls would change
last=$(ls -t "$folder"/*/manifest.json 2>/dev/null | head -n 1)
needed_kib=$(awk -v bytes="$database_bytes" '/^  "size_bytes": /{ sub(/,/, ""); size = $2 }
    /^  "database_bytes": /{ sub(/,/, ""); whole = $2 }
    END { share = size && whole ? 1.5 * size / whole : 1; printf "%d", share * bytes / 1024 + 16384 }' "${last:-/dev/null}")
free_kib=$(df -Pk . | awk 'NR == 2 { print $4 }')
[ "$free_kib" -ge "$needed_kib" ] || fail 6 "$((free_kib / 1024)) MiB free in $folder, about $((needed_kib / 1024)) MiB needed" \
    "for a database of $((database_bytes / 1048576)) MiB: free space, or name another BACKUP_DIR"

cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || echo 1)
jobs=${BACKUP_JOBS:-$(awk -v cpus="$cpus" -v spare="$spare" 'BEGIN { most = int((spare - 2) / 2); if (most > 8) most = 8
    print cpus < most ? cpus : (most > 1 ? most : 1) }')}
compression=${BACKUP_COMPRESSION:-}
if [ -z "$compression" ] && [ "$client_major" -lt 16 ]; then
    compression=6
elif [ -z "$compression" ]; then  # without zstd it says so before it looks for a server, and here there is none
    compression=zstd:3
    if PGHOST=/dev/null/none pg_dump -Fd -Z zstd:3 -s -t backup_db.probe -f probe 2>&1 | grep -q compression; then compression=gzip; fi
fi

# psql takes the snapshot, holds it, and counts, while pg_dump dumps; then it waits until it is told to go on, or until
# nobody is there any more who could tell it. LOCK keeps others from changing a table between the two.
mkfifo go
exec 5<>go
taken_at=$(now)
PGCLIENTENCODING=UTF8 psql -XqAt -v ON_ERROR_STOP=1 >said 2>asking 6<go 5>&- <<'SQL' &
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT coalesce(pg_catalog.to_regclass('alembic_version')::pg_catalog.oid, (
    SELECT max(c.oid) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) = ARRAY['version_num']
    HAVING count(*) = 1
), 0) AS versions \gset
SET LOCAL search_path = pg_catalog;
SET LOCAL row_security = off;
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = '5min';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = postgres;
SET LOCAL TimeZone = 'UTC';
SET LOCAL extra_float_digits = 3;
SET LOCAL bytea_output = hex;
SET LOCAL lc_monetary = 'C';
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT format('LOCK TABLE ONLY %I.%I IN ACCESS SHARE MODE', nspname, relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema' \gexec
SELECT pg_export_snapshot();
\o revision
SELECT format('SELECT to_json(string_agg(version_num::text, '','' ORDER BY version_num)) FROM %s', oid::regclass)
FROM pg_class WHERE oid = :versions \gexec
\o facts
WITH RECURSIVE here AS (SELECT * FROM pg_database WHERE datname = current_database()),
schemas AS (SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'),
members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
relations AS (SELECT c.* FROM pg_class c JOIN schemas n ON n.oid = relnamespace
    WHERE (1259, c.oid) NOT IN (SELECT classid::int, objid FROM members)),
needed AS ((SELECT refobjid AS oid FROM pg_shdepend WHERE dbid = (SELECT oid FROM here) AND refclassid = 1260
    UNION SELECT datdba FROM here) UNION SELECT roleid FROM pg_auth_members JOIN needed ON member = needed.oid),
roles AS (SELECT oid, rolname FROM pg_roles
    WHERE oid IN (SELECT oid FROM needed) AND oid <> 10 AND rolname NOT LIKE 'pg\_%'),
objects(kind, number) AS (
    SELECT CASE relkind WHEN 'r' THEN 'tables' WHEN 'p' THEN 'partitioned tables' WHEN 'v' THEN 'views'
        WHEN 'm' THEN 'materialized views' WHEN 'f' THEN 'foreign tables' ELSE 'composite types' END, count(*)
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c') GROUP BY 1
    UNION ALL SELECT 'indexes', count(*) FROM pg_index
        WHERE indisvalid AND indrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'constraints', count(*) FROM pg_constraint
        WHERE contype <> 'n' AND conrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'triggers', count(*) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'policies', count(*) FROM pg_policy WHERE polrelid IN (SELECT oid FROM relations)
    UNION ALL SELECT 'functions', count(*) FROM pg_proc WHERE pronamespace IN (SELECT oid FROM schemas)
        AND (1255, oid) NOT IN (SELECT classid::int, objid FROM members))
SELECT json_build_object('database', current_database(),
    'server_version', split_part(current_setting('server_version'), ' ', 1),
    'encoding', pg_encoding_to_char(encoding),
    'locale', json_build_object('provider', to_jsonb(here) -> 'datlocprovider', 'collate', datcollate,
        'ctype', datctype, 'collation_version', to_jsonb(here) -> 'datcollversion',
        'icu', coalesce(to_jsonb(here) -> 'datlocale', to_jsonb(here) -> 'daticulocale')),
    'extensions', (SELECT coalesce(json_object_agg(extname, extversion ORDER BY extname), '{}') FROM pg_extension),
    'roles', (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]') FROM roles),
    'memberships', (SELECT coalesce(json_agg(DISTINCT jsonb_build_array(rolname, pg_get_userbyid(roleid))), '[]')
        FROM roles JOIN pg_auth_members ON member = roles.oid),
    'objects', (SELECT coalesce(json_object_agg(kind, number ORDER BY kind), '{}') FROM objects WHERE number > 0))
FROM here;
\o sequences
SELECT coalesce(json_agg(json_build_array(nspname, relname, last_value) ORDER BY nspname, relname),
    '[]')
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    JOIN pg_sequences s ON schemaname = nspname AND sequencename = relname
WHERE relkind = 'S' AND NOT cycle
    AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 1259);
\o large_objects
WITH RECURSIVE pieces(oid, at, size, digest) AS (
    SELECT l.oid, 0::bigint, length(piece), hash_record_extended(ROW(l.oid, 0::bigint, piece), 0)
    FROM pg_largeobject_metadata l, LATERAL (SELECT lo_get(l.oid, 0, 1048576) AS piece OFFSET 0) read
    UNION ALL
    SELECT p.oid, at + 1048576, length(piece), hash_record_extended(ROW(p.oid, at + 1048576, piece), 0)
    FROM pieces p, LATERAL (SELECT lo_get(p.oid, at + 1048576, 1048576) AS piece OFFSET 0) read
    WHERE size = 1048576)
SELECT json_build_object('count', count(*) FILTER (WHERE at = 0), 'digest', coalesce(sum(digest), 0)::text)
FROM pieces;
\o tables
SELECT format('SELECT json_build_object(''schema'', %L::text, ''name'', %L::text, ''owner'', %L::text,'
    ' ''rows'', count(*), ''digest'', coalesce(sum(hash_record_extended(ROW(%s), 0)), 0)::text) FROM ONLY %I.%I t',
    nspname, relname, pg_get_userbyid(relowner), (SELECT string_agg(format(CASE
            WHEN collcollate IS NOT NULL AND NOT collisdeterministic THEN 't.%I::text COLLATE "C"'
            WHEN atttypid = ANY (plain) OR typelem = ANY (plain) AND typcategory = 'A' THEN 't.%I'
            ELSE 't.%I::text' END, attname), ', ' ORDER BY attname COLLATE "C")
        FROM pg_attribute JOIN pg_type y ON y.oid = atttypid LEFT JOIN pg_collation l ON l.oid = attcollation
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''), nspname, relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace,
    (SELECT ARRAY['bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'text', 'varchar', 'bpchar', 'bytea',
        'uuid', 'date', 'time', 'timestamp', 'timestamptz', 'interval', 'jsonb']::regtype[]::oid[] AS plain) p
WHERE relkind = 'r' AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
    AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 1259)
ORDER BY nspname, relname \gexec
\o
\! read -r word <&6
COMMIT;
SQL
asking=$!
own "$asking"
until [ -s said ] || ! kill -0 "$asking" 2>/dev/null; do pause; done
read -r snapshot <said || { wait "$asking" || true; broken "$(words asking)"; }

TZ=UTC pg_dump -Fd -j "$jobs" -Z "$compression" --lock-wait-timeout=300000 --snapshot="$snapshot" -f dump 2>dumping 5>&- &
dumping=$!
own "$dumping"
# Meanwhile: roles are the server's, not the snapshot's.
pg_dumpall --globals-only --no-role-passwords -l "$PGDATABASE" -f globals.sql 2>error || ask >globals.sql 2>error <<'SQL' || broken "$(words error)"
SELECT format('CREATE ROLE %I;', rolname) FROM pg_catalog.pg_roles WHERE rolname NOT LIKE 'pg\_%' AND oid <> 10 ORDER BY 1;
SELECT format('GRANT %I TO %I;', pg_get_userbyid(roleid), pg_get_userbyid(member)) FROM pg_catalog.pg_auth_members ORDER BY 1;
SQL
turns=0
while kill -0 "$dumping" 2>/dev/null && kill -0 "$asking" 2>/dev/null; do
    pause
    turns=$((turns + 1))
    if [ -t 2 ] && [ $((turns % 20)) -eq 0 ]; then printf '\rbackup_db: %s MiB written ' "$(written)" >&2; fi
done
[ "$turns" -lt 20 ] || [ ! -t 2 ] || printf '\n' >&2
if ! kill -0 "$dumping" 2>/dev/null; then
    wait "$dumping" || {
        # The snapshot is psql's: where pg_dump misses it, psql has failed first and knows why.
        ! grep -qs "TRANSACTION SNAPSHOT" dumping || wait "$asking" || broken "$(words asking)"
        broken "$(words dumping)"
    }
    dumping=''
    echo go >&5
fi
wait "$asking" || broken "$(words asking)"
asking=''
[ -z "$dumping" ] || broken "psql ended before the dump did"

# Sequences are no part of a snapshot: the dump's value lies between those from before it and from after it.
ask >sequences_after 2>error <<'SQL' || broken "$(words error)"
SET search_path = pg_catalog;
SELECT coalesce(json_agg(json_build_array(nspname, relname, last_value) ORDER BY nspname, relname),
    '[]')
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    JOIN pg_sequences s ON schemaname = nspname AND sequencename = relname
WHERE relkind = 'S' AND NOT cycle
    AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = 1259);
SQL
# The names are pg_dump's own: letters, digits, dots.
{ find dump globals.sql -type f | sort >files; xargs wc -c <files >sizes; add_up >SHA256SUMS; } 2>error \
    || broken "$(words error)"
digest=$($sums SHA256SUMS) || broken "SHA256SUMS cannot be read"
awk -v name="$name" -v taken="$taken_at" -v finished="$(now)" -v whole="$database_bytes" -v digest="${digest%% *}" \
    -v client="$client_version" -v compression="$compression" -v jobs="$jobs" '
    function line(file,   text) { getline text <file; close(file); return text == "" ? "null" : text }
    FILENAME == "sizes" { if (NF == 2 && $2 != "total" && $2 != "/dev/null") { size[$2] = $1; sum += $1 } }
    FILENAME == "SHA256SUMS" { order[++count] = $2; sha[$2] = $1 }
    FILENAME == "tables" { lines++; tables = tables (tables ? ",\n    " : "\n    ") $0 }
    END { facts = line("facts"); counted = match(facts, /"tables" : [0-9]+/) ? substr(facts, RSTART + 11, RLENGTH - 11) : 0
          if (facts == "null" || counted != lines + 0 || !(line("large_objects") ~ /count/)) {
              print "No space left for the facts" >"/dev/stderr"; exit 1 }
          printf "{\n  \"format\": 2,\n  \"name\": \"%s\",\n  \"taken_at\": \"%s\",\n  \"finished_at\": \"%s\",\n", name, taken, finished
          printf "  \"size_bytes\": %.0f,\n  \"database_bytes\": %.0f,\n  \"sha256\": \"%s\",\n", sum, whole, digest
          printf "  \"client_version\": \"%s\",\n  \"compression\": \"%s\",\n  \"jobs\": %d,\n", client, compression, jobs
          printf "  \"schema_revision\": %s,\n  \"facts\": %s,\n  \"large_objects\": %s,\n", line("revision"), facts, line("large_objects")
          printf "  \"sequences\": %s,\n  \"sequences_after\": %s,\n", line("sequences"), line("sequences_after")
          printf "  \"tables\": [%s\n  ],\n  \"files\": [", tables
          for (i = 1; i <= count; i++) printf "%s\n    {\"path\": \"%s\", \"size_bytes\": %.0f, \"sha256\": \"%s\"}", (i > 1 ? "," : ""), order[i], size[order[i]], sha[order[i]]
          printf "\n  ]\n}\n" }' sizes SHA256SUMS tables >manifest.json 2>error || broken "$(words error)"
$sums manifest.json >>SHA256SUMS 2>error || broken "$(words error)"
exec 5>&-
rm -f said go asking dumping revision facts large_objects tables sequences sequences_after files added sizes error
sync globals.sql manifest.json SHA256SUMS dump . 2>/dev/null || sync
cd "$folder"
[ ! -e "$name" ] || fail 7 "another run has written $name meanwhile"
rm "$work/owner"
mv "$work" "$name"
work=''
sync . 2>/dev/null || sync
printf '%s\n' "$folder/$name/manifest.json"
