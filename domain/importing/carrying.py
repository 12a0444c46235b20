"""Rehearsing a plan whole, and carrying it out."""

from collections.abc import Iterator, Sequence

import msgspec

from domain import commands as c
from domain.application import Tools, handle
from domain.facts.envelope import Context, Role
from domain.facts.ledger import LedgerOpened
from domain.importing.differences import at_most, differences, parts_changed
from domain.importing.step import PREFIX, Done, Rehearse, Scene, Step, placed, stored_by
from domain.problems import Problem, Rejected, kind
from domain.store import COMMAND_REUSED, EventStore, FactReceipt, Receipt, Recorded

LEDGER_BASIS = kind(
    "import.ledger-basis",
    409,
    zh="台账已按口径 {before} 开设，文件写的是 {after}",
    en="the ledger was opened on the basis {before}, the file says {after}",
    do_zh="口径开设后不变：去掉 basis；分录已齐全的，写 reconciliation（对账），指标即改取分录",
    do_en="a basis never changes: leave `basis` out; where the entries are complete, write a "
    "`reconciliation`, and metrics take the entries from then on",
)


def carry_out(
    store: EventStore,
    steps: Sequence[Step],
    context: Context,
    *,
    tools: Tools,
    rehearse: Rehearse,
) -> tuple[Done, ...]:
    """Rehearse all ``steps``, then carry them out, log by log.

    Raises ``Rejected`` with every problem of every step; then nothing is stored.
    """
    problems = problems_of(store, steps, context, tools=tools, rehearse=rehearse)
    if problems:
        raise Rejected(problems)
    real = Scene(store, _importer(context), tools, rehearse)
    plans = _plans(steps)
    return tuple(_do(_because(real, cause), step) for cause, plan in plans for step in plan)


def problems_of(
    store: EventStore,
    steps: Sequence[Step],
    context: Context,
    *,
    tools: Tools,
    rehearse: Rehearse,
) -> Sequence[Problem]:
    """What would be refused of ``steps``; nothing is stored."""
    plans = _plans(steps)
    on_trial = Scene(rehearse(store, {}), _importer(context), tools, rehearse)
    return at_most([*parts_changed(store, plans), *_rehearsed(on_trial, plans)])


def _importer(context: Context) -> Context:
    return msgspec.structs.replace(context, role=Role.IMPORTER, live=False)


def _because(scene: Scene, cause: str) -> Scene:
    context = msgspec.structs.replace(scene.context, causation=cause)
    return msgspec.structs.replace(scene, context=context)


def _plans(steps: Sequence[Step]) -> list[tuple[str, list[Step]]]:
    """The steps by stream, in the order given (logs one after another), with their cause."""
    by_stream: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        by_stream.setdefault((step.log_id, step.stream), []).append(step)
    logs = list(dict.fromkeys(log_id for log_id, _ in by_stream))
    return [
        (f"{PREFIX}: {' '.join(step.name for step in plan)}", plan)
        for log_id in logs
        for (log, _), plan in by_stream.items()
        if log == log_id
    ]


def _rehearsed(scene: Scene, plans: Sequence[tuple[str, list[Step]]]) -> Iterator[Problem]:
    for cause, plan in plans:
        for step in plan:
            try:
                _do(_because(scene, cause), step)
            except Rejected as rejected:
                yield from rejected.problems
                # What was stored before is compared step by step. A new step that is refused
                # takes the later ones of its stream with it.
                if not stored_by(scene.store, step):
                    break


def _do(scene: Scene, step: Step) -> Done:
    """Carry a step out, or find it carried out. Raises ``Rejected`` with places in the file."""
    known = stored_by(scene.store, step)
    if isinstance(step.command, c.OpenLedger):
        recorded, opened = _opened(scene.store, step)
        if recorded is not None and opened is not None:
            _check_basis(step, step.command, opened)
            if not known:
                return Done(step, Receipt(step.log_id, (_receipt(recorded),)), before=True)
            command = msgspec.structs.replace(step.command, basis=opened.basis)
            step = msgspec.structs.replace(step, command=command)
    try:
        receipt = handle(
            scene.store,
            step.command,
            scene.context,
            command_id=step.command_id,
            tools=scene.tools,
        )
    except Rejected as rejected:
        if COMMAND_REUSED.code not in rejected.codes:
            raise Rejected(placed(step, problem) for problem in rejected.problems) from None
        found = differences(scene, step, known)
        if found:
            raise Rejected(found) from None
        # Only the wording of the command differs, not one fact: that is the same content.
        receipt = Receipt(step.log_id, tuple(_receipt(one) for one in known))
    return Done(step, receipt, before=bool(known))


def _opened(store: EventStore, step: Step) -> tuple[Recorded, LedgerOpened] | tuple[None, None]:
    """How a ledger was opened before, by whomever."""
    history = store.read(step.log_id, step.stream)
    if history and isinstance(history[0].fact, LedgerOpened):
        return history[0], history[0].fact
    return None, None


def _check_basis(step: Step, command: c.OpenLedger, opened: LedgerOpened) -> None:
    if step.assumed or opened.basis is command.basis:
        return
    before, after = opened.basis.lower(), command.basis.lower()
    raise Rejected([LEDGER_BASIS.at(step.place, before=before, after=after)])


def _receipt(recorded: Recorded) -> FactReceipt:
    return FactReceipt(recorded.stream_id, recorded.version, recorded.position, recorded.leaf_hash)
