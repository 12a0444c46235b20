"""Addresses. An evaluation's id has slashes and a fixed shape, so that what follows it is clear.

``/api/evaluations/130104/xfj/2024/department/history`` is the history of the evaluation
``130104/xfj/2024/department``; a project's id ends in ``project/{code}``. A client may also write
the slashes of an id as ``%2F``.
"""

from urllib.parse import quote

from starlette.convertors import Convertor, register_url_convertor


class _FormId(Convertor[str]):
    """The id of a form as part of a path."""

    regex = r"[^/]+/[^/]+/[0-9]{4}/(?:department|project/[^/]+)"

    def convert(self, value: str) -> str:
        """As it is."""
        return value

    def to_string(self, value: str) -> str:
        """As it is."""
        return value


def register() -> None:
    """Let routes say ``{id:form}``; Starlette keeps such names for the whole process."""
    register_url_convertor("form", _FormId())


register()


def api(evaluation: str, *rest: str) -> str:
    """The address of an evaluation, or of something of it, in the API."""
    return _joined("/api/evaluations", evaluation, rest)


def page(evaluation: str, *rest: str) -> str:
    """The address of an evaluation's page, or of a page of it."""
    return _joined("/evaluations", evaluation, rest)


def fact(log_id: str, position: int) -> str:
    """The page of one fact."""
    return f"/facts/{quote(log_id, safe='')}/{position}"


def stream(stream_id: str) -> str:
    """The page of the facts of a stream."""
    return f"/streams/{quote(stream_id)}"


def _joined(root: str, evaluation: str, rest: tuple[str, ...]) -> str:
    return "/".join((root, quote(evaluation), *(quote(part, safe="") for part in rest)))
