"""From the bytes of a file to its tree."""

from adapters.input_format.json_nodes import JsonBuilder
from adapters.input_format.nodes import MAX_BYTES, START, Tree, Unreadable
from adapters.input_format.problems import ENCODING, NOT_TEXT, TOO_LARGE
from adapters.input_format.yaml_nodes import YamlBuilder
from domain.values import Words

_GB2312_SHARE = 0.9
_LOOKED_AT = 4096
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_TEXT = (
    (b"PK\x03\x04", Words("Word 或 Excel 文档，或压缩包", "a Word or Excel file, or an archive")),
    (b"\xd0\xcf\x11\xe0", Words("旧版 Word 或 Excel 文档", "an old Word or Excel file")),
    (b"%PDF", Words("PDF", "a PDF")),
)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, or in GB18030 where nothing else fits.

    Raises ``Unreadable``.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(START, TOO_LARGE, size=len(data), limit=MAX_BYTES)
    what = next((what for start, what in _NOT_TEXT if data.startswith(start)), None)
    if what is not None or (b"\0" in data[:_LOOKED_AT] and not data.startswith(_UTF_16)):
        raise Unreadable(START, NOT_TEXT, what=what or Words("二进制文件", "a binary file"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = error.start + 1
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise Unreadable(START, ENCODING, byte=byte) from None
    # GB18030 takes nearly any bytes. It is believed where almost every character is one of the
    # common ones of GB 2312: Latin letters with accents, read as GB18030, give rare ones.
    foreign = [character for character in text if ord(character) >= 0x80]  # noqa: PLR2004 - ASCII
    common = sum(_in_gb2312(character) for character in foreign)
    if "\0" in text or common < _GB2312_SHARE * len(foreign):
        raise Unreadable(START, ENCODING, byte=byte)
    return text


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def parse(text: str, *, json: bool) -> Tree:
    """The tree of ``text``. Raises ``Unreadable``."""
    builder = JsonBuilder(text) if json else YamlBuilder(text)
    root = builder.root()
    return Tree(root, tuple(builder.problems))
