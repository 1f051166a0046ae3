"""Logs: events with fields, one JSON object per line, never a secret."""

import logging
import re
import sys
from collections.abc import Iterable

import structlog
from pydantic import SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

from backend.core.environment import Environment

_MASK = "[secret]"
_SECRET_SHAPES = re.compile(r"(?<=://)[^@/\s]*:[^@/\s]*(?=@)|\bast_[A-Za-z0-9_-]{16,}|(?i:(?<=bearer )\S+)")
_QUIET = ("httpx", "asyncio", "alembic.runtime.plugins")


class Redactor:
    """A log step that masks the process's secrets and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Keep what must never be written.

        Args:
            secrets: The values; those under six characters are ignored, they would mask ordinary words.
        """
        self._secrets = tuple(secret for secret in secrets if len(secret) >= len("secret"))

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Return the event with every text value masked.

        Args:
            event: The event's fields.
        """
        return {key: self._masked(value) if isinstance(value, str) else value for key, value in event.items()}

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return _SECRET_SHAPES.sub(_MASK, text)


def configure(environment: Environment) -> None:
    """Send every log of this process, libraries included, to standard output.

    Args:
        environment: Says the level, the format and the secrets to mask.
    """
    shared = _processors()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                Redactor(secrets_of(environment)),
                _renderer(environment.log_format),
            ],
        )
    )
    _take_over(handler, environment.log_level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of one module.

    Args:
        name: The module's name.
    """
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def is_debugged(name: str) -> bool:
    """Return whether a module's debug lines are wanted, for whoever would write one a thousand times a second.

    Args:
        name: The module's name.
    """
    return logging.getLogger(name).isEnabledFor(logging.DEBUG)


def place_of(error: BaseException) -> str:
    """Return where an error was raised, as file, line and function, without a trace.

    Args:
        error: An error that was caught.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}"


def _processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_trace,
    ]


def _without_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info is True else info
    if isinstance(error, BaseException):
        # Not the message: a library may have put a row or an address into it.
        event.update(error=type(error).__name__, where=place_of(error))
    return event


def _renderer(log_format: str) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=False)


def secrets_of(environment: Environment) -> tuple[str, ...]:
    """Return every secret among the settings, those in lists too.

    Args:
        environment: The settings.
    """
    values = (getattr(environment, name) for name in Environment.model_fields)
    flat = (each for value in values for each in (value if isinstance(value, tuple) else (value,)))
    return tuple(each.get_secret_value() for each in flat if isinstance(each, SecretStr))


def _take_over(handler: logging.Handler, level: str) -> None:
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        library = logging.getLogger(name)
        # uvicorn.access has no handler of its own exactly when --no-access-log was given.
        library.propagate = bool(library.handlers) or name != "uvicorn.access"
        library.handlers.clear()
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
