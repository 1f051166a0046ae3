"""Backups kept: copied to the other place, fetched from there, listed, judged and pruned."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from uv import find_uv_bin

from gonogo import drills, journal, retention, scheduling, stock
from gonogo.bootstrap import physical, storing, wiring
from gonogo.bootstrap.physical import Standing
from gonogo.errors import GonogoError, RefusedError, UnreachableError, UsageError
from gonogo.model import Backup, Config, Copy, Entry
from gonogo.protocols import Shelf, Vault
from gonogo.retention import Candidate, Judged
from gonogo.stock import Kept

# Backups of so many of the last releases are kept: from them the environment can be brought back to before each.
_RELEASES = 5
_LOOKED_AT = 50
HERE, AWAY = "here", "offsite"
# The time in a backup's name, or in the place of a copy.
_STAMP = re.compile(r"(\d{4})/?(\d\d)/?(\d\d)/?T(\d{6})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An environment's backups, looked at.

    Attributes:
        kept: all dumps, newest first.
        physical: how physical backups stand; no rule of retention is for them.
        problems: what somebody has to see to, a sentence each.
        metrics: the same for a monitor.
        away: why the other place could not be asked; None when it was, or there is none.
    """

    kept: tuple[Kept, ...]
    physical: Standing
    problems: tuple[str, ...]
    metrics: str
    away: UnreachableError | RefusedError | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pruned:
    """What became of a backup at one place.

    Attributes:
        where: here, or offsite.
        problem: why it could not be removed; empty when it was, or was to stay.
    """

    judged: Judged
    where: str
    problem: str = ""


def push(config: Config, name: str) -> Copy:
    """Copy a backup to the other place, and return the copy, which is whole there.

    Args:
        config: the environment's.
        name: empty for the newest.

    Raises:
        UsageError: there is no such backup, or no other place.
        RefusedError: the place refuses it, or the backup is not what was written.
        UnreachableError: the place does not answer.
    """
    vault = second(config)
    shelf = storing.shelf(config)
    backup = shelf.find(name) if name else shelf.newest()
    if backup is None:
        what = f"no backup {name}" if name else "no backup"
        raise UsageError(
            "no-backup",
            f"there is {what} of {config.target.name} here",
            hint=f"invoke backup.run --env {config.target.name}",
        )
    return vault.push(backup)


def push_taken(config: Config, name: str) -> Copy:
    """Copy a backup that was taken just now, and say when that fails that it is there all the same.

    Raises:
        RefusedError: the place refuses it, or the backup is not what was written.
        UnreachableError: the place does not answer.
    """
    try:
        return push(config, name)
    except GonogoError as error:
        message = f"the backup {name} was taken and is kept here; it has no copy at the other place: {error.message}"
        again = f"invoke backup.push --name {name} --env {config.target.name}"
        raise type(error)(error.reference, message, where=error.where, hint=again) from None


def schedule_wish(config: Config, *, at: str, ping: str) -> scheduling.Wish:
    """Return what is to take an environment's backups by itself."""
    return scheduling.Wish(
        environment=config.target.name,
        folder=config.root,
        state=config.state,
        uv=shutil.which("uv") or find_uv_bin(),
        max_age_h=config.target.backups.max_age_h,
        at=at,
        ping=ping,
    )


def fetch(config: Config, name: str, into: Path | None) -> Path:
    """Decrypt a copy into a folder, by default where backups are kept, and return the backup's own.

    Raises:
        UsageError: there is no such copy, no other place, no key, or something of that name is there.
        RefusedError: it is not what was stored, or no key fits.
        UnreachableError: the place does not answer.
    """
    vault = second(config)
    return vault.fetch(chosen(vault, name), into or config.state / "backups" / config.target.name)


def check_copy(config: Config, name: str) -> tuple[str, tuple[str, ...]]:
    """Return a copy's name, and all that is wrong with it, as far as it can be seen without a server and a key.

    Raises:
        UsageError: there is no such copy, or no other place.
        UnreachableError: the place does not answer.
    """
    vault = second(config)
    copy = chosen(vault, name)
    return copy.name, vault.verify(copy)


def second(config: Config) -> Vault:
    """Return the other place.

    Raises:
        UsageError: there is none.
    """
    vault = storing.vault(config)
    if vault is None:
        at = f"environments.{config.target.name}.backups"
        raise UsageError(
            "no-offsite",
            f"backups of {config.target.name} have no second place",
            where=f"{at}.offsite in gonogo.toml",
            hint="docs/backups.md says how to set it",
        )
    return vault


def chosen(vault: Vault, name: str) -> Copy:
    """Return a copy by its backup's name, or the one of the newest data.

    Raises:
        UsageError: there is none.
    """
    found = [each for each in vault.copies() if name in {"", each.name}]
    if found:
        return found[-1]
    broken = "; ".join(f"{key}: {why}" for key, why in vault.broken() if not name or name in key)
    said = f"there is no whole copy{f' of {name}' if name else ''}"
    raise UsageError("no-copy", f"{said}: {broken}" if broken else said, hint="invoke backup.push")


def show(config: Config) -> Shown:
    """Look at an environment's backups, here and at the other place; one that does not answer is a problem."""
    here, broken = on_shelf(storing.shelf(config))
    copies, elsewhere, away = _elsewhere(config)
    passed = drills.held(_drills(config))
    kept = stock.joined(here, copies, broken={**broken, **elsewhere}, drills=passed)
    asked = config.target.backups if away is None else replace(config.target.backups, offsite=None)
    told = list(stock.problems(kept, asked, now=wiring.clock().now()))
    if away:
        told.insert(0, away.message)
    files = physical.standing(config)
    told += files.problems
    metrics = stock.metrics(kept, passed, files.backups, environment=config.target.name, well=not told)
    return Shown(kept=kept, physical=files, problems=tuple(told), metrics=metrics, away=away)


def on_shelf(shelf: Shelf) -> tuple[list[Backup], dict[str, str]]:
    """Return the backups on this machine, and by name those that cannot be read, or are not whole, with why."""
    found, broken = [], {}
    for name in shelf.names():
        try:
            backup = shelf.find(name)
        except RefusedError as error:
            broken[name] = error.message
            continue
        if backup is None:
            broken[name] = "its dump is missing"
            continue
        found.append(backup)
        if why := _not_whole(backup):
            broken[name] = why
    return found, broken


def _not_whole(backup: Backup) -> str:
    """Return why a backup is none, as far as it can be seen without reading its files; empty when it is one.

    A link stands for nothing: what it leads to may be judged by itself, and go.
    """
    if backup.manifest.parent.is_symlink():
        return "it is a link to elsewhere"
    for each in backup.files:
        path = backup.manifest.parent / each.path
        if not path.is_file() or path.stat().st_size != each.size_bytes:
            return f"{each.path} is not there as its manifest says"
    return ""


def _elsewhere(config: Config) -> tuple[tuple[Copy, ...], dict[str, str], UnreachableError | RefusedError | None]:
    """Return the copies at the other place, what is broken there, and why it could not be asked."""
    try:
        vault = storing.vault(config)
        return (vault.copies(), dict(vault.broken()), None) if vault else ((), {}, None)
    except (UnreachableError, RefusedError) as error:
        return (), {}, error


def _drills(config: Config) -> tuple[Entry, ...]:
    """Return the entries of the environment's drills, oldest first."""
    ledger = wiring.kept_ledger(config)
    return ledger.read(drills.stream(config.target.name)) if ledger else ()


def to_prune(config: Config) -> tuple[Pruned, ...]:
    """Return what is to become of each backup, here and at the other place; nothing is changed.

    The newest on this machine is read to its end first: nothing goes while it is not good.

    Raises:
        UnreachableError: the other place does not answer.
    """
    proven = tuple(drills.proven(_drills(config)))
    policy, now, held = config.target.backups, wiring.clock().now(), _held(config)
    shelf, vault = storing.shelf(config), storing.vault(config)
    places = [(HERE, _candidates_here(shelf, held))]
    if vault:
        places.append((AWAY, _candidates_away(vault, held)))
    return tuple(
        Pruned(judged=each, where=where)
        for where, candidates in places
        for each in retention.judge(candidates, policy, proven=proven, now=now)
    )


def _candidates_here(shelf: Shelf, held: Mapping[str, str]) -> list[Candidate]:
    """Return the backups on this machine; the newest has been read to its end."""
    found, broken = on_shelf(shelf)
    newest = shelf.newest()
    if newest and newest.name not in broken and (wrong := shelf.verify(newest.name)):
        broken[newest.name] = wrong[0]
    known = [
        Candidate(
            name=each.name, taken_at=each.taken_at, problem=broken.pop(each.name, ""), held=held.get(each.name, "")
        )
        for each in found
    ]
    return [*known, *_broken(broken)]


def _broken(found: Mapping[str, str]) -> Iterator[Candidate]:
    """Yield what cannot be read, with the time that its name says."""
    for name, why in found.items():
        yield Candidate(name=name, taken_at=_named_at(name), problem=why)


def _named_at(name: str) -> datetime | None:
    """Return the time in a backup's name or in a copy's place; None where none is."""
    stamp = _STAMP.search(name)
    try:
        return datetime.strptime("".join(stamp.groups()), "%Y%m%d%H%M%S").replace(tzinfo=UTC) if stamp else None
    except ValueError:
        return None


def _candidates_away(vault: Vault, held: Mapping[str, str]) -> list[Candidate]:
    """Return the copies at the other place."""
    found = [Candidate(name=each.name, taken_at=each.taken_at, held=held.get(each.name, "")) for each in vault.copies()]
    return [*found, *_broken(dict(vault.broken()))]


def _held(config: Config) -> dict[str, str]:
    """Return why backups of releases must stay, by their names: they are what a release can be undone with."""
    ledger = wiring.kept_ledger(config)
    if ledger is None:
        return {}
    found: dict[str, str] = {}
    for count, each in enumerate(ledger.releases(config.target.name)[:_LOOKED_AT]):
        state = journal.replay(ledger.read(each))
        if not state.is_over:
            found[each] = f"the release {each} is not over"
        elif count < _RELEASES:
            found[each] = f"one of the last {_RELEASES} releases: {each} can be undone with it"
    return found


def prune(config: Config, decided: Sequence[Pruned], tell: Callable[[Pruned], None]) -> tuple[Pruned, ...]:
    """Remove what is to go, and return what became of it; one that cannot be removed does not keep the others.

    Args:
        config: the environment's.
        decided: what is to become of each.
        tell: told each that was to go, afterwards.
    """
    removers = dict(_removers(config))
    storing.shelf(config).clear()
    done = []
    for each in decided:
        if each.judged.is_kept:
            continue
        try:
            removers[each.where](each.judged.name)
            after = each
        except (GonogoError, OSError) as error:
            said = error.message if isinstance(error, GonogoError) else str(error.strerror)
            after = Pruned(judged=each.judged, where=each.where, problem=said)
        tell(after)
        done.append(after)
    return tuple(done)


def _removers(config: Config) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Yield for each place what removes a backup there by its name."""
    yield HERE, storing.shelf(config).remove
    if vault := storing.vault(config):
        copies = {each.name: each for each in vault.copies()}
        yield AWAY, lambda name: vault.remove(copies.get(name) or _remains(name))


def _remains(key: str) -> Copy:
    """Return what is left of a copy whose index says nothing, by its place."""
    return Copy(name=key, key=key, taken_at=_named_at(key) or datetime.min.replace(tzinfo=UTC), size_bytes=0, sha256="")
