"""Every module imports, without a warning; the migrations have one head. Run by `nox -s compile` too."""

import os
import subprocess
import sys

from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.house.sources import ROOT, modules

# Alembic runs these; they are no modules that anybody imports.
_SCRIPTS = ("backend/migrations/env.py", "backend/migrations/versions/")
_CODE = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)"


def test_every_module_imports_with_warnings_as_errors() -> None:
    """One new process, each module of both halves by its name."""
    names = [
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        for folder, package in (
            (ROOT / "ops", "ops/gonogo"),
            (ROOT / "ops" / "migrator", "ops/migrator"),
            (ROOT, "backend"),
        )
        for path in modules(package)
        if not str(path.relative_to(ROOT)).startswith(_SCRIPTS)
    ]
    places = (ROOT, ROOT / "ops", ROOT / "ops" / "migrator")
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(str(place) for place in places)}

    done = subprocess.run(
        (sys.executable, "-W", "error", "-c", _CODE, *names), env=environ, capture_output=True, text=True, check=False
    )

    assert len(names) > 100
    assert done.returncode == 0, done.stderr


def test_the_migrations_have_one_head() -> None:
    """Two could not be applied in one order."""
    scripts = ScriptDirectory.from_config(Config(ROOT / "backend" / "alembic.ini"))

    assert len(scripts.get_heads()) == 1
