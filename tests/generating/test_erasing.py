"""What is removed in a made-up year is gone from its files, however the run went."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.settings import Settings
from api.bootstrap import Liuhen, bootstrap
from api.generating.county import County
from api.generating.plan import Plan
from api.generating.running import generate
from domain.facts.others import TextRedacted
from domain.store import Receipt, StreamChange
from domain.texts import DetachedText
from tests.generating.conftest import Opener
from tests.generating.support import fill, stored
from tests.support.memory_store import MemoryStore

PLAN = Plan(counties=1, units=16, year=2024, seed=3, payments=12, large=0)
[LOG] = PLAN.divisions


class _Salts(MemoryStore):
    """Remembers the salt of every text."""

    def __init__(self) -> None:
        super().__init__()
        self.salts: dict[str, bytes] = {}

    def append(
        self,
        log_id: str,
        changes: Sequence[StreamChange],
        *,
        command_id: str,
        request: bytes,
        texts: Sequence[DetachedText] = (),
        erase: Sequence[str] = (),
    ) -> Receipt:
        self.salts.update((one.digest, one.salt) for one in texts)
        return super().append(
            log_id, changes, command_id=command_id, request=request, texts=texts, erase=erase
        )


def redactions(liuhen: Liuhen) -> dict[str, int]:
    """The digests of the texts that are gone, with the positions of their redactions."""
    return {
        one.fact.digest: one.position
        for one in liuhen.store.read_log(LOG, limit=1_000_000)
        if isinstance(one.fact, TextRedacted)
    }


def test_no_salt_of_a_text_that_is_gone_lies_in_any_file(tmp_path: Path) -> None:
    store = _Salts()
    County(PLAN, LOG).perform(store, lambda *_: None)
    with bootstrap(Settings(data_dir=tmp_path)) as liuhen:
        fill(liuhen, PLAN)
        liuhen.catch_up()
        gone = redactions(liuhen)
        assert gone
        # Without it nobody can tell by its digest what a text may have been.
        files = b"".join(one.read_bytes() for one in tmp_path.iterdir() if one.is_file())
    there = {digest for digest, salt in store.salts.items() if salt in files}
    assert there == set(store.salts) - set(gone)


def request_salts(liuhen: Liuhen) -> list[tuple[object, ...]]:
    """The salts of all commands, by their ids; None of one that brought a text that is gone."""
    query = "SELECT command_id, request_salt IS NULL FROM commands ORDER BY command_id"
    with liuhen.database.read() as connection:
        return [(name, bool(gone)) for name, gone in connection.execute(text(query))]


class _CutOff(Exception):
    pass


@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_is_cut_off_at_a_redaction_goes_on(fresh: Opener, *, after: bool) -> None:
    whole, cut = fresh(), fresh()
    facts = fill(whole, PLAN).facts
    gone = redactions(whole)
    at = min(gone.values())

    def stop(_log_id: str, _part: int, count: int) -> None:
        if count >= (at if after else at - 20):
            raise _CutOff

    with pytest.raises(_CutOff):
        generate(cut, PLAN, progress=stop)
    # What precedes a redaction is committed for it; what follows waited, and is lost.
    assert cut.store.head(LOG) == (at - 1 if after else 0)
    assert fill(cut, PLAN).facts == facts
    assert stored(cut) == stored(whole)
    assert request_salts(cut) == request_salts(whole)
    assert sum(salt is True for _, salt in request_salts(whole)) >= 1


def test_a_finished_run_given_again_brings_no_text_back(fresh: Opener) -> None:
    liuhen = fresh()
    fill(liuhen, PLAN)
    gone = list(redactions(liuhen))
    again = fill(liuhen, PLAN)
    assert again.before == again.facts
    assert liuhen.store.text_bodies(LOG, gone) == {}
