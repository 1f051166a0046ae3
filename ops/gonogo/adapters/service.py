"""The released service, asked through its public URL, each time over a fresh connection."""

from collections.abc import Mapping
from typing import Any

from gonogo.adapters.http import Answer, Http
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import JobState, Readiness, Secret, ServicePaths, WorkerBeat

_OK = 200
_ACCEPTED = 202


class HttpService:
    """The service's health and canary endpoints."""

    def __init__(self, url: str, token: Secret, paths: ServicePaths, *, timeout_s: float) -> None:
        """Prepare; nothing is contacted yet."""
        self._http = Http(url, token=token.reveal(), timeout_s=timeout_s)
        self._paths = paths

    def ready(self) -> Readiness:
        """Return what the ready probe says; status 0 when nothing answers."""
        try:
            answer = self._http.request("GET", self._paths.ready)
        except UnreachableError as error:
            return Readiness(
                status_code=0, ready=False, commit=None, schema_revision=None, detail=error.message, ms=0.0
            )
        body = answer.body if isinstance(answer.body, Mapping) else {}
        commit = body.get("commit")
        return Readiness(
            status_code=answer.status,
            ready=answer.status == _OK and body.get("status") == "ready",
            commit=commit if commit and commit != "unknown" else None,
            schema_revision=body.get("schema_revision"),
            detail=_failing(body) or ("" if answer.status == _OK else f"HTTP {answer.status}"),
            ms=answer.ms,
        )

    def is_live(self) -> bool:
        """Return whether the process answers at all."""
        try:
            return self._http.request("GET", self._paths.live).status == _OK
        except UnreachableError:
            return False

    def workers(self) -> tuple[WorkerBeat, ...]:
        """Return the workers' last heartbeats; none when the service cannot say."""
        try:
            answer = self._http.request("GET", self._paths.workers)
        except UnreachableError:
            return ()
        rows = answer.body.get("workers", []) if isinstance(answer.body, Mapping) else []
        return tuple(
            WorkerBeat(id=row["id"], commit=row["commit"], state=row["state"], age_s=float(row["age_s"]))
            for row in rows
        )

    def start_canary(self) -> str:
        """Queue the canary job and return its id.

        Raises:
            RefusedError: the service does not take it.
        """
        answer = self._http.request("POST", self._paths.canary)
        if answer.status != _ACCEPTED:
            raise RefusedError("canary-refused", f"the canary job was not taken: HTTP {answer.status} {_title(answer)}")
        return str(answer.body["job_id"])

    def job(self, job_id: str) -> JobState:
        """Return a job.

        Raises:
            RefusedError: the service does not know it.
        """
        answer = self._http.request("GET", self._paths.job.format(id=job_id))
        if answer.status != _OK:
            raise RefusedError("job-unknown", f"job {job_id}: HTTP {answer.status} {_title(answer)}")
        result = answer.body.get("result") or {}
        return JobState(
            id=job_id, status=answer.body["status"], commit=result.get("commit"), error=answer.body.get("error")
        )


def _failing(body: Mapping[str, Any]) -> str:
    """Return the failing checks of a ready probe, in words."""
    checks = body.get("checks")
    if not isinstance(checks, Mapping):
        return ""
    failing = {name: check for name, check in checks.items() if isinstance(check, Mapping) and not check.get("ok")}
    return ", ".join(f"{name}: {check.get('detail', 'not ok')}" for name, check in failing.items())


def _title(answer: Answer) -> str:
    """Return the title of a problem document."""
    return str(answer.body.get("title", "")) if isinstance(answer.body, Mapping) else ""
