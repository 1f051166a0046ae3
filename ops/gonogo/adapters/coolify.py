"""Coolify's HTTP API by the rules of docs/coolify.md: POST once, judge by status, let the caller confirm ids."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from gonogo.adapters.http import Answer, Http, understanding
from gonogo.errors import ConfigurationError, RefusedError, UnreachableError
from gonogo.model import Application, Deployment, Pin, Secret, Variable

_NOT_FOUND = 404
_FORBIDDEN = 403
_SERVER_ERROR = 500
# Settings that make Coolify stop the old container before it starts the new one.
_STOP_FIRST = ("is_consistent_container_name_enabled", "custom_internal_name")


class Coolify:
    """The platform that runs the service."""

    def __init__(self, base_url: str, token: Secret, *, timeout_s: float = 30.0) -> None:
        """Prepare; nothing is contacted yet."""
        root = base_url.rstrip("/").removesuffix("/api/v1")
        self._http = Http(f"{root}/api/v1", token=token.reveal(), timeout_s=timeout_s)
        self._token = token

    def version(self) -> str:
        """Return the server's version."""
        said = self._ask("GET", "/version").text.strip()
        with self._understood("/version"):
            return re.fullmatch(r"v?\d+\.\d+\S{0,40}", said)[0]  # type: ignore[index]  # none is refused

    def missing_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return the abilities that a release needs and harmless calls show to be missing.

        Each call is refused for another reason once the ability is there: a GET where POST is wanted, an empty body.
        """
        probes: dict[str, tuple[str, str, object]] = {
            "read": ("GET", f"/applications/{app_uuid}", None),
            "deploy": ("GET", "/deploy", None),
            "write": ("PATCH", f"/applications/{app_uuid}", {}),
        }
        answers = {ability: self._send(*probe) for ability, probe in probes.items()}
        return tuple(name for name, answer in answers.items() if _lacks(answer, name))

    def application(self, uuid: str) -> Application:
        """Return an application."""
        path = f"/applications/{uuid}"
        body = self._ask("GET", path).body
        with self._understood(path):
            return _application(body)

    def variables(self, uuid: str) -> tuple[Variable, ...] | None:
        """Return what an application's production containers are handed."""
        del uuid
        return None

    def pin(self, uuid: str, pin: Pin) -> None:
        """Set the commit that the next deployment builds, and read it back."""
        if self.application(uuid).pin == pin:
            return
        self._ask("PATCH", f"/applications/{uuid}", {"git_commit_sha": pin.ref})
        seen = self.application(uuid).pin
        if seen != pin:
            message = f"Coolify took {pin.ref[:12]} and still says {seen.ref[:12]}"
            raise RefusedError("pin-not-kept", message, where=uuid)

    def trigger(self, uuid: str, *, force: bool = False) -> str:
        """Ask for one deployment and return its id; the id may be invented, so the caller confirms it."""
        body = self._ask("POST", "/deploy", {"uuid": uuid, "force": True} if force else {"uuid": uuid}).body
        with self._understood("/deploy"):
            entries = tuple(body["deployments"])
            ids = [entry.get("deployment_uuid") for entry in entries if entry.get("resource_uuid") == uuid]
            said = self._shown("; ".join(str(entry.get("message", "")) for entry in entries)) or "nothing"
        if len(ids) == 1 and ids[0]:
            return str(ids[0])
        raise RefusedError("deploy-refused", f"Coolify queued no deployment; it said: {said}", where=uuid)

    def deployment(self, uuid: str) -> Deployment | None:
        """Return a deployment; None when Coolify does not know the id."""
        path = f"/deployments/{uuid}"
        answer = self._send("GET", path, None)
        if answer.status == _NOT_FOUND:
            return None
        body = self._good(answer, path).body
        with self._understood(path):
            return _deployment(body)

    def recent(self, app_uuid: str) -> tuple[Deployment, ...]:
        """Return an application's last deployments, newest first."""
        path = f"/deployments/applications/{app_uuid}?skip=0&take=20"
        body = self._ask("GET", path).body
        with self._understood(path):
            return tuple(_deployment(row) for row in body["deployments"])

    def _ask(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request whose answer must be good."""
        return self._good(self._send(method, path, body), path)

    def _send(self, method: str, path: str, body: object) -> Answer:
        """Send a request."""
        return self._http.request(method, path, body=body)

    def _understood(self, path: str) -> AbstractContextManager[None]:
        """Return what refuses an answer of another shape."""
        return understanding("Coolify's", where=f"{self._http.base_url}{path}")

    def _shown(self, said: str) -> str:
        """Return what an answer says without the token, should it repeat it."""
        return said.replace(self._token.reveal(), "***")

    def _good(self, answer: Answer, path: str) -> Answer:
        """Return a 2xx answer.

        Raises:
            ConfigurationError: the URL redirects, or the token or the API's switch is at fault.
            UnreachableError: Coolify is down or busy; a request that it refused had no effect.
            RefusedError: it said no.
        """
        if answer.status // 100 == 2:  # noqa: PLR2004  # the 2xx of HTTP
            return answer
        said = self._shown(_said(answer))
        where = f"{self._http.base_url}{path}"
        match answer.status:
            case status if status // 100 == 3:  # noqa: PLR2004  # the 3xx of HTTP
                message = f"Coolify's URL redirects (HTTP {status}): a POST would become a GET"
                problem = ("COOLIFY_URL: use the address that it redirects to, with https",)
                raise ConfigurationError("coolify-redirects", message, problems=problem)
            case 401 | 403:
                raise self._unauthorised(answer, said)
            case 429:
                wait = answer.headers.get("Retry-After", "60")
                raise UnreachableError("coolify-busy", f"Coolify is busy: {said}", where=where, hint=f"wait {wait} s")
            case status if status >= _SERVER_ERROR:
                raise UnreachableError("coolify-down", f"Coolify answers HTTP {status}: {said}", where=where)
        raise RefusedError("coolify-refused", f"Coolify answers HTTP {answer.status}: {said}", where=where)

    def _unauthorised(self, answer: Answer, said: str) -> ConfigurationError:
        """Return which of the causes of a 401 or 403 it is, and its cure."""
        name = self._token.name
        cures = {
            "Unauthenticated.": f"{name}: unknown or expired; make a new token in Coolify",
            "Invalid token.": f"{name}: its user has left the team; make a new token in Coolify",
            "API is disabled.": "Coolify: Settings, Configuration, Advanced: switch the API on",
            "You are not allowed to access the API.": "Coolify: Settings, Allowed IPs: add this machine's address",
            "Missing required team role.": f"{name}: its user needs to be admin or owner of the team",
        }
        cure = cures.get(said, f"{name}: needs read, write and deploy")
        message = f"Coolify refuses the token (HTTP {answer.status}): {said}"
        return ConfigurationError("coolify-unauthorised", message, problems=(cure,))


def _lacks(answer: Answer, ability: str) -> bool:
    """Return whether an answer says that the token lacks this very ability."""
    return answer.status == _FORBIDDEN and ability in _said(answer)


def _said(answer: Answer) -> str:
    """Return the message of an answer, one short line."""
    if isinstance(answer.body, Mapping):
        said = str(answer.body.get("message", ""))
        errors = answer.body.get("errors") or answer.body.get("error") or ""
        return f"{said} {errors}".strip()[:300]
    return f"a page of {len(answer.text)} characters, not JSON"


def _why_stop_first(body: Mapping[str, Any]) -> str:
    """Return the setting that makes deployments stop first; empty when they roll."""
    settings = body.get("settings") or {}
    if body.get("ports_mappings"):
        return "ports_mappings"
    named = next((name for name in _STOP_FIRST if settings.get(name) or body.get(name)), "")
    if named:
        return named
    if body.get("build_pack") == "dockercompose":
        return "build pack dockercompose"
    options = body.get("custom_docker_run_options") or ""
    return "--ip in custom_docker_run_options" if "--ip" in options else ""


def _application(body: Mapping[str, Any]) -> Application:
    """Return an application from Coolify's description of it."""
    why = _why_stop_first(body)
    return Application(
        uuid=body["uuid"],
        name=body.get("name") or body["uuid"],
        status=body.get("status") or "",
        pin=Pin.of_commit(body.get("git_commit_sha") or "HEAD"),
        git_repository=body.get("git_repository") or "",
        rolling=not why,
        why_not_rolling=why,
        health_checked=bool(body.get("health_check_enabled") or body.get("custom_healthcheck_found")),
    )


def _deployment(row: Mapping[str, Any]) -> Deployment:
    """Return a deployment from one of Coolify's rows; its application is named only in the row's URL."""
    parts = str(row.get("deployment_url") or "").split("/")
    application = parts[parts.index("application") + 1] if "application" in parts else ""
    return Deployment(
        uuid=row["deployment_uuid"],
        number=int(row["id"]),
        application_uuid=application,
        commit=row.get("commit") or "",
        status=row["status"],
        ended=row.get("finished_at") is not None,
    )
