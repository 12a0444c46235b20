"""Lists, and keys that the writer names."""

from typing import Any

from adapters.input_format import nodes
from adapters.input_format.nodes import At, Listing, Node, Scalar
from adapters.input_format.problems import DUPLICATE_KEY, UNKNOWN_KEY
from adapters.input_format.shapes.base import COMMA, Bad, Schema, Shape, wrong_shape
from adapters.input_format.shapes.reading import Reading
from adapters.input_format.shapes.values import Choice
from domain.values import Words, is_number


class ListOf(Shape):
    """A list; with ``one`` a single thing may stand without the list around it."""

    def __init__(self, item: Shape, *, one: bool = False, least: int = 0) -> None:
        self._item = item
        self._one = one
        self._least = least

    def read(self, node: Node, path: str, reading: Reading) -> tuple[Any, ...]:
        """As every shape."""
        if not isinstance(node, Listing):
            if self._one:
                return (self._item.read(node, path, reading),)
            hint = Words("每一项前面写 “- ”", "write '- ' before each entry")
            expected = Words("列表", "a list")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        if len(node.items) < self._least:
            expected = Words(f"至少 {self._least} 项的列表", f"a list of {self._least} or more")
            hint = Words("写出各项", "write the entries")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        values = []
        for index, item in enumerate(node.items):
            here = f"{path}[{index}]"
            reading.spots[here] = item.at
            try:
                values.append(self._item.read(item, here, reading))
            except Bad:
                continue  # noted; the other entries are read on
        return tuple(values)

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        item = self._item.schema(defs)
        listing: Schema = {"type": "array", "items": item}
        if self._least:
            listing["minItems"] = self._least
        return {"anyOf": [item, listing]} if self._one else listing


def spot_of(field: nodes.Field) -> At:
    """Where a person looks for ``field``: at a single value itself, else at its key."""
    return field.node.at if isinstance(field.node, Scalar) else field.at


class DictOf(Shape):
    """Keys that are names of the writer's, or of ``keys``, each with a value."""

    def __init__(self, value: Shape, keys: Choice | None = None) -> None:
        self._value = value
        self._keys = keys

    def read(self, node: Node, path: str, reading: Reading) -> dict[Any, Any]:
        """As every shape."""
        if not isinstance(node, nodes.Mapping):
            expected = Words("键值对", "keys with values")
            hint = Words("每行写“名称: 值”", "write 'name: value' on each line")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        result: dict[Any, Any] = {}
        first: dict[Any, At] = {}
        for field in node.fields:
            here = f"{path}.{field.key}"
            reading.spots[here] = field.at
            try:
                key = self._key(field, here, reading)
                reading.spots[here] = reading.spots[f"{path}.{key}"] = spot_of(field)
                # One name may be written in two ways: OUTTURN, outturn, 全年执行数.
                if key in first:
                    line = first[key].line
                    reading.report(field.at, here, DUPLICATE_KEY, key=field.key, line=line)
                    continue
                first[key] = field.at
                if self._keys and isinstance(field.node, Scalar) and field.node.null:
                    continue  # blank is absent
                result[key] = self._value.read(field.node, here, reading)
            except Bad:
                continue  # noted; the other keys are read on
        return result

    def _key(self, field: nodes.Field, here: str, reading: Reading) -> Any:  # noqa: ANN401
        if self._keys is None:
            return field.key
        if is_number(field.key):
            known = "、".join([*list(self._keys.names)[:3], "…"])
            reading.report(field.at, here, UNKNOWN_KEY, key=field.key, near=COMMA, known=known)
            raise Bad
        return self._keys.read(Scalar(field.at, field.key, plain=False), here, reading)

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        value = self._value.schema(defs)
        if self._keys is None:
            return {"type": "object", "additionalProperties": value}
        names = self._keys.schema(defs)
        return {"type": "object", "propertyNames": names, "additionalProperties": value}
