"""A report as a record for programs and as a few plain lines for logs."""

from dataclasses import asdict

from gonogo import trying
from gonogo.model import JSON, Report, StepReport, version_of
from gonogo.report import trials, words


def document(report: Report, *, page: str) -> dict[str, JSON]:
    """Return a release as the one JSON object of `--json`, keys in this order.

    reason, where (the step) and hint (the next command) are empty when released; serving_version is null when it was
    not observed, ended_at when there is no end yet; times are ISO 8601 in UTC, durations seconds. A step has name,
    status, seconds and reverted_seconds (null when it did not happen), findings (rule, severity, message, hint) and
    evidence (name to value). `kind` is release or rollback. `pending` lists migrations, `forecast` (verdict, reasons,
    instead; null when nobody said) what going back costs, `report` is where the page is.
    `trial` is what came of trying the migrations on a copy (null where none was), `predictions` how long each took
    beside what the trial said (predicted_s, took_s, attempts; null where it is not known), `track` the same of earlier
    releases, each with its release_id.

    Args:
        report: the release.
        page: where its page was written.
    """
    return {
        "release_id": report.release_id,
        "environment": report.environment,
        "kind": report.kind.value,
        "verdict": report.verdict.value,
        "exit_code": report.exit_code,
        "reason": report.reason,
        "where": report.where,
        "hint": report.hint,
        "previous_version": _version(report.previous_commit),
        "target_version": version_of(report.target_commit),
        "serving_version": _version(report.serving_commit),
        "subject": report.subject,
        "started_at": report.started_at.isoformat(),
        "ended_at": report.ended_at.isoformat() if report.ended_at else None,
        "duration_s": round(report.duration_s, 3),
        "idle_s": round(report.idle_s, 3),
        "requests_total": len(report.requests),
        "requests_failed": report.requests_failed,
        "steps": [_step(step) for step in report.steps],
        "pending": [dict(asdict(revision)) for revision in report.pending],
        "way_back": report.way_back,
        "forecast": _forecast(report),
        "trial": trials.document(report.trial),
        "predictions": trying.compared_to_json(report.compared),
        "track": trying.compared_to_json(report.track),
        "report": page,
    }


def text(report: Report) -> str:
    """Return a release as a short block of plain lines, without a line break at its end."""
    head = f"{words.moment(report.started_at)}  {report.release_id} to {report.environment}"
    lines = [f"{head}: {words.title(report.verdict, report.kind).lower()}"]
    lines += [f"  {name:<9} {words.one_line(value)}" for name, value in _facts(report) if value]
    return "\n".join(lines)


def _facts(report: Report) -> tuple[tuple[str, str], ...]:
    """Return a release's facts by name; an empty value is left out."""
    versions = f"{version_of(report.previous_commit)} -> {version_of(report.target_commit)}"
    failed = f"{words.counted(len(report.requests), 'request')}, {report.requests_failed:,} failed"
    return (
        ("versions", f"{versions}, serving at the end {version_of(report.serving_commit)}"),
        ("commit", report.subject),
        ("took", words.duration(report)),
        ("traffic", failed if report.requests else ""),
        ("steps", ", ".join(_said(report, step) for step in report.steps if step.seconds is not None)),
        ("step", report.where),
        ("reason", report.reason),
        ("next", report.hint),
    )


def _said(report: Report, step: StepReport) -> str:
    """Return a step with its seconds and, unless it is simply done, its outcome."""
    outcome = words.outcome(step, failed=step.name == report.where)
    told = f"{step.name} {words.seconds(step.seconds or 0.0)}"
    return told if outcome == "done" else f"{told} ({outcome})"


def _step(step: StepReport) -> dict[str, JSON]:
    """Return a step as JSON."""
    return {
        "name": step.name,
        "status": step.status.value,
        "seconds": _rounded(step.seconds),
        "reverted_seconds": _rounded(step.reverted_seconds),
        "idle_s": round(step.idle_s, 3),
        "findings": [dict(asdict(finding)) for finding in step.findings],
        "evidence": dict(step.evidence),
    }


def _forecast(report: Report) -> JSON:
    """Return what was said of going back, as JSON."""
    said = report.forecast
    return {"verdict": said.verdict.value, "reasons": list(said.reasons), "instead": said.instead} if said else None


def _rounded(value: float | None) -> float | None:
    """Return seconds to the millisecond."""
    return None if value is None else round(value, 3)


def _version(commit: str | None) -> str | None:
    """Return a version; None for one that is not known."""
    return version_of(commit) if commit else None
