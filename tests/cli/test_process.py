"""The command line as a process: pipes, colours, places, signals, and the server."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.support import ESCAPE, QIAOXI, Cli

MAIN = [sys.executable, "-c", "from api.cli import main; main()"]


def test_the_demo_works_from_anywhere_and_says_only_json(empty: Cli, tmp_path: Path) -> None:
    first = empty.process("demo", "--no-serve", "--json", cwd=tmp_path)
    again = empty.process("demo", "--no-serve", "--json", cwd=tmp_path, LC_ALL="C")
    assert (first.code, first.err, again.code, again.err) == (0, "", 0, "")
    assert first.out == again.out
    assert len(first.json["evaluations"]) == 8


def test_a_broken_pipe_is_quiet(cli: Cli) -> None:
    with subprocess.Popen(
        [*MAIN, "events", QIAOXI, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=cli.process_environment({}),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_a_terminal_gets_colours_unless_they_are_unwanted(cli: Cli) -> None:
    assert ESCAPE in on_a_terminal(cli, ["findings", QIAOXI])
    assert ESCAPE not in on_a_terminal(cli, ["findings", QIAOXI], NO_COLOR="1", TERM="dumb")


def on_a_terminal(cli: Cli, line: list[str], **env: str) -> str:
    """What a line writes to a terminal."""
    leader, follower = os.openpty()
    environment = cli.process_environment({"TERM": "xterm-256color", **env})
    with subprocess.Popen([*MAIN, *line], stdout=follower, stdin=follower, env=environment) as run:
        os.close(follower)
        read = b""
        while True:
            try:
                some = os.read(leader, 65536)
            except OSError:  # the terminal is gone with the process
                break
            if not some:
                break
            read += some
        assert run.wait(60) == 0
    os.close(leader)
    return read.decode()


def test_a_data_directory_that_is_a_file_is_a_problem_with_a_code(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder", "utf-8")
    outcome = Cli(tmp_path / "data").process("list")
    assert (outcome.code, outcome.out) == (1, "")
    assert "store.unavailable" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_file_that_is_no_database_is_a_problem_with_a_code(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "data")
    cli.data.mkdir()
    (cli.data / "liuhen.sqlite3").write_bytes(b"not a database" * 100)
    outcome = cli.process("show", QIAOXI, "--lang", "en")
    assert (outcome.code, outcome.out) == (1, "")
    assert "store.unavailable" in outcome.err
    assert "Traceback" not in outcome.err


def test_the_log_goes_to_stderr_when_it_is_asked_for(empty: Cli) -> None:
    outcome = empty.process("demo", "--no-serve", "--json", LIUHEN_LOG_LEVEL="debug")
    assert outcome.code == 0
    assert len(outcome.json["evaluations"]) == 8
    lines = [json.loads(line) for line in outcome.err.splitlines() if line.startswith("{")]
    done = [line for line in lines if line["event"] == "command_done"]
    assert [(line["command"], line["exit_code"]) for line in done] == [("demo", 0)]
    refused = empty.process("show", "x", LIUHEN_LOG_LEVEL="info").err
    assert '"problems": ["evaluation.unknown"]' in refused
    said = empty.process("list", LIUHEN_LOG_LEVEL="loud").err
    assert "log_level_unknown" in said


@contextmanager
def serving(cli: Cli, command: str, *, ended_by: signal.Signals, codes: set[int]) -> Iterator[int]:
    """The port that a process of ``command`` serves on; ended by a signal, it exits quietly with
    one of ``codes``.
    """
    with subprocess.Popen(
        [*MAIN, command, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=cli.process_environment({"PYTHONUNBUFFERED": "1"}),
    ) as process:
        try:
            assert process.stdout is not None
            line = next(one for one in process.stdout if b"http://127.0.0.1:" in one).decode()
            yield int(line.partition("http://127.0.0.1:")[2].partition("/")[0])
        finally:
            process.send_signal(ended_by)
        _, err = process.communicate(timeout=30)
        assert b"Traceback" not in err
        assert process.returncode in codes


def status_of(port: int, path: str) -> int:
    """The status with which a path is answered."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return int(answer.status)


@pytest.mark.slow
def test_the_demo_serves_until_it_is_interrupted(empty: Cli) -> None:
    with serving(empty, "demo", ended_by=signal.SIGINT, codes={0, 130}) as port:
        assert status_of(port, "/openapi.json") == 200
        taken = empty.process("serve", "--port", str(port))
        assert (taken.code, taken.out) == (1, "")
        assert "serve.cannot-listen" in taken.err


@pytest.mark.slow
def test_a_server_that_is_told_to_end_closes_its_database(empty: Cli) -> None:
    with serving(empty, "serve", ended_by=signal.SIGTERM, codes={128 + signal.SIGTERM}) as port:
        assert status_of(port, "/api/evaluations") == 200
        assert logs_beside(empty)
    assert logs_beside(empty) == []


def logs_beside(cli: Cli) -> list[str]:
    """The files that an open database keeps beside itself."""
    return sorted(one.name for one in cli.data.rglob("*.sqlite3-*"))


def test_an_address_that_is_not_ours_cannot_be_served(empty: Cli) -> None:
    outcome = empty.process("serve", "--host", "192.0.2.1", "--lang", "en")
    assert (outcome.code, outcome.out) == (1, "")
    assert "serve.cannot-listen" in outcome.err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "serve.cannot-listen" in empty.process("serve", "--port", port).err
