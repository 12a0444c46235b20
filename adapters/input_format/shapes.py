"""Shapes: what may stand at a place of the file, how it is read, and its JSON Schema.

Shapes are made from the annotations of msgspec Structs, so that a format is declared once. A
reading goes on after a mistake and collects every one with its place.
"""

import difflib
import re
import types
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from adapters.input_format import nodes
from adapters.input_format.nodes import At, Listing, Node, Scalar
from adapters.input_format.problems import (
    MALFORMED,
    MISSING_KEY,
    NO_SUCH_DATE,
    NOT_A_CHOICE,
    NOT_A_DATE,
    NOT_A_NUMBER,
    UNKNOWN_KEY,
    WRONG_SHAPE,
)
from domain.problems import Kind, Problem
from domain.values import Words, is_number

Schema = dict[str, Any]


class Reading:
    """One pass over one file: where everything stands, and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.spots: dict[str, At] = {}
        self._paths: dict[int, tuple[object, str]] = {}
        self._hurt: list[str] = []
        self._found: list[tuple[At, Problem]] = []

    def report(self, at: At, path: str, kind: Kind, **gaps: object) -> None:
        """Note a problem of ``kind`` at ``at``."""
        self._hurt.append(path)
        self._found.append((at, kind.at(f"{self.file}:{at} {path}".rstrip(), **gaps)))

    def hurt(self, path: str) -> bool:
        """Whether something inside ``path`` is wrong already, so that its absence says nothing."""
        return any(one.startswith(path) for one in self._hurt)

    def report_at(self, path: str, kind: Kind, **gaps: object) -> None:
        """Note a problem of ``kind`` at what was read at ``path``."""
        self.report(self.at(path), path, kind, **gaps)

    def add(self, at: At, problem: Problem) -> None:
        """Note a problem that was found while parsing; its place is the key it is about."""
        place = f"{self.file}:{at} {problem.place}".rstrip()
        self._found.append((at, msgspec.structs.replace(problem, place=place)))

    def note(self, path: str, problem: Problem) -> None:
        """Note a problem that others found inside what was read at ``path``."""
        inner = f"{path}.{problem.place}".strip(".")
        here = msgspec.structs.replace(problem, place=self.place(inner))
        self._found.append((self.at(inner), here))

    def know(self, value: object, path: str) -> None:
        """Remember where ``value`` was read; found again by identity."""
        self._paths[id(value)] = (value, path)

    def path_of(self, value: object) -> str:
        """The path at which ``value`` was read; empty for one that was not."""
        return self._paths.get(id(value), (None, ""))[1]

    def at(self, path: str) -> At:
        """Where ``path`` stands, or the nearest thing around it that stands in the file."""
        while path and path not in self.spots:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.spots.get(path, At(1, 1))

    def place(self, path: str) -> str:
        """``file:line:column path``."""
        return f"{self.file}:{self.at(path)} {path}".rstrip()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, in the order of the file."""
        return tuple(problem for _, problem in sorted(self._found, key=lambda found: found[0]))


class Bad(Exception):
    """This part could not be read; the reason is noted already."""


class About(Struct, frozen=True):
    """What a key means, for people: in the schema and in messages."""

    words: str


class Shape:
    """What may stand at a place."""

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - by shape
        """The value of ``node``. Raises ``Bad`` after noting why not."""
        raise NotImplementedError

    def schema(self, defs: Schema) -> Schema:
        """The JSON Schema; named parts go to ``defs``."""
        raise NotImplementedError


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known name that ``text`` most probably means."""
    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(text.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def near_words(text: str, known: Iterable[str]) -> Words:
    """The ending "did you mean" of a message, empty where nothing is near."""
    near = nearest(text, known)
    return Words(f"，是不是“{near}”？", f"; did you mean {near!r}?") if near else Words("", "")


def _found(node: Node) -> Words:
    match node:
        case nodes.Mapping():
            return Words("键值对", "keys with values")
        case Listing():
            return Words("列表", "a list")
        case Scalar() if node.null:
            return Words("空白", "nothing")
        case Scalar():
            return Words(f"“{node.text}”", repr(node.text))


def wrong_shape(reading: Reading, node: Node, path: str, *, expected: Words, hint: Words) -> Bad:
    """Note that something else was expected; to be raised."""
    reading.report(node.at, path, WRONG_SHAPE, expected=expected, found=_found(node), hint=hint)
    return Bad()


def scalar(reading: Reading, node: Node, path: str, expected: Words) -> str:
    """The printed text of a single value, without blanks around it."""
    if isinstance(node, Scalar) and not node.null and node.text.strip():
        return node.text.strip()
    hint = Words(f"写一个值：{expected.zh}", f"write one value: {expected.en}")
    raise wrong_shape(reading, node, path, expected=expected, hint=hint)


_WORDS = Words("文字", "words")
_NOTHING = Words("", "")


class Text(Shape):
    """Words. ``pattern`` limits them where they become part of an id."""

    def __init__(
        self,
        what: Words = _WORDS,
        pattern: str | None = None,
        hint: Words = _NOTHING,
    ) -> None:
        self._what = what
        self._pattern = pattern
        self._hint = hint

    def read(self, node: Node, path: str, reading: Reading) -> str:
        """As every shape."""
        text = scalar(reading, node, path, self._what)
        if self._pattern is None or re.fullmatch(self._pattern, text):
            return text
        reading.report(
            node.at,
            path,
            MALFORMED,
            text=text,
            what=self._what,
            hint=self._hint,
        )
        raise Bad

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        # A code such as 130104 may stand without quotes: then it is a number to a schema.
        if self._pattern is None:
            return {"type": ["string", "number"]}
        return {"type": ["string", "integer"], "pattern": f"^(?:{self._pattern})$"}


_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋％", "0123456789.,-+%")


class Number(Shape):
    """A figure, digit by digit as printed. ``percent`` admits a percent sign, which is kept;
    ``words`` tells that words could stand here too, under a key of their own.
    """

    def __init__(self, *, percent: bool = False, whole: bool = False, words: bool = False) -> None:
        self._percent = percent
        self._words = words
        self._whole = whole

    def read(self, node: Node, path: str, reading: Reading) -> str:
        """As every shape."""
        text = scalar(reading, node, path, Words("数", "a number"))
        digits = text.removesuffix("%").rstrip() if self._percent else text
        if digits.isascii() and is_number(digits) and not (self._whole and "." in digits):
            return digits + ("%" if digits != text else "")
        reading.report(node.at, path, NOT_A_NUMBER, text=text, hint=self._hint(text))
        raise Bad

    def _hint(self, text: str) -> Words:
        plain = text.translate(_FULL_WIDTH).replace(",", "")
        if is_number(plain):
            return Words(
                f"写成 {plain}（半角数字，不加千分位逗号）",
                f"write {plain} (ASCII digits, no thousands separators)",
            )
        if plain.endswith("%") and is_number(plain[:-1]):
            return Words(f"写 {plain[:-1]}，不带百分号", f"write {plain[:-1]} without the sign")
        if self._whole and is_number(plain):
            return Words("写整数", "write a whole number")
        if re.fullmatch(r"[+-]?\d+(\.\d+)?[eE][+-]?\d+", plain):
            return Words("写出全部数字，不用科学记数法", "write all digits, without an exponent")
        if self._words:
            return Words(
                "数只写数字（百分数可带 %）；不是数的写成 {text: …}、{label: …} 或 {date: …}",
                "write digits only (a percent sign may follow); what is no number is written "
                "{text: …}, {label: …} or {date: …}",
            )
        found = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*(\S+)", plain)
        if found:
            return Words(
                f"数写 {found[1]}，单位“{found[2]}”写在 unit",
                f"write the number {found[1]} and put {found[2]!r} under `unit`",
            )
        return Words("只写数字和小数点，如 864.64", "write digits and a point only: 864.64")

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        if self._whole:
            return {"type": ["integer", "string"], "pattern": r"^[+-]?\d+$"}
        sign = r"(\s*%)?" if self._percent else ""
        return {"type": ["number", "string"], "pattern": rf"^[+-]?\d+(\.\d+)?{sign}$"}


class Converted(Shape):
    """Another shape whose value is turned into something else. ``turn`` does not fail."""

    def __init__(self, inner: Shape, turn: Callable[[Any], Any]) -> None:
        self._inner = inner
        self._turn = turn

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - by shape
        """As every shape."""
        return self._turn(self._inner.read(node, path, reading))

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        return self._inner.schema(defs)


_TRUTH = {"true": True, "是": True, "false": False, "否": False}


class Truth(Shape):
    """true or false, 是 or 否."""

    def read(self, node: Node, path: str, reading: Reading) -> bool:
        """As every shape."""
        expected = Words("true 或 false", "true or false")
        text = scalar(reading, node, path, expected)
        value = _TRUTH.get(text.lower())
        if value is None:
            hint = Words("写 true（是）或 false（否）", "write true or false")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        return value

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        return {"enum": [True, False, *_TRUTH]}


_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:-(\d{1,2})|年(\d{1,2})月)", re.ASCII)


_MONTH_ALONE = Words("（只有年月时写 2024-12）", " (2024-12 where only the month is known)")


class Day(Shape):
    """A day. ``month`` admits a month printed alone, which means its last day."""

    def __init__(self, *, month: bool = False) -> None:
        self._month = month

    def read(self, node: Node, path: str, reading: Reading) -> date:
        """As every shape."""
        text = scalar(reading, node, path, Words("日期", "a date"))
        full, alone = _DAY.fullmatch(text), _MONTH.fullmatch(text)
        try:
            if full:
                year, month, day = (int(part) for part in full.groups() if part)
                return date(year, month, day)
            if alone and self._month:
                year, month = (int(part) for part in alone.groups() if part)
                return date(year, month, monthrange(year, month)[1])
        except ValueError:
            reading.report(node.at, path, NO_SUCH_DATE, text=text)
            raise Bad from None
        reading.report(
            node.at, path, NOT_A_DATE, text=text, month=_MONTH_ALONE if self._month else _NOTHING
        )
        raise Bad

    def schema(self, defs: Schema) -> Schema:  # noqa: ARG002 - the shape of the port
        """As every shape."""
        last = r"(-\d{1,2})?" if self._month else r"-\d{1,2}"
        zh = r"(\d{1,2}日)?" if self._month else r"\d{1,2}日"
        return {"type": "string", "pattern": rf"^\d{{4}}(-\d{{1,2}}{last}|年\d{{1,2}}月{zh})$"}


_LONG_LIST = 8


class Choice(Shape):
    """One name of a closed list, in either case, or one of its aliases."""

    def __init__(
        self, what: Words, names: Mapping[str, Any], aliases: Mapping[str, str] | None = None
    ) -> None:
        self._what = what
        self._names = dict(names)
        self._aliases = dict(aliases or {})

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - by list
        """As every shape."""
        text = scalar(reading, node, path, self._what)
        name = self._aliases.get(text, text)
        for known, value in self._names.items():
            if known.casefold() == name.casefold():
                return value
        unknown_name(reading, path, text, self._what, [*self._names, *self._aliases])
        raise Bad

    def schema(self, defs: Schema) -> Schema:
        """As every shape; a long list is named once."""
        names = [*self._names, *(name.lower() for name in self._names), *self._aliases]
        listed: Schema = {"enum": list(dict.fromkeys(names))}
        if len(self._names) < _LONG_LIST:
            return listed
        name = self._what.en.replace(" ", "-")
        defs[name] = listed
        return {"$ref": f"#/$defs/{name}"}


def unknown_name(reading: Reading, path: str, text: str, what: Words, known: Sequence[str]) -> None:
    """Note that ``text`` at ``path`` is none of the known names."""
    reading.report_at(
        path,
        NOT_A_CHOICE,
        text=text,
        what=what,
        known=_listed(text, known),
        near=near_words(text, known),
    )


_MOST_NAMES = 12


def _listed(text: str, known: Sequence[str]) -> str:
    """The known names; of a long list the nearest ones."""
    if len(known) <= _MOST_NAMES:
        return "、".join(known) or "—"
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(text.casefold(), by_fold, n=_MOST_NAMES, cutoff=0)
    return "、".join([*(by_fold[name] for name in near), "…"])


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


def _spot(field: nodes.Field) -> At:
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
        for field in node.fields:
            here = f"{path}.{field.key}"
            reading.spots[here] = field.at
            try:
                key = self._key(field, here, reading)
                reading.spots[here] = _spot(field)
                result[key] = self._value.read(field.node, here, reading)
            except Bad:
                continue  # noted; the other keys are read on
        return result

    def _key(self, field: nodes.Field, here: str, reading: Reading) -> Any:  # noqa: ANN401
        if self._keys is None:
            return field.key
        return self._keys.read(Scalar(field.at, field.key, plain=False), here, reading)

    def schema(self, defs: Schema) -> Schema:
        """As every shape."""
        value = self._value.schema(defs)
        if self._keys is None:
            return {"type": "object", "additionalProperties": value}
        names = self._keys.schema(defs)
        return {"type": "object", "propertyNames": names, "additionalProperties": value}


_COMMA = Words(
    "（花括号里的逗号隔开各项，数里不加千分位逗号）",
    " (a comma in braces separates entries: write numbers without thousands separators)",
)


class Member(Struct, frozen=True):
    """A key of a record: its shape, whether it must be there, and what it means."""

    shape: Shape
    required: bool
    about: str


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
            reading.spots[here] = _spot(field)
            member = members.get(field.key)
            if member is None:
                if self._tag is None or field.key != self._tag[0]:
                    reading.report(
                        field.at,
                        here,
                        UNKNOWN_KEY,
                        key=field.key,
                        known="、".join(members),
                        near=_COMMA if is_number(field.key) else near_words(field.key, members),
                    )
                continue
            if isinstance(field.node, Scalar) and field.node.null:
                continue
            try:
                given[field.key] = member.shape.read(field.node, here, reading)
            except Bad:
                bad.add(field.key)
        meant = {nearest(field.key, members) for field in node.fields if field.key not in members}
        for name, member in members.items():
            # A misspelt key is reported as such; that it is missing too would say it twice.
            if member.required and name not in {*given, *bad, *meant}:
                reading.report(node.at, path, MISSING_KEY, key=name, about=member.about or name)
        # A mistake in an optional part does not hide what else is wrong with the rest.
        if any(member.required and name not in given for name, member in members.items()):
            raise Bad
        return given

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

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ANN401 - the struct
        """As every shape."""
        if not isinstance(node, nodes.Mapping):
            hint = Words(
                f"此处写键值对，以 {self._field} 说明种类",
                f"write keys with values, {self._field!r} telling which kind",
            )
            expected = Words("键值对", "keys with values")
            raise wrong_shape(reading, node, path, expected=expected, hint=hint)
        names = Choice(
            Words(f"种类（{self._field}）", f"kind ({self._field})"),
            {name: name for name in self._records},
        )
        for field in node.fields:
            if field.key == self._field:
                here = f"{path}.{field.key}" if path else field.key
                reading.spots[here] = _spot(field)
                chosen = self._records[names.read(field.node, here, reading)]
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
                shape_of(hints[field.name]), field.required, _about(hints[field.name])
            )
            for field in msgspec.structs.fields(kind)
        }
        _MEMBERS[kind] = found
    return found


_MEMBERS: dict[type[Struct], dict[str, Member]] = {}


def _about(hint: object) -> str:
    if get_origin(hint) is Annotated:
        for extra in hint.__metadata__:  # type: ignore[attr-defined]  # Annotated has it
            if isinstance(extra, About):
                return extra.words
    return ""


_SIMPLE: dict[object, Callable[[], Shape]] = {
    str: Text,
    bool: Truth,
    int: lambda: Converted(Number(whole=True), int),
    Decimal: lambda: Converted(Number(), Decimal),
    date: Day,
}


_ENUMS = {
    "Level": Words("级别", "level"),
    "BreakdownBy": Words("分解方式", "kind of breakdown"),
    "Basis": Words("台账口径", "ledger basis"),
    "Exclusion": Words("不计入调整率的原因", "cause of exclusion"),
    "FundNature": Words("资金性质", "fund nature"),
    "FundSource": Words("资金来源", "fund source"),
    "Kind": Words("支出类别", "kind of expenditure"),
    "Purpose": Words("用途", "purpose"),
    "RoundingMode": Words("舍入方式", "rounding mode"),
    "RoundingScope": Words("舍入范围", "rounding scope"),
}


@cache
def _enum_shape(kind: type[Enum]) -> Shape:
    words = _ENUMS.get(kind.__name__, Words("名称", "name"))
    return Choice(words, {str(member.value): member for member in kind})


def shape_of(hint: Any) -> Shape:  # noqa: ANN401 - any annotation may come; one line each
    """The shape of an annotation; a ``Shape`` in ``Annotated`` comes before everything."""
    if get_origin(hint) is Annotated:
        shapes = [extra for extra in hint.__metadata__ if isinstance(extra, Shape)]
        return shapes[0] if shapes else shape_of(get_args(hint)[0])
    if isinstance(hint, NewType):
        return shape_of(hint.__supertype__)
    if hint in _SIMPLE:
        return _SIMPLE[hint]()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum_shape(hint)
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
