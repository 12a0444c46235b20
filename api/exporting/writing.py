"""Writing an export in one of the formats, as parts of bytes."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from api.exporting.about import about, local
from api.exporting.tables import Export, Kind, Value, money
from api.exporting.xlsx import write_workbook

Format = Literal["csv", "ndjson", "xlsx"]
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMATS = tuple(MEDIA_TYPES)
_CHUNK = 64 * 1024
_BOM = "\ufeff"  # Excel in China takes a CSV without it for GBK
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def file_name(export: Export, format_: str) -> str:
    """How the file is called."""
    return f"liuhen-{export.name}-{export.made_at:%Y%m%d-%H%M%S}.{format_}"


def write(export: Export, format_: str, lang: str) -> Iterator[bytes]:
    """The file, part by part. Rows are read as it goes, and none is kept."""
    writers: Mapping[str, Callable[[Export, str], Iterator[bytes]]] = {
        "csv": _csv,
        "ndjson": _ndjson,
        "xlsx": _xlsx,
    }
    return writers[format_](export, lang)


def _csv(export: Export, lang: str) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_BOM)
    for name, value in about(export, lang):
        writer.writerow([name, _harmless(value)])
    writer.writerow([])
    writer.writerow([field.title.in_(lang) for field in export.fields])
    for row in export.rows:
        writer.writerow([_cell(field.kind, field.value(row, lang)) for field in export.fields])
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(kind: Kind, value: Value) -> str:
    shown = plain(kind, value)
    if shown is None:
        return ""
    return _harmless(shown) if kind is Kind.TEXT else shown


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; an apostrophe says that it is text."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(kind: Kind, value: Value) -> str | None:
    """A value as text: money in 元, moments of Shanghai."""
    if value is None:
        return None
    if kind is Kind.MONEY and isinstance(value, int):
        return money(value)
    if isinstance(value, datetime):
        return local(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _ndjson(export: Export, lang: str) -> Iterator[bytes]:
    head = {
        "about": {
            "title": export.title.in_(lang),
            "asked": {one.name: one.value for one in export.asked},
            "as_of": export.moment,
            "positions": export.positions,
            "made_at": export.made_at,
            "money": "yuan",
        }
    }
    yield msgspec.json.encode(head) + b"\n"
    for row in export.rows:
        one = {field.name: _json(field.kind, field.value(row, lang)) for field in export.fields}
        yield msgspec.json.encode(one) + b"\n"


def _json(kind: Kind, value: Value) -> object:
    if kind is Kind.MONEY:
        return plain(kind, value)
    return value


def _xlsx(export: Export, lang: str) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        write_workbook(export, lang, file)
        file.seek(0)
        while part := file.read(_CHUNK):
            yield part
