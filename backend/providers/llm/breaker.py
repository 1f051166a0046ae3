"""A circuit breaker: who has failed many times in a row is left alone for a while, then asked once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

from backend.core import clock
from backend.core.logging import get_logger
from backend.providers.llm.errors import OUTAGES, ProviderError

_FAILURES_MAX = 5
_PAUSE_S = 30.0
_logger = get_logger(__name__)


class Circuit(IntEnum):
    """How it stands; the numbers are those of the gauge."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """One per process and provider; not for threads."""

    def __init__(
        self,
        *,
        failures_max: int = _FAILURES_MAX,
        pause_s: float = _PAUSE_S,
        clock_s: Callable[[], float] = clock.monotonic_s,
        show: Callable[[Circuit], None] = lambda _circuit: None,
    ) -> None:
        """Begin closed.

        Args:
            failures_max: As many outages in a row open it.
            pause_s: How long it stays open before one operation may try.
            clock_s: Seconds that never run backwards.
            show: Told of every change.
        """
        self.circuit = Circuit.CLOSED
        self._failures_max = failures_max
        self._pause_s = pause_s
        self._clock_s = clock_s
        self._show = show
        self._failures = 0
        self._opened_s = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one operation through, and learn how it ends.

        Raises:
            ProviderError: The circuit is open, or another operation is trying.
        """
        self._enter()
        try:
            yield
        except ProviderError as error:
            # An answer that cannot be used is an answer.
            self._note(is_outage=error.reason in OUTAGES)
            raise
        except BaseException:
            self._let_go()
            raise
        self._note(is_outage=False)

    def _enter(self) -> None:
        if self.circuit is Circuit.CLOSED:
            return
        if self.circuit is Circuit.HALF_OPEN or self._clock_s() - self._opened_s < self._pause_s:
            raise ProviderError("circuit open")
        self._change(Circuit.HALF_OPEN)

    def _note(self, *, is_outage: bool) -> None:
        self._failures = self._failures + 1 if is_outage else 0
        if not is_outage:
            self._change(Circuit.CLOSED)
        elif self.circuit is Circuit.HALF_OPEN or self._failures >= self._failures_max:
            self._open()

    def _let_go(self) -> None:
        # Cancelled: nothing was learned, and the next one may try.
        if self.circuit is Circuit.HALF_OPEN:
            self._change(Circuit.OPEN)

    def _open(self) -> None:
        if self.circuit is not Circuit.OPEN:
            self._opened_s = self._clock_s()
        self._change(Circuit.OPEN)

    def _change(self, circuit: Circuit) -> None:
        if circuit is not self.circuit:
            _logger.warning("provider.circuit", circuit=circuit.name.lower().replace("_", " "))
            self.circuit = circuit
            self._show(circuit)
