"""What may happen to a self-evaluation: its commands, decided against form, ledger and rules.

Workflow: draft → signed → submitted → [department-reviewed] → [finance-reviewed, if sampled]
→ finalised → published; returned and reopened lead back to draft.
"""

from collections.abc import Callable, Iterable
from typing import Any

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
    Decided,
)
from domain.evaluation.calculating import calculate_lines, override, withdraw_override
from domain.evaluation.entering import (
    correct,
    enter,
    note,
    retarget,
    withdraw_evidence,
    withdraw_row,
)
from domain.evaluation.problems import NOT_OPEN
from domain.evaluation.state import Status
from domain.evaluation.workflow import (
    adopt,
    finalise,
    open_form,
    pass_department,
    pass_finance,
    publish,
    reopen,
    return_form,
    review_score,
    sign,
    submit,
    withdraw_signature,
)
from domain.evaluation.world import World
from domain.facts import Fact
from domain.problems import Rejected

DECIDE: dict[type, Callable[[Any, World], Iterable[Fact | Decided]]] = {
    OpenEvaluation: open_form,
    AdoptRuleSet: adopt,
    Enter: enter,
    Note: note,
    RetargetIndicator: retarget,
    WithdrawIndicator: withdraw_row,
    WithdrawEvidence: withdraw_evidence,
    CalculateScores: calculate_lines,
    OverrideScore: override,
    WithdrawOverride: withdraw_override,
    Sign: sign,
    WithdrawSignature: withdraw_signature,
    Submit: submit,
    Return: return_form,
    PassDepartmentReview: pass_department,
    PassFinanceReview: pass_finance,
    GiveReviewScore: review_score,
    Finalise: finalise,
    Reopen: reopen,
    Publish: publish,
    CorrectEntry: correct,
}
"""Which commands a form takes, and who decides them; a test holds it complete."""


def decide(command: FormCommand | CorrectEntry, world: World) -> tuple[Decided, ...]:
    """The facts that a command on a form gives. Raises ``Rejected`` with every problem."""
    if not isinstance(command, OpenEvaluation) and world.form.status is Status.ABSENT:
        raise Rejected([NOT_OPEN.at("form", form=world.form_id)])
    facts = DECIDE[type(command)](command, world)
    return tuple(
        fact if isinstance(fact, Decided) else Decided(world.form_id, fact) for fact in facts
    )
