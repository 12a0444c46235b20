"""What each route documents about its refusals."""

from collections import defaultdict
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.problems import MEDIA_TYPE
from api.schemas import ProblemDocument
from domain.problems import CATALOGUE

_REFERENCE = "#/components/schemas/{model}"
_NAME = ProblemDocument.__name__

READING = (
    "as-of.malformed",
    "effective-on.malformed",
    "request.after",
    "position.beyond-log",
    "http.projection-behind",
)
"""The codes of every question that is asked at a moment."""

Responses = dict[int | str, dict[str, Any]]


def problems(*codes: str) -> Responses:
    """The OpenAPI responses of a route that can refuse with ``codes``, and as every route can.

    Raises ``KeyError`` for a code that is not in the catalogue.
    """
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in (*codes, "request.invalid"):
        by_status[CATALOGUE[code].status].append(code)
    return {
        status: {
            "description": "；".join(f"{code}：{CATALOGUE[code].message.zh}" for code in some),
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model=_NAME)}}},
        }
        for status, some in sorted(by_status.items())
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of ``app``, with the shape of the problem documents; made once.

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
            [(ProblemDocument, "serialization")], ref_template=_REFERENCE
        )
        document["components"]["schemas"] |= shapes["$defs"]
        app.openapi_schema = document
    return app.openapi_schema
