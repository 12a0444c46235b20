"""emmett, in a Node process of its own that takes its turns like everybody else.

It is installed when it is first needed, at the versions that ``emmett/*/package.json`` names, into
a temporary folder that later runs find again.
"""

import getpass
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL

from bench.places import plain
from domain.values import Words

_HERE = Path(__file__).resolve().parent / "emmett"
_DONE = "installed"
_INSTALLING_SECONDS = 900
"""Where no ready-made binary of its SQLite can be fetched, npm compiles one for minutes."""


def name(kind: str) -> Words:
    """Emmett with the version that is measured on a kind of database."""
    package = json.loads((_HERE / kind / "package.json").read_text("utf-8"))
    found = f"emmett {package['dependencies'][f'@event-driven-io/emmett-{kind}']}"
    return Words(found, found)


@cache
def why_not(kind: str, *, install: bool) -> Words | None:
    """Why it cannot be measured here, or None; may install it when it is not there yet."""
    for needed in ("node", "npm"):
        if shutil.which(needed) is None:
            return Words(f"本机没有 {needed}", f"there is no {needed} here")
    if not install and not _folder(kind).joinpath(_DONE).exists():
        return Words("尚未安装", "it is not installed yet")
    try:
        _installed(kind)
    except subprocess.SubprocessError as error:
        told = str(getattr(error, "stderr", None) or error).strip().splitlines()
        return Words("npm 安装失败", f"npm could not install it: {told[0] if told else error}")
    return None


def _parts(kind: str) -> tuple[Path, Path]:
    return _HERE / kind / "package.json", _HERE / "emmett.mjs"


def _folder(kind: str) -> Path:
    digest = hashlib.sha256(b"".join(part.read_bytes() for part in _parts(kind))).hexdigest()
    whose = f"liuhen-bench-{getpass.getuser()}"
    return Path(tempfile.gettempdir(), whose, f"emmett-{kind}-{digest[:12]}")


def _installed(kind: str) -> Path:
    """The folder in which it lies with everything it needs."""
    folder = _folder(kind)
    done = folder / _DONE
    if done.exists():
        return folder
    # Nobody else may put programs where this one looks for them.
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    if folder.parent.stat().st_uid != os.getuid():
        msg = f"{folder.parent} belongs to somebody else"
        raise subprocess.SubprocessError(msg)
    folder.mkdir(exist_ok=True)
    for part in _parts(kind):
        shutil.copy(part, folder)
    npm = cast("str", shutil.which("npm"))
    subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=_INSTALLING_SECONDS,
    )
    done.touch()
    return folder


class Emmett:
    """emmett at work in one database; ``opened`` starts it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def write(self, document: object, *, seconds: float, clients: int, stream: str) -> float:
        """Append this document again and again; returns appends a second of all clients."""
        return float(
            self._ask("write", document=document, seconds=seconds, clients=clients, name=stream)
        )

    def fill(self, stream: str, documents: Sequence[object]) -> None:
        """Append documents to a stream at once."""
        assert self._ask("fill", stream=stream, documents=documents) == len(documents)

    def replay(self, stream: str, *, spent: int) -> float:
        """The seconds that reading and folding a stream takes, which must come to ``spent`` fen."""
        return float(self._ask("replay", stream=stream, spent=spent))

    def synchronous(self) -> int | None:
        """SQLite's ``synchronous`` as its transactions had it; None for PostgreSQL."""
        return cast("int | None", self._ask("durability"))

    def _ask(self, order: str, **details: object) -> Any:  # noqa: ANN401 - whatever the order says
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"order": order, **details}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        found = json.loads(line) if line else {"error": "node has ended"}
        if "error" in found:
            raise RuntimeError(found["error"])
        return found["answer"]


@contextmanager
def opened(url: URL) -> Iterator[Emmett]:
    """Emmett on a database. Raises ``RuntimeError`` from its orders when it fails."""
    kind = url.get_backend_name()
    where = url.database or "" if kind == "sqlite" else plain(url)
    node = cast("str", shutil.which("node"))
    with subprocess.Popen(
        [node, "emmett.mjs", kind, where],
        cwd=_installed(kind),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        # Leaving closes its standard input, which ends it, and waits.
        yield Emmett(process)
