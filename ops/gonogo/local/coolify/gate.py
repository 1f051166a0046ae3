"""Who may do what: the checks of docs/coolify.md, section 2, in their order."""

import hashlib
import ipaddress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.limits import Limiter
from gonogo.local.coolify.records import Server, Token
from gonogo.local.coolify.state import Store

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

    def check(self, request: Request, ability: str) -> Passed:
        """Return whether a request may go on to an endpoint that needs an ability."""
        token = self._token(request)
        if token is None:
            return Passed(refusal=answers.message(401, "Unauthenticated."))
        spent = self.limiter.spend(_counted_as(token, request), self.store.server.rate_limit)
        if spent.over:
            return Passed(refusal=answers.throttled(request, spent.headers))
        refusal = (
            _membership(token)
            or _switch(self.store.server)
            or _address(self.store.server, request)
            or _may(token, ability)
        )
        sensitive = bool({"root", "read:sensitive"} & set(token.abilities)) and token.role in _ADMINS
        return Passed(refusal=refusal, headers=spent.headers, sensitive=sensitive)

    def _token(self, request: Request) -> Token | None:
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        wanted = digest(text.strip())
        now = self.store.clock.now().timestamp()
        found = (token for token in self.store.tokens if token.digest == wanted)
        return next((token for token in found if token.expires is None or token.expires > now), None)


def _counted_as(token: Token, request: Request) -> str:
    return f"user {token.user}" if token.user else f"address {_client(request)}"


def _membership(token: Token) -> Response | None:
    if not token.role:
        return answers.message(401, "Invalid token.")
    if token.role not in _ADMINS and _STRONG & set(token.abilities):
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


def _may(token: Token, ability: str) -> Response | None:
    if ability in token.abilities or "root" in token.abilities:
        return None
    return answers.message(403, f"Missing required permissions: {ability}")
