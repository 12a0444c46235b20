"""Words are found in reasons, document numbers and indicator names, on both databases."""

import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from domain.commands import CorrectEntry, Note, OverrideScore, Redact
from domain.facts.envelope import Role
from domain.facts.form import ActualEntered, DeductionJustified, ProblemNoted
from domain.facts.ledger import BudgetSupplemented
from domain.problems import Rejected
from domain.scoring.indicators import TextActual
from projections import search as s
from projections.search.index import Asked, postgresql_query, sqlite_query
from projections.search.words import excerpt, grams, wanted_by
from projections.tables.paging import Page, walk
from tests.domain.test_evaluation import VISITS
from tests.projections.stage import Stage, event_of
from tests.support.scenario import BOOKKEEPER, CLERK, EXECUTION, FORM, LEDGER, LOG, WAN

GUARD = ("guard", Role.SECURITY_ADMINISTRATOR)
PAPER = "财预〔2024〕12号"


def looked_up(
    stage: Stage,
    query: str,
    *,
    limit: int | None = None,
    after: str | None = None,
    upto: dict[str, int] | None = None,
    where: s.SearchFilter | None = None,
) -> Page[s.Hit]:
    stage.runner.catch_up()
    with stage.database.read() as connection:
        return s.search(
            connection,
            stage.store.text_bodies,
            query,
            where,
            limit=limit,
            after=after,
            upto=upto,
        )


def said(stage: Stage, query: str) -> list[tuple[str, str, str]]:
    """Kind of fact, what the text is in it, and the excerpt with [marks]."""
    return [
        (hit.entry.event_type, hit.entry.part.value, marked(hit))
        for hit in looked_up(stage, query).rows
    ]


def marked(hit: s.Hit) -> str:
    return "".join(f"[{one.text}]" if one.found else one.text for one in hit.excerpt)


def told(stage: Stage) -> Stage:
    stage.with_ledger().with_initial(100)
    stage.book(
        BudgetSupplemented(amount=2 * WAN, document=PAPER, reason="信访维稳经费追加，用于接访大厅")
    )
    stage.with_form(EXECUTION, VISITS)
    stage.enter(
        ActualEntered(line="2", actual=TextActual(text="完成ABC平台建设")),
        DeductionJustified(line="2", reason="受疫情影响，走访次数减少", measure="增加走访"),
    )
    stage.given(
        OverrideScore(
            form=FORM, line="2", to_points=Decimal(5), reason="复核材料后改分", document=PAPER
        ),
        CLERK,
    )
    stage.given(
        Note(form=FORM, entries=(ProblemNoted(number=1, text="信访件办理超期12件"),)), CLERK
    )
    return stage


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("走访", [("deduction-justified", "measure", "增加[走访]"), ("deduction-justified", "reason", "受疫情影响，[走访]次数减少")]),
        ("改", [("score-overridden", "reason", "复核材料后[改]分")]),
        ("分", [("score-overridden", "reason", "复核材料后改[分]")]),
        ("abc", [("actual-entered", "actual", "完成[ABC]平台建设")]),
        ("ＡＢＣ平台", [("actual-entered", "actual", "完成[ABC平台]建设")]),
        ("12件", [("problem-noted", "problem", "信访件办理超期[12件]")]),
        ("信访 超期", [("problem-noted", "problem", "[信访]件办理[超期]12件")]),
        ("信访 走访", []),
        ("办理超期", [("problem-noted", "problem", "信访件[办理超期]12件")]),
        ("影响走访", []),
        ("疫情影响，走访", [("deduction-justified", "reason", "受[疫情影响，走访]次数减少")]),
        ("执行率", [("indicators-set", "indicator", "预算[执行率]")]),
        (PAPER, [("budget-supplemented", "document", f"[{PAPER}]"), ("score-overridden", "document", f"[{PAPER}]")]),
        ("财预[2024]12号", [("budget-supplemented", "document", f"[{PAPER}]"), ("score-overridden", "document", f"[{PAPER}]")]),
        ('"2024 12"', [("budget-supplemented", "document", "财预〔[2024〕12]号"), ("score-overridden", "document", "财预〔[2024〕12]号")]),
        ("2024 12", [("budget-supplemented", "document", "财预〔[2024]〕[12]号"), ("score-overridden", "document", "财预〔[2024]〕[12]号")]),
        ("202", []),
        ("1", []),
        ("没有的词", []),
    ],
)  # fmt: skip
def test_words_are_found_where_they_stand(
    stage: Stage, query: str, found: list[tuple[str, str, str]]
) -> None:
    told(stage)
    assert sorted(said(stage, query)) == sorted(found)


def test_a_hit_says_what_where_who_and_when(stage: Stage) -> None:
    told(stage)
    [hit] = looked_up(stage, "材料后改分").rows
    entry = hit.entry
    assert (entry.log_id, entry.evaluation, entry.line) == (LOG, FORM, "2")
    assert (entry.unit, hit.unit_name, entry.fiscal_year) == ("xfj", "某局", 2024)
    assert (entry.actor, entry.role) == CLERK
    assert (entry.recorded_at, entry.document) == (stage.now, PAPER)
    [recorded] = stage.store.read_log(LOG, after=entry.position - 1, limit=1)
    assert recorded.envelope.event_id == entry.event_id
    booked = looked_up(stage, "接访大厅").rows[0].entry
    assert (booked.evaluation, booked.stream_id, booked.unit) == (None, LEDGER, "xfj")


def test_filters_hold(stage: Stage) -> None:
    told(stage)
    both = looked_up(stage, PAPER).rows
    assert len(both) == 2
    assert [
        one.entry.stream_id
        for one in looked_up(stage, PAPER, where=s.SearchFilter(evaluation=FORM)).rows
    ] == [FORM]
    assert looked_up(stage, PAPER, where=s.SearchFilter(role=Role.OVERSIGHT)).rows == ()
    assert looked_up(stage, PAPER, where=s.SearchFilter(fiscal_year=2023)).rows == ()
    assert looked_up(stage, PAPER, where=s.SearchFilter(log_id="none")).rows == ()
    assert len(looked_up(stage, PAPER, where=s.SearchFilter(unit="xfj", log_id=LOG)).rows) == 2
    assert looked_up(stage, PAPER, where=s.SearchFilter(part=s.TextPart.REASON)).rows == ()


def test_a_past_moment_knows_only_what_was_said_by_then(stage: Stage) -> None:
    told(stage)
    hits = looked_up(stage, PAPER).rows
    before = hits[-1].entry.position - 1
    assert looked_up(stage, PAPER, upto={LOG: before}).rows == hits[:1]
    assert looked_up(stage, PAPER, upto={LOG: 0}).rows == ()


@pytest.mark.parametrize("query", ["", "  ", "，。", '""', "〔〕"])
def test_nothing_to_look_for_is_refused(stage: Stage, query: str) -> None:
    with pytest.raises(Rejected) as refused:
        looked_up(stage, query)
    assert refused.value.codes == ("search.no-words",)


@pytest.mark.parametrize("after", ["x", "WzFd", "====", "中", "WyJvdGhlciIsWyJhIiwxLDFdXQ"])
def test_a_cursor_of_something_else_is_refused(stage: Stage, after: str) -> None:
    with pytest.raises(Rejected) as refused:
        looked_up(stage, "改分", after=after)
    assert refused.value.codes == ("request.cursor",)


@pytest.mark.parametrize(
    "query", ["a' | 'b", "NOT OR AND", "x*", "grams:改", "a:b & !c", "NEAR(改 分)", "\\' a"]
)
def test_operators_of_the_index_are_plain_words(stage: Stage, query: str) -> None:
    assert looked_up(told(stage), query).rows == ()


def test_the_text_of_a_correction_is_found_and_so_is_what_it_corrects(stage: Stage) -> None:
    stage.with_ledger().with_initial(100)
    booked = stage.book(BudgetSupplemented(amount=WAN, document="甲1号", reason="追加办案经费"))
    stage.given(
        CorrectEntry(
            stream=LEDGER,
            target=event_of(booked, stage),
            replacement=BudgetSupplemented(amount=2 * WAN, document="乙2号", reason="追加办案费用"),
            reason="录入有误",
            document="更正3号",
        ),
        BOOKKEEPER,
    )
    assert [one[0] for one in said(stage, "办案")] == ["budget-supplemented", "entry-corrected"]
    for query in ("录入", "乙2号", "更正3号"):
        assert [one[0] for one in said(stage, query)] == ["entry-corrected"]


# ----------------------------------------------------------------------------------- redaction


def test_a_redaction_takes_the_text_and_its_grams_away(stage: Stage, tmp_path: Path) -> None:
    told(stage)
    [hit] = looked_up(stage, "信访件办理").rows
    assert hit.entry.prose is not None
    assert left_over(stage, "办理") == 1
    stage.given(Redact(stream=FORM, digest=hit.entry.prose.digest, ground="涉密"), GUARD)
    # The views have not seen it yet, and show it no more.
    with stage.database.read() as connection:
        assert s.search(connection, stage.store.text_bodies, "信访件办理").rows == ()
    assert looked_up(stage, "信访件办理").rows == ()
    assert left_over(stage, "办理") == 0
    with stage.database.read() as connection:
        assert (
            connection.execute(
                select(s.table.c.prose).where(s.table.c.prose == hit.entry.prose)
            ).all()
            == []
        )
    if is_sqlite(stage):
        stage.close()
        files = [one for one in tmp_path.iterdir() if "sqlite" in one.name]
        assert len(files) > 1  # facts and views
        assert [one.name for one in files if "办理".encode() in one.read_bytes()] == []


def is_sqlite(stage: Stage) -> bool:
    with stage.database.read() as connection:
        return connection.dialect.name == "sqlite"


def left_over(stage: Stage, gram: str) -> int:
    """How many rows of the index hold a gram, whatever became of their texts."""
    stage.runner.catch_up()
    in_fts = "SELECT rowid FROM search_grams WHERE search_grams MATCH :gram"
    in_vector = "SELECT 1 FROM search_grams WHERE grams @@ CAST(:gram AS tsquery)"
    asked = text(in_fts if is_sqlite(stage) else in_vector)
    with stage.database.read() as connection:
        return len(connection.execute(asked, {"gram": gram}).all())


def test_a_rebuild_finds_the_same_and_nothing_that_was_redacted(stage: Stage) -> None:
    told(stage)
    [hit] = looked_up(stage, "疫情影响").rows
    assert hit.entry.prose is not None
    stage.given(Redact(stream=FORM, digest=hit.entry.prose.digest, ground="涉密"), GUARD)
    queries = ("走访", "改", PAPER, "信访", "执行率", "疫情")
    before = [looked_up(stage, query) for query in queries]
    contents = stage.contents()
    stage.runner.rebuild()
    assert [looked_up(stage, query) for query in queries] == before
    assert before[-1].rows == ()
    assert stage.contents() == contents


# --------------------------------------------------------------------------------------- pages

WORDS = ("走访", "信访", "预算", "经费", "12", "abc", "改")


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_are_the_whole_while_facts_arrive(stage: Stage, limit: int) -> None:
    told(stage)
    chance = random.Random(limit)

    def more() -> None:
        words = "".join(chance.choices(WORDS, k=4))
        stage.enter(DeductionJustified(line="2", reason=f"{words}，走访"))

    for _ in range(9):
        more()
    at_first = looked_up(stage, "走访").rows
    found: list[s.Hit] = []
    after: str | None = None
    while True:
        page = looked_up(stage, "走访", limit=limit, after=after)
        found += page.rows
        assert len(page.rows) <= limit
        if page.after is None:
            break
        if len(found) < 12:
            more()
        after = page.after
    assert tuple(found) == looked_up(stage, "走访").rows
    assert tuple(found[: len(at_first)]) == at_first


def test_pages_go_through_several_logs(stage: Stage) -> None:
    told(stage)
    for division in ("110101", "330000", "120000"):
        ledger = f"{division}/jzj/2024/ledger"
        stage.with_ledger(ledger_id=ledger)
        stage.book(BudgetSupplemented(amount=WAN, document=PAPER), ledger_id=ledger)
    whole = looked_up(stage, PAPER).rows
    assert [hit.entry.log_id for hit in whole] == ["110101", "120000", LOG, LOG, "330000"]
    stage.runner.catch_up()
    with stage.database.read() as connection:
        texts = stage.store.text_bodies
        walked = walk(lambda after: s.search(connection, texts, PAPER, after=after, limit=2))
        assert tuple(walked) == whole


# ------------------------------------------------------------------------- the words themselves

ALPHABET = st.text('财预改分走访信12aB〔〕 ，。"x２', max_size=12)


@given(ALPHABET, ALPHABET)
def test_whatever_occurs_has_its_grams(before: str, query: str) -> None:
    body = f"{before}，{query}。尾"
    try:
        wanted = wanted_by(f'"{query.replace(chr(34), "")}"')
    except Rejected:
        return
    found = excerpt(body.replace('"', ""), wanted)
    assert found is not None
    own = grams(body.replace('"', ""))
    for gram in wanted.grams:
        if gram.endswith("*"):
            assert any(one.startswith(gram[:-1]) for one in own)
        else:
            assert gram in own


@given(st.text(max_size=60))
def test_an_excerpt_is_of_the_text(body: str) -> None:
    try:
        wanted = wanted_by(body[10:20])
    except Rejected:
        return
    found = excerpt(body, wanted)
    if found is not None:
        shown = "".join(one.text for one in found).removeprefix("…").removesuffix("…")
        assert shown in body
        assert any(one.found for one in found)


def test_a_long_text_shows_the_words_around() -> None:
    body = "前" * 500 + "信访" + "后" * 500
    found = excerpt(body, wanted_by("信访"))
    assert found is not None
    assert [one.text for one in found] == ["…", "前" * 24, "信访", "后" * 24 + "…"]


# ---------------------------------------------------------------------------------------- plans


def test_a_word_is_asked_of_the_index(stage: Stage) -> None:
    asked = Asked(["w77", "走访"], (), None, None)
    if is_sqlite(stage):
        query, explain = sqlite_query(asked, LOG, 1, 1 << 40, 50), "EXPLAIN QUERY PLAN "
    else:
        query, explain = postgresql_query(asked, after=None, limit=50), "EXPLAIN "
        with stage.database.transaction() as connection:
            made = "array_to_tsvector(ARRAY['走访', 'w' || n]) FROM generate_series(1, 20000) n"
            connection.execute(text(f"INSERT INTO search_grams SELECT '130104', n, 0, {made}"))
            connection.execute(
                text(
                    "INSERT INTO search_entries (log_id, position, ordinal, part, stream_id, event_id,"
                    " event_type, version, actor, role, organisation, recorded_at)"
                    " SELECT '130104', n, 0, 'reason', 's', gen_random_uuid(), 'e', n, 'a', 'r', 'o', ''"
                    " FROM generate_series(1, 20000) n"
                )
            )
            connection.execute(text("SELECT gin_clean_pending_list('search_grams_found')"))
            connection.execute(text("ANALYZE search_grams, search_entries"))
    with stage.database.read() as connection:
        compiled = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
        cursor = connection.connection.cursor()
        cursor.execute(explain + str(compiled).replace("%%", "%"))
        plan = "\n".join(str(line) for line in cursor.fetchall())
        cursor.close()
    assert ("VIRTUAL TABLE INDEX" if is_sqlite(stage) else "search_grams_found") in plan
    assert "SCAN search_entries" not in plan
    assert "Seq Scan on search_grams" not in plan
    assert "TEMP B-TREE" not in plan
