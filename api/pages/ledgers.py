"""年中预算调整: of one unit and year, and across units."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api import asking, labels
from api.asked import NAMES, TRUTHS
from api.pages import fields as f
from api.pages.asking import Field, Form, FormRoute
from api.pages.kept import Kept, kept_of
from api.pages.listing import LIMIT, files
from api.pages.rendering import page, view_of
from api.questions import USUAL, Questions
from api.routers.across import adjustments_asked
from api.routers.filters import Limit, cursor_of
from api.routers.parameters import note
from api.schemas.values import MOST_FEN, AnyFen, Between, in_wan
from domain.facts.ledger import Exclusion, FundSource
from domain.ids import project_of, unit_year_of
from domain.values import Words, wan
from projections.adjustments import AdjustmentFilter, AdjustmentKind, Direction, GroupBy, Key

router = APIRouter(include_in_schema=False, route_class=FormRoute)

MOST_UNITS = 200
"""Units whose money stands on a page; of more it is asked by unit or division."""
_AMOUNT = Words("万元，至多六位小数", "万元, six decimals at most")
_Wan = Annotated[Annotated[AnyFen, Between(0, MOST_FEN, in_wan)] | None, Query()]


def _group_key(by: GroupBy, value: str | None, kept: Kept) -> str:
    if value is None:
        # Only a month can be unknown; a virement has no source.
        return kept.t("日期不明", "without a date") if by is GroupBy.MONTH else "—"
    if by is GroupBy.EXCLUDED:
        return kept.words(labels.in_rate(Exclusion(value)))
    kind = _KINDS.get(by)
    return value if kind is None else kept.words(labels.words_for(kind, value))


_KINDS = {
    GroupBy.KIND: AdjustmentKind,
    GroupBy.DIRECTION: Direction,
    GroupBy.SOURCE: FundSource,
}


FORM = Form(
    "adjustments.html",
    (
        f.YEAR,
        f.LOG,
        f.UNIT,
        Field("project", NAMES["project"]),
        Field("kind", NAMES["kind"]),
        Field("direction", NAMES["direction"]),
        Field("source", NAMES["source"]),
        Field(
            "month",
            NAMES["month"],
            Words("写作 2024-10；日期不明的写 unknown", "2024-10, or unknown for no date"),
            "2024-10",
        ),
        f.DOCUMENT,
        Field(
            "least_wan",
            NAMES["least_fen"],
            _AMOUNT,
            "12.5",
        ),
        Field(
            "most_wan",
            NAMES["most_fen"],
            _AMOUNT,
            "100",
        ),
        Field(
            "excluded",
            NAMES["excluded"],
            yes_no=TRUTHS["excluded"],
        ),
        Field("corrected", NAMES["corrected"]),
        Field(
            "with_voided",
            NAMES["with_voided"],
            yes_no=(Words("一并列出", "listed too"), None),
            either=Words("不列", "left out"),
        ),
        Field("group_by", Words("分组", "Sums by"), either=Words("不分组", "none")),
        LIMIT,
    ),
    {"group_key": _group_key, "most_units": MOST_UNITS},
)


def _asked(
    where: Annotated[AdjustmentFilter, Depends(adjustments_asked)],
    least_wan: _Wan = None,
    most_wan: _Wan = None,
) -> AdjustmentFilter:
    """As the endpoint is asked, with amounts as people write them. Notes ``filter.empty-range``."""
    if least_wan is not None and most_wan is not None and least_wan > most_wan:
        bounds = {
            "low": f"{wan(least_wan)} 万元",
            "end": Words("至多", "at most"),
            "high": f"{wan(most_wan)} 万元",
        }
        note(asking.RANGE_EMPTY.at("least_wan", **bounds))
    return msgspec.structs.replace(where, least_fen=least_wan, most_fen=most_wan)


@router.get("/adjustments", name="adjustments_page")
@FORM
def adjustments_page(
    *,
    request: Request,
    where: Annotated[AdjustmentFilter, Depends(_asked)],
    group_by: Annotated[GroupBy | None, Query()] = None,
    cursor: Annotated[str | None, cursor_of(Key)],
    limit: Limit = USUAL,
) -> Response:
    """Adjustments across units: one by one, or summed by group."""
    view = view_of(request)
    questions = Questions(view.liuhen, view.moment, view.effective_on)
    answer = None
    with view.liuhen.connection() as connection:
        if group_by is None:
            answer = questions.adjustments(connection, where, cursor, limit)
        positions = questions.positions(connection)
    return FORM.answered(
        request,
        view,
        answer=answer,
        positions=positions,
        group_by=group_by,
        groups=[] if group_by is None else view.adjustment_groups([group_by], where),
        sums=next(iter(view.adjustment_groups([], where)), None),
        undated=view.undated_adjustments(where),
        money=view.money_of_units(where),
        files=files(kept_of(request), "/api/adjustments", _for_files(request, where)),
    )


def _for_files(request: Request, where: AdjustmentFilter) -> dict[str, str]:
    """What is asked as the endpoint of the files takes it: amounts in fen, and no groups."""
    own = {"least_wan", "most_wan", "group_by"}
    fen: dict[str, Any] = {"least": where.least_fen, "most": where.most_fen}
    return {
        **{name: text for name, text in FORM.fill(request).address.items() if name not in own},
        **{name: str(value) for name, value in fen.items() if value is not None},
    }


@router.get("/evaluations/{id:form}/adjustments", name="evaluation_adjustments_page")
def evaluation_adjustments_page(request: Request, id: str) -> Response:  # noqa: A002
    """The adjustments of one unit and year, or of one project of it."""
    view = view_of(request)
    found = view.evaluation(id)
    evaluation = found.evaluation
    unit_year = unit_year_of(id)
    where = AdjustmentFilter(
        log_id=evaluation.log_id,
        ledger=unit_year.ledger if unit_year else None,
        project=project_of(id),
        with_voided=True,
    )
    same = {
        "log": evaluation.log_id,
        "unit": evaluation.unit,
        "year": str(evaluation.fiscal_year),
        "with_voided": "true",
        **({"project": where.project} if where.project else {}),
    }
    return page(
        request,
        "ledger.html",
        view=view,
        found=found,
        entries=view.adjustments(where),
        undated=view.undated_adjustments(where),
        money=view.money_of_units(where),
        files=files(kept_of(request), "/api/adjustments", same),
    )
