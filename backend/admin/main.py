"""Manage tokens, write the contracts, tell what is needed: python -m backend.admin.main --help."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from backend.access import tokens
from backend.access.tokens import EVERYTHING, NewToken, Scope
from backend.admin import contracts, requirements
from backend.api.schemas import CONTRACTS
from backend.core import clock
from backend.core.environment import DatabaseEnvironment, is_email, load_or_exit
from backend.core.errors import DatabaseUnavailableError
from backend.db.engine import create_engine
from backend.db.unit_of_work import Database

DONE = 0
NOTHING_TO_DO = 3
REFUSED = 4
UNREACHABLE = 7
_DAYS_MAX = 3650


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m backend.admin.main",
        description="Manage API tokens; write the public contracts; tell which settings are needed.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    issue = commands.add_parser("issue-token", help="print a new token, once; its owner is made when absent")
    revoke = commands.add_parser("revoke-token", help="revoke a person's tokens of one name")
    listing = commands.add_parser(
        "list-tokens", help="print one JSON object per token, newest first; never a token itself"
    )
    listing.add_argument("--user", metavar="EMAIL", help="whose tokens (default: everybody's)")
    # Whatever was taken before can be revoked; what is new is an address.
    for command, address in ((issue, _email), (revoke, str)):
        command.add_argument("--user", type=address, required=True, metavar="EMAIL", help="whose token")
        command.add_argument("--name", required=True, help="what its owner calls it")
    issue.add_argument("--days", type=_days, default=90, metavar="N", help="days until it expires (default: 90)")
    scopes = ",".join(EVERYTHING)
    issue.add_argument(
        "--scopes", type=_scopes, default=EVERYTHING, metavar="A,B", help=f"what it is good for (default: {scopes})"
    )
    written = commands.add_parser("write-contracts", help="write the JSON Schemas of the public contracts")
    written.add_argument("--check", action="store_true", help="write nothing; say what is not as it should be")
    written.add_argument("folder", type=Path, metavar="DIR", help="where they are")
    needed = commands.add_parser("required-settings", help="print which variables the API and the worker need")
    needed.add_argument("--json", action="store_true", help="one JSON object, by service")
    return parser


def _scopes(text: str) -> tuple[Scope, ...]:
    names = [each.strip() for each in text.split(",") if each.strip()]
    if not names or set(names) - set(EVERYTHING):
        raise argparse.ArgumentTypeError(f"must be some of {', '.join(EVERYTHING)}, with commas between")
    return tuple(Scope(each) for each in dict.fromkeys(names))


def _email(text: str) -> str:
    try:
        return is_email(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}: {text!r}") from None


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
        options: Holds user, name, days and scopes.
    """
    secret = tokens.generate()
    expires_at = clock.now() + timedelta(days=options.days)
    async with database.unit_of_work() as connection:
        token = NewToken(
            email=options.user, name=options.name, secret=secret, expires_at=expires_at, scopes=options.scopes
        )
        await tokens.keep(connection, token)
    sys.stdout.write(f"{secret}\n")
    return DONE


async def listing(database: Database, options: argparse.Namespace) -> int:
    """Write what is known of each token, a JSON object on a line.

    Args:
        database: Where they are kept.
        options: Holds user; None is everybody.
    """
    async with database.statement() as connection:
        found = await tokens.everybodys(connection, options.user)
    for each in found:
        sys.stdout.write(f"{json.dumps(asdict(each), default=str)}\n")
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


def write_contracts(options: argparse.Namespace) -> int:
    """Write the contracts, or say what is wrong with those that are there.

    Args:
        options: Holds folder and check.
    """
    act = contracts.compare if options.check else contracts.write
    compared = act(options.folder, CONTRACTS)
    for each in compared.breaks:
        sys.stderr.write(f"{each}\n")
    if compared.breaks:
        sys.stderr.write("A reader of these answers would break. Nothing was written: give them a new version.\n")
        return REFUSED
    if options.check and compared.stale:
        sys.stderr.write(f"Not as they are in the code: {', '.join(compared.stale)}. Write them anew.\n")
        return REFUSED
    sys.stdout.write(f"{len(CONTRACTS)} contract(s), {len(compared.stale)} written\n")
    return DONE


def required_settings(options: argparse.Namespace) -> int:
    """Write which variables each service does not start without; nothing is contacted and no setting is read.

    Args:
        options: Holds json.
    """
    needs = requirements.needs()
    if options.json:
        sys.stdout.write(f"{json.dumps(needs)}\n")
        return DONE
    for service, each in needs.items():
        lines = [
            *each["required"],
            *(f"{', '.join(names)}, with {given}" for given, names in requirements.TOGETHER.items()),
        ]
        sys.stdout.writelines(f"{service}: {line}\n" for line in lines)
    return DONE


async def run(options: argparse.Namespace) -> int:
    """Run one command on the database and return the process's exit code.

    Args:
        options: The parsed arguments.
    """
    url = load_or_exit(DatabaseEnvironment).database_url.get_secret_value()
    database = Database(create_engine(url, pool_size=1, application_name="admin"))
    command = {"issue-token": issue, "list-tokens": listing, "revoke-token": revoke}[options.command]
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
    options = _parser().parse_args(arguments)
    offline = {"write-contracts": write_contracts, "required-settings": required_settings}
    command = offline.get(options.command)
    return command(options) if command else asyncio.run(run(options))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
