"""Between which bounds a number must lie, told by whoever refuses one that lies outside."""

from domain.problems import kind
from domain.values import Words

OUT_OF_RANGE = kind(
    "request.out-of-range",
    422,
    zh="超出范围，{allowed}",
    en="it is out of range: it {allowed}",
    do_zh="核对数位和单位",
    do_en="check digits and unit",
)


def allowed(least: object | None, most: object | None) -> Words:
    """What a number must be, both bounds included; there is no bound where it is None."""
    if most is None:
        return Words(f"须不小于 {least}", f"must be at least {least}")
    if least is None:
        return Words(f"须不大于 {most}", f"must be at most {most}")
    return Words(f"须为 {least} 至 {most}", f"must be from {least} to {most}")
