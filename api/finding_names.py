"""What each check is called, so that people choose it from a list instead of typing its code."""

from collections.abc import Mapping

from domain.values import Words

FINDING_NAMES: Mapping[str, Words] = {
    # ------------------------------------------------------------------------------- figures
    "figure-stated-twice": Words("同一数额填报不一致", "a figure stated differently"),
    "figure-unit-mismatch": Words("数字相同而单位不同", "the same digits in other units"),
    "declared-booked": Words("填报与台账不符", "declared and booked differ"),
    "breakdown-sum": Words("分项合计与总额不符", "parts do not sum to the whole"),
    "breakdown-rounds": Words("分项合计经四舍五入相符", "parts sum up after rounding"),
    "kinds-sum": Words("基本支出与项目支出合计不符", "basic and project do not sum up"),
    "tasks-sum": Words("各项任务合计超过总额", "tasks sum to more than the whole"),
    "projects-sum": Words("各项目合计与部门表不符", "projects do not sum to the department"),
    "projects-over-budget": Words(
        "各项目合计超过部门预算", "projects exceed the department's budget"
    ),
    "carry-over": Words("结转结余与收支不符", "carry-over does not follow"),
    "prior-year-missing": Words("缺上年数", "the year before is missing"),
    "approved-as-spent": Words("批复金额逐项等于实际支出", "each task approved at what was spent"),
    # --------------------------------------------------------------------- budget and outturn
    "outturn-without-budget": Words("有执行数而无预算数", "outturn without a budget"),
    "over-execution": Words("超预算支出", "more spent than budgeted"),
    "task-over-execution": Words("任务支出超出批复", "a task spent more than approved"),
    "task-rate": Words("任务执行率算不出所印", "a task's rate does not follow"),
    "adjustment-sum": Words("年初与调整合计不符", "initial and adjustments do not sum up"),
    "adjustment-without-paper": Words("预算变动没有依据", "a change of budget without grounds"),
    "adjustment-without-document": Words("调整没有文号", "an adjustment without a document"),
    "year-end-rush": Words("年底突击", "a rush at the end of the year"),
    # --------------------------------------------------------------------------------- rates
    "rate-numbers": Words("比率算不出所印", "a rate does not follow from its numbers"),
    "rate-rounding": Words("比率取整不符", "a rate is rounded otherwise"),
    "rate-other-reading": Words("比率按另一口径才成立", "a rate holds on another basis only"),
    "rate-unsupported": Words("比率没有依据", "a rate without support"),
    # -------------------------------------------------------------------------------- scores
    "score-rule": Words("得分与规则不符", "a score that its rule does not give"),
    "score-unsupported": Words("得分没有依据", "a score without support"),
    "score-stated-twice": Words("得分填报不一致", "a score stated differently"),
    "score-outside-maximum": Words("得分超出分值", "a score outside its maximum"),
    "score-outside-step": Words("得分不在所选档次内", "a score outside its step"),
    "same-fact-two-rules": Words("同一事实两种规则", "one fact, two rules"),
    "full-marks-without-data": Words("无数据得满分", "full marks without data"),
    "deduction-without-reason": Words("扣分没有原因", "a deduction without a reason"),
    "rounding-decides": Words("取整方式决定总分", "rounding decides the total"),
    # -------------------------------------------------------------------------------- totals
    "total-sum": Words("总分与各行合计不符", "lines do not sum to the total"),
    "total-incomplete": Words("总分含没有得分的行", "a total with lines without points"),
    "total-without-lines": Words("有总分而无指标行", "a total without lines"),
    "group-sum": Words("小计与各行合计不符", "lines do not sum to the group"),
    "group-without-lines": Words("有小计而无指标行", "a group without lines"),
    "lines-without-points": Words("指标没有分值和得分", "lines without points"),
    "weights-sum": Words("分值合计不是满分", "weights do not sum to the whole"),
    "printed-weights-sum": Words("印出的分值合计不是满分", "printed weights do not sum up"),
    "grade-outside-bands": Words("等级与分数段不符", "a grade outside its band"),
    "grade-unsupported": Words("等级没有依据", "a grade without support"),
    "grade-without-bands": Words("等级没有分数段可依", "a grade where there are no bands"),
    # ---------------------------------------------------------------------------- indicators
    "operator-missing": Words("指标性质未填", "the operator is missing"),
    "text-for-number": Words("应填数值而填文字", "words where a number is needed"),
    "several-measures": Words("一个指标含多项计量", "several measures in one indicator"),
    "unit-mismatch": Words("计量单位不一致", "units differ"),
    "unit-beside-words": Words("文字目标带度量单位", "a unit beside words"),
    "words-scored-by-percentage": Words("文字目标按百分比计分", "words scored by percentage"),
    "same-indicators": Words("各项目指标雷同", "projects share their indicators"),
    # ------------------------------------------------------------------------------ workflow
    "many-changes-in-a-day": Words("一天内多次改动", "many changes in a day"),
    "review-above-self": Words("复核高于自评", "reviewed above the self score"),
    "changed-after-submission": Words("报送后得分有变", "changed after submission"),
    "override-outdated": Words("改分后又有新的计算", "an override that a calculation outdates"),
}
"""The name of each code; a test holds them complete."""


def finding_name(code: str) -> Words | None:
    """What a check is called; None for a code that there is not."""
    return FINDING_NAMES.get(code)
