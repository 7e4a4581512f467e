"""`peelian assess`: an impact assessment from the first question to the signed paper. A draft is a file of your own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.frame import HERE, AsOption, JsonOption, LanguageOption, OfficeOption, language_of, opened, tell
from peelian.errors import InputError

if TYPE_CHECKING:
    from peelian.office import Office
    from peelian.oversight.assessment.questions import Answers, Question, Questionnaire

FileArgument = Annotated[Path, typer.Argument(help="The draft: a JSON file (see `peelian assess new`).")]
MarkArgument = Annotated[str, typer.Argument(help="The assessment's mark, printed by `peelian assess submit`.")]
SurveyOption = Annotated[
    Path | None, typer.Option("--survey", help="The official question file (survey-enfr.json) instead of ours.")
]
PARAMETERS = {"allow_extra_args": True, "ignore_unknown_options": True}
STOP = ("q", "quit", "stop")


def add_to(app: typer.Typer) -> None:
    """Register the group."""
    group = typer.Typer(help="Assess a use before it begins: answer, submit, review, explain, approve, sign.")
    group.command(context_settings=PARAMETERS)(new)
    for command in (answer, show, submit, review, explain, approve, sign, listed):
        group.command("list" if command is listed else None)(command)
    app.add_typer(group, name="assess", no_args_is_help=True)


def new(
    context: typer.Context,
    file: FileArgument,
    serves: Annotated[str, typer.Option(help="What is assessed: a technology (mapping.*) or one capability.")],
    use: Annotated[str, typer.Option(help="The capability in use, for example mapping.forecast.")],
    as_json: JsonOption = False,
) -> None:
    """Begin a draft. Further flags are the capability's parameters: the settings the assessment is tied to."""
    from peelian.forms import from_flags
    from peelian.governance.params import spelled_params
    from peelian.office import memory_office
    from peelian.oversight.assessment.signing import declared_as

    if file.exists():
        raise InputError(
            "there is a file of that name", file=file.name, accepted="a new file, or `peelian assess answer`"
        )
    with memory_office() as office:
        params = from_flags(declared_as(office.house, use).params, context.args)
    draft = {"serves": serves, "uses": [{"capability": use, "params": spelled_params(params)}], "answers": {}}
    _write(file, {**draft, "explanation": {}})
    tell({"file": str(file)}, [f"Begun: {file}", f"Next: peelian assess answer {file}"], as_json=as_json)


def answer(file: FileArgument, survey: SurveyOption = None, language: LanguageOption = "en") -> None:
    """Ask every question that has no answer yet; each answer is kept at once, so stop (q) and go on later."""
    from peelian.oversight.assessment.answers import faults

    questions, draft = _questions(survey), _read(file)
    language_of(language)
    while True:
        answers = _answers(draft)
        open_ones = [q for q in questions.asked(answers) if q.id not in answers and not q.optional]
        if not open_ones:
            break
        told = _ask(open_ones[0], language, left=len(open_ones))
        if told is None:
            typer.echo(f"Kept. Go on with: peelian assess answer {file}")
            return
        draft["answers"][open_ones[0].id] = told if isinstance(told, str) else list(told)
        _write(file, draft)
    wrong = faults(questions, _answers(draft))
    for fault in wrong:
        typer.echo(f"  {fault.question}: {fault.says}")
    if not wrong:
        for line in _figures(questions, _answers(draft)):
            typer.echo(line)


def show(file: FileArgument, survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    """Show what a draft comes to: its level, or every answer that is missing or contradicts another."""
    from peelian.oversight.assessment.answers import faults
    from peelian.oversight.assessment.scoring import scored

    questions, draft = _questions(survey), _read(file)
    answers = _answers(draft)
    wrong = faults(questions, answers)
    found = scored(questions, answers)
    record: dict[str, Any] = {
        "complete": not wrong,
        "faults": [{"kind": f.kind, "question": f.question, "says": f.says} for f in wrong],
    }
    if not wrong:
        record |= {"raw": found.raw, "mitigation": found.mitigation, "score": found.score, "level": found.level}
    lines = [f"  {f.question}: {f.says}" for f in wrong] or _figures(questions, answers)
    tell(record, lines, as_json=as_json)


def submit(
    file: FileArgument,
    as_: AsOption,
    survey: SurveyOption = None,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep a complete draft in the office (privacy officer): from now on it is reviewed, not changed."""
    from peelian.oversight.assessment import signing

    draft = _read(file)
    with opened(office) as house:
        uses = []
        for use in draft.get("uses", []):
            declared = signing.declared_as(house.house, str(use.get("capability", "")))
            uses.append((declared.id, signing.declared_params(declared, use.get("params", {}))))
        by = house.operator(as_)
        serves = str(draft.get("serves", ""))
        mark = signing.submit(house.house, by, serves, _answers(draft), uses, questions=_questions(survey))
        if draft.get("explanation"):
            signing.explain(house.house, by, mark, draft["explanation"])
        _tell_state(house, mark, as_json=as_json)


def review(
    mark: MarkArgument,
    qualified_as: Annotated[str, typer.Option(help="In which capacity, for example: faculty, city auditor.")],
    finding: Annotated[str, typer.Option(help="What the review found; it is published.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Review an assessment as a peer from another unit (auditor or board)."""
    from peelian.oversight.assessment import signing

    with opened(office) as house:
        signing.review(house.house, house.operator(as_), mark, qualified_as=qualified_as, finding=finding)
        _tell_state(house, mark, as_json=as_json)


def explain(
    mark: MarkArgument,
    file: Annotated[Path, typer.Argument(help="JSON: part → {en, fr}; or a draft with an explanation.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Keep the published explanation: seven parts, notice, groups, fallback, each in English and French."""
    from peelian.oversight.assessment import signing

    told = _read(file)
    with opened(office) as house:
        signing.explain(house.house, house.operator(as_), mark, told.get("explanation", told))
        _tell_state(house, mark, as_json=as_json)


def approve(
    mark: MarkArgument,
    reasons: Annotated[str, typer.Option(help="Why.")],
    as_: AsOption,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Approve: commander up to level II, board at III, council at IV; never who assessed."""
    from peelian.oversight.assessment import signing

    with opened(office) as house:
        signing.approve(house.house, house.operator(as_), mark, reasons=reasons)
        _tell_state(house, mark, as_json=as_json)


def sign(
    mark: MarkArgument,
    purpose: Annotated[list[str], typer.Option(help="A purpose it allows; repeat for more.")],
    as_: AsOption,
    days: Annotated[int, typer.Option(help="How many days it holds.", min=1, max=730)] = 365,
    office: OfficeOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Sign the paper (privacy officer). Refused, with every reason, while its level asks for more."""
    from peelian.governance.capability import Purpose
    from peelian.governance.documents import mark_of
    from peelian.oversight.assessment import signing

    if wrong := [p for p in purpose if p not in set(Purpose)]:
        accepted = ", ".join(sorted(Purpose))
        raise InputError("no such purpose", column=f"--purpose {wrong[0][:30]}", accepted=accepted)
    with opened(office) as house:
        purposes = tuple(Purpose(p) for p in purpose)
        paper = signing.sign(house.house, house.operator(as_), mark, purposes=purposes, days=days)
    record = {"paper": mark_of(paper), "serves": paper.serves, "level": paper.body["level"], "ends": paper.ends}
    tell(record, [f"Signed for {paper.serves}, level {paper.body['level']}, until {paper.ends[:10]}."], as_json=as_json)


def listed(office: OfficeOption = HERE, as_json: JsonOption = False) -> None:
    """List the office's assessments: level, whether signed, whether what was assessed has changed."""
    from peelian.oversight.assessment import signing

    with opened(office) as house:
        record = [_state(house, made.mark) for made in signing.assessments(house.house)]
    lines = [f"{r['mark']}  {r['serves']:<20} level {r['level']}  {r['state']}" for r in record]
    tell(record, lines or ["No assessment was submitted."], as_json=as_json)


def _state(house: Office, mark: str) -> dict[str, Any]:
    from peelian.oversight.assessment import signing

    made = signing.assessment(house.house, mark)
    wanted = list(signing.still_wanted(house.house, made))
    paper, stale = signing.paper_of(house.house, made), signing.changed(house.house, made)
    state = "signed" if paper else ("wanting" if wanted else "ready")
    return {
        "mark": mark,
        "serves": made.serves,
        "level": made.level,
        "state": "changed since" if stale else state,
        "wanted": [{"says": reason.says, "remedy": reason.remedy} for reason in wanted],
    }


def _tell_state(house: Office, mark: str, *, as_json: bool) -> None:
    state = _state(house, mark)
    lines = [f"Assessment {mark} of {state['serves']}: level {state['level']}."]
    lines += [f"  wanted: {w['says']}\n    {w['remedy']}" for w in state["wanted"]]
    lines += [] if state["wanted"] else [f"Next: peelian assess sign {mark}"]
    tell(state, lines, as_json=as_json)


def _questions(survey: Path | None) -> Questionnaire:
    from peelian.oversight.assessment.questions import official, shipped

    return official(_bytes(survey), name=survey.name) if survey else shipped()


def _answers(draft: dict[str, Any]) -> Answers:
    from peelian.oversight.assessment.answers import read_answers

    return read_answers(json.dumps(draft).encode())


def _ask(question: Question, language: str, *, left: int) -> str | tuple[str, ...] | None:
    """The answer to one question; None where the person stops."""
    typer.echo(f"\n[{left}] {question.fr if language == 'fr' else question.en}")
    for number, choice in enumerate(question.choices, start=1):
        typer.echo(f"  {number}  {choice.fr if language == 'fr' else choice.en}  ({choice.points})")
    many = " (numbers with commas, or none)" if question.many else ""
    while True:
        try:
            told = typer.prompt(f"number{many}, or q", default="none" if question.many else None).strip().lower()
        except typer.Abort:
            return None
        if told in STOP:
            return None
        numbers = [part.strip() for part in told.split(",")] if told != "none" else []
        fits = all(part.isdigit() and 1 <= int(part) <= len(question.choices) for part in numbers)
        if fits and (question.many or len(numbers) == 1):
            values = tuple(question.choices[int(part) - 1].value for part in numbers)
            return values if question.many else values[0]
        typer.echo(f"  one of 1 to {len(question.choices)}")


def _figures(questions: Questionnaire, answers: Answers) -> list[str]:
    from peelian.oversight.assessment.obligations import BY_LEVEL
    from peelian.oversight.assessment.scoring import scored

    found = scored(questions, answers)
    asked = BY_LEVEL[found.level]
    return [
        f"Level {found.roman}: {found.score} of {found.most_raw} points "
        f"({found.raw} before mitigation; mitigation {found.mitigation} of {found.most_mitigation:.0f}).",
        f"  peer reviews: {asked.reviews}; approved by: {', '.join(sorted(asked.approvers))}",
        f"  explanation: {', '.join(asked.texts) or 'none'}",
        f"  training: {asked.training}",
        f"  people: {asked.human}",
    ]


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(file))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError(
            "this is no draft of an assessment", file=file.name, accepted="a file `peelian assess new` made"
        )
    return found


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})", file=file.name, accepted="a readable file"
        ) from None


def _write(file: Path, draft: dict[str, Any]) -> None:
    """The whole draft or the earlier one, never half of it."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(json.dumps(draft, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(file)
