"""What each route documents about its refusals."""

from collections import defaultdict
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.refusing import MEDIA_TYPE
from api.schemas import Out, ProblemDocument, YearStepOut
from domain.problems import CATALOGUE

_REFERENCE = "#/components/schemas/{model}"
_UNTYPED = (ProblemDocument, YearStepOut)
"""The models that no route returns as such: those of refusals and of streams."""

READING = (
    "as-of.malformed",
    "effective-on.malformed",
    "request.after",
    "log.unknown",
    "position.beyond-log",
    "http.projection-behind",
    "views.not-filled",
)
"""The codes of every question that is asked at a moment."""

Responses = dict[int | str, dict[str, Any]]


def problems(*codes: str) -> Responses:
    """The OpenAPI responses of a route that can refuse with ``codes``, and as every route can.

    Raises ``KeyError`` for a code that is not in the catalogue.
    """
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys((*codes, "request.invalid")):
        by_status[CATALOGUE[code].status].append(code)
    return {
        status: {
            "description": "；".join(f"{code}：{CATALOGUE[code].message.zh}" for code in some),
            "content": {MEDIA_TYPE: {"schema": reference_to(ProblemDocument)}},
        }
        for status, some in sorted(by_status.items())
    }


def reference_to(model: type[Out]) -> dict[str, str]:
    """The schema of ``model``, by its name in the document."""
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``, with the shapes of refusals and of streams; made once.

    The framework would list a model of a refusal under application/json, which it is not.
    """
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        _, shapes = models_json_schema(
            [(one, "serialization") for one in _UNTYPED], ref_template=_REFERENCE
        )
        document["components"]["schemas"] |= shapes["$defs"]
        app.openapi_schema = document
    return app.openapi_schema
