"""What root has to arrange so that another account can run the database server, which refuses to run as root.

Whoever is not root runs everything as themselves, and nothing here does anything.
"""

import os
import pwd
from pathlib import Path

# There on every machine: no account has to be made, and none is left behind.
_ROOT_RUNS_AS = "nobody"
_OTHERS_MAY_RUN = 0o005


def server_account() -> pwd.struct_passwd | None:
    """Return the account that the server runs as; None for our own."""
    return pwd.getpwnam(_ROOT_RUNS_AS) if os.geteuid() == 0 else None


def hand_over(path: Path) -> None:
    """Give a file or folder to the server's account."""
    if account := server_account():
        os.chown(path, account.pw_uid, account.pw_gid)


def let_through(path: Path) -> None:
    """Let the server's account pass (not list, not read) the folders above a path."""
    if server_account() is None:
        return
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def open_programs(programs: Path) -> None:
    """Let the server's account run the installed programs, also where a strict umask installed them.

    Args:
        programs: the folder that holds `postgres`; what it needs is beside that folder.
    """
    let_through(programs / "postgres")
    opened = (programs / "postgres").stat().st_mode & _OTHERS_MAY_RUN == _OTHERS_MAY_RUN
    if opened or server_account() is None:
        return
    for path in (programs.parent, *programs.parent.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | ((mode & 0o500) >> 6))
