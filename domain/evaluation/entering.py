"""Entering, noting, withdrawing and correcting what a form holds."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from domain.commands import (
    CorrectEntry,
    Enter,
    Note,
    RetargetIndicator,
    WithdrawEvidence,
    WithdrawIndicator,
)
from domain.decisions import (
    DOCUMENT_REQUIRED,
    NOTHING_TO_DO,
    Decided,
    require,
)
from domain.evaluation.problems import (
    DIGEST_MALFORMED,
    EVIDENCE_UNKNOWN,
    LINE_REUSED,
    MEASURE_WITHOUT_PROBLEM,
    METRIC_UNKNOWN,
    NUMBER_TAKEN,
    OTHER_SUBJECT,
    QUANTITY_UNKNOWN,
    line_unknown,
    lines_there_are,
)
from domain.evaluation.state import IN_REVIEW
from domain.evaluation.world import World, given_text, in_draft, known_line
from domain.facts import Fact
from domain.facts.form import (
    ActualEntered,
    DeductionJustified,
    EvidenceAttached,
    EvidenceWithdrawn,
    FiguresDeclared,
    FormEntry,
    IndicatorRetargeted,
    IndicatorsSet,
    IndicatorWithdrawn,
    MeasureCompleted,
    MeasurePlanned,
    ProblemNoted,
    ScoreDeclared,
    Subject,
)
from domain.facts.others import EntryCorrected
from domain.ledger import correction_papers
from domain.problems import Problem
from domain.scoring.metrics import Quantity, bases_of
from domain.scoring.rule_set import RuleSet, check_rows

_SHA256_HEX = 64
_NO_RULES = RuleSet(name="-", version="-", title="-")


def enter(command: Enter, world: World) -> Iterable[Decided]:
    """Draft entries, all or none; evidence may also come while the form is reviewed."""
    evidence_only = all(isinstance(entry.fact, EvidenceAttached) for entry in command.entries)
    late_evidence = evidence_only and world.form.status in IN_REVIEW
    problems = [] if late_evidence else in_draft(world)
    if not command.entries:
        problems.append(NOTHING_TO_DO.at("entries"))
    lines, evidence = set(world.form.rows), set(world.form.evidence())
    for entry in command.entries:
        if isinstance(entry.fact, IndicatorsSet):
            lines = {row.line for row in entry.fact.rows}
        elif isinstance(entry.fact, EvidenceAttached):
            evidence.add(entry.fact.sha256)
    known = _Known(frozenset(lines), frozenset(evidence))
    for index, entry in enumerate(command.entries):
        problems += _entry_problems(entry.fact, f"entries[{index}]", known, world)
    require(problems)
    for entry in command.entries:
        yield Decided(command.form, entry.fact, source=entry.source)


class _Known(NamedTuple):
    """The lines and the evidence that an entry may name, its own batch included."""

    lines: frozenset[str]
    evidence: frozenset[str]


def _entry_problems(fact: FormEntry, place: str, known: _Known, world: World) -> list[Problem]:
    match fact:
        case IndicatorsSet():
            return _rows_problems(fact, place, world)
        case FiguresDeclared():
            return _figures_problems(fact, place)
        case ScoreDeclared(subject=Subject.LINE, line=line) if line not in known.lines:
            return [_unknown_line(line or "", place, known, world)]
        case ActualEntered(line=line) | DeductionJustified(line=line) if line not in known.lines:
            return [_unknown_line(line or "", place, known, world)]
        case ActualEntered(evidence=evidence) | DeductionJustified(evidence=evidence):
            return [
                EVIDENCE_UNKNOWN.at(f"{place}.evidence[{n}]", sha256=sha256)
                for n, sha256 in enumerate(evidence)
                if sha256 not in known.evidence
            ]
        case EvidenceAttached(sha256=sha256):
            return malformed_digest(sha256, f"{place}.sha256")
        case ScoreDeclared():
            return []


def _unknown_line(line: str, place: str, known: _Known, world: World) -> Problem:
    return line_unknown(f"{place}.line", world.form_id, line, lines_there_are(sorted(known.lines)))


def malformed_digest(digest: str, place: str) -> list[Problem]:
    """Empty for a SHA-256 digest in hexadecimal."""
    if len(digest) == _SHA256_HEX and all(c in "0123456789abcdef" for c in digest):
        return []
    return [DIGEST_MALFORMED.at(place, digest=digest)]


def _rows_problems(fact: IndicatorsSet, place: str, world: World) -> list[Problem]:
    rules, where = world.rules, f"{place}.rows"
    if rules is not None:
        return check_rows(rules, fact.rows, where) + _lines_reused(fact, where, world)
    # Rows may come before the rules that will score them; the rules are then checked at scoring.
    unruled = [msgspec.structs.replace(row, rule=None) for row in fact.rows]
    return check_rows(_NO_RULES, unruled, where) + _lines_reused(fact, where, world)


def _lines_reused(fact: IndicatorsSet, place: str, world: World) -> list[Problem]:
    """A score typed for one indicator must not stick to another that takes over its line."""
    form = world.form
    problems = []
    for index, row in enumerate(fact.rows):
        before = form.rows.get(row.line)
        scored = row.line in form.overrides or form.declared(Subject.LINE, row.line)
        same = before is None or (before.path, before.max_points) == (row.path, row.max_points)
        if scored and not same:
            problems.append(LINE_REUSED.at(f"{place}[{index}].line", line=row.line))
    return problems


def _figures_problems(fact: FiguresDeclared, place: str) -> list[Problem]:
    known = {str(quantity) for quantity in Quantity}
    problems = [
        QUANTITY_UNKNOWN.at(f"{place}.figures[{n}].quantity", quantity=figure.quantity)
        for n, figure in enumerate(fact.figures)
        if figure.quantity not in known
    ]
    problems += [
        METRIC_UNKNOWN.at(f"{place}.rates[{n}]", metric=rate.metric, base=rate.base or "*")
        for n, rate in enumerate(fact.rates)
        if not bases_of(rate.metric)
        or (rate.base is not None and rate.base not in bases_of(rate.metric))
    ]
    return problems


def retarget(command: RetargetIndicator, world: World) -> Iterable[Fact]:
    """A target changed with approval."""
    problems = in_draft(world) + known_line(world, command.line)
    if world.context.live:
        problems += given_text(command.reason, "reason")
        problems += given_text(command.document, "document", DOCUMENT_REQUIRED)
    require(problems)
    yield IndicatorRetargeted(
        line=command.line,
        from_target=world.form.rows[command.line].target,
        to_target=command.to_target,
        document=command.document,
        reason=command.reason,
    )


def withdraw_row(command: WithdrawIndicator, world: World) -> Iterable[Fact]:
    """A row taken out."""
    problems = in_draft(world) + known_line(world, command.line)
    if world.context.live:
        problems += given_text(command.reason, "reason")
    require(problems)
    yield IndicatorWithdrawn(line=command.line, document=command.document, reason=command.reason)


def withdraw_evidence(command: WithdrawEvidence, world: World) -> Iterable[Fact]:
    """An attachment withdrawn, in draft or review."""
    problems = [] if world.form.status in IN_REVIEW else in_draft(world)
    problems += given_text(command.reason, "reason")
    if command.sha256 not in world.form.evidence():
        problems.append(EVIDENCE_UNKNOWN.at("sha256", sha256=command.sha256))
    require(problems)
    yield EvidenceWithdrawn(sha256=command.sha256, reason=command.reason)


def note(command: Note, world: World) -> Iterable[Fact]:
    """Problems, measures, monitoring and the like, in any state."""
    problems = [] if command.entries else [NOTHING_TO_DO.at("entries")]
    form = world.form
    numbers, measures = set(form.problems), set(form.measures)
    for index, entry in enumerate(command.entries):
        place = f"entries[{index}].number"
        match entry:
            case ProblemNoted(number=number):
                if number in numbers:
                    problems.append(NUMBER_TAKEN.at(place, number=number))
                numbers.add(number)
            case MeasurePlanned(number=number, problem=problem):
                if number in measures:
                    problems.append(NUMBER_TAKEN.at(place, number=number))
                if problem not in numbers:
                    problems.append(MEASURE_WITHOUT_PROBLEM.at(place, number=problem))
                measures.add(number)
            case MeasureCompleted(number=number) if number not in measures:
                problems.append(MEASURE_WITHOUT_PROBLEM.at(place, number=number))
            case _:
                pass  # monitoring, withheld content and acknowledgements stand alone
    require(problems)
    yield from command.entries


def correct(command: CorrectEntry, world: World) -> Iterable[Fact]:
    """A keying error put right; the newest of its chain, of the same kind and subject."""
    problems = in_draft(world) + correction_papers(command)
    problems += world.form.chains.problems(command.target, command.replacement)
    require(problems)
    chain = world.form.chains.find(command.target)
    old, new = (chain.fact if chain else None), command.replacement
    if new is not None and old is not None:
        before, after = _subject_of(old), _subject_of(new)
        if before != after:
            problems.append(OTHER_SUBJECT.at("replacement", expected=before, given=after))
        if isinstance(new, FormEntry):
            known = _Known(frozenset(world.form.rows), frozenset(world.form.evidence()))
            problems += _entry_problems(new, "replacement", known, world)
    require(problems)
    yield EntryCorrected(
        target=command.target, replacement=new, reason=command.reason, document=command.document
    )


def _subject_of(fact: Fact) -> str:
    match fact:
        case ScoreDeclared():
            return " ".join((fact.subject, fact.line or "", *fact.path)).strip()
        case ActualEntered() | DeductionJustified():
            return fact.line
        case EvidenceAttached():
            return fact.sha256
        case _:
            return type(fact).__name__
