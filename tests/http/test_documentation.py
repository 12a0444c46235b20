"""The OpenAPI document says everything, in Chinese."""

import re
from typing import Any, get_type_hints

from fastapi.testclient import TestClient

from api.app import HttpSettings
from api.pages.present import RULE_KINDS
from api.pages.reference import operations
from api.routers.evaluations import PROSE_FIELDS
from domain.facts import ALL
from domain.problems import CATALOGUE
from domain.scoring import rules
from domain.texts import FreeText

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_every_route_has_a_chinese_summary_and_description(client: TestClient) -> None:
    found = operations(client.get("/openapi.json").json())
    assert len(found) > 25
    for one in found:
        assert HAN.search(one.summary), one.path
        assert HAN.search(one.description), one.path
        for parameter in one.parameters:
            assert HAN.search(parameter.title), (one.path, parameter.name)


def test_every_field_has_a_chinese_title(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    untitled = [
        (name, field)
        for name, schema in schemas.items()
        for field, shape in schema.get("properties", {}).items()
        if not HAN.search(shape.get("title", "")) and shape.get("title") != "SHA-256"
    ]
    assert untitled == []


def test_every_reference_leads_to_a_shape(client: TestClient) -> None:
    document = client.get("/openapi.json")
    schemas = document.json()["components"]["schemas"]
    named = set(re.findall(r'"\$ref":\s*"([^"]+)"', document.text))
    assert named
    assert {one for one in named if one.rpartition("/")[2] not in schemas} == set()
    assert {one.rpartition("/")[0] for one in named} == {"#/components/schemas"}


def test_every_refusal_is_documented_as_a_problem_document(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if status.startswith("2") or path == "/health":
                    continue
                assert list(answer["content"]) == ["application/problem+json"], (path, method)
                named = re.findall(r"[a-z-]+\.[a-z-]+", answer["description"])
                assert named, (path, method, status)
                assert all(CATALOGUE[code].status == int(status) for code in named)


def test_every_code_has_an_entry_in_the_catalogue_page(client: TestClient) -> None:
    page = client.get("/problems").text
    assert [code for code in CATALOGUE if f'id="{code}"' not in page] == []


def test_figures_are_strings_or_whole_numbers(client: TestClient) -> None:
    schemas: dict[str, Any] = client.get("/openapi.json").json()["components"]["schemas"]
    floats = [
        (name, field)
        for name, schema in schemas.items()
        for field, shape in schema.get("properties", {}).items()
        if shape.get("type") == "number"
    ]
    assert floats == [("LogHealthOut", "lag_seconds")]


def test_the_reference_page_names_every_route(client: TestClient) -> None:
    page = client.get("/docs").text
    for one in operations(client.get("/openapi.json").json()):
        assert f'id="{one.id}"' in page
        assert one.path in page


def test_the_fields_of_prose_are_those_of_the_facts() -> None:
    marked = {
        name
        for fact in ALL
        for name, hint in get_type_hints(fact, include_extras=True).items()
        if hint in {FreeText, FreeText | None}
    }
    assert marked <= PROSE_FIELDS


def test_every_kind_of_rule_has_words() -> None:
    tags = {str(rule.__struct_config__.tag) for rule in rules.Rule.__args__}
    assert tags == set(RULE_KINDS)


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in HttpSettings.model_fields.values())
