"""API and worker are handed the same secrets, where both read them."""

from collections.abc import Iterator

from gonogo import places
from gonogo.model import Config, Finding, SecretFacts, Severity
from gonogo.protocols import WithSecrets
from gonogo.secrecy import marks
from gonogo.secrecy.weighing import Found, weighed

_RULE = "secrets-reach-services"


def check(config: Config, facts: WithSecrets) -> tuple[Finding, ...]:
    """Advise on secrets that one application has and another, which reads it too, has not, or has another of."""
    fine = "the applications hold the same secrets, as far as their releases say which they read"
    return weighed(config, facts.secrets, rule=_RULE, found=_found(facts.secrets), fine=fine)


def _found(facts: SecretFacts) -> Iterator[Found]:
    """Yield what differs."""
    wanted = facts.wanted or {}
    held = {(each.holder, each.name): each for each in facts.holdings}
    for name in dict.fromkeys(name for names in wanted.values() for name in names):
        readers = [holder for holder, names in wanted.items() if name in names]
        having = [holder for holder in readers if (holder, name) in held]
        for holder in (each for each in readers if having and each not in having):
            yield Found(
                subject=name,
                severity=Severity.ADVISE,
                message=f"{name} is set for {' and '.join(having)} and not for {holder}, which reads it too",
                hint=f"add it to {holder} ({places.VARIABLES})",
            )
        values = [secret for holder in having if (secret := held[holder, name].secret)]
        if len({marks.marks(each) for each in values}) > 1:
            yield Found(
                subject=name,
                severity=Severity.ADVISE,
                message=f"{name} is not the same for {' and '.join(having)}: a rotation may have stopped half-way",
                hint="invoke deploy.status, and finish the rotation; or set both to the newer one",
            )
