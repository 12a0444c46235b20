"""Shapes: what may stand at a place of the file, how it is read, and its JSON Schema.

Shapes are made from the annotations of msgspec Structs, so that a format is declared once. A
reading goes on after a mistake and collects every one with its place.
"""

from adapters.input_format.shapes.base import About, Bad, Schema, Shape, StandIn, unknown_name
from adapters.input_format.shapes.figures import Number
from adapters.input_format.shapes.lists import DictOf, ListOf
from adapters.input_format.shapes.reading import Reading
from adapters.input_format.shapes.records import OneOf, Record
from adapters.input_format.shapes.values import Choice, Converted, Day, Text, Truth

__all__ = [
    "About",
    "Bad",
    "Choice",
    "Converted",
    "Day",
    "DictOf",
    "ListOf",
    "Number",
    "OneOf",
    "Reading",
    "Record",
    "Schema",
    "Shape",
    "StandIn",
    "Text",
    "Truth",
    "unknown_name",
]
