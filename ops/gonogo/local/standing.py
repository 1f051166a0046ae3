"""The local stack that stays: brought up by hand, used like a real environment, taken down by hand."""

import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gonogo import adoption, bootstrap
from gonogo.adapters.safe import OwnValues
from gonogo.errors import ConfigurationError, UsageError
from gonogo.local import postgres, rehearsal, stack
from gonogo.local.definition import ProviderStatus, StackInfo, StackStatus, directory
from gonogo.local.errors import StackError
from gonogo.local.providers.faults import WHERE
from gonogo.model import version_of

STACK = "local"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a stack, whether it runs, and where."""

    name: str
    state: str
    where: str


def bring_up(root: Path, *, start_from: str, environ: Mapping[str, str], progress: Callable[[str], None]) -> StackInfo:
    """Bring the stack up with a first version; one that is up already is left as it is."""
    project = bootstrap.project(root)
    head = bootstrap.repository(project).resolve("HEAD")
    first = rehearsal.first_commit(project, head, start_from)
    return stack.up(rehearsal.definition(project, STACK, first, environ), owner=None, progress=progress)


def take_down(root: Path) -> tuple[str, ...]:
    """Take every stack of this checkout down, a killed rehearsal's too, and the linter's server; return their names.

    Raises:
        LockHeldError: a rehearsal is running; it takes its own stack down.
        ConfigurationError: there is a stack, and gonogo.toml is not complete.
    """
    state = adoption.load(root, {}).state
    linter = _without_linter(state / "lint")
    try:
        project = bootstrap.project(root)
    except ConfigurationError:
        if any(directory(state, name).exists() for name in (STACK, rehearsal.STACK)):
            raise
        return linter  # a project that has nothing but migrations has no stack
    with rehearsal.alone(project):
        found = tuple(name for name in (STACK, rehearsal.STACK) if directory(project.state, name).exists())
        for name in found:
            stack.down(directory(project.state, name))
    bootstrap.checkouts(project).release()
    return (*found, *linter)


def _without_linter(folder: Path) -> tuple[str, ...]:
    """Stop the server that linting has left for the next time, and remove it."""
    if not (folder / "postgres").exists():
        return ()
    postgres.stop(folder / "postgres")
    shutil.rmtree(folder / "postgres", ignore_errors=True)
    return (folder.name,)


def parts(root: Path) -> tuple[Part, ...]:
    """Return the parts of the stack."""
    status = stack.status(_folder(root))
    info = status.info
    if info is None:
        return ()
    servers = (
        Part(name="postgres", state=_word(is_up=status.postgres), where="unix socket"),
        Part(name="redis", state=_word(is_up=status.redis), where="loopback"),
        Part(name="coolify", state=_with_faults(status), where=info.coolify_url),
        Part(name="front", state=_word(is_up=status.coolify), where=info.url),
    )
    containers = tuple(
        Part(name=each.service, state=f"{each.state}:{each.health}", where=f"{version_of(each.commit)} {each.name}")
        for each in status.containers
    )
    return (*servers, *(_provider(each) for each in status.providers), *containers)


def logs(root: Path, name: str, lines: int) -> str:
    """Return the last lines of one part's log."""
    return stack.logs(_folder(root), name, lines=lines)


def faults(root: Path, provider: str) -> tuple[tuple[str, str, str], ...]:
    """Return the faults of a provider's stand-in: name, whether it is on, and what it does.

    Raises:
        StackError: the stack does not answer.
        UsageError: none is up, or there is no such provider.
    """
    found = _faults(root, provider)
    switched = {row["name"] for row in found["switched"]}
    return tuple((row["name"], "on" if row["name"] in switched else "", row["summary"]) for row in found["known"])


def switch(root: Path, provider: str, name: str, settings: Mapping[str, object]) -> None:
    """Switch a fault of a provider's stand-in on; without a name switch all of them off.

    Raises:
        StackError: the stack does not answer.
        UsageError: none is up, or there is no such provider, fault or setting.
    """
    known = {row["name"]: row["settings"] for row in _faults(root, provider)["known"]}
    if name and name not in known:
        message = f"{provider} has no fault called {name}"
        raise UsageError("stack-no-such-fault", message, hint=f"invoke stack.fault {provider}")
    allowed = {*WHERE - {"name"}, *known.get(name, ())}
    if unknown := sorted(set(settings) - allowed):
        message = f"{name} takes no {', '.join(unknown)}; it takes {', '.join(sorted(allowed))}"
        raise UsageError("stack-no-such-setting", message, hint=f"invoke stack.fault {provider}")
    with stack.provider(_folder(root), provider) as control:
        if name:
            control.fault(name, **settings)
        else:
            control.clear()


def _faults(root: Path, provider: str) -> Mapping[str, Any]:
    """Return what a provider's stand-in says of its faults."""
    with stack.provider(_folder(root), provider) as control:
        found = control.faults()
    if found is None:
        raise StackError("stack-no-answer", f"the {provider} stand-in does not answer", hint="invoke stack.up")
    return found


def exports(root: Path) -> str:
    """Return the stack's variables as shell lines."""
    return "\n".join(f"export {key}={shlex.quote(value)}" for key, value in sorted(values(root, STACK).items()))


def values(root: Path, name: str) -> dict[str, str]:
    """Return what a stack says of itself, by the variables that a real environment would set.

    Raises:
        StackError: it is not up.
    """
    found = stack.environ(directory(bootstrap.project(root).state, name))
    # The same server, and not the same database: what is tried out there never meets what is served.
    return {"SCRATCH_DATABASE_URL": postgres.database_url(found["DATABASE_URL"], "postgres"), **found}


def own_values(root: Path, name: str) -> OwnValues:
    """Return where a stack keeps the values that it says of itself."""
    folder = directory(bootstrap.project(root).state, name)
    return OwnValues(
        read=lambda variable: stack.environ(folder).get(variable),
        write=lambda variable, value: stack.change_value(folder, variable, value),
    )


def _folder(root: Path) -> Path:
    """Return the folder of the stack that is up: the standing one, else a rehearsal's.

    Raises:
        UsageError: neither is.
    """
    state = bootstrap.project(root).state
    for name in (STACK, rehearsal.STACK):
        if directory(state, name).exists():
            return directory(state, name)
    raise UsageError("stack-down", "no local stack is up", hint="invoke stack.up")


def _provider(status: ProviderStatus) -> Part:
    state = _word(is_up=status.is_up)
    return Part(name=status.name, state=", ".join((state, *status.faults)), where=status.url)


def _with_faults(status: StackStatus) -> str:
    return ", ".join((_word(is_up=status.coolify), *(name for name, _ in status.faults)))


def _word(*, is_up: bool) -> str:
    """Return a part's state."""
    return "up" if is_up else "down"
