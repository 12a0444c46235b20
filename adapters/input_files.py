"""Reading input files, and importing them: everything that is wrong at once, or everything.

``read`` parses and checks one file. ``import_documents`` reads all of them, rehearses every
command, and only then stores, log by log.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from adapters.input_format import document as d
from adapters.input_format import nodes, parsing
from adapters.input_format.shapes import Bad, Reading, Record
from adapters.input_format.translation import (
    FindRules,
    Ground,
    Seen,
    basis_claims,
    translate,
)
from adapters.rehearsal import Rehearsal
from domain.application import Tools
from domain.facts.envelope import Context
from domain.facts.form import RuleSetAdopted
from domain.facts.others import RuleSetCopied, RuleSetPublished
from domain.ids import rule_set_stream
from domain.importing import Done, Step, carry_out, problems_of
from domain.problems import Problem, Rejected
from domain.scoring.rule_set import RuleSet, check_rule_set
from domain.store import EventStore


class Source(Struct, frozen=True):
    """A file: the name that messages call it by, and its bytes."""

    name: str
    data: bytes


class Document(Struct, frozen=True):
    """A file that was read: what could be understood, and everything that is wrong so far."""

    name: str
    submissions: tuple[d.Submission, ...]
    reading: Reading

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, in the order of the file."""
        return self.reading.problems


def source(path: Path) -> Source:
    """The file at ``path``, named as it was given."""
    return Source(str(path), path.read_bytes())


def _read_as(shape: type[Struct] | None, given: Source) -> tuple[Any, Reading]:
    """The content of a file as ``shape``, or as one or several units; None where it is hidden."""
    reading = Reading(given.name)
    try:
        tree = parsing.parse(parsing.decode(given.data), json=given.name.lower().endswith(".json"))
    except nodes.Unreadable as hidden:
        reading.report(hidden.at, "", hidden.kind, **hidden.gaps)
        return None, reading
    for at, problem in tree.problems:
        reading.add(at, problem)
    kind = shape or (d.Several if _several(tree.root) else d.One)
    reading.spots[""] = tree.root.at
    try:
        return Record(kind).read(tree.root, "", reading), reading
    except Bad:
        return None, reading


def _several(root: nodes.Node) -> bool:
    return isinstance(root, nodes.Mapping) and any(one.key == "units" for one in root.fields)


def read(given: Source) -> Document:
    """Parse a file. Never raises for its content: the problems are in the result."""
    content, reading = _read_as(None, given)
    match content:
        case d.Several(units=units):
            return Document(given.name, units, reading)
        case d.One():
            return Document(given.name, (content,), reading)
        case _:
            return Document(given.name, (), reading)


def read_rule_set(given: Source) -> RuleSet:
    """A rule set from a file. Raises ``Rejected`` with every problem."""
    content, reading = _read_as(RuleSet, given)
    if isinstance(content, RuleSet):
        for problem in check_rule_set(content):
            reading.note("", problem)
    if reading.problems or not isinstance(content, RuleSet):
        raise Rejected(reading.problems)
    return content


def rule_sets_in(folder: Path) -> dict[str, RuleSet]:
    """The rule sets of a folder, by name. Raises ``Rejected`` with every problem."""
    found: dict[str, RuleSet] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            rules = read_rule_set(Source(path.name, path.read_bytes()))
        except Rejected as rejected:
            problems += rejected.problems
            continue
        found[rules.name] = rules
    if problems:
        raise Rejected(problems)
    return found


class _Rules(FindRules):
    """Rule sets by name: what the form goes by already, what its division has published, what
    came with the product; in this order.
    """

    def __init__(self, store: EventStore | None, shipped: Mapping[str, RuleSet]) -> None:
        self._store = store
        self._shipped = shipped

    def _published(self, division: str, name: str) -> dict[str, RuleSet]:
        if self._store is None:
            return {}
        history = self._store.read(division, rule_set_stream(division, name))
        return {
            one.fact.rule_set.version: one.fact.rule_set
            for one in history
            if isinstance(one.fact, RuleSetPublished | RuleSetCopied)
        }

    def _adopted(self, division: str, form: str, name: str) -> str | None:
        history = self._store.read(division, form) if self._store else ()
        adopted = [
            one.fact.version
            for one in history
            if isinstance(one.fact, RuleSetAdopted) and one.fact.name == name
        ]
        return adopted[0] if adopted else None

    def find(self, division: str, form: str, wanted: d.RuleSetName) -> RuleSet | None:
        """As the port says."""
        published = self._published(division, wanted.name)
        shipped = self._shipped.get(wanted.name)
        version = wanted.version or self._adopted(division, form, wanted.name)
        if version is not None and version in published:
            return published[version]
        if wanted.version is None and published:
            return next(reversed(published.values()))
        if shipped is not None and wanted.version in {None, shipped.version}:
            return shipped
        return None

    def known(self, division: str) -> list[str]:
        """As the port says."""
        stem = rule_set_stream(division, "")
        published = self._store.streams(division, stem) if self._store else ()
        names = [stream.removeprefix(stem) for stream in published]
        return list(dict.fromkeys([*names, *self._shipped]))


class _Plan(Struct, frozen=True):
    """The commands that files amount to, what is wrong with them, and the logs it bears on."""

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    doubtful: frozenset[str]

    @property
    def sound(self) -> tuple[Step, ...]:
        """The steps of the logs in which nothing is wrong so far."""
        return tuple(step for step in self.steps if step.log_id not in self.doubtful)


def _planned(
    sources: Sequence[Source], rule_sets: Mapping[str, RuleSet], store: EventStore | None
) -> _Plan:
    documents = [read(given) for given in sources]
    rules, seen = _Rules(store, rule_sets), Seen()
    grounds = [
        Ground(submission, document.reading, rules, seen)
        for document in documents
        for submission in document.submissions
    ]
    for ground in grounds:
        basis_claims(ground)
    steps = [step for ground in grounds for step in translate(ground)]
    hidden = any(one.problems and not one.submissions for one in documents)
    unknown = hidden or not all(ground.known for ground in grounds)
    doubtful = {
        ground.it.division.code
        for ground in grounds
        if unknown or ground.reading.vague or ground.reading.hurt(ground.root)
    }
    problems = [problem for document in documents for problem in document.problems]
    return _Plan(tuple(steps), tuple(problems), frozenset(doubtful))


def plan(
    sources: Sequence[Source],
    *,
    rule_sets: Mapping[str, RuleSet],
    store: EventStore | None = None,
) -> tuple[Step, ...]:
    """The commands that ``sources`` amount to. Raises ``Rejected`` with every problem of every
    file; ``store`` is only read, for rule sets published before.
    """
    planned = _planned(sources, rule_sets, store)
    if planned.problems:
        raise Rejected(planned.problems)
    return planned.steps


def import_documents(
    store: EventStore,
    sources: Sequence[Source],
    context: Context,
    *,
    tools: Tools,
    rule_sets: Mapping[str, RuleSet],
) -> tuple[Done, ...]:
    """Store what ``sources`` say, once: the same content gives the old receipts.

    Role and liveness of ``context`` are those of an import. Raises ``Rejected`` with every
    problem, each with its place in its file; then nothing is stored. What a log would refuse is
    told as long as its files can be understood, also when those of other logs cannot.
    """
    planned = _planned(sources, rule_sets, store)
    if planned.problems:
        _refuse(planned, store, context, tools)
    return carry_out(store, planned.steps, context, tools=tools, rehearse=Rehearsal)


def check_documents(
    store: EventStore,
    sources: Sequence[Source],
    context: Context,
    *,
    tools: Tools,
    rule_sets: Mapping[str, RuleSet],
) -> None:
    """Raises ``Rejected`` as ``import_documents`` would; nothing is stored either way."""
    _refuse(_planned(sources, rule_sets, store), store, context, tools)


def _refuse(planned: _Plan, store: EventStore, context: Context, tools: Tools) -> None:
    """Raises ``Rejected`` with every problem of the files and every refusal of the logs, if any."""
    refused = problems_of(store, planned.sound, context, tools=tools, rehearse=Rehearsal)
    if problems := [*planned.problems, *refused]:
        raise Rejected(problems)
