"""What pages of rows share: how many rows, and the files that hold all of them."""

from collections.abc import Mapping

from api.exporting import FORMATS
from api.pages.asking import Field
from api.pages.kept import Kept
from api.questions import MOST, USUAL
from domain.values import Words

LIMIT = Field(
    "limit",
    Words("每页行数", "Rows a page"),
    Words(f"1 至 {MOST} 的整数", f"a whole number from 1 to {MOST}"),
    str(USUAL),
)
_NAMES = {"csv": "CSV", "ndjson": "NDJSON", "xlsx": "Excel"}


def files(
    kept: Kept, path: str, asked: Mapping[str, str], *, recorded: bool = False
) -> list[tuple[str, str]]:
    """Name and address of each file that holds all rows of the question at ``path``.

    ``recorded`` leaves out the business date, by which its rows do not count.
    """
    given = {name: value for name, value in asked.items() if name != LIMIT.name}
    own = Kept(kept.lang, as_of=kept.as_of, effective_on=None if recorded else kept.effective_on)
    return [(_NAMES[one], own.url(f"{path}.{one}", **given)) for one in FORMATS]
