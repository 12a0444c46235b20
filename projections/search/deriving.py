"""From a fact to the texts by which it can be found."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct

from domain.facts import ALL, Fact
from domain.facts.form import (
    ActualEntered,
    EvaluationOpened,
    IndicatorsSet,
    ProblemNoted,
)
from domain.facts.ledger import LedgerOpened
from domain.facts.others import EntryCorrected, RuleSetCopied, RuleSetPublished, TextRedacted
from domain.ids import is_jurisdiction_year
from domain.store import Recorded
from domain.texts import free_text_fields
from projections.search.rows import SearchEntry, StreamName, TextPart
from projections.tables import prose
from projections.unit_year import document_of, name_of, unit_year_of_stream

MOST_ENTRIES = 4096
"""Texts of one fact that can be found; a form of more lines than that has the first of them."""

_PARTS = {
    "reason": TextPart.REASON,
    "opinion": TextPart.OPINION,
    "measure": TextPart.MEASURE,
    "title": TextPart.TITLE,
    "remark": TextPart.REMARK,
    "text": TextPart.MEASURE,
}


class _Said(NamedTuple):
    """A text in a fact: by its digest, or as it stands there."""

    part: TextPart
    digest: str | None = None
    plain: str | None = None
    line: str | None = None


def entries_of(log_id: str, recorded: Recorded) -> list[SearchEntry]:
    """One entry for each text of a fact: reasons and the like, its 文号, the names of indicators."""
    said = list(dict.fromkeys(_said(recorded.fact)))[:MOST_ENTRIES]
    if not said:
        return []
    unit_year = unit_year_of_stream(recorded.stream_id)
    envelope, kind = recorded.envelope, name_of(recorded.fact)
    of_form = unit_year is not None and recorded.stream_id != unit_year.ledger
    evaluation = recorded.stream_id if of_form else None
    document = document_of(recorded.fact)
    return [
        SearchEntry(
            log_id=log_id,
            position=recorded.position,
            ordinal=ordinal,
            part=one.part,
            stream_id=recorded.stream_id,
            evaluation=evaluation,
            unit=unit_year.unit if unit_year else None,
            fiscal_year=unit_year.year if unit_year else _year_of(recorded.stream_id),
            line=one.line,
            event_id=envelope.event_id,
            event_type=kind,
            version=recorded.version,
            actor=envelope.actor,
            role=envelope.role,
            organisation=envelope.organisation,
            recorded_at=envelope.recorded_at,
            document=document,
            prose=prose(one.digest),
            plain=one.plain,
        )
        for ordinal, one in enumerate(said)
    ]


def _year_of(stream_id: str) -> int | None:
    """The year of a jurisdiction-year; None for a rule set, which serves many."""
    return int(stream_id.partition("/")[2]) if is_jurisdiction_year(stream_id) else None


def name_given(log_id: str, recorded: Recorded) -> StreamName | None:
    """How a ledger or form is called, by the fact that opens it."""
    fact = recorded.fact
    if not isinstance(fact, LedgerOpened | EvaluationOpened):
        return None
    return StreamName(
        log_id=log_id,
        stream_id=recorded.stream_id,
        unit_name=fact.unit_name,
        project_name=getattr(fact, "project_name", None),
    )


def _speaks(kind: type[Fact]) -> bool:
    """Whether a fact of this kind can hold a text at all; most facts are payments, which cannot."""
    fields = kind.__struct_fields__
    whole = (IndicatorsSet, ActualEntered, EntryCorrected, RuleSetPublished, RuleSetCopied)
    return kind in whole or "document" in fields or bool(free_text_fields(kind))


TELLING = frozenset(
    kind for kind in ALL if _speaks(kind) or kind in {TextRedacted, LedgerOpened, EvaluationOpened}
)
"""The kinds of facts from which the index learns: texts, names, or that a text is gone."""


def _said(fact: Struct | None, line: str | None = None) -> Iterator[_Said]:
    if fact is None:
        return
    named = getattr(fact, "line", None)
    line = named if isinstance(named, str) else line
    for name in _free_texts(type(fact)):
        digest = getattr(fact, name)
        if isinstance(digest, str) and digest:
            yield _Said(_part(fact, name), digest=digest, line=line)
    document = getattr(fact, "document", None)
    if isinstance(document, str) and document:
        yield _Said(TextPart.DOCUMENT, plain=document, line=line)
    yield from _inside(fact, line)


@cache
def _free_texts(kind: type[Struct]) -> list[str]:
    return sorted(free_text_fields(kind))


def _inside(fact: Any, line: str | None) -> Iterable[_Said]:  # noqa: ANN401 - any part of a fact
    match fact:
        case IndicatorsSet():
            for row in fact.rows:
                yield _Said(TextPart.INDICATOR, plain=" / ".join(row.path), line=row.line)
        case ActualEntered():
            for said in _said(fact.actual, line):
                yield said._replace(part=TextPart.ACTUAL)
        case EntryCorrected():
            yield from _said(fact.replacement)
        case RuleSetPublished() | RuleSetCopied():
            yield from _said(fact.rule_set)
        case _:
            return


def _part(fact: Struct, name: str) -> TextPart:
    return TextPart.PROBLEM if isinstance(fact, ProblemNoted) else _PARTS[name]
