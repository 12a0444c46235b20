"""What is named and is not there, or is none of the values of a list: one code at every door.

What commands name as well (a line, a rule set) is told in ``domain.evaluation.problems``.
"""

from domain.problems import Problem, kind
from domain.values import Words

NO_HINT = Words("", "")

EVALUATION_UNKNOWN = kind(
    "evaluation.unknown",
    404,
    zh="没有自评 {id}{near}",
    en="there is no self-evaluation {id}{near}",
    do_zh="核对编号和时点；`liuhen list` 或 /api/evaluations 列出全部编号",
    do_en="check the id and the moment; `liuhen list` or /api/evaluations shows every id",
)
NOT_IN_LIST = kind(
    "request.not-in-list",
    422,
    zh="“{value}”不是可用的值",
    en="{value!r} is none of the possible values",
    do_zh="可用：{choices}",
    do_en="use one of: {choices}",
)
_NOT_THEN = Words("，或当时尚未建立", ", or there was none at that time")


def evaluation_unknown(place: str, id_: str, near: Words = _NOT_THEN) -> Problem:
    """There is no such evaluation, or was none then; ``near`` tells more where more is known."""
    return EVALUATION_UNKNOWN.at(place, id=id_, near=near)
