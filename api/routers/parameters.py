"""Query parameters: one that a route does not know is refused, never passed over.

Whoever misspells a filter, or asks a moment of what has none, would otherwise get an answer to
another question.
"""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.problems import UNKNOWN_FIELD
from domain.problems import Rejected

_LANGUAGE = "lang"
"""Every address takes it: what is refused is said in that language too."""


def refuse_unknown(request: Request) -> None:
    """Raises ``Rejected`` (``request.unknown-field``) naming every parameter that is unknown."""
    given = dict.fromkeys(request.query_params)
    if not given:
        return
    route: APIRoute = request.scope["route"]
    known = {_LANGUAGE, *_taken(route.dependant)}
    unknown = [one for one in given if one not in known]
    if unknown:
        raise Rejected([UNKNOWN_FIELD.at(one) for one in unknown])


def _taken(dependant: Dependant) -> Iterator[str]:
    for one in dependant.query_params:
        yield one.alias
    for further in dependant.dependencies:
        yield from _taken(further)
