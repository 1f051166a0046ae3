"""The local stack: up, down, status, logs, the variables of its environment, faults."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from gonogo.errors import UsageError
from gonogo.local import assembly, facts, files, hosting, orders, postgres, redis, teardown
from gonogo.local.assembly import Progress
from gonogo.local.definition import (
    ContainerStatus,
    Owner,
    ProviderStatus,
    StackDefinition,
    StackInfo,
    StackStatus,
)
from gonogo.local.errors import StackError
from gonogo.local.facts import Facts
from gonogo.local.http import JsonClient
from gonogo.local.paths import Paths
from gonogo.local.providers.control import Control
from gonogo.local.waiting import until

COOLIFY = "coolify"
_LOCK_SECONDS = 300
_REVIVE_SECONDS = 90.0


def quiet(_: str) -> None:
    """Take a line of progress and say nothing."""


def up(definition: StackDefinition, *, owner: Owner | None = None, progress: Progress = quiet) -> StackInfo:
    """Make sure that a stack runs; one that does is returned as it is, whatever commit it serves by now.

    Args:
        definition: what a new one is made from.
        owner: the process that it is for; None lets it run until it is taken down.
        progress: told one line for each part that is up; may be called from several threads.

    Raises:
        StackError: a part did not start; what had started is ended, and its logs are kept.
        RefusedError: the first commit cannot be checked out.
    """
    paths = Paths(definition.directory)
    with _locked(paths):
        if found := _revived(paths, owner):
            return found.info
        teardown.end(paths, keep_logs=False)
        files.folder(paths.directory)
        orders.write_owner(paths, owner)
        try:
            return assembly.start(definition, paths, progress=progress).info
        except BaseException:
            teardown.end(paths, keep_logs=True)
            raise


def down(directory: Path, *, keep_logs: bool = False) -> None:
    """Make sure that nothing of a stack is left: no process, no port, no worktree, no file.

    Args:
        directory: the stack's folder.
        keep_logs: its logs stay.
    """
    paths = Paths(directory)
    if not directory.parent.exists():
        return
    with _locked(paths):
        if directory.exists():
            teardown.end(paths, keep_logs=keep_logs)
        paths.lock.unlink(missing_ok=True)
    if not keep_logs:
        with suppress(OSError):
            directory.parent.rmdir()


def status(directory: Path) -> StackStatus:
    """Return what a stack is doing; asking changes nothing."""
    paths = Paths(directory)
    found, state = facts.read(paths), hosting.state(paths) or {}
    environment = found.environment if found else {}
    return StackStatus(
        name=directory.name,
        info=found.info if found else None,
        postgres=bool(found) and postgres.answers(environment["DATABASE_URL"]),
        redis=bool(found) and redis.answers(environment["REDIS_URL"]),
        coolify=bool(state),
        containers=tuple(ContainerStatus(**row) for row in state.get("containers", ())),
        faults=tuple((row["name"], row["commit"]) for row in state.get("faults", ())),
        providers=tuple(_provider(name, url) for name, url in (found.info.providers if found else {}).items()),
    )


def logs(directory: Path, name: str, *, lines: int = 100) -> str:
    """Return the last lines of one part's log.

    Args:
        directory: the stack's folder.
        name: a service, or one of coolify, providers, postgres, redis.
        lines: how many.

    Raises:
        UsageError: there is no such log.
    """
    paths = Paths(directory)
    containers = sorted((paths.logs / "containers").glob(f"{name}-*.log"), key=lambda path: path.stat().st_mtime)
    path = paths.log_files.get(name) or (containers[-1] if containers else None)
    if path is None:
        known = ", ".join(["api", "worker", *paths.log_files])
        message = f"no log called {name}; there are: {known}"
        raise UsageError("stack-no-such-log", message, hint="invoke stack.logs --name api")
    return files.tail(path, lines)


def environ(directory: Path) -> dict[str, str]:
    """Return the variables that a release to this stack needs; they hold its secrets.

    Raises:
        StackError: the stack is not up.
    """
    return dict(facts.need(Paths(directory)).environment)


def change_value(directory: Path, name: str, value: str) -> None:
    """Replace one of the variables that a release to this stack needs, where it has it.

    Raises:
        StackError: the stack is not up.
    """
    paths = Paths(directory)
    found = facts.need(paths)
    facts.write(paths, replace(found, environment={**found.environment, name: value}))


def set_faults(directory: Path, faults: Iterable[tuple[str, str]]) -> None:
    """Switch faults on, and all others off.

    Args:
        directory: the stack's folder.
        faults: name and commit (40 hex digits) of each; a fault hits deployments of its commit only.

    Raises:
        StackError: the stack is not up, or knows no such fault.
    """
    body = {"faults": [{"name": name, "commit": commit} for name, commit in faults]}
    with hosting.control(Paths(directory)) as client:
        answer: dict[str, Any] = client.call("POST", "/__standin__/faults", body=body)
    if unknown := answer["unknown"]:
        raise StackError("stack-no-such-fault", f"the stand-in knows no fault called {', '.join(unknown)}")


def provider(directory: Path, name: str) -> Control:
    """Return what can be done to a provider's stand-in, or to Coolify's.

    Raises:
        StackError: the stack is not up.
        UsageError: there is no such provider.
    """
    paths = Paths(directory)
    info = facts.need(paths).info
    providers = info.providers
    if name == COOLIFY:
        told = orders.read(paths)
        return Control(info.coolify_url, told.control_token if told else None)
    if name not in providers:
        message = f"no provider called {name}; there are: {', '.join((*providers, COOLIFY))}"
        raise UsageError("stack-no-such-provider", message, hint="invoke stack.status")
    return Control(providers[name])


def _provider(name: str, url: str) -> ProviderStatus:
    with Control(url) as control:
        found = control.faults()
    switched = tuple(row["name"] for row in found["switched"]) if found else ()
    return ProviderStatus(name=name, url=url, is_up=found is not None, faults=switched)


def _locked(paths: Paths) -> FileLock:
    files.folder(paths.lock.parent)
    return FileLock(paths.lock, timeout=_LOCK_SECONDS)


def _revived(paths: Paths, owner: Owner | None) -> Facts | None:
    """Return a complete stack after starting again what of it has died; None when that cannot be done."""
    found = facts.read(paths)
    if found is None or orders.read(paths) is None:
        return None
    orders.write_owner(paths, owner)
    try:
        return found if _started_again(paths, found) else None
    except StackError:
        return None


def _started_again(paths: Paths, found: Facts) -> bool:
    if paths.postgres.exists():
        postgres.start(paths.postgres, durable=False)
    if paths.redis.exists():
        redis.start(paths.redis)
    addresses = hosting.start(paths)
    moved = (addresses.front, addresses.providers) != (found.info.url, found.info.providers)
    if moved or not redis.answers(found.environment["REDIS_URL"]):
        return False
    with JsonClient(addresses.front) as client:
        return bool(until(lambda: client.look(found.ready), "the API", seconds=_REVIVE_SECONDS))
