"""How an error looks from outside: RFC 9457 problem details."""

from pydantic import BaseModel, ConfigDict

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """What is wrong with one field of a request."""

    model_config = ConfigDict(frozen=True)

    field: str
    message: str


class Problem(BaseModel):
    """A problem; its type is stable and never reused for anything else."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldProblem, ...] = ()


def type_of(slug: str) -> str:
    """Return the stable identifier of a kind of problem.

    Args:
        slug: The error's kebab-case name.
    """
    return f"urn:problem-type:{slug}"


def documented(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return what a route declares about the problems that it may answer with.

    Args:
        statuses: The HTTP statuses.
    """
    return {status: {"model": Problem, "content": {MEDIA_TYPE: {}}} for status in statuses}
