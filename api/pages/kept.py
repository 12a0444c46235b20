"""What an address keeps from page to page: the language, the unit of money, the two clocks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request

from domain.problems import Problem
from domain.values import Words

KEPT = frozenset({"lang", "money", "as_of", "effective_on", "after"})
"""The parameters that every page takes: what is kept, and the position that is waited for."""


@dataclass(frozen=True)
class Kept:
    """The settings that every link of a page carries on."""

    lang: str = "zh"
    yuan: bool = False
    as_of: str | None = None
    effective_on: str | None = None

    def t(self, zh: str, en: str) -> str:
        """The text in the language of the page."""
        return en if self.lang == "en" else zh

    def words(self, words: Words | None) -> str:
        """Words in the language of the page."""
        return words.in_(self.lang) if words else ""

    def url(self, path: str, /, **more: str | int | tuple[str, ...] | None) -> str:
        """``path`` with what is kept, and ``more`` in front of it; a fragment stays last."""
        path, _, fragment = path.partition("#")
        given = {name: value for name, value in more.items() if value is not None}
        query = given | self.query
        text = path + (f"?{urlencode(query, doseq=True)}" if query else "")
        return f"{text}#{fragment}" if fragment else text

    @property
    def query(self) -> dict[str, str | int]:
        """What is kept, as parameters; defaults left out."""
        found: dict[str, str | int] = {}
        if self.lang == "en":
            found["lang"] = "en"
        if self.yuan:
            found["money"] = "yuan"
        if self.as_of:
            found["as_of"] = self.as_of
        if self.effective_on:
            found["effective_on"] = self.effective_on
        return found

    def other(self, request: Request, **change: object) -> str:
        """The same page with something kept otherwise."""
        changed = replace(self, **change)  # type: ignore[arg-type]  # names checked by replace
        rest = {
            name: tuple(request.query_params.getlist(name))
            for name in request.query_params
            if name not in KEPT
        }
        return changed.url(request.url.path, **rest)


def readable(kept: Kept, problems: Sequence[Problem]) -> Kept:
    """What is kept without the clocks that could not be read, or every link would lead back."""
    codes = {one.code for one in problems}
    if "as-of.malformed" in codes:
        kept = replace(kept, as_of=None)
    if any(code.startswith("effective-on.") for code in codes):
        kept = replace(kept, effective_on=None)
    return kept


def kept_of(request: Request) -> Kept:
    """What the address of a request keeps; a page is Chinese unless its address says otherwise."""
    query = request.query_params
    return Kept(
        lang="en" if query.get("lang") == "en" else "zh",
        yuan=query.get("money") == "yuan",
        as_of=(query.get("as_of") or "").strip() or None,
        effective_on=(query.get("effective_on") or "").strip() or None,
    )
