"""Writing what was read back as a file. ``read(render(x)) == x``."""

from datetime import date
from decimal import Decimal
from enum import Enum

import msgspec
import yaml
from msgspec import Struct

from adapters.input_format.document import ActualGiven, One, Several


def render(content: One | Several) -> str:
    """``content`` as YAML, in the order of the format, defaults left out."""
    return str(
        yaml.dump(plain(content), Dumper=yaml.SafeDumper, allow_unicode=True, sort_keys=False)
    )


def plain(value: object) -> object:
    """``value`` in mappings, lists and strings, as a file holds it; defaults left out."""
    match value:
        case Struct():
            return _keys(value)
        case Enum():
            return value.value
        case bool() | str():
            return value
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case tuple():
            return [plain(part) for part in value]
        case dict():
            return {str(plain(key)): plain(part) for key, part in value.items()}
        case _:
            return str(value)


def _keys(value: Struct) -> dict[str, object]:
    config = value.__struct_config__
    keys: dict[str, object] = {}
    if config.tag_field is not None:
        keys[config.tag_field] = str(config.tag)
    for field in msgspec.structs.fields(value):
        part = getattr(value, field.name)
        default = (
            field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        )
        if default is msgspec.NODEFAULT or part != default:
            every = isinstance(value, ActualGiven) and field.name == "items" and part == ("*",)
            keys[field.name] = "all" if every else plain(part)
    return keys
