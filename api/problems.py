"""Refusals over HTTP: RFC 9457 documents, coded, in two languages, every problem at once.

Nothing that a client sends may end in a 500: what the framework refuses by itself (routes,
methods, hosts, bodies, types) is put into the same shape as what the domain refuses.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.language import language_of
from api.logging import logger
from api.ranges import OUT_OF_RANGE, allowed
from api.storage import has_given_out, unavailable
from api.unknown import NOT_IN_LIST
from domain.problems import CATALOGUE, Kind, Problem, Rejected, kind
from domain.values import Words

MEDIA_TYPE = "application/problem+json"

NOT_FOUND = kind(
    "http.not-found",
    404,
    zh="没有这个地址",
    en="there is nothing at this address",
    do_zh="核对地址；全部地址见 /docs",
    do_en="check the address; /docs lists them all",
)
FACT_UNKNOWN = kind(
    "http.fact-unknown",
    404,
    zh="日志 {log} 没有位置 {position}，或当时尚未记下；末条位置是 {last}",
    en="the log {log} has no position {position}, or had none at that time; its last is {last}",
    do_zh="核对日志和位置",
    do_en="check the log and the position",
)
METHOD = kind(
    "http.method-not-allowed",
    405,
    zh="此地址不接受 {method}",
    en="this address does not take {method}",
    do_zh="可用的方法见响应头 Allow 和 /docs",
    do_en="see the header Allow, and /docs",
)
TOO_LARGE = kind(
    "http.body-too-large",
    413,
    zh="请求正文过大",
    en="the body is too large",
    do_zh="正文不得超过 256 KiB",
    do_en="send no more than 256 KiB",
)
MEDIA = kind(
    "http.unsupported-media-type",
    415,
    zh="请求正文须为 application/json",
    en="the body must be application/json",
    do_zh="加上请求头 Content-Type: application/json",
    do_en="send the header Content-Type: application/json",
)
MALFORMED_JSON = kind(
    "http.malformed-json",
    400,
    zh="请求正文不是可读的 JSON",
    en="the body is not readable JSON",
    do_zh="用 UTF-8 写一个 JSON 对象",
    do_en="send one JSON object in UTF-8",
)
HOST = kind(
    "http.unknown-host",
    400,
    zh="不以此主机名提供服务",
    en="this host name is not served",
    do_zh="用 127.0.0.1 或 localhost 访问，或把主机名加入 LIUHEN_ALLOWED_HOSTS",
    do_en="use 127.0.0.1 or localhost, or add the name to LIUHEN_ALLOWED_HOSTS",
)
NOT_LOOPBACK = kind(
    "http.commands-are-local",
    403,
    zh="账户建立以前，命令只接受本机发来的",
    en="until there are accounts, commands are taken from this machine only",
    do_zh="在本机操作，或由可信的代理核实身份后转发（LIUHEN_TRUST_PROXY=true）",
    do_en="work on this machine, or behind a trusted proxy that checks identities "
    "(LIUHEN_TRUST_PROXY=true)",
)
CROSS_SITE = kind(
    "http.cross-site",
    403,
    zh="不接受别的网站发起的命令",
    en="commands started by another site are refused",
    do_zh="从本系统的页面或客户端发出",
    do_en="send them from pages or clients of this service",
)
HEADER = kind(
    "http.header-invalid",
    400,
    zh="请求头 {header} 缺失或不成立：{rule}",
    en="the header {header} is missing or invalid: {rule}",
    do_zh="更正后再发",
    do_en="correct it and send again",
)
AFTER_TIMEOUT = kind(
    "http.projection-behind",
    504,
    zh="等待 {seconds} 秒后，视图仍未到达日志 {log} 的位置 {position}（现为 {reached}）",
    en="after {seconds} seconds the views have not reached position {position} of log {log} "
    "(now {reached})",
    do_zh="稍后再读；/health 说明视图落后多少",
    do_en="read again later; /health tells how far the views are behind",
)
INTERNAL = kind(
    "http.internal",
    500,
    zh="程序出错，未能完成",
    en="the program failed",
    do_zh="把 {request} 告诉管理员；命令可用同一命令号重试",
    do_en="tell the administrator {request}; a command can be retried with the same key",
)
OTHER = kind(
    "http.refused",
    400,
    zh="请求被拒绝",
    en="the request was refused",
    do_zh="核对请求",
    do_en="check the request",
)

MISSING = kind(
    "request.missing",
    422,
    zh="缺少此项",
    en="this is missing",
    do_zh="补上此项",
    do_en="give it",
)
UNKNOWN_FIELD = kind(
    "request.unknown-field",
    422,
    zh="没有此项",
    en="there is no such field",
    do_zh="删去，或核对写法；各项见 /docs",
    do_en="drop it or check its spelling; /docs lists the fields",
)
GIVEN_TWICE = kind(
    "request.given-twice",
    422,
    zh="写了不止一次",
    en="it is given more than once",
    do_zh="只写一次；可以重复的只有 /docs 注明的",
    do_en="give it once; /docs says which may be repeated",
)
WRONG_TYPE = kind(
    "request.wrong-type",
    422,
    zh="类型不对",
    en="it has the wrong type",
    do_zh="文字用引号，表用方括号，对象用花括号",
    do_en="quote texts, put lists in brackets and objects in braces",
)
NOT_A_NUMBER = kind(
    "request.not-a-number",
    422,
    zh="不是普通写法的数",
    en="it is no plainly written number",
    do_zh='写成如 "12.50" 的十进制数，不用指数、逗号和单位',
    do_en='write a decimal such as "12.50", without exponent, commas or unit',
)
NOT_WHOLE = kind(
    "request.not-whole",
    422,
    zh="不是整数",
    en="it is no whole number",
    do_zh="写成如 2024 的整数，不用小数点、空格和逗号",
    do_en="write a whole number such as 2024, without point, blanks and commas",
)
FLOAT_REFUSED = kind(
    "request.float",
    422,
    zh="数值须写成带引号的十进制数，不接受浮点数",
    en="figures are quoted decimals; floating-point numbers are refused",
    do_zh='写成 "12.50"；金额也可用整数的分',
    do_en='write "12.50"; amounts may also be whole fen',
)
FINER_THAN_FEN = kind(
    "request.finer-than-fen",
    422,
    zh="比分更细",
    en="it is finer than a fen",
    do_zh="万元至多六位小数",
    do_en="万元 take six decimals at most",
)
LENGTH = kind(
    "request.length",
    422,
    zh="长度不对",
    en="it is too long or too short",
    do_zh="不得为空；长度上限见 /docs",
    do_en="it must not be empty; /docs gives the limit",
)
CHARACTERS = kind(
    "request.characters",
    422,
    zh="含有不能保存的字符（控制字符或残缺的代理对）",
    en="it holds characters that cannot be kept (control characters, lone surrogates)",
    do_zh="删去这些字符",
    do_en="remove them",
)
NOT_A_DATE = kind(
    "request.not-a-date",
    422,
    zh="不是日期",
    en="it is no date",
    do_zh="写作 2025-03-12",
    do_en="write 2025-03-12",
)
INVALID = kind(
    "request.invalid",
    422,
    zh="此项不成立",
    en="this does not hold",
    do_zh="核对此项；写法见 /docs",
    do_en="check it; /docs tells how to write it",
)

_BY_PYDANTIC: Mapping[str, Kind] = {
    "missing": MISSING,
    "extra_forbidden": UNKNOWN_FIELD,
    "json_invalid": MALFORMED_JSON,
    "string_unicode": CHARACTERS,
    "string_too_long": LENGTH,
    "string_too_short": LENGTH,
    "too_long": LENGTH,
    "too_short": LENGTH,
    "enum": NOT_IN_LIST,
    "literal_error": NOT_IN_LIST,
    "less_than_equal": OUT_OF_RANGE,
    "greater_than_equal": OUT_OF_RANGE,
    "int_parsing": NOT_WHOLE,
}
_QUOTED = re.compile(r"'([^']*)'")
_SHOWN = 40  # characters of a value that is refused
_TYPES = ("_type", "_attributes_type", "_parsing")


def problem_of(error: Mapping[str, Any]) -> Problem:
    """One error of pydantic in our words, at its place as a JSON pointer (or parameter name)."""
    what = str(error["type"])
    named = CATALOGUE.get(what) or _BY_PYDANTIC.get(what)
    if named is None:
        named = WRONG_TYPE if what.endswith(_TYPES) else INVALID
    where, *rest = error["loc"]
    if named is MALFORMED_JSON:
        return named.at(_pointer(()))
    place = str(rest[0]) if rest else str(where)
    if where == "body":
        place = _pointer(rest)
    gaps_of = _GAPS.get(named.code)
    return named.at(place, **gaps_of(error) if gaps_of else {})


def _of_list(error: Mapping[str, Any]) -> dict[str, object]:
    """What was given, and what may be, of a value that is in no list."""
    expected = str(error.get("ctx", {}).get("expected", ""))
    choices = "、".join(_QUOTED.findall(expected)) or expected
    return {"value": str(error.get("input", ""))[:_SHOWN], "choices": choices}


def _of_range(error: Mapping[str, Any]) -> dict[str, object]:
    """The bounds of a number that lies outside; the library's own checks tell one of them."""
    bounds = error["ctx"]
    return {"allowed": allowed(bounds.get("ge"), bounds.get("le"))}


_GAPS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, object]]] = {
    NOT_IN_LIST.code: _of_list,
    OUT_OF_RANGE.code: _of_range,
}


def _pointer(parts: Sequence[object]) -> str:
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def document(problems: Sequence[Problem], lang: str, instance: str) -> dict[str, Any]:
    """The RFC 9457 document of ``problems``; the first one names and classes it."""
    first = problems[0]
    return {
        "type": f"/problems#{first.code}",
        "title": first.message.in_(lang),
        "status": first.status,
        "detail": first.todo.in_(lang),
        "instance": instance,
        "code": first.code,
        "problems": [
            {
                "code": one.code,
                "place": one.place,
                "message": one.message.in_(lang),
                "todo": one.todo.in_(lang),
            }
            for one in problems
        ],
    }


def answer(
    request: Request, problems: Sequence[Problem], headers: Mapping[str, str] | None = None
) -> Response:
    """The response for ``problems``: a document for programs, a page for people."""
    if not request.url.path.startswith(("/api/", "/health", "/openapi")):
        page = getattr(request.app.state, "problem_page", None)
        if page is not None:
            shown: Response = page(request, problems)
            shown.headers.update(headers or {})
            return shown
    lang = language_of(request)
    return JSONResponse(
        document(problems, lang, request.url.path),
        status_code=problems[0].status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), "Content-Language": _TAGS[lang], "Cache-Control": "no-store"},
    )


_TAGS = {"zh": "zh-CN", "en": "en"}
_BY_STATUS = {404: NOT_FOUND, 413: TOO_LARGE, 415: MEDIA}


def _rejected(request: Request, error: Exception) -> Response:
    if not isinstance(error, Rejected):
        raise error
    return answer(request, [_for_others(one) for one in error.problems])


_INSIDE = {
    "store.unreachable": Words(
        "无法连接数据库；原因见服务的日志", "the database cannot be reached; the log says why"
    )
}
"""What is said instead to whoever asks over HTTP: the driver names hosts, roles and databases."""


def _for_others(problem: Problem) -> Problem:
    said = _INSIDE.get(problem.code)
    if said is None:
        return problem
    logger().error("problem", code=problem.code, message=problem.message.en)
    return msgspec.structs.replace(problem, message=said)


def problems_of(error: RequestValidationError) -> list[Problem]:
    """What the framework found, in our words."""
    # One place, one problem: a union reports every branch that did not fit.
    found: dict[str, Problem] = {}
    for one in error.errors():
        problem = problem_of(one)
        found.setdefault(problem.place, problem)
    return list(found.values())


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return answer(request, problems_of(error))


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == METHOD.status:
        return answer(request, [METHOD.at(request.method, method=request.method)], headers)
    if error.status_code == MALFORMED_JSON.status:
        # The framework's own word for a body that it could not parse.
        return answer(request, [MALFORMED_JSON.at("#")], headers)
    found = _BY_STATUS.get(error.status_code, OTHER)
    place = request.url.path if found is NOT_FOUND else ""
    return answer(request, [found.at(place)], headers)


def failed(request: Request, error: Exception) -> Response:
    """The answer to a request that the program failed at; the error goes to the log."""
    logger().error("request_failed", exc_info=error)
    if has_given_out(error):
        return answer(request, [unavailable(error)])
    return answer(request, [INTERNAL.at(request=request.headers.get("Idempotency-Key", "-"))])


def refuse(request: Request, refused: Kind, place: str) -> Response:
    """The answer to a request that goes no further; always a document."""
    lang = language_of(request)
    return JSONResponse(
        document([refused.at(place)], lang, request.url.path),
        status_code=refused.status,
        media_type=MEDIA_TYPE,
        headers={"Content-Language": _TAGS[lang], "Cache-Control": "no-store"},
    )


def install(app: FastAPI) -> None:
    """Let ``app`` answer every refusal in this shape."""
    app.add_exception_handler(Rejected, _rejected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
