"""Facts of the jurisdiction-year, of rule sets and of accounts; and those that fit any stream."""

from decimal import Decimal
from uuid import UUID

from domain.facts.form import FormEntry
from domain.facts.ledger import Fact, LedgerEntry
from domain.scoring.rule_set import RuleSet
from domain.texts import FreeText


class EntryCorrected(Fact, frozen=True, kw_only=True, tag="entry-corrected.v1"):
    """更正 of a keying error: ``target`` is the newest fact of its chain, ``replacement`` of the
    same kind, or None for a void.
    """

    target: UUID
    replacement: LedgerEntry | FormEntry | None
    reason: FreeText
    document: str


class TextRedacted(Fact, frozen=True, kw_only=True, tag="text-redacted.v1"):
    """A detached text is removed for good: body and salt are gone, every proof still holds."""

    digest: str
    ground: str
    document: str | None = None


class StatutoryAdjustmentApproved(
    Fact, frozen=True, kw_only=True, tag="statutory-adjustment-approved.v1"
):
    """预算法 art. 67: approved by the standing committee. Amount in fen, signed."""

    amount: int
    document: str
    approved_by: str


class SampleDrawn(Fact, frozen=True, kw_only=True, tag="sample-drawn.v1"):
    """抽查 sample for re-check: stream ids of forms, and how they were drawn."""

    forms: tuple[str, ...]
    method: str
    share: Decimal | None = None


class YearClosed(Fact, frozen=True, kw_only=True, tag="year-closed.v1"):
    """年终结转: ledger facts are refused from here on."""

    document: str | None = None


class YearReopened(Fact, frozen=True, kw_only=True, tag="year-reopened.v1"):
    """A closed year is opened again, on a document."""

    reason: FreeText
    document: str


class RuleSetPublished(Fact, frozen=True, kw_only=True, tag="rule-set-published.v1"):
    """A version of a rule set with its whole content; ``digest`` is SHA-256 in hex."""

    rule_set: RuleSet
    digest: str


class RuleSetCopied(Fact, frozen=True, kw_only=True, tag="rule-set-copied.v1"):
    """A rule set from above, copied in with its origin so that the log can be replayed alone."""

    rule_set: RuleSet
    digest: str
    origin_log: str
    origin_stream: str


class Granted(Fact, frozen=True, kw_only=True, tag="granted.v1"):
    """A role is granted to an account, for a scope of stream ids (prefix)."""

    role: str
    scope: str


class Revoked(Fact, frozen=True, kw_only=True, tag="revoked.v1"):
    """A granted role is taken back."""

    role: str
    scope: str


class LoggedIn(Fact, frozen=True, kw_only=True, tag="logged-in.v1"):
    """An account has logged in."""

    address: str | None = None


class Refused(Fact, frozen=True, kw_only=True, tag="refused.v1"):
    """An account was refused something."""

    what: str
    code: str


class Exported(Fact, frozen=True, kw_only=True, tag="exported.v1"):
    """An account took something out: what, how many rows, SHA-256 of the file."""

    what: str
    rows: int
    sha256: str
