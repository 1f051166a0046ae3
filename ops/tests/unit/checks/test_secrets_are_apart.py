"""One secret, one purpose, one environment."""

from gonogo.checks.secrets_are_apart import check
from gonogo.model import Secret, Severity
from tests.unit.checks.secrets_seen import held, seen
from tests.unit.checks.verdicts import said

VALUE = "mV3pQ8zRt6YkW1nB"


def test_a_service_s_secret_in_another_environment_blocks() -> None:
    """Also the password alone, on another host, under another name."""
    staging = (Secret("OTHER_URL", f"postgresql://other:{VALUE}@elsewhere/db"),)
    facts = seen(held("DATABASE_URL", f"postgresql://app:{VALUE}@db/app"), elsewhere={"staging": staging})
    ((severity, message, _),) = said(check, secrets=facts)
    assert severity is Severity.BLOCK
    assert message.startswith("DATABASE_URL is the same in staging, as OTHER_URL")
    assert VALUE not in message


def test_what_only_the_toolkit_holds_advises() -> None:
    """One Coolify serves both, and the same person releases to both."""
    facts = seen(
        held("COOLIFY_TOKEN", f"3|{VALUE}", "gonogo"), elsewhere={"staging": (Secret("COOLIFY_TOKEN", f"7|{VALUE}"),)}
    )
    assert [each[0] for each in said(check, secrets=facts)] == [Severity.ADVISE]


def test_two_variables_with_one_secret_advise() -> None:
    """One part of a list is enough; the same variable in two places is none."""
    facts = seen(held("A", f"{VALUE},zRt6YkW1nB5xLc9H"), held("A", VALUE, "worker"), held("B", VALUE))
    assert [each[1] for each in said(check, secrets=facts)] == [
        "A and B hold the same secret: one cannot be replaced without the other"
    ]


def test_a_text_that_is_the_same_by_chance_is_none() -> None:
    """A short one, and URLs without a password."""
    url = "postgresql://user:@/database?host=/directory"
    facts = seen(held("A", "short"), held("B", "short"), held("C", url), elsewhere={"staging": (Secret("C", url),)})
    ((severity, message, _),) = said(check, secrets=facts)
    assert severity is Severity.INFO
    assert message.endswith("(staging)")
