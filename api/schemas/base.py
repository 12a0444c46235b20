"""The base of what goes out, and how a row becomes it: one language, figures as strings."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from domain.values import Words, plain
from projections.tables import Prose


class Out(BaseModel):
    """The base of every answer."""

    # Answers take from a row what they show and leave the rest.
    model_config = ConfigDict(extra="ignore", populate_by_name=True, serialize_by_alias=True)


class EstimatedOut(Out):
    """可以推算的。"""

    estimated: bool = Field(
        default=False,
        title="推算",
        description="给出 effective_on 时为真：得分当场计算，没有入库。",
    )


class PagedOut(Out):
    """一页，连同每个日志的位置。"""

    next: str | None = Field(title="下一页的标记", description="空为末页；填入 cursor。")
    positions: dict[str, int] = Field(title="各日志的位置", description="本回答所依据的。")


_Model = TypeVar("_Model", bound=BaseModel)


def shown(model: type[_Model], row: object, lang: str, **more: object) -> _Model:
    """``row`` as ``model``, its words in ``lang``; ``more`` stands for what no row holds."""
    content = plainly(row, lang)
    return model.model_validate({**content, **{name: plainly(v, lang) for name, v in more.items()}})


def plainly(value: Any, lang: str) -> Any:  # noqa: ANN401 - whatever a row can hold
    """``value`` as JSON holds it: one language, decimals as strings, texts with their digest."""
    match value:
        case Words():
            return value.in_(lang)
        case Prose():
            return {
                "text": value.in_(lang),
                "digest": value.digest,
                "redacted": value.redacted,
            }
        case BaseModel():
            return value.model_dump(by_alias=False)
        case Struct():
            return _of_struct(value, lang)
        case StrEnum():
            return value.value
        case Decimal() | Fraction():
            return plain(value)
        case bytes():
            return value.hex()
        case dict():
            return {str(key): plainly(part, lang) for key, part in value.items()}
        case tuple() | list():
            return [plainly(part, lang) for part in value]
        case _:
            return value


def _of_struct(value: Struct, lang: str) -> dict[str, Any]:
    config = value.__struct_config__
    content = {
        field.name: plainly(getattr(value, field.name), lang)
        for field in msgspec.structs.fields(value)
    }
    if config.tag_field is not None:
        content[config.tag_field] = config.tag
    return content
