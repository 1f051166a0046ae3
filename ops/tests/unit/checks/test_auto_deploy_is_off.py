"""Nobody's push deploys over a release."""

from gonogo.checks.auto_deploy_is_off import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import api, said, worker


def test_automatic_deployment_is_worth_a_word() -> None:
    """Both applications in one sentence."""
    on = {"is_auto_deploy_enabled": True}
    ((severity, message, hint),) = said(check, platform__api=api(**on), platform__worker=worker(**on))
    assert (severity, message.startswith("api and worker: a push")) == (Severity.ADVISE, True)
    assert hint == "switch is_auto_deploy_enabled (in Coolify: Advanced, Auto Deploy) off"


def test_what_coolify_does_not_say_is_not_guessed() -> None:
    """One that is off does not speak for the other."""
    unsaid = [(Severity.INFO, "Coolify does not say whether a push deploys by itself", "")]
    assert said(check, platform__api=api(is_auto_deploy_enabled=False)) == unsaid


def test_off_is_said() -> None:
    """For both."""
    off = {"is_auto_deploy_enabled": False}
    assert said(check, platform__api=api(**off), platform__worker=worker(**off)) == [
        (Severity.INFO, "a push deploys nothing by itself", "")
    ]
