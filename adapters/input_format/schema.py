"""The JSON Schema of the input format, made from the same declarations that read it."""

from adapters.input_format.document import One, Several
from adapters.input_format.shapes import Record, Schema


def json_schema() -> Schema:
    """The published schema: examples/liuhen-input.schema.json."""
    defs: Schema = {}
    one, several = Record(One).schema(defs), Record(Several).schema(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "留痕输入文件",
        "description": "一个单位一个年度的自评和台账；几个单位写在 units 之下。数字照印的写。",
        "if": {"required": ["units"]},
        "then": several,
        "else": one,
        "$defs": dict(sorted(defs.items())),
    }
