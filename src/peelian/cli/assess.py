"""`peelian assess`: an impact assessment, from the first question to the signature. A draft is a file of your own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peelian.cli.command import TAKES_PARAMETERS, command
from peelian.cli.frame import HERE, AsOption, LanguageOption, OfficeOption, Printed, language_of, opened
from peelian.cli.words import say, translated
from peelian.errors import InputError, sentence
from peelian.kernel.model.doors import MACHINE, Enters, Leaves, Suspended

if TYPE_CHECKING:
    from peelian.operations.office import Office
    from peelian.oversight.assessment.questions import Answers, Question, Questionnaire

FileArgument = Annotated[Path, typer.Argument(help="The draft: a JSON file that `peelian assess new` writes.")]
AssessmentArgument = Annotated[str, typer.Argument(help="Digest printed by `peelian assess submit`.")]
SurveyOption = Annotated[
    Path | None,
    typer.Option("--survey", help="The official question file (survey-enfr.json) instead of the built-in one."),
]
STOP = ("q", "quit", "stop")
STATES = {"signed": "signed", "incomplete": "incomplete", "ready": "ready to sign", "out of date": "out of date"}


@command(
    "assess new",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /assessment/draft",
    settings=TAKES_PARAMETERS,
)
def new(
    context: typer.Context,
    file: FileArgument,
    serves: Annotated[str, typer.Option(help="What is assessed: a technology (mapping.*) or one capability.")],
    use: Annotated[str, typer.Option(help="The capability in use, for example mapping.forecast.")],
) -> Printed:
    """Start a draft. Further flags are parameters of the capability. The assessment is valid for these settings."""
    from peelian.forms import from_flags
    from peelian.kernel.model.params import spelled_params
    from peelian.operations.office import memory_office
    from peelian.oversight.assessment.signing import declared_as

    if file.exists():
        raise InputError("this file exists", file=file.name, accepted="a new file, or `peelian assess answer`")
    with memory_office() as office:
        params = from_flags(declared_as(office.kernel, use).asks.params, context.args)
    draft = {"serves": serves, "uses": [{"capability": use, "params": spelled_params(params)}], "answers": {}}
    _write(file, {**draft, "explanation": {}})
    return (
        {"file": str(file)},
        [say("Draft started: %(file)s", file=file), say("Next: peelian assess answer %(file)s", file=file)],
    )


@command(
    "assess answer",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /assessment/draft",
)
def answer(file: FileArgument, survey: SurveyOption = None, language: LanguageOption = "") -> None:
    """Answer the open questions one by one. Each answer is saved. Type q to stop and continue later."""
    from peelian.oversight.assessment.answers import faults

    questions, draft = _questions(survey), _read(file)
    language = language_of(language)
    while True:
        answers = _answers(draft)
        open_ones = [q for q in questions.asked(answers) if q.id not in answers and not q.optional]
        if not open_ones:
            break
        given = _ask(open_ones[0], language, left=len(open_ones))
        if given is None:
            typer.echo(say("Saved. To continue: peelian assess answer %(file)s", file=file))
            return
        draft["answers"][open_ones[0].id] = given if isinstance(given, str) else list(given)
        _write(file, draft)
    wrong = faults(questions, _answers(draft))
    for fault in wrong:
        typer.echo(f"  {fault.question}: {translated(fault.says)}")
    if not wrong:
        for line in _figures(questions, _answers(draft)):
            typer.echo(line)


@command(
    "assess show",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /assessment/{digest}",
)
def show(file: FileArgument, survey: SurveyOption = None) -> Printed:
    """Show the level of a draft, or the answers that are missing or contradict each other."""
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
    lines = [f"  {f.question}: {translated(f.says)}" for f in wrong] or _figures(questions, answers)
    return record, lines


@command(
    "assess submit",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /assessment/draft",
)
def submit(
    file: FileArgument,
    as_: AsOption,
    survey: SurveyOption = None,
    office: OfficeOption = HERE,
) -> Printed:
    """Submit a complete draft (privacy officer). It can no longer be changed."""
    from peelian.oversight.assessment import signing

    draft = _read(file)
    with opened(office) as town:
        uses = []
        for use in draft.get("uses", []):
            declared = signing.declared_as(town.kernel, str(use.get("capability", "")))
            uses.append((declared.id, signing.declared_params(declared, use.get("params", {}))))
        by = town.operator(as_)
        serves = str(draft.get("serves", ""))
        digest = signing.submit(town.kernel, by, serves, _answers(draft), uses, questions=_questions(survey))
        if draft.get("explanation"):
            signing.explain(town.kernel, by, digest, draft["explanation"])
        return _told_state(town, digest)


@command(
    "assess review",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /assessment/{digest}/{step}",
)
def review(
    assessment: AssessmentArgument,
    qualified_as: Annotated[str, typer.Option(help="Your capacity, for example faculty or city auditor.")],
    finding: Annotated[str, typer.Option(help="Result of the review. It is published.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Review an assessment as a peer from another unit (auditor or board)."""
    from peelian.oversight.assessment import signing

    with opened(office) as town:
        signing.review(town.kernel, town.operator(as_), assessment, qualified_as=qualified_as, finding=finding)
        return _told_state(town, assessment)


@command(
    "assess explain",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /assessment/{digest}/{step}",
)
def explain(
    assessment: AssessmentArgument,
    file: Annotated[Path, typer.Argument(help="JSON: part to {en, fr}, or a draft with an explanation.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Add the explanation to publish: seven parts, notice, groups and fallback, in English and French."""
    from peelian.oversight.assessment import signing

    given = _read(file)
    with opened(office) as town:
        signing.explain(town.kernel, town.operator(as_), assessment, given.get("explanation", given))
        return _told_state(town, assessment)


@command(
    "assess approve",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /assessment/{digest}/{step}",
)
def approve(
    assessment: AssessmentArgument,
    reasons: Annotated[str, typer.Option(help="Your reasons.")],
    as_: AsOption,
    office: OfficeOption = HERE,
) -> Printed:
    """Approve an assessment: commander up to level II, board at III, council at IV. Not your own."""
    from peelian.oversight.assessment import signing

    with opened(office) as town:
        signing.approve(town.kernel, town.operator(as_), assessment, reasons=reasons)
        return _told_state(town, assessment)


@command(
    "assess sign",
    Enters.WORDS,
    Leaves.NOTHING,
    Suspended.GOES_ON,
    page="POST /assessment/{digest}/{step}",
)
def sign(
    assessment: AssessmentArgument,
    purpose: Annotated[list[str], typer.Option(help="A purpose it allows. Repeat for more.")],
    as_: AsOption,
    days: Annotated[int, typer.Option(help="Days it is valid.", min=1, max=730)] = 365,
    office: OfficeOption = HERE,
) -> Printed:
    """Sign the assessment (privacy officer). Refused while something its level requires is missing."""
    from peelian.kernel.model.capability import Purpose
    from peelian.kernel.model.documents import digest_of
    from peelian.oversight.assessment import signing

    if wrong := [p for p in purpose if p not in set(Purpose)]:
        accepted = ", ".join(sorted(Purpose))
        raise InputError("no such purpose", column=f"--purpose {wrong[0][:30]}", accepted=accepted)
    with opened(office) as town:
        purposes = tuple(Purpose(p) for p in purpose)
        authorization = signing.sign(town.kernel, town.operator(as_), assessment, purposes=purposes, days=days)
    level = str(authorization.body["level"])
    record = {
        "digest": digest_of(authorization),
        "serves": authorization.serves,
        "level": authorization.body["level"],
        "ends": authorization.ends,
    }
    line = "Signed for %(serves)s, level %(level)s, valid until %(until)s."
    return record, [say(line, serves=authorization.serves, level=level, until=authorization.ends[:10])]


@command(
    "assess list",
    Enters.NOTHING,
    Leaves.RECORDS,
    Suspended.GOES_ON,
    whom=MACHINE,
    page="GET /assessment",
)
def listed(office: OfficeOption = HERE) -> Printed:
    """List assessments: level, whether signed, whether out of date."""
    from peelian.oversight.assessment import signing

    with opened(office) as town:
        record = [_state(town, made.digest) for made in signing.assessments(town.kernel)]
    lines = []
    for r in record:
        level, state = say("level %(level)s", level=str(r["level"])), say(STATES[r["state"]])
        lines.append(f"{r['digest']}  {r['serves']:<20} {level}  {state}")
    return record, lines or [say("No assessments.")]


def _state(town: Office, digest: str) -> dict[str, Any]:
    from peelian.oversight.assessment import signing

    made = signing.assessment(town.kernel, digest)
    wanted = list(signing.still_wanted(town.kernel, made))
    authorization, stale = signing.authorization_of(town.kernel, made), signing.changed(town.kernel, made)
    state = "signed" if authorization else ("incomplete" if wanted else "ready")
    return {
        "digest": digest,
        "serves": made.serves,
        "level": made.level,
        "state": "out of date" if stale else state,
        "wanted": [{"says": reason.says, "remedy": reason.remedy} for reason in wanted],
    }


def _told_state(town: Office, digest: str) -> Printed:
    state = _state(town, digest)
    values = {"digest": digest, "serves": state["serves"], "level": str(state["level"])}
    lines = [say("Assessment %(digest)s of %(serves)s: level %(level)s.", **values)]
    for one in state["wanted"]:
        lines.append("  " + say("Still required: %(what)s", what=translated(one["says"])))
        lines.append("    " + say("Remedy: %(remedy)s", remedy=translated(one["remedy"])))
    lines += [] if state["wanted"] else [say("Next: peelian assess sign %(digest)s", digest=digest)]
    return state, lines


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
    text = "Numbers separated by commas, none, or q to stop" if question.many else "Number, or q to stop"
    while True:
        try:
            typed = typer.prompt(say(text), default="none" if question.many else None).strip().lower()
        except typer.Abort:
            return None
        if typed in STOP:
            return None
        numbers = [part.strip() for part in typed.split(",")] if typed != "none" else []
        fits = all(part.isdecimal() and len(part) < 4 and 1 <= int(part) <= len(question.choices) for part in numbers)
        if fits and (question.many or len(numbers) == 1):
            values = tuple(question.choices[int(part) - 1].value for part in numbers)
            return values if question.many else values[0]
        typer.echo("  " + say("Type a number from 1 to %(n)d.", n=len(question.choices)))


def _figures(questions: Questionnaire, answers: Answers) -> list[str]:
    from peelian.oversight.assessment.obligations import BY_LEVEL
    from peelian.oversight.assessment.scoring import scored

    found = scored(questions, answers)
    asked = BY_LEVEL[found.level]
    points = {"level": found.roman, "score": found.score, "most": found.most_raw, "raw": found.raw}
    mitigation = {"mitigation": found.mitigation, "most": int(found.most_mitigation)}
    lines = [
        say("Peer reviews: %(n)d. Approved by: %(roles)s.", n=asked.reviews, roles=", ".join(sorted(asked.approvers))),
        say("Explanation: %(list)s", list=", ".join(asked.texts) or say("none")),
        say("Training: %(what)s", what=translated(asked.training)),
        say("Human involvement: %(what)s", what=translated(asked.human)),
    ]
    return [
        say("Level %(level)s: %(score)s of %(most)s points (%(raw)s before mitigation).", **points),
        say("Mitigation: %(mitigation)s of %(most)s points.", **mitigation),
        *(f"  {line}" for line in lines),
    ]


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(file))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("not an assessment draft", file=file.name, accepted="a file from `peelian assess new`")
    return found


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(
            sentence("cannot read the file (%(why)s)", why=str(error.strerror)),
            file=file.name,
            accepted="a readable file",
        ) from None


def _write(file: Path, draft: dict[str, Any]) -> None:
    """The whole draft or the earlier one, never half of it."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(json.dumps(draft, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(file)
