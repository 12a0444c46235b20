"""The words of the values that are compared."""

from collections.abc import Mapping

from domain.values import Words

_FIELDS: Mapping[str, Words] = {
    "acknowledged_by": Words("已阅", "acknowledged by"),
    "actual": Words("实际", "actual"),
    "amount": Words("金额（万元）", "amount (10,000 yuan)"),
    "approved": Words("批复", "approved"),
    "approved_by": Words("批准机关", "approved by"),
    "approved_on": Words("批准日期", "approved on"),
    "basis": Words("口径", "basis"),
    "calculated": Words("计算得分", "calculated"),
    "claim": Words("所称与复算", "claim and recomputed"),
    "completed": Words("已完成", "completed"),
    "computed_total": Words("合计得分", "computed total"),
    "counts": Words("采用", "counts"),
    "declared": Words("填报得分", "declared"),
    "deduction": Words("扣分", "deduction"),
    "document": Words("文号", "document"),
    "due": Words("期限", "due"),
    "effective": Words("业务日期", "effective"),
    "evidence": Words("所依据的佐证", "evidence it rests on"),
    "excluded": Words("不计入", "excluded"),
    "final": Words("得分", "final"),
    "finalised_grade": Words("定稿等级", "finalised grade"),
    "finalised_total": Words("定稿总分", "finalised total"),
    "forecast": Words("预计", "forecast"),
    "grade": Words("填报等级", "declared grade"),
    "grade_computed": Words("应得等级", "computed grade"),
    "kind": Words("种类", "kind"),
    "light": Words("亮灯", "light"),
    "line": Words("行", "line"),
    "lines": Words("各行", "lines"),
    "max_points": Words("分值", "maximum"),
    "measure": Words("改进措施", "measure"),
    "metric": Words("指标口径", "metric"),
    "obstacle": Words("不可计算的原因", "obstacle"),
    "operator": Words("指标性质", "operator"),
    "origin": Words("得分来源", "origin"),
    "override": Words("改分", "override"),
    "path": Words("指标", "indicator"),
    "planned": Words("计划", "planned"),
    "points": Words("得分", "points"),
    "printed": Words("所印", "printed"),
    "project_name": Words("项目名称", "project"),
    "published_digest": Words("公开内容的摘要", "digest of what was published"),
    "rate": Words("完成率", "rate"),
    "reason": Words("原因", "reason"),
    "remark": Words("说明", "remark"),
    "returns": Words("退回次数", "times returned"),
    "review": Words("复核得分", "review"),
    "rule": Words("规则", "rule"),
    "rule_set": Words("规则集", "rule set"),
    "rule_set_digest": Words("规则集摘要", "rule set's digest"),
    "self_points": Words("自评得分", "self score"),
    "sha256": Words("SHA-256", "SHA-256"),
    "source": Words("资金来源", "source"),
    "stale": Words("得分已过期", "stale"),
    "status": Words("状态", "status"),
    "subtotal": Words("可计算小计", "subtotal"),
    "target": Words("目标", "target"),
    "text": Words("内容", "text"),
    "title": Words("标题", "title"),
    "unit_name": Words("单位名称", "unit"),
    "voided": Words("已作废", "void"),
    "withheld": Words("涉密未录入", "withheld"),
}


def words_of_field(field: str) -> Words:
    """The name of a value; "declared 附件1 总分行" keeps its place."""
    name, _, place = field.partition(" ")
    words = _FIELDS[name]
    return Words(f"{words.zh} {place}".strip(), f"{words.en} {place}".strip())
