"""What can be wrong with a command on a form, and what to do about it."""

from collections.abc import Iterable

from domain.problems import Problem, kind
from domain.values import Words

_NOTHING = Words("", "")

ALREADY_OPEN = kind(
    "evaluation.already-open",
    409,
    zh="自评 {form} 已建立",
    en="the evaluation {form} is open already",
    do_zh="直接填报即可",
    do_en="enter figures in it",
)
NOT_OPEN = kind(
    "evaluation.not-open",
    404,
    zh="没有自评 {form}",
    en="there is no evaluation {form}",
    do_zh="核对编号，或先建立自评；`liuhen list` 列出全部",
    do_en="check the id, or open the evaluation first; `liuhen list` shows all",
)
WRONG_STATE = kind(
    "evaluation.wrong-state",
    409,
    zh="自评处于“{status}”，此操作须在“{needed}”时进行",
    en="the evaluation is {status}; this needs {needed}",
    do_zh="{next}",
    do_en="{next}",
)
ALREADY_SUBMITTED = kind(
    "evaluation.already-submitted",
    409,
    zh="自评已报送（{status}），内容不能再改",
    en="the evaluation was submitted ({status}): its content no longer changes",
    do_zh="请主管部门或财政局退回后再改；已定稿的须凭文件重新打开",
    do_en="have a reviewer return it first; a finalised one is reopened on a document",
)
SIGNED_ALREADY = kind(
    "evaluation.signed",
    409,
    zh="自评已签章，内容不能再改",
    en="the evaluation is signed: its content no longer changes",
    do_zh="先由单位撤回签章",
    do_en="withdraw the signature first",
)
LINE_UNKNOWN = kind(
    "line.unknown",
    404,
    zh="{id} 没有“{line}”这一行{near}",
    en="{id} has no line {line!r}{near}",
    do_zh="`liuhen show {id}` 或 /api/evaluations/{id} 列出各行",
    do_en="`liuhen show {id}` or /api/evaluations/{id} shows its lines",
)
POINTS_OUT_OF_RANGE = kind(
    "evaluation.points-out-of-range",
    422,
    zh="得分 {points} 不在 0 与分值 {max_points} 之间",
    en="{points} points are not between 0 and the maximum of {max_points}",
    do_zh="改为分值以内的得分",
    do_en="give points within the maximum",
)
SCORE_UNCHANGED = kind(
    "evaluation.score-unchanged",
    422,
    zh="改分前后都是 {points}",
    en="the score is {points} before and after",
    do_zh="得分不变时无需改分",
    do_en="nothing needs to be overridden",
)
NO_OVERRIDE = kind(
    "evaluation.no-override",
    404,
    zh="指标行 {line} 没有有效的改分",
    en="the line {line} has no live override",
    do_zh="核对行号",
    do_en="check the line",
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
RULES_NOT_ADOPTED = kind(
    "evaluation.no-rules",
    409,
    zh="自评尚未采用规则集，不能计分",
    en="the evaluation has adopted no rule set and cannot be scored",
    do_zh="先采用规则集",
    do_en="adopt a rule set first",
)
METRIC_UNKNOWN = kind(
    "evaluation.unknown-metric",
    422,
    zh="没有口径为 {base} 的指标 {metric}",
    en="there is no metric {metric} on the base {base}",
    do_zh="见文档中的指标与口径表",
    do_en="see the table of metrics and bases",
)
QUANTITY_UNKNOWN = kind(
    "evaluation.unknown-quantity",
    422,
    zh="没有名为 {quantity} 的数",
    en="there is no quantity {quantity}",
    do_zh="见文档中的数目表",
    do_en="see the table of quantities",
)
STALE = kind(
    "evaluation.stale-score",
    409,
    zh="指标行 {line} 的得分已过期：计算后依据的数变了",
    en="the score of line {line} is stale: what it was calculated from has changed",
    do_zh="重新计算得分，再签章、报送",
    do_en="calculate the scores anew, then sign and submit",
)
NOBODY_REVIEWS_OWN = kind(
    "evaluation.own-entry",
    403,
    zh="{actor} 填报过此自评，不能再审核它",
    en="{actor} entered parts of this evaluation and cannot review it",
    do_zh="由没有参与填报的人审核",
    do_en="let somebody review who entered nothing",
)
EVIDENCE_UNKNOWN = kind(
    "evaluation.unknown-evidence",
    404,
    zh="没有摘要为 {sha256} 的佐证材料",
    en="no attached evidence has the digest {sha256}",
    do_zh="先登记佐证材料",
    do_en="attach the evidence first",
)
DIGEST_MALFORMED = kind(
    "evaluation.malformed-digest",
    422,
    zh="{digest!r} 不是 64 位十六进制的 SHA-256 摘要",
    en="{digest!r} is not a SHA-256 digest of 64 hexadecimal digits",
    do_zh="用 SHA-256 计算文件摘要",
    do_en="take the SHA-256 of the file",
)
OTHER_SUBJECT = kind(
    "correction.other-subject",
    422,
    zh="更正不能改换对象：原为 {expected}，现为 {given}",
    en="a correction keeps its subject: it was {expected}, this is {given}",
    do_zh="作废原事实后另行填报",
    do_en="void the fact and enter another",
)
MEASURE_WITHOUT_PROBLEM = kind(
    "evaluation.unknown-problem",
    404,
    zh="没有编号为 {number} 的问题或整改措施",
    en="there is no problem or measure with the number {number}",
    do_zh="核对编号",
    do_en="check the number",
)
NUMBER_TAKEN = kind(
    "evaluation.number-taken",
    409,
    zh="编号 {number} 已使用",
    en="the number {number} is used already",
    do_zh="换一个编号",
    do_en="use another number",
)
REASON_MISSING = kind(
    "evaluation.reason-missing",
    422,
    zh="指标行 {line} 须写明原因：{why}",
    en="line {line} needs a reason: {why}",
    do_zh="填报扣分原因后再签章",
    do_en="justify the line, then sign",
)
NEVER_SCORED = kind(
    "evaluation.no-lines",
    409,
    zh="自评没有指标行，不能签章",
    en="the evaluation has no lines and cannot be signed",
    do_zh="先填报指标行",
    do_en="set its rows first",
)
LINE_REUSED = kind(
    "evaluation.line-reused",
    409,
    zh="指标行 {line} 已有得分，不能改为另一个指标或另一分值",
    en="line {line} has a score: it cannot become another indicator or another maximum",
    do_zh="给新的指标用新的行号；或先撤回改分、更正填报得分",
    do_en="give the new row a line of its own, or withdraw the override and correct the score first",
)
NO_MAXIMUM = kind(
    "evaluation.no-maximum",
    422,
    zh="指标行 {line} 没有分值，不能打分",
    en="line {line} has no maximum points and cannot be given a score",
    do_zh="先填报该行的分值",
    do_en="set the maximum points of the row first",
)
NOT_SUPERVISED = kind(
    "evaluation.no-department-review",
    409,
    zh="该单位自为主管部门，没有主管部门初审",
    en="the unit is its own supervising department: there is no department review",
    do_zh="由财政局审核",
    do_en="the finance bureau reviews it",
)
TYPED_WITHOUT_PAPER = kind(
    "evaluation.typed-score",
    422,
    zh="指标行 {line} 的得分是人工填的，规则无法复算",
    en="the score of line {line} was typed: no rule reproduces it",
    do_zh="用“改分”写明理由和依据文件",
    do_en="override it with a reason and a basis document",
)
DECLARED_DIFFERS = kind(
    "evaluation.declared-differs",
    422,
    zh="指标行 {line} 填报 {declared} 分，按规则得 {calculated} 分，没有说明",
    en="line {line} declares {declared} points where its rule gives {calculated}, without a reason",
    do_zh="更正填报得分，或写明原因，或用“改分”写明依据",
    do_en="correct the declared score, justify it, or override it on a document",
)


def line_unknown(place: str, form: str, line: str, near: Words = _NOTHING) -> Problem:
    """A form has no such line; ``near`` says which may have been meant, or which there are."""
    return LINE_UNKNOWN.at(place, id=form, line=line, near=near)


def lines_there_are(lines: Iterable[str]) -> Words:
    """The lines of a form, to say beside one that it does not have."""
    some = list(lines)
    if not some:
        return _NOTHING
    return Words(f"；现有 {'、'.join(some)}", f"; there are {', '.join(some)}")
