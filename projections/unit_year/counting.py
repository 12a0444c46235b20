"""A unit and year as it counts on a business date."""

from datetime import date
from functools import partial

from domain.evaluation.estimation import estimated
from domain.evaluation.figures import money_of
from domain.ledger.counted import counted as counted_ledger
from domain.ledger.counted import counts, is_undated, without_date
from projections.unit_year.fold import UnitYearFold


def counted(fold: UnitYearFold, effective_on: date | None) -> UnitYearFold:
    """``fold`` with the entries of its ledger that count until ``effective_on`` (None: all), and
    with the scores that its forms would then have, calculated on the spot. Rows, rules, actual
    values and workflow stay as they are known. ``fold`` itself is left as it is.
    """
    if effective_on is None:
        found = fold.with_ledger(fold.ledger, None)
    else:
        ledger = counted_ledger(fold.ledger, effective_on)
        found = fold.with_ledger(ledger, partial(counts, effective_on=effective_on))
    for form_id, form in fold.forms.items():
        money = money_of(form, found.ledger)
        found.forms[form_id] = estimated(form, money, fold.rules(form_id))
    return found


def only_undated(fold: UnitYearFold) -> UnitYearFold:
    """``fold`` with those entries of its ledger only that have no date: a business date counts none
    of them, and they are listed apart.
    """
    found = fold.with_ledger(without_date(fold.ledger), is_undated)
    found.forms = fold.forms
    return found
