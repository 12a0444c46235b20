"""``liuhen import``: takes documents, and says what is stored, also where the disk ends half-way."""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.bootstrap import Liuhen
from api.cli.options import AsJson
from api.cli.session import session_of
from api.cli.speech import both
from api.logging import logger
from api.output import write_json
from api.storage import has_given_out, unavailable
from domain.commands import OpenEvaluation
from domain.importing import Done
from domain.problems import Problem, Rejected, kind
from domain.values import Words

CUT_SHORT = kind(
    "import.cut-short",
    503,
    zh="导入中断：{what}。已存入：{stored}",
    en="the import was cut short: {what}. Stored before: {stored}",
    do_zh="数据库可用后，用同样的文件再导入：已存的不会重复，其余补上",
    do_en="once the database can be used, import the same files again: what is stored is not "
    "stored twice, and the rest is added",
)
VIEWS_BEHIND = kind(
    "import.views-behind",
    503,
    zh="事实已存入，视图尚未跟上：{what}",
    en="the facts are stored, and the views do not follow yet: {what}",
    do_zh="不必再导入；数据库可用后，下一条读取命令或服务会让视图跟上，liuhen health 说明落后多少",
    do_en="there is no need to import again; once the database can be used, the next reading command "
    "or the service brings the views up, and liuhen health tells how far they are behind",
)


def import_files(
    ctx: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar=both("文件…", "FILE…"),
            help=both("YAML 或 JSON 文件，可以多个。", "YAML or JSON files, one or several."),
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Import files."""
    session = session_of(ctx)
    look = (lambda liuhen: liuhen.check_documents(files)) if files else None
    with session.program(look) as liuhen:
        done = _stored(liuhen, files)
        behind = _behind(liuhen)
        new = [one for one in done if not one.before]
        logger().info("imported", files=len(files), steps=len(done), new=len(new))
        forms = {
            one.step.stream: one.before
            for one in done
            if isinstance(one.step.command, OpenEvaluation)
        }
        out = session.output()
        if as_json:
            write_json(_receipts(done, forms, behind))
        else:
            facts = sum(len(one.receipt.facts) for one in new)
            out.line(
                out.words(
                    f"导入 {len(files)} 个文件：{len(forms)} 份自评，新增 {facts} 条事实。",
                    f"{len(files)} files imported: {len(forms)} self-evaluations, {facts} new facts.",
                )
            )
            before = out.words("（此前已导入）", "(imported before)")
            out.bullets(f"{form} {before if known else ''}" for form, known in forms.items())
        # Beside the answer and no failure: what was asked for is done.
        out.problems(behind)


def _receipts(
    done: Sequence[Done], forms: Mapping[str, bool], behind: Sequence[Problem]
) -> dict[str, object]:
    return {
        "steps": [
            {
                "stream_id": one.step.stream,
                "step": one.step.name,
                "command_id": one.step.command_id,
                "before": one.before,
                "receipt": one.receipt,
            }
            for one in done
        ],
        "evaluations": list(forms),
        "views_behind": bool(behind),
    }


def _stored(liuhen: Liuhen, files: Sequence[Path]) -> Sequence[Done]:
    """The receipts of an import. Raises ``Rejected`` (``import.cut-short``) when the database gave
    out after a part was stored; and the driver's error when nothing was.
    """
    before = _heads(liuhen)
    try:
        return liuhen.import_documents(files)
    except Exception as error:
        if not has_given_out(error):
            raise
        grown = {
            log: (before.get(log, 0) + 1, head)
            for log, head in _heads(liuhen).items()
            if head > before.get(log, 0)
        }
        if not grown:
            raise
        zh = "；".join(f"日志 {log} 的位置 {a}–{b}" for log, (a, b) in grown.items())
        en = "; ".join(f"log {log}, positions {a}–{b}" for log, (a, b) in grown.items())
        what = unavailable(error).message
        raise Rejected([CUT_SHORT.at(what=what, stored=Words(zh, en))]) from error


def _heads(liuhen: Liuhen) -> dict[str, int]:
    return {log: liuhen.store.head(log) for log in liuhen.store.logs()}


def _behind(liuhen: Liuhen) -> Sequence[Problem]:
    """Bring the views up to the logs; what kept them from it, if anything did."""
    try:
        liuhen.catch_up()
    except Rejected as refused:
        return [VIEWS_BEHIND.at(what=one.message) for one in refused.problems]
    except Exception as error:
        if not has_given_out(error):
            raise
        logger().warning("views_behind", exc_info=error)
        return [VIEWS_BEHIND.at(what=unavailable(error).message)]
    return []
