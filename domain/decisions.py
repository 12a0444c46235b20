"""What a decision gives: facts to be, each for a stream. And what corrections share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from msgspec import Struct, structs

from domain.facts import Fact
from domain.facts.envelope import UNKNOWN, Effective, Place, StoredId, event_id_of
from domain.problems import Problem, Rejected, kind

REASON_REQUIRED = kind(
    "command.reason-required",
    422,
    zh="缺少理由",
    en="a reason is missing",
    do_zh="写明理由后再提交",
    do_en="state the reason and submit again",
)
DOCUMENT_REQUIRED = kind(
    "command.document-required",
    422,
    zh="缺少依据文号",
    en="the basis document is missing",
    do_zh="填写依据文件的文号",
    do_en="give the number of the basis document",
)
NOTHING_TO_DO = kind(
    "command.empty",
    422,
    zh="命令没有内容",
    en="the command holds nothing",
    do_zh="至少填写一项",
    do_en="give at least one entry",
)
TARGET_UNKNOWN = kind(
    "correction.unknown-target",
    404,
    zh="被更正的事实 {target} 不在此流中，或不可更正",
    en="the fact {target} to be corrected is not in this stream or cannot be corrected",
    do_zh="只有台账分录、填报数、填报得分、指标行、完成值、扣分说明和佐证可以更正；请核对编号",
    do_en="only ledger entries, declared figures and scores, rows, actual values, justifications "
    "and evidence can be corrected; check the id",
)
TARGET_NOT_NEWEST = kind(
    "correction.chain-moved",
    409,
    zh="事实 {target} 已被更正，链上最新的是 {head}",
    en="the fact {target} was corrected already; the newest of its chain is {head}",
    do_zh="更正链上最新的事实",
    do_en="correct the newest fact of the chain",
)
TARGET_VOID = kind(
    "correction.void",
    409,
    zh="事实 {target} 已作废",
    en="the fact {target} is void",
    do_zh="作废的分录不能再更正，请重新登记",
    do_en="a void entry cannot be corrected; book it anew",
)
OTHER_KIND = kind(
    "correction.other-kind",
    422,
    zh="更正须为同一类事实：原为 {expected}，现为 {given}",
    en="a replacement must be of the same kind: it was {expected}, this is {given}",
    do_zh="作废原事实后另行登记",
    do_en="void the fact and enter another",
)


class Decided(Struct, frozen=True):
    """A fact to be, the stream it belongs to, its business date and its source."""

    stream_id: str
    fact: Fact
    effective: Effective = UNKNOWN
    source: Place | None = None


class Chain(Struct, gc=False, eq=False):
    """A fact with its corrections: ``origin`` the first, ``head`` the newest, ``fact`` the live one.

    ``fact`` is None once the chain is void; ``later`` are the event ids of the corrections, and
    ``began`` is ``origin`` as it was read. The
    garbage collector need not know it: nothing that it holds leads back to it.
    """

    began: StoredId
    fact: Fact | None
    effective: Effective
    source: Place | None
    later: tuple[UUID, ...] = ()

    @property
    def origin(self) -> UUID:
        """The first event id."""
        if isinstance(self.began, str):
            self.began = event_id_of(self.began)
        return self.began

    @property
    def head(self) -> UUID:
        """The newest event id."""
        return self.later[-1] if self.later else self.origin

    @property
    def links(self) -> list[UUID]:
        """The event ids, oldest first."""
        return [self.origin, *self.later]


_S = TypeVar("_S")


class Sum(Protocol[_S]):
    """A way to add chains up: a value, so that equal ones are known to be the same."""

    @property
    def kind(self) -> type[Fact] | None:
        """The facts whose live chains it adds up; None for all chains, void ones too."""
        ...

    def nothing(self) -> _S:
        """What no chain comes to."""
        ...

    def add(self, to: _S, chains: Iterable[Chain]) -> None:
        """Add ``chains``, which follow those that are in it already, to a result."""
        ...


class Chains:
    """All correctable facts of a stream, in the order of their origins; found by any link."""

    __slots__ = ("_by_kind", "_by_origin", "_in_order", "_origins", "_sums")

    def __init__(self) -> None:
        """Empty."""
        self._in_order: list[Chain] = []
        self._origins: dict[UUID, UUID] = {}
        # Made when first asked for: a fold of thousands of payments asks for none.
        self._by_origin: dict[UUID, Chain] | None = None
        self._by_kind: dict[type[Fact], list[Chain]] | None = None
        # By the way of adding up: how many chains are in it, and what they come to.
        self._sums: dict[object, tuple[int, object]] = {}

    def __iter__(self) -> Iterator[Chain]:
        """All chains, void ones too, in the order of their origins."""
        return iter(self._in_order)

    @property
    def newest(self) -> Chain | None:
        """The chain that was begun last; None where none was."""
        return self._in_order[-1] if self._in_order else None

    def since(self, count: int) -> Sequence[Chain]:
        """All chains but the first ``count``, void ones too, in the order of their origins."""
        return self._in_order[count:]

    @property
    def live(self) -> Mapping[UUID, Chain]:
        """All chains by their origins, in the order of these."""
        if self._by_origin is None:
            self._by_origin = {chain.origin: chain for chain in self._in_order}
        return self._by_origin

    def add(self, envelope: Any, fact: Fact) -> Chain:  # noqa: ANN401 - as a ``Document`` has it
        """Begin a chain; returns it."""
        chain = Chain(envelope.event_id, fact, envelope.effective, envelope.source)
        self._in_order.append(chain)
        if self._by_origin is not None:
            self._by_origin[chain.origin] = chain
        if self._by_kind is not None:
            self._by_kind.setdefault(type(fact), []).append(chain)
        return chain

    def correct(
        self, event_id: StoredId, target: UUID, replacement: Fact | None, effective: Effective
    ) -> Chain:
        """Extend the chain of ``target``; returns it."""
        event_id = event_id_of(event_id)
        chain = self.live[self._origins.get(target, target)]
        if replacement is None or type(replacement) is not type(chain.fact):
            self._by_kind = None
        chain.later += (event_id,)
        chain.fact = replacement
        if replacement is not None:
            chain.effective = effective
        self._origins[event_id] = chain.origin
        self._sums.clear()
        return chain

    def find(self, link: UUID) -> Chain | None:
        """The chain that holds ``link``."""
        return self.live.get(self._origins.get(link, link))

    def of(self, kind: type[Fact]) -> Sequence[Chain]:
        """The live chains whose fact is of ``kind``, in the order of their origins."""
        if self._by_kind is None:
            self._by_kind = {}
            for chain in self._in_order:
                if chain.fact is not None:
                    self._by_kind.setdefault(type(chain.fact), []).append(chain)
        return self._by_kind.get(kind, ())

    def summed(self, how: Sum[_S]) -> _S:
        """What chains come to, to be looked at only. Each time only what was added since is looked
        at, so that one more payment costs the same beside ten as beside thousands; a correction
        has everything added up anew.
        """
        chains = self._in_order if how.kind is None else self.of(how.kind)
        count, found = self._sums.pop(how, (0, None))
        result = cast("_S", found) if count else how.nothing()
        if count < len(chains):
            how.add(result, chains[count:] if count else chains)
        self._sums[how] = len(chains), result
        return result

    def only(self, kept: Callable[[Chain], bool]) -> "Chains":
        """The same chains, of which those that are not ``kept`` are as void ones are."""
        found = Chains()
        found._origins = self._origins
        found._in_order = [
            chain if kept(chain) else structs.replace(chain, fact=None) for chain in self._in_order
        ]
        return found

    def problems(self, target: UUID, replacement: Fact | None) -> list[Problem]:
        """What forbids correcting ``target`` by ``replacement``: empty when nothing does."""
        chain = self.find(target)
        if chain is None:
            return [TARGET_UNKNOWN.at("target", target=target)]
        if chain.fact is None:
            return [TARGET_VOID.at("target", target=target)]
        if chain.head != target:
            return [TARGET_NOT_NEWEST.at("target", target=target, head=chain.head)]
        if replacement is not None and type(replacement) is not type(chain.fact):
            return [
                OTHER_KIND.at(
                    "replacement",
                    expected=type(chain.fact).__name__,
                    given=type(replacement).__name__,
                )
            ]
        return []


def require(problems: Iterable[Problem]) -> None:
    """Reject with every problem, if there is any."""
    found = tuple(problems)
    if found:
        raise Rejected(found)
