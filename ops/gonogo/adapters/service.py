"""The released service, asked through its public URL, each time over a fresh connection."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from gonogo.adapters.http import Answer, Http, understanding
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import (
    JobState,
    Readiness,
    Secret,
    SecretsSeen,
    ServicePaths,
    WorkerBeat,
    WorkerSecrets,
    WorkerStop,
)

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
        return Readiness(
            status_code=answer.status,
            ready=answer.status == _OK and body.get("status") == "ready",
            commit=_word(body.get("commit")),
            schema_revision=body.get("schema_revision"),
            detail=_failing(body) or ("" if answer.status == _OK else f"HTTP {answer.status}"),
            ms=answer.ms,
            build_id=_word(body.get("build_id")),
            fingerprint=_word(body.get("fingerprint")),
            replica=_word(body.get("replica")),
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
            with self._understood(self._paths.workers):
                return tuple(_beat(row) for row in answer.body["workers"])
        except (UnreachableError, RefusedError):
            return ()

    def secrets(self) -> SecretsSeen:
        """Return which secrets one of its processes and the workers use, by fingerprints.

        Raises:
            RefusedError: it does not say, or not to us.
        """
        path = self._paths.secrets
        if not path:
            hint = "set service.secrets in gonogo.toml, for example /health/secrets"
            raise RefusedError("secrets-untold", "gonogo.toml does not say where the service tells them", hint=hint)
        answer = self._http.request("GET", path)
        if answer.status != _OK:
            told = {401: "API_TOKEN is refused", 403: "API_TOKEN lacks the scope manage"}.get(answer.status, "")
            message = f"{path} answers HTTP {answer.status} {_title(answer)}".strip()
            raise RefusedError("secrets-untold", message, where=self._http.base_url, why=told)
        with self._understood(path):
            return SecretsSeen(
                replica=_text(answer.body["replica"]),
                secrets=_words(answer.body["secrets"]),
                workers=tuple(_worker_secrets(row) for row in answer.body["workers"]),
            )

    def start_canary(self) -> str:
        """Queue the canary job and return its id.

        Raises:
            RefusedError: the service does not take it.
        """
        answer = self._http.request("POST", self._paths.canary)
        if answer.status != _ACCEPTED:
            raise RefusedError("canary-refused", f"the canary job was not taken: HTTP {answer.status} {_title(answer)}")
        with self._understood(self._paths.canary):
            return _text(answer.body["job_id"])

    def job(self, job_id: str) -> JobState:
        """Return a job.

        Raises:
            RefusedError: the service does not know it.
        """
        path = self._paths.job.format(id=job_id)
        answer = self._http.request("GET", path)
        if answer.status != _OK:
            raise RefusedError("job-unknown", f"job {job_id}: HTTP {answer.status} {_title(answer)}")
        with self._understood(path):
            result, origin = (answer.body.get(part) or {} for part in ("result", "origin"))
            return JobState(
                id=job_id,
                status=_text(answer.body["status"]),
                commit=result.get("commit"),
                error=answer.body.get("error"),
                build_id=_word(result.get("build_id")),
                found_by=_word(result.get("found_by")),
                origin=_word(origin.get("commit")),
            )

    def _understood(self, path: str) -> AbstractContextManager[None]:
        """Return what refuses an answer of another shape."""
        return understanding("the service's", where=f"{self._http.base_url}{path}")


def _beat(row: Mapping[str, Any]) -> WorkerBeat:
    """Return a worker's heartbeat from its row."""
    envelope, kinds, stop = (row.get(name) for name in ("envelope", "kinds", "stop"))
    return WorkerBeat(
        id=row["id"],
        commit=row["commit"],
        state=row["state"],
        age_s=float(row["age_s"]),
        build_id=_word(row.get("build_id")),
        fingerprint=_word(row.get("fingerprint")),
        envelope=envelope if isinstance(envelope, int) else None,
        kinds=tuple(map(_text, kinds)) if isinstance(kinds, list) else None,
        stop=_stop(stop) if isinstance(stop, Mapping) else None,
    )


def _worker_secrets(row: Mapping[str, Any]) -> WorkerSecrets:
    """Return which secrets a worker uses."""
    return WorkerSecrets(
        id=row["id"], state=row["state"], age_s=float(row["age_s"]), secrets=_words(row.get("secrets") or {})
    )


def _words(found: Mapping[str, Any]) -> dict[str, str]:
    """Return an object of texts."""
    return {_text(key): _text(value) for key, value in found.items()}


def _stop(said: Mapping[str, Any]) -> WorkerStop:
    """Return how a worker stopped."""
    ended, handed_back, left, seconds = (said.get(name) for name in ("ended", "handed_back", "left", "seconds"))
    return WorkerStop(
        in_flight=int(said["in_flight"]),
        ended=None if ended is None else int(ended),
        handed_back=None if handed_back is None else int(handed_back),
        left=None if left is None else int(left),
        seconds=None if seconds is None else float(seconds),
    )


def _word(value: object) -> str | None:
    """Return a text that may be missing; whatever else stands there says nothing."""
    return value if isinstance(value, str) and value and value != "unknown" else None


def _text(value: object) -> str:
    """Return a value that must be a text."""
    if isinstance(value, str):
        return value
    raise TypeError


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
