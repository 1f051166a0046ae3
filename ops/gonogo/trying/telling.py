"""A trial in a few words, for evidence and for lines."""

from collections.abc import Sequence

from gonogo.model import Climb, Climbed, Compared, Outlived, Traced, Trial, version_of
from gonogo.trying.measures import held

_WAITS = {"read": "nobody can read or write", "write": "nobody can write", "": "nobody waits"}


def evidence(trial: Trial | None) -> dict[str, str]:
    """Return what a trial showed, by name; nothing where none was held."""
    if trial is None:
        return {"trial": "none was held"}
    copy = f"{trial.backup}, {size(trial.database_bytes)}" if trial.backup else "an empty database"
    return {
        "trial": f"on {copy}, PostgreSQL {trial.server_version}",
        **{f"trial of {each.revision}": told(each) for each in trial.traced},
        "the version before": elder(trial.outlived),
        **({"not tried": "; ".join(trial.notes)} if trial.notes else {}),
    }


def told(traced: Traced) -> str:
    """Return one revision in a line: how long it took, and what was worst."""
    if traced.problem:
        return f"failed after {seconds(traced.seconds)}: {traced.problem}"
    worst = [wait for wait in held(traced) if wait.need][:1]
    locks = [f"{wait.mode.value} on {wait.relation} {seconds(wait.seconds)}" for wait in worst]
    rewritten = sum(each.bytes for each in traced.rewrites)
    rest = [f"{size(rewritten)} written anew"] if rewritten else []
    return ", ".join([seconds(traced.seconds), *(locks or ["nobody had to wait"]), *rest])


def who_waits(need: str) -> str:
    """Return who waits for a lock, in words."""
    return _WAITS[need]


def stair(climbed: Climbed | None) -> str:
    """Return what became of going down and up again, in words."""
    if climbed is None or climbed.climb is Climb.NOT_TRIED:
        return "not tried"
    return climbed.climb.value.replace("-", " ")


def elder(outlived: Outlived | None) -> str:
    """Return whether the release before survives, in words."""
    if outlived is None:
        return "not tried"
    if outlived.runs is None:
        return f"{version_of(outlived.commit)} was not tried: {outlived.why}"
    if outlived.runs:
        return f"{version_of(outlived.commit)} runs on the new schema"
    excused = f" (excused: {outlived.excused})" if outlived.excused else ""
    return f"{version_of(outlived.commit)} does not run on the new schema: {'; '.join(outlived.failed)}{excused}"


def beside(compared: Compared) -> str:
    """Return a prediction beside reality: predicted 0.8 s, took 0.9 s."""
    predicted = "not predicted" if compared.predicted_s is None else f"predicted {seconds(compared.predicted_s)}"
    took = "not recorded" if compared.took_s is None else f"took {seconds(compared.took_s)}"
    tries = f" in {compared.attempts} tries" if compared.attempts > 1 else ""
    return f"{predicted}, {took}{tries}"


def beside_in_all(compared: Sequence[Compared]) -> str:
    """Return the same for several revisions together; empty where there are none."""
    if not compared:
        return ""
    predicted, took = ([getattr(each, key) for each in compared] for key in ("predicted_s", "took_s"))
    whole = Compared(
        revision="",
        predicted_s=None if None in predicted else sum(predicted),
        took_s=None if None in took else sum(took),
    )
    return beside(whole)


def size(count: float) -> str:
    """Return a number of bytes for people: 812 B, 3.1 MB."""
    units = ("kB", "MB", "GB", "TB")
    if abs(count) < 1000:  # noqa: PLR2004
        return f"{count:.0f} B"
    for unit in units:
        count /= 1000
        if abs(count) < 1000 or unit == units[-1]:  # noqa: PLR2004
            break
    return f"{count:.1f} {unit}"


def seconds(value: float) -> str:
    """Return a duration for people: 0.8 ms, 566 ms, 12.1 s, 4 min 05 s."""
    if value < 0.01:  # noqa: PLR2004
        return f"{value * 1000:.1f} ms"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 120:  # noqa: PLR2004
        return f"{value:.1f} s"
    return f"{round(value) // 60} min {round(value) % 60:02d} s"
