"""Environment variables of an application; what runs sees them at its next deployment."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, RefusedCallError
from gonogo.local.coolify.records import Application, Variable
from gonogo.local.coolify.version import LOCKED_FROM_ROOT, RUNTIME_FLAGS, at_least

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,254}")
_FLAGS = ("is_preview", "is_literal", "is_multiline", "is_shown_once", "is_runtime", "is_buildtime")
_KNOWN = ("key", "value", "comment", *_FLAGS)
_KNOWN_ONCE = tuple(key for key in _KNOWN if key not in {"is_runtime", "is_buildtime"})
# Left out of an update, these keep what they had; the others are reset.
_KEPT = ("is_runtime", "is_buildtime", "comment")
_NOT_NULL = ("is_multiline", "is_shown_once")
_MISSING = "Application not found"


async def every(call: Call) -> Response:
    """Return production rows, then their preview twins."""
    app = call.application(_MISSING)
    rows = sorted(_rows(call, app), key=lambda row: (row.is_preview, row.number))
    return answers.ok([shown(call, row) for row in rows])


async def create(call: Call) -> Response:
    """Add a variable, and its preview twin."""
    app = call.application(_MISSING)
    inputs = await call.inputs()
    _check(call, inputs)
    if _find(call, app, inputs=inputs):
        return answers.message(409, "Environment variable already exists. Use PATCH request to update it.")
    return answers.ok({"uuid": _create(call, app, inputs=inputs).uuid}, 201)


async def update(call: Call) -> Response:
    """Change a variable of one scope."""
    app = call.application(_MISSING)
    inputs = await call.body()
    _check(call, inputs)
    row = _find(call, app, inputs=inputs)
    if row is None:
        return answers.message(404, "Environment variable not found.")
    return answers.ok(shown(call, _update(call, row, inputs=inputs)), 201)


async def bulk(call: Call) -> Response:
    """Add or change several; a bad one stops it, and those before it are saved."""
    app = call.application(_MISSING)
    items = (await call.body()).get("data")
    if not items:
        return answers.message(400, "Bulk data is required.")
    return answers.ok([shown(call, _put(call, app, inputs=_known(item))) for item in items], 201)


async def delete(call: Call) -> Response:
    """Remove a variable of one scope."""
    app = call.application()
    row = call.store.variables.get(call.path("variable"))
    if row is None or row.app != app.uuid:
        return answers.message(404, "Environment variable not found.")
    call.store.variables.remove(row.uuid)
    return answers.message(200, "Environment variable deleted.")


ENDPOINTS = (
    Endpoint(method="GET", path="/applications/{uuid}/envs", ability="read", handler=every),
    Endpoint(method="POST", path="/applications/{uuid}/envs", ability="write", handler=create),
    Endpoint(method="PATCH", path="/applications/{uuid}/envs", ability="write", handler=update),
    Endpoint(method="PATCH", path="/applications/{uuid}/envs/bulk", ability="write", handler=bulk),
    Endpoint(method="DELETE", path="/applications/{uuid}/envs/{variable}", ability="write", handler=delete),
)


def shown(call: Call, row: Variable) -> dict[str, Any]:
    """Return a variable as the API shows it; a locked one hides its value from everybody."""
    visible = call.sensitive and not (row.is_shown_once and at_least(call.store.server.version, LOCKED_FROM_ROOT))
    return {
        "uuid": row.uuid,
        "key": row.key,
        "comment": row.comment,
        **{flag: getattr(row, flag) for flag in _FLAGS},
        "is_shared": False,
        "is_required": False,
        "is_really_required": False,
        "is_buildpack_control": False,
        "is_coolify": False,
        "version": call.store.server.version,
        "order": row.number,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    } | ({"value": row.value, "real_value": _escaped(row)} if visible else {})


def _rows(call: Call, app: Application) -> list[Variable]:
    return [row for row in call.store.variables if row.app == app.uuid]


def _find(call: Call, app: Application, *, inputs: Mapping[str, Any]) -> Variable | None:
    scope = bool(inputs.get("is_preview"))
    rows = _rows(call, app)
    return next((row for row in rows if row.key == inputs["key"] and row.is_preview == scope), None)


def _put(call: Call, app: Application, *, inputs: Mapping[str, Any]) -> Variable:
    _check(call, inputs)
    row = _find(call, app, inputs=inputs)
    return _update(call, row, inputs=inputs) if row else _create(call, app, inputs=inputs)


def _create(call: Call, app: Application, *, inputs: Mapping[str, Any]) -> Variable:
    now = call.store.now()
    given = {key: value for key, value in inputs.items() if value is not None}
    flags = dict.fromkeys(_FLAGS, False) | {"is_runtime": True, "is_buildtime": True}
    columns = {"value": None, **flags, **given, "app": app.uuid, "created_at": now, "updated_at": now}
    row = call.store.variables.put(Variable(**columns, number=call.store.number(), uuid=call.store.new_uuid()))
    if not row.is_preview:
        twin = replace(row, number=call.store.number(), uuid=call.store.new_uuid(), is_preview=True)
        call.store.variables.put(twin)
    return row


def _update(call: Call, row: Variable, *, inputs: Mapping[str, Any]) -> Variable:
    if any(getattr(row, flag) and flag not in inputs for flag in _NOT_NULL):
        raise RefusedCallError(answers.server_error(call.request))
    kept = {key: getattr(row, key) for key in _KEPT}
    reset = {"is_literal": False, "is_multiline": False, "is_shown_once": False}
    columns = {**reset, **kept, **{key: value for key, value in inputs.items() if key != "key"}}
    return call.store.variables.put(replace(row, **columns, updated_at=call.store.now()))


def _known(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key in _KNOWN}


def _check(call: Call, inputs: Mapping[str, Any]) -> None:
    known = _KNOWN if at_least(call.store.server.version, RUNTIME_FLAGS) else _KNOWN_ONCE
    errors = {key: ["This field is not allowed."] for key in inputs if key not in known}
    key, value = inputs.get("key"), inputs.get("value")
    if not isinstance(key, str):
        errors["key"] = ["The key field is required."]
    elif not _KEY.fullmatch(key):
        errors["key"] = ["The key field format is invalid."]
    if value is not None and not isinstance(value, str):
        errors["value"] = ["The value field must be a string."]
    if errors:
        raise RefusedCallError(answers.invalid(errors))


def _escaped(row: Variable) -> str | None:
    if row.value is None or row.is_literal:
        return row.value and f"'{row.value}'"
    return row.value.replace("$", "\\$").replace('"', '\\"')
