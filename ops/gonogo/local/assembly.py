"""A new stack, part by part; parts that do not need each other start side by side."""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

from gonogo.adapters import apart
from gonogo.local import facts, files, first_release, hosting, orders, postgres, redis
from gonogo.local.definition import StackDefinition, StackInfo
from gonogo.local.facts import Facts
from gonogo.local.http import JsonClient
from gonogo.local.paths import Paths
from gonogo.model import Checkout

Progress = Callable[[str], None]
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What a release needs under it; of a database and Redis the toolkit's own way in, and the service's."""

    addresses: hosting.Addresses
    control_token: str
    database: tuple[str, str]
    redis: tuple[str, str]
    checkout: Checkout


def start(definition: StackDefinition, paths: Paths, *, progress: Progress) -> Facts:
    """Start every part, deploy the first release, and write down that the stack is complete.

    Raises:
        StackError: a part did not start.
        RefusedError: the first commit cannot be checked out.
    """
    files.folder(paths.directory)
    parts = _parts(definition, paths, progress=progress)
    return facts.write(paths, _release(definition, paths, parts=parts, progress=progress))


def _parts(definition: StackDefinition, paths: Paths, *, progress: Progress) -> Parts:
    checkouts = definition.checkouts.below(paths.checkouts)
    token = secrets.token_urlsafe(32)
    orders.write(
        paths,
        orders.Orders(
            commands=definition.services,
            checkouts=checkouts,
            control_token=token,
            database=_foreign_database(definition, paths),
        ),
    )
    with ThreadPoolExecutor(max_workers=4) as pool:
        server = pool.submit(_timed, "Coolify stand-in", lambda: hosting.start(paths), progress=progress)
        database = pool.submit(_timed, "PostgreSQL", lambda: _database(definition, paths), progress=progress)
        cache = pool.submit(_timed, "Redis", lambda: _redis(definition, paths), progress=progress)
        tree = pool.submit(_timed, "checkout", lambda: checkouts.provide(definition.first), progress=progress)
        return Parts(
            addresses=server.result(),
            control_token=token,
            database=database.result(),
            redis=cache.result(),
            checkout=tree.result(),
        )


def _release(definition: StackDefinition, paths: Paths, *, parts: Parts, progress: Progress) -> Facts:
    with ExitStack() as clients:
        place = _place(definition, parts, clients=clients)
        applications = first_release.create(definition, place)
        api_token = _timed(
            f"release {definition.first[:12]}",
            lambda: first_release.deploy(definition, place, checkout=parts.checkout, applications=applications),
            progress=progress,
        )
        coolify_token = str(place.control.call("POST", "/__standin__/tokens", body={})["token"])
    info = StackInfo(
        name=definition.name,
        directory=paths.directory,
        url=parts.addresses.front,
        coolify_url=parts.addresses.coolify,
        applications=applications,
        first=definition.first,
        bin_dir=postgres.bin_dir(),
        providers=parts.addresses.providers,
    )
    tokens = {"COOLIFY_TOKEN": coolify_token, "API_TOKEN": api_token}
    told = {name: place.variables[name] for name in definition.environment}
    # What services are never told: the ways in that may change theirs, and what makes providers' keys.
    own = {
        "DATABASE_URL": parts.database[0],
        "REDIS_URL": parts.redis[0],
        "XAI_MANAGEMENT_URL": parts.addresses.providers.get("xai", ""),
        "XAI_MANAGEMENT_KEY": f"xai-mgmt-{secrets.token_urlsafe(32)}",
    }
    return Facts(info=info, ready=definition.ready, environment={**told, **_environment(info, place), **own, **tokens})


def _place(definition: StackDefinition, parts: Parts, *, clients: ExitStack) -> first_release.Place:
    coolify, front = parts.addresses.coolify, parts.addresses.front
    control = clients.enter_context(JsonClient(coolify, parts.control_token))
    # A user of its own: what setting up costs is not taken from the budget of whoever releases here.
    own = control.call("POST", "/__standin__/tokens", body={"user": 1})["token"]
    return first_release.Place(
        control=control,
        api=clients.enter_context(JsonClient(coolify, own)),
        service=clients.enter_context(JsonClient(front)),
        front_url=front,
        variables={
            "DATABASE_URL": parts.database[1],
            "REDIS_URL": parts.redis[1],
            "SECRET_KEY": secrets.token_urlsafe(48),
            **filled(definition.environment, parts.addresses.providers),
        },
    )


def filled(environment: Mapping[str, str], providers: Mapping[str, str]) -> dict[str, str]:
    """Return variables with the providers' addresses in them, and a new secret in each that wants one."""
    return {
        name: _filled(value, {**providers, "random": secrets.token_urlsafe(32)}) for name, value in environment.items()
    }


def _filled(value: str, known: Mapping[str, str]) -> str:
    for name, instead in known.items():
        value = value.replace(f"{{{name}}}", instead)
    return value


def _environment(info: StackInfo, place: first_release.Place) -> dict[str, str]:
    """Return what a release to this stack is told, without the tokens."""
    return {
        "COOLIFY_URL": info.coolify_url,
        **{f"COOLIFY_{name.upper()}_UUID": uuid for name, uuid in info.applications.items()},
        "SECRET_KEY": place.variables["SECRET_KEY"],
        "API_URL": info.url,
    }


def _database(definition: StackDefinition, paths: Paths) -> tuple[str, str]:
    if definition.database_url:
        made = postgres.create_database(definition.database_url, _database_name(paths), says=apart.STACK)
        return made, made
    made = postgres.create_database(postgres.start(paths.postgres, durable=False).url, "app", says=apart.STACK)
    return made, postgres.create_logins(made, "app")


def _redis(definition: StackDefinition, paths: Paths) -> tuple[str, str]:
    if definition.redis_url:
        return definition.redis_url, definition.redis_url
    server = redis.start(paths.redis)
    return server.url, server.service_url


def _foreign_database(definition: StackDefinition, paths: Paths) -> tuple[str, str] | None:
    """Return what to drop in the end: on somebody's server only the database that we made."""
    return (definition.database_url, _database_name(paths)) if definition.database_url else None


def _database_name(paths: Paths) -> str:
    digest = hashlib.sha256(str(paths.directory).encode()).hexdigest()[:8]
    return f"gonogo_{paths.directory.name}_{digest}"


def _timed(name: str, work: Callable[[], Result], *, progress: Progress) -> Result:
    started = time.monotonic()
    result = work()
    progress(f"{name} is up ({time.monotonic() - started:.1f} s)")
    return result
