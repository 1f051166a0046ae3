"""Who may do what: the checks of docs/coolify.md, section 2, in their order."""

import hashlib
import ipaddress
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.limits import Limiter
from gonogo.local.coolify.records import Server, Token
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.version import (
    EITHER_ABILITY_DEPLOYS_UNTIL,
    MEMBERSHIP,
    ROLES,
    SENSITIVE_HIDDEN,
    STARTS_NEED_DEPLOY,
    TOKENS_EXPIRE,
    at_least,
)

_STRONG = frozenset(("root", "write", "write:sensitive", "deploy", "read:sensitive"))
_ADMINS = ("owner", "admin")


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """What the gate says about one request.

    Attributes:
        refusal: the answer, when it may not go on.
        headers: for whatever the answer will be.
        sensitive: whether sensitive fields are shown.
    """

    refusal: Response | None = None
    headers: dict[str, str] | None = None
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """The checks before every endpoint."""

    store: Store
    limiter: Limiter

    def check(self, request: Request, ability: str, path: str = "") -> Passed:
        """Return whether a request may go on to an endpoint that needs an ability.

        Args:
            request: what came in.
            ability: what the endpoint asks for today.
            path: the endpoint's, since older servers asked for others.
        """
        token = self._token(request)
        if token is None:
            return Passed(refusal=answers.message(401, "Unauthenticated."))
        spent = self.limiter.spend(_counted_as(token, request), self.store.server.rate_limit)
        if spent.over:
            return Passed(refusal=answers.throttled(request, spent.headers))
        server = self.store.server
        refusal = (
            _membership(token, server.version)
            or _switch(server)
            or _address(server, request)
            or _may(token, _abilities(ability, path, server.version))
        )
        sensitive = _is_sensitive(token, server.version)
        return Passed(refusal=refusal, headers=spent.headers, sensitive=sensitive)

    def _token(self, request: Request) -> Token | None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        wanted = digest(text.strip())
        now = self.store.clock.now().timestamp()
        found = (self._as_it_is(token) for token in self.store.tokens if token.digest == wanted)
        expires = at_least(self.store.server.version, TOKENS_EXPIRE)
        return next((token for token in found if not expires or token.expires is None or token.expires > now), None)

    def _as_it_is(self, token: Token) -> Token:
        """Return a token with what faults have done to it."""
        for fault in self.store.faults:
            if fault.armed_at is not None:
                abilities = tuple(each for each in token.abilities if each != fault.takes)
                token = replace(token, **{"abilities": abilities, **fault.token})
        return token


def _counted_as(token: Token, request: Request) -> str:
    return f"user {token.user}" if token.user else f"address {_client(request)}"


def _membership(token: Token, version: str) -> Response | None:
    if not token.role and at_least(version, MEMBERSHIP):
        return answers.message(401, "Invalid token.")
    if at_least(version, ROLES) and token.role not in _ADMINS and _STRONG & set(token.abilities):
        return answers.message(403, "Missing required team role.")
    return None


def _switch(server: Server) -> Response | None:
    return None if server.api_enabled else answers.message(403, "API is disabled.", success=True)


def _address(server: Server, request: Request) -> Response | None:
    if not server.allowed_ips or "0.0.0.0" in server.allowed_ips:  # noqa: S104  # Coolify's word for everybody
        return None
    address = ipaddress.ip_address(_client(request))
    if any(address in ipaddress.ip_network(network, strict=False) for network in server.allowed_ips):
        return None
    return answers.message(403, "You are not allowed to access the API.", success=True)


def _client(request: Request) -> str:
    forwarded = request.headers.get("x-forwarded-for")
    return forwarded.split(",")[0].strip() if forwarded else (request.client.host if request.client else "127.0.0.1")


def _abilities(ability: str, path: str, version: str) -> tuple[str, ...]:
    """Return the abilities of which a route asks for one, as servers of this version do."""
    if path == "/deploy" and not at_least(version, EITHER_ABILITY_DEPLOYS_UNTIL):
        return ("write", "deploy")
    if ability == "deploy" and path.startswith("/applications/") and not at_least(version, STARTS_NEED_DEPLOY):
        return ("write",)
    return (ability,)


def _is_sensitive(token: Token, version: str) -> bool:
    """Return whether a token's owner sees sensitive fields; before roles counted, the ability alone decided."""
    if not at_least(version, SENSITIVE_HIDDEN):
        return True
    return bool({"root", "read:sensitive"} & set(token.abilities)) and (
        token.role in _ADMINS or not at_least(version, ROLES)
    )


def _may(token: Token, abilities: tuple[str, ...]) -> Response | None:
    if {*abilities, "root"} & set(token.abilities):
        return None
    return answers.message(403, f"Missing required permissions: {', '.join(abilities)}")
