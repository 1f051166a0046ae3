"""Issue and revoke tokens: python -m backend.admin.main --help."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta

from backend.access import tokens
from backend.access.tokens import NewToken
from backend.core import clock
from backend.core.environment import DatabaseEnvironment, load_or_exit
from backend.core.errors import DatabaseUnavailableError
from backend.db.engine import create_engine
from backend.db.unit_of_work import Database

DONE = 0
NOTHING_TO_DO = 3
UNREACHABLE = 7
_DAYS_MAX = 3650


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.admin.main", description="Issue and revoke API tokens.")
    commands = parser.add_subparsers(dest="command", required=True)
    issue = commands.add_parser("issue-token", help="print a new token, once; its owner is made when absent")
    revoke = commands.add_parser("revoke-token", help="revoke a person's tokens of one name")
    for command in (issue, revoke):
        command.add_argument("--user", required=True, metavar="EMAIL", help="whose token")
        command.add_argument("--name", required=True, help="what its owner calls it")
    issue.add_argument("--days", type=_days, default=90, metavar="N", help="days until it expires (default: 90)")
    return parser


def _days(text: str) -> int:
    days = int(text) if text.isdecimal() else 0
    if not 1 <= days <= _DAYS_MAX:
        msg = f"must be a whole number of days from 1 to {_DAYS_MAX}"
        raise argparse.ArgumentTypeError(msg)
    return days


async def issue(database: Database, options: argparse.Namespace) -> int:
    """Keep a new token's hash and write the token alone to standard output.

    Args:
        database: Where it is kept.
        options: Holds user, name and days.
    """
    secret = tokens.generate()
    expires_at = clock.now() + timedelta(days=options.days)
    async with database.unit_of_work() as connection:
        token = NewToken(email=options.user, name=options.name, secret=secret, expires_at=expires_at)
        await tokens.keep(connection, token)
    sys.stdout.write(f"{secret}\n")
    return DONE


async def revoke(database: Database, options: argparse.Namespace) -> int:
    """Revoke tokens and say how many.

    Args:
        database: Where they are kept.
        options: Holds user and name.
    """
    async with database.unit_of_work() as connection:
        count = await tokens.revoke(connection, options.user, name=options.name)
    sys.stdout.write(f"{count} token(s) revoked\n")
    return DONE if count else NOTHING_TO_DO


async def run(options: argparse.Namespace) -> int:
    """Run one command and return the process's exit code.

    Args:
        options: The parsed arguments.
    """
    url = load_or_exit(DatabaseEnvironment).database_url.get_secret_value()
    database = Database(create_engine(url, pool_size=1, application_name="admin"))
    command = {"issue-token": issue, "revoke-token": revoke}[options.command]
    try:
        return await command(database, options)
    except DatabaseUnavailableError as error:
        sys.stderr.write(f"{error.slug}: {error.detail} Nothing was changed. Check DATABASE_URL.\n")
        return UNREACHABLE
    finally:
        await database.close()


def main(arguments: Sequence[str]) -> int:
    """Parse, run, and return the exit code.

    Args:
        arguments: The command line without the program.
    """
    return asyncio.run(run(_parser().parse_args(arguments)))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
