"""Write a golden file for every current tag that has none; touch no file that is there."""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec import inspect

from adapters.codec import encode
from domain.facts import BY_TAG, Fact
from domain.facts.envelope import Envelope, Place, Role, on

HERE = Path(__file__).resolve().parent

ENVELOPE = Envelope(
    event_id=UUID("018f4a6e-7c00-7000-8000-000000000001"),
    recorded_at=datetime(2025, 3, 10, 1, 30, 0, 123456, tzinfo=UTC),
    effective=on(date(2024, 12, 28)),
    actor="account-7",
    role=Role.UNIT_CLERK,
    organisation="130104/xfj",
    on_behalf_of="account-3",
    command_id="command-1",
    correlation="import-1",
    causation="command-0",
    source=Place("附件1", "总分行", table=True),
)


SCALARS: dict[type[inspect.Type], object] = {
    inspect.BoolType: True,
    inspect.IntType: 1234567,
    inspect.DecimalType: Decimal("9.80"),
    inspect.DateType: date(2024, 12, 28),
    inspect.UUIDType: UUID("018f4a6e-7c00-7000-8000-000000000002"),
}


def example(kind: inspect.Type, name: str, choice: int) -> Any:  # noqa: ANN401
    """A value of ``kind``; of alternatives the one at ``choice``, or the last."""
    match kind:
        case inspect.Metadata():
            return example(kind.type, name, choice)
        case inspect.StructType():
            return example_of(kind, choice)
        case inspect.UnionType():
            others = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
            return example(others[min(choice, len(others) - 1)], name, choice)
        case inspect.VarTupleType():
            return (example(kind.item_type, name, choice),)
        case inspect.DictType():
            key = example(kind.key_type, "key", choice)
            return {key: example(kind.value_type, name, choice)}
        case inspect.EnumType():
            members = list(kind.cls)
            return members[min(choice, len(members) - 1)]
        case inspect.StrType():
            return f"{name} 示例"
        case _:
            return SCALARS[type(kind)]


def example_of(kind: inspect.StructType, choice: int) -> Any:  # noqa: ANN401
    """A struct with every field filled, and no field at its default where that can be avoided."""
    values = {field.name: example(field.type, field.name, choice) for field in kind.fields}
    for field in kind.fields:
        if field.default is True:
            values[field.name] = False
    return kind.cls(**values)


def documents_of(fact: type[Fact]) -> list[bytes]:
    """Documents that between them show every alternative of every field of ``fact``."""
    kind = inspect.type_info(fact)
    if not isinstance(kind, inspect.StructType):
        raise TypeError(fact)
    found: list[bytes] = []
    while True:
        document = encode(ENVELOPE, example_of(kind, choice=len(found)))
        if found and document == found[-1]:
            return found
        found.append(document)


def main() -> None:
    """Write what is missing."""
    for tag, fact in BY_TAG.items():
        path = HERE / f"{tag}.json"
        if not path.exists():
            whole = b"[" + b",".join(documents_of(fact)) + b"]"
            path.write_bytes(msgspec.json.format(whole, indent=2) + b"\n")
            sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
