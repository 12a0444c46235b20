"""Facts and envelopes to store, short to write."""

from datetime import UTC, date, datetime
from uuid import UUID

from adapters.identifiers import new_event_id, new_salt
from domain.facts.envelope import Envelope, Place, Role, on
from domain.facts.ledger import ExpenditureRecorded, Line
from domain.store import EventStore, NewFact, Receipt, StreamChange
from domain.texts import DetachedText, digest_of

LOG = "130104"
LEDGER = "130104/xfj/2024/ledger"
FORM = "130104/xfj/2024/department"
NOON = datetime(2025, 3, 10, 4, tzinfo=UTC)


def payment(
    voucher: str, *, at: datetime = NOON, command: str = "command-1", event_id: UUID | None = None
) -> NewFact:
    """A payment of 15,000 元 in its envelope."""
    return NewFact(
        Envelope(
            event_id=event_id or new_event_id(),
            recorded_at=at,
            effective=on(date(2024, 12, 28)),
            actor="account-7",
            role=Role.UNIT_CLERK,
            organisation="130104/xfj",
            command_id=command,
            source=Place("附件1", "支出明细"),
        ),
        ExpenditureRecorded(amount=1_500_000, voucher=voucher, line=Line(project="p-01")),
    )


def payments(stream: str, expected: int, *vouchers: str, at: datetime = NOON) -> StreamChange:
    """Payments to be added to ``stream`` at version ``expected``."""
    return StreamChange(stream, expected, tuple(payment(voucher, at=at) for voucher in vouchers))


def paid_once(
    store: EventStore,
    command: UUID,
    stream: str,
    expected: int,
    *,
    voucher: str = "v",
    log: str = LOG,
) -> Receipt:
    """Append one payment that has the command's own id, as the application gives it."""
    paid = payment(voucher, command=str(command), event_id=command)
    return append(store, str(command), StreamChange(stream, expected, (paid,)), log=log)


def append(
    store: EventStore,
    command: str,
    *changes: StreamChange,
    request: bytes | None = None,
    log: str = LOG,
) -> Receipt:
    """Append under a request that belongs to the command, unless another is given."""
    return store.append(
        log, changes, command_id=command, request=request or f"request of {command}".encode()
    )


def text(body: str) -> DetachedText:
    """``body``, detached."""
    salt = new_salt()
    return DetachedText(digest_of(salt, body), salt, body)
