"""How errors become answers: one line in ``{"detail": ...}`` and the status that says what the caller does next."""

import logging
from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dashboard.api.bodies import RefusalBody
from vitals.errors import InputError, InputReason, StorageError

logger: Final = logging.getLogger(__name__)

_STATUS: Final = {
    InputReason.UNKNOWN_NAME: 404,
    InputReason.CONFLICT: 409,
    InputReason.NOT_JSON: 400,
    InputReason.TOO_LARGE: 413,
    InputReason.NOT_ALLOWED: 403,
}
_OTHER_INPUT: Final = 422
_DESCRIPTIONS: Final = {
    400: "Not readable",
    401: "Log in, or log in again",
    403: "Not for this role",
    404: "Not known",
    409: "Contradicts what is",
    413: "Too large, or too many",
    422: "Not of the right shape",
    429: "Too many attempts",
    503: "The record cannot be read",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the entries of OpenAPI for the refusals of a path.

    What can be of a wrong shape can be no JSON at all, and too large; and too many can be on their way already.
    """
    more = (400, 413) if _OTHER_INPUT in statuses else ()
    return {
        status: {"model": RefusalBody, "description": _DESCRIPTIONS[status]} for status in sorted({*statuses, *more})
    }


def add_refusals(app: FastAPI) -> None:
    """Teach an application to answer our errors."""
    app.add_exception_handler(InputError, _answer_input)
    app.add_exception_handler(StorageError, _answer_storage)
    app.add_exception_handler(RequestValidationError, _answer_shape)
    app.add_exception_handler(HTTPException, _answer_http)


async def _answer_input(_: Request, error: Exception) -> JSONResponse:
    reason = error.reason if isinstance(error, InputError) else InputReason.WRONG_SHAPE
    # A prescription that contradicts itself is a wrong shape; a room that is taken is a conflict with others.
    is_prescription = isinstance(error, InputError) and ".prescription" in error.place
    return _answer(_OTHER_INPUT if is_prescription else _STATUS.get(reason, _OTHER_INPUT), str(error))


async def _answer_storage(_: Request, error: Exception) -> JSONResponse:
    logger.warning(f"question not answered {error}")
    return _answer(503, str(error))


async def _answer_shape(_: Request, error: Exception) -> JSONResponse:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    if not found:
        return _answer(_OTHER_INPUT, str(error))
    first = found[0]
    place = ".".join(str(step) for step in first["loc"])
    value = "" if first["type"] == "missing" else f"{repr(first.get('input'))[:80]} - "
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return _answer(400 if first["type"] == "json_invalid" else _OTHER_INPUT, f"{place}: {value}{first['msg']}{more}")


async def _answer_http(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    answer = _answer(status, str(detail))
    answer.headers.update((error.headers if isinstance(error, HTTPException) else None) or {})
    return answer


def _answer(status: int, line: str) -> JSONResponse:
    return JSONResponse({"detail": " ".join(line.split())}, status_code=status)
