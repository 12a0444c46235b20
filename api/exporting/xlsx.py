"""An export as a workbook of Excel: a sheet of 说明, and the rows on as many sheets as they need.

Excel keeps numbers as doubles and fifteen digits of them. A figure that is exact within that is
written as a number, any other as text.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import IO

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it brings no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from api.clocks import SHANGHAI
from api.exporting.about import about
from api.exporting.tables import Export, Field, Kind, Value, money

MOST_ROWS = 1_000_000
"""Rows on a sheet; Excel has 1,048,576."""
MOST_CHARACTERS = 32_767
"""Of a cell."""
_DIGITS = 15
_WIDTHS = {
    Kind.TEXT: 24,
    Kind.WHOLE: 10,
    Kind.FIGURE: 10,
    Kind.MONEY: 18,
    Kind.DATE: 12,
    Kind.MOMENT: 20,
}


def write_workbook(export: Export, lang: str, file: IO[bytes], most_rows: int = MOST_ROWS) -> None:
    """Write the workbook to ``file``, row by row: memory stays the same however many there are."""
    # Rows go to temporary files as they come; nothing that is text becomes a formula or a link.
    with Workbook(file, {"constant_memory": True}) as book:
        said = book.add_worksheet("说明" if lang != "en" else "About")
        said.set_column(0, 0, 14)
        said.set_column(1, 1, 60)
        for nth, (name, value) in enumerate(about(export, lang)):
            said.write_string(nth, 0, name)
            said.write_string(nth, 1, _fitting(value))
        sheets = _Sheets(book, export, lang, most_rows)
        for row in export.rows:
            sheets.write(row)
        sheets.close()


class _Sheets:
    """The sheets of rows; the next one begins where one is full."""

    def __init__(self, book: Workbook, export: Export, lang: str, most_rows: int) -> None:
        self._book = book
        self._fields = export.fields
        self._title = export.title.in_(lang)
        self._lang = lang
        self._most = most_rows
        self._bold = book.add_format({"bold": True, "text_wrap": True})
        self._formats: dict[Kind, Format | None] = {
            kind: book.add_format({"num_format": shape}) if shape else None
            for kind, shape in _SHAPES.items()
        }
        self._number = 0
        self._rows = 0
        self._sheet = self._begin()

    def write(self, row: object) -> None:
        """Write one row."""
        if self._rows == self._most:
            self._end()
            self._sheet = self._begin()
        self._rows += 1
        for column, field in enumerate(self._fields):
            self._cell(column, field, field.value(row, self._lang))

    def close(self) -> None:
        """End the last sheet."""
        self._end()

    def _begin(self) -> Worksheet:
        self._number += 1
        self._rows = 0
        name = self._title if self._number == 1 else f"{self._title} {self._number}"
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, field in enumerate(self._fields):
            sheet.set_column(column, column, _WIDTHS[field.kind])
            sheet.write_string(0, column, field.title.in_(self._lang), self._bold)
        return sheet

    def _end(self) -> None:
        self._sheet.autofilter(0, 0, self._rows, len(self._fields) - 1)

    def _cell(self, column: int, field: Field, value: Value) -> None:
        sheet, row, shape = self._sheet, self._rows, self._formats[field.kind]
        if value is None:
            return
        if isinstance(value, datetime):
            sheet.write_datetime(
                row, column, value.astimezone(SHANGHAI).replace(tzinfo=None), shape
            )
            return
        if isinstance(value, date):
            sheet.write_datetime(row, column, value, shape)
            return
        text = money(value) if field.kind is Kind.MONEY and isinstance(value, int) else str(value)
        number = exact(text) if field.kind in _NUMBERS else None
        if number is None:
            sheet.write_string(row, column, _fitting(text))
        else:
            sheet.write_number(row, column, number, shape)


_SHAPES = {
    Kind.TEXT: None,
    Kind.WHOLE: "0",
    Kind.FIGURE: None,
    Kind.MONEY: "#,##0.00",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
}
_NUMBERS = frozenset({Kind.WHOLE, Kind.FIGURE, Kind.MONEY})


def _fitting(text: str) -> str:
    """What of a text fits in a cell, marked where it was cut; the other formats have it whole."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 1]}…"


def exact(text: str) -> float | None:
    """The number that Excel shows as ``text`` and nothing else; None where it could not."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > _DIGITS:
        return None
    return float(number)
