"""What differs: two moments of an evaluation, two evaluations, two versions of a rule set."""
# ruff: noqa: D415 - Chinese sentences, which the documentation of the API shows, end in 。

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request

from api import differing
from api import schemas as s
from api.routers.documentation import READING, problems
from api.routers.filters import FormId, note_unless_open
from api.routers.parameters import StrictRoute, noted
from api.routers.reading import Lang, Moment, Reading, liuhen_of, recorded_only
from projections.differences import RuleSetDifference

router = APIRouter(prefix="/api", tags=["差异"], route_class=StrictRoute)


_MOMENT = (
    "日期、日期时间、now、submitted、published、signed、returned、finalised、opened"
    "（第几次写作 submitted:2），或日志位置 #120。"
)


class Moments(NamedTuple):
    """What is compared: another evaluation (None: the same one) and the two moments."""

    other: str | None
    begin: str | None
    end: str | None


def _moments(
    *,
    request: Request,
    id: FormId,  # noqa: A002 - the name in the address
    moment: Moment,
    begin: Annotated[
        str | None,
        Query(
            alias="from",
            title="前一时点",
            description=f"{_MOMENT}默认为最近一次报送，没有则为建立时；与另一份相比时为现在。",
        ),
    ] = None,
    end: Annotated[
        str | None,
        Query(alias="to", title="后一时点", description="写法相同；默认为现在或 as_of。"),
    ] = None,
    other: Annotated[
        str | None, Query(title="另一份自评", description="不填则比较同一份。")
    ] = None,
) -> Moments:
    liuhen = liuhen_of(request)
    if other is not None:
        note_unless_open(request, other, "other")
    if begin is not None:
        noted(lambda: differing.position_of(liuhen, id, begin, "from", moment))
    if end is not None:
        noted(lambda: differing.position_of(liuhen, other or id, end, "to", moment))
    return Moments(other, begin, end)


@router.get(
    "/evaluations/{id:form}/diff",
    summary="差异",
    dependencies=[recorded_only("差异", "differences")],
    responses=problems(
        *READING,
        "evaluation.unknown",
        "diff.moment-unknown",
        "diff.not-open",
        "effective-on.no-meaning",
    ),
)
def read_difference(
    *,
    view: Reading,
    lang: Lang,
    id: FormId,  # noqa: A002
    asked: Annotated[Moments, Depends(_moments)],
) -> s.DifferenceOut:
    """只列变化：得分、状态、指标行、原因、资金、调整、疑点；各附带来它的事实：何人、何时、何身份、文号、理由。"""
    view.evaluation(id)
    if asked.other is not None:
        view.evaluation(asked.other, "other")
    found = differing.difference(
        view.liuhen, id, asked.other, asked.begin, asked.end, as_of=view.moment
    )
    return s.shown(s.DifferenceOut, found, lang)


def _versions(
    request: Request,
    before: Annotated[
        str,
        Query(
            alias="from",
            title="前一版",
            description="名称、名称@版本，或 日志:名称@版本。",
            max_length=200,
        ),
    ],
    after: Annotated[
        str, Query(alias="to", title="后一版", description="写法相同。", max_length=200)
    ],
) -> RuleSetDifference | None:
    return noted(lambda: differing.rule_sets(liuhen_of(request), before, after))


@router.get(
    "/rule-set-differences",
    summary="规则集的差异",
    responses=problems("rule-set.unknown"),
)
def read_rule_set_difference(
    lang: Lang, found: Annotated[RuleSetDifference, Depends(_versions)]
) -> s.RuleSetDifferenceOut:
    """两个版本逐行比较：规则、模板、取整、等级。"""
    return s.shown(s.RuleSetDifferenceOut, found, lang)
