"""How the service is."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas.base import Out


class LogHealthOut(Out):
    """一个日志的视图落后多少。"""

    projection: str = Field(title="投影")
    log_id: str = Field(title="日志")
    head: int = Field(title="末位置")
    position: int = Field(title="视图位置")
    lag_facts: int = Field(title="落后事实数")
    lag_seconds: float = Field(title="落后秒数")
    moved_at: datetime | None = Field(title="最近推进", description="由任一进程推进。")
    owner: str | None = Field(title="跟进者", description="跟进此日志的进程，死活不论。")
    stopped: list[str] = Field(title="停下的单位年度", description="其中有事实无法应用。")


class StoppedOut(Out):
    """因一条事实无法应用而停下的单位年度；liuhen retry 再试。"""

    log_id: str = Field(title="日志")
    unit_year: str = Field(title="单位年度")
    position: int = Field(title="事实的位置")
    stream_id: str = Field(title="事实所在的编号")
    version: int = Field(title="事实的版本")
    type: str = Field(title="事实的种类")
    event_id: UUID = Field(title="事实的标识")
    error: str = Field(title="错误")


class FillingOut(Out):
    """正在重建、或未完成的一代视图。"""

    generation: int = Field(title="第几代")
    facts: int = Field(title="已填事实数")
    total: int = Field(title="应填事实数")
    began_at: datetime = Field(title="开始于")


class HealthOut(Out):
    """服务是否健康。"""

    status: Literal["ok", "behind", "stopped", "dead"] = Field(title="状况")
    runner_alive: bool = Field(title="投影在运行")
    error: str | None = Field(default=None, title="投影停止的原因")
    looked_at: datetime | None = Field(default=None, title="最近查看各日志")
    logs: list[LogHealthOut] = Field(title="各日志")
    poisoned: list[StoppedOut] = Field(default=[], title="停下之处")
    rebuilding: FillingOut | None = Field(default=None, title="重建中的视图")
