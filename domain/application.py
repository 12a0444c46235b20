"""The one command path: detach texts, load, fold, decide, append.

``handle`` is pure but for the ports it is given: the event store, and the makers of event ids and
salts. Time, actor and role arrive in the context.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import commands as c
from domain import evaluation, ledger
from domain.decisions import Chain, Decided
from domain.duties import problems_with_duty
from domain.evaluation import form
from domain.evaluation.state import FormState
from domain.facts.envelope import Context, Envelope, event_id_in
from domain.facts.ledger import FundsVired
from domain.facts.others import TextRedacted
from domain.ids import (
    MALFORMED_ID,
    UnitYear,
    division_of,
    is_form,
    is_jurisdiction_year,
    is_ledger,
    is_rule_set,
    rule_set_stream,
    unit_year_of,
)
from domain.jurisdiction import (
    RuleSetState,
    YearState,
    decide_rule_set,
    decide_year,
    fold_rule_set,
    fold_year,
)
from domain.problems import Rejected, kind
from domain.store import VERSION_MOVED, EventStore, NewFact, Receipt, StreamChange
from domain.texts import detach
from domain.validity import problems_with

STREAM_UNKNOWN = kind(
    "stream.unknown",
    404,
    zh="没有流 {stream}",
    en="there is no stream {stream}",
    do_zh="核对编号",
    do_en="check the id",
)
TEXT_MALFORMED = kind(
    "command.malformed-text",
    422,
    zh="文字中有不能保存的字符（空字符或半个代理对）",
    en="a text holds a character that cannot be stored (NUL or a lone surrogate)",
    do_zh="删去该字符后再提交",
    do_en="remove the character and submit again",
)
TEXT_UNKNOWN = kind(
    "redaction.unknown-text",
    404,
    zh="没有摘要为 {digest} 的文字，或已删除",
    en="no text has the digest {digest}, or it is gone already",
    do_zh="核对摘要",
    do_en="check the digest",
)
IF_MATCH_FAILED = kind(
    "evaluation.moved",
    412,
    zh="{stream} 已是第 {actual} 版，您读到的是第 {expected} 版",
    en="{stream} is at version {actual}, you read version {expected}",
    do_zh="重新读取，看过变化后再提交",
    do_en="read it again, look at what changed, and submit anew",
)

_LOST_RACES = 100
_VERSION_OF_EVENT_IDS = 7


class Tools(Struct, frozen=True):
    """What the edge lends to the command path."""

    new_event_id: Callable[[], UUID]
    new_salt: Callable[[], bytes]
    pause: Callable[[int], None] = lambda _: None
    """Waits a little, at random, before a lost race is decided anew; takes the number of races
    lost so far."""


def handle(
    store: EventStore,
    command: c.Command,
    context: Context,
    *,
    command_id: str,
    tools: Tools,
    if_match: Mapping[str, int] | None = None,
    log_id: str | None = None,
) -> Receipt:
    """Carry a command out, once: the same ``command_id`` and content give the same receipt.

    ``if_match`` maps stream ids to the versions their reader saw. ``log_id`` is the jurisdiction's
    log, by default named like the division of the command's stream. A race lost to another writer
    is decided anew on the newer state. Raises ``Rejected`` with every problem; nothing is stored.
    """
    stream = stream_of(command)
    log_id = log_id or division_of(stream)
    request = _canonical(command)
    known = store.receipt_of(log_id, command_id, request)
    if known is not None:
        return known
    try:
        return _carry_out(
            store,
            command,
            context,
            log_id=log_id,
            command_id=command_id,
            request=request,
            tools=tools,
            if_match=if_match or {},
        )
    except Rejected:
        # Sent twice at once, a command may have met the facts that it has itself made meanwhile.
        known = store.receipt_of(log_id, command_id, request)
        if known is None:
            raise
        return known


def _carry_out(
    store: EventStore,
    command: c.Command,
    context: Context,
    *,
    log_id: str,
    command_id: str,
    request: bytes,
    tools: Tools,
    if_match: Mapping[str, int],
) -> Receipt:
    duties = problems_with_duty(command, context)
    if duties:
        raise Rejected(duties)
    bare, texts = detach(command, tools.new_salt)
    faults = problems_with(bare)
    if faults:
        raise Rejected(faults)
    for attempt in range(_LOST_RACES):
        loaded = _Loaded(store, log_id)
        decided = _decide(bare, context, loaded)
        _check_if_match(loaded, if_match)
        try:
            return store.append(
                log_id,
                _changes(decided, loaded, context, command_id, tools),
                command_id=command_id,
                request=request,
                texts=texts,
                erase=[bare.digest] if isinstance(bare, c.Redact) else (),
            )
        except Rejected as lost:
            if lost.codes != (VERSION_MOVED.code,) or attempt == _LOST_RACES - 1:
                raise
            tools.pause(attempt)
    raise AssertionError  # the last attempt returned or raised


def _canonical(command: c.Command) -> bytes:
    """The command as its retries are compared: JSON, keys sorted, unset fields left out."""
    try:
        request = msgspec.json.encode(command, order="deterministic")
    except UnicodeEncodeError:
        raise Rejected([TEXT_MALFORMED.at()]) from None
    if b"\\u0000" in request.replace(b"\\\\", b""):  # an escaped backslash is only a backslash
        raise Rejected([TEXT_MALFORMED.at()])
    return request


def stream_of(command: c.Command) -> str:
    """The stream a command is about (the giving ledger for a virement between units)."""
    match command:
        case c.OpenLedger() | c.Book() | c.Reconcile():
            return command.ledger
        case c.VireBetweenUnits():
            return command.from_ledger
        case c.CorrectEntry() | c.Redact() | c.PublishRuleSet() | c.CopyRuleSet():
            return command.stream
        case c.ApproveStatutoryAdjustment() | c.DrawSample() | c.CloseYear() | c.ReopenYear():
            return command.year
        case _:
            return command.form


class _Loaded:
    """The streams that a decision looked at, folded once, with the versions it saw."""

    def __init__(self, store: EventStore, log_id: str) -> None:
        self.store = store
        self.log_id = log_id
        self.versions: dict[str, int] = {}

    def _read(self, stream_id: str) -> Any:  # noqa: ANN401 - a sequence, read once
        history = self.store.read(self.log_id, stream_id)
        self.versions[stream_id] = history[-1].version if history else 0
        return history

    def ledger(self, stream_id: str) -> ledger.LedgerState:
        state = ledger.load(self.store, self.log_id, stream_id)
        self.versions[stream_id] = state.version
        return state

    def form(self, stream_id: str) -> FormState:
        state = form.load(self.store, self.log_id, stream_id)
        self.versions[stream_id] = state.version
        return state

    def year(self, stream_id: str) -> YearState:
        return fold_year(self._read(stream_id))

    def rule_set(self, stream_id: str) -> RuleSetState:
        return fold_rule_set(self._read(stream_id))

    def version(self, stream_id: str) -> int:
        if stream_id not in self.versions:
            self._read(stream_id)
        return self.versions[stream_id]


def _decide(command: c.Command, context: Context, loaded: _Loaded) -> tuple[Decided, ...]:
    match command:
        case c.OpenLedger() | c.Book() | c.Reconcile():
            return _decide_ledger(command, (command.ledger,), context, loaded)
        case c.VireBetweenUnits():
            named = (command.from_ledger, command.to_ledger)
            return _decide_ledger(command, named, context, loaded)
        case c.CorrectEntry() if is_ledger(command.stream):
            return _decide_ledger(command, (command.stream,), context, loaded)
        case c.PublishRuleSet() | c.CopyRuleSet():
            _well_formed(command.stream, is_rule_set)
            return decide_rule_set(command, loaded.rule_set(command.stream))
        case c.ApproveStatutoryAdjustment() | c.DrawSample() | c.CloseYear() | c.ReopenYear():
            _well_formed(command.year, is_jurisdiction_year)
            return decide_year(command, loaded.year(command.year))
        case c.Redact():
            return _decide_redaction(command, loaded)
        case _:
            return _decide_form(command, context, loaded)


def _decide_ledger(
    command: c.LedgerCommand | c.CorrectEntry,
    named: tuple[str, ...],
    context: Context,
    loaded: _Loaded,
) -> tuple[Decided, ...]:
    unit_years = [_checked(name, is_ledger) for name in named]
    states = {name: loaded.ledger(name) for name in named}
    if isinstance(command, c.CorrectEntry):
        other = _counterpart(states[command.stream].chains.find(command.target))
        if other is not None:
            states[other] = loaded.ledger(other)
            unit_years.append(_checked(other, is_ledger))
    closed = [
        stream
        for stream in dict.fromkeys(unit_year.jurisdiction_year for unit_year in unit_years)
        if loaded.year(stream).closed
    ]
    return ledger.decide(command, states, closed_years=closed, context=context)


def _counterpart(chain: Chain | None) -> str | None:
    fact = chain.fact if chain else None
    return fact.counterpart if isinstance(fact, FundsVired) else None


def _checked(stream_id: str, fits: Callable[[str], bool]) -> UnitYear:
    _well_formed(stream_id, fits)
    unit_year = unit_year_of(stream_id)
    if unit_year is None:
        raise Rejected([MALFORMED_ID.at(id=stream_id)])
    return unit_year


def _well_formed(stream_id: str, fits: Callable[[str], bool]) -> None:
    if not fits(stream_id):
        raise Rejected([MALFORMED_ID.at(id=stream_id)])


def _decide_form(
    command: c.FormCommand | c.CorrectEntry, context: Context, loaded: _Loaded
) -> tuple[Decided, ...]:
    form_id = stream_of(command)
    unit_year = _checked(form_id, is_form)
    state = loaded.form(form_id)
    name = command.name if isinstance(command, c.AdoptRuleSet) else None
    if name is None and state.rules is not None:
        name = state.rules.name
    rule_sets = (
        loaded.rule_set(rule_set_stream(unit_year.division, name)) if name else RuleSetState()
    )
    needs_money = isinstance(command, c.CalculateScores | c.Sign | c.Submit)
    world = evaluation.World(
        form_id=form_id,
        form=state,
        ledger=loaded.ledger(unit_year.ledger) if needs_money else ledger.LedgerState(),
        rule_sets=rule_sets,
        year=(
            loaded.year(unit_year.jurisdiction_year)
            if isinstance(command, c.Finalise)
            else YearState()
        ),
        context=context,
    )
    return evaluation.decide(command, world)


def _decide_redaction(command: c.Redact, loaded: _Loaded) -> tuple[Decided, ...]:
    if loaded.version(command.stream) == 0:
        raise Rejected([STREAM_UNKNOWN.at("stream", stream=command.stream)])
    if command.digest not in loaded.store.text_bodies(loaded.log_id, [command.digest]):
        raise Rejected([TEXT_UNKNOWN.at("digest", digest=command.digest)])
    fact = TextRedacted(digest=command.digest, ground=command.ground, document=command.document)
    return (Decided(command.stream, fact),)


def _check_if_match(loaded: _Loaded, if_match: Mapping[str, int]) -> None:
    moved = [
        IF_MATCH_FAILED.at(
            "If-Match", stream=stream, expected=expected, actual=loaded.version(stream)
        )
        for stream, expected in if_match.items()
        if loaded.version(stream) != expected
    ]
    if moved:
        raise Rejected(moved)


def _changes(
    decided: tuple[Decided, ...],
    loaded: _Loaded,
    context: Context,
    command_id: str,
    tools: Tools,
) -> list[StreamChange]:
    """One change for each stream: with its facts, or only expecting the version that was seen.

    A command whose id is a UUIDv7, as ids of facts are, gives it to its first fact: a store can then
    tell by the fact that the command was carried out.
    """
    facts: dict[str, list[NewFact]] = {stream_id: [] for stream_id in loaded.versions}
    own = event_id_in(command_id)
    if own is not None and own.version != _VERSION_OF_EVENT_IDS:
        own = None
    for nth, one in enumerate(decided):
        envelope = Envelope(
            event_id=tools.new_event_id() if nth or own is None else own,
            recorded_at=context.now,
            effective=one.effective,
            actor=context.actor,
            role=context.role,
            organisation=context.organisation,
            on_behalf_of=context.on_behalf_of,
            command_id=command_id,
            correlation=context.correlation,
            causation=context.causation,
            source=one.source,
        )
        facts[one.stream_id].append(NewFact(envelope, one.fact))
    return [
        StreamChange(stream_id, loaded.versions[stream_id], tuple(new))
        for stream_id, new in facts.items()
    ]
