"""No secret is where others can read it: in the git history, the tree, an image."""

from collections.abc import Iterator

from gonogo.model import Config, Finding, Leak, SecretFacts, Severity
from gonogo.protocols import WithSecrets
from gonogo.secrecy.weighing import Found, rotate, weighed

_RULE = "secrets-are-private"
_PLACES = {
    "history": "in the git history",
    "message": "in a commit's message",
    "tree": "in the tree",
    "context": "in what is copied into the image",
    "dockerfile": "in a Dockerfile",
    "image": "in the image",
}
_FIXES = {
    "history": "then take it out of the history (docs/secrets.md): whoever has cloned it keeps it",
    "message": "then take it out of the history (docs/secrets.md): whoever has cloned it keeps it",
    "tree": "then take it out of the file, or let .gitignore name it",
    "context": "then let .dockerignore name the file",
    "dockerfile": "let the platform hand it to the container, or RUN --mount=type=secret to a build",
    "image": "then build an image without it, and delete this one where it was pushed",
}


def check(config: Config, facts: WithSecrets) -> tuple[Finding, ...]:
    """Block on values in use and on what is certainly a secret; advise on what looks like one, or was not looked at."""
    found = (*(_told(config, leak) for leak in facts.secrets.leaks), *_unread(config, facts.secrets))
    fine = "no secret in use stands where others can read it, as far as was looked"
    return weighed(config, facts.secrets, rule=_RULE, found=found, fine=fine)


def _told(config: Config, leak: Leak) -> Found:
    """Return where a secret stands, and what to do; never the secret."""
    where = f"{leak.path}:{leak.line}" if leak.line else leak.path
    commit = f"commit {leak.commit[:12]}" if leak.commit else ""
    at = ", ".join(each for each in (where, commit) if each)
    what = f"the value of {leak.what}" if leak.is_known else f"what looks like a secret ({leak.what})"
    note = f"; {leak.note}" if leak.note else ""
    first = rotate(leak.what, config) if leak.is_known else "replace it where it was made"
    fix = _FIXES[leak.place]
    if not leak.is_known:
        fix += f'; if it is none: rule = "{_RULE}", subject = "{leak.path or leak.commit}" under [[secrets.exceptions]]'
    is_sure = leak.is_known or leak.is_certain
    return Found(
        subject=leak.path or leak.commit,
        severity=Severity.BLOCK if is_sure else Severity.ADVISE,
        message=f"{what} stands {_PLACES[leak.place]}: {at}{note}",
        hint=fix if leak.place == "dockerfile" else f"{first}; {fix}",
    )


def _unread(config: Config, facts: SecretFacts) -> Iterator[Found]:
    """Yield what could not be looked at: nothing is said of it."""
    for note in facts.notes:
        yield Found(
            subject=note,
            severity=Severity.ADVISE,
            message=f"not all was looked at: {note}",
            hint=f"invoke secrets.check --env {config.target.name}",
        )
