"""The facts themselves: a stream of them, one of them, and the rule sets that they publish."""

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems as p
from api.pages import present
from api.pages.rendering import as_json, page, recorded_view
from api.routers.evaluations import content_of, digests_in
from api.view import View
from domain.facts import tag_of
from domain.facts.others import EntryCorrected, RuleSetCopied, RuleSetPublished
from domain.ids import is_form, is_ledger, unit_year_of
from domain.problems import Rejected
from domain.store import Recorded
from domain.values import plain
from projections.current import Current
from projections.unit_year import ref_of

router = APIRouter(include_in_schema=False)


@router.get("/streams/{stream:path}", name="stream_page")
def stream_page(request: Request, stream: str) -> Response:
    """The facts of a stream, in order."""
    view = recorded_view(request)
    events = view.events(stream)
    if not events:
        raise Rejected([p.NOT_FOUND.at("stream")])
    return page(
        request,
        "stream.html",
        view=view,
        stream=stream,
        log_id=stream.partition("/")[0],
        events=[(one, ref_of(one), _glance(one)) for one in events],
        evaluation=_home(view, stream),
        ledger=_ledger_of(stream),
    )


def _home(view: View, stream: str) -> Current | None:
    if not is_form(stream):
        return None
    try:
        return view.evaluation(stream)
    except Rejected:
        return None


def _ledger_of(stream: str) -> str | None:
    unit_year = unit_year_of(stream)
    return unit_year.ledger if unit_year and not is_ledger(stream) else None


def _glance(recorded: Recorded) -> str:
    """A few words about what a fact says."""
    fact: Any = recorded.fact
    if isinstance(fact, EntryCorrected):
        fact = fact.replacement
    parts = []
    for name in ("line", "path", "quantity", "voucher", "document", "name", "version"):
        value = getattr(fact, name, None)
        if isinstance(value, str) and value:
            parts.append(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], str):
            parts.append(" / ".join(value))
    for name in ("points", "to_points", "total"):
        value = getattr(fact, name, None)
        if value is not None:
            parts.append(f"→ {present.number(plain(value))}")
    amount = getattr(fact, "amount", None)
    if isinstance(amount, int):
        parts.append(present.money(amount, yuan=False) + " 万元")
    return " · ".join(parts)


@router.get("/facts/{log_id}/{position:int}", name="fact_page")
def fact_page(request: Request, log_id: str, position: int) -> Response:
    """One fact, whole: who, when, in what role, from which place, and what it says."""
    view = recorded_view(request)
    recorded = view.fact(log_id, position)
    content = content_of(recorded.fact)
    digests = digests_in(content)
    bodies = view.liuhen.store.text_bodies(log_id, digests)
    neighbours = view.events(recorded.stream_id, log_id)
    before = next((one for one in neighbours if one.version == recorded.version - 1), None)
    after = next((one for one in neighbours if one.version == recorded.version + 1), None)
    upto = view.position(log_id)
    consequences = [
        one
        for one in (view.history(recorded.stream_id) if is_form(recorded.stream_id) else ())
        if one.position == position
    ]
    target = None
    if isinstance(recorded.fact, EntryCorrected):
        wanted = recorded.fact.target
        target = next((one for one in neighbours if one.envelope.event_id == wanted), None)
    return page(
        request,
        "fact.html",
        view=view,
        log_id=log_id,
        recorded=recorded,
        ref=ref_of(recorded),
        tag=tag_of(type(recorded.fact)),
        content={key: value for key, value in content.items() if key != "type"},
        texts={digest: bodies.get(digest) for digest in digests},
        before=before,
        after=after,
        upto=upto,
        consequences=consequences,
        target=target,
        is_form=is_form(recorded.stream_id),
        raw=json.dumps(content, ensure_ascii=False, indent=2),
    )


@router.get("/rule-sets", name="rule_sets_page")
def rule_sets_page(request: Request) -> Response:
    """Every rule set, in every version."""
    view = recorded_view(request)
    return page(request, "rule_sets.html", view=view, rule_sets=view.rule_sets())


@router.get("/rule-sets/{log_id}/{name}", name="rule_set_page")
def rule_set_page(request: Request, log_id: str, name: str) -> Response:
    """One rule set, the newest version or the one asked for."""
    view = recorded_view(request)
    found = view.rule_set(log_id, name, request.query_params.get("version") or None)
    if found is None:
        raise Rejected([p.NOT_FOUND.at("rule-set")])
    _, recorded = found
    fact = recorded.fact
    if not isinstance(fact, RuleSetPublished | RuleSetCopied):
        raise Rejected([p.NOT_FOUND.at("rule-set")])
    return page(
        request,
        "rule_set.html",
        view=view,
        log_id=log_id,
        recorded=recorded,
        fact=fact,
        rules=as_json(fact.rule_set.rules),
        ref=ref_of(recorded),
    )
