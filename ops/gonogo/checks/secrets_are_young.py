"""No secret is older than it may be, and nobody's age is guessed."""

from collections.abc import Iterator
from datetime import timedelta

from gonogo.model import Config, Finding, Holding, SecretFacts, Severity
from gonogo.protocols import WithSecrets
from gonogo.secrecy.weighing import Found, rotate, weighed

_RULE = "secrets-are-young"
# A warning before it is too late, in time for a rotation that nobody hurries.
_SOON = 0.8
_DAYS_AHEAD = 14


def check(config: Config, facts: WithSecrets) -> tuple[Finding, ...]:
    """Block on what is older than it may be; advise on what will be soon, and on what nobody knows the age of."""
    if config.target.stack:
        return weighed(config, facts.secrets, rule=_RULE, found=(), fine="a local stack makes its own secrets anew")
    found = (*_aged(config, facts.secrets), *_unknown(config, facts.secrets), *_ending(config, facts.secrets))
    return weighed(config, facts.secrets, rule=_RULE, found=found, fine="no secret is near the age that it may have")


def _aged(config: Config, facts: SecretFacts) -> Iterator[Found]:
    """Yield what is too old, or will be soon; of each variable where it is oldest."""
    oldest: dict[str, Holding] = {}
    for each in facts.holdings:
        if each.since and (each.name not in oldest or each.since < (oldest[each.name].since or each.since)):
            oldest[each.name] = each
    for name, each in oldest.items():
        age, most = facts.at - (each.since or facts.at), timedelta(days=config.secrecy.oldest(name))
        if age < most * _SOON:
            continue
        owner = config.secrecy.rows[name].owner if name in config.secrecy.rows else ""
        says = f"{each.told_by} says so{f'; {owner} replaces it' if owner else ''}"
        yield Found(
            subject=name,
            severity=Severity.BLOCK if age >= most else Severity.ADVISE,
            message=f"{name} ({each.holder}) is {age.days} days old and may be {most.days}: {says}",
            hint=rotate(name, config),
        )


def _unknown(config: Config, facts: SecretFacts) -> Iterator[Found]:
    """Yield what nobody knows the age of."""
    known = {each.name for each in facts.holdings if each.since}
    for name in dict.fromkeys(each.name for each in facts.holdings if each.name not in known):
        day = f"{config.target.name} = {facts.at:%Y-%m-%d}"
        yield Found(
            subject=name,
            severity=Severity.ADVISE,
            message=f"nobody knows how old {name} is",
            hint=f"{rotate(name, config)}; and where that is not written down by itself: "
            f"[secrets.variables.{name}] rotated = {{ {day} }} in gonogo.toml",
        )


def _ending(config: Config, facts: SecretFacts) -> Iterator[Found]:
    """Yield whether the database will soon not take the password any more."""
    if facts.password_ends is None or facts.password_ends - facts.at > timedelta(days=_DAYS_AHEAD):
        return
    is_over = facts.password_ends <= facts.at
    when = f"{'since' if is_over else 'after'} {facts.password_ends:%Y-%m-%d %H:%M} UTC"
    name = config.target.database_url.name
    yield Found(
        subject=name,
        severity=Severity.BLOCK if is_over else Severity.ADVISE,
        message=f"the database takes no new connection with the password of {name} {when} (VALID UNTIL)",
        hint=rotate(name, config),
    )
