"""Calculating and overriding scores; which calculated scores are stale."""

from collections.abc import Iterable

from domain.commands import (
    CalculateScores,
    OverrideScore,
    WithdrawOverride,
)
from domain.decisions import (
    DOCUMENT_REQUIRED,
    require,
)
from domain.evaluation.calculation import calculate, is_stale
from domain.evaluation.problems import NO_OVERRIDE, RULES_NOT_ADOPTED, SCORE_UNCHANGED
from domain.evaluation.scores import line_score
from domain.evaluation.world import World, given_text, in_draft, known_line, within_maximum
from domain.facts import Fact
from domain.facts.form import (
    OverrideWithdrawn,
    ScoreOverridden,
)
from domain.values import plain


def calculate_lines(command: CalculateScores, world: World) -> Iterable[Fact]:
    """A calculation of each line named, or of all."""
    problems = in_draft(world)
    for line in command.lines or ():
        problems += known_line(world, line, "lines")
    rules = world.rules
    if rules is None:
        problems.append(RULES_NOT_ADOPTED.at())
    require(problems)
    if rules is not None:
        for line in command.lines if command.lines is not None else tuple(world.form.rows):
            yield calculate(world.form, world.money, rules, world.form.rows[line])


def override(command: OverrideScore, world: World) -> Iterable[Fact]:
    """A self score changed by hand, with reason and document."""
    problems = in_draft(world) + known_line(world, command.line)
    problems += given_text(command.reason, "reason")
    problems += given_text(command.document, "document", DOCUMENT_REQUIRED)
    before = None
    row = world.form.rows.get(command.line)
    if row is not None:
        problems += within_maximum(world, command.line, command.to_points, "to_points")
        before = line_score(world.form, row).self_points
        if before == command.to_points:
            problems.append(SCORE_UNCHANGED.at("to_points", points=plain(command.to_points)))
    require(problems)
    yield ScoreOverridden(
        line=command.line,
        from_points=before,
        to_points=command.to_points,
        reason=command.reason,
        document=command.document,
    )


def withdraw_override(command: WithdrawOverride, world: World) -> Iterable[Fact]:
    """A live override lapses."""
    problems = in_draft(world) + given_text(command.reason, "reason")
    if command.line not in world.form.overrides:
        problems.append(NO_OVERRIDE.at("line", line=command.line))
    require(problems)
    yield OverrideWithdrawn(line=command.line, reason=command.reason)


def stale_lines(world: World) -> list[str]:
    """The lines whose calculated score rests on inputs that have changed since."""
    rules = world.rules
    if rules is None:
        return []
    return [line for line in world.form.rows if is_stale(world.form, world.money, rules, line)]
