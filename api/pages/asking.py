"""Forms that filter: what an address asks, field by field, and everything that is wrong with it.

A form takes the parameters of the endpoint that answers the same question, checked by the same
types, so that a page and its exports understand one address alike. What was typed stays typed.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar, get_args

from fastapi.params import Param
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from api.labels import labelled_values
from api.pages.kept import KEPT
from api.pages.rendering import recorded_view, view_of
from api.problems import UNKNOWN_FIELD, problem_of
from api.routers.reading import View
from api.schemas import Fen
from domain.problems import Problem, Rejected
from domain.values import Words

_Where = TypeVar("_Where")
Choice = tuple[str, Words]
YES_NO = (Words("是", "yes"), Words("否", "no"))
ALL = Words("全部", "all")


@dataclass(frozen=True)
class Field:
    """A field of a form: its name in the address, what people call it, how it is written.

    ``parameter`` is the endpoint's name for it where it has another; ``wan`` says that 万元 are
    typed where the endpoint takes fen; ``yes_no`` are the words for true and false, ``either``
    those for neither; ``wide`` asks for room. None for false says that it is the same as neither.
    """

    name: str
    words: Words
    how: Words | None = None
    example: str = ""
    parameter: str = ""
    wan: bool = False
    yes_no: tuple[Words, Words | None] = YES_NO
    either: Words = ALL
    wide: bool = False

    @property
    def asks_for(self) -> str:
        """The name of the endpoint's parameter."""
        return self.parameter or self.name


class Parameter(NamedTuple):
    """A parameter of a question: its name in the code, and what it must be."""

    keyword: str
    kind: Any
    adapter: TypeAdapter[Any]


def parameters(question: Callable[..., object]) -> dict[str, Parameter]:
    """The parameters of a question by their names in an address."""
    found = {}
    for one in inspect.signature(question, eval_str=True).parameters.values():
        said = next((part for part in get_args(one.annotation) if isinstance(part, Param)), None)
        name = said.alias if said is not None and said.alias else one.name
        found[name] = Parameter(one.name, one.annotation, TypeAdapter(one.annotation))
    return found


@dataclass(frozen=True)
class Filled:
    """A field with what was typed in it, and what is wrong with that."""

    field: Field
    typed: str
    choices: Sequence[Choice]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Asked(Generic[_Where]):
    """What an address asks for.

    ``where`` is None where something is wrong, ``view`` where the clocks cannot be read; ``others``
    are the problems that no field has. ``query`` are the endpoint's parameters as they were given.
    """

    filled: tuple[Filled, ...]
    query: Mapping[str, str]
    further: Mapping[str, Any] = field(default_factory=dict)
    where: _Where | None = None
    view: View | None = None
    others: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, in the order of the form."""
        return (*(one for some in self.filled for one in some.problems), *self.others)

    @property
    def address(self) -> Mapping[str, str]:
        """What was typed, by the names of the fields; blank ones left out."""
        return {one.field.name: one.typed for one in self.filled if one.typed.strip()}

    def refused(self, problems: Iterable[Problem]) -> "Asked[_Where]":
        """The same with ``problems``, each at the field it speaks of."""
        left = list(problems)
        filled = []
        for one in self.filled:
            mine = [p for p in left if p.place in {one.field.name, one.field.asks_for}]
            left = [p for p in left if p not in mine]
            filled.append(replace(one, problems=(*one.problems, *mine)))
        return replace(self, filled=tuple(filled), others=(*self.others, *left), where=None)


@dataclass(frozen=True)
class Form(Generic[_Where]):
    """A question with its fields. ``further`` are parameters that are no filter, such as the
    cursor; ``recorded`` says that no business date counts.
    """

    question: Callable[..., _Where]
    fields: tuple[Field, ...]
    further: Mapping[str, Any] = field(default_factory=dict)
    recorded: bool = False

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """What the question takes, and what the page takes besides."""
        return parameters(self.question) | {
            name: Parameter(name, kind, TypeAdapter(kind)) for name, kind in self.further.items()
        }

    def ask(self, request: Request) -> Asked[_Where]:
        """What the address of ``request`` asks for, with every problem at its field."""
        given = request.query_params
        values: dict[str, Any] = {}
        query: dict[str, str] = {}
        filled = []
        for one in self.fields:
            typed = given.get(one.name, "")
            problems: list[Problem] = []
            if typed.strip():
                value = self._read(one, typed.strip(), problems)
                values[one.asks_for] = value
                query[one.asks_for] = str(value) if one.wan else typed.strip()
            filled.append(Filled(one, typed, self._choices(one, typed), tuple(problems)))
        others: list[Problem] = []
        names = {one.name for one in self.fields}
        for name in given:
            if name in self.further and name not in names and given[name].strip():
                values[name] = self._checked(name, given[name].strip(), others)
            elif name not in names | KEPT | self.further.keys():
                others.append(UNKNOWN_FIELD.at(name))
        asked: Asked[_Where] = Asked(tuple(filled), query, others=tuple(others))
        return self._answerable(request, asked, values)

    def _answerable(
        self, request: Request, asked: Asked[_Where], values: Mapping[str, Any]
    ) -> Asked[_Where]:
        """With view and filter, where nothing is wrong; both clocks are looked at in any case."""
        further = {name: values[name] for name in self.further if name in values}
        try:
            view = (recorded_view if self.recorded else view_of)(request)
        except Rejected as refused:
            return asked.refused(refused.problems)
        if asked.problems:
            return replace(asked, view=view)
        own = {
            one.keyword: values[name]
            for name, one in self.parameters.items()
            if name in values and name not in self.further
        }
        try:
            where = self.question(**own)
        except Rejected as refused:
            return asked.refused(refused.problems)
        return replace(asked, where=where, view=view, further=further)

    def _read(self, one: Field, typed: str, problems: list[Problem]) -> Any:  # noqa: ANN401
        if not one.wan:
            return self._checked(one.asks_for, typed, problems)
        fen = _valid(_FEN, one.name, typed, problems)
        return fen if problems else self._checked(one.asks_for, fen, problems)

    def _checked(self, name: str, value: object, problems: list[Problem]) -> Any:  # noqa: ANN401
        return _valid(self.parameters[name].adapter, name, value, problems)

    def _choices(self, one: Field, typed: str) -> Sequence[Choice]:
        """What can be chosen; also what was typed, when it is none of that."""
        kind = next(_kinds(self.parameters[one.asks_for].kind), None)
        if kind is None:
            return ()
        if kind is bool:
            known = [
                (value, words)
                for value, words in zip(("true", "false"), one.yes_no, strict=True)
                if words is not None
            ]
        else:
            known = [(str(value), words) for value, words in labelled_values(kind).items()]
        if typed and typed not in {value for value, _ in known}:
            known.append((typed, Words(typed, typed)))
        return [("", one.either), *known]


_FEN = TypeAdapter[int](Fen)


def _valid(
    adapter: TypeAdapter[Any],
    name: str,
    value: object,
    problems: list[Problem],
) -> Any:  # noqa: ANN401 - whatever the adapter makes
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        problems += [problem_of({**one, "loc": ("query", name)}) for one in error.errors()]
        return None


def _kinds(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    """The enumerations in an annotation, and bool."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum | bool):
        yield annotation
    for part in get_args(annotation):
        yield from _kinds(part)
