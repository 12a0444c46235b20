"""``liuhen``: everything that can be asked or done from a terminal.

Exit codes: 0 done, 1 a problem with what was given (each is printed: code, place, what is wrong,
what to do), 2 wrong usage (told with what else is wrong with the line), 130 interrupted, 141 nobody reads on.
"""

# Typer reads options from signatures: flags with defaults, and as many as a command has.
# ruff: noqa: FBT002, ANN401, ARG001

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version as version_of
from typing import Annotated, Any

import typer

from api.cli.adjustments import adjustments
from api.cli.changes import changes
from api.cli.differences import diff, diff_rules
from api.cli.events import events
from api.cli.explaining import explain
from api.cli.generate import generate
from api.cli.health import health, release, retry
from api.cli.importing import import_files
from api.cli.reading import list_evaluations, show, show_findings
from api.cli.rebuilding import rebuild
from api.cli.replay import replay
from api.cli.rules import rules
from api.cli.scores import history, show_deductions
from api.cli.search import search
from api.cli.session import Session
from api.cli.speech import (
    LANG_VARIABLE,
    both,
    lang_of,
    take_lang,
)
from api.cli.usage import USAGE, Command, Group, UsageError, noted, usage_problem
from api.cli.working import demo, migrate, serve
from api.cli.years import year
from api.logging import bind, clear, configure, logger
from api.storage import is_store_error, unavailable
from domain.problems import Rejected

OK, PROBLEM, WRONG_USAGE, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141


class _NobodyReadsError(Exception):
    """Whoever read the answer has gone."""


class _Root(Group):
    """The program: finds its language, and ends every run with an exit code, never a traceback."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Take ``--lang`` off the line, wherever it stands."""
        wanted, rest = take_lang(args)
        extra.setdefault("obj", Session(lang_of(wanted)))
        front = [] if wanted is None else ["--lang", wanted]
        return super().make_context(info_name, [*front, *rest], parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; the library would end a broken pipe with the code of a problem."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _NobodyReadsError from None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001 - the library's signature
        windows_expand_args: bool = True,  # noqa: FBT001 - as above
        **extra: Any,
    ) -> Any:
        """Run a line and exit."""
        line = sys.argv[1:] if args is None else list(args)
        session = extra.get("obj") or Session(lang_of(take_lang(line)[0]))
        out = session.output()
        code = OK
        configure()
        clear()
        try:
            result = super().main(
                line,
                prog_name or "liuhen",
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
            code = result if isinstance(result, int) else OK
            _flush()
        except Rejected as rejected:
            out.problems(rejected.problems)
            bind(problems=rejected.codes)
            code = WRONG_USAGE if USAGE in rejected.codes else PROBLEM
        except UsageError as error:  # there is no such command
            before = noted(error.ctx) if error.ctx is not None else []
            out.problems([*before, usage_problem(error)])
            code = WRONG_USAGE
        except typer.Abort:
            code = INTERRUPTED
        except _NobodyReadsError:
            _leave_quietly()
            code = BROKEN_PIPE
        except Exception as error:
            if not is_store_error(error):
                raise
            logger().debug("store_unavailable", exc_info=error)
            out.problems([unavailable(error)])
            code = PROBLEM
        logger().info("command_done", exit_code=code)
        if not standalone_mode:
            return code
        sys.exit(code)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise _NobodyReadsError from None


def _leave_quietly() -> None:
    # The interpreter flushes stdout once more at the end, and would complain there.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


app = typer.Typer(
    cls=_Root,
    name="liuhen",
    help=both(
        "留痕：预算绩效自评的留痕与追溯。每一次预算调整、支出、填报和改分都是不可更改的事实；"
        "现状、得分变动、扣分说明、预算调整和疑点都由事实得出。\n\n"
        "数据存放于 LIUHEN_DATA_DIR（默认 data/）中的 SQLite 文件，"
        "或 LIUHEN_DATABASE_URL 所指的数据库；LIUHEN_LOG_LEVEL 选择日志的详略。",
        "Liuhen: an audit trail for budget performance self-evaluations. Every adjustment, payment, "
        "entry and override is an immutable fact; the present form, the score history, the "
        "justification of deductions, the adjustments and the findings follow from the facts.\n\n"
        "Data lie in a SQLite file in LIUHEN_DATA_DIR (default data/), or in the database that "
        "LIUHEN_DATABASE_URL names; LIUHEN_LOG_LEVEL chooses how much is logged.",
    ),
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - the library calls it
    if wanted:
        sys.stdout.write(f"liuhen {version_of('liuhen')}\n")
        raise typer.Exit


def _lang(wanted: str | None) -> str | None:
    if wanted is not None and wanted not in {"zh", "en"}:
        raise typer.BadParameter(
            both(f"“{wanted}”不是 zh 或 en", f"{wanted!r} is neither zh nor en")
        )
    return wanted


@app.callback(invoke_without_command=True)
def _begin(
    ctx: typer.Context,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="zh|en",
            callback=_lang,
            help=both(
                f"语言，默认中文；可写在任何位置，也可用环境变量 {LANG_VARIABLE}。",
                f"Language, Chinese by default; may stand anywhere, or in the environment "
                f"variable {LANG_VARIABLE}.",
            ),
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help=both("显示版本。", "Show the version."),
        ),
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        if wrong := noted(ctx):
            raise Rejected(wrong)
        sys.stdout.write(ctx.get_help())
    else:
        bind(command=ctx.invoked_subcommand)


for _name, _function, _zh, _en in (
    (
        "demo",
        demo,
        "导入八份公开的自评，说明查出了什么，并提供网页服务。",
        "Load eight published self-evaluations, say what they show, and serve.",
    ),
    (
        "import",
        import_files,
        "导入自评文件。有任何错误时全部列出，什么也不存；同样的内容再次导入不会重复。",
        "Import files. All errors are listed and nothing is stored; nothing is imported twice.",
    ),
    ("list", list_evaluations, "列出全部自评。", "List every self-evaluation."),
    (
        "show",
        show,
        "显示一份自评：数额、各行得分、总分和等级。",
        "Show a self-evaluation: figures, lines, totals and grade.",
    ),
    (
        "explain",
        explain,
        "说明一个得分从何而来：规则、代入的数、各种读法、依据的事实、变动和疑点。",
        "Explain where a score comes from: rule, numbers put in, readings, facts, changes, findings.",
    ),
    (
        "history",
        history,
        "得分变动：每一行、小计和总分由多少变为多少，因何、何人、何时。",
        "Score history: every change of every line, group and total, its cause, role and time.",
    ),
    (
        "deductions",
        show_deductions,
        "扣分说明：每一处扣分的原因、措施和依据，没有原因的标为“未说明”。",
        "Justification of each deduction; one without a reason is marked unexplained.",
    ),
    (
        "adjustments",
        adjustments,
        "年中预算调整：追加、追减、调剂、收回，附文号、来源、更正和余额；可筛选和汇总。",
        "History of budget adjustments: papers, sources, corrections, balances; filters and sums.",
    ),
    (
        "findings",
        show_findings,
        "疑点：填报之间、填报与规则之间的矛盾，以及没有依据之处。",
        "Findings: contradictions between statements, or with the rules, and what nothing bears.",
    ),
    (
        "changes",
        changes,
        "跨自评查询得分变动：按人员、身份、日期、单位、种类、文号，可导出。",
        "Changes of scores across evaluations: by person, role, date, unit, kind, paper; as a file.",
    ),
    (
        "search",
        search,
        "在理由、文号和指标名称中查找字词。",
        "Look for words in reasons, document numbers and indicator names.",
    ),
    (
        "diff",
        diff,
        "差异：一份自评的两个时点（如报送与公开），或两份自评；只列变化，各附带来它的事实。",
        "What differs between two moments of an evaluation, or two evaluations, with the facts.",
    ),
    (
        "diff-rules",
        diff_rules,
        "规则集两个版本的差异：规则、模板、取整、等级，逐行。",
        "What differs between two versions of a rule set: rules, templates, rounding, grades.",
    ),
    (
        "replay",
        replay,
        "回放一个年度：每步之后的资金、状态、平均分和等级；--verify 核验，--rule-set 按另一规则集试算。",
        "Replay a year: money, states, mean, grades; --verify checks it, --rule-set tries others.",
    ),
    ("events", events, "列出一个编号下的全部事实。", "List the facts of a stream."),
    (
        "year",
        year,
        "一个年度在任何时点的情况：年初、全年、执行、调整率、各状态份数、平均分和等级。",
        "How a year stood at any moment: budgets, spending, rates, states, mean score and grades.",
    ),
    ("rules", rules, "列出规则集，或显示其中一个。", "List the rule sets, or show one."),
    (
        "rebuild",
        rebuild,
        "在现用视图旁边从事实重建视图，逐行比较，再一举切换；中断后可继续，也可放弃。",
        "Fill the views anew beside those that serve, compare row by row, and exchange them at once.",
    ),
    (
        "health",
        health,
        "视图是否跟上各日志：落后多少，谁在跟进，哪里停下；不正常时退出码为 1。",
        "Whether the views keep up: how far behind, who follows, what stands still; 1 when unwell.",
    ),
    (
        "retry",
        retry,
        "再试停下的单位年度：全部、一个日志的，或其中一个。",
        "Try units and years that stand still again: all, those of a log, or one.",
    ),
    (
        "release",
        release,
        "程序修复后让一个停下的单位年度继续；视图不会跳过事实。",
        "Let a unit and year that stands still go on, once mended; views never skip a fact.",
    ),
    (
        "migrate",
        migrate,
        "升级数据库结构；自带的 SQLite 文件会自动升级，其他数据库用此命令。",
        "Bring the tables up to date. The embedded file does so by itself; other databases need this.",
    ),
    (
        "generate",
        generate,
        "生成多个县区的一个虚构年度，供测量和试用；人员和机构的编号都以 generated 开头。",
        "Make up a year of many counties, to measure and try with; its ids begin with generated.",
    ),
    ("serve", serve, "提供网页和接口服务。", "Serve the pages and the API."),
):
    app.command(_name, cls=Command, help=both(_zh, _en))(_function)


def main() -> None:
    """The entry point of ``liuhen``."""
    app()
