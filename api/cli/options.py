"""Options and arguments that several commands take."""

from typing import Annotated

import typer

from api.cli.speech import both

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar=both("时间", "WHEN"),
        help=both(
            "按当时已知的情况回答：日期指北京时间当日结束，也可写到时分秒。",
            "Answer as things were known then: a date means the end of that day in Shanghai; "
            "a date-time is exact.",
        ),
    ),
]
EffectiveOn = Annotated[
    str | None,
    typer.Option(
        "--effective-on",
        metavar=both("日期", "DATE"),
        help=both(
            "台账只计入业务日期不晚于这一天的分录，日期不明的另列；得分当场推算，不存。",
            "Count only entries of the ledger dated until this day, those without a date apart; "
            "scores are estimated on the spot and not stored.",
        ),
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help=both("输出 JSON。", "Answer with JSON."))]
Yuan = Annotated[
    bool,
    typer.Option(
        "--yuan", help=both("金额以元显示（默认万元）。", "Show money in yuan, not 万元.")
    ),
]
Log = Annotated[
    str | None,
    typer.Option(
        "--log",
        metavar=both("日志", "LOG"),
        help=both(
            "只看一个日志（财政区划），如 130104；不写则为全部。",
            "The log of one division only, such as 130104; all of them when left out.",
        ),
    ),
]
Unit = Annotated[
    str | None,
    typer.Option(
        "--unit",
        metavar=both("单位", "UNIT"),
        help=both(
            "单位编码，或名称中能与其他单位区别的字。",
            "Code of a unit, or a part of its name that no other has.",
        ),
    ),
]
Year = Annotated[
    int | None,
    typer.Option(
        "--year",
        metavar=both("年度", "YEAR"),
        min=1900,
        max=2099,
        help=both("财政年度。", "Fiscal year."),
    ),
]
Evaluation = Annotated[
    str | None,
    typer.Option(
        "--evaluation",
        metavar=both("编号", "ID"),
        help=both("只看一份自评。", "One self-evaluation only."),
    ),
]
EvaluationId = Annotated[
    str,
    typer.Argument(
        metavar=both("编号", "ID"),
        help=both(
            "自评编号，如 130104/xfj/2024/department；`liuhen list` 列出全部。",
            "Id of a self-evaluation, as `liuhen list` shows it.",
        ),
    ),
]
