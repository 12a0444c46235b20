"""The commands that store, mend and serve: import, demo, rebuild, migrate, serve; and rules."""

import socket
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api import demo as demonstration
from api.bootstrap import SERVICE_VARIABLE, Liuhen, bootstrap
from api.cli.reading import AsJson, AsOf
from api.cli.session import session_of
from api.cli.speech import both
from api.labels import words_of
from api.logging import logger
from api.output import Output, number, points, shorten, styled, text, word, write_json
from domain.commands import OpenEvaluation
from domain.findings import FindingClass
from domain.importing import Done
from domain.problems import Rejected, kind
