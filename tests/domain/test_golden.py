"""What was ever stored still loads: every shape in tests/golden/."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.codec import decode, encode
from domain.facts import BY_TAG
from domain.facts.ledger import ExpenditureRecorded, Line, Purpose
from domain.facts.others import EntryCorrected
from domain.facts.upcasts import UPCASTS

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
TAGS = sorted(path.stem for path in GOLDEN.glob("*.json"))


def documents(tag: str) -> list[bytes]:
    """The stored documents of a tag, each as compact as it was stored."""
    found: list[msgspec.Raw] = msgspec.json.decode(
        (GOLDEN / f"{tag}.json").read_bytes(), type=list[msgspec.Raw]
    )
    return [msgspec.json.format(bytes(document), indent=-1) for document in found]


def test_every_tag_of_today_has_a_golden_file() -> None:
    missing = set(BY_TAG) - set(TAGS)
    assert not missing, "run: python -m tests.golden.generate"


def test_every_old_shape_has_a_golden_file() -> None:
    assert set(UPCASTS) <= set(TAGS)


def test_no_golden_file_is_of_a_shape_that_nothing_reads() -> None:
    assert set(TAGS) == set(BY_TAG) | set(UPCASTS)


def test_no_tag_is_both_of_today_and_old() -> None:
    assert not set(BY_TAG) & set(UPCASTS)


@pytest.mark.parametrize("tag", TAGS)
def test_a_golden_file_holds_facts_of_its_tag(tag: str) -> None:
    assert {msgspec.json.decode(payload)["fact"]["type"] for payload in documents(tag)} == {tag}


@pytest.mark.parametrize("tag", sorted(BY_TAG))
def test_a_fact_of_today_loads_and_is_written_as_it_was(tag: str) -> None:
    for payload in documents(tag):
        stored = decode(tag, payload)
        assert type(stored.fact) is BY_TAG[tag]
        assert encode(stored.envelope, stored.fact) == payload


@pytest.mark.parametrize("tag", sorted(UPCASTS))
def test_an_old_shape_loads_as_a_fact_of_today(tag: str) -> None:
    for payload in documents(tag):
        assert type(decode(tag, payload).fact) in BY_TAG.values()


def test_a_payment_of_the_first_shape_has_its_line_today() -> None:
    full, bare = (
        decode("expenditure-recorded.v1", payload).fact
        for payload in documents("expenditure-recorded.v1")
    )
    assert full == ExpenditureRecorded(
        amount=1_500_000,
        paid_on=date(2024, 12, 28),
        voucher="2024-1203",
        line=Line(project="p-01", economic="30217", purposes=(Purpose.RECEPTION,)),
    )
    assert bare == ExpenditureRecorded(amount=1_500_000, voucher="2024-1203")


def test_an_old_shape_inside_a_correction_loads_as_well() -> None:
    old: dict[str, Any] = msgspec.json.decode(documents("expenditure-recorded.v1")[0])
    correction: dict[str, Any] = msgspec.json.decode(documents("entry-corrected.v1")[0])
    correction["fact"]["replacement"] = old["fact"]
    fact = decode("entry-corrected.v1", msgspec.json.encode(correction)).fact
    assert isinstance(fact, EntryCorrected)
    assert isinstance(fact.replacement, ExpenditureRecorded)
    assert fact.replacement.line.economic == "30217"
