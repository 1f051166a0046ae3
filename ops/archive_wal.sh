#!/bin/sh
# Archive one WAL file: PostgreSQL's archive_command. Needs nothing but a POSIX system with gzip.
#
#   archive_command = 'sh /srv/gonogo/archive_wal.sh "%p" "%f" /srv/wal'
#
# Takes:  the file's path, its name, the archive's folder, which must be there: it is not made, so that a disk that is not
#         mounted does not look like an empty archive
# Writes: FOLDER/NAME.gz. Compressed, since a file that is archived by the clock is mostly empty
# Exits:  0 archived, or there already with the same content · 1 not archived, PostgreSQL tries again · 2 usage
#
# Written to .NAME.part, read back and compared, synced, and given its name by a hard link, which fails where the name is
# taken: nothing is ever overwritten. PostgreSQL keeps a file until this ends with 0.
set -eu
umask 027  # whoever takes the backups reads the archive by its group
LC_ALL=C
export LC_ALL

fail() { code=$1; shift; printf '%s\n' "archive_wal: $*" >&2; exit "$code"; }

[ $# -eq 3 ] || fail 2 "takes a path, a name and a folder; see the head of this file"
from=$1 name=$2 folder=$3
case $name in
    ''|*[!0-9A-Za-z.]*|.*) fail 2 "not the name of a WAL file: $name" ;;
esac
[ -r "$from" ] || fail 1 "$from cannot be read"
[ -d "$folder" ] || fail 1 "$folder is not there: is it mounted?"
to=$folder/$name.gz
part=$folder/.$name.part

same() { gzip -dc "$1" 2>/dev/null | cmp -s - "$from"; }

if [ -e "$to" ]; then  # PostgreSQL may have been lost before it heard that the file is archived
    same "$to" || fail 1 "$name is in $folder already, with other content: two servers archive into one folder?"
    exit 0
fi
trap 'rm -f "$part"' EXIT
trap 'exit 1' INT TERM HUP
rm -f "$folder"/.*.part  # of a run that was killed: a server archives one file at a time
gzip -1 -c <"$from" >"$part" || fail 1 "$name cannot be written to $folder: is the disk full?"
same "$part" || fail 1 "$name was not written as it is: look at the disk of $folder"
sync "$part" 2>/dev/null || sync
ln "$part" "$to" || fail 1 "$name cannot be given its name in $folder"
sync "$folder" 2>/dev/null || sync
