"""Two sides held side by side: what differs, and the facts that brought it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import structs

from domain.facts.form import (
    EvaluationOpened,
    Finalised,
    Published,
    Returned,
    Signed,
    Submitted,
)
from domain.store import EventStore, Recorded
from domain.values import Words
from projections.differences.course import Brought, Course
from projections.differences.fields import words_of_field
from projections.differences.rows import Change, Difference, Milestone, Part, Side
from projections.differences.statements import Key, Snapshot, Subject
from projections.tables import joined
from projections.unit_year import name_of, ref_of

_MILESTONES = (EvaluationOpened, Signed, Submitted, Returned, Finalised, Published)


def milestones(store: EventStore, log_id: str, form_id: str) -> list[Milestone]:
    """The facts of a form that name a moment of it, each kind numbered from 1."""
    seen: dict[str, int] = defaultdict(int)
    found = []
    for recorded in store.read(log_id, form_id):
        if isinstance(recorded.fact, _MILESTONES):
            kind = name_of(recorded.fact)
            seen[kind] += 1
            found.append(
                Milestone(
                    kind=kind,
                    number=seen[kind],
                    position=recorded.position,
                    event_id=recorded.envelope.event_id,
                )
            )
    return found


def between(
    store: EventStore, log_id: str, form_id: str, before: int, after: int
) -> Difference | None:
    """How a form differs at two positions of its log; None where it was not open at either.

    ``before`` may be the later one: the sides change places, the facts are the same.
    """
    course = Course(store, log_id, form_id, max(before, after))
    if not _is_open(course.facts, form_id):
        return None
    counts = course.count_at(before), course.count_at(after)
    at = course.snapshots(counts)
    one, other = at[counts[0]], at[counts[1]]
    keys = _differing(one, other)
    brought = course.brought(keys, min(counts), max(counts), one.rests_on | other.rests_on)
    return Difference(
        before=_side(course, before),
        after=_side(course, after),
        changes=_joined(store, (log_id,), _changes(one, other, keys, brought)),
    )


def of_two(
    store: EventStore, first: tuple[str, str, int], second: tuple[str, str, int]
) -> Difference | None:
    """How two forms differ, each at a position of its log: (log, form, position).

    Lines are matched by their indicators. The facts are those that gave either value. None where
    one of them was not open.
    """
    courses = [Course(store, *one, by_path=True) for one in (first, second)]
    if not all(_is_open(one.facts, one.form_id) for one in courses):
        return None
    sides = [course.snapshots({len(course.facts)})[len(course.facts)] for course in courses]
    keys = _differing(*sides)
    gave = [
        course.brought(
            [key for key in keys if key in side.values], 0, len(course.facts), side.rests_on
        )
        for course, side in zip(courses, sides, strict=True)
    ]
    changes = _changes(sides[0], sides[1], keys, {key: _last(key, gave) for key in keys})
    logs = dict.fromkeys(course.log_id for course in courses)
    return Difference(
        before=_side(courses[0], first[2]),
        after=_side(courses[1], second[2]),
        changes=_joined(store, logs, changes),
    )


def _last(key: Key, gave: Sequence[Mapping[Key, Brought]]) -> Brought:
    """Of all facts that ever changed a value, the last one of either side: it gave the value. A
    sum is what many gave.
    """
    sides = [one[key] for one in gave if key in one]
    last = sides if key.part is Part.MONEY else [Brought(one.facts[-1:]) for one in sides]
    return Brought(
        tuple(cause for one in last for cause in one.facts), sum(one.more for one in last)
    )


def _is_open(facts: Sequence[Recorded], form_id: str) -> bool:
    return any(one.stream_id == form_id and isinstance(one.fact, EvaluationOpened) for one in facts)


def _side(course: Course, position: int) -> Side:
    opened = next(
        one.fact
        for one in course.facts
        if one.stream_id == course.form_id and isinstance(one.fact, EvaluationOpened)
    )
    named = [
        one
        for one in course.facts
        if one.position == position and isinstance(one.fact, _MILESTONES)
    ]
    return Side(
        log_id=course.log_id,
        evaluation=course.form_id,
        unit_name=opened.unit_name,
        fiscal_year=opened.fiscal_year,
        project_name=opened.project_name,
        position=position,
        fact=ref_of(named[0]) if named and named[0].stream_id == course.form_id else None,
    )


def _differing(one: Snapshot, other: Snapshot) -> list[Key]:
    """The values that differ, in the order of the form. Where only one side has a subject, its
    first value stands for all of them.
    """
    order = {part: place for place, part in enumerate(Part)}
    found: dict[Key, None] = {}
    alone: set[Subject] = set()
    for key in (*other.values, *one.values):
        subject = Subject(key.part, key.subject)
        if one.values.get(key) == other.values.get(key) or subject in alone:
            continue
        found[key] = None
        if (subject in one.names) != (subject in other.names):
            alone.add(subject)
    return sorted(found, key=lambda key: order[key.part])


def _changes(
    one: Snapshot, other: Snapshot, keys: Iterable[Key], brought: Mapping[Key, Brought]
) -> list[Change]:
    return _paired(
        Change(
            part=key.part,
            subject=key.subject,
            name=_name(Subject(key.part, key.subject), one, other),
            field=key.field,
            label=words_of_field(key.field),
            before=one.values.get(key),
            after=other.values.get(key),
            facts=brought[key].facts,
            more=brought[key].more,
        )
        for key in keys
    )


def _name(subject: Subject, one: Snapshot, other: Snapshot) -> Words:
    return other.names.get(subject) or one.names[subject]


def _paired(changes: Iterable[Change]) -> list[Change]:
    """A finding with other values is another finding. Where one of a kind went and one came, it
    is shown as one that changed.
    """
    found = list(changes)
    for name in {one.name for one in found if one.part is Part.FINDING}:
        same = [one for one in found if one.part is Part.FINDING and one.name == name]
        gone = [one for one in same if one.after is None and one.field == "claim"]
        came = [one for one in same if one.before is None and one.field == "claim"]
        if len(gone) == len(came) == 1:
            # By place: an id is one of its log, and two evaluations may lie in two.
            facts = {
                (cause.fact.stream_id, cause.fact.version): cause
                for cause in (*gone[0].facts, *came[0].facts)
            }
            merged = structs.replace(
                came[0],
                before=gone[0].before,
                facts=tuple(sorted(facts.values(), key=lambda cause: cause.fact.position)),
                more=max(gone[0].more, came[0].more),
            )
            found[found.index(came[0])] = merged
            found.remove(gone[0])
    return found


def _joined(
    store: EventStore, logs: Iterable[str], changes: Sequence[Change]
) -> tuple[Change, ...]:
    """The texts joined. A digest is salted, so it lies in one of the logs only."""
    several = tuple(logs)

    def bodies(_log: str, digests: Sequence[str], /) -> dict[str, str]:
        found: dict[str, str] = {}
        for log_id in several:
            found |= store.text_bodies(log_id, digests)
        return found

    return tuple(joined(changes, bodies, several[0]))
