"""Forms that filter: what an address asks, field by field, and everything that is wrong with it.

A page takes the parameters of the endpoint that answers the same question, through the same
dependencies, so that one address means one thing on a page, in the API and in a file. What was
typed stays typed.
"""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar, get_args
from urllib.parse import urlencode

from fastapi.dependencies.models import Dependant
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.clocks import clocks
from api.labels import labelled_values
from api.pages.kept import KEPT, kept_of, readable
from api.pages.rendering import page
from api.problems import CHARACTERS, GIVEN_TWICE, UNKNOWN_FIELD
from api.routers.parameters import StrictRoute, undecodable
from api.routers.reading import liuhen_of
from api.view import View
from domain.problems import Problem, Rejected
from domain.values import Words

CURSOR = "cursor"
Choice = tuple[str, Words]
YES_NO = (Words("是", "yes"), Words("否", "no"))
ALL = Words("全部", "all")
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Response])
_FORM = "form_of_page"


@dataclass(frozen=True)
class Field:
    """A field of a form: its name in the address, what people call it, how it is written.

    ``yes_no`` are the words for true and false, None for false where that is the same as neither;
    ``either`` are those for neither. ``choices`` are values with their names, where the address takes
    a text that is one of a list. ``wide`` asks for room.
    """

    name: str
    words: Words
    how: Words | None = None
    example: str = ""
    yes_no: tuple[Words, Words | None] = YES_NO
    either: Words = ALL
    wide: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Filled:
    """A field with what was typed in it, what can be chosen, and what is wrong with it."""

    field: Field
    typed: str
    choices: Sequence[Choice]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Asked:
    """A form as an address fills it; ``others`` are the problems that no field has."""

    filled: tuple[Filled, ...]
    others: tuple[Problem, ...]
    cursor: str | None

    @property
    def count(self) -> int:
        """How many things are wrong."""
        return sum(len(one.problems) for one in self.filled) + len(self.others)

    @property
    def address(self) -> Mapping[str, str]:
        """What was typed, by the names of the fields; blank ones left out."""
        return {one.field.name: one.typed for one in self.filled if one.typed}


@dataclass(frozen=True)
class Form:
    """The fields of a question, the template that shows them, and what it names in any case."""

    template: str
    fields: tuple[Field, ...]
    always: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, endpoint: _Endpoint) -> _Endpoint:
        """Let a route show this form when its address cannot be answered (a decorator)."""
        setattr(endpoint, _FORM, self)
        return endpoint

    def fill(self, request: Request, problems: Iterable[Problem] = ()) -> Asked:
        """The form as the address of ``request`` fills it, each problem at its field."""
        left = list(dict.fromkeys(problems))
        kinds = dict(_taken(request.scope["route"].dependant))
        given = request.query_params
        filled = []
        for one in self.fields:
            typed = given.get(one.name, "")
            mine = tuple(p for p in left if p.place == one.name)
            left = [p for p in left if p not in mine]
            filled.append(Filled(one, typed, _choices(one, kinds[one.name], typed), mine))
        return Asked(tuple(filled), tuple(left), given.get(CURSOR))

    def unknown(self, request: Request) -> list[Problem]:
        """A problem for each parameter that the form does not have, or that is given twice."""
        known = KEPT | {CURSOR} | {one.name for one in self.fields}
        names = Counter(name for name, _ in request.query_params.multi_items())
        return [
            (GIVEN_TWICE if name in known else UNKNOWN_FIELD).at(name)
            for name, count in names.items()
            if name not in known or count > 1
        ]

    def answered(self, request: Request, view: View, **found: Any) -> Response:
        """The page of an answer; ``found`` is what its template names."""
        asked = self.fill(request)
        return page(request, self.template, view=view, asked=asked, **self.always, **found)

    def refused(self, request: Request, problems: Sequence[Problem]) -> Response:
        """The page of an address that cannot be answered: the form with everything wrong in it."""
        kept = readable(kept_of(request), problems)
        view = View(liuhen_of(request), *clocks(kept.as_of, kept.effective_on))
        return page(
            request,
            self.template,
            status=problems[0].status,
            kept=kept,
            view=view,
            asked=self.fill(request, problems),
            **self.always,
        )


class FormRoute(StrictRoute):
    """A route that shows its form, with every problem at its field, where it cannot be answered."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What serves a request. A field that was left blank was not given."""
        handle = super().get_route_handler()
        form: Form | None = getattr(self.endpoint, _FORM, None)
        if form is None:
            return handle

        async def shown(request: Request) -> Response:
            given = _without_blanks(request)
            problems = [*form.unknown(given), *_unreadable_clocks(given)]
            problems += [CHARACTERS.at(name) for name in undecodable(request.scope["query_string"])]
            try:
                answer = await handle(given)
            except Rejected as refused:
                problems += refused.problems
            if problems:
                return await run_in_threadpool(form.refused, given, problems)
            return answer

        return shown


def _without_blanks(request: Request) -> Request:
    items = [(name, text.strip()) for name, text in request.query_params.multi_items()]
    query = urlencode([(name, text) for name, text in items if text])
    return Request({**request.scope, "query_string": query.encode()}, request.receive)


def _unreadable_clocks(request: Request) -> tuple[Problem, ...]:
    kept = kept_of(request)
    try:
        clocks(kept.as_of, kept.effective_on)
    except Rejected as refused:
        return refused.problems
    return ()


def _taken(dependant: Dependant) -> Iterator[tuple[str, Any]]:
    """The parameters that a route takes, with their types."""
    for one in dependant.query_params:
        yield one.alias, one.field_info.annotation
    for further in dependant.dependencies:
        yield from _taken(further)


def _choices(one: Field, annotation: object, typed: str) -> Sequence[Choice]:
    """What can be chosen; also what was typed, when it is none of that."""
    kind = next(_kinds(annotation), None)
    known: list[Choice]
    if one.choices:
        known = list(one.choices)
    elif kind is None:
        return ()
    elif kind is bool:
        named = zip(("true", "false"), one.yes_no, strict=True)
        known = [(value, words) for value, words in named if words is not None]
    else:
        known = [(str(value), words) for value, words in labelled_values(kind).items()]
    if typed and typed not in {value for value, _ in known}:
        known.append((typed, Words(typed, typed)))
    return [("", one.either), *known]


def _kinds(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    """The enumerations in an annotation, and bool."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum | bool):
        yield annotation
    for part in get_args(annotation):
        yield from _kinds(part)
