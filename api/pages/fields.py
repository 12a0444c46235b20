"""Fields that several forms have."""

from api.pages.asking import Field
from domain.values import Words

WHEN = Words(
    "日期，或带时分的北京时间：2025-03-01、2025-03-01T09:30",
    "a date, or a time of Shanghai: 2025-03-01, 2025-03-01T09:30",
)
YEAR = Field("year", Words("财政年度", "Fiscal year"), Words("四位数字", "four digits"), "2024")
LOG = Field("log", Words("日志（区划代码）", "Log (division)"), example="130104")
UNIT = Field("unit", Words("单位编码", "Unit code"))
EVALUATION = Field(
    "evaluation", Words("自评编号", "Evaluation"), example="130104/xfj/2024/department", wide=True
)
LINE = Field("line", Words("行号", "Line"))
ACTOR = Field("actor", Words("人员编号", "Person"))
ROLE = Field("role", Words("身份", "Role"))
DOCUMENT = Field("document", Words("文号", "Document number"))
