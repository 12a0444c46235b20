"""What may happen to a self-evaluation: its commands, decided against form, ledger and rules.

Workflow: draft → signed → submitted → [department-reviewed] → [finance-reviewed, if sampled]
→ finalised → published; returned and reopened lead back to draft.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from domain.calculation import calculate, is_stale
from domain.commands import (
    AdoptRuleSet,
    CalculateScores,
    CorrectEntry,
    Enter,
    Finalise,
    FormCommand,
    GiveReviewScore,
    Note,
    OpenEvaluation,
    OverrideScore,
    PassDepartmentReview,
    PassFinanceReview,
    Publish,
    Reopen,
    RetargetIndicator,
    Return,
    Sign,
    Submit,
    WithdrawEvidence,
    WithdrawIndicator,
    WithdrawOverride,
    WithdrawSignature,
)
from domain.decisions import (
    DOCUMENT_REQUIRED,
    NOTHING_TO_DO,
    REASON_REQUIRED,
    Decided,
    require,
)
from domain.facts import Fact
from domain.facts.envelope import Context
from domain.facts.form import (
    ActualEntered,
    DeductionJustified,
    DepartmentReviewed,
    EvaluationOpened,
    EvidenceAttached,
    EvidenceWithdrawn,
    FiguresDeclared,
    Finalised,
    FinanceReviewed,
    FormEntry,
    IndicatorRetargeted,
    IndicatorsSet,
    IndicatorWithdrawn,
    Level,
    MeasureCompleted,
    MeasurePlanned,
    OverrideWithdrawn,
    ProblemNoted,
    Published,
    Reopened,
    Returned,
    ReviewScoreGiven,
    RuleSetAdopted,
    ScoreCalculated,
    ScoreDeclared,
    ScoreOverridden,
    SignatureWithdrawn,
    Signed,
    Subject,
    Submitted,
)
from domain.facts.others import EntryCorrected
from domain.form import IN_REVIEW, FormState, Status
from domain.ids import project_of, unit_year_of
from domain.jurisdiction import RuleSetState, YearState
from domain.ledger import LedgerState, correction_papers
from domain.metrics import Quantity, bases_of
from domain.problems import Kind, Problem, Rejected, kind
from domain.rule_set import RuleSet, check_rows
from domain.scores import line_score, score_sheet
from domain.values import Words, plain

ALREADY_OPEN = kind(
    "evaluation.already-open",
    409,
    zh="自评 {form} 已建立",
    en="the evaluation {form} is open already",
    do_zh="直接填报即可",
    do_en="enter figures in it",
)
NOT_OPEN = kind(
    "evaluation.not-open",
    404,
    zh="没有自评 {form}",
    en="there is no evaluation {form}",
    do_zh="核对编号，或先建立自评；`liuhen list` 列出全部",
    do_en="check the id, or open the evaluation first; `liuhen list` shows all",
)
WRONG_STATE = kind(
    "evaluation.wrong-state",
    409,
    zh="自评处于“{status}”，此操作须在“{needed}”时进行",
    en="the evaluation is {status}; this needs {needed}",
    do_zh="{next}",
    do_en="{next}",
)
ALREADY_SUBMITTED = kind(
    "evaluation.already-submitted",
    409,
    zh="自评已报送（{status}），内容不能再改",
    en="the evaluation was submitted ({status}): its content no longer changes",
    do_zh="请主管部门或财政局退回后再改；已定稿的须凭文件重新打开",
    do_en="have a reviewer return it first; a finalised one is reopened on a document",
)
SIGNED_ALREADY = kind(
    "evaluation.signed",
    409,
    zh="自评已签章，内容不能再改",
    en="the evaluation is signed: its content no longer changes",
    do_zh="先由单位撤回签章",
    do_en="withdraw the signature first",
)
LINE_UNKNOWN = kind(
    "evaluation.unknown-line",
    404,
    zh="没有指标行 {line}",
    en="there is no line {line}",
    do_zh="核对行号；现有 {lines}",
    do_en="check the line; there are {lines}",
)
POINTS_OUT_OF_RANGE = kind(
    "evaluation.points-out-of-range",
    422,
    zh="得分 {points} 不在 0 与分值 {max_points} 之间",
    en="{points} points are not between 0 and the maximum of {max_points}",
    do_zh="改为分值以内的得分",
    do_en="give points within the maximum",
)
SCORE_UNCHANGED = kind(
    "evaluation.score-unchanged",
    422,
    zh="改分前后都是 {points}",
    en="the score is {points} before and after",
    do_zh="得分不变时无需改分",
    do_en="nothing needs to be overridden",
)
NO_OVERRIDE = kind(
    "evaluation.no-override",
    404,
    zh="指标行 {line} 没有有效的改分",
    en="the line {line} has no live override",
    do_zh="核对行号",
    do_en="check the line",
)
RULE_SET_UNKNOWN = kind(
    "evaluation.unknown-rule-set",
    404,
    zh="本区划没有规则集 {name}（版本 {version}）",
    en="this jurisdiction has no rule set {name} (version {version})",
    do_zh="先公布或从上级引入规则集",
    do_en="publish the rule set, or copy it from above, first",
)
RULES_NOT_ADOPTED = kind(
    "evaluation.no-rules",
    409,
    zh="自评尚未采用规则集，不能计分",
    en="the evaluation has adopted no rule set and cannot be scored",
    do_zh="先采用规则集",
    do_en="adopt a rule set first",
)
METRIC_UNKNOWN = kind(
    "evaluation.unknown-metric",
    422,
    zh="没有口径为 {base} 的指标 {metric}",
    en="there is no metric {metric} on the base {base}",
    do_zh="见文档中的指标与口径表",
    do_en="see the table of metrics and bases",
)
QUANTITY_UNKNOWN = kind(
    "evaluation.unknown-quantity",
    422,
    zh="没有名为 {quantity} 的数",
    en="there is no quantity {quantity}",
    do_zh="见文档中的数目表",
    do_en="see the table of quantities",
)
STALE = kind(
    "evaluation.stale-score",
    409,
    zh="指标行 {line} 的得分已过期：计算后依据的数变了",
    en="the score of line {line} is stale: what it was calculated from has changed",
    do_zh="重新计算得分，再签章、报送",
    do_en="calculate the scores anew, then sign and submit",
)
NOBODY_REVIEWS_OWN = kind(
    "evaluation.own-entry",
    403,
    zh="{actor} 填报过此自评，不能再审核它",
    en="{actor} entered parts of this evaluation and cannot review it",
    do_zh="由没有参与填报的人审核",
    do_en="let somebody review who entered nothing",
)
EVIDENCE_UNKNOWN = kind(
    "evaluation.unknown-evidence",
    404,
    zh="没有摘要为 {sha256} 的佐证材料",
    en="no attached evidence has the digest {sha256}",
    do_zh="先登记佐证材料",
    do_en="attach the evidence first",
)
DIGEST_MALFORMED = kind(
    "evaluation.malformed-digest",
    422,
    zh="{digest!r} 不是 64 位十六进制的 SHA-256 摘要",
    en="{digest!r} is not a SHA-256 digest of 64 hexadecimal digits",
    do_zh="用 SHA-256 计算文件摘要",
    do_en="take the SHA-256 of the file",
)
OTHER_SUBJECT = kind(
    "correction.other-subject",
    422,
    zh="更正不能改换对象：原为 {expected}，现为 {given}",
    en="a correction keeps its subject: it was {expected}, this is {given}",
    do_zh="作废原事实后另行填报",
    do_en="void the fact and enter another",
)
MEASURE_WITHOUT_PROBLEM = kind(
    "evaluation.unknown-problem",
    404,
    zh="没有编号为 {number} 的问题或整改措施",
    en="there is no problem or measure with the number {number}",
    do_zh="核对编号",
    do_en="check the number",
)
NUMBER_TAKEN = kind(
    "evaluation.number-taken",
    409,
    zh="编号 {number} 已使用",
    en="the number {number} is used already",
    do_zh="换一个编号",
    do_en="use another number",
)
REASON_MISSING = kind(
    "evaluation.reason-missing",
    422,
    zh="指标行 {line} 须写明原因：{why}",
    en="line {line} needs a reason: {why}",
    do_zh="填报扣分原因后再签章",
    do_en="justify the line, then sign",
)
NEVER_SCORED = kind(
    "evaluation.no-lines",
    409,
    zh="自评没有指标行，不能签章",
    en="the evaluation has no lines and cannot be signed",
    do_zh="先填报指标行",
    do_en="set its rows first",
)

STATUS_NAMES = {
    Status.ABSENT: Words("未建立", "absent"),
    Status.DRAFT: Words("填报中", "in draft"),
    Status.SIGNED: Words("已签章", "signed"),
    Status.SUBMITTED: Words("已报送", "submitted"),
    Status.DEPARTMENT_REVIEWED: Words("主管部门已审", "reviewed by the department"),
    Status.FINANCE_REVIEWED: Words("财政已复核", "reviewed by finance"),
    Status.FINALISED: Words("已定稿", "finalised"),
    Status.PUBLISHED: Words("已公开", "published"),
}
_SHA256_HEX = 64
_NO_RULES = RuleSet(name="-", version="-", title="-")


class World(Struct):
    """Everything a form's command may look at."""

    form_id: str
    form: FormState
    ledger: LedgerState
    rule_sets: RuleSetState
    year: YearState
    context: Context

    @property
    def rules(self) -> RuleSet | None:
        """The adopted rule set, whole."""
        adopted = self.form.rules
        return self.rule_sets.named(adopted.version) if adopted else None


def decide(command: FormCommand | CorrectEntry, world: World) -> tuple[Decided, ...]:
    """The facts that a command on a form gives. Raises ``Rejected`` with every problem."""
    if not isinstance(command, OpenEvaluation) and world.form.status is Status.ABSENT:
        raise Rejected([NOT_OPEN.at("form", form=world.form_id)])
    facts = _DECIDE[type(command)](command, world)
    return tuple(
        fact if isinstance(fact, Decided) else Decided(world.form_id, fact) for fact in facts
    )


# --------------------------------------------------------------------------------- state of play


def _in_draft(world: World) -> list[Problem]:
    status = world.form.status
    if status is Status.DRAFT:
        return []
    if status is Status.SIGNED:
        return [SIGNED_ALREADY.at()]
    return [ALREADY_SUBMITTED.at(status=STATUS_NAMES[status])]


def _in(world: World, *needed: Status, next_: Words) -> list[Problem]:
    if world.form.status in needed:
        return []
    names = [STATUS_NAMES[status] for status in needed]
    wanted = Words("”或“".join(n.zh for n in names), " or ".join(n.en for n in names))
    return [WRONG_STATE.at(status=STATUS_NAMES[world.form.status], needed=wanted, next=next_)]


def _in_review(world: World) -> list[Problem]:
    return _in(
        world,
        *sorted(IN_REVIEW),
        next_=Words(
            "报送后、定稿前才能审核",
            "a form is reviewed after it was submitted and before it is finalised",
        ),
    )


def _not_own(world: World) -> list[Problem]:
    actor = world.context.actor
    return [NOBODY_REVIEWS_OWN.at(actor=actor)] if actor in world.form.entered_by else []


def _line(world: World, line: str, place: str = "line") -> list[Problem]:
    if line in world.form.rows:
        return []
    return [LINE_UNKNOWN.at(place, line=line, lines="、".join(world.form.rows) or "—")]


def _text(value: str | None, place: str, missing: Kind = REASON_REQUIRED) -> list[Problem]:
    return [] if value and value.strip() else [missing.at(place)]


def _points(world: World, line: str, points: Any, place: str) -> list[Problem]:  # noqa: ANN401
    row = world.form.rows.get(line)
    limit = row.max_points if row else None
    if points < 0 or (limit is not None and points > limit):
        return [
            POINTS_OUT_OF_RANGE.at(
                place, points=plain(points), max_points=plain(limit) if limit is not None else "—"
            )
        ]
    return []


# ---------------------------------------------------------------------------------------- opening


def _open(command: OpenEvaluation, world: World) -> Iterable[Fact]:
    if world.form.status is not Status.ABSENT:
        raise Rejected([ALREADY_OPEN.at("form", form=command.form)])
    unit_year, project = unit_year_of(command.form), project_of(command.form)
    if unit_year is None:  # the application checks ids before it loads streams
        msg = f"{command.form} is no form id"
        raise ValueError(msg)
    yield EvaluationOpened(
        unit=unit_year.unit,
        unit_name=command.unit_name,
        fiscal_year=unit_year.year,
        level=Level.PROJECT if project else Level.DEPARTMENT,
        project=project,
        project_name=command.project_name,
        reviewed_by_department=command.reviewed_by_department,
    )


def _adopt(command: AdoptRuleSet, world: World) -> Iterable[Fact]:
    problems = _in_draft(world)
    rules = world.rule_sets.named(command.version)
    if rules is None:
        problems.append(
            RULE_SET_UNKNOWN.at("name", name=command.name, version=command.version or "*")
        )
    # A second adoption changes the rules in mid-year: that needs a reason and a paper.
    if world.form.rules is not None and world.context.live:
        problems += _text(command.reason, "reason")
        problems += _text(command.document, "document", DOCUMENT_REQUIRED)
    require(problems)
    if rules is not None:
        yield RuleSetAdopted(
            name=rules.name,
            version=rules.version,
            digest=rules.digest,
            document=command.document or rules.document,
            reason=command.reason,
        )


# --------------------------------------------------------------------------------------- entering


def _enter(command: Enter, world: World) -> Iterable[Decided]:
    evidence_only = all(isinstance(entry.fact, EvidenceAttached) for entry in command.entries)
    late_evidence = evidence_only and world.form.status in IN_REVIEW
    problems = [] if late_evidence else _in_draft(world)
    if not command.entries:
        problems.append(NOTHING_TO_DO.at("entries"))
    lines = set(world.form.rows)
    for entry in command.entries:
        if isinstance(entry.fact, IndicatorsSet):
            lines = {row.line for row in entry.fact.rows}
    for index, entry in enumerate(command.entries):
        problems += _entry_problems(entry.fact, f"entries[{index}]", lines, world)
    require(problems)
    for entry in command.entries:
        yield Decided(command.form, entry.fact, source=entry.source)


def _entry_problems(fact: FormEntry, place: str, lines: set[str], world: World) -> list[Problem]:
    match fact:
        case IndicatorsSet():
            return _rows_problems(fact, place, world)
        case FiguresDeclared():
            return _figures_problems(fact, place)
        case ScoreDeclared(subject=Subject.LINE, line=line) if line not in lines:
            return [LINE_UNKNOWN.at(f"{place}.line", line=line, lines="、".join(sorted(lines)))]
        case ActualEntered(line=line) | DeductionJustified(line=line) if line not in lines:
            return [LINE_UNKNOWN.at(f"{place}.line", line=line, lines="、".join(sorted(lines)))]
        case ActualEntered(evidence=evidence) | DeductionJustified(evidence=evidence):
            known = world.form.evidence()
            return [
                EVIDENCE_UNKNOWN.at(f"{place}.evidence[{n}]", sha256=sha256)
                for n, sha256 in enumerate(evidence)
                if sha256 not in known
            ]
        case EvidenceAttached(sha256=sha256):
            return _digest_problems(sha256, f"{place}.sha256")
        case ScoreDeclared():
            return []


def _digest_problems(digest: str, place: str) -> list[Problem]:
    if len(digest) == _SHA256_HEX and all(c in "0123456789abcdef" for c in digest):
        return []
    return [DIGEST_MALFORMED.at(place, digest=digest)]


def _rows_problems(fact: IndicatorsSet, place: str, world: World) -> list[Problem]:
    rules = world.rules
    if rules is not None:
        return check_rows(rules, fact.rows, f"{place}.rows")
    # Rows may come before the rules that will score them; the rules are then checked at scoring.
    unruled = [msgspec.structs.replace(row, rule=None) for row in fact.rows]
    return check_rows(_NO_RULES, unruled, f"{place}.rows")


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


def _retarget(command: RetargetIndicator, world: World) -> Iterable[Fact]:
    problems = _in_draft(world) + _line(world, command.line)
    if world.context.live:
        problems += _text(command.reason, "reason")
        problems += _text(command.document, "document", DOCUMENT_REQUIRED)
    require(problems)
    yield IndicatorRetargeted(
        line=command.line,
        from_target=world.form.rows[command.line].target,
        to_target=command.to_target,
        document=command.document,
        reason=command.reason,
    )


def _withdraw_row(command: WithdrawIndicator, world: World) -> Iterable[Fact]:
    problems = _in_draft(world) + _line(world, command.line)
    if world.context.live:
        problems += _text(command.reason, "reason")
    require(problems)
    yield IndicatorWithdrawn(line=command.line, document=command.document, reason=command.reason)


def _withdraw_evidence(command: WithdrawEvidence, world: World) -> Iterable[Fact]:
    problems = [] if world.form.status in IN_REVIEW else _in_draft(world)
    problems += _text(command.reason, "reason")
    if command.sha256 not in world.form.evidence():
        problems.append(EVIDENCE_UNKNOWN.at("sha256", sha256=command.sha256))
    require(problems)
    yield EvidenceWithdrawn(sha256=command.sha256, reason=command.reason)


def _note(command: Note, world: World) -> Iterable[Fact]:
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


# ---------------------------------------------------------------------------------------- scoring


def _calculate(command: CalculateScores, world: World) -> Iterable[Fact]:
    problems = _in_draft(world)
    for line in command.lines or ():
        problems += _line(world, line, "lines")
    rules = world.rules
    if rules is None:
        problems.append(RULES_NOT_ADOPTED.at())
    require(problems)
    if rules is not None:
        for line in command.lines if command.lines is not None else tuple(world.form.rows):
            yield calculate(world.form, world.ledger, rules, world.form.rows[line])


def _override(command: OverrideScore, world: World) -> Iterable[Fact]:
    problems = _in_draft(world) + _line(world, command.line)
    problems += _text(command.reason, "reason")
    problems += _text(command.document, "document", DOCUMENT_REQUIRED)
    before = None
    row = world.form.rows.get(command.line)
    if row is not None:
        problems += _points(world, command.line, command.to_points, "to_points")
        before = line_score(world.form, row).self_points
        if before == command.to_points:
            problems.append(SCORE_UNCHANGED.at("to_points", points=plain(command.to_points)))
    require(problems)
    yield ScoreOverridden(
        line=command.line,
        from_points=before,
        to_points=command.to_points,
        reason=command.reason,
        document=command.document,
    )


def _withdraw_override(command: WithdrawOverride, world: World) -> Iterable[Fact]:
    problems = _in_draft(world) + _text(command.reason, "reason")
    if command.line not in world.form.overrides:
        problems.append(NO_OVERRIDE.at("line", line=command.line))
    require(problems)
    yield OverrideWithdrawn(line=command.line, reason=command.reason)


def stale_lines(world: World) -> list[str]:
    """The lines whose calculated score rests on inputs that have changed since."""
    rules = world.rules
    if rules is None:
        return []
    return [line for line in world.form.rows if is_stale(world.form, world.ledger, rules, line)]


# --------------------------------------------------------------------------------------- workflow


def _sign(command: Sign, world: World) -> Iterable[Fact]:
    problems = _in_draft(world)
    rules = world.rules
    if not world.form.rows:
        problems.append(NEVER_SCORED.at())
    if rules is None:
        problems.append(RULES_NOT_ADOPTED.at())
    problems += [STALE.at(f"lines[{line}]", line=line) for line in stale_lines(world)]
    calculated = [
        calculate(world.form, world.ledger, rules, row)
        for line, row in world.form.rows.items()
        if rules is not None and line not in world.form.calculated
    ]
    if world.context.live:
        problems += _reasons_missing(world, calculated)
    require(problems)
    yield from calculated
    yield Signed(ledger_version=world.ledger.version)


def _reasons_missing(world: World, now: list[ScoreCalculated]) -> list[Problem]:
    """A rule may demand a reason (below a rate, on any adjustment); signing holds it to that."""
    facts = {line: noted.fact for line, noted in world.form.calculated.items()}
    facts |= {fact.line: fact for fact in now}
    missing = []
    for line, fact in facts.items():
        given = world.form.justification(line)
        if line in world.form.rows and fact.reason_required and not (given and given[1].reason):
            why = Words(
                "；".join(note.zh for note in fact.notes), "; ".join(n.en for n in fact.notes)
            )
            missing.append(REASON_MISSING.at(f"lines[{line}].reason", line=line, why=why))
    return missing


def _withdraw_signature(command: WithdrawSignature, world: World) -> Iterable[Fact]:
    require(
        _in(world, Status.SIGNED, next_=Words("只有已签章的能撤回", "only a signed form can be"))
    )
    yield SignatureWithdrawn(reason=command.reason)


def _submit(command: Submit, world: World) -> Iterable[Fact]:
    problems = _in(
        world, Status.SIGNED, next_=Words("先由单位负责人签章", "have the unit's approver sign")
    )
    problems += [STALE.at(f"lines[{line}]", line=line) for line in stale_lines(world)]
    require(problems)
    yield Submitted(ledger_version=world.ledger.version)


def _return(command: Return, world: World) -> Iterable[Fact]:
    require(_in_review(world) + _not_own(world) + _text(command.opinion, "opinion"))
    yield Returned(opinion=command.opinion)


def _pass_department(command: PassDepartmentReview, world: World) -> Iterable[Fact]:
    problems = _in(
        world, Status.SUBMITTED, next_=Words("报送后才能初审", "a submitted form is reviewed")
    )
    require(problems + _not_own(world))
    yield DepartmentReviewed(opinion=command.opinion)


def _before_finance(world: World) -> tuple[Status, ...]:
    opened = world.form.opened
    if opened is not None and not opened.reviewed_by_department:
        return (Status.SUBMITTED, Status.DEPARTMENT_REVIEWED)
    return (Status.DEPARTMENT_REVIEWED,)


def _pass_finance(command: PassFinanceReview, world: World) -> Iterable[Fact]:
    problems = _in(
        world,
        *_before_finance(world),
        next_=Words("主管部门初审后才能复核", "finance reviews after the supervising department"),
    )
    require(problems + _not_own(world))
    yield FinanceReviewed(opinion=command.opinion)


def _review_score(command: GiveReviewScore, world: World) -> Iterable[Fact]:
    problems = _in_review(world) + _not_own(world) + _line(world, command.line)
    problems += _text(command.reason, "reason")
    problems += _points(world, command.line, command.points, "points")
    require(problems)
    yield ReviewScoreGiven(
        line=command.line, points=command.points, finding=command.finding, reason=command.reason
    )


def _finalise(command: Finalise, world: World) -> Iterable[Fact]:
    sampled = world.form_id in world.year.sample
    needed = (Status.FINANCE_REVIEWED,)
    problems = _in(
        world,
        *(needed if sampled else (*_before_finance(world), *needed)),
        next_=Words(
            "抽中的先由财政复核" if sampled else "先完成审核",
            "finance re-checks a sampled form first" if sampled else "finish the review first",
        ),
    )
    require(problems + _not_own(world))
    sheet = score_sheet(world.form, world.rules)
    yield Finalised(total=sheet.total, grade=sheet.grade)


def _reopen(command: Reopen, world: World) -> Iterable[Fact]:
    problems = _in(
        world,
        Status.FINALISED,
        Status.PUBLISHED,
        next_=Words("尚未定稿的可以直接退回", "one that is not finalised can be returned"),
    )
    problems += _text(command.reason, "reason")
    problems += _text(command.document, "document", DOCUMENT_REQUIRED)
    require(problems)
    yield Reopened(reason=command.reason, document=command.document)


def _publish(command: Publish, world: World) -> Iterable[Fact]:
    problems = _in(world, Status.FINALISED, next_=Words("定稿后才能公开", "finalise it first"))
    require(problems + _digest_problems(command.digest, "digest"))
    yield Published(digest=command.digest, redactions=command.redactions)


# ------------------------------------------------------------------------------------- correcting


def _correct(command: CorrectEntry, world: World) -> Iterable[Fact]:
    problems = _in_draft(world) + correction_papers(command)
    problems += world.form.chains.problems(command.target, command.replacement)
    require(problems)
    chain = world.form.chains.find(command.target)
    old, new = (chain.fact if chain else None), command.replacement
    if new is not None and old is not None:
        before, after = _subject_of(old), _subject_of(new)
        if before != after:
            problems.append(OTHER_SUBJECT.at("replacement", expected=before, given=after))
        lines = set(world.form.rows)
        if isinstance(new, FormEntry):
            problems += _entry_problems(new, "replacement", lines, world)
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


_DECIDE: dict[type, Callable[[Any, World], Iterable[Fact | Decided]]] = {
    OpenEvaluation: _open,
    AdoptRuleSet: _adopt,
    Enter: _enter,
    Note: _note,
    RetargetIndicator: _retarget,
    WithdrawIndicator: _withdraw_row,
    WithdrawEvidence: _withdraw_evidence,
    CalculateScores: _calculate,
    OverrideScore: _override,
    WithdrawOverride: _withdraw_override,
    Sign: _sign,
    WithdrawSignature: _withdraw_signature,
    Submit: _submit,
    Return: _return,
    PassDepartmentReview: _pass_department,
    PassFinanceReview: _pass_finance,
    GiveReviewScore: _review_score,
    Finalise: _finalise,
    Reopen: _reopen,
    Publish: _publish,
    CorrectEntry: _correct,
}
"""Which commands a form takes, and who decides them; a test holds it complete."""
