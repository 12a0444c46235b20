"""The columns of each question's file. Every row names its fact: log, position, event id."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from api.exporting.tables import Field, Kind, Value
from api.labels import fact_words, in_rate, words_of
from domain.values import Words
from projections.adjustments import AdjustmentEntry
from projections.findings import FindingRow
from projections.score_history import ScoreChange
from projections.search import Hit
from projections.tables import Prose


def _of(name: str, zh: str, en: str, kind: Kind = Kind.TEXT, source: str | None = None) -> Field:
    """A field of the row itself, or the one named ``source``; enumerations in words."""
    path = (source or name).split(".")

    def value(row: Any, lang: str) -> Value:  # noqa: ANN401 - any row
        for part in path:
            row = getattr(row, part)
        return _shown(row, lang)

    return Field(name, Words(zh, en), kind, value)


def _shown(value: Any, lang: str) -> Value:  # noqa: ANN401 - any value of a row
    match value:
        case Prose():
            return value.in_(lang)
        case Words():
            return value.in_(lang)
        case bool():
            yes = ("yes", "no") if lang == "en" else ("是", "否")
            return yes[0] if value else yes[1]
        case StrEnum():
            return words_of(value).in_(lang)
        case tuple():
            return "; ".join(str(_shown(one, lang)) for one in value)
        case _:
            return str(value) if isinstance(value, UUID) else value


def _path(row: ScoreChange | FindingRow, _lang: str) -> Value:
    return " / ".join(row.path) or None


def _causes(row: ScoreChange, lang: str) -> Value:
    return (
        "; ".join(
            f"{fact_words(one.type).in_(lang)} {one.position} {one.event_id}" for one in row.causes
        )
        or None
    )


def _place(row: Any, _lang: str) -> Value:  # noqa: ANN401 - whatever has a place
    return f"{row.place.document} {row.place.place}".strip() if row.place else None


_WHO = (
    _of("actor", "人员编号", "actor"),
    _of("role", "身份", "role"),
    _of("organisation", "机关", "organisation"),
)
_WHEN = _of("recorded_at", "记录时间（北京时间）", "recorded at (Shanghai)", Kind.MOMENT)
_UNIT = (
    _of("unit", "单位编码", "unit"),
    _of("unit_name", "单位名称", "unit name"),
    _of("fiscal_year", "财政年度", "fiscal year", Kind.WHOLE),
)
_FACT = (
    _of("log_id", "日志", "log"),
    _of("position", "日志位置", "position", Kind.WHOLE),
    _of("event_id", "事实编号", "event id"),
)

SCORE_CHANGES: Sequence[Field] = (
    *_FACT,
    _WHEN,
    _of("evaluation", "自评", "evaluation"),
    *_UNIT,
    _of("subject", "对象", "subject"),
    _of("line", "行号", "line"),
    Field("path", Words("指标", "indicator"), Kind.TEXT, _path),
    _of("kind", "变动", "change"),
    _of("from_points", "原得分", "from", Kind.FIGURE),
    _of("to_points", "现得分", "to", Kind.FIGURE),
    _of("self_from", "原自评得分", "self score from", Kind.FIGURE),
    _of("self_to", "现自评得分", "self score to", Kind.FIGURE),
    _of("grade_from", "原等级", "grade from"),
    _of("grade_to", "现等级", "grade to"),
    _of("status", "状态", "status"),
    *_WHO,
    _of("on_behalf_of", "代谁", "on behalf of"),
    _of("reason", "理由", "reason"),
    _of("document", "文号", "document number"),
    Field("place", Words("印在何处", "printed where"), Kind.TEXT, _place),
    Field("causes", Words("起因", "causes"), Kind.TEXT, _causes),
)


def _signed(entry: AdjustmentEntry, _lang: str) -> Value:
    row = entry.row
    return row.in_fen - row.out_fen


def _chain(entry: AdjustmentEntry, _lang: str) -> Value:
    return "; ".join(f"{link.position} {link.event_id}" for link in entry.row.links)


def _in_rate(entry: AdjustmentEntry, lang: str) -> Value:
    return in_rate(entry.row.excluded).in_(lang)


ADJUSTMENTS: Sequence[Field] = (
    _of("log_id", "日志", "log", source="row.log_id"),
    _of("position", "日志位置", "position", Kind.WHOLE, source="row.position"),
    _of("event_id", "事实编号", "event id", source="row.origin"),
    _of("ledger", "台账", "ledger", source="row.ledger"),
    _of("unit", "单位编码", "unit", source="row.unit"),
    _of("unit_name", "单位名称", "unit name", source="row.unit_name"),
    _of("fiscal_year", "财政年度", "fiscal year", Kind.WHOLE, source="row.fiscal_year"),
    _of("effective_from", "业务日期起", "effective from", Kind.DATE, source="row.effective_from"),
    _of("effective_to", "业务日期止", "effective to", Kind.DATE, source="row.effective_to"),
    _of("kind", "种类", "kind", source="row.kind"),
    _of("direction", "方向", "direction", source="row.direction"),
    _of("gross", "总额（元）", "gross (yuan)", Kind.MONEY, source="row.gross_fen"),
    Field("amount", Words("金额（元，调减为负）", "amount (yuan, signed)"), Kind.MONEY, _signed),
    _of("source", "资金来源", "source", source="row.source"),
    _of("from_project", "调出项目", "from project", source="row.from_project"),
    _of("to_project", "调入项目", "to project", source="row.to_project"),
    _of("document", "文号", "document number", source="row.document"),
    _of("approved_by", "批准机关", "approved by", source="row.approved_by"),
    _of("approved_on", "批准日期", "approved on", Kind.DATE, source="row.approved_on"),
    Field("excluded", Words("是否计入调整率", "in the rate"), Kind.TEXT, _in_rate),
    _of("reason", "理由", "reason", source="row.reason"),
    _of("voided", "已作废", "void", source="row.voided"),
    _of("corrected", "更正过", "corrected", source="row.corrected"),
    _of("actor", "人员编号", "actor", source="row.actor"),
    _of("role", "身份", "role", source="row.role"),
    _of("organisation", "机关", "organisation", source="row.organisation"),
    _of(
        "recorded_at",
        "记录时间（北京时间）",
        "recorded at (Shanghai)",
        Kind.MOMENT,
        source="row.recorded_at",
    ),
    Field("chain", Words("事实链", "chain of facts"), Kind.TEXT, _chain),
)

FINDINGS: Sequence[Field] = (
    _of("log_id", "日志", "log"),
    _of("positions", "所据事实的日志位置", "positions of its facts"),
    _of("facts", "所据事实编号", "event ids of its facts"),
    _of("id", "疑点编号", "finding id"),
    _of("evaluation", "自评", "evaluation"),
    *_UNIT,
    _of("code", "代码", "code"),
    _of("class", "类别", "class", source="class_"),
    _of("line", "行号", "line"),
    Field("path", Words("指标", "indicator"), Kind.TEXT, _path),
    _of("claim", "所称", "claim"),
    _of("recomputed", "重算", "recomputed"),
    _of("details", "逐项", "details"),
    _of("acknowledged_by", "已阅人员", "acknowledged by"),
    _of("acknowledged_at", "已阅时间（北京时间）", "acknowledged at (Shanghai)", Kind.MOMENT),
    _of("remark", "批注", "remark"),
)


def _excerpt(hit: Hit, _lang: str) -> Value:
    return "".join(one.text for one in hit.excerpt)


def _kind_of_fact(hit: Hit, lang: str) -> Value:
    return fact_words(hit.entry.event_type).in_(lang)


HITS: Sequence[Field] = (
    *(
        _of(one.name, one.title.zh, one.title.en, one.kind, source=f"entry.{one.name}")
        for one in (*_FACT, _WHEN)
    ),
    Field("type", Words("事实", "fact"), Kind.TEXT, _kind_of_fact),
    _of("part", "何处", "part", source="entry.part"),
    Field("excerpt", Words("上下文", "excerpt"), Kind.TEXT, _excerpt),
    _of("stream_id", "流", "stream", source="entry.stream_id"),
    _of("unit", "单位编码", "unit", source="entry.unit"),
    _of("unit_name", "单位名称", "unit name"),
    _of("project_name", "项目名称", "project name"),
    _of("fiscal_year", "财政年度", "fiscal year", Kind.WHOLE, source="entry.fiscal_year"),
    _of("line", "行号", "line", source="entry.line"),
    *(
        _of(one.name, one.title.zh, one.title.en, one.kind, source=f"entry.{one.name}")
        for one in _WHO
    ),
    _of("document", "文号", "document number", source="entry.document"),
)
