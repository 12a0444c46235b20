"""Problem documents: what a refusal says."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from pydantic import Field

from api.schemas.base import Out


class ProblemOut(Out):
    """一处问题。"""

    code: str = Field(title="代码")
    place: str = Field(title="何处", description="正文为 JSON 指针，其余为参数或请求头的名称。")
    message: str = Field(title="何事")
    todo: str = Field(title="怎么办")


class ProblemDocument(Out):
    """RFC 9457 问题文档；problems 列出全部问题。"""

    type: str = Field(title="类型", description="代码目录中的地址。")
    title: str = Field(title="标题")
    status: int = Field(title="HTTP 状态")
    detail: str = Field(title="怎么办")
    instance: str = Field(title="请求的地址")
    code: str = Field(title="代码")
    problems: list[ProblemOut] = Field(title="全部问题")
