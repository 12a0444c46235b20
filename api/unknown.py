"""What is named and is not there, or is none of the values of a list: one code at every door."""

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
LINE_UNKNOWN = kind(
    "line.unknown",
    404,
    zh="{id} 没有“{line}”这一行{near}",
    en="{id} has no line {line!r}{near}",
    do_zh="`liuhen show {id}` 或 /api/evaluations/{id} 列出各行",
    do_en="`liuhen show {id}` or /api/evaluations/{id} shows its lines",
)
RULE_SET_UNKNOWN = kind(
    "rule-set.unknown",
    404,
    zh="没有规则集 {name}{near}",
    en="there is no rule set {name}{near}",
    do_zh="`liuhen rules` 或 /api/rule-sets 列出全部；比较和回放时可写 名称@版本，"
    "同名规则集在几处时写 日志:名称@版本",
    do_en="`liuhen rules` or /api/rule-sets lists them all; where versions are compared or a year is "
    "replayed, name@version and log:name@version will do",
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


def line_unknown(place: str, evaluation: str, line: str, near: Words = NO_HINT) -> Problem:
    """An evaluation has no such line; ``near`` says which may have been meant."""
    return LINE_UNKNOWN.at(place, id=evaluation, line=line, near=near)
