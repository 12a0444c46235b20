"""``liuhen import`` where the disk is full: what is stored is said, and what is not."""

from tests.cli.support import QIAOXI, ROOT, Cli
from tests.support.full_disk import full_disk

FILES = [
    str(ROOT / "examples" / "documents" / name)
    for name in ("qiaoxi-2024.yaml", "shangjie-2022.yaml")
]


def test_facts_that_are_stored_are_told_though_the_views_cannot_follow(empty: Cli) -> None:
    assert empty("list").code == 0
    with full_disk(files="-views-"):
        outcome = empty("import", FILES[0])
    assert outcome.code == 0
    assert "1 份自评，新增" in outcome.out
    assert "import.views-behind" in outcome.err
    assert "事实已存入" in outcome.err
    assert "不必再导入" in outcome.flat
    assert empty("show", QIAOXI).code == 0  # and now they have followed


def test_the_same_for_a_machine(empty: Cli) -> None:
    assert empty("list").code == 0
    with full_disk(files="-views-"):
        outcome = empty("import", FILES[0], "--json")
    assert outcome.code == 0
    assert outcome.json["views_behind"] is True
    assert all(step["receipt"]["facts"] for step in outcome.json["steps"])
    assert empty("import", FILES[0], "--json").json["views_behind"] is False


def test_an_import_that_ends_half_way_says_what_is_stored_and_goes_on(empty: Cli) -> None:
    assert empty("list").code == 0
    with full_disk(files="liuhen.sqlite3", spare=20):
        outcome = empty("import", *FILES)
        again = empty("import", *FILES)
    assert (outcome.code, outcome.out) == (1, "")
    assert "import.cut-short" in outcome.err
    assert "日志130104的位置1–" in outcome.flat
    assert "已存的不会重复" in outcome.flat
    assert (again.code, again.out) == (1, "")
    assert "store.unavailable" in again.err  # this time nothing was added
    assert empty("import", *FILES).code == 0
    assert len(empty("list", "--json").json["evaluations"]) == 2
