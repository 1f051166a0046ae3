"""What is lost with one secret is one thing: none is used in two environments, or for two purposes."""

from collections.abc import Iterator

from gonogo.model import Config, Finding, SecretFacts, Severity
from gonogo.protocols import WithSecrets
from gonogo.secrecy import marks
from gonogo.secrecy.weighing import Found, rotate, weighed

_RULE = "secrets-are-apart"


def check(config: Config, facts: WithSecrets) -> tuple[Finding, ...]:
    """Block on a service's secret that another environment has too; advise on the rest that is used twice."""
    found = () if config.target.stack else (*_elsewhere(config, facts.secrets), *_within(config, facts.secrets))
    fine = f"no secret is used twice, as far as can be seen from here{_seen(facts.secrets)}"
    return weighed(config, facts.secrets, rule=_RULE, found=found, fine=fine)


def _elsewhere(config: Config, facts: SecretFacts) -> Iterator[Found]:
    """Yield what another environment holds too."""
    services = {each.name for each in facts.holdings if each.holder != "gonogo"}
    for environment, secrets in facts.elsewhere.items():
        theirs = {mark: secret.name for secret in secrets for mark in marks.marks(secret)}
        for name, shared in _shared(facts, theirs):
            yield Found(
                subject=name,
                # Who releases holds its own tokens for both: that is nothing that a service could lose.
                severity=Severity.BLOCK if name in services else Severity.ADVISE,
                message=f"{name} is the same in {environment}{'' if name == shared else f', as {shared}'}: who gets "
                f"into one has the other",
                hint=rotate(name, config),
            )


def _within(config: Config, facts: SecretFacts) -> Iterator[Found]:
    """Yield what two variables hold."""
    owners: dict[str, str] = {}
    for each in facts.holdings:
        for mark in sorted(marks.marks(each.secret)) if each.secret else ():
            other = owners.setdefault(mark, each.name)
            if other != each.name:
                yield Found(
                    subject=each.name,
                    severity=Severity.ADVISE,
                    message=f"{other} and {each.name} hold the same secret: one cannot be replaced without the other",
                    hint=rotate(each.name, config),
                )


def _shared(facts: SecretFacts, theirs: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield our variable and theirs that hold the same secret, once each."""
    pairs = {
        (each.name, theirs[mark]): None
        for each in facts.holdings
        if each.secret
        for mark in marks.marks(each.secret)
        if mark in theirs
    }
    yield from pairs


def _seen(facts: SecretFacts) -> str:
    """Return what was compared with."""
    return f" ({', '.join(sorted(facts.elsewhere))})" if facts.elsewhere else " (no other environment's values)"
