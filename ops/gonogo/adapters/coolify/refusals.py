"""What an answer that is not good means, which setting to change, and whether the request may have had an effect.

Judged by status; words only tell causes of one status apart, in any case and with or without a full stop.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gonogo.adapters.coolify.endpoints import DEPLOY, Endpoint, order
from gonogo.adapters.http import Answer
from gonogo.errors import AnswerLostError, ConfigurationError, GonogoError, RefusedError, UnreachableError
from gonogo.redaction import Redaction

_SHOWN = 300
# What proxies say of a server that they cannot reach; the last ones are one proxy's own.
_AWAY = {408, 502, 503, 504, *range(520, 531)}
_ABILITIES = ("read", "write", "deploy", "read:sensitive", "write:sensitive", "root")
# By status: words of an answer (none fit all), what it is called, what it means, what to change; the first that fits.
_LEFT_TEAM = (
    "invalid token",
    "coolify-token-left-team",
    "the token's user has left the team",
    "{token}: its user has left the team; take the user in again, or make a new token as a member",
)
_CAUSES = {
    400: (_LEFT_TEAM,),
    401: (
        _LEFT_TEAM,
        (
            "",
            "coolify-token-unknown",
            "Coolify does not know the token, or it has expired",
            "{token}: unknown or expired; make a new token in Coolify, Keys & Tokens, and copy all of it",
        ),
    ),
    403: (
        (
            "api is disabled",
            "coolify-api-disabled",
            "Coolify's API is switched off",
            "Coolify: Settings, Configuration, Advanced: switch the API on",
        ),
        (
            "not allowed to access",
            "coolify-address-refused",
            "Coolify does not let this machine's address in",
            "Coolify: Settings, Allowed IPs: add this machine's address, as Coolify's proxy sees it",
        ),
        (
            "team role",
            "coolify-role-missing",
            "the token may do more than its user",
            "{token}: its user needs to be admin or owner of the team: Coolify, Team, Members",
        ),
        (
            "authorized",
            "coolify-not-authorised",
            "the token's user may not do that to this object",
            "{token}: its user needs to be admin or owner of the team that owns the application",
        ),
        (
            "",
            "coolify-unauthorised",
            "Coolify, or what stands before it, says no",
            "{token}: needs read, write and deploy; or something in front of Coolify keeps this machine out",
        ),
    ),
}


def needed(answer: Answer) -> tuple[str, ...]:
    """Return the abilities that a refusal asks for; none when it has another cause."""
    found = re.search(r"missing required permissions?:(.*)", text(answer), re.IGNORECASE)
    if answer.status != HTTPStatus.FORBIDDEN or not found:
        return ()
    named = re.findall(r"[a-z:]+", found[1].lower())
    return tuple(each for each in named if each in _ABILITIES)


def is_no_such_object(answer: Answer) -> bool:
    """Return whether Coolify itself says that an object is not there; a proxy's own page says nothing of Coolify."""
    if answer.status != HTTPStatus.NOT_FOUND:
        return False
    return not answer.text.strip() or (isinstance(answer.body, Mapping) and "docs" not in answer.body)


def is_no_such_endpoint(answer: Answer) -> bool:
    """Return whether Coolify has no such route: its catch-all names its documentation."""
    return answer.status == HTTPStatus.NOT_FOUND and isinstance(answer.body, Mapping) and "docs" in answer.body


def is_queue_full(answer: Answer, endpoint: Endpoint) -> bool:
    """Return whether a 429 is about the deployment queue and not about our requests."""
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS and endpoint == DEPLOY and "queue" in text(answer).lower()


def is_away(answer: Answer) -> bool:
    """Return whether something in front of Coolify answers for it."""
    if answer.status == HTTPStatus.NOT_FOUND:
        return not is_no_such_object(answer) and not is_no_such_endpoint(answer)
    return answer.status in _AWAY


def text(answer: Answer) -> str:
    """Return everything that an answer says, on one line; nothing of a page."""
    body = answer.body
    if isinstance(body, Mapping):
        error = body.get("error")
        told = [body.get("message"), error if isinstance(error, str) else None, *_errors(body.get("errors"))]
        return " ".join(dict.fromkeys(str(each) for each in told if each))
    if not answer.text.strip():
        return "nothing"
    return f"a page of {len(answer.text)} characters, not JSON"


def _errors(errors: Any) -> Iterable[str]:
    """Return what is wrong field by field: Coolify gives a list of sentences, or a bare one."""
    if not isinstance(errors, Mapping):
        return [str(errors)] if errors else []
    listed = ((field, said if isinstance(said, list) else [said]) for field, said in errors.items())
    return [f"{field}: {' '.join(str(each) for each in said)}" for field, said in listed]


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusals:
    """Makes errors of answers.

    Attributes:
        base_url: where Coolify's API is, safe to show.
        token_name: the variable that holds the token.
        redaction: what is never shown, should an answer repeat it.
    """

    base_url: str
    token_name: str
    redaction: Redaction

    def shown(self, said: str) -> str:
        """Return what an answer says as it may be shown: no secret, one line, not long. Hidden first, then cut."""
        return " ".join(self.redaction.hidden(said).split())[:_SHOWN]

    def of(self, answer: Answer, endpoint: Endpoint, path: str, *, waited: str = "") -> GonogoError:
        """Return the error that an answer amounts to.

        Args:
            answer: any that is not 2xx.
            endpoint: what was asked.
            path: with the ids in it.
            waited: what was waited for in vain.
        """
        where = f"{self.base_url}{path}"
        said = self.shown(text(answer))
        status = answer.status
        if status // 100 == 3:  # noqa: PLR2004  # the 3xx of HTTP
            return self._redirected(answer)
        if status in {401, 403} or (status == HTTPStatus.BAD_REQUEST and "invalid token" in said.lower()):
            return self._unauthorised(answer, said)
        if status == HTTPStatus.METHOD_NOT_ALLOWED and endpoint.changes:
            problem = "COOLIFY_URL: something on the way turns a POST into a GET; use the final address, with https"
            message = f"Coolify got another method than {endpoint.method} (HTTP 405)"
            return ConfigurationError("coolify-redirects", message, problems=(problem,))
        if status == HTTPStatus.TOO_MANY_REQUESTS and not _is_unclear(answer, endpoint):
            told = self.shown(answer.headers.get("Retry-After") or "60")[:40]
            return _busy(answer, endpoint, where, said, waited=waited, told=told)
        if is_away(answer) or _is_unclear(answer, endpoint) or status // 100 == 5:  # noqa: PLR2004  # the 5xx of HTTP
            return _down(answer, endpoint, where, said, waited)
        return RefusedError("coolify-refused", f"Coolify answers HTTP {status}: {said}", where=where)

    def no_such_endpoint(self, endpoint: Endpoint, version: str) -> ConfigurationError:
        """Return the error of a route that this Coolify does not have."""
        at, since = order(version), order(endpoint.since)
        if at and since and at < since:
            problem = f"Coolify {version}: update it; {endpoint.name} came with {endpoint.since}"
        else:
            problem = "COOLIFY_URL: is it Coolify's own address, without a path? What answers there knows no such call"
        message = f"Coolify {version} has no {endpoint.name}"
        return ConfigurationError("coolify-endpoint-missing", message, problems=(problem,))

    def _redirected(self, answer: Answer) -> ConfigurationError:
        """Return the error of an answer that sends us elsewhere."""
        to = self.shown(answer.headers.get("Location", "")) or "nowhere"
        message = f"Coolify's URL redirects (HTTP {answer.status}) to {to}: a POST would become a GET"
        problem = "COOLIFY_URL: use the address that it redirects to, with https"
        return ConfigurationError("coolify-redirects", message, problems=(problem,))

    def _unauthorised(self, answer: Answer, said: str) -> ConfigurationError:
        """Return which of the causes of a 401 or 403 it is, and the setting to change."""
        if abilities := needed(answer):
            message = f"the token lacks {', '.join(abilities)}"
            cure = f"{self.token_name}: needs read, write and deploy; this call asks for {', '.join(abilities)}"
            return self._refused("coolify-ability-missing", message, cure, answer, said)
        lowered = text(answer).lower()
        _, reference, message, cure = next(cause for cause in _CAUSES[answer.status] if cause[0] in lowered)
        return self._refused(reference, message, cure.format(token=self.token_name), answer, said)

    @staticmethod
    def _refused(reference: str, message: str, cure: str, answer: Answer, said: str) -> ConfigurationError:
        """Return a refusal of the token with its cure."""
        return ConfigurationError(reference, f"{message} (HTTP {answer.status}: {said})", problems=(cure,))


def _is_unclear(answer: Answer, endpoint: Endpoint) -> bool:
    """Return whether a 429 of a change is not in Coolify's own words, so that nobody says that it had no effect."""
    return answer.status == HTTPStatus.TOO_MANY_REQUESTS and endpoint.changes and answer.body is None


def _busy(answer: Answer, endpoint: Endpoint, where: str, said: str, *, waited: str, told: str) -> UnreachableError:
    """Return the error of a 429; neither kind had an effect."""
    hint = f"wait {told} s" if told.isdecimal() else f"wait until {told}"
    if is_queue_full(answer, endpoint):
        message = f"Coolify's deployment queue is full, and nothing was queued{waited}: {said}"
        why = "its server takes so many deployments and no more: deployment_queue_limit"
        return UnreachableError("deploy-queue-full", message, where=where, why=why, hint=hint)
    message = f"Coolify is busy: its requests a minute are used up, and this one had no effect{waited}: {said}"
    why = "they are counted by user, over all of the user's tokens: make a token for a user of its own"
    return UnreachableError("coolify-busy", message, where=where, why=why, hint=hint)


def _down(answer: Answer, endpoint: Endpoint, where: str, said: str, waited: str) -> UnreachableError:
    """Return the error of Coolify's own failure, or of a proxy that answers for it."""
    who = "Coolify or what stands before it" if is_away(answer) else "Coolify"
    message = f"{who} answers HTTP {answer.status}{waited}: {said}"
    if endpoint.changes:
        why = f"{endpoint.name} may have happened all the same, so it is not sent again"
        return AnswerLostError("coolify-answer-lost", message, where=where, why=why)
    hint = "is Coolify being upgraded? wait, then the same again"
    return UnreachableError("coolify-down", message, where=where, hint=hint)
