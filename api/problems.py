"""What HTTP itself refuses, as coded problems in two languages; ``api.refusing`` tells them.

Nothing that a client sends may end in a 500: what the framework refuses by itself (routes,
methods, hosts, bodies, types) has its code here, beside those of the domain.
"""

from domain.problems import kind

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
