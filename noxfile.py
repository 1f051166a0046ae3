"""What is verified, one short session each; nothing here touches an environment. Operations are in tasks.py."""

import os
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_external_run = True
nox.options.sessions = ["lint", "typecheck", "compile", "tests", "contracts"]

PLACES = [str(Path.cwd() / place) for place in (".", "ops", "ops/migrator")]
SHELL_SCRIPTS = [str(path) for path in sorted(Path("ops").glob("*.sh"))]
COMPILED = ("ops/gonogo", "ops/migrator", "backend", "tasks.py")
SMOKE = "backend/tests/test_phase8_staging_smoke.py"
OPTION = "backend.tests.smoke_option"
ENDINGS = {2: partial(sys.exit, 2)}


@nox.session
def lint(session: nox.Session) -> None:
    """Style, import rooms, shell scripts, workflows."""
    install(session, "lint")
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": os.pathsep.join(PLACES)})
    session.run("shellcheck", *SHELL_SCRIPTS)
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows())
    session.run("zizmor", "--offline", "--quiet", ".github/workflows")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Types, strictly: mypy over the toolkit, the service and the tests."""
    install(session, "types", "test")
    session.run("mypy", *(session.posargs or ["ops", "backend", "bench", "tasks.py", "noxfile.py", "conftest.py"]))


@nox.session(name="compile")
def compile_(session: nox.Session) -> None:
    """Every module compiles and imports with warnings as errors; the migrations have one head."""
    install(session, "test")
    session.run(
        "python", "-W", "error", "-m", "compileall", "-q", "-f", "ops/gonogo", "ops/migrator", "backend", "tasks.py"
    )
    session.run("pytest", "-q", "-p", "no:xdist", "ops/tests/house/test_imports.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The suite but for what `contracts` runs, on real servers, in parallel."""
    install(session, "test")
    session.run("pytest", "-n", "auto", "--dist", "worksteal", "-m", "not contracts", *session.posargs)


@nox.session
def contracts(session: nox.Session) -> None:
    """What two sides promise each other: ports and adapters, providers and our boundary.

    Generated payloads: 2,000 for each operation; `-- --hypothesis-profile=large` for 50,000.
    """
    install(session, "test")
    session.run("pytest", "-n", "auto", "-m", "contracts", "--hypothesis-profile=contracts", *session.posargs)


@nox.session
def secrets(session: nox.Session) -> None:
    """No secret in the history, the tree or what is copied into images; without any environment."""
    install(session)
    session.run("invoke", "secrets.check", "--code", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """What is promised of speed, as ratios of one run; `--quick` measures less. The only place for timings."""
    install(session, "test")
    session.run("python", "-m", "bench", *session.posargs, env={"PYTHONPATH": f"{Path.cwd()}:{Path.cwd() / 'ops'}"})


@nox.session
def compat(session: nox.Session) -> None:
    """The release that runs now on this tree's schema (N-1), on servers of our own; `--against REV` names another."""
    install(session, "test")
    with ExitStack() as ending:
        ending.push(pass_usage_on)
        session.run(
            "python", "-m", "invoke", "compat.check", *session.posargs, env={"PYTHONPATH": str(Path.cwd() / "ops")}
        )


@nox.session
def staging_smoke(session: nox.Session) -> None:
    """The smoke suite against a live environment, with RUN_STAGING_SMOKE=1 and its values; production: `--env prod`."""
    install(session, "test")
    with ExitStack() as ending:
        ending.push(pass_usage_on)
        session.run("python", "-m", "pytest", "-p", OPTION, "--noconftest", "-rs", SMOKE, *session.posargs)


def pass_usage_on(_kind: object, failed: object, _trace: object) -> None:
    """End with 2 where a program did so: it was asked for in a wrong way. nox itself ends with 0 or 1."""
    ENDINGS.get(getattr(failed, "return_code", 0), bool)()


def install(session: nox.Session, *groups: str) -> None:
    """Install the locked set of some dependency groups into the session's environment."""
    chosen = [word for group in groups for word in ("--group", group)]
    session.run_install(
        *("uv", "sync", "--locked", "--quiet", "--no-default-groups", *chosen),
        env={"UV_PROJECT_ENVIRONMENT": session.virtualenv.location},
    )


def workflows() -> list[str]:
    """Return the workflow files."""
    return [str(path) for path in sorted(Path(".github/workflows").glob("*.yml"))]
