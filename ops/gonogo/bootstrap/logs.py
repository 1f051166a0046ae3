"""Where an environment's releases leave their words: the log of engineers, and the evidence that people read."""

import logging
from pathlib import Path

from gonogo import redaction
from gonogo.model import Config, Secret, Target

_LOG = "gonogo.log"


def evidence_log(config: Config) -> Path:
    """Return the evidence log; a local stack's releases are not evidence and stay out of the repository's."""
    if config.log is None or config.target.stack:
        return config.state / "log.md"
    return config.log


def log_to(state: Path, target: Target) -> None:
    """Send what only engineers read, tracebacks included, to a private file that holds none of our secrets."""
    logger, path = logging.getLogger("gonogo"), state / _LOG
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    for former in logger.handlers[:]:
        logger.removeHandler(former)
        former.close()
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(_Redacting(target.secrets))
    logger.addHandler(handler)
    logger.propagate = False


class _Redacting(logging.Formatter):
    """Writes records with stars where a secret would stand."""

    def __init__(self, secrets: tuple[Secret, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redaction = redaction.Redaction(word for secret in secrets for word in secret.words)

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        return redaction.PROCESS.hidden(self._redaction.hidden(super().format(record)))
