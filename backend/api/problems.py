"""Turns every error into problem details, without a trace or a secret."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException

from backend.core.errors import NotFoundError, ServiceError
from backend.web.problems import MEDIA_TYPE, FieldProblem, Problem, type_of

# Not from http.HTTPStatus: its phrases change between versions of Python, a problem's type must not.
_HTTP = {
    404: (NotFoundError.slug, NotFoundError.title),
    405: ("method-not-allowed", "This method is not allowed here"),
    413: ("content-too-large", "The body is too large"),
}
# By type of error, in place of words about how it was noticed.
_MESSAGES = {
    "date_from_datetime_parsing": "must be a day such as 2026-12-24",
    "date_parsing": "must be a day such as 2026-12-24",
    "datetime_from_date_parsing": "must be a moment with its zone, such as 2026-12-24T15:00:00+01:00",
    "datetime_parsing": "must be a moment with its zone, such as 2026-12-24T15:00:00+01:00",
    "extra_forbidden": "is not known here",
    "json_invalid": "is not JSON",
    "missing": "is missing",
    "model_attributes_type": "must be a JSON object, sent with the header Content-Type: application/json",
    "timezone_aware": "must be a moment with its zone, such as 2026-12-24T15:00:00+01:00",
    "uuid_parsing": "must be an id such as 123e4567-e89b-42d3-a456-426614174000",
}
# A name that is no field of ours is the sender's own, and as long as they like.
_FIELD_MAX = 200
_HEADERS: dict[int, dict[str, str]] = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}


def install(app: FastAPI) -> None:
    """Make the application answer every error with problem details.

    Args:
        app: The application.
    """
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_unexpected(_request: Request, _error: Exception) -> Response:
    # The server logs it: this handler answers, and the error goes on.
    detail = "The error is in our log, with the time of this request."
    return _response(ServiceError.slug, title=ServiceError.title, status=ServiceError.status, detail=detail)


async def _on_service_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ServiceError):
        raise error
    return response_to(error)


def response_to(error: ServiceError, headers: Mapping[str, str] | None = None) -> Response:
    """Return what an error looks like from outside.

    Args:
        error: What went wrong.
        headers: What goes with it.
    """
    return _response(error.slug, title=error.title, status=error.status, detail=error.detail, headers=headers)


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    problem = Problem(
        type=type_of("validation-failed"),
        title="The request is not valid",
        status=422,
        detail="One or more fields are not as they must be; see errors.",
        # A guard and its route read the same part of a path, and find the same fault with it.
        errors=tuple(dict.fromkeys(_field_problem(each) for each in error.errors())),
    )
    return _render(problem)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    slug, title = _HTTP.get(error.status_code, (f"http-{error.status_code}", "The request was refused"))
    detail = _detail_of(error, request)
    return _response(slug, title=title, status=error.status_code, detail=detail, headers=error.headers)


def _detail_of(error: HTTPException, request: Request) -> str:
    # The framework's own words for these say neither what nor what to do.
    if error.status_code == HTTPStatus.NOT_FOUND:
        return f"There is nothing at {request.url.path}; /docs shows every route."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not for {request.url.path}; the header Allow says what is."
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return "The body cannot be read as JSON: send one object, in UTF-8."
    return str(error.detail)


def _field_problem(error: ErrorDetails) -> FieldProblem:
    # The first part says where to look: path, query or body; a number is a place in a broken body.
    parts = [str(part) for part in error["loc"][1:] if error["type"] != "json_invalid"]
    field = ".".join(parts) or str(error["loc"][0])
    message = _MESSAGES.get(error["type"], error["msg"].removeprefix("Value error, "))
    return FieldProblem(field=field[:_FIELD_MAX], message=message)


def _response(slug: str, *, title: str, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    return _render(Problem(type=type_of(slug), title=title, status=status, detail=detail), headers)


def _render(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    body = problem.model_dump_json(exclude_defaults=True)
    all_headers = {**_HEADERS.get(problem.status, {}), **(headers or {})}
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=all_headers)
