"""Pages of what a form asks for: rows by page, and all of them as files; or what is wrong."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from api.exporting import FORMATS
from api.pages.asking import Asked, Field, Form
from api.pages.kept import Kept, kept_of, readable
from api.pages.rendering import page
from api.questions import MOST, USUAL
from api.routers.questions import Cursor, Limit
from api.routers.reading import View
from domain.problems import Rejected
from domain.values import Words

PAGING: Mapping[str, Any] = {"cursor": Cursor, "limit": Limit}
LIMIT = Field(
    "limit",
    Words("每页行数", "Rows a page"),
    Words(f"1 至 {MOST} 的整数", f"a whole number from 1 to {MOST}"),
    str(USUAL),
)
_Where = TypeVar("_Where")
_NAMES = {"csv": "CSV", "ndjson": "NDJSON", "xlsx": "Excel"}
_OF_PAGES_ONLY = frozenset({"limit", "cursor", "group_by"})


def listing(
    request: Request,
    form: Form[_Where],
    template: str,
    find: Callable[[View, _Where, Asked[_Where]], Mapping[str, Any]],
    *,
    files_at: str,
    **always: Any,
) -> Response:
    """The page of a form. ``find`` gives what its template names when nothing is wrong; what it
    refuses is shown at the fields as well. ``files_at`` is the endpoint whose files hold the same
    rows; ``always`` is named in either case.
    """
    asked = form.ask(request)
    found: Mapping[str, Any] = {}
    if asked.where is not None and asked.view is not None:
        try:
            found = find(asked.view, asked.where, asked)
        except Rejected as refused:
            asked = asked.refused(refused.problems)
    problems = asked.problems
    kept = readable(kept_of(request), problems)
    return page(
        request,
        template,
        status=problems[0].status if problems else 200,
        kept=kept,
        view=asked.view,
        asked=asked,
        files=files(kept, files_at, asked.query, recorded=form.recorded),
        **always,
        **(found if not problems else {}),
    )


def cursor_and_limit(asked: Asked[Any]) -> tuple[str | None, int]:
    """Where a page begins and how many rows it has."""
    return asked.further.get("cursor"), asked.further.get("limit", USUAL)


def files(
    kept: Kept, path: str, query: Mapping[str, str], *, recorded: bool = False
) -> list[tuple[str, str]]:
    """Name and address of each file that holds all rows of a question; ``recorded`` leaves out the
    business date, which its rows do not have.
    """
    given = {name: value for name, value in query.items() if name not in _OF_PAGES_ONLY}
    own = Kept(kept.lang, as_of=kept.as_of, effective_on=None if recorded else kept.effective_on)
    return [(_NAMES[one], own.url(f"{path}.{one}", **given)) for one in FORMATS]
