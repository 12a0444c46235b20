"""One pass over one file: where everything stands, and what is wrong with it."""

import msgspec

from adapters.input_format.nodes import At
from domain.problems import Kind, Problem


class Reading:
    """One pass over one file: where everything stands, and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.spots: dict[str, At] = {}
        self._paths: dict[int, tuple[object, str]] = {}
        self._hurt: list[str] = []
        self.vague = False
        """Whether something is wrong that belongs to no path: it may bear on everything."""
        self._found: list[tuple[At, Problem]] = []

    def report(self, at: At, path: str, kind: Kind, **gaps: object) -> None:
        """Note a problem of ``kind`` at ``at``."""
        self._hurt.append(path)
        self._found.append((at, kind.at(f"{self.file}:{at} {path}".rstrip(), **gaps)))

    def hurt(self, path: str) -> bool:
        """Whether something inside ``path`` is wrong already, so that its absence says nothing."""
        inside = (f"{path}.", f"{path}[")
        return any(not path or one == path or one.startswith(inside) for one in self._hurt)

    def report_at(self, path: str, kind: Kind, **gaps: object) -> None:
        """Note a problem of ``kind`` at what was read at ``path``."""
        self.report(self.at(path), path, kind, **gaps)

    def add(self, at: At, problem: Problem) -> None:
        """Note a problem that was found while parsing; its place is the key it is about."""
        self.vague = True
        place = f"{self.file}:{at} {problem.place}".rstrip()
        self._found.append((at, msgspec.structs.replace(problem, place=place)))

    def note(self, path: str, problem: Problem) -> None:
        """Note a problem that others found inside what was read at ``path``."""
        inner = f"{path}.{problem.place}".strip(".")
        self._hurt.append(inner)
        here = msgspec.structs.replace(problem, place=self.place(inner))
        self._found.append((self.at(inner), here))

    def know(self, value: object, path: str) -> None:
        """Remember where ``value`` was read; found again by identity."""
        self._paths[id(value)] = (value, path)

    def path_of(self, value: object) -> str:
        """The path at which ``value`` was read; empty for one that was not."""
        return self._paths.get(id(value), (None, ""))[1]

    def at(self, path: str) -> At:
        """Where ``path`` stands, or the nearest thing around it that stands in the file."""
        while path and path not in self.spots:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.spots.get(path, At(1, 1))

    def place(self, path: str) -> str:
        """``file:line:column path``."""
        return f"{self.file}:{self.at(path)} {path}".rstrip()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong, each once, in the order of the file."""
        found = dict.fromkeys(self._found)  # what several evaluations share is read for each
        return tuple(problem for _, problem in sorted(found, key=lambda one: one[0]))
