"""A secret is one: no example's value, none that cannot work, none that can be guessed."""

from collections.abc import Iterator

from gonogo.model import Config, Finding, SecretFacts, Severity
from gonogo.protocols import WithSecrets
from gonogo.secrecy import shapes
from gonogo.secrecy.weighing import Found, rotate, weighed

_RULE = "secrets-are-real"


def check(config: Config, facts: WithSecrets) -> tuple[Finding, ...]:
    """Block on placeholders and on values that cannot work; advise on weak ones."""
    fine = "no secret that can be read holds a placeholder"
    return weighed(config, facts.secrets, rule=_RULE, found=_found(config, facts.secrets), fine=fine)


def _found(config: Config, facts: SecretFacts) -> Iterator[Found]:
    """Yield what is wrong with each value."""
    for each in facts.holdings:
        for flaw in shapes.flaws(each.secret, facts.examples) if each.secret else ():
            yield Found(
                subject=each.name,
                severity=Severity.BLOCK if flaw.is_useless else Severity.ADVISE,
                message=f"{each.name} ({each.holder}) {flaw.text}",
                hint=rotate(each.name, config),
            )
