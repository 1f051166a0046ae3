"""Faults of the server, of the token and of other people. May not do I/O."""

from gonogo.local.coolify.faults.fault import Fault

_ASKED = "POST ^/deploy$"
_PINNED = r"PATCH ^/applications/[^/]+$"
_NOBODY = ("203.0.113.0/24",)

FAULTS = (
    Fault(
        name="queue-full",
        summary="too many deployments wait already: 429, to be repeated after 60 s",
        server={"queue_limit": 0},
    ),
    Fault(
        name="queue-busy",
        summary="no deployment starts: every place for running ones is taken",
        server={"concurrent_builds": 0},
    ),
    Fault(name="keyed-list", summary="the list of active deployments is an object", server={"keyed_list": True}),
    Fault(
        name="status-stuck",
        summary="application states keep their last value, whatever runs",
        server={"status_stuck": True},
    ),
    Fault(
        name="server-unreachable",
        summary="Coolify does not reach the machine: the deployment failed with one line, without an end",
        server={"reachable": False},
    ),
    Fault(
        name="deployment-hidden",
        summary="the server is 4.0.0-beta.464: asking for one deployment is 404 although it exists",
        server={"version": "4.0.0-beta.464"},
    ),
    Fault(name="token-unknown", summary="the token has expired", token={"expires": 1.0}),
    Fault(
        name="token-expires",
        summary="the token expires while the deployment runs",
        after=_ASKED,
        token={"expires": 1.0},
    ),
    Fault(name="user-left", summary="the token's user has left the team", token={"role": ""}),
    Fault(name="role-missing", summary="the token's user is a mere member of the team", token={"role": "member"}),
    Fault(name="api-off", summary="the API is switched off", server={"api_enabled": False}),
    Fault(
        name="api-switched-off",
        summary="the API is switched off while the deployment runs",
        after=_ASKED,
        server={"api_enabled": False},
    ),
    Fault(name="address-refused", summary="this machine's address is not allowed", server={"allowed_ips": _NOBODY}),
    Fault(
        name="address-refused-later",
        summary="this machine's address is no longer allowed while the deployment runs",
        after=_ASKED,
        server={"allowed_ips": _NOBODY},
    ),
    Fault(name="read-missing", summary="the token lacks the ability `read`", takes="read"),
    Fault(name="deploy-missing", summary="the token lacks the ability `deploy`", takes="deploy"),
    Fault(name="write-missing", summary="the token lacks the ability `write`", takes="write"),
    Fault(
        name="read-taken",
        summary="the token loses the ability `read` while the deployment runs: it may start and not watch",
        after=_ASKED,
        takes="read",
    ),
    Fault(
        name="foreign-deployment",
        summary="somebody redeploys the old commit while ours runs; theirs lands after ours",
        after=_ASKED,
        event="redeploy-old",
    ),
    Fault(
        name="foreign-before",
        summary="somebody's deployment of the same commit is in progress, so ours is skipped with an invented id",
        after=_PINNED,
        event="same-deployed",
    ),
    Fault(
        name="auto-deploy",
        summary="a push deploys another commit right after ours",
        after=_ASKED,
        event="push",
    ),
    Fault(
        name="pin-overwritten",
        summary="somebody sets another commit between our change and our deployment",
        before=_ASKED,
        event="overwrite-pin",
    ),
    Fault(
        name="tag-moved",
        summary="somebody pushes the running build under the new tag before it is pulled",
        before=_ASKED,
        event="move-tag",
    ),
    Fault(
        name="application-deleted",
        summary="somebody deletes the application while the deployment runs",
        after=_ASKED,
        gone=True,
    ),
    Fault(
        name="stopped-by-hand",
        summary="somebody stops the application while its deployment builds: nothing serves until the new one does",
        after=_ASKED,
        event="stop",
    ),
    Fault(
        name="cancel-answers-500",
        summary="somebody cancels on a server before 4.3.7: 500, with its effect, and the queue stands still",
        after=_ASKED,
        server={"version": "4.3.0"},
        event="cancel",
    ),
)
