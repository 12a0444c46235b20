"""The replay of a year, its verification, and what it would be under other rules."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import datetime

from pydantic import Field

from api.schemas.base import Out
from domain.evaluation.state import Status
from projections.verification import Check


class FormThenOut(Out):
    """一份自评的状况。"""

    status: Status = Field(title="状态")
    total: str | None = Field(default=None, title="合计得分")
    grade: str | None = Field(default=None, title="应得等级")


class FormMovedOut(Out):
    """本步有变的一份自评。"""

    form: str = Field(title="自评编号")
    before: FormThenOut | None = Field(title="前", description="本步建立的为空。")
    after: FormThenOut = Field(title="后")


class YearStepOut(Out):
    """一步之后的年度。"""

    label: str = Field(title="哪一步", description="日期、月份，或 日志#位置。")
    count: int = Field(title="至此的事实数", description="即 SSE 的 id。")
    known_at: datetime = Field(title="已知时间")
    positions: dict[str, int] = Field(title="本步推进的日志及其位置")
    initial_fen: int = Field(
        title="年初（分）", description="以台账为准的按台账，否则按自评表所填。"
    )
    adjusted_fen: int = Field(title="全年（分）")
    spent_fen: int = Field(title="执行（分）")
    initial: str = Field(title="年初（万元）")
    adjusted: str = Field(title="全年（万元）")
    spent: str = Field(title="执行（万元）")
    forms: dict[Status, int] = Field(title="各状态的自评数")
    scored: int = Field(title="有合计得分的自评数")
    mean: str | None = Field(title="平均得分")
    grades: dict[str, int] = Field(title="等级分布", description="空字符串为没有等级的。")
    facts: dict[str, int] = Field(title="本步的事实", description="按种类计数。")
    moved: list[FormMovedOut] = Field(title="本步有变的自评")


class LogCheckedOut(Out):
    """一个日志的核验。"""

    log_id: str = Field(title="日志")
    head: int = Field(title="末条位置")
    position: int = Field(title="核验至", description="视图已到的位置。")
    head_leaf: str = Field(title="该条的叶子哈希")
    unit_years: int = Field(title="单位数")
    forms: int = Field(title="自评数")
    facts: int = Field(title="事实数")
    scores: int = Field(title="重算的得分数")
    rows: int = Field(title="比较的行数")
    figures: int = Field(title="比较的数值数")


class RulesUsedOut(Out):
    """重算所用的规则集。"""

    log_id: str = Field(title="日志")
    name: str = Field(title="名称")
    version: str = Field(title="版本")
    digest: str = Field(title="摘要")


class DiscrepancyOut(Out):
    """一处差异。"""

    check: Check = Field(title="种类")
    log_id: str = Field(title="日志")
    where: str = Field(title="何处")
    what: str = Field(title="哪个数")
    stored: str | None = Field(title="存储的")
    recomputed: str | None = Field(title="重算的")
    fact: str | None = Field(title="事实编号")
    position: int | None = Field(title="日志位置")


class VerificationOut(Out):
    """一个年度的核验。"""

    result: str = Field(title="结果", description="一致，或差异。")
    consistent: bool = Field(title="一致")
    program: str = Field(title="程序")
    views_version: int = Field(title="视图的版本")
    year: int = Field(title="财政年度")
    began_at: datetime = Field(title="开始时间")
    ended_at: datetime = Field(title="结束时间")
    logs: list[LogCheckedOut] = Field(title="各日志")
    rules: list[RulesUsedOut] = Field(title="规则集")
    discrepancies: list[DiscrepancyOut] = Field(title="差异")


class LineMovedOut(Out):
    """得分会不同的一行。"""

    line: str = Field(title="行号")
    path: list[str] = Field(title="指标")
    rule: str = Field(title="所用的规则")
    then: str | None = Field(title="现得分")
    would: str | None = Field(title="若得分")


class UncoveredOut(Out):
    """这些规则没有覆盖的一行，得分不变。"""

    line: str = Field(title="行号")
    path: list[str] = Field(title="指标")
    rule: str | None = Field(title="现规则")
    why: str = Field(title="原因")


class FormUnderOut(Out):
    """一份自评若按另一规则集计分。"""

    log_id: str = Field(title="日志")
    form: str = Field(title="自评编号")
    unit_name: str = Field(title="单位名称")
    project_name: str | None = Field(title="项目名称")
    rule_set: str | None = Field(title="现规则集")
    then: str | None = Field(title="现总分")
    would: str | None = Field(title="若总分")
    difference: str | None = Field(title="差")
    grade_then: str | None = Field(title="现等级")
    grade_would: str | None = Field(title="若等级")
    by_hand: int = Field(title="人工给分的行数", description="改分和复核得分不变。")
    moved: list[LineMovedOut] = Field(title="得分会不同的行")
    uncovered: list[UncoveredOut] = Field(title="未覆盖的行")


class YearUnderOut(Out):
    """一个年度若按另一规则集计分。"""

    year: int = Field(title="财政年度")
    name: str = Field(title="规则集")
    version: str = Field(title="版本")
    digest: str = Field(title="摘要")
    positions: dict[str, int] = Field(title="各日志的位置")
    forms: list[FormUnderOut] = Field(title="各自评", description="增加最多的在前。")
    compared: int = Field(title="可比的份数")
    gain: int = Field(title="增加的份数")
    lose: int = Field(title="减少的份数")
    same: int = Field(title="不变的份数")
    mean_then: str | None = Field(title="现平均")
    mean_would: str | None = Field(title="若平均")
    grades_then: dict[str, int] = Field(title="现等级分布", description="空字符串为没有等级的。")
    grades_would: dict[str, int] = Field(title="若等级分布", description="空字符串为没有等级的。")
