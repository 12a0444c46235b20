"""Every problem of a request at once, whichever part of it looks for them.

Whoever misspells a filter, or asks a moment of what has none, would otherwise get an answer to
another question. The dependencies of a route note what is wrong (``noted``) and go on; a
``StrictRoute`` refuses before its endpoint begins, with what the framework found beside it.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, get_args, get_origin

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from api.problems import GIVEN_TWICE, UNKNOWN_FIELD, problems_of
from domain.problems import Gathered, Problem

_LANGUAGE = "lang"
"""Every address takes it: what is refused is said in that language too."""
_GATHERED: ContextVar[Gathered] = ContextVar("gathered")
_A = TypeVar("_A")


class StrictRoute(APIRoute):
    """A route that is refused with everything that is wrong with its request, or answered."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        """As the framework makes it; the endpoint begins only when nothing was noted."""
        super().__init__(path, _guarded(endpoint), **more)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What serves a request. Raises ``Rejected`` with every problem."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            gathered = Gathered()
            _GATHERED.set(gathered)
            try:
                return await handle(request)
            except RequestValidationError as invalid:
                gathered.problems += problems_of(invalid)
                gathered.refuse()
                raise

        return strict


def _guarded(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the endpoint takes
        _GATHERED.get().refuse()
        return endpoint(*args, **kwargs)

    return guarded


def noted(ask: Callable[[], _A]) -> _A | None:
    """What ``ask`` gives; None when it is refused, which the request is told of with the rest."""
    return _GATHERED.get().take(ask)


def note(*problems: Problem) -> None:
    """Tell the request of ``problems`` with the rest."""
    _GATHERED.get().problems.extend(problems)


def refuse_unknown(request: Request) -> None:
    """Notes every parameter that is unknown (``request.unknown-field``), and every one that is
    given twice and has one value only (``request.given-twice``).
    """
    names = [name for name, _ in request.query_params.multi_items()]
    if not names:
        return
    route: APIRoute = request.scope["route"]
    known = {_LANGUAGE: False, **dict(_taken(route.dependant))}
    for name in dict.fromkeys(names):
        if name not in known:
            note(UNKNOWN_FIELD.at(name))
        elif names.count(name) > 1 and not known[name]:
            note(GIVEN_TWICE.at(name))


def _taken(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The parameters that a route takes, and whether each may be repeated."""
    for one in dependant.query_params:
        yield one.alias, _is_list(one.field_info.annotation)
    for further in dependant.dependencies:
        yield from _taken(further)


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))
