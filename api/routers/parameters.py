"""Every problem of a request at once, whichever part of it looks for them.

Whoever misspells a filter, or asks a moment of what has none, would otherwise get an answer to
another question. The dependencies of a route note what is wrong (``noted``) and go on; a
``StrictRoute`` refuses before its endpoint begins, with what the framework found beside it.
"""

import json
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, get_args, get_origin
from urllib.parse import unquote_to_bytes

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from api.language import LANGUAGES
from api.problems import CHARACTERS, GIVEN_TWICE, UNKNOWN_FIELD
from api.refusing import problems_of
from api.unknown import NOT_IN_LIST
from domain.problems import Gathered, Problem, Rejected
from domain.texts import UNSTORABLE

_LANGUAGE = "lang"
"""Every address takes it: what is refused is said in that language too."""
_GATHERED: ContextVar[Gathered] = ContextVar("gathered")
_SETTINGS = {_LANGUAGE: LANGUAGES, "money": ("wan", "yuan")}
_SHOWN = 40  # characters of a value that is refused
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
            gathered.problems += await _twice_in(request)
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


def refuse_unstorable(request: Request) -> None:
    """Refuses every part of an address that holds what no text may (``request.characters``)."""
    given = [*request.path_params.items(), *request.query_params.multi_items()]
    found = [
        CHARACTERS.at(name if not UNSTORABLE.search(name) else "")
        for name, value in given
        if UNSTORABLE.search(name) or UNSTORABLE.search(str(value))
    ]
    found += [CHARACTERS.at(name) for name in undecodable(request.scope["query_string"])]
    if found and (gathered := _GATHERED.get(None)) is not None:
        gathered.problems += found
    elif found:
        raise Rejected(found)


def undecodable(query: bytes) -> Iterator[str]:
    """The parameters that are no UTF-8. The framework would put a character in place of the bytes
    and look for that.
    """
    for pair in query.split(b"&"):
        try:
            unquote_to_bytes(pair).decode()
        except UnicodeDecodeError:
            name = pair.partition(b"=")[0]
            yield unquote_to_bytes(name).decode(errors="replace")


def refuse_settings(request: Request) -> None:
    """Refuses a language or a unit of money that no page has (``request.not-in-list``)."""
    given = request.query_params
    found = [
        NOT_IN_LIST.at(name, value=given[name][:_SHOWN], choices="、".join(choices))
        for name, choices in _SETTINGS.items()
        if given.get(name) and given[name] not in choices
    ]
    if found and (gathered := _GATHERED.get(None)) is not None:
        gathered.problems += found
    elif found:
        raise Rejected(found)


async def _twice_in(request: Request) -> Iterable[Problem]:
    """The names that stand twice in an object of a JSON body: each reader would take another."""
    found: dict[str, None] = {}

    def noting(pairs: list[tuple[str, object]]) -> None:
        counted = Counter(name for name, _ in pairs)
        found.update((name, None) for name, count in counted.items() if count > 1)

    if "json" in request.headers.get("content-type", ""):
        try:
            json.loads(await request.body(), object_pairs_hook=noting)
        except (ValueError, RecursionError):
            return ()  # told by who reads it
    return [GIVEN_TWICE.at(name) for name in found]


def _taken(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """The parameters that a route takes, and whether each may be repeated."""
    for one in dependant.query_params:
        yield one.alias, _is_list(one.field_info.annotation)
    for further in dependant.dependencies:
        yield from _taken(further)


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))
