"""From what a file says to the commands that record it.

Each entry keeps its place in the document. A row takes from the rule set's template of the same
path what it leaves out; a template of a higher level lends its operator and rule.
"""

from adapters.input_format.problems import MISSING_KEY
from adapters.input_format.translation.form import form_steps
from adapters.input_format.translation.ground import FindRules, Ground, Seen
from adapters.input_format.translation.ledger import basis_claims, ledger_steps
from domain.importing import Step

__all__ = ["FindRules", "Ground", "Seen", "basis_claims", "translate"]


def translate(ground: Ground) -> list[Step]:
    """The steps that record a submission; what is wrong is noted in its reading."""
    it = ground.it
    steps = ledger_steps(ground)
    for evaluation in it.evaluations:
        steps += form_steps(ground, evaluation)
    ledger = it.ledger.entries or it.ledger.reconciliation
    if not it.evaluations and not ledger and not ground.reading.hurt(ground.root):
        about = "至少一份自评表或一条分录"
        ground.reading.report_at(ground.root, MISSING_KEY, key="evaluations", about=about)
    return steps
