"""The records of secrets: what holds them, and where one was found that should not be there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gonogo.model.settings import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """One secret in one place.

    Attributes:
        name: its variable.
        holder: who holds it: `gonogo` or an application's name.
        secret: its value; None where it may not be read.
        since: since when it has this value; None where nobody knows.
        told_by: who says so.
        is_copied: whether previews are handed the same value.
        is_buildtime: whether builds are handed it.
        is_literal: whether it is handed on as it is written, and `$` in it is no variable.
    """

    name: str
    holder: str
    secret: Secret | None = field(repr=False)
    since: datetime | None = None
    told_by: str = ""
    is_copied: bool = False
    is_buildtime: bool = False
    is_literal: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """A secret where others can read it; never the secret itself.

    Attributes:
        place: history, message, tree, context, dockerfile or image.
        what: the variable whose value it is, or what it looks like.
        path: the file, or the layer and the file.
        line: 0 where there is none.
        commit: empty outside of the history.
        is_known: whether it is a value that is in use.
        is_certain: whether its form leaves little doubt that it is a secret.
        note: what else should be known; empty for nothing.
    """

    place: str
    what: str
    path: str
    line: int = 0
    commit: str = ""
    is_known: bool = False
    is_certain: bool = True
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretFacts:
    """What is known of an environment's secrets.

    Attributes:
        at: when it was looked at.
        holdings: every secret in each place that holds it.
        wanted: by application, the secrets that its release reads; None where the release does not say.
        elsewhere: what the other environments hold, as far as it can be read here.
        examples: values that the project's own example shows.
        password_ends: when the database stops to take the role's password; None for never, and where nobody says.
        leaks: where a secret was found that others can read.
        notes: what could not be looked at, a sentence each.
    """

    at: datetime
    holdings: tuple[Holding, ...] = ()
    wanted: Mapping[str, tuple[str, ...]] | None = None
    elsewhere: Mapping[str, tuple[Secret, ...]] = field(default_factory=dict, repr=False)
    examples: frozenset[str] = field(default=frozenset(), repr=False)
    password_ends: datetime | None = None
    leaks: tuple[Leak, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlySecrets:
    """What the checks of secrets are asked with where nothing else is looked at."""

    secrets: SecretFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class Searched:
    """What a search for secrets came to.

    Attributes:
        commits: how many were read now.
        known: how many had been read before.
        notes: what could not be read, a sentence each.
    """

    leaks: tuple[Leak, ...] = ()
    commits: int = 0
    known: int = 0
    notes: tuple[str, ...] = ()
