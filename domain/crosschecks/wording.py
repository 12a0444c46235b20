"""How findings put figures: exact, in 万元, a change with its sign."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from domain.evaluation.readings import MINUS, rate_text
from domain.facts.envelope import Place
from domain.scoring.indicators import Indicator
from domain.scoring.metrics import Quantity
from domain.scoring.rules import LinearOverrun, PiecewiseLinear, Proportional, Rule, StepDeduction
from domain.values import Rounding, RoundingMode, Words, plain, wan


def quantity_words(quantity: str) -> Words:
    """The name of a quantity; one that is not known keeps its identifier."""
    return _QUANTITIES.get(quantity) or Words(quantity, quantity)


_QUANTITIES = {quantity.value: quantity.words for quantity in Quantity}


def money(fen: int, places: int = 0) -> str:
    """``fen`` in 万元, exact, with at least ``places`` digits after the point."""
    whole, _, rest = wan(fen).partition(".")
    rest = rest.ljust(places, "0")
    return (f"{whole}.{rest}" if rest else whole).replace("-", MINUS)


def change(fen: int, places: int = 0) -> str:
    """A change in 万元 with its sign: +104.69, −161.30."""
    return f"{'+' if fen > 0 else ''}{money(fen, places)}"


def rate(value: Fraction, places: int = 2) -> Words:
    """A percentage, half up: 27.59%, in English 27.59 %."""
    text = rate_text(value, places)
    return Words(f"{text}%", f"{text} %")


def plain_rate(value: Decimal) -> str:
    """A rate as it was printed, digit by digit, without the sign %."""
    return f"{value:f}".replace("-", MINUS)


def rate_change(part: int, whole: int) -> Words:
    """A change as a share of what it changes, with its sign: +55.88%, −18.66%."""
    text = rate_text(Fraction(part * 100, whole))
    sign = "+" if part > 0 else ""
    return Words(f"{sign}{text}%", f"{sign}{text} %")


def places_of(value: Decimal) -> int:
    """Digits printed after the point."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def prints_as(exact: Fraction | Decimal, printed: Decimal, *modes: RoundingMode) -> bool:
    """Whether ``exact`` is ``printed`` once it is rounded to the places printed, in a mode."""
    places = places_of(printed)
    return any(Rounding(places, mode).apply(exact) == printed for mode in modes)


def joined(parts: Iterable[Words], *, zh: str = "；", en: str = "; ") -> Words:
    """Several phrases as one."""
    held = list(parts)
    return Words(zh.join(part.zh for part in held), en.join(part.en for part in held))


def quoted(name: str) -> Words:
    """A name between quotation marks; its own become single ones inside."""
    inner = name.replace("“", "‘").replace("”", "’")
    return Words(f"“{inner}”", f'"{name}"')


def names(rows: Sequence[Indicator]) -> Words:
    """The names of lines, in order."""
    return joined((line_words(row) for row in rows), zh="、", en=", ")


def name_of(row: Indicator) -> str:
    """The innermost level name of a line."""
    return row.path[-1] if row.path else row.line


def line_words(row: Indicator) -> Words:
    """A line by its quoted name."""
    return quoted(name_of(row))


def at(places: Iterable[Place]) -> Words:
    """Where something is printed: （三(二)、四）, in English (三(二), 四)."""
    held = list(dict.fromkeys(place.place for place in places))
    return Words(f"（{'、'.join(held)}）", f" ({', '.join(held)})")


def points(value: Decimal | Fraction) -> str:
    """Points without trailing zeros."""
    return plain(value).replace("-", MINUS)


def rule_words(rule: Rule) -> Words:
    """The rule in a few words, with the parameters that decide."""
    match rule:
        case Proportional(benchmark=benchmark) if benchmark != 1:
            full = plain(Fraction(benchmark) * 100)
            return Words(f"达到目标的{full}%即满分", f"full from {full} % of the target on")
        case Proportional():
            return Words("按比例，达到目标才满分", "in proportion, full at the target")
        case LinearOverrun(zero_at=zero_at):
            return Words(
                f"超标递减，{plain(zero_at)}倍时为0",
                f"less above the target, 0 at {plain(zero_at)}×",
            )
        case StepDeduction(step=step, points=each):
            return Words(
                f"每差{plain(step)}扣{plain(each)}分",
                f"{plain(each)} points off for each {plain(step)}",
            )
        case PiecewiseLinear(knots=knots):
            line = "、".join(f"{plain(knot.x)}→{plain(knot.y * 100)}%" for knot in knots)
            return Words(f"折线 {line}", f"along a line {line}")
        case _:
            kind = str(rule.__struct_config__.tag)
            return Words(f"规则 {kind}", f"rule {kind}")
