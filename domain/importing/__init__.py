"""Importing: a plan of commands, rehearsed whole, then carried out log by log.

1. Every step is rehearsed; whatever would be rejected is reported at once, nothing is stored.
2. A step that was carried out before gives its old receipt. When its content differs now, it is
   refused with the difference: which entry, before and after.
3. The steps of one log are carried out in order. After a crash the same import completes them.

Command ids derive from form or ledger and step, never from content. Each fact of a form names in
``causation`` the steps its import has, so that a later import with more or fewer of them is known
from one that was cut short.
"""

from domain.importing.carrying import carry_out, problems_of
from domain.importing.step import Done, Rehearse, Step

__all__ = ["Done", "Rehearse", "Step", "carry_out", "problems_of"]
