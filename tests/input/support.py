"""What the tests of the input share: the files of examples/, and an import into memory."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

from adapters.input_files import Source, import_documents, rule_sets_in
from domain.application import Tools
from domain.facts.envelope import Context, Role
from domain.importing import Done
from domain.store import EventStore

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
DOCUMENTS = sorted((EXAMPLES / "documents").glob("*.yaml"))
RULE_SETS = rule_sets_in(EXAMPLES / "rule-sets")
CONTEXT = Context(
    now=datetime(2026, 3, 1, 8, tzinfo=UTC), actor="clerk", role=Role.IMPORTER, organisation="xfj"
)


def tools() -> Tools:
    """Ids and salts that count up."""
    ids: Iterator[int] = count(1)
    salts: Iterator[int] = count(1)
    return Tools(
        new_event_id=lambda: UUID(int=next(ids)),
        new_salt=lambda: next(salts).to_bytes(16, "big"),
    )


def example(name: str) -> Source:
    """One of the five documents."""
    return Source(f"{name}.yaml", (EXAMPLES / "documents" / f"{name}.yaml").read_bytes())


def examples() -> list[Source]:
    """All of the five."""
    return [example(path.stem) for path in DOCUMENTS]


def text(content: str, name: str = "a.yaml") -> Source:
    """A file with this content."""
    return Source(name, content.encode())


def load(store: EventStore, *sources: Source) -> tuple[Done, ...]:
    """Import into ``store``."""
    return import_documents(store, sources, CONTEXT, tools=tools(), rule_sets=RULE_SETS)
