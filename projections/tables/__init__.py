"""What all views share: a row is one frozen Struct, which is its table and the answer to a query.

Money is whole fen in BIGINT, points and rates are decimal strings, moments are UTC text of fixed
width, and everything that has parts is JSON as text. Reasons are kept as digests; a query joins
the texts, so that a redaction reaches every view.
"""

from projections.tables.columns import METADATA, Digest, Json, Moment, Named, table_of
from projections.tables.rows import put, read, replace, values_of
from projections.tables.shapes import REDACTED, FactRef, Prose, TextBodies, per_cent, points, prose
from projections.tables.texts import joined

__all__ = [
    "METADATA",
    "REDACTED",
    "Digest",
    "FactRef",
    "Json",
    "Moment",
    "Named",
    "Prose",
    "TextBodies",
    "joined",
    "per_cent",
    "points",
    "prose",
    "put",
    "read",
    "replace",
    "table_of",
    "values_of",
]
