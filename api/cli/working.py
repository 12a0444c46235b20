"""The commands that serve and look after: demo, serve, migrate."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002

import importlib
import os
import signal
import socket
from collections import Counter
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
from rich.text import Text

from api import demo as demonstration
from api.bootstrap import Liuhen
from api.cli.options import AsJson
from api.cli.session import session_of
from api.cli.speech import both
from api.labels import words_for, words_of
from api.logging import configure, logger
from api.output import Output, points, styled, write_json
from api.settling import settled
from domain.crosschecks.findings import FindingClass
from domain.facts.form import Level
from domain.problems import Rejected, kind

CANNOT_LISTEN = kind(
    "serve.cannot-listen",
    422,
    zh="无法在 {host}:{port} 上提供服务：{what}",
    en="cannot listen on {host}:{port}: {what}",
    do_zh="换一个 --port 或 --host；或先停掉占用它的程序",
    do_en="choose another --port or --host, or stop what uses it",
)

Host = Annotated[
    str,
    typer.Option(
        "--host",
        metavar=both("地址", "ADDRESS"),
        help=both(
            "在哪个地址上提供服务；默认只有本机能访问。",
            "Address to serve on; by default only this machine gets there.",
        ),
    ),
]
Port = Annotated[
    int,
    typer.Option(
        "--port",
        metavar=both("端口", "PORT"),
        min=0,
        max=65535,
        help=both("端口；0 由系统选择。", "Port; 0 lets the system choose."),
    ),
]
_SERIOUS = 5
"""How many findings of an evaluation the demonstration prints in full."""


# ------------------------------------------------------------------------------------------ demo


def demo(
    ctx: typer.Context,
    serve_pages: Annotated[
        bool,
        typer.Option(
            "--serve/--no-serve",
            help=both(
                "随后提供网页服务（默认），或只打印结果。",
                "Serve afterwards (default), or only print.",
            ),
        ),
    ] = True,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    as_json: AsJson = False,
) -> None:
    """Load the example documents, say what they show, and serve."""
    session = session_of(ctx)
    with session.program() as liuhen:
        found = demonstration.demonstrate(liuhen, session.lang)
        if as_json:
            write_json(found)
        else:
            _summary(session.output(), found)
        if serve_pages:
            _serve(session.output(), liuhen, host, port, announce=not as_json)


def _summary(out: Output, found: demonstration.Demo) -> None:
    out.line(
        out.words(
            f"{len(found.evaluations)} 份公开的自评：",
            f"{len(found.evaluations)} published self-evaluations:",
        )
    )
    for one in found.evaluations:
        _evaluation(out, one)


def _evaluation(out: Output, one: demonstration.DemoEvaluation) -> None:
    level = words_of(Level(one.level))
    out.heading(f"{one.unit} {one.fiscal_year} · {one.project or out.of(level)}")
    totals = [f"{points(total.value)}（{total.place}）" for total in one.declared_totals]
    none = out.words("未填报", "none")
    computed = points(one.computed_total, "—")
    missing = len(one.not_computed)
    subtotal = out.words(
        f"可计算的 {len(one.lines) - missing} 行合计 {points(one.subtotal, '—')}，{missing} 行不可计算",
        f"{len(one.lines) - missing} lines that can be computed give {points(one.subtotal, '—')}, "
        f"{missing} cannot",
    )
    grades = [
        part
        for part in (
            one.grade_declared
            and out.words(f"填报 {one.grade_declared}", f"declared {one.grade_declared}"),
            one.grade_computed
            and out.words(f"应得 {one.grade_computed}", f"computed {one.grade_computed}"),
        )
        if part
    ]
    counts = Counter(finding.class_ for finding in one.findings)
    out.pairs(
        [
            (out.words("编号", "id"), one.id),
            (out.words("层级", "level"), level),
            (out.words("填报总分", "declared total"), out.join(totals) or none),
            (out.words("合计得分", "computed total"), computed),
            (out.words("按规则计算", "by the rules"), subtotal if one.lines else None),
            (out.words("等级", "grade"), out.join(grades) or none),
            (
                out.words("疑点", "findings"),
                out.join(
                    f"{out.of(words_for(FindingClass, kind_))} {counts[kind_]}"
                    for kind_ in FindingClass
                    if counts[kind_]
                )
                or out.words("无", "none"),
            ),
        ]
    )
    out.bullets(_finding(out, finding) for finding in one.findings[:_SERIOUS])
    more = len(one.findings) - _SERIOUS
    if more > 0:
        out.line(
            out.words(
                f"  另有 {more} 项：liuhen findings {one.id}",
                f"  {more} more: liuhen findings {one.id}",
            ),
            style="dim",
        )


def _finding(out: Output, finding: demonstration.DemoFinding) -> Text:
    label = f"[{out.of(words_for(FindingClass, finding.class_))}] "
    name = finding.path[-1] if finding.path else ""
    row = "" if name in finding.claim else f"{name}{out.colon}"
    arrow = f" → {finding.recomputed}" if finding.recomputed else ""
    return Text.assemble(styled(label, finding.class_), f"{row}{finding.claim}{arrow}")


# ----------------------------------------------------------------------------------------- serve


def serve(ctx: typer.Context, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the pages and the API."""
    session = session_of(ctx)
    with session.program() as liuhen:
        _serve(session.output(), liuhen, host, port, announce=True)


def _serve(out: Output, liuhen: Liuhen, host: str, port: int, *, announce: bool) -> None:
    listener = _listener(host, port)
    configure("info")
    # Only the server needs the web framework, which takes its time to load.
    uvicorn = importlib.import_module("uvicorn")
    web: Any = importlib.import_module("api.app")
    app = web.create_app(liuhen)
    address, actual = listener.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address
    if announce:
        out.line()
        out.line(
            out.words(
                f"正在 http://{shown}:{actual}/ 提供服务，按 Ctrl+C 结束。",
                f"Serving on http://{shown}:{actual}/; press Ctrl+C to end.",
            )
        )
    logger().info("serving", host=address, port=actual)
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    # The server raises a signal again once it has ended, which would end the process as it stands:
    # first the database is to be closed.
    former = signal.signal(signal.SIGTERM, _leave)
    try:
        with settled():
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        signal.signal(signal.SIGTERM, former)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises ``Rejected`` (``serve.cannot-listen``)."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        what = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise Rejected([CANNOT_LISTEN.at("--port", host=host, port=port, what=what)]) from None


# --------------------------------------------------------------------------------------- migrate


def migrate(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Bring the tables up to date."""
    session = session_of(ctx)
    with session.mender() as liuhen:
        before, after = liuhen.revision(), liuhen.migrate()
        logger().info("migrated", before=before, after=after)
        if as_json:
            write_json({"before": before, "after": after})
            return
        out = session.output()
        if before == after:
            out.line(
                out.words(
                    f"数据库结构已是 {after}。", f"The tables are at revision {after} already."
                )
            )
            return
        out.line(
            out.words(
                f"数据库结构从 {before} 升级到 {after}。",
                f"Migrated from revision {before} to {after}.",
            )
        )
