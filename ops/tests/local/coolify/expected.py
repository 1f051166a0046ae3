"""What the operator sees of each fault of the stand-in, and what runs at the end: the right answer, not today's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gonogo.errors import (
    ConfigurationError,
    GonogoError,
    RefusedError,
    StepFailedError,
    UnreachableError,
)

DONE = "done"
_STOP_FIRST: Mapping[str, Any] = {"ports_mappings": "8000:8000"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One fault met by one rollout step.

    Attributes:
        columns: how the application is set up otherwise.
        image: the application runs ready-made images.
        ends: the error's reference, or `done`.
        kind: the error's class; None when it is done.
        says: what message, place, reason or hint must hold, in any order.
        runs: the versions that run when the step has ended, by name.
        later: the versions that run when nothing is left to be done.
        back: how the way back ends, when the step has failed.
        finally_runs: the versions that run after the way back.
    """

    fault: str
    service: str = "api"
    columns: Mapping[str, Any] = field(default_factory=dict)
    image: bool = False
    ends: str = DONE
    kind: type[GonogoError] | None = None
    says: tuple[str, ...] = ()
    runs: tuple[str, ...] = ("new",)
    later: tuple[str, ...] | None = None
    back: str = DONE
    finally_runs: tuple[str, ...] = ("old",)

    @property
    def name(self) -> str:
        """Return the test's name."""
        return "-".join((self.fault, self.service, *(["image"] if self.image else []), *self.columns))


def _failed(fault: str, *says: str, runs: tuple[str, ...] = ("old",), **more: Any) -> Case:
    """Return a deployment that Coolify did not bring to a good end."""
    return Case(fault=fault, ends="deployment-failed", kind=StepFailedError, says=says, runs=runs, **more)


def _unproven(fault: str, *says: str, service: str = "api", **more: Any) -> Case:
    """Return a deployment that Coolify calls finished, and that nothing proves."""
    return Case(fault=fault, ends=f"{service}-not-proven", kind=StepFailedError, says=says, service=service, **more)


def _refused_token(fault: str, ends: str, *says: str, **more: Any) -> Case:
    """Return a refusal that a person has to cure in Coolify."""
    values = {"runs": ("old",), "back": ends, **more}
    return Case(fault=fault, ends=ends, kind=ConfigurationError, says=says, **values)


def _superseded(fault: str, *says: str, runs: tuple[str, ...], later: tuple[str, ...], **more: Any) -> Case:
    """Return somebody else's deployment that came after ours."""
    words = ("came after ours", "automatic deployment off", *says)
    return Case(
        fault=fault, ends="deployment-superseded", kind=StepFailedError, says=words, runs=runs, later=later, **more
    )


_IN_JOB = (
    _failed("api-unhealthy", "ended as failed", "log"),
    _unproven("api-wrong-version", "a00000000000 answers", "expected b00000000000", runs=("old",)),
    _unproven("worker-crash", "workers beating: none", "log of the worker", service="worker"),
    _unproven("worker-without-database", "workers beating: none", service="worker"),
    _unproven("worker-wrong-version", "workers beating: a00000000000", service="worker", runs=("old",)),
    _failed("build-fails", "ended as failed", "log"),
    _failed("build-fails", "ended as failed", service="worker"),
    _failed("disk-full", "ended as failed", "log"),
    _failed("pull-fails", "ended as failed", image=True),
    _failed("tag-missing", "ended as failed", image=True),
    _failed(
        "tag-missing",
        "ended as failed",
        image=True,
        columns=_STOP_FIRST,
        runs=(),
    ),
    _failed("never-healthy", "ended as failed", "log"),
    _failed("probe-impossible", "ended as failed", "log"),
    _unproven("crash-after-finish", "not ready"),
    _unproven("crash-after-finish", "workers beating: none", service="worker"),
    Case(fault="crash-much-later"),
    _failed("crash-at-start", "ended as failed"),
    _unproven("crash-at-start", "not ready", columns=_STOP_FIRST),
    _unproven("flapping", "not ready", "connection refused"),
    _unproven("version-untold", "unknown answers", "expected b00000000000"),
    _failed("pre-command-fails", "ended as failed", "log"),
    Case(fault="post-command-fails"),
    _failed("job-stalls", "still in_progress after 90 s", back="deployment-stuck"),
    _failed(
        "never-closed",
        "post-deployment",
        runs=("new",),
    ),
    _unproven(
        "old-stays",
        "a00000000000",
        "b00000000000",
        runs=("new", "old"),
    ),
    _unproven(
        "old-stays",
        "workers beating: a00000000000, b00000000000",
        service="worker",
        runs=("new", "old"),
    ),
    Case(fault="old-is-slow"),
    Case(fault="old-is-slow", service="worker"),
    _failed("cancelled-in-build", "cancelled-by-user"),
    _failed("cancelled-in-health-wait", "cancelled-by-user", runs=("new", "old")),
    _failed("restart-in-build", "ended as failed"),
    _failed("restart-in-health-wait", "ended as failed", runs=("new", "old")),
    _failed(
        "restart-in-post-command",
        "post-deployment",
        runs=("new",),
    ),
)

_ANSWERS = (
    Case(fault="answer-lost"),
    Case(
        fault="request-lost",
        ends="deployment-unseen",
        kind=StepFailedError,
        says=("Coolify shows none", "could deploy twice"),
        runs=("old",),
    ),
    Case(fault="pin-answer-lost"),
    Case(fault="gateway-gives-up"),
    _failed("job-not-built", "still in_progress", back="deployment-stuck"),
    Case(fault="polls-lost"),
    Case(fault="bad-gateway"),
    Case(
        fault="maintenance",
        ends="deployment-unseen",
        kind=StepFailedError,
        says=("Coolify shows none",),
        runs=("old",),
    ),
    Case(
        fault="error-pages",
        ends="coolify-down",
        kind=UnreachableError,
        says=("HTTP 500", "not JSON"),
        runs=("old",),
        back="coolify-down",
    ),
    Case(
        fault="login-page",
        ends="answer-odd",
        kind=RefusedError,
        says=("does not look like Coolify's", "curl"),
        runs=("old",),
        back="answer-odd",
    ),
    Case(
        fault="redirects",
        ends="coolify-redirects",
        kind=ConfigurationError,
        says=("HTTP 301", "COOLIFY_URL", "https"),
        runs=("old",),
        back="coolify-redirects",
    ),
    Case(
        fault="wrong-address",
        ends="coolify-endpoint-missing",
        kind=ConfigurationError,
        says=("COOLIFY_URL",),
        runs=("old",),
        back="coolify-endpoint-missing",
    ),
    Case(fault="throttled"),
    Case(fault="polls-throttled"),
    Case(fault="slow-answers"),
    Case(fault="cut-short"),
    Case(fault="phantom-id"),
    Case(
        fault="no-entry",
        ends="deploy-refused",
        kind=RefusedError,
        says=("queued no deployment", "nothing"),
        runs=("old",),
    ),
    Case(
        fault="no-id",
        ends="deploy-unauthorised",
        kind=GonogoError,
        says=("queued no deployment", "Unauthorized to deploy", "admin or owner"),
        runs=("old",),
    ),
    Case(fault="deployment-unknown"),
    Case(fault="pin-not-kept", ends="pin-not-kept", kind=RefusedError, says=("still says",), runs=("old",)),
    Case(fault="variables-broken"),
)

_OTHERS = (
    Case(
        fault="queue-full",
        ends="deploy-queue-full",
        kind=UnreachableError,
        says=("queue is full", "nothing was queued", "wait 60 s", "each time in vain"),
        runs=("old",),
    ),
    _failed("queue-busy", "still queued after 90 s", back="deployment-stuck"),
    Case(fault="keyed-list"),
    Case(fault="status-stuck"),
    _failed("server-unreachable", "ended as failed"),
    Case(fault="deployment-hidden"),
    _refused_token("token-unknown", "coolify-token-unknown", "unknown or expired", "COOLIFY_TOKEN"),
    _refused_token(
        "token-expires",
        "coolify-token-unknown",
        "unknown or expired",
        "COOLIFY_TOKEN",
        later=("new",),
        finally_runs=("new",),
    ),
    _refused_token("user-left", "coolify-token-left-team", "left the team"),
    _refused_token("role-missing", "coolify-role-missing", "admin or owner"),
    _refused_token("api-off", "coolify-api-disabled", "switch the API on"),
    _refused_token(
        "api-switched-off", "coolify-api-disabled", "switch the API on", later=("new",), finally_runs=("new",)
    ),
    _refused_token("address-refused", "coolify-address-refused", "add this machine's address"),
    _refused_token(
        "address-refused-later",
        "coolify-address-refused",
        "this machine's address",
        later=("new",),
        finally_runs=("new",),
    ),
    _refused_token("read-missing", "coolify-ability-missing", "Missing required permissions: read"),
    _refused_token("deploy-missing", "coolify-ability-missing", "Missing required permissions: deploy", back=DONE),
    _refused_token("write-missing", "coolify-ability-missing", "Missing required permissions: write", back=DONE),
    _refused_token("read-taken", "coolify-ability-missing", "permissions: read", later=("new",), finally_runs=("new",)),
    _superseded("foreign-deployment", "a00000000000", runs=("new", "old"), later=("old",)),
    Case(fault="foreign-before"),
    _superseded("auto-deploy", "cccccccccccc", runs=("new", "pushed"), later=("pushed",)),
    _superseded("auto-deploy", service="worker", runs=("new",), later=("pushed",)),
    _unproven("pin-overwritten", "cccccccccccc answers", runs=("pushed",)),
    _unproven("tag-moved", "a00000000000 answers", image=True, runs=("old",)),
    Case(
        fault="application-deleted",
        ends="coolify-refused",
        kind=RefusedError,
        says=("HTTP 404", "Application not found"),
        runs=("old",),
        later=("new",),
        back="coolify-refused",
        finally_runs=("new",),
    ),
    Case(fault="stopped-by-hand"),
    _failed("cancel-answers-500", "cancelled-by-user"),
)

_OF_THE_WORKER = (
    _failed("pull-fails", "ended as failed", service="worker", image=True),
    _failed("job-stalls", "still in_progress after 90 s", service="worker", back="deployment-stuck"),
    _failed("cancelled-in-build", "cancelled-by-user", service="worker"),
    _failed("restart-in-build", "ended as failed", service="worker"),
    Case(fault="post-command-fails", service="worker"),
    Case(fault="answer-lost", service="worker"),
    Case(fault="phantom-id", service="worker"),
    Case(fault="slow-answers", service="worker"),
    _superseded("foreign-deployment", service="worker", runs=("new",), later=("old",)),
    _unproven("tag-moved", "workers beating: a00000000000", service="worker", image=True, runs=("old",)),
    _refused_token(
        "token-expires",
        "coolify-token-unknown",
        "unknown or expired",
        service="worker",
        later=("new",),
        finally_runs=("new",),
    ),
    Case(fault="stopped-by-hand", service="worker"),
)

CASES: tuple[Case, ...] = (*_IN_JOB, *_ANSWERS, *_OTHERS, *_OF_THE_WORKER)
