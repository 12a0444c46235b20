"""Who may do what: the roles under which each command is accepted.

Oversight bodies read everything and change nothing; administrators never touch an evaluation.
An import records what is printed, and nothing that only a living person can do.
"""

from domain import commands as c
from domain.facts.envelope import Context, Role
from domain.ids import is_ledger
from domain.problems import Problem, kind

NOT_YOUR_DUTY = kind(
    "duty.not-yours",
    403,
    zh="以“{role}”身份不能做这件事",
    en="this cannot be done in the role {role}",
    do_zh="可以做的身份：{allowed}",
    do_en="it can be done as {allowed}",
)

_CLERK, _APPROVER, _IMPORTER = Role.UNIT_CLERK, Role.UNIT_APPROVER, Role.IMPORTER
_UNIT = frozenset({_CLERK, _APPROVER})
_FINANCE = frozenset({Role.FINANCE_CLERK, Role.FINANCE_REVIEWER, Role.FINANCE_APPROVER})
_BUDGET = frozenset({_CLERK, Role.FINANCE_CLERK, _IMPORTER})
_ENTRY = _UNIT | {_IMPORTER}
_REVIEW = frozenset({Role.DEPARTMENT_REVIEWER, Role.FINANCE_REVIEWER, Role.FINANCE_APPROVER})
_HEAD_OF_FINANCE = frozenset({Role.FINANCE_APPROVER})

ALLOWED: dict[type, frozenset[Role]] = {
    c.OpenLedger: _BUDGET,
    c.Book: _BUDGET,
    c.VireBetweenUnits: frozenset({Role.FINANCE_CLERK, _IMPORTER}),
    c.Reconcile: _BUDGET,
    c.CorrectEntry: _ENTRY | _BUDGET,
    c.OpenEvaluation: _ENTRY,
    c.AdoptRuleSet: _ENTRY,
    c.Enter: _ENTRY,
    c.Note: _ENTRY | _REVIEW | {Role.OVERSIGHT},
    c.RetargetIndicator: _UNIT,
    c.WithdrawIndicator: _UNIT,
    c.WithdrawEvidence: _UNIT,
    c.CalculateScores: _ENTRY,
    c.OverrideScore: _UNIT,
    c.WithdrawOverride: _UNIT,
    c.Sign: frozenset({_APPROVER}),
    c.WithdrawSignature: frozenset({_APPROVER}),
    c.Submit: _UNIT,
    c.Return: _REVIEW,
    c.PassDepartmentReview: frozenset({Role.DEPARTMENT_REVIEWER}),
    c.PassFinanceReview: frozenset({Role.FINANCE_REVIEWER}),
    c.GiveReviewScore: _REVIEW,
    c.Finalise: _HEAD_OF_FINANCE,
    c.Reopen: _HEAD_OF_FINANCE,
    c.Publish: _HEAD_OF_FINANCE | _UNIT,
    c.Redact: frozenset({Role.SECURITY_ADMINISTRATOR}),
    c.ApproveStatutoryAdjustment: _FINANCE,
    c.DrawSample: _FINANCE,
    c.CloseYear: _HEAD_OF_FINANCE,
    c.ReopenYear: _HEAD_OF_FINANCE,
    c.PublishRuleSet: _FINANCE | {_IMPORTER},
    c.CopyRuleSet: _FINANCE | {_IMPORTER},
}


def problems_with_duty(command: c.Command, context: Context) -> list[Problem]:
    """Empty when the role in which somebody acts may give this command."""
    allowed = ALLOWED[type(command)]
    if isinstance(command, c.CorrectEntry):
        # Whoever may enter may correct: bookings in a ledger, entries in a form.
        allowed = _BUDGET if is_ledger(command.stream) else _ENTRY
    if context.role in allowed:
        return []
    names = "、".join(sorted(allowed))
    return [NOT_YOUR_DUTY.at("role", role=context.role, allowed=names)]
