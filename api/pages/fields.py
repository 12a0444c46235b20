"""Fields that several forms have."""

from api.asked import NAMES
from api.pages.asking import Field
from domain.values import Words

WHEN = Words(
    "日期，或带时分的北京时间：2025-03-01、2025-03-01T09:30",
    "a date, or a time of Shanghai: 2025-03-01, 2025-03-01T09:30",
)
YEAR = Field("year", NAMES["fiscal_year"], Words("四位数字", "four digits"), "2024")
LOG = Field("log", NAMES["log_id"], example="130104")
UNIT = Field("unit", NAMES["unit"])
EVALUATION = Field(
    "evaluation", NAMES["evaluation"], example="130104/xfj/2024/department", wide=True
)
LINE = Field("line", NAMES["line"])
ACTOR = Field("actor", NAMES["actor"])
ROLE = Field("role", NAMES["role"])
DOCUMENT = Field("document", NAMES["document"])
