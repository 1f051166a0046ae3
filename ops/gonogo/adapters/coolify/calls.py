"""One call of Coolify's API: at our pace, asked again only where that is harmless, judged by its status."""

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

from gonogo.adapters.coolify import pacing, refusals
from gonogo.adapters.coolify.endpoints import VERSION, Endpoint
from gonogo.adapters.coolify.refusals import Refusals
from gonogo.adapters.http import Answer, Http, understanding
from gonogo.errors import GonogoError, UnreachableError
from gonogo.protocols import Clock

_TOO_MANY = 429
# Pauses between two tries: doubled from the first one on.
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long one call is asked again.

    Attributes:
        outage_s: a GET, while nothing answers or something answers for Coolify.
        busy_s: any call, while Coolify says that there were too many.
    """

    outage_s: float = 10.0
    busy_s: float = 75.0


class Calls:
    """Sends requests and judges what comes back."""

    def __init__(self, http: Http, clock: Clock, refused: Refusals, patience: Patience) -> None:
        """Prepare; nothing is contacted yet."""
        self._http = http
        self._clock = clock
        self._pace = pacing.Pace(clock)
        self._patience = patience
        self._absent: set[Endpoint] = set()
        self._version: str | None = None
        self.refused = refused

    def good(self, endpoint: Endpoint, uuid: str = "", body: object = None) -> Answer:
        """Return an answer that is 2xx.

        Raises:
            ConfigurationError: the URL, the token or a switch of Coolify's is at fault, or the route is not there.
            UnreachableError: Coolify is away or busy; the request had no effect.
            AnswerLostError: it changes something and may have happened.
            RefusedError: it said no.
        """
        return self.judged(self.any(endpoint, uuid, body), endpoint, uuid)

    def judged(self, answer: Answer, endpoint: Endpoint, uuid: str = "") -> Answer:
        """Return an answer that is 2xx; raise what any other amounts to."""
        if answer.status // 100 == 2:  # noqa: PLR2004  # the 2xx of HTTP
            return answer
        raise self.refused.of(answer, endpoint, endpoint.at(uuid))

    def any(self, endpoint: Endpoint, uuid: str = "", body: object = None) -> Answer:
        """Return an answer of any status that says something of Coolify; what has passed by is asked again.

        Raises:
            ConfigurationError: this Coolify has no such route.
            UnreachableError: nothing answers, or something in front of Coolify does; or there were too many requests.
            AnswerLostError: it changes something and may have happened.
        """
        if endpoint not in self._absent:
            answer = self._answer(endpoint, endpoint.at(uuid), body)
            if not refusals.is_no_such_endpoint(answer):
                return answer
            self._absent.add(endpoint)
        raise self.refused.no_such_endpoint(endpoint, self.version())

    def version(self) -> str:
        """Return the server's version for messages, asked once; in words when it does not say."""
        if self._version is None and VERSION not in self._absent:
            with suppress(GonogoError):
                self._version = self.good(VERSION).text.strip().strip('"')[:40]
        return self._version or ("of another kind" if VERSION in self._absent else "of unknown version")

    def understood(self, endpoint: Endpoint, uuid: str = "") -> AbstractContextManager[None]:
        """Return what refuses an answer of another shape."""
        return understanding("Coolify's", where=f"{self._http.base_url}{endpoint.at(uuid)}")

    def _answer(self, endpoint: Endpoint, path: str, body: object) -> Answer:
        """Return an answer that Coolify gave; ask again while that is harmless and our patience lasts."""
        tries = _Tries(began=self._clock.monotonic())
        while True:
            outcome = self._once(endpoint, path, body)
            pause = self._pause(outcome, endpoint, tries)
            if pause is None:
                break
            self._clock.sleep(pause)
            tries = replace(tries, count=tries.count + 1)
        if isinstance(outcome, UnreachableError):
            raise outcome
        if outcome.status == _TOO_MANY or refusals.is_away(outcome):
            raise self.refused.of(outcome, endpoint, path, waited=self._waited(outcome, tries))
        return outcome

    def _once(self, endpoint: Endpoint, path: str, body: object) -> Answer | UnreachableError:
        """Send a request and return what came of it."""
        self._pace.wait()
        try:
            answer = self._http.request(endpoint.method, path, body=body)
        except UnreachableError as error:
            return error
        if answer.status != _TOO_MANY:  # that minute is over when it was waited for
            self._pace.learn(answer.headers)
        return answer

    def _pause(self, outcome: Answer | UnreachableError, endpoint: Endpoint, tries: "_Tries") -> float | None:
        """Return how long to wait before the same is asked again; None when it is not."""
        pause, patience = tries.pause, self._patience.outage_s
        if isinstance(outcome, Answer) and outcome.status == _TOO_MANY:
            if endpoint.changes and outcome.body is None:
                return None  # not Coolify's own words, so nobody says that it had no effect
            patience = self._patience.busy_s
            pause = max(pause, self._told(outcome) or 0.0)
        elif endpoint.changes or (isinstance(outcome, Answer) and not refusals.is_away(outcome)):
            return None
        spent = self._clock.monotonic() - tries.began
        return pause if spent + pause <= patience else None

    def _told(self, answer: Answer) -> float | None:
        """Return how long an answer asks us to wait."""
        return pacing.told_to_wait(answer.headers, self._clock.now())

    def _waited(self, answer: Answer, tries: "_Tries") -> str:
        """Return how long was waited, and whether we were asked to wait for longer than we do."""
        told, longest = self._told(answer), self._patience.busy_s
        if told is not None and told > longest:
            return f", it asks to wait {told:.0f} s and we wait {longest:.0f} s at most"
        spent = self._clock.monotonic() - tries.began
        return f", asked {tries.count + 1} times in {spent:.0f} s" if tries.count else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tries:
    """How often and since when one thing has been asked."""

    began: float
    count: int = 0

    @property
    def pause(self) -> float:
        """Return the pause before the next try."""
        return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0**self.count)
