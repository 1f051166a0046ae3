"""Coolify as the port Platform: judge by status, read back what was set, let the caller confirm what was queued."""

import re

from gonogo import redaction
from gonogo.adapters.clock import SystemClock
from gonogo.adapters.coolify import abilities, endpoints, orders, pins, records, refusals, variables
from gonogo.adapters.coolify.calls import Calls, Patience
from gonogo.adapters.coolify.refusals import Refusals
from gonogo.adapters.http import Answer, Http, shown
from gonogo.errors import AnswerLostError, ConfigurationError, RefusedError
from gonogo.model import Application, Deployment, Pin, PinKind, Secret, Variable, version_of
from gonogo.protocols import Clock
from gonogo.redaction import Redaction

_FORBIDDEN = 403


class Coolify:
    """The platform that runs the service."""

    def __init__(
        self,
        base_url: str,
        token: Secret,
        *,
        timeout_s: float = 30.0,
        clock: Clock | None = None,
        fingerprint_key: Secret | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Prepare; nothing is contacted yet.

        Args:
            base_url: where Coolify is, with the API's path or without.
            token: one of its API tokens.
            timeout_s: longest that one request may take.
            clock: what is waited by; the system's unless said otherwise.
            fingerprint_key: what fingerprints of values are keyed with; the token unless said otherwise.
            patience: how long a call is asked again.

        Raises:
            ConfigurationError: the URL or the token cannot be used.
        """
        if shown(base_url) != base_url:
            problem = "COOLIFY_URL: take the user and password out; they would be sent in the token's place"
            raise ConfigurationError("coolify-url-wrong", "Coolify's URL holds a user", problems=(problem,))
        root = base_url.strip().rstrip("/").removesuffix("/api/v1")
        http = Http(f"{root}/api/v1", token=token.reveal().strip(), timeout_s=timeout_s)
        key = fingerprint_key or token
        self._redaction = Redaction((*token.words, *key.words))
        self._refused = Refusals(base_url=http.base_url, token_name=token.name, redaction=self._redaction)
        self._calls = Calls(http, clock or SystemClock(), self._refused, patience or Patience())
        self._key = records.key_of(key)
        self._known: dict[str, None] = {}

    def version(self) -> str:
        """Return the server's version."""
        said = self._calls.good(endpoints.VERSION).text.strip().strip('"')
        with self._calls.understood(endpoints.VERSION):
            return re.fullmatch(r"v?(\d+\.\d+\S{0,40})", said)[1]  # type: ignore[index]  # none is refused

    def missing_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return the abilities that a release needs and harmless calls show to be missing."""
        return abilities.missing(self._calls, app_uuid)

    def missing_optional_abilities(self, app_uuid: str) -> tuple[str, ...]:
        """Return the abilities that a release can do without, and sees less."""
        return abilities.missing_optional(self._calls, app_uuid)

    def application(self, uuid: str) -> Application:
        """Return an application.

        Raises:
            RefusedError: Coolify knows no application of this uuid.
        """
        answer = self._application(uuid)
        with self._calls.understood(endpoints.APPLICATION, uuid):
            return records.application(answer.body)

    def variables(self, uuid: str) -> tuple[Variable, ...] | None:
        """Return what an application's production containers are handed; None when the token may not ask.

        Their values go on only as what never prints itself. They are remembered in memory for one purpose: an answer
        of Coolify's that repeats one is not shown with it, and a secret by its name is not shown by anybody.
        """
        answer = self._calls.any(endpoints.VARIABLES, uuid)
        if answer.status == _FORBIDDEN:
            return None
        body = self._calls.judged(answer, endpoints.VARIABLES, uuid).body
        with self._calls.understood(endpoints.VARIABLES, uuid):
            found = records.production(body)
            self._redaction.hide(records.values(found))
            redaction.PROCESS.hide(records.secrets(found))
            previews = records.previews(body)
            return tuple(records.variable(row, self._key, previews) for row in found)

    def value(self, uuid: str, key: str) -> Secret | None:
        """Return what an application's next deployment is handed in a variable; None where there is none.

        Raises:
            RefusedError: the token may not read it, or nobody may.
        """
        found = variables.value(self._calls, uuid, key)
        if found is not None:
            self._redaction.hide(found.words)
            redaction.PROCESS.hide(found.words)
        return found

    def change_value(self, uuid: str, key: str, value: Secret) -> None:
        """Set what an application's next deployment is handed in a variable, its flags as they are, and read it back.

        Raises:
            RefusedError: there is no such variable, or Coolify does not keep it.
            AnswerLostError: no answer came, and what is read back is not it.
        """
        self._redaction.hide(value.words)
        redaction.PROCESS.hide(value.words)
        variables.change(self._calls, uuid, key, value)

    def pin(self, uuid: str, pin: Pin) -> None:
        """Set what the next deployment runs, and read it back; only what differs is sent.

        Raises:
            RefusedError: the application takes no such artifact, or Coolify does not keep it.
            AnswerLostError: no answer came, and what is read back is not it.
        """
        answer = self._application(uuid)
        with self._calls.understood(endpoints.APPLICATION, uuid):
            _refuse_kind(records.application(answer.body), pin)
            changes = pins.changes(answer.body, pin)
        lost = self._change(uuid, changes) if changes else None
        seen = self.application(uuid).pin if changes else pins.of(answer.body)
        if not pins.is_same(seen, pin):
            message = f"Coolify took {_named(pin)} and still says {_named(seen)}"
            raise lost or RefusedError("pin-not-kept", message, where=uuid)

    def trigger(self, uuid: str, *, force: bool = False) -> str:
        """Ask for one deployment and return its id; the id may be invented, so the caller confirms it.

        Raises:
            AnswerLostError: it may have been queued; the request is never sent again.
            UnreachableError: the queue is full, or there were too many requests; nothing was queued.
            RefusedError: nothing was queued, or the uuid is not an application's: named here, a database would stop.
        """
        if uuid not in self._known:
            self.application(uuid)
        wish = {"uuid": uuid, "force": True} if force else {"uuid": uuid}
        answer = self._calls.good(endpoints.DEPLOY, body=wish)
        return orders.id_of(answer.body, uuid, self._refused.shown)

    def deployment(self, uuid: str) -> Deployment | None:
        """Return a deployment, out of the lists where Coolify denies it; None when it is in no list either."""
        answer = self._calls.any(endpoints.DEPLOYMENT, uuid)
        if refusals.is_no_such_object(answer):
            return self._listed(uuid)
        body = self._calls.judged(answer, endpoints.DEPLOYMENT, uuid).body
        with self._calls.understood(endpoints.DEPLOYMENT, uuid):
            return records.deployment(body)

    def recent(self, app_uuid: str) -> tuple[Deployment, ...]:
        """Return an application's last deployments, newest first."""
        body = self._calls.good(endpoints.RECENT, app_uuid).body
        self._known[app_uuid] = None
        with self._calls.understood(endpoints.RECENT, app_uuid):
            return records.deployments(body["deployments"], app_uuid)

    def active(self) -> tuple[Deployment, ...]:
        """Return what is queued or in progress on any server of the team, newest first."""
        body = self._calls.good(endpoints.ACTIVE).body
        with self._calls.understood(endpoints.ACTIVE):
            return records.deployments(body)

    def _application(self, uuid: str) -> Answer:
        """Return Coolify's description of an application."""
        answer = self._calls.any(endpoints.APPLICATION, uuid)
        if refusals.is_no_such_object(answer):
            said = self._refused.shown(refusals.text(answer))
            message = f"Coolify knows no application {uuid} (HTTP 404: {said})"
            hint = "copy the uuid from Coolify's address of the application; the token's team must own it"
            raise RefusedError("application-unknown", message, where=uuid, hint=hint)
        self._calls.judged(answer, endpoints.APPLICATION, uuid)
        self._known[uuid] = None
        return answer

    def _change(self, uuid: str, changes: dict[str, str]) -> AnswerLostError | None:
        """Send a change; without an answer what is read back decides."""
        try:
            self._calls.good(endpoints.CHANGE_APPLICATION, uuid, changes)
        except AnswerLostError as error:
            return error
        return None

    def _listed(self, uuid: str) -> Deployment | None:
        """Return a deployment that Coolify hides when it is asked for, out of its lists."""
        for listed in (self.active(), *(self.recent(each) for each in tuple(self._known))):
            found = next((each for each in listed if each.uuid == uuid), None)
            if found:
                return found
        return None


def _refuse_kind(application: Application, pin: Pin) -> None:
    """Raise when an application cannot run an artifact of this kind.

    Raises:
        RefusedError: it builds commits and was given an image, or the other way round.
    """
    builds, given = application.pin.kind is PinKind.COMMIT, pin.kind is PinKind.COMMIT
    if builds != given:
        does = "builds commits" if builds else "runs a ready-made image"
        message = f"{application.name} {does}, and {_named(pin)} is a {pin.kind.value}"
        hint = "in Coolify: the application's build pack"
        raise RefusedError("pin-of-another-kind", message, where=application.uuid, hint=hint)


def _named(pin: Pin) -> str:
    """Return a pin as people name it."""
    if pin.kind is PinKind.COMMIT:
        return version_of(pin.ref)
    joint = "@sha256:" if pin.kind is PinKind.DIGEST else ":"
    return f"{pin.image}{joint}{pin.ref}"
