"""The evaluation aggregate in memory: the ledger of a unit and year with its forms, fact by fact.

Everything that a view derives is derived from one ``UnitYearFold``, whether it was advanced by
the runner or loaded from the store up to a past position.
"""

from projections.unit_year.bookings import booked_behind, contribution
from projections.unit_year.counting import counted, only_undated
from projections.unit_year.fold import MOVES_SCORES, UnitYearFold
from projections.unit_year.lines import FormLine
from projections.unit_year.loading import Folds, history, load, unit_year_of_stream
from projections.unit_year.naming import document_of, name_of, place_of, ref_of, stated_by
from projections.unit_year.past import recall, recall_form
from projections.unit_year.reasons import scored_by
from projections.unit_year.rule_book import RuleBook
from projections.unit_year.standing import Standing

__all__ = [
    "MOVES_SCORES",
    "Folds",
    "FormLine",
    "RuleBook",
    "Standing",
    "UnitYearFold",
    "booked_behind",
    "contribution",
    "counted",
    "document_of",
    "history",
    "load",
    "name_of",
    "only_undated",
    "place_of",
    "recall",
    "recall_form",
    "ref_of",
    "scored_by",
    "stated_by",
    "unit_year_of_stream",
]
