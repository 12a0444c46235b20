"""The rule set that a form goes by: written out in the file, or found by its name."""

from adapters.input_format import document as d
from adapters.input_format.problems import MALFORMED, TWICE
from adapters.input_format.shapes import unknown_name
from adapters.input_format.translation.ground import FormGround
from domain import commands as c
from domain.ids import is_segment, rule_set_stream
from domain.importing import Step
from domain.scoring.rule_set import RuleSet, check_rule_set
from domain.values import Words


def adopt(form: FormGround) -> tuple[list[Step], list[Step]]:
    """Set the form's rules. The steps that publish them where that is needed, and adopt them."""
    given = form.it.rule_set or form.ground.it.rule_set
    if given is None:
        return [], []
    path = form.ground.path(given)
    form.rules = _found(form, given, path)
    if form.rules is None:
        return [], []
    number = given.document_number if isinstance(given, d.RuleSetName) else None
    command = c.AdoptRuleSet(
        form=form.id, name=form.rules.name, version=form.rules.version, document=number
    )
    adopted = Step(name="rule-set", command=command, place=form.reading.place(form.path))
    return _published(form, given, form.rules, path), [adopted]


def _found(form: FormGround, given: d.RuleSetName | RuleSet, path: str) -> RuleSet | None:
    ground, division = form.ground, form.ground.it.division.code
    if isinstance(given, RuleSet):
        for problem in check_rule_set(given):
            ground.reading.note(path, problem)
        _check_names(form, given, path)
        return given
    inline = ground.seen.inline.get((division, given.name))
    if inline is not None and given.version in {None, inline.version}:
        return inline
    found = ground.find_rules.find(division, form.id, given)
    if found is None:
        name = given.name if given.version is None else f"{given.name} ({given.version})"
        what = Words("规则集", "rule set")
        unknown_name(ground.reading, path, name, what, ground.find_rules.known(division))
    return found


def _check_names(form: FormGround, given: RuleSet, path: str) -> None:
    reading = form.reading
    for key in ("name", "version"):
        text = getattr(given, key)
        if not is_segment(text):  # both become part of ids
            what = Words("规则集的名称或版本", "name or version of a rule set")
            hint = Words(
                "不能有空格和 / ? # % \\，最长 64 字",
                "no blanks nor / ? # % \\, at most 64 characters",
            )
            reading.report_at(f"{path}.{key}", MALFORMED, text=text, what=what, hint=hint)
    before, place = form.ground.seen.written.setdefault(
        (form.ground.it.division.code, given.name, given.version), (given, reading.place(path))
    )
    if before != given:
        reading.report_at(
            path,
            TWICE,
            what=Words("规则集", "rule set"),
            name=f"{given.name} ({given.version})",
            before=place,
            hint=Words(
                "两处内容不同：写成一致，或换一个 version",
                "their contents differ: make them alike, or give another version",
            ),
        )


def _published(
    form: FormGround, given: d.RuleSetName | RuleSet, rules: RuleSet, path: str
) -> list[Step]:
    ground, division = form.ground, form.ground.it.division.code
    key = (division, rules.name, rules.version)
    if key in ground.seen.published and not isinstance(given, RuleSet):
        return []
    ground.seen.published.add(key)
    if isinstance(given, RuleSet):
        ground.seen.inline[division, rules.name] = rules
    command = c.PublishRuleSet(stream=rule_set_stream(division, rules.name), rule_set=rules)
    return [Step(name=rules.version, command=command, place=ground.reading.place(path))]
