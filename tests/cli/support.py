"""Runs lines of the command line and says what came out."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from api.cli import app

ROOT = Path(__file__).resolve().parent.parent.parent
QIAOXI = "130104/xfj/2024/department"
SHENZE = "130128/542/2023/department"
BAYANNUR = "150800/xfj/2024/project/xinfang-shiwu"
SHANGJIE = "410106/xfj/2022/department"
ESCAPE = "\x1b"


@dataclass(frozen=True)
class Outcome:
    """What a line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was printed
        return json.loads(self.out)

    @property
    def flat(self) -> str:
        """What was said on stderr, without line breaks and blanks."""
        return re.sub(r"\s+", "", self.err)


@dataclass(frozen=True)
class Cli:
    """A command line on a data directory."""

    data: Path
    columns: int = 120

    def __call__(self, *args: str, **env: str) -> Outcome:
        """Run a line in this process."""
        given = self.environment(env)
        result = CliRunner().invoke(app, args, env=given, catch_exceptions=False)
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def process(self, *args: str, cwd: Path | None = None, **env: str) -> Outcome:
        """Run a line in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", *args],
            capture_output=True,
            check=False,
            cwd=cwd,
            env=self.process_environment(env),
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def environment(self, env: Mapping[str, str]) -> dict[str, str | None]:
        unset = {name: None for name in os.environ if name.startswith("LIUHEN_")}
        return {
            **unset,
            "LIUHEN_DATA_DIR": str(self.data),
            "COLUMNS": str(self.columns),
            **env,
        }

    def process_environment(self, env: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
        given = {**kept, "PYTHONPATH": str(ROOT), **self.environment(env)}
        return {name: value for name, value in given.items() if value is not None}
