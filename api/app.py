"""The web application: routers, pages, refusals and the guard around them."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems, refusing
from api.bootstrap import Liuhen
from api.heads import Heads
from api.logging import bind, clear, logger
from api.pages import views
from api.routers import (
    across,
    commands,
    differences,
    evaluations,
    exports,
    health,
    questions,
    replay,
    years,
)
from api.routers.documentation import describe
from api.routers.parameters import refuse_unknown, refuse_unstorable

MOST_BODY = 256 * 1024
"""The largest body that is read, in bytes."""

_DIGITS = 12  # of a Content-Length: more are too large in any case

STATIC = Path(__file__).parent / "pages" / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Everything from here, nothing inline, nothing from the internet."""

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class HttpSettings(BaseSettings):
    """Settings of the web application, each under its name with the prefix ``LIUHEN_``."""

    model_config = SettingsConfigDict(env_prefix="LIUHEN_", frozen=True, extra="ignore")

    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "localhost", "::1"),
        description="Host names that are served, separated by commas; others are refused, so that "
        "a foreign site cannot reach a service on this machine by a name of its own.",
    )
    trust_proxy: bool = Field(
        default=False,
        description="Take commands from other machines too. Only behind a proxy that checks "
        "identities and sets Liuhen-Actor, Liuhen-Role and Liuhen-Organisation itself.",
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:  # noqa: ANN401 - the raw value of a variable
        if isinstance(value, str):
            return tuple(one.strip() for one in value.split(",") if one.strip())
        return value


def create_app(liuhen: Liuhen, settings: HttpSettings | None = None) -> FastAPI:
    """The application on an opened program; it keeps the views following while it runs."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        liuhen.database.on_news(liuhen.runner.hint)
        liuhen.runner.start()
        yield
        liuhen.runner.stop()

    app = FastAPI(
        title="留痕 Liuhen",
        summary="预算绩效自评留痕：每个分数从何而来，改过几次，凭什么。",
        description=_DESCRIPTION,
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        openapi_tags=[
            {"name": "自评", "description": "一份自评表的各个方面。"},
            {"name": "查询", "description": "跨自评、跨单位的查询。"},
            {"name": "差异", "description": "两个时点、两份自评、规则集的两个版本。"},
            {"name": "回放", "description": "一个年度从事实重新走过；核验；若按另一规则集。"},
            {"name": "命令", "description": "登记事实；每条命令得到一份回执。"},
            {"name": "运行", "description": "服务的状况。"},
        ],
    )
    app.openapi = partial(describe, app)  # type: ignore[method-assign]  # as FastAPI documents it
    app.state.liuhen = liuhen
    app.state.settings = settings or HttpSettings()
    refusing.install(app)
    for router in (
        evaluations.router,
        across.router,
        questions.router,
        exports.router,
        differences.router,
        years.router,
        replay.router,
        commands.router,
        health.router,
    ):
        app.include_router(
            router, dependencies=[Depends(refuse_unstorable), Depends(refuse_unknown)]
        )
    views.install(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Heads)
    app.add_middleware(Guard, allowed_hosts=app.state.settings.allowed_hosts)
    return app


_DESCRIPTION = """
金额一律为整数的分，并附万元的十进制字符串；得分为十进制字符串。浮点数不接受。

每条命令带请求头 `Liuhen-Actor`、`Liuhen-Role`、`Liuhen-Organisation`；`Idempotency-Key`
是命令号，以同一命令号重试得到同一回执；`If-Match` 是所读自评表的 ETag。账户建立以前，
命令只接受本机发来的。

问题按 RFC 9457 回答，`problems` 一次列出全部；代码见 /problems。
"""


class Guard:
    """Refuses unknown hosts and large bodies, sets the headers of safety, and writes one log line
    per request.
    """

    def __init__(self, app: ASGIApp, *, allowed_hosts: tuple[str, ...]) -> None:
        """Around ``app``; ``*`` among ``allowed_hosts`` allows every host."""
        self._app = app
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        clear()
        bind(method=scope["method"], path=scope["path"])
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not self._knows(headers.get("host", "")):
            await refusing.refuse(Request(scope), problems.HOST, "Host")(scope, receive, guarded)
        elif length.isdigit() and int(length[:_DIGITS]) > MOST_BODY:
            refused = refusing.refuse(Request(scope), problems.TOO_LARGE, "Content-Length")
            await refused(scope, receive, guarded)
        else:
            try:
                await self._app(scope, _limited(receive), guarded)
            except Exception as error:  # the last resort: nothing is answered in plain text
                if status:
                    raise
                await refusing.failed(Request(scope), error)(scope, receive, guarded)
        spent = round((time.perf_counter() - began) * 1000, 1)
        logger().info("request_served", status=status, milliseconds=spent)

    def _knows(self, host: str) -> bool:
        return "*" in self._hosts or _name_of(host) in self._hosts


def _limited(receive: Receive) -> Receive:
    """``receive``, refusing a body that grows beyond the limit without having said so."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BODY:
            raise HTTPException(problems.TOO_LARGE.status)
        return message

    return limited


def _name_of(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
