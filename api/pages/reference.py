"""The reference of the API, read from its OpenAPI document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.refusing import MEDIA_TYPE

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Item:
    """A parameter, header or field: its name, kind, whether it must be given, and its meaning."""

    name: str
    where: str
    kind: str
    required: bool
    title: str
    description: str


@dataclass(frozen=True)
class Operation:
    """One route."""

    id: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Item, ...]
    body: tuple[Item, ...]
    answer: tuple[Item, ...]
    answer_name: str
    responses: tuple[tuple[str, str], ...]


def paragraphs(text: str) -> list[list[tuple[str, bool]]]:
    """A description in paragraphs of pieces, each with whether it is code (in backticks)."""
    return [
        [(piece, nth % 2 == 1) for nth, piece in enumerate(part.replace("\n", "").split("`"))]
        for part in text.strip().split("\n\n")
    ]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Every route of an OpenAPI document, in its order."""
    schemas = document["components"]["schemas"]
    return [
        _operation(path, method, operation, schemas)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]


def _operation(
    path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    success: Mapping[str, Any] = next(
        (one for code, one in operation["responses"].items() if code.startswith("2")), {}
    )
    answer = success.get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        id=operation["operationId"],
        tag=(operation.get("tags") or [""])[0],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=tuple(_parameters(operation, schemas)),
        body=tuple(_fields(body.get("schema", {}), schemas)),
        answer=tuple(_fields(answer, schemas)),
        answer_name=_kind(answer, schemas),
        responses=tuple(
            (code, one.get("description", ""))
            for code, one in operation["responses"].items()
            if MEDIA_TYPE in one.get("content", {}) or code.startswith("2")
        ),
    )


def _parameters(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Item]:
    for one in operation.get("parameters", ()):
        schema = one.get("schema", {})
        yield Item(
            name=one["name"],
            where=one["in"],
            kind=_kind(schema, schemas),
            required=one.get("required", False),
            title=schema.get("title", ""),
            description=one.get("description", ""),
        )


def _fields(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], prefix: str = "", depth: int = 0
) -> Iterator[Item]:
    if schema.get("type") == "array":
        schema, prefix = schema.get("items", {}), prefix or "[]."
    target = _resolved(schema, schemas)
    required = set(target.get("required", ()))
    for name, field in target.get("properties", {}).items():
        yield Item(
            name=prefix + name,
            where="body",
            kind=_kind(field, schemas),
            required=name in required,
            title=field.get("title", ""),
            description=field.get("description", ""),
        )
        inner = _resolved(field, schemas)
        if depth == 0 and "properties" in inner and field.get("type") != "array":
            yield from _fields(inner, schemas, f"{prefix}{name}.", depth + 1)


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None and len(schema.get("allOf", ())) == 1:
        reference = schema["allOf"][0].get("$ref")
    if reference is None:
        for branch in schema.get("anyOf", ()):
            if "$ref" in branch:
                reference = branch["$ref"]
    if reference is None:
        return schema
    found: Mapping[str, Any] = schemas[reference.rpartition("/")[2]]
    return found


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        target = _resolved(schema, schemas)
        if "enum" in target:
            return " | ".join(map(str, target["enum"]))
        return str(schema["$ref"]).rpartition("/")[2]
    branches = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if branches:
        kinds = dict.fromkeys(_kind(one, schemas) for one in branches)
        return " | ".join(kind for kind in kinds if kind != "null")
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}), schemas)}]"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type") or "")
