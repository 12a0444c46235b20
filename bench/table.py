"""Rows as people read them: a table for the terminal, and one in Markdown for the README."""

from collections.abc import Sequence

from bench.rows import Figure, Row, Unit


def text(rows: Sequence[Row], lang: str = "en") -> str:
    """Every row in lines of plain text: the raw limit, ours, and whoever did the same work."""
    lines = []
    for row in rows:
        lines.append(f"{row.database:<11}{row.work.in_(lang)}")
        lines.append(_line(row, row.limit, lang))
        lines.append(_line(row, row.ours, lang, ours=True))
        lines += [_line(row, one, lang) for one in row.beside]
        if row.note is not None:
            lines.append(f"{'':<13}{row.note.in_(lang)}")
    return "\n".join(lines)


def _line(row: Row, figure: Figure, lang: str, *, ours: bool = False) -> str:
    name = f"{'':<13}{figure.name.in_(lang):<42}"
    if figure.why is not None:
        return f"{name}– {figure.why.in_(lang)}"
    found = f"{name}{amount(figure.middle, row.unit):>14}"
    if figure is row.limit:
        return found
    ratio = row.ratio(figure)
    found += f"{ratio.middle:>8.2f}  ({ratio.low:.2f}–{ratio.high:.2f})"
    if ours and row.reach is not None:
        met = "reached" if ratio.middle >= row.reach else "missed"
        found += f"  {met} {row.reach:g}"
    return found


def amount(value: float, unit: Unit) -> str:
    """A figure with its unit, at three digits or so."""
    places = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{places}f} {unit}" if not unit.is_rate else f"{value:,.{places}f}{unit}"
