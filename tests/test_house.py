"""The house itself: where the packages lie, and what no file of the repository may hold."""

import ast
import fnmatch
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("domain", "adapters", "projections", "api")
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt")

# Written in pieces, so that this file passes its own checks.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:work|root|home)/")
VENDORED = (
    "*.min.js",
    "*.min.css",
    "*.map",
    "*.woff",
    "*.woff2",
    "*.ttf",
    "*.otf",
    "*.whl",
    "*.jar",
    "*.so",
    "*.dll",
    "*.exe",
    "*.wasm",
    "*.zip",
    "*.tar.gz",
)
VENDOR_FOLDERS = {"node_modules", "vendor", "third_party", "_vendor"}


def repository_files() -> Iterator[Path]:
    """Every file that git would commit: all but .git and what .gitignore names."""
    ignored = [
        line.strip()
        for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    anchored = [line.strip("/") for line in ignored if line.startswith("/")]
    ignored = [line for line in ignored if not line.startswith("/")]
    folders = [".git", *(line.rstrip("/") for line in ignored if line.endswith("/"))]
    files = [".git", *(line for line in ignored if not line.endswith("/"))]

    def matches(name: str, patterns: list[str]) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    for folder, subfolders, names in os.walk(ROOT):
        if Path(folder) == ROOT:
            subfolders[:] = [name for name in subfolders if name not in anchored]
        subfolders[:] = [name for name in subfolders if not matches(name, folders)]
        yield from (Path(folder, name) for name in names if not matches(name, files))


def texts() -> Iterator[tuple[str, str]]:
    """The path in the repository and the text of every file that is text."""
    for path in repository_files():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


@pytest.mark.parametrize("name", PACKAGES)
def test_a_top_level_package_is_the_one_of_this_repository(name: str) -> None:
    # The names are literal; another distribution's `api` must never be picked up instead.
    assert import_module(name).__file__ == str(ROOT / name / "__init__.py")


def test_no_registry_accepts_an_upload() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]


def test_the_domain_imports_the_standard_library_and_msgspec_only() -> None:
    # import-linter forbids the libraries we use; this also forbids those we do not know yet.
    allowed = sys.stdlib_module_names | {"msgspec", "domain"}
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "domain").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in imported_names(node)
        if name.split(".")[0] not in allowed
    }
    assert foreign == set()


def imported_names(node: ast.AST) -> list[str]:
    """The modules that a statement imports; a relative import stays within the package."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module]
    return []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    options = re.findall(r"^\s*(-\S+)", text, re.MULTILINE)
    assert {option.split(":")[0] for option in options} == {"--hash=sha256"}
    assert "://" not in text
    requirements = re.findall(r"^[A-Za-z].*", text, re.MULTILINE)
    assert [line for line in requirements if not re.match(r"[\w.-]+==\S+ .*\\$", line)] == []


def test_the_runtime_lock_agrees_with_the_development_lock() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))

    development = pins("requirements-dev.txt")
    assert pins("requirements.txt").items() <= development.items()
    assert pins("requirements-build.txt").items() <= development.items()


def test_no_file_names_a_registry() -> None:
    found = [(path, host) for path, text in texts() for host in REGISTRIES if host in text]
    assert found == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        (path, number, line.strip())
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


def test_no_file_is_a_vendored_asset() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in repository_files()
        if any(fnmatch.fnmatchcase(path.name, pattern) for pattern in VENDORED)
        or VENDOR_FOLDERS.intersection(path.relative_to(ROOT).parts)
    ]
    assert found == []


@pytest.mark.skipif(
    "LIUHEN_REQUIRE_BROWSER" not in os.environ, reason="no browser is required of this run"
)
def test_the_required_browser_is_there() -> None:
    assert shutil.which("chromium") is not None
