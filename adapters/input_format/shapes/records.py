"""Keys that a Struct has as fields, and the shape that its annotations give each of them."""

import types
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from adapters.input_format import nodes
from adapters.input_format.nodes import Node, Scalar
from adapters.input_format.problems import MISSING_KEY, UNKNOWN_KEY
from adapters.input_format.shapes.base import (
    COMMA,
    About,
    Bad,
    Schema,
    Shape,
    StandIn,
    near_words,
    nearest,
    wrong_shape,
)
from adapters.input_format.shapes.enumerations import enum_shape
from adapters.input_format.shapes.figures import Number
from adapters.input_format.shapes.lists import DictOf, ListOf, spot_of
from adapters.input_format.shapes.reading import Reading
from adapters.input_format.shapes.values import Choice, Converted, Day, Text, Truth
from domain.values import Words, is_number


class Member(Struct, frozen=True):
    """A key of a record: its shape, whether it must be there, what it means, and what stands in
    for it where it could not be read.
    """

    shape: Shape
    required: bool
    about: str
    stand_in: StandIn | None


class Record(Shape):
    """Keys that a Struct has as fields. ``short`` names the one a single value stands for."""

    def __init__(self, kind: type[Struct]) -> None:
        self._kind = kind
        self._short: str | None = getattr(kind, "_short", None)
        self._tag = _tag(kind)

    @property
    def members(self) -> dict[str, Member]:
        """Its keys."""
        return _members(self._kind)

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - the struct
        """As every shape."""
        if self._short and isinstance(node, Scalar) and not node.null:
            short = self.members[self._short].shape.read(node, path, reading)
            value = self._kind(**{self._short: short})
            reading.know(value, path)
            return value
        if not isinstance(node, nodes.Mapping):
            known = "、".join(self.members)
            hint = Words(f"此处写键值对，可写：{known}", f"write keys with values: {known}")
            expected = Words("键值对", "keys with values")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        value = self._kind(**self._values(node, path, reading))
        reading.know(value, path)
        return value

    def _values(self, node: nodes.Mapping, path: str, reading: Reading) -> dict[str, Any]:
        members = self.members
        given: dict[str, Any] = {}
        bad: set[str] = set()
        for field in node.fields:
            here = f"{path}.{field.key}" if path else field.key
            reading.spots[here] = spot_of(field)
            member = members.get(field.key)
            if member is None:
                if self._tag is None or field.key != self._tag[0]:
                    reading.report(
                        field.at,
                        here,
                        UNKNOWN_KEY,
                        key=field.key,
                        known="、".join(members),
                        near=COMMA if is_number(field.key) else near_words(field.key, members),
                    )
                continue
            if isinstance(field.node, Scalar) and field.node.null:
                continue
            try:
                given[field.key] = member.shape.read(field.node, here, reading)
            except Bad:
                bad.add(field.key)
        self._complete(node, path, reading, given, bad)
        return given

    def _complete(
        self,
        node: nodes.Mapping,
        path: str,
        reading: Reading,
        given: dict[str, Any],
        bad: set[str],
    ) -> None:
        """Note what is missing; what stands in for it goes to ``given``. Raises ``Bad``."""
        members = self.members
        known = {*members, self._tag[0]} if self._tag else set(members)
        meant = {nearest(field.key, members) for field in node.fields if field.key not in known}
        for name, member in members.items():
            # A misspelt key is reported as such; that it is missing too would say it twice.
            if member.required and name not in {*given, *bad, *meant}:
                reading.report(node.at, path, MISSING_KEY, key=name, about=member.about or name)
        # A mistake in one part does not hide what else is wrong with the rest.
        for name, member in members.items():
            if member.required and name not in given:
                if member.stand_in is None:
                    raise Bad
                given[name] = member.stand_in.value

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        name = self._kind.__name__
        if name not in defs:
            defs[name] = {}
            defs[name].update(self._object(defs))
        reference: Schema = {"$ref": f"#/$defs/{name}"}
        if self._short is None:
            return reference
        return {"anyOf": [self.members[self._short].shape.schema(defs), reference]}

    def _object(self, defs: Schema) -> Schema:
        properties: Schema = {}
        for name, member in self.members.items():
            schema = member.shape.schema(defs)
            if not member.required:
                schema = {"anyOf": [schema, {"type": "null"}]}
            properties[name] = {"description": member.about, **schema} if member.about else schema
        required = [name for name, member in self.members.items() if member.required]
        if self._tag is not None:
            properties[self._tag[0]] = {"const": self._tag[1]}
            required.insert(0, self._tag[0])
        result: Schema = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        return {**result, "required": required} if required else result


def _tag(kind: type[Struct]) -> tuple[str, str] | None:
    config = kind.__struct_config__
    if config.tag_field is None:
        return None
    return config.tag_field, str(config.tag)


class OneOf(Shape):
    """One of several records, told apart by their tag."""

    def __init__(self, kinds: Sequence[type[Struct]]) -> None:
        self._field = next(tag[0] for kind in kinds if (tag := _tag(kind)))
        self._records = {tag[1]: Record(kind) for kind in kinds if (tag := _tag(kind))}
        self._names = Choice(
            Words(f"种类（{self._field}）", f"kind ({self._field})"),
            {name: name for name in self._records},
        )

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - the struct
        """As every shape."""
        if not isinstance(node, nodes.Mapping):
            hint = Words(
                f"此处写键值对，以 {self._field} 说明种类",
                f"write keys with values, {self._field!r} telling which kind",
            )
            expected = Words("键值对", "keys with values")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        for field in node.fields:
            if field.key == self._field:
                here = f"{path}.{field.key}" if path else field.key
                reading.spots[here] = spot_of(field)
                chosen = self._records[self._names.read(field.node, here, reading)]
                return chosen.read(node, path, reading)
        known = "、".join(self._records)
        reading.report(node.at, path, MISSING_KEY, key=self._field, about=known)
        raise Bad

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        return {"oneOf": [record.schema(defs) for record in self._records.values()]}


def _members(kind: type[Struct]) -> dict[str, Member]:
    found = _MEMBERS.get(kind)
    if found is None:
        hints = get_type_hints(kind, include_extras=True)
        found = {
            field.name: Member(
                shape_of(hints[field.name]),
                field.required,
                getattr(_extra(hints[field.name], About), "words", ""),
                _extra(hints[field.name], StandIn),
            )
            for field in msgspec.structs.fields(kind)
        }
        _MEMBERS[kind] = found
    return found


_MEMBERS: dict[type[Struct], dict[str, Member]] = {}


_E = TypeVar("_E")


def _extra(hint: object, kind: type[_E]) -> _E | None:
    """What ``Annotated`` adds of this kind."""
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, kind)), None)


_SIMPLE: dict[object, Callable[[], Shape]] = {
    str: Text,
    bool: Truth,
    int: lambda: Converted(Number(whole=True), int),
    Decimal: lambda: Converted(Number(), Decimal),
    date: Day,
}


def shape_of(hint: Any) -> Shape:  # noqa: ANN401 - any annotation may come; one line each
    """The shape of an annotation; a ``Shape`` in ``Annotated`` comes before everything."""
    if get_origin(hint) is Annotated:
        return _extra(hint, Shape) or shape_of(get_args(hint)[0])
    if isinstance(hint, NewType):
        return shape_of(hint.__supertype__)
    if hint in _SIMPLE:
        return _SIMPLE[hint]()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return enum_shape(hint)
    if isinstance(hint, type) and issubclass(hint, Struct):
        return Record(hint)
    parts = [part for part in get_args(hint) if part not in {type(None), Ellipsis}]
    origin = get_origin(hint)
    if origin is tuple:
        return ListOf(shape_of(parts[0]))
    if origin is dict:
        return DictOf(shape_of(parts[1]))
    if origin in {Union, types.UnionType}:
        return shape_of(parts[0]) if len(parts) == 1 else OneOf(parts)
    msg = f"no shape for {hint!r}"
    raise TypeError(msg)
