"""What can be wrong with an input file. Each message says what was found, each todo what to write."""

from domain.problems import kind

TOO_LARGE = kind(
    "input.too-large",
    413,
    zh="文件有 {size} 字节，超过上限 {limit} 字节",
    en="the file has {size} bytes, more than the limit of {limit}",
    do_zh="按单位拆成几个文件，分别导入",
    do_en="split it by unit into several files and import each",
)
NOT_TEXT = kind(
    "input.not-text",
    415,
    zh="这不是文字文件（像是{what}）",
    en="this is not a text file (it looks like {what})",
    do_zh="照 examples/documents 里的一个例子，写成 .yaml 或 .json 的文字文件",
    do_en="write a text file, .yaml or .json, after one of the examples in examples/documents",
)
ENCODING = kind(
    "input.encoding",
    422,
    zh="文件既不是 UTF-8，也不能确定是 GB18030（第 {byte} 个字节起无法识别）",
    en="the file is not UTF-8, nor clearly GB18030 (unreadable from byte {byte} on)",
    do_zh="用编辑器“另存为”，编码选 UTF-8",
    do_en="save it anew with the encoding UTF-8",
)
SYNTAX = kind(
    "input.syntax",
    422,
    zh="{language} 写法有误：{detail}",
    en="this is not {language}: {detail}",
    do_zh="看这一行和上一行：缩进只用空格且上下对齐，冒号后空一格，引号和括号成对",
    do_en="look at this line and the one above: indent with aligned spaces, a space after each "
    "colon, quotes and brackets in pairs",
)
SEVERAL_DOCUMENTS = kind(
    "input.several-documents",
    422,
    zh="一个文件里有第二份 YAML 文档（“---” 之后）",
    en="a second YAML document begins here (after '---')",
    do_zh="几个单位写在 units 之下的列表里，不用 “---” 分隔",
    do_en="list several units under `units` instead of separating them with '---'",
)
TOO_DEEP = kind(
    "input.too-deep",
    422,
    zh="嵌套超过 {limit} 层",
    en="nested deeper than {limit} levels",
    do_zh="减少嵌套；没有内容需要这么多层",
    do_en="nest less; no content needs so many levels",
)
TOO_MANY = kind(
    "input.too-many-values",
    413,
    zh="文件里的值（引用展开后）超过 {limit} 个",
    en="the file has more than {limit} values, aliases expanded",
    do_zh="按单位或年度拆成几个文件，分别导入",
    do_en="split it by unit or year into several files and import each",
)
ALIASES = kind(
    "input.aliases",
    422,
    zh="引用（*{name}）{detail}",
    en="the alias *{name} {detail}",
    do_zh="把被引用的内容直接写出来",
    do_en="write out what it refers to",
)
TAGGED = kind(
    "input.tag",
    422,
    zh="不能用标签“{tag}”",
    en="the tag {tag!r} cannot be used",
    do_zh="删去标签，直接写值；要作文字的数加引号",
    do_en="drop the tag and write the value; put quotes around digits that are words",
)
UNSTORABLE = kind(
    "input.character",
    422,
    zh="有不能用的字符 {character}",
    en="there is a character that cannot be used, {character}",
    do_zh="删去该字符（看不见的，把这个值重新输入一遍）",
    do_en="remove the character; where it cannot be seen, type the value anew",
)
EMPTY = kind(
    "input.empty",
    422,
    zh="文件没有内容",
    en="the file is empty",
    do_zh="照 examples/documents 里的一个例子填写",
    do_en="fill it in after one of the examples in examples/documents",
)
DUPLICATE_KEY = kind(
    "input.duplicate-key",
    422,
    zh="“{key}”写了两次，上一次在第 {line} 行",
    en="{key!r} is written twice, before on line {line}",
    do_zh="删去一处；同一数额有几处填报时，写成列表",
    do_en="delete one; a figure that is declared several times is written as a list",
)
UNKNOWN_KEY = kind(
    "input.unknown-key",
    422,
    zh="此处没有“{key}”这一项{near}",
    en="there is no key {key!r} here{near}",
    do_zh="此处可写：{known}",
    do_en="what can stand here: {known}",
)
MISSING_KEY = kind(
    "input.missing-key",
    422,
    zh="缺少“{key}”",
    en="{key!r} is missing",
    do_zh="补上“{key}”：{about}",
    do_en="add {key!r}: {about}",
)
WRONG_SHAPE = kind(
    "input.wrong-shape",
    422,
    zh="应为{expected}，现为{found}",
    en="expected {expected}, found {found}",
    do_zh="{hint}",
    do_en="{hint}",
)
NOT_A_NUMBER = kind(
    "input.not-a-number",
    422,
    zh="“{text}”不是数",
    en="{text!r} is not a number",
    do_zh="{hint}",
    do_en="{hint}",
)
TOO_LONG = kind(
    "input.number-too-long",
    422,
    zh="“{text}”有 {count} 位数字，超过 {limit} 位",
    en="{text!r} has {count} digits, more than {limit}",
    do_zh="核对数字；金额可换用大一些的单位",
    do_en="check the digits; for an amount a larger unit may serve",
)
NOT_A_CHOICE = kind(
    "input.unknown-name",
    422,
    zh="没有名为“{text}”的{what}{near}",
    en="there is no {what} named {text!r}{near}",
    do_zh="可用：{known}",
    do_en="known: {known}",
)
NOT_A_DATE = kind(
    "input.not-a-date",
    422,
    zh="“{text}”不是日期",
    en="{text!r} is not a date",
    do_zh="写成 {example}{month}；日期不明就不写",
    do_en="write {example}{month}; leave it out where it is not known",
)
NO_SUCH_DATE = kind(
    "input.no-such-date",
    422,
    zh="日历上没有 {text} 这一天",
    en="there is no such day as {text}",
    do_zh="核对年月日",
    do_en="check year, month and day",
)
MALFORMED = kind(
    "input.malformed",
    422,
    zh="“{text}”不能用作{what}",
    en="{text!r} cannot serve as {what}",
    do_zh="{hint}",
    do_en="{hint}",
)
FINER_THAN_FEN = kind(
    "input.finer-than-fen",
    422,
    zh="{text} {unit} 细于一分钱",
    en="{text} {unit} is finer than a fen",
    do_zh="核对小数位和单位（元、万元）",
    do_en="check the decimals and the unit (元, 万元)",
)
TOO_MUCH = kind(
    "input.amount-too-large",
    422,
    zh="{text} {unit} 超过十万亿元",
    en="{text} {unit} is more than 10,000,000,000,000 元",
    do_zh="核对数字和单位（元、万元）",
    do_en="check the digits and the unit (元, 万元)",
)
UNIT_MISSING = kind(
    "input.unit-missing",
    422,
    zh="{text} 没有单位",
    en="{text} has no unit",
    do_zh="在这一行写 unit（例如 unit: 次），百分数直接写 {text}%",
    do_en="give the row a unit (for instance unit: 次), or write {text}% for a percentage",
)
TWICE = kind(
    "input.twice",
    422,
    zh="{what}“{name}”出现两次，上一次在 {before}",
    en="the {what} {name!r} stands twice, before at {before}",
    do_zh="{hint}",
    do_en="{hint}",
)
CLASH = kind(
    "input.clash",
    422,
    zh="{detail}",
    en="{detail}",
    do_zh="{hint}",
    do_en="{hint}",
)
SEVERAL_COUNT = kind(
    "input.several-count",
    422,
    zh="{quantity} 有几处标了 counts: true",
    en="{quantity} is marked `counts: true` more than once",
    do_zh="只在起作用的一处标 counts: true",
    do_en="mark only the one that rules",
)
