"""SIGINT and SIGTERM: noticed at once, even while the driver waits in C, and acted on between statements."""

import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from gonogo_migrator.errors import StoppedError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether somebody asked the run to stop. Python calls a handler late; the pipe is written at once."""

    def __init__(self) -> None:
        """Nobody has."""
        self.signal: signal.Signals | None = None
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        os.set_blocking(self._reader, False)

    def check(self) -> None:
        """Go on, or not.

        Raises:
            StoppedError: somebody asked to stop.
        """
        if self.signal:
            raise StoppedError(f"stopped by {self.signal.name}")

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until a signal or a wake-up."""
        if select.select([self._reader], [], [], seconds)[0]:
            for number in os.read(self._reader, 64):
                if number in _SIGNALS:
                    self.signal = signal.Signals(number)

    def sleep(self, seconds: float) -> None:
        """Sleep, but not on after a signal: a thread that looks on may have emptied the pipe."""
        end = time.monotonic() + seconds
        while not self.signal and (left := end - time.monotonic()) > 0:
            time.sleep(min(0.05, left))

    def wake(self) -> None:
        """End a wait."""
        os.write(self._writer, b"\0")

    def close(self) -> None:
        """Let the pipe go."""
        os.close(self._reader)
        os.close(self._writer)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals of this process until the end; only its main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self._note) for each in _SIGNALS}
        former = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(former)
            for each, handler in before.items():
                signal.signal(each, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.signal and number == signal.SIGINT and self._is_noted:
            raise KeyboardInterrupt  # asked twice: at once, and the server rolls back
        self.signal, self._is_noted = signal.Signals(number), True

    _is_noted = False
