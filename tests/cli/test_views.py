"""Rebuilding, health, and what stands still, from the command line."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from adapters.settings import Settings
from api.bootstrap import bootstrap
from projections import current
from projections.score_history import deriving
from tests.cli.support import Cli


@pytest.fixture
def story(loaded: Path, tmp_path: Path) -> Cli:
    """The eight evaluations, to write in."""
    return Cli(Path(shutil.copytree(loaded, tmp_path / "data")))


def spoil(cli: Cli) -> None:
    """Change the views behind the runner's back."""
    with bootstrap(Settings(data_dir=cli.data)) as liuhen, liuhen.views.transaction() as connection:
        connection.execute(update(current.evaluations).values(unit_name="另一单位"))


def test_a_rebuild_in_several_processes_finds_no_difference(story: Cli) -> None:
    outcome = story.process("rebuild", "--alongside", "--jobs", "2", "--json")
    assert outcome.code == 0
    assert outcome.json["switched"]
    assert (outcome.json["difference_count"], outcome.json["differences"]) == (0, [])
    assert outcome.json["facts"] == sum(outcome.json["positions"].values()) > 0


def test_a_rebuild_says_how_far_it_is_and_what_came_of_it(story: Cli) -> None:
    outcome = story("rebuild", "--lang", "en")
    assert outcome.code == 0
    assert "no difference" in outcome.out
    assert "Generation 2 serves now" in outcome.out
    assert "filling" in outcome.err
    assert "facts" in outcome.err


def test_views_that_drifted_are_not_exchanged_unless_that_is_accepted(story: Cli) -> None:
    spoil(story)
    refused = story("rebuild")
    assert refused.code == 1
    assert "views.drifted" in refused.err
    assert "unit_name" in refused.out
    assert "另一单位" in refused.out
    compared = story("rebuild", "--no-switch", "--json")
    assert compared.code == 1
    assert {one["old"] for one in compared.json["differences"]} == {"另一单位"}
    assert compared.json["difference_count"] == len(compared.json["differences"])
    assert story("rebuild", "--accept-differences").code == 0
    assert story("rebuild").code == 0


def test_an_unfinished_rebuild_can_be_dropped(story: Cli) -> None:
    assert story("rebuild", "--no-switch").code == 0
    assert json.loads(story("health", "--json").out)["filling"]["generation"] == 2
    assert story("rebuild", "--cancel", "--json").json == {"cancelled": 2}
    assert story("health", "--json").json["filling"] is None
    assert "no unfinished" in story("rebuild", "--cancel", "--lang", "en").out


def test_views_that_have_caught_up_are_well(story: Cli) -> None:
    outcome = story("health", "--json")
    assert (outcome.code, outcome.json["well"]) == (0, True)
    assert {one["facts"] for one in outcome.json["logs"]} == {0}
    assert "视图正常" in story("health").out


def test_what_stands_still_is_told_tried_again_and_released(
    story: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as fault:
        fault.setattr(deriving, "_KINDS", {})
        assert story("rebuild", "--accept-differences").code == 0
        unwell = story("health")
        assert unwell.code == 1
        assert "views.unwell" in unwell.err
        assert "KeyError" in unwell.out
        failed = story("retry")
        assert failed.code == 1
        assert "views.still-stopped" in failed.err
    first, *others = story("health", "--json").json["stopped"]
    assert others
    log_id, unit_year = first["log_id"], first["unit_year"].rstrip("/")
    unknown = story("release", log_id, f"{log_id}/nobody/2024")
    assert (unknown.code, "views.not-stopped" in unknown.err) == (1, True)
    released = story("release", log_id, unit_year, "--lang", "en")
    assert (released.code, "1 go on" in released.out) == (0, True)
    assert len(story("retry", "--json").json["tried"]) == len(others)
    assert story("health").code == 0
    assert story("retry", "--json").json == {"tried": [], "stopped": []}
