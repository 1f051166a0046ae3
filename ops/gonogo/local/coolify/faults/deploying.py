"""Faults inside a deployment: its job, its build, its containers. May not do I/O."""

from gonogo.local.coolify.faults.fault import Fault, Phase, Sabotage

_NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
_UNKNOWN_TAG = "manifest unknown: manifest unknown"
_NO_REGISTRY = "Error response from daemon: Get https://registry/v2/: dial tcp: i/o timeout"

FAULTS = (
    Fault(
        name="api-unhealthy",
        service="api",
        summary="the new API cannot reach its database, so it never becomes ready",
        sabotage=Sabotage(environment={"DATABASE_URL": _NO_DATABASE}, conduct="no-database"),
    ),
    Fault(
        name="api-wrong-version",
        service="api",
        summary="the deployment finishes, and the old version runs again",
        sabotage=Sabotage(stale=True),
    ),
    Fault(
        name="worker-crash",
        service="worker",
        summary="the new worker lacks a setting and ends again and again; the deployment finishes",
        sabotage=Sabotage(environment={"DATABASE_URL": None}, conduct="crash-loop"),
    ),
    Fault(
        name="worker-without-database",
        service="worker",
        summary="the new worker runs without its database: it never beats, and the deployment finishes",
        sabotage=Sabotage(environment={"DATABASE_URL": _NO_DATABASE}, conduct="no-database"),
    ),
    Fault(
        name="worker-wrong-version",
        service="worker",
        summary="the deployment finishes, and the old worker runs again",
        sabotage=Sabotage(stale=True),
    ),
    Fault(
        name="build-fails",
        summary="the build ends with an error; what runs is not touched",
        sabotage=Sabotage(build_says="ERROR: failed to solve: process did not complete successfully: exit code: 1"),
    ),
    Fault(
        name="disk-full",
        summary="the machine's disk is full in the middle of the build",
        sabotage=Sabotage(build_says="ERROR: failed to write: no space left on device"),
    ),
    Fault(
        name="pull-fails",
        summary="the registry does not answer, so the image cannot be pulled",
        sabotage=Sabotage(pull_says=_NO_REGISTRY, build_says=_NO_REGISTRY),
    ),
    Fault(
        name="tag-missing",
        summary="the image's tag is not in the registry; an application that stops first is left with nothing running",
        sabotage=Sabotage(pull_says=_UNKNOWN_TAG, build_says=_UNKNOWN_TAG),
    ),
    Fault(
        name="never-healthy",
        summary="the new container's probe says starting for ever; the old one goes on serving",
        sabotage=Sabotage(conduct="starting"),
    ),
    Fault(
        name="probe-impossible",
        summary="the image has neither curl nor wget, so each probe of the new container fails",
        sabotage=Sabotage(conduct="unhealthy"),
    ),
    Fault(
        name="crash-after-finish",
        summary="the new container is healthy for six seconds, then it ends again and again",
        sabotage=Sabotage(conduct="crash-soon"),
    ),
    Fault(
        name="crash-much-later",
        summary="the new container is healthy for a minute, then it ends again and again",
        sabotage=Sabotage(conduct="crash-later"),
    ),
    Fault(
        name="crash-at-start",
        summary="the new container ends as soon as it starts; an application that stops first is finished, and gone",
        sabotage=Sabotage(environment={"DATABASE_URL": None}, conduct="crash-loop"),
    ),
    Fault(
        name="flapping",
        summary="every other answer of the new container says not ready",
        on_paper=True,
        sabotage=Sabotage(conduct="flapping"),
    ),
    Fault(
        name="version-untold",
        summary="the new container serves, and does not say which commit it was built from",
        on_paper=True,
        sabotage=Sabotage(conduct="mute"),
    ),
    Fault(
        name="pre-command-fails",
        summary="the pre-deployment command fails in the old container; nothing is changed",
        sabotage=Sabotage(pre_fails=True),
    ),
    Fault(
        name="post-command-fails",
        summary="the post-deployment command fails; the deployment stays finished",
        sabotage=Sabotage(post_fails=True),
    ),
    Fault(
        name="job-stalls",
        summary="the deployment is in progress for ever: all workers of Coolify are busy, no work begins",
        sabotage=Sabotage(stalls=True),
    ),
    Fault(
        name="never-closed",
        summary="finished, the new version runs, and the job's worker dies before it writes finished_at",
        sabotage=Sabotage(stays_open=True),
    ),
    Fault(
        name="old-stays",
        summary="one old container is not removed, so old and new answer in turn behind a finished deployment",
        sabotage=Sabotage(spares_old=1),
    ),
    Fault(
        name="old-is-slow",
        summary="the old container ignores that it should stop and is killed when the grace is over",
        sabotage=Sabotage(old_conduct="stubborn"),
    ),
    Fault(
        name="cancelled-in-build",
        summary="somebody cancels the deployment while it builds; the old version runs on",
        sabotage=Sabotage(interrupted=(Phase.BUILD, "cancel")),
    ),
    Fault(
        name="cancelled-in-health-wait",
        summary="somebody cancels the deployment during the health wait; old and new both keep running",
        sabotage=Sabotage(interrupted=(Phase.HEALTH, "cancel")),
    ),
    Fault(
        name="restart-in-build",
        summary="Coolify restarts during the build: every active deployment failed, without an end",
        sabotage=Sabotage(interrupted=(Phase.BUILD, "restart")),
    ),
    Fault(
        name="restart-in-health-wait",
        summary="Coolify restarts during the health wait: failed, without an end, and both containers run on",
        sabotage=Sabotage(interrupted=(Phase.HEALTH, "restart")),
    ),
    Fault(
        name="restart-in-post-command",
        summary="Coolify restarts after finished and before the end: finished for ever, without finished_at",
        sabotage=Sabotage(interrupted=(Phase.POST, "restart")),
    ),
)
