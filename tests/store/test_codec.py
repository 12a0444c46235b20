"""Facts of every type go round through bytes, whatever they hold."""

from datetime import UTC, date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from adapters.codec import Stored, UnreadableFact, decode, encode
from domain.facts import ALL, BY_TAG, Fact, tag_of
from domain.facts.envelope import Envelope
from tests.store.samples import payment

SCALARS: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.NoneType: st.none(),
    inspect.BoolType: st.booleans(),
    inspect.IntType: st.integers(-(2**63), 2**63 - 1),
    inspect.StrType: st.text(),
    inspect.DecimalType: st.decimals(allow_nan=False, allow_infinity=False),
    inspect.DateType: st.dates(),
    inspect.DateTimeType: st.datetimes(timezones=st.just(UTC)),
    inspect.UUIDType: st.uuids(),
}


def values_of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Values of any type that occurs in a fact."""
    match kind:
        case inspect.Metadata():
            return values_of(kind.type)
        case inspect.StructType():
            fields = {field.name: values_of(field.type) for field in kind.fields}
            return st.builds(kind.cls, **fields)
        case inspect.UnionType():
            return st.one_of([values_of(part) for part in kind.types])
        case inspect.VarTupleType():
            return st.lists(values_of(kind.item_type), max_size=3).map(tuple)
        case inspect.DictType():
            return st.dictionaries(values_of(kind.key_type), values_of(kind.value_type), max_size=3)
        case inspect.EnumType():
            return st.sampled_from(list(kind.cls))
        case _:
            return SCALARS[type(kind)]


ENVELOPES: st.SearchStrategy[Envelope] = values_of(inspect.type_info(Envelope))


@pytest.mark.parametrize("kind", ALL, ids=tag_of)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_fact_is_read_as_it_was_written(kind: type[Fact], data: st.DataObject) -> None:
    envelope = data.draw(ENVELOPES)
    fact = data.draw(values_of(inspect.type_info(kind)))
    payload = encode(envelope, fact)
    assert decode(tag_of(kind), payload) == Stored(envelope, fact)
    assert encode(envelope, fact) == payload


def test_the_document_is_readable_json() -> None:
    new = payment("v-1")
    document = msgspec.json.decode(encode(new.envelope, new.fact))
    assert list(document) == ["envelope", "fact"]
    assert document["fact"] == {
        "type": "expenditure-recorded.v2",
        "amount": 1_500_000,
        "voucher": "v-1",
        "line": {"project": "p-01"},
    }
    assert document["envelope"]["event_id"] == str(new.envelope.event_id)
    assert document["envelope"]["recorded_at"] == "2025-03-10T04:00:00Z"
    assert document["envelope"]["effective"]["last"] == str(date(2024, 12, 28))


def test_an_unknown_tag_is_named_with_what_to_do() -> None:
    with pytest.raises(UnreadableFact, match=r"unheard-of\.v7.*Upgrade the program") as raised:
        decode("unheard-of.v7", b'{"envelope":{},"fact":{"type":"unheard-of.v7"}}')
    assert raised.value.tag == "unheard-of.v7"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"envelope":{},"fact":[]}',
        b'{"envelope":{},"fact":{"type":"expenditure-recorded.v2"}}',
    ],
)
@pytest.mark.parametrize("tag", ["expenditure-recorded.v1", "expenditure-recorded.v2"])
def test_bytes_that_are_no_fact_are_refused(tag: str, payload: bytes) -> None:
    with pytest.raises(UnreadableFact, match=tag):
        decode(tag, payload)


def test_a_payload_of_another_type_than_its_tag_is_refused() -> None:
    new = payment("v-1")
    payload = encode(new.envelope, new.fact)
    for tag in BY_TAG.keys() - {"expenditure-recorded.v2"}:
        with pytest.raises(UnreadableFact, match=tag):
            decode(tag, payload)
