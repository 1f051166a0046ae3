"""A process that pushes or removes and is killed at a call to a store or a disk: TASK MOMENT NUMBER JSON."""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import obstore

from gonogo.adapters import manifests
from gonogo.adapters.backups import ScriptBackups
from gonogo.model import Secret
from tests.vault import samples


def main() -> None:
    """Do as told."""
    task, moment, number, given = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
    folder = Path(given["folder"])
    bench = samples.bench(folder, given["url"], given["endpoint"])
    bench = replace(bench, offsite=replace(bench.offsite, recipients=tuple(given["recipients"])))
    name = given["name"]
    counted: dict[str, list[tuple[Any, str]]] = {
        "push": [(obstore, "put")],
        "remove": [(obstore, "delete")],
        "prune": [(Path, "rename"), (os, "unlink")],
    }
    calls = iter(range(1, 10**6))
    for owner, called in counted[task]:
        setattr(owner, called, _deadly(getattr(owner, called), lambda: next(calls) == number, moment))
    if task == "push":
        bench.vault.push(manifests.read(folder / "backups" / name / "manifest.json"))
    elif task == "remove":
        bench.vault.remove(next(each for each in bench.vault.copies() if each.name == name))
    else:
        url = Secret("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        ScriptBackups(("true",), root=folder, folder=folder / "backups", url=url).remove(name)


def _deadly(real: Callable[..., Any], is_due: Callable[[], bool], moment: str) -> Callable[..., Any]:
    """Return a function that is killed with its process when it is due."""

    def called(*args: Any, **more: Any) -> Any:
        due = is_due()
        if due and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*args, **more)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return called


if __name__ == "__main__":
    main()
