"""The new version finds every variable that it does not start without."""

from gonogo.checks.variables_are_there import check
from gonogo.model import Declared, Needs, Severity, Variable
from tests.unit.checks.verdicts import said

NEEDS = Needs(required=("DATABASE_URL", "SECRET_KEY"), together={"BOT_TOKEN": ("BOT_SECRETS",)})
DECLARED = Declared(services={"api": NEEDS, "worker": NEEDS})


def _variables(*names: str, is_runtime: bool = True) -> tuple[Variable, ...]:
    """Return variables of these names."""
    return tuple(Variable(key=name, fingerprint="f", is_runtime=is_runtime) for name in names)


ALL = _variables("DATABASE_URL", "SECRET_KEY")


def test_a_variable_that_is_not_there_blocks() -> None:
    """Each application on its own, every variable at once."""
    found = said(check, declared=DECLARED, platform__api_variables=(), platform__worker_variables=ALL)
    ((severity, message, hint),) = found
    assert (severity, message.split(": ")[1]) == (Severity.BLOCK, "DATABASE_URL is not set, SECRET_KEY is not set")
    assert hint.startswith("add them to api (in Coolify: Environment Variables)")


def test_a_build_time_variable_does_not_count() -> None:
    """The container does not get it."""
    building = (*_variables("DATABASE_URL"), *_variables("SECRET_KEY", is_runtime=False))
    ((_, message, _),) = said(
        check, declared=DECLARED, platform__api_variables=ALL, platform__worker_variables=building
    )
    assert message.endswith("SECRET_KEY is there at build time only")


def test_what_belongs_to_another_variable_is_needed_with_it() -> None:
    """And only with it."""
    given = (*ALL, *_variables("BOT_TOKEN"))
    ((severity, message, _),) = said(
        check, declared=DECLARED, platform__api_variables=given, platform__worker_variables=ALL
    )
    assert (severity, message.endswith("BOT_SECRETS is not set, needed with BOT_TOKEN")) == (Severity.BLOCK, True)


def test_what_coolify_puts_there_itself_is_not_missed() -> None:
    """It is in no list of variables."""
    declared = Declared(services={"api": Needs(required=("SOURCE_COMMIT", "PORT"))})
    ((severity, _, _),) = said(check, declared=declared)
    assert severity is Severity.INFO


def test_all_of_them_there_is_said_with_what_cannot_be_seen() -> None:
    """Their values."""
    ((severity, message, _),) = said(
        check, declared=DECLARED, platform__api_variables=ALL, platform__worker_variables=ALL
    )
    assert (severity, "placeholder cannot be seen" in message) == (Severity.INFO, True)


def test_variables_that_may_not_be_read_are_worth_a_word() -> None:
    """Nothing can be foreseen then."""
    found = said(check, declared=DECLARED, platform__api_variables=None, platform__worker_variables=None)
    ((severity, message, _),) = found
    assert (severity, "variables of api and worker" in message) == (Severity.ADVISE, True)


def test_what_can_be_read_is_compared_all_the_same() -> None:
    """One application's variables do not speak for the other's."""
    found = said(check, declared=DECLARED, platform__api_variables=None, platform__worker_variables=())
    assert [severity for severity, _, _ in found] == [Severity.BLOCK, Severity.ADVISE]


def test_a_release_that_cannot_say_is_worth_a_word() -> None:
    """An older one may not know the command."""
    ((severity, message, _),) = said(check, declared=Declared(problem="it ended with 2: unknown command"))
    assert (severity, "ended with 2" in message) == (Severity.ADVISE, True)


def test_a_project_without_the_command_is_told_of_it() -> None:
    """By its key."""
    ((severity, _, hint),) = said(check)
    assert (severity, "commands.settings" in hint) == (Severity.ADVISE, True)


def test_a_service_that_is_not_rolled_out_is_left_alone() -> None:
    """Only the two applications are known."""
    declared = Declared(services={"cron": NEEDS})
    assert said(check, declared=declared)[0][0] is Severity.INFO
