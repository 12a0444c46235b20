"""``liuhen generate`` from a terminal, and how much memory it takes."""

import gc
import tracemalloc
from pathlib import Path

import msgspec
import pytest

from adapters.settings import Settings
from api.bootstrap import bootstrap
from api.generating.plan import DIVISIONS, Plan
from tests.cli.support import Cli
from tests.generating.support import fill

SMALL = ("--counties", "2", "--units", "2", "--payments", "12", "--large", "40", "--seed", "5")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path / "data")


def test_a_year_is_generated_and_shown(cli: Cli) -> None:
    done = cli("generate", *SMALL, "--year", "2023")
    assert (done.code, done.err.count("\n")) == (0, 2)
    assert done.out.startswith("2 个日志、18 个流、")
    assert f"[1/2] {DIVISIONS[0]}：" in done.err
    listed = cli("list", "--json").json["evaluations"]
    assert len(listed) == 8
    assert cli("adjustments", "--year", "2023", "--json").json["adjustments"]


def test_the_summary_can_be_json(cli: Cli) -> None:
    first, again = cli("generate", *SMALL, "--json"), cli("generate", *SMALL, "--json")
    assert (first.code, first.err) == (0, "")
    assert set(first.json) == {
        "logs", "streams", "facts", "before", "seconds", "facts_per_second",
    }  # fmt: skip
    assert first.json["before"] == 0
    assert again.json["before"] == again.json["facts"] == first.json["facts"] > 300


def test_it_speaks_english(cli: Cli) -> None:
    done = cli("generate", *SMALL, "--lang", "en")
    assert done.out.startswith("2 logs, 18 streams, ")


def test_a_used_store_is_refused_with_what_to_do(cli: Cli) -> None:
    assert cli("demo", "--no-serve").code == 0
    refused = cli("generate", *SMALL)
    assert (refused.code, refused.out) == (1, "")
    assert "generate.store-used" in refused.err
    assert "--into-used" in refused.err


@pytest.mark.parametrize(
    "option", [("--counties", "0"), ("--counties", "1000"), ("--units", "0"), ("--jobs", "0")]
)
def test_numbers_out_of_range_are_wrong_usage(cli: Cli, option: tuple[str, str]) -> None:
    assert cli("generate", *option).code == 2
    assert not cli.data.exists()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_counties(tmp_path: Path) -> None:
    plan = Plan(counties=1, units=5, year=2024, seed=1, large=0)

    def peak(counties: int) -> int:
        with bootstrap(Settings(data_dir=tmp_path / str(counties))) as liuhen:
            gc.collect()
            tracemalloc.start()
            fill(liuhen, msgspec.structs.replace(plan, counties=counties))
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return found

    peak(1)  # what is loaded and cached once
    assert peak(6) < 1.3 * peak(2)
