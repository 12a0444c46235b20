"""A verification as a document that can be filed: JSON, Markdown or HTML.

The three say the same: what was checked, up to which fact of each log, by which rules and which
program, when, and every difference or 一致.
"""

import html
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from api.clocks import SHANGHAI
from api.labels import words_of
from domain.problems import Rejected, kind
from domain.values import Words
from projections.verification import Discrepancy, LogChecked, Verification

UNKNOWN_ENDING = kind(
    "replay.output-ending",
    422,
    zh="{path} 的扩展名不是 .json、.md 或 .html",
    en="{path} ends neither in .json nor in .md or .html",
    do_zh="以扩展名选择文档的格式",
    do_en="choose the format of the document by its ending",
)
ENDINGS = (".json", ".md", ".html")
CONSISTENT, DIFFERENT = Words("一致", "consistent"), Words("差异", "differences")
_Lang = Literal["zh", "en"]


class Filed(Struct, frozen=True, kw_only=True):
    """A verification with its result and the version of the program that made it."""

    result: Words
    program: str
    verification: Verification


def filed(found: Verification) -> Filed:
    """A verification as it is filed."""
    result = CONSISTENT if found.consistent else DIFFERENT
    return Filed(result=result, program=f"liuhen {version('liuhen')}", verification=found)


def require_ending(path: Path) -> None:
    """Raises ``Rejected`` (``replay.output-ending``) for a format that is not written."""
    if path.suffix.lower() not in ENDINGS:
        raise Rejected([UNKNOWN_ENDING.at("--output", path=path)])


def document(found: Verification, ending: str, lang: _Lang) -> str:
    """The document in the format that ``ending`` names (".json", ".md", ".html")."""
    one = filed(found)
    if ending.lower() == ".json":
        return msgspec.json.format(msgspec.json.encode(one), indent=2).decode() + "\n"
    blocks = list(_blocks(one, lang))
    return _html(blocks, lang) if ending.lower() == ".html" else _markdown(blocks)


# ---------------------------------------------------------------------------------------- content


class _Table(Struct, frozen=True):
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


_Block = str | _Table
"""A paragraph (the first one is the title), or a table."""


def _blocks(one: Filed, lang: _Lang) -> Iterator[_Block]:
    found = one.verification

    def t(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    yield t(f"{found.year} 年度核验", f"Verification of {found.year}")
    count = len(found.discrepancies)
    result = one.result.in_(lang)
    yield t("结果：", "Result: ") + (result if found.consistent else f"{result} {count}")
    yield t(
        "每个存储的计算得分按其采用的规则、以当时的输入重新计算；每个定稿总分重新合计；每个视图的每一行、每一列"
        "与由事实重新得出的逐一比较；每条事实的字节与其叶子哈希、旁列的内容和所属命令的记录比较，每段文本与其"
        "摘要比较。",
        "Every stored calculated score was worked out again by its pinned rules on the inputs of "
        "its time; every finalised total was summed up again; every column of every row of every "
        "view was compared with a fold of the facts; the bytes of every fact were compared with its "
        "leaf hash, the columns beside it and what is remembered of its command, every text with its "
        "digest.",
    )
    began, ended = (
        f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" for at in (found.began_at, found.ended_at)
    )
    yield t(f"时间：{began} – {ended}（北京时间）", f"When: {began} – {ended} (Shanghai)")
    yield t(
        f"程序：{one.program}，视图第 {found.views_version} 版",
        f"Program: {one.program}, views of version {found.views_version}",
    )
    yield _logs(found.logs, lang)
    yield _Table(
        t("规则集", "Rule sets"),
        (t("日志", "log"), t("名称", "name"), t("版本", "version"), t("摘要", "digest")),
        tuple((rule.log_id, rule.name, rule.version, rule.digest) for rule in found.rules),
    )
    if found.discrepancies:
        yield _differences(found.discrepancies, lang)


def _logs(logs: Sequence[LogChecked], lang: _Lang) -> _Table:
    en = lang == "en"
    head = (
        (
            "log",
            "head",
            "checked to",
            "leaf there",
            "units",
            "forms",
            "facts",
            "scores",
            "rows",
            "figures",
        )
        if en
        else ("日志", "末条", "核验至", "该条叶子", "单位", "自评", "事实", "得分", "行", "数值")
    )
    return _Table(
        "Logs" if en else "日志",
        head,
        tuple(
            (
                one.log_id,
                str(one.head),
                str(one.position),
                one.head_leaf,
                *(
                    str(number)
                    for number in (
                        one.unit_years,
                        one.forms,
                        one.facts,
                        one.scores,
                        one.rows,
                        one.figures,
                    )
                ),
            )
            for one in logs
        ),
    )


def _differences(found: Sequence[Discrepancy], lang: _Lang) -> _Table:
    head = (
        ("what", "where", "figure", "stored", "recomputed", "position", "fact")
        if lang == "en"
        else ("种类", "何处", "哪个数", "存储", "重算", "位置", "事实")
    )
    return _Table(
        DIFFERENT.in_(lang),
        head,
        tuple(
            (
                words_of(one.check).in_(lang),
                f"{one.where}" if one.where.startswith(one.log_id) else f"{one.log_id} {one.where}",
                one.words.in_(lang),
                "—" if one.stored is None else one.stored,
                "—" if one.recomputed is None else one.recomputed,
                str(one.position or "—"),
                one.fact or "—",
            )
            for one in found
        ),
    )


# ---------------------------------------------------------------------------------------- formats


def _markdown(blocks: Sequence[_Block]) -> str:
    lines: list[str] = []
    for nth, block in enumerate(blocks):
        if isinstance(block, str):
            lines += [f"# {block}" if nth == 0 else block, ""]
            continue
        rules = tuple("---" for _ in block.head)
        cells = (block.head, rules, *block.rows)
        lines += [f"## {block.title}", ""]
        lines += [f"| {' | '.join(_cell(one) for one in row)} |" for row in cells]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_STYLE = (
    "body{font-family:serif;max-width:75em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;font-size:90%}td,th{border:1px solid #999;padding:.2em .5em;"
    "text-align:left;vertical-align:top;overflow-wrap:anywhere}"
)


def _html(blocks: Sequence[_Block], lang: _Lang) -> str:
    title = html.escape(str(blocks[0]))
    parts = [f"<h1>{title}</h1>"]
    for block in blocks[1:]:
        if isinstance(block, str):
            parts.append(f"<p>{html.escape(block)}</p>")
            continue
        head = "".join(f"<th>{html.escape(one)}</th>" for one in block.head)
        rows = "".join(
            f"<tr>{''.join(f'<td>{html.escape(one)}</td>' for one in row)}</tr>\n"
            for row in block.rows
        )
        parts.append(
            f"<h2>{html.escape(block.title)}</h2>\n<table><thead><tr>{head}</tr></thead>\n"
            f"<tbody>\n{rows}</tbody></table>"
        )
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="{"en" if lang == "en" else "zh-CN"}">\n<head>'
        f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )
