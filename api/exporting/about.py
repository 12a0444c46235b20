"""说明: what stands before the rows, so that a file can be filed by itself."""

from collections.abc import Iterator
from datetime import datetime

from api.clocks import SHANGHAI
from api.exporting.tables import Export


def about(export: Export, lang: str) -> Iterator[tuple[str, str]]:
    """Names and values: the title, what was asked, the moment, the position of each log."""

    def say(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    yield say("说明", "about"), say(f"留痕 {export.title.zh}", f"Liuhen: {export.title.en}")
    for one in export.asked:
        yield say("条件", "asked for"), f"{one.title.in_(lang)} = {one.shown.in_(lang)}"
    if not export.asked:
        yield say("条件", "asked for"), say("全部", "everything")
    moment = local(export.moment) if export.moment else say("现在", "now")
    yield say("当时已知", "known as of"), moment
    for log_id, position in sorted(export.positions.items()):
        yield say("日志位置", "position of log"), f"{log_id} = {position}"
    yield say("生成时间", "made at"), local(export.made_at)
    yield (
        say("金额和时间", "money and times"),
        say("金额单位为元，时间为北京时间", "money in yuan, times of Shanghai"),
    )


def local(moment: datetime) -> str:
    """A moment as clocks in China show it, exact."""
    return moment.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(sep=" ")
