"""From opening to publication and back."""

from collections.abc import Iterable

from domain.commands import (
    AdoptRuleSet,
    Finalise,
    GiveReviewScore,
    OpenEvaluation,
    PassDepartmentReview,
    PassFinanceReview,
    Publish,
    Reopen,
    Return,
    Sign,
    Submit,
    WithdrawSignature,
)
from domain.decisions import (
    DOCUMENT_REQUIRED,
    require,
)
from domain.evaluation.calculating import stale_lines
from domain.evaluation.calculation import calculate
from domain.evaluation.entering import malformed_digest
from domain.evaluation.problems import (
    ALREADY_OPEN,
    DECLARED_DIFFERS,
    NEVER_SCORED,
    NOT_SUPERVISED,
    REASON_MISSING,
    RULE_SET_UNKNOWN,
    RULES_NOT_ADOPTED,
    STALE,
    TYPED_WITHOUT_PAPER,
)
from domain.evaluation.scores import LineScore, Origin, line_score, score_sheet
from domain.evaluation.state import Status
from domain.evaluation.world import (
    World,
    given_text,
    in_draft,
    in_state,
    known_line,
    not_own,
    within_maximum,
)
from domain.facts import Fact
from domain.facts.envelope import Role
from domain.facts.form import (
    DepartmentReviewed,
    EvaluationOpened,
    Finalised,
    FinanceReviewed,
    Level,
    Published,
    Reopened,
    Returned,
    ReviewScoreGiven,
    RuleSetAdopted,
    ScoreCalculated,
    SignatureWithdrawn,
    Signed,
    Subject,
    Submitted,
)
from domain.ids import project_of, unit_year_of
from domain.problems import Problem, Rejected
from domain.scoring.rule_set import RuleSet
from domain.scoring.rules import Manual
from domain.values import Words, plain


def open_form(command: OpenEvaluation, world: World) -> Iterable[Fact]:
    """A form opened by its id."""
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


_NOT_IN_THIS_LOG = Words(
    "：本区划没有公布或引入，须先公布，或从上级引入",
    ": this jurisdiction has published or copied none; publish it, or copy it from above, first",
)


def _spelt(command: AdoptRuleSet) -> str:
    return f"{command.name}@{command.version}" if command.version else command.name


def adopt(command: AdoptRuleSet, world: World) -> Iterable[Fact]:
    """A published rule set pinned."""
    problems = in_draft(world)
    rules = world.rule_sets.named(command.version)
    if rules is None:
        problems.append(RULE_SET_UNKNOWN.at("name", name=_spelt(command), near=_NOT_IN_THIS_LOG))
    # A second adoption changes the rules in mid-year: that needs a reason and a paper.
    if world.form.rules is not None and world.context.live:
        problems += given_text(command.reason, "reason")
        problems += given_text(command.document, "document", DOCUMENT_REQUIRED)
    require(problems)
    if rules is not None:
        yield RuleSetAdopted(
            name=rules.name,
            version=rules.version,
            digest=rules.digest,
            document=command.document or rules.document,
            reason=command.reason,
        )


def sign(command: Sign, world: World) -> Iterable[Fact]:
    """What was never calculated, then the signature; nothing stale, no mandatory reason missing."""
    problems = in_draft(world)
    rules = world.rules
    if not world.form.rows:
        problems.append(NEVER_SCORED.at())
    if rules is None:
        problems.append(RULES_NOT_ADOPTED.at())
    problems += [STALE.at(f"lines[{line}]", line=line) for line in stale_lines(world)]
    calculated = [
        calculate(world.form, world.money, rules, row)
        for line, row in world.form.rows.items()
        if rules is not None and line not in world.form.calculated
    ]
    if world.context.live and rules is not None:
        problems += _reasons_missing(world, rules)
    require(problems)
    yield from calculated
    yield Signed(ledger_version=world.ledger.version)


def _reasons_missing(world: World, rules: RuleSet) -> list[Problem]:
    """What living people must explain before they sign: what a rule demands (below a rate, on any
    adjustment, inside a qualitative step), and a typed score that differs from its rule's.
    """
    missing = []
    for line, row in world.form.rows.items():
        score = line_score(world.form, row)
        if score.origin in {Origin.OVERRIDE, Origin.REVIEW} or _explained(world, line):
            continue
        # Anew: whether a reason is due may hang on the money, which a stored score does not show.
        now = calculate(world.form, world.money, rules, row)
        rule = rules.rules.get(row.rule) if row.rule else None
        place = f"lines[{line}]"
        if now.reason_required:
            why = Words("；".join(n.zh for n in now.notes), "; ".join(n.en for n in now.notes))
            missing.append(REASON_MISSING.at(f"{place}.reason", line=line, why=why))
        elif score.declared is not None and isinstance(rule, Manual):
            missing.append(TYPED_WITHOUT_PAPER.at(place, line=line))
        elif score.declared is not None and _differs(score, now):
            calculated = plain(now.points) if now.points is not None else "—"
            missing.append(
                DECLARED_DIFFERS.at(
                    place, line=line, declared=plain(score.declared), calculated=calculated
                )
            )
    return missing


def _differs(score: LineScore, now: ScoreCalculated) -> bool:
    """Whether a declared score is another than its rule gives, or less than full where no rule
    can tell.
    """
    if now.points is not None:
        return score.declared != now.points
    return bool(score.deduction)


def _explained(world: World, line: str) -> bool:
    justified = world.form.justification(line)
    declared = world.form.declared(Subject.LINE, line)
    reasons = (
        justified[1].reason if justified else None,
        declared[0][1].reason if declared else None,
    )
    return any(reasons)


def withdraw_signature(command: WithdrawSignature, world: World) -> Iterable[Fact]:
    """Signed, and back to draft."""
    require(
        in_state(
            world, Status.SIGNED, next_=Words("只有已签章的能撤回", "only a signed form can be")
        )
    )
    yield SignatureWithdrawn(reason=command.reason)


def submit(command: Submit, world: World) -> Iterable[Fact]:
    """Signed, and sent to review."""
    problems = in_state(
        world, Status.SIGNED, next_=Words("先由单位负责人签章", "have the unit's approver sign")
    )
    problems += [STALE.at(f"lines[{line}]", line=line) for line in stale_lines(world)]
    require(problems)
    yield Submitted(ledger_version=world.ledger.version)


def return_form(command: Return, world: World) -> Iterable[Fact]:
    """In review, and back to draft with an opinion."""
    require(_their_turn(world) + not_own(world) + given_text(command.opinion, "opinion"))
    yield Returned(opinion=command.opinion)


def pass_department(command: PassDepartmentReview, world: World) -> Iterable[Fact]:
    """The supervising department's review passed."""
    require(_their_turn(world) + not_own(world))
    yield DepartmentReviewed(opinion=command.opinion)


def _supervised(world: World) -> bool:
    return world.form.opened is None or world.form.opened.reviewed_by_department


def _their_turn(world: World) -> list[Problem]:
    """Empty when a form waits for the role that acts: first the department, then finance."""
    if world.context.role is Role.DEPARTMENT_REVIEWER:
        if not _supervised(world):
            return [NOT_SUPERVISED.at()]
        next_ = Words(
            "主管部门在报送后、通过前审核", "the department reviews before it has passed it"
        )
        return in_state(world, Status.SUBMITTED, next_=next_)
    next_ = Words("财政在主管部门初审后、定稿前审核", "finance reviews after the department")
    return in_state(world, *_before_finance(world), Status.FINANCE_REVIEWED, next_=next_)


def _before_finance(world: World) -> tuple[Status, ...]:
    return (Status.DEPARTMENT_REVIEWED,) if _supervised(world) else (Status.SUBMITTED,)


def pass_finance(command: PassFinanceReview, world: World) -> Iterable[Fact]:
    """Finance's re-check done."""
    problems = in_state(
        world,
        *_before_finance(world),
        next_=Words("主管部门初审后才能复核", "finance reviews after the supervising department"),
    )
    require(problems + not_own(world))
    yield FinanceReviewed(opinion=command.opinion)


def review_score(command: GiveReviewScore, world: World) -> Iterable[Fact]:
    """A review score of a line, by somebody who entered nothing."""
    problems = _their_turn(world) + not_own(world) + known_line(world, command.line)
    problems += given_text(command.reason, "reason")
    problems += within_maximum(world, command.line, command.points, "points")
    require(problems)
    yield ReviewScoreGiven(
        line=command.line, points=command.points, finding=command.finding, reason=command.reason
    )


def finalise(command: Finalise, world: World) -> Iterable[Fact]:
    """Total and grade fixed; a sampled form only after its re-check."""
    sampled = world.form_id in world.year.sample
    needed = (Status.FINANCE_REVIEWED,)
    problems = in_state(
        world,
        *(needed if sampled else (*_before_finance(world), *needed)),
        next_=Words(
            "抽中的先由财政复核" if sampled else "先完成审核",
            "finance re-checks a sampled form first" if sampled else "finish the review first",
        ),
    )
    require(problems + not_own(world))
    sheet = score_sheet(world.form, world.rules)
    yield Finalised(total=sheet.total, grade=sheet.grade)


def reopen(command: Reopen, world: World) -> Iterable[Fact]:
    """Finalised or published, and back to draft on a document."""
    problems = in_state(
        world,
        Status.FINALISED,
        Status.PUBLISHED,
        next_=Words("尚未定稿的可以直接退回", "one that is not finalised can be returned"),
    )
    problems += given_text(command.reason, "reason")
    problems += given_text(command.document, "document", DOCUMENT_REQUIRED)
    require(problems)
    yield Reopened(reason=command.reason, document=command.document)


def publish(command: Publish, world: World) -> Iterable[Fact]:
    """Finalised, and made public."""
    problems = in_state(world, Status.FINALISED, next_=Words("定稿后才能公开", "finalise it first"))
    require(problems + malformed_digest(command.digest, "digest"))
    yield Published(digest=command.digest, redactions=command.redactions)
