"""What production is handed goes to its running containers, as it is written, and nowhere else."""

from collections.abc import Iterator

from gonogo import places
from gonogo.model import Config, Finding, Holding, SecretFacts, Severity
from gonogo.protocols import WithSecrets
from gonogo.secrecy.weighing import Found, weighed

_RULE = "secrets-stay-inside"


def check(config: Config, facts: WithSecrets) -> tuple[Finding, ...]:
    """Advise on secrets that previews or builds are handed too, and on those in which `$` is read as a variable."""
    found = () if config.target.stack else _found(facts.secrets)
    fine = "no preview and no build is handed a secret of this environment"
    return weighed(config, facts.secrets, rule=_RULE, found=found, fine=fine)


def _found(facts: SecretFacts) -> Iterator[Found]:
    """Yield by application what goes where it should not."""
    for holder in dict.fromkeys(each.holder for each in facts.holdings):
        held = [each for each in facts.holdings if each.holder == holder and each.told_by]
        yield from _told(
            held, [each.name for each in held if each.is_copied], holder, "previews are handed it too",
            "give its preview row another value, which Coolify copied when it was made",
        )  # fmt: skip
        yield from _told(
            held, [each.name for each in held if each.is_buildtime], holder,
            "builds are handed it: it may stay in the image", "uncheck Available at Buildtime",
        )  # fmt: skip
        dollar = [each.name for each in held if not each.is_literal and each.secret and "$" in each.secret.reveal()]
        yield from _told(held, dollar, holder, "$ in it is read as a variable", "check Is Literal")


def _told(held: list[Holding], names: list[str], holder: str, what: str, fix: str) -> Iterator[Found]:
    """Yield what is wrong with some variables, one by one: each may be accepted alone."""
    del held
    for name in names:
        yield Found(
            subject=name,
            severity=Severity.ADVISE,
            message=f"{name} ({holder}): {what}",
            hint=f"{fix} ({places.VARIABLES})",
        )
