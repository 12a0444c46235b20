"""Answers as files: CSV, NDJSON and xlsx, of any length, in constant memory.

A file begins with what was asked, as of which moment, and the position of each log, so that it
can be filed; each row names its fact. Figures go out as they are: money in 元 with two digits, no
figure through a float that could change it.
"""

from api.exporting.tables import Export, Field, Kind
from api.exporting.writing import FORMATS, MEDIA_TYPES, file_name, write

__all__ = ["FORMATS", "MEDIA_TYPES", "Export", "Field", "Kind", "file_name", "write"]
