"""What is rendered and read again is equal; figures keep every digit and are never floats."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.input_files import plan, read
from adapters.input_format import document as d
from adapters.input_format import shapes
from adapters.input_format.rendering import render
from domain.commands import Enter
from domain.facts.form import FiguresDeclared
from tests.input.support import RULE_SETS, examples, text

WORDS = (
    st.text(
        st.characters(
            exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufeff\u2028\u2029"
        ),
        min_size=1,
        max_size=8,
    )
    .map(str.strip)
    .filter(bool)
)
CODES = st.from_regex(r"[a-z][a-z0-9-]{0,7}", fullmatch=True)
DIGITS = st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{1,4})?", fullmatch=True)
YEARS = st.integers(1900, 2099)
DEPTH = 3


def of_shape(  # noqa: C901, PLR0912 - one case each shape
    shape: shapes.Shape, depth: int
) -> st.SearchStrategy[Any]:
    """Values that a shape reads."""
    match shape:
        case d.ItemsMet():
            return st.just(("*",)) | st.lists(WORDS, max_size=2).map(tuple)
        case d.ActualShape():
            return of_record(d.ActualGiven, depth)
        case d.RuleSetShape():
            return of_record(d.RuleSetName, depth)
        case shapes.Text():
            pattern = shape._pattern or ""
            if "19|20" in pattern:
                return YEARS.map(str)
            if "a-f" in pattern:
                return st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
            return CODES if pattern else WORDS
        case shapes.Number():
            if shape._whole:
                return st.integers(0, 10**6).map(str)
            if not shape._signed:
                return DIGITS.map(lambda one: one.lstrip("-"))
            return DIGITS | DIGITS.map(lambda one: f"{one}%") if shape._percent else DIGITS
        case shapes.Converted():
            return of_shape(shape._inner, depth).map(shape._turn)
        case shapes.Truth():
            return st.booleans()
        case shapes.Day():
            return st.dates()
        case shapes.Choice():
            return st.sampled_from(list(shape.names.values()))
        case shapes.ListOf():
            size = 2 if depth else shape._least
            item = of_shape(shape._item, depth - 1) if size else st.nothing()
            return st.lists(item, min_size=shape._least, max_size=size).map(tuple)
        case shapes.DictOf():
            keys = of_shape(shape._keys, depth) if shape._keys else WORDS
            return st.dictionaries(keys, of_shape(shape._value, depth), max_size=2)
        case shapes.Record():
            return of_record(shape._kind, depth)
        case shapes.OneOf():
            kinds = [of_record(one._kind, depth) for one in shape._records.values()]
            return st.one_of(kinds)
        case _:
            raise TypeError(shape)


def of_record(kind: type[msgspec.Struct], depth: int) -> st.SearchStrategy[Any]:
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, member in shapes.Record(kind).members.items():
        if depth <= 0 and not member.required:
            continue
        strategy = of_shape(member.shape, depth - 1)
        (required if member.required else optional)[name] = strategy
    return st.fixed_dictionaries(required, optional=optional).map(lambda keys: kind(**keys))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(of_record(d.One, DEPTH) | of_record(d.Several, DEPTH))
def test_a_document_rendered_and_read_again_is_equal(content: d.One | d.Several) -> None:
    again = read(text(render(content)))
    assert again.problems == ()
    expected = content.units if isinstance(content, d.Several) else (content,)
    assert again.submissions == expected


def test_the_five_documents_go_round() -> None:
    for source in examples():
        (content,) = read(source).submissions
        assert isinstance(content, d.One)
        assert read(text(render(content))).submissions == (content,)


def test_yaml_and_json_say_the_same() -> None:
    head = '"division": "130104", "unit": {"code": "xfj", "name": "甲"}, "fiscal_year": 2024, '
    body = '"document": "报\\u544a", "evaluations": [{"level": "department", '
    tail = '"totals": [{"score": 97.690, "place": "四"}]}]'
    content = "{" + head + body + tail + "}"
    as_json, as_yaml = read(text(content, "a.json")), read(text(content, "a.yaml"))
    assert as_json.problems == as_yaml.problems == ()
    assert as_json.submissions == as_yaml.submissions
    assert str(as_json.submissions[0].evaluations[0].totals[0].score) == "97.690"


@given(DIGITS)
def test_a_figure_keeps_every_digit_as_printed(digits: str) -> None:
    content = (
        'division: "1"\nunit: {code: a, name: 甲}\nfiscal_year: 2024\ndocument: 报告\n'
        f"evaluations: [{{level: department, figures: {{OUTTURN: {{value: {digits}, place: 一}}}}}}]"
    )
    steps = plan([text(content)], rule_sets=RULE_SETS)
    facts = [
        entry.fact
        for step in steps
        if isinstance(step.command, Enter)
        for entry in step.command.entries
    ]
    (fact,) = facts
    assert isinstance(fact, FiguresDeclared)
    assert fact.figures[0].printed.text == digits
    assert fact.figures[0].printed.value == Decimal(digits)


def test_no_float_ever_appears() -> None:
    def walk(value: object) -> None:
        assert not isinstance(value, float)
        if isinstance(value, msgspec.Struct):
            for name in value.__struct_fields__:
                walk(getattr(value, name))
        elif isinstance(value, dict):
            for part in value.values():
                walk(part)
        elif isinstance(value, tuple | list):
            for part in value:
                walk(part)

    for source in examples():
        walk(read(source).submissions)
    walk([step.command for step in plan(examples(), rule_sets=RULE_SETS)])
