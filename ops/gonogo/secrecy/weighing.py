"""What checks of secrets say: each thing once, and what is accepted for a while as such."""

from collections.abc import Iterable
from dataclasses import dataclass

from gonogo.model import Config, Finding, SecretFacts, Severity
from gonogo.secrecy import policy, rotations

_NAMED = 3


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
    said, accepted = list[Finding](), dict[str, list[Found]]()
    for each in dict.fromkeys(found):
        why = policy.excused(config.secrecy, rule, each.subject, environment=config.target.name, today=facts.at.date())
        if why:
            accepted.setdefault(why, []).append(each)
        else:
            said.append(Finding(rule=rule, severity=each.severity, message=each.message, hint=each.hint))
    said += [Finding(rule=rule, severity=Severity.INFO, message=_told(why, accepted[why])) for why in accepted]
    return tuple(said) or (Finding(rule=rule, severity=Severity.INFO, message=fine),)


def _told(why: str, found: list[Found]) -> str:
    """Return what is accepted for one reason: whole where it is one thing, by its subjects where it is more."""
    if len(found) == 1:
        return f"{found[0].message}; accepted: {why}"
    subjects = list(dict.fromkeys(each.subject for each in found))
    more = f" and {len(subjects) - _NAMED} more" if len(subjects) > _NAMED else ""
    return f"{len(found)} findings in {', '.join(subjects[:_NAMED])}{more}; accepted: {why}"


def rotate(name: str, config: Config) -> str:
    """Return what replaces a secret: a command, or the page that says how it is done by hand."""
    rotation = rotations.named(name)
    if not rotation:
        return f"replace {name} by hand: ops/SECRETS_ROTATION_RUNBOOK.md"
    return f"invoke secrets.rotate {rotation} --env {config.target.name}"
