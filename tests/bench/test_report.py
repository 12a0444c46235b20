"""What a run is told as: ratios, tables, JSON, and the place in the READMEs."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench import append, report
from bench.report import Report
from bench.rows import LIUHEN, Figure, Row, Size, Unit, per_fact, take_turns
from bench.table import text
from domain.values import Words

LIMIT = Words("裸", "raw")
OTHER = Words("别家", "other")
RATES = Row(
    work=Words("追加", "append"),
    database="sqlite",
    unit=Unit.PER_SECOND,
    limit=Figure(LIMIT, (1000.0, 2000.0, 1000.0)),
    ours=Figure(LIUHEN, (800.0, 1000.0, 900.0)),
    beside=(Figure(OTHER, why=Words("没有安装", "it is not installed")),),
    reach=0.75,
    stretch=0.9,
)
TIMES = per_fact(
    Words("折叠", "fold"),
    "postgresql",
    facts=1_000,
    limit=(LIMIT, (0.004, 0.005, 0.006)),
    ours=(0.008, 0.005, 0.005),
    beside={OTHER: (0.04, 0.05, 0.06)},
    reach=1.1,
)
REPORT = Report(
    command="make bench ARGS=--full", size=Size.FULL, ran_on=("2 cores",), rows=(RATES, TIMES)
)


def test_a_ratio_is_the_middle_one_of_the_rounds_ratios() -> None:
    rates, times = RATES.ratio(), TIMES.ratio()
    assert (rates.low, rates.middle, rates.high) == (0.5, 0.8, 0.9)
    assert [times.low, times.middle, times.high] == pytest.approx([0.5, 1.0, 1.2])
    assert TIMES.ratio(TIMES.beside[0]).middle == pytest.approx(0.1)


def test_times_are_told_for_one_fact() -> None:
    assert TIMES.ours.values == pytest.approx((8, 5, 5))
    assert TIMES.limit.middle == pytest.approx(5)


def test_contenders_take_turns_from_both_ends() -> None:
    order: list[str] = []

    def turn(name: str) -> float:
        order.append(name)
        return float(len(order))

    taken = take_turns(2, {LIMIT: lambda: turn("limit"), LIUHEN: lambda: turn("ours")})
    assert order == ["limit", "ours", "ours", "limit"]
    assert taken == {LIMIT: (1.0, 4.0), LIUHEN: (2.0, 3.0)}


def test_the_terminal_shows_both_figures_the_ratio_and_what_was_to_be_reached() -> None:
    shown = text([RATES, TIMES])
    assert "1,000/s" in shown
    assert "900/s    0.80  (0.50–0.90)  reached 0.75" in shown
    assert "1.00  (0.50–1.20)  missed 1.1" in shown
    assert "other" in shown
    assert "it is not installed" in shown


@pytest.mark.parametrize(
    ("lang", "cells"),
    [
        ("en", ("SQLite: append", "| 900/s | **0.80** (0.50–0.90) | 0.75 (0.9) |", "| other |")),
        ("zh", ("SQLite: 追加", "| 900/s | **0.80** (0.50–0.90) | 0.75 (0.9) |", "| 没有安装 |")),
    ],
)
def test_the_readme_shows_the_command_and_every_contender(
    lang: str, cells: tuple[str, ...]
) -> None:
    table = report.markdown(REPORT, lang)
    assert "`make bench ARGS=--full`" in table
    for cell in cells:
        assert cell in table
    widths = {line.count("|") for line in table.splitlines() if line.startswith("|")}
    assert widths == {7}


def test_the_readmes_have_one_place_each_and_keep_what_is_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = {}
    for lang, path in report.READMES.items():
        copies[lang] = tmp_path / path.name
        copies[lang].write_text(path.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(report, "READMES", copies)
    report.write_readmes(REPORT)
    once = {lang: path.read_text("utf-8") for lang, path in copies.items()}
    report.write_readmes(REPORT)
    for lang, path in copies.items():
        assert path.read_text("utf-8") == once[lang]
        assert report.markdown(REPORT, lang) in once[lang]
        assert "Apache-2.0" in once[lang].split("<!-- bench: end -->")[1]


def test_a_report_survives_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(REPORT), type=Report) == REPORT


def test_every_row_of_appends_has_its_aims() -> None:
    aims = {
        case.work.en.partition(", nothing")[0]: (case.reach, case.stretch)
        for cases in append.CASES.values()
        for case in cases
    }
    assert aims == {
        "append, 1 thread": (0.75, 0.9),
        "append, 16 threads": (1.3, 2.0),
        "append, 1 client": (0.65, 0.8),
        "append, 8 threads on one log": (0.33, 0.6),
        "append, 8 processes on one log": (0.33, 0.6),
        "append, 8 threads on 8 logs": (0.45, 0.7),
        "append, 8 processes on 8 logs": (0.45, 0.7),
    }


def test_a_kept_run_is_shown_again_and_an_unknown_row_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "run.json"
    kept.write_bytes(msgspec.json.encode(REPORT))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bench", *arguments],
            cwd=report.ROOT,
            check=False,
            capture_output=True,
            text=True,
        )

    shown = run("--from", str(kept), "--markdown", "--lang", "zh")
    assert shown.returncode == 0
    assert "**0.80** (0.50–0.90)" in shown.stdout
    refused = run("apend")
    assert refused.returncode == 2
    assert "there is no row apend; there are append, service, fold" in refused.stderr


@pytest.mark.parametrize("command", ["make bench", 'make bench ARGS="a"; make bench ARGS="b"'])
def test_the_readme_claims_one_run_of_each_command_only(command: str) -> None:
    made = msgspec.structs.replace(REPORT, command=command)
    assert f"`{command}`, each command in one run, on: 2 cores" in report.markdown(made, "en")
    assert f"`{command}`，每条命令一次运行，机器是：2 cores" in report.markdown(made, "zh")
