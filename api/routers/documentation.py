"""What each route documents about its refusals."""

from collections import defaultdict
from typing import Any

from api.problems import MEDIA_TYPE
from api.schemas import ProblemDocument
from domain.problems import CATALOGUE

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
            "model": ProblemDocument,
            "description": "；".join(f"{code}：{CATALOGUE[code].message.zh}" for code in some),
            "content": {MEDIA_TYPE: {}},
        }
        for status, some in sorted(by_status.items())
    }
