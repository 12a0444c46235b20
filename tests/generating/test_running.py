"""The same arguments give the same bytes, however a run goes; real facts are left alone."""

import ast
from pathlib import Path

import msgspec
import pytest

import api.generating
from api.bootstrap import Liuhen
from api.generating.plan import DIVISIONS, Plan
from api.generating.running import generate
from domain.problems import Rejected
from tests.generating.conftest import Opener
from tests.generating.support import fill, stored


def test_two_runs_give_the_same_bytes_and_another_seed_gives_others(
    fresh: Opener, tiny: Plan
) -> None:
    first, second, third = fresh(), fresh(), fresh()
    summary = fill(first, tiny)
    fill(second, tiny)
    fill(third, msgspec.structs.replace(tiny, seed=12))
    assert stored(first) == stored(second)
    assert stored(first) != stored(third)
    assert summary.facts == sum(first.store.head(log) for log in first.store.logs())
    assert summary.streams == sum(len([*first.store.streams(one)]) for one in first.store.logs())


def test_several_processes_give_the_same_bytes(fresh: Opener, tiny: Plan) -> None:
    alone, together = fresh(), fresh()
    one, two = fill(alone, tiny), fill(together, tiny, jobs=2)
    assert stored(alone) == stored(together)
    assert (one.logs, one.streams, one.facts) == (two.logs, two.streams, two.facts)


class _CutOff(Exception):
    pass


@pytest.mark.parametrize("county", [0, 1])
def test_a_run_that_was_cut_off_goes_on_where_it_was(fresh: Opener, county: int) -> None:
    # The first county has more than one batch of facts, so that it is cut in the middle.
    plan = Plan(counties=2, units=2, year=2024, seed=11, payments=12, large=2600)
    whole, cut = fresh(), fresh()
    facts = fill(whole, plan).facts

    def stop(log_id: str, reached: int, _facts: int) -> None:
        if log_id == plan.divisions[county] and reached >= 700:
            raise _CutOff

    with pytest.raises(_CutOff):
        generate(cut, plan, progress=stop)
    before = sum(cut.store.head(log) for log in cut.store.logs())
    assert 0 < before < facts
    summary = fill(cut, plan)
    assert (summary.before, summary.facts) == (before, facts)
    assert stored(cut) == stored(whole)


def test_a_finished_run_given_again_stores_nothing(fresh: Opener, tiny: Plan) -> None:
    liuhen = fresh()
    fill(liuhen, tiny)
    before = stored(liuhen)
    again = fill(liuhen, tiny)
    assert again.before == again.facts > 0
    assert stored(liuhen) == before


def test_more_counties_are_added_to_a_run(fresh: Opener, tiny: Plan) -> None:
    whole, grown = fresh(), fresh()
    fill(whole, tiny)
    fill(grown, msgspec.structs.replace(tiny, counties=1))
    fill(grown, tiny)
    assert stored(whole) == stored(grown)


def test_a_store_with_other_logs_is_refused_unless_that_is_wanted(
    fresh: Opener, tiny: Plan
) -> None:
    liuhen = fresh()
    liuhen.import_documents(liuhen.example_documents()[-1:])
    others = liuhen.store.logs()
    assert not set(others) & set(tiny.divisions)
    with pytest.raises(Rejected) as refused:
        fill(liuhen, tiny)
    assert refused.value.codes == ("generate.store-used",)
    assert liuhen.store.logs() == others
    fill(liuhen, tiny, into_used=True)
    assert liuhen.store.logs() == sorted({*others, *tiny.divisions})


def test_no_generated_fact_goes_into_a_log_of_real_ones(fresh: Opener) -> None:
    liuhen = fresh()
    liuhen.import_documents(liuhen.example_documents())
    taken = next(log for log in liuhen.store.logs() if log in DIVISIONS)
    head = liuhen.store.head(taken)
    plan = Plan(counties=DIVISIONS.index(taken) + 1, units=1, year=2024, seed=1, large=0)
    with pytest.raises(Rejected) as refused:
        fill(liuhen, plan, into_used=True)
    assert refused.value.codes == ("generate.log-taken",) * len(refused.value.codes)
    assert liuhen.store.head(taken) == head


def test_another_year_of_the_same_counties_can_follow(fresh: Opener, tiny: Plan) -> None:
    liuhen = fresh()
    first = fill(liuhen, tiny)
    second = fill(liuhen, msgspec.structs.replace(tiny, year=2025), into_used=True)
    heads = sum(liuhen.store.head(log) for log in liuhen.store.logs())
    assert heads == first.facts + second.facts


def test_a_log_holds_its_facts_in_the_order_of_time(county: Liuhen) -> None:
    log = county.store.logs()[0]
    moments = [one.envelope.recorded_at for one in county.store.read_log(log, limit=100_000)]
    assert moments == sorted(moments)


def test_no_float_stands_in_the_generator() -> None:
    folder = Path(str(api.generating.__file__)).parent
    found = [
        (path.name, node.lineno)
        for path in sorted(folder.glob("*.py"))
        if path.name != "running.py"  # which measures seconds
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Attribute) and node.attr in {"random", "uniform", "gauss"})
    ]
    assert found == []
