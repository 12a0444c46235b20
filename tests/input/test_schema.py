"""The published JSON Schema is the one the reader follows."""

import json

import jsonschema
import pytest
import yaml

from adapters.input_files import Source
from adapters.input_format.schema import json_schema
from tests.input.support import EXAMPLES, example, examples


def published() -> object:
    return json.loads((EXAMPLES / "liuhen-input.schema.json").read_text("utf-8"))


def test_the_published_schema_is_up_to_date() -> None:
    # To renew it: json.dumps(json_schema(), ensure_ascii=False, indent=1) and a line feed.
    assert published() == json_schema()


@pytest.mark.parametrize("source", examples(), ids=lambda source: source.name)
def test_the_documents_fulfil_the_schema(source: Source) -> None:
    content = yaml.load(source.data, Loader=yaml.BaseLoader)  # noqa: S506 - gives strings only
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(content, json_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"fiscal_year": "24"},
        {"unit": {"code": "xfj"}},
        {"evaluation": []},
        {"evaluations": [{"level": "unit"}]},
        {"amount_unit": "美元"},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(change: dict[str, object]) -> None:
    content = yaml.load(example("shenze-2023").data, Loader=yaml.BaseLoader)  # noqa: S506
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**content, **change}, json_schema())
