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
