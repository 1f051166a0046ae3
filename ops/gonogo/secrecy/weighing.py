"""What checks of secrets say: each thing once, and what is accepted for a while as such."""

from collections.abc import Iterable
from dataclasses import dataclass

from gonogo.model import Config, Finding, SecretFacts, Severity
from gonogo.secrecy import policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One thing that is wrong.

    Attributes:
        subject: the variable or path that an exception would name.
        message: a sentence without any value.
        hint: the next command.
    """

    subject: str
    severity: Severity
    message: str
    hint: str


def weighed(config: Config, facts: SecretFacts, *, rule: str, found: Iterable[Found], fine: str) -> tuple[Finding, ...]:
    """Return the findings of a rule; what is accepted today is told and stops nothing.

    Args:
        config: where, and what is accepted.
        facts: when.
        rule: the check's name.
        found: what is wrong.
        fine: what was seen where nothing is.
    """
    today, said = facts.at.date(), []
    for each in dict.fromkeys(found):
        why = policy.excused(config.secrecy, rule, each.subject, environment=config.target.name, today=today)
        severity = Severity.INFO if why else each.severity
        message = f"{each.message}; accepted: {why}" if why else each.message
        said.append(Finding(rule=rule, severity=severity, message=message, hint="" if why else each.hint))
    return tuple(said) or (Finding(rule=rule, severity=Severity.INFO, message=fine),)


def rotate(name: str, config: Config) -> str:
    """Return the command that replaces a secret."""
    return f"invoke secrets.rotate {name} --env {config.target.name}"
