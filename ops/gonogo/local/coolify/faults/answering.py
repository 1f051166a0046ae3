"""Faults of single answers: lost, late, of another kind, or untrue. May not do I/O."""

from gonogo.local.coolify.faults.fault import Disturbance, Effect, Fault

_DEPLOY = "^/deploy$"
_ONE = r"^/deployments/(?!applications/)[^/]+$"
_APP = r"^/applications/[^/]+$"

FAULTS = (
    Fault(
        name="answer-lost",
        summary="the request to deploy is obeyed, and the connection ends before its answer",
        times=1,
        disturbance=Disturbance(effect=Effect.LOST_AFTERWARDS, method="POST", path=_DEPLOY),
    ),
    Fault(
        name="request-lost",
        summary="the connection ends before the request to deploy has any effect",
        times=1,
        disturbance=Disturbance(effect=Effect.LOST, method="POST", path=_DEPLOY),
    ),
    Fault(
        name="pin-answer-lost",
        summary="the change of the commit is made, and the connection ends before its answer",
        times=1,
        disturbance=Disturbance(effect=Effect.LOST_AFTERWARDS, method="PATCH", path=_APP),
    ),
    Fault(
        name="gateway-gives-up",
        summary="the request to deploy is obeyed, and the proxy answers 504 in its place",
        times=1,
        disturbance=Disturbance(effect=Effect.PAGE_AFTERWARDS, method="POST", path=_DEPLOY, status=504),
    ),
    Fault(
        name="job-not-built",
        summary="the request to deploy is answered 500 after its row was set in progress, where it stays",
        times=1,
        disturbance=Disturbance(effect=Effect.STUCK_ROW, method="POST", path=_DEPLOY, status=500),
    ),
    Fault(
        name="polls-lost",
        summary="three connections end without an answer while the deployment is followed",
        times=3,
        disturbance=Disturbance(effect=Effect.LOST, method="GET", path=_ONE),
    ),
    Fault(
        name="bad-gateway",
        summary="twenty seconds of 502 pages after the request to deploy",
        after="POST ^/deploy$",
        lasts=20.0,
        disturbance=Disturbance(effect=Effect.PAGE),
    ),
    Fault(
        name="maintenance",
        summary="the request to deploy is answered with a 503 page, and nothing was queued",
        times=1,
        disturbance=Disturbance(effect=Effect.PAGE, method="POST", path=_DEPLOY, status=503),
    ),
    Fault(
        name="error-pages",
        summary="every answer is an HTML page with status 500",
        disturbance=Disturbance(effect=Effect.PAGE, status=500),
    ),
    Fault(
        name="login-page",
        summary="something in front of Coolify answers everything with its own login page and status 200",
        disturbance=Disturbance(effect=Effect.PAGE, status=200),
    ),
    Fault(
        name="redirects",
        summary="everything is redirected to https, so that a POST would arrive as a GET",
        disturbance=Disturbance(effect=Effect.REDIRECT, status=301),
    ),
    Fault(
        name="wrong-address",
        summary="no endpoint is known at this address: everything is 404 with `docs`",
        disturbance=Disturbance(effect=Effect.NO_ENDPOINT),
    ),
    Fault(
        name="throttled",
        summary="the request to deploy is one too many in this minute: 429, to be repeated after 30 s",
        times=1,
        disturbance=Disturbance(effect=Effect.THROTTLED, method="POST", path=_DEPLOY),
    ),
    Fault(
        name="polls-throttled",
        summary="twenty seconds of 429 while the deployment is followed",
        after="POST ^/deploy$",
        lasts=20.0,
        disturbance=Disturbance(effect=Effect.THROTTLED),
    ),
    Fault(
        name="slow-answers",
        summary="every answer takes five seconds",
        disturbance=Disturbance(effect=Effect.SLOW),
    ),
    Fault(
        name="cut-short",
        summary="the first answer about the deployment ends in the middle",
        times=1,
        disturbance=Disturbance(effect=Effect.CUT_SHORT, method="GET", path=_ONE),
    ),
    Fault(
        name="phantom-id",
        summary="the deployment is queued, and the answer carries an id that does not exist",
        times=1,
        disturbance=Disturbance(effect=Effect.OTHER_ID, method="POST", path=_DEPLOY),
    ),
    Fault(
        name="no-entry",
        summary="the request to deploy is answered 200 without an entry, and nothing was queued",
        times=1,
        disturbance=Disturbance(effect=Effect.NO_ENTRY, method="POST", path=_DEPLOY),
    ),
    Fault(
        name="no-id",
        summary="the request to deploy is answered 200 with a refusal in place of an id",
        times=1,
        disturbance=Disturbance(effect=Effect.NO_ID, method="POST", path=_DEPLOY),
    ),
    Fault(
        name="deployment-unknown",
        summary="asking for one deployment is 404 although it exists and its application's list shows it",
        disturbance=Disturbance(effect=Effect.MISSING, method="GET", path=_ONE),
    ),
    Fault(
        name="pin-not-kept",
        summary="the change of the commit is answered 200, and is not made",
        disturbance=Disturbance(effect=Effect.UNKEPT, method="PATCH", path=_APP),
    ),
    Fault(
        name="variables-broken",
        summary="reading the variables is a server error",
        disturbance=Disturbance(effect=Effect.PAGE, method="GET", path=r"^/applications/[^/]+/envs$", status=500),
    ),
)
