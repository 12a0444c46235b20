"""Refusals over HTTP: RFC 9457 documents, in two languages, every problem at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.language import language_of
from api.logging import logger
from api.problems import (
    CHARACTERS,
    INTERNAL,
    INVALID,
    LENGTH,
    MALFORMED_JSON,
    MEDIA,
    METHOD,
    MISSING,
    NOT_FOUND,
    NOT_WHOLE,
    OTHER,
    TOO_LARGE,
    UNKNOWN_FIELD,
    WRONG_TYPE,
)
from api.ranges import OUT_OF_RANGE, allowed
from api.storage import has_given_out, unavailable
from api.unknown import NOT_IN_LIST
from domain.problems import CATALOGUE, Kind, Problem, Rejected
from domain.values import Words

MEDIA_TYPE = "application/problem+json"

_BY_PYDANTIC: Mapping[str, Kind] = {
    "missing": MISSING,
    "extra_forbidden": UNKNOWN_FIELD,
    "json_invalid": MALFORMED_JSON,
    "string_unicode": CHARACTERS,
    "string_too_long": LENGTH,
    "string_too_short": LENGTH,
    "too_long": LENGTH,
    "too_short": LENGTH,
    "enum": NOT_IN_LIST,
    "literal_error": NOT_IN_LIST,
    "less_than_equal": OUT_OF_RANGE,
    "greater_than_equal": OUT_OF_RANGE,
    "int_parsing": NOT_WHOLE,
}
_QUOTED = re.compile(r"'([^']*)'")
_SHOWN = 40  # characters of a value that is refused
_TYPES = ("_type", "_attributes_type", "_parsing")


def problem_of(error: Mapping[str, Any]) -> Problem:
    """One error of pydantic in our words, at its place as a JSON pointer (or parameter name)."""
    what = str(error["type"])
    named = CATALOGUE.get(what) or _BY_PYDANTIC.get(what)
    if named is None:
        named = WRONG_TYPE if what.endswith(_TYPES) else INVALID
    where, *rest = error["loc"]
    if named is MALFORMED_JSON:
        return named.at(_pointer(()))
    place = str(rest[0]) if rest else str(where)
    if where == "body":
        place = _pointer(rest)
    gaps_of = _GAPS.get(named.code)
    return named.at(place, **gaps_of(error) if gaps_of else {})


def _of_list(error: Mapping[str, Any]) -> dict[str, object]:
    """What was given, and what may be, of a value that is in no list."""
    expected = str(error.get("ctx", {}).get("expected", ""))
    choices = "、".join(_QUOTED.findall(expected)) or expected
    return {"value": str(error.get("input", ""))[:_SHOWN], "choices": choices}


def _of_range(error: Mapping[str, Any]) -> dict[str, object]:
    """The bounds of a number that lies outside; the library's own checks tell one of them."""
    bounds = error["ctx"]
    return {"allowed": allowed(bounds.get("ge"), bounds.get("le"))}


_GAPS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, object]]] = {
    NOT_IN_LIST.code: _of_list,
    OUT_OF_RANGE.code: _of_range,
}


def _pointer(parts: Sequence[object]) -> str:
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def document(problems: Sequence[Problem], lang: str, instance: str) -> dict[str, Any]:
    """The RFC 9457 document of ``problems``; the first one names and classes it."""
    first = problems[0]
    return {
        "type": f"/problems#{first.code}",
        "title": first.message.in_(lang),
        "status": first.status,
        "detail": first.todo.in_(lang),
        "instance": instance,
        "code": first.code,
        "problems": [
            {
                "code": one.code,
                "place": one.place,
                "message": one.message.in_(lang),
                "todo": one.todo.in_(lang),
            }
            for one in problems
        ],
    }


def answer(
    request: Request, problems: Sequence[Problem], headers: Mapping[str, str] | None = None
) -> Response:
    """The response for ``problems``: a document for programs, a page for people."""
    if not request.url.path.startswith(("/api/", "/health", "/openapi")):
        page = getattr(request.app.state, "problem_page", None)
        if page is not None:
            shown: Response = page(request, problems)
            shown.headers.update(headers or {})
            return shown
    lang = language_of(request)
    return JSONResponse(
        document(problems, lang, request.url.path),
        status_code=problems[0].status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), "Content-Language": _TAGS[lang], "Cache-Control": "no-store"},
    )


_TAGS = {"zh": "zh-CN", "en": "en"}
_BY_STATUS = {404: NOT_FOUND, 413: TOO_LARGE, 415: MEDIA}


def _rejected(request: Request, error: Exception) -> Response:
    if not isinstance(error, Rejected):
        raise error
    return answer(request, [_for_others(one) for one in error.problems])


_INSIDE = {
    "store.unreachable": Words(
        "无法连接数据库；原因见服务的日志", "the database cannot be reached; the log says why"
    )
}
"""What is said instead to whoever asks over HTTP: the driver names hosts, roles and databases."""


def _for_others(problem: Problem) -> Problem:
    said = _INSIDE.get(problem.code)
    if said is None:
        return problem
    logger().error("problem", code=problem.code, message=problem.message.en)
    return msgspec.structs.replace(problem, message=said)


def problems_of(error: RequestValidationError) -> list[Problem]:
    """What the framework found, in our words."""
    # One place, one problem: a union reports every branch that did not fit.
    found: dict[str, Problem] = {}
    for one in error.errors():
        problem = problem_of(one)
        found.setdefault(problem.place, problem)
    return list(found.values())


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return answer(request, problems_of(error))


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == METHOD.status:
        return answer(request, [METHOD.at(request.method, method=request.method)], headers)
    if error.status_code == MALFORMED_JSON.status:
        # The framework's own word for a body that it could not parse.
        return answer(request, [MALFORMED_JSON.at("#")], headers)
    found = _BY_STATUS.get(error.status_code, OTHER)
    place = request.url.path if found is NOT_FOUND else ""
    return answer(request, [found.at(place)], headers)


def failed(request: Request, error: Exception) -> Response:
    """The answer to a request that the program failed at; the error goes to the log."""
    logger().error("request_failed", exc_info=error)
    if has_given_out(error):
        return answer(request, [unavailable(error)])
    return answer(request, [INTERNAL.at(request=request.headers.get("Idempotency-Key", "-"))])


def refuse(request: Request, refused: Kind, place: str) -> Response:
    """The answer to a request that goes no further; always a document."""
    lang = language_of(request)
    return JSONResponse(
        document([refused.at(place)], lang, request.url.path),
        status_code=refused.status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": _TAGS[lang], "Cache-Control": "no-store"},
    )


def install(app: FastAPI) -> None:
    """Let ``app`` answer every refusal in this shape."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
